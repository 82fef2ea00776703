import { Crc64 } from './crc64';
import { crc16, keySlot } from './crc16';
import { ascii, Dice, fromHex } from './dice.testing';

test('the check values of both sums', () => {
  const crc = new Crc64();
  crc.update(ascii('123456789'), 0, 9);
  expect([crc.hi >>> 0, crc.lo >>> 0]).toEqual([0xe9c6d914, 0xc4b8d9ca]);
  expect(crc16(ascii('123456789'), 0, 9)).toBe(0x31c3);
});

test('a DUMP payload of redis-server 7.0.15 ends with its sum', () => {
  const payload = fromHex('0b1c040000000500000090eefefffdffffff050000002c010000701101000a00011dbf6e6d4ddda9');
  const crc = new Crc64();
  crc.update(payload, 0, payload.length - 8);
  expect(crc.equals(payload, payload.length - 8)).toBe(true);
  const written = new Uint8Array(8);
  crc.write(written, 0);
  expect(written).toEqual(payload.subarray(-8));
  payload[3]! ^= 1;
  crc.reset();
  crc.update(payload, 0, payload.length - 8);
  expect(crc.equals(payload, payload.length - 8)).toBe(false);
});

test('the sum is the same however the bytes are cut', () => {
  const dice = new Dice(6);
  for (let round = 0; round < 300; round++) {
    const bytes = dice.bytes(dice.below(600));
    const whole = new Crc64();
    for (let at = 0; at < bytes.length; at++) whole.update(bytes, at, 1);
    const parts = new Crc64();
    for (let at = 0; at < bytes.length; ) {
      const length = Math.min(1 + dice.below(dice.pick([30, 300])), bytes.length - at);
      parts.update(bytes, at, length);
      at += length;
    }
    expect([parts.hi, parts.lo]).toEqual([whole.hi, whole.lo]);
  }
});

test.each([
  ['foo', 12182],
  ['bar', 5061],
  ['x{bar}y', 5061],
  ['{bar}{foo}', 5061],
  ['', 0],
])('key %j lies in slot %i', (key, slot) => {
  expect(keySlot(ascii(`<${key}>`), 1, key.length)).toBe(slot);
});

test.each(['foo{}{bar}', '{bar', 'bar}', '{}', 'a}b{c'])('the whole of %j is hashed', (key) => {
  expect(keySlot(ascii(key), 0, key.length)).toBe(crc16(ascii(key), 0, key.length) & 16383);
});

test('only the first pair of braces counts', () => {
  expect(keySlot(ascii('foo{{bar}}zap'), 0, 13)).toBe(crc16(ascii('{bar'), 0, 4) & 16383);
});

describe('the slot of a key', () => {
  it('is that of its bytes, whatever their number, and of its tag alone where it has one', () => {
    const slot = (text: string) => {
      const bytes = Buffer.from(`..${text}`, 'latin1');
      return keySlot(bytes, 2, bytes.length - 2);
    };
    for (let length = 0; length < 40; length++) {
      const key = 'abcdefghijklmnopqrstuvwxyz0123456789\u00ff\u0080'.repeat(2).slice(0, length);
      const bytes = Buffer.from(key, 'latin1');
      expect(slot(key)).toBe(crc16(bytes, 0, bytes.length) & 16383);
      for (const at of [0, 1, 2, 3, 5, 8]) expect(slot(`${'x'.repeat(at)}{tag}${key}`)).toBe(slot('tag'));
    }
    expect(slot('{}ab')).not.toBe(slot('ab'));
    expect(slot('foo')).toBe(12182);
    expect(slot('{user1000}.following')).toBe(slot('{user1000}.followers'));
  });
});
