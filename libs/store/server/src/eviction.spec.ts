import { copyBytes } from '@larder/store-datatypes';
import { Keyspace, Lfu } from '@larder/store-keyspace';
import { Arena } from '@larder/store-memory';
import { Eviction } from './eviction';
import { unshared } from './shard-access';

const NOW = 1_700_000_000_000;

class World {
  readonly arena = new Arena({ shards: 4, segments: 1, segmentBytes: 64 << 20 });
  readonly keyspace = new Keyspace({ arena: this.arena, databases: 2, hashSeed: [1, 2, 3], kinds: [] });
  elapsed = 1;
  isShardFree = true;
  private seed = 7;
  private readonly random32 = () => {
    this.seed = (Math.imul(this.seed, 1664525) + 1013904223) | 0;
    return this.seed ^ (this.seed >>> 15);
  };
  readonly eviction = new Eviction({
    keyspace: this.keyspace,
    random32: this.random32,
    monotonic: () => this.elapsed,
    withShard: (shard, work) => this.isShardFree && unshared(shard, work),
    latency: { isOn: () => false, add: () => undefined },
    used: () => this.keyspace.size(0),
  });

  constructor(policy: string) {
    this.keyspace.now = NOW;
    this.eviction.policy = policy;
    if (this.eviction.countsAccesses) this.keyspace.lfu = new Lfu(this.random32);
  }

  /** `clock` are the 24 bits of the record. */
  add(name: string, clock: number, ttlMs?: number): void {
    const { keyspace } = this;
    const key = Buffer.from(name);
    keyspace.lookup(0, key, 0, key.length);
    keyspace.accessClock = clock;
    keyspace.create(0, 0, 0, 3);
    copyBytes(Buffer.from('abc'), 0, keyspace.view.u8, keyspace.view.valueOffset, 3);
    if (ttlMs !== undefined) keyspace.setExpiry(NOW + ttlMs);
    keyspace.accessClock = 2000;
  }

  /** How many of the keys whose number passes are left. */
  left(passes: (n: number) => boolean): number {
    let left = 0;
    for (let n = 0; n < 200; n++) {
      const key = Buffer.from(`k${n}`);
      if (passes(n) && this.keyspace.lookup(0, key, 0, key.length) !== 0) left++;
    }
    return left;
  }

  /** Keys that are used only so many units are one each. */
  evictTo(count: number): boolean {
    return this.eviction.makeRoom(count, false);
  }
}

/** 200 keys of which the upper half is the better one to keep. */
function filled(policy: string, clock: (n: number) => number, ttl: (n: number) => number | undefined): World {
  const world = new World(policy);
  for (let n = 0; n < 200; n++) world.add(`k${n}`, clock(n), ttl(n));
  return world;
}

describe('eviction', () => {
  it.each([
    ['allkeys-lru', (n: number) => 1000 + n, () => undefined],
    ['volatile-lru', (n: number) => 1000 + n, () => 100_000],
    ['volatile-ttl', () => 0, (n: number) => 1000 + n],
    ['allkeys-lfu', (n: number) => (Lfu.fresh(NOW) & 0xffff00) | n, () => undefined],
    ['volatile-lfu', (n: number) => (Lfu.fresh(NOW) & 0xffff00) | n, () => 100_000],
  ])('%s takes the keys that are worth least', (policy, clock, ttl) => {
    const world = filled(policy, clock, ttl);
    expect(world.evictTo(150)).toBe(true);
    expect(world.keyspace.size(0)).toBe(150);
    expect(world.left((n) => n >= 100)).toBeGreaterThanOrEqual(98);
    expect(world.keyspace.evictedKeys).toBe(50);
  });

  it.each(['volatile-lru', 'volatile-lfu', 'volatile-ttl', 'volatile-random'])('%s spares keys without a time to live, and says when there are no others', (policy) => {
    const world = filled(policy, () => 1000, (n) => (n % 2 === 0 ? 5000 : undefined));
    expect(world.evictTo(120)).toBe(true);
    expect(world.left((n) => n % 2 === 1)).toBe(100);
    expect(world.evictTo(90)).toBe(false);
    expect(world.left((n) => n % 2 === 1)).toBe(100);
    expect(world.keyspace.size(0)).toBe(100);
  });

  it('allkeys-random takes from everywhere', () => {
    const world = filled('allkeys-random', () => 1000, () => undefined);
    expect(world.evictTo(100)).toBe(true);
    expect(world.left((n) => n < 100)).toBeGreaterThan(25);
    expect(world.left((n) => n < 100)).toBeLessThan(75);
  });

  it('noeviction takes nothing and notes for how long memory was beyond the limit', () => {
    const world = filled('noeviction', () => 1000, () => undefined);
    expect(world.evictTo(100)).toBe(false);
    world.elapsed += 30;
    expect(world.evictTo(200)).toBe(true);
    expect(world.eviction.exceededMs).toBe(30);
  });

  it('gives up for now when a shard cannot be had, which is no lack of keys', () => {
    const world = filled('allkeys-lru', () => 1000, () => undefined);
    world.isShardFree = false;
    expect(world.evictTo(100)).toBe(true);
    expect(world.keyspace.size(0)).toBe(200);
  });
});
