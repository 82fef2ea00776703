/**
 * The keyspace: shards × databases of records, with expiry, access clocks and one choke point before every change.
 *
 *   roots   one block of the arena:   for each shard, for each database:  [ keys table root | expires table root ]
 *                                     then for each shard:                [ watched keys root | blocked keys root ]
 *
 *   key ──CRC16──▶ slot ──mod shards──▶ shard           (so a slot's keys lie in one shard, and hash tags keep keys together)
 *       ──KeyHash──▶ hash ──▶ table of (shard, database) ──▶ record
 *
 * How a command uses it:  `lookupRead` / `lookupWrite` finds the key of an argument, points `view` at its record and
 * remembers where it would go; then `create`, `replace`, `remove`, `setExpiry` … act on *that* key. After the change
 * `changed(class, event)` tells WATCH, waiters and notifications.
 *
 * Invariants
 *  - only tables know where a record is: a record that moves is put in place again in both tables, nothing else holds its address;
 *  - `beforeMutate` runs before the first byte of a record or of its content changes, also for expiry and eviction;
 *  - an expired key is never seen: a lookup deletes it first (unless time stands still, as for a loader); a replica only hides it;
 *  - every record of a shard lies in pages of that shard;
 *  - with several threads each has a Keyspace of its own over the same arena, and touches a shard only while it holds it.
 */
import {
  BODY,
  EPOCH,
  KeyHash,
  TTL,
  TYPE_STREAM,
  TYPE_STRING,
  Table,
  ROOT_BYTES,
  copyBytes,
  createRecord,
  keySlot,
  RecordView,
} from '@larder/store-datatypes';
import type { Arena } from '@larder/store-memory';
import { DeferredQueues } from './deferred-queues';
import { Lfu } from './lfu';
import type { ValueKind } from './value-kind';

/** Classes of keyspace notifications, as `notify-keyspace-events` names them. */
export const NOTIFY_GENERIC = 1;
export const NOTIFY_STRING = 2;
export const NOTIFY_LIST = 4;
export const NOTIFY_SET = 8;
export const NOTIFY_HASH = 16;
export const NOTIFY_ZSET = 32;
export const NOTIFY_EXPIRED = 64;
export const NOTIFY_EVICTED = 128;
export const NOTIFY_STREAM = 256;
export const NOTIFY_NEW = 512;
export const NOTIFY_MISS = 1024;
/** No notification: a stream is gone from its key, and who waits as one of its consumer group must hear of it. */
export const STREAM_GONE = 'stream-gone';

/** Hears of every change of a key: WATCH, blocked clients, notifications. Set only while somebody listens. */
export interface KeyListener {
  keyChanged(database: number, key: Uint8Array, off: number, length: number, notifyClass: number, event: string): void;
  /** SWAPDB, FLUSHDB, FLUSHALL: `second` is -1 but for a swap; `database` is -1 for all. */
  databaseChanged(database: number, second: number): void;
}

/** Sees each record before it changes for the first time after the cut. */
export interface SnapshotHook {
  capture(shard: number, database: number, view: RecordView): void;
  /** The number that a database had at the cut. */
  numberAtCut(database: number): number;
}

/** Told of deletions that no client asked for, so that they reach journal and replicas. */
export interface RemovalJournal {
  removed(database: number, key: Uint8Array, off: number, length: number, why: 'expired' | 'evicted'): void;
}

/** What another thread needs to work on the same keys. */
export interface SharedKeyspace {
  readonly databases: number;
  readonly hashSeed: readonly [number, number, number];
  readonly roots: number;
  readonly physical: SharedArrayBuffer;
  readonly interest: SharedArrayBuffer;
  readonly queues: SharedArrayBuffer;
}

export interface KeyspaceOptions {
  arena: Arena;
  databases: number;
  /** Three random 32-bit words. */
  hashSeed: readonly [number, number, number];
  kinds: readonly ValueKind[];
  /** Keys that another thread keeps in the same arena, instead of new ones. */
  shared?: SharedKeyspace;
}

/** Words between two shards' counts of interest. */
const INTEREST_STRIDE = 16;

export class Keyspace {
  readonly arena: Arena;
  /** The record of the last lookup. */
  readonly view: RecordView;
  /** A second view, for whoever must keep the first. */
  readonly other: RecordView;
  readonly table: Table;
  readonly hashing: KeyHash;
  readonly databases: number;
  readonly shards: number;
  readonly kinds: readonly (ValueKind | undefined)[];
  /** Content that is saved or freed apart from its key. */
  readonly queues: DeferredQueues;

  /** What frees large content piece by piece later, as UNLINK does: the `lazyfree-*` settings. */
  readonly lazy = { expire: false, eviction: false, overwrite: false, del: false, flush: false };

  /** Milliseconds since 1970, frozen for the unit of work that runs. */
  now = 0;
  /** Access clock put into records on lookup: 24 bits (seconds for LRU; with `lfu` only what new records get). */
  accessClock = 0;
  /** Set while the eviction policy counts accesses: then the 24 bits are its. */
  lfu: Lfu | null = null;
  /** False while a client runs that asked to leave access clocks as they are (CLIENT NO-TOUCH). */
  touches = true;
  /** False while time stands still, as for a loader and for what a primary sends its replica: keys past their time are there. */
  expires = true;
  /** On a replica: keys past their time are missing, but it is the primary who deletes them. */
  hides = false;
  /** Changes since the last save: INFO's rdb_changes_since_last_save. */
  dirty = 0;

  hits = 0;
  misses = 0;
  expiredKeys = 0;
  evictedKeys = 0;

  listener: KeyListener | null = null;
  /** Called with each shard that is about to be touched; a debug setting puts it there. */
  guard: ((shard: number) => void) | null = null;
  snapshot: SnapshotHook | null = null;
  journal: RemovalJournal | null = null;
  /** EPOCH bit of records that the running snapshot is done with, and of all new ones. */
  epoch = 0;

  private aimedBytes: Uint8Array | null = null;
  private aimedOff = 0;
  private aimedLength = 0;
  private aimedShard = 0;
  private aimedHash = 0;

  /** Of the last lookup. */
  shard = 0;
  hash = 0;
  root = 0;
  database = 0;
  private keyBuf: Uint8Array = new Uint8Array(0);
  private keyOff = 0;
  private keyLen = 0;

  private readonly roots: number;
  private readonly physical: Int32Array;
  private readonly interest: Int32Array;
  private readonly shared: SharedKeyspace;
  private readonly copyBody = new Int32Array(2);
  /** A record without a key, for content that has none. */
  private readonly homeless: number;

  constructor(options: KeyspaceOptions) {
    const { arena, databases } = options;
    this.arena = arena;
    this.shards = arena.shards;
    this.databases = databases;
    this.view = new RecordView(arena);
    this.other = new RecordView(arena);
    this.table = new Table(arena);
    this.hashing = new KeyHash(...options.hashSeed);
    const kinds: (ValueKind | undefined)[] = new Array<ValueKind | undefined>(16).fill(undefined);
    for (const kind of options.kinds) kinds[kind.type] = kind;
    this.kinds = kinds;
    this.shared = options.shared ?? this.reserve(options);
    this.queues = new DeferredQueues(arena, kinds, this.shared.queues);
    this.roots = this.shared.roots;
    this.physical = new Int32Array(this.shared.physical);
    this.interest = new Int32Array(this.shared.interest);
    this.homeless = createRecord(this.other, 0, 0, BODY, new Uint8Array(0), 0, 0, 0);
  }

  private reserve({ arena, databases, hashSeed }: KeyspaceOptions): SharedKeyspace {
    const tables = arena.shards * (databases + 1) * 2;
    const roots = arena.alloc(0, tables * ROOT_BYTES);
    for (let i = 0; i < tables; i++) this.table.init(roots + i * 2);
    const physical = new SharedArrayBuffer(databases * 4);
    new Int32Array(physical).forEach((_, i, places) => (places[i] = i));
    return { databases, hashSeed, roots, physical, interest: new SharedArrayBuffer(arena.shards * INTEREST_STRIDE * 4), queues: DeferredQueues.controlFor(arena.shards) };
  }

  /** For the constructor on another thread. */
  share(): SharedKeyspace {
    return this.shared;
  }

  /** Root of the watched keys of `shard`; that of its blocked keys is `blockedRoot`. See dispatch's Waiters. */
  watchedRoot(shard: number): number {
    return this.roots + ((this.shards * this.databases + shard) << 2);
  }

  blockedRoot(shard: number): number {
    return this.watchedRoot(shard) + 2;
  }

  /** How many watched and blocked keys `shard` has: while there are none, changes of its keys interest nobody. */
  interestIn(shard: number): number {
    return this.interest[shard * INTEREST_STRIDE]!;
  }

  addInterest(shard: number, change: number): void {
    this.interest[shard * INTEREST_STRIDE]! += change;
  }

  /** Was a field of a hash ever given a time? Then a walk looks for those that are over. */
  get hasFieldTimes(): boolean {
    return this.interest[2] !== 0;
  }

  noteFieldTime(): void {
    this.interest[2] = 1;
  }

  /** How many clients block on keys of `shard` with commands that will touch other shards too. */
  wideIn(shard: number): number {
    return this.interest[shard * INTEREST_STRIDE + 1]!;
  }

  addWide(shard: number, change: number): void {
    this.interest[shard * INTEREST_STRIDE + 1]! += change;
  }

  /** Root of the keys of `database` in `shard`; `expiresRoot` is that of its keys with a time to live. */
  keysRoot(shard: number, database: number): number {
    return this.roots + ((shard * this.databases + this.physical[database]!) << 2);
  }

  expiresRoot(shard: number, database: number): number {
    return this.keysRoot(shard, database) + 2;
  }

  /** Where a database lies: SWAPDB exchanges numbers, not tables. */
  physicalOf(database: number): number {
    return this.physical[database]!;
  }

  /** As `keysRoot`, by where a database lies. */
  physicalRoot(shard: number, physical: number): number {
    return this.roots + ((shard * this.databases + physical) << 2);
  }

  /** For each place its database number now. */
  databaseNumbers(): Int32Array {
    const numbers = new Int32Array(this.databases);
    for (let database = 0; database < this.databases; database++) numbers[this.physical[database]!] = database;
    return numbers;
  }

  shardOf(bytes: Uint8Array, off: number, length: number): number {
    return this.shards === 1 ? 0 : keySlot(bytes, off, length) & (this.shards - 1);
  }

  /** As `shardOf`, and the next lookup of the same argument will not ask again: until `unaim`, since buffers are reused. */
  aim(bytes: Uint8Array, off: number, length: number): number {
    if (this.isAimed(bytes, off, length)) return this.aimedShard;
    const shard = this.shardOf(bytes, off, length);
    this.aimAt(bytes, off, length, shard, this.hashing.of(bytes, off, length));
    return shard;
  }

  /** Shard and hash of an argument are known already. */
  aimAt(bytes: Uint8Array, off: number, length: number, shard: number, hash: number): void {
    this.aimedBytes = bytes;
    this.aimedOff = off;
    this.aimedLength = length;
    this.aimedShard = shard;
    this.aimedHash = hash;
  }

  private isAimed(bytes: Uint8Array, off: number, length: number): boolean {
    return bytes === this.aimedBytes && off === this.aimedOff && length === this.aimedLength;
  }

  unaim(): void {
    this.aimedBytes = null;
  }

  /** Keys in `database`, expired ones that nobody looked at included. */
  size(database: number): number {
    let sum = 0;
    for (let s = 0; s < this.shards; s++) sum += this.table.count(this.keysRoot(s, database));
    return sum;
  }

  expiresSize(database: number): number {
    let sum = 0;
    for (let s = 0; s < this.shards; s++) sum += this.table.count(this.expiresRoot(s, database));
    return sum;
  }

  /** So many keys, some of them with a time to live, are about to be made in a database: see Table's `expect`. */
  expectKeys(database: number, keys: number, expires: number): void {
    for (let shard = 0; shard < this.shards; shard++) {
      this.table.expect(this.keysRoot(shard, database), shard, keys / this.shards);
      this.table.expect(this.expiresRoot(shard, database), shard, expires / this.shards);
    }
  }

  /** Finds a key without side effects but lazy expiry; counts no hit. Address, or 0; `view` points at it. */
  lookup(database: number, bytes: Uint8Array, off: number, length: number): number {
    let shard: number;
    let hash: number;
    if (this.isAimed(bytes, off, length)) {
      shard = this.aimedShard;
      hash = this.aimedHash;
    } else {
      shard = this.shardOf(bytes, off, length);
      hash = this.hashing.of(bytes, off, length);
    }
    const root = this.roots + ((shard * this.databases + this.physical[database]!) << 2);
    this.shard = shard;
    this.database = database;
    this.root = root;
    this.hash = hash;
    if (this.guard !== null) this.guard(shard);
    this.keyBuf = bytes;
    this.keyOff = off;
    this.keyLen = length;
    const address = this.table.find(root, hash, bytes, off, length);
    if (address === 0) return 0;
    const view = this.view.at(address);
    if ((view.word1 & TTL) !== 0 && view.expireAt < this.now && this.expires) {
      if (this.hides) return 0;
      this.expireFound();
      return this.table.find(this.root, hash, bytes, off, length); // 0: but the place to insert has changed
    }
    return address;
  }

  /** Finds a key for reading: counts a hit or a miss, touches the access clock. */
  lookupRead(database: number, bytes: Uint8Array, off: number, length: number): number {
    const address = this.lookup(database, bytes, off, length);
    if (address === 0) {
      this.misses++;
      if (this.listener !== null) this.listener.keyChanged(database, bytes, off, length, NOTIFY_MISS, 'keymiss');
      return 0;
    }
    this.hits++;
    this.touch();
    return address;
  }

  /** Finds a key that is about to be changed: the choke point. */
  lookupWrite(database: number, bytes: Uint8Array, off: number, length: number): number {
    const address = this.lookup(database, bytes, off, length);
    if (address !== 0) {
      this.touch();
      if (this.snapshot !== null) this.beforeMutate();
    }
    return address;
  }

  /** To be called before the record under `view` changes, where `lookupWrite` did not find it. */
  beforeMutate(): void {
    const view = this.view;
    if (this.snapshot === null || (view.word1 & EPOCH) === this.epoch) return;
    this.snapshot.capture(this.shard, this.database, view);
    this.markDone(view);
  }

  /** The running snapshot is done with this record. */
  markDone(view: RecordView): void {
    view.word1 = (view.word1 & ~EPOCH) | this.epoch;
    view.i32[(view.base >> 2) + 1] = view.word1;
  }

  /** What a file or RESTORE tells of accesses of the last key found or made: seconds since the last one, how often; negative: not told. */
  setAccess(idle: number, frequency: number): void {
    const { view, lfu } = this;
    let clock: number;
    if (lfu !== null && frequency >= 0) clock = (Lfu.fresh(this.now) & 0xffff00) | frequency;
    else if (lfu === null && idle >= 0) clock = (this.accessClock - idle) & 0xffffff;
    else return;
    view.word0 = (view.word0 & 255) | (clock << 8);
    view.i32[view.base >> 2] = view.word0;
  }

  private touch(): void {
    if (!this.touches) return;
    const view = this.view;
    const clock = this.lfu === null ? this.accessClock : this.lfu.touched(view.word0 >>> 8, this.now);
    const word0 = (view.word0 & 255) | (clock << 8);
    if (word0 !== view.word0) {
      view.word0 = word0;
      view.i32[view.base >> 2] = word0;
    }
  }

  /**
   * Makes the record of the key that the last lookup did not find. The value is `valueLength` bytes to be written at
   * `view.valueOffset`, or BODY words to be set. @throws ArenaFull (nothing changed)
   */
  create(type: number, encoding: number, flags: number, valueLength: number, slack = 0): void {
    const address = createRecord(
      this.view,
      this.shard,
      type | (encoding << 4) | (this.accessClock << 8),
      flags | this.epoch,
      this.keyBuf,
      this.keyOff,
      this.keyLen,
      valueLength,
      slack,
    );
    try {
      this.table.insertFound(this.root, this.shard, this.hash, address);
    } catch (full) {
      this.arena.free(address);
      throw full;
    }
    if (this.listener !== null) this.listener.keyChanged(this.database, this.keyBuf, this.keyOff, this.keyLen, NOTIFY_NEW, 'new');
  }

  /**
   * Replaces the record that the last lookup found by one of another shape under the same key; its content is
   * disposed of, its value bytes are lost. An expiry is kept when `flags` has TTL. Points `view` at the new one.
   * @throws ArenaFull (nothing changed)
   */
  replace(type: number, encoding: number, flags: number, valueLength: number, slack = 0): void {
    const view = this.view;
    const old = view.address;
    const expireAt = view.expireAt;
    const other = this.other.at(old);
    if ((other.word0 & 15) === TYPE_STREAM && this.listener !== null) this.listener.keyChanged(this.database, this.keyBuf, this.keyOff, this.keyLen, 0, STREAM_GONE);
    const address = createRecord(
      view,
      this.shard,
      type | (encoding << 4) | (this.lfu === null ? this.accessClock << 8 : view.word0 & ~255),
      flags | this.epoch,
      other.u8,
      other.keyOffset,
      other.keyLength,
      valueLength,
      slack,
    );
    if ((flags & TTL) !== 0 && expireAt >= 0) view.expireAt = expireAt;
    this.moved(old, address, expireAt >= 0 && (flags & TTL) !== 0);
    if (expireAt >= 0 && (flags & TTL) === 0) this.unfileExpiry(old);
    if ((other.word1 & BODY) !== 0) {
      if (this.lazy.overwrite) this.queues.freeLater(this.shard, other);
      this.kinds[other.type]!.dispose(other);
    }
    this.arena.free(old);
  }

  /**
   * Gives the record under `view` another header form or more room, keeping value bytes, BODY and access clock.
   * `flags` are the wanted TTL and BODY bits. @throws ArenaFull (nothing changed)
   */
  reshape(flags: number, valueLength: number, slack = 0): void {
    const view = this.view;
    const old = view.address;
    const expireAt = view.expireAt;
    const other = this.other.at(old);
    const address = createRecord(
      view,
      this.shard,
      other.word0,
      flags | (other.word1 & EPOCH),
      other.u8,
      other.keyOffset,
      other.keyLength,
      valueLength,
      slack,
    );
    copyBytes(other.u8, other.valueOffset, view.u8, view.valueOffset, Math.min(valueLength, other.valueLength));
    if ((flags & BODY) !== 0 && other.bodyOffset !== 0) {
      view.body = other.body;
      view.aside = other.aside;
    }
    const hadExpiry = expireAt >= 0;
    const keepsExpiry = (flags & TTL) !== 0;
    if (hadExpiry && keepsExpiry) view.expireAt = expireAt;
    this.moved(old, address, hadExpiry && keepsExpiry);
    if (hadExpiry && !keepsExpiry) this.unfileExpiry(old);
    this.arena.free(old);
  }

  private moved(from: number, to: number, hasExpiry: boolean): void {
    if (!this.table.relocate(this.root, this.hash, from, to)) throw new Error('keyspace: a moved record was not in its table');
    if (hasExpiry) this.table.relocate(this.root + 2, this.hash, from, to);
  }

  /** Sets the expiry (ms since 1970) of the record under `view`. @throws ArenaFull (nothing changed) */
  setExpiry(ms: number): void {
    const view = this.view;
    if ((view.word1 & TTL) === 0) {
      this.reserveExpiry();
      this.reshape((view.word1 & BODY) | TTL, view.valueLength);
      this.table.insert(this.root + 2, this.shard, this.hash, view.address);
    }
    view.expireAt = ms;
  }

  /**
   * Before the key of the last lookup is made or replaced with TTL: `fileExpiry` then needs no memory, so that a key
   * and its time come into being together or not at all. @throws ArenaFull (nothing changed)
   */
  reserveExpiry(): void {
    this.table.reserve(this.root + 2, this.shard, this.hash);
  }

  /**
   * Files the record under `view`, just made with TTL after `reserveExpiry`, as one that expires at `ms`.
   */
  fileExpiry(ms: number): void {
    this.view.expireAt = ms;
    if (!this.table.relocate(this.root + 2, this.hash, this.view.address, this.view.address)) {
      this.table.insert(this.root + 2, this.shard, this.hash, this.view.address);
    }
  }

  /** Takes the expiry away. False when there was none. */
  persist(): boolean {
    const view = this.view;
    if ((view.word1 & TTL) === 0) return false;
    this.reshape(view.word1 & BODY, view.valueLength);
    return true;
  }

  /** Deletes the key under `view` (which `lookupWrite` found) with its content; a large one later if it is `lazily`. */
  remove(lazily = this.lazy.overwrite): void {
    const view = this.view;
    const address = view.address;
    if ((view.word0 & 15) === TYPE_STREAM && this.listener !== null) this.listener.keyChanged(this.database, this.keyBuf, this.keyOff, this.keyLen, 0, STREAM_GONE);
    const { table } = this;
    if (table.remove(this.root, this.hash, address)) table.shrinkFound(this.root, this.shard, this.hash);
    if ((view.word1 & TTL) !== 0) this.unfileExpiry(address);
    if ((view.word1 & BODY) !== 0) {
      if (lazily) this.queues.freeLater(this.shard, view);
      this.kinds[view.type]!.dispose(view);
    }
    this.arena.free(address);
    if (table.count(this.root) !== 0) return;
    table.dispose(this.root);
    table.dispose(this.root + 2);
  }

  private unfileExpiry(address: number): void {
    const { table } = this;
    const root = this.root + 2;
    if (!table.remove(root, this.hash, address)) return;
    if (table.count(root) === 0) table.dispose(root);
    else table.shrinkFound(root, this.shard, this.hash);
  }

  /** Tells that the key of the last lookup changed, and counts it. */
  changed(notifyClass: number, event: string): void {
    this.dirty++;
    if (this.listener !== null) this.listener.keyChanged(this.database, this.keyBuf, this.keyOff, this.keyLen, notifyClass, event);
  }

  /** Deletes the key that `lookup` just found past its time. */
  private expireFound(): void {
    this.beforeMutate();
    this.remove(this.lazy.expire);
    this.expiredKeys++;
    if (this.journal !== null) this.journal.removed(this.database, this.keyBuf, this.keyOff, this.keyLen, 'expired');
    if (this.listener !== null) {
      this.listener.keyChanged(this.database, this.keyBuf, this.keyOff, this.keyLen, NOTIFY_EXPIRED, 'expired');
    }
  }

  /**
   * Deletes a record found by walking (active expiry, eviction): not through a key argument.
   */
  removeRecord(shard: number, database: number, hash: number, address: number, why: 'expired' | 'evicted'): void {
    const view = this.view.at(address);
    const key = Buffer.from(view.u8.subarray(view.keyOffset, view.keyOffset + view.keyLength));
    this.shard = shard;
    this.database = database;
    this.hash = hash;
    this.root = this.keysRoot(shard, database);
    this.keyBuf = key;
    this.keyOff = 0;
    this.keyLen = key.length;
    if (why === 'expired') return this.expireFound();
    this.beforeMutate();
    this.remove(this.lazy.eviction);
    this.evictedKeys++;
    if (this.journal !== null) this.journal.removed(database, key, 0, key.length, 'evicted');
    if (this.listener !== null) this.listener.keyChanged(database, key, 0, key.length, NOTIFY_EVICTED, 'evicted');
  }

  /** Empties a database, `lazily` or while a snapshot saves it by taking its tables away. Returns how many keys it had. */
  flush(database: number, lazily = false): number {
    let removed = 0;
    for (let shard = 0; shard < this.shards; shard++) {
      const root = this.keysRoot(shard, database);
      removed += this.table.count(root);
      this.database = database;
      this.shard = shard;
      const { snapshot } = this;
      if (lazily || snapshot !== null) {
        if (this.table.count(root) === 0) continue;
        if (this.queues.detachDatabase(shard, root, snapshot !== null, snapshot === null ? database : snapshot.numberAtCut(database))) continue;
      }
      this.table.forEach(root, (address) => {
        const view = this.view.at(address);
        if (this.snapshot !== null) this.beforeMutate();
        if ((view.word1 & BODY) !== 0) this.kinds[view.type]!.dispose(view);
        this.arena.free(address);
      });
      this.table.dispose(root);
      this.table.dispose(root + 2);
    }
    return removed;
  }

  /** Exchanges the contents of two databases. */
  swap(a: number, b: number): void {
    const p = this.physical[a]!;
    this.physical[a] = this.physical[b]!;
    this.physical[b] = p;
    if (this.listener !== null) this.listener.databaseChanged(a, b);
  }

  /** Copies the content words of the record under `view` for another key: strings are the caller's matter. */
  copyContent(from: RecordView, shard: number): Int32Array {
    this.kinds[from.type]!.copy(from, shard, this.copyBody);
    return this.copyBody;
  }

  /** Disposes of content that `copyContent` made and that found no key. */
  discardContent(type: number, encoding: number, body: number, aside: number): void {
    const view = this.other.at(this.homeless);
    view.word0 = view.i32[view.base >> 2] = type | (encoding << 4);
    view.body = body;
    view.aside = aside;
    this.kinds[type]!.dispose(view);
  }

  /**
   * Random key of a database; 0 when it has none. `view` points at it. The dead that are met go, which a replica leaves to its primary:
   * there one is answered when there seem to be no others.
   */
  randomRecord(database: number, random: () => number): number {
    for (let tries = 0, total = this.size(database); total > 0; tries++, total = this.size(database)) {
      let at = (random() >>> 0) % total;
      let shard = 0;
      for (; shard < this.shards - 1; shard++) {
        const count = this.table.count(this.keysRoot(shard, database));
        if (at < count) break;
        at -= count;
      }
      const address = this.table.sample(this.keysRoot(shard, database), random);
      if (address === 0) continue;
      const { view } = this;
      const expireAt = view.at(address).expireAt;
      if (expireAt < 0 || expireAt >= this.now || !this.expires || (this.hides && tries >= 99)) return address;
      if (!this.hides) this.removeRecord(shard, database, this.hashing.of(view.u8, view.keyOffset, view.keyLength), address, 'expired');
    }
    return 0;
  }

  /**
   * SCAN over a database: cursor 0 starts, 0 returned ends. A cursor is shard and hash cursor in one integer:
   *   shard · 2^32 + hash cursor
   */
  scan(database: number, cursor: number, want: number, visit: (address: number) => void): number {
    let shard = Math.floor(cursor / 2 ** 32);
    let at = cursor % 2 ** 32;
    let seen = 0;
    while (shard < this.shards) {
      at = this.table.scan(this.keysRoot(shard, database), at, want - seen, (address) => {
        seen++;
        visit(address);
      });
      if (at !== 0) return shard * 2 ** 32 + at;
      shard++;
      if (seen >= want) break;
    }
    return shard >= this.shards ? 0 : shard * 2 ** 32;
  }

  /** A type by the name TYPE uses. */
  typeName(view: RecordView): string {
    return view.type === TYPE_STRING ? 'string' : this.kinds[view.type]!.name;
  }
}
