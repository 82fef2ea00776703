// The reads that screens and programs ask for again and again, over the plain driver: Prisma takes 0.30 ms of processor time for one instance
// and 0.64 ms for a page of twenty, this 0.08 and 0.20. Outside transactions only; inside one the repositories read for themselves.
//
// Invariant: the same rows as the repositories that these stand in for (records.spec.ts compares them).
import { firstMax } from './page';
import type { Instances, Metrics } from '@larder/plane-domain';
import type pg from 'pg';
import type { Instance, MetricSample } from './generated/client';
import { instanceRow } from './instances';
import { metricRow } from './metrics';

type InstanceReads = Pick<Instances, 'byId' | 'byName' | 'byIds' | 'page'>;
type MetricReads = Pick<Metrics, 'newest'>;

const instanceColumns = columnsOf([
  'id', 'organizationId', 'name', 'planId', 'topology', 'replicas', 'handover', 'availability', 'persistence', 'appendFsync', 'savePoints', 'maxmemoryPolicy', 'settings', 'deletionProtection',
  'archive', 'rewind', 'desiredState', 'finalBackup', 'restartNonce', 'seedKind', 'seedBackupId', 'seedUploadId', 'seedInstanceId', 'seedSecond', 'seededAt', 'generation', 'revision', 'passwordSealed',
  'previousPasswordSealed', 'previousPasswordUntil', 'credentialVersion', 'systemPasswordSealed', 'port', 'host', 'observedGeneration', 'conditions',
  'statusFence', 'statusAt', 'dueAt', 'failures', 'createdById', 'createdAt', 'updatedAt', 'deletedAt',
] satisfies (keyof Instance)[]);

const metricColumns = columnsOf([
  'instanceId', 'organizationId', 'at', 'opsPerSecond', 'usedMemoryBytes', 'rssBytes', 'clients', 'keys', 'hits', 'misses', 'evictedKeys', 'expiredKeys',
  'inBytesPerSecond', 'outBytesPerSecond', 'cpuRatio',
] satisfies (keyof MetricSample)[]);

export function instanceReadsOn(pool: pg.Pool): InstanceReads {
  const select = async (name: string, rest: string, values: unknown[]) =>
    (await pool.query<Instance>({ name, text: `SELECT ${instanceColumns} FROM instances ${rest}`, values })).rows
      .map((row) => instanceRow({ ...row, statusFence: BigInt(row.statusFence) }));
  return {
    byId: async (organizationId, id) => (await select('instance-by-id', 'WHERE id = $2 AND organization_id = $1', [organizationId, id]))[0],
    byName: async (organizationId, name) =>
      (await select('instance-by-name', 'WHERE organization_id = $1 AND name = $2 AND deleted_at IS NULL', [organizationId, name]))[0],
    byIds: (organizationId, ids) => select('instances-by-ids', 'WHERE organization_id = $1 AND id = ANY($2::uuid[])', [organizationId, [...ids]]),
    async page(organizationId, request, { search }) {
      const first = Math.min(Math.max(request.first, 1), firstMax);
      const where = `WHERE organization_id = $1 AND deleted_at IS NULL AND ($2 = '' OR strpos(name, $2) > 0)`;
      const values = [organizationId, search ?? ''];
      const rows = request.after === null
        ? await select('instances-first', `${where} ORDER BY id DESC LIMIT $3`, [...values, first + 1])
        : await select('instances-next', `${where} AND id < $4::uuid ORDER BY id DESC LIMIT $3`, [...values, first + 1, request.after]);
      const isAll = request.after === null && rows.length <= first;
      const count = isAll ? rows.length
        : Number((await pool.query<{ count: string }>({ name: 'instances-count', text: `SELECT count(*) FROM instances ${where}`, values })).rows[0]!.count);
      return { items: rows.slice(0, first), hasNextPage: rows.length > first, totalCount: count };
    },
  };
}

export function metricReadsOn(pool: pg.Pool): MetricReads {
  return {
    async newest(instanceIds, since) {
      const text = `SELECT DISTINCT ON (instance_id) ${metricColumns} FROM metric_samples
        WHERE instance_id = ANY($1::uuid[]) AND at >= $2 ORDER BY instance_id, at DESC`;
      return (await pool.query<MetricSample>({ name: 'metrics-newest', text, values: [[...instanceIds], since] })).rows.map(metricRow);
    },
  };
}

/** `organization_id AS "organizationId", …` */
function columnsOf(fields: readonly string[]): string {
  return fields.map((field) => `${field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)} AS "${field}"`).join(', ');
}
