/**
 * Byte text: how this library holds text.
 *
 * Redis' settings are byte strings; a password may hold any byte. Here every character stands for one byte
 * (what Buffer calls latin1), so that quoting, comparing and rewriting are exact. The shell decodes files and
 * arguments with `byteText` and turns a value that names a path back with `toUtf8`.
 *
 * The few C-library readings below (strtoll, ASCII case) are what Redis' own replies follow.
 */

const LLONG_MAX = 2n ** 63n - 1n;
const LLONG_MIN = -(2n ** 63n);

/** A JavaScript string (argv, environment) as byte text. */
export function byteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Byte text as an ordinary string, for paths and host names. */
export function toUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

/** The C locale's lower case: bytes above 127 are nobody's letters. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
}

/** C strings end at the first NUL; a setting kept as one does too. */
export function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

/** strtoll over the whole text: leading blanks and a sign are fine, leftovers are not, too large saturates. Empty reads as 0. */
export function readLong(text: string, radix: 8 | 10 = 10): { value: bigint; hasOverflowed: boolean } | undefined {
  const body = untilNul(text);
  if (body === '') return { value: 0n, hasOverflowed: false };
  const found = (radix === 8 ? /^[ \t\n\v\f\r]*([+-]?)([0-7]+)$/ : /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/).exec(body);
  if (!found) return undefined;
  const size = BigInt((radix === 8 ? '0o' : '') + found[2]!);
  const value = found[1] === '-' ? -size : size;
  if (value > LLONG_MAX) return { value: LLONG_MAX, hasOverflowed: true };
  if (value < LLONG_MIN) return { value: LLONG_MIN, hasOverflowed: true };
  return { value, hasOverflowed: false };
}

/** Redis' strict integer: no blanks, no plus, no leading zeros, within 64 bits. */
export function readStrictInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value > LLONG_MAX || value < LLONG_MIN ? undefined : value;
}
