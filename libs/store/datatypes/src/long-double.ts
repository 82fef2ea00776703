/**
 * INCRBYFLOAT and HINCRBYFLOAT compute in x86's 80-bit long double and show the sum as "%.17Lf" without trailing zeros.
 * Here the same: 64 bits of mantissa, 15 of exponent, each step (two readings, one addition) rounded once to
 * the nearest, ties to even, by exact integer arithmetic. GEO answers use the same notation for plain doubles.
 *
 * Zero has no sign here: Redis prints "-0" as "0" and nothing else shows it.
 */
import { asciiText, nearest, parseFloatText, roundRatio, shiftRightToEven } from './float-text';

/** value = mantissa · 2^exponent, or infinite with the mantissa's sign. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly infinite: boolean;
}

const EXTENDED = { mantissaBits: 64, exponentMin: -16445, overflow: 16384 };
/** Redis copies the text into a buffer of this size, with its end byte. */
const TEXT_BYTES_MAX = 5 * 1024 - 1;
const DECIMALS = 17n;

/** The number that the whole text says, or undefined for "value is not a valid float". */
export function parseLongDouble(u8: Uint8Array, off: number, length: number): LongDouble | undefined {
  if (length === 0 || length > TEXT_BYTES_MAX) return undefined;
  const text = parseFloatText(asciiText(u8, off, length));
  if (text === undefined) return undefined;
  if (text.infinite) return { mantissa: text.negative ? -1n : 1n, exponent: 0, infinite: true };
  const rounded = nearest(text, EXTENDED);
  if (rounded === undefined || (rounded.mantissa === 0n && text.digits !== 0n)) return undefined;
  return signed(text.negative, rounded.mantissa, rounded.exponent);
}

/** a + b, or undefined when that is infinite or no number. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (a.infinite || b.infinite) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  const size = sum < 0n ? -sum : sum;
  const rounded =
    exponent < 0 ? roundRatio(size, 1n << BigInt(-exponent), EXTENDED) : roundRatio(size << BigInt(exponent), 1n, EXTENDED);
  return rounded && signed(sum < 0n, rounded.mantissa, rounded.exponent);
}

function signed(negative: boolean, mantissa: bigint, exponent: number): LongDouble {
  return { mantissa: negative ? -mantissa : mantissa, exponent, infinite: false };
}

/** A double (finite) as it stands, for `longDoubleText`. */
export function longDoubleFromNumber(d: number): LongDouble {
  let exponent = d === 0 ? 0 : Math.max(-1074, Math.floor(Math.log2(Math.abs(d))) - 54);
  let mantissa = exponent < -1000 ? d * 2 ** 600 * 2 ** (-exponent - 600) : d * 2 ** -exponent;
  // The logarithm may be one off, so two spare bits were kept; drop trailing zero bits for small integers below.
  while (mantissa !== 0 && mantissa % 2 === 0) {
    mantissa /= 2;
    exponent++;
  }
  return { mantissa: BigInt(mantissa), exponent, infinite: false };
}

/** 17 decimals, ties to even, without trailing zeros: Redis' "human" notation. ASCII. */
export function longDoubleText(value: LongDouble): string {
  const negative = value.mantissa < 0n;
  if (value.infinite) return negative ? '-inf' : 'inf';
  const size = negative ? -value.mantissa : value.mantissa;
  if (value.exponent >= 0) return (negative ? '-' : '') + String(size << BigInt(value.exponent));
  const scaled = value.exponent < -1200 ? 0n : shiftRightToEven(size * 10n ** DECIMALS, -value.exponent);
  if (scaled === 0n) return '0';
  const digits = String(scaled).padStart(18, '0');
  const point = digits.length - 17;
  const fraction = digits.slice(point).replace(/0+$/, '');
  return `${negative ? '-' : ''}${digits.slice(0, point)}${fraction === '' ? '' : `.${fraction}`}`;
}
