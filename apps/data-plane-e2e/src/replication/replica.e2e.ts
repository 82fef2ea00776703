/**
 * larder-server as a replica of redis-server 7.0.15: full synchronisation in both forms, the stream of random writes, links that are
 * cut, damaged and silent, promotion, chains. What they hold must be equal by DEBUG DIGEST, what clients hear byte by byte.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { ask, info, inStep, linkIsUp, raw, start, startIn, stopAll, syncs } from './chain.ts';
import type { CutProxy } from './cut-proxy.ts';
import { startCutProxy } from './cut-proxy.ts';
import { randomWrites } from './random-writes.ts';

const proxies: CutProxy[] = [];
const folders: string[] = [];

async function proxyTo(store: Store): Promise<CutProxy> {
  const proxy = await startCutProxy(store.port);
  proxies.push(proxy);
  return proxy;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'larder-replica-'));
  folders.push(path);
  return path;
}

const follow = (replica: Store, port: number) => ask(replica, 'REPLICAOF', '127.0.0.1', String(port));

afterEach(async () => {
  for (const proxy of proxies.splice(0)) proxy.close();
  await stopAll();
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** Values of every type and encoding, functions, times to live. */
async function fill(store: Store): Promise<void> {
  await ask(store, 'FUNCTION', 'LOAD', "#!lua name=shelf\nredis.register_function{function_name='one', callback=function() return 1 end, flags={'no-writes'}}");
  await ask(
    store,
    'EVAL',
    `for i = 1, 700 do
      redis.call('RPUSH', 'list', 'element number ' .. i)
      redis.call('ZADD', 'zset', i * 1.25, 'member' .. i)
      redis.call('HSET', 'hash', 'field' .. i, i * 7)
      redis.call('SADD', 'set', 'member' .. i)
      redis.call('SADD', 'integers', i * 1000000007)
      redis.call('XADD', 'stream', i .. '-1', 'field', i)
      redis.call('SET', 'key:' .. i, string.rep('text ', i % 40) .. i)
      if i % 3 == 0 then redis.call('EXPIRE', 'key:' .. i, 1000) end
    end
    redis.call('XGROUP', 'CREATE', 'stream', 'group', '0')
    redis.call('XREADGROUP', 'GROUP', 'group', 'consumer', 'COUNT', '20', 'STREAMS', 'stream', '>')
    redis.call('PFADD', 'sketch', 'a', 'b', 'c')
    redis.call('SELECT', 7)
    redis.call('SET', 'elsewhere', 'value')`,
    '0',
  );
}

describeNeeding(['redis-server'], 'a replica of redis-server', () => {
  it.each([
    ['a file', 'no', 'disabled'],
    ['the connection, marked at its end', 'yes', 'disabled'],
    ['the connection, without a file here', 'yes', 'swapdb'],
  ])('takes a full synchronisation from %s, and then all that is written', async (_, diskless, load) => {
    const primary = await start('redis-server', '--repl-diskless-sync', diskless);
    await fill(primary);
    const replica = await start('larder-server', '--repl-diskless-load', load);
    await ask(replica, 'SET', 'old', 'data');
    await follow(replica, primary.port);
    await linkIsUp(replica);
    await inStep(primary, replica);
    expect(await ask(replica, 'FCALL_RO', 'one', '0')).toBe(1);
    expect(await ask(replica, 'EXISTS', 'old')).toBe(0);
    const writes = await randomWrites(primary, 4711);
    await writes.send(3000);
    writes.close();
    await inStep(primary, replica);
    expect(replica.log()).not.toContain('CRITICAL');
    expect(replica.log()).not.toContain('BUG');
  });

  it('goes on where it was after each of 100 cuts', async () => {
    const primary = await start('redis-server', '--repl-backlog-size', '8mb');
    await fill(primary);
    const proxy = await proxyTo(primary);
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${proxy.port}`);
    await linkIsUp(replica);
    const writes = await randomWrites(primary, 99);
    for (let cut = 1; cut <= 100; cut++) {
      const sending = writes.send(40);
      if (cut % 2 === 0) await sending;
      proxy.cut();
      await sending;
      // Now and then it is cut again before it is up.
      if (cut % 5 !== 0) await waitFor('the replica to be back', async () => (await info(primary)).get('connected_slaves') === '1');
    }
    writes.close();
    await linkIsUp(replica);
    await inStep(primary, replica);
    const { full, partial, refused } = await syncs(primary);
    expect({ full, refused }).toEqual({ full: 1, refused: 0 });
    expect(partial).toBeGreaterThanOrEqual(80);
  });

  it('keeps what it has when a full synchronisation is cut or damaged, and tries again', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'DEBUG', 'POPULATE', '20000', 'key', '100');
    const proxy = await proxyTo(primary);
    proxy.cutAfter(500_000);
    const replica = await start('larder-server');
    await ask(replica, 'SET', 'old', 'data');
    await follow(replica, proxy.port);
    await replica.waitForLog(/I\/O error trying to sync with MASTER: connection lost/);
    await waitFor('a second attempt', () => proxy.connections >= 2);
    expect(await ask(replica, 'GET', 'old')).toBe('data');
    proxy.damageAt(400_000);
    proxy.cutAfter(Infinity);
    proxy.cut(); // an attempt may be past that byte already
    await replica.waitForLog('Failed trying to load the MASTER synchronization DB from disk: its checksum is wrong. The data at hand are kept.');
    expect(await ask(replica, 'GET', 'old')).toBe('data');
    proxy.damageAt(Infinity);
    await linkIsUp(replica);
    expect(await ask(replica, 'GET', 'old')).toBe(null);
    await inStep(primary, replica);
    expect(readdirSync(replica.dir).filter((name) => name.startsWith('temp-'))).toEqual([]);
  });

  it('starts anew after it was killed in the middle of a full synchronisation', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'DEBUG', 'POPULATE', '50000', 'key', '100');
    const dir = folder();
    const proxy = await proxyTo(primary);
    const first = await startIn(dir, 'larder-server', '--replicaof', `127.0.0.1 ${proxy.port}`);
    await waitFor('bytes to have come', () => proxy.bytes > 100_000);
    await first.kill();
    const again = await startIn(dir, 'larder-server', '--replicaof', `127.0.0.1 ${proxy.port}`);
    await linkIsUp(again);
    await inStep(primary, again);
  });

  it.each([
    ['a snapshot', ['--save', '3600 1']],
    ['an append-only file', ['--appendonly', 'yes']],
  ])('goes on from where it was after a restart from %s', async (_, args) => {
    const primary = await start('redis-server');
    await fill(primary);
    const dir = folder();
    const replicaof = ['--replicaof', `127.0.0.1 ${primary.port}`, ...args];
    const replica = await startIn(dir, 'larder-server', ...replicaof);
    await linkIsUp(replica);
    const writes = await randomWrites(primary, 77);
    await writes.send(300);
    await inStep(primary, replica);
    await waitFor('the append-only file to be complete', async () => {
      const fields = await info(replica, 'persistence');
      return fields.get('aof_rewrite_in_progress') === '0' && fields.get('aof_rewrite_scheduled') === '0';
    });
    await replica.stop();
    await writes.send(300);
    writes.close();
    const again = await startIn(dir, 'larder-server', ...replicaof);
    await linkIsUp(again);
    await inStep(primary, again);
    expect(await syncs(primary)).toEqual({ full: 1, partial: 1, refused: 0 });
  });

  it('saves amid the stream exactly what belongs to the offset that it saves', async () => {
    const primary = await start('redis-server', '--repl-backlog-size', '64mb');
    const dir = folder();
    const replicaof = ['--replicaof', `127.0.0.1 ${primary.port}`];
    const writer = await primary.connect(2, 30_000);
    const burst = Array.from({ length: 2000 }, (_, i) => (i % 5 === 0 ? ['RPUSH', `list:${i % 40}`, String(i)] : ['INCR', `count:${i % 97}`]));
    for (let round = 0; round < 4; round++) {
      const replica = await startIn(dir, 'larder-server', ...replicaof);
      await linkIsUp(replica);
      const savers = await Promise.all(Array.from({ length: 6 }, () => replica.connect()));
      const before = (await info(replica, 'persistence')).get('rdb_saves');
      const writing = (async () => {
        for (let i = 0; i < 10; i++) await writer.pipeline(burst);
      })();
      for (let i = 0; i < 12; i++) await savers[i % 6]!.command('BGSAVE');
      await writing;
      for (const saver of savers) saver.close();
      await waitFor('a snapshot', async () => {
        const fields = await info(replica, 'persistence');
        return fields.get('rdb_bgsave_in_progress') === '0' && fields.get('rdb_saves') !== before;
      });
      await replica.kill();
    }
    writer.close();
    const last = await startIn(dir, 'larder-server', ...replicaof);
    await linkIsUp(last);
    await inStep(primary, last);
    expect(await syncs(primary)).toEqual({ full: 1, partial: 4, refused: 0 });
  });

  it('waits with the stream while a script is busy, and loses nothing', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'SET', 'key', '0');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`, '--busy-reply-threshold', '10');
    await linkIsUp(replica);
    const busy = await replica.connect(2, 30_000);
    // A single thread accepts nobody while its script is busy.
    const client = await replica.connect();
    const ended = busy.command('EVAL_RO', "while redis.call('GET', 'key') do end", '1', 'key');
    await waitFor('the script to be busy', async () => (await client.command('GET', 'key')).raw.toString().startsWith('-BUSY'));
    for (let i = 0; i < 50; i++) await ask(primary, 'INCR', 'key');
    await waitFor('the script to be killed', async () => (await client.command('SCRIPT', 'KILL')).raw.toString().startsWith('+OK'));
    await ended;
    await inStep(primary, replica);
    expect(await ask(replica, 'GET', 'key')).toBe('50');
    busy.close();
    client.close();
  });

  it.each([
    ['redis-server', 'larder-server'],
    ['larder-server', 'redis-server'],
    ['larder-server', 'larder-server'],
  ] as const)('changes places by FAILOVER: %s and %s', async (one, other) => {
    const primary = await start(one);
    await fill(primary);
    const replica = await start(other, '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    await inStep(primary, replica);
    await ask(primary, 'FAILOVER', 'TO', '127.0.0.1', String(replica.port));
    await waitFor('the replica to be the primary', async () => (await info(replica)).get('role') === 'master');
    await linkIsUp(primary);
    await ask(replica, 'SET', 'after', 'failover');
    await inStep(replica, primary);
    expect((await syncs(replica)).full).toBe(0);
  });

  it('is refused with a wrong password, says so, and is let in with the right one', async () => {
    const primary = await start('redis-server', '--requirepass', 'secret', '--masterauth', 'secret');
    const replica = await start('larder-server', '--masterauth', 'wrong');
    await follow(replica, primary.port);
    await replica.waitForLog('Unable to AUTH to MASTER: -WRONGPASS invalid username-password pair or user is disabled.');
    expect((await info(replica)).get('master_link_status')).toBe('down');
    await ask(replica, 'CONFIG', 'SET', 'masterauth', 'secret');
    await linkIsUp(replica);
  });

  it('gives up on a primary that says nothing, and comes back', async () => {
    const primary = await start('redis-server', '--repl-ping-replica-period', '1');
    const replica = await start('larder-server', '--repl-timeout', '2', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    process.kill(primary.pid, 'SIGSTOP');
    await replica.waitForLog('MASTER timeout: no data nor PING received...');
    await replica.waitForLog('Timeout connecting to the MASTER...');
    expect((await info(replica)).get('master_link_status')).toBe('down');
    process.kill(primary.pid, 'SIGCONT');
    await ask(primary, 'SET', 'a', '1');
    await linkIsUp(replica);
    await inStep(primary, replica);
  });

  it('does not take the emptiness of a primary for data, unless it is told to', async () => {
    const primary = await start('redis-server');
    const replica = await start('larder-server');
    await ask(replica, 'SET', 'precious', 'data');
    await follow(replica, primary.port);
    await replica.waitForLog('MASTER <-> REPLICA sync: refused. The primary has no data');
    await waitFor('another attempt', async () => (await syncs(primary)).full >= 2);
    expect((await info(replica)).get('master_sync_refused')).toBe('empty-primary');
    expect(await ask(replica, 'GET', 'precious')).toBe('data');
    await ask(replica, 'CONFIG', 'SET', 'repl-refuse-empty-full-sync', 'no');
    await linkIsUp(replica);
    expect(await ask(replica, 'DBSIZE')).toBe(0);
    expect((await info(replica)).has('master_sync_refused')).toBe(false);
  });

  it('is not emptied by a primary that restarted without its data and has taken some writes since', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'DEBUG', 'POPULATE', '1000');
    const proxy = await proxyTo(primary);
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${proxy.port}`);
    await linkIsUp(replica);
    proxy.target = undefined;
    proxy.cut();
    await primary.kill();
    const restarted = await start('redis-server');
    for (let i = 0; i < 20; i++) await ask(restarted, 'SET', `new:${i}`, 'value');
    proxy.target = restarted.port;
    await replica.waitForLog('MASTER <-> REPLICA sync: refused.');
    expect((await info(replica)).get('master_sync_refused')).toBe('empty-primary');
    expect(await ask(replica, 'DBSIZE')).toBe(1000);
    // Nor by what it fills up with.
    await ask(restarted, 'DEBUG', 'POPULATE', '5000', 'more');
    const { full } = await syncs(restarted);
    await waitFor('another attempt', async () => (await syncs(restarted)).full > full);
    expect(await ask(replica, 'DBSIZE')).toBe(1000);
    await ask(replica, 'CONFIG', 'SET', 'repl-refuse-empty-full-sync', 'no');
    await linkIsUp(replica);
    await inStep(restarted, replica);
  });

  it('tells its primary what its disk has', async () => {
    const primary = await start('larder-server');
    await fill(primary);
    const replica = await start('larder-server', '--appendonly', 'yes', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    await ask(primary, 'SET', 'a', '1');
    const client = await primary.connect(2, 30_000);
    const replies = await client.pipeline([['SET', 'b', '1'], ['WAITAOF', '0', '1', '20000']]);
    expect(replies[1]!.plain()).toEqual([0, 1]);
    client.close();
  });

  it('answers clients as redis-server does when it is one', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'SET', 'key', 'value');
    const replicas = [await start('redis-server'), await start('larder-server')] as const;
    const same = async (...command: string[]) => {
      const [theirs, ours] = [await raw(replicas[0], ...command), await raw(replicas[1], ...command)];
      expect([command, ours]).toEqual([command, theirs]);
      return ours;
    };
    await same('REPLICAOF', '127.0.0.1', String(primary.port));
    for (const replica of replicas) await linkIsUp(replica);
    await same('REPLICAOF', '127.0.0.1', String(primary.port));
    await same('REPLICAOF', '127.0.0.1', '70000');
    await same('SLAVEOF', '127.0.0.1', 'port');
    expect(await same('SET', 'a', '1')).toBe("-READONLY You can't write against a read only replica.\r\n");
    await same('GET', 'key');
    await same('EVAL', "return redis.call('SET', 'a', '1')", '0');
    await same('EVAL', "return redis.call('GET', 'key')", '0');
    await same('EVAL', "#!lua\nreturn redis.call('GET', 'key')", '0');
    await same('WAIT', '0', '0');
    await same('CONFIG', 'GET', 'replicaof');
    await same('CONFIG', 'SET', 'replicaof', 'no one');
    const transaction = async (store: Store) => {
      const client = await store.connect();
      const replies = await client.pipeline([['MULTI'], ['SET', 'a', '1'], ['EXEC'], ['MULTI'], ['GET', 'key'], ['EXEC']]);
      client.close();
      return replies.map((reply) => reply.raw.toString('latin1'));
    };
    expect(await transaction(replicas[1])).toEqual(await transaction(replicas[0]));
    const fields = async (store: Store) => [...(await info(store)).keys()];
    expect((await fields(replicas[1])).filter((name) => /^(role|master_(host|port|link|last|sync)|slave_|replica_)/.test(name))).toEqual(
      (await fields(replicas[0])).filter((name) => /^(role|master_(host|port|link|last|sync)|slave_|replica_)/.test(name)),
    );
    await primary.kill();
    for (const replica of replicas) {
      await waitFor('the link to be down', async () => (await info(replica)).get('master_link_status') === 'down');
      await ask(replica, 'CONFIG', 'SET', 'replica-serve-stale-data', 'no');
    }
    expect(await same('GET', 'key')).toBe("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n");
    await same('SET', 'a', '1');
    await same('PING');
    await same('EVAL', 'return 1', '0');
    for (const replica of replicas) await ask(replica, 'CONFIG', 'SET', 'replica-serve-stale-data', 'yes');
    await same('GET', 'key');
    await same('REPLICAOF', 'NO', 'ONE');
    await same('SET', 'a', '1');
    expect(await same('ROLE')).toMatch(/^\*3\r\n\$6\r\nmaster/);
  });

  it('hides keys whose time is over until the primary deletes them', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'DEBUG', 'SET-ACTIVE-EXPIRE', '0');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    await ask(primary, 'SET', 'short', 'value', 'PX', '50');
    await ask(primary, 'SET', 'long', 'value', 'EX', '1000');
    await inStep(primary, replica);
    await waitFor('its time to be over', async () => (await ask(replica, 'GET', 'short')) === null);
    expect(await ask(replica, 'EXISTS', 'short')).toBe(0);
    expect(await ask(replica, 'TTL', 'short')).toBe(-2);
    expect(await ask(replica, 'KEYS', '*')).toEqual(['long']);
    expect(await ask(replica, 'DBSIZE')).toBe(2);
    expect((await info(replica, 'stats')).get('expired_keys')).toBe('0');
    // What it writes sees them.
    expect(await ask(primary, 'GET', 'short')).toBe(null);
    await waitFor('its deletion', async () => (await ask(replica, 'DBSIZE')) === 1);
    await inStep(primary, replica);
  });

  it('serves who waits, watches and listens by what the primary writes', async () => {
    const primary = await start('redis-server');
    await ask(primary, 'XADD', 'stream', '1-1', 'a', 'b');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`, '--notify-keyspace-events', 'KEA');
    await linkIsUp(replica);
    const waiting = await replica.connect();
    const listening = await replica.connect();
    const watching = await replica.connect();
    await listening.pipeline([['PSUBSCRIBE', '*']]);
    const answer = waiting.command('XREAD', 'BLOCK', '0', 'STREAMS', 'stream', '$');
    await watching.pipeline([['WATCH', 'key'], ['MULTI'], ['GET', 'key']]);
    await waitFor('a blocked client', async () => (await info(replica, 'clients')).get('blocked_clients') === '1');
    await ask(primary, 'XADD', 'stream', '2-1', 'c', 'd');
    expect((await answer).plain()).toEqual([['stream', [['2-1', ['c', 'd']]]]]);
    await ask(primary, 'SET', 'key', 'changed');
    await ask(primary, 'PUBLISH', 'channel', 'message');
    await inStep(primary, replica);
    expect(await watching.ask('EXEC')).toBe(null);
    await waitFor('what was published', () => listening.arrivedCount >= 5);
    const heard = listening.takeArrived().map((frame) => frame.toString('latin1'));
    expect(heard.some((frame) => frame.includes('__keyspace@0__:key'))).toBe(true);
    expect(heard.some((frame) => frame.includes('message'))).toBe(true);
    for (const client of [waiting, listening, watching]) client.close();
  });

  it('writes what it follows into its own append-only file, anew after each full synchronisation', async () => {
    const primary = await start('redis-server');
    await fill(primary);
    const dir = folder();
    const replica = await startIn(dir, 'larder-server', '--appendonly', 'yes', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    const writes = await randomWrites(primary, 5);
    await writes.send(1000);
    writes.close();
    await inStep(primary, replica);
    await waitFor('the append-only file to be complete', async () => {
      const fields = await info(replica, 'persistence');
      return fields.get('aof_rewrite_in_progress') === '0' && fields.get('aof_rewrite_scheduled') === '0';
    });
    await ask(primary, 'SET', 'last', 'word');
    const digest = await inStep(primary, replica);
    await replica.stop();
    const alone = await startIn(dir, 'larder-server', '--appendonly', 'yes');
    await waitFor('equal data', async () => (await ask(alone, 'DEBUG', 'DIGEST')) === digest).catch(async () => {
      // Keys whose time was over meanwhile are not loaded as such: then the primary's have gone as well.
      expect(await ask(alone, 'DEBUG', 'DIGEST')).toBe(await ask(primary, 'DEBUG', 'DIGEST'));
    });
  });

  it('is promoted, and the other replicas of its primary come along without a full synchronisation', async () => {
    const primary = await start('redis-server');
    await fill(primary);
    const heir = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    const sibling = await start('redis-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    for (const replica of [heir, sibling]) await linkIsUp(replica);
    const writes = await randomWrites(primary, 12);
    await writes.send(500);
    writes.close();
    await inStep(primary, heir, sibling);
    const before = await info(primary);
    await ask(heir, 'REPLICAOF', 'NO', 'ONE');
    const after = await info(heir);
    expect(after.get('role')).toBe('master');
    expect(after.get('master_replid2')).toBe(before.get('master_replid'));
    expect(Number(after.get('second_repl_offset'))).toBe(Number(after.get('master_repl_offset')) + 1);
    await follow(sibling, heir.port);
    await linkIsUp(sibling);
    const own = await randomWrites(heir, 13);
    await own.send(500);
    own.close();
    await inStep(heir, sibling);
    expect(await syncs(heir)).toEqual({ full: 0, partial: 1, refused: 0 });
    // And the old primary becomes a replica of its heir.
    await follow(primary, heir.port);
    await linkIsUp(primary);
    await inStep(heir, primary, sibling);
  });

  it('passes the stream on in a chain of both kinds, and is promoted in the middle of it', async () => {
    const top = await start('redis-server');
    await fill(top);
    const middle = await start('larder-server', '--replicaof', `127.0.0.1 ${top.port}`);
    await linkIsUp(middle);
    const lower = await start('larder-server', '--replicaof', `127.0.0.1 ${middle.port}`);
    const lowest = await start('redis-server', '--replicaof', `127.0.0.1 ${lower.port}`);
    for (const replica of [lower, lowest]) await linkIsUp(replica);
    const writes = await randomWrites(top, 31);
    await writes.send(800);
    writes.close();
    await inStep(top, middle, lower, lowest);
    await top.kill();
    await ask(middle, 'REPLICAOF', 'NO', 'ONE');
    for (const replica of [lower, lowest]) await linkIsUp(replica);
    const own = await randomWrites(middle, 32);
    await own.send(300);
    own.close();
    await inStep(middle, lower, lowest);
    expect((await syncs(middle)).full).toBe(1);
    expect((await syncs(lower)).full).toBe(1);
  });

  it('shows its primary among its clients, and lets go of it on request', async () => {
    const primary = await start('redis-server');
    const replica = await start('larder-server', '--replicaof', `127.0.0.1 ${primary.port}`);
    await linkIsUp(replica);
    expect(await ask(replica, 'CLIENT', 'LIST')).toMatch(/ flags=M /);
    expect(await ask(replica, 'CLIENT', 'LIST', 'TYPE', 'master')).toMatch(/^id=\d+ addr=127\.0\.0\.1:\d+ .* flags=M .*\n$/);
    expect(await ask(replica, 'CLIENT', 'KILL', 'TYPE', 'master')).toBe(1);
    await replica.waitForLog('Connection with master lost.');
    await linkIsUp(replica);
    expect((await syncs(primary)).partial).toBe(1);
  });

  it('keeps REPLICAOF in the configuration file that it writes', async () => {
    const primary = await start('redis-server');
    const dir = folder();
    const file = join(dir, 'server.conf');
    writeFileSync(file, 'save ""\n');
    const replica = await startStore({ kind: 'larder-server', dir, configFile: file });
    try {
      await follow(replica, primary.port);
      await ask(replica, 'CONFIG', 'REWRITE');
      expect(readFileSync(file, 'utf8')).toContain(`replicaof 127.0.0.1 ${primary.port}\n`);
      await ask(replica, 'REPLICAOF', 'NO', 'ONE');
      await ask(replica, 'CONFIG', 'REWRITE');
      expect(readFileSync(file, 'utf8')).not.toContain('replicaof');
    } finally {
      await replica.kill();
    }
  });
});
