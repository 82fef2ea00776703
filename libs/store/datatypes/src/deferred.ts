/**
 * Content that is to be saved, or freed, apart from its key and piece by piece: what is noted of it is one block in the
 * arena, so that whichever thread holds the shard's lock finds it.
 *
 *   word  0 next in the shard's queue     1 flags, type << 8, rdb type << 16
 *         2 body       the content: where the key's BODY pointed (tables), or the directory that the key has now (lists, streams; 0: none)
 *         3 aside
 *         4 kept       tables: first of the elements kept (below); lists, streams: block with the directory as it was at the cut
 *         5 database   number at the cut
 *         6 count      elements or nodes at the cut
 *         7 cursor     how far saving or freeing has come
 *         8 expiry     a double, −1: none
 *        10 key length 11 tail: block of what ends the entry in a file (StreamTail)   12 consumer groups that are no more, not freed yet
 *        13 objects that freeing it counts for
 *        14 when or how often the key was accessed, as its record has it
 *        16 roots of the tables of a whole database (keys, expires: 8 words), or else the key's bytes
 *
 * A content that has one knows its address (a word in its root, directory or head), as long as it must be kept:
 *
 *   tables    an element whose EPOCH bit is old is not saved yet. Removed or about to change, its record goes on the chain `kept`
 *             instead of being freed (word 0 of an element says nothing, so it holds the next address): no copy, no memory.
 *   lists,    a node is not saved while its state in the directory of the cut is SHARED. Dropped, its block is handed over (OWNED);
 *   streams   about to change, the list goes on with a copy.
 *
 * Where a copy finds no memory the saved value is lost (LOST) and the file with it; the change itself goes on.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';

/** Flags. It is to be saved; */
export const SAVES = 1;
/** no key has the content any more: it is to be freed; */
export const OWNED_WHOLE = 2;
/** the beginning of its entry is written; */
export const STARTED = 4;
/** its table was scanned to the end; */
export const SCANNED = 8;
/** something of it could not be kept; */
export const LOST = 16;
/** it is not a key's content but all keys of a database; */
export const WHOLE_DATABASE = 32;
/** its elements are being freed. */
export const FREEING = 64;

export const DEFERRED_HEAD_WORDS = 16;
/** Words of the roots behind the head; in units of 8 bytes, where they start. */
export const DEFERRED_ROOTS_UNIT = 8;

/** State of a node in the directory of the cut. */
export const SHARED = 0;
export const OWNED = 1;
export const DONE = 2;

/** Points at one such block. One per thread and purpose, as RecordView. */
export class Deferred {
  readonly arena: Arena;
  address = 0;
  /** Shard of the one last made: where its content's blocks lie. */
  shard = 0;
  words: Int32Array;
  /** Where its words start. */
  w = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = arena.i32[0]!;
  }

  at(address: number): this {
    this.address = address;
    this.words = this.arena.i32[address >>> SEGMENT_SHIFT]!;
    this.w = (address & SEGMENT_UNIT_MASK) << 1;
    return this;
  }

  get next(): number {
    return this.words[this.w]!;
  }

  set next(address: number) {
    this.words[this.w] = address;
  }

  get type(): number {
    return (this.words[this.w + 1]! >>> 8) & 255;
  }

  get rdbType(): number {
    return (this.words[this.w + 1]! >>> 16) & 255;
  }

  has(flag: number): boolean {
    return (this.words[this.w + 1]! & flag) !== 0;
  }

  set(flag: number): void {
    this.words[this.w + 1]! |= flag;
  }

  clear(flag: number): void {
    this.words[this.w + 1]! &= ~flag;
  }

  get body(): number {
    return this.words[this.w + 2]!;
  }

  set body(address: number) {
    this.words[this.w + 2] = address;
  }

  get aside(): number {
    return this.words[this.w + 3]!;
  }

  set aside(value: number) {
    this.words[this.w + 3] = value;
  }

  get kept(): number {
    return this.words[this.w + 4]!;
  }

  set kept(address: number) {
    this.words[this.w + 4] = address;
  }

  get database(): number {
    return this.words[this.w + 5]!;
  }

  get count(): number {
    return this.words[this.w + 6]!;
  }

  set count(n: number) {
    this.words[this.w + 6] = n;
  }

  get cursor(): number {
    return this.words[this.w + 7]!;
  }

  set cursor(at: number) {
    this.words[this.w + 7] = at;
  }

  get expireAt(): number {
    return this.arena.f64[this.address >>> SEGMENT_SHIFT]![(this.w >> 1) + 4]!;
  }

  get keyLength(): number {
    return this.words[this.w + 10]!;
  }

  /** Byte offset of the key in its segment. */
  get keyOffset(): number {
    return (this.w + DEFERRED_HEAD_WORDS) << 2;
  }

  get tail(): number {
    return this.words[this.w + 11]!;
  }

  set tail(address: number) {
    this.words[this.w + 11] = address;
  }

  /** First of a chain. */
  get doomedGroup(): number {
    return this.words[this.w + 12]!;
  }

  set doomedGroup(address: number) {
    this.words[this.w + 12] = address;
  }

  get objects(): number {
    return this.words[this.w + 13]!;
  }

  set objects(n: number) {
    this.words[this.w + 13] = n;
  }

  get accessed(): number {
    return this.words[this.w + 14]!;
  }

  set accessed(bits: number) {
    this.words[this.w + 14] = bits;
  }

  /** A new one. `room` bytes follow the head. @throws ArenaFull */
  make(shard: number, flags: number, type: number, rdbType: number, database: number, expireAt: number, room: number): this {
    this.at(this.arena.alloc(shard, DEFERRED_HEAD_WORDS * 4 + room));
    this.shard = shard;
    const { words, w } = this;
    words.fill(0, w, w + DEFERRED_HEAD_WORDS);
    words[w + 1] = flags | (type << 8) | (rdbType << 16);
    words[w + 5] = database;
    words[w + 10] = room;
    this.arena.f64[this.address >>> SEGMENT_SHIFT]![(w >> 1) + 4] = expireAt;
    return this;
  }
}
