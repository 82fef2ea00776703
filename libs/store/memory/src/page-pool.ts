/**
 * Free pages of the arena, kept as runs with boundary tags so that neighbours join again.
 *
 *   a free run of n pages:   first page  [ -n | … | next | prev ]      last page [ -n ]
 *   a used run of n pages:   first page  RUN = n
 *
 * Free runs hang in lists by floor(log2(length)). Pages from `frontier` of a segment on belong to no list: they were
 * never touched, or were the last ones in use and came back, so that a large run finds all that is left in one piece.
 * A run never crosses a segment. All of it is in shared memory under one lock: pages change hands seldom.
 */
import { LOCK_STRIDE, lock, unlock } from './lock';

const RUN = 7;
const NEXT = 4;
const PREV = 5;
const BINS = 16;

/** Words of the pool's own state: lock, pages in use, bins, then a frontier per segment. */
const LOCK = 0;
const USED_PAGES = LOCK_STRIDE;
const BIN = USED_PAGES + 1;
const FRONTIER = BIN + BINS;

export interface SharedPagePool {
  /** Page numbers of a segment, and how many of them there really are. */
  readonly perSegment: number;
  readonly limit: number;
  readonly segments: number;
  readonly state: SharedArrayBuffer;
}

export class PagePool {
  private readonly state: Int32Array;
  private readonly meta: Int32Array;
  private readonly perSegment: number;
  private readonly limit: number;
  private readonly segments: number;

  static reserve(perSegment: number, segments: number, limit = perSegment): SharedPagePool {
    const shared = { perSegment, limit, segments, state: new SharedArrayBuffer((FRONTIER + segments) * 4) };
    const state = new Int32Array(shared.state);
    for (let s = 0; s < segments; s++) state[FRONTIER + s] = s * perSegment;
    state[FRONTIER] = 1; // page 0 is never handed out
    return shared;
  }

  constructor(meta: Int32Array, shared: SharedPagePool) {
    this.meta = meta;
    this.state = new Int32Array(shared.state);
    this.perSegment = shared.perSegment;
    this.limit = shared.limit;
    this.segments = shared.segments;
    this.meta[RUN] = 1; // page 0
  }

  get usedPages(): number {
    return this.state[USED_PAGES]!;
  }

  /** First page of a run of `pages`, or 0 when there is none. */
  take(pages: number): number {
    lock(this.state, LOCK);
    const page = this.find(pages);
    unlock(this.state, LOCK);
    return page;
  }

  private find(pages: number): number {
    const bin = 31 - Math.clz32(pages);
    for (let b = bin; b < BINS; b++) {
      for (let run = this.state[BIN + b]!; run !== 0; run = this.meta[(run << 3) + NEXT]!) {
        const length = -this.meta[(run << 3) + RUN]!;
        if (length < pages) continue;
        this.unlink(run, b);
        if (length > pages) this.link(run + pages, length - pages);
        return this.use(run, pages);
      }
    }
    for (let s = 0; s < this.segments; s++) {
      const first = this.state[FRONTIER + s]!;
      if (first + pages > s * this.perSegment + this.limit) continue;
      this.state[FRONTIER + s] = first + pages;
      return this.use(first, pages);
    }
    return 0;
  }

  runLength(page: number): number {
    return this.meta[(page << 3) + RUN]!;
  }

  release(page: number): void {
    lock(this.state, LOCK);
    this.join(page);
    unlock(this.state, LOCK);
  }

  private join(page: number): void {
    let first = page;
    let length = this.meta[(page << 3) + RUN]!;
    this.state[USED_PAGES]! -= length;
    const segment = Math.floor(page / this.perSegment);
    const start = Math.max(segment * this.perSegment, 1);
    if (first > start) {
      const tag = this.meta[((first - 1) << 3) + RUN]!;
      if (tag < 0) {
        first += tag;
        length -= tag;
        this.unlink(first, 31 - Math.clz32(-tag));
      }
    }
    const after = first + length;
    if (after < this.state[FRONTIER + segment]!) {
      const tag = this.meta[(after << 3) + RUN]!;
      if (tag < 0) {
        this.unlink(after, 31 - Math.clz32(-tag));
        length -= tag;
      }
    }
    if (first + length === this.state[FRONTIER + segment]!) this.state[FRONTIER + segment] = first;
    else this.link(first, length);
  }

  private use(page: number, pages: number): number {
    this.meta[(page << 3) + RUN] = pages;
    if (pages > 1) this.meta[((page + pages - 1) << 3) + RUN] = pages; // the tag a later neighbour looks at
    this.state[USED_PAGES]! += pages;
    return page;
  }

  private link(run: number, length: number): void {
    const b = 31 - Math.clz32(length);
    this.meta[(run << 3) + RUN] = -length;
    this.meta[((run + length - 1) << 3) + RUN] = -length;
    const next = this.state[BIN + b]!;
    this.meta[(run << 3) + NEXT] = next;
    this.meta[(run << 3) + PREV] = 0;
    if (next !== 0) this.meta[(next << 3) + PREV] = run;
    this.state[BIN + b] = run;
  }

  private unlink(run: number, b: number): void {
    const next = this.meta[(run << 3) + NEXT]!;
    const prev = this.meta[(run << 3) + PREV]!;
    if (prev !== 0) this.meta[(prev << 3) + NEXT] = next;
    else this.state[BIN + b] = next;
    if (next !== 0) this.meta[(next << 3) + PREV] = prev;
  }
}
