/**
 * LZF, the compression of RDB strings. The stream is a row of tokens:
 *
 *   000nnnnn  n+1 literal bytes follow                          (1–32)
 *   lllooooo oooooooo  copy l+2 bytes from o+1 bytes back       (3–8 bytes, up to 8 KiB back)
 *   111ooooo llllllll oooooooo  copy l+9 bytes                  (9–264)
 *
 * The compressor makes the same greedy choices as liblzf in its fast mode with a 64 K table, as Redis builds it, so that
 * DUMP and RDB bytes of equal values are equal: one candidate per three-byte hash, after a match only its last two
 * places enter the table. Output that would not fit is given up (0), exactly where liblzf gives up.
 *
 * The table is reused between calls without clearing: entries hold position + base, and each call's base lies above all
 * earlier ones, so results do not depend on history.
 */
import { copyBytes } from './bytes';

const TABLE_BITS = 16;
const TABLE_MASK = (1 << TABLE_BITS) - 1;
const LITERALS_MAX = 32;
const DISTANCE_MAX = 1 << 13;
const MATCH_MAX = 264;

const table = new Int32Array(1 << TABLE_BITS);
let base = 0;

function slotOf(u8: Uint8Array, at: number): number {
  const h = (u8[at]! << 16) | (u8[at + 1]! << 8) | u8[at + 2]!;
  return ((h >> 8) - h * 5) & TABLE_MASK;
}

/** Compresses into at most `room` bytes at dst[dstOff]; returns the size, or 0 when it does not fit. */
export function lzfCompress(
  src: Uint8Array,
  srcOff: number,
  length: number,
  dst: Uint8Array,
  dstOff: number,
  room: number,
): number {
  if (length === 0 || room === 0) return 0;
  if (base > 0x7fffffff - length - 1) {
    table.fill(0);
    base = 0;
  }
  // In the table: position relative to srcOff, plus `bias`; what is ≤ bias is old, or position 0, which liblzf
  // also never uses as a candidate.
  const bias = base;
  base += length;
  const srcEnd = srcOff + length;
  const dstEnd = dstOff + room;
  const matchEnd = srcEnd - 2;
  let ip = srcOff;
  let op = dstOff + 1;
  let literals = 0;
  while (ip < matchEnd) {
    const slot = slotOf(src, ip);
    const candidate = table[slot]! - bias;
    table[slot] = ip - srcOff + bias;
    const ref = srcOff + candidate;
    const distance = ip - ref - 1;
    if (
      candidate > 0 &&
      distance < DISTANCE_MAX &&
      src[ref] === src[ip] &&
      src[ref + 1] === src[ip + 1] &&
      src[ref + 2] === src[ip + 2]
    ) {
      if (op - (literals === 0 ? 1 : 0) + 4 >= dstEnd) return 0;
      if (literals === 0) op--;
      else dst[op - literals - 1] = literals - 1;
      const matched = matchLength(src, ref, ip, srcEnd);
      const code = matched - 2;
      if (code < 7) {
        dst[op++] = (distance >> 8) + (code << 5);
      } else {
        dst[op++] = (distance >> 8) + (7 << 5);
        dst[op++] = code - 7;
      }
      dst[op++] = distance & 0xff;
      literals = 0;
      op++;
      ip += matched;
      if (ip >= matchEnd) break;
      table[slotOf(src, ip - 2)] = ip - 2 - srcOff + bias;
      table[slotOf(src, ip - 1)] = ip - 1 - srcOff + bias;
    } else {
      if (op >= dstEnd) return 0;
      literals++;
      dst[op++] = src[ip++]!;
      if (literals === LITERALS_MAX) {
        dst[op - literals - 1] = literals - 1;
        literals = 0;
        op++;
      }
    }
  }
  if (op + 3 > dstEnd) return 0;
  while (ip < srcEnd) {
    literals++;
    dst[op++] = src[ip++]!;
    if (literals === LITERALS_MAX) {
      dst[op - literals - 1] = literals - 1;
      literals = 0;
      op++;
    }
  }
  if (literals === 0) op--;
  else dst[op - literals - 1] = literals - 1;
  return op - dstOff;
}

/**
 * How many bytes agree (three are known to). liblzf compares sixteen bytes before it looks at the limit, which near the
 * end of the input lets a match grow past where the slow loop would stop; equal bytes ask for the same here.
 */
function matchLength(src: Uint8Array, ref: number, ip: number, end: number): number {
  const rest = end - ip - 2;
  const limit = rest > MATCH_MAX ? MATCH_MAX : rest;
  let length = 2;
  if (limit > 16) {
    while (length < 18) {
      length++;
      if (src[ref + length] !== src[ip + length]) return length;
    }
  }
  do length++;
  while (length < limit && src[ref + length] === src[ip + length]);
  return length;
}

/**
 * Expands u8[srcOff, srcOff+length) into exactly `size` bytes at dst[dstOff]. False when the stream is damaged: a token
 * cut short, a reference before the start, or more or fewer bytes than promised. Never touches anything outside.
 */
export function lzfDecompress(
  src: Uint8Array,
  srcOff: number,
  length: number,
  dst: Uint8Array,
  dstOff: number,
  size: number,
): boolean {
  const srcEnd = srcOff + length;
  const dstEnd = dstOff + size;
  if (srcEnd > src.length || dstEnd > dst.length) return false;
  let ip = srcOff;
  let op = dstOff;
  while (ip < srcEnd) {
    const token = src[ip++]!;
    if (token < LITERALS_MAX) {
      const run = token + 1;
      if (ip + run > srcEnd || op + run > dstEnd) return false;
      copyBytes(src, ip, dst, op, run);
      ip += run;
      op += run;
      continue;
    }
    let run = (token >> 5) + 2;
    if (run === 9) {
      if (ip >= srcEnd) return false;
      run += src[ip++]!;
    }
    if (ip >= srcEnd) return false;
    let ref = op - ((token & 0x1f) << 8) - src[ip++]! - 1;
    if (ref < dstOff || op + run > dstEnd) return false;
    // Byte by byte: the source may overlap what is being written (that is how runs are coded).
    for (let i = 0; i < run; i++) dst[op++] = dst[ref++]!;
  }
  return op === dstEnd;
}
