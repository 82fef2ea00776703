// The reads that screens and programs ask for again and again, over the plain driver: Prisma takes 0.30 ms of processor time for one instance
// and 0.64 ms for a page of twenty, this 0.08 and 0.20. Outside transactions only; inside one the repositories read for themselves.
//
// Invariant: the same rows as the repositories that these stand in for (records.spec.ts compares them).
import { firstMax } from './page';
import { sentinelGroupName, type Instances, type Metrics } from '@larder/plane-domain';
import type pg from 'pg';
import type { Instance, MetricSample } from './generated/client';
import { instanceRow } from './instances';
import { metricRow } from './metrics';

type InstanceReads = Pick<Instances, 'byId' | 'byName' | 'byIds' | 'page'>;
type MetricReads = Pick<Metrics, 'newest'>;

/** Every column, so that one more is not forgotten here. */
const instanceFields: Readonly<Record<keyof Instance, 1>> = {
  id: 1, organizationId: 1, name: 1, planId: 1, engine: 1, topology: 1, replicas: 1, sentinels: 1, handover: 1, availability: 1, persistence: 1, appendFsync: 1,
  savePoints: 1, maxmemoryPolicy: 1, settings: 1, deletionProtection: 1, archive: 1, rewind: 1, desiredState: 1, finalBackup: 1, restartNonce: 1, seedKind: 1,
  seedBackupId: 1, seedUploadId: 1, seedInstanceId: 1, seedSecond: 1, seededAt: 1, generation: 1, revision: 1, passwordSealed: 1, previousPasswordSealed: 1,
  previousPasswordUntil: 1, credentialVersion: 1, systemPasswordSealed: 1, port: 1, host: 1, observedGeneration: 1, conditions: 1, statusFence: 1, statusAt: 1, dueAt: 1,
  failures: 1, createdById: 1, createdAt: 1, updatedAt: 1, deletedAt: 1,
};
const instanceColumns = columnsOf(Object.keys(instanceFields));

const metricColumns = columnsOf([
  'instanceId', 'organizationId', 'at', 'opsPerSecond', 'usedMemoryBytes', 'rssBytes', 'clients', 'keys', 'hits', 'misses', 'evictedKeys', 'expiredKeys',
  'inBytesPerSecond', 'outBytesPerSecond', 'cpuRatio',
] satisfies (keyof MetricSample)[]);

/** An organization's Sentinels are no instance that anybody is shown; the loop asks for them by name. */
const isTenants = `name <> '${sentinelGroupName}'`;

export function instanceReadsOn(pool: pg.Pool): InstanceReads {
  const select = async (name: string, rest: string, values: unknown[]) =>
    (await pool.query<Instance>({ name, text: `SELECT ${instanceColumns} FROM instances ${rest}`, values })).rows
      .map((row) => instanceRow({ ...row, statusFence: BigInt(row.statusFence) }));
  return {
    byId: async (organizationId, id) => (await select('instance-by-id', `WHERE id = $2 AND organization_id = $1 AND ${isTenants}`, [organizationId, id]))[0],
    byName: async (organizationId, name) =>
      (await select('instance-by-name', 'WHERE organization_id = $1 AND name = $2 AND deleted_at IS NULL', [organizationId, name]))[0],
    byIds: (organizationId, ids) => select('instances-by-ids', `WHERE organization_id = $1 AND id = ANY($2::uuid[]) AND ${isTenants}`, [organizationId, [...ids]]),
    async page(organizationId, request, { search }) {
      const first = Math.min(Math.max(request.first, 1), firstMax);
      const where = `WHERE organization_id = $1 AND deleted_at IS NULL AND ${isTenants} AND ($2 = '' OR strpos(name, $2) > 0)`;
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
