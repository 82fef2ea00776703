import { ascii } from './dice.testing';
import type { LongDouble } from './long-double';
import { addLongDoubles, doubleAsLongDoubleText, longDoubleFromNumber, longDoubleText, parseLongDouble, plainSum } from './long-double';

const parse = (text: string) => parseLongDouble(ascii(text), 0, text.length);

function sum(a: string, b: string): string | undefined {
  const total: LongDouble | undefined = addLongDoubles(parse(a)!, parse(b)!);
  return total && longDoubleText(total);
}

// As redis-server 7.0.15 (x86-64) answers SET and then INCRBYFLOAT.
test.each([
  ['10.5', '0.1', '10.6'],
  ['10.6', '5.0e3', '5010.60000000000000009'],
  ['5010.60000000000000009', '0x1p3', '5018.60000000000000009'],
  ['5018.60000000000000009', '1e20', '100000000000000005016'],
  ['3.0', '0', '3'],
  ['-0', '-0', '0'],
  ['1e-30', '-2e-30', '0'],
  ['0.1', '-0.1', '0'],
])('%s + %s = %s', (a, b, expected) => {
  expect(sum(a, b)).toBe(expected);
});

test('the range is that of 80 bits', () => {
  expect(parse('1e4932')).toBeDefined();
  expect(parse('1.2e4932')).toBeUndefined();
  expect(parse('1e-4950')).toBeDefined();
  expect(parse('1e-4951')).toBeUndefined();
  expect(parse('1e-999999999999')).toBeUndefined();
  expect(parse('0e-999999999999')?.mantissa).toBe(0n);
  expect(sum('1.1e4932', '1.1e4932')).toBeUndefined();
});

test('infinity can be read but not be a sum', () => {
  expect(longDoubleText(parse('-inf')!)).toBe('-inf');
  expect(sum('inf', '1')).toBeUndefined();
});

test.each(['', ' 1', '1 ', 'nan', '0x', '1e', '0'.repeat(5120)].map((text) => [text]))('%j is no float', (text) => {
  expect(parse(text)).toBeUndefined();
});

test.each([
  [0.1, '0.10000000000000001'],
  [13.361389338970184, '13.36138933897018433'],
  [-2.5, '-2.5'],
  [0, '0'],
  [-0, '0'],
  [1e22, '10000000000000000000000'],
  [5e-324, '0'],
  [-1e-300, '0'],
  [123456789, '123456789'],
])('the double %d is shown as %s', (d, expected) => {
  expect(longDoubleText(longDoubleFromNumber(d))).toBe(expected);
});

describe('the quick ways answer what the exact ones do', () => {
  let seed = 5;
  const below = (limit: number): number => Math.floor((((seed = (Math.imul(seed, 1664525) + 1013904223) | 0) >>> 0) / 2 ** 32) * limit);
  const decimal = (): string => {
    const digits = Array.from({ length: 1 + below(15) }, () => below(10)).join('');
    const point = below(digits.length + 2);
    return ['', '-', '+'][below(3)]! + (point > digits.length ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`);
  };

  test('for reading and for sums', () => {
    let quick = 0;
    for (let i = 0; i < 20_000; i++) {
      const [a, b] = [decimal(), decimal()];
      // An exponent leads the long way.
      expect(longDoubleText(parse(a)!)).toBe(longDoubleText(parse(`${a}e0`)!));
      expect(parse(a)!.mantissa << BigInt(200 + parse(a)!.exponent)).toBe(parse(`${a}e0`)!.mantissa << BigInt(200 + parse(`${a}e0`)!.exponent));
      const plain = plainSum(ascii(a), 0, a.length, ascii(b), 0, b.length);
      if (plain === '') continue;
      quick++;
      expect(plain).toBe(longDoubleText(addLongDoubles(parse(`${a}e0`)!, parse(`${b}e0`)!)!));
    }
    expect(quick).toBeGreaterThan(2_000);
  });

  test('for reading what a sum left', () => {
    for (let i = 0; i < 20_000; i++) {
      const digits = (count: number): string => Array.from({ length: count }, () => below(10)).join('');
      const text = `${['', '-'][below(2)]!}${digits(1 + below(16))}.${digits(1 + below(20))}`;
      expect(parse(text)).toEqual(parse(`${text}e0`));
    }
  });

  test('for showing doubles', () => {
    for (let i = 0; i < 20_000; i++) {
      const d = (below(2 ** 32) - 2 ** 31 + below(2 ** 31) / 2 ** 31) * 2 ** (below(60) - 50);
      expect(doubleAsLongDoubleText(d)).toBe(longDoubleText(longDoubleFromNumber(d)));
    }
    for (const d of [0, -0, 0.5, 1e-17, 5e-18, 0.9999999999999999, 2 ** -26, 2 ** -18 + 1, 1e15, -1e300, 0.999999999999999995]) {
      expect(doubleAsLongDoubleText(d)).toBe(longDoubleText(longDoubleFromNumber(d)));
    }
  });
});
