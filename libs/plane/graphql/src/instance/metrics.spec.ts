import type { MetricRow } from '@larder/plane-domain';
import { describeCron } from '../backup-schedule/describe-cron';
import { foldMetrics } from './metrics';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const sample = (seconds: number, keys: number, hits = 0, misses = 0): MetricRow => ({
  instanceId: 'i', organizationId: 'o', at: at(seconds), opsPerSecond: 0, usedMemoryBytes: 0, rssBytes: 0, clients: 0, keys, hits, misses,
  evictedKeys: 0, expiredKeys: 0, inBytesPerSecond: 0, outBytesPerSecond: 0, cpuRatio: 0,
});

describe('the points of a chart', () => {
  it('are averages of equal spans, null where nothing was seen', () => {
    const points = foldMetrics([sample(0, 10), sample(10, 20), sample(20, 40)], 'KEYS', at(0), at(80), 4);
    expect(points).toEqual([{ at: at(0), value: 15 }, { at: at(20), value: 40 }, { at: at(40), value: null }, { at: at(60), value: null }]);
  });
  it('are never finer than the samples', () => {
    expect(foldMetrics([], 'KEYS', at(0), at(60), 240)).toHaveLength(6);
  });
  it('weigh the hit ratio by reads', () => {
    const rows = [sample(0, 0, 90, 10), sample(10, 0, 0, 100)];
    expect(foldMetrics(rows, 'HIT_RATIO', at(0), at(20), 1)[0]!.value).toBe(0.45);
    expect(foldMetrics([sample(0, 0)], 'HIT_RATIO', at(0), at(10), 1)[0]!.value).toBeNull();
  });
});

it.each([
  ['0 3 * * *', 'every day at 03:00'],
  ['30 4 * * 1-5', 'every weekday at 04:30'],
  ['5 0 * * 0,3', 'every Sunday, Wednesday at 00:05'],
  ['0 12 1 * *', 'on day 1 of every month at 12:00'],
  ['0 0 24 12 *', 'every year on December 24 at 00:00'],
  ['*/15 * * * *', 'every 15 minutes'],
  ['10 * * * *', 'every hour at 10 minutes past'],
  ['0 */6 * * *', 'every 6 hours at 0 minutes past'],
  ['0 3 * 1-6 1', 'by the rule 0 3 * 1-6 1'],
])('says %s as "%s"', (cron, words) => {
  expect(describeCron(cron)).toBe(words);
});
