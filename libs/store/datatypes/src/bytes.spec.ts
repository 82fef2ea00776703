import { compareBytes, copyBytes, equalBytes } from './bytes';
import { ascii, Dice } from './dice.testing';

test.each([
  ['private memory', () => new Uint8Array(3000)],
  ['shared memory', () => Buffer.from(new SharedArrayBuffer(3000))],
])('overlapping ranges in %s move whole, either way, at every length', (_, make) => {
  const dice = new Dice(13);
  for (let length = 0; length < 700; length += length < 60 ? 1 : 37) {
    const u8 = make();
    u8.set(dice.bytes(3000));
    const before = Uint8Array.from(u8);
    const from = 1000 + dice.below(200);
    const to = dice.pick([from, from - 1, from + 1, from - 8, from + 8, 100, 2000]);
    copyBytes(u8, from, u8, to, length);
    const expected = before.slice();
    expected.set(before.subarray(from, from + length), to);
    expect(compareBytes(u8, 0, 3000, expected, 0, 3000)).toBe(0);
  }
});

test.each([10, 40, 1000])('%i bytes move between a plain array and shared memory', (length) => {
  const src = new Dice(14).bytes(length + 5);
  const dst = new Uint8Array(new SharedArrayBuffer(length + 20));
  copyBytes(src, 5, dst, 7, length);
  expect(equalBytes(src, 5, dst, 7, length)).toBe(true);
  expect([dst[6], dst[7 + length]]).toEqual([0, 0]);
});

test('ranges order as memcmp does, the shorter first', () => {
  const order = (a: string, b: string) => Math.sign(compareBytes(ascii(a), 0, a.length, ascii(b), 0, b.length));
  expect([order('a', 'b'), order('b', 'a'), order('a', 'a'), order('a', 'aa'), order('', 'a'), order('\xff', 'a')]).toEqual([
    -1, 1, 0, -1, -1, 1,
  ]);
});
