'use client';
// The processes of a highly available instance: who is primary, how far behind the others are, and what can be done about it.
import { useState } from 'react';
import { Button, Group } from '@mantine/core';
import { useDeedOfStores, type Deed } from '@/data/high-availability/high-availability-mutation';
import { newIdempotencyKey } from '@/data/idempotency-key';
import type { Instance } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { Badge, type Tone } from '@/ui/badge';
import { Confirm } from '@/ui/confirm';
import { CopyField } from '@/ui/copy';
import { DataTable, type Column } from '@/ui/data-table';
import { formatBytes } from '@/ui/format';
import { Panel } from '@/ui/page';
import { TimeAgo } from '@/ui/time-ago';
import { deedWords, lagWords, roleWords } from './words';

type Member = Instance['members'][number];

const columns: Column<Member>[] = [
  { title: 'Member', cell: ({ name }) => <strong style={{ fontWeight: 560 }}>{name}</strong> },
  { title: 'Role', cell: (member) => <RoleBadge member={member} /> },
  { title: 'Replication', cell: (member) => lagWords(member, formatBytes) },
  { title: 'Port', align: 'end', cell: ({ port }) => port },
  { title: 'Since', align: 'end', cell: ({ startedAt, isRunning }) => (isRunning && startedAt != null ? <TimeAgo at={startedAt} /> : '–') },
];

function RoleBadge({ member }: { readonly member: Member }) {
  const tone: Tone = !member.isRunning ? 'bad' : member.role === 'PRIMARY' ? 'good' : member.role === 'UNKNOWN' || member.isLinkUp === false ? 'warn' : 'idle';
  return <Badge tone={tone}>{member.isRunning ? roleWords[member.role] : 'Not running'}</Badge>;
}

export function MembersPanel({ slug, instance }: { readonly slug: string; readonly instance: Instance }) {
  const [deed, setDeed] = useState<Deed>();
  const may = useMay(slug);
  const { availability, members, replicas } = instance;
  const isSettled = instance.state === 'READY' || instance.state === 'DEGRADED';
  const canHandOver = isSettled && may('instance.hand-over') && members.some(({ isLinkUp }) => isLinkUp === true);
  const canChange = isSettled && may('instance.update');
  return (
    <Panel
      title="Members" isFlush
      note={availability == null ? 'Nothing has been seen yet.' : `Store ${availability.primary} is primary; ${availability.sentinelsUp} of 3 Sentinels watch.`}
    >
      <DataTable caption="Members" columns={columns} rows={members} keyOf={({ name }) => name} />
      {availability?.readEndpoint != null && (
        <div style={{ display: 'grid', gap: 12, padding: 16 }}>
          <CopyField label="Endpoint for reading" text={availability.readEndpoint.uri} />
          <CopyField label={`Sentinels, under the name ${availability.sentinels.name}`} text={availability.sentinels.addresses.join(',')} />
        </div>
      )}
      <Group gap="xs" p="md">
        <Button variant="default" disabled={!canHandOver} onClick={() => setDeed('switchover')}>Switch over…</Button>
        <Button variant="default" disabled={!canHandOver} onClick={() => setDeed('failover')}>Fail over…</Button>
        <Button variant="default" disabled={!canChange || replicas >= 5} onClick={() => setDeed('addReplica')}>Add a replica…</Button>
        <Button variant="default" disabled={!canChange || replicas <= 1} onClick={() => setDeed('removeReplica')}>Remove a replica…</Button>
      </Group>
      {deed !== undefined && <DeedDialog key={deed} slug={slug} instance={instance} deed={deed} onClose={() => setDeed(undefined)} />}
    </Panel>
  );
}

interface DeedDialogProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly deed: Deed;
  readonly onClose: () => void;
}

function DeedDialog({ slug, instance, deed, onClose }: DeedDialogProps) {
  const act = useDeedOfStores(slug);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const words = deedWords[deed];
  return (
    <Confirm
      title={words.title} text={words.cost(instance, formatBytes)} verb={words.verb} onClose={onClose}
      act={() => act.mutateAsync({ deed, input: { instanceId: instance.id, expectedRevision: instance.revision, idempotencyKey } })}
    />
  );
}
