/**
 * Large collections: a Table whose records are elements (TYPE_ELEMENT) instead of keys.
 *
 *   key's record ── BODY ──▶ root (16 bytes) ──▶ segments ──▶ records:   set member      key = member
 *                                                                       hash field      key = field, value = value
 *                                                                       zset member     key = member, BODY = score
 *
 * One per arena, shared by the rooms of all types: between `find` and what acts on its result nothing else may be
 * looked up. Everything of one table lies in one shard. `view` points at the element last found, made or chosen.
 * Deletions give segments back (Table.shrinkFound), so a table emptied by SPOP neither keeps its memory nor slows down.
 */
import type { Arena } from '@larder/store-memory';
import { copyBytes } from './bytes';
import { BODY, RecordView, TYPE_ELEMENT, createRecord, recordBytes, resizeValue } from './record';
import { ROOT_BYTES, Table } from './table';

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

  constructor(arena: Arena) {
    this.arena = arena;
    this.table = new Table(arena);
    this.view = new RecordView(arena);
  }

  /** An empty table; answers the address of its root. @throws ArenaFull */
  create(shard: number): number {
    const root = this.arena.alloc(shard, ROOT_BYTES);
    this.table.init(root);
    return root;
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
    const address = createRecord(this.view, shard, TYPE_ELEMENT, flags, bytes, off, length, valueLength);
    try {
      this.table.insertFound(root, shard, hash, address);
    } catch (full) {
      this.arena.free(address);
      throw full;
    }
  }

  /** Gives the element just found a value of another length, bytes to be written at `view.valueOffset`. @throws ArenaFull (nothing changed) */
  resize(shard: number, valueLength: number): void {
    const { view, arena } = this;
    if (view.valueLength === valueLength) return;
    const capacity = arena.capacity(view.address);
    const bytes = recordBytes(view.word1 & BODY, view.keyLength, valueLength);
    if ((capacity <= 64 || bytes > capacity >> 1) && resizeValue(view, valueLength)) return;
    const old = view.address;
    const address = createRecord(view, shard, TYPE_ELEMENT, view.word1 & BODY, view.u8, view.keyOffset, view.keyLength, valueLength);
    this.table.replaceFound(address);
    arena.free(old);
  }

  /** Removes the element just found or chosen, whose hash is `hash`. `view` is stale afterwards. */
  remove(root: number, shard: number, hash: number): void {
    const { table, view } = this;
    table.removeFound(root);
    this.arena.free(view.address);
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

  /** Frees the elements, the table and its root. */
  dispose(root: number): void {
    const { arena, table } = this;
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
        const made = createRecord(view, shard, TYPE_ELEMENT, word1 & BODY, source.u8, source.keyOffset, source.keyLength, valueLength);
        copyBytes(source.u8, source.valueOffset, view.u8, view.valueOffset, valueLength);
        if ((word1 & BODY) !== 0) view.score = source.score;
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
