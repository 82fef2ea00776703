// CRC-64/Jones (polynomial ad93d23594c935a9, reflected, no initial value, no final xor): the last eight bytes of an RDB.
//
// Eight bytes a round from eight tables ("slicing by 8", Kounavis and Berry 2005), each split into halves of 32 bits, since a 64-bit
// integer would be a BigInt here and a hundred times slower.
const polynomialHigh = 0x95ac9329;
const polynomialLow = 0xac4bc9b5; // ad93d23594c935a9 with its bits in reverse order

const low = new Uint32Array(8 * 256);
const high = new Uint32Array(8 * 256);
for (let byte = 0; byte < 256; byte += 1) {
  let l = byte;
  let h = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const isSet = l & 1;
    l = (l >>> 1) | (h << 31);
    h >>>= 1;
    if (isSet) {
      l ^= polynomialLow;
      h ^= polynomialHigh;
    }
  }
  low[byte] = l;
  high[byte] = h;
}
for (let slice = 1; slice < 8; slice += 1) {
  for (let byte = 0; byte < 256; byte += 1) {
    const l = low[(slice - 1) * 256 + byte]!;
    const h = high[(slice - 1) * 256 + byte]!;
    low[slice * 256 + byte] = ((l >>> 8) | (h << 24)) ^ low[l & 255]!;
    high[slice * 256 + byte] = (h >>> 8) ^ high[l & 255]!;
  }
}

export class Crc64 {
  #low = 0;
  #high = 0;

  update(bytes: Uint8Array, from: number, to: number): void {
    let l = this.#low;
    let h = this.#high;
    let at = from;
    for (; at + 8 <= to; at += 8) {
      const a = l ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
      const b = h ^ (bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24));
      const i0 = 1792 + (a & 255), i1 = 1536 + ((a >>> 8) & 255), i2 = 1280 + ((a >>> 16) & 255), i3 = 1024 + (a >>> 24);
      const i4 = 768 + (b & 255), i5 = 512 + ((b >>> 8) & 255), i6 = 256 + ((b >>> 16) & 255), i7 = b >>> 24;
      l = low[i0]! ^ low[i1]! ^ low[i2]! ^ low[i3]! ^ low[i4]! ^ low[i5]! ^ low[i6]! ^ low[i7]!;
      h = high[i0]! ^ high[i1]! ^ high[i2]! ^ high[i3]! ^ high[i4]! ^ high[i5]! ^ high[i6]! ^ high[i7]!;
    }
    for (; at < to; at += 1) {
      const index = (l ^ bytes[at]!) & 255;
      l = ((l >>> 8) | (h << 24)) ^ low[index]!;
      h = (h >>> 8) ^ high[index]!;
    }
    this.#low = l;
    this.#high = h;
  }

  get value(): bigint {
    return (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0);
  }
}
