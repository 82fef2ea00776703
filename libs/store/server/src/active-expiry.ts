/**
 * Kills expired keys nobody asks for.
 *
 * Keys with a time to live are sampled, shard by shard, while more than 10 % of a sample were dead, within a budget of 1 ms a slice,
 * so that a turn never waits longer for it; while slices end by their budget, the next comes a few milliseconds later instead of at the
 * next tick. A shard is held for one sample at a time.
 */
import type { Keyspace } from '@larder/store-keyspace';
import type { WithShard } from './shard-access';
import { unshared } from './shard-access';

const SAMPLE = 20;
const SLICE_MS_MAX = 1;

export class ActiveExpiry {
  private shard = 0;
  private database = 0;
  private readonly keyspace: Keyspace;
  private readonly random32: () => number;
  private readonly monotonic: () => number;
  private readonly withShard: WithShard;
  /** Of all samples lately, how many were dead: INFO's expired_stale_perc. */
  staleShare = 0;
  /** It has seen keys with a time to live lately. */
  hasKeys = false;
  /** INFO: slices that ended by their budget, and the time that all of them took. */
  budgetsUsedUp = 0;
  ms = 0;

  /** ms to live on average, by database; 0: none has been seen. */
  private readonly averages: Float64Array;

  constructor(keyspace: Keyspace, random32: () => number, monotonic: () => number, withShard: WithShard = unshared) {
    this.keyspace = keyspace;
    this.random32 = random32;
    this.monotonic = monotonic;
    this.withShard = withShard;
    this.averages = new Float64Array(keyspace.databases);
  }

  /** INFO keyspace: how long keys of a database have to live on average, as samples tell. */
  averageTtl(database: number): number {
    return this.keyspace.expiresSize(database) === 0 ? 0 : this.averages[database]!;
  }

  /** One slice of the cycle. True when it ended by its budget: there is more to do. */
  run(): boolean {
    const { keyspace } = this;
    if (!keyspace.expires) return false;
    const startedAt = this.monotonic();
    const tables = keyspace.shards * keyspace.databases;
    let sampled = 0;
    let dead = 0;
    let hasMore = false;
    let hasKeys = false;
    for (let visited = 0; visited < tables; ) {
      const count = keyspace.table.count(keyspace.expiresRoot(this.shard, this.database));
      if (count > 0) {
        hasKeys = true;
        const sample = Math.min(count, SAMPLE);
        let found = 0;
        if (this.withShard(this.shard, () => (found = this.sample(sample)))) {
          sampled += sample;
          dead += found;
          const isRich = found * 10 > sample;
          if (this.monotonic() - startedAt >= SLICE_MS_MAX) {
            this.budgetsUsedUp++;
            hasMore = isRich;
            break;
          }
          if (isRich) continue; // much is dead here: stay
        }
      }
      this.next();
      visited++;
    }
    this.hasKeys = hasKeys;
    this.ms += this.monotonic() - startedAt;
    this.staleShare = (sampled === 0 ? 0 : dead / sampled) * 0.05 + this.staleShare * 0.95;
    return hasMore;
  }

  /** Kills the dead among so many keys of the shard; returns how many there were. */
  private sample(size: number): number {
    const { keyspace } = this;
    const root = keyspace.expiresRoot(this.shard, this.database);
    let dead = 0;
    let seen = 0;
    let sum = 0;
    for (let i = 0; i < size && keyspace.table.count(root) > 0; i++) {
      const address = keyspace.table.sample(root, this.random32);
      const { view } = keyspace;
      const left = view.at(address).expireAt - keyspace.now;
      if (left >= 0) {
        seen++;
        sum += left;
        continue;
      }
      const hash = keyspace.hashing.of(view.u8, view.keyOffset, view.keyLength);
      keyspace.removeRecord(this.shard, this.database, hash, address, 'expired');
      dead++;
    }
    if (seen > 0) {
      const before = this.averages[this.database]!;
      this.averages[this.database] = before === 0 ? sum / seen : before * 0.98 + (sum / seen) * 0.02;
    }
    return dead;
  }

  private next(): void {
    if (++this.database < this.keyspace.databases) return;
    this.database = 0;
    this.shard = (this.shard + 1) % this.keyspace.shards;
  }
}
