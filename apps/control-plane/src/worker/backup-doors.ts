// What the reconcile loop needs of the backups: the first data of a restored instance, and the last backup of one that is deleted.
import { finalBackupOn } from '@larder/plane-backups';
import type { ReconcilePorts } from '@larder/plane-reconcile';
import { backupRooms } from '../backup-rooms';
import type { Platform } from '../platform';

export function backupDoors(platform: Platform): Pick<ReconcilePorts, 'seeds' | 'finalBackup'> {
  return { seeds: backupRooms(platform).seeds, finalBackup: finalBackupOn(platform) };
}
