import { TestStore } from '@larder/store-dispatch/testing';
import { keyCommands } from '../generic/key-commands';
import { stringCommands } from '../string/string-commands';
import { stringLimits } from '../string/string-value';
import { bitmapCommands } from './bitmap-commands';

const open = () => new TestStore([...stringCommands, ...bitmapCommands, ...keyCommands]);

/** A value of `length` bytes from a seed, long enough for whole words at any alignment. */
function randomBytes(seed: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    bytes[i] = seed >>> 24;
  }
  return bytes;
}

const bitsOf = (bytes: Buffer): string => [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');

describe('bitmaps', () => {
  it('sets single bits and grows with zeros', () => {
    const s = open();
    expect(s.run('SETBIT b 7 1')).toBe(':0\r\n');
    expect(s.run('SETBIT b 7 0')).toBe(':1\r\n');
    expect(s.run('SETBIT b 17 1')).toBe(':0\r\n');
    expect(s.run('GET b')).toBe('$3\r\n\x00\x00\x40\r\n');
    expect(s.run('GETBIT b 17')).toBe(':1\r\n');
    expect(s.run('GETBIT b 4000')).toBe(':0\r\n');
    expect(s.run('OBJECT ENCODING b')).toBe('$3\r\nraw\r\n');
  });

  it('counts and finds what a walk over the single bits finds, for every length and alignment of small values', () => {
    const s = open();
    for (let length = 0; length < 24; length++) {
      const bytes = randomBytes(length + 1, length);
      // Keys of different lengths move the value within its words.
      const key = 'k'.repeat(1 + (length % 5));
      s.run(['SET', key, bytes]);
      const bits = bitsOf(bytes);
      for (const [from, to] of [[0, 7], [3, 40], [9, 9], [-30, -2], [1, 1000], [50, 20]] as const) {
        const start = Math.max(0, from < 0 ? bits.length + from : from);
        const part = bits.slice(start, Math.max(0, to < 0 ? bits.length + to : to) + 1);
        const ones = part.split('1').length - 1;
        const at = (bit: string): number => (part.includes(bit) ? start + part.indexOf(bit) : -1);
        expect(s.run(`BITCOUNT ${key} ${from} ${to} BIT`)).toBe(`:${ones}\r\n`);
        if (length > 0) expect(s.run(`BITPOS ${key} 1 ${from} ${to} BIT`)).toBe(`:${at('1')}\r\n`);
        if (length > 0) expect(s.run(`BITPOS ${key} 0 ${from} ${to} BIT`)).toBe(`:${at('0')}\r\n`);
      }
      expect(s.run(`BITCOUNT ${key}`)).toBe(`:${bits.split('1').length - 1}\r\n`);
    }
  });

  it('finds a zero behind a value of ones, unless an end was given', () => {
    const s = open();
    s.run(['SET', 'ones', Buffer.alloc(33, 0xff)]);
    expect(s.run('BITPOS ones 0')).toBe(':264\r\n');
    expect(s.run('BITPOS ones 0 2')).toBe(':264\r\n');
    expect(s.run('BITPOS ones 0 0 -1')).toBe(':-1\r\n');
    expect(s.run('BITPOS missing 0')).toBe(':0\r\n');
    expect(s.run('BITPOS missing 1')).toBe(':-1\r\n');
  });

  it('combines strings of different lengths and more than one chunk', () => {
    const s = open();
    const a = randomBytes(7, 40_000);
    const b = randomBytes(8, 17_001);
    s.run(['SET', 'a', a]);
    s.run(['SET', 'bb', b]);
    const byByte = (operation: (x: number, y: number) => number): string => Buffer.from(a.map((byte, i) => operation(byte, b[i] ?? 0))).toString('latin1');
    const combined = (name: string): string => {
      expect(s.run(`BITOP ${name} dest a bb missing`)).toBe(':40000\r\n');
      return s.run('GET dest').slice('$40000\r\n'.length, -2);
    };
    expect(combined('OR') === byByte((x, y) => x | y)).toBe(true);
    expect(combined('XOR') === byByte((x, y) => x ^ y)).toBe(true);
    expect(combined('AND') === Buffer.alloc(40_000).toString('latin1')).toBe(true);
    expect(s.run('BITOP AND a a bb')).toBe(':40000\r\n');
    expect(s.run('GET a').slice(8, -2) === byByte((x, y) => x & y)).toBe(true);
    expect(s.run('BITOP NOT bb bb')).toBe(':17001\r\n');
    expect(s.run('GETRANGE bb 0 0')).toBe(`$1\r\n${String.fromCharCode(~b[0]! & 255)}\r\n`);
  });

  it('deletes the destination when nothing comes out', () => {
    const s = open();
    s.run('SET dest x');
    expect(s.run('BITOP OR dest missing')).toBe(':0\r\n');
    expect(s.run('EXISTS dest')).toBe(':0\r\n');
  });

  it('reads and writes fields, and obeys what is said about overflow', () => {
    const s = open();
    expect(s.run('BITFIELD b SET u8 0 255 INCRBY u8 0 10 OVERFLOW SAT INCRBY i8 8 300 OVERFLOW FAIL INCRBY u2 16 9 GET u4 4 INCRBY i5 100 1')).toBe(
      '*6\r\n:0\r\n:9\r\n:127\r\n$-1\r\n:9\r\n:1\r\n',
    );
    expect(s.run('BITFIELD w SET i64 #1 -9223372036854775808 INCRBY i64 #1 -1 GET i64 64 SET u63 200 9223372036854775807 GET u63 200')).toBe(
      '*5\r\n:0\r\n:9223372036854775807\r\n:9223372036854775807\r\n:0\r\n:9223372036854775807\r\n',
    );
    expect(s.run('BITFIELD_RO w GET i64 #1 GET u1 9999')).toBe('*2\r\n:9223372036854775807\r\n:0\r\n');
  });

  it('gives back what was written, for every width and many places', () => {
    const s = open();
    for (let bits = 1; bits <= 64; bits++) {
      for (const sign of bits === 64 ? ['i'] : ['i', 'u']) {
        const max = sign === 'i' ? (1n << BigInt(bits - 1)) - 1n : (1n << BigInt(bits)) - 1n;
        const min = sign === 'i' ? -max - 1n : 0n;
        for (const value of [min, max]) {
          const offset = (bits * 7) % 53;
          expect(s.run(`BITFIELD f SET ${sign}${bits} ${offset} ${value} GET ${sign}${bits} ${offset}`).split('\r\n')[2]).toBe(`:${value}`);
        }
      }
    }
  });

  it('refuses as Redis does', () => {
    const s = open();
    expect(s.run('SETBIT b -1 1')).toBe('-ERR bit offset is not an integer or out of range\r\n');
    expect(s.run('SETBIT b 4294967296 1')).toBe('-ERR bit offset is not an integer or out of range\r\n');
    expect(s.run('SETBIT b 1 2')).toBe('-ERR bit is not an integer or out of range\r\n');
    expect(s.run('BITPOS b 2')).toBe('-ERR The bit argument must be 1 or 0.\r\n');
    expect(s.run('BITOP NOT d a b')).toBe('-ERR BITOP NOT must be called with a single source key.\r\n');
    expect(s.run('BITFIELD b GET u64 0')).toBe('-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.\r\n');
    expect(s.run('BITFIELD b OVERFLOW NONE')).toBe('-ERR Invalid OVERFLOW type specified\r\n');
    expect(s.run('BITFIELD_RO b SET u8 0 1')).toBe('-ERR BITFIELD_RO only supports the GET subcommand\r\n');
    expect(s.run('EXISTS b')).toBe(':0\r\n');
  });

  it('follows the limit of string lengths', () => {
    const s = open();
    const { bytesMax } = stringLimits;
    stringLimits.bytesMax = 100;
    try {
      expect(s.run('SETBIT b 799 1')).toBe(':0\r\n');
      expect(s.run('SETBIT b 800 1')).toBe('-ERR bit offset is not an integer or out of range\r\n');
    } finally {
      stringLimits.bytesMax = bytesMax;
    }
  });
});
