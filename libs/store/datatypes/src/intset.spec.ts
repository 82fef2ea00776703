import { Dice, fromHex } from './dice.testing';
import { Int64, int64ToBigInt, setInt64FromBigInt } from './int64';
import * as intset from './intset';

const value = new Int64();

function build(values: readonly bigint[]): Uint8Array {
  const u8 = new Uint8Array(4096);
  intset.writeEmpty(u8, 0, 2);
  for (const n of values) {
    setInt64FromBigInt(n, value);
    const found = intset.find(u8, 0, value.hi, value.lo);
    if (found < 0) intset.add(u8, 0, found, value.hi, value.lo, u8, 0);
  }
  return u8.slice(0, intset.bytes(u8, 0));
}

function values(u8: Uint8Array, off: number): bigint[] {
  return Array.from({ length: intset.length(u8, off) }, (_, i) => {
    intset.get(u8, off, i, value);
    return int64ToBigInt(value.hi, value.lo);
  });
}

test('the bytes are those that redis-server 7.0.15 dumps for the same set', () => {
  expect(build([5n, -3n, 300n])).toEqual(fromHex('0200000003000000fdff05002c01'));
  expect(build([5n, -3n, 300n, 70000n, -70000n])).toEqual(
    fromHex('040000000500000090eefefffdffffff050000002c01000070110100'),
  );
  expect(build([5n, -3n, 70000n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 32n])).toEqual(
    fromHex('08000000060000000000000000000080fdffffffffffffff050000000000000070110100000000000000000001000000ffffffffffffff7f'),
  );
});

test.each([
  ['in place', false],
  ['elsewhere', true],
])('random adds and removes %s agree with a sorted array', (_, elsewhere) => {
  const dice = new Dice(5);
  const blocks = [new Uint8Array(4096), new Uint8Array(4096)];
  for (let round = 0; round < 25; round++) {
    const bits = dice.pick([8, 16, 17, 32, 33, 64]);
    const model = new Set<bigint>();
    let src = blocks[0]!;
    let off = dice.below(16);
    intset.writeEmpty(src, off, 2);
    for (let step = 0; step < 100; step++) {
      const n = dice.below(3) === 0 && model.size > 0 ? dice.pick([...model]) : BigInt.asIntN(bits, dice.int64());
      setInt64FromBigInt(n, value);
      const { hi, lo } = value;
      const found = intset.find(src, off, hi, lo);
      expect(found >= 0).toBe(model.has(n));
      const dst = elsewhere ? blocks[src === blocks[0] ? 1 : 0]! : src;
      const dstOff = elsewhere ? dice.below(16) : off;
      if (found < 0) {
        const expected = intset.bytesAfterAdd(src, off, hi, lo);
        intset.add(src, off, found, hi, lo, dst, dstOff);
        expect(intset.bytes(dst, dstOff)).toBe(expected);
        model.add(n);
      } else if (dice.below(2) === 0 || model.size > 1) {
        intset.remove(src, off, found, dst, dstOff);
        model.delete(n);
      } else continue;
      src = dst;
      off = dstOff;
    }
    const sorted = [...model].sort((a, b) => (a < b ? -1 : 1));
    expect(values(src, off)).toEqual(sorted);
    expect(intset.isIntset(src, off, intset.bytes(src, off), true)).toBe(sorted.length > 0);
  }
});

test('foreign bytes are refused unless width, length and order are right', () => {
  const good = build([1n, 2n, 3n]);
  expect(intset.isIntset(good, 0, good.length, true)).toBe(true);
  expect(intset.isIntset(good, 0, good.length - 1, false)).toBe(false);
  expect(intset.isIntset(good, 0, good.length + 1, false)).toBe(false);
  const changed = (at: number, byte: number) => good.map((old, i) => (i === at ? byte : old));
  expect(intset.isIntset(changed(0, 3), 0, good.length, false)).toBe(false);
  expect(intset.isIntset(changed(7, 0xff), 0, good.length, false)).toBe(false);
  expect(intset.isIntset(changed(8, 2), 0, good.length, false)).toBe(true);
  expect(intset.isIntset(changed(8, 2), 0, good.length, true)).toBe(false);
  expect(intset.isIntset(fromHex('0200000000000000'), 0, 8, false)).toBe(false);
});
