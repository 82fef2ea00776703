// Three Sentinels that see the primary, all replicas and each other; quicker to look than their defaults.
import { sentinelNames, sentinelQuorum, downAfterMs, isStore } from '@larder/plane-domain';
import { askSentinel, look } from '../high-availability/look';
import { sentinelsOf } from '../high-availability/sentinels-of';
import { quickTimings } from '../high-availability/shared-sentinels';
import { done, outcomeOf, wait, type PassContext, type StepOutcome } from '../pass-context';

export async function ensureSentinels(context: PassContext): Promise<StepOutcome> {
  if (context.instance.spec.topology !== 'HA') return done;
  const { ports: { link }, plan } = context;
  const before = await look(context);
  for (const { name, memberId, address, setName } of sentinelsOf(context).sentinels) {
    const member = context.members.find(({ id }) => id === memberId);
    if (context.trouble.has(memberId)) continue;
    const view = before.sentinels.find((each) => each.name === name);
    if (view !== undefined && view.downAfterMs !== downAfterMs(plan)) {
      const set = await link.command(address, ['SENTINEL', 'SET', setName, 'down-after-milliseconds', String(downAfterMs(plan)), 'quorum', String(sentinelQuorum)]);
      if (!set.ok) return outcomeOf(set.error, 'SENTINEL SET');
    }
    // A start notes no threads for a Sentinel; its one thread is noted once it has been told its timings.
    if (member === undefined || member.threads !== null) continue;
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
  for (const sentinel of sentinelsOf(context).sentinels) {
    const view = await askSentinel(context, sentinel);
    if (view === undefined || view.isFailingOver || view.replicaPorts.every((port) => ports.has(port))) continue;
    await context.ports.link.command(sentinel.address, ['SENTINEL', 'RESET', sentinel.setName]);
  }
}
