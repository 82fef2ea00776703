import { REPLY_BUFFER_BYTES, Reply } from './reply';

function written(protocol: 2 | 3, write: (reply: Reply) => void): string {
  const reply = new Reply();
  reply.protocol = protocol;
  write(reply);
  return reply.buf.toString('latin1', 0, reply.pos);
}

describe('reply', () => {
  it.each([
    ['ok', (r: Reply) => r.ok(), '+OK\r\n', '+OK\r\n'],
    ['queued', (r: Reply) => r.queued(), '+QUEUED\r\n', '+QUEUED\r\n'],
    ['a simple string', (r: Reply) => r.simple('PONG'), '+PONG\r\n', '+PONG\r\n'],
    ['an error', (r: Reply) => r.error('ERR bad\r\nthing'), '-ERR bad  thing\r\n', '-ERR bad  thing\r\n'],
    ['a bulk string', (r: Reply) => r.bulk(Buffer.from('abcdef'), 1, 3), '$3\r\nbcd\r\n', '$3\r\nbcd\r\n'],
    ['an empty bulk string', (r: Reply) => r.bulkText(''), '$0\r\n\r\n', '$0\r\n\r\n'],
    ['bytes above 127', (r: Reply) => r.bulkText('\xff\x80'), '$2\r\n\xff\x80\r\n', '$2\r\n\xff\x80\r\n'],
    ['text outside latin1', (r: Reply) => r.bulkUtf8('ż'), '$2\r\n\xc5\xbc\r\n', '$2\r\n\xc5\xbc\r\n'],
    ['the digits of an integer', (r: Reply) => r.bulkInteger(-12), '$3\r\n-12\r\n', '$3\r\n-12\r\n'],
    ['no value', (r: Reply) => r.nullBulk(), '$-1\r\n', '_\r\n'],
    ['no list', (r: Reply) => r.nullArray(), '*-1\r\n', '_\r\n'],
    ['an array', (r: Reply) => r.array(3), '*3\r\n', '*3\r\n'],
    ['a map', (r: Reply) => r.map(3), '*6\r\n', '%3\r\n'],
    ['a set', (r: Reply) => r.set(3), '*3\r\n', '~3\r\n'],
    ['a push', (r: Reply) => r.push(3), '*3\r\n', '>3\r\n'],
    ['a double', (r: Reply) => r.double('1.5'), '$3\r\n1.5\r\n', ',1.5\r\n'],
    ['true', (r: Reply) => r.boolean(true), ':1\r\n', '#t\r\n'],
    ['false', (r: Reply) => r.boolean(false), ':0\r\n', '#f\r\n'],
    ['a big number', (r: Reply) => r.bigNumber('12345678901234567890'), '$20\r\n12345678901234567890\r\n', '(12345678901234567890\r\n'],
    ['verbatim text', (r: Reply) => r.verbatim('some ż'), '$7\r\nsome \xc5\xbc\r\n', '=11\r\ntxt:some \xc5\xbc\r\n'],
    ['digits too many for a double', (r: Reply) => r.integerText('9223372036854775807'), ':9223372036854775807\r\n', ':9223372036854775807\r\n'],
  ] as const)('writes %s in both protocols', (_, write, two, three) => {
    expect(written(2, write)).toBe(two);
    expect(written(3, write)).toBe(three);
  });

  it('writes every integer that a double holds', () => {
    const numbers = [0, 1, 9, 10, 11, 99, 100, 12345, 999999999, 1e9, 2147483646, 2147483647, 2147483648, 4294967296, Number.MAX_SAFE_INTEGER];
    for (const n of [...numbers, ...numbers.map((m) => -m - 0)]) expect(written(2, (r) => r.integer(n))).toBe(`:${n === 0 ? 0 : n}\r\n`);
  });

  it('keeps what was written when its buffer grows, at every edge', () => {
    for (const length of [0, 1, 64, 65, REPLY_BUFFER_BYTES - 20, REPLY_BUFFER_BYTES, 3 * REPLY_BUFFER_BYTES]) {
      const value = Buffer.alloc(length, 'v');
      for (let gap = 0; gap < 30; gap += 3) {
        const reply = new Reply();
        reply.pos = REPLY_BUFFER_BYTES - gap;
        reply.buf.fill('x', 0, reply.pos);
        const start = reply.pos;
        reply.bulk(value, 0, length);
        reply.simple('after');
        reply.verbatim('text');
        reply.raw(Buffer.from('raw'));
        const text = reply.buf.toString('latin1', start, reply.pos);
        expect(text === `$${length}\r\n${'v'.repeat(length)}\r\n+after\r\n$4\r\ntext\r\nraw`).toBe(true);
        expect(reply.buf.subarray(0, start).every((byte) => byte === 0x78)).toBe(true);
        if (length > 100) break;
      }
    }
  });

  it('puts a header in front of elements that are already there', () => {
    for (const [kind, two, three] of [['array', '*2', '*2'], ['map', '*4', '%2'], ['set', '*2', '~2']] as const) {
      const write = (r: Reply) => {
        r.integer(7);
        const at = r.pos;
        for (const word of ['a', 'b', 'c', 'd']) r.bulkText(word);
        r.insertHeader(at, kind, 2);
        r.ok();
      };
      const elements = '$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n+OK\r\n';
      expect(written(2, write)).toBe(`:7\r\n${two}\r\n${elements}`);
      expect(written(3, write)).toBe(`:7\r\n${three}\r\n${elements}`);
    }
  });

  it('brings what was written late in front, also when the buffer had to grow for it', () => {
    const reply = new Reply();
    const long = Buffer.alloc(REPLY_BUFFER_BYTES, 'l');
    reply.simple('first');
    const at = reply.pos;
    reply.simple('second');
    const from = reply.pos;
    reply.bulk(long, 0, long.length);
    reply.bringForward(at, from);
    const text = reply.buf.toString('latin1', 0, reply.pos);
    expect(text.startsWith('+first\r\n$1048576\r\nlll')).toBe(true);
    expect(text.endsWith('lll\r\n+second\r\n')).toBe(true);
  });

  it('counts errors and says where the last one starts', () => {
    const reply = new Reply();
    reply.ok();
    reply.error('ERR one');
    reply.error('WRONGTYPE two');
    reply.errorAgain('ERR told before');
    expect(reply.errors).toBe(2);
    expect(reply.buf.toString('latin1', reply.errorAt, reply.errorAt + 14)).toBe('-WRONGTYPE two');
  });
});
