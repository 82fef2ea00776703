/**
 * Bits of byte ranges: counting and searching four bytes at a time where the range allows it, combining sixteen at a time.
 * Bit 0 is the highest of the first byte, as SETBIT counts.
 */
import { copyBytes } from '@larder/store-datatypes';
import { CHUNK_BYTES, bitKernels } from './bit-kernels';
import type { Operation } from './bit-kernels';

/** Number of ones in u8[off, off + length); `i32` are the same bytes as words. */
export function countBits(u8: Uint8Array, i32: Int32Array, off: number, length: number): number {
  const end = off + length;
  let at = off;
  let sum = 0;
  for (; at < end && (at & 3) !== 0; at++) sum += onesOf(u8[at]!);
  const lastWord = end >> 2;
  let w = at >> 2;
  // Eight words at a time: carry-save adders (Harley and Seal) leave one word to count for eight, and three small ones at the end.
  let ones = 0;
  let twos = 0;
  let fours = 0;
  let eights = 0;
  for (; w + 8 <= lastWord; w += 8) {
    let a = i32[w]!;
    let b = i32[w + 1]!;
    let u = ones ^ a;
    const twosA = (ones & a) | (u & b);
    ones = u ^ b;
    a = i32[w + 2]!;
    b = i32[w + 3]!;
    u = ones ^ a;
    const twosB = (ones & a) | (u & b);
    ones = u ^ b;
    u = twos ^ twosA;
    const foursA = (twos & twosA) | (u & twosB);
    twos = u ^ twosB;
    a = i32[w + 4]!;
    b = i32[w + 5]!;
    u = ones ^ a;
    const twosC = (ones & a) | (u & b);
    ones = u ^ b;
    a = i32[w + 6]!;
    b = i32[w + 7]!;
    u = ones ^ a;
    const twosD = (ones & a) | (u & b);
    ones = u ^ b;
    u = twos ^ twosC;
    const foursB = (twos & twosC) | (u & twosD);
    twos = u ^ twosD;
    u = fours ^ foursA;
    eights += onesOfWord((fours & foursA) | (u & foursB));
    fours = u ^ foursB;
  }
  sum += 8 * eights + 4 * onesOfWord(fours) + 2 * onesOfWord(twos) + onesOfWord(ones);
  for (; w < lastWord; w++) sum += onesOfWord(i32[w]!);
  for (at = Math.max(at, lastWord << 2); at < end; at++) sum += onesOf(u8[at]!);
  return sum;
}

function onesOfWord(x: number): number {
  x -= (x >>> 1) & 0x55555555;
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function onesOf(byte: number): number {
  const pairs = byte - ((byte >> 1) & 0x55);
  const nibbles = (pairs & 0x33) + ((pairs >> 2) & 0x33);
  return (nibbles + (nibbles >> 4)) & 15;
}

/** The first `bit` in a byte: 0 … 7; without one −1, or 8 for a zero, since what follows counts as zeros. */
export function firstInByte(byte: number, bit: number): number {
  if (bit === 1) return byte === 0 ? -1 : Math.clz32(byte) - 24;
  return Math.clz32(~byte & 0xff) - 24;
}

/** What long empty stretches are compared with, at the speed of memcmp. */
const BLANK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLANK_BYTES);
const ONES = Buffer.alloc(BLANK_BYTES, 0xff);

/** The first `bit` in the range, counted from its start; without one −1, or length · 8 for a zero. */
export function firstBit(u8: Uint8Array, i32: Int32Array, off: number, length: number, bit: number): number {
  const end = off + length;
  const passed = bit === 1 ? 0 : 0xff;
  const passedWord = bit === 1 ? 0 : -1;
  let at = off;
  while (at < end && (at & 3) !== 0 && u8[at] === passed) at++;
  if ((at & 3) === 0) {
    const blank = bit === 1 ? ZEROS : ONES;
    while (end - at >= BLANK_BYTES && blank.compare(u8, at, at + BLANK_BYTES) === 0) at += BLANK_BYTES;
    const lastWord = end >> 2;
    let w = at >> 2;
    while (w < lastWord && i32[w] === passedWord) w++;
    at = Math.max(at, w << 2);
  }
  while (at < end && u8[at] === passed) at++;
  if (at === end) return bit === 1 ? -1 : length * 8;
  return (at - off) * 8 + firstInByte(u8[at]!, bit);
}

/** Some bytes: a value in the arena, or what is missing (length 0). */
export interface Range {
  readonly u8: Uint8Array;
  readonly off: number;
  readonly length: number;
}

/**
 * Combines ranges, each followed by zeros up to `length`, that of the longest, into out[off, off + length), which none of them
 * overlaps. They lie at any address, so they pass through two aligned chunks (bit-kernels.ts).
 */
export function combine(operation: Operation, sources: readonly Range[], out: Uint8Array, off: number, length: number): void {
  const { left, right, combineChunks } = bitKernels();
  for (let from = 0; from < length; from += CHUNK_BYTES) {
    const bytes = Math.min(CHUNK_BYTES, length - from);
    take(sources[0]!, from, bytes, left);
    if (operation === 'not') combineChunks.not((bytes + 15) & ~15);
    for (let s = 1; s < sources.length; s++) {
      const source = sources[s]!;
      if (source.length <= from && operation !== 'and') continue;
      take(source, from, bytes, right);
      combineChunks[operation]((bytes + 15) & ~15);
    }
    copyBytes(left, 0, out, off + from, bytes);
  }
}

/** Bytes [from, from + bytes) of a range into `into`, zeros where it has none. */
function take(source: Range, from: number, bytes: number, into: Buffer): void {
  const there = Math.max(0, Math.min(bytes, source.length - from));
  copyBytes(source.u8, source.off + from, into, 0, there);
  if (there < bytes) into.fill(0, there, bytes);
}
