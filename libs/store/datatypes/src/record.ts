/**
 * A record: one block of the arena that a table can find by its key. Keyspace entries, hash fields, set members and
 * sorted-set members are all records, so that one table serves them all.
 *
 *   word 0   bits 0–3 type · 4–7 encoding · 8–31 access clock (LRU seconds or LFU)
 *   word 1   bits 0–7 key length, 255 = see EXT · 8 EXT · 9 TTL · 10 EPOCH · 11 BODY · 12–31 value length (inline values)
 *   [EXT     key length u32, value length u32]      when the key has ≥ 255 bytes or the value ≥ 1 MiB
 *   [TTL     expiry, ms since 1970, one double]
 *   [BODY    two words or one double: address of a collection and its aside, or a score]
 *   key bytes, value bytes
 *
 * EPOCH is the snapshot's mark (see keyspace/snapshot). Offsets below are bytes from the record's start.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { copyBytes } from './bytes';

export const TYPE_STRING = 0;
export const TYPE_LIST = 1;
export const TYPE_SET = 2;
export const TYPE_ZSET = 3;
export const TYPE_HASH = 4;
export const TYPE_STREAM = 6;
/** A record that is an element of a collection, not a key. */
export const TYPE_ELEMENT = 15;

export const EXT = 1 << 8;
export const TTL = 1 << 9;
export const EPOCH = 1 << 10;
export const BODY = 1 << 11;
const VALUE_SHIFT = 12;
const KEY_INLINE_MAX = 254;
const VALUE_INLINE_MAX = (1 << 20) - 1;

/** Shape of a record that is about to be made: flags are EXT (computed), TTL, BODY. */
export function recordBytes(flags: number, keyLength: number, valueLength: number): number {
  return (
    8 +
    (keyLength > KEY_INLINE_MAX || valueLength > VALUE_INLINE_MAX ? 8 : 0) +
    ((flags & TTL) !== 0 ? 8 : 0) +
    ((flags & BODY) !== 0 ? 8 : 0) +
    keyLength +
    valueLength
  );
}

/**
 * Reads and writes records. One per thread: `at` points it to a record, fields then hold where its parts are.
 * Everything is a plain field, so that hot code pays no calls.
 */
export class RecordView {
  readonly arena: Arena;
  address = 0;
  /** Bytes and words of the record's segment. */
  u8: Uint8Array;
  i32: Int32Array;
  /** Byte offset of the record within its segment. */
  base = 0;
  word0 = 0;
  word1 = 0;
  keyOffset = 0;
  keyLength = 0;
  valueOffset = 0;
  valueLength = 0;
  /** Byte offset of BODY, or 0. */
  bodyOffset = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.u8 = arena.u8[0]!;
    this.i32 = arena.i32[0]!;
  }

  at(address: number): this {
    const segment = address >>> SEGMENT_SHIFT;
    const unit = address & SEGMENT_UNIT_MASK;
    const i32 = this.arena.i32[segment]!;
    this.address = address;
    this.u8 = this.arena.u8[segment]!;
    this.i32 = i32;
    const base = unit << 3;
    this.base = base;
    this.word0 = i32[unit << 1]!;
    const word1 = i32[(unit << 1) + 1]!;
    this.word1 = word1;
    let p = base + 8;
    if ((word1 & EXT) !== 0) {
      this.keyLength = i32[p >> 2]!;
      this.valueLength = i32[(p >> 2) + 1]!;
      p += 8;
    } else {
      this.keyLength = word1 & 255;
      this.valueLength = word1 >>> VALUE_SHIFT;
    }
    p += (word1 & TTL) >> 6;
    if ((word1 & BODY) !== 0) {
      this.bodyOffset = p;
      p += 8;
    } else this.bodyOffset = 0;
    this.keyOffset = p;
    this.valueOffset = p + this.keyLength;
    return this;
  }

  get type(): number {
    return this.word0 & 15;
  }

  get encoding(): number {
    return (this.word0 >>> 4) & 15;
  }

  setEncoding(encoding: number): void {
    this.word0 = (this.word0 & ~0xf0) | (encoding << 4);
    this.i32[this.base >> 2] = this.word0;
  }

  /** The first and second word of BODY: an address and its aside. */
  get body(): number {
    return this.i32[this.bodyOffset >> 2]!;
  }

  set body(address: number) {
    this.i32[this.bodyOffset >> 2] = address;
  }

  get aside(): number {
    return this.i32[(this.bodyOffset >> 2) + 1]!;
  }

  set aside(value: number) {
    this.i32[(this.bodyOffset >> 2) + 1] = value;
  }

  /** BODY as a double. */
  get score(): number {
    return this.arena.f64[this.address >>> SEGMENT_SHIFT]![this.bodyOffset >> 3]!;
  }

  set score(value: number) {
    this.arena.f64[this.address >>> SEGMENT_SHIFT]![this.bodyOffset >> 3] = value;
  }

  /** Expiry in ms since 1970, or -1. */
  get expireAt(): number {
    if ((this.word1 & TTL) === 0) return -1;
    return this.arena.f64[this.address >>> SEGMENT_SHIFT]![(this.base + 8 + ((this.word1 & EXT) >> 5)) >> 3]!;
  }

  /** Changes the expiry of a record that already has one. */
  set expireAt(ms: number) {
    this.arena.f64[this.address >>> SEGMENT_SHIFT]![(this.base + 8 + ((this.word1 & EXT) >> 5)) >> 3] = ms;
  }

  /** True when the record's key is exactly these bytes. */
  keyEquals(bytes: Uint8Array, off: number, length: number): boolean {
    if (this.keyLength !== length) return false;
    const u8 = this.u8;
    const k = this.keyOffset;
    for (let i = 0; i < length; i++) if (u8[k + i] !== bytes[off + i]) return false;
    return true;
  }

  /** The key as a latin1 string: for logs, tests and rare paths, never for hot ones. */
  keyText(): string {
    return (this.u8 as Buffer).toString('latin1', this.keyOffset, this.keyOffset + this.keyLength);
  }
}

/**
 * Makes a record in `shard` with its header, key, and room for `valueLength` bytes of value (not written), and points
 * `view` at it. `slack` asks for further room behind the value.
 * @throws ArenaFull
 */
export function createRecord(
  view: RecordView,
  shard: number,
  typeAndEncoding: number,
  flags: number,
  key: Uint8Array,
  keyOffset: number,
  keyLength: number,
  valueLength: number,
  slack = 0,
): number {
  const arena = view.arena;
  const ext = keyLength > KEY_INLINE_MAX || valueLength > VALUE_INLINE_MAX;
  const address = arena.alloc(shard, recordBytes(flags, keyLength, valueLength) + slack);
  const i32 = arena.i32[address >>> SEGMENT_SHIFT]!;
  const word = (address & SEGMENT_UNIT_MASK) << 1;
  i32[word] = typeAndEncoding;
  if (ext) {
    i32[word + 1] = flags | EXT | 255;
    i32[word + 2] = keyLength;
    i32[word + 3] = valueLength;
  } else {
    i32[word + 1] = (flags & ~EXT) | keyLength | (valueLength << VALUE_SHIFT);
  }
  view.at(address);
  copyBytes(key, keyOffset, view.u8, view.keyOffset, keyLength);
  return address;
}

/** Sets the value length of the record under `view`, when its block and header form allow it; false otherwise. */
export function resizeValue(view: RecordView, valueLength: number): boolean {
  const ext = (view.word1 & EXT) !== 0;
  if (!ext && valueLength > VALUE_INLINE_MAX) return false;
  const bytes = view.valueOffset - view.base + valueLength;
  if (bytes > view.arena.capacity(view.address)) return false;
  if (ext) view.i32[(view.base >> 2) + 3] = valueLength;
  else {
    view.word1 = (view.word1 & ((1 << VALUE_SHIFT) - 1)) | (valueLength << VALUE_SHIFT);
    view.i32[(view.base >> 2) + 1] = view.word1;
  }
  view.valueLength = valueLength;
  return true;
}
