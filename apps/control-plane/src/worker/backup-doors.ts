// What the reconcile loop needs of the backups: the first data of a restored instance, the backup before a restore in place, and the last
// backup of one that is deleted.
import { closeStretch, finalBackupOn, safetyBackupOn } from '@larder/plane-backups';
import type { IoredisInstanceLink } from '@larder/plane-instance-link';
import type { ReconcilePorts } from '@larder/plane-reconcile';
import { archivePortsOn, backupRooms } from '../backup-rooms';
import type { Platform } from '../platform';

export function backupDoors(platform: Platform, link: IoredisInstanceLink): Pick<ReconcilePorts, 'seeds' | 'finalBackup' | 'safetyBackup' | 'closeLog'> {
  const { ports } = archivePortsOn(platform, link, `worker/${platform.ids.next()}`);
  return {
    seeds: backupRooms(platform).seeds, finalBackup: finalBackupOn(platform), safetyBackup: safetyBackupOn(platform),
    closeLog: (instanceId, reason, message) => closeStretch(ports, instanceId, reason, message),
  };
}
