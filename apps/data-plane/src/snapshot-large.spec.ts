/**
 * Large collections in a snapshot: random commands on them, and on their keys, between slices of the walk as small as they
 * come. The file must be the keyspace at the cut; and the commands must answer what they answer on a store of which no
 * snapshot is taken. Then how much a write costs while a large collection is being saved, counted, not timed.
 */
import { listsOf, streamsOf } from '@larder/store-commands';
import { elementTableOf } from '@larder/store-datatypes';
import { ArenaFull } from '@larder/store-memory';
import { RdbEncoder, RdbReader, Snapshot, SnapshotCapture } from '@larder/store-persistence';
import { TestStore } from '@larder/store-dispatch/testing';
import { codecs, kinds } from './wire';
import { Dice, picture, rows } from './snapshot.testing';

/** Keys with thousands of elements each, of every type, in both databases. */
function fill(store: TestStore, dice: Dice): void {
  for (const database of ['0', '1']) {
    store.run(['SELECT', database]);
    for (const n of [0, 1]) {
      const all = (size: number, one: (i: number) => string[]) => Array.from({ length: size }, (_, i) => one(i)).flat();
      store.run(['HSET', `h${n}`, ...all(1200, (i) => [`f${i}`, 'v'.repeat(dice.next(40))])]);
      store.run(['SADD', `set${n}`, ...all(1200, (i) => [`m${i}`])]);
      store.run(['ZADD', `z${n}`, ...all(1200, (i) => [String(dice.next(500)), `m${i}`])]);
      store.run(['RPUSH', `l${n}`, ...all(2500, (i) => [`${i}`.padEnd(5 + dice.next(30), 'x')])]);
      for (let i = 1; i <= 900; i++) store.run(['XADD', `x${n}`, `${i}-0`, 'a', String(i), 'b', 'v'.repeat(dice.next(20))]);
      for (let i = 0; i < 1200; i += 3) store.run(['HPEXPIRE', `h${n}`, String(200 + dice.next(9000)), 'FIELDS', '1', `f${i}`]);
      store.run(['XGROUP', 'CREATE', `x${n}`, 'g', '0']);
      store.run(['XREADGROUP', 'GROUP', 'g', 'c0', 'COUNT', '300', 'STREAMS', `x${n}`, '>']);
    }
    for (let i = 0; i < 50; i++) store.run(['SET', `s${i}`, 'small']);
  }
}

function command(dice: Dice): string[] {
  const two = () => dice.next(2);
  const field = () => `f${dice.next(1500)}`;
  const member = () => `m${dice.next(1500)}`;
  const value = () => 'w'.repeat(dice.next(60));
  const key = () => `${dice.pick(['h', 'set', 'z', 'l', 'x'])}${two()}`;
  const side = () => dice.pick(['LEFT', 'RIGHT']);
  const group = () => dice.pick(['g', 'g', 'k']);
  const consumer = () => `c${dice.next(3)}`;
  const id = () => `${1 + dice.next(1000)}-0`;
  switch (dice.next(60)) {
    case 48: case 49: return ['HPEXPIRE', `h${two()}`, String(dice.next(5000)), 'FIELDS', '2', field(), field()];
    case 50: return ['HPERSIST', `h${two()}`, 'FIELDS', '2', field(), field()];
    case 51: return ['HGETEX', `h${two()}`, 'PX', String(1 + dice.next(5000)), 'FIELDS', '1', field()];
    case 52: return ['HSETEX', `h${two()}`, ...dice.pick([['KEEPTTL'], ['PX', '700'], []]), 'FIELDS', '1', field(), value()];
    case 53: return ['HGETDEL', `h${two()}`, 'FIELDS', '1', field()];
    case 54: case 55: return ['XREADGROUP', 'GROUP', group(), consumer(), 'COUNT', '3', 'STREAMS', `x${two()}`, two() === 0 ? '>' : '0'];
    case 56: return ['XACK', `x${two()}`, group(), id(), id(), id()];
    case 57: return ['XAUTOCLAIM', `x${two()}`, group(), consumer(), '0', id(), 'COUNT', '2'];
    case 58: return ['XGROUP', 'CREATE', `x${two()}`, group(), dice.pick(['0', '$']), ...(dice.next(6) === 0 ? ['MKSTREAM'] : [])];
    case 59: return dice.next(4) === 0 ? ['XGROUP', 'DESTROY', `x${two()}`, group()] : ['XGROUP', 'DELCONSUMER', `x${two()}`, group(), consumer()];
    case 0: case 1: case 2: return ['HSET', `h${two()}`, field(), value(), field(), value()];
    case 3: return ['HDEL', `h${two()}`, field(), field()];
    case 4: return ['HINCRBY', `h${two()}`, `n${dice.next(5)}`, '1'];
    case 5: return ['HSETNX', `h${two()}`, field(), value()];
    case 6: return ['SADD', `set${two()}`, member(), member()];
    case 7: return ['SREM', `set${two()}`, member(), member()];
    case 8: return ['SPOP', `set${two()}`, String(dice.next(4))];
    case 9: return ['SMOVE', `set${two()}`, `set${two()}`, member()];
    case 10: case 11: case 12: return ['ZADD', `z${two()}`, String(dice.next(500)), member()];
    case 13: return ['ZINCRBY', `z${two()}`, '0.5', member()];
    case 14: return ['ZREM', `z${two()}`, member()];
    case 15: return [dice.pick(['ZPOPMIN', 'ZPOPMAX']), `z${two()}`, String(dice.next(3))];
    case 16: return ['ZREMRANGEBYRANK', `z${two()}`, String(dice.next(50)), String(dice.next(60))];
    case 17: return ['ZREMRANGEBYSCORE', `z${two()}`, String(dice.next(500)), String(dice.next(500))].slice(0, dice.next(8) === 0 ? 4 : 3);
    case 18: case 19: return [dice.pick(['LPUSH', 'RPUSH']), `l${two()}`, value(), value()];
    case 20: case 21: return [dice.pick(['LPOP', 'RPOP']), `l${two()}`, String(1 + dice.next(3))];
    case 22: return ['LSET', `l${two()}`, String(dice.next(2500)), value()];
    case 23: return ['LINSERT', `l${two()}`, dice.pick(['BEFORE', 'AFTER']), 'w'.repeat(dice.next(6)), value()];
    case 24: return ['LREM', `l${two()}`, String(dice.next(5) - 2), 'w'.repeat(dice.next(6))];
    case 25: return dice.next(6) === 0 ? ['LTRIM', `l${two()}`, String(dice.next(900)), String(-dice.next(900))] : ['LLEN', 'l0'];
    case 26: return ['LMOVE', `l${two()}`, `l${two()}`, side(), side()];
    case 27: case 28: return ['XADD', `x${two()}`, '*', 'a', value(), 'b', value()];
    case 29: return ['XDEL', `x${two()}`, `${1 + dice.next(1000)}-0`];
    case 30: return ['XTRIM', `x${two()}`, 'MAXLEN', ...(two() === 0 ? ['~'] : []), String(500 + dice.next(500))];
    case 31: return ['XTRIM', `x${two()}`, 'MINID', `${dice.next(300)}-0`];
    case 32: return ['XSETID', `x${two()}`, '99999999999999-0'];
    case 33: return dice.next(4) === 0 ? [dice.pick(['DEL', 'UNLINK']), key()] : ['EXISTS', key()];
    case 34: return dice.next(3) === 0 ? ['RENAME', key(), key()] : ['TYPE', key()];
    case 35: return dice.next(3) === 0 ? ['RENAME', key(), `${key()}-new`] : ['RENAME', `${key()}-new`, key()];
    case 36: return dice.next(4) === 0 ? ['COPY', key(), `${key()}-copy`, 'REPLACE'] : ['DEL', `${key()}-copy`];
    case 37: return ['MOVE', dice.next(3) === 0 ? key() : `${key()}-copy`, String(two())];
    case 38: return ['PEXPIRE', key(), String(50 + dice.next(5000))];
    case 39: return ['PERSIST', key()];
    case 40: return ['SELECT', String(two())];
    case 41: return dice.next(5) === 0 ? ['SWAPDB', '0', '1'] : ['DBSIZE'];
    case 42: return dice.next(25) === 0 ? [dice.pick(['FLUSHDB', 'FLUSHALL']), ...(two() === 0 ? ['ASYNC'] : [])] : ['PING'];
    case 43: return dice.next(8) === 0 ? ['SET', key(), 'overwritten'] : ['SET', `s${dice.next(60)}`, value()];
    case 44: return dice.next(4) === 0 ? ['SUNIONSTORE', `set${two()}`, 'set0', 'set1'] : ['SINTERCARD', '2', 'set0', 'set1'];
    case 45: return dice.next(4) === 0 ? ['ZUNIONSTORE', `z${two()}`, '2', 'z0', 'z1'] : ['ZCARD', 'z0'];
    case 46: return dice.next(4) === 0 ? ['SORT', `set${two()}`, 'ALPHA', 'STORE', `l${two()}`] : ['LLEN', 'l1'];
    default: return ['GETDEL', `s${dice.next(60)}`];
  }
}

interface Taken {
  snapshot: Snapshot;
  others: readonly SnapshotCapture[];
  file: () => Buffer;
}

/** A snapshot of stores that have the same keys; the first one walks. */
function take(stores: readonly TestStore[]): Taken {
  const parts: Buffer[] = [];
  const encoder = new RdbEncoder({ compresses: true, checks: true });
  const emit = (chunk: Buffer, length: number) => void parts.push(Buffer.from(encoder.encode(chunk, length)));
  const [store, ...rest] = stores;
  const snapshot = new Snapshot(store!.keyspace, { codecs, aux: [['redis-ver', '7.0.15']], emit, endsByHand: rest.length > 0 });
  const others = rest.map((other) => new SnapshotCapture(other.keyspace, { codecs, emit, numbersAtCut: snapshot.numbersAtCut }));
  return { snapshot, others, file: () => Buffer.concat([...parts, encoder.trailer()]) };
}

function load(file: Buffer, now: number): Map<string, string> {
  const store = new TestStore(rows, kinds);
  store.keyspace.now = now;
  let at = 0;
  const source = {
    read(into: Buffer): number {
      const copied = file.copy(into, 0, at);
      at += copied;
      return copied;
    },
  };
  new RdbReader(source, { codecs, checks: true, now }).readInto(store.keyspace);
  return picture(store);
}

/** Frees what nobody has any more. */
function drain(store: TestStore): void {
  const { queues, shards, epoch } = store.keyspace;
  for (let shard = 0; shard < shards; shard++) while (queues.hasWork(shard)) queues.step(shard, () => false, null, epoch);
}

const differences = (a: Map<string, string>, b: Map<string, string>) => [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));

interface Plan {
  rounds: number;
  /** Threads, of which each runs every so-manieth command. */
  threads: number;
  /** Breaks something in a store. */
  sabotage?: (store: TestStore) => void;
}

/** Answers what went wrong: nothing, if all is well. */
function run(seed: number, { rounds, threads, sabotage }: Plan): string[] {
  const dice = new Dice(seed * 7919);
  const store = new TestStore(rows, kinds);
  const stores = [store, ...Array.from({ length: threads - 1 }, () => new TestStore(rows, kinds, 4, store))];
  const control = new TestStore(rows, kinds);
  const empty = store.arena.used;
  const faults: string[] = [];
  const random = { seed: 1 };
  for (const one of [...stores, control]) Object.defineProperty(one, 'random32', { value: () => (random.seed = (Math.imul(random.seed, 1664525) + 1013904223) | 0) });
  const both = (words: string[]) => {
    const one = stores[dice.next(threads)]!;
    const { seed } = random;
    for (const other of stores) other.session.database = store.session.database;
    const answer = one.run(words);
    store.session.database = one.session.database;
    random.seed = seed;
    if (control.run(words) !== answer) faults.push(`another answer to ${words.join(' ').slice(0, 80)}`);
  };
  for (const one of [store, control]) fill(one, new Dice(seed));
  sabotage?.(store);
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 100; i++) both(command(dice));
    const before = picture(store);
    const { now } = store.keyspace;
    const { snapshot, others, file } = take(stores);
    while (!snapshot.isWalked) {
      for (let i = dice.next(10); i > 0; i--) both(command(dice));
      const ms = dice.next(20);
      for (const one of [...stores, control]) one.step(ms);
      // Now and then the walk rests, so that much is captured of one collection before it is reached.
      if (dice.next(40) === 0) for (let i = 200; i > 0; i--) both(command(dice));
      let visits = dice.next(6);
      snapshot.walk(() => visits-- <= 0);
    }
    for (const other of others) other.close();
    if (threads > 1) snapshot.end();
    const keys = others.reduce((sum, other) => sum + other.frames.keys, snapshot.keys);
    if (keys !== snapshot.total) faults.push(`${keys} of ${snapshot.total} keys`);
    if (snapshot.capture.wholes !== 0 || snapshot.isLost) faults.push('no memory');
    faults.push(...differences(load(file(), now), before).map((key) => `${key} in the file`));
    faults.push(...differences(picture(store), picture(control)).map((key) => `${key} in the store`));
  }
  store.run('FLUSHALL');
  drain(store);
  if (store.arena.used > empty + 2048) faults.push(`${store.arena.used - empty} bytes are lost`);
  return faults;
}

describe('a snapshot with large collections', () => {
  it.each(Array.from({ length: 6 }, (_, i) => i + 1))('of seed %i is the keyspace at its cut, and commands notice nothing', (seed) => {
    expect(run(seed, { rounds: 2, threads: 1 })).toEqual([]);
  });

  it.each([11, 12])('of seed %i is right when three threads capture, whose chunks lie among each other', (seed) => {
    expect(run(seed, { rounds: 2, threads: 3 })).toEqual([]);
  });

  interface Keeping {
    keep(root: number, address: number): void;
    keepCopy(root: number, shard: number): void;
    own(i: number): boolean;
    letGo(slot: number): void;
    leavesGroup(record: number): void;
    leavesOwner(record: number): void;
    cameSinceCut(record: number): void;
  }
  /** Leaves out every third call of a step of capturing. */
  const forget = (of: object, step: keyof Keeping, instead: (...args: never[]) => unknown = () => undefined) => {
    const whole = (of as Keeping)[step].bind(of) as (...args: unknown[]) => unknown;
    let calls = 0;
    Object.defineProperty(of, step, { value: (...args: never[]) => (++calls % 3 === 0 ? instead(...args) : whole(...args)) });
  };
  it.each<[string, (store: TestStore) => void]>([
    ['an element that goes', (store) => forget(elementTableOf(store.arena), 'keep')],
    ['a score that changes', (store) => forget(elementTableOf(store.arena), 'keepCopy')],
    ['a node of a list that changes', (store) => forget(listsOf(store.keyspace), 'own', () => false)],
    ['a node of a stream that changes', (store) => forget(streamsOf(store.keyspace), 'own', () => false)],
    ['a pending entry that is acknowledged', (store) => forget(streamsOf(store.keyspace).groups, 'leavesGroup')],
    ['a pending entry that changes hands', (store) => forget(streamsOf(store.keyspace).groups, 'leavesOwner')],
    ['a pending entry that is new', (store) => forget(streamsOf(store.keyspace).groups, 'cameSinceCut')],
    ['the record of a pending entry that goes', (store) => forget(streamsOf(store.keyspace).groups, 'letGo', (record: never) => store.arena.free(record))],
  ])('is wrong, and found to be, when every third time %s is not kept', (_what, sabotage) => {
    let faults: string[];
    try {
      faults = run(3, { rounds: 1, threads: 1, sabotage });
    } catch (error) {
      faults = [(error as Error).message]; // the file cannot be read
    }
    expect(faults).not.toEqual([]);
  });
});

describe('what a write costs while a large collection is saved', () => {
  const SIZE = 40_000;
  const many = (one: (i: number) => string[]) => Array.from({ length: 1000 }, (_, i) => one(i));
  const full = (fillOne: (store: TestStore, from: number) => void): TestStore => {
    const store = new TestStore(rows, kinds);
    for (let from = 0; from < SIZE; from += 1000) fillOne(store, from);
    return store;
  };
  /** Bytes that the commands took of the arena and put into chunks, each, while nobody walked. */
  const bytesOf = (store: TestStore, commands: (i: number) => string[]): { first: number; each: number } => {
    const before = picture(store);
    const { snapshot, file } = take([store]);
    const cost = (words: string[]) => {
      const before = store.arena.used + snapshot.capture.frames.written;
      store.run(words);
      return store.arena.used + snapshot.capture.frames.written - before;
    };
    const first = cost(commands(0));
    let each = 0;
    for (let i = 1; i < 2000; i++) each = Math.max(each, cost(commands(i)));
    while (!snapshot.isDone) snapshot.walk(() => false);
    expect(differences(load(file(), store.keyspace.now), before)).toEqual([]);
    return { first, each };
  };

  it.each<[string, (store: TestStore, from: number) => void, (i: number) => string[], number, number]>([
    ['a hash', (s, from) => s.run(['HSET', 'k', ...many((i) => [`f${from + i}`, 'v']).flat()]), (i) => ['HSET', 'k', `f${i}`, 'w'], 200, 200],
    ['a hash, deleting', (s, from) => s.run(['HSET', 'k', ...many((i) => [`f${from + i}`, 'v']).flat()]), (i) => ['HDEL', 'k', `f${i}`], 200, 200],
    ['a set', (s, from) => s.run(['SADD', 'k', ...many((i) => [`m${from + i}`]).flat()]), (i) => ['SREM', 'k', `m${i}`], 200, 200],
    ['a sorted set', (s, from) => s.run(['ZADD', 'k', ...many((i) => [`${i}`, `m${from + i}`]).flat()]), (i) => ['ZADD', 'k', '5000', `m${i}`], 2000, 2000],
    // Twelve bytes a node at first; then a node, once.
    ['a list', (s, from) => s.run(['RPUSH', 'k', ...many((i) => [`value${from + i}`]).flat()]), (i) => ['LSET', 'k', String(i * 15), 'w'], 4096, 10_000],
    ['a stream', (s, from) => many((i) => [String(s.run(['XADD', 'k', `${from + i + 1}-0`, 'a', 'b']))]), (i) => ['XDEL', 'k', `${i * 15 + 1}-0`], 65_536, 5000],
  ])('depends on what it touches, not on the size: %s', (_what, fillOne, commands, first, each) => {
    const cost = bytesOf(full(fillOne), commands);
    expect(cost.first).toBeLessThanOrEqual(first + each);
    expect(cost.each).toBeLessThanOrEqual(each);
  });

  const PENDING = 12_000;
  const withPending = (): TestStore => {
    const store = new TestStore(rows, kinds);
    for (let from = 0; from < PENDING; from += 1000) many((i) => [String(store.run(['XADD', 'k', `${from + i + 1}-0`, 'a', 'b']))]);
    store.run(['XGROUP', 'CREATE', 'k', 'g', '0']);
    for (const consumer of ['a', 'b']) store.run(['XREADGROUP', 'GROUP', 'g', consumer, 'COUNT', String(PENDING / 2), 'STREAMS', 'k', '>']);
    return store;
  };

  it.each<[string, (i: number) => string[]]>([
    ['acknowledging', (i) => ['XACK', 'k', 'g', `${i * 6 + 1}-0`]],
    ['claiming', (i) => ['XCLAIM', 'k', 'g', 'b', '0', `${i * 6 + 1}-0`]],
    ['adding', () => ['XADD', 'k', '*', 'a', 'b']],
    ['giving away', (i) => ['XREADGROUP', 'GROUP', 'g', `c${i % 7}`, 'COUNT', '1', 'STREAMS', 'k', '0']],
  ])('depends on what it touches, not on how many entries are pending: %s', (_what, commands) => {
    const cost = bytesOf(withPending(), commands);
    // The directory of nodes, and what is left of a node.
    expect(cost.first).toBeLessThan(20_000);
    expect(cost.each).toBeLessThanOrEqual(10_000);
  });

  it.each([['XGROUP', 'DESTROY', 'k', 'g'], ['DEL', 'k'], ['UNLINK', 'k'], ['FLUSHALL']])('with pending entries is saved and freed bit by bit: %s', (...words) => {
    const store = withPending();
    const { snapshot, file } = take([store]);
    const frees = jest.spyOn(store.arena, 'free');
    store.run(words);
    expect(frees.mock.calls.length).toBeLessThan(20);
    let [steps, most, longest] = [0, 0, 0];
    while (!snapshot.isDone) {
      frees.mockClear();
      const before = snapshot.frames.written;
      snapshot.walk(() => true);
      most = Math.max(most, frees.mock.calls.length);
      longest = Math.max(longest, snapshot.frames.written - before);
      steps++;
    }
    // But for the leaves of the lists of consumers, which go at once.
    expect(most).toBeLessThan(1000);
    expect(longest).toBeLessThan(20_000);
    expect(steps).toBeGreaterThan(200);
    expect(load(file(), store.keyspace.now).size).toBe(1);
  });

  it.each(['DEL', 'UNLINK', 'RENAME', 'SET', 'FLUSHALL'])('is the same when the collection goes: %s', (name) => {
    const store = full((s, from) => s.run(['HSET', 'k', ...many((i) => [`f${from + i}`, 'v']).flat()]));
    store.run(['SET', 'other', 'v']);
    const { snapshot, file } = take([store]);
    const frees = jest.spyOn(store.arena, 'free');
    store.run({ DEL: ['DEL', 'k'], UNLINK: ['UNLINK', 'k'], RENAME: ['RENAME', 'other', 'k'], SET: ['SET', 'k', 'v'], FLUSHALL: ['FLUSHALL'] }[name]!);
    expect(frees.mock.calls.length).toBeLessThan(20);
    expect(snapshot.capture.frames.written).toBeLessThan(500);
    let steps = 0;
    let most = 0;
    while (!snapshot.isDone) {
      frees.mockClear();
      let visits = 0;
      snapshot.walk(() => ++visits > 3);
      most = Math.max(most, frees.mock.calls.length);
      steps++;
    }
    // But for the table's segments, which go at once.
    expect(most).toBeLessThan(1000);
    expect(steps).toBeGreaterThan(200);
    expect(load(file(), store.keyspace.now).size).toBe(2);
  });
});

describe('UNLINK and FLUSHALL ASYNC', () => {
  const fields = Array.from({ length: 5000 }, (_, i) => [`f${i}`, 'v'.repeat(i % 90)]).flat();
  const values = Array.from({ length: 5000 }, (_, i) => `value ${i}`);
  const make = () => {
    const store = new TestStore(rows, kinds);
    const empty = store.arena.used;
    store.run(['HSET', 'h', ...fields]);
    store.run(['SADD', 's', ...fields]);
    store.run(['ZADD', 'z', ...values.flatMap((value, i) => [String(i), value])]);
    store.run(['RPUSH', 'l', ...values]);
    for (const value of values) store.run(['XADD', 'x', '*', 'a', value]);
    return { store, empty };
  };

  it.each([['UNLINK h s z l x', 5], ['FLUSHALL ASYNC', 5]] as const)('leave the freeing for later: %s', (words, objects) => {
    const { store, empty } = make();
    const { queues, shards, epoch } = store.keyspace;
    const full = store.arena.used;
    store.run(words);
    expect(store.run('DBSIZE')).toBe(':0\r\n');
    expect(queues.pending).toBe(objects);
    expect(store.arena.used).toBeGreaterThan(full * 0.9);
    let slices = 0;
    for (let shard = 0; shard < shards; shard++) while (queues.hasWork(shard)) slices += queues.step(shard, () => true, null, epoch) ? 0 : 1;
    expect(slices).toBeGreaterThan(500);
    expect(store.arena.used).toBeLessThanOrEqual(empty + 2048);
    expect([queues.pending, queues.freed >= objects]).toEqual([0, true]);
    store.run(['HSET', 'h', ...fields]);
    expect(store.run('HLEN h')).toBe(':5000\r\n');
  });
});

describe('a snapshot without memory', () => {
  it.each([[1, 4], [2, 40], [3, 400]])('of seed %i, refused one time in %i, is right, or known to be lost, and leaves nothing behind', (seed, times) => {
    const dice = new Dice(seed * 104_729);
    const store = new TestStore(rows, kinds);
    const empty = store.arena.used;
    const alloc = store.arena.alloc.bind(store.arena);
    fill(store, new Dice(seed));
    const before = picture(store);
    const { now } = store.keyspace;
    const { snapshot, file } = take([store]);
    let isFull = false;
    let refused = 0;
    Object.defineProperty(store.arena, 'alloc', {
      value: (shard: number, bytes: number) => {
        if (!isFull || dice.next(times) > 0) return alloc(shard, bytes);
        refused++;
        throw new ArenaFull(bytes);
      },
    });
    while (!snapshot.isDone) {
      isFull = true;
      for (let i = dice.next(10); i > 0; i--) store.run(command(dice));
      isFull = false;
      let visits = dice.next(6);
      snapshot.walk(() => visits-- <= 0);
    }
    expect(refused).toBeGreaterThan(0);
    if (!snapshot.isLost) expect(differences(load(file(), now), before)).toEqual([]);
    store.run('FLUSHALL');
    drain(store);
    expect(store.arena.used).toBeLessThanOrEqual(empty + 2048);
  });
});
