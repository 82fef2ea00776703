import { formatBytes, formatDuration, formatPercent, formatRate, formatRelative } from './format';

test('sizes are binary and short', () => {
  expect([0, 1023, 1536, 128 * 1024 ** 2, 61.25 * 1024 ** 2, 2 * 1024 ** 3].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '128 MiB', '61.3 MiB', '2 GiB']);
});

test('rates, ratios and durations keep two or three figures', () => {
  expect([0, 1.25, 1284.5, 18_420, 250_000].map(formatRate)).toEqual(['0', '1.3', '1,285', '18.4k', '250k']);
  expect([0, 0.9731, 1].map(formatPercent)).toEqual(['0 %', '97.3 %', '100 %']);
  expect([840, 2140, 61_000, 3_700_000].map(formatDuration)).toEqual(['840 ms', '2.1 s', '1 min 1 s', '1 h 1 min']);
});

test('a moment is told by its distance', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect([-2_000, -45_000, -180_000, -26 * 3_600_000, 7 * 3_600_000].map((distanceMs) => formatRelative(now + distanceMs, now)))
    .toEqual(['just now', '45 seconds ago', '3 minutes ago', 'yesterday', 'in 7 hours']);
});
