// The generator behind math.random: the 48-bit linear congruential one of POSIX drand48, which Redis carries along so that scripts
// draw the same numbers on every machine. Its state outlives scripts and SCRIPT FLUSH.

const multiplier = 0x5deece66dn;
const increment = 0xbn;
const mask = (1n << 48n) - 1n;

/** lrand48 results lie below it. */
const lrandMax = 2_147_483_647;

export class Drand48 {
  #state = (0x1234n << 32n) | (0xabcdn << 16n) | 0x330en;

  seed(seed: number): void {
    this.#state = (BigInt(seed >>> 0) << 16n) | 0x330en;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state * multiplier + increment) & mask;
    const value = Number(this.#state >> 17n);
    return (value % lrandMax) / lrandMax;
  }
}
