/**
 * The text of floating-point numbers as C's strtod and strtold read it, and exact rounding of a ratio to any binary
 * precision. This is the slow, exact road behind double.ts and long-double.ts; it may allocate.
 *
 * Grammar: sign, then decimal digits with point and exponent, or 0x with hexadecimal digits, point and binary exponent,
 * or inf/infinity. NaN is left out: Redis refuses it everywhere. The whole text must be read.
 */

export interface FloatText {
  readonly negative: boolean;
  readonly infinite: boolean;
  /** value = digits · base^scale */
  readonly digits: bigint;
  readonly base: 2 | 10;
  readonly scale: number;
}

/** value = mantissa · 2^exponent */
export interface BinaryFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export interface BinaryFormat {
  readonly mantissaBits: number;
  /** Exponent of the last bit of a denormal. */
  readonly exponentMin: number;
  /** Values of 2^overflow and more are infinite. */
  readonly overflow: number;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** Far outside of any format, near enough for exact arithmetic. */
const SCALE_MAX = 40000;

const POWERS_OF_TEN = Array.from({ length: 40 }, (_, i) => 10n ** BigInt(i));

const latin1Slice = (Buffer.prototype as unknown as { latin1Slice: (from: number, to: number) => string }).latin1Slice;

export function asciiText(u8: Uint8Array, off: number, length: number): string {
  return latin1Slice.call(u8, off, off + length);
}

/** Ten to the power of `n`. */
export function powerOfTen(n: number): bigint {
  return n < POWERS_OF_TEN.length ? POWERS_OF_TEN[n]! : 10n ** BigInt(n);
}

export function parseFloatText(text: string): FloatText | undefined {
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return finite(decimal, 10);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) return finite(hexadecimal, 2);
  const infinite = INFINITE.exec(text);
  if (infinite === null) return undefined;
  return { negative: infinite[1] === '-', infinite: true, digits: 1n, base: 2, scale: 0 };
}

function finite(match: RegExpExecArray, base: 2 | 10): FloatText | undefined {
  const whole = match[2] ?? '';
  const fraction = match[3] ?? '';
  const digits = whole + fraction;
  if (digits === '') return undefined;
  const perDigit = base === 2 ? 4 : 1;
  const wished = Number(match[4] ?? 0) - fraction.length * perDigit;
  return {
    negative: match[1] === '-',
    infinite: false,
    digits: BigInt(base === 2 ? `0x${digits}` : digits),
    base,
    scale: Math.max(-SCALE_MAX - digits.length * perDigit, Math.min(SCALE_MAX, wished)),
  };
}

/** The nearest number of the format, ties to even; undefined when it overflows. The sign is left to the caller. */
export function nearest(text: FloatText, format: BinaryFormat): BinaryFloat | undefined {
  const power = text.base === 2 ? 1n << BigInt(Math.abs(text.scale)) : powerOfTen(Math.abs(text.scale));
  return text.scale < 0 ? roundRatio(text.digits, power, format) : roundRatio(text.digits * power, 1n, format);
}

export function roundRatio(numerator: bigint, denominator: bigint, format: BinaryFormat): BinaryFloat | undefined {
  if (numerator === 0n) return { mantissa: 0n, exponent: 0 };
  // At least two bits more than wanted, and a sticky one for everything below.
  const shift = format.mantissaBits + 3 - (bitLength(numerator) - bitLength(denominator));
  const scaled = shift >= 0 ? numerator << BigInt(shift) : numerator;
  const divisor = shift >= 0 ? denominator : denominator << BigInt(-shift);
  const quotient = ((scaled / divisor) << 1n) | (scaled % divisor === 0n ? 0n : 1n);
  const quotientExponent = -shift - 1;
  const exponent = Math.max(bitLength(quotient) + quotientExponent - format.mantissaBits, format.exponentMin);
  const mantissa = shiftRightToEven(quotient, exponent - quotientExponent);
  if (bitLength(mantissa) + exponent > format.overflow) return undefined;
  return { mantissa, exponent };
}

/** n / 2^bits to the nearest integer, ties to even; n ≥ 0. */
export function shiftRightToEven(n: bigint, bits: number): bigint {
  if (bits <= 0) return n << BigInt(-bits);
  const count = BigInt(bits);
  const floor = n >> count;
  const twiceRest = (n - (floor << count)) << 1n;
  const unit = 1n << count;
  return twiceRest > unit || (twiceRest === unit && (floor & 1n) === 1n) ? floor + 1n : floor;
}

const asDouble = new Float64Array(1);
const asWords = new Int32Array(asDouble.buffer);

/** Bits of n ≥ 0 without leading zeros. */
export function bitLength(n: bigint): number {
  if (n === 0n) return 0;
  const near = (asDouble[0] = Number(n));
  if (near === Infinity) {
    const hex = n.toString(16);
    return hex.length * 4 - Math.clz32(parseInt(hex[0]!, 16)) + 28;
  }
  const high = asWords[1]!;
  const bits = (high >>> 20) - 1022;
  // A power of two may have been rounded up to.
  return near > 2 ** 53 && (high & 0xfffff) === 0 && asWords[0] === 0 && n < BigInt(near) ? bits - 1 : bits;
}
