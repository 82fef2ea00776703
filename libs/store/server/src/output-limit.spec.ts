import { isOverLimit } from './output-limit';

const limit = { hardBytes: 1000, softBytes: 100, softSeconds: 3 };

describe('client-output-buffer-limit', () => {
  it('lets a client go at once that reaches the hard limit', () => {
    const clock = { softSince: 0 };
    expect(isOverLimit({ ...limit, softBytes: 0 }, 999, clock, 5)).toBe(false);
    expect(isOverLimit({ ...limit, softBytes: 0 }, 1000, clock, 5)).toBe(true);
  });

  it('lets a client go that stays above the soft limit for longer than its seconds', () => {
    const clock = { softSince: 0 };
    expect(isOverLimit(limit, 100, clock, 0)).toBe(false);
    expect(isOverLimit(limit, 500, clock, 3000)).toBe(false);
    expect(isOverLimit(limit, 100, clock, 3002)).toBe(true);
  });

  it('counts anew after the client has caught up', () => {
    const clock = { softSince: 0 };
    isOverLimit(limit, 100, clock, 0);
    expect(isOverLimit(limit, 99, clock, 2000)).toBe(false);
    expect(isOverLimit(limit, 100, clock, 4000)).toBe(false);
    expect(isOverLimit(limit, 100, clock, 7001)).toBe(true);
  });

  it('has no limit where it is 0', () => {
    const clock = { softSince: 0 };
    for (const now of [1, 1e9]) expect(isOverLimit({ hardBytes: 0, softBytes: 0, softSeconds: 0 }, 2 ** 40, clock, now)).toBe(false);
  });
});
