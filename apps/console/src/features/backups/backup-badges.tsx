'use client';
import { IconAlertTriangle, IconRosetteDiscountCheck } from '@tabler/icons-react';
import type { BackupState } from '@/data/generated/graphql';
import type { Backup } from '@/data/backup/backup-query';
import { Badge, type Tone } from '@/ui/badge';

const stateFaces: Readonly<Record<BackupState, readonly [tone: Tone, word: string]>> = {
  PENDING: ['idle', 'Waiting'],
  RUNNING: ['busy', 'Running'],
  COMPLETED: ['good', 'Complete'],
  FAILED: ['bad', 'Failed'],
  MISSED: ['warn', 'Missed'],
  DELETING: ['warn', 'Deleting'],
  DELETED: ['idle', 'Deleted'],
};

/** What matters most about a backup in one badge: a complete one is worth what its verification says. */
export function BackupBadge({ backup }: { readonly backup: Backup }) {
  if (backup.state !== 'COMPLETED') {
    const [tone, word] = stateFaces[backup.state];
    return <Badge tone={tone} isPulsing={backup.state === 'RUNNING'}>{word}</Badge>;
  }
  switch (backup.verification) {
    case 'VERIFIED': return <Badge tone="good" icon={<IconRosetteDiscountCheck size={14} aria-hidden />}>Verified</Badge>;
    case 'FAILED': return <Badge tone="bad" icon={<IconAlertTriangle size={14} aria-hidden />}>Not restorable</Badge>;
    case 'RUNNING': return <Badge tone="busy" isPulsing>Verifying</Badge>;
    case 'PENDING': return <Badge tone="idle">Not verified yet</Badge>;
  }
}
