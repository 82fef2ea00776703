/**
 * Bits of byte ranges: counting, searching, combining, four bytes at a time where the range allows it. Bit 0 is the
 * highest of the first byte, as SETBIT counts.
 */
import { copyBytes } from '@larder/store-datatypes';

/** Number of ones in u8[off, off + length); `i32` are the same bytes as words. */
export function countBits(u8: Uint8Array, i32: Int32Array, off: number, length: number): number {
  const end = off + length;
  let at = off;
  let sum = 0;
  for (; at < end && (at & 3) !== 0; at++) sum += onesOf(u8[at]!);
  const lastWord = end >> 2;
  for (let w = at >> 2; w < lastWord; w++) {
    let x = i32[w]!;
    x -= (x >>> 1) & 0x55555555;
    x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
    sum += Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  for (at = Math.max(at, lastWord << 2); at < end; at++) sum += onesOf(u8[at]!);
  return sum;
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

/** The first `bit` in the range, counted from its start; without one −1, or length · 8 for a zero. */
export function firstBit(u8: Uint8Array, i32: Int32Array, off: number, length: number, bit: number): number {
  const end = off + length;
  const passed = bit === 1 ? 0 : 0xff;
  const passedWord = bit === 1 ? 0 : -1;
  let at = off;
  while (at < end && (at & 3) !== 0 && u8[at] === passed) at++;
  if ((at & 3) === 0) {
    const lastWord = end >> 2;
    let w = at >> 2;
    while (w < lastWord && i32[w] === passedWord) w++;
    at = Math.max(at, w << 2);
  }
  while (at < end && u8[at] === passed) at++;
  if (at === end) return bit === 1 ? -1 : length * 8;
  return (at - off) * 8 + firstInByte(u8[at]!, bit);
}

export type Operation = 'and' | 'or' | 'xor' | 'not';

/** Some bytes: a value in the arena, or what is missing (length 0). */
export interface Range {
  readonly u8: Uint8Array;
  readonly off: number;
  readonly length: number;
}

const CHUNK_BYTES = 1 << 14;
const left = Buffer.alloc(CHUNK_BYTES);
const right = Buffer.alloc(CHUNK_BYTES);
const leftWords = new Int32Array(left.buffer, left.byteOffset, CHUNK_BYTES >> 2);
const rightWords = new Int32Array(right.buffer, right.byteOffset, CHUNK_BYTES >> 2);

/**
 * Combines ranges, each followed by zeros up to the longest, into `out`. They lie at any address, so they pass
 * through two aligned chunks, in which whole words are combined.
 */
export function combine(operation: Operation, sources: readonly Range[], out: Buffer): void {
  for (let from = 0; from < out.length; from += CHUNK_BYTES) {
    const bytes = Math.min(CHUNK_BYTES, out.length - from);
    const words = (bytes + 3) >> 2;
    take(sources[0]!, from, bytes, left);
    if (operation === 'not') for (let w = 0; w < words; w++) leftWords[w] = ~leftWords[w]!;
    for (let s = 1; s < sources.length; s++) {
      const source = sources[s]!;
      if (source.length <= from && operation !== 'and') continue;
      take(source, from, bytes, right);
      if (operation === 'and') for (let w = 0; w < words; w++) leftWords[w]! &= rightWords[w]!;
      else if (operation === 'or') for (let w = 0; w < words; w++) leftWords[w]! |= rightWords[w]!;
      else for (let w = 0; w < words; w++) leftWords[w]! ^= rightWords[w]!;
    }
    left.copy(out, from, 0, bytes);
  }
}

/** Bytes [from, from + bytes) of a range into `into`, zeros where it has none. */
function take(source: Range, from: number, bytes: number, into: Buffer): void {
  const there = Math.max(0, Math.min(bytes, source.length - from));
  copyBytes(source.u8, source.off + from, into, 0, there);
  if (there < bytes) into.fill(0, there, bytes);
}
