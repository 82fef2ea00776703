/**
 * Sorted sets beside redis-server: random commands from a seed, every reply and every encoding compared.
 *
 * Random members cannot be compared: only their kinds and number are. Member ranges over differing scores mean nothing
 * in a large set (the answer depends on Redis' dice), so they are asked of listpacks and of sets with one score.
 */
import { TestStore } from '@larder/store-dispatch/testing';
import { setCommands, setKind, zsetCommands, zsetKind, zsetLimits } from '../src/index';
import { ZSET_LISTPACK, zsetsOf } from '../src/zset/zset-value';
import { Dice } from './dice';
import type { Frame } from './real-redis';
import { RealRedis, hasRedis, readFrame } from './real-redis';

const beside = hasRedis ? describe : describe.skip;

const MIXED = ['z1', 'z2', 'z3', 'z4'];
const LEXICAL = ['l1', 'l2'];
const SETS = ['s1', 's2'];
const ODD_MEMBERS = ['', '-0', '00', '9223372036854775807', 'x'.repeat(64), 'y'.repeat(65), '\x00\xff', '3.0e3', 'z'.repeat(300), '-'];
const ODD_SCORES = ['inf', '-inf', '+inf', '1e3', '0.1', '-0', '3.0', '1e400', 'nan', 'x', '', ' 1', '0x10', '1e-400', '9007199254740993', '1e17', '-1.5e-7', '(1', '4611686018427387905', '1e300', '.5', '5.'];
const ODD_LIMITS = ['(1', '(inf', '-inf', '+inf', '(', '', 'x', '((1', '1 ', ' 1', 'nan', '(-inf', '0x10', '1e400', '-0', '(0.1'];
const ODD_COUNTS = ['0', '1', '-1', '3', '-5', '10', '1000', 'x', '-9223372036854775808', '9223372036854775807', '4611686018427387904', '1.5', ''];

/** How a step's reply is compared. */
type Mode = 'exact' | 'sorted' | 'shape';
interface Step {
  words: string[];
  mode: Mode;
}

class Script {
  private readonly dice: Dice;
  private readonly isListpack: (key: string) => boolean;
  private readonly size: number;

  constructor(dice: Dice, size: number, isListpack: (key: string) => boolean) {
    this.dice = dice;
    this.size = size;
    this.isListpack = isListpack;
  }

  next(): Step {
    const { dice } = this;
    const exact = (...words: string[]): Step => ({ words, mode: 'exact' });
    const kind = dice.below(100);
    if (kind < 18) return exact('ZADD', ...this.additions());
    if (kind < 21) return exact('ZINCRBY', this.mixedKey(), this.score(), this.member());
    if (kind < 26) return exact('ZREM', this.key(), ...this.some(() => this.member()));
    if (kind < 30) return exact(dice.of(['ZSCORE', 'ZRANK', 'ZREVRANK']), this.key(), this.member());
    if (kind < 31) return exact('ZMSCORE', this.key(), ...this.some(() => this.member()));
    if (kind < 32) return exact('ZCARD', this.key());
    if (kind < 36) return exact('ZCOUNT', this.key(), this.limit(), this.limit());
    if (kind < 46) return this.range();
    if (kind < 52) return this.olderRange();
    if (kind < 56) return this.lexical();
    if (kind < 60) return this.removal();
    if (kind < 65) return exact(dice.of(['ZPOPMIN', 'ZPOPMAX']), this.key(), ...dice.of([[], [], [dice.of(ODD_COUNTS)], ['2'], ['1', '2']]));
    if (kind < 68) return exact('ZMPOP', ...this.multiPop());
    if (kind < 70) return exact('BZMPOP', this.timeout(), ...this.multiPop());
    if (kind < 73) return exact(dice.of(['BZPOPMIN', 'BZPOPMAX']), ...this.some(() => this.key(), 3), this.timeout());
    if (kind < 80) return exact(dice.of(['ZUNION', 'ZINTER', 'ZDIFF']), ...this.sources(), ...this.options(['WITHSCORES']));
    if (kind < 86) return exact(dice.of(['ZUNIONSTORE', 'ZINTERSTORE', 'ZDIFFSTORE']), this.mixedKey(), ...this.sources(), ...this.options([]));
    if (kind < 88) return exact('ZINTERCARD', ...this.sources(), ...dice.of([[], [], ['LIMIT', '2'], ['limit', '0'], ['LIMIT', '-1'], ['LIMIT', 'x'], ['LIMIT'], ['WEIGHTS', '1']]));
    if (kind < 91) return { words: ['ZRANDMEMBER', this.key(), ...dice.of([[], [this.count()], [this.count(), 'WITHSCORES'], [this.count(), 'x'], [this.count(), 'withscores', 'x']])], mode: 'shape' };
    if (kind < 93) return { words: ['ZSCAN', this.key(), dice.of(['0', '0', '0', 'x', '']), ...dice.of([['COUNT', '99999'], ['MATCH', '*1*', 'COUNT', '99999'], ['COUNT', '0'], ['COUNT', 'x'], ['MATCH']])], mode: 'sorted' };
    if (kind < 95) return exact('SADD', dice.of(SETS), ...this.some(() => this.member()));
    if (kind < 98) return exact(dice.of(['ZADD', 'ZRANGE', 'ZPOPMIN', 'ZMPOP', 'ZUNION', 'ZINTERCARD', 'ZSCAN', 'ZRANGESTORE', 'BZPOPMIN', 'BZMPOP', 'ZREM', 'ZUNIONSTORE', 'ZINCRBY']), ...this.some(() => this.key(), 2));
    return exact('DEL', dice.of([...MIXED, ...LEXICAL, ...SETS]));
  }

  private some(make: () => string, max = 6): string[] {
    const { dice } = this;
    return Array.from({ length: 1 + dice.below(dice.below(30) === 0 ? max * 20 : max) }, make);
  }

  private key(): string {
    const { dice } = this;
    return dice.below(60) === 0 ? dice.of(['missing', 's1']) : dice.of(dice.below(4) === 0 ? LEXICAL : MIXED);
  }

  private mixedKey(): string {
    return this.dice.below(60) === 0 ? this.dice.of(['missing', 's1']) : this.dice.of(MIXED);
  }

  private member(): string {
    const { dice, size } = this;
    if (dice.below(25) === 0) return dice.of(ODD_MEMBERS);
    return dice.below(2) === 0 ? `w${dice.below(size)}` : String(dice.below(size));
  }

  private score(): string {
    const { dice } = this;
    if (dice.below(12) === 0) return dice.of(ODD_SCORES);
    return dice.below(3) === 0 ? String(dice.below(1000) / 8 - 20) : String(dice.below(8));
  }

  private limit(): string {
    return this.dice.below(4) === 0 ? this.dice.of(ODD_LIMITS) : `${this.dice.of(['', '', '('])}${this.dice.below(12)}`;
  }

  private bound(): string {
    const { dice } = this;
    return dice.below(3) === 0 ? dice.of(['-', '+', '+', '-', '[', '(', '', 'x', '+x', '(\xff']) : `${dice.of(['[', '('])}${this.member()}`;
  }

  private rank(): string {
    const { dice } = this;
    return dice.below(15) === 0 ? dice.of(ODD_COUNTS) : String(dice.below(40) - 20);
  }

  private count(): string {
    return this.dice.below(3) === 0 ? this.dice.of(['0', '1', '-1', '3', '-5', '1000', 'x', '-9223372036854775808', '9223372036854775807', '4611686018427387904']) : String(this.dice.below(20) - 10);
  }

  private timeout(): string {
    return this.dice.of(['0', '1', '0.01', '-1', 'x', '', '1e300', 'inf', '-0.5', 'nan']);
  }

  private additions(): string[] {
    const { dice } = this;
    const key = this.key();
    const flags = dice.below(3) === 0 ? Array.from({ length: 1 + dice.below(3) }, () => dice.of(['NX', 'XX', 'GT', 'LT', 'CH', 'INCR', 'ch', 'gt'])) : [];
    const pairs = flags.includes('INCR') && dice.below(6) > 0 ? [LEXICAL.includes(key) ? '0' : this.score(), this.member()] : this.some(() => '').flatMap(() => [LEXICAL.includes(key) ? '0' : this.score(), this.member()]);
    if (dice.below(30) === 0) pairs.pop();
    return [key, ...flags, ...pairs];
  }

  private limitOption(): string[] {
    const { dice } = this;
    return dice.of([[], [], ['LIMIT', String(dice.below(8) - 1), String(dice.below(8) - 1)], ['limit', '0', '-1'], ['LIMIT', 'x', '1'], ['LIMIT', '0', 'x'], ['LIMIT', '1']]);
  }

  private lexicalKey(): string {
    const key = this.key();
    return LEXICAL.includes(key) || this.isListpack(key) ? key : this.dice.of(LEXICAL);
  }

  private range(): Step {
    const { dice } = this;
    const by = dice.of(['rank', 'score', 'member']);
    const key = by === 'member' ? this.lexicalKey() : this.key();
    const end = (): string => (by === 'rank' ? this.rank() : by === 'score' ? this.limit() : this.bound());
    const options = [by === 'score' ? ['BYSCORE'] : by === 'member' ? ['BYLEX'] : [], dice.of([[], ['REV']]), this.limitOption(), dice.of([[], ['WITHSCORES'], ['withscores']])];
    if (dice.below(20) === 0) options.push(['nope']);
    if (dice.below(4) === 0) return { words: ['ZRANGESTORE', this.mixedKey(), key, end(), end(), ...options.slice(0, dice.below(8) === 0 ? 4 : 3).flat()], mode: 'exact' };
    return { words: ['ZRANGE', key, end(), end(), ...options.flat()], mode: 'exact' };
  }

  private olderRange(): Step {
    const { dice } = this;
    const words = dice.of([
      ['ZREVRANGE', this.key(), this.rank(), this.rank(), ...dice.of([[], ['WITHSCORES'], ['LIMIT', '0', '1'], ['REV']])],
      [dice.of(['ZRANGEBYSCORE', 'ZREVRANGEBYSCORE']), this.key(), this.limit(), this.limit(), ...dice.of([[], ['WITHSCORES']]), ...this.limitOption()],
      [dice.of(['ZRANGEBYLEX', 'ZREVRANGEBYLEX']), this.lexicalKey(), this.bound(), this.bound(), ...this.limitOption(), ...dice.of([[], [], [], ['WITHSCORES']])],
    ]);
    return { words, mode: 'exact' };
  }

  private lexical(): Step {
    return { words: ['ZLEXCOUNT', this.lexicalKey(), this.bound(), this.bound()], mode: 'exact' };
  }

  private removal(): Step {
    const { dice } = this;
    const words = dice.of([
      ['ZREMRANGEBYRANK', this.key(), this.rank(), this.rank()],
      ['ZREMRANGEBYSCORE', this.key(), this.limit(), this.limit()],
      ['ZREMRANGEBYLEX', this.lexicalKey(), this.bound(), this.bound()],
    ]);
    return { words, mode: 'exact' };
  }

  private multiPop(): string[] {
    const { dice } = this;
    const keys = this.some(() => this.key(), 3);
    return [dice.below(8) === 0 ? dice.of(['0', '-1', 'x', '99']) : String(keys.length), ...keys, dice.of(['MIN', 'MAX', 'min', 'max', 'x']), ...dice.of([[], [], ['COUNT', '2'], ['COUNT', '0'], ['count', 'x'], ['COUNT'], ['COUNT', '500'], ['COUNT', '1', 'COUNT', '1']])];
  }

  private sources(): string[] {
    const { dice } = this;
    const keys = this.some(() => (dice.below(5) === 0 ? dice.of([...SETS, 'missing']) : this.key()), 3).slice(0, 5);
    return [dice.below(12) === 0 ? dice.of(['0', '-1', 'x', '99']) : String(keys.length), ...keys];
  }

  private options(more: string[]): string[] {
    const { dice } = this;
    const weights = dice.of([[], [], [], ['WEIGHTS', '2', '0.5'], ['WEIGHTS', '-1'], ['weights', '1', '2', 'inf'], ['WEIGHTS', 'x', 'y'], ['WEIGHTS']]);
    const aggregate = dice.of([[], [], [], ['AGGREGATE', 'MIN'], ['aggregate', 'max'], ['AGGREGATE', 'SUM'], ['AGGREGATE', 'x'], ['AGGREGATE']]);
    return [...weights, ...aggregate, ...(dice.below(2) === 0 ? more : []), ...(dice.below(30) === 0 ? ['x'] : [])];
  }
}

function canonical(raw: string, mode: Mode): string {
  if (mode === 'exact' || raw.startsWith('-')) return raw;
  const { frame } = readFrame(raw, 0);
  return mode === 'shape' ? shapeOf(frame) : JSON.stringify(sortedFrame(frame));
}

function sortedFrame(frame: Frame): Frame {
  if (typeof frame === 'string') return frame;
  const [head, ...items] = frame;
  return [head!, ...items.map(sortedFrame).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))];
}

/** Kinds and sizes without the bytes. */
function shapeOf(frame: Frame): string {
  if (typeof frame !== 'string') return `[${frame.map((item, i) => (i === 0 ? item : shapeOf(item))).join(' ')}]`;
  return frame.startsWith('"') || frame.startsWith(',') ? frame[0]! : frame;
}

beside('sorted sets beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());
  afterEach(() => {
    zsetLimits.maxListpackEntries = 128;
    zsetLimits.maxListpackValue = 64;
  });

  async function compare(seed: number, protocol: 2 | 3, steps: number, entries: number, members: number): Promise<void> {
    const s = new TestStore([...setCommands, ...zsetCommands], [setKind, zsetKind], 2);
    const { keyspace } = s;
    const warm = s.arena.used;
    s.session.protocol = protocol;
    zsetLimits.maxListpackEntries = entries;
    const lookup = (key: string): boolean => keyspace.lookup(0, Buffer.from(key), 0, key.length) !== 0;
    const encodingOf = (key: string): string => {
      if (!lookup(key)) return protocol === 3 ? '_\r\n' : '$-1\r\n';
      const name = keyspace.kinds[keyspace.view.type]!.encodingName(keyspace.view);
      return `$${name.length}\r\n${name}\r\n`;
    };
    const remove = (key: string): string => {
      if (!lookup(key)) return ':0\r\n';
      keyspace.remove();
      return ':1\r\n';
    };
    const script = new Script(new Dice(seed), members, (key) => lookup(key) && keyspace.view.type === zsetKind.type && keyspace.view.encoding === ZSET_LISTPACK);
    const ours: { text: string; reply: string; mode: Mode; asked: number }[] = [];
    const asked: string[][] = [['FLUSHALL'], ['CONFIG', 'SET', 'zset-max-listpack-entries', String(entries)], ['HELLO', String(protocol)]];
    const note = (words: string[], reply: string, mode: Mode): void => {
      ours.push({ text: JSON.stringify(words).slice(0, 400), reply, mode, asked: asked.length });
      asked.push(words);
    };
    for (let i = 0; i < steps; i++) {
      const { words, mode } = script.next();
      const [name, key] = words;
      if (name === 'DEL') note(words, remove(key!), mode);
      else if (name!.startsWith('B')) {
        // In a transaction they answer instead of waiting.
        for (const line of [['MULTI'], words, ['EXEC']]) note(line, s.run(line), mode);
      } else note(words, s.run(words), mode);
      for (const checked of words.slice(1, 4)) if (/^[lz]\d$/.test(checked)) note(['OBJECT', 'ENCODING', checked], encodingOf(checked), 'exact');
      if (key !== undefined && /^[lz]\d$/.test(key)) note(['ZRANGE', key, '0', '-1', 'WITHSCORES'], s.run(['ZRANGE', key, '0', '-1', 'WITHSCORES']), 'exact');
    }
    for (const key of [...MIXED, ...LEXICAL]) {
      if (lookup(key) && keyspace.view.type === zsetKind.type && keyspace.view.encoding !== ZSET_LISTPACK) zsetsOf(keyspace).tree.check(keyspace.view.aside);
    }
    for (const key of [...MIXED, ...LEXICAL, ...SETS, 'missing']) remove(key);
    const replies = await redis.ask(asked);
    ours.forEach(({ text, reply, mode, asked: at }, i) => {
      const mine = canonical(reply, mode);
      const theirs = canonical(replies[at]!, mode);
      if (mine !== theirs) throw new Error(`seed ${seed}, step ${i}: ${text}\nredis:  ${theirs.slice(0, 600)}\nlarder: ${mine.slice(0, 600)}\nbefore: ${ours.slice(Math.max(0, i - 4), i).map((o) => o.text).join('\n  ')}`);
    });
    expect(s.arena.used).toBe(warm);
  }

  it('answers alike and keeps the same encodings, RESP2, small limits', () => compare(1, 2, 2500, 8, 30));
  it('answers alike and keeps the same encodings, RESP3, small limits', () => compare(2, 3, 2500, 8, 30));
  it('answers alike and keeps the same encodings, RESP3, default limits', () => compare(3, 3, 2500, 128, 60));
  it('answers alike and keeps the same encodings, RESP2, default limits, many members', () => compare(4, 2, 2500, 128, 700));
  it('answers alike without listpacks', () => compare(5, 3, 1500, 0, 20));
});
