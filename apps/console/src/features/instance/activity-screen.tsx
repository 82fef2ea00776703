'use client';
import { IconListCheck } from '@tabler/icons-react';
import { useInstance } from '@/data/instance/instance-query';
import { useInstanceOperations } from '@/data/operation/operation-query';
import { MoreRows } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { Panel } from '@/ui/page';
import { EventsPanel } from '../events/events-panel';
import { OperationCard } from '../operations/operation-card';

export function ActivityScreen({ slug, name }: { readonly slug: string; readonly name: string }) {
  const instance = useInstance(slug, name).data;
  if (!instance) return null;
  return (
    <>
      <OperationsPanel instanceId={instance.id} />
      <EventsPanel instanceId={instance.id} isAvailable={instance.topology === 'HA'} />
    </>
  );
}

function OperationsPanel({ instanceId }: { readonly instanceId: string }) {
  const query = useInstanceOperations(instanceId);
  return (
    <Panel title="Operations" note="Work that someone, or a schedule, asked for." isFlush>
      <Faces
        query={query} isEmpty={(data) => data.nodes.length === 0}
        empty={<EmptyFace icon={<IconListCheck size={22} aria-hidden />} title="No operations yet" />}
      >
        {(data) => (
          <>
            {data.nodes.map((operation) => <OperationCard key={operation.id} instanceId={instanceId} operation={operation} />)}
            <MoreRows {...query} />
          </>
        )}
      </Faces>
    </Panel>
  );
}
