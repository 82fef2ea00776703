// Instances: the wish, written by the API under a revision; the status, written by the loop under a fence token.
import { systemRandom, systemClock, uuidV7 } from '@larder/shared-std';
import { sentinelGroupName, type ArchivePolicy, type Availability, type Condition, type Handover, type InstanceRow, type InstanceSpec, type Instances, type Rewind, type SavePoint, type Seed } from '@larder/plane-domain';
import type { Db } from './client';
import { Prisma, type Instance } from './generated/client';
import { memberRow } from './instance-members';
import { readPage } from './page';

const ids = uuidV7(systemClock, systemRandom);
/** Two passes that choose the same port at the same time: one of them looks again. */
const portAttemptsMax = 20;

export function instancesOn(db: Db): Instances {
  return {
    byId: async (organizationId, id) => toRow(await db.instance.findFirst({ where: { id, organizationId, name: { not: sentinelGroupName } } })),
    byName: async (organizationId, name) => toRow(await db.instance.findFirst({ where: { organizationId, name, deletedAt: null } })),
    byIds: async (organizationId, wanted) =>
      (await db.instance.findMany({ where: { organizationId, id: { in: [...wanted] }, name: { not: sentinelGroupName } } })).map(instanceRow),
    page: (organizationId, page, filter) =>
      readPage(db.instance, {
        organizationId, deletedAt: null, name: { not: sentinelGroupName, ...(filter.search ? { contains: filter.search.replace(/[\\%_]/g, '\\$&') } : {}) },
      }, page, instanceRow),
    async insert({ spec, ...row }) {
      const { count } = await db.instance.createMany({
        data: [{ ...row, ...specColumns(spec), ...seedColumns(spec.seed), updatedAt: row.createdAt }], skipDuplicates: true,
      });
      return count === 1 ? 'inserted' : 'name-taken';
    },
    async writeSpec(organizationId, id, expectedRevision, { spec, bumpGeneration, at, passwords }) {
      const other = await db.instance.findFirst({ where: { organizationId, name: spec.name, deletedAt: null, id: { not: id } }, select: { id: true } });
      if (other !== null) return 'name-taken';
      const [row] = await db.instance.updateManyAndReturn({
        where: { id, organizationId, revision: expectedRevision, deletedAt: null },
        data: {
          ...specColumns(spec), ...passwords, updatedAt: at, revision: { increment: 1 },
          ...(bumpGeneration ? { generation: { increment: 1 } } : {}),
        },
      });
      return row === undefined ? 'revision-conflict' : instanceRow(row);
    },
    byIdForLoop: async (id) => toRow(await db.instance.findUnique({ where: { id } })),
    async dueIdsForLoop(at, limit) {
      const rows = await db.$queryRaw<{ id: string }[]>`
        SELECT id FROM instances WHERE deleted_at IS NULL AND (due_at <= ${at} OR observed_generation < generation)
        ORDER BY due_at NULLS FIRST LIMIT ${limit}`;
      return rows.map((row) => row.id);
    },
    liveIdsForLoop: async () => (await db.instance.findMany({ where: { deletedAt: null }, select: { id: true }, orderBy: { id: 'asc' } })).map((row) => row.id),
    sharingIdsForLoop: async (organizationId) => (await db.instance.findMany({
      where: { organizationId, topology: 'HA', sentinels: 'ORGANIZATION', deletedAt: null, desiredState: 'RUNNING' }, select: { id: true },
    })).map((row) => row.id),
    async writeStatusForLoop(id, fence, { endpoint, conditions, availability, dropPreviousPassword, ...status }, at) {
      const { count } = await db.instance.updateMany({
        where: { id, statusFence: { lte: fence } },
        data: {
          ...status, ...(availability === undefined ? {} : { availability: availability === null ? Prisma.DbNull : availability as unknown as Prisma.InputJsonValue }),
          conditions: conditions as unknown as Prisma.InputJsonValue, statusFence: fence, statusAt: at, updatedAt: at,
          // A gone instance frees its port.
          host: status.deletedAt ? null : endpoint?.host ?? null, port: status.deletedAt ? null : endpoint?.port ?? null,
          ...(dropPreviousPassword ? { previousPasswordSealed: null, previousPasswordUntil: null } : {}),
        },
      });
      return count === 1 ? 'written' : 'fenced';
    },
    async ensureMemberForLoop(id, name, [low, high], _host, skip, at) {
      for (let attempt = 0; attempt < portAttemptsMax; attempt += 1) {
        const known = await db.instanceMember.findUnique({ where: { instanceId_name: { instanceId: id, name } } });
        if (known !== null) return memberRow(known);
        const [free] = await db.$queryRaw<{ port: number }[]>`
          SELECT p AS port FROM generate_series(${low}::int, ${high}::int) p
          WHERE NOT p = ANY(${[...skip]}::int[]) AND NOT EXISTS (SELECT 1 FROM instance_members m WHERE m.port = p)
            AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.port = p AND i.id <> ${id}::uuid)
          ORDER BY p LIMIT 1`;
        if (free === undefined) return 'range-exhausted';
        const { organizationId } = await db.instance.findUniqueOrThrow({ where: { id }, select: { organizationId: true } });
        await db.instanceMember.createMany({
          data: [{ id: ids.next(), organizationId, instanceId: id, name, port: free.port, directory: '', createdAt: at, updatedAt: at }],
          skipDuplicates: true,
        });
      }
      return 'range-exhausted';
    },
  };
}

function specColumns({ seed: _seed, settings, savePoints, archive, rewind, handover, ...columns }: InstanceSpec): Omit<InstanceSpec, 'seed' | 'settings' | 'savePoints' | 'archive' | 'rewind' | 'handover'>
  & { settings: Prisma.InputJsonObject; savePoints: Prisma.InputJsonObject[]; archive: Json; rewind: Json; handover: Json } {
  return {
    ...columns, settings: { ...settings }, savePoints: savePoints.map(({ seconds, changes }) => ({ seconds, changes })),
    archive: archive === null ? Prisma.DbNull : { ...archive }, rewind: rewind === null ? Prisma.DbNull : { ...rewind, source: { ...rewind.source } },
    handover: handover === null ? Prisma.DbNull : { ...handover },
  };
}

type Json = Prisma.InputJsonObject | typeof Prisma.DbNull;

function seedColumns(seed: Seed | null): Pick<Prisma.InstanceCreateManyInput, 'seedKind' | 'seedBackupId' | 'seedUploadId' | 'seedInstanceId' | 'seedSecond'> {
  switch (seed?.kind) {
    case undefined: return {};
    case 'BACKUP': return { seedKind: 'BACKUP', seedBackupId: seed.backupId };
    case 'UPLOAD': return { seedKind: 'UPLOAD', seedUploadId: seed.uploadId };
    case 'POINT': return { seedKind: 'POINT', seedInstanceId: seed.instanceId, seedSecond: BigInt(seed.second) };
  }
}

function seedOf(row: Instance): Seed | null {
  if (row.seedKind === 'BACKUP' && row.seedBackupId !== null) return { kind: 'BACKUP', backupId: row.seedBackupId };
  if (row.seedKind === 'UPLOAD' && row.seedUploadId !== null) return { kind: 'UPLOAD', uploadId: row.seedUploadId };
  if (row.seedKind === 'POINT' && row.seedInstanceId !== null && row.seedSecond !== null) {
    return { kind: 'POINT', instanceId: row.seedInstanceId, second: Number(row.seedSecond) };
  }
  return null;
}

// Spelled in one order, whatever jsonb made of it: specs are compared as text.
function archiveOf(json: Prisma.JsonValue): ArchivePolicy | null {
  if (json === null) return null;
  const { intervalSeconds, retentionHours } = json as unknown as ArchivePolicy;
  return { intervalSeconds, retentionHours };
}

function rewindOf(json: Prisma.JsonValue): Rewind | null {
  if (json === null) return null;
  const { id, source, askedAt } = json as unknown as Rewind;
  return { id, source: seedInOrder(source), askedAt };
}

function handoverOf(json: Prisma.JsonValue): Handover | null {
  if (json === null) return null;
  const { id, mode, epoch, target, askedAt } = json as unknown as Handover;
  return { id, mode, epoch, target: target ?? null, askedAt };
}

function seedInOrder(seed: Seed): Seed {
  switch (seed.kind) {
    case 'BACKUP': return { kind: seed.kind, backupId: seed.backupId };
    case 'UPLOAD': return { kind: seed.kind, uploadId: seed.uploadId };
    case 'POINT': return { kind: seed.kind, instanceId: seed.instanceId, second: seed.second };
  }
}

function toRow(row: Instance | null): InstanceRow | undefined {
  return row === null ? undefined : instanceRow(row);
}

export function instanceRow(row: Instance): InstanceRow {
  return {
    id: row.id, organizationId: row.organizationId,
    spec: {
      name: row.name, planId: row.planId, engine: row.engine, topology: row.topology, replicas: row.replicas, sentinels: row.sentinels, handover: handoverOf(row.handover), persistence: row.persistence, appendFsync: row.appendFsync,
      // Spelled in one order, whatever jsonb made of it: specs are compared as text.
      savePoints: (row.savePoints as unknown as SavePoint[]).map(({ seconds, changes }) => ({ seconds, changes })), maxmemoryPolicy: row.maxmemoryPolicy,
      archive: archiveOf(row.archive), rewind: rewindOf(row.rewind),
      settings: row.settings as Record<string, string>, deletionProtection: row.deletionProtection, desiredState: row.desiredState,
      finalBackup: row.finalBackup, restartNonce: row.restartNonce, credentialVersion: row.credentialVersion, seed: seedOf(row),
    },
    generation: row.generation, revision: row.revision, observedGeneration: row.observedGeneration,
    conditions: row.conditions as unknown as Condition[], availability: row.availability as unknown as Availability | null,
    endpoint: row.host !== null && row.port !== null ? { host: row.host, port: row.port } : null,
    seededAt: row.seededAt, passwordSealed: row.passwordSealed, previousPasswordSealed: row.previousPasswordSealed,
    previousPasswordUntil: row.previousPasswordUntil, systemPasswordSealed: row.systemPasswordSealed, statusFence: row.statusFence,
    dueAt: row.dueAt, failures: row.failures, createdById: row.createdById, createdAt: row.createdAt, updatedAt: row.updatedAt,
    deletedAt: row.deletedAt,
  };
}
