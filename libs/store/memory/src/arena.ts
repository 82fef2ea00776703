/**
 * The arena: all keys and values live here, in a few large shared buffers, and are named by integers.
 *
 *   address  32 bits, in units of 8 bytes; 0 is "nothing"
 *            ┌ 5 bits ┬────────── 27 bits ──────────┐
 *            │segment │ unit within the segment     │    32 segments of 1 GiB = 32 GiB
 *            └────────┴─────────────────────────────┘
 *   page     64 KiB, cut into blocks of one size class for one shard; or a run of pages for one large block
 *
 *   meta[page]  8 words:  class+1 | used blocks | free list | bump | next | prev | shard | run length
 *   head[shard][class]    first page of that class with a free block (0 = none)
 *   spare[shard]          its page without a used block, if it has one (0 = none)
 *
 * Invariants
 *  - a block never crosses a segment, so a reader takes (bytes of the segment, offset) once;
 *  - page 0 is never handed out, so address 0 is nothing;
 *  - a page with no used block goes back to the pool, except one a shard, for a block that comes and goes;
 *  - fresh segments are reserved address space: they cost memory only once touched;
 *  - addresses read back from an Int32Array may be negative: they are bit patterns, compare only with === ;
 *  - whoever allocates or frees for a shard holds that shard (with several threads: its lock); the pool has its own lock.
 *
 * Why not JS objects: millions of them make garbage-collection pauses, and no other thread can see them.
 * Why fixed segments: a growable SharedArrayBuffer was measured 12 × slower to access.
 */
import { CLASS_CAPACITY, CLASS_COUNT, CLASS_UNITS, PAGE_BYTES, UNIT_BYTES, classOf } from './size-classes';
import { PagePool } from './page-pool';
import type { SharedPagePool } from './page-pool';

export const SEGMENT_SHIFT = 27;
export const SEGMENT_UNIT_MASK = (1 << SEGMENT_SHIFT) - 1;
export const SEGMENT_BYTES = 1 << 30;
const PAGE_SHIFT = 13;

/** Words of a page's metadata. */
const CLASS = 0;
const USED = 1;
const FREE = 2;
const BUMP = 3;
const NEXT = 4;
const PREV = 5;
const SHARD = 6;

/** Thrown when the arena has no room; the dispatcher answers Redis' OOM error. */
export class ArenaFull extends Error {
  constructor(bytes: number) {
    super(`arena full: no room for ${bytes} bytes`);
  }
}

export interface ArenaOptions {
  /** Shards that allocate; each has its own pages. Power of two. */
  shards: number;
  /** Segments to reserve, at most 32. */
  segments?: number;
  /** Bytes of each segment, whole pages, at most (and by default) 1 GiB: less for a store that will stay small. */
  segmentBytes?: number;
}

/** What another thread needs to work in the same arena. */
export interface SharedArena {
  readonly shards: number;
  readonly segments: readonly SharedArrayBuffer[];
  readonly meta: SharedArrayBuffer;
  readonly heads: SharedArrayBuffer;
  readonly usedBytes: SharedArrayBuffer;
  readonly pool: SharedPagePool;
}

/** Doubles between two shards' counters, so that no two share a cache line. */
const USED_STRIDE = 8;

export class Arena {
  /** Bytes, words and doubles of each segment; index with `address >>> SEGMENT_SHIFT`. */
  readonly u8: Buffer[] = [];
  readonly i32: Int32Array[] = [];
  readonly f64: Float64Array[] = [];
  readonly shards: number;
  /** A shard beside the keyspace's: blocks that belong to no key, such as messages between threads. */
  readonly common: number;
  /** Called with each shard that allocates or frees; a debug setting puts it there. */
  guard: ((shard: number) => void) | null = null;
  private readonly meta: Int32Array;
  private readonly heads: Int32Array;
  /** Bytes handed out, per shard, in block sizes. */
  private readonly usedBytes: Float64Array;
  private readonly pool: PagePool;
  private readonly shared: SharedArena;

  /** A new arena, or this thread's way into one that another thread made. */
  constructor(options: ArenaOptions | SharedArena) {
    const shared = 'pool' in options ? options : reserve(options);
    this.shared = shared;
    this.shards = shared.shards;
    this.common = shared.shards;
    for (const buffer of shared.segments) {
      this.u8.push(Buffer.from(buffer));
      this.i32.push(new Int32Array(buffer));
      this.f64.push(new Float64Array(buffer));
    }
    this.meta = new Int32Array(shared.meta);
    this.heads = new Int32Array(shared.heads);
    this.usedBytes = new Float64Array(shared.usedBytes);
    this.pool = new PagePool(this.meta, shared.pool);
  }

  /** For the constructor on another thread. */
  share(): SharedArena {
    return this.shared;
  }

  /** Bytes in blocks handed out, over all shards. Other threads may be changing it. */
  get used(): number {
    let sum = 0;
    for (let i = 0; i <= this.shards; i++) sum += this.usedBytes[i * USED_STRIDE]!;
    return sum;
  }

  /** Bytes of pages in use, including blocks that are free inside them. */
  get reserved(): number {
    return this.pool.usedPages * PAGE_BYTES;
  }

  /**
   * A block of at least `bytes` for `shard`. Its content is whatever was there before.
   * @throws ArenaFull
   */
  alloc(shard: number, bytes: number): number {
    if (this.guard !== null) this.guard(shard);
    if (bytes > PAGE_BYTES) return this.allocRun(shard, bytes);
    const units = (bytes + 7) >>> 3;
    const cls = classOf(units === 0 ? 1 : units);
    const meta = this.meta;
    const head = shard * CLASS_COUNT + cls;
    let page = this.heads[head]!;
    if (page === 0) page = this.openPage(shard, cls, head);
    const m = page << 3;
    let address = meta[m + FREE]!;
    if (address !== 0) {
      meta[m + FREE] = this.i32[address >>> SEGMENT_SHIFT]![(address & SEGMENT_UNIT_MASK) << 1]!;
    } else {
      address = meta[m + BUMP]!;
      meta[m + BUMP] = (address + CLASS_UNITS[cls]!) | 0;
    }
    const used = meta[m + USED]! + 1;
    meta[m + USED] = used;
    if (used === CLASS_CAPACITY[cls]!) this.unlink(page, head);
    this.usedBytes[shard * USED_STRIDE]! += CLASS_UNITS[cls]! * UNIT_BYTES;
    return address;
  }

  /** Gives a block back. `address` must come from `alloc` and not have been freed. */
  free(address: number): void {
    const page = address >>> PAGE_SHIFT;
    const meta = this.meta;
    const m = page << 3;
    const cls = meta[m + CLASS]! - 1;
    const shard = meta[m + SHARD]!;
    if (this.guard !== null) this.guard(shard);
    if (cls === 0) {
      this.usedBytes[shard * USED_STRIDE]! -= this.pool.runLength(page) * PAGE_BYTES;
      this.pool.release(page);
      return;
    }
    this.usedBytes[shard * USED_STRIDE]! -= CLASS_UNITS[cls]! * UNIT_BYTES;
    this.i32[address >>> SEGMENT_SHIFT]![(address & SEGMENT_UNIT_MASK) << 1] = meta[m + FREE]!;
    meta[m + FREE] = address;
    const used = meta[m + USED]! - 1;
    meta[m + USED] = used;
    if (used === CLASS_CAPACITY[cls]! - 1) this.link(page, shard * CLASS_COUNT + cls);
    if (used === 0) this.emptied(shard, page);
  }

  /** Nothing is used in this page any more: it is kept instead of the one that was kept before. */
  private emptied(shard: number, page: number): void {
    const { meta, heads } = this;
    const at = (this.shards + 1) * CLASS_COUNT + shard;
    const spare = heads[at]!;
    if (spare === page) return;
    heads[at] = page;
    if (spare === 0 || meta[(spare << 3) + USED]! !== 0) return;
    this.unlink(spare, shard * CLASS_COUNT + meta[(spare << 3) + CLASS]! - 1);
    this.pool.release(spare);
  }

  /** Bytes that the block at `address` can hold: what was asked for, rounded up to its class. */
  capacity(address: number): number {
    const page = address >>> PAGE_SHIFT;
    const cls = this.meta[(page << 3) + CLASS]! - 1;
    return cls === 0 ? this.pool.runLength(page) * PAGE_BYTES : CLASS_UNITS[cls]! * UNIT_BYTES;
  }

  /** Whether the block would do better elsewhere: its page has much room, and is not the one that the next block of its class goes to. */
  isSparse(address: number): boolean {
    const page = address >>> PAGE_SHIFT;
    const m = page << 3;
    const cls = this.meta[m + CLASS]! - 1;
    return cls > 0 && this.meta[m + USED]! * 8 < CLASS_CAPACITY[cls]! * 7 && this.heads[this.meta[m + SHARD]! * CLASS_COUNT + cls] !== page;
  }

  /** True when a block of `bytes` would not change its size class by holding `other` bytes. */
  sameClass(bytes: number, other: number): boolean {
    if (bytes > PAGE_BYTES || other > PAGE_BYTES) return Math.min(bytes, other) > PAGE_BYTES && Math.ceil(bytes / PAGE_BYTES) === Math.ceil(other / PAGE_BYTES);
    return classOf(Math.max((bytes + 7) >>> 3, 1)) === classOf(Math.max((other + 7) >>> 3, 1));
  }

  private allocRun(shard: number, bytes: number): number {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const page = this.pool.take(pages);
    if (page === 0) throw new ArenaFull(bytes);
    const m = page << 3;
    this.meta[m + CLASS] = 1;
    this.meta[m + SHARD] = shard;
    this.usedBytes[shard * USED_STRIDE]! += pages * PAGE_BYTES;
    return (page << PAGE_SHIFT) | 0;
  }

  private openPage(shard: number, cls: number, head: number): number {
    const page = this.pool.take(1);
    if (page === 0) throw new ArenaFull(CLASS_UNITS[cls]! * UNIT_BYTES);
    const m = page << 3;
    this.meta[m + CLASS] = cls + 1;
    this.meta[m + USED] = 0;
    this.meta[m + FREE] = 0;
    this.meta[m + BUMP] = (page << PAGE_SHIFT) | 0;
    this.meta[m + SHARD] = shard;
    this.link(page, head);
    return page;
  }

  private link(page: number, head: number): void {
    const meta = this.meta;
    const next = this.heads[head]!;
    meta[(page << 3) + NEXT] = next;
    meta[(page << 3) + PREV] = 0;
    if (next !== 0) meta[(next << 3) + PREV] = page;
    this.heads[head] = page;
  }

  private unlink(page: number, head: number): void {
    const meta = this.meta;
    const next = meta[(page << 3) + NEXT]!;
    const prev = meta[(page << 3) + PREV]!;
    if (prev !== 0) meta[(prev << 3) + NEXT] = next;
    else this.heads[head] = next;
    if (next !== 0) meta[(next << 3) + PREV] = prev;
    meta[(page << 3) + NEXT] = 0;
    meta[(page << 3) + PREV] = 0;
  }
}

function reserve(options: ArenaOptions): SharedArena {
  const { shards } = options;
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
  const segments: SharedArrayBuffer[] = [];
  for (let i = 0; i < (options.segments ?? 32); i++) {
    try {
      segments.push(new SharedArrayBuffer(segmentBytes));
    } catch (cause) {
      if (i === 0) throw cause;
      break; // the machine lets us reserve only so much
    }
  }
  const perSegment = SEGMENT_BYTES / PAGE_BYTES;
  return {
    shards,
    segments,
    meta: new SharedArrayBuffer(segments.length * perSegment * 8 * 4),
    heads: new SharedArrayBuffer((shards + 1) * (CLASS_COUNT + 1) * 4),
    usedBytes: new SharedArrayBuffer((shards + 1) * USED_STRIDE * 8),
    pool: PagePool.reserve(perSegment, segments.length, segmentBytes / PAGE_BYTES),
  };
}
