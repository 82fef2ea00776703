import { encodeCommand, printable, redisCliLine } from './command-text';
import { frameEnd, parseReply, toPlain } from './resp-frame';

const FRAMES: readonly (readonly [string, unknown])[] = [
  ['+OK\r\n', 'OK'],
  [':-7\r\n', -7],
  ['$0\r\n\r\n', ''],
  ['$5\r\na\r\nbc\r\n', 'a\r\nbc'],
  ['$-1\r\n', null],
  ['*-1\r\n', null],
  ['_\r\n', null],
  ['#t\r\n', true],
  [',-inf\r\n', -Infinity],
  ['(12345678901234567890\r\n', '12345678901234567890'],
  ['=7\r\ntxt:abc\r\n', 'abc'],
  ['*0\r\n', []],
  ['*2\r\n*1\r\n:1\r\n$1\r\nx\r\n', [[1], 'x']],
  ['%1\r\n+k\r\n~2\r\n:1\r\n:2\r\n', ['k', [1, 2]]],
  ['>3\r\n+message\r\n+c\r\n+m\r\n', ['message', 'c', 'm']],
  ['|1\r\n+ttl\r\n:3\r\n$1\r\nv\r\n', 'v'],
];

describe('frames of replies', () => {
  it.each(FRAMES)('reads %j whole', (text, expected) => {
    const frame = Buffer.from(text, 'latin1');
    expect(frameEnd(frame, 0)).toBe(frame.length);
    expect(toPlain(parseReply(frame))).toEqual(expected);
  });

  it.each(FRAMES)('waits for the rest of %j at every byte', (text) => {
    const frame = Buffer.from(text, 'latin1');
    for (let length = 0; length < frame.length; length++) expect(frameEnd(frame.subarray(0, length), 0)).toBe(-1);
  });

  it('finds the ends of frames that follow each other', () => {
    const all = Buffer.from(FRAMES.map(([text]) => text).join(''), 'latin1');
    let at = 0;
    let count = 0;
    for (let end = frameEnd(all, 0); end > 0; end = at < all.length ? frameEnd(all, at) : -1) {
      at = end;
      count++;
    }
    expect(count).toBe(FRAMES.length);
  });

  it('refuses bytes that are no reply', () => {
    expect(() => frameEnd(Buffer.from('hello\r\n'), 0)).toThrow(/malformed/);
    expect(() => frameEnd(Buffer.from('$x\r\n'), 0)).toThrow(/malformed/);
  });
});

describe('commands as text', () => {
  it('encodes one character as one byte', () => {
    expect(encodeCommand(['SET', 'k', '\xff\x00'])).toBe('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\xff\x00\r\n');
  });

  it('writes lines that redis-cli reads', () => {
    expect(redisCliLine(['SET', 'a b', '"\\\x01', ''])).toBe('SET "a b" "\\"\\\\\\x01" ""');
    expect(printable(Buffer.from('x\r\n'))).toBe('x\\r\\n');
  });
});
