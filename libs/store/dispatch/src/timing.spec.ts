import { Timing } from './timing';

describe('Timing', () => {
  it('sums calls, a sample for as many as it stands for', () => {
    const timing = new Timing();
    expect(timing.isEmpty).toBe(true);
    timing.add(10, 1);
    timing.add(2, 16);
    expect(timing.usec).toBe(42);
    expect(timing.isEmpty).toBe(false);
  });

  it('tells percentiles within an eighth of an octave', () => {
    const timing = new Timing();
    for (let i = 0; i < 980; i++) timing.add(5, 1);
    for (let i = 0; i < 15; i++) timing.add(100, 1);
    for (let i = 0; i < 5; i++) timing.add(3000, 1);
    expect(timing.percentile(50)).toBeCloseTo(5, -0.5);
    expect(timing.percentile(99) / 100).toBeLessThan(2 ** (1 / 8));
    expect(timing.percentile(99)).toBeGreaterThanOrEqual(100);
    expect(timing.percentile(99.9)).toBeGreaterThanOrEqual(3000);
  });

  it('takes what is longer than a second for a second, and nothing for a nanosecond', () => {
    const timing = new Timing();
    timing.add(0, 1);
    expect(timing.percentile(100)).toBeGreaterThan(0);
    timing.add(60e6, 1);
    expect(timing.percentile(100)).toBeGreaterThan(1e6);
    timing.reset();
    expect(timing.percentile(100)).toBe(0);
  });
});
