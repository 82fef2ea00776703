/**
 * Cluster slots: CRC-16/XMODEM (polynomial 0x1021, no reflection) of the key, or of its hash tag, modulo 16384.
 * The hash tag is what stands between the first "{" and the first "}" behind it, when that is not empty.
 */

export const SLOTS = 16384;

const table = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  table[byte] = crc;
}

/** after[k][byte]: the same byte, followed by k zero bytes; so four bytes go in one step of independent look-ups. */
const followedBy = (before: Uint16Array): Uint16Array => before.map((crc) => ((crc << 8) & 0xffff) ^ table[crc >> 8]!);
const after1 = followedBy(table);
const after2 = followedBy(after1);
const after3 = followedBy(after2);

export function crc16(u8: Uint8Array, off: number, length: number): number {
  let crc = 0;
  for (let at = off; at < off + length; at++) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ u8[at]!]!;
  return crc;
}

/** The slot of a key. Keys with an open brace, which are few, are looked at again. */
export function keySlot(u8: Uint8Array, off: number, length: number): number {
  const end = off + length;
  let crc = 0;
  let at = off;
  for (; at + 4 <= end; at += 4) {
    const a = u8[at]!;
    const b = u8[at + 1]!;
    const c = u8[at + 2]!;
    const d = u8[at + 3]!;
    if (a === 0x7b || b === 0x7b || c === 0x7b || d === 0x7b) return slotOfTagged(u8, off, length);
    crc = after3[(crc >> 8) ^ a]! ^ after2[(crc & 255) ^ b]! ^ after1[c]! ^ table[d]!;
  }
  for (; at < end; at++) {
    const a = u8[at]!;
    if (a === 0x7b) return slotOfTagged(u8, off, length);
    crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ a]!;
  }
  return crc & (SLOTS - 1);
}

function slotOfTagged(u8: Uint8Array, off: number, length: number): number {
  const end = off + length;
  for (let open = off; open < end; open++) {
    if (u8[open] !== 0x7b) continue;
    for (let close = open + 1; close < end; close++) {
      if (u8[close] !== 0x7d) continue;
      if (close > open + 1) return crc16(u8, open + 1, close - open - 1) & (SLOTS - 1);
      break;
    }
    break;
  }
  return crc16(u8, off, length) & (SLOTS - 1);
}
