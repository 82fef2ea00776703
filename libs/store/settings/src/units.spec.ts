/** Sizes and quoting, without a server. */

import { quoteArgument, splitArguments } from './argument-text';
import { bytesToHuman, formatMemory, parseMemory } from './units';

test.each<[string, bigint | undefined]>([
  ['0', 0n],
  ['1k', 1000n],
  ['1kB', 1024n],
  ['3Gb', 3n * 1024n ** 3n],
  ['2M', 2_000_000n],
  ['', 0n],
  ['-1', undefined],
  ['1.5gb', undefined],
  ['1 kb', undefined],
  ['1tb', undefined],
])('%j is a size of %s', (text, bytes) => {
  expect(parseMemory(text)).toBe(bytes);
});

test.each([0n, 1n, 1000n, 1024n, 1536n, 5n * 1024n ** 2n, 7n * 1024n ** 3n])('%s bytes are written so that they read back', (bytes) => {
  expect(parseMemory(formatMemory(bytes))).toBe(bytes);
});

test.each([
  [0, '0B'],
  [1023, '1023B'],
  [1024, '1.00K'],
  [939500, '917.48K'],
  [1024 ** 2 - 1, '1024.00K'],
  [1024 ** 3, '1.00G'],
  [25_276_000_000, '23.54G'],
  [1024 ** 4 * 1.5, '1.50T'],
  [1024 ** 5 * 2, '2.00P'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(bytesToHuman(bytes)).toBe(text);
});

test.each<[string, string[] | undefined]>([
  ['', []],
  ['  a \t b\r', ['a', 'b']],
  ['"a b" \'c d\'', ['a b', 'c d']],
  ['"\\x41\\n\\q\\""', ['A\nq"']],
  ["'it\\'s' '\\n'", ["it's", '\\n']],
  ['a"b c"', ['ab c']],
  ['"" \'\'', ['', '']],
  ['"a"b', undefined],
  ['"a', undefined],
  ["'a\\'", undefined],
  ['"a\\', undefined],
  ['"\\xg1"', ['xg1']],
])('the line %j has the arguments %j', (line, args) => {
  expect(splitArguments(line)).toEqual(args);
});

test('every byte survives quoting', () => {
  const bytes = Array.from({ length: 255 }, (_, code) => String.fromCharCode(code + 1)).join('');
  expect(splitArguments(quoteArgument(bytes))).toEqual([bytes]);
  expect(quoteArgument(bytes)).toMatch(/^[ -~]+$/);
});
