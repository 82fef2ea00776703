// Taking away what is no longer wished: surplus members of a living instance, everything of one that is deleted.
import { isStore, wishedMembersOf, type InstanceMemberRow } from '@larder/plane-domain';
import { lookAtStore } from '../high-availability/look';
import { done, failed, refOf, wait, type PassContext, type StepOutcome } from '../pass-context';
import { forgetRetired } from './sentinels';

/** Its data goes with it, so there is nothing to save for; a client's last command may still end. */
const deleteGraceMs = 3000;

export async function retireSurplus(context: PassContext): Promise<StepOutcome> {
  const { instance: { spec }, availability } = context;
  const wished = wishedMembersOf(spec, context.members.map(({ name }) => name), availability);
  const surplus = context.members.filter(({ name }) => !wished.includes(name));
  for (const member of surplus) {
    // The Sentinels may have chosen it since it was looked at.
    if (spec.topology === 'HA' && isStore(member) && (await lookAtStore(context, member)).role === 'PRIMARY') return wait('PrimaryMoved', `Store ${member.name} is primary by now.`, 100);
    await context.event('NORMAL', 'Retired', `Member ${member.name} is no longer needed.`);
    await context.ports.provisioner.retireProcess(refOf(member), member.identity, deleteGraceMs);
    await removeMember(context, member);
  }
  if (spec.topology === 'HA') await forgetRetired(context);
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
  const retire = (member: InstanceMemberRow): Promise<void> => context.ports.provisioner.retireProcess(refOf(member), member.identity, deleteGraceMs);
  // Who would do something about stores that go, goes first.
  await Promise.all(context.members.filter((member) => !isStore(member)).map(retire));
  await Promise.all(context.members.filter(isStore).map(retire));
  return done;
}

export async function removeStorage(context: PassContext): Promise<StepOutcome> {
  for (const member of context.members) await removeMember(context, member);
  return done;
}

/** The row last: as long as it is there, the next pass knows what to remove. */
export async function removeMember(context: PassContext, member: InstanceMemberRow): Promise<void> {
  await context.ports.provisioner.retireStorage(refOf(member));
  await context.ports.records.instanceMembers.remove(member.id);
  context.members = context.members.filter(({ id }) => id !== member.id);
}
