/**
 * Where the nodes of a list are. A node is one listpack somewhere in a block of the arena:
 *
 *   block   | free ..... | listpack ............ | free .... |     so that both ends grow and shrink without moving the rest
 *           0            start                               capacity
 *
 *   encoding 0  single   one node:    BODY = block, aside = start
 *   encoding 1  chain    a directory: BODY = its block, aside unused
 *
 *   directory   | first | nodes | elements | deferred | slot | slot | … |      slot = block, start, elements, origin; used are
 *                                                        first ↑               `nodes` slots from `first` on, so that both ends grow
 *
 * A directory instead of links between nodes: a node needs no header (so 8 KiB of Redis' limit fill an 8 KiB block), a far index
 * is found by adding up counts that lie side by side, and one node becomes many and back without being copied.
 *
 * A node whose start is negative is packed (packed-node.ts).
 *
 * While a snapshot saves the list node by node, `deferred` is the address of its Deferred, and a slot's origin is where its node
 * stands in the directory of the cut, counted from 1 (0: the node is newer). A block that is not saved yet is not changed (`own`)
 * and not freed (`letGo`).
 *
 * Invariants: a chain has two nodes or more; none of them is empty; a slot's count is that of its listpack, `elements`
 * their sum. A single node may be empty only until its key is removed.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { Deferred, DONE, LOST, OWNED, SHARED } from './deferred';
import * as listpack from './listpack';
import { packedElements } from './packed-node';

export const LIST_SINGLE = 0;
export const LIST_CHAIN = 1;

const FIRST = 0;
const NODES = 1;
const ELEMENTS = 2;
const DEFERRED = 3;
const HEAD_WORDS = 4;
const SLOT_WORDS = 4;
const ORIGIN = 3;
/** Of the directory of the cut: block, start, state. */
export const CUT_NODE_WORDS = 3;
const SLOTS_AT_START = 4;

/** One list at a time: `load` points it there. Whoever changes it puts encoding, body and aside back into the record. */
export class ListChain {
  readonly arena: Arena;
  shard = 0;
  encoding = LIST_SINGLE;
  body = 0;
  aside = 0;
  /** Words of the directory's segment, and where in them it starts. */
  private words: Int32Array;
  private at = 0;
  /** Bytes copied because a snapshot had not saved them yet. */
  keptBytes = 0;
  private readonly holder: Deferred;

  constructor(arena: Arena) {
    this.arena = arena;
    this.words = arena.i32[0]!;
    this.holder = new Deferred(arena);
  }

  load(encoding: number, body: number, aside: number, shard: number): void {
    this.encoding = encoding;
    this.body = body;
    this.aside = aside;
    this.shard = shard;
    if (encoding === LIST_CHAIN) this.openDirectory();
  }

  private openDirectory(): void {
    this.words = this.arena.i32[this.body >>> SEGMENT_SHIFT]!;
    this.at = (this.body & SEGMENT_UNIT_MASK) << 1;
  }

  get nodes(): number {
    return this.encoding === LIST_SINGLE ? 1 : this.words[this.at + NODES]!;
  }

  get length(): number {
    if (this.encoding === LIST_CHAIN) return this.words[this.at + ELEMENTS]! >>> 0;
    if (this.aside < 0) return packedElements(this.arena, this.body);
    return listpack.count(this.arena.u8[this.body >>> SEGMENT_SHIFT]!, ((this.body & SEGMENT_UNIT_MASK) << 3) + this.aside);
  }

  nodeBlock(i: number): number {
    return this.encoding === LIST_SINGLE ? this.body : this.words[this.slot(i)]!;
  }

  nodeStart(i: number): number {
    return this.encoding === LIST_SINGLE ? this.aside : this.words[this.slot(i) + 1]!;
  }

  nodeCount(i: number): number {
    return this.encoding === LIST_SINGLE ? this.length : this.words[this.slot(i) + 2]!;
  }

  /** Node `i` lies there now and has `added` elements more. */
  setNode(i: number, block: number, start: number, added: number): void {
    if (this.encoding === LIST_SINGLE) {
      this.body = block;
      this.aside = start;
      return;
    }
    const { words } = this;
    const slot = this.slot(i);
    words[slot] = block;
    words[slot + 1] = start;
    words[slot + 2]! += added;
    words[this.at + ELEMENTS]! += added;
  }

  private slot(i: number): number {
    return this.at + HEAD_WORDS + (this.words[this.at + FIRST]! + i) * SLOT_WORDS;
  }

  /** Makes sure that `insertNode(i)` will find room. @throws ArenaFull (nothing changed) */
  reserveNode(i: number): void {
    if (this.encoding === LIST_SINGLE) return this.promote();
    const { words, at } = this;
    const first = words[at + FIRST]!;
    const nodes = words[at + NODES]!;
    const slots = this.slots();
    if (this.shiftsHead(i) ? first > 0 : first + nodes < slots) return;
    const need = nodes + 1;
    if (slots - nodes > need >> 2) {
      this.moveSlots((slots - nodes) >> 1);
      return;
    }
    const body = this.arena.alloc(this.shard, (HEAD_WORDS + need * 2 * SLOT_WORDS) * 4);
    const to = this.arena.i32[body >>> SEGMENT_SHIFT]!;
    const toAt = (body & SEGMENT_UNIT_MASK) << 1;
    const middle = nodes >> 1 || 1;
    to[toAt + FIRST] = middle;
    to[toAt + NODES] = nodes;
    to[toAt + ELEMENTS] = words[at + ELEMENTS]!;
    to[toAt + DEFERRED] = words[at + DEFERRED]!;
    if (words[at + DEFERRED] !== 0) this.holder.at(words[at + DEFERRED]!).body = body;
    const from = this.slot(0);
    to.set(words.subarray(from, from + nodes * SLOT_WORDS), toAt + HEAD_WORDS + middle * SLOT_WORDS);
    this.arena.free(this.body);
    this.body = body;
    this.openDirectory();
  }

  private slots(): number {
    return Math.floor(((this.arena.capacity(this.body) >> 2) - HEAD_WORDS) / SLOT_WORDS);
  }

  /** A slot before node `i` opens by moving those in front of it (or those behind it): whichever are fewer. */
  private shiftsHead(i: number): boolean {
    return i * 2 < this.words[this.at + NODES]!;
  }

  private moveSlots(first: number): void {
    const { words, at } = this;
    const from = this.slot(0);
    words.copyWithin(at + HEAD_WORDS + first * SLOT_WORDS, from, from + words[at + NODES]! * SLOT_WORDS);
    words[at + FIRST] = first;
  }

  /** One node gets a directory, in which it stands in the middle. */
  private promote(): void {
    const count = this.length;
    const body = this.arena.alloc(this.shard, (HEAD_WORDS + SLOTS_AT_START * SLOT_WORDS) * 4);
    const { body: block, aside: start } = this;
    this.load(LIST_CHAIN, body, 0, this.shard);
    const { words, at } = this;
    words[at + FIRST] = 1;
    words[at + NODES] = 1;
    words[at + ELEMENTS] = count;
    words[at + DEFERRED] = 0;
    const slot = this.slot(0);
    words[slot] = block;
    words[slot + 1] = start;
    words[slot + 2] = count;
    words[slot + ORIGIN] = 0;
  }

  /** After `reserveNode(i)`: a node of `count` elements before what was node `i`. */
  insertNode(i: number, block: number, start: number, count: number): void {
    const { words, at } = this;
    const nodes = words[at + NODES]!;
    if (this.shiftsHead(i)) {
      const from = this.slot(0);
      if (i > 0) words.copyWithin(from - SLOT_WORDS, from, from + i * SLOT_WORDS);
      words[at + FIRST]!--;
    } else if (i < nodes) {
      const from = this.slot(i);
      words.copyWithin(from + SLOT_WORDS, from, this.slot(nodes));
    }
    words[at + NODES] = nodes + 1;
    words[at + ELEMENTS]! += count;
    const slot = this.slot(i);
    words[slot] = block;
    words[slot + 1] = start;
    words[slot + 2] = count;
    words[slot + ORIGIN] = 0;
  }

  /** A reserved node did not come: back to a single one if that is what it was. */
  cancelReserve(): void {
    if (this.encoding === LIST_CHAIN && this.words[this.at + NODES] === 1) this.demote();
  }

  /** Frees nodes [from, to) with what they hold. If those are all, the last stays, emptied. */
  dropNodes(from: number, to: number): void {
    const { words, at } = this;
    if (from >= to || this.encoding === LIST_SINGLE) {
      if (from < to) this.emptySingle();
      return;
    }
    const nodes = words[at + NODES]!;
    const isAll = to - from === nodes;
    if (isAll) from++;
    let gone = 0;
    for (let i = from; i < to; i++) {
      const slot = this.slot(i);
      gone += words[slot + 2]!;
      this.letGo(slot);
    }
    const dropped = to - from;
    if (from < nodes - to) {
      if (from > 0) {
        const first = this.slot(0);
        words.copyWithin(first + dropped * SLOT_WORDS, first, first + from * SLOT_WORDS);
      }
      words[at + FIRST]! += dropped;
    } else if (to < nodes) words.copyWithin(this.slot(from), this.slot(to), this.slot(nodes));
    words[at + NODES] = nodes - dropped;
    words[at + ELEMENTS]! -= gone;
    if (nodes - dropped === 1) this.demote();
    if (isAll) this.emptySingle();
  }

  /** Frees all nodes without elements, in one go. At least one node stays. */
  dropEmptyNodes(): void {
    if (this.encoding === LIST_SINGLE) return;
    const { words, at } = this;
    const nodes = words[at + NODES]!;
    let kept = 0;
    for (let i = 0; i < nodes; i++) {
      const slot = this.slot(i);
      if (words[slot + 2] === 0 && (kept > 0 || i < nodes - 1)) {
        this.letGo(slot);
        continue;
      }
      if (kept < i) words.copyWithin(this.slot(kept), slot, slot + SLOT_WORDS);
      kept++;
    }
    words[at + NODES] = kept;
    if (kept === 1) this.demote();
  }

  private demote(): void {
    const { body } = this;
    this.own(0);
    this.forgetHolder();
    const slot = this.slot(0);
    this.load(LIST_SINGLE, this.words[slot]!, this.words[slot + 1]!, this.shard);
    this.arena.free(body);
  }

  private emptySingle(): void {
    if (this.aside < 0) this.aside = 0;
    const u8 = this.arena.u8[this.body >>> SEGMENT_SHIFT]!;
    const off = ((this.body & SEGMENT_UNIT_MASK) << 3) + this.aside;
    u8.fill(0, off, off + listpack.HEADER_BYTES);
    u8[off] = listpack.EMPTY_BYTES;
    u8[off + listpack.HEADER_BYTES] = listpack.END;
  }

  /** Frees everything. */
  dispose(): void {
    if (this.encoding === LIST_SINGLE) return this.arena.free(this.body);
    for (let i = 0, { nodes } = this; i < nodes; i++) this.letGo(this.slot(i));
    this.forgetHolder();
    this.arena.free(this.body);
  }

  // ── While a snapshot saves the list ──────────────────────────────────────────────────────────────────────────────

  /** Address of the Deferred that saves this list, or 0. */
  get holderAddress(): number {
    return this.encoding === LIST_CHAIN ? this.words[this.at + DEFERRED]! : 0;
  }

  /** The nodes as they are now are to be saved by `deferred`, made for it. @throws ArenaFull (nothing changed) */
  defer(deferred: Deferred): void {
    const { nodes, words, at } = this;
    const kept = this.arena.alloc(deferred.shard, nodes * CUT_NODE_WORDS * 4);
    const cut = this.arena.i32[kept >>> SEGMENT_SHIFT]!;
    let c = (kept & SEGMENT_UNIT_MASK) << 1;
    for (let i = 0, slot = this.slot(0); i < nodes; i++, slot += SLOT_WORDS, c += CUT_NODE_WORDS) {
      cut[c] = words[slot]!;
      cut[c + 1] = words[slot + 1]!;
      cut[c + 2] = SHARED;
      words[slot + ORIGIN] = i + 1;
    }
    words[at + DEFERRED] = deferred.address;
    deferred.body = this.body;
    deferred.kept = kept;
    deferred.count = nodes;
  }

  /** All is saved: the list whose directory is at `body` owes nothing any more. */
  static undefer(arena: Arena, body: number): void {
    arena.i32[body >>> SEGMENT_SHIFT]![((body & SEGMENT_UNIT_MASK) << 1) + DEFERRED] = 0;
  }

  private forgetHolder(): void {
    const { words, at } = this;
    if (words[at + DEFERRED] !== 0) this.holder.at(words[at + DEFERRED]!).body = 0;
    words[at + DEFERRED] = 0;
  }

  /** Word of the directory of the cut where the state of the node in `slot` is, or −1 when it is newer or saved. */
  private unsavedState(slot: number): number {
    const { words, at, holder } = this;
    const origin = words[slot + ORIGIN]!;
    if (words[at + DEFERRED] === 0 || origin === 0) return -1;
    const { kept } = holder.at(words[at + DEFERRED]!);
    const state = ((kept & SEGMENT_UNIT_MASK) << 1) + (origin - 1) * CUT_NODE_WORDS + 2;
    return this.arena.i32[kept >>> SEGMENT_SHIFT]![state] === DONE ? -1 : state;
  }

  private handOver(state: number): void {
    this.arena.i32[this.holder.kept >>> SEGMENT_SHIFT]![state] = OWNED;
  }

  /** The list needs the block in `slot` no more. */
  protected letGo(slot: number): void {
    const state = this.unsavedState(slot);
    if (state >= 0) this.handOver(state);
    else this.arena.free(this.words[slot]!);
  }

  /** As `letGo` for the block of node `i`, which gets another one. */
  protected freeNodeBlock(i: number): void {
    if (this.encoding === LIST_SINGLE) return this.arena.free(this.body);
    this.letGo(this.slot(i));
    this.words[this.slot(i) + ORIGIN] = 0;
  }

  /** Before the bytes of node `i` change: if they are not saved yet, the list goes on with a copy. True when the node moved. */
  protected own(i: number): boolean {
    if (this.holderAddress === 0) return false;
    const { words, arena } = this;
    const slot = this.slot(i);
    const state = this.unsavedState(slot);
    words[slot + ORIGIN] = 0;
    if (state < 0) return false;
    const block = words[slot]!;
    const capacity = arena.capacity(block);
    let copy: number;
    try {
      copy = arena.alloc(this.shard, capacity);
    } catch {
      this.holder.set(LOST);
      // The block is the list's alone now: the snapshot, which is lost, must not read it.
      arena.i32[this.holder.kept >>> SEGMENT_SHIFT]![state] = DONE;
      return false;
    }
    const from = (block & SEGMENT_UNIT_MASK) << 3;
    const to = (copy & SEGMENT_UNIT_MASK) << 3;
    arena.u8[block >>> SEGMENT_SHIFT]!.copy(arena.u8[copy >>> SEGMENT_SHIFT]!, to, from, from + capacity);
    this.keptBytes += capacity;
    words[slot] = copy;
    this.handOver(state);
    return true;
  }

  /** Bytes in blocks. */
  bytes(): number {
    let sum = this.encoding === LIST_CHAIN ? this.arena.capacity(this.body) : 0;
    for (let i = 0, { nodes } = this; i < nodes; i++) sum += this.arena.capacity(this.nodeBlock(i));
    return sum;
  }
}
