// A wish that another store become primary, carried out once; given up where it cannot be, or else it would be tried for ever.
import { secondMs } from '@larder/shared-std';
import { handOver } from '../high-availability/hand-over';
import { OperationProgress } from '../operation-progress';
import { done, type PassContext, type StepOutcome } from '../pass-context';

const patienceMs = 60 * secondMs;

export async function ensureHandover(context: PassContext): Promise<StepOutcome> {
  const wish = context.instance.spec.handover;
  const seen = context.availability;
  if (wish === null || seen === null || seen.givenUpId === wish.id || seen.configEpoch > wish.epoch) return done;
  const outcome = await handOver(context, wish.mode);
  if (outcome.outcome === 'done') return done;
  if (outcome.outcome === 'wait' && context.now().getTime() - Date.parse(wish.askedAt) < patienceMs) return outcome;
  const { ports: { records }, instance } = context;
  await context.event('WARNING', 'HandoverFailed', `Nothing was handed over: ${outcome.message}`);
  const open = (await records.operations.openOfInstance(instance.id)).filter(({ kind }) => kind === wish.mode);
  await OperationProgress.end(records.operations, open, 'FAILED', outcome.reason, outcome.message, context.now());
  context.availability = { ...context.availability!, givenUpId: wish.id };
  return done;
}
