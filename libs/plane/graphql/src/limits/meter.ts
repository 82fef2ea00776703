// Leaky buckets of cost per viewer, in this process: they keep one noisy program from slowing everyone, not a bill. (Sign-in, where a
// limit is a matter of security, has buckets in the database: identity.)
import { minuteMs, type Clock } from '@larder/shared-std';

interface Bucket { level: number; atMs: number }

const capacity = 200_000;
const perSecond = 50_000;
/** Anyone may ask for so little without being known. */
const anonymousCapacity = 5_000;
const anonymousPerSecond = 500;
const bucketsMax = 10_000;

export interface Meter {
  /** 0, or seconds to wait. */
  take(who: string, cost: number, isKnown: boolean): number;
}

export function meterOn(clock: Clock): Meter {
  const buckets = new Map<string, Bucket>();
  return {
    take(who, cost, isKnown) {
      const [full, rate] = isKnown ? [capacity, perSecond] : [anonymousCapacity, anonymousPerSecond];
      const now = clock.monotonic();
      const bucket = buckets.get(who) ?? { level: 0, atMs: now };
      const level = Math.max(0, bucket.level - (rate * (now - bucket.atMs)) / 1000);
      if (level + cost > full) return Math.max(1, Math.ceil((level + cost - full) / rate));
      if (buckets.size >= bucketsMax) forget(buckets, now);
      buckets.set(who, { level: level + cost, atMs: now });
      return 0;
    },
  };
}

function forget(buckets: Map<string, Bucket>, now: number): void {
  for (const [who, bucket] of buckets) if (now - bucket.atMs > minuteMs) buckets.delete(who);
  if (buckets.size >= bucketsMax) buckets.clear();
}
