/**
 * What a stream is made of, in one block of the arena (BODY of its record), and the listpacks it points to:
 *
 *   | first | nodes | length f64 | entries added i64 | last id | first id | greatest deleted id | groups | – | slot | slot | … |
 *
 *   slot = block of the listpack, master id (4 words); used are `nodes` slots from `first` on, in the order of their ids
 *
 * Entries come at the tail and mostly go at the head, so both cost nothing but the slot; the node of an id is found by
 * bisection. An id in here is four words: ms high, ms low, sequence high, sequence low.
 *
 * Invariants: master ids ascend; `length` is the sum of the nodes' live entries; `first id` is that of the first live
 * entry, 0-0 when there is none. `groups` is 0: consumer groups are not built.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import type { StreamId } from './stream-id';

const FIRST = 0;
const NODES = 1;
const LENGTH_F64 = 1;
const ADDED = 4;
export const LAST_ID = 6;
export const FIRST_ID = 10;
export const MAX_DELETED_ID = 14;
const GROUPS = 18;
const HEAD_WORDS = 20;
const SLOT_WORDS = 5;

export class StreamNodes {
  readonly arena: Arena;
  shard = 0;
  body = 0;
  private words: Int32Array;
  private at = 0;

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = arena.i32[0]!;
  }

  load(body: number, shard: number): void {
    this.body = body;
    this.shard = shard;
    this.words = this.arena.i32[body >>> SEGMENT_SHIFT]!;
    this.at = (body & SEGMENT_UNIT_MASK) << 1;
  }

  /** A stream without entries. @throws ArenaFull */
  create(shard: number): void {
    this.load(this.arena.alloc(shard, (HEAD_WORDS + SLOT_WORDS) * 4), shard);
    this.words.fill(0, this.at, this.at + HEAD_WORDS);
  }

  get nodes(): number {
    return this.words[this.at + NODES]!;
  }

  /** Entries that are not deleted. */
  get length(): number {
    return this.arena.f64[this.body >>> SEGMENT_SHIFT]![(this.at >> 1) + LENGTH_F64]!;
  }

  set length(n: number) {
    this.arena.f64[this.body >>> SEGMENT_SHIFT]![(this.at >> 1) + LENGTH_F64] = n;
  }

  get addedHi(): number {
    return this.words[this.at + ADDED]!;
  }

  get addedLo(): number {
    return this.words[this.at + ADDED + 1]!;
  }

  setAdded(hi: number, lo: number): void {
    this.words[this.at + ADDED] = hi;
    this.words[this.at + ADDED + 1] = lo;
  }

  /** One more was ever added. */
  countAdded(): void {
    const { words } = this;
    const at = this.at + ADDED;
    const lo = (words[at + 1]! + 1) | 0;
    words[at + 1] = lo;
    if (lo === 0) words[at]!++;
  }

  /** LAST_ID, FIRST_ID or MAX_DELETED_ID. */
  readId(which: number, out: StreamId): StreamId {
    const { words } = this;
    const at = this.at + which;
    return out.set(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
  }

  writeId(which: number, id: StreamId): void {
    const { words } = this;
    const at = this.at + which;
    words[at] = id.msHi;
    words[at + 1] = id.msLo;
    words[at + 2] = id.seqHi;
    words[at + 3] = id.seqLo;
  }

  private slot(i: number): number {
    return this.at + HEAD_WORDS + (this.words[this.at + FIRST]! + i) * SLOT_WORDS;
  }

  block(i: number): number {
    return this.words[this.slot(i)]!;
  }

  setBlock(i: number, block: number): void {
    this.words[this.slot(i)] = block;
  }

  masterId(i: number, out: StreamId): StreamId {
    const { words } = this;
    const at = this.slot(i) + 1;
    return out.set(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
  }

  /** Room for one more slot at the tail: moves the block, so that the record's BODY must be set again. @throws ArenaFull (nothing changed) */
  reserve(): void {
    const { words, at, arena } = this;
    const first = words[at + FIRST]!;
    const nodes = words[at + NODES]!;
    const slots = Math.floor(((arena.capacity(this.body) >> 2) - HEAD_WORDS) / SLOT_WORDS);
    if (first + nodes < slots) return;
    if (first > nodes >> 1) {
      words.copyWithin(at + HEAD_WORDS, this.slot(0), this.slot(nodes));
      words[at + FIRST] = 0;
      return;
    }
    const body = arena.alloc(this.shard, (HEAD_WORDS + (nodes < 4 ? nodes + 2 : nodes * 2) * SLOT_WORDS) * 4);
    const to = arena.i32[body >>> SEGMENT_SHIFT]!;
    const toAt = (body & SEGMENT_UNIT_MASK) << 1;
    to.set(words.subarray(at, at + HEAD_WORDS), toAt);
    to.set(words.subarray(this.slot(0), this.slot(nodes)), toAt + HEAD_WORDS);
    to[toAt + FIRST] = 0;
    arena.free(this.body);
    this.load(body, this.shard);
  }

  /** After `reserve`. */
  appendSlot(block: number, id: StreamId): void {
    const { words, at } = this;
    const slot = this.slot(words[at + NODES]!);
    words[at + NODES]!++;
    words[slot] = block;
    words[slot + 1] = id.msHi;
    words[slot + 2] = id.msLo;
    words[slot + 3] = id.seqHi;
    words[slot + 4] = id.seqLo;
  }

  /** Frees nodes [from, to). */
  dropNodes(from: number, to: number): void {
    if (from >= to) return;
    const { words, at } = this;
    const nodes = words[at + NODES]!;
    for (let i = from; i < to; i++) this.arena.free(this.block(i));
    const dropped = to - from;
    if (from < nodes - to) {
      if (from > 0) {
        const first = this.slot(0);
        words.copyWithin(first + dropped * SLOT_WORDS, first, first + from * SLOT_WORDS);
      }
      words[at + FIRST]! += dropped;
    } else if (to < nodes) words.copyWithin(this.slot(from), this.slot(to), this.slot(nodes));
    words[at + NODES] = nodes - dropped;
    if (nodes === dropped) words[at + FIRST] = 0;
  }

  /** The last node whose master id is not behind `id`, or −1. */
  nodeOf(id: StreamId): number {
    const { words } = this;
    let low = 0;
    let high = this.nodes;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.slot(middle) + 1;
      const isBehind =
        compareWords(words[at]!, id.msHi) || compareWords(words[at + 1]!, id.msLo) || compareWords(words[at + 2]!, id.seqHi) || compareWords(words[at + 3]!, id.seqLo);
      if (isBehind > 0) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** Frees everything. */
  dispose(): void {
    for (let i = 0, { nodes } = this; i < nodes; i++) this.arena.free(this.block(i));
    this.arena.free(this.body);
  }

  /** Bytes in blocks. */
  bytes(): number {
    let sum = this.arena.capacity(this.body);
    for (let i = 0, { nodes } = this; i < nodes; i++) sum += this.arena.capacity(this.block(i));
    return sum;
  }

  /** Of the stream that holds it, all but the nodes. */
  copyHead(from: StreamNodes): void {
    const { words, at } = this;
    words.set(from.words.subarray(from.at + 2, from.at + HEAD_WORDS), at + 2);
    words[at + GROUPS] = 0;
  }
}

function compareWords(a: number, b: number): number {
  if (a === b) return 0;
  return a >>> 0 < b >>> 0 ? -1 : 1;
}
