/**
 * What a server says while it loads, and what it makes of append-only files that end in odd places.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRaw, describeNeeding, encodeCommands, freePort, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';

const stores: Store[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.kill();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-loading-'));
  folders.push(path);
  return path;
}

/** Arguments for `start` that name another server. */
const kindArgs = (kind: StoreKind): string[] => (kind === 'redis-server' ? [REDIS] : []);
const REDIS = 'redis-server';

async function start(dir: string, ...args: string[]): Promise<Store> {
  const kind = args.includes(REDIS) ? 'redis-server' : 'larder-server';
  const store = await startStore({ kind, dir, args: ['--enable-debug-command', 'yes', ...args.filter((word) => word !== REDIS)] });
  stores.push(store);
  return store;
}

async function ask(store: Store, ...commands: string[][]): Promise<unknown[]> {
  const client = await store.connect(2, 30_000);
  const replies: unknown[] = [];
  for (const words of commands) replies.push(await client.ask(...(words as [string, ...string[]])));
  client.close();
  return replies;
}

const field = (info: string, name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? NaN);

describe('a server that loads', () => {
  it.each([['an RDB file', []], ['a base file', ['--appendonly', 'yes']]])('%s says so, how far it is, and that it cannot answer yet', async (_, more) => {
    const dir = folder();
    const writer = await start(dir, ...more);
    await ask(writer, ['DEBUG', 'POPULATE', '300000', 'key', '32']);
    if (more.length === 0) await ask(writer, ['SAVE']);
    else {
      await ask(writer, ['BGREWRITEAOF']);
      await waitFor('the rewrite', async () => /aof_rewrite_in_progress:0[^]*aof_base_size:\d{6}/.test(String((await ask(writer, ['INFO', 'persistence']))[0])), 20_000);
    }
    await writer.stop();
    const port = await freePort();
    const starting = startStore({ kind: 'larder-server', dir, port, args: [...more, '--loading-process-events-interval-bytes', '1024'], startTimeoutMs: 60_000 });
    let client: RawClient | undefined;
    const seen = await waitFor('a look at the loading', async () => {
      client = await connectRaw({ port, timeoutMs: 10_000 }).catch(() => undefined);
      if (client === undefined) return undefined;
      const info = String(await client.ask('INFO', 'persistence'));
      return info.includes('loading:1') && field(info, 'loading_loaded_bytes') > 0 ? info : undefined;
    }, 20_000);
    expect((await client!.command('GET', 'key:1')).raw.toString()).toBe('-LOADING Redis is loading the dataset in memory\r\n');
    expect(field(seen!, 'loading_total_bytes')).toBeGreaterThan(1_000_000);
    expect(field(seen!, 'loading_loaded_perc')).toBeLessThan(100);
    const store = await starting;
    stores.push(store);
    expect(await ask(store, ['DBSIZE'])).toEqual([300_000]);
    expect(String((await ask(store, ['INFO', 'persistence']))[0])).not.toContain('loading_start_time');
  });
});

describeNeeding(['redis-server', 'redis-check-rdb'], 'an RDB file', () => {
  const fields = Array.from({ length: 2000 }, (_, i) => [`f${i}`, 'v']).flat();
  const journey: readonly [StoreKind, StoreKind][] = [['larder-server', 'redis-server'], ['redis-server', 'larder-server'], ['larder-server', 'larder-server']];

  it.each(journey)('tells how keys were accessed, with a policy that goes by it: %s to %s', async (from, to) => {
    for (const [policy, option, question] of [['allkeys-lfu', 'FREQ', 'FREQ'], ['volatile-lru', 'IDLETIME', 'IDLETIME']] as const) {
      const dir = folder();
      const writer = await start(dir, '--maxmemory-policy', policy, ...kindArgs(from));
      await ask(writer, ['SET', 'small', 'v'], ['HSET', 'large', ...fields]);
      const client = await writer.connect();
      for (const key of ['small', 'large']) {
        const [payload] = await client.exchange(encodeCommands([['DUMP', key]]), 1);
        const body = payload!.subarray(payload!.indexOf('\n') + 1, payload!.length - 2);
        await client.exchange(Buffer.concat([Buffer.from(`*7\r\n$7\r\nRESTORE\r\n$${key.length}\r\n${key}\r\n$1\r\n0\r\n$${body.length}\r\n`), body, Buffer.from(`\r\n$7\r\nREPLACE\r\n$${option.length}\r\n${option}\r\n$3\r\n200\r\n`)]), 1);
      }
      client.close();
      await ask(writer, ['BGSAVE']);
      await waitFor('the save', async () => /rdb_bgsave_in_progress:0[^]*rdb_last_bgsave_status:ok/.test(String((await ask(writer, ['INFO', 'persistence']))[0])), 20_000);
      await writer.stop();
      expect(spawnSync('redis-check-rdb', [join(dir, 'dump.rdb')], { encoding: 'latin1' }).stdout).toContain('RDB looks OK!');
      const reader = await start(dir, '--maxmemory-policy', policy, ...kindArgs(to));
      for (const answer of await ask(reader, ['OBJECT', question, 'small'], ['OBJECT', question, 'large'])) {
        expect(Number(answer)).toBeGreaterThanOrEqual(198);
        expect(Number(answer)).toBeLessThanOrEqual(260);
      }
    }
  });

  it('is of version 11 if it is wanted so, with what Redis 7.2 knows of consumers', async () => {
    const dir = folder();
    const writer = await start(dir, '--rdb-version', '11');
    await ask(writer, ['XADD', 's', '1-1', 'a', 'b'], ['XGROUP', 'CREATE', 's', 'g', '0'], ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 's', '>'], ['BGSAVE']);
    await waitFor('the save', async () => /rdb_bgsave_in_progress:0[^]*rdb_last_bgsave_status:ok/.test(String((await ask(writer, ['INFO', 'persistence']))[0])), 20_000);
    const consumers = async (store: Store): Promise<string> => String((await ask(store, ['XINFO', 'CONSUMERS', 's', 'g']))[0]).replace(/(idle|inactive),\d+/g, '$1');
    const before = await consumers(writer);
    const digest = await ask(writer, ['DEBUG', 'DIGEST']);
    await writer.stop();
    expect(readFileSync(join(dir, 'dump.rdb')).toString('latin1', 0, 9)).toBe('REDIS0011');
    const reader = await start(dir);
    expect(await ask(reader, ['DEBUG', 'DIGEST'])).toEqual(digest);
    expect(await consumers(reader)).toBe(before);
  });
});

describeNeeding(['redis-server'], 'an append-only file', () => {
  const increment = (dir: string): string => join(dir, 'appendonlydir', readdirSync(join(dir, 'appendonlydir')).filter((name) => name.includes('.incr.')).sort().at(-1)!);

  it('that ends within an annotation is written on behind its last whole command', async () => {
    const dir = folder();
    const args = ['--appendonly', 'yes', '--appendfsync', 'always', '--aof-timestamp-enabled', 'yes'];
    const first = await start(dir, ...args);
    await ask(first, ['SET', 'a', '1']);
    await first.kill();
    const path = increment(dir);
    // The death struck while the next command's time was being written.
    truncateSync(path, readFileSync(path).indexOf('SELECT') - 12);
    expect(readFileSync(path, 'latin1')).toMatch(/^#TS:\d+$/);
    const second = await start(dir, ...args);
    await ask(second, ['SET', 'b', '2']);
    await second.kill();
    const third = await start(dir, ...args);
    expect(await ask(third, ['GET', 'b'])).toEqual(['2']);
  });

  it('with a torn end that others follow is refused each time, and stays as it is', async () => {
    const dir = folder();
    const files = join(dir, 'appendonlydir');
    const torn = join(files, 'appendonly.aof.1.incr.aof');
    mkdirSync(files);
    const whole = encodeCommands([['SET', 'a', '1'], ['SET', 'b', '2']]);
    writeFileSync(torn, whole.subarray(0, whole.length - 3));
    writeFileSync(join(files, 'appendonly.aof.2.incr.aof'), encodeCommands([['SET', 'c', '3']]));
    writeFileSync(join(files, 'appendonly.aof.manifest'), 'file appendonly.aof.1.incr.aof seq 1 type i\nfile appendonly.aof.2.incr.aof seq 2 type i\n');
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(start(dir, '--appendonly', 'yes')).rejects.toThrow(/the truncated file is not the last file/);
      expect(readFileSync(torn)).toEqual(whole.subarray(0, whole.length - 3));
    }
  });

  it('that was just written to is switched off at once', async () => {
    const store = await start(folder(), '--appendonly', 'yes', '--appendfsync', 'everysec');
    const client = await store.connect(2, 30_000);
    await client.ask('SET', 'a', '1');
    // Its writer has nothing to do until the sync is due.
    await waitFor('the writer to have written it', async () => String(await client.ask('INFO', 'persistence')).includes('aof_buffer_length:0'), 5_000);
    await new Promise((resolve) => setTimeout(resolve, 120));
    const startedAt = performance.now();
    await client.ask('CONFIG', 'SET', 'appendonly', 'no');
    expect(performance.now() - startedAt).toBeLessThan(250);
    client.close();
  });

  it.each(['redis-server', 'larder-server'] as const)('is loaded again by DEBUG LOADAOF: %s', async (kind) => {
    const store = await start(folder(), '--appendonly', 'yes', ...kindArgs(kind));
    const filled = await ask(store, ['SET', 'a', '1'], ['RPUSH', 'l', 'x', 'y'], ['INCR', 'n'], ['SELECT', '3'], ['SPOP', 'none'], ['SADD', 's', 'm'], ['DEBUG', 'DIGEST']);
    expect(await ask(store, ['DEBUG', 'LOADAOF'], ['DEBUG', 'DIGEST'])).toEqual(['OK', filled.at(-1)]);
    // What is written afterwards follows what was there.
    expect(await ask(store, ['INCR', 'n'], ['DEBUG', 'LOADAOF'], ['GET', 'n'])).toEqual([2, 'OK', '2']);
    expect(store.log()).toContain('Append Only File loaded by DEBUG LOADAOF');
  });
});
