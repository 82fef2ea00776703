/**
 * Hash of a byte range, keyed per process so that a client cannot choose keys that collide.
 *
 * Two secret odd multipliers in a multiply–rotate chain over 4-byte words, then an avalanche (the finaliser of
 * MurmurHash3, public domain). The top bits choose a table's segment and home slot, so they must be good.
 */
export class KeyHash {
  private readonly seed: number;
  private readonly m1: number;
  private readonly m2: number;

  constructor(seedA: number, seedB: number, seedC: number) {
    this.seed = seedA | 0;
    this.m1 = seedB | 1;
    this.m2 = seedC | 1;
  }

  /** Hash of `bytes[off … off + length)`, a signed 32-bit integer. */
  of(bytes: Uint8Array, off: number, length: number): number {
    let h = this.seed ^ length;
    const end = off + length;
    let i = off;
    for (; i + 4 <= end; i += 4) {
      const w = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      h = Math.imul(h ^ w, this.m1);
      h = ((h << 13) | (h >>> 19)) ^ Math.imul(w, this.m2);
    }
    let tail = 0;
    for (let shift = 0; i < end; i++, shift += 8) tail |= bytes[i]! << shift;
    h = Math.imul(h ^ tail, this.m2);
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    return h ^ (h >>> 16);
  }
}
