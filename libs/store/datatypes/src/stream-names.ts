/**
 * Blocks with a name, listed in the order of their names: a stream's consumer groups, and a group's consumers.
 *
 *   list    [ count | address | address | … ]          0: none
 *   block   [ name length | … | name ]                 `nameAt` words before the name
 *
 * Names compare byte by byte, a prefix first, as Redis lists them. They are found by bisection; a stream has few groups and
 * a group rarely more than some thousand consumers, so a new one may move those behind it.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { compareBytes, copyBytes } from './bytes';

const ADDRESSES = 1;
const FEW = 3;

export class StreamNames {
  private readonly arena: Arena;
  private readonly nameAt: number;
  /** Where the last `find` found it or would put it. */
  index = 0;

  constructor(arena: Arena, nameAt: number) {
    this.arena = arena;
    this.nameAt = nameAt;
  }

  count(list: number): number {
    return list === 0 ? 0 : this.arena.i32[list >>> SEGMENT_SHIFT]![(list & SEGMENT_UNIT_MASK) << 1]!;
  }

  at(list: number, index: number): number {
    return this.arena.i32[list >>> SEGMENT_SHIFT]![((list & SEGMENT_UNIT_MASK) << 1) + ADDRESSES + index]!;
  }

  /** The block of that name, or 0; `index` is its place either way. */
  find(list: number, bytes: Uint8Array, off: number, length: number): number {
    let low = 0;
    let high = this.count(list);
    while (low < high) {
      const middle = (low + high) >> 1;
      const address = this.at(list, middle);
      const order = compareBytes(this.u8(address), this.nameOffset(address), this.nameLength(address), bytes, off, length);
      if (order === 0) {
        this.index = middle;
        return address;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.index = low;
    return 0;
  }

  /** Makes the block of a name that `find` did not find, zeros before the name. It is in no list yet. @throws ArenaFull */
  create(shard: number, bytes: Uint8Array, off: number, length: number): number {
    const { arena, nameAt } = this;
    const address = arena.alloc(shard, nameAt * 4 + length);
    const i32 = arena.i32[address >>> SEGMENT_SHIFT]!;
    const w = (address & SEGMENT_UNIT_MASK) << 1;
    i32.fill(0, w, w + nameAt);
    i32[w] = length;
    copyBytes(bytes, off, this.u8(address), this.nameOffset(address), length);
    return address;
  }

  /** Lists a block at `index`; answers the list, which may have moved. @throws ArenaFull (nothing changed) */
  insert(list: number, shard: number, index: number, address: number): number {
    const { arena } = this;
    const count = this.count(list);
    let target = list;
    if (list === 0 || (count + 1 + ADDRESSES) * 4 > arena.capacity(list)) {
      target = arena.alloc(shard, (ADDRESSES + (list === 0 ? FEW : count * 2)) * 4);
      const to = arena.i32[target >>> SEGMENT_SHIFT]!;
      const t = (target & SEGMENT_UNIT_MASK) << 1;
      if (list !== 0) {
        const from = (list & SEGMENT_UNIT_MASK) << 1;
        to.set(arena.i32[list >>> SEGMENT_SHIFT]!.subarray(from, from + ADDRESSES + count), t);
        arena.free(list);
      }
    }
    const i32 = arena.i32[target >>> SEGMENT_SHIFT]!;
    const w = (target & SEGMENT_UNIT_MASK) << 1;
    const place = w + ADDRESSES + index;
    i32.copyWithin(place + 1, place, w + ADDRESSES + count);
    i32[place] = address;
    i32[w] = count + 1;
    return target;
  }

  /** Takes the block at `index` out; it stays allocated. Answers the list. */
  remove(list: number, index: number): number {
    const { arena } = this;
    const left = this.count(list) - 1;
    if (left === 0) {
      arena.free(list);
      return 0;
    }
    const i32 = arena.i32[list >>> SEGMENT_SHIFT]!;
    const w = (list & SEGMENT_UNIT_MASK) << 1;
    const place = w + ADDRESSES + index;
    i32.copyWithin(place, place + 1, w + ADDRESSES + left + 1);
    i32[w] = left;
    return list;
  }

  u8(address: number): Buffer {
    return this.arena.u8[address >>> SEGMENT_SHIFT]!;
  }

  nameOffset(address: number): number {
    return ((address & SEGMENT_UNIT_MASK) << 3) + this.nameAt * 4;
  }

  nameLength(address: number): number {
    return this.arena.i32[address >>> SEGMENT_SHIFT]![(address & SEGMENT_UNIT_MASK) << 1]!;
  }
}
