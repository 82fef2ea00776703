// Three Sentinels that see the primary, all replicas and each other; quicker to look than their defaults.
import { memberKindOf, primarySetName, sentinelNames, sentinelQuorum, downAfterMs, isStore } from '@larder/plane-domain';
import { askSentinel, look } from '../high-availability/look';
import { done, outcomeOf, systemAddress, wait, type PassContext, type StepOutcome } from '../pass-context';

/** Not kept in a Sentinel's file: said again to each that was started. */
const quickTimings = ['info-period', '1000', 'publish-period', '500'];

export async function ensureSentinels(context: PassContext): Promise<StepOutcome> {
  if (context.instance.spec.topology !== 'HA') return done;
  const { ports: { link }, plan } = context;
  const sentinels = context.members.filter(({ name }) => memberKindOf(name) === 'SENTINEL');
  const before = await look(context);
  for (const member of sentinels.filter(({ id }) => !context.trouble.has(id))) {
    const address = systemAddress(context, member);
    const view = before.sentinels.find(({ name }) => name === member.name);
    if (view !== undefined && view.downAfterMs !== downAfterMs(plan)) {
      const set = await link.command(address, ['SENTINEL', 'SET', primarySetName, 'down-after-milliseconds', String(downAfterMs(plan)), 'quorum', String(sentinelQuorum)]);
      if (!set.ok) return outcomeOf(set.error, 'SENTINEL SET');
    }
    // A start notes no threads for a Sentinel; its one thread is noted once it has been told its timings.
    if (member.threads !== null) continue;
    const tuned = await link.command(address, ['SENTINEL', 'DEBUG', ...quickTimings]);
    if (!tuned.ok && tuned.error.fault !== 'reply') return outcomeOf(tuned.error, 'SENTINEL DEBUG');
    await context.writeMember(member, { threads: 1 });
  }
  const trouble = context.members.filter((member) => !isStore(member)).map(({ id }) => context.trouble.get(id)).find((outcome) => outcome !== undefined);
  if (trouble !== undefined) return trouble;
  const { roles, sentinels: views } = await look(context);
  const replicas = context.members.filter((member) => isStore(member) && member.name !== roles.primary);
  const isBlind = views.length < sentinelNames.length || views.some(({ othersCount, isPrimaryDown, replicaPorts }) =>
    othersCount < sentinelNames.length - 1 || isPrimaryDown || replicas.some(({ port }) => !replicaPorts.includes(port)));
  return isBlind ? wait('Gathering', 'The Sentinels do not all see each other and every store yet.', 100) : done;
}

/** Makes the Sentinels forget stores that are gone, one after the other so that two always know. */
export async function forgetRetired(context: PassContext): Promise<void> {
  const ports = new Set(context.members.filter(isStore).map(({ port }) => port));
  for (const member of context.members.filter(({ name }) => memberKindOf(name) === 'SENTINEL')) {
    const view = await askSentinel(context, member);
    if (view === undefined || view.isFailingOver || view.replicaPorts.every((port) => ports.has(port))) continue;
    await context.ports.link.command(systemAddress(context, member), ['SENTINEL', 'RESET', primarySetName]);
  }
}
