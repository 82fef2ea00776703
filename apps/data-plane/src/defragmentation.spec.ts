/**
 * Values are moved together while random commands go on: no reply differs from those of a store in which nothing is moved, and what was
 * spread over many pages lies in few.
 */
import { TestStore } from '@larder/store-dispatch/testing';
import { Defragmentation } from '@larder/store-keyspace';
import { Snapshot } from '@larder/store-persistence';
import { Dice, picture, rows } from './snapshot.testing';
import { codecs, kinds } from './wire';

const KEYS = 1200;

function command(dice: Dice): string[] {
  const key = (kind: string): string => `${kind}${dice.next(KEYS)}`;
  // Long enough that a page holds few, so that there are many.
  const [text, long] = [() => 'x'.repeat(40 + dice.next(20)), () => 'x'.repeat(1900 + dice.next(200))];
  switch (dice.next(15)) {
    case 0: case 1: return ['SET', key('s'), long()];
    case 2: return ['SET', key('s'), long(), 'PX', String(1000 + dice.next(100_000))];
    case 3: return ['APPEND', key('s'), text()];
    case 4: return ['HSET', key('h'), `f${dice.next(8)}`, text()];
    case 5: return ['HPEXPIRE', key('h'), String(1000 + dice.next(100_000)), 'FIELDS', '1', `f${dice.next(8)}`];
    case 6: return ['SADD', key('i'), String(dice.next(1000))];
    case 7: return ['ZADD', key('z'), String(dice.next(100)), `m${dice.next(10)}`];
    case 8: return ['RPUSH', key('l'), long()];
    case 9: return ['XADD', key('x'), `${dice.next(1_000_000)}-*`, 'f', text()];
    case 10: return ['SADD', 'large', `member:${dice.next(5000)}`];
    case 11: return ['PERSIST', key('s')];
    case 13: return ['HPTTL', key('h'), 'FIELDS', '8', ...Array.from({ length: 8 }, (_, i) => `f${i}`)];
    case 12: return ['RENAME', key('s'), key('s')];
    default: return ['DEL', ...['s', 'h', 'i', 'z', 'l', 'x'].map(key)];
  }
}

/** One slice of so many looks at the clock. */
const slices = (count: number): (() => boolean) => () => --count < 0;
const under = (_shard: number, work: () => void): boolean => {
  work();
  return true;
};

describe('defragmentation', () => {
  it.each([1, 2, 3])('changes nothing that anybody sees (seed %i)', (seed) => {
    const [moving, still] = [new TestStore(rows, kinds, 1), new TestStore(rows, kinds, 1)];
    const defragmentation = new Defragmentation(moving.keyspace, under);
    const dice = new Dice(seed);
    const watcher = [moving.connect(), still.connect()];
    const both = (words: string[]): void => expect([words, moving.run(words)]).toEqual([words, still.run(words)]);
    for (let i = 0; i < 12_000; i++) {
      both(command(dice));
      if (i % 1000 === 500) [moving, still].forEach((store, at) => store.run(['WATCH', 's1', 'h1'], watcher[at]));
      if (i % 1000 === 900) expect(moving.run('MULTI', watcher[0]) + moving.run('EXEC', watcher[0])).toBe(still.run('MULTI', watcher[1]) + still.run('EXEC', watcher[1]));
      if (dice.next(20) === 0) defragmentation.run(slices(1 + dice.next(5)));
      if (dice.next(500) === 0) for (const store of [moving, still]) store.step(5000);
    }
    expect(picture(moving)).toEqual(picture(still));
    expect(defragmentation.hits).toBeGreaterThan(100);
    expect(moving.arena.used).toBeLessThanOrEqual(still.arena.used); // what moves leaves its spare room behind
    both(['FLUSHALL']);
    expect(moving.arena.used).toBe(still.arena.used);
  });

  it('leaves few pages of many when every other key goes', () => {
    const store = new TestStore(rows, kinds, 1);
    const defragmentation = new Defragmentation(store.keyspace, under);
    const kept = (i: number): string => `v${i}`.padEnd(40);
    for (let i = 0; i < 40_000; i++) {
      store.run(['SET', `key:${i}`, kept(i)]);
      store.run(['HSET', `hash:${i}`, 'a', kept(i), 'b', 'c']);
    }
    const before = store.arena.reserved - store.arena.used;
    for (let i = 0; i < 40_000; i += 2) store.run(['DEL', `key:${i}`, `hash:${i}`]);
    const wasted = store.arena.reserved - store.arena.used;
    expect(wasted).toBeGreaterThan(before * 2);
    while (!defragmentation.run(slices(100)));
    expect(store.arena.reserved - store.arena.used).toBeLessThan(wasted / 2);
    for (let i = 1; i < 40_000; i += 1999) expect([store.run(['GET', `key:${i}`]), store.run(['HGET', `hash:${i}`, 'a'])]).toEqual(Array(2).fill(i % 2 === 0 ? '$-1\r\n' : `$40\r\n${kept(i)}\r\n`));
    // Another walk finds nothing more.
    const { hits } = defragmentation;
    while (!defragmentation.run(slices(100)));
    expect(defragmentation.hits - hits).toBeLessThan(hits / 20);
  });

  it('waits while a snapshot is taken or contents are freed', () => {
    const store = new TestStore(rows, kinds, 1);
    const defragmentation = new Defragmentation(store.keyspace, under);
    for (let i = 0; i < 3000; i++) store.run(['SET', `key:${i}`, 'v'.repeat(40)]);
    for (let i = 0; i < 3000; i += 2) store.run(['DEL', `key:${i}`]);
    const snapshot = new Snapshot(store.keyspace, { codecs, aux: [], emit: () => undefined });
    expect(defragmentation.mayRun).toBe(false);
    while (!defragmentation.run(slices(10)));
    expect(defragmentation.hits).toBe(0);
    while (!snapshot.isDone) snapshot.walk(() => false);
    expect(defragmentation.mayRun).toBe(true);
    while (!defragmentation.run(slices(10)));
    expect(defragmentation.hits).toBeGreaterThan(0);
  });
});
