/**
 * Several threads as a client sees them: the server has one list of clients, one configuration, one set of scripts and users, one INFO;
 * a busy script is answered and ended from any connection; a thread that dies takes the process with it. That units of work are
 * atomic and in order is the judge's matter (linearizability).
 *
 * Which thread a connection is served by is the kernel's choice: with CONNECTIONS of them none of the threads has none, but for
 * a chance below one in ten thousand.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStore, storeBinary, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';

const THREADS = 4;
const CONNECTIONS = 40;

describe.each([2, THREADS])('a server of %i threads', (threads) => {
  let store: Store;
  let clients: RawClient[];

  beforeAll(async () => {
    store = await startStore({ kind: 'larder-server', args: ['--threads', String(threads), '--enable-debug-command', 'yes', '--debug-assert-shards', 'yes'] });
    await store.waitForLog('Ready to accept connections');
  });
  beforeEach(async () => {
    clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => store.connect(2)));
    await onAll((client) => client.ask('PING')); // accepted, not only connected
    await clients[0]!.ask('FLUSHALL');
  });
  afterEach(() => clients.forEach((client) => client.close()));
  afterAll(() => store.stop());

  const onAll = <T>(work: (client: RawClient, i: number) => Promise<T>): Promise<T[]> => Promise.all(clients.map(work));
  const info = async (field: string) => new RegExp(`^${field}:(.*)\r$`, 'm').exec(String(await clients[0]!.ask('INFO', 'everything')))?.[1];

  it('says how many there are', async () => {
    expect(await info('threads')).toBe(String(threads));
  });

  it('gives every client an id of its own and lists all of them, oldest first', async () => {
    const ids = (await onAll((client) => client.ask('CLIENT', 'ID'))).map(Number);
    expect(new Set(ids).size).toBe(CONNECTIONS);
    const listed = String(await clients[0]!.ask('CLIENT', 'LIST')).trim().split('\n').map((line) => Number(/^id=(\d+)/.exec(line)![1]));
    for (const id of ids) expect(listed).toContain(id);
    expect(listed).toEqual([...listed].sort((a, b) => a - b));
    expect(Number(await info('connected_clients'))).toBe(listed.length);
  });

  it('ends a client of any thread by id, and says when there is none', async () => {
    const victims = clients.slice(1, 9);
    for (const victim of victims) {
      const id = String(await victim.ask('CLIENT', 'ID'));
      expect(await clients[0]!.ask('CLIENT', 'KILL', 'ID', id)).toBe(1);
      await waitFor('the client to be gone', () => victim.isClosed);
    }
    expect(await clients[0]!.ask('CLIENT', 'KILL', 'ID', '999999')).toBe(0);
    await expect(clients[0]!.ask('CLIENT', 'KILL', '127.0.0.1:1')).rejects.toThrow('No such client');
  });

  it('lets a client of any thread wait, unblocks it, and counts it meanwhile', async () => {
    const waiting = clients.slice(1, 9).map(async (client, i) => {
      const id = String(await client.ask('CLIENT', 'ID'));
      return { id, answer: client.ask('BLPOP', `queue:${i}`, '0').catch((error: Error) => error.message) };
    });
    const all = await Promise.all(waiting);
    await waitFor('all to wait', async () => (await info('blocked_clients')) === '8');
    for (const { id } of all) {
      await waitFor('it to be unblocked', async () => (await clients[0]!.ask('CLIENT', 'UNBLOCK', id, 'ERROR')) === 1);
    }
    for (const { answer } of all) expect(await answer).toContain('UNBLOCKED');
  });

  it('configures all threads at once', async () => {
    await clients[0]!.ask('CONFIG', 'SET', 'hash-max-listpack-entries', '3');
    await onAll(async (client, i) => {
      expect(await client.ask('CONFIG', 'GET', 'hash-max-listpack-entries')).toEqual(['hash-max-listpack-entries', '3']);
      await client.ask('HSET', `h${i}`, 'a', '1', 'b', '2', 'c', '3', 'd', '4');
      expect(await client.ask('OBJECT', 'ENCODING', `h${i}`)).toBe('hashtable');
    });
    await clients[1]!.ask('CONFIG', 'SET', 'hash-max-listpack-entries', '128');
    await expect(clients[0]!.ask('CONFIG', 'SET', 'maxmemory-policy', 'no-such-policy')).rejects.toThrow('CONFIG SET failed');
  });

  it('knows a script and a user wherever they came in', async () => {
    const sha = String(await clients[0]!.ask('SCRIPT', 'LOAD', "return redis.call('INCR', KEYS[1])"));
    await onAll((client) => client.ask('EVALSHA', sha, '1', 'counted'));
    expect(await clients[0]!.ask('GET', 'counted')).toBe(String(CONNECTIONS));
    await onAll((client, i) => client.ask('EVAL', `return ${i}`, '0'));
    await clients[1]!.ask('ACL', 'SETUSER', 'anna', 'on', '>secret', '~a:*', '+@all');
    await onAll(async (client) => {
      await client.ask('AUTH', 'anna', 'secret');
      await client.ask('SET', 'a:1', 'x');
      await expect(client.ask('SET', 'b:1', 'x')).rejects.toThrow('NOPERM');
    });
    const fresh = await store.connect(2);
    await fresh.ask('ACL', 'DELUSER', 'anna');
    await waitFor('all of that user to be gone', () => clients.every((client) => client.isClosed));
    fresh.close();
    clients = [await store.connect(2)];
    await clients[0]!.ask('SCRIPT', 'FLUSH');
    await expect(clients[0]!.ask('EVALSHA', sha, '1', 'counted')).rejects.toThrow('NOSCRIPT');
  });

  it('counts commands of all threads in INFO, and forgets them all', async () => {
    await clients[0]!.ask('CONFIG', 'RESETSTAT');
    await onAll((client) => client.ask('SET', 'k', 'v'));
    await onAll((client) => client.ask('GET', 'k'));
    await onAll((client) => client.ask('LPUSH', 'k', 'v').catch(() => undefined));
    expect(await info('cmdstat_set')).toMatch(new RegExp(`^calls=${CONNECTIONS},`));
    expect(await info('keyspace_hits')).toBe(String(CONNECTIONS));
    expect(await info('errorstat_WRONGTYPE')).toBe(`count=${CONNECTIONS}`);
    await clients[1]!.ask('CONFIG', 'RESETSTAT');
    expect(await info('cmdstat_set')).toBeUndefined();
  });

  it('stops all clients with CLIENT PAUSE and lets all go on', async () => {
    await clients[0]!.ask('CLIENT', 'PAUSE', '100000', 'WRITE');
    const writes = onAll((client, i) => (i === 0 ? Promise.resolve('OK') : client.ask('SET', `p${i}`, 'x')));
    expect(await (await store.connect(2)).ask('DBSIZE')).toBe(0);
    await clients[0]!.ask('CLIENT', 'UNPAUSE');
    await writes;
    expect(await clients[0]!.ask('DBSIZE')).toBe(CONNECTIONS - 1);
  });

  it('answers everybody while a script is busy, and lets anybody end it', async () => {
    await clients[0]!.ask('CONFIG', 'SET', 'busy-reply-threshold', '50');
    for (const [script, keys] of [['while true do end', ['0']], ["while true do redis.call('GET', KEYS[1]) end", ['1', 'busy:key']]] as const) {
      const ended = clients[0]!.ask('EVAL', script, ...keys).catch((error: Error) => error.message);
      for (const other of clients.slice(1, 12)) {
        await waitFor('to hear that a script is busy', () => other.ask('GET', 'busy:key').then(() => false, (error: Error) => error.message.includes('BUSY')));
      }
      // Those that come while it runs are served by the other threads.
      const late = await Promise.all(Array.from({ length: 12 }, () => store.connect(2)));
      for (const client of late) await expect(client.ask('GET', 'busy:key')).rejects.toThrow('BUSY');
      expect(await late[0]!.ask('SCRIPT', 'KILL')).toBe('OK');
      expect(await ended).toContain('Script killed by user');
      await onAll((client) => client.ask('SET', 'again', 'x'));
      late.forEach((client) => client.close());
      const after = await Promise.all(Array.from({ length: 12 }, () => store.connect(2)));
      for (const client of after) expect(await client.ask('GET', 'again')).toBe('x');
      after.forEach((client) => client.close());
    }
    const writes = clients[0]!.ask('EVAL', "redis.call('SET', 'w', '1') local t = redis.call('TIME') repeat local n = redis.call('TIME') until n[1] - t[1] > 1", '0');
    await waitFor('the script to be unkillable', () => clients[1]!.ask('SCRIPT', 'KILL').then(() => false, (error: Error) => error.message.includes('UNKILLABLE')));
    await writes;
  });
});

describe('larder-server', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'larder-threads-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('dies at once, with a line in the log and a status, when one of its threads does', async () => {
    for (const victim of ['1', '3']) {
      const store = await startStore({ kind: 'larder-server', dir, args: ['--threads', String(THREADS), '--enable-debug-command', 'yes'] });
      await store.waitForLog('Ready to accept connections');
      const client = await store.connect(2);
      await client.ask('DEBUG', 'THREAD-PANIC', victim).catch(() => undefined);
      expect((await store.exited).code).toBe(70);
      expect(store.log()).toMatch(new RegExp(`LARDER BUG REPORT: thread ${victim}: .*THREAD-PANIC`));
      client.close();
    }
  });

  it('ends without saving while a script is busy, asked on any thread', async () => {
    const store = await startStore({ kind: 'larder-server', dir, args: ['--threads', '2', '--busy-reply-threshold', '50'] });
    await store.waitForLog('Ready to accept connections');
    const busy = await store.connect(2);
    const others = await Promise.all(Array.from({ length: 8 }, () => store.connect(2)));
    await Promise.all(others.map((client) => client.ask('PING')));
    void busy.ask('EVAL', "redis.call('SET', 'w', '1') while true do end", '0').catch(() => undefined);
    for (const other of others) {
      await waitFor('to hear that a script is busy', () => other.ask('GET', 'w').then(() => false, (error: Error) => error.message.includes('BUSY')));
    }
    others[0]!.write('*2\r\n$8\r\nSHUTDOWN\r\n$6\r\nNOSAVE\r\n');
    expect((await store.exited).code).toBe(0);
    for (const client of [busy, ...others]) client.close();
  });

  it('lets no more clients in than maxclients, over all threads', async () => {
    const store = await startStore({ kind: 'larder-server', dir, args: ['--threads', '3', '--maxclients', '12'] });
    await store.waitForLog('Ready to accept connections');
    const clients = await Promise.all(Array.from({ length: 12 }, () => store.connect(2)));
    await Promise.all(clients.map((client) => client.ask('PING')));
    const refused = await store.connect(2);
    await expect(refused.ask('PING')).rejects.toThrow(/max number of clients|closed/);
    for (const client of [...clients, refused]) client.close();
    await store.stop();
  });

  it('does not share its port with another server', async () => {
    const store = await startStore({ kind: 'larder-server', dir, args: ['--threads', '2'] });
    const second = spawnSync(storeBinary('larder-server'), ['--port', String(store.port), '--bind', '127.0.0.1', '--threads', '2'], { cwd: dir, encoding: 'utf8', timeout: 10_000 });
    expect(second.status).toBe(1);
    expect(second.stdout).toContain(`Failed listening on port ${store.port}`);
    await store.stop();
  });
});
