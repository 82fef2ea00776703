/**
 * RDB files between larder-server and redis-server 7.0.15, both ways; what a signal, a damaged file and a full disk do.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNeeding, startStore, storeBinary, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { spawnSync } from 'node:child_process';

const folders: string[] = [];
const stores: Store[] = [];

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-rdb-'));
  folders.push(path);
  return path;
}

async function start(kind: Store['kind'], dir: string, ...args: string[]): Promise<Store> {
  const store = await startStore({ kind, dir, args });
  stores.push(store);
  return store;
}

afterEach(async () => {
  for (const store of stores.splice(0)) await store.kill();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** Values of every type and encoding, in two databases. */
async function fill(store: Store): Promise<void> {
  const client = await store.connect();
  const script = `
    for i = 1, 600 do
      redis.call('RPUSH', 'list:large', 'element number ' .. i)
      redis.call('ZADD', 'zset:large', i * 1.25, 'member' .. i)
      redis.call('HSET', 'hash:large', 'field' .. i, i * 7)
      redis.call('SADD', 'set:large', 'member' .. i)
      redis.call('SADD', 'set:integers', i * 1000000007)
      redis.call('SET', 'key:' .. i, string.rep('text ', i % 40) .. i)
    end`;
  await client.ask('EVAL', script, '0');
  for (const line of [
    'SET int 12345', 'SET negative -70000', 'SET long 9223372036854775807', 'SET expires soon EX 10000', 'SET binary \u0000\u00ff\u0080',
    'RPUSH list:small a 1 -5 70000', 'ZADD zset:small -inf low 0.1 tenth 3 three inf high', 'HSET hash:small a 1 b two',
    'SADD set:small 1 2 3', 'SELECT 3', 'SET other database', 'PEXPIREAT other 4102444800123',
  ]) await client.ask(...line.split(' '));
  client.close();
}

/** Everything that a client can see, in a form that does not depend on table order. */
async function picture(store: Store): Promise<Record<string, unknown>> {
  const client = await store.connect();
  const out: Record<string, unknown> = {};
  for (const database of ['0', '3']) {
    await client.ask('SELECT', database);
    const keys = (await client.ask('KEYS', '*')) as string[];
    for (const key of keys.sort()) {
      const type = (await client.ask('TYPE', key)) as string;
      const read: Record<string, string[]> = {
        string: ['GET', key],
        hash: ['HGETALL', key],
        list: ['LRANGE', key, '0', '-1'],
        set: ['SMEMBERS', key],
        zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
      };
      const reply = (await client.ask(...read[type]!)) as string | string[];
      const content = type === 'set' ? [...reply].sort() : type === 'hash' ? pairs(reply as string[]) : reply;
      const encoding = await client.ask('OBJECT', 'ENCODING', key);
      out[`${database} ${key}`] = [type, encoding, await client.ask('PEXPIRETIME', key).then((at) => (key === 'expires' ? 'some' : at)), content];
    }
  }
  client.close();
  return out;
}

const pairs = (list: string[]) => Array.from({ length: list.length / 2 }, (_, i) => `${list[2 * i]}=${list[2 * i + 1]}`).sort();

describeNeeding(['redis-server', 'redis-check-rdb'], 'RDB files', () => {
  it('written here load in redis-server and pass redis-check-rdb', async () => {
    const dir = folder();
    const ours = await start('larder-server', dir);
    await fill(ours);
    const before = await picture(ours);
    const client = await ours.connect();
    await client.ask('BGSAVE');
    await waitFor('the save', async () => /rdb_bgsave_in_progress:0[\s\S]*rdb_saves:1/.test(String(await client.ask('INFO', 'persistence'))));
    await ours.kill();
    expect(execFileSync('redis-check-rdb', [join(dir, 'dump.rdb')], { encoding: 'utf8' })).toContain('RDB looks OK');
    const theirs = await start('redis-server', dir);
    expect(await picture(theirs)).toEqual(before);
  });

  it('written by redis-server load here', async () => {
    const dir = folder();
    const theirs = await start('redis-server', dir);
    await fill(theirs);
    const before = await picture(theirs);
    await (await theirs.connect()).ask('SAVE');
    await theirs.kill();
    const ours = await start('larder-server', dir);
    expect(await picture(ours)).toEqual(before);
  });

  it('keep libraries of functions, both ways, for every thread', async () => {
    const library = "#!lua name=mylib\nredis.register_function('greet', function(keys, args) return 'hello ' .. args[1] end)";
    const dir = folder();
    const ours = await start('larder-server', dir, '--threads', '3');
    const client = await ours.connect();
    await client.ask('FUNCTION', 'LOAD', library);
    await client.ask('SAVE');
    client.close();
    await ours.stop();
    const theirs = await start('redis-server', dir);
    const other = await theirs.connect();
    expect(await other.ask('FCALL', 'greet', '0', 'there')).toBe('hello there');
    await other.ask('SAVE');
    other.close();
    await theirs.stop();
    const again = await start('larder-server', dir, '--threads', '3');
    await again.waitForLog('Ready to accept connections');
    for (let i = 0; i < 12; i++) {
      const one = await again.connect();
      expect(await one.ask('FCALL', 'greet', '0', 'again')).toBe('hello again');
      one.close();
    }
  });

  it('hold one moment: what a transaction keeps equal is equal in the file', async () => {
    const dir = folder();
    const ours = await start('larder-server', dir);
    const client = await ours.connect();
    await client.ask('EVAL', "for i = 1, 20000 do redis.call('SET', 'filler:' .. i, i) end", '0');
    const other = await ours.connect();
    const transfers = Array.from({ length: 200 }, (_, i) => [
      ['MULTI'], ['INCR', `left:${i % 50}`], ['INCR', `right:${i % 50}`], ['HINCRBY', 'sums', String(i % 50), '1'], ['EXEC'],
    ]).flat();
    await client.pipeline(transfers);
    await client.ask('BGSAVE');
    await waitFor('the save under writes', async () => {
      await other.pipeline(transfers);
      return String(await client.ask('INFO', 'persistence')).includes('rdb_saves:1');
    });
    await ours.kill();
    const theirs = await start('redis-server', dir);
    const reader = await theirs.connect();
    for (let i = 0; i < 50; i++) {
      const left = await reader.ask('GET', `left:${i}`);
      const right = await reader.ask('GET', `right:${i}`);
      const sum = await reader.ask('HGET', 'sums', String(i));
      expect([right, sum]).toEqual([left, left]);
    }
  });

  it('are saved by SIGTERM, which ends with status 0, and are there after the next start', async () => {
    const dir = folder();
    const ours = await start('larder-server', dir, '--save', '900 1');
    await fill(ours);
    const before = await picture(ours);
    const exit = await ours.stop();
    expect(exit).toEqual({ code: 0, signal: null });
    const again = await start('larder-server', dir);
    expect(await picture(again)).toEqual(before);
  });

  it('restored over a value leave every other key alone, whatever its name', async () => {
    const ours = await start('larder-server', folder());
    const client = await ours.connect();
    await client.ask('SET', 'source', 'new');
    const payload = (await client.command('DUMP', 'source')).raw;
    const bytes = payload.subarray(payload.indexOf(10) + 1, -2).toString('latin1');
    for (const name of ['target', '\u0000restore\u00000', '\u0000restore\u0000target']) await client.ask('SET', name, 'old');
    expect(await client.ask('RESTORE', 'target', '0', bytes, 'REPLACE')).toBe('OK');
    expect(await client.ask('MGET', 'target', '\u0000restore\u00000', '\u0000restore\u0000target')).toEqual(['new', 'old', 'old']);
    expect(await client.ask('DBSIZE')).toBe(4);
  });

  it('that are damaged are refused with offset and reason, status 1, and left as they are', async () => {
    const dir = folder();
    const ours = await start('larder-server', dir);
    await fill(ours);
    await (await ours.connect()).ask('SAVE');
    await ours.kill();
    const path = join(dir, 'dump.rdb');
    const good = readFileSync(path);
    for (const at of [3, 9, 100, Math.floor(good.length / 2), good.length - 5]) {
      const bad = Buffer.from(good);
      bad[at]! ^= 0x41;
      writeFileSync(path, bad);
      const run = spawnSync(storeBinary('larder-server'), ['--port', '0', '--unixsocket', join(dir, 'socket'), '--dir', dir], { encoding: 'utf8', timeout: 20_000 });
      expect(run.status).toBe(1);
      expect(run.stdout).toMatch(/Fatal error loading the DB: .*dump\.rdb: .*at byte \d+/);
      expect(readFileSync(path).equals(bad)).toBe(true);
    }
    writeFileSync(path, good.subarray(0, good.length - 20));
    const run = spawnSync(storeBinary('larder-server'), ['--port', '0', '--unixsocket', join(dir, 'socket'), '--dir', dir], { encoding: 'utf8', timeout: 20_000 });
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('Unexpected end of file');
  });

  it('that cannot be written are reported, leave the old file and nothing beside it, and writes are refused until a save works', async () => {
    const dir = folder();
    // A file size limit plays the full disk: the write fails in the middle of the file.
    const wrapper = join(dir, 'limited.sh');
    writeFileSync(wrapper, `#!/bin/bash\nulimit -f 64\nexec "${storeBinary('larder-server')}" "$@"\n`, { mode: 0o755 });
    const ours = await startStore({ kind: 'larder-server', dir, binary: wrapper, args: ['--save', '900 1'] });
    stores.push(ours);
    const client = await ours.connect();
    await client.ask('SET', 'small', '1');
    await client.ask('SAVE');
    const good = readFileSync(join(dir, 'dump.rdb'));
    await client.ask('CONFIG', 'SET', 'rdbcompression', 'no');
    await client.ask('SET', 'big', 'x'.repeat(300_000));
    await client.ask('BGSAVE');
    await waitFor('the failure', async () => String(await client.ask('INFO', 'persistence')).includes('rdb_last_bgsave_status:err'));
    expect((await client.command('SET', 'a', 'b')).raw.toString()).toMatch(/^-MISCONF /);
    expect(await client.ask('GET', 'small')).toBe('1');
    expect(ours.log()).toContain(dir);
    expect(readFileSync(join(dir, 'dump.rdb')).equals(good)).toBe(true);
    expect(readdirSync(dir).filter((name) => name.startsWith('temp-'))).toEqual([]);
    await client.ask('CONFIG', 'SET', 'rdbcompression', 'yes');
    expect(await client.ask('BGSAVE')).toBe('Background saving started');
    await waitFor('the next save', async () => String(await client.ask('INFO', 'persistence')).includes('rdb_last_bgsave_status:ok'));
    expect(await client.ask('SET', 'a', 'b')).toBe('OK');
  });

  it('survive a kill in the middle of saving: the old file is whole', async () => {
    const dir = folder();
    const ours = await start('larder-server', dir);
    await fill(ours);
    const client = await ours.connect();
    await client.ask('SAVE');
    const path = join(dir, 'dump.rdb');
    cpSync(path, join(dir, 'copy.rdb'));
    await client.ask('EVAL', "for i = 1, 100000 do redis.call('SET', 'filler:' .. i, i) end", '0');
    await client.ask('BGSAVE');
    await ours.kill('SIGKILL');
    expect(execFileSync('redis-check-rdb', [path], { encoding: 'utf8' })).toContain('RDB looks OK');
    const again = await start('larder-server', dir);
    expect(Number(await (await again.connect()).ask('DBSIZE'))).toBeGreaterThan(600);
  });
});
