// Makes another store primary, by way of the Sentinels alone: they choose, in an epoch of their own, so that nobody has to be told afterwards.
//
//   FAILOVER     at once; what the chosen replica has not had yet is lost, as when the primary dies
//   SWITCHOVER   writes are held back until everybody whom the Sentinel could choose has everything (decide-fit.ts), then the same: nothing
//                acknowledged is lost
//
// Invariants
// - Held-back writes are let go only once the old primary has said that it follows another (they fail then, unacknowledged), or where it is
//   certain that nobody was promoted and nobody will be. Else, and should this process die in the middle, the hold ends by itself: it is
//   renewed before the Sentinel is asked, and lasts longer than they need to turn the old primary round.
// - Who is asked is who chooses: a failover that is asked for is led by that Sentinel, so what it knows of the replicas is what counts.
import { delay, secondMs } from '@larder/shared-std';
import { isStore, sentinelNames, type HandoverMode, type InstanceMemberRow, type Outcome } from '@larder/plane-domain';
import { done, outcomeOf, systemAddress, wait, type PassContext } from '../pass-context';
import type { StoreView } from './decide-roles';
import { decideBarred, isCertainlyUnchanged, isLinkedTo, isSafeToHandOver } from './decide-fit';
import { askSentinel, choosableBy, look, lookAtStore, priorityHeard } from './look';
import { memberHost } from './member-directives';
import { sentinelsOf, type SentinelDoor } from './sentinels-of';
import { setGuard } from './write-guard';

const holdMs = 30 * secondMs;
const catchUpMsMax = 5 * secondMs;
const promotionMsMax = 12 * secondMs;
const pauseMs = 10;
/** Sentinels ask each second how a store is. */
const preferMsMax = 4 * secondMs;
/** Others have 100; the step `settings` gives it back. */
const preferredPriority = 1;

export interface Handing {
  readonly mode: HandoverMode;
  /** Who shall be primary; null: whom the Sentinels choose. */
  readonly target?: string | null;
  /** Asked when everything is ready, right before the first thing that anybody notices. */
  readonly mayBegin?: () => Promise<boolean>;
}

export async function handOver(context: PassContext, { mode, target = null, mayBegin }: Handing): Promise<Outcome> {
  const { roles, stores, sentinels } = await look(context);
  const old = context.members.find(({ name }) => name === roles.primary);
  const sentinel = sentinelsOf(context).sentinels.find(({ name }) => sentinels.some((view) => view.name === name));
  if (roles.isFailingOver) return wait('FailingOver', 'The Sentinels are choosing a primary.', 200);
  if (old === undefined || sentinel === undefined || !roles.isPrimaryUp) return wait('NotReady', 'The primary or the Sentinels do not answer.', 500);
  if (!stores.some((store) => isLinkedTo(old, store))) return wait('NoReplica', 'No replica hears the primary.', 500);
  const { link } = context.ports;
  const oldAddress = systemAddress(context, old);
  const chosen = target === null ? undefined : await prefer(context, target, stores, sentinel);
  if (chosen !== undefined && chosen.outcome !== 'done') return chosen;
  // Whoever comes takes writes before the others have found it.
  for (const member of context.members.filter((each) => isStore(each) && each.id !== old.id && !context.trouble.has(each.id))) await setGuard(context, member, 0);
  if (mode === 'SWITCHOVER') await bar(context, stores, old, sentinel);
  if (mayBegin !== undefined && !(await mayBegin())) return wait('Canceled', 'It was called off.', 0);
  const hold = (): ReturnType<typeof link.command> => link.command(oldAddress, ['CLIENT', 'PAUSE', String(holdMs), 'WRITE']);
  const release = (): Promise<unknown> => link.command(oldAddress, ['CLIENT', 'UNPAUSE']);
  if (mode === 'SWITCHOVER') {
    const held = await hold();
    // One that did not answer may hold them all the same.
    if (!held.ok) {
      await release();
      return outcomeOf(held.error, 'CLIENT PAUSE');
    }
    // The hold is renewed: what is still to come has its whole time.
    if (!(await awaitCaughtUp(context, old, target, sentinel)) || !(await hold()).ok) {
      await release();
      return wait('ReplicaBehind', 'No replica has caught up with the primary in time; writes go on meanwhile.', 2 * secondMs);
    }
  }
  const asked = await link.command(sentinel.address, ['SENTINEL', 'FAILOVER', sentinel.setName]);
  if (!asked.ok && asked.error.fault === 'reply') {
    if (mode === 'SWITCHOVER') await release();
    return wait('SentinelRefused', `The Sentinels will not: ${asked.error.message}`, 1000);
  }
  const promoted = await awaitPromotion(context, old, sentinel, roles.configEpoch);
  if (promoted === undefined) {
    if (mode === 'SWITCHOVER' && (await isNobodyPromoted(context, old, roles.configEpoch))) await release();
    return wait('FailingOver', asked.ok ? 'The Sentinels have not finished in time.' : 'The Sentinel does not answer.', 500);
  }
  const turned = await link.command(oldAddress, ['REPLICAOF', memberHost(context.settings), String(promoted.port)]);
  // Let go now it would take writes that nobody will ever see again; the Sentinels turn it round before the hold ends.
  if (!turned.ok) return wait('NotTurnedRound', 'The former primary could not be told to follow the new one; the Sentinels will tell it.', 200);
  await link.command(oldAddress, ['CLIENT', 'KILL', 'TYPE', 'normal']);
  if (mode === 'SWITCHOVER') await release();
  await look(context, mode);
  // Priorities that were changed for this are given back by the next pass.
  context.lookAgainAt = context.now();
  return done;
}

/** A store is preferred to the others, whatever they have: every Sentinel that may lead must have heard of it. */
async function prefer(context: PassContext, target: string, stores: readonly StoreView[], sentinel: SentinelDoor): Promise<Outcome> {
  const { link, clock } = context.ports;
  const view = stores.find(({ name }) => name === target);
  const member = context.members.find(({ name }) => name === target);
  if (member === undefined || view?.role !== 'REPLICA' || !view.isLinkUp) return wait('NotInSync', `Store ${target} does not hear the primary.`, 500);
  const set = await link.configSet(systemAddress(context, member), { 'replica-priority': String(preferredPriority) });
  if (!set.ok) return outcomeOf(set.error, 'CONFIG SET');
  for (const until = clock.monotonic() + preferMsMax; clock.monotonic() < until;) {
    if (await priorityHeard(context, sentinel, member.port) === preferredPriority) return done;
    await delay(clock, 5 * pauseMs);
  }
  return wait('SentinelSlow', `The Sentinel has not heard yet that store ${target} is preferred.`, 500);
}

/** Replicas that answer and do not hear the primary are taken out of the choice, as far as that can be done in time (the step `settings` puts them back). */
async function bar(context: PassContext, stores: readonly StoreView[], old: InstanceMemberRow, sentinel: SentinelDoor): Promise<void> {
  const { link, clock } = context.ports;
  const primary = stores.find(({ name }) => name === old.name)!;
  const barred = decideBarred(primary, stores.filter(({ name }) => name !== old.name));
  for (const { name } of barred) await link.configSet(systemAddress(context, context.members.find((member) => member.name === name)!), { 'replica-priority': '0' });
  for (const until = clock.monotonic() + preferMsMax; barred.length > 0 && clock.monotonic() < until;) {
    const choosable = await choosableBy(context, sentinel);
    if (choosable !== undefined && barred.every(({ port }) => !choosable.includes(port))) return;
    await delay(clock, 5 * pauseMs);
  }
}

async function awaitCaughtUp(context: PassContext, old: InstanceMemberRow, target: string | null, sentinel: SentinelDoor): Promise<boolean> {
  const others = context.members.filter((member) => isStore(member) && member.id !== old.id);
  for (const until = context.ports.clock.monotonic() + catchUpMsMax; context.ports.clock.monotonic() < until;) {
    // In this order: what the others have is compared with what the primary had before.
    const primary = await lookAtStore(context, old);
    const views = await Promise.all(others.map((member) => lookAtStore(context, member)));
    if (isSafeToHandOver(primary, views, await choosableBy(context, sentinel), target)) return true;
    await delay(context.ports.clock, pauseMs);
  }
  return false;
}

async function isNobodyPromoted(context: PassContext, old: InstanceMemberRow, epoch: number): Promise<boolean> {
  const { stores, sentinels } = await look(context);
  const own = stores.find(({ name }) => name === old.name)!;
  return isCertainlyUnchanged(own, stores.filter((store) => store !== own), sentinels, sentinelNames.length, epoch);
}

/** The store that says it is primary, once a Sentinel stands for it with a greater epoch or it is the only other one. */
async function awaitPromotion(context: PassContext, old: InstanceMemberRow, sentinel: SentinelDoor, epoch: number): Promise<InstanceMemberRow | undefined> {
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
