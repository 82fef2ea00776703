/**
 * Lists beside redis-server: random commands from a seed; every reply is compared, and after each the nodes of the lists
 * with those in Redis' DUMP, byte for byte.
 */
import { listLimits } from '@larder/store-datatypes';
import { TestStore } from '@larder/store-dispatch/testing';
import { listCommands, listKind, listOfRecord, stringCommands } from '../src/index';
import { Dice } from './dice';
import { RealRedis, hasRedis } from './real-redis';

const beside = hasRedis ? describe : describe.skip;
const KEYS = ['l1', 'l2', 'l3'];
const ODD = ['', '-0', '00', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '\x00\xff', '1.5', ' 1', 'x'.repeat(63), 'x'.repeat(64), 'y'.repeat(300), 'z'.repeat(5000), 'w'.repeat(20000), '127', '128', '-1', '-4096', '4096', '40000', '9000000', '5000000000'];

function randomCommand(dice: Dice): string[] {
  const key = (): string => (dice.below(60) === 0 ? dice.of(['text', 'missing']) : dice.of(KEYS));
  const word = (): string => (dice.below(20) === 0 ? dice.of(ODD) : dice.of([`w${dice.below(30)}`, String(dice.below(30)), `longer-word-${dice.below(30)}`]));
  const words = (): string[] => Array.from({ length: 1 + dice.below(dice.of([2, 2, 5, 60])) }, word);
  const index = (): string => (dice.below(25) === 0 ? dice.of(['x', '', '9223372036854775807', '-9223372036854775808', '9223372036854775808', '1.0']) : String(dice.below(80) - 40));
  const side = (): string => (dice.below(25) === 0 ? 'up' : dice.of(['LEFT', 'RIGHT', 'left']));
  const count = (): string => (dice.below(8) === 0 ? dice.of(['x', '-1', '0', '9223372036854775808', '-9223372036854775808', '9223372036854775807']) : String(dice.below(40)));
  const timeout = (): string => (dice.below(8) === 0 ? dice.of(['x', '-1', 'inf', '-inf', 'nan', '1e20', '9223372036854775807', '1e16', '', ' 1']) : '0.001');
  const kind = dice.below(100);
  switch (true) {
    case kind < 10: return ['LPUSH', key(), ...words()];
    case kind < 20: return ['RPUSH', key(), ...words()];
    case kind < 23: return [dice.of(['LPUSHX', 'RPUSHX']), key(), ...words()];
    case kind < 27: return [dice.of(['LPOP', 'RPOP']), key()];
    case kind < 31: return [dice.of(['LPOP', 'RPOP']), key(), count()];
    case kind < 33: return ['LLEN', key()];
    case kind < 38: return ['LRANGE', key(), index(), index()];
    case kind < 43: return ['LINDEX', key(), index()];
    case kind < 49: return ['LSET', key(), index(), word()];
    case kind < 63: return ['LINSERT', key(), dice.of(['BEFORE', 'AFTER', 'before', 'at']), word(), word()];
    case kind < 69: return ['LREM', key(), dice.of(['0', '1', '-1', '2', '-3', count()]), word()];
    case kind < 72: return ['LTRIM', key(), String(dice.below(6)), dice.of(['-1', '-2', '-5', '400', index()])];
    case kind < 78: {
      const options = Array.from({ length: dice.below(4) }, () => [dice.of(['RANK', 'COUNT', 'MAXLEN', 'rank', 'NO']), dice.of([count(), '-1', '1', '2', '-2', '0', '30'])]).flat();
      if (dice.below(20) === 0) options.pop();
      return ['LPOS', key(), word(), ...options];
    }
    case kind < 82: return ['LMOVE', key(), key(), side(), side()];
    case kind < 85: return ['RPOPLPUSH', key(), key()];
    case kind < 89: return ['LMPOP', dice.of(['1', '2', '3', '0', '-1', 'x', '99']), key(), key(), ...dice.of([[], [side()], [side()]]), ...dice.of([[], [], ['COUNT', count()], ['COUNT'], ['COUNT', '1', 'COUNT', '2'], ['NO', '1']])];
    case kind < 91: return [dice.of(['BLPOP', 'BRPOP']), key(), key(), timeout()];
    case kind < 93: return ['BLMOVE', key(), key(), side(), side(), timeout()];
    case kind < 95: return ['BRPOPLPUSH', key(), key(), timeout()];
    case kind < 98: return ['BLMPOP', timeout(), dice.of(['1', '2', '0', 'x']), key(), key(), side(), ...dice.of([[], ['COUNT', count()], ['NO']])];
    case kind < 99: return [dice.of(['LPUSH', 'LPOP', 'LRANGE', 'LPOS', 'LINSERT', 'LMOVE', 'BLPOP', 'LMPOP']), key()];
    default: return ['DEL', dice.of(KEYS)];
  }
}

/** The listpacks in a DUMP reply of type 18 without compression. */
function nodesOfDump(reply: string): string[] {
  const dump = Buffer.from(reply.slice(reply.indexOf('\n') + 1), 'latin1');
  let at = 1;
  const length = (): number => {
    const head = dump[at++]!;
    if (head < 0x40) return head;
    if (head < 0x80) return ((head & 0x3f) << 8) | dump[at++]!;
    at += 4;
    return dump.readUInt32BE(at - 4);
  };
  expect(dump[0]).toBe(18);
  return Array.from({ length: length() }, () => {
    expect(length()).toBe(2);
    const size = length();
    at += size;
    return dump.toString('latin1', at - size, at);
  });
}

function nodesOf(s: TestStore, key: string): string[] {
  const bytes = Buffer.from(key);
  if (s.keyspace.lookup(0, bytes, 0, bytes.length) === 0) return [];
  const nodes: string[] = [];
  listOfRecord(s.keyspace.view).eachNode((u8, off, size) => nodes.push(u8.toString('latin1', off, off + size)));
  return nodes;
}

function remove(s: TestStore, key: string): string {
  const bytes = Buffer.from(key);
  if (s.keyspace.lookupWrite(0, bytes, 0, bytes.length) === 0) return ':0\r\n';
  s.keyspace.remove();
  return ':1\r\n';
}

beside('lists beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());
  afterEach(() => {
    listLimits.maxListpackSize = -2;
  });

  async function compare(seed: number, protocol: 2 | 3, steps: number, limit: number): Promise<void> {
    const s = new TestStore([...listCommands, ...stringCommands], [listKind], 2);
    const warm = s.arena.used;
    s.session.protocol = protocol;
    listLimits.maxListpackSize = limit;
    const dice = new Dice(seed);
    const asked: string[][] = [
      ['FLUSHALL'],
      ['CONFIG', 'SET', 'list-max-listpack-size', String(limit), 'rdbcompression', 'no'],
      ['HELLO', String(protocol)],
    ];
    const ours: { words: string[]; reply: string | string[]; asked: number }[] = [];
    const note = (words: string[], reply: string | string[]): void => {
      ours.push({ words, reply, asked: asked.length });
      asked.push(words);
    };
    note(['SET', 'text', '1'], s.run('SET text 1'));
    for (let i = 0; i < steps; i++) {
      const words = randomCommand(dice);
      let reply = words[0] === 'DEL' ? remove(s, words[1]!) : s.run(words);
      if (reply === '' && s.session.blocked !== null) {
        s.dispatcher.unblock(s.session, 'timeout');
        reply = s.session.delivered.pop()!;
      }
      note(words, reply);
      for (const key of new Set(words.filter((word) => KEYS.includes(word)))) {
        const nodes = nodesOf(s, key);
        if (nodes.length > 0) note(['DUMP', key], nodes);
        else note(['EXISTS', key], ':0\r\n');
      }
    }
    note(['GETDEL', 'text'], s.run('GETDEL text'));
    for (const key of [...KEYS, 'missing']) {
      note(['LRANGE', key, '0', '-1'], s.run(['LRANGE', key, '0', '-1']));
      note(['DEL', key], remove(s, key));
    }
    const replies = await redis.ask(asked);
    ours.forEach(({ words, reply, asked: at }, i) => {
      const theirs = typeof reply === 'string' ? replies[at]! : JSON.stringify(replies[at]!.startsWith('$') && !replies[at]!.startsWith('$-1') ? nodesOfDump(replies[at]!) : replies[at]);
      const mine = typeof reply === 'string' ? reply : JSON.stringify(reply);
      if (mine === theirs) return;
      throw new Error(`seed ${seed}, step ${i}: ${JSON.stringify(words).slice(0, 300)}\nredis:  ${theirs.slice(0, 1500)}\nlarder: ${mine.slice(0, 1500)}\nafter ${JSON.stringify(ours[i - 1]?.words).slice(0, 400)}`);
    });
    expect(s.arena.used).toBe(warm);
  }

  it('answers alike and breaks nodes alike, three elements a node, RESP2', () => compare(1, 2, 2500, 3));
  it('answers alike and breaks nodes alike, sixteen elements a node, RESP3', () => compare(2, 3, 2500, 16));
  it('answers alike and breaks nodes alike, default size, RESP2', () => compare(3, 2, 1500, -2));
  it('answers alike and breaks nodes alike, 4 KiB nodes, RESP3', () => compare(4, 3, 1500, -1));
});
