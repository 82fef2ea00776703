// The processes of an instance of several stores: each as the Sentinels have it, whoever died.
//
//   Sentinels (where they have run before: they know who is primary) -> look -> replicas and the primary -> Sentinels, gates
//
// Invariants
// - A store that was primary is not started as primary while the Sentinels can choose another (decide-roles.ts, decideReturn).
// - What keeps the primary from answering stops the pass; what ails another member is noted, and the instance goes on serving.
// - Restarts that are wished go one at a time, replicas first; the primary hands over before its own.
import { downAfterMs, hasAppendLog, isStore, memberKindOf, wishedMembersOf, type InstanceMemberRow } from '@larder/plane-domain';
import { done, refOf, wait, type PassContext, type StepOutcome } from '../pass-context';
import type { Start } from '../steps/processes';
import { mayChooseAtOnce } from './decide-death';
import { decideReturn } from './decide-roles';
import { handOver } from './hand-over';
import { look, type View } from './look';
import { failoverTimeoutMs, memberHost } from './member-directives';
import { isSharing, sentinelsOf } from './sentinels-of';
import { ensureWatched } from './shared-sentinels';
import { isStandingDown } from './stand-down';

type Ensure = (member: InstanceMemberRow, how: Start) => Promise<StepOutcome>;

/** Several attempts of the Sentinels: after one that found no replica fit they pause for twice their failover-timeout. */
const electionMs = 12 * failoverTimeoutMs;
const lostRetryMs = 100;

export async function ensureGroup(
  context: PassContext, ensure: Ensure, wished = wishedMembersOf(context.instance.spec, context.members.map(({ name }) => name), context.availability),
): Promise<StepOutcome> {
  const named = (name: string): InstanceMemberRow => context.members.find((member) => member.name === name)!;
  const group = new Group(context, ensure, named);
  const stores = wished.filter((name) => isStore({ name }));
  const sentinels = wished.filter((name) => memberKindOf(name) === 'SENTINEL');
  const gates = wished.filter((name) => memberKindOf(name) === 'GATE');
  // Until Sentinels have run nobody can have been chosen: the first store is primary, with the data that it was given.
  const hasRun = context.availability !== null
    && (context.instance.observedGeneration > 0 || sentinels.some((name) => named(name).startedAt !== null) || context.availability.sentinelsUp > 0);
  if (hasRun) await Promise.all(sentinels.map((name) => group.ensureOther(name, named(context.availability!.primary) ?? named(stores[0]!))));
  const view = await look(context);
  const primary = named(view.roles.primary);
  if (hasRun) await group.chooseAtOnce(primary, view);
  const outcome = await group.ensureStores(stores, primary, view, hasRun);
  // What it was given is in one place alone until the replicas have it, too; till then nobody shall be able to choose one of them.
  if (outcome.outcome === 'done' && !hasRun && context.instance.spec.seed !== null && (await look(context)).stores.some(({ role, isLinkUp }) => role !== 'PRIMARY' && !isLinkUp)) {
    return wait('Synchronizing', 'The replicas are being filled with the first data.', 100);
  }
  if (outcome.outcome === 'done' && isSharing(context)) {
    const watched = await ensureWatched(context, primary);
    if (watched.outcome !== 'done') return watched;
  }
  if (outcome.outcome === 'done') await Promise.all([...(hasRun ? [] : sentinels), ...gates].map((name) => group.ensureOther(name, primary)));
  return outcome;
}

class Group {
  readonly #context: PassContext;
  readonly #ensure: Ensure;
  readonly #named: (name: string) => InstanceMemberRow;

  constructor(context: PassContext, ensure: Ensure, named: (name: string) => InstanceMemberRow) {
    this.#context = context;
    this.#ensure = ensure;
    this.#named = named;
  }

  async ensureOther(name: string, primary: InstanceMemberRow): Promise<void> {
    this.#note(name, await this.#ensure(this.#named(name), { primary, follows: null }));
  }

  /** Where the primary's process has ended, the Sentinels need not wait to see whether it was a pause. What they answer does not matter: they act by themselves. */
  async chooseAtOnce(primary: InstanceMemberRow, { stores, sentinels }: View): Promise<void> {
    const { ports: { provisioner, link }, plan, now, instance } = this.#context;
    if (stores.find(({ name }) => name === primary.name)?.role !== null || isStandingDown(sentinels)) return;
    if ((await provisioner.observe(refOf(primary), primary.identity)).state !== 'exited') return;
    const doors = sentinelsOf(this.#context).sentinels;
    const goneForMs = primary.exitedAt === null ? 0 : now().getTime() - primary.exitedAt.getTime();
    const death = { primary, goneForMs, downAfterMs: downAfterMs(plan), sentinelsTotal: doors.length, before: instance.availability?.stores ?? [] };
    if (!mayChooseAtOnce(death, stores, sentinels)) return;
    await link.command(doors[0]!.address, ['SENTINEL', 'FAILOVER', doors[0]!.setName]);
  }

  async ensureStores(stores: readonly string[], primary: InstanceMemberRow, view: View, hasRun: boolean): Promise<StepOutcome> {
    const replicas = stores.filter((name) => name !== primary.name);
    const othersRunning = await this.#countRunning(replicas);
    // The first start: whom they shall follow must be there.
    const first = hasRun ? undefined : await this.#ensurePrimary(primary, view, hasRun, othersRunning);
    if (first !== undefined && first.outcome !== 'done') return first;
    const follows = { host: memberHost(this.#context.settings), port: primary.port };
    await Promise.all(replicas.map(async (name) => this.#note(name, await this.#ensure(this.#named(name), { primary, follows, mayRestart: async () => this.#mayRestartReplica(name, replicas, view) }))));
    return first ?? this.#ensurePrimary(this.#named(primary.name), view, hasRun, othersRunning);
  }

  /**
   * Before any of them is started here. By process, not by answer: one that did not answer this once, or is loading, still has what the others
   * may not have.
   */
  async #countRunning(names: readonly string[]): Promise<number> {
    const { provisioner } = this.#context.ports;
    const seen = await Promise.all(names.map(this.#named).map((member) => provisioner.observe(refOf(member), member.identity)));
    return seen.filter(({ state }) => state === 'running').length;
  }

  #ensurePrimary(primary: InstanceMemberRow, view: View, hasRun: boolean, othersRunning: number): Promise<StepOutcome> {
    const { plan, instance: { spec }, now } = this.#context;
    return this.#ensure(primary, {
      primary, follows: null,
      mayStart: async (member) => {
        const how = decideReturn({
          isPrimary: true, hasRun, othersRunning, goneForMs: member.exitedAt === null ? 0 : now().getTime() - member.exitedAt.getTime(),
          patienceMs: downAfterMs(plan) + electionMs, isBehindAfterStart: !hasAppendLog(spec.persistence),
        });
        // Nobody would be chosen, and nobody else has anything: it was restored in place.
        if (how !== 'wait' || isStandingDown(view.sentinels)) return undefined;
        // Its absence counts from when it was first seen, also where it did not crash.
        if (member.exitedAt === null) await this.#context.writeMember(member, { exitedAt: now(), exitReason: 'is gone' });
        return wait('PrimaryLost', 'The primary is gone; the Sentinels choose another.', lostRetryMs);
      },
      mayRestart: async () => {
        if (!view.stores.some(({ name, isLinkUp }) => name !== primary.name && isLinkUp)) return wait('NoReplica', 'The primary is restarted once a replica can take over.', 500);
        const outcome = await handOver(this.#context, { mode: 'SWITCHOVER' });
        return outcome.outcome === 'done' ? wait('HandedOver', 'Another store is primary; the former one is restarted next.', 50) : outcome;
      },
    });
  }

  /** One at a time, and only while all the others hear the primary. */
  #mayRestartReplica(name: string, replicas: readonly string[], view: View): StepOutcome | undefined {
    const waiting = replicas.filter((each) => this.#named(each).restartNonce < this.#context.instance.spec.restartNonce);
    const isTurn = waiting[0] === name && view.stores.every((store) => store.name === name || !replicas.includes(store.name) || store.isLinkUp);
    return isTurn ? undefined : wait('RestartQueued', `Store ${name} is restarted when its turn comes.`, 200);
  }

  #note(name: string, outcome: StepOutcome): void {
    const { id } = this.#named(name);
    if (outcome.outcome === done.outcome) this.#context.trouble.delete(id);
    else this.#context.trouble.set(id, outcome);
  }
}
