import { ascii, Dice, toText } from './dice.testing';
import {
  addInt64,
  compareInt64,
  Int64,
  int64TextBytes,
  int64ToBigInt,
  int64ToNumber,
  integerTextBytes,
  negateInt64,
  parseBigInt64,
  parseInt64,
  parseSafeInteger,
  setInt64FromBigInt,
  setInt64FromNumber,
  writeInt64,
  writeInteger,
  writeUint64,
} from './int64';
import { parseUint64 } from './uint64-text';

const value = new Int64();
const out = new Uint8Array(40);

function pair(n: bigint): Int64 {
  const made = new Int64();
  setInt64FromBigInt(n, made);
  return made;
}

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

test('every int64 survives parse and format', () => {
  const dice = new Dice(1);
  const near = [0n, 1n, -1n, MAX, MIN, MAX - 1n, MIN + 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n];
  for (let digits = 0; digits < 19; digits++) {
    const unit = 10n ** BigInt(digits);
    near.push(unit, unit - 1n, -unit, 1n - unit, unit + 1n);
  }
  for (const n of [...near, ...Array.from({ length: 1000 }, () => dice.int64())]) {
    const text = String(n);
    expect(parseInt64(ascii(`#${text}`), 1, text.length, value)).toBe(true);
    expect(int64ToBigInt(value.hi, value.lo)).toBe(n);
    expect(int64ToNumber(value.hi, value.lo)).toBe(Number(n));
    expect(toText(out, 3, writeInt64(value.hi, value.lo, out, 3))).toBe(text);
    expect(int64TextBytes(value.hi, value.lo)).toBe(text.length);
    const unsigned = BigInt.asUintN(64, n);
    expect(toText(out, 0, writeUint64(value.hi, value.lo, out, 0))).toBe(String(unsigned));
    const safe = parseSafeInteger(ascii(text), 0, text.length);
    if (text.replace('-', '').length <= 15) {
      expect(safe).toBe(Number(n));
      expect(toText(out, 0, writeInteger(Number(n), out, 0))).toBe(text);
      expect(integerTextBytes(Number(n))).toBe(text.length);
      setInt64FromNumber(Number(n), value);
      expect(int64ToBigInt(value.hi, value.lo)).toBe(n);
    } else {
      expect(safe).toBeNaN();
    }
  }
});

test.each([
  ...['', '-', '+1', ' 1', '1 ', '01', '-01', '00', '-0', '1.0', '1e3', '0x10', '1a', 'a', '--1', '1-', '/', ':', '1:'],
  ...['9223372036854775808', '-9223372036854775809', '9999999999999999999', '10000000000000000000', '99999999999999999999'],
  ...['18446744073709551616', '-10000000000000000000', '0000000000000000000', '123456789012345x', '12345678901234567x'],
  ...['123456789012345678901234567890', '-x123456789012345678', '1/34567890123456789'],
])('"%s" is no integer', (text) => {
  expect(parseInt64(ascii(text), 0, text.length, value)).toBe(false);
  expect(parseSafeInteger(ascii(text), 0, text.length)).toBeNaN();
  expect(parseBigInt64(ascii(text), 0, text.length)).toBeUndefined();
});

test('sums and negations are exact or refused', () => {
  const dice = new Dice(2);
  for (let i = 0; i < 1000; i++) {
    const a = dice.int64();
    const b = dice.int64();
    const x = pair(a);
    const y = pair(b);
    const fits = a + b <= MAX && a + b >= MIN;
    expect(addInt64(x.hi, x.lo, y.hi, y.lo, value)).toBe(fits);
    if (fits) expect(int64ToBigInt(value.hi, value.lo)).toBe(a + b);
    expect(Math.sign(compareInt64(x.hi, x.lo, y.hi, y.lo))).toBe(a < b ? -1 : a > b ? 1 : 0);
    expect(negateInt64(x.hi, x.lo, value)).toBe(a !== MIN);
    if (a !== MIN) expect(int64ToBigInt(value.hi, value.lo)).toBe(-a);
  }
});

test.each([
  ['0', 0n],
  ['18446744073709551615', 2n ** 64n - 1n],
  ['9223372036854775808', 2n ** 63n],
  ['007', 7n],
  [' +5', 5n],
  ['-01', 2n ** 64n - 1n],
  ['18446744073709551616', undefined],
  ['-1', undefined],
  ['', undefined],
  ['5 ', undefined],
  ['+', undefined],
])('as unsigned "%s" is %s', (text, expected) => {
  const read = parseUint64(ascii(text), 0, text.length, value);
  expect(read ? BigInt.asUintN(64, int64ToBigInt(value.hi, value.lo)) : undefined).toBe(expected);
});
