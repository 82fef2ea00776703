import { fromLocal, isIn, localOf, partsOf, wholeOf } from './timeline';

describe('the timeline', () => {
  const windows = [{ from: 100, to: 199 }, { from: 300, to: 399 }];
  const gaps = [{ from: 200, to: 299 }];

  it('lays windows and gaps side by side over the whole line', () => {
    const whole = wholeOf(windows, gaps)!;
    expect(whole).toEqual({ from: 100, to: 399 });
    const parts = partsOf(windows, gaps, whole);
    expect(parts.map(({ kind, startPercent, widthPercent }) => [kind, Math.round(startPercent), Math.round(widthPercent)])).toEqual([['window', 0, 33], ['window', 67, 33], ['gap', 33, 33]]);
  });

  it('shows a gap of one second in a line of days, inside the line', () => {
    const [, gap] = partsOf([{ from: 0, to: 400_000 }], [{ from: 400_000, to: 400_000 }], { from: 0, to: 400_000 });
    expect(gap!.widthPercent).toBeGreaterThanOrEqual(0.4);
    expect(gap!.startPercent + gap!.widthPercent).toBeLessThanOrEqual(100);
  });

  it('has no line where nothing can be restored', () => {
    expect(wholeOf([], gaps)).toBeUndefined();
    expect([isIn(windows, 199), isIn(windows, 200)]).toEqual([true, false]);
  });

  it('reads a moment as it was shown', () => {
    expect(fromLocal(localOf(1_800_000_001))).toBe(1_800_000_001);
    expect(fromLocal('nonsense')).toBeUndefined();
  });
});
