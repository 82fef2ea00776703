// The archive of append-only files: stretches, their pieces, and how the archiving of each instance stands. A place in the log moves by
// compare-and-set alone, so that two workers cannot both store one piece of it.
import type { KeyCount, LogArchives, LogPieceRow, LogStretchRow } from '@larder/plane-domain';
import { keyCountsJson } from './backups';
import type { Db } from './client';
import { Prisma, type LogPiece, type LogStretch } from './generated/client';

export function logArchivesOn(db: Db): LogArchives {
  return {
    async dueIdsForLoop(at, limit) {
      const rows = await db.$queryRaw<{ id: string }[]>`
        SELECT i.id FROM instances i LEFT JOIN log_archives a ON a.instance_id = i.id
        WHERE (i.archive IS NOT NULL AND i.deleted_at IS NULL AND i.desired_state = 'RUNNING' AND (a.due_at IS NULL OR a.due_at <= ${at}))
          OR ((i.archive IS NULL OR i.deleted_at IS NOT NULL)
            AND EXISTS (SELECT 1 FROM log_stretches s WHERE s.instance_id = i.id AND s.ended_at IS NULL))
        ORDER BY a.due_at NULLS FIRST LIMIT ${limit}`;
      return rows.map((row) => row.id);
    },
    stateOf: async (organizationId, instanceId) => (await db.logArchive.findFirst({ where: { instanceId, organizationId } })) ?? undefined,
    async noteForLoop(instanceId, organizationId, change, at) {
      await db.logArchive.upsert({
        where: { instanceId }, create: { instanceId, organizationId, dueAt: at, ...change, updatedAt: at }, update: { ...change, updatedAt: at },
      });
    },
    async openStretchForLoop(instanceId) {
      const row = await db.logStretch.findFirst({ where: { instanceId, endedAt: null } });
      return row === null ? undefined : stretchRow(row);
    },
    async startStretchForLoop(stretch) {
      const { count } = await db.logStretch.createMany({ data: [stretchColumns(stretch) as Prisma.LogStretchCreateManyInput], skipDuplicates: true });
      return count === 1 ? 'inserted' : 'exists';
    },
    async moveForLoop(id, { increment, offset, ordinal }, change) {
      const { count } = await db.logStretch.updateMany({
        where: { id, increment, offset: BigInt(offset), ordinal, endedAt: null }, data: stretchColumns(change),
      });
      return count === 1;
    },
    async coverForLoop(id, second) {
      await db.$executeRaw`UPDATE log_stretches SET covered_second = greatest(covered_second, ${second}::bigint) WHERE id = ${id}::uuid AND ended_at IS NULL`;
    },
    async insertPieceForLoop({ fromByte, toByte, firstSecond, lastSecond, sizeBytes, keyCounts, ...row }) {
      await db.logPiece.create({ data: {
        ...row, fromByte: BigInt(fromByte), toByte: BigInt(toByte), firstSecond: big(firstSecond), lastSecond: big(lastSecond), sizeBytes: big(sizeBytes),
        keyCounts: keyCountsJson(keyCounts),
      } });
    },
    async writePieceForLoop(id, { sizeBytes, keyCounts, ...change }) {
      const { count } = await db.logPiece.updateMany({ where: { id }, data: {
        ...change, ...(sizeBytes === undefined ? {} : { sizeBytes: big(sizeBytes) }), ...(keyCounts === undefined ? {} : { keyCounts: keyCountsJson(keyCounts) }),
      } });
      // Another worker took it for the leftover of a dead one: then the log must not move on past it either.
      if (count === 0 && change.state === 'STORED') throw Object.assign(new Error(`log piece ${id} is gone`), { name: 'PieceGone' });
    },
    async removePieceForLoop(id) {
      await db.logPiece.deleteMany({ where: { id } });
    },
    async replacePiecesForLoop(ids, byId) {
      const lastId = ids.at(-1)!;
      const { count } = await db.logPiece.deleteMany({ where: { id: { in: [...ids] }, kind: 'LOG', state: 'STORED' } });
      const next = await db.logPiece.updateMany({ where: { previousId: lastId, kind: 'LOG', state: { not: 'WRITING' } }, data: { previousId: byId } });
      const end = await db.logStretch.updateMany({ where: { lastPieceId: lastId }, data: { lastPieceId: byId } });
      // One of them was lost or let go of meanwhile: then all of it is rolled back.
      if (count !== ids.length || next.count + end.count !== 1) throw Object.assign(new Error(`log pieces up to ${lastId} are no longer as they were`), { name: 'PieceGone' });
    },
    async removeStretchForLoop(id) {
      await db.logStretch.deleteMany({ where: { id, endedAt: { not: null }, pieces: { none: {} } } });
    },
    unfinishedOfForLoop: async (instanceId) => (await db.logPiece.findMany({ where: { instanceId, state: 'WRITING' } })).map(pieceRow),
    basesToProveForLoop: async (limit) => (await db.logPiece.findMany({
      where: { kind: 'BASE', state: 'STORED', verification: { in: ['PENDING', 'RUNNING'] } }, orderBy: { id: 'asc' }, take: limit,
    })).map(pieceRow),
    instanceIdsForLoop: async () => db.logStretch.findMany({ distinct: ['instanceId'], select: { instanceId: true, organizationId: true } }),
    stretchesOf: async (organizationId, instanceId) =>
      (await db.logStretch.findMany({ where: { organizationId, instanceId }, orderBy: { startedAt: 'asc' } })).map(stretchRow),
    landmarksOf: async (organizationId, instanceId) => (await db.logPiece.findMany({
      where: { organizationId, instanceId, state: { not: 'WRITING' }, OR: [{ kind: 'BASE' }, { state: 'LOST' }] }, orderBy: { ordinal: 'asc' },
    })).map(pieceRow),
    logOf: async (stretchId, fromOrdinal, limit) => (await db.logPiece.findMany({
      where: { stretchId, kind: 'LOG', state: { not: 'WRITING' }, ordinal: { gte: fromOrdinal } }, orderBy: { ordinal: 'asc' }, take: limit,
    })).map(pieceRow),
    async sizeOf(organizationId, instanceId) {
      const { _count, _sum } = await db.logPiece.aggregate({ where: { organizationId, instanceId, state: 'STORED' }, _count: true, _sum: { sizeBytes: true } });
      return { pieces: _count, sizeBytes: Number(_sum.sizeBytes ?? 0) };
    },
  };
}

function stretchColumns({ offset, lastSecond, coveredSecond, ...change }: Partial<LogStretchRow>): Prisma.LogStretchUpdateManyMutationInput {
  return {
    ...change,
    ...(offset === undefined ? {} : { offset: BigInt(offset) }),
    ...(lastSecond === undefined ? {} : { lastSecond: big(lastSecond) }),
    ...(coveredSecond === undefined ? {} : { coveredSecond: big(coveredSecond) }),
  };
}

function stretchRow({ offset, lastSecond, coveredSecond, ...row }: LogStretch): LogStretchRow {
  return { ...row, offset: Number(offset), lastSecond: plain(lastSecond), coveredSecond: plain(coveredSecond) };
}

function pieceRow({ fromByte, toByte, firstSecond, lastSecond, sizeBytes, keyCounts, ...row }: LogPiece): LogPieceRow {
  return {
    ...row, fromByte: Number(fromByte), toByte: Number(toByte), firstSecond: plain(firstSecond), lastSecond: plain(lastSecond), sizeBytes: plain(sizeBytes),
    keyCounts: keyCounts as unknown as KeyCount[] | null,
  };
}

function big(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

function plain(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
