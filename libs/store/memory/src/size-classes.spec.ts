import { CLASS_CAPACITY, CLASS_COUNT, CLASS_UNITS, PAGE_UNITS, classOf } from './size-classes';

describe('size classes', () => {
  it('rises strictly and ends at a page', () => {
    for (let c = 1; c < CLASS_COUNT; c++) expect(CLASS_UNITS[c]!).toBeGreaterThan(CLASS_UNITS[c - 1]!);
    expect(CLASS_UNITS[CLASS_COUNT - 1]).toBe(PAGE_UNITS);
  });

  it('gives each length the smallest class that holds it', () => {
    for (let units = 1; units <= PAGE_UNITS; units++) {
      const c = classOf(units);
      expect(CLASS_UNITS[c]!).toBeGreaterThanOrEqual(units);
      expect(CLASS_UNITS[c - 1]!).toBeLessThan(units);
    }
  });

  it('wastes nothing up to 128 bytes, an eighth up to 16 KiB, and fits its blocks into a page', () => {
    for (let units = 1; units <= 2048; units++) {
      const waste = CLASS_UNITS[classOf(units)]! - units;
      if (units <= 16) expect(waste).toBe(0);
      else expect(waste / units).toBeLessThanOrEqual(0.125);
    }
    for (let c = 1; c < CLASS_COUNT; c++) {
      expect(CLASS_CAPACITY[c]! * CLASS_UNITS[c]!).toBeLessThanOrEqual(PAGE_UNITS);
      expect((CLASS_CAPACITY[c]! + 1) * CLASS_UNITS[c]!).toBeGreaterThan(PAGE_UNITS);
    }
  });
});
