/**
 * INCRBYFLOAT and HINCRBYFLOAT compute in x86's 80-bit long double and show the sum as "%.17Lf" without trailing zeros.
 * Here the same: 64 bits of mantissa, 15 of exponent, each step (two readings, one addition) rounded once to
 * the nearest, ties to even, by exact integer arithmetic. GEO answers use the same notation for plain doubles.
 *
 * Zero has no sign here: Redis prints "-0" as "0" and nothing else shows it.
 */
import { asciiText, bitLength, nearest, parseFloatText, powerOfTen, shiftRightToEven } from './float-text';

/** value = mantissa · 2^exponent, or infinite with the mantissa's sign. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
  readonly infinite: boolean;
}

const EXTENDED = { mantissaBits: 64, exponentMin: -16445, overflow: 16384 };
/** Redis copies the text into a buffer of this size, with its end byte. */
const TEXT_BYTES_MAX = 5 * 1024 - 1;
const DECIMALS = 17;

/** The number that the whole text says, or undefined for "value is not a valid float". */
export function parseLongDouble(u8: Uint8Array, off: number, length: number): LongDouble | undefined {
  if (length === 0 || length > TEXT_BYTES_MAX) return undefined;
  const quick = parseShort(u8, off, length);
  if (quick !== undefined) return quick;
  const text = parseFloatText(asciiText(u8, off, length));
  if (text === undefined) return undefined;
  if (text.infinite) return { mantissa: text.negative ? -1n : 1n, exponent: 0, infinite: true };
  const rounded = nearest(text, EXTENDED);
  if (rounded === undefined || (rounded.mantissa === 0n && text.digits !== 0n)) return undefined;
  return signed(text.negative, rounded.mantissa, rounded.exponent);
}

/** Digits and at most one point, not too many; undefined for everything else. */
function parseShort(u8: Uint8Array, off: number, length: number): LongDouble | undefined {
  let decimals = readDecimal(u8, off, length);
  let negative = false;
  let digits: bigint;
  if (decimals >= 0) {
    negative = digitsRead < 0;
    digits = BigInt(negative ? -digitsRead : digitsRead);
  } else {
    // What an earlier sum left: up to 30 digits, read as two numbers of 15.
    if (length < 17 || length > 32) return undefined;
    negative = u8[off] === 0x2d;
    const start = off + (negative ? 1 : 0);
    const point = u8.subarray(start, off + length).indexOf(0x2e);
    if (point <= 0 || point > 15) return undefined;
    const half = start + point + 1;
    const before = readDecimal(u8, start, point);
    const whole = digitsRead;
    const tail = off + length - half;
    const firstPart = Math.min(tail, 15);
    if (before !== 0 || u8[start] === 0x2b || !isDigits(u8, half, off + length)) return undefined;
    readDecimal(u8, half, firstPart);
    const high = digitsRead;
    digits = BigInt(whole) * powerOfTen(firstPart) + BigInt(high);
    if (tail > 15) {
      readDecimal(u8, half + 15, tail - 15);
      digits = digits * powerOfTen(tail - 15) + BigInt(digitsRead);
    }
    decimals = tail;
  }
  if (decimals === 0 || digits === 0n) return { mantissa: negative ? -digits : digits, exponent: 0, infinite: false };
  // The quotient has 66 or 67 bits, and one more says whether there is a rest.
  const divisor = powerOfTen(decimals);
  const shift = EXTENDED.mantissaBits + 3 - bitLength(digits) + bitLength(divisor);
  const scaled = digits << BigInt(shift);
  const quotient = scaled / divisor;
  const sticky = (quotient << 1n) | (quotient * divisor === scaled ? 0n : 1n);
  const surplus = bitLength(sticky) - EXTENDED.mantissaBits;
  return signed(negative, shiftRightToEven(sticky, surplus), surplus - shift - 1);
}

function isDigits(u8: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (u8[i]! < 0x30 || u8[i]! > 0x39) return false;
  return to > from;
}

/** Of the last `readDecimal`: the number without its point. */
let digitsRead = 0;

/** How many decimals a number of at most 15 digits has; −1 for everything else. */
function readDecimal(u8: Uint8Array, off: number, length: number): number {
  if (length === 0 || length > 17) return -1;
  const end = off + length;
  let at = off;
  const sign = u8[at];
  if (sign === 0x2d || sign === 0x2b) at++;
  let value = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = u8[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
    } else if (digit === -2 && point < 0) point = at;
    else return -1;
  }
  if (digits === 0 || digits > 15) return -1;
  digitsRead = sign === 0x2d ? -value : value;
  return point < 0 ? 0 : end - point - 1;
}

/** At most 15 digits and no exponent: a number that is certainly valid. */
export function isShortDecimal(u8: Uint8Array, off: number, length: number): boolean {
  return readDecimal(u8, off, length) >= 0;
}

const TENS = Array.from({ length: 16 }, (_, i) => 10 ** i);
/** Below this, three roundings to 64 bits (2^-60 twice, 2^-59) leave the 17th decimal as it is. */
const PLAIN_MAX = 32;
const PLAIN_DECIMALS_MAX = 13;

/**
 * The text of a sum, for numbers so short and small that it is that of the exact decimal sum: the errors of long doubles lie
 * below half a unit of the 17th decimal. Empty for all others.
 */
export function plainSum(a: Uint8Array, aOff: number, aLength: number, b: Uint8Array, bOff: number, bLength: number): string {
  const aDecimals = readDecimal(a, aOff, aLength);
  const aDigits = digitsRead;
  const bDecimals = readDecimal(b, bOff, bLength);
  if (aDecimals < 0 || bDecimals < 0) return '';
  const decimals = aDecimals > bDecimals ? aDecimals : bDecimals;
  if (decimals === 0) return String(aDigits + digitsRead);
  if (decimals > PLAIN_DECIMALS_MAX) return '';
  const unit = TENS[decimals]!;
  const left = aDigits * TENS[decimals - aDecimals]!;
  const right = digitsRead * TENS[decimals - bDecimals]!;
  const limit = PLAIN_MAX * unit;
  if (!(Math.abs(left) < limit && Math.abs(right) < limit)) return '';
  const sum = left + right;
  const size = Math.abs(sum);
  const whole = Math.floor(size / unit);
  let fraction = size - whole * unit;
  let shown = decimals;
  while (shown > 0 && fraction % 10 === 0) {
    fraction /= 10;
    shown--;
  }
  const sign = sum < 0 ? '-' : '';
  return shown === 0 ? `${sign}${whole}` : `${sign}${whole}.${String(fraction).padStart(shown, '0')}`;
}

/** a + b, or undefined when that is infinite or no number. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble | undefined {
  if (a.infinite || b.infinite) return undefined;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  const size = sum < 0n ? -sum : sum;
  // Neither has bits below the format's last, so a sum has none.
  const surplus = Math.max(0, bitLength(size) - EXTENDED.mantissaBits);
  const mantissa = shiftRightToEven(size, surplus);
  if (bitLength(mantissa) + exponent + surplus > EXTENDED.overflow) return undefined;
  return signed(sum < 0n, mantissa, exponent + surplus);
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
  const scaled = value.exponent < -1200 ? 0n : shiftRightToEven(size * powerOfTen(DECIMALS), -value.exponent);
  if (scaled === 0n) return '0';
  const digits = String(scaled).padStart(DECIMALS + 1, '0');
  return withPoint(negative, digits.slice(0, -DECIMALS), digits.slice(-DECIMALS));
}

function withPoint(negative: boolean, whole: string, fraction: string): string {
  let end = fraction.length;
  while (end > 0 && fraction.charCodeAt(end - 1) === 0x30) end--;
  return `${negative ? '-' : ''}${whole}${end === 0 ? '' : `.${fraction.slice(0, end)}`}`;
}

/**
 * A double in the same notation. Its bits behind the point are three limbs of 26, from which multiplying by powers of ten
 * pushes out decimals; what has more bits or a large whole part goes the long way.
 */
export function doubleAsLongDoubleText(d: number): string {
  const size = Math.abs(d);
  if (!(size < 1e15)) return longDoubleText(longDoubleFromNumber(d));
  const whole = Math.floor(size);
  if (whole === size) return d < 0 ? `-${whole}` : String(whole);
  let rest = (size - whole) * LIMB;
  const high = Math.floor(rest);
  rest = (rest - high) * LIMB;
  const middle = Math.floor(rest);
  rest = (rest - middle) * LIMB;
  if (rest !== Math.floor(rest)) return longDoubleText(longDoubleFromNumber(d));
  limbs[0] = high;
  limbs[1] = middle;
  limbs[2] = rest;
  const first = pushOut(1_000_000);
  const second = pushOut(1_000_000);
  let third = pushOut(100_000);
  const isAboveHalf = limbs[0] > LIMB / 2 || (limbs[0] === LIMB / 2 && (limbs[1] !== 0 || limbs[2] !== 0));
  if (isAboveHalf || (limbs[0] === LIMB / 2 && third % 2 === 1)) third++;
  // A carry into the next group is one case in a hundred thousand.
  if (third === 100_000) return longDoubleText(longDoubleFromNumber(d));
  return withPoint(d < 0, String(whole), String(first).padStart(6, '0') + String(second).padStart(6, '0') + String(third).padStart(5, '0'));
}

const LIMB = 2 ** 26;
const limbs: [number, number, number] = [0, 0, 0];

/** Multiplies the limbs by `factor`, at most 2^20; what leaves them at the top is the result. */
function pushOut(factor: number): number {
  const low = limbs[2] * factor;
  const middle = limbs[1] * factor + Math.floor(low / LIMB);
  const high = limbs[0] * factor + Math.floor(middle / LIMB);
  limbs[2] = low % LIMB;
  limbs[1] = middle % LIMB;
  limbs[0] = high % LIMB;
  return Math.floor(high / LIMB);
}
