/**
 * How long a command takes: the sum for INFO commandstats and a histogram for INFO latencystats.
 *
 * Reading the clock costs as much as a tenth of a short command. So commands of even, short duration are measured in
 * their first calls and from then on in every sixteenth, which counts for sixteen; all others in every call.
 */
export const SAMPLED_EVERY = 16;

const PER_OCTAVE = 8;
/** 1 ns … 1 s. */
const BUCKETS = 30 * PER_OCTAVE;

export interface TimingParts {
  usec: number;
  total: number;
  buckets: Uint32Array | null;
}

export class Timing {
  usec = 0;
  private buckets: Uint32Array | null = null;
  private total = 0;

  get isEmpty(): boolean {
    return this.total === 0;
  }

  add(usec: number, times: number): void {
    this.usec += usec * times;
    this.buckets ??= new Uint32Array(BUCKETS);
    const bucket = Math.floor(Math.log2(Math.max(usec * 1000, 1)) * PER_OCTAVE);
    this.buckets[Math.min(bucket, BUCKETS - 1)]! += times;
    this.total += times;
  }

  /** µs within which `percent` of the calls ended, up to the width of a bucket. */
  percentile(percent: number): number {
    const wanted = Math.max(Math.ceil((percent / 100) * this.total), 1);
    let seen = 0;
    for (let i = 0; this.buckets !== null && i < BUCKETS; i++) {
      seen += this.buckets[i]!;
      if (seen >= wanted) return 2 ** ((i + 1) / PER_OCTAVE) / 1000;
    }
    return 0;
  }

  /** Calls measured, or stood for. */
  get count(): number {
    return this.total;
  }

  /** How many of them ended within 2^octave ns. */
  endedWithin(octave: number): number {
    let seen = 0;
    for (let i = 0; this.buckets !== null && i < Math.min(octave * PER_OCTAVE, BUCKETS); i++) seen += this.buckets[i]!;
    return seen;
  }

  /** What was measured so far, for another Timing of the same command to `give`; it begins anew. */
  take(): TimingParts {
    const { usec, total, buckets } = this;
    this.reset();
    return { usec, total, buckets };
  }

  give({ usec, total, buckets }: TimingParts): void {
    this.usec += usec;
    this.total += total;
    if (buckets === null) return;
    const own = (this.buckets ??= new Uint32Array(BUCKETS));
    for (let i = 0; i < BUCKETS; i++) own[i]! += buckets[i]!;
  }

  reset(): void {
    this.usec = 0;
    this.total = 0;
    this.buckets = null;
  }
}
