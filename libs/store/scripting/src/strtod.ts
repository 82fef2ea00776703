// C's strtod on bytes that end with a NUL: the longest prefix that is a number, in any of the forms that glibc reads (decimal,
// hexadecimal with an optional binary exponent, infinity, nan). No leading blanks: callers stand on the first character.

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/;
const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?/;
const special = /^([+-]?)(infinity|inf|nan(?:\([0-9a-zA-Z_]*\))?)/i;
const numberCharsMax = 800;

export function parseDouble(u8: Buffer, at: number): { value: number; end: number } {
  const text = u8.toString('latin1', at, at + numberCharsMax);
  const hex = hexadecimal.exec(text);
  if (hex !== null && (hex[2] !== '' || (hex[3] ?? '') !== '')) return { value: hexValue(hex), end: at + hex[0].length };
  const plain = decimal.exec(text);
  if (plain !== null) return { value: Number(plain[0]), end: at + plain[0].length };
  const word = special.exec(text);
  if (word === null) return { value: 0, end: at };
  const magnitude = word[2]!.toLowerCase().startsWith('inf') ? Infinity : NaN;
  return { value: word[1] === '-' ? -magnitude : magnitude, end: at + word[0].length };
}

/** Exact for up to 13 significant hexadecimal digits; beyond, BigInt rounds as doubles do. */
function hexValue(match: RegExpExecArray): number {
  const fraction = match[3] ?? '';
  const digits = BigInt(`0x${match[2] ?? ''}${fraction}` === '0x' ? '0x0' : `0x${match[2] ?? ''}${fraction}`);
  const value = Number(digits) * 2 ** (Number(match[4] ?? 0) - 4 * fraction.length);
  return match[1] === '-' ? -value : value;
}
