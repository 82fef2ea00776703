/**
 * Byte ranges: copy, compare. A range is (u8, offset, length); nothing here allocates.
 *
 * Measured in shared memory (Node 24, ns): a loop takes 1–1.5 a byte; `copyWithin` 30 + 0.06 a byte, because V8 moves
 * shared memory word by word; Node's own copy 40 + 0.01 a byte. `set(subarray)` is never the best. Code that mixes
 * Buffer and plain Uint8Array is slower all over: hand in Buffers where speed matters.
 */

const LOOP_BYTES_MAX = 24;
const COPY_WITHIN_BYTES_MAX = 256;
const nativeCopy = Buffer.prototype.copy;

/** Copies `length` bytes; the ranges may overlap when both are in one array. */
export function copyBytes(src: Uint8Array, from: number, dst: Uint8Array, to: number, length: number): void {
  if (length > LOOP_BYTES_MAX) {
    if (src === dst && length <= COPY_WITHIN_BYTES_MAX) dst.copyWithin(to, from, from + length);
    else if (length !== src.length || src === dst) nativeCopy.call(src, dst, to, from, from + length);
    else {
      // A whole buffer goes through `set`, which moves shared memory byte by byte (measured: ten times slower).
      nativeCopy.call(src, dst, to, from, from + length - 1);
      dst[to + length - 1] = src[from + length - 1]!;
    }
  } else if (src === dst && from < to) {
    for (let i = length - 1; i >= 0; i--) dst[to + i] = src[from + i]!;
  } else {
    for (let i = 0; i < length; i++) dst[to + i] = src[from + i]!;
  }
}

export function equalBytes(a: Uint8Array, aOff: number, b: Uint8Array, bOff: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[aOff + i] !== b[bOff + i]) return false;
  return true;
}

/** The order of memcmp, the shorter range first where one begins the other. */
export function compareBytes(
  a: Uint8Array,
  aOff: number,
  aLength: number,
  b: Uint8Array,
  bOff: number,
  bLength: number,
): number {
  const length = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < length; i++) {
    const difference = a[aOff + i]! - b[bOff + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
