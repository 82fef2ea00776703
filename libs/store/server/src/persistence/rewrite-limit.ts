/** Automatic rewrites that fail again and again wait longer and longer: three are free, then 1 minute, 2, 4, … at most an hour. */

const FAILURES_FREE = 3;
const DELAY_MINUTES_MAX = 60;

export class RewriteLimit {
  /** In a row. */
  failures = 0;
  private delayMinutes = 0;
  private retryAt = 0;

  /** Whether a rewrite that is due at `now` (ms) has to wait. `told` hears for how many minutes, when that is decided. */
  holds(now: number, told: (minutes: number) => void): boolean {
    if (this.failures < FAILURES_FREE) {
      this.delayMinutes = this.retryAt = 0;
      return false;
    }
    if (this.retryAt !== 0) {
      if (now < this.retryAt) return true;
      this.retryAt = 0;
      return false;
    }
    this.delayMinutes = Math.min(DELAY_MINUTES_MAX, this.delayMinutes === 0 ? 1 : this.delayMinutes * 2);
    this.retryAt = now + this.delayMinutes * 60_000;
    told(this.delayMinutes);
    return true;
  }
}
