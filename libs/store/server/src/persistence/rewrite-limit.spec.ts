import { RewriteLimit } from './rewrite-limit';

/** Plays a day in which every rewrite fails and one is due each minute: the minutes in which one was tried. */
function attempts(limit: RewriteLimit, minutes: number, told: number[]): number[] {
  const tried: number[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    if (limit.holds(1 + minute * 60_000, (delay) => told.push(delay))) continue;
    tried.push(minute);
    limit.failures++;
  }
  return tried;
}

describe('rewrites that fail', () => {
  it('are tried three times at once, then after 1, 2, 4 … minutes, at most an hour', () => {
    const told: number[] = [];
    const tried = attempts(new RewriteLimit(), 600, told);
    expect(told.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    // The minute after a failure is the one in which the next delay begins.
    expect(tried.slice(0, 8)).toEqual([0, 1, 2, 4, 7, 12, 21, 38]);
  });

  it('begin anew after one that succeeded', () => {
    const limit = new RewriteLimit();
    attempts(limit, 100, []);
    limit.failures = 0;
    const told: number[] = [];
    expect(attempts(limit, 10, told)).toEqual([0, 1, 2, 4, 7]);
    expect(told).toEqual([1, 2, 4]);
  });
});
