'use client';
import { IconAlertCircle, IconCircle, IconCircleCheck, IconCircleMinus, IconLoader2 } from '@tabler/icons-react';
import type { StepState } from '@/data/generated/graphql';
import { useCancelOperation } from '@/data/operation/operation-mutation';
import { isRunning, type Operation } from '@/data/operation/operation-query';
import { isDone } from '@/data/refusal';
import { Badge } from '@/ui/badge';
import { Button } from '@/ui/button';
import { formatDuration } from '@/ui/format';
import { ProgressBar } from '@/ui/meter';
import { TimeAgo } from '@/ui/time-ago';
import { showToast } from '@/ui/toast';
import { kindWords, phaseFaces } from './operation-words';
import classes from './operation-card.module.css';

const stepFaces: Readonly<Record<StepState, readonly [icon: typeof IconCircle, word: string]>> = {
  PENDING: [IconCircle, 'waiting'],
  RUNNING: [IconLoader2, 'running'],
  DONE: [IconCircleCheck, 'done'],
  SKIPPED: [IconCircleMinus, 'not needed'],
  FAILED: [IconAlertCircle, 'failed'],
};

export function OperationCard({ instanceId, operation }: { readonly instanceId: string; readonly operation: Operation }) {
  const [tone, word] = phaseFaces[operation.phase];
  const tookMs = operation.endedAt ? Date.parse(operation.endedAt) - Date.parse(operation.startedAt ?? operation.createdAt) : undefined;
  return (
    <article className={classes.card} aria-label={kindWords[operation.kind]}>
      <div className={classes.head}>
        <h3>{kindWords[operation.kind]}</h3>
        <Badge tone={tone} isPulsing={isRunning(operation)}>{word}</Badge>
        <span className={classes.quiet}>by {operation.actor}, <TimeAgo at={operation.createdAt} />{tookMs !== undefined && `, took ${formatDuration(tookMs)}`}</span>
        {operation.cancelable && isRunning(operation) && <Cancel instanceId={instanceId} operation={operation} />}
      </div>
      {isRunning(operation) && <ProgressBar label={`Progress of ${kindWords[operation.kind]}`} percent={operation.percent} />}
      {operation.error && <p className={classes.fault}><strong>{operation.error.reason}</strong> {operation.error.message}</p>}
      <ol className={classes.steps}>
        {operation.steps.map((step) => {
          const [Icon, state] = stepFaces[step.state];
          return (
            <li key={step.name} data-state={step.state} title={step.message ?? undefined}>
              <Icon size={15} role="img" aria-label={state} />{step.title}
            </li>
          );
        })}
      </ol>
    </article>
  );
}

function Cancel({ instanceId, operation }: { readonly instanceId: string; readonly operation: Operation }) {
  const cancel = useCancelOperation(instanceId);
  const submit = async (): Promise<void> => {
    try {
      const result = await cancel.mutateAsync(operation.id);
      if (!isDone(result)) showToast(result.message, 'bad');
    } catch (error) {
      showToast((error as Error).message, 'bad');
    }
  };
  return <Button size="compact-xs" variant="default" loading={cancel.isPending} onClick={() => void submit()}>Cancel</Button>;
}
