/**
 * A lock in shared memory, one word: 0 free, 1 held, 2 held and somebody may sleep.
 *
 * It spins briefly, then sleeps, so that a holder whose core was taken away costs the others no storm of retries.
 * Uncontended, taking and giving back cost about 25 ns. Not reentrant, not fair.
 * Source: Drepper, Futexes Are Tricky (2011), the second mutex.
 */
const FREE = 0;
const HELD = 1;
const CONTENDED = 2;

/** Looks at a held lock before sleeping: some microseconds, longer than most commands run; to sleep and be woken costs more. */
export const SPINS = 2000;

/** Words between two locks, so that no two share a cache line. */
export const LOCK_STRIDE = 16;

export function lock(words: Int32Array, at: number): void {
  if (Atomics.compareExchange(words, at, FREE, HELD) !== FREE) lockHeld(words, at);
}

function lockHeld(words: Int32Array, at: number): void {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(words, at) === FREE && tryLock(words, at)) return;
  while (Atomics.exchange(words, at, CONTENDED) !== FREE) Atomics.wait(words, at, CONTENDED);
}

export function tryLock(words: Int32Array, at: number): boolean {
  return Atomics.compareExchange(words, at, FREE, HELD) === FREE;
}

/** One step of waiting, at most `ms` long. True when the lock is ours now. */
export function lockWithin(words: Int32Array, at: number, ms: number): boolean {
  if (Atomics.exchange(words, at, CONTENDED) === FREE) return true;
  Atomics.wait(words, at, CONTENDED, ms);
  return false;
}

export function unlock(words: Int32Array, at: number): void {
  if (Atomics.exchange(words, at, FREE) === CONTENDED) Atomics.notify(words, at, 1);
}
