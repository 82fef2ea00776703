// Folds samples into the points of a chart. Pure.
import type { MetricRow } from '@larder/plane-domain';
import type { MetricNameWord } from '../words/enums';

export interface Point { readonly at: Date; readonly value: number | null }

const fieldOf: Readonly<Record<Exclude<MetricNameWord, 'HIT_RATIO'>, keyof MetricRow>> = {
  CLIENTS: 'clients', CPU_RATIO: 'cpuRatio', EVICTED_KEYS: 'evictedKeys', EXPIRED_KEYS: 'expiredKeys', IN_BYTES_PER_SECOND: 'inBytesPerSecond',
  KEYS: 'keys', OPS_PER_SECOND: 'opsPerSecond', OUT_BYTES_PER_SECOND: 'outBytesPerSecond', RSS_BYTES: 'rssBytes', USED_MEMORY_BYTES: 'usedMemoryBytes',
};

/** `from`–`to` in at most `pointsMax` equal spans of at least ten seconds; a point stands at its span's start. */
export function foldMetrics(rows: readonly MetricRow[], name: MetricNameWord, from: Date, to: Date, pointsMax: number): Point[] {
  const spanMs = Math.max(10_000, Math.ceil((to.getTime() - from.getTime()) / pointsMax / 10_000) * 10_000);
  const count = Math.max(0, Math.ceil((to.getTime() - from.getTime()) / spanMs));
  const spans: MetricRow[][] = Array.from({ length: count }, () => []);
  for (const row of rows) spans[Math.floor((row.at.getTime() - from.getTime()) / spanMs)]?.push(row);
  return spans.map((span, index) => ({ at: new Date(from.getTime() + index * spanMs), value: span.length === 0 ? null : valueOf(span, name) }));
}

function valueOf(rows: readonly MetricRow[], name: MetricNameWord): number | null {
  if (name === 'HIT_RATIO') return hitRatioOf(rows);
  const field = fieldOf[name];
  return rows.reduce((sum, row) => sum + (row[field] as number), 0) / rows.length;
}

/** Null where nothing was read: no reads are neither hits nor misses. */
export function hitRatioOf(rows: readonly Pick<MetricRow, 'hits' | 'misses'>[]): number | null {
  const hits = rows.reduce((sum, row) => sum + row.hits, 0);
  const reads = hits + rows.reduce((sum, row) => sum + row.misses, 0);
  return reads === 0 ? null : hits / reads;
}
