import { seededRandom } from '@larder/shared-std/testing';
import type { DecodeState } from './decoder';
import { COMPLETE, Decoder, INCOMPLETE, INVALID } from './decoder';

const LIMITS = { bulkBytesMax: 512 * 1024 * 1024, authenticated: true };
type Words = readonly string[];

const encode = (words: Words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

/**
 * As a connection does it: bytes come in pieces, what is left of a command is kept, and nothing is tried before as many bytes
 * are there as the decoder asked for. The buffer is another one each time, as a connection's may be.
 */
function decodeInPieces(text: string, nextPiece: () => number, limits = LIMITS): { commands: string[][]; error: string; attempts: number } {
  const bytes = Buffer.from(text, 'latin1');
  const decoder = new Decoder();
  const state: DecodeState = { resume: null };
  const commands: string[][] = [];
  let pending: Buffer = Buffer.alloc(0);
  let need = 0;
  let attempts = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + nextPiece());
    pending = Buffer.concat([pending, bytes.subarray(at, end)]);
    at = end;
    if (pending.length < need) continue;
    for (let pos = 0; ; ) {
      attempts++;
      const status = decoder.next(pending, pos, pending.length, limits, state);
      if (status === COMPLETE) {
        pos = decoder.pos;
        if (decoder.args.count > 0) commands.push(Array.from({ length: decoder.args.count }, (_, i) => decoder.args.text(i)));
        continue;
      }
      if (status === INVALID) return { commands, error: decoder.error, attempts };
      expect(decoder.pos).toBe(pos);
      expect(decoder.need).toBeGreaterThan(pending.length - pos);
      need = decoder.need;
      pending = pending.subarray(pos);
      break;
    }
  }
  return { commands, error: '', attempts };
}

const whole = (text: string, limits = LIMITS) => decodeInPieces(text, () => text.length, limits);
const bytewise = (text: string, limits = LIMITS) => decodeInPieces(text, () => 1, limits);
const many = (count: number): Words => Array.from({ length: count }, (_, i) => (i === 0 ? 'MSET' : `word${i}`));

const COMMANDS: readonly Words[] = [
  ['PING'], ['GET', 'key'], ['SET', 'key', ''], ['SET', '', 'v'], ['ECHO', '\r\n'], ['ECHO', '\r\n$3\r\nabc\r\n'], ['ECHO', '*1\r\n'], ['ECHO', '\x00\xff\x80'],
  ['ECHO', 'x'.repeat(9)], ['ECHO', 'x'.repeat(10)], ['ECHO', 'x'.repeat(99)], ['ECHO', 'x'.repeat(100)], ['ECHO', 'x'.repeat(1234)], many(9), many(10), many(63), many(64), many(65), many(66), many(300), ['PING'],
];

describe('decoder', () => {
  it('finds each command whole, byte by byte, and in pieces of any size', () => {
    const text = COMMANDS.map(encode).join('');
    expect(whole(text)).toMatchObject({ commands: COMMANDS, error: '' });
    expect(bytewise(text)).toMatchObject({ commands: COMMANDS, error: '' });
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      expect(decodeInPieces(text, () => 1 + random.int(seed * 20))).toMatchObject({ commands: COMMANDS, error: '' });
    }
  });

  it('finds multi-bulk and inline commands in one pipeline', () => {
    const text = `PING\r\n${encode(['GET', 'k'])}\r\n\n  \r\nset a "b c"\n${encode(many(80))}*0\r\n*-1\r\nECHO 'x'\r\n`;
    const commands = [['PING'], ['GET', 'k'], ['set', 'a', 'b c'], [...many(80)], ['ECHO', 'x']];
    expect(whole(text)).toMatchObject({ commands, error: '' });
    expect(bytewise(text)).toMatchObject({ commands, error: '' });
  });

  it('asks for a large value at once and tries again only when it is there', () => {
    const text = encode(['SET', 'k', 'v'.repeat(100_000)]);
    const { commands, attempts } = decodeInPieces(text, () => 100);
    expect(commands).toHaveLength(1);
    expect(attempts).toBeLessThan(10);
  });

  it('does not parse the first arguments of a long command again for each that arrives', () => {
    const words = many(8000);
    const startedAt = process.cpuUsage().user;
    expect(decodeInPieces(encode(words), () => 50).commands).toEqual([words]);
    expect(process.cpuUsage().user - startedAt).toBeLessThan(5_000_000); // parsing all each time takes minutes
  });

  describe('splits inline commands as Redis does', () => {
    it.each([
      ['PING', ['PING']], ['  PING\t a  ', ['PING', 'a']], ['SET k ""', ['SET', 'k', '']], ["SET k ''", ['SET', 'k', '']],
      ['ECHO "a b"', ['ECHO', 'a b']], ["ECHO 'a b'", ['ECHO', 'a b']], ['ECHO "\\n\\r\\t\\b\\a\\\\\\"\\q"', ['ECHO', '\n\r\t\b\x07\\"q']],
      ['ECHO "\\x41\\xff\\x0G\\x"', ['ECHO', 'A\xffx0Gx']], ["ECHO 'it\\'s \\n'", ['ECHO', "it's \\n"]], ['ECHO a"b c"', ['ECHO', 'ab c']], ['ECHO "a" "b"', ['ECHO', 'a', 'b']],
      ['ECHO "\'"', ['ECHO', "'"]], ["ECHO '\"'", ['ECHO', '"']], ['ECHO \xe9', ['ECHO', '\xe9']],
    ] as const)('%s', (line, words) => {
      expect(whole(`${line}\r\n`)).toMatchObject({ commands: [words], error: '' });
      expect(bytewise(`${line}\n`)).toMatchObject({ commands: [words], error: '' });
    });

    it.each(['ECHO "a', "ECHO 'a", 'ECHO "a"b', "ECHO 'a'b", 'ECHO "a\\', 'ECHO "', 'ECHO \'a\\\''])('and refuses %s', (line) => {
      for (const decode of [whole, bytewise]) expect(decode(`${line}\r\n`).error).toBe('ERR Protocol error: unbalanced quotes in request');
    });
  });

  describe('refuses with the words of Redis', () => {
    it.each([
      ['*x\r\n', 'invalid multibulk length'], ['*\r\n', 'invalid multibulk length'], ['*01\r\n', 'invalid multibulk length'], ['*+1\r\n', 'invalid multibulk length'], ['* 1\r\n', 'invalid multibulk length'], ['*--1\r\n', 'invalid multibulk length'],
      ['*2147483648\r\n', 'invalid multibulk length'], ['*99999999999999999999\r\n', 'invalid multibulk length'],
      ['*1\r\n$x\r\n', 'invalid bulk length'], ['*1\r\n$\r\n', 'invalid bulk length'], ['*1\r\n$-1\r\n', 'invalid bulk length'], ['*1\r\n$04\r\n', 'invalid bulk length'], ['*1\r\n$536870913\r\n', 'invalid bulk length'],
      ['*1\r\n+OK\r\n', "expected '$', got '+'"], ['*2\r\n$3\r\nGET\r\n:1\r\n', "expected '$', got ':'"], ['*1\r\n\r\n', "expected '$', got '\r'"],
      [`*${'1'.repeat(65_600)}`, 'too big mbulk count string'], [`*1\r\n$${'1'.repeat(65_600)}`, 'too big bulk count string'], ['x'.repeat(65_600), 'too big inline request'],
    ])('%.30j', (text, words) => {
      expect(whole(text).error).toBe(`ERR Protocol error: ${words}`);
      expect(decodeInPieces(text, () => (text.length > 1000 ? 997 : 1)).error).toBe(`ERR Protocol error: ${words}`);
      // What came before is decoded all the same.
      expect(whole(`${encode(['PING'])}${text}`)).toMatchObject({ commands: [['PING']], error: `ERR Protocol error: ${words}` });
    });

    it('who has not signed in: more than 10 arguments or 16 KiB, and no less', () => {
      const stranger = { ...LIMITS, authenticated: false };
      expect(whole(encode(many(10)), stranger).commands).toHaveLength(1);
      expect(whole(encode(many(11)), stranger).error).toBe('ERR Protocol error: unauthenticated multibulk length');
      expect(whole(encode(['AUTH', 'p'.repeat(16_384)]), stranger).commands).toHaveLength(1);
      expect(whole(encode(['AUTH', 'p'.repeat(16_385)]), stranger).error).toBe('ERR Protocol error: unauthenticated bulk length');
      expect(bytewise('*1\r\n$16385\r\n', stranger).error).toBe('ERR Protocol error: unauthenticated bulk length');
    });

    it('an argument above proto-max-bulk-len, before it has come', () => {
      const small = { ...LIMITS, bulkBytesMax: 1000 };
      expect(whole(encode(['SET', 'k', 'v'.repeat(1000)]), small).commands).toHaveLength(1);
      expect(whole('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1001\r\n', small).error).toBe('ERR Protocol error: invalid bulk length');
    });
  });

  it('takes the largest lengths for what they are: unfinished commands', () => {
    const decoder = new Decoder();
    for (const [text, need] of [['*2147483647\r\n', 14], ['*1\r\n$536870912\r\n', 4 + 12 + 536870912 + 2]] as const) {
      const bytes = Buffer.from(text);
      expect(decoder.next(bytes, 0, bytes.length, LIMITS, { resume: null })).toBe(INCOMPLETE);
      expect(decoder.need).toBe(need);
    }
  });

  it('takes any bytes without throwing and without reading beyond their end', () => {
    const random = seededRandom(7);
    const alphabet = ['*', '$', '\r', '\n', '\r\n', '0', '1', '2', '3', '9', '-', '"', "'", '\\', 'x', ' ', '\0', '\xff', 'PING', '*1\r\n$4\r\nPING\r\n', '*3\r\n', '$3\r\n'];
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: 1 + random.int(20) }, () => alphabet[random.int(alphabet.length)]!).join('');
      const a = whole(text);
      // Bytes behind the end that would change the meaning if they were looked at.
      const decoder = new Decoder();
      const buffer = Buffer.from(`${text}\r\n*1\r\n$4\r\nPING\r\n"'`, 'latin1');
      const commands: string[][] = [];
      let status = COMPLETE;
      for (let pos = 0; ; pos = decoder.pos) {
        status = decoder.next(buffer, pos, text.length, LIMITS, { resume: null });
        if (status !== COMPLETE) break;
        if (decoder.args.count > 0) commands.push(Array.from({ length: decoder.args.count }, (_, i) => decoder.args.text(i)));
      }
      expect({ text, commands, error: status === INVALID ? decoder.error : '' }).toEqual({ text, commands: a.commands, error: a.error });
      expect(bytewise(text)).toMatchObject({ commands: a.commands, error: a.error });
    }
  });
});

describe('the bytes of a command', () => {
  it('are said to be fit for files only when they are exactly what a file would have', () => {
    const raw = (text: string): string | undefined => {
      const decoder = new Decoder();
      const bytes = Buffer.from(text, 'latin1');
      if (decoder.next(bytes, 0, bytes.length, LIMITS, { resume: null }) !== COMPLETE) return undefined;
      const { args } = decoder;
      return args.rawEnd === 0 ? '' : bytes.toString('latin1', args.rawStart, args.rawEnd);
    };
    const plain = encode(['SET', 'key', 'x'.repeat(120)]);
    expect(raw(`${plain}*1`)).toBe(plain);
    expect(raw('SET key value\r\n')).toBe('');
    for (const odd of ['*2\r\n$3\r\nGET..$1\r\na\r\n', '*2\r\n$3\r\nGET\r\n$1\r\naxy', '*2\r\n$3\r.GET\r\n$1\r\na\r\n', '*2\r.$3\r\nGET\r\n$1\r\na\r\n']) expect(raw(odd)).toBe('');
  });
});
