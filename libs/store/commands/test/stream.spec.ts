/**
 * Streams beside redis-server: random commands from a seed; every reply is compared, and after each the nodes of the stream
 * and all its figures with those in Redis' DUMP, byte for byte.
 */
import { FIRST_ID, LAST_ID, MAX_DELETED_ID, StreamId, streamLimits } from '@larder/store-datatypes';
import { TestStore } from '@larder/store-dispatch/testing';
import { streamCommands, streamKind, streamOfRecord, stringCommands } from '../src/index';
import { Dice } from './dice';
import { RealRedis, hasRedis } from './real-redis';

const beside = hasRedis ? describe : describe.skip;
const KEYS = ['x1', 'x2'];
const ODD_IDS = ['', '-', '+', '*', '0', '0-0', '0-*', 'x', '5-x', '5-', '-5', '18446744073709551615', '18446744073709551616', '18446744073709551615-18446744073709551615', '(5', '(', '(0-0', '(18446744073709551615-18446744073709551615', ' 7', '+7-1', '007-1', '1-2-3', '3-18446744073709551615', '5-**', '$', '>', '-\x00x', '9\x00-5'];

class Talk {
  private readonly dice: Dice;
  /** Grows, so that most ids can be added. */
  private ms = 1;
  private readonly top: number;

  constructor(dice: Dice, top: number) {
    this.dice = dice;
    this.top = top;
  }

  private key(): string {
    return this.dice.below(70) === 0 ? this.dice.of(['text', 'missing']) : this.dice.of(KEYS);
  }

  private known(): string {
    const { dice } = this;
    if (dice.below(25) === 0) return dice.of(ODD_IDS);
    const ms = dice.below(this.ms + 2);
    return dice.below(3) === 0 ? String(ms) : `${ms}-${dice.below(4)}`;
  }

  private newId(): string {
    const { dice } = this;
    if (dice.below(30) === 0) return dice.of(ODD_IDS.filter((id) => id !== '*' && !/^1844|^\+7/.test(id)));
    this.ms += dice.below(dice.of([1, 2, 2, 300, 100000])) % this.top;
    return dice.below(3) === 0 ? `${this.ms}-*` : `${this.ms}-${dice.below(5)}`;
  }

  private value(): string {
    const { dice } = this;
    return dice.below(15) === 0 ? dice.of(['', 'x'.repeat(63), 'y'.repeat(64), 'z'.repeat(700), '-1', '127', '128', '70000', '-9223372036854775808', '5000000000', 'w'.repeat(5000)]) : `v${dice.below(100)}`;
  }

  private pairs(): string[] {
    const { dice } = this;
    const fields = dice.of([['a'], ['a'], ['a', 'b'], ['a', '1', 'c'], ['b'], ['12'], [this.value()]]);
    return fields.flatMap((field) => [field, this.value()]);
  }

  private count(): string {
    const { dice } = this;
    return dice.below(10) === 0 ? dice.of(['x', '-1', '9223372036854775808', '']) : String(dice.below(60));
  }

  private trim(): string[] {
    const { dice } = this;
    const limit = dice.below(6) === 0 ? ['LIMIT', dice.of(['0', '1', '5', '-1', 'x', '20'])] : [];
    const mark = dice.of([[], ['~'], ['='], ['~']]);
    if (dice.below(20) === 0) return dice.of([['LIMIT', '5'], ['MAXLEN', '1', 'MINID', '1'], ['MAXLEN', '~'], ['MAXLEN', '=', '~', '5'], ['minid', '~', 'x']]);
    return dice.below(2) === 0 ? ['MAXLEN', ...mark, this.count(), ...limit] : ['MINID', ...mark, this.known(), ...limit];
  }

  next(): string[] {
    const { dice } = this;
    const kind = dice.below(100);
    if (kind < 45) {
      const options = [...(dice.below(30) === 0 ? ['NOMKSTREAM'] : []), ...(dice.below(8) === 0 ? this.trim() : [])];
      const pairs = this.pairs();
      if (dice.below(50) === 0) pairs.pop();
      return [dice.of(['XADD', 'xadd']), this.key(), ...options, this.newId(), ...pairs];
    }
    if (kind < 52) return ['XDEL', this.key(), ...Array.from({ length: 1 + dice.below(dice.of([2, 3, 12])) }, () => this.known())];
    if (kind < 57) return ['XTRIM', this.key(), ...this.trim()];
    if (kind < 59) return ['XLEN', this.key()];
    if (kind < 72) {
      const ends = [dice.of(['-', this.known(), `(${this.known()}`]), dice.of(['+', this.known(), `(${this.known()}`])];
      const count = dice.of([[], ['COUNT', this.count()], ['count', '3'], ['COUNT'], ['NO', '1']].slice(0, dice.below(9) === 0 ? 5 : 3));
      const isReverse = dice.below(2) === 0;
      return [isReverse ? 'XREVRANGE' : 'XRANGE', this.key(), ...(isReverse ? ends.reverse() : ends), ...count];
    }
    if (kind < 80) {
      const count = dice.of([[], ['COUNT', this.count()], ['COUNT', '2']]);
      const keys = Array.from({ length: 1 + dice.below(2) }, () => this.key());
      const id = (): string => dice.of(['$', this.known(), this.known(), this.known()]);
      return ['XREAD', ...count, 'STREAMS', ...keys, ...keys.map(id)];
    }
    if (kind < 88) return ['XINFO', 'STREAM', this.key(), ...dice.of([[], [], ['FULL'], ['FULL', 'COUNT', this.count()], ['FULL', 'x'], ['x', 'COUNT', '1']])];
    if (kind < 94) {
      const options = dice.of([[], [], ['ENTRIESADDED', dice.of([this.count(), '1000', '9223372036854775807'])], ['MAXDELETEDID', this.known()], ['ENTRIESADDED', '500', 'MAXDELETEDID', this.known()], ['NO', '1'], ['ENTRIESADDED']]);
      return ['XSETID', this.key(), dice.below(3) === 0 ? this.known() : `${this.ms}-${dice.below(9)}`, ...options];
    }
    if (kind < 98) return dice.of([['XADD', 'x1'], ['XADD', 'x1', '*', 'a'], ['XADD', 'x1', 'MAXLEN', '*', 'a', '1'], ['XREAD', 'COUNT', 'x', 'STREAMS', 'x1', '1'], ['XREAD', 'STREAMS', 'x1', 'x2', '1'], ['XREAD', 'NO', 'STREAMS', 'x1', '1'], ['XREAD', 'COUNT', '1', 'x1'], ['XREAD', 'GROUP', 'a', 'b', 'STREAMS', 'x1', '1'], ['XREAD', 'NOACK', 'STREAMS', 'x1', '1'], ['XREAD', 'BLOCK', '-1', 'STREAMS', 'x1', '1'], ['XREAD', 'BLOCK', 'x', 'STREAMS', 'x1', '1'], ['XTRIM', 'x1', 'LIMIT', '0'], ['XTRIM', 'x1', 'NO', '0'], ['XTRIM', 'x1', 'MAXLEN'], ['XINFO'], ['XINFO', 'HELP'], ['XINFO', 'NO'], ['XINFO', 'STREAM'], ['XRANGE', 'x1', '-'], ['XSETID', 'x1']]);
    return ['DEL', dice.of(KEYS)];
  }
}

/** Nodes and figures of a DUMP reply of type 19 without compression. */
function contentOfDump(reply: string): string {
  const dump = Buffer.from(reply.slice(reply.indexOf('\n') + 1), 'latin1');
  let at = 1;
  const length = (): bigint => {
    const head = dump[at++]!;
    if (head < 0x40) return BigInt(head);
    if (head < 0x80) return BigInt(((head & 0x3f) << 8) | dump[at++]!);
    const isLong = head === 0x81;
    at += isLong ? 8 : 4;
    return isLong ? dump.readBigUInt64BE(at - 8) : BigInt(dump.readUInt32BE(at - 4));
  };
  const bytes = (): string => {
    const size = Number(length());
    at += size;
    return dump.toString('hex', at - size, at);
  };
  expect(dump[0]).toBe(19);
  const nodes = Array.from({ length: Number(length()) }, () => `${bytes()} ${bytes()}`);
  const figures = Array.from({ length: 9 }, () => String(length()));
  return JSON.stringify([nodes, figures]);
}

function contentOf(s: TestStore, key: string): string | undefined {
  const bytes = Buffer.from(key);
  if (s.keyspace.lookup(0, bytes, 0, bytes.length) === 0) return undefined;
  const stream = streamOfRecord(s.keyspace.view);
  const nodes: string[] = [];
  const id = Buffer.alloc(16);
  stream.eachNode((master, u8, off, size) => {
    master.writeBytes(id, 0);
    nodes.push(`${id.toString('hex')} ${u8.toString('hex', off, off + size)}`);
  });
  const ids = [LAST_ID, FIRST_ID, MAX_DELETED_ID].map((which) => stream.readId(which, new StreamId()).text().split('-'));
  const added = (BigInt(stream.addedHi >>> 0) << 32n) | BigInt(stream.addedLo >>> 0);
  return JSON.stringify([nodes, [String(stream.length), ...ids.flat(), String(added), '0']]);
}

function remove(s: TestStore, key: string): string {
  const bytes = Buffer.from(key);
  if (s.keyspace.lookupWrite(0, bytes, 0, bytes.length) === 0) return ':0\r\n';
  s.keyspace.remove();
  return ':1\r\n';
}

beside('streams beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());
  afterEach(() => {
    streamLimits.nodeMaxBytes = 4096;
    streamLimits.nodeMaxEntries = 100;
  });

  async function compare(seed: number, protocol: 2 | 3, steps: number, nodeMaxBytes: number, nodeMaxEntries: number, top: number): Promise<void> {
    const s = new TestStore([...streamCommands, ...stringCommands], [streamKind], 2);
    const warm = s.arena.used;
    s.session.protocol = protocol;
    Object.assign(streamLimits, { nodeMaxBytes, nodeMaxEntries });
    const talk = new Talk(new Dice(seed), top);
    const asked: string[][] = [
      ['FLUSHALL'],
      ['CONFIG', 'SET', 'stream-node-max-bytes', String(nodeMaxBytes), 'stream-node-max-entries', String(nodeMaxEntries), 'rdbcompression', 'no'],
      ['HELLO', String(protocol)],
    ];
    const ours: { words: string[]; reply: string; isDump: boolean; asked: number }[] = [];
    const note = (words: string[], reply: string, isDump = false): void => {
      ours.push({ words, reply, isDump, asked: asked.length });
      asked.push(words);
    };
    note(['SET', 'text', '1'], s.run('SET text 1'));
    for (let i = 0; i < steps; i++) {
      const words = talk.next();
      note(words, words[0] === 'DEL' ? remove(s, words[1]!) : s.run(words));
      for (const key of new Set(words.filter((word) => KEYS.includes(word)))) {
        const content = contentOf(s, key);
        if (content === undefined) note(['EXISTS', key], ':0\r\n');
        else note(['DUMP', key], content, true);
      }
    }
    note(['GETDEL', 'text'], s.run('GETDEL text'));
    for (const key of [...KEYS, 'missing']) {
      note(['XINFO', 'STREAM', key], s.run(['XINFO', 'STREAM', key]));
      note(['XRANGE', key, '-', '+'], s.run(['XRANGE', key, '-', '+']));
      note(['XREVRANGE', key, '+', '-'], s.run(['XREVRANGE', key, '+', '-']));
      note(['DEL', key], remove(s, key));
    }
    const replies = await redis.ask(asked);
    ours.forEach(({ words, reply, isDump, asked: at }, i) => {
      const theirs = isDump && replies[at]!.startsWith('$') ? contentOfDump(replies[at]!) : replies[at]!;
      if (reply === theirs) return;
      let differs = 0;
      while (theirs[differs] === reply[differs]) differs++;
      const shown = (text: string): string => `${text.slice(0, 300)} … ${text.slice(Math.max(differs - 100, 0), differs + 300)}`;
      throw new Error(`seed ${seed}, step ${i}: ${JSON.stringify(words).slice(0, 300)}\nredis:  ${shown(theirs)}\nlarder: ${shown(reply)}\nafter ${JSON.stringify(ours[i - 1]?.words).slice(0, 400)}`);
    });
    expect(s.arena.used).toBe(warm);
  }

  it('answers alike and keeps the same nodes, small nodes, RESP2', () => compare(1, 2, 4000, 4096, 7, 1000000));
  it('answers alike and keeps the same nodes, small nodes, RESP3', () => compare(2, 3, 4000, 300, 100, 3));
  it('answers alike and keeps the same nodes, default limits, RESP2', () => compare(3, 2, 3000, 4096, 100, 3));
  it('answers alike and keeps the same nodes, no limits, RESP3', () => compare(4, 3, 1000, 0, 0, 1000000));
});
