/**
 * CRC-64 as RDB files and DUMP payloads end with it: Jones' polynomial 0xad93d23594c935a9, reflected, no initial or
 * final inversion. Incremental: keep a `Crc64`, feed it ranges in order, read (hi, lo), store little-endian.
 *
 * A 64-bit state is two int32 halves. Eight bytes a step by table k = "this byte, followed by k zero bytes". Reading
 * aligned words through a view takes 0.9 ns a byte where composing words from bytes takes 1.6; the view costs 50 ns, so
 * short ranges go byte by byte. Little-endian hosts only, like every layout here.
 */

/** Bit-reversed polynomial, halves. */
const POLY_HI = 0x95ac9329 | 0;
const POLY_LO = 0xac4bc9b5 | 0;
const SLICES = 8;
const WORDS_BYTES_MIN = 64;

const tableHi = new Int32Array(256 * SLICES);
const tableLo = new Int32Array(256 * SLICES);

for (let byte = 0; byte < 256; byte++) {
  let hi = 0;
  let lo = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = lo & 1;
    lo = (lo >>> 1) | (hi << 31);
    hi >>>= 1;
    if (odd === 1) {
      hi ^= POLY_HI;
      lo ^= POLY_LO;
    }
  }
  tableHi[byte] = hi;
  tableLo[byte] = lo;
}
for (let i = 256; i < 256 * SLICES; i++) {
  const hi = tableHi[i - 256]!;
  const lo = tableLo[i - 256]!;
  tableHi[i] = (hi >>> 8) ^ tableHi[lo & 0xff]!;
  tableLo[i] = ((lo >>> 8) | (hi << 24)) ^ tableLo[lo & 0xff]!;
}

export class Crc64 {
  hi = 0;
  lo = 0;

  reset(): void {
    this.hi = 0;
    this.lo = 0;
  }

  update(u8: Uint8Array, off: number, length: number): void {
    const end = off + length;
    let at = off;
    if (length >= WORDS_BYTES_MIN) {
      at += -(u8.byteOffset + off) & 3;
      this.updateBytes(u8, off, at);
      const words = ((end - at) >> 3) << 1;
      this.updateWords(new Int32Array(u8.buffer, u8.byteOffset + at, words));
      at += words << 2;
    }
    this.updateBytes(u8, at, end);
  }

  private updateBytes(u8: Uint8Array, from: number, to: number): void {
    let { hi, lo } = this;
    for (let at = from; at < to; at++) {
      const i = (lo ^ u8[at]!) & 0xff;
      lo = ((lo >>> 8) | (hi << 24)) ^ tableLo[i]!;
      hi = (hi >>> 8) ^ tableHi[i]!;
    }
    this.hi = hi;
    this.lo = lo;
  }

  /** An even number of words. */
  private updateWords(words: Int32Array): void {
    let { hi, lo } = this;
    for (let w = 0; w < words.length; w += 2) {
      const a = lo ^ words[w]!;
      const b = hi ^ words[w + 1]!;
      const i7 = 1792 + (a & 0xff);
      const i6 = 1536 + ((a >>> 8) & 0xff);
      const i5 = 1280 + ((a >>> 16) & 0xff);
      const i4 = 1024 + (a >>> 24);
      const i3 = 768 + (b & 0xff);
      const i2 = 512 + ((b >>> 8) & 0xff);
      const i1 = 256 + ((b >>> 16) & 0xff);
      const i0 = b >>> 24;
      hi = tableHi[i7]! ^ tableHi[i6]! ^ tableHi[i5]! ^ tableHi[i4]!;
      hi ^= tableHi[i3]! ^ tableHi[i2]! ^ tableHi[i1]! ^ tableHi[i0]!;
      lo = tableLo[i7]! ^ tableLo[i6]! ^ tableLo[i5]! ^ tableLo[i4]!;
      lo ^= tableLo[i3]! ^ tableLo[i2]! ^ tableLo[i1]! ^ tableLo[i0]!;
    }
    this.hi = hi;
    this.lo = lo;
  }

  /** The eight bytes that end a file or payload. */
  write(dst: Uint8Array, off: number): void {
    for (let i = 0; i < 4; i++) {
      dst[off + i] = (this.lo >>> (8 * i)) & 0xff;
      dst[off + 4 + i] = (this.hi >>> (8 * i)) & 0xff;
    }
  }

  /** Do the eight bytes at `off` say this sum? */
  equals(u8: Uint8Array, off: number): boolean {
    for (let i = 0; i < 4; i++) {
      if (u8[off + i] !== ((this.lo >>> (8 * i)) & 0xff)) return false;
      if (u8[off + 4 + i] !== ((this.hi >>> (8 * i)) & 0xff)) return false;
    }
    return true;
  }
}
