import { ascii, Dice, toText } from './dice.testing';
import { doubleText, doubleTextBytes, parseDouble, parseDoubleLoosely, writeDouble } from './double';

const parse = (text: string) => parseDouble(ascii(`<${text}>`), 1, text.length);
const parseLoosely = (text: string) => parseDoubleLoosely(ascii(text), 0, text.length);
const out = new Uint8Array(64);

// As redis-server 7.0.15 answers ZADD and then ZSCORE.
test.each([
  ['0.1', '0.10000000000000001'],
  ['3.0', '3'],
  ['1e21', '1e+21'],
  ['1.5e300', '1.5000000000000001e+300'],
  ['inf', 'inf'],
  ['-Infinity', '-inf'],
  ['-0', '-0'],
  ['1e-5', '1.0000000000000001e-05'],
  ['0.0001', '0.0001'],
  ['123456789012345678', '1.2345678901234568e+17'],
  ['1e17', '1e+17'],
  ['1e16', '10000000000000000'],
  ['1.00000762939453125', '1.0000076293945312'],
  ['2.98023223876953125e-8', '2.9802322387695312e-08'],
  ['0x1p3', '8'],
  ['1e-310', '9.9999999999999694e-311'],
  ['4503599627370497.5', '4503599627370498'],
  ['.5', '0.5'],
  ['5.', '5'],
  ['+5', '5'],
  ['0x.8p1', '1'],
  ['1.7976931348623157e308', '1.7976931348623157e+308'],
  ['5e-324', '4.9406564584124654e-324'],
  ['0x1p-1074', '4.9406564584124654e-324'],
  ['100.25', '100.25'],
  ['-1234.5', '-1234.5'],
])('%s is written %s', (text, written) => {
  const d = parse(text);
  expect(toText(out, 1, writeDouble(d, out, 1))).toBe(written);
  expect(doubleTextBytes(d)).toBe(written.length);
});

test.each(
  ['', ' 1', '1 ', 'nan', '-nan', '1e400', '-1e400', '1e-400', '0x1p1024', '0x1p-1080', '1e', '0x', '.', '-', '1.2.3', '1_0', '1\0'].map(
    (text) => [text],
  ),
)('%j is no float', (text) => {
  expect(parse(text)).toBeNaN();
});

test('a score limit is read more loosely', () => {
  expect(parseLoosely('')).toBe(0);
  expect(parseLoosely(' \t5')).toBe(5);
  expect(parseLoosely('1e400')).toBe(Infinity);
  expect(parseLoosely('1e-400')).toBe(0);
  expect(parseLoosely('5 ')).toBeNaN();
  expect(parseLoosely(' ')).toBeNaN();
  expect(parseLoosely('nan')).toBeNaN();
});

test('every double reads back from its text', () => {
  const dice = new Dice(3);
  const words = new Uint32Array(2);
  const double = new Float64Array(words.buffer);
  for (let i = 0; i < 5000; i++) {
    words[0] = dice.below(4294967296);
    words[1] = dice.below(4294967296);
    const d = dice.below(3) === 0 ? dice.below(1e9) / 2 ** dice.below(40) : double[0]!;
    if (d !== d) continue;
    const text = doubleText(d);
    expect(text.length).toBeLessThanOrEqual(24);
    expect(parse(text)).toBe(d);
  }
});

test('halves, quarters and the like are written exactly, without trailing zeros', () => {
  const dice = new Dice(12);
  for (let i = 0; i < 2000; i++) {
    const d = (dice.below(2000000) - 1000000) / dice.pick([1, 2, 4, 8, 16, 32, 64]) + dice.pick([0, 123456789012]);
    const text = toText(out, 0, writeDouble(d, out, 0));
    expect([text, doubleTextBytes(d)]).toEqual([String(d), text.length]);
  }
});

test('short decimals read as JavaScript reads them', () => {
  const dice = new Dice(4);
  for (let i = 0; i < 5000; i++) {
    const text = (dice.below(2) === 0 ? '-' : '') + String(dice.below(1e9)) + '.' + String(dice.below(1e6));
    expect(parse(text)).toBe(Number(text));
  }
});
