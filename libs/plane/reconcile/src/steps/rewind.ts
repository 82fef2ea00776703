// Going back in place: the data of a backup, or of a second, takes the place of what a running instance holds.
//
//   safety backup, proven → data laid down beside → store stopped → rest of its log archived → data in place → noted → (started)
//
//   of several stores   … laid down beside the primary’s → Sentinels stand down → all stopped → rest of its log → data in place, replicas
//                       empty → noted → (started: the primary at once, replicas fill themselves from it → Sentinels stand up)
//
// Invariants
// - Until the new data lies there whole and checked, the store runs and loses nothing; what cannot be had is given up, and the instance
//   goes on as it was.
// - Noted before the process starts: what is written after that is never replaced by the same wish again. Whoever dies before it does all
//   of it again, with nobody connected.
// - Of several stores none but the primary of that moment is ever primary between the first stop and the end: whoever could be chosen has
//   nothing, and nobody chooses (stand-down.ts).
import { dataKindOf, isStore, type InstanceMemberRow, type Outcome, type Rewind } from '@larder/plane-domain';
import { minuteMs } from '@larder/shared-std';
import { look } from '../high-availability/look';
import { isSpreading } from '../high-availability/port-move';
import { isStandingDown, standDown } from '../high-availability/stand-down';
import { OperationProgress } from '../operation-progress';
import { done, failed, refOf, wait, type PassContext, type StepOutcome } from '../pass-context';
import { ensureProcesses } from './processes';

const stopGraceMs = minuteMs;

export async function ensureRewind(context: PassContext): Promise<StepOutcome> {
  const wish = context.instance.spec.rewind;
  const stores = context.members.filter(isStore);
  // (The API takes no such wish while the topology is being changed.)
  if (wish === null || stores.length === 0 || isSpreading(context)) return done;
  const ignorant = stores.filter(({ rewindId }) => rewindId !== wish.id);
  if (ignorant.length === stores.length) return context.instance.spec.topology === 'STANDALONE' ? rewind(context, stores[0]!, wish) : rewindGroup(context, wish);
  // A store that has come since knows of it, too: whoever of them stays, it is not done again.
  for (const member of ignorant) await context.writeMember(member, { rewindId: wish.id });
  return done;
}

async function rewindGroup(context: PassContext, wish: Rewind): Promise<StepOutcome> {
  const view = await look(context);
  const primary = context.members.find(({ name }) => name === view.roles.primary)!;
  const isResumed = isStandingDown(view.sentinels);
  if (!isResumed && (view.roles.isFailingOver || !view.roles.isPrimaryUp)) {
    const brought = await ensureProcesses(context);
    return brought.outcome === 'done' ? wait('NotReady', 'The instance is brought up before it is restored.', 300) : brought;
  }
  return rewind(context, primary, wish, async () => {
    if (isResumed) return done;
    const told = await standDown(context);
    if (told.outcome !== 'done') return told;
    const { roles, sentinels } = await look(context);
    const isSettled = roles.primary === primary.name && !roles.isFailingOver && isStandingDown(sentinels);
    return isSettled ? done : wait('FailingOver', 'The Sentinels are choosing a primary.', 300);
  });
}

async function rewind(context: PassContext, member: InstanceMemberRow, wish: Rewind, mayStop: () => Promise<Outcome> = async () => done): Promise<StepOutcome> {
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
  const may = await mayStop();
  if (may.outcome !== 'done') return may;
  const replicas = context.members.filter((each) => isStore(each) && each.id !== member.id);
  await provisioner.retireProcess(refOf(member), member.identity, stopGraceMs);
  await Promise.all(replicas.map((replica) => provisioner.retireProcess(refOf(replica), replica.identity, stopGraceMs)));
  await closeLog?.(instance.id, 'RestoredInPlace', 'The instance was restored in place.');
  await provisioner.adoptData(refOf(member), wish.id);
  for (const replica of replicas) {
    for (const kind of await provisioner.dataFiles(refOf(replica))) await provisioner.dropData(refOf(replica), kind);
  }
  for (const each of [member, ...replicas]) {
    await context.writeMember(each, { rewindId: wish.id, identity: null, exitedAt: null, exitReason: null, crashes: 0, notBefore: null, persistence: null, persistenceAt: null });
  }
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
