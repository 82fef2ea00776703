/**
 * Free pages of the arena, kept as runs with boundary tags so that neighbours join again.
 *
 *   a free run of n pages:   first page  [ -n | … | next | prev ]      last page [ -n ]
 *   a used run of n pages:   first page  RUN = n
 *
 * Free runs hang in lists by floor(log2(length)). Pages from `frontier` of a segment on belong to no list: they were
 * never touched, or were the last ones in use and came back, so that a large run finds all that is left in one piece.
 * A run never crosses a segment.
 */
const RUN = 7;
const NEXT = 4;
const PREV = 5;
const BINS = 16;

export class PagePool {
  private readonly bins = new Int32Array(BINS);
  private readonly frontier: Int32Array;
  private readonly meta: Int32Array;
  /** Page numbers of a segment, and how many of them there really are. */
  private readonly perSegment: number;
  private readonly limit: number;
  usedPages = 0;

  constructor(meta: Int32Array, perSegment: number, segments: number, limit = perSegment) {
    this.limit = limit;
    this.meta = meta;
    this.perSegment = perSegment;
    this.frontier = new Int32Array(segments);
    for (let s = 0; s < segments; s++) this.frontier[s] = s * perSegment;
    this.frontier[0] = 1; // page 0 is never handed out
    this.meta[RUN] = 1;
  }

  /** First page of a run of `pages`, or 0 when there is none. */
  take(pages: number): number {
    const bin = 31 - Math.clz32(pages);
    for (let b = bin; b < BINS; b++) {
      for (let run = this.bins[b]!; run !== 0; run = this.meta[(run << 3) + NEXT]!) {
        const length = -this.meta[(run << 3) + RUN]!;
        if (length < pages) continue;
        this.unlink(run, b);
        if (length > pages) this.link(run + pages, length - pages);
        return this.use(run, pages);
      }
    }
    for (let s = 0; s < this.frontier.length; s++) {
      const first = this.frontier[s]!;
      if (first + pages > s * this.perSegment + this.limit) continue;
      this.frontier[s] = first + pages;
      return this.use(first, pages);
    }
    return 0;
  }

  runLength(page: number): number {
    return this.meta[(page << 3) + RUN]!;
  }

  release(page: number): void {
    let first = page;
    let length = this.meta[(page << 3) + RUN]!;
    this.usedPages -= length;
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
    if (after < this.frontier[segment]!) {
      const tag = this.meta[(after << 3) + RUN]!;
      if (tag < 0) {
        this.unlink(after, 31 - Math.clz32(-tag));
        length -= tag;
      }
    }
    if (first + length === this.frontier[segment]!) this.frontier[segment] = first;
    else this.link(first, length);
  }

  private use(page: number, pages: number): number {
    this.meta[(page << 3) + RUN] = pages;
    if (pages > 1) this.meta[((page + pages - 1) << 3) + RUN] = pages; // the tag a later neighbour looks at
    this.usedPages += pages;
    return page;
  }

  private link(run: number, length: number): void {
    const b = 31 - Math.clz32(length);
    this.meta[(run << 3) + RUN] = -length;
    this.meta[((run + length - 1) << 3) + RUN] = -length;
    const next = this.bins[b]!;
    this.meta[(run << 3) + NEXT] = next;
    this.meta[(run << 3) + PREV] = 0;
    if (next !== 0) this.meta[(next << 3) + PREV] = run;
    this.bins[b] = run;
  }

  private unlink(run: number, b: number): void {
    const next = this.meta[(run << 3) + NEXT]!;
    const prev = this.meta[(run << 3) + PREV]!;
    if (prev !== 0) this.meta[(prev << 3) + NEXT] = next;
    else this.bins[b] = next;
    if (next !== 0) this.meta[(next << 3) + PREV] = prev;
  }
}
