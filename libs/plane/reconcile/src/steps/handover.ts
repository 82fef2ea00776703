// A wish that another store become primary, carried out once; given up where it cannot be, or else it would be tried for ever.
//
// Invariant: until writes are held (or the Sentinels asked) it can be called off; from there on nobody can, and the operation says so first.
import { isHandoverKind, type OperationRow } from '@larder/plane-domain';
import { secondMs } from '@larder/shared-std';
import { handOver } from '../high-availability/hand-over';
import { OperationProgress } from '../operation-progress';
import { done, type PassContext, type StepOutcome } from '../pass-context';

const patienceMs = 60 * secondMs;

export async function ensureHandover(context: PassContext): Promise<StepOutcome> {
  const wish = context.instance.spec.handover;
  const seen = context.availability;
  if (wish === null || seen === null || seen.givenUpId === wish.id || seen.configEpoch > wish.epoch) return done;
  const { target = null } = wish;
  const outcome = await handOver(context, { mode: wish.mode, target, mayBegin: () => claim(context) });
  if (outcome.outcome === 'done') {
    if (target === null || context.availability!.primary === target) return done;
    return giveUp(context, 'FAILED', 'AnotherChosen', `The Sentinels chose store ${context.availability!.primary} instead of ${target}; nothing was lost.`);
  }
  if ((await openHandovers(context)).some(({ cancelRequestedAt, isCancelable }) => cancelRequestedAt !== null && isCancelable)) return giveUp(context, 'CANCELED', 'Canceled', 'Called off before anything happened.');
  if (outcome.outcome === 'wait' && context.now().getTime() - Date.parse(wish.askedAt) < patienceMs) {
    // It can be called off again.
    for (const { id } of await openHandovers(context)) await context.ports.records.operations.write(id, { isCancelable: true }, context.now());
    return outcome;
  }
  await context.event('WARNING', 'HandoverFailed', `Nothing was handed over: ${outcome.message}`);
  return giveUp(context, 'FAILED', outcome.reason, outcome.message);
}

/** False where it has been called off. In this order: whoever calls it off after the write is told that it is too late. */
async function claim(context: PassContext): Promise<boolean> {
  const { operations } = context.ports.records;
  const open = await openHandovers(context);
  for (const { id } of open) await operations.write(id, { isCancelable: false }, context.now());
  const isCalledOff = (await openHandovers(context)).some(({ cancelRequestedAt }) => cancelRequestedAt !== null);
  if (isCalledOff) for (const { id } of open) await operations.write(id, { isCancelable: true }, context.now());
  return !isCalledOff;
}

async function openHandovers({ ports: { records }, instance }: PassContext): Promise<OperationRow[]> {
  return (await records.operations.openOfInstance(instance.id)).filter(({ kind }) => isHandoverKind(kind));
}

async function giveUp(context: PassContext, phase: 'FAILED' | 'CANCELED', reason: string, message: string): Promise<StepOutcome> {
  const { ports: { records }, instance: { spec } } = context;
  await OperationProgress.end(records.operations, await openHandovers(context), phase, reason, message, context.now());
  context.availability = { ...context.availability!, givenUpId: spec.handover!.id };
  return done;
}
