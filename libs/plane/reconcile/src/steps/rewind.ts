// Going back in place: the data of a backup, or of a second, takes the place of what a running instance holds.
//
//   safety backup, proven → data laid down beside → store stopped → rest of its log archived → data in place → noted → (started)
//
// Invariants
// - Until the new data lies there whole and checked, the store runs and loses nothing; what cannot be had is given up, and the instance
//   goes on as it was.
// - Noted before the process starts: what is written after that is never replaced by the same wish again. Whoever dies before it does all
//   of it again, with nobody connected.
import { dataKindOf, type InstanceMemberRow, type Rewind } from '@larder/plane-domain';
import { minuteMs } from '@larder/shared-std';
import { OperationProgress } from '../operation-progress';
import { done, failed, refOf, type PassContext, type StepOutcome } from '../pass-context';

const stopGraceMs = minuteMs;

export async function ensureRewind(context: PassContext): Promise<StepOutcome> {
  const { instance, members: [member] } = context;
  const wish = instance.spec.rewind;
  // The API refuses it where there are several stores.
  if (wish === null || instance.spec.topology !== 'STANDALONE' || member === undefined || member.rewindId === wish.id) return done;
  return rewind(context, member, wish);
}

async function rewind(context: PassContext, member: InstanceMemberRow, wish: Rewind): Promise<StepOutcome> {
  const { ports: { provisioner, seeds, safetyBackup, closeLog }, instance } = context;
  if (seeds === null || safetyBackup === undefined) return failed('NoSeedSource', 'This installation cannot restore in place.');
  const safety = await safetyBackup.ensure(instance, wish);
  if (safety.outcome === 'failed') return giveUp(context, member, wish, safety.reason, safety.message);
  if (safety.outcome !== 'done') return safety;
  try {
    await provisioner.stageData(refOf(member), wish.id, await seeds.open(instance.organizationId, wish.source), dataKindOf(wish.source));
  } catch (error) {
    const fault = error as NodeJS.ErrnoException & { readonly isFinal?: boolean };
    const message = `The data cannot be laid down: ${fault.message}`;
    if (fault.isFinal === true || fault.code === 'ENOSPC') return giveUp(context, member, wish, fault.code === 'ENOSPC' ? 'DiskFull' : 'SeedFailed', message);
    return failed('SeedFailed', message);
  }
  await provisioner.retireProcess(refOf(member), member.identity, stopGraceMs);
  await closeLog?.(instance.id, 'RestoredInPlace', 'The instance was restored in place.');
  await provisioner.adoptData(refOf(member), wish.id);
  await context.writeMember(member, { rewindId: wish.id, identity: null, exitedAt: null, exitReason: null, crashes: 0, notBefore: null, persistence: null, persistenceAt: null });
  await context.event('NORMAL', 'RestoredInPlace', wish.source.kind === 'POINT'
    ? `The data of ${new Date(wish.source.second * 1000).toISOString()} was put in place; what was there before is in a safety backup.`
    : 'The data of a backup was put in place; what was there before is in a safety backup.');
  return done;
}

/** The wish counts as carried out, or else it would be tried for ever, long after people have forgotten it. */
async function giveUp(context: PassContext, member: InstanceMemberRow, wish: Rewind, reason: string, message: string): Promise<StepOutcome> {
  const { ports: { records }, instance } = context;
  await context.writeMember(member, { rewindId: wish.id });
  await context.event('WARNING', 'RestoreFailed', `Not restored, the instance is as it was: ${message}`);
  const open = (await records.operations.openOfInstance(instance.id)).filter(({ kind }) => kind === 'RESTORE_IN_PLACE');
  await OperationProgress.end(records.operations, open, 'FAILED', reason, message, context.now());
  return done;
}
