import { Arena } from '@larder/store-memory';
import { Dice } from './dice.testing';
import { BODY, EXT, RecordView, TTL, TYPE_HASH, createRecord, recordBytes, resizeValue } from './record';

describe('record', () => {
  const arena = new Arena({ shards: 1, segments: 1, segmentBytes: 128 << 20 });
  const view = new RecordView(arena);
  const key = new Dice(1).bytes(70_000);

  it.each([0, TTL, BODY, TTL | BODY])('keeps header, key and value apart for every shape (flags %i)', (flags) => {
    for (const keyLength of [0, 1, 2, 7, 8, 253, 254, 255, 256, 65_536]) {
      for (const valueLength of [0, 1, 8, 4095, (1 << 20) - 1, 1 << 20]) {
        const address = createRecord(view, 0, TYPE_HASH | (3 << 4) | (0xabcdef << 8), flags, key, 5, keyLength, valueLength);
        view.u8.fill(0xee, view.valueOffset, view.valueOffset + valueLength);
        if ((flags & TTL) !== 0) view.expireAt = 1_700_000_000_123;
        if ((flags & BODY) !== 0) {
          view.body = -123_456;
          view.aside = 77;
        }
        const again = new RecordView(arena).at(address);
        expect([again.type, again.encoding, again.word0 >>> 8]).toEqual([TYPE_HASH, 3, 0xabcdef]);
        expect([again.keyLength, again.valueLength]).toEqual([keyLength, valueLength]);
        expect((again.word1 & EXT) !== 0).toBe(keyLength >= 255 || valueLength >= 1 << 20);
        expect(again.keyEquals(key, 5, keyLength)).toBe(true);
        expect(again.keyEquals(key, 6, keyLength)).toBe(keyLength === 0);
        expect(again.expireAt).toBe((flags & TTL) === 0 ? -1 : 1_700_000_000_123);
        if ((flags & BODY) !== 0) expect([again.body, again.aside]).toEqual([-123_456, 77]);
        expect(again.valueOffset + valueLength - again.base).toBe(recordBytes(flags, keyLength, valueLength));
        expect(arena.capacity(address)).toBeGreaterThanOrEqual(recordBytes(flags, keyLength, valueLength));
        arena.free(address);
      }
    }
    expect(arena.used).toBe(0);
  });

  it('resizes a value only within its block and its header form', () => {
    const address = createRecord(view, 0, 0, 0, key, 0, 10, 100);
    const room = arena.capacity(address) - recordBytes(0, 10, 0);
    expect(resizeValue(view, room)).toBe(true);
    expect(new RecordView(arena).at(address).valueLength).toBe(room);
    expect(resizeValue(view, room + 1)).toBe(false);
    expect(view.valueLength).toBe(room);
    expect(resizeValue(view, 0)).toBe(true);
    expect(view.keyEquals(key, 0, 10)).toBe(true);
    arena.free(address);

    // A megabyte of value does not fit the short header, whatever room the block has.
    const large = createRecord(view, 0, 0, 0, key, 0, 10, (1 << 20) - 1, 1 << 20);
    expect(resizeValue(view, 1 << 20)).toBe(false);
    expect(new RecordView(arena).at(large).valueLength).toBe((1 << 20) - 1);
    arena.free(large);
    const extended = createRecord(view, 0, 0, 0, key, 0, 10, 1 << 20, 100);
    expect(resizeValue(view, (1 << 20) + 100)).toBe(true);
    expect(resizeValue(view, 3)).toBe(true);
    expect(new RecordView(arena).at(extended).valueLength).toBe(3);
    arena.free(extended);
  });

  it('holds a score where it held two words', () => {
    const address = createRecord(view, 0, 15, BODY, key, 0, 3, 0);
    for (const score of [0, -0, 1.5, -Infinity, 5e-324, 1.7976931348623157e308]) {
      view.score = score;
      expect(Object.is(new RecordView(arena).at(address).score, score)).toBe(true);
    }
    arena.free(address);
  });
});
