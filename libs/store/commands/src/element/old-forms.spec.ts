/**
 * Values as Redis up to 6.2 saved them, by hand-built bytes: what is whole is read, what is not is refused.
 */
import { TestStore } from '@larder/store-dispatch/testing';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec, ValueInput } from '@larder/store-keyspace';
import { keyCommands } from '../generic/key-commands';
import { hashCodec } from '../hash/hash-codec';
import { hashCommands } from '../hash/hash-commands';
import { hashKind } from '../hash/hash-value';
import { listCodec } from '../list/list-codec';
import { listCommands } from '../list/list-commands';
import { listKind } from '../list/list-value';
import { zsetCodec } from '../zset/zset-codec';
import { zsetCommands } from '../zset/zset-commands';
import { zsetKind } from '../zset/zset-value';

const open = () => new TestStore([...hashCommands, ...listCommands, ...zsetCommands, ...keyCommands], [hashKind, listKind, zsetKind]);

/** Reads `value` as key `k`; lengths come from `lengths`, strings from `strings`. */
function restore(s: TestStore, codec: ValueCodec, type: number, strings: readonly number[][], lengths: readonly number[] = []): boolean {
  const left = strings.map((bytes) => Buffer.from(bytes));
  const counts = [...lengths];
  const input = {
    isDeep: true,
    length: () => counts.shift()!,
    string: () => ({ bytes: left[0]!, off: 0, length: left.shift()!.length }),
  } as unknown as ValueInput;
  s.keyspace.lookupWrite(0, Buffer.from('k'), 0, 1);
  return codec.restore(type, input, s.keyspace);
}

const u32 = (n: number): number[] => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24];

/** A ziplist of these entries (head and payload each). */
function ziplist(...entries: number[][]): number[] {
  const body: number[] = [];
  let before = 0;
  let tail = 10;
  for (const entry of entries) {
    tail = 10 + body.length;
    const size = before < 254 ? [before] : [0xfe, ...u32(before)];
    body.push(...size, ...entry);
    before = size.length + entry.length;
  }
  return [...u32(11 + body.length), ...u32(tail), entries.length & 255, entries.length >> 8, ...body, 0xff];
}

const text = (word: string): number[] => [word.length, ...Buffer.from(word)];
const INTEGERS: readonly (readonly [string, number[]])[] = [
  ['0', [0xf1]],
  ['12', [0xfd]],
  ['-1', [0xfe, 0xff]],
  ['-300', [0xc0, 0xd4, 0xfe]],
  ['-8388608', [0xf0, 0, 0, 0x80]],
  ['2147483647', [0xd0, 0xff, 0xff, 0xff, 0x7f]],
  ['-9223372036854775808', [0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80]],
];

describe('ziplists', () => {
  it('are read with every form of entry', () => {
    const s = open();
    const long = Array.from({ length: 300 }, () => 0x78);
    expect(restore(s, listCodec, 10, [ziplist(...INTEGERS.map(([, bytes]) => bytes), [0x41, 0x2c, ...long], [0x80, 0, 0, 0, 2, 0x61, 0x62], text(''))])).toBe(true);
    expect(s.run('LRANGE k 0 6')).toBe(`*7\r\n${INTEGERS.map(([digits]) => `$${digits.length}\r\n${digits}\r\n`).join('')}`);
    expect(s.run('LRANGE k 7 -1')).toBe(`*3\r\n$300\r\n${'x'.repeat(300)}\r\n$2\r\nab\r\n$0\r\n\r\n`);
    expect(s.run('OBJECT ENCODING k')).toBe('$9\r\nquicklist\r\n');
  });

  it('make hashes, sorted sets, and lists of several nodes', () => {
    const s = open();
    expect(restore(s, hashCodec, 13, [ziplist(text('f'), text('v'), text('g'), [0xf6])])).toBe(true);
    expect(s.run('HGETALL k')).toBe('*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$1\r\n5\r\n');
    expect(s.run('OBJECT ENCODING k')).toBe('$8\r\nlistpack\r\n');
    s.run('DEL k');
    expect(restore(s, zsetCodec, 12, [ziplist(text('a'), [0xf2], text('b'), text('2.5'))])).toBe(true);
    expect(s.run('ZRANGE k 0 -1 WITHSCORES')).toBe('*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5\r\n');
    s.run('DEL k');
    expect(restore(s, listCodec, 14, [ziplist(text('a')), ziplist(), ziplist(text('b'), [0xf2])], [3])).toBe(true);
    expect(s.run('LRANGE k 0 -1')).toBe('*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\n1\r\n');
  });

  it('without entries make no key', () => {
    const s = open();
    expect(restore(s, hashCodec, 13, [ziplist()])).toBe(false);
    expect(restore(s, zsetCodec, 12, [ziplist()])).toBe(false);
    expect(restore(s, listCodec, 10, [ziplist()])).toBe(false);
    expect(s.run('EXISTS k')).toBe(':0\r\n');
  });

  it('are refused with any byte missing, and never read beyond their end with any byte changed', () => {
    const s = open();
    const whole = ziplist(text('field'), [0xc0, 1, 1], text('other'), [0x40, 3, 0x61, 0x62, 0x63]);
    for (let length = 0; length < whole.length; length++) {
      expect(() => restore(s, hashCodec, 13, [whole.slice(0, length)])).toThrow(DamagedValue);
    }
    let refused = 0;
    for (let at = 0; at < whole.length; at++) {
      for (const byte of [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xe0, 0xf0, 0xfe, 0xff]) {
        const changed = [...whole];
        changed[at] = byte;
        try {
          restore(s, hashCodec, 13, [changed]);
          s.run('HGETALL k');
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedValue);
          refused++;
        }
        s.run('DEL k');
      }
    }
    expect(refused).toBeGreaterThan(whole.length * 5);
  });

  it('of a hash are refused with a field twice or without its value', () => {
    const s = open();
    expect(() => restore(s, hashCodec, 13, [ziplist(text('f'), text('1'), text('f'), text('2'))])).toThrow('Hash ziplist integrity check failed');
    expect(() => restore(s, hashCodec, 13, [ziplist(text('5'), text('1'), [0xf6], text('2'))])).toThrow('Hash ziplist integrity check failed');
    expect(() => restore(s, hashCodec, 13, [ziplist(text('f'))])).toThrow('Hash ziplist integrity check failed');
    expect(() => restore(s, zsetCodec, 12, [ziplist(text('m'), text('no score'))])).toThrow('Zset ziplist integrity check failed');
  });
});

describe('zipmaps', () => {
  const big = Array.from({ length: 300 }, () => 0x79);

  it('are read, with room left free behind values and with long values', () => {
    const s = open();
    expect(restore(s, hashCodec, 9, [[2, 1, 0x66, 1, 2, 0x76, 0, 0, 1, 0x67, 0xfe, ...u32(300), 0, ...big, 0xff]])).toBe(true);
    expect(s.run('HGET k f')).toBe('$1\r\nv\r\n');
    expect(s.run('HSTRLEN k g')).toBe(':300\r\n');
    expect(s.run('OBJECT ENCODING k')).toBe('$9\r\nhashtable\r\n');
  });

  it('are refused when empty, cut, miscounted, or with a field twice', () => {
    const s = open();
    const whole = [1, 1, 0x66, 1, 0, 0x76, 0xff];
    expect(restore(s, hashCodec, 9, [whole])).toBe(true);
    s.run('DEL k');
    for (let length = 0; length < whole.length; length++) expect(() => restore(s, hashCodec, 9, [whole.slice(0, length)])).toThrow(DamagedValue);
    for (const bytes of [[0, 0xff], [2, ...whole.slice(1)], [2, 1, 0x66, 1, 0, 0x76, 1, 0x66, 1, 0, 0x77, 0xff], [1, 1, 0x66, 200, 0, 0x76, 0xff]]) {
      expect(() => restore(s, hashCodec, 9, [bytes])).toThrow('Zipmap integrity check failed');
    }
    expect(s.run('EXISTS k')).toBe(':0\r\n');
  });
});
