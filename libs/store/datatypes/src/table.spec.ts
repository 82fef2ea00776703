import { Arena, ArenaFull } from '@larder/store-memory';
import { Dice } from './dice.testing';
import { RecordView, createRecord } from './record';
import { ROOT_BYTES, Table } from './table';

/** `expect` is too slow for what runs a million times. */
const must = (ok: boolean, what: string): void => {
  if (!ok) throw new Error(what);
};

/** A table beside a Map that says what must be in it. Hashes are given, so that tests can make them collide. */
function world(hashOf: (i: number) => number) {
  const arena = new Arena({ shards: 1, segments: 1, segmentBytes: 128 << 20 });
  const table = new Table(arena);
  const view = new RecordView(arena);
  const root = arena.alloc(0, ROOT_BYTES);
  table.init(root);
  const start = arena.used;
  const model = new Map<number, number>();
  const keyOf = (i: number) => Buffer.from(`key:${i}`, 'latin1');
  const find = (i: number) => {
    const key = keyOf(i);
    return table.find(root, hashOf(i), key, 0, key.length);
  };
  const add = (i: number, blind = false): void => {
    const key = keyOf(i);
    must(blind || find(i) === 0, `key ${i} is there before it was added`);
    const address = createRecord(view, 0, 15, 0, key, 0, key.length, 0);
    if (blind) table.insert(root, 0, hashOf(i), address);
    else table.insertFound(root, 0, hashOf(i), address);
    model.set(i, address);
  };
  const remove = (i: number, shrinks: boolean): void => {
    const address = model.get(i)!;
    must(table.remove(root, hashOf(i), address), `key ${i} was not there to remove`);
    if (shrinks) table.shrinkFound(root, 0, hashOf(i));
    arena.free(address);
    model.delete(i);
  };
  const nameOf = (address: number): number => Number(view.at(address).keyText().slice(4));
  const check = (): void => {
    expect(table.count(root)).toBe(model.size);
    const seen = new Map<number, number>();
    table.forEach(root, (address, hash) => {
      const i = nameOf(address);
      must(hash === hashOf(i) && model.get(i) === address && !seen.has(i), `key ${i} is in a wrong place or twice`);
      seen.set(i, address);
    });
    expect(seen.size).toBe(model.size);
    for (const [i, address] of model) must(find(i) === address, `key ${i} is not found`);
  };
  const scan = (want: number, between: () => void = () => undefined): number[] => {
    const out: number[] = [];
    let cursor = 0;
    for (let calls = 0; ; calls++) {
      if (calls > 2_000_000) throw new Error('the scan does not end');
      const before = cursor;
      cursor = table.scan(root, cursor, want, (address) => out.push(nameOf(address)));
      if (cursor === 0) return out;
      must(Number.isInteger(cursor) && cursor > before && cursor < 2 ** 32, `cursor ${cursor} after ${before}`);
      between();
    }
  };
  const end = (): void => {
    table.dispose(root);
    for (const address of model.values()) arena.free(address);
    expect(arena.used).toBe(start);
  };
  return { arena, table, root, model, view, find, add, remove, check, scan, nameOf, end };
}

/** A hash as good as any. */
const spread = (i: number): number => {
  let h = Math.imul(i ^ 0x5bd1e995, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
};

describe('table', () => {
  it.each([0, 5, 40_000])('of %i records gives its memory back piece by piece', (count) => {
    const { arena, table, root, model, add, end } = world(spread);
    for (let i = 0; i < count; i++) add(i);
    for (const address of model.values()) arena.free(address);
    model.clear();
    let pieces = 1;
    for (let from = table.disposeSome(root, 0, () => true); from !== 0; pieces++) {
      const before = arena.used;
      from = table.disposeSome(root, from, () => true);
      expect(arena.used).toBeLessThan(before);
    }
    expect(pieces).toBeGreaterThanOrEqual(count / 16_000);
    end(); // nothing is left, and the root is that of an empty table
  });

  it.each([
    ['good hashes', spread, 6000],
    ['few hashes, each shared by many keys', (i: number) => Math.imul(i % 40, 0x61c88647), 1500],
    ['hashes that differ in their lowest bits alone', (i: number) => (0x7fff0000 | (spread(i) & 0xffff)) | 0, 4000],
    ['hashes that share the home slot', (i: number) => ((spread(i) << 24) | 0x00123456) | 0, 700],
  ] as const)('agrees with a map over any order of changes: %s', (_, hashOf, names) => {
    const { table, root, model, find, add, remove, check, end, arena, view } = world(hashOf);
    const dice = new Dice(names);
    for (let step = 0; step < 24_000; step++) {
      const i = dice.below(names);
      const growing = Math.floor(step / 8000) % 2 === 0;
      if (!model.has(i)) {
        if (growing || dice.below(4) === 0) add(i, dice.below(2) === 0);
        else must(find(i) === 0, `key ${i} was removed`);
      } else if (dice.below(3) === 0) {
        // The record moves to another place.
        const key = Buffer.from(`key:${i}`);
        const moved = createRecord(view, 0, 15, 0, key, 0, key.length, 0);
        must(table.relocate(root, hashOf(i), model.get(i)!, moved), `key ${i} was not there to move`);
        must(!table.relocate(root, hashOf(i), model.get(i)!, moved), `key ${i} is still in its old place`);
        arena.free(model.get(i)!);
        model.set(i, moved);
      } else if (!growing || dice.below(4) === 0) remove(i, dice.below(2) === 0);
      if (step % 6000 === 0) check();
    }
    check();
    end();
  });

  it('shrinks to its smallest as it empties', () => {
    const { table, root, model, add, remove, end } = world(spread);
    for (let i = 0; i < 20_000; i++) add(i);
    const full = table.capacity(root);
    for (const i of [...model.keys()].slice(5)) remove(i, true);
    expect(table.capacity(root)).toBeLessThan(full / 500);
    end();
  });

  describe('SCAN', () => {
    it.each([1, 7, 100])('visits each record exactly once while nothing changes (COUNT %i)', (want) => {
      const { model, add, scan, end } = world(spread);
      for (let i = 0; i < 5000; i++) add(i);
      expect(scan(want).sort((a, b) => a - b)).toEqual([...model.keys()]);
      end();
    });

    it.each([1, 2, 3, 4])('visits every record that stays, whatever comes, goes and shrinks meanwhile (seed %i)', (seed) => {
      const { model, add, remove, scan, end } = world(spread);
      const dice = new Dice(seed);
      const stays = 1500;
      for (let i = 0; i < stays; i++) add(i);
      if (seed % 2 === 0) for (let i = stays; i < 12_000; i++) add(i);
      let next = 12_000;
      const seen = scan(1 + dice.below(30), () => {
        for (let k = dice.below(60); k > 0; k--) {
          if (seed % 2 === 1 && dice.below(3) > 0) {
            if (next < 30_000) add(next++);
          } else {
            const victim = stays + dice.below(10_500);
            if (model.has(victim)) remove(victim, true);
          }
        }
      });
      const found = new Set(seen);
      for (let i = 0; i < stays; i++) must(found.has(i), `key ${i} was there all the time and not seen`);
      end();
    });

    it.each([
      ['of 15 equal leading bits', 15],
      ['of 17 equal leading bits', 17],
      ['of 20 equal leading bits', 20],
    ])('ends, and visits each once, where the directory is deep: hashes %s', (_, bits) => {
      const hashOf = (i: number): number => ((0x5a5a5a5a & ~((2 ** (32 - bits)) - 1)) | (spread(i) >>> bits)) | 0;
      const { model, add, scan, end } = world(hashOf);
      for (let i = 0; i < 1200; i++) add(i);
      for (const want of [1, 10]) expect(scan(want).sort((a, b) => a - b)).toEqual([...model.keys()]);
      end();
    });
  });

  it('answers ArenaFull when more records share one hash than a segment holds, and keeps the others', () => {
    const { table, root, model, add, check, end, arena } = world((i) => (i < 5000 ? 0x12345678 : spread(i)));
    for (let i = 5000; i < 5300; i++) add(i);
    let refusedAt = 0;
    for (let i = 0; i < 2000 && refusedAt === 0; i++) {
      try {
        add(i);
      } catch (error) {
        if (!(error instanceof ArenaFull)) throw error;
        refusedAt = i;
      }
    }
    expect(refusedAt).toBeGreaterThan(700);
    expect(table.count(root)).toBe(model.size);
    check();
    for (let i = 6000; i < 7000; i++) add(i);
    check();
    expect(arena.used).toBeGreaterThan(0);
    void end;
  });

  it('draws every record about equally often, in a table that has shrunk too', () => {
    const { table, root, model, add, remove, nameOf, end } = world(spread);
    const dice = new Dice(9);
    const random = () => dice.below(2 ** 32) | 0;
    expect(table.sample(root, random)).toBe(0);
    for (let i = 0; i < 9000; i++) add(i);
    for (let i = 0; i < 8800; i++) remove(i, true);
    const drawn = new Map<number, number>();
    for (let i = 0; i < 20_000; i++) {
      const name = nameOf(table.sample(root, random));
      drawn.set(name, (drawn.get(name) ?? 0) + 1);
    }
    expect(drawn.size).toBe(model.size);
    for (const times of drawn.values()) expect(times).toBeLessThan(100 * 5);
    end();
  });

  it('needs no memory for what was reserved', () => {
    const { arena, table, root, add, model, find, view } = world(spread);
    for (let i = 0; i < 3000; i++) add(i);
    for (let i = 3000; i < 4000; i++) {
      const key = Buffer.from(`key:${i}`);
      const address = createRecord(view, 0, 15, 0, key, 0, key.length, 0);
      table.reserve(root, 0, spread(i));
      const { used } = arena;
      table.insert(root, 0, spread(i), address);
      must(arena.used === used, `key ${i} took memory`);
      model.set(i, address);
      must(find(i) === address, `key ${i} is not found`);
    }
  });

  it('has room at once for records that are expected, in the order of their hashes too, and goes on as any other table', () => {
    for (const count of [100, 5000, 40_000]) {
      const { arena, table, root, add, remove, check, scan, end, model } = world(spread);
      table.expect(root, 0, count);
      const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => (spread(a) >>> 0) - (spread(b) >>> 0));
      const frees = jest.spyOn(arena, 'free');
      for (const i of order) add(i);
      // A segment that is given up is one that was split or that grew: a few have more than their share.
      must(count === 100 || frees.mock.calls.length < count / 2000, `${frees.mock.calls.length} segments were given up`);
      frees.mockRestore();
      must(count === 100 || table.capacity(root) * 0.5 < count, 'the table is too large');
      check();
      expect(new Set(scan(10)).size).toBe(count);
      for (let i = 0; i < count; i += 2) remove(i, true);
      for (let i = count; i < count * 2; i++) add(i);
      check();
      expect(scan(100).length).toBe(model.size);
      end();
    }
  });

  it('expects nothing where there are records already, nor without memory', () => {
    const { arena, table, root, add, find, check, end } = world(spread);
    add(1);
    const { used } = arena;
    table.expect(root, 0, 50_000);
    expect(arena.used).toBe(used);
    check();
    end();
    table.expect(root, 0, 100_000_000);
    expect(arena.used).toBeLessThan(used);
    add(2);
    must(find(2) !== 0, 'it is not found');
  });
});
