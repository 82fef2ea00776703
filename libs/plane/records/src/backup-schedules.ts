// When an instance is backed up. nextAt is advanced by the tick alone, in the transaction that inserts the runs.
import type { BackupScheduleRow, BackupSchedules } from '@larder/plane-domain';
import type { Db } from './client';
import type { BackupSchedule } from './generated/client';

export function backupSchedulesOn(db: Db): BackupSchedules {
  return {
    byId: async (organizationId, id) => toRow(await db.backupSchedule.findFirst({ where: { id, organizationId } })),
    ofInstance: async (organizationId, instanceId) =>
      (await db.backupSchedule.findMany({ where: { organizationId, instanceId }, orderBy: { id: 'asc' } })).map(scheduleRow),
    async insert(row) {
      await db.backupSchedule.create({ data: { ...row, updatedAt: row.createdAt } });
    },
    async write(organizationId, id, expectedRevision, change) {
      const [row] = await db.backupSchedule.updateManyAndReturn({
        where: { id, organizationId, revision: expectedRevision }, data: { ...change, revision: { increment: 1 }, updatedAt: new Date() },
      });
      return row === undefined ? 'revision-conflict' : scheduleRow(row);
    },
    async remove(organizationId, id) {
      await db.backupSchedule.deleteMany({ where: { id, organizationId } });
    },
    async takeDueForLoop(at, limit) {
      // SKIP LOCKED: a second worker's tick takes other rows instead of waiting for these. One without a moment is due: it gets its first.
      const taken = await db.$queryRaw<{ id: string }[]>`
        SELECT id FROM backup_schedules WHERE is_enabled AND (next_at <= ${at} OR next_at IS NULL)
        ORDER BY next_at NULLS FIRST LIMIT ${limit} FOR UPDATE SKIP LOCKED`;
      return (await db.backupSchedule.findMany({ where: { id: { in: taken.map((row) => row.id) } }, orderBy: { nextAt: 'asc' } })).map(scheduleRow);
    },
    async advanceForLoop(id, nextAt, lastAt) {
      await db.backupSchedule.updateMany({ where: { id }, data: { nextAt, lastAt } });
    },
    enabledForLoop: async () => (await db.backupSchedule.findMany({ where: { isEnabled: true }, orderBy: { id: 'asc' } })).map(scheduleRow),
  };
}

function toRow(row: BackupSchedule | null): BackupScheduleRow | undefined {
  return row === null ? undefined : scheduleRow(row);
}

function scheduleRow({ updatedAt: _updatedAt, ...row }: BackupSchedule): BackupScheduleRow {
  return row;
}
