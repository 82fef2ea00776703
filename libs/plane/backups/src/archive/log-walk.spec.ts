import { LogWalk } from './log-walk';

const command = (...words: string[]): string => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
const at = (second: number): string => `#TS:${second}\r\n`;

/** Pushed in pieces of `size` bytes. */
function walked(text: string, options: { from?: number; second?: number | null; limit?: number; size?: number } = {}): LogWalk {
  const bytes = Buffer.from(text);
  const walk = new LogWalk(options.from ?? 0, options.second ?? null, options.limit);
  const size = options.size ?? bytes.length;
  for (let begin = 0; begin < bytes.length; begin += size) walk.push(bytes.subarray(begin, begin + size));
  return walk;
}

describe('a walk over an append-only file', () => {
  const log = [at(10), command('SELECT', '0'), command('SET', 'a', '*1\r\n$4\r\nEXEC\r\n#TS:99\r\n'), at(12), command('MULTI'), command('INCR', 'x'), at(13),
    command('INCR', 'y'), command('EXEC'), command('SET', 'b', ''), at(20), command('DEL', 'a')];

  it('ends every unit at its end, byte by byte as in one piece', () => {
    for (const size of [1, 2, 3, 7, 64, 10_000]) {
      const walk = walked(log.join(''), { size });
      expect([walk.units, walk.unitEnd, walk.firstSecond, walk.lastSecond]).toEqual([5, log.join('').length, 10, 20]);
    }
  });

  it('is good up to the last whole unit, wherever the bytes end', () => {
    const whole = log.join('');
    const ends = new Set<number>([0]);
    let sum = 0;
    let depth = 0;
    for (const part of log) {
      sum += part.length;
      if (part.includes('MULTI')) depth = 1;
      if (part.includes('EXEC') && !part.includes('SET')) depth = 0;
      if (depth === 0) ends.add(sum);
    }
    for (let length = 0; length <= whole.length; length += 1) {
      const { unitEnd } = walked(whole.slice(0, length));
      expect([length, ends.has(unitEnd), Math.max(...[...ends].filter((end) => end <= length))]).toEqual([length, true, unitEnd]);
    }
  });

  it('cuts before the first unit of a later second, and never inside a transaction', () => {
    const prefix = (parts: number): number => log.slice(0, parts).join('').length;
    for (const size of [1, 5, 10_000]) {
      expect(walked(log.join(''), { limit: 9, size })).toMatchObject({ unitEnd: 0, isCut: true });
      expect(walked(log.join(''), { limit: 10, size })).toMatchObject({ unitEnd: prefix(3), isCut: true });
      expect(walked(log.join(''), { limit: 11, size })).toMatchObject({ unitEnd: prefix(3), isCut: true });
      expect(walked(log.join(''), { limit: 12, size })).toMatchObject({ unitEnd: prefix(9), isCut: true });
      expect(walked(log.join(''), { limit: 13, size })).toMatchObject({ unitEnd: prefix(10), isCut: true });
      expect(walked(log.join(''), { limit: 20, size })).toMatchObject({ unitEnd: prefix(12), isCut: false });
    }
  });

  it('takes a second that goes back for the one before it', () => {
    const back = [at(100), command('SET', 'a', '1'), at(40), command('SET', 'a', '2'), at(101), command('SET', 'a', '3')];
    expect(walked(back.join(''), { limit: 50 })).toMatchObject({ unitEnd: 0 });
    expect(walked(back.join(''), { limit: 100 })).toMatchObject({ unitEnd: back.slice(0, 4).join('').length, lastSecond: 100 });
    expect(walked(command('SET', 'a', '1'), { second: 70, from: 500 })).toMatchObject({ firstSecond: 70, lastSecond: 70, unitEnd: 500 + 27 });
  });

  it.each([['nonsense\r\n', 'no command'], ['*1\r\n$x\r\n', 'a number is none'], ['*0\r\n', 'no arguments'], ['*1\r\n*1\r\n', 'does not begin'], ['*\r\n', 'missing']])(
    'says where %j is none', (text, message) => {
      expect(() => walked(`${command('PING')}${text}`)).toThrow(message);
    });
});
