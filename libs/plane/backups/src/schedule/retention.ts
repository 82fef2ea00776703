// Backups that their schedule no longer keeps become DELETING; removing them is a run like any other (runs/run-backup.ts).
import { decideExpired, type Repositories } from '@larder/plane-domain';

/** Ids that now are DELETING. */
export async function applyRetention(records: Repositories, at: Date): Promise<string[]> {
  const deleting: string[] = [];
  for (const schedule of await records.backupSchedules.enabledForLoop()) {
    if (schedule.retentionCount === null && schedule.retentionDays === null) continue;
    const kept = await records.backups.keptOfScheduleForLoop(schedule.id);
    for (const id of decideExpired(kept, schedule, at.getTime())) {
      if (await records.backups.moveForLoop(id, 'COMPLETED', { state: 'DELETING' }, at)) deleting.push(id);
    }
  }
  return deleting;
}
