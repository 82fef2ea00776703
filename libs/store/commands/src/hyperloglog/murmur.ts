/**
 * MurmurHash2 of 64 bits (Austin Appleby, public domain) with the seed that Redis' HyperLogLog uses, without BigInt: what an
 * element's hash is decides about every byte of a sketch.
 */
const M_HI = 0xc6a4a793 | 0;
const M_LO = 0x5bd1e995;
const SEED = 0xadc83b19 | 0;

/** The hash, as two int32 halves; valid until the next call. */
export const hash = { hi: 0, lo: 0 };

let hi = 0;
let lo = 0;

/** (hi, lo) · M, low 64 bits. */
function multiply(aHi: number, aLo: number): void {
  const a0 = aLo & 0xffff;
  const a1 = aLo >>> 16;
  const m0 = M_LO & 0xffff;
  const m1 = M_LO >>> 16;
  const low = a0 * m0;
  const middle = a1 * m0 + (low >>> 16); // below 2^32
  const other = a0 * m1 + (middle & 0xffff);
  const carry = a1 * m1 + (middle - (middle & 0xffff)) / 65536 + Math.floor(other / 65536);
  lo = Math.imul(aLo, M_LO);
  hi = (carry + Math.imul(aHi, M_LO) + Math.imul(aLo, M_HI)) | 0;
}

export function hashElement(bytes: Uint8Array, off: number, length: number): void {
  multiply(0, length);
  let hHi = hi;
  let hLo = lo ^ SEED;
  let at = off;
  for (let blocks = length >>> 3; blocks > 0; blocks--, at += 8) {
    multiply(
      bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 24),
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24),
    );
    lo ^= hi >>> 15; // k ^ k >> 47
    multiply(hi, lo);
    multiply(hHi ^ hi, hLo ^ lo);
    hHi = hi;
    hLo = lo;
  }
  const rest = length & 7;
  if (rest !== 0) {
    for (let i = rest - 1; i >= 0; i--) {
      if (i >= 4) hHi ^= bytes[at + i]! << ((i - 4) * 8);
      else hLo ^= bytes[at + i]! << (i * 8);
    }
    multiply(hHi, hLo);
    hHi = hi;
    hLo = lo;
  }
  hLo ^= hHi >>> 15;
  multiply(hHi, hLo);
  hash.hi = hi;
  hash.lo = lo ^ (hi >>> 15);
}
