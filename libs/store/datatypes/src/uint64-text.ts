/**
 * Unsigned 64-bit text as Redis reads it for stream ids: a canonical int64 that is not negative, else whatever C's
 * strtoull takes to the end: leading white space, a sign (minus wraps around), leading zeros.
 */
import type { Int64 } from './int64';
import { parseInt64 } from './int64';

/** The value's 64 bits in `out`; false when the text is no such number. */
export function parseUint64(u8: Uint8Array, off: number, length: number, out: Int64): boolean {
  if (parseInt64(u8, off, length, out)) return out.hi >= 0;
  let at = off;
  const end = off + length;
  while (at < end && (u8[at] === 0x20 || (u8[at]! >= 9 && u8[at]! <= 13))) at++;
  const negative = u8[at] === 0x2d;
  if (at < end && (negative || u8[at] === 0x2b)) at++;
  if (at >= end) return false;
  let value = 0n;
  for (; at < end; at++) {
    const digit = u8[at]! - 48;
    if (digit < 0 || digit > 9) return false;
    value = value * 10n + BigInt(digit);
    if (value > 0xffffffffffffffffn) return false;
  }
  if (negative) value = BigInt.asUintN(64, -value);
  out.hi = Number(value >> 32n) | 0;
  out.lo = Number(value & 0xffffffffn) | 0;
  return true;
}
