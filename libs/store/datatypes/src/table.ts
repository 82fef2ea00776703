/**
 * A hash table of records in the arena: extendible hashing over small open-addressing segments, so that growing never
 * moves more than one segment (≤ 1,023 slots) and no single allocation is large.
 *
 *   root (4 words, lives wherever its owner wants)
 *     0 count   1 depth (of the directory; -1 = no table yet)   2 directory, or the one segment when depth is 0   3 capacity, slots
 *
 *   directory   2^depth words: address of the segment for hashes whose top `depth` bits are the index
 *   segment     8 · (slots + 1) bytes:   [ local depth | used ] then per slot [ record address | hash ];  slots = 2^k − 1
 *
 *   hash  ├ depth bits ┤├──── 16 bits ────┤ …
 *          directory      home = those 16 bits · slots >> 16: order of home slots = order of hashes
 *
 * That order is what makes SCAN's promise cheap: a cursor is a hash; what lies below it was visited, and splitting a
 * segment never moves a record across it.
 *
 * Linear probing; deletion shifts back, so there are no tombstones. One segment doubles by rebuild; from 511 slots on it grows by
 * a fifth or less at a time up to 1,023, then it splits into halves as small as they may be. Segments fill to 13/16, so a large table
 * is always two thirds full or more. (All its segments fill at the same time: with nothing between 511 and 1,023 slots a table of a
 * million records was once less than half full.)
 * Source: Fagin et al., Extendible Hashing (1979); Knuth 6.4 algorithm R.
 */
import type { Arena } from '@larder/store-memory';
import { ArenaFull, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { EXT } from './record';

export const ROOT_BYTES = 16;
const SLOTS_MAX = 1023;
const SLOTS_MIN = 7;
const DEPTH_MAX = 22;
/** Freed between two looks at the clock. */
const SEGMENTS_AT_ONCE = 16;
/** Slots of the segments of a large table: with their heads they are blocks of the arena without waste. */
const LADDER = [639, 767, 895, SLOTS_MAX];

/** What a segment grows to. */
function larger(slots: number): number {
  return slots < 511 ? slots * 2 + 1 : LADDER.find((step) => step * 10 > slots * 11)!;
}

/** What a segment of a large table needs for so many records and a few more. */
function roomFor(count: number): number {
  return LADDER.find((slots) => count * 4 < slots * 3) ?? SLOTS_MAX;
}

/** Records a segment that `expect` makes is meant for; about three times the deviation fits besides. */
const EXPECTED_MAX = 720;
const EXPECTED_DEPTH_MAX = 20;

export class Table {
  private readonly arena: Arena;

  /** Where the last `find` ended: the slot that holds the record, or the free slot where it would go. */
  private foundSegment = 0;
  private foundSlot = 0;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** Makes an empty table at `root` (a byte-aligned address of 16 bytes). Allocates nothing. */
  init(root: number): void {
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    i32[r] = 0;
    i32[r + 1] = 0;
    i32[r + 2] = 0;
    i32[r + 3] = 0;
  }

  count(root: number): number {
    return this.arena.i32[root >>> SEGMENT_SHIFT]![(root & SEGMENT_UNIT_MASK) << 1]!;
  }

  /** Slots over all segments: what Redis calls the size of the table. */
  capacity(root: number): number {
    return this.arena.i32[root >>> SEGMENT_SHIFT]![((root & SEGMENT_UNIT_MASK) << 1) + 3]!;
  }

  /** Address of the record whose key is these bytes, or 0. Afterwards `insertFound`, `replaceFound`, `removeFound` may be used. */
  find(root: number, hash: number, bytes: Uint8Array, off: number, length: number): number {
    const arena = this.arena;
    const segment = this.segmentOf(root, hash);
    this.foundSegment = segment;
    if (segment === 0) return 0;
    const i32 = arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const slots = this.slotsOf(i32, head);
    const depth = i32[head]! & 255;
    let slot = Math.imul((hash << depth) >>> 16, slots) >>> 16;
    for (;;) {
      const s = head + 2 + (slot << 1);
      const address = i32[s]!;
      if (address === 0) break;
      if (i32[s + 1] === hash) {
        // The record's key, read here rather than through a view: this is the hottest loop of the store.
        const seg = address >>> SEGMENT_SHIFT;
        const words = arena.i32[seg]!;
        const w = (address & SEGMENT_UNIT_MASK) << 1;
        const word1 = words[w + 1]!;
        let key = (w << 2) + 8 + ((word1 & 0x200) >> 6) + ((word1 & 0x800) >> 8);
        let keyLength = word1 & 255;
        if ((word1 & EXT) !== 0) {
          keyLength = words[w + 2]!;
          key += 8;
        }
        if (keyLength === length) {
          const u8 = arena.u8[seg]!;
          let i = 0;
          while (i < length && u8[key + i] === bytes[off + i]) i++;
          if (i === length) {
            this.foundSlot = slot;
            return address;
          }
        }
      }
      if (++slot === slots) slot = 0;
    }
    this.foundSlot = slot;
    return 0;
  }

  /** Adds a record that the last `find` did not see. `shard` pays for the memory. @throws ArenaFull (nothing changed) */
  insertFound(root: number, shard: number, hash: number, address: number): void {
    let segment = this.foundSegment;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const rootWords = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    if (segment === 0 || this.isFull(segment)) {
      this.makeRoom(root, shard, hash);
      segment = this.segmentOf(root, hash);
      this.place(segment, hash, address);
    } else {
      const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
      const head = (segment & SEGMENT_UNIT_MASK) << 1;
      const s = head + 2 + (this.foundSlot << 1);
      i32[s] = address;
      i32[s + 1] = hash;
      i32[head + 1]!++;
    }
    rootWords[r]!++;
  }

  /**
   * Makes room for about `count` records in a table that never had one, so that they come without a split. A file that was written in
   * the order of hashes fills one segment after another: without this each of them would be split again and again. Without memory for
   * it nothing happens.
   */
  expect(root: number, shard: number, count: number): void {
    const { arena } = this;
    const i32 = arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    let depth = 0;
    while (count / 2 ** depth > EXPECTED_MAX) depth++;
    if (i32[r + 2] !== 0 || depth === 0 || depth > EXPECTED_DEPTH_MAX) return;
    const each = count / 2 ** depth;
    const slots = roomFor(each + 3 * Math.sqrt(each));
    const made: number[] = [];
    try {
      made.push(arena.alloc(shard, 4 << depth));
      while (made.length <= 1 << depth) made.push(this.newSegment(shard, slots, depth));
    } catch {
      for (const block of made) arena.free(block);
      return;
    }
    const directory = made[0]!;
    arena.i32[directory >>> SEGMENT_SHIFT]!.set(made.slice(1), (directory & SEGMENT_UNIT_MASK) << 1);
    i32[r + 1] = depth;
    i32[r + 2] = directory;
    i32[r + 3] = slots << depth;
  }

  /** Makes sure that the next `insert` of `hash` needs no memory. @throws ArenaFull */
  reserve(root: number, shard: number, hash: number): void {
    const segment = this.segmentOf(root, hash);
    if (segment === 0 || this.isFull(segment)) this.makeRoom(root, shard, hash);
  }

  /** Adds a record whose key is known not to be in the table. */
  insert(root: number, shard: number, hash: number, address: number): void {
    let segment = this.segmentOf(root, hash);
    if (segment === 0 || this.isFull(segment)) {
      this.makeRoom(root, shard, hash);
      segment = this.segmentOf(root, hash);
    }
    this.place(segment, hash, address);
    this.arena.i32[root >>> SEGMENT_SHIFT]![(root & SEGMENT_UNIT_MASK) << 1]!++;
  }

  /** The record that the last `find` found moved to `address`. */
  replaceFound(address: number): void {
    const segment = this.foundSegment;
    this.arena.i32[segment >>> SEGMENT_SHIFT]![((segment & SEGMENT_UNIT_MASK) << 1) + 2 + (this.foundSlot << 1)] = address;
  }

  /** The record at `from` moved to `to`: used where the last `find` was of another key. False when `from` is not here. */
  relocate(root: number, hash: number, from: number, to: number): boolean {
    if (!this.findAddress(root, hash, from)) return false;
    this.replaceFound(to);
    return true;
  }

  /** Removes the record at `address`. False when it is not here. The record itself stays allocated. */
  remove(root: number, hash: number, address: number): boolean {
    if (!this.findAddress(root, hash, address)) return false;
    this.removeFound(root);
    return true;
  }

  /** Removes the slot that the last `find` found. The record itself stays allocated. */
  removeFound(root: number): void {
    const segment = this.foundSegment;
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const slots = this.slotsOf(i32, head);
    const depth = i32[head]! & 255;
    const first = head + 2;
    let hole = this.foundSlot;
    let next = hole;
    for (;;) {
      if (++next === slots) next = 0;
      const address = i32[first + (next << 1)]!;
      if (address === 0) break;
      const hash = i32[first + (next << 1) + 1]!;
      const home = Math.imul((hash << depth) >>> 16, slots) >>> 16;
      // The record at `next` may fill the hole only if its home does not lie cyclically in (hole, next].
      if (hole <= next ? home > hole && home <= next : home > hole || home <= next) continue;
      i32[first + (hole << 1)] = address;
      i32[first + (hole << 1) + 1] = hash;
      hole = next;
    }
    i32[first + (hole << 1)] = 0;
    i32[head + 1]!--;
    this.arena.i32[root >>> SEGMENT_SHIFT]![(root & SEGMENT_UNIT_MASK) << 1]!--;
  }

  /**
   * After `removeFound` of a record of `hash`: halves a lone segment, or joins one with its buddy (the other half of
   * its hash range), when an eighth of its slots or fewer are in use. Cursors stay good, since they are hashes. Without memory for it all
   * stays as it is. The directory goes when one segment is left.
   */
  shrinkFound(root: number, shard: number, hash: number): void {
    const segment = this.foundSegment;
    const words = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const slots = this.slotsOf(words, head);
    if (words[head + 1]! << 3 > slots || slots === SLOTS_MIN) return;
    try {
      if ((words[head]! & 255) === 0) this.halve(root, shard, segment, slots);
      else this.join(root, shard, hash, segment);
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full;
    }
  }

  private halve(root: number, shard: number, segment: number, slots: number): void {
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const smaller = this.newSegment(shard, slots >> 1, 0);
    this.moveAll(segment, smaller, smaller, 0);
    this.arena.free(segment);
    i32[r + 2] = smaller;
    i32[r + 3] = slots >> 1;
  }

  private join(root: number, shard: number, hash: number, segment: number): void {
    const { arena } = this;
    const i32 = arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const directory = i32[r + 2]!;
    const words = arena.i32[directory >>> SEGMENT_SHIFT]!;
    const d = (directory & SEGMENT_UNIT_MASK) << 1;
    const local = this.header(segment) & 255;
    const span = 1 << (i32[r + 1]! - local);
    const index = hash >>> (32 - local);
    const buddy = words[d + (index ^ 1) * span]!;
    if ((this.header(buddy) & 255) !== local || (this.used(segment) + this.used(buddy)) * 4 > SLOTS_MAX) return;
    const joined = this.newSegment(shard, roomFor(this.used(segment) + this.used(buddy)), local - 1);
    const slots = this.slots(segment) + this.slots(buddy) - this.slots(joined);
    this.moveAll(segment, joined, joined, 0);
    this.moveAll(buddy, joined, joined, 0);
    arena.free(segment);
    arena.free(buddy);
    i32[r + 3]! -= slots;
    if (local === 1) {
      arena.free(directory);
      i32[r + 1] = 0;
      i32[r + 2] = joined;
      return;
    }
    const first = (index & ~1) * span;
    for (let i = 0; i < span * 2; i++) words[d + first + i] = joined;
  }

  private header(segment: number): number {
    return this.arena.i32[segment >>> SEGMENT_SHIFT]![(segment & SEGMENT_UNIT_MASK) << 1]!;
  }

  private slots(segment: number): number {
    return this.header(segment) >>> 8;
  }

  private used(segment: number): number {
    return this.arena.i32[segment >>> SEGMENT_SHIFT]![((segment & SEGMENT_UNIT_MASK) << 1) + 1]!;
  }

  /**
   * Visits records in hash order from `cursor` (0 starts) until at least `want` were visited or the table ends.
   * `visit` must not change the table. Returns the next cursor, 0 at the end.
   * Records that stay in the table all the time are visited; splits in between move none across the cursor.
   */
  scan(root: number, cursor: number, want: number, visit: (address: number, hash: number) => void): number {
    let seen = 0;
    let at = cursor >>> 0;
    while (true) {
      const segment = this.segmentOf(root, at | 0);
      if (segment === 0) return 0;
      const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
      const head = (segment & SEGMENT_UNIT_MASK) << 1;
      const slots = this.slotsOf(i32, head);
      const depth = i32[head]! & 255;
      const low = depth === 0 ? 0 : ((at >>> (32 - depth)) << (32 - depth)) >>> 0;
      const span = 2 ** (32 - depth);
      let home = Math.imul((at << depth) >>> 16, slots) >>> 16;
      for (; home < slots; home++) {
        if (seen >= want) {
          // First hash whose home is `home`: the smallest 16-bit h16 with floor(h16 · slots / 65536) = home.
          const h16 = Math.ceil((home * 65536) / slots);
          // Below depth 16 that is a fraction of a hash: rounded up, or the next call would start at an earlier home.
          const next = low + Math.ceil(h16 * (span / 65536));
          return next >= 2 ** 32 ? 0 : next;
        }
        // Records of this home lie in the cluster from `home` up to the next empty slot.
        for (let slot = home; ; ) {
          const address = i32[head + 2 + (slot << 1)]!;
          if (address === 0) break;
          const hash = i32[head + 3 + (slot << 1)]!;
          if (Math.imul((hash << depth) >>> 16, slots) >>> 16 === home) {
            visit(address, hash);
            seen++;
          }
          if (++slot === slots) slot = 0;
          if (slot === home) break;
        }
      }
      at = low + span;
      if (at >= 2 ** 32) return 0;
      if (seen >= want) return at;
    }
  }

  /** Visits every record. `visit` must not change the table. */
  forEach(root: number, visit: (address: number, hash: number) => void): void {
    this.forEachSegment(root, (segment) => {
      const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
      const head = (segment & SEGMENT_UNIT_MASK) << 1;
      const end = head + 2 + (this.slotsOf(i32, head) << 1);
      for (let s = head + 2; s < end; s += 2) if (i32[s]! !== 0) visit(i32[s]!, i32[s + 1]!);
    });
  }

  /** A record chosen nearly uniformly, which `removeFound` may remove; 0 when the table is empty. `random()` gives uniform 32-bit integers. */
  sample(root: number, random: () => number): number {
    if (this.count(root) === 0) return 0;
    for (;;) {
      const segment = this.segmentOf(root, random());
      const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
      const head = (segment & SEGMENT_UNIT_MASK) << 1;
      const slots = this.slotsOf(i32, head);
      if (i32[head + 1] === 0) continue;
      // An empty slot means another throw: taking the next full one would favour records behind gaps.
      for (let tries = 0; tries < 32; tries++) {
        const slot = ((random() >>> 16) * slots) >>> 16;
        const address = i32[head + 2 + (slot << 1)]!;
        if (address === 0) continue;
        this.foundSegment = segment;
        this.foundSlot = slot;
        return address;
      }
    }
  }

  /** Frees segments and directory; records stay allocated. The root is left empty. */
  dispose(root: number): void {
    this.forEachSegment(root, (segment) => this.arena.free(segment));
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    if (i32[r + 1]! > 0) this.arena.free(i32[r + 2]!);
    this.init(root);
  }

  /**
   * The same piece by piece, for a table in which nobody looks any more: `from` is where the last piece ended, 0 at first. Answers where
   * to go on, 0 when all is freed.
   */
  disposeSome(root: number, from: number, isLate: () => boolean): number {
    const { arena } = this;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const [depth, at] = [arena.i32[root >>> SEGMENT_SHIFT]![r + 1]!, arena.i32[root >>> SEGMENT_SHIFT]![r + 2]!];
    if (depth > 0) {
      const words = arena.i32[at >>> SEGMENT_SHIFT]!;
      const d = (at & SEGMENT_UNIT_MASK) << 1;
      for (let i = from, n = 1; i < 1 << depth; n++) {
        const segment = words[d + i]!;
        i += 1 << (depth - (this.header(segment) & 255));
        arena.free(segment);
        if (n % SEGMENTS_AT_ONCE === 0 && i < 1 << depth && isLate()) return i;
      }
    }
    if (at !== 0) arena.free(at);
    this.init(root);
    return 0;
  }

  /** Bytes of segments and directory. */
  overheadBytes(root: number): number {
    let bytes = 0;
    this.forEachSegment(root, (segment) => (bytes += this.arena.capacity(segment)));
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    if (i32[r + 1]! > 0) bytes += this.arena.capacity(i32[r + 2]!);
    return bytes;
  }

  private segmentOf(root: number, hash: number): number {
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const depth = i32[r + 1]!;
    const at = i32[r + 2]!;
    if (depth === 0) return at;
    return this.arena.i32[at >>> SEGMENT_SHIFT]![((at & SEGMENT_UNIT_MASK) << 1) + (hash >>> (32 - depth))]!;
  }

  private slotsOf(i32: Int32Array, head: number): number {
    return i32[head]! >>> 8;
  }

  private isFull(segment: number): boolean {
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const slots = this.slotsOf(i32, head);
    return i32[head + 1]! >= slots - ((slots * 3) >> 4) - 1;
  }

  private findAddress(root: number, hash: number, address: number): boolean {
    const segment = this.segmentOf(root, hash);
    if (segment === 0) return false;
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const slots = this.slotsOf(i32, head);
    const depth = i32[head]! & 255;
    let slot = Math.imul((hash << depth) >>> 16, slots) >>> 16;
    for (;;) {
      const here = i32[head + 2 + (slot << 1)]!;
      if (here === 0) return false;
      if (here === address) {
        this.foundSegment = segment;
        this.foundSlot = slot;
        return true;
      }
      if (++slot === slots) slot = 0;
    }
  }

  private place(segment: number, hash: number, address: number): void {
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const slots = this.slotsOf(i32, head);
    const depth = i32[head]! & 255;
    let slot = Math.imul((hash << depth) >>> 16, slots) >>> 16;
    while (i32[head + 2 + (slot << 1)]! !== 0) if (++slot === slots) slot = 0;
    i32[head + 2 + (slot << 1)] = address;
    i32[head + 3 + (slot << 1)] = hash;
    i32[head + 1]!++;
  }

  private newSegment(shard: number, slots: number, depth: number): number {
    const segment = this.arena.alloc(shard, (slots + 1) * 8);
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    i32.fill(0, head, head + 2 + slots * 2);
    i32[head] = (slots << 8) | depth;
    return segment;
  }

  /** Room for one more record of `hash`: first segment, a doubled one, or splits until its segment is not full. */
  private makeRoom(root: number, shard: number, hash: number): void {
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const segment = this.segmentOf(root, hash);
    if (segment === 0) {
      i32[r + 2] = this.newSegment(shard, SLOTS_MIN, 0);
      i32[r + 3] = SLOTS_MIN;
      return;
    }
    const slots = this.slots(segment);
    if (slots < SLOTS_MAX) {
      const local = this.header(segment) & 255;
      const grown = this.newSegment(shard, larger(slots), local);
      this.moveAll(segment, grown, grown, 0);
      this.arena.free(segment);
      this.enter(root, hash, local, grown, grown);
      i32[r + 3]! += this.slots(grown) - slots;
      return;
    }
    do this.split(root, shard, hash);
    while (this.isFull(this.segmentOf(root, hash)));
  }

  private split(root: number, shard: number, hash: number): void {
    const arena = this.arena;
    const i32 = arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const segment = this.segmentOf(root, hash);
    const local = arena.i32[segment >>> SEGMENT_SHIFT]![(segment & SEGMENT_UNIT_MASK) << 1]! & 255;
    if (local >= DEPTH_MAX) throw new ArenaFull(SLOTS_MAX * 8); // only colliding hashes reach this
    if (local === i32[r + 1]!) this.doubleDirectory(root, shard);
    const bit = 1 << (31 - local);
    const ones = this.countOnes(segment, bit);
    const left = this.newSegment(shard, roomFor(this.used(segment) - ones), local + 1);
    let right: number;
    try {
      right = this.newSegment(shard, roomFor(ones), local + 1);
    } catch (full) {
      arena.free(left);
      throw full;
    }
    this.moveAll(segment, left, right, bit);
    this.enter(root, hash, local, left, right);
    i32[r + 3]! += this.slots(left) + this.slots(right) - this.slots(segment);
    arena.free(segment);
  }

  /** The hashes that have the first `local` bits of `hash` lie in `left` and `right`, a half in each. */
  private enter(root: number, hash: number, local: number, left: number, right: number): void {
    const { arena } = this;
    const i32 = arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const depth = i32[r + 1]!;
    if (depth === 0) {
      i32[r + 2] = left;
      return;
    }
    const directory = i32[r + 2]!;
    const words = arena.i32[directory >>> SEGMENT_SHIFT]!;
    const d = (directory & SEGMENT_UNIT_MASK) << 1;
    const span = 1 << (depth - local);
    const first = local === 0 ? 0 : (hash >>> (32 - local)) * span;
    for (let i = 0; i < span; i++) words[d + first + i] = i < span >> 1 ? left : right;
  }

  private countOnes(segment: number, bit: number): number {
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const end = head + 2 + (this.slotsOf(i32, head) << 1);
    let ones = 0;
    for (let s = head + 2; s < end; s += 2) if (i32[s]! !== 0 && (i32[s + 1]! & bit) !== 0) ones++;
    return ones;
  }

  private doubleDirectory(root: number, shard: number): void {
    const arena = this.arena;
    const i32 = arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const depth = i32[r + 1]!;
    const old = i32[r + 2]!;
    const size = 1 << depth;
    const wider = arena.alloc(shard, size * 2 * 4);
    const to = arena.i32[wider >>> SEGMENT_SHIFT]!;
    const t = (wider & SEGMENT_UNIT_MASK) << 1;
    if (depth === 0) {
      to[t] = old;
      to[t + 1] = old;
    } else {
      const from = arena.i32[old >>> SEGMENT_SHIFT]!;
      const f = (old & SEGMENT_UNIT_MASK) << 1;
      for (let i = 0; i < size; i++) {
        to[t + 2 * i] = from[f + i]!;
        to[t + 2 * i + 1] = from[f + i]!;
      }
      arena.free(old);
    }
    i32[r + 2] = wider;
    i32[r + 1] = depth + 1;
  }

  /** Moves every record to `zeros` or `ones` by the bit of `mask` in its hash. */
  private moveAll(segment: number, zeros: number, ones: number, mask: number): void {
    const i32 = this.arena.i32[segment >>> SEGMENT_SHIFT]!;
    const head = (segment & SEGMENT_UNIT_MASK) << 1;
    const end = head + 2 + (this.slotsOf(i32, head) << 1);
    for (let s = head + 2; s < end; s += 2) {
      const address = i32[s]!;
      if (address === 0) continue;
      const hash = i32[s + 1]!;
      this.place((hash & mask) === 0 ? zeros : ones, hash, address);
    }
  }

  private forEachSegment(root: number, visit: (segment: number) => void): void {
    const i32 = this.arena.i32[root >>> SEGMENT_SHIFT]!;
    const r = (root & SEGMENT_UNIT_MASK) << 1;
    const depth = i32[r + 1]!;
    const at = i32[r + 2]!;
    if (at === 0) return;
    if (depth === 0) return visit(at);
    const words = this.arena.i32[at >>> SEGMENT_SHIFT]!;
    const d = (at & SEGMENT_UNIT_MASK) << 1;
    for (let i = 0; i < 1 << depth; ) {
      const segment = words[d + i]!;
      const local = this.arena.i32[segment >>> SEGMENT_SHIFT]![(segment & SEGMENT_UNIT_MASK) << 1]! & 255;
      i += 1 << (depth - local);
      visit(segment);
    }
  }
}
