/** larder-server as the primary of redis-server 7.0.15, its replica and replicas of its replica. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { agree, infoOf, linkIsUp, offsetOf } from './agreement.ts';
import { cuttingProxy } from './cutting-proxy.ts';
import type { CuttingProxy } from './cutting-proxy.ts';
import { writeRandomly } from './primary-writes.ts';

const stores: Store[] = [];
const proxies: CuttingProxy[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const proxy of proxies.splice(0)) proxy.close();
  for (const store of stores.splice(0)) await store.kill();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-repl-'));
  folders.push(path);
  return path;
}

async function primary(...args: string[]): Promise<Store> {
  const store = await startStore({ kind: 'larder-server', args: ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0', ...args] });
  stores.push(store);
  return store;
}

async function redis(...args: string[]): Promise<Store> {
  const store = await startStore({ kind: 'redis-server', args: ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0', ...args] });
  stores.push(store);
  return store;
}

async function replicaOf(port: number, ...args: string[]): Promise<Store> {
  const store = await redis('--replicaof', '127.0.0.1', String(port), ...args);
  await linkIsUp(store);
  return store;
}

async function proxyTo(port: number): Promise<CuttingProxy> {
  const proxy = await cuttingProxy(port);
  proxies.push(proxy);
  return proxy;
}

async function ask(store: Store, ...words: string[]): Promise<unknown> {
  const client = await store.connect(2, 60_000);
  try {
    return await client.ask(...words);
  } finally {
    client.close();
  }
}

/** Values of all types, small and large. */
async function fill(store: Store, count = 2000): Promise<void> {
  await ask(store, 'EVAL', `
    for i = 1, tonumber(ARGV[1]) do
      redis.call('RPUSH', 'list', 'element number ' .. i)
      redis.call('ZADD', 'zset', i * 1.25, 'member' .. i)
      redis.call('HSET', 'hash', 'field' .. i, i * 7)
      redis.call('SADD', 'set', 'member' .. i)
      redis.call('SET', 'key:' .. i, string.rep('text ', i % 40) .. i)
      redis.call('XADD', 'stream', i .. '-1', 'n', i)
    end`, '0', String(count));
  await ask(store, 'FUNCTION', 'LOAD', "#!lua name=lib\nredis.register_function{function_name='f', callback=function() return 7 end, flags={'no-writes'}}");
}

describeNeeding(['redis-server', 'redis-cli', 'redis-check-rdb'], 'larder-server as a primary', () => {
  it.each([['diskless', 'yes'], ['from disk', 'no']])('gives a replica everything, %s, and then every write', async (_, diskless) => {
    const source = await primary('--repl-diskless-sync', diskless);
    await fill(source);
    const replica = await replicaOf(source.port);
    await agree([source, replica]);
    expect(await ask(replica, 'FCALL_RO', 'f', '0')).toBe(7);
    const client = await source.connect();
    await client.ask('SELECT', '3');
    await client.pipeline([['MULTI'], ['SET', 'a', '1'], ['INCR', 'a'], ['EXEC'], ['SPOP', 'x'], ['SET', 'b', '1', 'EX', '1000']]);
    client.close();
    await ask(source, 'EVAL', "redis.call('SET', 'script', 1) redis.call('DEL', 'key:1') return redis.call('PUBLISH', 'channel', 'm')", '0');
    expect(await ask(source, 'WAIT', '1', '10000')).toBe(1);
    await agree([source, replica]);
    expect((await infoOf(source, 'stats'))['sync_full']).toBe('1');
  });

  it('gives several replicas the same snapshot', async () => {
    const source = await primary('--repl-diskless-sync-delay', '5', '--repl-diskless-sync-max-replicas', '3');
    await fill(source);
    const replicas = await Promise.all([0, 1, 2].map(() => redis('--replicaof', '127.0.0.1', String(source.port))));
    for (const replica of replicas) await linkIsUp(replica);
    await agree([source, ...replicas]);
    expect(source.log().match(/Starting BGSAVE for SYNC/g)).toHaveLength(1);
  });

  it('publishes to clients of its replicas', async () => {
    const source = await primary();
    const replica = await replicaOf(source.port);
    const listener = await replica.connect();
    await listener.ask('SUBSCRIBE', 'news');
    await ask(source, 'PUBLISH', 'news', 'one');
    const client = await source.connect();
    await client.pipeline([['MULTI'], ['PUBLISH', 'news', 'two'], ['EXEC']]);
    client.close();
    const frames = await listener.frames(2);
    expect(frames.map((frame) => /(one|two)/.exec(frame.toString('latin1'))?.[1])).toEqual(['one', 'two']);
    listener.close();
  });

  it.each([1, 2, 4])('continues where a cut link left off, under random writes on %i threads', async (threads) => {
    const source = await primary('--threads', String(threads), '--repl-backlog-size', '32mb');
    const proxy = await proxyTo(source.port);
    const replica = await replicaOf(proxy.port);
    const writers = await writeRandomly(source, replica, { seed: threads, connections: 4 });
    const cuts = 6;
    for (let i = 0; i < cuts; i++) {
      const before = writers.sent;
      await waitFor('some writes', () => writers.sent > before + 1500, 60_000);
      const { accepted } = proxy;
      proxy.cut();
      await waitFor('the replica to come again', () => proxy.accepted > accepted);
      await linkIsUp(replica);
    }
    await writers.stop();
    await agree([source, replica]);
    const stats = await infoOf(source, 'stats');
    expect([stats['sync_full'], stats['sync_partial_ok'], stats['sync_partial_err']]).toEqual(['1', String(cuts), '0']);
  }, 180_000);

  it('does a full synchronisation when the backlog does not reach back', async () => {
    const source = await primary('--repl-backlog-size', '16kb');
    const proxy = await proxyTo(source.port);
    const replica = await replicaOf(proxy.port);
    proxy.sever();
    await waitFor('the replica to be gone', async () => (await infoOf(source, 'replication'))['connected_slaves'] === '0');
    for (let i = 0; i < 40; i++) await ask(source, 'SET', `key:${i}`, 'x'.repeat(1000));
    proxy.restore();
    await linkIsUp(replica);
    await agree([source, replica]);
    const stats = await infoOf(source, 'stats');
    expect([stats['sync_full'], stats['sync_partial_err']]).toEqual(['2', '1']);
  });

  it('feeds a chain: a replica of its replica has the same offsets', async () => {
    const source = await primary();
    await fill(source, 200);
    const middle = await replicaOf(source.port);
    const last = await replicaOf(middle.port);
    const writers = await writeRandomly(source, middle, { seed: 9, connections: 2 });
    await waitFor('some writes', () => writers.sent > 4000, 60_000);
    await writers.stop();
    await agree([source, middle, last]);
    await waitFor('equal offsets', async () => (await offsetOf(last)) === (await offsetOf(source)));
    const ids = await Promise.all([source, middle, last].map(async (store) => (await infoOf(store, 'replication'))['master_replid']));
    expect(new Set(ids).size).toBe(1);
  }, 90_000);

  it('answers WAIT as soon as enough replicas have the write, and at the time-out how many', async () => {
    const source = await primary();
    const replica = await replicaOf(source.port);
    await ask(source, 'SET', 'a', '1');
    const client = await source.connect();
    await client.ask('SET', 'b', '2');
    expect(await client.ask('WAIT', '1', '0')).toBe(1);
    expect(await ask(replica, 'GET', 'b')).toBe('2');
    expect(await client.ask('WAIT', '2', '50')).toBe(1);
    process.kill(replica.pid, 'SIGSTOP');
    await client.ask('SET', 'c', '3');
    expect(await client.ask('WAIT', '1', '100')).toBe(0);
    const waiting = client.ask('WAIT', '1', '20000');
    process.kill(replica.pid, 'SIGCONT');
    expect(await waiting).toBe(1);
    expect((await client.pipeline([['MULTI'], ['SET', 'd', '4'], ['WAIT', '3', '0'], ['EXEC']])).at(-1)!.plain()).toEqual(['OK', expect.any(Number)]);
    client.close();
  });

  it('answers WAITAOF when the write is on its own disk, and at the time-out what is', async () => {
    const source = await primary('--appendonly', 'yes', '--appendfsync', 'everysec');
    await replicaOf(source.port);
    const client = await source.connect();
    await client.ask('SET', 'a', '1');
    expect(await client.ask('WAITAOF', '1', '0', '10000')).toEqual([1, 0]);
    await client.ask('SET', 'a', '2');
    // redis-server 7.0 does not say what it has on disk.
    expect(await client.ask('WAITAOF', '0', '1', '50')).toEqual([expect.any(Number), 0]);
    await expect(client.ask('WAITAOF', '2', '0', '0')).rejects.toThrow('ERR value is out of range, value must between 0 and 1');
    await client.ask('CONFIG', 'SET', 'appendonly', 'no');
    await expect(client.ask('WAITAOF', '1', '0', '0')).rejects.toThrow('ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.');
    client.close();
  });

  it('refuses writes without enough good replicas', async () => {
    const source = await primary('--min-replicas-to-write', '1', '--min-replicas-max-lag', '10');
    await waitFor('the refusal', async () => /NOREPLICAS/.test(String(await ask(source, 'SET', 'a', '1').catch((error: Error) => error.message))));
    const replica = await replicaOf(source.port);
    await waitFor('writes', async () => (await ask(source, 'SET', 'a', '1').catch(() => '')) === 'OK');
    await replica.kill();
    await waitFor('the refusal', async () => String(await ask(source, 'SET', 'a', '1').catch((error: Error) => error.message)) === 'NOREPLICAS Not enough good replicas to write.');
    expect(await ask(source, 'GET', 'a')).toBe('1');
  });

  it('keeps what a stopped replica lacks in a file, and neither grows nor synchronises anew', async () => {
    const source = await primary();
    const replica = await replicaOf(source.port);
    process.kill(replica.pid, 'SIGSTOP');
    const client = await source.connect(2, 60_000);
    const value = 'v'.repeat(10_000);
    for (let i = 0; i < 100; i++) await client.pipeline(Array.from({ length: 100 }, (_, k) => ['SET', `key:${k}`, `${value}${i}`]));
    client.close();
    expect(Number((await infoOf(source, 'memory'))['mem_replication_backlog'])).toBeLessThan(17 << 20);
    process.kill(replica.pid, 'SIGCONT');
    await agree([source, replica], 60_000);
    expect((await infoOf(source, 'stats'))['sync_full']).toBe('1');
  }, 120_000);

  it('lets go of a replica that lags by more than its limit, which is not below the backlog', async () => {
    const source = await primary('--client-output-buffer-limit', 'replica', '1mb', '0', '0', '--repl-backlog-size', '8mb');
    const replica = await replicaOf(source.port);
    process.kill(replica.pid, 'SIGSTOP');
    const client = await source.connect(2, 60_000);
    const value = 'v'.repeat(10_000);
    for (let i = 0; i < 30; i++) await client.pipeline(Array.from({ length: 100 }, (_, k) => ['SET', `key:${k}`, `${value}${i}`]));
    client.close();
    expect(Number(/omem=(\d+) closed for overcoming/.exec(await source.waitForLog(/closed for overcoming of output buffer limits/).then(() => source.log()))![1])).toBeGreaterThan(8 << 20);
    process.kill(replica.pid, 'SIGCONT');
    await agree([source, replica], 60_000);
    expect((await infoOf(source, 'stats'))['sync_full']).toBe('2');
  }, 90_000);

  it('does not let a replica go on that is ahead of it after a crash', async () => {
    const dir = folder();
    const source = await primary('--dir', dir);
    await fill(source, 200);
    const replica = await replicaOf(source.port);
    await ask(source, 'SET', 'in', 'the file');
    await ask(source, 'SAVE');
    const writer = await source.connect(); // WAIT is about the writes of its own connection
    await writer.ask('SET', 'not in', 'the file');
    expect(await writer.ask('WAIT', '1', '5000')).toBe(1);
    writer.close();
    await source.kill('SIGKILL');
    const again = await startStore({ kind: 'larder-server', port: source.port, dir, args: ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0'] });
    stores.push(again);
    await linkIsUp(replica);
    await agree([again, replica]);
    expect(await ask(replica, 'EXISTS', 'in', 'not in')).toBe(1);
    const stats = await infoOf(again, 'stats');
    expect([stats['sync_full'], stats['sync_partial_err']]).toEqual(['1', '1']);
  }, 60_000);

  it('does not empty its replicas when it starts without the data that it had, until told so', async () => {
    const dir = folder();
    const source = await primary('--dir', dir);
    await fill(source, 50);
    const replica = await replicaOf(source.port);
    await waitFor('the replica to be known', () => existsSync(join(dir, 'larder-has-replicas')));
    const size = await ask(replica, 'DBSIZE');
    await source.kill('SIGKILL');
    const again = await startStore({ kind: 'larder-server', port: source.port, dir, args: ['--enable-debug-command', 'yes', '--repl-diskless-sync-delay', '0'] });
    stores.push(again);
    await ask(again, 'SET', 'a', 'new key'); // it is not empty any more, and still not what it was
    await replica.waitForLog("started without data although it had replicas");
    expect((await infoOf(again, 'replication'))['full_sync_refused']).toBe('started-without-data');
    expect(await ask(replica, 'DBSIZE')).toBe(size);
    await ask(again, 'CONFIG', 'SET', 'repl-refuse-empty-full-sync', 'no');
    await linkIsUp(replica);
    await agree([again, replica]);
    expect(await ask(replica, 'DBSIZE')).toBe(1);
  }, 60_000);

  it('lets a replica come again after both kinds of death', async () => {
    const dir = folder();
    const source = await primary();
    await fill(source, 300);
    const replica = await replicaOf(source.port, '--dir', dir);
    await replica.kill('SIGKILL');
    await ask(source, 'SET', 'after', 'the kill');
    const again = await replicaOf(source.port, '--dir', dir);
    await agree([source, again]);
  });

  it.each([['an RDB file', ['--save', '3600 1']], ['an append-only file', ['--appendonly', 'yes']]])('goes on with its replicas after a restart from %s', async (_, persistence) => {
    const dir = folder();
    const source = await primary('--dir', dir, ...persistence);
    await fill(source, 300);
    const replica = await replicaOf(source.port, '--repl-timeout', '3');
    await ask(source, 'SET', 'before', 'the restart');
    expect(await ask(source, 'WAIT', '1', '5000')).toBe(1);
    await source.stop();
    const again = await startStore({ kind: 'larder-server', port: source.port, dir, args: ['--enable-debug-command', 'yes', ...persistence] });
    stores.push(again);
    await linkIsUp(replica);
    await ask(again, 'SET', 'after', 'the restart');
    await agree([again, replica]);
    const stats = await infoOf(again, 'stats');
    expect([stats['sync_full'], stats['sync_partial_ok']]).toEqual(['0', '1']);
  }, 60_000);

  it('gives redis-cli --rdb a file that is whole, and one of functions alone', async () => {
    const source = await primary();
    await fill(source, 300);
    const dir = folder();
    for (const option of ['--rdb', '--functions-rdb']) {
      const path = join(dir, `${option}.rdb`);
      execFileSync('redis-cli', ['-p', String(source.port), option, path], { stdio: 'pipe' });
      expect(execFileSync('redis-check-rdb', [path]).toString()).toContain('\\o/ RDB looks OK! \\o/');
    }
    const loaded = await redis('--dir', dir, '--dbfilename', '--rdb.rdb');
    expect(await ask(loaded, 'DEBUG', 'DIGEST')).toBe(await ask(source, 'DEBUG', 'DIGEST'));
    await waitFor('redis-cli to be gone', async () => (await infoOf(source, 'replication'))['connected_slaves'] === '0');
  });

  it.each(['redis-server', 'larder-server'] as const)('changes places with its replica, a %s, by FAILOVER, and loses no write', async (kind) => {
    const source = await primary();
    await fill(source, 300);
    const replica = kind === 'redis-server' ? await replicaOf(source.port) : await primary('--replicaof', '127.0.0.1', String(source.port));
    await linkIsUp(replica);
    await waitFor('the replica to be online', async () => /state=online/.test((await infoOf(source, 'replication'))['slave0'] ?? ''));
    const client = await source.connect(2, 30_000);
    let written = 0;
    const writing = (async () => {
      for (;;) {
        const reply = (await client.command('RPUSH', 'log', String(written))).plain();
        if (reply instanceof Error) return reply.message;
        written++;
      }
    })();
    await waitFor('some writes', () => written > 500);
    expect(await ask(source, 'FAILOVER', 'TO', '127.0.0.1', String(replica.port), 'TIMEOUT', '10000')).toBe('OK');
    expect(await writing).toBe("READONLY You can't write against a read only replica.");
    client.close();
    expect((await infoOf(replica, 'replication'))['role']).toBe('master');
    expect(await ask(replica, 'LLEN', 'log')).toBe(written);
    await linkIsUp(source);
    await ask(replica, 'SET', 'after', 'the failover');
    await agree([replica, source]);
    expect((await infoOf(replica, 'stats'))['sync_full']).toBe('0');
    expect((await infoOf(source, 'replication'))['master_failover_state']).toBe('no-failover');
  });

  it('ends a FAILOVER that takes too long, or is aborted, as if it had not been', async () => {
    const source = await primary();
    const replica = await replicaOf(source.port);
    await waitFor('the replica to be online', async () => /state=online/.test((await infoOf(source, 'replication'))['slave0'] ?? ''));
    process.kill(replica.pid, 'SIGSTOP');
    await ask(source, 'SET', 'a', '1');
    expect(await ask(source, 'FAILOVER', 'TIMEOUT', '200')).toBe('OK');
    expect(await ask(source, 'SET', 'a', '2')).toBe('OK'); // paused until then
    expect((await infoOf(source, 'replication'))['master_failover_state']).toBe('no-failover');
    expect(await ask(source, 'FAILOVER')).toBe('OK');
    expect((await infoOf(source, 'replication'))['master_failover_state']).toBe('waiting-for-sync');
    await expect(ask(source, 'FAILOVER')).rejects.toThrow('ERR FAILOVER already in progress.');
    expect(await ask(source, 'FAILOVER', 'ABORT')).toBe('OK');
    expect(await ask(source, 'SET', 'a', '3')).toBe('OK');
    process.kill(replica.pid, 'SIGCONT');
    await agree([source, replica]);
  });

  it('waits for its replicas when it is shut down, which can be aborted', async () => {
    const source = await primary();
    const replica = await replicaOf(source.port);
    await waitFor('the replica to be online', async () => /state=online/.test((await infoOf(source, 'replication'))['slave0'] ?? ''));
    process.kill(replica.pid, 'SIGSTOP');
    await ask(source, 'SET', 'a', '1');
    const refused = ask(source, 'SHUTDOWN').catch((error: Error) => error.message);
    await source.waitForLog('Waiting for replicas before shutting down');
    expect(await ask(source, 'SHUTDOWN', 'ABORT')).toBe('OK');
    expect(await refused).toBe('ERR Errors trying to SHUTDOWN. Check logs.');
    await ask(source, 'SET', 'a', '2');
    const stopped = source.stop(20_000);
    await waitFor('the second wait', () => source.log().split('Waiting for replicas').length === 3);
    process.kill(replica.pid, 'SIGCONT');
    expect((await stopped).code).toBe(0);
    expect(source.log()).toContain('1 of 1 replicas are in sync when shutting down.');
    expect(await ask(replica, 'GET', 'a')).toBe('2');
  });

  it('lets go of a replica that is silent for repl-timeout, and of those that CLIENT KILL names', async () => {
    const source = await primary('--repl-timeout', '2');
    const replica = await replicaOf(source.port);
    await waitFor('the replica to be online', async () => /state=online/.test((await infoOf(source, 'replication'))['slave0'] ?? ''));
    expect(await ask(source, 'CLIENT', 'KILL', 'TYPE', 'replica')).toBe(1);
    await waitFor('the replica to come again', async () => (await infoOf(source, 'stats'))['sync_partial_ok'] === '1');
    await linkIsUp(replica);
    process.kill(replica.pid, 'SIGSTOP');
    await source.waitForLog('Disconnecting timedout replica (streaming sync)', 20_000);
    process.kill(replica.pid, 'SIGCONT');
    await linkIsUp(replica);
    await agree([source, replica]);
  }, 60_000);
});
