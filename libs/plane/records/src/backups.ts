// Runs and their results. A state moves by compare-and-set alone, so that two workers cannot both end one run.
import type { BackupRow, Backups, KeyCount } from '@larder/plane-domain';
import type { Db } from './client';
import { Prisma, type Backup } from './generated/client';
import { readPage } from './page';

export function backupsOn(db: Db): Backups {
  return {
    byId: async (organizationId, id) => toRow(await db.backup.findFirst({ where: { id, organizationId } })),
    byIds: async (organizationId, ids) => (await db.backup.findMany({ where: { organizationId, id: { in: [...ids] } } })).map(backupRow),
    page: (organizationId, page, { instanceId, states }) =>
      readPage(db.backup, { organizationId, ...(instanceId === undefined ? {} : { instanceId }), ...(states ? { state: { in: [...states] } } : {}) },
        page, backupRow),
    async insert(draft) {
      // ON CONFLICT DO NOTHING: the unique key (instance, scheduled_at) is what makes a scheduled run happen once.
      const { count } = await db.backup.createMany({ data: [{ ...draft, updatedAt: draft.createdAt }], skipDuplicates: true });
      return count === 1 ? 'inserted' : 'exists';
    },
    byIdForLoop: async (id) => toRow(await db.backup.findUnique({ where: { id } })),
    async moveForLoop(id, from, change, at) {
      const { count } = await db.backup.updateMany({ where: { id, state: from }, data: { ...columnsOf(change), updatedAt: at } });
      return count === 1;
    },
    async writeForLoop(id, change, at) {
      await db.backup.updateMany({ where: { id }, data: { ...columnsOf(change), updatedAt: at } });
    },
    async openIdsForLoop(limit) {
      const rows = await db.backup.findMany({
        where: { OR: [
          { state: { in: ['PENDING', 'RUNNING', 'DELETING'] } },
          { state: 'COMPLETED', verification: { in: ['PENDING', 'RUNNING'] } },
        ] },
        orderBy: { id: 'asc' }, take: limit, select: { id: true },
      });
      return rows.map((row) => row.id);
    },
    async keptOfScheduleForLoop(scheduleId) {
      const rows = await db.backup.findMany({
        where: { scheduleId, state: 'COMPLETED', completedAt: { not: null } }, select: { id: true, completedAt: true, verification: true },
      });
      return rows.map((row) => ({ ...row, completedAt: row.completedAt! }));
    },
    async storageKeysForLoop() {
      // Uploads and the archive lie in the same storage: what any of them names is not an orphan.
      const rows = await db.$queryRaw<{ key: string }[]>`
        SELECT storage_key AS key FROM backups WHERE storage_key IS NOT NULL UNION ALL SELECT storage_key FROM uploads WHERE storage_key IS NOT NULL
        UNION ALL SELECT storage_key FROM log_pieces`;
      return new Set(rows.map((row) => row.key));
    },
    removeEndedForLoop: async (at) =>
      (await db.backup.deleteMany({ where: { state: { in: ['FAILED', 'MISSED', 'DELETED'] }, storageKey: null, updatedAt: { lt: at } } })).count,
  };
}

function columnsOf({ sizeBytes, rawSizeBytes, keyCount, keyCounts, ...change }: Partial<BackupRow>): Prisma.BackupUpdateManyMutationInput {
  return {
    ...change,
    ...(sizeBytes === undefined ? {} : { sizeBytes: big(sizeBytes) }),
    ...(rawSizeBytes === undefined ? {} : { rawSizeBytes: big(rawSizeBytes) }),
    ...(keyCount === undefined ? {} : { keyCount: big(keyCount) }),
    ...(keyCounts === undefined ? {} : { keyCounts: keyCountsJson(keyCounts) }),
  };
}

function toRow(row: Backup | null): BackupRow | undefined {
  return row === null ? undefined : backupRow(row);
}

function backupRow({ updatedAt: _updatedAt, sizeBytes, rawSizeBytes, keyCount, keyCounts, ...row }: Backup): BackupRow {
  return {
    ...row, sizeBytes: plain(sizeBytes), rawSizeBytes: plain(rawSizeBytes), keyCount: plain(keyCount),
    keyCounts: keyCounts as unknown as KeyCount[] | null,
  };
}

export function keyCountsJson(keyCounts: readonly KeyCount[] | null): Prisma.InputJsonValue | typeof Prisma.DbNull {
  return keyCounts === null ? Prisma.DbNull : keyCounts as unknown as Prisma.InputJsonValue;
}

function big(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

function plain(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
