/**
 * Signed 64-bit integers without BigInt: a value is the pair (hi, lo) of int32 halves, value = hi · 2^32 + (lo >>> 0).
 *
 * Functions that yield a pair write it into an `Int64` of the caller, who keeps one for reuse. Text follows
 * Redis' canonical form exactly: an optional minus, no plus, no leading zero, no space, "-0" is text. Only text
 * that survives parse ∘ format unchanged is an integer, because encodings replace the text by the number.
 */

export class Int64 {
  hi = 0;
  lo = 0;
}

const WORD = 4294967296;
const BILLION = 1e9;
/** "-9223372036854775808" */
export const INT64_TEXT_BYTES_MAX = 20;

/** The value as a double: exact when |value| ≤ 2^53, otherwise rounded once, as C's conversion does. */
export function int64ToNumber(hi: number, lo: number): number {
  return hi * WORD + (lo >>> 0);
}

/** `n` must be an integer with |n| ≤ 2^63 (2^63 itself excluded). */
export function setInt64FromNumber(n: number, out: Int64): void {
  out.hi = Math.floor(n / WORD) | 0;
  out.lo = n | 0;
}

export function isSafeInt64(hi: number): boolean {
  return hi >= -0x200000 && hi < 0x200000;
}

export function compareInt64(aHi: number, aLo: number, bHi: number, bLo: number): number {
  if (aHi !== bHi) return aHi < bHi ? -1 : 1;
  if (aLo === bLo) return 0;
  return aLo >>> 0 < bLo >>> 0 ? -1 : 1;
}

/** a + b; false (and `out` untouched) when it leaves the int64 range. */
export function addInt64(aHi: number, aLo: number, bHi: number, bLo: number, out: Int64): boolean {
  const low = (aLo >>> 0) + (bLo >>> 0);
  const high = aHi + bHi + (low >= WORD ? 1 : 0);
  if (high > 0x7fffffff || high < -0x80000000) return false;
  out.hi = high | 0;
  out.lo = low | 0;
  return true;
}

/** −value; false when value is −2^63. */
export function negateInt64(hi: number, lo: number, out: Int64): boolean {
  if (hi === -0x80000000 && lo === 0) return false;
  out.hi = lo === 0 ? -hi | 0 : ~hi;
  out.lo = -lo | 0;
  return true;
}

/**
 * The integer written in u8[off, off+length) as a double, or NaN when the text is no canonical int64 or when it may
 * lie beyond ±2^53 (16 digits and more): ask `parseInt64` then.
 */
export function parseSafeInteger(u8: Uint8Array, off: number, length: number): number {
  if (length === 0 || length > 16) return NaN;
  let at = off;
  const end = off + length;
  const negative = u8[at] === 0x2d;
  if (negative) at++;
  const digits = end - at;
  if (digits === 0 || digits > 15) return NaN;
  let n = u8[at]! - 48;
  if (n < 1 || n > 9) return n === 0 && length === 1 ? 0 : NaN;
  for (at++; at < end; at++) {
    const digit = u8[at]! - 48;
    if (digit < 0 || digit > 9) return NaN;
    n = n * 10 + digit;
  }
  return negative ? -n : n;
}

/** Reads a canonical int64; false (and `out` untouched) when the text is not one. */
export function parseInt64(u8: Uint8Array, off: number, length: number, out: Int64): boolean {
  if (length <= 16) {
    const n = parseSafeInteger(u8, off, length);
    if (n === n) {
      out.hi = Math.floor(n / WORD) | 0;
      out.lo = n | 0;
      return true;
    }
    if (length < 16) return false;
  }
  if (length > INT64_TEXT_BYTES_MAX) return false;
  const negative = u8[off] === 0x2d;
  const first = negative ? off + 1 : off;
  const end = off + length;
  if (u8[first] === 0x30) return false;
  if (!parseMagnitude(u8, first, end - first, out, negative)) return false;
  return true;
}

/** 16 to 19 digits, kept as two decimal halves and joined in 16-bit steps so that no intermediate passes 2^53. */
function parseMagnitude(u8: Uint8Array, off: number, digits: number, out: Int64, negative: boolean): boolean {
  if (digits > 19 || digits < 10) return false;
  const end = off + digits;
  const split = end - 9;
  let high = 0;
  let low = 0;
  for (let at = off; at < end; at++) {
    const digit = u8[at]! - 48;
    if (digit < 0 || digit > 9) return false;
    if (at < split) high = high * 10 + digit;
    else low = low * 10 + digit;
  }
  const upper = Math.floor(high / 65536) * BILLION;
  const lower = (high % 65536) * BILLION + low;
  const lowSum = (upper % 65536) * 65536 + lower;
  const hi = Math.floor(upper / 65536) + Math.floor(lowSum / WORD);
  const lo = lowSum % WORD | 0;
  if (hi >= 0x80000000) {
    if (!negative || hi !== 0x80000000 || lo !== 0) return false;
    out.hi = -0x80000000;
    out.lo = 0;
  } else if (negative) {
    out.hi = lo === 0 ? -hi | 0 : ~hi;
    out.lo = -lo | 0;
  } else {
    out.hi = hi;
    out.lo = lo;
  }
  return true;
}

/** The slow exact road, for callers that compute with BigInt anyway. */
export function parseBigInt64(u8: Uint8Array, off: number, length: number): bigint | undefined {
  const value = new Int64();
  return parseInt64(u8, off, length, value) ? int64ToBigInt(value.hi, value.lo) : undefined;
}

export function int64ToBigInt(hi: number, lo: number): bigint {
  return (BigInt(hi) << 32n) | BigInt(lo >>> 0);
}

export function setInt64FromBigInt(n: bigint, out: Int64): void {
  out.hi = Number(BigInt.asIntN(32, n >> 32n));
  out.lo = Number(BigInt.asIntN(32, n));
}

/** Bytes that `writeInteger` needs. */
export function integerTextBytes(n: number): number {
  const sign = n < 0 ? 1 : 0;
  return sign + digitsOf(sign === 1 ? -n : n);
}

function digitsOf(n: number): number {
  if (n < 1e5) {
    if (n < 100) return n < 10 ? 1 : 2;
    return n < 1000 ? 3 : n < 10000 ? 4 : 5;
  }
  let digits = 6;
  for (let limit = 1e6; n >= limit; limit *= 10) digits++;
  return digits;
}

/** Writes a safe integer (|n| ≤ 2^53) as text; returns the offset behind it. */
export function writeInteger(n: number, dst: Uint8Array, off: number): number {
  if (n < 0) {
    dst[off++] = 0x2d;
    n = -n;
  }
  const end = off + digitsOf(n);
  if (n < BILLION) {
    writeDigits(n, dst, end, off);
  } else {
    const high = Math.floor(n / BILLION);
    writeDigits(n - high * BILLION, dst, end, end - 9);
    writeDigits(high, dst, end - 9, off);
  }
  return end;
}

/** Fills dst[from, end) from the right with the digits of n < 2^31, zeros in front. */
function writeDigits(n: number, dst: Uint8Array, end: number, from: number): void {
  n |= 0;
  while (end > from) {
    const rest = (n / 10) | 0;
    dst[--end] = n - rest * 10 + 48;
    n = rest;
  }
}

export function int64TextBytes(hi: number, lo: number): number {
  if (isSafeInt64(hi)) return integerTextBytes(int64ToNumber(hi, lo));
  return writeInt64(hi, lo, scratch, 0);
}

const scratch: Uint8Array = Buffer.alloc(INT64_TEXT_BYTES_MAX + 1);

/** Writes an int64 as text; returns the offset behind it. */
export function writeInt64(hi: number, lo: number, dst: Uint8Array, off: number): number {
  if (isSafeInt64(hi)) return writeInteger(int64ToNumber(hi, lo), dst, off);
  if (hi >= 0) return writeUint64(hi, lo, dst, off);
  dst[off] = 0x2d;
  return writeUint64(lo === 0 ? -hi | 0 : ~hi, -lo | 0, dst, off + 1);
}

/** The same 64 bits read as unsigned (stream ids). */
export function writeUint64(hi: number, lo: number, dst: Uint8Array, off: number): number {
  if (hi >= 0 && hi < 0x200000) return writeInteger(int64ToNumber(hi, lo), dst, off);
  // Long division by 10^9, 16 bits a step; the quotient is below 1.9e10.
  let rest = (hi >>> 0) % BILLION;
  let quotient = Math.floor((hi >>> 0) / BILLION);
  let step = rest * 65536 + (lo >>> 16);
  let digit = Math.floor(step / BILLION);
  quotient = quotient * 65536 + digit;
  rest = step - digit * BILLION;
  step = rest * 65536 + (lo & 0xffff);
  digit = Math.floor(step / BILLION);
  quotient = quotient * 65536 + digit;
  rest = step - digit * BILLION;
  const end = writeInteger(quotient, dst, off) + 9;
  writeDigits(rest, dst, end, end - 9);
  return end;
}
