// A backup's operation follows its run. It tells, it does not drive: losing a write costs a picture.
import { hasEnded, percentOf, withStep, type OperationRow, type StepState } from '@larder/plane-domain';
import { nowOf, type RunPorts } from './ports';

type Followed = Pick<RunPorts, 'work' | 'clock'>;

export async function reportStep(ports: Followed, operationId: string | null, name: string, state: StepState, message?: string): Promise<void> {
  await change(ports, operationId, (row, now) => {
    const steps = withStep(row.steps, { name, state, message }, now.getTime());
    return { phase: 'RUNNING', steps, percent: Math.max(row.percent, Math.min(99, percentOf(steps))), startedAt: row.startedAt ?? now };
  });
}

export async function endWell(ports: Followed, operationId: string | null): Promise<void> {
  await change(ports, operationId, (row, now) => ({
    phase: 'SUCCEEDED', percent: 100, isCancelable: false, startedAt: row.startedAt ?? now, endedAt: now,
    steps: row.steps.reduce((steps, { name, state }) =>
      (state === 'DONE' || state === 'SKIPPED' ? steps : withStep(steps, { name, state: 'DONE' }, now.getTime())), row.steps),
  }));
}

export async function endBadly(ports: Followed, operationId: string | null, reason: string, message: string): Promise<void> {
  await change(ports, operationId, (row, now) => {
    const running = row.steps.find(({ state }) => state === 'RUNNING') ?? row.steps.find(({ state }) => state === 'PENDING');
    return {
      phase: 'FAILED', isCancelable: false, errorReason: reason, errorMessage: message, startedAt: row.startedAt ?? now, endedAt: now,
      steps: running ? withStep(row.steps, { name: running.name, state: 'FAILED', message }, now.getTime()) : row.steps,
    };
  });
}

type Change = Parameters<RunPorts['work']['records']['operations']['write']>[1];

async function change(ports: Followed, operationId: string | null, decide: (row: OperationRow, now: Date) => Change): Promise<void> {
  if (operationId === null) return;
  const { operations } = ports.work.records;
  const row = await operations.byIdForLoop(operationId);
  if (row === undefined || hasEnded(row.phase)) return;
  const now = nowOf(ports);
  await operations.write(operationId, decide(row, now), now);
}
