/**
 * A node of a list that lies compressed (`list-compress-depth`): a block of its own instead of a listpack's.
 *
 *   block   | packed bytes u32 | elements u32 | LZF ……… |        its start in the directory is −(bytes of the listpack)
 *
 * It is read through a copy and unpacked before it is changed. Like Redis, a node is left as it is when it is short or when
 * compression gains next to nothing.
 */
import type { Arena } from '@larder/store-memory';
import { ArenaFull, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { copyBytes } from './bytes';
import { lzfCompress, lzfDecompress } from './lzf';

const HEAD_BYTES = 8;
const NODE_BYTES_MIN = 48;
const GAIN_BYTES_MIN = 8;

let work = Buffer.alloc(0);

/** A block with the compressed form of the listpack of `size` bytes; 0 when it is not worth it or there is no room. */
export function packNode(arena: Arena, shard: number, u8: Uint8Array, off: number, size: number, elements: number): number {
  if (size < NODE_BYTES_MIN) return 0;
  if (work.length < size) work = Buffer.allocUnsafeSlow(Math.max(size, 1 << 14));
  const packed = lzfCompress(u8, off, size, work, 0, size - GAIN_BYTES_MIN - 1);
  if (packed === 0) return 0;
  let block: number;
  try {
    block = arena.alloc(shard, HEAD_BYTES + packed);
  } catch (full) {
    if (!(full instanceof ArenaFull)) throw full;
    return 0;
  }
  const words = arena.i32[block >>> SEGMENT_SHIFT]!;
  const at = (block & SEGMENT_UNIT_MASK) << 1;
  words[at] = packed;
  words[at + 1] = elements;
  copyBytes(work, 0, arena.u8[block >>> SEGMENT_SHIFT]!, (at << 2) + HEAD_BYTES, packed);
  return block;
}

/** The listpack of `size` bytes, into `out` from its start. */
export function unpackNode(arena: Arena, block: number, size: number, out: Buffer): void {
  const at = (block & SEGMENT_UNIT_MASK) << 1;
  const packed = arena.i32[block >>> SEGMENT_SHIFT]![at]!;
  if (!lzfDecompress(arena.u8[block >>> SEGMENT_SHIFT]!, (at << 2) + HEAD_BYTES, packed, out, 0, size)) throw new Error('list: a packed node is damaged');
}

export function packedElements(arena: Arena, block: number): number {
  return arena.i32[block >>> SEGMENT_SHIFT]![((block & SEGMENT_UNIT_MASK) << 1) + 1]!;
}
