import { seededRandom } from '@larder/shared-std/testing';
import { Arena, ArenaFull, SEGMENT_BYTES } from './arena';
import { PAGE_BYTES } from './size-classes';

/** `expect` is too slow for what runs a million times. */
const must = (ok: boolean, what: string): void => {
  if (!ok) throw new Error(what);
};

/** Byte offset of an address over all segments. */
const offset = (address: number) => (address >>> 0) * 8;

/** An arena of one segment, and a model of what it handed out. */
function world(seed: number) {
  const arena = new Arena({ shards: 4, segments: 1 });
  const random = seededRandom(seed);
  const blocks = new Map<number, { bytes: number; shard: number; mark: number }>();
  let marks = 0;
  return {
    arena,
    random,
    blocks,
    alloc(bytes: number): number {
      const shard = random.int(4);
      const address = arena.alloc(shard, bytes);
      const mark = ++marks;
      const from = offset(address);
      must(arena.capacity(address) >= bytes && !blocks.has(address), `block of ${bytes} bytes at ${address}`);
      const at = arena.capacity(address) / 4;
      arena.i32[0]![from / 4] = mark;
      arena.i32[0]![from / 4 + at - 1] = mark;
      blocks.set(address, { bytes, shard, mark });
      return address;
    },
    free(address: number): void {
      const { mark } = blocks.get(address)!;
      const first = offset(address) / 4;
      // Somebody else's mark at either end would be an overlap.
      const last = first + arena.capacity(address) / 4 - 1;
      must(arena.i32[0]![first] === mark && arena.i32[0]![last] === mark, `block ${address} was written by another`);
      arena.free(address);
      blocks.delete(address);
    },
    check(): void {
      let used = 0;
      const ranges = [...blocks.keys()].map((address) => [offset(address), offset(address) + arena.capacity(address)] as const);
      for (const address of blocks.keys()) used += arena.capacity(address);
      expect(arena.used).toBe(used);
      expect(arena.reserved).toBeGreaterThanOrEqual(used);
      ranges.sort((a, b) => a[0] - b[0]);
      let end = PAGE_BYTES; // page 0 is nobody's
      for (const [from, to] of ranges) {
        must(from >= end, `blocks overlap at ${from}`);
        end = to;
      }
      expect(end).toBeLessThanOrEqual(SEGMENT_BYTES);
    },
  };
}

describe('arena', () => {
  it.each([1, 2, 3])('hands out blocks that overlap no other and hold what was asked (seed %i)', (seed) => {
    const { random, blocks, alloc, free, check } = world(seed);
    const size = () => {
      const kind = random.int(20);
      if (kind === 0) return PAGE_BYTES + random.int(20 * PAGE_BYTES);
      if (kind < 4) return random.int(PAGE_BYTES + 2);
      return random.int(300);
    };
    for (let step = 0; step < 12_000; step++) {
      const shrinking = Math.floor(step / 3000) % 2 === 1;
      if (blocks.size === 0 || random.int(10) < (shrinking ? 3 : 7)) alloc(Math.max(size(), 8));
      else free([...blocks.keys()][random.int(Math.min(blocks.size, 64))]!);
      if (step % 1000 === 0) check();
    }
    check();
  });

  it('gives every page back, except one for each class and shard, when all is freed', () => {
    const { arena, random, blocks, alloc, free } = world(4);
    for (let i = 0; i < 5000; i++) alloc(8 + random.int(40_000));
    for (let i = 0; i < 20; i++) alloc(PAGE_BYTES * (1 + random.int(50)));
    for (const address of [...blocks.keys()]) free(address);
    expect(arena.used).toBe(0);
    expect(arena.reserved).toBeLessThanOrEqual(4 * 75 * PAGE_BYTES);
    const kept = arena.reserved / PAGE_BYTES;
    for (let left = SEGMENT_BYTES / PAGE_BYTES - 1 - kept; left > 0; left--) arena.alloc(0, PAGE_BYTES);
    expect(arena.reserved).toBeLessThanOrEqual(SEGMENT_BYTES - PAGE_BYTES);
  });

  it('joins freed runs in any order until the whole segment is one', () => {
    const { arena, random } = world(5);
    for (let round = 0; round < 20; round++) {
      const runs = Array.from({ length: 60 }, () => arena.alloc(0, PAGE_BYTES + 1 + random.int(200 * PAGE_BYTES)));
      while (runs.length > 0) arena.free(runs.splice(random.int(runs.length), 1)[0]!);
      expect(arena.reserved).toBe(0);
      const whole = arena.alloc(0, SEGMENT_BYTES - PAGE_BYTES);
      expect(() => arena.alloc(0, 8)).toThrow(ArenaFull);
      arena.free(whole);
    }
  });

  it('takes what is left behind a freed run in one piece with it', () => {
    const arena = new Arena({ shards: 1, segments: 1 });
    const first = arena.alloc(0, 8000 * PAGE_BYTES);
    const second = arena.alloc(0, 8000 * PAGE_BYTES);
    arena.free(second);
    // 8,000 pages came back and 383 were never touched: 8,383 together.
    expect(() => arena.alloc(0, 8383 * PAGE_BYTES)).not.toThrow();
    arena.free(first);
  });

  it('throws ArenaFull at the end, changes nothing by it, and serves again after frees', () => {
    const arena = new Arena({ shards: 1, segments: 1 });
    const blocks: number[] = [];
    const fill = () => {
      for (;;) {
        try {
          blocks.push(arena.alloc(0, PAGE_BYTES));
        } catch (error) {
          if (error instanceof ArenaFull) return;
          throw error;
        }
      }
    };
    fill();
    expect(blocks.length).toBe(SEGMENT_BYTES / PAGE_BYTES - 1);
    const { used, reserved } = arena;
    expect(() => arena.alloc(0, 8)).toThrow(ArenaFull);
    expect(() => arena.alloc(0, 3 * PAGE_BYTES)).toThrow(ArenaFull);
    expect([arena.used, arena.reserved]).toEqual([used, reserved]);
    for (const address of blocks.splice(100, 50)) arena.free(address);
    expect(arena.capacity(arena.alloc(0, 3 * PAGE_BYTES))).toBe(3 * PAGE_BYTES);
    fill();
    expect(blocks.length).toBe(SEGMENT_BYTES / PAGE_BYTES - 1 - 3);
    for (const address of blocks) arena.free(address);
    expect(arena.used).toBe(3 * PAGE_BYTES);
  });

  it('refuses a length beyond what 32 bits count instead of handing out a small block', () => {
    const arena = new Arena({ shards: 1, segments: 2 });
    for (const bytes of [SEGMENT_BYTES + 1, 2 ** 32 + 8, 2 ** 35, 2 ** 53]) expect(() => arena.alloc(0, bytes)).toThrow(ArenaFull);
    expect(arena.used).toBe(0);
  });

  it('never lets a block cross a segment', () => {
    const arena = new Arena({ shards: 1, segments: 2 });
    const half = Math.floor(SEGMENT_BYTES * 0.6);
    const blocks = [arena.alloc(0, half), arena.alloc(0, half)];
    expect(blocks.map((address) => address >>> 27)).toEqual([0, 1]);
    expect(() => arena.alloc(0, half)).toThrow(ArenaFull);
    for (const address of blocks) arena.free(address);
    expect(arena.used).toBe(0);
  });

  it('says whether two lengths share a block size, as alloc would choose it', () => {
    const arena = new Arena({ shards: 1, segments: 1 });
    const random = seededRandom(6);
    const length = () => (random.int(4) === 0 ? random.int(4 * PAGE_BYTES) : random.int(400));
    for (let i = 0; i < 3000; i++) {
      const [a, b] = [length(), random.int(3) === 0 ? 0 : length()];
      const x = arena.alloc(0, a);
      const y = arena.alloc(0, b);
      const same = arena.capacity(x) === arena.capacity(y) && (a > PAGE_BYTES) === (b > PAGE_BYTES);
      must(arena.sameClass(a, b) === same, `${a} and ${b} bytes`);
      arena.free(x);
      arena.free(y);
    }
  });
});
