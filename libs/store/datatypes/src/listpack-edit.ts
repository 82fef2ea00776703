/**
 * Listpack, writing. Every edit is one motion: copy the head, leave a gap where entries go out or come in, copy the
 * tail (`openGap`); then fill the gap with `write`. Source and destination may be the same block (then bytes move in
 * place and the block must have room for the new size) or different ones (then the source stays as it was).
 *
 *   src   | header | head ....... | from ~~~ to | tail ....... | FF |
 *   dst   | header'| head ....... |     gap         | tail ....... | FF |
 *
 * The caller learns the new size first (`bytes − removed + added`), finds room, then edits. Elements to write are
 * prepared once in an `Element`, which detects integers as Redis does: what reads as a canonical int64 is stored as
 * one. An element's bytes must not lie in the block that is being moved.
 *
 * The u16 count sticks at 65535 ("unknown") once reached, as in Redis.
 */
import { copyBytes } from './bytes';
import { DOUBLE_TEXT_BYTES_MAX, writeDouble } from './double';
import { Int64, parseInt64 } from './int64';
import {
  after,
  backLengthBytes,
  bytes,
  count,
  COUNT_UNKNOWN,
  EMPTY_BYTES,
  END,
  end,
  HEADER_BYTES,
  headerCount,
} from './listpack';

/** One value about to be written; keep a few and reuse them. `size` is what it takes in a listpack, all included. */
export class Element {
  isInteger = false;
  hi = 0;
  lo = 0;
  source: Uint8Array = NOTHING;
  start = 0;
  length = 0;
  /** head + payload */
  encoded = 0;
  size = 0;
  /** The text of a prepared double. */
  text: Uint8Array | undefined = undefined;
}

const NOTHING: Uint8Array = Buffer.alloc(0);
const parsed = new Int64();
const SCORE_INTEGER_MAX = 2 ** 62;

export function prepareBytes(element: Element, source: Uint8Array, off: number, length: number): void {
  if (parseInt64(source, off, length, parsed)) {
    prepareInt64(element, parsed.hi, parsed.lo);
    return;
  }
  element.isInteger = false;
  element.source = source;
  element.start = off;
  element.length = length;
  setSize(element, length + (length < 64 ? 1 : length < 4096 ? 2 : 5));
}

export function prepareInt64(element: Element, hi: number, lo: number): void {
  element.isInteger = true;
  element.hi = hi;
  element.lo = lo;
  setSize(element, integerBytes(hi, lo));
}

/** An integer that a double holds exactly, below 2^63. */
export function prepareInteger(element: Element, n: number): void {
  prepareInt64(element, Math.floor(n / 4294967296) | 0, n | 0);
}

/**
 * A sorted set's score (not NaN): an integer up to ±2^62 is stored as one (−0 becomes 0), anything else as its text,
 * which this element keeps itself.
 */
export function prepareDouble(element: Element, d: number): void {
  if (d >= -SCORE_INTEGER_MAX && d <= SCORE_INTEGER_MAX && Math.floor(d) === d) {
    prepareInteger(element, d);
    return;
  }
  element.text ??= Buffer.alloc(DOUBLE_TEXT_BYTES_MAX);
  prepareBytes(element, element.text, 0, writeDouble(d, element.text, 0));
}

function setSize(element: Element, encoded: number): void {
  element.encoded = encoded;
  element.size = encoded + backLengthBytes(encoded);
}

function integerBytes(hi: number, lo: number): number {
  if (hi !== lo >> 31) return 9;
  if (lo >= 0 && lo < 128) return 1;
  if (lo >= -4096 && lo < 4096) return 2;
  if (lo >= -32768 && lo < 32768) return 3;
  if (lo >= -8388608 && lo < 8388608) return 4;
  return 5;
}

/** Writes an empty listpack (EMPTY_BYTES). */
export function writeEmpty(dst: Uint8Array, off: number): void {
  writeHeader(dst, off, EMPTY_BYTES, 0);
  dst[off + HEADER_BYTES] = END;
}

/** Header only; for those who write entries one after another and close with END themselves. */
export function writeHeader(dst: Uint8Array, off: number, total: number, entries: number): void {
  writeUint32(dst, off, total);
  const known = entries < COUNT_UNKNOWN ? entries : COUNT_UNKNOWN;
  dst[off + 4] = known & 0xff;
  dst[off + 5] = known >> 8;
}

/** Writes one entry at `p` (inside a gap); returns the index behind it. */
export function write(dst: Uint8Array, p: number, element: Element): number {
  const size = element.encoded;
  if (element.isInteger) {
    writeIntegerEntry(dst, p, element.hi, element.lo, size);
  } else {
    const { length } = element;
    if (length < 64) {
      dst[p] = 0x80 | length;
    } else if (length < 4096) {
      dst[p] = 0xe0 | (length >> 8);
      dst[p + 1] = length & 0xff;
    } else {
      dst[p] = 0xf0;
      writeUint32(dst, p + 1, length);
    }
    copyBytes(element.source, element.start, dst, p + size - length, length);
  }
  return writeBackLength(dst, p + size, size);
}

function writeIntegerEntry(dst: Uint8Array, p: number, hi: number, lo: number, size: number): void {
  switch (size) {
    case 1:
      dst[p] = lo;
      return;
    case 2:
      dst[p] = 0xc0 | ((lo >> 8) & 0x1f);
      dst[p + 1] = lo & 0xff;
      return;
    case 3:
      dst[p] = 0xf1;
      break;
    case 4:
      dst[p] = 0xf2;
      break;
    case 5:
      dst[p] = 0xf3;
      break;
    default:
      dst[p] = 0xf4;
      writeUint32(dst, p + 5, hi);
      writeUint32(dst, p + 1, lo);
      return;
  }
  for (let i = 1; i < size; i++) {
    dst[p + i] = lo & 0xff;
    lo >>= 8;
  }
}

/** Most significant seven bits first; all but the first byte carry the "more to the left" flag. */
function writeBackLength(dst: Uint8Array, at: number, size: number): number {
  if (size <= 127) {
    dst[at] = size;
    return at + 1;
  }
  const width = backLengthBytes(size);
  let rest = size;
  for (let i = width - 1; i > 0; i--) {
    dst[at + i] = (rest & 127) | 128;
    rest >>>= 7;
  }
  dst[at] = rest;
  return at + width;
}

function writeUint32(dst: Uint8Array, at: number, n: number): void {
  dst[at] = n & 0xff;
  dst[at + 1] = (n >> 8) & 0xff;
  dst[at + 2] = (n >> 16) & 0xff;
  dst[at + 3] = n >>> 24;
}

/**
 * Replaces src[from, to), which holds `removed` whole entries, by a gap of `gap` bytes for `added` entries, giving the
 * edited block at dst[dstOff]. Returns the gap's position in `dst`; the caller fills it completely with `write`.
 */
export function openGap(
  src: Uint8Array,
  srcOff: number,
  from: number,
  to: number,
  removed: number,
  gap: number,
  added: number,
  dst: Uint8Array,
  dstOff: number,
): number {
  const total = bytes(src, srcOff);
  const known = headerCount(src, srcOff);
  const at = dstOff + (from - srcOff);
  // The tail first: in place, the head does not move, and the gap may cover what the tail leaves.
  if (gap !== to - from || dst !== src || dstOff !== srcOff) {
    copyBytes(src, to, dst, at + gap, srcOff + total - to);
  }
  if (dst !== src || dstOff !== srcOff) copyBytes(src, srcOff, dst, dstOff, from - srcOff);
  writeHeader(dst, dstOff, total - (to - from) + gap, known === COUNT_UNKNOWN ? known : known - removed + added);
  return at;
}

/** Before position `p` (an entry, or `end` to append). The new block takes bytes + element.size. Returns its position. */
export function insert(
  src: Uint8Array,
  srcOff: number,
  p: number,
  element: Element,
  dst: Uint8Array,
  dstOff: number,
): number {
  const at = openGap(src, srcOff, p, p, 0, element.size, 1, dst, dstOff);
  write(dst, at, element);
  return at;
}

export function append(src: Uint8Array, srcOff: number, element: Element, dst: Uint8Array, dstOff: number): number {
  return insert(src, srcOff, end(src, srcOff), element, dst, dstOff);
}

export function bytesAfterReplace(u8: Uint8Array, off: number, p: number, element: Element): number {
  return bytes(u8, off) - (after(u8, p) - p) + element.size;
}

export function replace(
  src: Uint8Array,
  srcOff: number,
  p: number,
  element: Element,
  dst: Uint8Array,
  dstOff: number,
): number {
  const at = openGap(src, srcOff, p, after(src, p), 1, element.size, 1, dst, dstOff);
  write(dst, at, element);
  return at;
}

/** The index behind the `entries` entries from `p` (fewer when the list ends): the `to` of a range. */
export function rangeEnd(u8: Uint8Array, p: number, entries: number): number {
  let to = p;
  for (let i = 0; i < entries && u8[to] !== END; i++) to = after(u8, to);
  return to;
}

/** Removes `removed` entries that fill src[from, to). The new block takes bytes − (to − from). Returns where they were. */
export function removeRange(
  src: Uint8Array,
  srcOff: number,
  from: number,
  to: number,
  removed: number,
  dst: Uint8Array,
  dstOff: number,
): number {
  return openGap(src, srcOff, from, to, removed, 0, 0, dst, dstOff);
}

export function remove(src: Uint8Array, srcOff: number, p: number, dst: Uint8Array, dstOff: number): number {
  return openGap(src, srcOff, p, after(src, p), 1, 0, 0, dst, dstOff);
}

export function bytesAfterMerge(a: Uint8Array, aOff: number, b: Uint8Array, bOff: number): number {
  return bytes(a, aOff) + bytes(b, bOff) - EMPTY_BYTES;
}

/** All of a, then all of b. The destination may be a itself (with room), not b. */
export function merge(
  a: Uint8Array,
  aOff: number,
  b: Uint8Array,
  bOff: number,
  dst: Uint8Array,
  dstOff: number,
): void {
  const aBytes = bytes(a, aOff);
  const bBytes = bytes(b, bOff);
  const entries = count(a, aOff) + count(b, bOff);
  if (a !== dst || aOff !== dstOff) copyBytes(a, aOff, dst, dstOff, aBytes - 1);
  copyBytes(b, bOff + HEADER_BYTES, dst, dstOff + aBytes - 1, bBytes - HEADER_BYTES);
  writeHeader(dst, dstOff, aBytes + bBytes - EMPTY_BYTES, entries);
}
