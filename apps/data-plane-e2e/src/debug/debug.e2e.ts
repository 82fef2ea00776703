/**
 * DEBUG beside redis-server: digests of equal data are equal, errors are the same words, RELOAD brings everything back.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNeeding, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';
import { targetKind } from '../target.ts';

const args = ['--enable-debug-command', 'yes'];
const many = (count: number, each: (i: number) => string[]): string[] => Array.from({ length: count }, (_, i) => each(i)).flat();

/** Every type in each of its encodings. */
const DATA: readonly string[][] = [
  ['SET', 'text', 'hello'], ['SET', 'number', '12345'], ['SET', 'binary', '\x00\xff\r\n'], ['SET', 'long', 'x'.repeat(5_000)],
  ['RPUSH', 'list', 'a', '1', '-70000', '99999999999', ''], ['RPUSH', 'longlist', ...many(3_000, (i) => [`element ${i}`])],
  ['SADD', 'intset', '1', '-5', '70000'], ['SADD', 'set', 'a', 'b', '7'], ['SADD', 'manyints', ...many(700, (i) => [String(i)])],
  ['HSET', 'hash', 'f', 'v', '7', '8'], ['HSET', 'bighash', ...many(700, (i) => [`f${i}`, `v${i}`])],
  ['ZADD', 'zset', '1', 'a', '0.1', 'b', '-inf', 'c', '+inf', 'd', '1e300', 'e', '12345678901234567890', 'f', '-0.0', 'g', '7', '7'],
  ['ZADD', 'bigzset', ...many(300, (i) => [String(i / 3), `m${i}`])],
  ['XADD', 'stream', '1-1', 'f', 'v', '7', '8'], ['XADD', 'stream', '1-2', 'f', 'w', '7', '9'], ['XADD', 'stream', '5-0', 'other', 'x'], ['XADD', 'stream', '18446744073709551615-3', 'f', 'v'], ['XDEL', 'stream', '1-2'],
  ['SET', 'expiring', 'v', 'EX', '1000'],
  ['SELECT', '3'], ['SET', 'text', 'hello'], ['HSET', 'hash', 'f', 'v'], ['SELECT', '0'],
];

const SAME: readonly string[][] = [
  ['DEBUG', 'DIGEST'],
  ['DEBUG', 'digest-value'],
  ['DEBUG', 'DIGEST-VALUE', 'text', 'number', 'binary', 'long', 'list', 'longlist', 'intset', 'set', 'manyints', 'hash', 'bighash', 'zset', 'bigzset', 'stream', 'expiring', 'nosuch'],
  ['DEBUG'], ['DEBUG', 'nosuch'], ['DEBUG', 'DIGEST', 'x'], ['DEBUG', 'OBJECT'], ['DEBUG', 'OBJECT', 'nosuch'], ['DEBUG', 'JMAP'],
  ['DEBUG', 'SLEEP', '0'], ['DEBUG', 'SLEEP'], ['DEBUG', 'SET-ACTIVE-EXPIRE', '0'], ['DEBUG', 'SET-ACTIVE-EXPIRE', '1'],
  ['DEBUG', 'POPULATE'], ['DEBUG', 'POPULATE', 'x'], ['DEBUG', 'POPULATE', '-1'], ['DEBUG', 'POPULATE', '3', 'p', '-1'], ['DEBUG', 'POPULATE', '3', 'p', '4', '5'],
  ['DEBUG', 'POPULATE', '5'], ['DEBUG', 'POPULATE', '7', 'prefix'], ['DEBUG', 'POPULATE', '4', 'sized', '3'], ['DEBUG', 'POPULATE', '4', 'padded', '30'],
  ['GET', 'key:3'], ['GET', 'prefix:6'], ['GET', 'sized:2'], ['GET', 'padded:1'], ['DEBUG', 'DIGEST'],
  ['DEBUG', 'RELOAD', 'x'], ['DEBUG', 'RELOAD'], ['DEBUG', 'DIGEST'],
  ['SET', 'text', 'changed'], ['SET', 'new', 'key'], ['DEBUG', 'RELOAD', 'NOSAVE', 'NOFLUSH', 'MERGE'], ['GET', 'text'], ['GET', 'new'], ['DEBUG', 'DIGEST'],
  ['SET', 'another', 'key'], ['DEBUG', 'RELOAD', 'NOSAVE'], ['GET', 'another'], ['GET', 'new'], ['DEBUG', 'DIGEST'],
  ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '100b'], ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '0'], ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', '5gb'], ['DEBUG', 'QUICKLIST-PACKED-THRESHOLD', 'x'],
  ['DEBUG', 'LOG', 'words'], ['DEBUG', 'LEAK', 'x'], ['DEBUG', 'ERROR', 'MYERR some\nwords'], ['DEBUG', 'STRUCTSIZE'], ['DEBUG', 'STRINGMATCH-TEST'], ['DEBUG', 'STRINGMATCH-LEN', '3', 'x'],
  ['DEBUG', 'HTSTATS', '99'], ['DEBUG', 'HTSTATS', 'x'], ['DEBUG', 'HTSTATS-KEY', 'nosuch'], ['DEBUG', 'HTSTATS-KEY', 'text'], ['DEBUG', 'HTSTATS-KEY', 'zset'],
  ['DEBUG', 'CHANGE-REPL-ID'], ['DEBUG', 'CHANGE-REPL-ID', 'x'], ['DEBUG', 'PAUSE-CRON', '1'], ['DEBUG', 'PAUSE-CRON', '0'], ['DEBUG', 'CLIENT-EVICTION'],
  ['DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 'NEVER'], ['DEBUG', 'REPLYBUFFER', 'PEAK-RESET-TIME', 'x'], ['DEBUG', 'REPLYBUFFER', 'RESIZING', '1'], ['DEBUG', 'REPLYBUFFER', 'x', '1'],
  ['DEBUG', 'DROP-CLUSTER-PACKET-FILTER', '-1'], ['DEBUG', 'DROP-CLUSTER-PACKET-FILTER', 'x'], ['DEBUG', 'CLUSTERLINK', 'KILL', 'all', 'x'], ['DEBUG', 'SDSLEN', 'number'], ['DEBUG', 'SDSLEN', 'nosuch'], ['DEBUG', 'SDSLEN', 'list'],
  ['DEBUG', 'LISTPACK', 'hash'], ['DEBUG', 'LISTPACK', 'text'], ['DEBUG', 'LISTPACK', 'nosuch'], ['DEBUG', 'QUICKLIST', 'list'], ['DEBUG', 'QUICKLIST', 'list', '1'], ['DEBUG', 'QUICKLIST', 'set'],
  ...['string', 'integer', 'double', 'bignum', 'null', 'array', 'set', 'map', 'attrib', 'push', 'true', 'FALSE', 'verbatim', 'nosuch'].map((type) => ['DEBUG', 'PROTOCOL', type]),
];

describeNeeding(['redis-server'], `DEBUG of ${targetKind} beside redis-server`, () => {
  const stores: Store[] = [];
  beforeAll(async () => stores.push(...(await Promise.all([startStore({ kind: 'redis-server', args }), startStore({ kind: targetKind, args })]))));
  afterAll(() => Promise.all(stores.map((store) => store.kill())));

  async function both(protocol: 2 | 3, work: (client: RawClient) => Promise<string[]>): Promise<[string[], string[]]> {
    const answers: string[][] = [];
    for (const store of stores) {
      const client = await store.connect(protocol, 60_000); // redis-server's own STRINGMATCH-TEST takes seconds
      await client.ask('FLUSHALL');
      await client.pipeline(DATA);
      answers.push(await work(client));
      client.close();
    }
    return answers as [string[], string[]];
  }

  it.each([2, 3] as const)('answers the same in RESP%i', async (protocol) => {
    const [reference, target] = await both(protocol, async (client) => {
      const lines: string[] = [];
      for (const command of SAME) {
        // PROTOCOL push answers twice in RESP3: the frame that is pushed, and the reply.
        const isPush = protocol === 3 && command[2] === 'push';
        client.write(`*${command.length}\r\n${command.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
        const frames = await client.frames(isPush ? 2 : 1);
        lines.push(`${command.join(' ').slice(0, 60)} → ${frames.map((frame) => frame.toString('latin1')).join('')}`);
      }
      return lines;
    });
    expect(target).toEqual(reference);
  }, 180_000);

  it('tells how a value is kept as redis-server tells it', async () => {
    const [reference, target] = await both(2, async (client) => {
      const lines: string[] = [];
      for (const key of ['text', 'number', 'list', 'longlist', 'intset', 'hash', 'zset']) {
        lines.push(String(await client.ask('DEBUG', 'OBJECT', key)).replace(/at:\S+ refcount:\d+/, '').replace(/lru:\d+ lru_seconds_idle:\d+/, ''));
      }
      return lines;
    });
    expect(target).toEqual(reference);
  });

  it('shows sizes of hash tables', async () => {
    const [, [all, one]] = await both(2, async (client) => [String(await client.ask('DEBUG', 'HTSTATS', '0')), String(await client.ask('DEBUG', 'HTSTATS-KEY', 'bighash'))]);
    expect(all).toMatch(/^\[Dictionary HT\]\nHash table 0 stats.*\n table size: \d+\n number of elements: 15\n\[Expires HT\]\nHash table 0/);
    expect(one).toMatch(/number of elements: 700/);
  });

  it('takes payloads with a wrong checksum and lets scripts call what is not for them, on every connection, while it is told to', async () => {
    const answers: string[][] = [];
    for (const store of stores) {
      // Connections of several threads, where there are several.
      const clients = await Promise.all(Array.from({ length: 6 }, () => store.connect()));
      const said: string[] = [];
      const onAll = async (...words: string[]): Promise<void> => {
        said.push([...new Set(await Promise.all(clients.map(async (client) => (await client.command(...words)).raw.toString('latin1'))))].join(' and '));
      };
      await clients[0]!.ask('FLUSHALL');
      for (const isOn of ['0', '1', '0']) {
        await clients[0]!.ask('DEBUG', 'SET-SKIP-CHECKSUM-VALIDATION', isOn);
        await clients[1]!.ask('DEBUG', 'SET-DISABLE-DENY-SCRIPTS', isOn);
        await onAll('RESTORE', 'k', '0', '\x00\x01v\x0a\x00wrongsum', 'REPLACE');
        await onAll('RESTORE', 'k', '0', '\x00\x01v\xff\xffwrongsum', 'REPLACE');
        await onAll('GET', 'k');
        await onAll('EVAL', "return redis.call('client','getname')", '0');
      }
      answers.push(said);
      for (const client of clients) client.close();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[1]!.filter((answer) => answer.includes('\n and '))).toEqual([]);
  });

  it('writes every setting into the configuration file, defaults too, the same ones as redis-server', async () => {
    const written: string[][] = [];
    for (const kind of ['redis-server', targetKind] as const) {
      const dir = mkdtempSync(join(tmpdir(), 'larder-rewrite-'));
      const configFile = join(dir, 'redis.conf');
      writeFileSync(configFile, '# mine\nmaxmemory 100mb\n');
      const store = await startStore({ kind, args, configFile });
      const client = await store.connect();
      expect(await client.ask('DEBUG', 'CONFIG-REWRITE-FORCE-ALL')).toBe('OK');
      written.push([...new Set(readFileSync(configFile, 'latin1').split('\n').map((line) => line.split(' ')[0]!))].sort());
      await store.kill();
      rmSync(dir, { recursive: true });
    }
    expect(written[0]!.filter((name) => !written[1]!.includes(name))).toEqual([]);
    expect(written[1]).toContain('hz');
    expect(await (await stores[1]!.connect()).command('DEBUG', 'CONFIG-REWRITE-FORCE-ALL').then(({ raw }) => raw.toString())).toMatch(/^-ERR CONFIG-REWRITE-FORCE-ALL failed: /);
  });

  it('sends replicas what it does not run itself', async () => {
    const primary = stores[1]!;
    const client = await primary.connect();
    await client.ask('FLUSHALL');
    await client.ask('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    const replica = await startStore({ kind: 'redis-server', args: ['--replicaof', `127.0.0.1 ${primary.port}`] });
    const there = await replica.connect();
    await waitFor('the link', async () => String(await there.ask('INFO', 'replication')).includes('master_link_status:up'), 20_000);
    expect(await client.ask('DEBUG', 'REPLICATE', 'SET', 'only', 'there')).toBe('OK');
    await waitFor('the key', async () => (await there.ask('GET', 'only')) === 'there');
    expect(await client.ask('DBSIZE')).toBe(0);
    client.close();
    await replica.kill();
  }, 30_000);

  it('keeps out who may not', async () => {
    for (const kind of ['redis-server', targetKind] as const) {
      const closed = await startStore({ kind });
      const client = await closed.connect();
      await expect(client.ask('DEBUG', 'DIGEST')).rejects.toThrow(/DEBUG command not allowed/);
      client.close();
      await closed.kill();
    }
  });

  it('stops working by itself while cron is paused', async () => {
    const store = stores[1]!;
    const client = await store.connect();
    await client.ask('FLUSHALL');
    await client.ask('DEBUG', 'PAUSE-CRON', '1');
    await client.ask('SET', 'short', 'v', 'PX', '1');
    await new Promise((wake) => setTimeout(wake, 300));
    expect(await client.ask('DBSIZE')).toBe(1);
    await client.ask('DEBUG', 'PAUSE-CRON', '0');
    client.close();
  });
});
