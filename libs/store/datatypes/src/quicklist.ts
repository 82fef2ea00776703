/**
 * A list: nodes (list-chain.ts) filled, split and merged by the rules of Redis' quicklist, so that both break a list at the same
 * places and dump the same bytes.
 *
 * An instance holds one list at a time (`load`, or `start` for a new one) and one open node of it:
 *
 *     base            off                        off + bytes            base + room
 *      ├──── free ─────┼──────── listpack ─────────┼─────── free ─────────┤          in u8
 *
 * Pushing and popping touch only the bytes they add or take. When a side has no room left, the listpack slides within its
 * block if there is enough to gain (three quarters of the free space go to the side that asked), else it moves to a
 * block a quarter larger; both happen once per a fraction of the node's size.
 *
 * Allocations come before changes: ArenaFull leaves the list as it was. Bytes handed in must not lie in the list itself.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { copyBytes, equalBytes } from './bytes';
import { Int64, parseInt64 } from './int64';
import { LIST_CHAIN, LIST_SINGLE, ListChain } from './list-chain';
import { listNodesMerge, listNodeTakes } from './list-node';
import * as listpack from './listpack';
import * as edit from './listpack-edit';
import { packNode, unpackNode } from './packed-node';

/** `list-max-listpack-size` and `list-compress-depth`; CONFIG sets them. */
export const listLimits = { maxListpackSize: -2, compressDepth: 0 };

const { HEADER_BYTES, EMPTY_BYTES, END } = listpack;
const NODE_BYTES_USUAL = 8192;
const SLACK_FROM_BYTES = 64;

const element = new edit.Element();

/** An element to compare with, read once. */
export class Needle {
  private source: Uint8Array = Buffer.alloc(0);
  private off = 0;
  private length = 0;
  private isInteger = false;
  private readonly int = new Int64();
  private readonly entry = new listpack.Entry();

  set(source: Uint8Array, off: number, length: number): this {
    this.source = source;
    this.off = off;
    this.length = length;
    this.isInteger = parseInt64(source, off, length, this.int);
    return this;
  }

  is(u8: Uint8Array, p: number): boolean {
    const { entry, length } = this;
    const head = u8[p]!;
    if ((head & 0xc0) === 0x80) return (head & 0x3f) === length && equalBytes(u8, p + 1, this.source, this.off, length);
    listpack.read(u8, p, entry);
    if (entry.isInteger) return this.isInteger && entry.lo === this.int.lo && entry.hi === this.int.hi;
    return entry.length === length && equalBytes(u8, entry.start, this.source, this.off, length);
  }
}

export class Quicklist extends ListChain {
  /** The open node. */
  node = 0;
  u8: Buffer;
  off = 0;
  private block = 0;
  private base = 0;
  /** The element that `seek` found: its position in `u8` and its index in the node. */
  p = 0;
  index = 0;
  /** Two packed nodes can be looked at: each is unpacked into the buffer that the last one did not take. */
  private readonly unpacked: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  private turn: 0 | 1 = 0;
  /** Blocks that did not compress: not worth another try at each change. */
  private readonly refused = new Int32Array(4);
  private refusals = 0;

  constructor(arena: Arena) {
    super(arena);
    this.u8 = arena.u8[0]!;
  }

  /** A new list of one element. @throws ArenaFull */
  start(shard: number, bytes: Uint8Array, off: number, length: number): this {
    edit.prepareBytes(element, bytes, off, length);
    this.load(LIST_SINGLE, this.newNode(shard, EMPTY_BYTES + element.size, 1), 0, shard);
    this.openNode(0);
    this.close(edit.write(this.u8, this.off + HEADER_BYTES, element));
    return this;
  }

  /** A new list of one node: a listpack that has been checked and is not empty. @throws ArenaFull */
  startNode(shard: number, bytes: Uint8Array, off: number): this {
    this.load(LIST_SINGLE, this.copyNode(shard, bytes, off), 0, shard);
    return this;
  }

  /** One more node at the tail. @throws ArenaFull */
  appendNode(bytes: Uint8Array, off: number): void {
    const { nodes } = this;
    this.reserveNode(nodes);
    try {
      this.insertNode(nodes, this.copyNode(this.shard, bytes, off), 0, listpack.count(bytes, off));
    } finally {
      this.cancelReserve();
    }
  }

  private copyNode(shard: number, bytes: Uint8Array, off: number): number {
    const size = listpack.bytes(bytes, off);
    const block = this.arena.alloc(shard, size);
    copyBytes(bytes, off, this.arena.u8[block >>> SEGMENT_SHIFT]!, (block & SEGMENT_UNIT_MASK) << 3, size);
    return block;
  }

  /** A block with the header of a listpack of that size; entries and END are the caller's. */
  private newNode(shard: number, size: number, count: number): number {
    const block = this.arena.alloc(shard, size);
    edit.writeHeader(this.arena.u8[block >>> SEGMENT_SHIFT]!, (block & SEGMENT_UNIT_MASK) << 3, size, count);
    return block;
  }

  private close(p: number): void {
    this.u8[p] = END;
  }

  /** Opens node `i`: its listpack is at `off` in `u8`. */
  openNode(i: number): void {
    const block = this.nodeBlock(i);
    this.node = i;
    this.block = block;
    const start = this.nodeStart(i);
    if (start < 0) return this.openPacked(block, -start);
    this.u8 = this.arena.u8[block >>> SEGMENT_SHIFT]!;
    this.base = (block & SEGMENT_UNIT_MASK) << 3;
    this.off = this.base + start;
  }

  private openPacked(block: number, size: number): void {
    this.turn = this.turn === 0 ? 1 : 0;
    let buffer = this.unpacked[this.turn];
    if (buffer.length < size) this.unpacked[this.turn] = buffer = Buffer.allocUnsafeSlow(Math.max(size, NODE_BYTES_USUAL));
    unpackNode(this.arena, block, size, buffer);
    this.u8 = buffer;
    this.base = this.off = 0;
  }

  /** The open node, which is packed, goes into a block as a listpack. @throws ArenaFull (nothing changed) */
  private unpackOpen(p: number): number {
    const { arena, u8, node } = this;
    const size = listpack.bytes(u8, 0);
    const block = arena.alloc(this.shard, withSlack(size));
    copyBytes(u8, 0, arena.u8[block >>> SEGMENT_SHIFT]!, (block & SEGMENT_UNIT_MASK) << 3, size);
    this.freeNodeBlock(node);
    this.setNode(node, block, 0, 0);
    this.openNode(node);
    return p + this.base;
  }

  /**
   * After a change: packs what it left unpacked further than `compressDepth` nodes from both ends. `isNew`: any node may
   * be unpacked.
   */
  packInner(isNew = false): void {
    const depth = listLimits.compressDepth;
    const last = this.nodes - 1 - depth;
    if (depth === 0 || last < depth) return;
    if (isNew) {
      for (let i = depth; i <= last; i++) this.pack(i);
      return;
    }
    this.pack(depth);
    this.pack(last);
    const { node } = this;
    for (let i = Math.max(node - 1, depth); i <= node + 1 && i <= last; i++) this.pack(i);
  }

  private pack(i: number): void {
    const block = this.nodeBlock(i);
    const start = this.nodeStart(i);
    if (start < 0 || this.refused.includes(block)) return;
    const u8 = this.arena.u8[block >>> SEGMENT_SHIFT]!;
    const off = ((block & SEGMENT_UNIT_MASK) << 3) + start;
    const size = listpack.bytes(u8, off);
    const packed = packNode(this.arena, this.shard, u8, off, size, this.nodeCount(i));
    if (packed === 0) {
      this.refused[this.refusals++ & 3] = block;
      return;
    }
    this.freeNodeBlock(i);
    this.setNode(i, packed, -size, 0);
  }

  /** Before the open node's bytes change (ListChain.own); answers where what was at `p` is now. */
  private ownOpen(p: number): number {
    const { base, node } = this;
    if (this.nodeStart(node) < 0) return this.unpackOpen(p);
    if (this.holderAddress === 0 || !this.own(node)) return p;
    this.openNode(node);
    return p - base + this.base;
  }

  private takes(i: number, length: number): boolean {
    if (i < 0 || i >= this.nodes) return false;
    const block = this.nodeBlock(i);
    const u8 = this.arena.u8[block >>> SEGMENT_SHIFT]!;
    const start = this.nodeStart(i);
    const size = start < 0 ? -start : listpack.bytes(u8, ((block & SEGMENT_UNIT_MASK) << 3) + start);
    return listNodeTakes(size, this.nodeCount(i), length, listLimits.maxListpackSize);
  }

  /** @throws ArenaFull (nothing changed) */
  push(atHead: boolean, bytes: Uint8Array, off: number, length: number): void {
    const i = atHead ? 0 : this.nodes - 1;
    edit.prepareBytes(element, bytes, off, length);
    this.openNode(i);
    const size = listpack.bytes(this.u8, this.off);
    if (listNodeTakes(size, this.nodeCount(i), length, listLimits.maxListpackSize)) this.pushInto(atHead, size);
    else this.pushNode(atHead ? 0 : i + 1);
  }

  /** Puts the prepared element at an end of the open node of `size` bytes. */
  private pushInto(atHead: boolean, size: number): void {
    this.ownOpen(0);
    const grown = size + element.size;
    if (atHead ? this.off - this.base < element.size : this.off + grown > this.base + this.arena.capacity(this.block)) {
      this.makeRoom(atHead, size, element.size);
    }
    const { u8, off } = this;
    const count = listpack.headerCount(u8, off);
    const added = count === listpack.COUNT_UNKNOWN ? count : count + 1;
    if (atHead) {
      this.off = off - element.size;
      edit.writeHeader(u8, this.off, grown, added);
      edit.write(u8, this.off + HEADER_BYTES, element);
    } else {
      edit.writeHeader(u8, off, grown, added);
      this.close(edit.write(u8, off + size - 1, element));
    }
    this.setNode(this.node, this.block, this.off - this.base, 1);
  }

  /** The prepared element becomes a node of its own before node `i`. */
  private pushNode(i: number): void {
    this.reserveNode(i);
    let block: number;
    try {
      block = this.newNode(this.shard, EMPTY_BYTES + element.size, 1);
    } catch (full) {
      this.cancelReserve();
      throw full;
    }
    this.insertNode(i, block, 0, 1);
    this.openNode(i);
    this.close(edit.write(this.u8, this.off + HEADER_BYTES, element));
  }

  /** Gives the open node of `size` bytes room for `extra` more at one side. */
  private makeRoom(atHead: boolean, size: number, extra: number): void {
    const { arena, u8, off, base } = this;
    const need = size + extra;
    const free = arena.capacity(this.block) - need;
    if (free >= 0 && (free >= need >> 4 || need > NODE_BYTES_USUAL - (NODE_BYTES_USUAL >> 4))) {
      const rest = free >> 2;
      this.off = base + (atHead ? extra + free - rest : rest);
      copyBytes(u8, off, u8, this.off, size);
      return;
    }
    const block = arena.alloc(this.shard, withSlack(need));
    this.block = block;
    this.u8 = arena.u8[block >>> SEGMENT_SHIFT]!;
    this.base = (block & SEGMENT_UNIT_MASK) << 3;
    this.off = this.base + (atHead ? arena.capacity(block) - size : 0);
    copyBytes(u8, off, this.u8, this.off, size);
    arena.free(this.nodeBlock(this.node));
    this.setNode(this.node, block, this.off - this.base, 0);
  }

  /** Position of the first or last element, in its node, which is now open. */
  end(atHead: boolean): number {
    this.openNode(atHead ? 0 : this.nodes - 1);
    return atHead ? this.off + HEADER_BYTES : listpack.last(this.u8, this.off);
  }

  /** Removes the element that `end` just showed. Whoever took the last one must remove the key. */
  removeEnd(atHead: boolean, p: number): void {
    if (this.nodeCount(this.node) === 1) return this.dropNodes(this.node, this.node + 1);
    p = this.ownOpen(p);
    const { u8 } = this;
    if (atHead) this.cutHead(listpack.after(u8, p), 1);
    else this.cutTail(p, 1);
    this.trim(listpack.bytes(u8, this.off));
  }

  /** The open node loses its `removed` entries before `p`. */
  private cutHead(p: number, removed: number): void {
    const { u8, off } = this;
    const count = listpack.headerCount(u8, off);
    const size = listpack.bytes(u8, off) - (p - off - HEADER_BYTES);
    this.off = p - HEADER_BYTES;
    edit.writeHeader(u8, this.off, size, count === listpack.COUNT_UNKNOWN ? count : count - removed);
    this.setNode(this.node, this.block, this.off - this.base, -removed);
  }

  /** The open node loses its `removed` entries from `p` on. */
  private cutTail(p: number, removed: number): void {
    const { u8, off } = this;
    const count = listpack.headerCount(u8, off);
    edit.writeHeader(u8, off, p + 1 - off, count === listpack.COUNT_UNKNOWN ? count : count - removed);
    u8[p] = END;
    this.setNode(this.node, this.block, off - this.base, -removed);
  }

  /** After the open node shrank to `size`: a smaller block when it fills less than a quarter of its own. */
  private trim(size: number): void {
    const { arena, block } = this;
    const capacity = arena.capacity(block);
    if (capacity <= SLACK_FROM_BYTES || size * 4 >= capacity) return;
    let smaller: number;
    try {
      smaller = arena.alloc(this.shard, withSlack(size));
    } catch {
      return;
    }
    copyBytes(this.u8, this.off, arena.u8[smaller >>> SEGMENT_SHIFT]!, (smaller & SEGMENT_UNIT_MASK) << 3, size);
    this.setNode(this.node, smaller, 0, 0);
    arena.free(block);
    this.openNode(this.node);
  }

  /** Opens the node of element `index` (0 … length − 1) and leaves its position in `p` and `index`. */
  seek(index: number): void {
    const { nodes } = this;
    let i = 0;
    if (nodes > 1) {
      const { length } = this;
      if (index < length >> 1) {
        for (let count = this.nodeCount(0); index >= count; count = this.nodeCount(i)) {
          index -= count;
          i++;
        }
      } else {
        let before = length;
        i = nodes;
        do before -= this.nodeCount(--i);
        while (index < before);
        index -= before;
      }
    }
    this.openNode(i);
    this.index = index;
    this.p = index === 0 ? this.off + HEADER_BYTES : listpack.seek(this.u8, this.off, index);
  }

  /**
   * Replaces the entries of the open node in [from, to), `removed` of them, by a gap for `added` entries. Answers where
   * the gap is in `u8`. @throws ArenaFull (nothing changed)
   */
  private openGap(from: number, to: number, removed: number, gap: number, added: number): number {
    const { arena, u8, off } = this;
    const size = listpack.bytes(u8, off);
    const more = gap - (to - from);
    let at: number;
    if (off + size + more <= this.base + arena.capacity(this.block)) {
      at = edit.openGap(u8, off, from, to, removed, gap, added, u8, off);
    } else if (more <= off - this.base) {
      const count = listpack.headerCount(u8, off);
      copyBytes(u8, off, u8, off - more, from - off);
      this.off = off - more;
      edit.writeHeader(u8, this.off, size + more, count === listpack.COUNT_UNKNOWN ? count : count - removed + added);
      at = from - more;
    } else {
      const block = arena.alloc(this.shard, withSlack(size + more));
      const to8 = arena.u8[block >>> SEGMENT_SHIFT]!;
      const base = (block & SEGMENT_UNIT_MASK) << 3;
      at = edit.openGap(u8, off, from, to, removed, gap, added, to8, base);
      arena.free(this.block);
      this.block = block;
      this.u8 = to8;
      this.base = base;
      this.off = base;
    }
    this.setNode(this.node, this.block, this.off - this.base, added - removed);
    return at;
  }

  /** Gives the element that `seek` found another value. @throws ArenaFull (nothing changed) */
  replace(bytes: Uint8Array, off: number, length: number): void {
    edit.prepareBytes(element, bytes, off, length);
    this.p = this.ownOpen(this.p);
    const at = this.openGap(this.p, listpack.after(this.u8, this.p), 1, element.size, 1);
    edit.write(this.u8, at, element);
  }

  /** Beside the element that `seek` or `find` found. @throws ArenaFull (nothing changed) */
  insert(after: boolean, bytes: Uint8Array, off: number, length: number): void {
    edit.prepareBytes(element, bytes, off, length);
    const i = this.node;
    const isAtEdge = this.index === (after ? this.nodeCount(i) - 1 : 0);
    const neighbour = after ? i + 1 : i - 1;
    if (this.takes(i, length)) {
      this.p = this.ownOpen(this.p);
      const p = after ? listpack.after(this.u8, this.p) : this.p;
      edit.write(this.u8, this.openGap(p, p, 0, element.size, 1), element);
    } else if (!isAtEdge) {
      this.split(after);
    } else if (this.takes(neighbour, length)) {
      this.openNode(neighbour);
      this.pushInto(after, listpack.bytes(this.u8, this.off));
    } else {
      this.pushNode(after ? i + 1 : i);
    }
  }

  /** Breaks the open node at the found element and puts the prepared one between, into the half that leaves. */
  private split(after: boolean): void {
    this.p = this.ownOpen(this.p);
    const { u8, off, node, arena } = this;
    const cut = after ? listpack.after(u8, this.p) : this.p;
    const stop = listpack.end(u8, off);
    const [from, to] = after ? [cut, stop] : [off + HEADER_BYTES, cut];
    const leaving = after ? this.nodeCount(node) - 1 - this.index : this.index;
    const at = after ? node + 1 : node;
    this.reserveNode(at);
    let block: number;
    try {
      block = this.newNode(this.shard, EMPTY_BYTES + element.size + to - from, leaving + 1);
    } catch (full) {
      this.cancelReserve();
      throw full;
    }
    const to8 = arena.u8[block >>> SEGMENT_SHIFT]!;
    let p = ((block & SEGMENT_UNIT_MASK) << 3) + HEADER_BYTES;
    if (after) p = edit.write(to8, p, element);
    copyBytes(u8, from, to8, p, to - from);
    p += to - from;
    if (!after) p = edit.write(to8, p, element);
    to8[p] = END;
    if (after) this.cutTail(cut, leaving);
    else this.cutHead(cut, leaving);
    this.trim(listpack.bytes(this.u8, this.off));
    this.insertNode(at, block, 0, leaving + 1);
    this.mergeAround(after ? node : node + 1);
  }

  /** After a split: the two nodes before, the two behind, then the centre with its neighbours, wherever they fit into one. */
  private mergeAround(centre: number): void {
    if (this.merge(centre - 2)) centre--;
    this.merge(centre + 1);
    if (this.merge(centre - 1)) centre--;
    this.merge(centre);
  }

  /** Makes nodes `i` and `i + 1` one if the limit lets it. */
  private merge(i: number): boolean {
    if (i < 0 || i + 1 >= this.nodes) return false;
    this.openNode(i);
    const { u8: a, off: aOff, arena } = this;
    this.openNode(i + 1);
    const { u8: b, off: bOff } = this;
    const aBytes = listpack.bytes(a, aOff);
    const bBytes = listpack.bytes(b, bOff);
    const added = this.nodeCount(i + 1);
    if (!listNodesMerge(aBytes, this.nodeCount(i), bBytes, added, listLimits.maxListpackSize)) return false;
    let block: number;
    try {
      block = arena.alloc(this.shard, edit.bytesAfterMerge(a, aOff, b, bOff));
    } catch {
      return false;
    }
    edit.merge(a, aOff, b, bOff, arena.u8[block >>> SEGMENT_SHIFT]!, (block & SEGMENT_UNIT_MASK) << 3);
    this.freeNodeBlock(i);
    this.setNode(i, block, 0, added);
    this.dropNodes(i + 1, i + 2);
    return true;
  }

  /** Finds the first element equal to `needle` from the head; false when there is none. */
  find(needle: Needle): boolean {
    for (let i = 0, { nodes } = this; i < nodes; i++) {
      this.openNode(i);
      const { u8 } = this;
      let index = 0;
      for (let p = this.off + HEADER_BYTES; u8[p] !== END; p = listpack.after(u8, p)) {
        if (needle.is(u8, p)) {
          this.p = p;
          this.index = index;
          return true;
        }
        index++;
      }
    }
    return false;
  }

  /** Removes `count` elements from index `start` on; both must be in range. */
  removeRange(start: number, count: number): void {
    if (count <= 0) return;
    this.seek(start);
    let i = this.node;
    let left = count;
    if (this.index > 0) {
      const here = Math.min(left, this.nodeCount(i) - this.index);
      this.removeInNode(here);
      left -= here;
      i++;
    }
    let whole = i;
    while (left > 0 && left >= this.nodeCount(whole)) {
      left -= this.nodeCount(whole);
      if (++whole === this.nodes) break;
    }
    if (left > 0) {
      this.openNode(whole);
      this.p = this.off + HEADER_BYTES;
      this.index = 0;
      this.removeInNode(left);
    }
    this.dropNodes(i, whole);
  }

  /** Removes `count` entries of the open node, not all, from the found one on. */
  private removeInNode(count: number): void {
    this.p = this.ownOpen(this.p);
    const { u8, p } = this;
    if (this.index + count === this.nodeCount(this.node)) this.cutTail(p, count);
    else {
      const to = edit.rangeEnd(u8, p, count);
      if (this.index === 0) this.cutHead(to, count);
      else this.openGap(p, to, count, 0, 0);
    }
    this.trim(listpack.bytes(this.u8, this.off));
  }

  /** Removes elements equal to `needle`: at most `most` from the head, or from the tail. Answers how many. */
  removeEqual(needle: Needle, most: number, fromHead: boolean): number {
    const { nodes } = this;
    const unpacked = this.unpackEqual(needle);
    let removed = 0;
    let emptied = false;
    for (let k = 0; k < nodes && removed < most; k++) {
      const i = fromHead ? k : nodes - 1 - k;
      this.openNode(i);
      const gone = this.removeEqualInNode(needle, most - removed, fromHead);
      removed += gone;
      if (gone > 0 && this.nodeCount(i) === 0) emptied = true;
    }
    if (emptied) this.dropEmptyNodes();
    if (unpacked) this.packInner(true);
    return removed;
  }

  /** Before anything is removed: removing from a packed node takes memory, which may run out. @throws ArenaFull (no element changed) */
  private unpackEqual(needle: Needle): boolean {
    let unpacked = false;
    for (let i = 0, { nodes } = this; i < nodes; i++) {
      if (this.nodeStart(i) >= 0) continue;
      this.openNode(i);
      if (this.matchesInNode(needle) === 0) continue;
      this.ownOpen(0);
      unpacked = true;
    }
    return unpacked;
  }

  /** Makes sure that a range can end or begin at element `index` without memory. @throws ArenaFull (no element changed) */
  prepareCut(index: number): void {
    if ((this.encoding === LIST_SINGLE && this.aside >= 0) || index <= 0 || index >= this.length) return;
    this.seek(index);
    if (this.index > 0 && this.nodeStart(this.node) < 0) this.ownOpen(this.p);
  }

  private matchesInNode(needle: Needle): number {
    const { u8, off } = this;
    let matches = 0;
    for (let p = off + HEADER_BYTES; u8[p] !== END; p = listpack.after(u8, p)) if (needle.is(u8, p)) matches++;
    return matches;
  }

  /** One pass: entries that stay slide down over those that go. */
  private removeEqualInNode(needle: Needle, most: number, fromHead: boolean): number {
    const matches = this.matchesInNode(needle);
    if (matches === 0) return 0;
    this.ownOpen(0);
    const { u8, off } = this;
    const removing = Math.min(matches, most);
    let skip = fromHead ? 0 : matches - removing;
    let left = removing;
    let to = off + HEADER_BYTES;
    let keptFrom = to;
    let p = to;
    while (left > 0) {
      const next = listpack.after(u8, p);
      if (needle.is(u8, p) && skip-- <= 0) {
        left--;
        if (to !== keptFrom) copyBytes(u8, keptFrom, u8, to, p - keptFrom);
        to += p - keptFrom;
        keptFrom = next;
      }
      p = next;
    }
    const rest = listpack.end(u8, off) + 1 - keptFrom;
    copyBytes(u8, keptFrom, u8, to, rest);
    const count = listpack.headerCount(u8, off);
    edit.writeHeader(u8, off, to + rest - off, count === listpack.COUNT_UNKNOWN ? count : count - removing);
    this.setNode(this.node, this.block, off - this.base, -removing);
    this.trim(to + rest - off);
    return removing;
  }

  /** Shows each node's listpack in order: what RDB saves. `visit` must change nothing. */
  eachNode(visit: (u8: Buffer, off: number, size: number) => void): void {
    for (let i = 0, { nodes } = this; i < nodes; i++) {
      this.openNode(i);
      visit(this.u8, this.off, listpack.bytes(this.u8, this.off));
    }
  }

  /** A copy of the loaded list for `shard`, left in `into` (which loads it). @throws ArenaFull */
  copyTo(into: Quicklist, shard: number): void {
    this.openNode(0);
    into.startNode(shard, this.u8, this.off);
    try {
      for (let i = 1, { nodes } = this; i < nodes; i++) {
        this.openNode(i);
        into.appendNode(this.u8, this.off);
      }
    } catch (full) {
      into.dispose();
      throw full;
    }
  }
}

/** Block size for a node of `bytes` that will grow: a quarter more, but not more than a node of the usual limit takes. */
function withSlack(bytes: number): number {
  if (bytes <= SLACK_FROM_BYTES || bytes > NODE_BYTES_USUAL) return bytes;
  const wanted = bytes + (bytes >> 2);
  return wanted < NODE_BYTES_USUAL ? wanted : NODE_BYTES_USUAL;
}

export { LIST_CHAIN, LIST_SINGLE };
