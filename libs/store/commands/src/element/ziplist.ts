/**
 * Ziplists, which Redis up to 6.2 kept small collections in and saved as they lay; and their conversion to the listpacks of
 * today. Foreign bytes: every entry is checked before it is shown.
 *
 *   +-----------+-----------+--------+-------+-----+------+
 *   | bytes u32 | tail  u32 | n  u16 | entry | ... | 0xFF |     little-endian; tail is where the last entry starts;
 *   +-----------+-----------+--------+-------+-----+------+     n = 65535 means "too many to say"
 *
 *   entry = size of the one before (1 byte, or 0xFE and u32), head, payload
 *
 *   00xxxxxx                  string up to 63 bytes     11000000 / 11010000 / 11100000   integer, 16/32/64 bits
 *   01xxxxxx xxxxxxxx         string, 14 bits           11110000 / 11111110              integer, 24/8 bits
 *   10...... u32 big-endian   string                    11110001 … 11111101              0 … 12
 *
 * Facts: ziplist.c of Redis 6.2.
 */
import { listpack, listpackEdit } from '@larder/store-datatypes';

const HEADER_BYTES = 10;
const END = 0xff;
const BIG_SIZE = 0xfe;
const COUNT_UNKNOWN = 65535;

/** Is bytes[off, off + size) a ziplist? Shows each entry; `visit` may end it by answering false. */
export function readZiplist(bytes: Buffer, off: number, size: number, visit: (entry: listpack.Entry) => boolean): boolean {
  if (size < HEADER_BYTES + 1 || off + size > bytes.length) return false;
  const end = off + size - 1;
  const tail = bytes.readUInt32LE(off + 4);
  if (bytes.readUInt32LE(off) !== size || bytes[end] !== END || tail > size - 1) return false;
  const entry = new listpack.Entry();
  let entries = 0;
  let before = -1;
  let beforeBytes = 0;
  let p = off + HEADER_BYTES;
  while (bytes[p] !== END) {
    const entryEnd = readEntry(bytes, p, end, beforeBytes, entry);
    if (entryEnd < 0 || !visit(entry)) return false;
    before = p;
    beforeBytes = entryEnd - p;
    p = entryEnd;
    entries++;
  }
  if (p !== end || (before >= 0 && before !== off + tail)) return false;
  const known = bytes.readUInt16LE(off + 8);
  return known === COUNT_UNKNOWN || known === entries;
}

/** Reads the entry at `p`; where it ends, at most at `end`, or −1 when it is none. */
function readEntry(bytes: Buffer, p: number, end: number, beforeBytes: number, entry: listpack.Entry): number {
  const isBig = bytes[p]! >= BIG_SIZE;
  const head = p + (isBig ? 5 : 1);
  if (head > end) return -1;
  if ((isBig ? bytes.readUInt32LE(p + 1) : bytes[p]!) !== beforeBytes) return -1;
  const kind = bytes[head]!;
  let start = head + 1;
  let length: number;
  if (kind < 0x40) length = kind;
  else if (kind < 0x80) {
    if (++start > end) return -1;
    length = ((kind & 63) << 8) | bytes[head + 1]!;
  } else if (kind < 0xc0) {
    if ((start += 4) > end) return -1;
    length = bytes.readUInt32BE(head + 1);
  } else return readInteger(bytes, kind, start, end, entry);
  if (start + length > end) return -1;
  entry.isInteger = false;
  entry.start = start;
  entry.length = length;
  return start + length;
}

function readInteger(bytes: Buffer, kind: number, start: number, end: number, entry: listpack.Entry): number {
  const length = INTEGER_BYTES[kind] ?? (kind > 0xf0 && kind < 0xfe ? 0 : -1);
  if (length < 0 || start + length > end) return -1;
  entry.isInteger = true;
  if (length === 8) {
    entry.lo = bytes.readInt32LE(start);
    entry.hi = bytes.readInt32LE(start + 4);
  } else {
    entry.lo = length === 0 ? (kind & 15) - 1 : bytes.readIntLE(start, length);
    entry.hi = entry.lo >> 31;
  }
  return start + length;
}

const INTEGER_BYTES: Record<number, number> = { 0xc0: 2, 0xd0: 4, 0xe0: 8, 0xf0: 3, 0xfe: 1 };

/**
 * A listpack of the same entries; undefined when the bytes are no ziplist. `isKeyed`: pairs, whose keys must be distinct.
 */
export function listpackOfZiplist(bytes: Buffer, off: number, size: number, isKeyed: boolean): Buffer | undefined {
  // No entry takes more than twice its room.
  const out = Buffer.allocUnsafe(size * 2 + listpack.EMPTY_BYTES);
  const element = new listpackEdit.Element();
  const keys = new Set<string>();
  const text = Buffer.alloc(24);
  let entries = 0;
  let p = listpack.HEADER_BYTES;
  const isWhole = readZiplist(bytes, off, size, (entry) => {
    if (entry.isInteger) listpackEdit.prepareInt64(element, entry.hi, entry.lo);
    else listpackEdit.prepareBytes(element, bytes, entry.start, entry.length);
    if (isKeyed && entries % 2 === 0) {
      const key = entry.isInteger
        ? text.toString('latin1', 0, listpack.writeText(bytes, entry, text, 0))
        : bytes.toString('latin1', entry.start, entry.start + entry.length);
      if (keys.has(key)) return false;
      keys.add(key);
    }
    p = listpackEdit.write(out, p, element);
    entries++;
    return true;
  });
  if (!isWhole || (isKeyed && entries % 2 !== 0)) return undefined;
  out[p] = listpack.END;
  listpackEdit.writeHeader(out, 0, p + 1, entries);
  return out.subarray(0, p + 1);
}
