import { ascii, Dice, fromHex } from './dice.testing';
import { lzfCompress, lzfDecompress } from './lzf';

function isAll(bytes: Uint8Array, byte: number): boolean {
  return bytes.every((one) => one === byte);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function compress(bytes: Uint8Array, room = bytes.length - 4): Uint8Array {
  const dst = new Uint8Array(bytes.length + 50);
  const size = lzfCompress(bytes, 0, bytes.length, dst, 7, room);
  expect(isAll(dst.subarray(7 + Math.max(0, room)), 0)).toBe(true);
  return dst.slice(7, 7 + size);
}

// Bodies of DUMP payloads of redis-server 7.0.15.
const DUMPED: [string, string][] = [
  ['a'.repeat(400), '016161e0ff00e07b00016161'],
  [
    `abcabcabcabcabcabcabc${'-'.repeat(40)}The quick brown fox jumps over the quick brown dog; the fox jumps over The quick dog.`,
    '0361626361e00802002de01e001f54686520717569636b2062726f776e20666f78206a756d7073206f7665722074e0061e03646f673b6014' +
      'e00627e001462021002e',
  ],
];

test.each(DUMPED)('%s compresses to the bytes that Redis makes', (text, hex) => {
  expect(compress(ascii(text))).toEqual(fromHex(hex));
  const back = new Uint8Array(text.length);
  expect(lzfDecompress(fromHex(hex), 0, hex.length / 2, back, 0, back.length)).toBe(true);
  expect(back).toEqual(ascii(text));
});

function sample(dice: Dice, sizes: number[] = [30, 300, 12000]): Uint8Array {
  const bytes = dice.bytes(1 + dice.below(dice.pick(sizes)), dice.pick([1, 2, 4, 256]));
  for (let at = 10; at < bytes.length; at += 1 + dice.below(60)) {
    const length = Math.min(dice.below(300), bytes.length - at);
    bytes.copyWithin(at, dice.below(at), dice.below(at) + length);
  }
  return bytes;
}

test('what was compressed expands again, and the result does not depend on history', () => {
  const dice = new Dice(8);
  for (let round = 0; round < 150; round++) {
    const bytes = sample(dice);
    const packed = compress(bytes, bytes.length + 40);
    expect(packed.length).toBeGreaterThan(0);
    expect(isSame(compress(bytes, bytes.length + 40), packed)).toBe(true);
    const back = new Uint8Array(bytes.length + 6);
    expect(lzfDecompress(packed, 0, packed.length, back, 3, bytes.length)).toBe(true);
    expect(isSame(back.subarray(3, 3 + bytes.length), bytes)).toBe(true);
  }
});

test('what does not fit is given up without a byte too many', () => {
  const dice = new Dice(9);
  for (let round = 0; round < 100; round++) {
    const bytes = sample(dice);
    const packed = compress(bytes, bytes.length + 40);
    const room = dice.below(packed.length);
    expect(compress(bytes, room)).toHaveLength(0);
  }
});

test('damaged streams are refused or expand to the promised size, and touch nothing else', () => {
  const dice = new Dice(10);
  for (let round = 0; round < 2000; round++) {
    const bytes = sample(dice, [30, 300]);
    const packed = compress(bytes, bytes.length + 40);
    packed[dice.below(packed.length)] = dice.below(256);
    const dst = new Uint8Array(bytes.length + 20).fill(0xaa);
    lzfDecompress(packed, 0, packed.length - dice.below(2), dst, 10, bytes.length);
    expect(isAll(dst.subarray(0, 10), 0xaa)).toBe(true);
    expect(isAll(dst.subarray(-10), 0xaa)).toBe(true);
  }
});

test.each([
  ['cut literal', '0561', 6],
  ['reference before the start', '2000', 3],
  ['cut reference', '016161e0', 11],
  ['too many bytes', '0161612000', 2],
  ['too few bytes', '016161', 3],
])('%s is refused', (_, hex, size) => {
  expect(lzfDecompress(fromHex(hex), 0, hex.length / 2, new Uint8Array(100), 0, size)).toBe(false);
});
