// Backups that their schedule no longer keeps become DELETING; removing them is a run like any other (runs/run-backup.ts).
import { decideExpired, type BackupScheduleRow, type Repositories } from '@larder/plane-domain';

/** Ids that now are DELETING. One that is still being verified counts as kept: its successor's proof may be its end. */
export async function applyRetention(records: Repositories, schedules: readonly BackupScheduleRow[], at: Date): Promise<string[]> {
  const deleting: string[] = [];
  for (const schedule of schedules) {
    if (!schedule.isEnabled || (schedule.retentionCount === null && schedule.retentionDays === null)) continue;
    const kept = await records.backups.keptOfScheduleForLoop(schedule.id);
    for (const id of decideExpired(kept, schedule, at.getTime())) {
      if (await records.backups.moveForLoop(id, 'COMPLETED', { state: 'DELETING' }, at)) deleting.push(id);
    }
  }
  return deleting;
}

/** After a run of a schedule has ended: the only moment at which a count can be exceeded. */
export async function retainAfter(records: Repositories, backupId: string, at: Date): Promise<string[]> {
  const backup = await records.backups.byIdForLoop(backupId);
  if (backup?.state !== 'COMPLETED' || backup.scheduleId === null) return [];
  const schedule = await records.backupSchedules.byId(backup.organizationId, backup.scheduleId);
  return schedule === undefined ? [] : applyRetention(records, [schedule], at);
}
