/**
 * Zipmaps, which Redis 2.4 kept small hashes in. Foreign bytes: every length is checked.
 *
 *   | n u8 | field length | field | value length | free u8 | value | free bytes | ... | 0xFF |
 *
 *   length = one byte up to 253, or 0xFE and u32 little-endian; n = 254 means "too many to say"
 *
 * Facts: zipmap.c of Redis 7.0.
 */
const END = 0xff;
const BIG = 0xfe;

export interface Piece {
  off: number;
  length: number;
}

/** Is bytes[off, off + size) a zipmap of at least one pair? Shows each; `visit` may end it by answering false. */
export function readZipmap(bytes: Buffer, off: number, size: number, visit: (field: Piece, value: Piece) => boolean): boolean {
  if (size < 2 || off + size > bytes.length) return false;
  const end = off + size - 1;
  if (bytes[end] !== END) return false;
  const field = { off: 0, length: 0 };
  const value = { off: 0, length: 0 };
  let pairs = 0;
  let p = off + 1;
  while (bytes[p] !== END) {
    const valueAt = readPiece(bytes, p, end, field);
    if (valueAt < 0 || valueAt > end || readPiece(bytes, valueAt, end, value) < 0) return false;
    const free = bytes[value.off]!;
    value.off++;
    p = value.off + value.length + free;
    if (p > end || !visit(field, value)) return false;
    pairs++;
  }
  return pairs > 0 && (bytes[off] === BIG || bytes[off] === pairs);
}

/** Reads a length at `p` and where its bytes start; answers where they end, −1 when the length itself is not there. */
function readPiece(bytes: Buffer, p: number, end: number, piece: Piece): number {
  const isBig = bytes[p]! >= BIG;
  piece.off = p + (isBig ? 5 : 1);
  if (piece.off > end) return -1;
  piece.length = isBig ? bytes.readUInt32LE(p + 1) : bytes[p]!;
  if (isBig && piece.length < BIG) return -1; // Redis would look for its bytes in another place
  return piece.off + piece.length;
}
