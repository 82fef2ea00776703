// A backup, and when it may go. Pure.
//
// A run goes PENDING → RUNNING → COMPLETED | FAILED; a moment nobody used is MISSED. A completed one is then verified by loading it
// in a scratch engine: only VERIFIED counts as a proven backup. DELETING → DELETED removes the object first, the row's use last. What is
// FAILED, MISSED or DELETED stays in the list as long as the setting `endedBackupDays` says.
import { dayMs } from '@larder/shared-std';

/** What counts against a plan's backupsMax. */
export const keptStates: readonly BackupState[] = ['PENDING', 'RUNNING', 'COMPLETED'];

export type BackupTrigger = 'MANUAL' | 'SCHEDULE' | 'FINAL' | 'SAFETY';
export type BackupState = 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'MISSED' | 'DELETING' | 'DELETED';
export type Verification = 'PENDING' | 'RUNNING' | 'VERIFIED' | 'FAILED';

export interface KeyCount {
  readonly database: number;
  /** As TYPE answers: string, list, set, zset, hash, stream. */
  readonly type: string;
  readonly keys: number;
}

export interface Retention {
  readonly retentionCount: number | null;
  readonly retentionDays: number | null;
}

export interface Kept {
  readonly id: string;
  readonly completedAt: Date;
  readonly verification: Verification;
}

/**
 * Which completed backups of one schedule may go. The newest verified one always stays, whatever the rules say: retention must never
 * take away the last proven way back.
 */
export function decideExpired(backups: readonly Kept[], retention: Retention, nowMs: number): string[] {
  const newestFirst = [...backups].sort((left, right) => right.completedAt.getTime() - left.completedAt.getTime());
  const proven = newestFirst.find((backup) => backup.verification === 'VERIFIED');
  return newestFirst
    .filter((backup, index) => {
      const tooMany = retention.retentionCount !== null && index >= retention.retentionCount;
      const tooOld = retention.retentionDays !== null && nowMs - backup.completedAt.getTime() > retention.retentionDays * dayMs;
      return backup !== proven && (tooMany || tooOld);
    })
    .map((backup) => backup.id);
}

/** What differs, as one sentence for the badge, or undefined where every count agrees. */
export function compareKeyCounts(expected: readonly KeyCount[], found: readonly KeyCount[]): string | undefined {
  const label = ({ database, type }: KeyCount): string => `${type} keys in database ${database}`;
  const right = new Map(found.map((count) => [label(count), count.keys]));
  for (const count of expected) {
    const keys = right.get(label(count)) ?? 0;
    if (keys !== count.keys) return `expected ${count.keys} ${label(count)}, found ${keys}`;
    right.delete(label(count));
  }
  for (const [name, keys] of right) if (keys > 0) return `expected 0 ${name}, found ${keys}`;
  return undefined;
}

/** Where a backup's object lies: everything of a tenant under one prefix. */
export function backupStorageKey(organizationId: string, instanceId: string, backupId: string): string {
  return `organizations/${organizationId}/instances/${instanceId}/${backupId}.rdb.zst.enc`;
}

export function uploadStorageKey(organizationId: string, uploadId: string): string {
  return `organizations/${organizationId}/uploads/${uploadId}.rdb.zst.enc`;
}
