/**
 * Consumer groups beside redis-server: replies, and after each command all that a DUMP holds, byte for byte but for times. Besides:
 * what the journal repeats, who is served of those that wait, and values of older and newer versions.
 */
import type { Journal } from '@larder/store-dispatch';
import { TestStore } from '@larder/store-dispatch/testing';
import { DamagedValue } from '@larder/store-keyspace';
import { keyCommands, streamCodec, streamCommands, streamKind, stringCommands } from '../src/index';
import { Dice } from './dice';
import { PlainInput, PlainOutput, valueOfDump } from './plain-rdb';
import { RealRedis, hasRedis } from './real-redis';

const beside = hasRedis ? describe : describe.skip;
const KEYS = ['a', 'b'];
const GROUPS = ['g', 'h', 'ga'];
const CONSUMERS = ['x', 'y', 'xx'];
/** No nodes, no figures, no groups. */
const EMPTY = Buffer.alloc(10);

function newStore(shards = 2): TestStore {
  return new TestStore([...streamCommands, ...stringCommands, ...keyCommands], [streamKind], shards);
}

/** A value of type 19 whose times are 0: when consumers were seen, and (unless `keepsDeliveries`) entries delivered. */
function withoutTimes(value: Buffer, keepsDeliveries = false): Buffer {
  const bytes = Buffer.from(value);
  const input = new PlainInput(bytes);
  const number = { hi: 0, lo: 0 };
  const time = (): void => void bytes.fill(0, input.raw(8).off, input.raw(0).off);
  const each = (visit: () => void): void => {
    for (let left = input.length(); left > 0; left--) visit();
  };
  each(() => void (input.string() && input.string()));
  for (let i = 0; i < 8; i++) input.length64(number);
  each(() => {
    input.string();
    for (let i = 0; i < 3; i++) input.length64(number);
    each(() => {
      input.raw(16);
      if (keepsDeliveries) input.raw(8);
      else time();
      input.length64(number);
    });
    each(() => {
      input.string();
      time();
      each(() => void input.raw(16));
    });
  });
  return bytes;
}

function saved(s: TestStore, key: string): Buffer | undefined {
  const out = new PlainOutput();
  if (s.keyspace.lookup(0, Buffer.from(key), 0, key.length) === 0) return undefined;
  streamCodec.save(s.keyspace.view, out);
  return out.bytes;
}

function restore(s: TestStore, key: string, bytes: Buffer, type = 19): void {
  if (s.keyspace.lookupWrite(0, Buffer.from(key), 0, key.length) !== 0) s.keyspace.remove();
  s.keyspace.lookupWrite(0, Buffer.from(key), 0, key.length);
  streamCodec.restore(type, new PlainInput(bytes), s.keyspace);
}

/** Commands whose replies tell no times. `rereads`: also what a consumer has already. */
function command(dice: Dice, rereads: boolean): string[] {
  const key = dice.of(KEYS);
  const group = dice.of(GROUPS);
  const consumer = dice.of(CONSUMERS);
  const id = (): string => `1-${dice.below(60)}`;
  const ids = (): string[] => Array.from({ length: 1 + dice.below(5) }, id);
  const count = dice.of([[], ['COUNT', String(1 + dice.below(5))]]);
  switch (dice.below(18)) {
    case 0: return ['XGROUP', 'CREATE', key, group, dice.of(['0', '$', id()]), ...dice.of([[], ['MKSTREAM']]), ...dice.of([[], [], ['ENTRIESREAD', String(dice.below(9))]])];
    case 1: return dice.below(4) > 0 ? ['XGROUP', 'CREATECONSUMER', key, group, consumer] : ['XGROUP', 'DELCONSUMER', key, group, consumer];
    case 2: return dice.below(4) > 0 ? ['XGROUP', 'SETID', key, group, dice.of([id(), '$', '0'])] : ['XGROUP', 'DESTROY', key, group];
    case 3: return ['XDEL', key, ...ids()];
    case 4: return ['XTRIM', key, 'MAXLEN', String(20 + dice.below(30))];
    case 5: case 6: return ['XACK', key, group, ...ids()];
    case 7: case 8: return ['XCLAIM', key, group, consumer, '0', ...ids(), ...dice.of([[], ['JUSTID'], ['FORCE'], ['RETRYCOUNT', '7'], ['LASTID', id()], ['FORCE', 'JUSTID']])];
    case 9: case 10: return ['XAUTOCLAIM', key, group, consumer, '0', dice.of(['0', id()]), ...count, ...dice.of([[], ['JUSTID']])];
    case 11: case 12: case 13: return ['XREADGROUP', 'GROUP', group, consumer, ...count, ...dice.of([[], [], ['NOACK']]), 'STREAMS', key, rereads && dice.below(3) === 0 ? '0' : '>'];
    default: return ['XADD', key, '1-*', 'f', `v${dice.below(100)}`];
  }
}

beside('consumer groups beside redis-server', () => {
  let redis: RealRedis;
  beforeAll(async () => {
    redis = await RealRedis.start();
  });
  afterAll(() => redis.stop());

  it.each([[1, 2], [2, 3]] as const)('answer alike and dump the same bytes (seed %i, RESP%i)', async (seed, protocol) => {
    const s = newStore();
    s.session.protocol = protocol;
    const dice = new Dice(seed);
    const asked: string[][] = [['FLUSHALL'], ['CONFIG', 'SET', 'rdbcompression', 'no'], ['HELLO', String(protocol)]];
    const mine: { at: number; told: string }[] = [];
    for (let step = 0; step < 1500; step++) {
      const words = command(dice, true);
      mine.push({ at: asked.push(words) - 1, told: s.run(words) });
      for (const key of KEYS) {
        const value = saved(s, key);
        mine.push({ at: asked.push(value === undefined ? ['EXISTS', key] : ['DUMP', key]) - 1, told: value === undefined ? ':0\r\n' : withoutTimes(value).toString('hex') });
      }
    }
    const replies = await redis.ask(asked);
    for (const { at, told } of mine) {
      const theirs = asked[at]![0] === 'DUMP' ? withoutTimes(valueOfDump(replies[at]!)).toString('hex') : replies[at]!;
      if (theirs !== told) throw new Error(`seed ${seed}: ${asked[at]!.join(' ')}\nredis:  ${theirs}\nlarder: ${told}\nafter ${asked.slice(Math.max(0, at - 6), at).map((words) => words.join(' ')).join('; ')}`);
    }
  }, 30_000);

  it('are restored from what Redis dumps, and every damage is refused or harmless', async () => {
    const s = newStore();
    const before = s.arena.used;
    const dice = new Dice(3);
    const asked: string[][] = [['FLUSHALL'], ['CONFIG', 'SET', 'rdbcompression', 'no'], ['HELLO', '2']];
    for (let step = 0; step < 600; step++) asked.push(command(dice, true));
    asked.push(['DUMP', 'a']);
    const theirs = valueOfDump((await redis.ask(asked)).at(-1)!);
    restore(s, 'a', theirs);
    expect(saved(s, 'a')).toEqual(theirs);
    s.run('COPY a b');
    expect(saved(s, 'b')).toEqual(theirs);
    let refused = 0;
    for (let i = 0; i < theirs.length; i += 7) {
      const damaged = Buffer.from(theirs);
      damaged[i]! ^= 1 << (i % 8);
      try {
        restore(s, 'd', damaged);
      } catch (error) {
        if (!(error instanceof DamagedValue)) throw error;
        refused++;
        continue;
      }
      for (const words of ['XREADGROUP GROUP g x STREAMS d >', 'XREADGROUP GROUP g x STREAMS d 0', 'XAUTOCLAIM d g y 0 -', 'XPENDING d g - + 100', 'XINFO STREAM d FULL', 'XGROUP DELCONSUMER d g y', 'XGROUP DESTROY d h']) s.run(words);
    }
    expect(refused).toBeGreaterThan(20);
    for (const key of ['a', 'b', 'd']) s.run(['DEL', key]);
    expect(s.arena.used).toBe(before);
  });
});

describe('consumer groups', () => {
  it('are whole after a restart: the journal makes the same state', () => {
    const a = newStore();
    const written: string[][] = [];
    const journal: Journal = {
      append: (_database, args) => void written.push(Array.from({ length: args.count }, (_, i) => args.text(i))),
      commit: () => undefined,
    };
    a.dispatcher.journal = journal;
    const b = newStore();
    const dice = new Dice(5);
    for (let step = 0; step < 4000; step++) {
      a.keyspace.now += dice.below(9);
      b.keyspace.now = a.keyspace.now;
      a.run(command(dice, false));
      for (const words of written.splice(0)) {
        expect(words.length).toBeGreaterThan(0);
        const reply = b.run(words);
        if (reply.startsWith('-')) throw new Error(`${words.join(' ')}: ${reply}`);
      }
      if (step % 50 !== 0) continue;
      const told = (s: TestStore): string[] => KEYS.map((key) => withoutTimes(saved(s, key) ?? EMPTY, true).toString('hex'));
      expect(told(b)).toEqual(told(a));
    }
  });

  it('leave in the journal what was done, and nothing where that is nothing', () => {
    const s = newStore();
    s.run('XGROUP CREATE k g $ MKSTREAM');
    s.run('XADD k 1-1 f v');
    const written: string[] = [];
    s.dispatcher.journal = { append: (_database, args) => void written.push(Array.from({ length: args.count }, (_, i) => args.text(i)).join(' ')), commit: () => undefined };
    s.run('XREADGROUP GROUP g c STREAMS k >');
    expect(written.splice(0)).toEqual(['XCLAIM k g c 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1', 'XGROUP SETID k g 1-1 ENTRIESREAD 1']);
    s.run('XREADGROUP GROUP g c STREAMS k 0');
    expect(written.splice(0)).toEqual([]);
    s.run('XREADGROUP GROUP g d NOACK STREAMS k 0');
    expect(written.splice(0)).toEqual(['XGROUP CREATECONSUMER k g d']);
    s.run('XCLAIM k g d 0 9-9 LASTID 2-2');
    expect(written.splice(0)).toEqual(['XGROUP SETID k g 2-2 ENTRIESREAD 1']);
    s.run('XACK k g 1-1');
    expect(written.splice(0)).toEqual(['XACK k g 1-1']);
  });

  it('serve those who wait in their order, and tell them when group or key is gone', () => {
    const s = newStore();
    s.run('XGROUP CREATE k g $ MKSTREAM');
    const [first, second, third] = [s.connect(), s.connect(), s.connect()];
    for (const [session, name] of [[first, 'x'], [second, 'y']] as const) expect(s.run(`XREADGROUP GROUP g ${name} BLOCK 0 STREAMS k >`, session)).toBe('');
    s.run('XADD k 1-1 f v');
    expect(first.delivered).toEqual(['*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n']);
    expect(second.delivered).toEqual([]);
    s.run('XGROUP DESTROY k other');
    s.run('XGROUP DESTROY k g');
    expect(second.delivered).toEqual(['-NOGROUP the consumer group this client was blocked on no longer exists\r\n']);
    s.run('XGROUP CREATE k g $');
    s.run('XREADGROUP GROUP g x BLOCK 0 STREAMS k >', third);
    s.run('SET k text');
    expect(third.delivered).toEqual(['-UNBLOCKED the stream key no longer exists\r\n']);
  });

  it('of older and newer versions are read: 15 lacks what was counted, 21 says when a consumer was active', () => {
    const s = newStore();
    s.run('XADD a 1-1 f v');
    s.run('XGROUP CREATE a g 0');
    s.run('XREADGROUP GROUP g c STREAMS a >');
    const bytes = saved(s, 'a')!;
    // … figures | groups 1 | "g" | last id 1-1 | read 1 | pending 1: id time count | consumers 1 | "c" | seen | pending 1: id
    const tail = Buffer.from([1, 1, 0x67, 1, 1, 1, 1]);
    const at = bytes.lastIndexOf(tail);
    const figures = at - 8;
    expect([...bytes.subarray(figures, at)]).toEqual([1, 1, 1, 1, 1, 0, 0, 1]);
    const old = Buffer.concat([bytes.subarray(0, figures + 3), bytes.subarray(at, at + 5), bytes.subarray(at + 6)]);
    restore(s, 'old', old, 15);
    expect(saved(s, 'old')).toEqual(bytes);
    const seenEnd = bytes.length - 17;
    restore(s, 'new', Buffer.concat([bytes.subarray(0, seenEnd), Buffer.alloc(8, 7), bytes.subarray(seenEnd)]), 21);
    expect(saved(s, 'new')).toEqual(bytes);
  });

  it('do not break the watch of their key', () => {
    const s = newStore();
    s.run('XADD k 1-1 f v');
    const watcher = s.connect();
    s.run('WATCH k', watcher);
    for (const words of ['XGROUP CREATE k g 0', 'XREADGROUP GROUP g c STREAMS k >', 'XACK k g 1-1', 'XGROUP SETID k g 0', 'XGROUP DESTROY k g', 'XSETID k 9-9']) s.run(words);
    s.run('MULTI', watcher);
    expect(s.run('EXEC', watcher)).toBe('*0\r\n');
    s.run('WATCH k', watcher);
    s.run('XDEL k 1-1');
    s.run('MULTI', watcher);
    expect(s.run('EXEC', watcher)).toBe('*-1\r\n');
  });
});
