/**
 * Access frequency in the 24 bits of a record that otherwise hold the time of its last access, as Redis keeps it:
 *
 *   [ minutes since 1970, 16 bits | counter, 8 bits ]
 *
 * The counter grows the more rarely the higher it is (logarithmic: 255 stands for about a million accesses at factor 10), and
 * falls by one for every `decayMinutes` without access. Both kinds of bits are read as they are when the policy changes: after a
 * while they are right.
 */

/** Where a new key starts, so that it is not the next to go. */
const COUNTER_START = 5;

export class Lfu {
  /** `lfu-log-factor`, `lfu-decay-time`. */
  logFactor = 10;
  decayMinutes = 1;
  private readonly random32: () => number;

  constructor(random32: () => number) {
    this.random32 = random32;
  }

  /** The bits of a key that is made now (ms since 1970). */
  static fresh(now: number): number {
    return (minutesOf(now) << 8) | COUNTER_START;
  }

  /** The counter as it has fallen by now. */
  frequency(clock: number, now: number): number {
    const counter = clock & 255;
    if (this.decayMinutes === 0) return counter;
    const elapsed = (minutesOf(now) - (clock >>> 8)) & 0xffff;
    return Math.max(counter - Math.floor(elapsed / this.decayMinutes), 0);
  }

  /** The bits after an access now. */
  touched(clock: number, now: number): number {
    let counter = this.frequency(clock, now);
    if (counter < 255) {
      const above = Math.max(counter - COUNTER_START, 0);
      if ((this.random32() >>> 0) / 2 ** 32 < 1 / (above * this.logFactor + 1)) counter++;
    }
    return (minutesOf(now) << 8) | counter;
  }
}

function minutesOf(now: number): number {
  return Math.floor(now / 60_000) & 0xffff;
}
