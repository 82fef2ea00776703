/**
 * Lists whose inner nodes lie compressed are saved as they were at the cut, whatever happens to them meanwhile, and give all
 * their memory back.
 */
import { listLimits } from '@larder/store-datatypes';
import { TestStore } from '@larder/store-dispatch/testing';
import { ArenaFull } from '@larder/store-memory';
import { RdbEncoder, RdbReader, Snapshot } from '@larder/store-persistence';
import { Dice, picture, rows } from './snapshot.testing';
import { codecs, kinds } from './wire';

const LISTS = 6;

function command(dice: Dice): string[] {
  const key = () => `l${dice.next(LISTS)}`;
  const value = () => `value ${dice.next(40)} of a few that come again and again`;
  switch (dice.next(10)) {
    case 0: return ['LPUSH', key(), value(), value(), value()];
    case 1: case 2: return ['RPUSH', key(), value(), value(), value()];
    case 3: return ['LPOP', key(), '3'];
    case 4: return ['RPOP', key(), '3'];
    case 5: return ['LINSERT', key(), 'BEFORE', value(), value()];
    case 6: return ['LSET', key(), String(dice.next(100)), value()];
    case 7: return ['LREM', key(), '-2', value()];
    case 8: return dice.next(30) === 0 ? ['DEL', key()] : ['LMOVE', key(), key(), 'LEFT', 'RIGHT'];
    default: return dice.next(20) === 0 ? ['COPY', key(), key(), 'REPLACE'] : ['LTRIM', key(), '1', '-2'];
  }
}

describe('packed lists', () => {
  const { maxListpackSize, compressDepth } = listLimits;
  afterEach(() => Object.assign(listLimits, { maxListpackSize, compressDepth }));

  it.each([1, 2, 3, 4])('are in a snapshot as they were at its cut (seed %i)', (seed) => {
    Object.assign(listLimits, { maxListpackSize: 6, compressDepth: 1 });
    const dice = new Dice(seed);
    const store = new TestStore(rows, kinds);
    store.run('FLUSHALL');
    const clean = store.arena.used;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < LISTS; i++) store.run(['RPUSH', `l${i}`, ...Array.from({ length: 150 }, (_, k) => `value ${(i * k) % 40} of a few that come again and again`)]);
      for (let i = 0; i < 200; i++) store.run(command(dice));
      const before = picture(store);
      const parts: Buffer[] = [];
      const encoder = new RdbEncoder({ compresses: true, checks: true });
      const snapshot = new Snapshot(store.keyspace, { codecs, aux: [], emit: (chunk, length) => parts.push(Buffer.from(encoder.encode(chunk, length))) });
      while (!snapshot.isDone) {
        for (let i = dice.next(8); i > 0; i--) store.run(command(dice));
        let visits = 0;
        snapshot.walk(() => ++visits >= 2);
      }
      const file = Buffer.concat([...parts, encoder.trailer()]);
      const loaded = new TestStore(rows, kinds);
      loaded.keyspace.now = store.keyspace.now;
      let at = 0;
      const read = (into: Buffer): number => {
        const copied = file.copy(into, 0, at);
        at += copied;
        return copied;
      };
      new RdbReader({ read }, { codecs, checks: true }).readInto(loaded.keyspace);
      expect(picture(loaded)).toEqual(before);
    }
    store.run('FLUSHALL');
    expect(store.arena.used).toBe(clean);
  });

  it.each([
    'LPOP l 45', 'RPOP l 47', 'LPOP l', 'LTRIM l 45 -48', 'LTRIM l 101 109', 'LREM l 0 again', 'LREM l -40 again', 'LREM l 0 element-100',
    'LMOVE l l LEFT RIGHT', 'LSET l 100 other', 'LINSERT l BEFORE element-100 other', 'RPUSH l other', 'COPY l copy',
  ])('lose nothing when memory ends at any allocation of %s', (words) => {
    Object.assign(listLimits, { maxListpackSize: 20, compressDepth: 1 });
    const store = new TestStore(rows, kinds);
    const { arena } = store;
    const alloc = arena.alloc.bind(arena);
    let left = Infinity;
    arena.alloc = (shard, bytes) => {
      if (left-- <= 0) throw new ArenaFull(bytes);
      return alloc(shard, bytes);
    };
    const elements = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 && i !== 100 ? 'again' : `element-${i}`));
    const list = () => store.run('LRANGE l 0 -1');
    store.run('FLUSHALL');
    const clean = arena.used;
    for (let allocations = 0, ranOut = true; ranOut; allocations++) {
      store.run(['RPUSH', 'l', ...elements]);
      const before = list();
      left = allocations;
      const reply = store.run(words);
      ranOut = left < 0;
      left = Infinity;
      if (reply.startsWith('-OOM')) expect(list()).toBe(before);
      expect(store.run('LLEN l')).toBe(`:${Number(list().slice(1, list().indexOf('\r')))}\r\n`);
      store.run('FLUSHALL');
      expect(arena.used).toBe(clean);
      expect(allocations).toBeLessThan(500);
    }
  });
});
