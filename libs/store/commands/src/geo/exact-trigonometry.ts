/**
 * Sine, cosine and arcsine rounded to the nearest double, which is what C's library gives in all but one case in a
 * thousand; JavaScript's differ from it in one of thirty. Slow: fixed-point numbers of 128 fractional bits. Callers ask
 * only where the last bit can be seen.
 */
const FRACTION = 128n;
const ONE = 1n << FRACTION;

/** A finite double with |x| < 2^20 as a fixed-point number; what lies below 2^-128 is cut. */
function toFixed(x: number): bigint {
  let exponent = 0;
  while (x !== Math.floor(x) && exponent < 128) {
    const step = Math.min(52, 128 - exponent);
    x *= 2 ** step;
    exponent += step;
  }
  return BigInt(Math.floor(x)) << BigInt(128 - exponent);
}

/** The nearest double, ties to even; Number() of a BigInt rounds that way. */
function toDouble(x: bigint): number {
  return Number(x) * 2 ** -128;
}

function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> FRACTION;
}

/** x − x³/3! + … from the term `first` on, whose power is `power`. |x| ≤ 4. */
function series(x: bigint, first: bigint, power: number): bigint {
  const square = multiply(x, x);
  let term = first;
  let sum = first;
  for (let n = power; term > 1n || term < -1n; n += 2) {
    term = -multiply(term, square) / BigInt((n + 1) * (n + 2));
    sum += term;
  }
  return sum;
}

export function sin(x: number): number {
  // So near zero that the fixed point would lose digits, x³/6 moves it by less than half a unit.
  if (Math.abs(x) < 1e-9) return x;
  const fixed = toFixed(x);
  return toDouble(series(fixed, fixed, 1));
}

export function cos(x: number): number {
  return toDouble(series(toFixed(x), ONE, 0));
}

/** 0 ≤ x; NaN beyond 1. */
export function asin(x: number): number {
  if (x < 1e-9 || x > 1) return x > 1 ? NaN : x;
  // Two steps of Newton's method from a near value; at the very end the derivative vanishes and the near value is right.
  if (x === 1) return Math.asin(1);
  const wanted = toFixed(x);
  let y = toFixed(Math.asin(x));
  for (let i = 0; i < 2; i++) {
    const slope = series(y, ONE, 0);
    y += ((wanted - series(y, y, 1)) << FRACTION) / slope;
  }
  return toDouble(y);
}
