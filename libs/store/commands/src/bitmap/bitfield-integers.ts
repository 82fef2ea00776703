/**
 * Integers of 1 to 64 bits anywhere in a range of bytes, highest bit first, and what becomes of a value that does not fit.
 * Up to 32 bits are done with plain numbers, wider ones with BigInt.
 */

/** What to do with a value that does not fit: drop its high bits, take the nearest that fits, leave everything as it is. */
export type Overflow = 'wrap' | 'sat' | 'fail';

export const NARROW_BITS_MAX = 32;
/** A sum of this and any narrow integer is exact. */
export const NARROW_VALUE_MAX = 2 ** 52;

/** Bytes behind the range count as zeros. `bit` counts from `off`. */
export function readNarrow(u8: Uint8Array, off: number, length: number, bit: number, bits: number, isSigned: boolean): number {
  const first = Math.floor(bit / 8);
  const shift = bit - first * 8;
  const bytes = (shift + bits + 7) >> 3;
  let sum = 0;
  for (let i = 0; i < bytes; i++) sum = sum * 256 + (first + i < length ? u8[off + first + i]! : 0);
  const value = Math.floor(sum / 2 ** (bytes * 8 - shift - bits)) % 2 ** bits;
  return isSigned && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** The bits must lie within the value. */
export function writeNarrow(u8: Uint8Array, off: number, bit: number, bits: number, value: number): void {
  const first = Math.floor(bit / 8);
  const shift = bit - first * 8;
  const bytes = (shift + bits + 7) >> 3;
  const unit = 2 ** (bytes * 8 - shift - bits);
  const at = off + first;
  let sum = 0;
  for (let i = 0; i < bytes; i++) sum = sum * 256 + u8[at + i]!;
  const before = Math.floor(sum / unit) % 2 ** bits;
  sum += ((value < 0 ? value + 2 ** bits : value) - before) * unit;
  for (let i = bytes - 1; i >= 0; i--) {
    u8[at + i] = sum % 256;
    sum = Math.floor(sum / 256);
  }
}

/** `value` as an integer of that width; undefined when it does not fit and must not be forced. */
export function fitNarrow(value: number, bits: number, isSigned: boolean, overflow: Overflow, isIncrement: boolean): number | undefined {
  const modulus = 2 ** bits;
  const max = isSigned ? modulus / 2 - 1 : modulus - 1;
  const min = isSigned ? -modulus / 2 : 0;
  if (value >= min && value <= max) return value;
  if (overflow === 'fail') return undefined;
  // A negative number SET into an unsigned field is a very large one.
  if (overflow === 'sat') return value > max || (!isSigned && !isIncrement) ? max : min;
  const rest = value - Math.floor(value / modulus) * modulus;
  return rest > max ? rest - modulus : rest;
}

export function readWide(u8: Uint8Array, off: number, length: number, bit: number, bits: number, isSigned: boolean): bigint {
  const first = Math.floor(bit / 8);
  const shift = bit - first * 8;
  const bytes = (shift + bits + 7) >> 3;
  let sum = 0n;
  for (let i = 0; i < bytes; i++) sum = (sum << 8n) | BigInt(first + i < length ? u8[off + first + i]! : 0);
  const value = sum >> BigInt(bytes * 8 - shift - bits);
  return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

export function writeWide(u8: Uint8Array, off: number, bit: number, bits: number, value: bigint): void {
  const first = Math.floor(bit / 8);
  const shift = bit - first * 8;
  const bytes = (shift + bits + 7) >> 3;
  const below = BigInt(bytes * 8 - shift - bits);
  const at = off + first;
  let sum = 0n;
  for (let i = 0; i < bytes; i++) sum = (sum << 8n) | BigInt(u8[at + i]!);
  const mask = ((1n << BigInt(bits)) - 1n) << below;
  sum = (sum & ~mask) | (BigInt.asUintN(bits, value) << below);
  for (let i = bytes - 1; i >= 0; i--) {
    u8[at + i] = Number(sum & 255n);
    sum >>= 8n;
  }
}

export function fitWide(value: bigint, bits: number, isSigned: boolean, overflow: Overflow, isIncrement: boolean): bigint | undefined {
  const half = 1n << BigInt(bits - 1);
  const max = isSigned ? half - 1n : 2n * half - 1n;
  const min = isSigned ? -half : 0n;
  if (value >= min && value <= max) return value;
  if (overflow === 'fail') return undefined;
  // A SET so far below a signed field that the distance to its maximum leaves 64 bits counts as above it, as in Redis.
  const isFarBelow = isSigned && !isIncrement && max - value >= 1n << 63n;
  if (overflow === 'sat') return value > max || isFarBelow || (!isSigned && !isIncrement) ? max : min;
  return isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}
