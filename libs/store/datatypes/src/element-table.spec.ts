import { Arena } from '@larder/store-memory';
import { elementTableOf } from './element-table';
import { KeyHash } from './hash';
import { BODY } from './record';

const hashing = new KeyHash(11, 22, 33);

describe('element table', () => {
  const world = () => {
    const arena = new Arena({ shards: 2, segments: 1, segmentBytes: 128 << 20 });
    const elements = elementTableOf(arena);
    const start = arena.used;
    const root = elements.create(1);
    const key = Buffer.alloc(16);
    const named = (i: number): [number, Buffer, number, number] => {
      const length = key.write(`element:${i}`, 'latin1');
      return [hashing.of(key, 0, length), key, 0, length];
    };
    const add = (i: number): void => {
      const [hash, bytes, off, length] = named(i);
      expect(elements.find(root, hash, bytes, off, length)).toBe(false);
      elements.insert(root, 1, hash, BODY, bytes, off, length, 0);
      elements.view.score = i;
    };
    const remove = (i: number): void => {
      expect(elements.find(root, ...named(i))).toBe(true);
      elements.remove(root, 1, named(i)[0]);
    };
    return { arena, elements, start, root, named, add, remove };
  };

  it('gives segments back as it empties and loses nothing on the way', () => {
    const { arena, elements, start, root, named, add, remove } = world();
    const count = 20_000;
    for (let i = 0; i < count; i++) add(i);
    const full = elements.table.capacity(root);
    // 7919 is prime to the count, so this passes each once.
    for (let k = 0; k < count; k++) {
      remove((k * 7919) % count);
      if (k % 2500 !== 0) continue;
      for (let later = k + 1; later < count; later += 17) {
        const i = (later * 7919) % count;
        expect(elements.find(root, ...named(i))).toBe(true);
        expect(elements.view.score).toBe(i);
      }
    }
    expect(elements.count(root)).toBe(0);
    expect(elements.table.capacity(root)).toBeLessThan(full / 1000);
    elements.dispose(root);
    expect(arena.used).toBe(start);
  });

  it('copies elements with their scores into another shard', () => {
    const { arena, elements, start, root, named, add } = world();
    for (let i = 0; i < 3000; i++) add(i);
    const copy = elements.copy(root, 0);
    elements.dispose(root);
    expect(elements.count(copy)).toBe(3000);
    expect(elements.find(copy, ...named(1234))).toBe(true);
    expect(elements.view.score).toBe(1234);
    elements.dispose(copy);
    expect(arena.used).toBe(start);
  });

  it('chooses what remove takes away', () => {
    const { elements, root, add } = world();
    for (let i = 0; i < 2000; i++) add(i);
    let state = 1;
    const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) | 0) ^ (state >>> 16);
    const seen = new Set<string>();
    while (elements.count(root) > 0) {
      elements.choose(root, random);
      const { view } = elements;
      seen.add(view.keyText());
      elements.remove(root, 1, hashing.of(view.u8, view.keyOffset, view.keyLength));
    }
    expect(seen.size).toBe(2000);
  });
});
