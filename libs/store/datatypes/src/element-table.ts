/**
 * Large collections: a Table whose records are elements (TYPE_ELEMENT) instead of keys.
 *
 *   key's record ── BODY ──▶ root (24 bytes) ──▶ segments ──▶ records:   set member      key = member
 *                                                                       hash field      key = field, value = value, TTL = its time
 *                                                                       zset member     key = member, BODY = score
 *
 * One per arena, shared by the rooms of all types: between `find` and what acts on its result nothing else may be
 * looked up. Everything of one table lies in one shard. `view` points at the element last found, made or chosen.
 * Deletions give segments back (Table.shrinkFound), so a table emptied by SPOP neither keeps its memory nor slows down.
 *
 * Behind the table's own words a root has the address of a Deferred while a snapshot saves the table element by element. An
 * element whose EPOCH bit differs from `epoch` is not saved yet: it is kept, not changed or freed. Without a snapshot all bits
 * are equal, so all that this costs is one comparison that is always false.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { copyBytes } from './bytes';
import { Deferred, LOST, OWNED_WHOLE } from './deferred';
import { BODY, EPOCH, RecordView, TTL, TYPE_ELEMENT, createRecord, recordBytes, resizeValue } from './record';
import { ROOT_BYTES, Table } from './table';

const ELEMENT_ROOT_BYTES = ROOT_BYTES + 8;
/** What of a record's form stays when it gets another block. */
const FORM = BODY | TTL;
/** Word of the root that holds the Deferred's address. */
const DEFERRED = ROOT_BYTES / 4;

const perArena = new WeakMap<Arena, ElementTable>();
let latest: ElementTable | undefined;

/** The element table of an arena. */
export function elementTableOf(arena: Arena): ElementTable {
  if (latest !== undefined && latest.arena === arena) return latest;
  let found = perArena.get(arena);
  if (found === undefined) perArena.set(arena, (found = new ElementTable(arena)));
  latest = found;
  return found;
}

export class ElementTable {
  readonly arena: Arena;
  readonly table: Table;
  readonly view: RecordView;
  /** EPOCH bit of elements that the running snapshot is done with, and of all new ones: the keyspace's, set with it. */
  epoch = 0;
  /** Told when `resize` gives an element another block, while both can be read. */
  onMove: ((from: number, to: number) => void) | null = null;
  /** Bytes copied because a snapshot had not saved them yet. */
  keptBytes = 0;
  private readonly deferred: Deferred;
  private readonly copyView: RecordView;

  constructor(arena: Arena) {
    this.arena = arena;
    this.table = new Table(arena);
    this.view = new RecordView(arena);
    this.deferred = new Deferred(arena);
    this.copyView = new RecordView(arena);
  }

  /** An empty table; answers the address of its root. @throws ArenaFull */
  create(shard: number): number {
    const root = this.arena.alloc(shard, ELEMENT_ROOT_BYTES);
    this.table.init(root);
    this.setDeferred(root, 0);
    return root;
  }

  /** The Deferred that saves this table, or 0. */
  deferredOf(root: number): number {
    return this.arena.i32[root >>> SEGMENT_SHIFT]![((root & SEGMENT_UNIT_MASK) << 1) + DEFERRED]!;
  }

  setDeferred(root: number, address: number): void {
    this.arena.i32[root >>> SEGMENT_SHIFT]![((root & SEGMENT_UNIT_MASK) << 1) + DEFERRED] = address;
  }

  count(root: number): number {
    return this.table.count(root);
  }

  /** Is the element there? `view` stays where it is. */
  has(root: number, hash: number, bytes: Uint8Array, off: number, length: number): boolean {
    return this.table.find(root, hash, bytes, off, length) !== 0;
  }

  /** Points `view` at the element; false when it is not there, and then `insert` may follow. */
  find(root: number, hash: number, bytes: Uint8Array, off: number, length: number): boolean {
    const address = this.table.find(root, hash, bytes, off, length);
    if (address === 0) return false;
    this.view.at(address);
    return true;
  }

  /**
   * Adds the element that the last `find` or `has` (same arguments) did not see. `flags` is 0 or BODY; value bytes
   * and score are the caller's to write. @throws ArenaFull (nothing changed)
   */
  insert(root: number, shard: number, hash: number, flags: number, bytes: Uint8Array, off: number, length: number, valueLength: number): void {
    const address = createRecord(this.view, shard, TYPE_ELEMENT, flags | this.epoch, bytes, off, length, valueLength);
    try {
      this.table.insertFound(root, shard, hash, address);
    } catch (full) {
      this.arena.free(address);
      throw full;
    }
  }

  /** Gives the element just found room for a value of that length, to be written anew at `view.valueOffset`. @throws ArenaFull (nothing changed) */
  resize(root: number, shard: number, valueLength: number): void {
    const { view, arena } = this;
    if ((view.word1 & EPOCH) !== this.epoch) return this.renew(root, shard, valueLength);
    if (view.valueLength === valueLength) return;
    const capacity = arena.capacity(view.address);
    const bytes = recordBytes(view.word1 & FORM, view.keyLength, valueLength);
    if ((capacity <= 64 || bytes > capacity >> 1) && resizeValue(view, valueLength)) return;
    const { address: old, expireAt } = view;
    const address = createRecord(view, shard, TYPE_ELEMENT, (view.word1 & FORM) | this.epoch, view.u8, view.keyOffset, view.keyLength, valueLength);
    if (expireAt >= 0) view.expireAt = expireAt;
    if (this.onMove !== null) this.onMove(old, address);
    this.table.replaceFound(address);
    arena.free(old);
  }

  /** The element just found, not saved yet, gets another record; the old one is kept. */
  private renew(root: number, shard: number, valueLength: number): void {
    const { view } = this;
    const { address: old, expireAt } = view;
    const address = createRecord(view, shard, TYPE_ELEMENT, (view.word1 & FORM) | this.epoch, view.u8, view.keyOffset, view.keyLength, valueLength);
    if (expireAt >= 0) view.expireAt = expireAt;
    if (this.onMove !== null) this.onMove(old, address);
    this.table.replaceFound(address);
    this.keptBytes += view.keyLength;
    this.keep(root, old);
  }

  /** Gives the element just found, which has none, the place for a time: `view.expireAt`, to be written. @throws ArenaFull (nothing changed) */
  addTime(root: number, shard: number): void {
    const { view, copyView } = this;
    const old = copyView.at(view.address);
    const address = createRecord(view, shard, TYPE_ELEMENT, (old.word1 & BODY) | TTL | this.epoch, old.u8, old.keyOffset, old.keyLength, old.valueLength);
    copyBytes(old.u8, old.valueOffset, view.u8, view.valueOffset, old.valueLength);
    this.table.replaceFound(address);
    this.release(root, old.address);
  }

  /** Before a part of the element under `view` changes where it is (its score, its time): if it is not saved yet, a copy is kept. */
  beforeChange(root: number, shard: number): void {
    const { view } = this;
    if ((view.word1 & EPOCH) !== this.epoch) this.keepCopy(root, shard);
  }

  private keepCopy(root: number, shard: number): void {
    const { view, arena, copyView } = this;
    const { word1, valueLength } = view;
    this.markSaved(view);
    if (this.deferredOf(root) === 0) return;
    try {
      createRecord(copyView, shard, TYPE_ELEMENT, word1 & FORM, view.u8, view.keyOffset, view.keyLength, valueLength);
    } catch {
      this.deferred.at(this.deferredOf(root)).set(LOST);
      return;
    }
    copyBytes(view.u8, view.valueOffset, copyView.u8, copyView.valueOffset, valueLength);
    if ((word1 & BODY) !== 0) copyView.score = view.score;
    if ((word1 & TTL) !== 0) copyView.expireAt = view.expireAt;
    this.keptBytes += arena.capacity(copyView.address);
    this.keep(root, copyView.address);
  }

  /** A record that left the table: kept if a snapshot has still to save it. */
  private keep(root: number, address: number): void {
    const { arena, deferred } = this;
    const holder = this.deferredOf(root);
    if (holder === 0) return arena.free(address);
    deferred.at(holder);
    arena.i32[address >>> SEGMENT_SHIFT]![(address & SEGMENT_UNIT_MASK) << 1] = deferred.kept;
    deferred.kept = address;
  }

  /** The snapshot is done with the element under `view`. */
  markSaved(view: RecordView): void {
    view.word1 = (view.word1 & ~EPOCH) | this.epoch;
    view.i32[(view.base >> 2) + 1] = view.word1;
  }

  /** Frees the record of an element that left the table. */
  release(root: number, address: number): void {
    const word1 = this.arena.i32[address >>> SEGMENT_SHIFT]![((address & SEGMENT_UNIT_MASK) << 1) + 1]!;
    if ((word1 & EPOCH) !== this.epoch) this.keep(root, address);
    else this.arena.free(address);
  }

  /** Removes the element just found or chosen, whose hash is `hash`. `view` is stale afterwards. */
  remove(root: number, shard: number, hash: number): void {
    const { table, view } = this;
    table.removeFound(root);
    if ((view.word1 & EPOCH) !== this.epoch) this.keep(root, view.address);
    else this.arena.free(view.address);
    table.shrinkFound(root, shard, hash);
  }

  /** Points `view` at an element chosen nearly uniformly; `remove` may follow. The table must not be empty. */
  choose(root: number, random: () => number): void {
    this.view.at(this.table.sample(root, random));
  }

  /** Visits every element, `view` pointing at it. `visit` may look up in other tables but change nothing. */
  forEach(root: number, visit: (view: RecordView) => void): void {
    const { view } = this;
    this.table.forEach(root, (address) => visit(view.at(address)));
  }

  /** Frees the elements, the table and its root, unless a snapshot saves them: then whoever saves frees. */
  dispose(root: number): void {
    const { arena, table } = this;
    const holder = this.deferredOf(root);
    if (holder !== 0) return this.deferred.at(holder).set(OWNED_WHOLE);
    table.forEach(root, (address) => arena.free(address));
    table.dispose(root);
    arena.free(root);
  }

  /** A copy of everything in `shard`; answers its root. @throws ArenaFull (nothing changed) */
  copy(root: number, shard: number): number {
    const { arena, table, view } = this;
    const copy = this.create(shard);
    const source = new RecordView(arena);
    try {
      table.forEach(root, (address, hash) => {
        source.at(address);
        const { word1, valueLength } = source;
        const made = createRecord(view, shard, TYPE_ELEMENT, (word1 & FORM) | this.epoch, source.u8, source.keyOffset, source.keyLength, valueLength);
        copyBytes(source.u8, source.valueOffset, view.u8, view.valueOffset, valueLength);
        if ((word1 & BODY) !== 0) view.score = source.score;
        if ((word1 & TTL) !== 0) view.expireAt = source.expireAt;
        try {
          table.insert(copy, shard, hash, made);
        } catch (full) {
          arena.free(made);
          throw full;
        }
      });
    } catch (full) {
      this.dispose(copy);
      throw full;
    }
    return copy;
  }

  /** Bytes of all blocks: root, segments, elements. */
  bytes(root: number): number {
    const { arena, table } = this;
    let bytes = arena.capacity(root) + table.overheadBytes(root);
    table.forEach(root, (address) => (bytes += arena.capacity(address)));
    return bytes;
  }
}
