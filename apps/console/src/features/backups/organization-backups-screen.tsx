'use client';
import { IconArchive } from '@tabler/icons-react';
import { useOrganizationBackups } from '@/data/backup/backup-query';
import { MoreRows } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { PageHead, Panel } from '@/ui/page';
import { BackupsTable } from './backups-table';

export function OrganizationBackupsScreen({ slug }: { readonly slug: string }) {
  const query = useOrganizationBackups(slug);
  return (
    <>
      <PageHead title="Backups" lead="Of all instances, those that are deleted included." />
      <Panel isFlush>
        <Faces
          query={query} isEmpty={(data) => data.nodes.length === 0}
          empty={<EmptyFace icon={<IconArchive size={22} aria-hidden />} title="No backups yet">Open an instance and choose Backups to take one or to set a schedule.</EmptyFace>}
        >
          {(data) => (
            <>
              <BackupsTable slug={slug} backups={data.nodes} isInstanceShown />
              <MoreRows {...query} />
            </>
          )}
        </Faces>
      </Panel>
    </>
  );
}
