/**
 * Eviction towards `maxmemory`, by Redis' eight policies.
 *
 * LRU, LFU and TTL keep Redis' pool: the best sixteen candidates of all samples so far, so that a few samples behave nearly as an
 * exact order. The random policies take a key of one database after the other. Every look at keys is inside `withShard`, one shard
 * at a time: samples come from one shard, drawn by its number of keys, and the victim's shard is taken for its removal alone.
 *
 * A limit that was lowered by gigabytes must not stop the server: one call takes a bounded time (`maxmemory-eviction-tenacity`), and what
 * is still too much goes with later commands and slices.
 */
import type { Keyspace } from '@larder/store-keyspace';
import type { WithShard } from './shard-access';

const POOL = 16;
/** Keys that went or changed meanwhile, before it is taken that nothing can be evicted. */
const GHOSTS_MAX = 100;
/** The clock is read once in so many evictions. */
const EVICTIONS_PER_LOOK = 16;
/** More time when a command that needs memory comes and memory is far beyond the limit. */
const FAR = 1.1;
const FAR_TIMES = 10;

/** A key went, there was none to evict, or its shard could not be had. */
type Attempt = 'gone' | 'none' | 'busy';

type Measure = 'none' | 'random' | 'lru' | 'lfu' | 'ttl';

interface Candidate {
  shard: number;
  database: number;
  hash: number;
  key: string;
  /** The higher, the sooner it goes. */
  score: number;
}

export interface EvictionPorts {
  keyspace: Keyspace;
  random32: () => number;
  monotonic: () => number;
  withShard: WithShard;
  /** LATENCY: whether anything is recorded, and an event that took so long. */
  latency: { isOn: () => boolean; add: (event: string, ms: number) => void };
  /** Bytes that count towards the limit. */
  used: () => number;
}

export class Eviction {
  samples = 5;
  /** `maxmemory-eviction-tenacity`. */
  tenacity = 10;
  private measure: Measure = 'none';
  private onlyVolatile = false;
  private pool: Candidate[] = [];
  private nextDatabase = 0;
  /** INFO: for how long memory has been beyond the limit, in total, and since when it is (monotonic ms, 0 = it is not). */
  exceededMs = 0;
  exceededSince = 0;
  private readonly ports: EvictionPorts;

  constructor(ports: EvictionPorts) {
    this.ports = ports;
  }

  /** `maxmemory-policy`. */
  set policy(name: string) {
    const [scope, measure] = name.split('-');
    this.onlyVolatile = scope === 'volatile';
    this.measure = name === 'noeviction' ? 'none' : (measure as Measure);
    this.pool = [];
  }

  get countsAccesses(): boolean {
    return this.measure === 'lfu';
  }

  /** Redis shares no small integers while it measures the access of every key. */
  get measuresAccess(): boolean {
    return this.measure === 'lfu' || this.measure === 'lru';
  }

  /** Evicts until at most `bytes` are used, or its time is over. False when nothing is left to evict. */
  makeRoom(bytes: number, isHungry: boolean): boolean {
    const { used, monotonic, latency } = this.ports;
    if (used() <= bytes) return this.settle(true);
    if (this.measure === 'none') return this.settle(false, false);
    const startedAt = monotonic();
    const budget = this.budgetMs * (isHungry && used() > bytes * FAR ? FAR_TIMES : 1);
    let isDone = true;
    let isFit = true;
    for (let evicted = 1; used() > bytes; evicted++) {
      const attempt = this.evictOne();
      if (attempt !== 'gone') {
        isFit = false;
        isDone = attempt === 'busy'; // there is something to evict, only not now
        break;
      }
      if (evicted % EVICTIONS_PER_LOOK === 0 && monotonic() - startedAt >= budget) {
        isFit = used() <= bytes;
        break;
      }
    }
    if (latency.isOn()) latency.add('eviction-cycle', monotonic() - startedAt);
    return this.settle(isFit, isDone);
  }

  /** Notes whether memory is within the limit. */
  private settle(isFit: boolean, isDone = true): boolean {
    if (!isFit && this.exceededSince === 0) this.exceededSince = this.ports.monotonic();
    if (isFit && this.exceededSince !== 0) {
      this.exceededMs += this.ports.monotonic() - this.exceededSince;
      this.exceededSince = 0;
    }
    return isDone;
  }

  /** Up to 10 linear to half a millisecond, then 15 % more for each step, at 100 without end. */
  private get budgetMs(): number {
    if (this.tenacity <= 10) return 0.05 * this.tenacity;
    return this.tenacity < 100 ? 0.5 * 1.15 ** (this.tenacity - 10) : Infinity;
  }

  private evictOne(): Attempt {
    return this.measure === 'random' ? this.evictRandom() : this.evictBest();
  }

  private evictRandom(): Attempt {
    const { keyspace, random32, withShard } = this.ports;
    let attempt: Attempt = 'none';
    for (let tries = 0; tries < keyspace.databases && attempt === 'none'; tries++) {
      const database = this.nextDatabase;
      this.nextDatabase = (database + 1) % keyspace.databases;
      const shard = this.drawShard(database);
      if (shard < 0) continue;
      const isTaken = withShard(shard, () => {
        const address = keyspace.table.sample(this.root(shard, database), random32);
        if (address === 0) return;
        const view = keyspace.view.at(address);
        this.remove(shard, database, keyspace.hashing.of(view.u8, view.keyOffset, view.keyLength), address);
        attempt = 'gone';
      });
      if (!isTaken) return 'busy';
    }
    return attempt;
  }

  private evictBest(): Attempt {
    const { keyspace, withShard } = this.ports;
    for (let tries = 0; tries < GHOSTS_MAX; tries++) {
      if (!this.fillPool()) return 'busy';
      const best = this.pool.pop();
      if (best === undefined) return 'none';
      const { shard, database, hash } = best;
      let isGone = false;
      const isTaken = withShard(shard, () => {
        const key = Buffer.from(best.key, 'latin1');
        const address = keyspace.table.find(this.root(shard, database), hash, key, 0, key.length);
        isGone = address !== 0;
        if (isGone) this.remove(shard, database, hash, address);
      });
      if (!isTaken) return 'busy';
      if (isGone) return 'gone';
    }
    return 'none';
  }

  private remove(shard: number, database: number, hash: number, address: number): void {
    const { keyspace, latency, monotonic } = this.ports;
    if (!latency.isOn()) return keyspace.removeRecord(shard, database, hash, address, 'evicted');
    const startedAt = monotonic();
    keyspace.removeRecord(shard, database, hash, address, 'evicted');
    latency.add('eviction-del', monotonic() - startedAt);
  }

  /** The table whose keys the policy may evict. */
  private root(shard: number, database: number): number {
    return this.onlyVolatile ? this.ports.keyspace.expiresRoot(shard, database) : this.ports.keyspace.keysRoot(shard, database);
  }

  /** A shard of the database, the likelier the more of its keys may go; -1 when there are none. Counts are looked at without the lock. */
  private drawShard(database: number): number {
    const { keyspace, random32 } = this.ports;
    let total = 0;
    for (let shard = 0; shard < keyspace.shards; shard++) total += keyspace.table.count(this.root(shard, database));
    if (total === 0) return -1;
    let at = (random32() >>> 0) % total;
    for (let shard = 0; shard < keyspace.shards; shard++) {
      at -= keyspace.table.count(this.root(shard, database));
      if (at < 0) return shard;
    }
    return -1;
  }

  /** Puts samples of every database into the pool, the best last. False when a shard could not be had. */
  private fillPool(): boolean {
    const { keyspace, withShard } = this.ports;
    for (let database = 0; database < keyspace.databases; database++) {
      const shard = this.drawShard(database);
      if (shard >= 0 && !withShard(shard, () => this.sample(shard, database))) return false;
    }
    return true;
  }

  private sample(shard: number, database: number): void {
    const { keyspace, random32 } = this.ports;
    const root = this.root(shard, database);
    for (let i = 0; i < this.samples; i++) {
      const address = keyspace.table.sample(root, random32);
      if (address === 0) return;
      const view = keyspace.view.at(address);
      const score = this.score(view.word0 >>> 8, view.expireAt);
      if (this.pool.length === POOL && score <= this.pool[0]!.score) continue;
      const key = view.keyText();
      if (this.pool.some((known) => known.key === key && known.database === database)) continue;
      this.pool.push({ shard, database, hash: keyspace.hashing.of(view.u8, view.keyOffset, view.keyLength), key, score });
      this.pool.sort((a, b) => a.score - b.score);
      if (this.pool.length > POOL) this.pool.shift();
    }
  }

  private score(clock: number, expireAt: number): number {
    const { keyspace } = this.ports;
    if (this.measure === 'ttl') return -expireAt;
    if (this.measure === 'lfu' && keyspace.lfu !== null) return 255 - keyspace.lfu.frequency(clock, keyspace.now);
    return (keyspace.accessClock - clock + 0x1000000) & 0xffffff;
  }
}
