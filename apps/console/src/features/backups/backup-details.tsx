'use client';
import type { Backup } from '@/data/backup/backup-query';
import { Dialog } from '@/ui/dialog';
import { formatBytes, formatCount, formatDuration, formatMoment, wordsOf } from '@/ui/format';
import { Facts } from '@/ui/page';
import { BackupBadge } from './backup-badges';
import classes from './backups.module.css';

/** How the backup was proven: what a scratch engine counted after loading it. */
export function BackupDetails({ backup, onClose }: { readonly backup: Backup; readonly onClose: () => void }) {
  return (
    <Dialog isOpen onClose={onClose} title={`Backup of ${backup.instanceName}`} width={600}>
      <Facts
        rows={[
          ['State', <BackupBadge key="state" backup={backup} />],
          ...(backup.verificationMessage ? [['Verification', backup.verificationMessage] as const] : []),
          ...(backup.verifiedAt ? [['Verified', formatMoment(backup.verifiedAt)] as const] : []),
          ...(backup.error ? [['Error', `${backup.error.reason}: ${backup.error.message}`] as const] : []),
          ['Trigger', wordsOf(backup.trigger)],
          ['Begun', backup.startedAt ? formatMoment(backup.startedAt) : '–'],
          ['Took', backup.durationMs == null ? '–' : formatDuration(backup.durationMs)],
          ['Size as stored', backup.sizeBytes == null ? '–' : formatBytes(backup.sizeBytes)],
          ['Size as RDB', backup.rawSizeBytes == null ? '–' : formatBytes(backup.rawSizeBytes)],
          ['SHA-256 of the RDB', backup.checksum ? <span key="sum" className={classes.sum}>{backup.checksum}</span> : '–'],
        ]}
      />
      {backup.keyCounts.length > 0 && (
        <table className={classes.counts}>
          <thead><tr><th scope="col">Database</th><th scope="col">Type</th><th scope="col">Keys</th></tr></thead>
          <tbody>
            {backup.keyCounts.map((count) => <tr key={`${count.database} ${count.type}`}><td>{count.database}</td><td>{count.type}</td><td>{formatCount(count.keys)}</td></tr>)}
          </tbody>
        </table>
      )}
    </Dialog>
  );
}
