/**
 * A small collection is one blob (listpack, intset) in one block: here is how the block follows the blob's size.
 *
 * An edit is three steps: `roomFor` the new size (the same block, or another), the codec's edit from block to
 * block, `moved` to drop the old one. So running out of memory changes nothing.
 */
import type { Arena } from '@larder/store-memory';
import { ArenaFull, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { copyBytes } from '@larder/store-datatypes';

const SLACK_FROM_BYTES = 1 << 16;
const TRIM_FROM_BYTES = 64;

/** The bytes a blob's offsets count in. */
export function blobBytes(arena: Arena, address: number): Buffer {
  return arena.u8[address >>> SEGMENT_SHIFT]!;
}

export function blobOffset(address: number): number {
  return (address & SEGMENT_UNIT_MASK) << 3;
}

/** A block for `bytes`: `address` itself when it has the room. Blocks of whole pages get slack, others have their class'. @throws ArenaFull */
export function roomFor(arena: Arena, shard: number, address: number, bytes: number): number {
  if (bytes <= arena.capacity(address)) return address;
  return arena.alloc(shard, bytes > SLACK_FROM_BYTES ? bytes + (bytes >> 2) : bytes);
}

/** The blob now lives at `to`. */
export function moved(arena: Arena, from: number, to: number): number {
  if (from !== to) arena.free(from);
  return to;
}

/** After a blob shrank to `bytes`: another block when it fills less than half of its own. Answers where it lies now. */
export function trim(arena: Arena, shard: number, address: number, bytes: number): number {
  const capacity = arena.capacity(address);
  if (capacity <= TRIM_FROM_BYTES || bytes * 2 >= capacity) return address;
  try {
    return moved(arena, address, copyBlob(arena, shard, address, bytes));
  } catch (full) {
    if (!(full instanceof ArenaFull)) throw full;
    return address;
  }
}

/** A copy of a blob of `bytes`. @throws ArenaFull */
export function copyBlob(arena: Arena, shard: number, address: number, bytes: number): number {
  const to = arena.alloc(shard, bytes);
  copyBytes(blobBytes(arena, address), blobOffset(address), blobBytes(arena, to), blobOffset(to), bytes);
  return to;
}
