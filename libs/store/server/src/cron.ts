/**
 * What the server does by itself, `hz` times a second: kills expired keys nobody asks for, evicts, closes idle clients.
 *
 * Active expiry samples keys with a time to live, shard by shard, while more than 10 % of a sample were dead, within a
 * budget of 1 ms a slice, so that a turn never waits longer for it; while slices end by their budget, the next comes a
 * few milliseconds later instead of at the next tick. Eviction (`allkeys-lru`) keeps Redis' pool: the best candidates of
 * the samples so far, so that a few samples behave nearly as an exact LRU. It has a budget too: a limit that was lowered
 * by gigabytes must not stop the server, so what is still too much goes with later commands and slices.
 */
import type { Keyspace } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';

const SAMPLE = 20;
const SLICE_MS_MAX = 1;
const POOL = 16;
/** Time for evictions before one command: little while nearly in bounds, more when far beyond. */
const EVICTION_MS_NEAR = 1;
const EVICTION_MS_FAR = 20;
/** The clock is read once in so many evictions. */
const EVICTIONS_PER_LOOK = 16;

export class Expiry {
  private shard = 0;
  private database = 0;

  constructor(keyspace: Keyspace, random32: () => number, monotonic: () => number) {
    this.keyspace = keyspace;
    this.random32 = random32;
    this.monotonic = monotonic;
  }

  private readonly keyspace: Keyspace;
  private readonly random32: () => number;
  private readonly monotonic: () => number;

  /** One slice of the cycle. True when it ended by its budget: there is more to do. */
  run(): boolean {
    const { keyspace } = this;
    if (!keyspace.expires) return false;
    const until = this.monotonic() + SLICE_MS_MAX;
    let visited = 0;
    const tables = keyspace.shards * keyspace.databases;
    while (visited < tables) {
      const root = keyspace.expiresRoot(this.shard, this.database);
      const count = keyspace.table.count(root);
      if (count > 0) {
        const sample = Math.min(count, SAMPLE);
        let dead = 0;
        for (let i = 0; i < sample && keyspace.table.count(root) > 0; i++) {
          const address = keyspace.table.sample(root, this.random32);
          const { view } = keyspace;
          if (view.at(address).expireAt >= keyspace.now) continue;
          const hash = keyspace.hashing.of(view.u8, view.keyOffset, view.keyLength);
          keyspace.removeRecord(this.shard, this.database, hash, address, 'expired');
          dead++;
        }
        if (this.monotonic() >= until) return dead * 10 > sample;
        if (dead * 10 > sample) continue; // much is dead here: stay
      }
      this.next();
      visited++;
    }
    return false;
  }

  private next(): void {
    if (++this.database < this.keyspace.databases) return;
    this.database = 0;
    this.shard = (this.shard + 1) % this.keyspace.shards;
  }
}

interface Candidate {
  shard: number;
  database: number;
  hash: number;
  key: string;
  idle: number;
}

export class Eviction {
  private pool: Candidate[] = [];
  private readonly keyspace: Keyspace;
  private readonly arena: Arena;
  private readonly random32: () => number;
  private readonly monotonic: () => number;

  constructor(keyspace: Keyspace, arena: Arena, random32: () => number, monotonic: () => number) {
    this.keyspace = keyspace;
    this.arena = arena;
    this.random32 = random32;
    this.monotonic = monotonic;
  }

  /** Evicts until at most `bytes` are used, or its time is over. False when nothing is left to evict. */
  makeRoom(bytes: number, samples: number, isHungry: boolean): boolean {
    const isFar = isHungry && this.arena.used > bytes * 1.1;
    const until = this.monotonic() + (isFar ? EVICTION_MS_FAR : EVICTION_MS_NEAR);
    for (let evicted = 1; this.arena.used > bytes; evicted++) {
      if (!this.evictOne(samples)) return false;
      if (evicted % EVICTIONS_PER_LOOK === 0 && this.monotonic() >= until) return true;
    }
    return true;
  }

  private evictOne(samples: number): boolean {
    const { keyspace } = this;
    for (let tries = 0; tries < 100; tries++) {
      this.sample(samples);
      const best = this.pool.pop();
      if (best === undefined) return false;
      const key = Buffer.from(best.key, 'latin1');
      const address = keyspace.table.find(keyspace.keysRoot(best.shard, best.database), best.hash, key, 0, key.length);
      if (address === 0) continue; // it went meanwhile
      keyspace.removeRecord(best.shard, best.database, best.hash, address, 'evicted');
      return true;
    }
    return false;
  }

  /** Puts samples of every non-empty database into the pool, the idlest last. */
  private sample(samples: number): void {
    const { keyspace } = this;
    for (let database = 0; database < keyspace.databases; database++) {
      if (keyspace.size(database) === 0) continue;
      for (let i = 0; i < samples; i++) {
        const address = keyspace.randomRecord(database, this.random32);
        if (address === 0) break;
        const view = keyspace.view.at(address);
        const idle = (keyspace.accessClock - (view.word0 >>> 8) + 0x1000000) & 0xffffff;
        if (this.pool.length === POOL && idle <= this.pool[0]!.idle) continue;
        const key = view.keyText();
        if (this.pool.some((known) => known.key === key && known.database === database)) continue;
        const hash = keyspace.hashing.of(view.u8, view.keyOffset, view.keyLength);
        const shard = keyspace.shardOf(view.u8, view.keyOffset, view.keyLength);
        this.pool.push({ shard, database, hash, key, idle });
        this.pool.sort((a, b) => a.idle - b.idle);
        if (this.pool.length > POOL) this.pool.shift();
      }
    }
  }
}
