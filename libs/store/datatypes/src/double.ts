/**
 * Doubles and their text. Reading follows strtod with Redis' extra refusals; writing is C's "%.17g", which is how
 * Redis 7.0 stores and answers scores (0.1 is written 0.10000000000000001).
 */
import { asciiText, nearest, parseFloatText } from './float-text';
import { integerTextBytes, writeInteger } from './int64';

/** "-2.2250738585072014e-308" */
export const DOUBLE_TEXT_BYTES_MAX = 24;

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, i) => 10 ** i);
const DOUBLE = { mantissaBits: 53, exponentMin: -1074, overflow: 1024 };

/**
 * The double that the whole text says, or NaN when Redis would answer "value is not a valid float": empty, spaces,
 * NaN, too large for a double, not zero but too small for one.
 */
export function parseDouble(u8: Uint8Array, off: number, length: number): number {
  const quick = parseShortDecimal(u8, off, length);
  if (quick === quick) return quick;
  const text = asciiText(u8, off, length);
  const value = textToDouble(text);
  if (value === 0) return hasNonZeroDigit(text) ? NaN : value;
  if (value === Infinity || value === -Infinity) return /inf/i.test(text) ? value : NaN;
  return value;
}

/**
 * A score limit (ZRANGEBYSCORE, ZCOUNT …) as bare strtod reads it: leading white space is passed over, nothing at all is
 * zero, too large is infinite, too small is zero. NaN when refused.
 */
export function parseDoubleLoosely(u8: Uint8Array, off: number, length: number): number {
  const quick = parseShortDecimal(u8, off, length);
  if (quick === quick) return quick;
  let text = asciiText(u8, off, length);
  const stop = text.indexOf('\0');
  if (stop >= 0) text = text.slice(0, stop);
  return text === '' ? 0 : textToDouble(text.replace(/^[ \t-\r]+/, ''));
}

/** Up to 15 digits and no exponent: both the digits and the power of ten are exact, so one division rounds right. */
function parseShortDecimal(u8: Uint8Array, off: number, length: number): number {
  if (length === 0 || length > 17) return NaN;
  const end = off + length;
  let at = off;
  const sign = u8[at];
  if (sign === 0x2d || sign === 0x2b) at++;
  let mantissa = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = u8[at]! - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits++;
    } else if (digit === -2 && point < 0) {
      point = at;
    } else {
      return NaN;
    }
  }
  if (digits === 0 || digits > 15) return NaN;
  if (point >= 0) mantissa /= POWERS_OF_TEN[end - point - 1]!;
  return sign === 0x2d ? -mantissa : mantissa;
}

function textToDouble(text: string): number {
  if (isDecimal(text)) return Number(text);
  const parsed = parseFloatText(text);
  if (parsed === undefined) return NaN;
  const rounded = parsed.infinite ? undefined : nearest(parsed, DOUBLE);
  const value = rounded === undefined ? Infinity : Number(rounded.mantissa) * 2 ** rounded.exponent;
  return parsed.negative ? -value : value;
}

/** Only digits, point, exponent and signs: then JavaScript's grammar is C's, and its rounding too. */
function isDecimal(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if ((c < 0x30 || c > 0x39) && c !== 0x2e && c !== 0x65 && c !== 0x45 && c !== 0x2d && c !== 0x2b) return false;
  }
  return text !== '';
}

function hasNonZeroDigit(text: string): boolean {
  const hexadecimal = /0x([\da-f.]*)/i.exec(text);
  if (hexadecimal !== null) return /[1-9a-f]/i.test(hexadecimal[1]!);
  return /[1-9]/.test(text.replace(/e.*$/i, ''));
}

/** Writes the text of "%.17g" (inf, -inf, nan, -0 included); returns the offset behind it. */
export function writeDouble(d: number, dst: Uint8Array, off: number): number {
  if (d > -1e12 && d < 1e12) {
    if (Math.floor(d) === d && (d !== 0 || 1 / d > 0)) return writeInteger(d, dst, off);
    const sixteenths = d * 16;
    if (Math.floor(sixteenths) === sixteenths && d !== 0) return writeSixteenths(d, dst, off);
  }
  const text = doubleText(d);
  for (let i = 0; i < text.length; i++) dst[off + i] = text.charCodeAt(i);
  return off + text.length;
}

/** Halves, quarters … are common scores and have at most four decimals, exactly. */
function writeSixteenths(d: number, dst: Uint8Array, off: number): number {
  const size = d < 0 ? -d : d;
  const whole = Math.floor(size);
  let decimals = (size - whole) * 10000;
  let digits = 4;
  while (decimals % 10 === 0) {
    decimals /= 10;
    digits--;
  }
  if (d < 0) dst[off++] = 0x2d;
  const point = writeInteger(whole, dst, off);
  dst[point] = 0x2e;
  for (let at = point + digits; at > point; at--) {
    const rest = Math.floor(decimals / 10);
    dst[at] = decimals - rest * 10 + 48;
    decimals = rest;
  }
  return point + 1 + digits;
}

export function doubleTextBytes(d: number): number {
  if (d > -1e12 && d < 1e12 && Math.floor(d) === d && (d !== 0 || 1 / d > 0)) return integerTextBytes(d);
  return doubleText(d).length;
}

export function doubleText(d: number): string {
  if (d !== d) return 'nan';
  if (d === Infinity) return 'inf';
  if (d === -Infinity) return '-inf';
  if (d === 0) return 1 / d < 0 ? '-0' : '0';
  const sign = d < 0 ? '-' : '';
  const [mantissa = '', exponentText] = digits17(Math.abs(d)).split('e');
  const exponent = Number(exponentText);
  const digits = trimZeros(mantissa.replace('.', ''));
  if (exponent < -4 || exponent >= 17) {
    const size = Math.abs(exponent);
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${size < 10 ? '0' : ''}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = exponent + 1;
  if (digits.length <= whole) return sign + digits.padEnd(whole, '0');
  return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

/**
 * 17 significant digits. JavaScript rounds ties away from zero, C to even. A tie has exactly 18 significant digits,
 * so it is m · 2^-k with 5^k < 10^18, that is k ≤ 25; larger integers cannot tie, since they are even.
 */
function digits17(d: number): string {
  const scaled = d * 33554432;
  if (Math.floor(scaled) === scaled && d.toExponential(17)[18] === '5') {
    const exact = d.toExponential(60);
    const tail = exact.slice(18, exact.indexOf('e'));
    if (/^50*$/.test(tail) && /[02468]/.test(exact[17]!)) return exact.slice(0, 18) + exact.slice(exact.indexOf('e'));
  }
  return d.toExponential(16);
}

function trimZeros(digits: string): string {
  let end = digits.length;
  while (end > 1 && digits.charCodeAt(end - 1) === 0x30) end--;
  return end === digits.length ? digits : digits.slice(0, end);
}
