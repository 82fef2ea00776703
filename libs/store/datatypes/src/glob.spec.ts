import { ascii, Dice, toText } from './dice.testing';
import { globMatches } from './glob';

const matches = (pattern: string, text: string, fold = false) =>
  globMatches(ascii(`<${pattern}>`), 1, pattern.length, ascii(`<${text}>`), 1, text.length, fold);

test.each([
  ['*', 'anything', true],
  ['*', '', false],
  ['', '', true],
  ['', 'a', false],
  ['a*', 'a', true],
  ['a**', 'a', true],
  ['h?llo', 'hello', true],
  ['h?llo', 'hllo', false],
  ['h[ae]llo', 'hallo', true],
  ['h[^e]llo', 'hello', false],
  ['h[a-c]llo', 'hbllo', true],
  ['h[c-a]llo', 'hbllo', true],
  ['h[a\\-c]llo', 'h-llo', true],
  ['h[a\\-c]llo', 'hbllo', false],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a\\', 'a\\', true],
  ['[', 'a', false],
  ['[a', 'a', true],
  ['[^', 'a', true],
  ['[]a', 'a', false],
  ['[a-', '-', true],
  ['*a*b*c', 'xxaxxbxxc', true],
  ['*a*b*c', 'xxaxxbxxd', false],
  ['news.*', 'news.art', true],
  ['[a-\xff]', 'A', true],
  ['[a-\xff]', 'z', false],
])('%j on %j: %s', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test('letters fold when asked to, escaped members of a set do not', () => {
  expect(matches('MaX*', 'maxMEMORY', true)).toBe(true);
  expect(matches('[A-C]', 'b', true)).toBe(true);
  expect(matches('[\\A]', 'a', true)).toBe(false);
  expect(matches('a', 'A', false)).toBe(false);
});

test('the 1001st star ends all hope, as in Redis', () => {
  expect(matches('*a'.repeat(1000), 'a'.repeat(1000))).toBe(true);
  expect(matches('*a'.repeat(1001), 'a'.repeat(1001))).toBe(false);
  expect(matches(`${'*a'.repeat(1000)}*`, 'a'.repeat(1001))).toBe(true);
});

test('many stars on a long text stay quick', () => {
  const steps = matches(`${'*a'.repeat(500)}*b`, 'a'.repeat(20000));
  expect(steps).toBe(false);
});

test('it agrees with a regular expression on plain patterns', () => {
  const dice = new Dice(11);
  for (let i = 0; i < 2000; i++) {
    const pattern = Array.from({ length: dice.below(8) }, () => dice.pick(['*', '?', 'a', 'b', '[ab]', '[^a]'])).join('');
    const bytes = dice.bytes(1 + dice.below(8), 3).map((byte) => byte + 97);
    const text = toText(bytes, 0, bytes.length);
    const regular = new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
    expect([pattern, text, matches(pattern, text)]).toEqual([pattern, text, regular.test(text)]);
  }
});
