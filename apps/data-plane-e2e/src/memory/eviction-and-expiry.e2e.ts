/**
 * Memory over time: the limit is kept and by the right keys, what is deleted comes back, and what has expired goes without
 * being asked for and without anybody waiting for it.
 */
import { startStore, waitFor } from '@larder/shared-testing';
import type { Command, RawClient, Store } from '@larder/shared-testing';

const MIB = 1 << 20;

describe('memory', () => {
  let store: Store;
  let client: RawClient;

  beforeAll(async () => {
    store = await startStore({ kind: 'larder-server' });
    client = await store.connect();
  });
  afterAll(() => store.stop());
  beforeEach(async () => {
    await client.pipeline([['CONFIG', 'SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction'], ['FLUSHALL'], ['CONFIG', 'RESETSTAT']]);
  });

  async function figure(section: string, name: string): Promise<number> {
    const value = new RegExp(`^${name}:(\\d+)\\r$`, 'm').exec(String(await client.ask('INFO', section)))?.[1];
    if (value === undefined) throw new Error(`INFO ${section} has no ${name}`);
    return Number(value);
  }
  const used = () => figure('memory', 'used_memory');

  /** Pipelines of a thousand; the replies' first bytes. */
  async function run(count: number, make: (i: number) => Command): Promise<Map<string, number>> {
    const answers = new Map<string, number>();
    for (let from = 0; from < count; from += 1000) {
      const commands = Array.from({ length: Math.min(1000, count - from) }, (_, i) => make(from + i));
      for (const { raw } of await client.pipeline(commands)) {
        const head = raw.toString('latin1', 0, Math.min(raw.length, 5)).trim();
        answers.set(head, (answers.get(head) ?? 0) + 1);
      }
    }
    return answers;
  }

  const limitTo = async (bytes: number, policy: string): Promise<number> => {
    const limit = (await used()) + bytes;
    await client.ask('CONFIG', 'SET', 'maxmemory', String(limit), 'maxmemory-policy', policy);
    return limit;
  };
  const value = 'v'.repeat(1000);

  it('that is full refuses writes under noeviction, lets reads and deletions pass, and takes writes again after deletions', async () => {
    const limit = await limitTo(4 * MIB, 'noeviction');
    const answers = await run(8000, (i) => ['SET', `key:${i}`, value]);
    expect([...answers.keys()].sort()).toEqual(['+OK', '-OOM']);
    expect(await used()).toBeLessThan(limit + 4096);
    // The buffers of the pipeline count, until they are seen to be empty: then there is room for a few more.
    await waitFor('no room for one more', async () => {
      await run(100, (i) => ['SET', `more:${i}`, value]);
      return (await client.command('SET', 'k', 'v')).raw.toString() === "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    });
    expect((await client.command('LPUSH', 'l', 'v')).raw.toString()).toMatch(/^-OOM /);
    expect((await client.command('EVAL', "return redis.call('set','k','v')", '0')).raw.toString()).toMatch(/^-/);
    expect(await client.ask('GET', 'key:1')).toBe(value);
    expect(await client.ask('EXPIRE', 'key:1', '100')).toBe(1);
    expect((await client.pipeline([['MULTI'], ['GET', 'key:1'], ['EXEC']])).map(({ raw }) => raw.toString('latin1', 0, 4))).toEqual(['+OK\r', '-OOM', '-EXE']);
    // More than the room that this connection's own buffers take, which counts too.
    expect(await client.ask('DEL', ...Array.from({ length: 2500 }, (_, i) => `key:${i}`))).toBe(2500);
    expect(await client.ask('SET', 'k', 'v')).toBe('OK');
    expect(await figure('stats', 'evicted_keys')).toBe(0);
  });

  it('stays under the limit while ten times as much is written under allkeys-lru, whatever the sizes', async () => {
    const limit = await limitTo(8 * MIB, 'allkeys-lru');
    let highest = 0;
    for (let part = 0; part < 20; part++) {
      const answers = await run(2000, (i) => ['SET', `key:${part}:${i}`, 'v'.repeat(i % 100 === 0 ? 100_000 : 1000)]);
      expect([...answers.keys()]).toEqual(['+OK']);
      highest = Math.max(highest, await used());
    }
    expect(highest).toBeLessThan(limit * 1.02 + 200_000);
    expect(await figure('stats', 'evicted_keys')).toBeGreaterThan(20_000);
    expect(await client.ask('DBSIZE')).toBeGreaterThan(500);
  });

  it('evicts collections of every type, with all that they hold', async () => {
    const limit = await limitTo(4 * MIB, 'allkeys-lru');
    const make = (i: number): Command => {
      const members = Array.from({ length: 200 }, (_, k) => `member:${i}:${k}`);
      if (i % 4 === 0) return ['RPUSH', `l:${i}`, ...members];
      if (i % 4 === 1) return ['SADD', `s:${i}`, ...members];
      if (i % 4 === 2) return ['HSET', `h:${i}`, ...members.flatMap((member) => [member, 'v'])];
      return ['ZADD', `z:${i}`, ...members.flatMap((member, k) => [String(k), member])];
    };
    const answers = await run(4000, make);
    expect([...answers.keys()].every((head) => head.startsWith(':'))).toBe(true);
    expect(await used()).toBeLessThan(limit * 1.02 + 200_000);
    await client.ask('FLUSHALL');
    expect(await used()).toBeLessThan(limit - 4 * MIB + MIB / 2);
  });

  it('keeps what was used lately far better than chance', async () => {
    await run(6000, (i) => ['SET', `key:${i}`, value]);
    // The clock of accesses counts seconds: the used keys must be at least two of them younger.
    await waitFor('the keys to age', async () => Number(await client.ask('OBJECT', 'IDLETIME', 'key:5999')) >= 2);
    const isUsed = (i: number) => i % 4 === 0;
    await run(1500, (i) => ['GET', `key:${i * 4}`]);
    await limitTo(0, 'allkeys-lru');
    await run(3000, (i) => ['SET', `new:${i}`, value]);
    let keptUsed = 0;
    let keptOthers = 0;
    for (let i = 0; i < 6000; i += 1000) {
      const replies = await client.pipeline(Array.from({ length: 1000 }, (_, k) => ['EXISTS', `key:${i + k}`]));
      replies.forEach(({ raw }, k) => {
        if (raw.toString() !== ':1\r\n') return;
        if (isUsed(i + k)) keptUsed++;
        else keptOthers++;
      });
    }
    // Half of all had to go: by chance 750 of the 1,500 used ones would be left.
    expect(keptUsed).toBeGreaterThan(1200);
    expect(keptUsed / 1500).toBeGreaterThan(2 * (keptOthers / 4500));
  });

  it('goes down to a lowered limit though nobody writes', async () => {
    await run(20_000, (i) => ['SET', `key:${i}`, value]);
    const before = await used();
    const limit = before - 15 * MIB;
    await client.ask('CONFIG', 'SET', 'maxmemory', String(limit), 'maxmemory-policy', 'allkeys-lru');
    await waitFor('the keys to be evicted', async () => (await used()) <= limit);
    expect(await client.ask('DBSIZE')).toBeGreaterThan(1000);
  });

  it('comes back after FLUSHALL, FLUSHDB and deletion of every type', async () => {
    const before = await used();
    const fill = async () => {
      await run(5000, (i) => ['SET', `string:${i}`, value, 'EX', '1000']);
      await run(2000, (i) => ['RPUSH', 'list', value, String(i)]);
      await run(5000, (i) => ['SADD', 'set', `member:${i}`]);
      await run(5000, (i) => ['HSET', 'hash', `field:${i}`, value]);
      await run(5000, (i) => ['ZADD', 'zset', String(i), `member:${i}`]);
      expect(await used()).toBeGreaterThan(before + 10 * MIB);
    };
    await fill();
    await client.ask('FLUSHALL');
    expect(await used()).toBeLessThan(before + 65_536);
    await fill();
    await client.ask('FLUSHDB');
    expect(await used()).toBeLessThan(before + 65_536);
    await fill();
    await run(5000, (i) => ['DEL', `string:${i}`]);
    await client.ask('UNLINK', 'list', 'set', 'hash', 'zset');
    expect(await client.ask('DBSIZE')).toBe(0);
    await waitFor('what UNLINK left to be freed', async () => (await used()) < before + 65_536);
  });

  it('of 100,000 expired keys that nobody reads comes back within seconds, while others are served', async () => {
    const before = await used();
    const count = 100_000;
    const at = String(Date.now() + 4000);
    await run(count, (i) => ['SET', `session:${i}`, 'v', 'PXAT', at]);
    await run(100, (i) => ['SET', `stays:${i}`, 'v', 'EX', '1000']);
    await waitFor('the keys to expire', () => Date.now() > Number(at));
    const other = await store.connect();
    let longest = 0;
    await waitFor(
      'all expired keys to go',
      async () => {
        const startedAt = performance.now();
        await other.ask('PING');
        longest = Math.max(longest, performance.now() - startedAt);
        return (await other.ask('DBSIZE')) === 100;
      },
      20_000,
    );
    other.close();
    expect(await figure('stats', 'expired_keys')).toBe(count);
    expect(await used()).toBeLessThan(before + 65_536);
    // A slice is 1 ms; the bound leaves room for a busy machine, and a sweep of all at once would still not fit.
    if (process.env['CI'] !== 'true') expect(longest).toBeLessThan(100);
  });
});
