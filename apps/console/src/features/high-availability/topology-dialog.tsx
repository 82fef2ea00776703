'use client';
// From one store to several and back, while it runs: what it brings, what it costs, and that it can be cancelled.
import { useState } from 'react';
import { NativeSelect } from '@mantine/core';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { useUpdateInstance } from '@/data/instance/instance-mutation';
import type { Instance } from '@/data/instance/instance-query';
import { Confirm } from '@/ui/confirm';
import { formatBytes } from '@/ui/format';
import { Facts } from '@/ui/page';

interface TopologyDialogProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly onClose: () => void;
}

export function TopologyDialog(props: TopologyDialogProps) {
  return props.instance.topology === 'HA' ? <ToOneStore {...props} /> : <ToSeveralStores {...props} />;
}

function ToSeveralStores({ slug, instance, onClose }: TopologyDialogProps) {
  const update = useUpdateInstance(slug);
  const [idempotencyKey, renewKey] = useState(newIdempotencyKey);
  const [replicas, setReplicas] = useState(1);
  const { memoryBytes } = instance.plan;
  return (
    <Confirm
      title="Make it highly available?" verb="Make highly available" tone="usual" onClose={onClose}
      text="Replicas copy all data while the store goes on serving; then Sentinels watch them, and a proxy takes over the endpoint, which stays the same. It can be cancelled until it is done."
      act={() => update.mutateAsync({ instanceId: instance.id, topology: 'HA', replicas, expectedRevision: instance.revision, idempotencyKey })}
    >
      <NativeSelect
        label="Replicas" value={String(replicas)} data={['1', '2', '3', '4', '5']}
        onChange={(event) => { setReplicas(Number(event.currentTarget.value)); renewKey(newIdempotencyKey()); }}
      />
      <Facts rows={[
        ['Memory', `${formatBytes(memoryBytes)} now, ${formatBytes(memoryBytes * (1 + replicas))} then`],
        ['Endpoint and password', 'Stay'],
        ['Connections', 'Closed once, when the proxy takes over'],
        ['Lost', 'Nothing'],
      ]} />
    </Confirm>
  );
}

function ToOneStore({ slug, instance, onClose }: TopologyDialogProps) {
  const update = useUpdateInstance(slug);
  const [idempotencyKey] = useState(newIdempotencyKey);
  const { memoryBytes } = instance.plan;
  return (
    <Confirm
      title="Make it standalone?" verb="Make standalone" onClose={onClose}
      text="The primary stays and takes the endpoint; replicas, Sentinels and proxies are removed. When it dies afterwards nobody takes over: it is started again and loads what is on disk."
      act={() => update.mutateAsync({ instanceId: instance.id, topology: 'STANDALONE', expectedRevision: instance.revision, idempotencyKey })}
    >
      <Facts rows={[
        ['Memory', `${formatBytes(memoryBytes * (1 + instance.replicas))} now, ${formatBytes(memoryBytes)} then`],
        ['Endpoint and password', 'Stay'],
        ['Endpoint for reading, Sentinels', 'Gone: who uses them must change'],
        ['Connections', 'Closed once'],
        ['Lost', 'Nothing'],
      ]} />
    </Confirm>
  );
}
