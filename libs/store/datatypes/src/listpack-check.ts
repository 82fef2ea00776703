/**
 * Listpack, checking of foreign bytes (RDB files, RESTORE). Nothing here trusts a length before it has been compared
 * with what is left of the block; after a deep pass the reading functions cannot leave the block.
 */
import { backLengthBytes, bytes, COUNT_UNKNOWN, END, EMPTY_BYTES, HEADER_BYTES, headerCount } from './listpack';

/**
 * Is u8[off, off+size) a listpack? Shallow: header and end byte. Deep: every entry, its back length, and the count.
 * The range itself must lie in `u8`.
 */
export function isListpack(u8: Uint8Array, off: number, size: number, deep: boolean): boolean {
  if (size < EMPTY_BYTES || off + size > u8.length) return false;
  const stop = off + size - 1;
  if (bytes(u8, off) !== size || u8[stop] !== END) return false;
  if (!deep) return true;
  let entries = 0;
  let p = off + HEADER_BYTES;
  while (p !== stop) {
    const size = checkedEntryBytes(u8, p, stop);
    if (size === 0) return false;
    const width = backLengthBytes(size);
    if (p + size + width > stop || !hasBackLength(u8, p + size, width, size)) return false;
    p += size + width;
    entries++;
  }
  const known = headerCount(u8, off);
  return known === COUNT_UNKNOWN || known === entries;
}

/** Head and payload of the entry at `p`, or 0 when the head is none or the bytes that tell the size are missing. */
function checkedEntryBytes(u8: Uint8Array, p: number, stop: number): number {
  const head = u8[p]!;
  if (head < 0x80) return 1;
  if (head < 0xc0) return 1 + (head & 0x3f);
  if (head < 0xe0) return 2;
  if (head < 0xf0) return p + 1 < stop ? 2 + (((head & 0x0f) << 8) | u8[p + 1]!) : 0;
  if (head === 0xf0) return p + 4 < stop ? 5 + bytes(u8, p + 1) : 0;
  if (head <= 0xf3) return head - 0xf1 + 3;
  return head === 0xf4 ? 9 : 0;
}

function hasBackLength(u8: Uint8Array, at: number, width: number, size: number): boolean {
  let rest = size;
  for (let i = width - 1; i > 0; i--) {
    if (u8[at + i] !== ((rest & 127) | 128)) return false;
    rest = Math.floor(rest / 128);
  }
  return u8[at] === rest;
}
