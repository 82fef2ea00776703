import { execute } from '../execute';
import { InstanceBackupsDocument, OrganizationBackupsDocument } from '../generated/documents/backup-query';
import type { BackupFieldsFragment } from '../generated/graphql';
import { pageOrNone, usePages } from '../pages';
import { backupKeys } from './keys';

export type Backup = BackupFieldsFragment;
export type OrganizationBackup = Backup & { readonly instance?: { readonly id: string; readonly name: string } | null };

export function useInstanceBackups(id: string) {
  return usePages<OrganizationBackup>({
    queryKey: backupKeys.ofInstance(id),
    load: async (after) => {
      const { node } = await execute(InstanceBackupsDocument, { id, first: 25, after });
      return pageOrNone(node?.__typename === 'Instance' ? node.backups : null);
    },
    refetchInterval: 5_000,
  });
}

export function useOrganizationBackups(slug: string) {
  return usePages<OrganizationBackup>({
    queryKey: backupKeys.ofOrganization(slug),
    load: async (after) => pageOrNone((await execute(OrganizationBackupsDocument, { slug, first: 25, after })).organization?.backups),
  });
}
