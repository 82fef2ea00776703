/**
 * Byte ranges: copy, compare. A range is (u8, offset, length); nothing here allocates on short ranges.
 *
 * A call into the runtime costs about as much as moving 40 bytes by loop, and `subarray` allocates a view,
 * so short ranges are moved by loop and only long ones pay for the call.
 */

const LOOP_BYTES_MAX = 48;

/** Copies `length` bytes; the ranges may overlap when both are in one array. */
export function copyBytes(src: Uint8Array, from: number, dst: Uint8Array, to: number, length: number): void {
  if (length > LOOP_BYTES_MAX) {
    if (src === dst) dst.copyWithin(to, from, from + length);
    else dst.set(src.subarray(from, from + length), to);
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
