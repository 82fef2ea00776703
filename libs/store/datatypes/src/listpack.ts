/**
 * Listpack, reading: a small list of byte strings and integers in one block, in Redis' own layout, so that saving or
 * dumping one is a copy. Writing is in listpack-edit.ts, checking of foreign bytes in listpack-check.ts.
 *
 *   +-----------+--------+-------+-------+-----+------+
 *   | bytes u32 | n  u16 | entry | entry | ... | 0xFF |     little-endian; bytes counts everything;
 *   +-----------+--------+-------+-------+-----+------+     n = 65535 means "too many to say, count them"
 *
 *   entry = head, payload, back length (1–5 bytes: the size of head + payload, 7 bits a byte, read from the right)
 *
 *   0xxxxxxx                     integer 0..127          1110xxxx xxxxxxxx …       string up to 4095 bytes
 *   10xxxxxx …                   string up to 63 bytes   11110000 u32 …            string
 *   110xxxxx xxxxxxxx            integer, 13 bits        11110001/2/3/4 LE         integer, 16/24/32/64 bits
 *
 * A *position* is the index in `u8` of an entry's first byte; −1 says there is none. Positions die with any edit.
 * These functions trust the block: foreign bytes must have passed `isListpack` deeply.
 */
import { equalBytes, copyBytes } from './bytes';
import { Int64, int64TextBytes, parseInt64, writeInt64 } from './int64';

export const HEADER_BYTES = 6;
export const EMPTY_BYTES = 7;
export const END = 0xff;
export const COUNT_UNKNOWN = 65535;

/** What `read` reports; keep one and reuse it. A string is u8[start, start+length), an integer is (hi, lo). */
export class Entry {
  isInteger = false;
  start = 0;
  length = 0;
  hi = 0;
  lo = 0;
}

export function bytes(u8: Uint8Array, off: number): number {
  return (u8[off]! | (u8[off + 1]! << 8) | (u8[off + 2]! << 16) | (u8[off + 3]! << 24)) >>> 0;
}

export function headerCount(u8: Uint8Array, off: number): number {
  return u8[off + 4]! | (u8[off + 5]! << 8);
}

/** Number of entries: from the header, or by walking when the header cannot say. */
export function count(u8: Uint8Array, off: number): number {
  const known = headerCount(u8, off);
  if (known !== COUNT_UNKNOWN) return known;
  let walked = 0;
  for (let p = first(u8, off); p >= 0; p = next(u8, p)) walked++;
  return walked;
}

/** Position of the end byte: where an append goes. */
export function end(u8: Uint8Array, off: number): number {
  return off + bytes(u8, off) - 1;
}

export function first(u8: Uint8Array, off: number): number {
  const p = off + HEADER_BYTES;
  return u8[p] === END ? -1 : p;
}

export function last(u8: Uint8Array, off: number): number {
  return prev(u8, off, end(u8, off));
}

export function next(u8: Uint8Array, p: number): number {
  const q = after(u8, p);
  return u8[q] === END ? -1 : q;
}

/** The entry before `p`, which may also be the position of the end byte. */
export function prev(u8: Uint8Array, off: number, p: number): number {
  if (p === off + HEADER_BYTES) return -1;
  const size = backLength(u8, p - 1);
  return p - size - backLengthBytes(size);
}

/** The index behind the entry at `p`: the next entry or the end byte. */
export function after(u8: Uint8Array, p: number): number {
  const size = entryBytes(u8, p);
  return p + size + backLengthBytes(size);
}

/** Head and payload of the entry at `p`, without its back length. */
export function entryBytes(u8: Uint8Array, p: number): number {
  const head = u8[p]!;
  if (head < 0x80) return 1;
  if (head < 0xc0) return 1 + (head & 0x3f);
  if (head < 0xe0) return 2;
  if (head < 0xf0) return 2 + (((head & 0x0f) << 8) | u8[p + 1]!);
  if (head === 0xf0) return 5 + readUint32(u8, p + 1);
  return head === 0xf4 ? 9 : head - 0xf1 + 3;
}

/** How many bytes say that size. The odd limits (16382, not 16383) are Redis' and must stay. */
export function backLengthBytes(size: number): number {
  if (size <= 127) return 1;
  if (size < 16383) return 2;
  if (size < 2097151) return 3;
  return size < 268435455 ? 4 : 5;
}

/** Reads a back length from its last byte leftwards. */
export function backLength(u8: Uint8Array, lastByte: number): number {
  let byte = u8[lastByte]!;
  let size = byte & 127;
  let unit = 128;
  while (byte >= 128) {
    byte = u8[--lastByte]!;
    size += (byte & 127) * unit;
    unit *= 128;
  }
  return size;
}

export function read(u8: Uint8Array, p: number, entry: Entry): void {
  const head = u8[p]!;
  if (head < 0x80) {
    setInt32(entry, head);
  } else if (head < 0xc0) {
    setString(entry, p + 1, head & 0x3f);
  } else if (head < 0xe0) {
    setInt32(entry, ((((head & 0x1f) << 8) | u8[p + 1]!) << 19) >> 19);
  } else if (head < 0xf0) {
    setString(entry, p + 2, ((head & 0x0f) << 8) | u8[p + 1]!);
  } else if (head === 0xf0) {
    setString(entry, p + 5, readUint32(u8, p + 1));
  } else if (head === 0xf1) {
    setInt32(entry, ((u8[p + 1]! | (u8[p + 2]! << 8)) << 16) >> 16);
  } else if (head === 0xf2) {
    setInt32(entry, ((u8[p + 1]! | (u8[p + 2]! << 8) | (u8[p + 3]! << 16)) << 8) >> 8);
  } else {
    setInt32(entry, readUint32(u8, p + 1) | 0);
    if (head === 0xf4) entry.hi = readUint32(u8, p + 5) | 0;
  }
}

function setString(entry: Entry, start: number, length: number): void {
  entry.isInteger = false;
  entry.start = start;
  entry.length = length;
}

function setInt32(entry: Entry, n: number): void {
  entry.isInteger = true;
  entry.lo = n;
  entry.hi = n >> 31;
}

function readUint32(u8: Uint8Array, at: number): number {
  return (u8[at]! | (u8[at + 1]! << 8) | (u8[at + 2]! << 16) | (u8[at + 3]! << 24)) >>> 0;
}

/** Length of the entry's text (an integer counts as its decimal form). */
export function textBytes(entry: Entry): number {
  return entry.isInteger ? int64TextBytes(entry.hi, entry.lo) : entry.length;
}

/** Writes the entry's text; `u8` is the array that `read` saw. Returns the offset behind it. */
export function writeText(u8: Uint8Array, entry: Entry, dst: Uint8Array, off: number): number {
  if (entry.isInteger) return writeInt64(entry.hi, entry.lo, dst, off);
  copyBytes(u8, entry.start, dst, off, entry.length);
  return off + entry.length;
}

/** Position of entry `index`, from the back when negative (−1 is the last), or −1 when there is no such entry. */
export function seek(u8: Uint8Array, off: number, index: number): number {
  const known = headerCount(u8, off);
  if (known !== COUNT_UNKNOWN) {
    if (index < 0) index += known;
    if (index < 0 || index >= known) return -1;
    // Walk from the nearer end.
    if (index > known >> 1) index -= known;
  }
  if (index < 0) {
    let p = last(u8, off);
    while (p >= 0 && ++index < 0) p = prev(u8, off, p);
    return p;
  }
  let p = first(u8, off);
  while (p >= 0 && index-- > 0) p = next(u8, p);
  return p;
}

/**
 * The first entry at or after position `from` (−1: nothing to search) that equals the bytes; `skip` entries are passed
 * over after each one looked at (1 finds keys in a list of pairs). Position or −1.
 */
export function find(
  u8: Uint8Array,
  from: number,
  needle: Uint8Array,
  needleOff: number,
  length: number,
  skip: number,
): number {
  let p = from;
  if (p < 0) return -1;
  const isInteger = parseInt64(needle, needleOff, length, wanted);
  const { hi, lo } = wanted;
  const shortHead = length < 64 ? 0x80 | length : -1;
  let toSkip = 0;
  while (u8[p] !== END) {
    const head = u8[p]!;
    if (toSkip > 0) {
      toSkip--;
    } else {
      if (isInteger) {
        if (isIntegerHead(head)) {
          read(u8, p, probe);
          if (probe.lo === lo && probe.hi === hi) return p;
        }
      } else if (head < 0xc0) {
        if (head === shortHead && equalBytes(u8, p + 1, needle, needleOff, length)) return p;
      } else if (!isIntegerHead(head)) {
        read(u8, p, probe);
        if (probe.length === length && equalBytes(u8, probe.start, needle, needleOff, length)) return p;
      }
      toSkip = skip;
    }
    p = after(u8, p);
  }
  return -1;
}

const wanted = new Int64();
const probe = new Entry();

function isIntegerHead(head: number): boolean {
  return head < 0x80 || (head >= 0xc0 && head < 0xe0) || head >= 0xf1;
}

/** Is the text of the entry at `p` these bytes? */
export function equals(u8: Uint8Array, p: number, other: Uint8Array, otherOff: number, length: number): boolean {
  read(u8, p, probe);
  if (probe.isInteger) {
    return parseInt64(other, otherOff, length, wanted) && wanted.lo === probe.lo && wanted.hi === probe.hi;
  }
  return probe.length === length && equalBytes(u8, probe.start, other, otherOff, length);
}
