/**
 * Intset: a sorted set of distinct integers in one block, in Redis' own layout.
 *
 *   +------------+------------+-------+-------+-----+
 *   | width  u32 | length u32 | value | value | ... |    all little-endian; width 2, 4 or 8 bytes a value
 *   +------------+------------+-------+-------+-----+
 *
 * The width grows when a value asks for it and never shrinks. Values are (hi, lo) pairs (int64.ts); with widths 2 and
 * 4 the compare is one of int32. As with listpacks the caller learns the new size first, finds room, then edits, in
 * place or into another block.
 */
import { copyBytes } from './bytes';
import type { Int64 } from './int64';
import { compareInt64 } from './int64';

export const HEADER_BYTES = 8;

export function width(u8: Uint8Array, off: number): number {
  return readInt32(u8, off);
}

export function length(u8: Uint8Array, off: number): number {
  return readInt32(u8, off + 4) >>> 0;
}

export function bytes(u8: Uint8Array, off: number): number {
  return HEADER_BYTES + length(u8, off) * width(u8, off);
}

export function widthOf(hi: number, lo: number): number {
  if (hi !== lo >> 31) return 8;
  return lo >= -32768 && lo < 32768 ? 2 : 4;
}

/** Writes an empty intset (HEADER_BYTES) of the width that its first value will ask for. */
export function writeEmpty(dst: Uint8Array, off: number, valueWidth: number): void {
  writeHeader(dst, off, valueWidth, 0);
}

/** Value `index` into `out`. */
export function get(u8: Uint8Array, off: number, index: number, out: Int64): void {
  const valueWidth = width(u8, off);
  const at = off + HEADER_BYTES + index * valueWidth;
  if (valueWidth === 8) {
    out.lo = readInt32(u8, at);
    out.hi = readInt32(u8, at + 4);
  } else {
    const n = valueWidth === 4 ? readInt32(u8, at) : readInt16(u8, at);
    out.lo = n;
    out.hi = n >> 31;
  }
}

/** The index of a value, or −1 − (the index where it belongs) when it is not there. */
export function find(u8: Uint8Array, off: number, hi: number, lo: number): number {
  const valueWidth = width(u8, off);
  let low = 0;
  let high = length(u8, off) - 1;
  if (widthOf(hi, lo) > valueWidth) return hi < 0 ? -1 : -2 - high;
  const values = off + HEADER_BYTES;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareAt(u8, values + middle * valueWidth, valueWidth, hi, lo);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1 - low;
}

function compareAt(u8: Uint8Array, at: number, valueWidth: number, hi: number, lo: number): number {
  if (valueWidth === 2) return readInt16(u8, at) - lo;
  const low = readInt32(u8, at);
  if (valueWidth === 4) return low === lo ? 0 : low < lo ? -1 : 1;
  return compareInt64(readInt32(u8, at + 4), low, hi, lo);
}

export function bytesAfterAdd(u8: Uint8Array, off: number, hi: number, lo: number): number {
  const now = width(u8, off);
  const wanted = widthOf(hi, lo);
  return HEADER_BYTES + (length(u8, off) + 1) * (wanted > now ? wanted : now);
}

/** Adds a value that `find` did not find; `found` is what it answered. Destination: the block itself (with room) or another. */
export function add(
  src: Uint8Array,
  srcOff: number,
  found: number,
  hi: number,
  lo: number,
  dst: Uint8Array,
  dstOff: number,
): void {
  const at = -1 - found;
  const values = length(src, srcOff);
  const now = width(src, srcOff);
  const wanted = widthOf(hi, lo);
  if (wanted > now) {
    widen(src, srcOff, now, values, hi < 0 ? 1 : 0, dst, dstOff, wanted);
    writeHeader(dst, dstOff, wanted, values + 1);
    writeValue(dst, dstOff + HEADER_BYTES + at * wanted, wanted, hi, lo);
    return;
  }
  const head = HEADER_BYTES + at * now;
  copyBytes(src, srcOff + head, dst, dstOff + head + now, (values - at) * now);
  if (src !== dst || srcOff !== dstOff) copyBytes(src, srcOff, dst, dstOff, head);
  writeHeader(dst, dstOff, now, values + 1);
  writeValue(dst, dstOff + head, now, hi, lo);
}

/** Last value first, so that in place no value is overwritten before it is read. */
function widen(
  src: Uint8Array,
  srcOff: number,
  from: number,
  values: number,
  shift: number,
  dst: Uint8Array,
  dstOff: number,
  to: number,
): void {
  for (let i = values - 1; i >= 0; i--) {
    const at = srcOff + HEADER_BYTES + i * from;
    const n = from === 2 ? readInt16(src, at) : readInt32(src, at);
    writeValue(dst, dstOff + HEADER_BYTES + (i + shift) * to, to, n >> 31, n);
  }
}

/** Removes value `index`; the new size is bytes − width. */
export function remove(src: Uint8Array, srcOff: number, index: number, dst: Uint8Array, dstOff: number): void {
  const values = length(src, srcOff);
  const valueWidth = width(src, srcOff);
  const head = HEADER_BYTES + index * valueWidth;
  if (src !== dst || srcOff !== dstOff) copyBytes(src, srcOff, dst, dstOff, head);
  copyBytes(src, srcOff + head + valueWidth, dst, dstOff + head, (values - index - 1) * valueWidth);
  writeHeader(dst, dstOff, valueWidth, values - 1);
}

/** Is u8[off, off+size) an intset? Deep: values strictly rising. */
export function isIntset(u8: Uint8Array, off: number, size: number, deep: boolean): boolean {
  if (size < HEADER_BYTES || off + size > u8.length) return false;
  const valueWidth = width(u8, off);
  if (valueWidth !== 2 && valueWidth !== 4 && valueWidth !== 8) return false;
  const values = length(u8, off);
  if (values === 0 || values * valueWidth !== size - HEADER_BYTES) return false;
  if (!deep) return true;
  let at = off + HEADER_BYTES;
  for (let i = 1; i < values; i++, at += valueWidth) {
    const next = at + valueWidth;
    const low = valueWidth === 2 ? readInt16(u8, next) : readInt32(u8, next);
    const high = valueWidth === 8 ? readInt32(u8, next + 4) : low >> 31;
    if (compareAt(u8, at, valueWidth, high, low) >= 0) return false;
  }
  return true;
}

function readInt16(u8: Uint8Array, at: number): number {
  return ((u8[at]! | (u8[at + 1]! << 8)) << 16) >> 16;
}

function readInt32(u8: Uint8Array, at: number): number {
  return u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24);
}

function writeInt32(dst: Uint8Array, at: number, n: number): void {
  dst[at] = n & 0xff;
  dst[at + 1] = (n >> 8) & 0xff;
  dst[at + 2] = (n >> 16) & 0xff;
  dst[at + 3] = n >>> 24;
}

function writeHeader(dst: Uint8Array, off: number, valueWidth: number, values: number): void {
  writeInt32(dst, off, valueWidth);
  writeInt32(dst, off + 4, values);
}

function writeValue(dst: Uint8Array, at: number, valueWidth: number, hi: number, lo: number): void {
  if (valueWidth === 2) {
    dst[at] = lo & 0xff;
    dst[at + 1] = (lo >> 8) & 0xff;
    return;
  }
  writeInt32(dst, at, lo);
  if (valueWidth === 8) writeInt32(dst, at + 4, hi);
}
