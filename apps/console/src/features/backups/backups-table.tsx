'use client';
import { useState } from 'react';
import { IconDots, IconDownload, IconHistory, IconInfoCircle, IconRestore, IconTrash } from '@tabler/icons-react';
import type { OrganizationBackup } from '@/data/backup/backup-query';
import { useMay } from '@/data/organization/organization-query';
import { TextLink } from '@/ui/blocks';
import { DataTable, type Column } from '@/ui/data-table';
import { formatBytes, formatCount, formatDuration, wordsOf } from '@/ui/format';
import { later } from '@/ui/later';
import { Menu, type MenuItem } from '@/ui/menu';
import { TimeAgo } from '@/ui/time-ago';
import { BackupBadge } from './backup-badges';
import classes from './backups.module.css';
import { useDownload } from './use-download';

const RestoreDialog = later(() => import('./restore-dialog').then((module) => module.RestoreDialog));
const RestoreInPlaceDialog = later(() => import('../archive/restore-instance-dialog').then((module) => module.RestoreInstanceDialog));
const DeleteBackupDialog = later(() => import('./delete-backup-dialog').then((module) => module.DeleteBackupDialog));
const BackupDetails = later(() => import('./backup-details').then((module) => module.BackupDetails));

type Deed = 'restore' | 'place' | 'delete' | 'details';

interface BackupsTableProps {
  readonly slug: string;
  readonly backups: readonly OrganizationBackup[];
  readonly isInstanceShown: boolean;
}

export function BackupsTable({ slug, backups, isInstanceShown }: BackupsTableProps) {
  const [chosen, setChosen] = useState<{ readonly deed: Deed; readonly id: string }>();
  const may = useMay(slug);
  const download = useDownload();
  // By id, so that an open dialog follows the row as it changes.
  const backup = backups.find(({ id }) => id === chosen?.id);
  const close = (): void => setChosen(undefined);

  const itemsOf = (row: OrganizationBackup): (MenuItem | 'line')[] => {
    const isUsable = row.state === 'COMPLETED' && row.verification !== 'FAILED';
    return [
      { label: 'Restore as a new instance', icon: <IconRestore size={16} aria-hidden />, isDisabled: !isUsable || !may('backup.restore'), onSelect: () => setChosen({ deed: 'restore', id: row.id }) },
      { label: 'Restore in place', icon: <IconHistory size={16} aria-hidden />, isDisabled: row.verification !== 'VERIFIED' || row.instance == null || !may('backup.restore'), onSelect: () => setChosen({ deed: 'place', id: row.id }) },
      { label: 'Download as RDB', icon: <IconDownload size={16} aria-hidden />, isDisabled: !isUsable || !may('backup.download'), onSelect: () => void download({ backupId: row.id }) },
      { label: 'Download as append-only file', icon: <IconDownload size={16} aria-hidden />, isDisabled: !isUsable || !may('backup.download'), onSelect: () => void download({ backupId: row.id, format: 'AOF' }) },
      { label: 'Details', icon: <IconInfoCircle size={16} aria-hidden />, onSelect: () => setChosen({ deed: 'details', id: row.id }) },
      'line',
      { label: 'Delete', icon: <IconTrash size={16} aria-hidden />, isDanger: true, isDisabled: row.state === 'RUNNING' || !may('backup.delete'), onSelect: () => setChosen({ deed: 'delete', id: row.id }) },
    ];
  };

  return (
    <>
      <DataTable caption="Backups" rows={backups} keyOf={(row) => row.id} columns={columnsFor(slug, isInstanceShown, itemsOf)} />
      {backup && chosen?.deed === 'restore' && <RestoreDialog slug={slug} backup={backup} onClose={close} />}
      {backup?.instance && chosen?.deed === 'place' && (
        <RestoreInPlaceDialog slug={slug} instance={backup.instance} source={{ backupId: backup.id, at: backup.completedAt ?? backup.createdAt }} isInPlace onClose={close} />
      )}
      {backup && chosen?.deed === 'delete' && <DeleteBackupDialog backup={backup} onClose={close} />}
      {backup && chosen?.deed === 'details' && <BackupDetails backup={backup} onClose={close} />}
    </>
  );
}

function columnsFor(slug: string, isInstanceShown: boolean, itemsOf: (row: OrganizationBackup) => (MenuItem | 'line')[]): Column<OrganizationBackup>[] {
  return [
    {
      title: 'Taken',
      cell: (row) => <><TimeAgo at={row.completedAt ?? row.scheduledAt ?? row.createdAt} /><span className={classes.under}>{wordsOf(row.trigger)}</span></>,
    },
    ...(isInstanceShown ? [{ title: 'Instance', cell: (row: OrganizationBackup) => <InstanceName slug={slug} backup={row} /> }] : []),
    {
      title: 'State',
      cell: (row) => <><BackupBadge backup={row} />{row.error && <span className={classes.fault}>{row.error.message}</span>}{row.verification === 'FAILED' && <span className={classes.fault}>{row.verificationMessage}</span>}</>,
    },
    { title: 'Size', align: 'end', cell: (row) => (row.sizeBytes == null ? '–' : <>{formatBytes(row.sizeBytes)}{row.rawSizeBytes != null && <span className={classes.under}>{formatBytes(row.rawSizeBytes)} as RDB</span>}</>) },
    { title: 'Keys', align: 'end', cell: (row) => (row.keyCount == null ? '–' : formatCount(row.keyCount)) },
    { title: 'Took', align: 'end', cell: (row) => (row.durationMs == null ? '–' : formatDuration(row.durationMs)) },
    { title: 'Removed', align: 'end', cell: (row) => (row.expiresAt ? <TimeAgo at={row.expiresAt} /> : '–') },
    {
      title: 'Actions', isTitleHidden: true, align: 'end',
      cell: (row) => <Menu label={`Actions for the backup of ${row.instanceName}`} trigger={<IconDots size={18} aria-hidden />} items={itemsOf(row)} />,
    },
  ];
}

function InstanceName({ slug, backup }: { readonly slug: string; readonly backup: OrganizationBackup }) {
  if (!backup.instance) return <>{backup.instanceName}<span className={classes.under}>deleted</span></>;
  return <TextLink href={`/o/${slug}/i/${backup.instance.name}/backups`} isName>{backup.instance.name}</TextLink>;
}
