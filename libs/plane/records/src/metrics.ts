// Samples of running stores, kept for a day. Written by the sampler in one statement for all instances, read by the charts.
import type { MetricRow, Metrics } from '@larder/plane-domain';
import type { Db } from './client';
import type { MetricSample } from './generated/client';

export function metricsOn(db: Db): Metrics {
  return {
    async insert(samples) {
      // The same moment twice is the same sample: two samplers that overlap while a worker is replaced.
      await db.metricSample.createMany({ data: samples.map(toColumns), skipDuplicates: true });
    },
    async newest(instanceIds, since) {
      const rows = await db.metricSample.findMany({
        where: { instanceId: { in: [...instanceIds] }, at: { gte: since } }, orderBy: [{ instanceId: 'asc' }, { at: 'desc' }], distinct: ['instanceId'],
      });
      return rows.map(metricRow);
    },
    range: async (organizationId, instanceId, from, to) =>
      (await db.metricSample.findMany({ where: { organizationId, instanceId, at: { gte: from, lte: to } }, orderBy: { at: 'asc' } })).map(metricRow),
    removeBefore: async (at) => (await db.metricSample.deleteMany({ where: { at: { lt: at } } })).count,
  };
}

function toColumns(sample: MetricRow): MetricSample {
  return {
    ...sample, usedMemoryBytes: BigInt(sample.usedMemoryBytes), rssBytes: BigInt(sample.rssBytes), keys: BigInt(sample.keys),
    hits: BigInt(sample.hits), misses: BigInt(sample.misses), evictedKeys: BigInt(sample.evictedKeys), expiredKeys: BigInt(sample.expiredKeys),
  };
}

export function metricRow(row: MetricSample): MetricRow {
  return {
    ...row, usedMemoryBytes: Number(row.usedMemoryBytes), rssBytes: Number(row.rssBytes), keys: Number(row.keys), hits: Number(row.hits),
    misses: Number(row.misses), evictedKeys: Number(row.evictedKeys), expiredKeys: Number(row.expiredKeys),
  };
}
