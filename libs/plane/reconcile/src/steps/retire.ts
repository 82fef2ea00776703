// Taking away what is no longer wished: surplus members of a living instance, everything of one that is deleted.
import type { InstanceMemberRow } from '@larder/plane-domain';
import { done, failed, refOf, wishedMembers, type PassContext, type StepOutcome } from '../pass-context';

/** Its data goes with it, so there is nothing to save for; a client's last command may still end. */
const deleteGraceMs = 3000;

export async function retireSurplus(context: PassContext): Promise<StepOutcome> {
  for (const member of context.members.filter(({ name }) => !(wishedMembers as readonly string[]).includes(name))) {
    await context.event('NORMAL', 'Retired', `Member ${member.name} is no longer needed.`);
    await context.ports.provisioner.retireProcess(refOf(member), member.identity, deleteGraceMs);
    await removeMember(context, member);
  }
  return done;
}

export async function ensureFinalBackup(context: PassContext): Promise<StepOutcome> {
  const { ports: { finalBackup }, instance } = context;
  // Nothing was ever stored where nothing ever ran.
  if (!instance.spec.finalBackup || instance.observedGeneration === 0) return done;
  if (finalBackup === null) return failed('NoBackups', 'This installation takes no backups; delete without a final one.');
  return finalBackup.ensure(instance);
}

export async function retireProcesses(context: PassContext): Promise<StepOutcome> {
  for (const member of context.members) await context.ports.provisioner.retireProcess(refOf(member), member.identity, deleteGraceMs);
  return done;
}

export async function removeStorage(context: PassContext): Promise<StepOutcome> {
  for (const member of context.members) await removeMember(context, member);
  return done;
}

/** The row last: as long as it is there, the next pass knows what to remove. */
async function removeMember(context: PassContext, member: InstanceMemberRow): Promise<void> {
  await context.ports.provisioner.retireStorage(refOf(member));
  await context.ports.records.instanceMembers.remove(member.id);
  context.members = context.members.filter(({ id }) => id !== member.id);
}
