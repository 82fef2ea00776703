/**
 * Fields past their time are deleted when somebody looks at their hash, and by a walk over all keys. A few at once, so that a million
 * that are over together hold nobody up; until then they are passed over. The journal gets HDEL, so that replicas and files need no
 * clock.
 */
import { RecordView, TYPE_HASH } from '@larder/store-datatypes';
import type { Journal, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_HASH } from '@larder/store-keyspace';
import type { Keyspace } from '@larder/store-keyspace';
import { Args } from '@larder/store-resp';
import type { Hashes } from './hash-value';
import { hashesOf } from './hash-value';

const AT_ONCE = 64;

/** The hash that was just loaded from the key of the last look-up, without (some of) its fields that are over; null when it had no others. */
export function withoutOver(unit: Unit, hashes: Hashes): Hashes | null {
  if (hashes.aside === 0 || !hashes.hasOver()) return hashes;
  purge(unit.keyspace, hashes, unit.dispatcher.journal);
  return hashes.address === 0 ? null : hashes;
}

/** Answers how many fields went; `address` is 0 afterwards when the key went with the last one. */
function purge(keyspace: Keyspace, hashes: Hashes, journal: Journal | null): number {
  const { view } = keyspace;
  const key = Buffer.from(view.u8.subarray(view.keyOffset, view.keyOffset + view.keyLength));
  keyspace.beforeMutate();
  const fields: Buffer[] = [];
  const purged = hashes.purge(AT_ONCE, (field) => fields.push(field));
  hashes.store();
  if (purged === 0) return 0;
  const isGone = hashes.size() === 0;
  if (isGone) keyspace.remove();
  keyspace.changed(NOTIFY_HASH, 'hexpired');
  if (isGone) keyspace.listener?.keyChanged(keyspace.database, key, 0, key.length, NOTIFY_GENERIC, 'del');
  journal?.append(keyspace.database, new Args().set(['HDEL', key, ...fields]));
  if (!isGone) return purged;
  keyspace.lookup(keyspace.database, key, 0, key.length); // where it would go has changed
  hashes.address = 0;
  return purged;
}

const SLICE_MS_MAX = 1;
const KEYS_AT_ONCE = 64;

/** The walk: slice by slice through all keys, again and again, once any field has a time. */
export class FieldExpiry {
  private readonly keyspace: Keyspace;
  private readonly journal: () => Journal | null;
  private readonly monotonic: () => number;
  private readonly withShard: (shard: number, work: () => void) => boolean;
  private readonly view: RecordView;
  private shard = 0;
  private database = 0;
  private cursor = 0;
  /** Hashes found with fields that are over. */
  private found: Buffer[] = [];
  /** Fields deleted by it. */
  deleted = 0;

  /** `withShard` does work on a shard while it is held; false: it cannot be had now. */
  constructor(keyspace: Keyspace, journal: () => Journal | null, monotonic: () => number, withShard: (shard: number, work: () => void) => boolean) {
    this.keyspace = keyspace;
    this.journal = journal;
    this.monotonic = monotonic;
    this.withShard = withShard;
    this.view = new RecordView(keyspace.arena);
  }

  /** One slice. True when it ended by its budget while there was much to delete. */
  run(): boolean {
    const { keyspace } = this;
    if (!keyspace.hasFieldTimes || !keyspace.expires || keyspace.hides) return false;
    const startedAt = this.monotonic();
    const before = this.deleted;
    for (let turns = keyspace.shards * keyspace.databases; turns > 0; ) {
      if (!this.withShard(this.shard, () => this.step())) return false;
      if (this.monotonic() - startedAt >= SLICE_MS_MAX) return this.deleted - before >= AT_ONCE;
      if (this.cursor === 0 && this.found.length === 0) {
        this.next();
        turns--;
      }
    }
    return false;
  }

  /** Deletes some of what was found, or looks at a few more keys. */
  private step(): void {
    const { keyspace, view } = this;
    const key = this.found[0];
    if (key !== undefined) {
      if (keyspace.lookup(this.database, key, 0, key.length) !== 0 && keyspace.view.type === TYPE_HASH) {
        const hashes = hashesOf(keyspace).load();
        this.deleted += hashes.aside === 0 || !hashes.hasOver() ? 0 : purge(keyspace, hashes, this.journal());
        if (hashes.address !== 0 && hashes.aside !== 0 && hashes.hasOver()) return;
      }
      this.found.shift();
      return;
    }
    this.cursor = keyspace.table.scan(keyspace.keysRoot(this.shard, this.database), this.cursor, KEYS_AT_ONCE, (address) => {
      view.at(address);
      if (view.type !== TYPE_HASH || view.aside === 0) return;
      if (hashesOf(keyspace).load(view, this.shard).hasOver()) this.found.push(Buffer.from(view.u8.subarray(view.keyOffset, view.keyOffset + view.keyLength)));
    });
  }

  private next(): void {
    if (++this.database < this.keyspace.databases) return;
    this.database = 0;
    this.shard = (this.shard + 1) % this.keyspace.shards;
  }
}
