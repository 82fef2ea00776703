// From two readings of INFO to one sample. Pure.
import type { MetricRow } from '@larder/plane-domain';

export interface Reading {
  readonly atMs: number;
  /** A restart begins all counters anew. */
  readonly runId: string;
  readonly fields: ReadonlyMap<string, string>;
}

export function decideSample(instanceId: string, organizationId: string, before: Reading | undefined, now: Reading): MetricRow {
  const number = (reading: Reading, name: string): number => Number(reading.fields.get(name) ?? 0) || 0;
  const previous = before?.runId === now.runId && before.atMs < now.atMs ? before : undefined;
  const difference = (name: string): number => (previous ? Math.max(0, number(now, name) - number(previous, name)) : 0);
  const perSecond = (name: string): number => (previous ? difference(name) / ((now.atMs - previous.atMs) / 1000) : 0);
  return {
    instanceId, organizationId, at: new Date(now.atMs),
    opsPerSecond: previous ? perSecond('total_commands_processed') : number(now, 'instantaneous_ops_per_sec'),
    usedMemoryBytes: number(now, 'used_memory'), rssBytes: number(now, 'used_memory_rss'),
    // Our own connection is not one of the tenant's.
    clients: Math.max(0, number(now, 'connected_clients') - 1),
    keys: countKeys(now.fields),
    hits: difference('keyspace_hits'), misses: difference('keyspace_misses'),
    evictedKeys: difference('evicted_keys'), expiredKeys: difference('expired_keys'),
    inBytesPerSecond: perSecond('total_net_input_bytes'), outBytesPerSecond: perSecond('total_net_output_bytes'),
    cpuRatio: perSecond('used_cpu_user') + perSecond('used_cpu_sys'),
  };
}

/** db0:keys=5,expires=0,avg_ttl=0 */
function countKeys(fields: ReadonlyMap<string, string>): number {
  let keys = 0;
  for (const [name, value] of fields) if (/^db\d+$/.test(name)) keys += Number(/keys=(\d+)/.exec(value)?.[1] ?? 0);
  return keys;
}
