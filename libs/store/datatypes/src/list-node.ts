/**
 * How much one node of a long list may hold: the arithmetic of `list-max-listpack-size`, so that lists break into the
 * same nodes here and in Redis and dump to the same bytes.
 *
 *   limit < 0   by size: −1 … −5 = 4, 8, 16, 32, 64 KiB
 *   limit ≥ 0   by count, yet never over 8 KiB with more than one entry
 */
import { EMPTY_BYTES } from './listpack';

const SAFE_BYTES_MAX = 8192;
/** What an entry is taken to need beside its text. */
const ENTRY_OVERHEAD_BYTES = 8;
/** An element this long gets a plain node of its own (DEBUG QUICKLIST-PACKED-THRESHOLD changes it). */
export const PLAIN_BYTES_MIN = 1 << 30;

/** May the node (its listpack's size and count) take one more element of `elementBytes`? */
export function listNodeTakes(nodeBytes: number, nodeCount: number, elementBytes: number, limit: number): boolean {
  return fits(nodeBytes + elementBytes + ENTRY_OVERHEAD_BYTES, nodeCount + 1, limit);
}

/** May two neighbours become one node? */
export function listNodesMerge(
  aBytes: number,
  aCount: number,
  bBytes: number,
  bCount: number,
  limit: number,
): boolean {
  return fits(aBytes + bBytes - EMPTY_BYTES, aCount + bCount, limit);
}

function fits(bytes: number, count: number, limit: number): boolean {
  if (limit < 0) return bytes <= bytesMax(limit);
  return bytes <= SAFE_BYTES_MAX && count <= limit;
}

function bytesMax(limit: number): number {
  return 2048 << (limit < -5 ? 5 : -limit);
}
