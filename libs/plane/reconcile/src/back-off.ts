// How long to wait before the next try. Pure.
import { minuteMs, secondMs } from '@larder/shared-std';

/** After the n-th failed pass in a row: 0.5 s, 1 s, 2 s … one minute. */
export function passBackOffMs(failures: number): number {
  return Math.min(minuteMs, 500 * 2 ** Math.max(0, Math.min(failures, 20) - 1));
}

/** After the n-th crash in a row: at once, 1 s, 2 s, 4 s … one minute. A first crash is bad luck, a second one has a reason. */
export function crashBackOffMs(crashes: number): number {
  return crashes <= 1 ? 0 : Math.min(minuteMs, secondMs * 2 ** (Math.min(crashes, 20) - 2));
}

/** Healthy for this long, a process has its crashes forgiven. */
export const crashesForgivenAfterMs = 10 * minuteMs;
