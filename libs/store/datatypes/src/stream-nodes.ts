/**
 * What a stream is made of, in one block of the arena (BODY of its record), and the listpacks it points to:
 *
 *   | first | nodes | length f64 | entries added i64 | last id | first id | greatest deleted id | groups | deferred | slot | slot | … |
 *
 *   slot = block of the listpack, master id (4 words), origin; used are `nodes` slots from `first` on, in the order of their ids
 *
 * Entries come at the tail and mostly go at the head, so both cost nothing but the slot; the node of an id is found by
 * bisection. An id in here is four words: ms high, ms low, sequence high, sequence low.
 *
 * While a snapshot saves the stream node by node, `deferred` is the address of its Deferred, and a slot's origin is where its node
 * stands in the directory of the cut, counted from 1 (0: the node is newer). A block that is not saved yet is not changed (`own`)
 * and not freed (`letGo`).
 *
 * Invariants: master ids ascend; `length` is the sum of the nodes' live entries; `first id` is that of the first live
 * entry, 0-0 when there is none. `groups` is the list of consumer groups (stream-groups.ts), 0 when there are none.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { Deferred, DONE, LOST, OWNED, SHARED } from './deferred';
import type { StreamId } from './stream-id';

const FIRST = 0;
const NODES = 1;
const LENGTH_F64 = 1;
const ADDED = 4;
export const LAST_ID = 6;
export const FIRST_ID = 10;
export const MAX_DELETED_ID = 14;
const GROUPS = 18;
const DEFERRED = 19;
const HEAD_WORDS = 20;
const SLOT_WORDS = 6;
const ORIGIN = 5;
/** Of the directory of the cut: block, master id, state. */
export const CUT_STREAM_NODE_WORDS = 6;
const STATE = 5;

export class StreamNodes {
  readonly arena: Arena;
  shard = 0;
  body = 0;
  private words: Int32Array;
  private at = 0;
  private readonly holder: Deferred;

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = arena.i32[0]!;
    this.holder = new Deferred(arena);
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

  get groupList(): number {
    return this.words[this.at + GROUPS]!;
  }

  set groupList(list: number) {
    this.words[this.at + GROUPS] = list;
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
    if (words[at + DEFERRED] !== 0) this.holder.at(words[at + DEFERRED]!).body = body;
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
    words[slot + ORIGIN] = 0;
  }

  /** Frees nodes [from, to). */
  dropNodes(from: number, to: number): void {
    if (from >= to) return;
    const { words, at } = this;
    const nodes = words[at + NODES]!;
    for (let i = from; i < to; i++) this.letGo(i);
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
    for (let i = 0, { nodes } = this; i < nodes; i++) this.letGo(i);
    const { words, at } = this;
    if (words[at + DEFERRED] !== 0) this.holder.at(words[at + DEFERRED]!).body = 0;
    this.arena.free(this.body);
  }

  // ── While a snapshot saves the stream ────────────────────────────────────────────────────────────────────────────

  /** Address of the Deferred that saves this stream, or 0. */
  get holderAddress(): number {
    return this.words[this.at + DEFERRED]!;
  }

  /** The Deferred that saves or frees this stream; there must be one. */
  get holderOfThis(): Deferred {
    return this.holder.at(this.holderAddress);
  }

  /** The nodes as they are now are to be saved by `deferred`, made for it. @throws ArenaFull (nothing changed) */
  defer(deferred: Deferred): void {
    const { nodes, words, at } = this;
    const kept = this.arena.alloc(deferred.shard, Math.max(1, nodes) * CUT_STREAM_NODE_WORDS * 4);
    const cut = this.arena.i32[kept >>> SEGMENT_SHIFT]!;
    let c = (kept & SEGMENT_UNIT_MASK) << 1;
    for (let i = 0, slot = this.slot(0); i < nodes; i++, slot += SLOT_WORDS, c += CUT_STREAM_NODE_WORDS) {
      for (let k = 0; k < STATE; k++) cut[c + k] = words[slot + k]!;
      cut[c + STATE] = SHARED;
      words[slot + ORIGIN] = i + 1;
    }
    words[at + DEFERRED] = deferred.address;
    deferred.body = this.body;
    deferred.kept = kept;
    deferred.count = nodes;
  }

  /** All is saved: the stream whose head is at `body` owes nothing any more. */
  static undefer(arena: Arena, body: number): void {
    arena.i32[body >>> SEGMENT_SHIFT]![((body & SEGMENT_UNIT_MASK) << 1) + DEFERRED] = 0;
  }

  /** Word of the directory of the cut where the state of node `i` is, or −1 when it is newer or saved. */
  private unsavedState(i: number): number {
    const { words, at, holder } = this;
    const origin = words[this.slot(i) + ORIGIN]!;
    if (words[at + DEFERRED] === 0 || origin === 0) return -1;
    const { kept } = holder.at(words[at + DEFERRED]!);
    const state = ((kept & SEGMENT_UNIT_MASK) << 1) + (origin - 1) * CUT_STREAM_NODE_WORDS + STATE;
    return this.arena.i32[kept >>> SEGMENT_SHIFT]![state] === DONE ? -1 : state;
  }

  /** The stream needs the block of node `i` no more. */
  protected letGo(i: number): void {
    const state = this.unsavedState(i);
    this.words[this.slot(i) + ORIGIN] = 0;
    if (state >= 0) this.arena.i32[this.holder.kept >>> SEGMENT_SHIFT]![state] = OWNED;
    else this.arena.free(this.block(i));
  }

  /** Before the bytes of node `i` change: if they are not saved yet, the stream goes on with a copy. True when the node moved. */
  protected own(i: number): boolean {
    const { words, arena } = this;
    if (words[this.at + DEFERRED] === 0) return false;
    const state = this.unsavedState(i);
    words[this.slot(i) + ORIGIN] = 0;
    if (state < 0) return false;
    const states = arena.i32[this.holder.kept >>> SEGMENT_SHIFT]!;
    const block = this.block(i);
    const capacity = arena.capacity(block);
    let copy: number;
    try {
      copy = arena.alloc(this.shard, capacity);
    } catch {
      this.holder.set(LOST);
      // The block is the stream's alone now: the snapshot, which is lost, must not read it.
      states[state] = DONE;
      return false;
    }
    const from = (block & SEGMENT_UNIT_MASK) << 3;
    const to = (copy & SEGMENT_UNIT_MASK) << 3;
    arena.u8[block >>> SEGMENT_SHIFT]!.copy(arena.u8[copy >>> SEGMENT_SHIFT]!, to, from, from + capacity);
    this.setBlock(i, copy);
    states[state] = OWNED;
    return true;
  }

  /** Bytes in blocks. */
  bytes(): number {
    let sum = this.arena.capacity(this.body);
    for (let i = 0, { nodes } = this; i < nodes; i++) sum += this.arena.capacity(this.block(i));
    return sum;
  }

  /** Of the stream that holds it, all but nodes and groups. */
  copyHead(from: StreamNodes): void {
    const { words, at } = this;
    words.set(from.words.subarray(from.at + 2, from.at + HEAD_WORDS), at + 2);
    words[at + GROUPS] = 0;
    words[at + DEFERRED] = 0;
  }
}

function compareWords(a: number, b: number): number {
  if (a === b) return 0;
  return a >>> 0 < b >>> 0 ? -1 : 1;
}
