// A member's row with its port, its directory, and the data that its first start loads.
import { dataKindOf, isStore, wishedMembersOf } from '@larder/plane-domain';
import { isSpreading } from '../high-availability/port-move';
import { failed, done, refOf, wait, type PassContext, type StepOutcome } from '../pass-context';

const triedPortsMax = 50;

export async function ensureStorage(context: PassContext): Promise<StepOutcome> {
  const { instance: { spec }, availability } = context;
  // Before anybody else is there: who holds the data is in the records, whatever becomes of this pass.
  const alone = context.members.find((member) => isStore(member) && member.startedAt !== null);
  if (availability === null && alone !== undefined && isSpreading(context)) {
    context.availability = { at: context.now().toISOString(), primary: alone.name, configEpoch: 0, stores: [], sentinelsUp: 0, givenUpId: null };
    return wait('Spreading', 'From one store to several.', 0);
  }
  for (const name of wishedMembersOf(spec, context.members.map((member) => member.name), availability)) {
    const outcome = await ensureMember(context, name);
    if (outcome.outcome !== 'done') return outcome;
  }
  return ensureSeed(context);
}

/** A port is settled as soon as a process has ever held it; until then one that a stranger holds is passed over. */
export async function ensureMember(context: PassContext, name: string): Promise<StepOutcome> {
  const { ports: { records, provisioner }, settings, instance } = context;
  const { spec } = instance;
  const taken: number[] = [];
  for (let round = 0; round < triedPortsMax; round += 1) {
    const chosen = context.members.find((member) => member.name === name)
      ?? await records.instances.ensureMemberForLoop(instance.id, name, settings.instancePortRange, settings.publicHost, taken, context.now());
    if (chosen === 'range-exhausted') {
      const [low, high] = settings.instancePortRange;
      return failed('PortsExhausted', `No free port is left from ${low} to ${high}; INSTANCE_PORT_RANGE widens the range.`);
    }
    if (!context.members.includes(chosen)) context.members = [...context.members, chosen];
    const isSettled = chosen.startedAt !== null || (instance.endpoint !== null && spec.topology === 'STANDALONE');
    if (isSettled || (await provisioner.observe(refOf(chosen), chosen.identity)).state === 'running' || (await provisioner.isPortFree(chosen.port))) {
      const { directory } = await provisioner.ensureStorage(refOf(chosen));
      if (chosen.directory !== directory) await context.writeMember(chosen, { directory });
      return done;
    }
    await context.event('WARNING', 'PortTaken', `Port ${chosen.port} is used by another program; the next one is taken.`);
    taken.push(chosen.port);
    await records.instanceMembers.remove(chosen.id);
    context.members = context.members.filter((member) => member.id !== chosen.id);
  }
  return failed('PortTaken', `${triedPortsMax} ports in a row are used by other programs: ${taken[0]!} to ${taken.at(-1)!}.`);
}

async function ensureSeed(context: PassContext): Promise<StepOutcome> {
  const { ports: { seeds, provisioner }, instance, members } = context;
  const seed = instance.spec.seed;
  if (seed === null || context.seededAt !== null) return done;
  const member = members.find(isStore)!;
  // A process that ran has loaded it: the pass that laid it down did not live to say so.
  if (member.startedAt === null && (await provisioner.observe(refOf(member), member.identity)).state === 'absent') {
    if (seeds === null) return failed('NoSeedSource', 'This installation cannot load backups.');
    try {
      await provisioner.seedStorage(refOf(member), await seeds.open(instance.organizationId, seed), dataKindOf(seed));
    } catch (error) {
      const fault = error as NodeJS.ErrnoException & { readonly isFinal?: boolean };
      // EEXIST: laid down whole by an earlier pass.
      if (fault.code !== 'EEXIST') {
        const refused = failed(fault.code === 'ENOSPC' ? 'DiskFull' : 'SeedFailed', `The first data cannot be laid down: ${fault.message}`);
        return fault.isFinal === true && refused.outcome === 'failed' ? { ...refused, isFinal: true } : refused;
      }
    }
  }
  context.seededAt = context.now();
  return done;
}
