'use client';
import { IconActivity, IconListCheck } from '@tabler/icons-react';
import { useInstance, useInstanceEvents, type InstanceEvent } from '@/data/instance/instance-query';
import { useInstanceOperations } from '@/data/operation/operation-query';
import { Badge } from '@/ui/badge';
import { DataTable, MoreRows, type Column } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { Panel } from '@/ui/page';
import { TimeAgo } from '@/ui/time-ago';
import { OperationCard } from '../operations/operation-card';

export function ActivityScreen({ slug, name }: { readonly slug: string; readonly name: string }) {
  const instance = useInstance(slug, name).data;
  if (!instance) return null;
  return (
    <>
      <OperationsPanel instanceId={instance.id} />
      <EventsPanel instanceId={instance.id} />
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

const columns: Column<InstanceEvent>[] = [
  { title: 'Severity', cell: (event) => <Badge tone={event.severity === 'WARNING' ? 'warn' : 'idle'}>{event.severity === 'WARNING' ? 'Warning' : 'Normal'}</Badge> },
  { title: 'What', cell: (event) => <><strong style={{ fontWeight: 560 }}>{event.reason}</strong><br />{event.message}</> },
  { title: 'Times', align: 'end', cell: (event) => event.count },
  { title: 'First', align: 'end', cell: (event) => <TimeAgo at={event.firstAt} /> },
  { title: 'Last', align: 'end', cell: (event) => <TimeAgo at={event.lastAt} /> },
];

function EventsPanel({ instanceId }: { readonly instanceId: string }) {
  const query = useInstanceEvents(instanceId);
  return (
    <Panel title="Events" note="What happened to the instance by itself." isFlush>
      <Faces
        query={query} isEmpty={(data) => data.nodes.length === 0}
        empty={<EmptyFace icon={<IconActivity size={22} aria-hidden />} title="Nothing has happened yet">Crashes, restarts and other surprises are noted here.</EmptyFace>}
      >
        {(data) => (
          <>
            <DataTable caption="Events" columns={columns} rows={data.nodes} keyOf={(event) => event.id} />
            <MoreRows {...query} />
          </>
        )}
      </Faces>
    </Panel>
  );
}
