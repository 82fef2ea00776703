import { Lfu } from './lfu';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;

describe('the access counter of a key', () => {
  it('grows slower the higher it is', () => {
    let seed = 1;
    const lfu = new Lfu(() => (seed = (Math.imul(seed, 1664525) + 1013904223) | 0));
    let clock = Lfu.fresh(NOW);
    const after: number[] = [];
    for (let n = 1; n <= 100_000; n++) {
      clock = lfu.touched(clock, NOW);
      if ([100, 1000, 100_000].includes(n)) after.push(clock & 255);
    }
    // redis.conf: about 10, 18 and 142 at factor 10.
    expect(after[0]).toBeGreaterThan(7);
    expect(after[0]).toBeLessThan(14);
    expect(after[1]).toBeGreaterThan(14);
    expect(after[1]).toBeLessThan(24);
    expect(after[2]).toBeGreaterThan(125);
    expect(after[2]).toBeLessThan(160);
  });

  it('falls by one for each decay time without access, also across the end of the minutes, and never below 0', () => {
    const lfu = new Lfu(() => 0);
    const clock = Lfu.fresh(NOW);
    expect([0, 1, 3, 9].map((minutes) => lfu.frequency(clock, NOW + minutes * MINUTE))).toEqual([5, 4, 2, 0]);
    lfu.decayMinutes = 2;
    expect(lfu.frequency(clock, NOW + 4 * MINUTE)).toBe(3);
    lfu.decayMinutes = 0;
    expect(lfu.frequency(clock, NOW + 9 * MINUTE)).toBe(5);
    lfu.decayMinutes = 1;
    const end = 0x10000 * 400 * MINUTE - MINUTE;
    expect(lfu.frequency(Lfu.fresh(end), end + 2 * MINUTE)).toBe(3);
  });
});
