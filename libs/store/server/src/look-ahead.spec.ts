import { hashCommands, hashKind, stringCommands } from '@larder/store-commands';
import { TestStore } from '@larder/store-dispatch/testing';
import type { DecodeState } from '@larder/store-resp';
import { COMPLETE, Decoder, INVALID } from '@larder/store-resp';
import { seededRandom } from '@larder/shared-std/testing';
import { LookAhead } from './look-ahead';

const LIMITS = { bulkBytesMax: 1 << 20, authenticated: true };

const encode = (words: readonly string[]) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

const store = () => new TestStore([...stringCommands, ...hashCommands], [hashKind]);

/** Commands as a connection runs them: the text of each, and the error at the end. */
function readAll(ahead: LookAhead, bytes: Buffer, limits = LIMITS, stopAt = Infinity): { commands: string[][]; error: string } {
  const state: DecodeState = { resume: null };
  const commands: string[][] = [];
  for (let pos = 0; pos < bytes.length; ) {
    if (ahead.at === ahead.count) {
      const status = ahead.fill(bytes, pos, bytes.length, limits, state, 0);
      if (ahead.count === 0) return { commands, error: status === INVALID ? ahead.decoder.error : '' };
    }
    const args = ahead.next();
    commands.push(Array.from({ length: args.count }, (_, i) => args.text(i)));
    pos = ahead.done();
    if (commands.length % stopAt === 0) ahead.forget(state);
  }
  return { commands, error: '' };
}

describe('looking ahead', () => {
  it('gives the commands that a decoder gives, however often it stops amid them', () => {
    const { dispatcher, keyspace } = store();
    const ahead = new LookAhead(dispatcher.table, keyspace);
    const dice = seededRandom(5);
    const random = { between: (low: number, high: number) => low + dice.int(high - low + 1) };
    const word = () => 'x'.repeat(random.between(0, 30));
    for (let round = 0; round < 200; round++) {
      let text = '';
      for (let n = random.between(1, 60); n > 0; n--) {
        const kind = random.between(0, 9);
        if (kind === 0) text += `GET "${word()}"\r\n`;
        else if (kind === 1) text += '\r\n';
        else if (kind === 2) text += encode(['MSET', ...Array.from({ length: random.between(1, 70) * 2 }, word)]);
        else text += encode(kind < 5 ? ['SET', word(), word()] : kind < 8 ? ['GET', word()] : [word(), word()]);
      }
      if (random.between(0, 3) === 0) text += '*1\r\n!';
      const bytes = Buffer.from(text.slice(0, random.between(1, text.length)), 'latin1');
      const alone = new Decoder();
      const state: DecodeState = { resume: null };
      const expected: string[][] = [];
      let status = COMPLETE;
      for (let pos = 0; pos < bytes.length; pos = alone.pos) {
        status = alone.next(bytes, pos, bytes.length, LIMITS, state);
        if (status !== COMPLETE) break;
        expected.push(Array.from({ length: alone.args.count }, (_, i) => alone.args.text(i)));
      }
      expect(readAll(ahead, bytes, LIMITS, random.between(1, 20))).toEqual({ commands: expected, error: status === INVALID ? alone.error : '' });
    }
  });

  it('reads no further than one command while the client has not signed in', () => {
    const { dispatcher, keyspace } = store();
    const ahead = new LookAhead(dispatcher.table, keyspace);
    const bytes = Buffer.from(encode(['SET', 'a', '1']).repeat(3));
    ahead.fill(bytes, 0, bytes.length, { ...LIMITS, authenticated: false }, { resume: null }, 0);
    expect(ahead.count).toBe(1);
  });

  it('changes nothing about what commands find, whatever lies where it looks', () => {
    const { dispatcher, keyspace, arena, session } = store();
    const ahead = new LookAhead(dispatcher.table, keyspace);
    const dice = seededRandom(6);
    const random = { between: (low: number, high: number) => low + dice.int(high - low + 1) };
    const model = new Map<string, string>();
    const key = () => `key:${random.between(0, 400)}`;
    for (let round = 0; round < 300; round++) {
      const wanted: { words: string[]; answer: string }[] = [];
      for (let n = random.between(1, 40); n > 0; n--) {
        const [name, value] = [key(), 'v'.repeat(random.between(0, 90))];
        const kind = random.between(0, 3);
        if (kind === 0) wanted.push({ words: ['SET', name, value], answer: '+OK\r\n' });
        else if (kind === 1) wanted.push({ words: ['GETDEL', name], answer: '' });
        else wanted.push({ words: ['GET', name], answer: '' });
        const { words } = wanted.at(-1)!;
        const had = model.get(name);
        if (kind !== 0) wanted.at(-1)!.answer = had === undefined ? '$-1\r\n' : `$${had.length}\r\n${had}\r\n`;
        if (words[0] === 'SET') model.set(name, value);
        else if (words[0] === 'GETDEL') model.delete(name);
      }
      const bytes = Buffer.from(wanted.map(({ words }) => encode(words)).join(''));
      const { reply } = dispatcher;
      reply.pos = 0;
      for (let pos = 0; pos < bytes.length; ) {
        if (ahead.at === ahead.count) ahead.fill(bytes, pos, bytes.length, LIMITS, { resume: null }, 0);
        dispatcher.dispatch(session, ahead.next(), ahead.command);
        pos = ahead.done();
      }
      expect(reply.buf.toString('latin1', 0, reply.pos)).toBe(wanted.map(({ answer }) => answer).join(''));
    }
    // A table whose words are anything at all, as one that another thread is changing.
    for (let i = 0; i < 2000; i++) {
      const root = keyspace.keysRoot(random.between(0, 3), 0);
      const words = arena.i32[0]!;
      const at = (root << 1) + random.between(1, 2);
      const kept = words[at]!;
      words[at] = random.between(-(2 ** 31), 2 ** 31 - 1);
      const bytes = Buffer.from(Array.from({ length: 6 }, () => encode(['GET', key()])).join(''));
      expect(() => ahead.fill(bytes, 0, bytes.length, LIMITS, { resume: null }, 0)).not.toThrow();
      words[at] = kept;
    }
  });
});
