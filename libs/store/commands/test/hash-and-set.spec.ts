/**
 * Hashes and sets beside redis-server: random commands from a seed, every reply and every encoding compared.
 *
 * Tables iterate in an order of their own, so replies of whole or combined collections are compared sorted. Random
 * choices cannot be compared: SPOP is tried on a copy for its shape, and then redis-server is told what went.
 */
import { elementTableOf } from '@larder/store-datatypes';
import { TestStore } from '@larder/store-dispatch/testing';
import { hashCommands, hashKind, hashLimits, setCommands, setKind, setLimits } from '../src/index';
import type { Frame } from './real-redis';
import { RealRedis, hasRedis, readFrame } from './real-redis';

const beside = hasRedis ? describe : describe.skip;

class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  below(n: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) | 0;
    return ((this.state >>> 8) ^ (this.state >>> 20)) % n;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const HASHES = ['h1', 'h2', 'h3', 'h4'];
const SETS = ['s1', 's2', 's3', 's4', 's5'];
const ODD = ['', '-0', '00', '9223372036854775807', '-9223372036854775808', '9223372036854775808', 'x'.repeat(64), 'y'.repeat(65), '\x00\xff', '3.0e3', '1.5', ' 1', 'inf', 'z'.repeat(300)];

/** How a step's replies are compared. */
type Mode = 'exact' | 'sorted' | 'shape';
interface Step {
  words: string[];
  mode: Mode;
}

function randomStep(dice: Dice): Step {
  const kind = dice.below(100);
  const exact = (...words: string[]): Step => ({ words, mode: 'exact' });
  const sorted = (...words: string[]): Step => ({ words, mode: 'sorted' });
  const shape = (...words: string[]): Step => ({ words, mode: 'shape' });
  const key = (of: string[]): string => (dice.below(60) === 0 ? dice.of(['h1', 's1', 'text', 'missing']) : dice.of(of));
  const h = (): string => key(HASHES);
  const s = (): string => key(SETS);
  const size = dice.of([5, 20, 700]);
  const word = (): string => (dice.below(25) === 0 ? dice.of(ODD) : dice.below(2) === 0 ? `w${dice.below(size)}` : String(dice.below(size)));
  const integer = (): string => (dice.below(12) === 0 ? dice.of(ODD) : String(dice.below(size) * (dice.below(9) === 0 ? 90000 : 1) - 3));
  const member = dice.below(3) === 0 ? word : integer;
  const some = (make: () => string, max = 6): string[] => Array.from({ length: 1 + dice.below(dice.below(30) === 0 ? 300 : max) }, make);
  const count = (): string => dice.of(['0', '1', '-1', '3', '-5', '10', '1000', 'x', '-9223372036854775808', '9223372036854775807', '4611686018427387904', '1.5']);
  const scan = (): string[] => dice.of([['COUNT', '100000'], ['MATCH', '*1*', 'COUNT', '99999'], ['match', 'w[1-4]*', 'count', '99999'], ['COUNT', '0'], ['COUNT', 'x'], ['MATCH'], ['TYPE', 'hash'], ['MATCH', '*', 'COUNT', '9999']]);
  const cursor = (): string => dice.of(['0', '0', '0', '0', '0', '0', '0', 'x', '-', ' 0', '', '18446744073709551616', '0x1']);
  switch (true) {
    case kind < 14: {
      const pairs = some(word).flatMap((field) => [field, word()]);
      if (dice.below(30) === 0) pairs.pop();
      return exact(dice.of(['HSET', 'hset', 'HMSET']), h(), ...pairs);
    }
    case kind < 17:
      return exact('HSETNX', h(), word(), word());
    case kind < 20:
      return exact('HGET', h(), word());
    case kind < 22:
      return exact('HMGET', h(), ...some(word));
    case kind < 24:
      return sorted(dice.of(['HGETALL', 'HKEYS', 'HVALS']), h());
    case kind < 30:
      return exact('HDEL', h(), ...some(word));
    case kind < 33:
      return exact(dice.of(['HEXISTS', 'HSTRLEN']), h(), word());
    case kind < 35:
      return exact(dice.of(['HLEN', 'SCARD']), dice.of([...HASHES, ...SETS]));
    case kind < 39:
      return exact('HINCRBY', h(), word(), integer());
    case kind < 41:
      return exact('HINCRBYFLOAT', h(), word(), dice.of(['1', '0.1', '-2.5e3', '1e400', 'inf', 'nan', 'x', '3.00', '1e-10', '']));
    case kind < 43:
      return sorted('HSCAN', h(), cursor(), ...scan());
    case kind < 46:
      return dice.below(3) === 0 ? shape('HRANDFIELD', h()) : shape('HRANDFIELD', h(), count(), ...dice.of([[], [], ['WITHVALUES'], ['nope'], ['WITHVALUES', 'x']]));
    case kind < 60:
      return exact('SADD', s(), ...some(member));
    case kind < 66:
      return exact('SREM', s(), ...some(member));
    case kind < 68:
      return exact('SISMEMBER', s(), member());
    case kind < 69:
      return exact('SMISMEMBER', s(), ...some(member));
    case kind < 71:
      return sorted('SMEMBERS', s());
    case kind < 75:
      return exact('SMOVE', s(), s(), member());
    case kind < 77:
      return sorted('SSCAN', s(), cursor(), ...scan());
    case kind < 79:
      return dice.below(3) === 0 ? shape('SRANDMEMBER', s()) : shape('SRANDMEMBER', s(), count(), ...dice.of([[], [], ['x']]));
    case kind < 83:
      return dice.below(2) === 0 ? shape('SPOP', s()) : shape('SPOP', s(), count(), ...dice.of([[], [], [], ['x']]));
    case kind < 87:
      return sorted(dice.of(['SINTER', 'SUNION', 'SDIFF']), ...some(s, 3));
    case kind < 94:
      return exact(dice.of(['SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE']), s(), ...some(s, 3));
    case kind < 97:
      return exact('SINTERCARD', dice.of(['1', '2', '3', '0', '-1', 'x', '99']), s(), s(), ...dice.of([[], ['LIMIT', '2'], ['limit', '0'], ['LIMIT', '-1'], ['LIMIT'], ['LIMIT', 'x']]));
    case kind < 99:
      return exact(dice.of(['HSET', 'HGET', 'HDEL', 'HINCRBY', 'HSCAN', 'SADD', 'SPOP', 'SINTER', 'SMOVE', 'SINTERCARD', 'SSCAN', 'SRANDMEMBER', 'HRANDFIELD', 'SSCAN']));
    default:
      return exact('DEL', dice.of([...HASHES, ...SETS]));
  }
}

function canonical(raw: string, mode: Mode): string {
  const { frame } = readFrame(raw, 0);
  if (mode === 'exact' || typeof frame === 'string' || raw.startsWith('-')) return mode === 'shape' ? shapeOf(frame) : raw;
  return mode === 'shape' ? shapeOf(frame) : JSON.stringify(sortedFrame(frame));
}

function sortedFrame(frame: Frame): Frame {
  if (typeof frame === 'string') return frame;
  const [head, ...items] = frame;
  const inner = items.map(sortedFrame);
  return [head!, ...inner.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))];
}

/** Kinds and sizes without the bytes. Errors and nulls in full. */
function shapeOf(frame: Frame): string {
  if (typeof frame !== 'string') return `[${frame.map((item, i) => (i === 0 ? item : shapeOf(item))).join(' ')}]`;
  return frame.startsWith('"') ? '"' : frame;
}

function strings(frame: Frame): string[] {
  return typeof frame === 'string' ? (frame.startsWith('"') ? [frame.slice(1)] : []) : frame.flatMap(strings);
}

beside('hashes and sets beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());
  afterEach(() => {
    hashLimits.maxListpackEntries = 512;
    hashLimits.maxListpackValue = 64;
    setLimits.maxIntsetEntries = 512;
  });

  const store = (): TestStore => new TestStore([...hashCommands, ...setCommands], [hashKind, setKind], 2);

  function encodingOf(s: TestStore, key: string): string {
    const bytes = Buffer.from(key);
    if (s.keyspace.lookup(0, bytes, 0, bytes.length) === 0) return s.session.protocol === 3 ? '_\r\n' : '$-1\r\n';
    const name = s.keyspace.kinds[s.keyspace.view.type]!.encodingName(s.keyspace.view);
    return `$${name.length}\r\n${name}\r\n`;
  }

  function remove(s: TestStore, key: string): string {
    const bytes = Buffer.from(key);
    if (s.keyspace.lookupWrite(0, bytes, 0, bytes.length) === 0) return ':0\r\n';
    s.keyspace.remove();
    return ':1\r\n';
  }

  async function compare(seed: number, protocol: 2 | 3, steps: number, entries: number): Promise<void> {
    const s = store();
    const warm = s.arena.used;
    s.session.protocol = protocol;
    hashLimits.maxListpackEntries = entries;
    setLimits.maxIntsetEntries = entries;
    const dice = new Dice(seed);
    const ours: { text: string; reply: string; mode: Mode; asked: number }[] = [];
    const asked: string[][] = [
      ['FLUSHALL'],
      ['CONFIG', 'SET', 'hash-max-listpack-entries', String(entries), 'set-max-intset-entries', String(entries)],
      ['HELLO', String(protocol)],
    ];
    const note = (words: string[], reply: string, mode: Mode): void => {
      ours.push({ text: JSON.stringify(words).slice(0, 300), reply, mode, asked: asked.length });
      asked.push(words);
    };
    for (let i = 0; i < steps; i++) {
      const { words, mode } = randomStep(dice);
      const [name, key] = words;
      if (name === 'DEL') note(words, remove(s, key!), mode);
      else {
        const reply = s.run(words);
        if (name === 'SPOP' && mode === 'shape') {
          // Both pop alike in number; what ours popped is taken from theirs.
          asked.push(['DEL', 'copy'], ['COPY', key!, 'copy', 'REPLACE']);
          note(['SPOP', 'copy', ...words.slice(2)], reply, mode);
          const popped = strings(readFrame(reply, 0).frame);
          if (popped.length > 0) note(['SREM', key!, ...popped], `:${popped.length}\r\n`, 'exact');
        } else note(words, reply, mode);
      }
      for (const checked of [key, words[2]]) {
        if (checked !== undefined && /^[hs]\d$/.test(checked)) note(['OBJECT', 'ENCODING', checked], encodingOf(s, checked), 'exact');
      }
    }
    for (const key of [...HASHES, ...SETS, 'missing', 'text']) {
      for (const command of ['HGETALL', 'SMEMBERS']) note([command, key], s.run([command, key]), 'sorted');
      note(['DEL', key], remove(s, key), 'exact');
    }
    const replies = await redis.ask(asked);
    ours.forEach(({ text, reply, mode, asked: at }, i) => {
      const mine = canonical(reply, mode);
      const theirs = canonical(replies[at]!, mode);
      if (mine !== theirs) throw new Error(`seed ${seed}, step ${i}: ${text}\nredis:  ${theirs.slice(0, 600)}\nlarder: ${mine.slice(0, 600)}`);
    });
    expect(s.arena.used).toBe(warm);
  }

  it('answers alike and keeps the same encodings, RESP2, small limits', () => compare(1, 2, 4000, 8));
  it('answers alike and keeps the same encodings, RESP3, small limits', () => compare(2, 3, 4000, 8));
  it('answers alike and keeps the same encodings, default limits', () => compare(3, 3, 4000, 512));
  it('answers alike and keeps the same encodings, default limits, RESP2', () => compare(4, 2, 4000, 512));

  it('has an element table on arenas', () => {
    expect(elementTableOf(store().arena).table).toBeDefined();
  });
});
