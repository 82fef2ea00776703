import { compareBytes } from './bytes';
import { ascii, Dice, fromHex, toText } from './dice.testing';
import * as lp from './listpack';
import { isListpack } from './listpack-check';
import * as edit from './listpack-edit';

const element = new edit.Element();
const entry = new lp.Entry();

function build(values: readonly string[], off = 0, room = 1 << 16): Uint8Array {
  const u8 = new Uint8Array(room);
  edit.writeEmpty(u8, off);
  for (const value of values) {
    edit.prepareBytes(element, ascii(value), 0, value.length);
    edit.append(u8, off, element, u8, off);
  }
  return u8;
}

function textAt(u8: Uint8Array, p: number): string {
  lp.read(u8, p, entry);
  const out = new Uint8Array(lp.textBytes(entry));
  const written = lp.writeText(u8, entry, out, 0);
  return written === out.length ? toText(out, 0, out.length) : `a text of ${written} bytes, not ${out.length}`;
}

function texts(u8: Uint8Array, off: number): string[] {
  const found: string[] = [];
  for (let p = lp.first(u8, off); p >= 0; p = lp.next(u8, p)) found.push(textAt(u8, p));
  return found;
}

function textsBackwards(u8: Uint8Array, off: number): string[] {
  const found: string[] = [];
  for (let p = lp.last(u8, off); p >= 0; p = lp.prev(u8, off, p)) found.unshift(textAt(u8, p));
  return found;
}

const INTEGERS = (
  '0 127 128 -1 -4096 4095 4096 -32768 32767 -32769 8388607 -8388608 8388608 2147483647 -2147483648 2147483648 ' +
  '9223372036854775807 -9223372036854775808'
).split(' ');
const STRINGS = ['9223372036854775808', '007', '-0', '', 'hello', 'x'.repeat(63), 'y'.repeat(64), 'z'.repeat(200)];

test('the bytes are those that redis-server 7.0.15 dumps for the same list', () => {
  const dumped =
    'd90100001a0000017f01c08002dfff02d00002cfff02f1001003f1008003f1ff7f03f2ff7fff04f2ffff7f04f200008004f30000800005' +
    'f3ffffff7f05f30000008005f4000000800000000009f4ffffffffffffff7f09f40000000000000080099339323233333732303336383534' +
    '373735383038148330303704822d300380018568656c6c6f06bf' +
    `${'78'.repeat(63)}40e040${'79'.repeat(64)}42e0c8${'7a'.repeat(200)}01caff`;
  const u8 = build([...INTEGERS, ...STRINGS], 3);
  expect(u8.subarray(3, 3 + lp.bytes(u8, 3))).toEqual(fromHex(dumped));
});

test('a score is stored as redis-server 7.0.15 stores it', () => {
  const dumped = fromHex(
    '490000000c00816302842d696e6605816502000181610293302e3130303030303030303030303030303031148162020301816602f4' +
      '0000000000000040098164028531652b323106ff',
  );
  const u8 = new Uint8Array(100);
  edit.writeEmpty(u8, 0);
  const scores: [string, number][] = [
    ['c', -Infinity],
    ['e', -0],
    ['a', 0.1],
    ['b', 3],
    ['f', 4611686018427387904],
    ['d', 1e21],
  ];
  for (const [member, score] of scores) {
    edit.prepareBytes(element, ascii(member), 0, 1);
    edit.append(u8, 0, element, u8, 0);
    edit.prepareDouble(element, score);
    edit.append(u8, 0, element, u8, 0);
  }
  expect(u8.subarray(0, lp.bytes(u8, 0))).toEqual(dumped);
});

test('every value reads back, forwards, backwards and by index', () => {
  const values = [...INTEGERS, ...STRINGS, 'w'.repeat(4095), 'v'.repeat(4096), 'u'.repeat(16382), 't'.repeat(20000)];
  const u8 = build(values, 5);
  expect(texts(u8, 5)).toEqual(values);
  expect(textsBackwards(u8, 5)).toEqual(values);
  values.forEach((value, i) => {
    expect(textAt(u8, lp.seek(u8, 5, i))).toBe(value);
    expect(textAt(u8, lp.seek(u8, 5, i - values.length))).toBe(value);
    expect(lp.equals(u8, lp.seek(u8, 5, i), ascii(value), 0, value.length)).toBe(true);
    expect(lp.equals(u8, lp.seek(u8, 5, i), ascii(`${value}!`), 0, value.length + 1)).toBe(false);
  });
  expect(lp.seek(u8, 5, values.length)).toBe(-1);
  expect(lp.seek(u8, 5, -values.length - 1)).toBe(-1);
  expect(isListpack(u8, 5, lp.bytes(u8, 5), true)).toBe(true);
});

test('a back length of 16383 takes three bytes, as in Redis', () => {
  const u8 = build(['a'.repeat(16381), 'b'.repeat(16383 - 5)]);
  const second = lp.seek(u8, 0, 1);
  expect(lp.entryBytes(u8, second)).toBe(16383);
  expect(lp.after(u8, second) - second).toBe(16386);
  expect(lp.prev(u8, 0, lp.end(u8, 0))).toBe(second);
});

test('a find with skip looks at keys only', () => {
  const u8 = build(['a', 'b', 'b', '12', '12', 'a']);
  const find = (text: string, skip: number) => lp.find(u8, lp.first(u8, 0), ascii(text), 0, text.length, skip);
  expect(find('b', 1)).toBe(lp.seek(u8, 0, 2));
  expect(find('b', 0)).toBe(lp.seek(u8, 0, 1));
  expect(find('12', 1)).toBe(lp.seek(u8, 0, 4));
  expect(find('012', 0)).toBe(-1);
  expect(lp.find(u8, -1, ascii('a'), 0, 1, 0)).toBe(-1);
});

test('a find is not fooled by lengths that look like a short head', () => {
  const u8 = build(['', 'x'.repeat(128)]);
  expect(lp.find(u8, lp.first(u8, 0), ascii('x'.repeat(128)), 0, 128, 0)).toBe(lp.seek(u8, 0, 1));
  expect(lp.find(u8, lp.first(u8, 0), ascii('x'.repeat(64)), 0, 64, 0)).toBe(-1);
});

test('from 65535 entries on the count is found by walking', () => {
  const u8 = new Uint8Array(300000);
  edit.writeEmpty(u8, 0);
  for (let i = 0; i < 70000; i++) {
    edit.prepareInteger(element, i % 100);
    edit.append(u8, 0, element, u8, 0);
    if (i === 65533) expect(lp.headerCount(u8, 0)).toBe(65534);
    if (i === 65534) expect(lp.headerCount(u8, 0)).toBe(lp.COUNT_UNKNOWN);
  }
  expect(lp.headerCount(u8, 0)).toBe(lp.COUNT_UNKNOWN);
  expect(lp.count(u8, 0)).toBe(70000);
  expect(textAt(u8, lp.seek(u8, 0, 69999))).toBe('99');
  expect(textAt(u8, lp.seek(u8, 0, -70000))).toBe('0');
  expect(lp.seek(u8, 0, 70000)).toBe(-1);
  expect(lp.seek(u8, 0, -70001)).toBe(-1);
  edit.remove(u8, 0, lp.first(u8, 0), u8, 0);
  expect(lp.count(u8, 0)).toBe(69999);
  expect(isListpack(u8, 0, lp.bytes(u8, 0), true)).toBe(true);
});

test.each([0, 1])('random edits agree with an array (elsewhere: %i)', (elsewhere) => {
  const dice = new Dice(7 + elsewhere);
  const value = () =>
    dice.below(2) === 0 ? String(dice.int64()) : toText(dice.bytes(dice.pick([0, 1, 5, 63, 64, 130, 700]), 256), 0, 700);
  const blocks = [new Uint8Array(1 << 18), new Uint8Array(1 << 18)];
  for (let round = 0; round < 12; round++) {
    let model: string[] = [];
    let src = blocks[0]!;
    let off = dice.below(9);
    edit.writeEmpty(src, off);
    for (let step = 0; step < 80; step++) {
      const dst = elsewhere === 1 ? blocks[src === blocks[0] ? 1 : 0]! : src;
      const dstOff = elsewhere === 1 ? dice.below(50) : off;
      const before = src.slice(off, off + lp.bytes(src, off));
      const at = dice.below(model.length + 1);
      const p = at === model.length ? lp.end(src, off) : lp.seek(src, off, at);
      const text = value();
      edit.prepareBytes(element, ascii(text), 0, text.length);
      const action = dice.below(4);
      let expected = lp.bytes(src, off);
      if (action < 2 || at === model.length) {
        expected += element.size;
        expect(edit.insert(src, off, p, element, dst, dstOff) - dstOff).toBe(p - off);
        model.splice(at, 0, text);
      } else if (action === 2) {
        expected = edit.bytesAfterReplace(src, off, p, element);
        edit.replace(src, off, p, element, dst, dstOff);
        model[at] = text;
      } else {
        const entries = 1 + dice.below(4);
        const to = edit.rangeEnd(src, p, entries);
        const removed = Math.min(entries, model.length - at);
        expected -= to - p;
        edit.removeRange(src, off, p, to, removed, dst, dstOff);
        model = [...model.slice(0, at), ...model.slice(at + removed)];
      }
      if (elsewhere === 1) expect(compareBytes(src, off, before.length, before, 0, before.length)).toBe(0);
      src = dst;
      off = dstOff;
      expect(lp.bytes(src, off)).toBe(expected);
      expect(lp.count(src, off)).toBe(model.length);
    }
    expect(texts(src, off)).toEqual(model);
    expect(textsBackwards(src, off)).toEqual(model);
    expect(isListpack(src, off, lp.bytes(src, off), true)).toBe(true);
    for (const wanted of model.slice(0, 10)) {
      const p = lp.find(src, lp.first(src, off), ascii(wanted), 0, wanted.length, 0);
      expect(p).toBe(lp.seek(src, off, model.indexOf(wanted)));
    }
  }
});

test('a merge is the first list and then the second', () => {
  const a = build(['a', '1', 'b'], 4);
  const b = build(['c', '2'], 9);
  const dst = new Uint8Array(100);
  edit.merge(a, 4, b, 9, dst, 1);
  expect(lp.bytes(dst, 1)).toBe(edit.bytesAfterMerge(a, 4, b, 9));
  expect(texts(dst, 1)).toEqual(['a', '1', 'b', 'c', '2']);
  edit.merge(a, 4, b, 9, a, 4);
  expect(a.subarray(4, 4 + lp.bytes(a, 4))).toEqual(dst.subarray(1, 1 + lp.bytes(dst, 1)));
  expect(isListpack(dst, 1, lp.bytes(dst, 1), true)).toBe(true);
});

test('it works in shared memory', () => {
  const u8 = new Uint8Array(new SharedArrayBuffer(4096), 64, 2048);
  edit.writeEmpty(u8, 8);
  for (const text of ['a', 'b'.repeat(100), '5']) {
    edit.prepareBytes(element, ascii(text), 0, text.length);
    edit.insert(u8, 8, lp.HEADER_BYTES + 8, element, u8, 8);
  }
  expect(texts(u8, 8)).toEqual(['5', 'b'.repeat(100), 'a']);
});

test('whatever passes the deep check can be walked without leaving the block', () => {
  const dice = new Dice(99);
  const good = build([...INTEGERS, ...STRINGS]).slice(0, 473);
  expect(isListpack(good, 0, good.length, true)).toBe(true);
  let passed = 0;
  for (let round = 0; round < 10000; round++) {
    const u8 = good.slice();
    const changes = 1 + dice.below(3);
    for (let i = 0; i < changes; i++) u8[dice.below(u8.length)] = dice.pick([dice.below(256), 0xf0, 0xf4, 0xff, 0x80, 0]);
    if (!isListpack(u8, 0, u8.length, true)) continue;
    passed++;
    let walked = 0;
    let reach = 0;
    for (let p = lp.first(u8, 0); p >= 0 && walked < u8.length; p = lp.next(u8, p)) {
      lp.read(u8, p, entry);
      reach = Math.max(reach, entry.isInteger ? p : entry.start + entry.length);
      walked++;
    }
    let back = 0;
    for (let p = lp.last(u8, 0); p >= 0 && back < u8.length; p = lp.prev(u8, 0, p)) back++;
    expect([lp.count(u8, 0), back, reach < u8.length]).toEqual([walked, walked, true]);
  }
  expect(passed).toBeGreaterThan(300);
});

test('cut, padded and lying blocks are refused', () => {
  const good = build(['a', '300', 'b'.repeat(70)]);
  const size = lp.bytes(good, 0);
  for (let cut = 0; cut < size; cut++) expect(isListpack(good, 0, cut, true)).toBe(false);
  expect(isListpack(good, 0, size + 1, false)).toBe(false);
  expect(isListpack(good.slice(0, size - 1), 0, size, false)).toBe(false);
  const lying = good.slice();
  lying[4] = 4;
  expect(isListpack(lying, 0, size, false)).toBe(true);
  expect(isListpack(lying, 0, size, true)).toBe(false);
  expect(isListpack(fromHex('0c0000000100f0ffffffff0fff'.slice(0, 24)), 0, 12, true)).toBe(false);
});
