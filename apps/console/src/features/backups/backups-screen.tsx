'use client';
import { useState } from 'react';
import { IconArchive } from '@tabler/icons-react';
import { useCreateBackup } from '@/data/backup/backup-mutation';
import { useInstanceBackups } from '@/data/backup/backup-query';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useInstance, type Instance } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { isDone } from '@/data/refusal';
import { Button } from '@/ui/button';
import { MoreRows } from '@/ui/data-table';
import { EmptyFace, Faces, LoadingRows } from '@/ui/faces';
import { FormAlert } from '@/ui/form';
import { later } from '@/ui/later';
import { Panel } from '@/ui/page';
import { showToast } from '@/ui/toast';
import { RunningOperations } from '../operations/running-operations';
import { BackupsTable } from './backups-table';

// What there is comes first; what they need of fields and switches is a tenth of the screen's scripts.
const ArchivePanel = later(() => import('../archive/archive-panel').then((module) => module.ArchivePanel), <Panel title="Restore to a second"><LoadingRows count={2} /></Panel>);
const SchedulesPanel = later(() => import('../schedules/schedules-panel').then((module) => module.SchedulesPanel), <Panel title="Schedules"><LoadingRows count={2} /></Panel>);

export function BackupsScreen({ slug, name }: { readonly slug: string; readonly name: string }) {
  const instance = useInstance(slug, name).data;
  if (!instance) return null;
  return (
    <>
      <RunningOperations instanceId={instance.id} />
      <BackupsPanel slug={slug} instance={instance} />
      <ArchivePanel slug={slug} instance={instance} />
      <SchedulesPanel slug={slug} instanceId={instance.id} />
    </>
  );
}

function BackupsPanel({ slug, instance }: { readonly slug: string; readonly instance: Instance }) {
  const query = useInstanceBackups(instance.id);
  const may = useMay(slug);
  const create = useCreateBackup();
  const [fault, setFault] = useState<string>();
  const backUp = async (): Promise<void> => {
    setFault(undefined);
    try {
      const result = await create.mutateAsync({ instanceId: instance.id, idempotencyKey: newIdempotencyKey() });
      if (isDone(result)) showToast('The backup has begun.');
      else setFault(result.message);
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  const button = <Button size="xs" loading={create.isPending} disabled={!may('backup.create')} onClick={() => void backUp()}>Back up now</Button>;
  return (
    <Panel title="Backups" note="Each is loaded into a scratch engine and its keys counted before it is called verified." actions={button} isFlush>
      {fault !== undefined && <div style={{ padding: 16 }}><FormAlert>{fault}</FormAlert></div>}
      <Faces
        query={query} isEmpty={(data) => data.nodes.length === 0}
        empty={<EmptyFace icon={<IconArchive size={22} aria-hidden />} title="No backups yet">Take one now, or let a schedule take them.</EmptyFace>}
      >
        {(data) => (
          <>
            <BackupsTable slug={slug} backups={data.nodes} isInstanceShown={false} />
            <MoreRows {...query} />
          </>
        )}
      </Faces>
    </Panel>
  );
}
