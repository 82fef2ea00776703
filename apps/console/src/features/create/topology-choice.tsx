'use client';
// One store, or a primary with replicas; what each costs in memory stands beside it.
import { NativeSelect } from '@mantine/core';
import type { SentinelPlacement, Topology } from '@/data/generated/graphql';
import { ChoiceCards, type Choice } from '@/ui/choice-cards';
import { formatBytes } from '@/ui/format';

interface TopologyChoiceProps {
  readonly topology: Topology;
  readonly replicas: number;
  readonly sentinels: SentinelPlacement;
  /** Of one store; undefined until the plans are there. */
  readonly memoryBytes: number | undefined;
  readonly onTopology: (topology: Topology) => void;
  readonly onReplicas: (replicas: number) => void;
  readonly onSentinels: (placement: SentinelPlacement) => void;
  readonly faults: Readonly<Record<string, string>>;
}

const placements: readonly Choice<SentinelPlacement>[] = [
  { value: 'DEDICATED', title: 'Its own', text: 'Three Sentinels that watch this instance alone.' },
  { value: 'ORGANIZATION', title: 'Shared', text: 'The three that watch all such instances of the organisation: less memory for each.' },
];

export function TopologyChoice({ topology, replicas, sentinels, memoryBytes, onTopology, onReplicas, onSentinels, faults }: TopologyChoiceProps) {
  const memory = (stores: number): string | undefined => (memoryBytes === undefined ? undefined : formatBytes(memoryBytes * stores));
  return (
    <>
      <ChoiceCards
        legend="Topology" name="topology" value={topology} onChange={onTopology}
        choices={[
          { value: 'STANDALONE', title: 'Standalone', text: 'One store. When it dies it is started again and loads what is on disk.', side: memory(1) },
          { value: 'HA', title: 'Highly available', text: 'A primary with replicas. When it dies a replica takes over within seconds, on the same endpoint.', side: memory(1 + replicas) },
        ]}
      />
      {topology === 'HA' && (
        <NativeSelect
          label="Replicas" description="Each has the memory of the plan and counts against the quota." maw={420} value={String(replicas)} error={faults.replicas}
          data={[1, 2, 3, 4, 5].map(String)} onChange={(event) => onReplicas(Number(event.currentTarget.value))}
        />
      )}
      {topology === 'HA' && <ChoiceCards legend="Sentinels" name="sentinels" value={sentinels} onChange={onSentinels} choices={placements} error={faults.sentinels} />}
    </>
  );
}
