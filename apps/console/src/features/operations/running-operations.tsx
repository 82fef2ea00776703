'use client';
import { isRunning, useInstanceOperations } from '@/data/operation/operation-query';
import { Panel } from '@/ui/page';
import { OperationCard } from './operation-card';

/** What is being done to the instance right now; nothing when nothing is, also while that is not known. */
export function RunningOperations({ instanceId }: { readonly instanceId: string }) {
  const running = useInstanceOperations(instanceId).data?.nodes.filter(isRunning) ?? [];
  if (running.length === 0) return null;
  return (
    <div style={{ marginBottom: 20 }}>
      <Panel title="Now" isFlush>
        {running.map((operation) => <OperationCard key={operation.id} instanceId={instanceId} operation={operation} />)}
      </Panel>
    </div>
  );
}
