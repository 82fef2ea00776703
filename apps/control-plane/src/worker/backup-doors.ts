// What the reconcile loop needs of the backups: the first data of a restored instance, and the last backup of one that is deleted.
import type { ReconcilePorts } from '@larder/plane-reconcile';
import type { Platform } from '../platform';

export function backupDoors(_platform: Platform): Pick<ReconcilePorts, 'seeds' | 'finalBackup'> {
  return { seeds: null, finalBackup: null };
}
