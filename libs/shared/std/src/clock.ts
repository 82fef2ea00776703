// Time as a thing that is handed in. Whoever decides something by time takes a Clock, so that a test (or a simulator with one
// seed) can step it; only composition roots name systemClock.
//
// Invariants: now() is wall time and may jump in both directions; monotonic() never goes back and has no meaning across processes.
// A cancelled timer never fires; cancelling twice, or after it fired, does nothing.

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall time, milliseconds since 1970 (integer). */
  now(): number;
  /** Milliseconds since some fixed moment of this process, with fractions. For durations and deadlines. */
  monotonic(): number;
  /** Calls `fire` once, `delayMs` from now at the earliest. Repeating is the caller's business (arm again in `fire`). */
  setTimer(delayMs: number, fire: () => void): Timer;
}

/** setTimeout turns anything larger into 1 ms; such a wait is cut into pieces here. */
const timeoutMsMax = 2_147_483_647;

/** The machine's clock. Its timers do not keep a process alive that has nothing else to do. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, fire) {
    let left = Math.max(0, delayMs);
    let handle: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const piece = Math.min(left, timeoutMsMax);
      left -= piece;
      handle = setTimeout(left > 0 ? arm : fire, piece);
      (handle as { unref?: () => void }).unref?.();
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs` of the given clock. */
export function delay(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve);
  });
}
