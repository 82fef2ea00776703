// Makes another store primary, by way of the Sentinels alone: they choose, in an epoch of their own, so that nobody has to be told afterwards.
//
//   FAILOVER     at once; what the chosen replica has not had yet is lost, as when the primary dies
//   SWITCHOVER   writes are held back, a replica is awaited that has everything, then the same: nothing acknowledged is lost
//
// Invariants
// - Held-back writes are let go only once the old primary is a replica (they fail then, unacknowledged) or nothing was changed. Should this
//   process die in the middle, the hold ends by itself, later than the Sentinels turn the old primary round.
import { delay, secondMs } from '@larder/shared-std';
import { isStore, memberKindOf, primarySetName, type HandoverMode, type InstanceMemberRow, type Outcome } from '@larder/plane-domain';
import { done, outcomeOf, systemAddress, wait, type PassContext } from '../pass-context';
import { askSentinel, look, lookAtStore } from './look';
import { memberHost } from './member-directives';

const holdMs = 30 * secondMs;
const catchUpMsMax = 5 * secondMs;
const promotionMsMax = 12 * secondMs;
const pauseMs = 10;

export async function handOver(context: PassContext, mode: HandoverMode): Promise<Outcome> {
  const { roles, stores, sentinels } = await look(context);
  const old = context.members.find(({ name }) => name === roles.primary);
  const sentinel = context.members.find(({ name }) => memberKindOf(name) === 'SENTINEL' && sentinels.some((view) => view.name === name));
  if (roles.isFailingOver) return wait('FailingOver', 'The Sentinels are choosing a primary.', 200);
  if (old === undefined || sentinel === undefined || !roles.isPrimaryUp) return wait('NotReady', 'The primary or the Sentinels do not answer.', 500);
  if (!stores.some(({ role, isLinkUp }) => role === 'REPLICA' && isLinkUp)) return wait('NoReplica', 'No replica hears the primary.', 500);
  const { link } = context.ports;
  const oldAddress = systemAddress(context, old);
  const release = (): Promise<unknown> => link.command(oldAddress, ['CLIENT', 'UNPAUSE']);
  if (mode === 'SWITCHOVER') {
    const held = await link.command(oldAddress, ['CLIENT', 'PAUSE', String(holdMs), 'WRITE']);
    if (!held.ok) return outcomeOf(held.error, 'CLIENT PAUSE');
    if (!(await awaitCaughtUp(context, old))) {
      await release();
      return wait('ReplicaBehind', 'No replica has caught up with the primary in time; writes go on meanwhile.', 2 * secondMs);
    }
  }
  const asked = await link.command(systemAddress(context, sentinel), ['SENTINEL', 'FAILOVER', primarySetName]);
  const promoted = asked.ok ? await awaitPromotion(context, old, sentinel, roles.configEpoch) : undefined;
  if (promoted !== undefined) {
    await link.command(oldAddress, ['REPLICAOF', memberHost(context.settings), String(promoted.port)]);
    await link.command(oldAddress, ['CLIENT', 'KILL', 'TYPE', 'normal']);
  }
  if (mode === 'SWITCHOVER') await release();
  if (!asked.ok) return wait('SentinelRefused', asked.error.fault === 'reply' ? `The Sentinels will not: ${asked.error.message}` : 'The Sentinel does not answer.', 1000);
  if (promoted === undefined) return wait('FailingOver', 'The Sentinels have not finished in time.', 500);
  await look(context, mode);
  return done;
}

async function awaitCaughtUp(context: PassContext, old: InstanceMemberRow): Promise<boolean> {
  const others = context.members.filter((member) => isStore(member) && member.id !== old.id);
  for (const until = context.ports.clock.monotonic() + catchUpMsMax; context.ports.clock.monotonic() < until;) {
    const primary = await lookAtStore(context, old);
    const views = await Promise.all(others.map((member) => lookAtStore(context, member)));
    const linked = views.filter(({ role, isLinkUp }) => role === 'REPLICA' && isLinkUp);
    // All that are linked: whom the Sentinels choose is theirs to say.
    if (linked.length > 0 && linked.every(({ offset }) => offset! >= primary.offset!)) return true;
    await delay(context.ports.clock, pauseMs);
  }
  return false;
}

/** The store that says it is primary, once a Sentinel stands for it with a greater epoch or it is the only other one. */
async function awaitPromotion(context: PassContext, old: InstanceMemberRow, sentinel: InstanceMemberRow, epoch: number): Promise<InstanceMemberRow | undefined> {
  const others = context.members.filter((member) => isStore(member) && member.id !== old.id);
  for (const until = context.ports.clock.monotonic() + promotionMsMax; context.ports.clock.monotonic() < until;) {
    const views = await Promise.all(others.map((member) => lookAtStore(context, member)));
    const promoted = views.find(({ role }) => role === 'PRIMARY');
    const word = await askSentinel(context, sentinel);
    if (promoted !== undefined && word !== undefined && word.configEpoch > epoch) return others.find(({ name }) => name === promoted.name);
    await delay(context.ports.clock, pauseMs);
  }
  return undefined;
}
