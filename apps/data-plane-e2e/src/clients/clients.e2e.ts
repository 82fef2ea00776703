/** Ordinary clients and tools, unchanged, against the target. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { targetKind } from '../target.ts';

const run = promisify(execFile);

describe(`clients of ${targetKind}`, () => {
  let store: Store;
  beforeAll(async () => {
    store = await startStore({ kind: targetKind });
  });
  afterAll(() => store.stop());

  const cli = async (...args: string[]): Promise<string> => (await run('redis-cli', ['-p', String(store.port), ...args])).stdout;

  describeNeeding(['redis-cli'], 'redis-cli', () => {
    it('sets, gets and shows types', async () => {
      expect(await cli('set', 'greeting', 'hello')).toBe('OK\n');
      expect(await cli('get', 'greeting')).toBe('hello\n');
      expect(await cli('rpush', 'list', 'a', 'b')).toBe('2\n');
      expect(await cli('--no-raw', 'lrange', 'list', '0', '-1')).toBe('1) "a"\n2) "b"\n');
      expect(await cli('--no-raw', 'get', 'missing')).toBe('(nil)\n');
      expect(await cli('--no-raw', 'incr', 'list')).toMatch(/^\(error\) WRONGTYPE Operation against a key/);
    });

    it('speaks RESP3', async () => {
      await cli('hset', 'hash', 'field', 'value');
      expect(await cli('-3', '--no-raw', 'hgetall', 'hash')).toBe('1# "field" => "value"\n');
    });

    it('loads a file of commands by --pipe and iterates with --scan', async () => {
      const commands = Array.from({ length: 500 }, (_, at) => `SET piped:${at} ${at}\r\n`).join('');
      const piped = run('redis-cli', ['-p', String(store.port), '--pipe']);
      piped.child.stdin!.end(commands);
      expect((await piped).stdout).toContain('errors: 0, replies: 500');
      const scanned = (await cli('--scan', '--pattern', 'piped:*')).trim().split('\n');
      expect(new Set(scanned).size).toBe(500);
    });

    it('finds large, heavy and hot keys, measures latency, and copies data and functions as an RDB file', async () => {
      await cli('mset', 'small', 'v', 'large', 'v'.repeat(5000));
      await cli('rpush', 'biglist', ...Array.from({ length: 50 }, (_, at) => String(at)));
      await cli('function', 'load', 'replace', "#!lua name=cli\nredis.register_function('cli', function() return 1 end)");
      expect(await cli('--bigkeys')).toMatch(/Biggest string found '"large"' has 5000 bytes[^]*Biggest +list found|Biggest +list found '"biglist"' has 50 items[^]*Biggest string found '"large"' has 5000 bytes/);
      expect(await cli('--memkeys')).toMatch(/Biggest string found '"large"' has \d{4} bytes/);
      await cli('config', 'set', 'maxmemory-policy', 'allkeys-lfu', 'lfu-log-factor', '0');
      await cli('-r', '5', 'get', 'large');
      expect(await cli('--hotkeys')).toMatch(/hot key found with counter: \d+\tkeyname: "/);
      await cli('config', 'set', 'maxmemory-policy', 'noeviction', 'repl-diskless-sync-delay', '0');
      expect(await cli('--latency', '--raw')).toMatch(/^\d+ \d+ \d+\.\d+ \d+\n$/);
      for (const [how, wanted] of [['--rdb', 'biglist'], ['--functions-rdb', 'register_function']] as const) {
        const file = join(store.dir, `copy${how}.rdb`);
        await cli(how, file);
        expect(readFileSync(file, 'latin1').slice(0, 5)).toBe('REDIS');
        expect(readFileSync(file, 'latin1')).toContain(wanted);
      }
    }, 30_000);

    it('shows INFO by section', async () => {
      const info = await cli('info', 'server');
      expect(info).toMatch(/^# Server\r?\n/);
      expect(info).toMatch(new RegExp(`tcp_port:${store.port}\\b`));
      expect(await cli('info', 'keyspace')).toMatch(/db0:keys=\d+,expires=\d+,avg_ttl=\d+/);
    });
  });

  describeNeeding(['redis-benchmark'], 'redis-benchmark', () => {
    it('runs all of its tests without an error', async () => {
      const { stdout, stderr } = await run('redis-benchmark', ['-p', String(store.port), '-n', '500', '-c', '10', '-P', '4', '-r', '100', '--csv'], { timeout: 60_000 });
      expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(20);
      expect(stdout + stderr).not.toMatch(/error/i);
    }, 60_000);
  });

  describe('ioredis', () => {
    it.each([2, 3] as const)('works in RESP%i: values, pipelines, transactions, scripts', async (protocol) => {
      const redis = new Redis({ port: store.port, host: '127.0.0.1', protocol, lazyConnect: true });
      await redis.connect();
      try {
        await redis.del('io', 'io:hash', 'io:zset');
        expect(await redis.set('io', 'value', 'EX', 100)).toBe('OK');
        expect(await redis.get('io')).toBe('value');
        expect(await redis.getBuffer('io')).toEqual(Buffer.from('value'));
        await redis.hset('io:hash', { a: '1', b: '2' });
        expect(await redis.hgetall('io:hash')).toEqual({ a: '1', b: '2' });
        await redis.zadd('io:zset', '1', 'one', '2.5', 'two');
        expect((await redis.zrange('io:zset', '0', '-1')).map(String)).toEqual(['one', 'two']);
        expect(await redis.pipeline().incr('io:n').incr('io:n').get('io:n').exec()).toEqual([[null, 1], [null, 2], [null, '2']]);
        expect(await redis.multi().set('io:t', '1').incr('io:t').exec()).toEqual([[null, 'OK'], [null, 2]]);
        expect(await redis.eval('return {KEYS[1],ARGV[1],7}', 1, 'k', 'v')).toEqual(['k', 'v', 7]);
        await expect(redis.incr('io:hash')).rejects.toThrow(/WRONGTYPE/);
        expect(await redis.info('server')).toContain('redis_version:');
        await redis.del('io:n');
      } finally {
        redis.disconnect();
      }
    });

    it('subscribes and hears messages, and a blocked pop hears a push', async () => {
      const [subscriber, publisher] = [new Redis(store.port, '127.0.0.1'), new Redis(store.port, '127.0.0.1')];
      try {
        const heard: string[] = [];
        subscriber.on('message', (channel, message) => heard.push(`${channel} ${message}`));
        subscriber.on('pmessage', (pattern, channel, message) => heard.push(`${pattern} ${channel} ${message}`));
        expect(await subscriber.subscribe('news')).toBe(1);
        expect(await subscriber.psubscribe('n*')).toBe(2);
        expect(await publisher.publish('news', 'today')).toBe(2);
        await waitFor('both messages', () => heard.length === 2);
        expect(heard.sort()).toEqual(['n* news today', 'news today']);

        const popped = publisher.duplicate();
        const waiting = popped.blpop('io:queue', 5);
        await waitFor('somebody to wait', async () => /blocked_clients:1\b/.test(await publisher.info('clients')));
        await publisher.rpush('io:queue', 'job');
        expect(await waiting).toEqual(['io:queue', 'job']);
        popped.disconnect();
      } finally {
        subscriber.disconnect();
        publisher.disconnect();
      }
    });
  });

  describe('node-redis', () => {
    it.each([2, 3] as const)('works in RESP%i: values, pipelines, transactions, scripts, iterators', async (RESP) => {
      const redis = createClient({ socket: { host: '127.0.0.1', port: store.port }, RESP, name: 'node-redis' });
      redis.on('error', () => undefined); // what fails is in the promises
      await redis.connect();
      try {
        await redis.del(['nr', 'nr:hash', 'nr:zset', 'nr:stream', 'nr:n']);
        expect(await redis.set('nr', 'value', { expiration: { type: 'EX', value: 100 } })).toBe('OK');
        expect(await redis.get('nr')).toBe('value');
        expect(await redis.clientGetName()).toBe('node-redis');
        expect(await redis.hSet('nr:hash', { a: '1', b: '2' })).toBe(2);
        expect({ ...(await redis.hGetAll('nr:hash')) }).toEqual({ a: '1', b: '2' });
        await redis.zAdd('nr:zset', [{ score: 1, value: 'one' }, { score: 2.5, value: 'two' }]);
        expect(await redis.zRangeWithScores('nr:zset', 0, -1)).toEqual([{ value: 'one', score: 1 }, { value: 'two', score: 2.5 }]);
        const id = await redis.xAdd('nr:stream', '*', { field: 'value' });
        expect((await redis.xRange('nr:stream', '-', '+'))!.map((entry) => [entry.id, { ...entry.message }])).toEqual([[id, { field: 'value' }]]);
        expect(await Promise.all([redis.incr('nr:n'), redis.incr('nr:n'), redis.get('nr:n')])).toEqual([1, 2, '2']);
        expect(await redis.multi().set('nr:t', '1').incr('nr:t').get('nr:t').exec()).toEqual(['OK', 2, '2']);
        expect(await redis.eval('return {KEYS[1],ARGV[1],7}', { keys: ['k'], arguments: ['v'] })).toEqual(['k', 'v', 7]);
        const found: string[] = [];
        for await (const keys of redis.scanIterator({ MATCH: 'nr*' })) found.push(...keys);
        expect(new Set(found)).toEqual(new Set(['nr', 'nr:hash', 'nr:zset', 'nr:stream', 'nr:n', 'nr:t']));
        await expect(redis.incr('nr:hash')).rejects.toThrow(/WRONGTYPE/);
        expect(await redis.info('server')).toContain('redis_version:');
        expect(await redis.configGet('maxmemory-policy')).toEqual(expect.objectContaining({ 'maxmemory-policy': 'noeviction' }));
      } finally {
        redis.destroy();
      }
    });

    it('subscribes, waits for a push, and keeps values that the server says are stale no longer', async () => {
      const socket = { host: '127.0.0.1', port: store.port };
      const redis = createClient({ socket, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 0, evictPolicy: 'LRU' } });
      const [subscriber, waiter] = [createClient({ socket }), createClient({ socket })];
      for (const client of [redis, subscriber, waiter]) client.on('error', () => undefined);
      await Promise.all([redis.connect(), subscriber.connect(), waiter.connect()]);
      try {
        const heard: string[] = [];
        await subscriber.subscribe('nr:news', (message, channel) => heard.push(`${channel} ${message}`));
        await subscriber.pSubscribe('nr:n*', (message, channel) => heard.push(`* ${channel} ${message}`));
        await subscriber.sSubscribe('nr:shard', (message, channel) => heard.push(`shard ${channel} ${message}`));
        expect(await waiter.publish('nr:news', 'today')).toBe(2);
        expect(await waiter.sPublish('nr:shard', 'here')).toBe(1);
        await waitFor('the messages', () => heard.length === 3);
        expect(heard.sort()).toEqual(['* nr:news today', 'nr:news today', 'shard nr:shard here']);

        await redis.set('nr:cached', '1');
        expect([await redis.get('nr:cached'), await redis.get('nr:cached')]).toEqual(['1', '1']);
        await waiter.set('nr:cached', '2');
        await waitFor('the new value', async () => (await redis.get('nr:cached')) === '2');

        const popped = waiter.blPop('nr:queue', 5);
        await waitFor('somebody to wait', async () => /blocked_clients:1\b/.test(await redis.info('clients')));
        await redis.rPush('nr:queue', 'job');
        expect(await popped).toEqual({ key: 'nr:queue', element: 'job' });
      } finally {
        for (const client of [redis, subscriber, waiter]) client.destroy();
      }
    });
  });

  describeNeeding(['python3-redis'], "Python's redis client", () => {
    it('connects, works with every type, pipelines and locks', async () => {
      const script = `
import redis, sys
r = redis.Redis(port=int(sys.argv[1]), decode_responses=True)
assert r.ping()
r.delete('py', 'py:l', 'py:h', 'py:s', 'py:z', 'py:x')
assert r.set('py', 'v', ex=100) and r.get('py') == 'v' and 0 < r.ttl('py') <= 100
assert r.rpush('py:l', 1, 2, 3) == 3 and r.lrange('py:l', 0, -1) == ['1', '2', '3']
assert r.hset('py:h', mapping={'a': 1, 'b': 2}) == 2 and r.hgetall('py:h') == {'a': '1', 'b': '2'}
assert r.sadd('py:s', 'x', 'y') == 2 and r.smembers('py:s') == {'x', 'y'}
assert r.zadd('py:z', {'m': 1.5, 'n': 2}) == 2 and r.zrange('py:z', 0, -1, withscores=True) == [('m', 1.5), ('n', 2.0)]
i = r.xadd('py:x', {'f': 'v'}); assert r.xrange('py:x') == [(i, {'f': 'v'})]
p = r.pipeline(transaction=True); p.set('py:n', 1); p.incr('py:n'); assert p.execute() == [True, 2]
assert r.eval('return redis.call("GET", KEYS[1])', 1, 'py') == 'v'
assert sorted(r.scan_iter('py:*')) == sorted(k for k in r.keys('py:*'))
with r.lock('py:lock', timeout=5): assert r.exists('py:lock') == 1
assert r.exists('py:lock') == 0
assert r.info()['redis_version'] and r.config_get('maxmemory') and r.client_id() > 0
s = r.pubsub(); s.subscribe('c'); s.get_message(timeout=2); r.publish('c', 'hi'); assert s.get_message(timeout=2)['data'] == 'hi'
r.flushdb()
print('all well')
`;
      expect((await run('/usr/bin/python3', ['-c', script, String(store.port)], { timeout: 20_000 })).stdout).toBe('all well\n');
    });
  });
});
