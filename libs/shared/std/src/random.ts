// Chance as a thing that is handed in: the same seed replays the same run. The system's source is cryptographic, so it may make
// secrets; a seeded one must never.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). `bound` is 1 … 2^48. */
  int(bound: number): number;
  bytes(count: number): Uint8Array;
}

/** getRandomValues refuses more in one call. */
const bytesPerCallMax = 65_536;

export const systemRandom: Random = {
  next() {
    const words = globalThis.crypto.getRandomValues(new Uint32Array(2));
    return ((words[0]! >>> 5) * 67_108_864 + (words[1]! >>> 6)) / 9_007_199_254_740_992;
  },
  int(bound) {
    return Math.floor(systemRandom.next() * bound);
  },
  bytes(count) {
    const out = new Uint8Array(count);
    for (let at = 0; at < count; at += bytesPerCallMax) {
      globalThis.crypto.getRandomValues(out.subarray(at, Math.min(count, at + bytesPerCallMax)));
    }
    return out;
  },
};
