// Numbers as C would treat them: text of doubles, and doubles as 64-bit integers.
//
// %.17g and %.14g must match glibc's digits. JavaScript agrees for integers below the precision; everything else is printed
// by the image's own printf (exact, ties to even), because toPrecision rounds ties up.

const int64Min = -(2n ** 63n);
const int64MinNumber = -(2 ** 63);

/** (long long)x on x86-64: truncation, and the smallest integer for whatever does not fit. */
export function toInt64(x: number): bigint {
  if (x >= int64MinNumber && x < -int64MinNumber) return BigInt(Math.trunc(x));
  return int64Min;
}

/** (int)(long long)x. */
export function toInt32(x: number): number {
  return x >= int64MinNumber && x < -int64MinNumber ? x | 0 : 0;
}

/** True when (long long)x == x. */
export function isInt64(x: number): boolean {
  return Number.isInteger(x) && x >= int64MinNumber && x < -int64MinNumber;
}

/** Text of `x` under %.{precision}g when it is an integer that this precision prints in full; otherwise undefined. */
export function integerText(x: number, precision: number): string | undefined {
  if (!Number.isInteger(x)) return undefined;
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const limit = powersOfTen[precision]!;
  if (x >= limit || x <= -limit) return undefined;
  return Number.isSafeInteger(x) ? String(x) : String(BigInt(x));
}

const powersOfTen = Array.from({ length: 18 }, (_, i) => 10 ** i);

/** Writes the decimal digits of a whole number in [0, 2^53); returns how many there are. */
export function writeInteger(bytes: Uint8Array, at: number, n: number): number {
  let digits = 1;
  for (let limit = 10; n >= limit; limit *= 10) digits++;
  let to = at + digits;
  while (n > 0x3fffffff) {
    const next = Math.floor(n / 10);
    bytes[--to] = 48 + n - next * 10;
    n = next;
  }
  for (let small = n | 0; to > at; ) {
    const next = (small / 10) | 0;
    bytes[--to] = 48 + small - next * 10;
    small = next;
  }
  return digits;
}
