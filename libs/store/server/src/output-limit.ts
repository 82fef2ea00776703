/**
 * `client-output-buffer-limit`: how much a client may leave unread before it is let go.
 *
 *   hard   over it: at once          soft   over it for longer than so many seconds on end
 *
 * What a client was written and did not take lies in this process' memory; without a limit one that never reads takes all.
 */
import type { OutputLimit } from '@larder/store-settings';

/** When a client's output went above the soft limit, ms of the monotonic clock; 0 while it is below. */
export interface SoftLimitClock {
  softSince: number;
}

/** True when a client with so many unread bytes must go. Keeps `clock` up to date. */
export function isOverLimit(limit: OutputLimit, bytes: number, clock: SoftLimitClock, now: number): boolean {
  if (limit.hardBytes > 0 && bytes >= limit.hardBytes) return true;
  if (limit.softBytes === 0 || bytes < limit.softBytes) {
    clock.softSince = 0;
    return false;
  }
  if (clock.softSince === 0) {
    clock.softSince = Math.max(now, 1);
    return false;
  }
  return now - clock.softSince > limit.softSeconds * 1000;
}
