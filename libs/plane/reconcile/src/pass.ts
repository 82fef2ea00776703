// One pass over one instance: lease, read, walk the steps, write the status once.
//
//   take lease (fence token) -> read wish, members, operations -> steps in order until one is not done -> status -> operations -> release
//
// Invariants
// - Nothing is remembered between passes except in the records and in the world: a pass that dies anywhere is made up for by the next.
// - The status is written once, with the fence token; one that a later holder overtook is dropped.
// - observedGeneration moves only when every step is done for the generation that was read at the pass's beginning.
import {
  hasEnded, isSentinelGroup, plannedStepsOf, withCondition, type Condition, type ConditionStatus, type InstanceMemberRow, type InstanceSpec, type InstanceRow, type OperationRow,
  type Plan,
} from '@larder/plane-domain';
import { passBackOffMs } from './back-off';
import { OperationProgress, operationFailuresMax } from './operation-progress';
import type { PassContext, ReconcilePorts, ReconcileSettings, StepOutcome } from './pass-context';
import { readGroup } from './high-availability/shared-sentinels';
import { deletedSteps, groupSteps, runningSteps, type ReconcileStep } from './steps';

/** Longer than a step takes as a rule; short enough that a killed worker's instances are looked after soon. */
export const leaseMs = 12_000;
/** Passes that fail before the first data of a new instance is given up. */
const seedFailuresMax = 3;
/** After this many steps' time the lease is renewed before the next step. */
const renewAfterMs = leaseMs / 3;

export type PassResult =
  | { readonly result: 'settled'; readonly lookAgainMs: number | null }
  | { readonly result: 'unsettled'; readonly retryMs: number; readonly reason: string }
  /** Another worker holds the lease, or took it over. */
  | { readonly result: 'busy' }
  | { readonly result: 'gone' };

export async function runPass(ports: ReconcilePorts, settings: ReconcileSettings, instanceId: string, holder: string): Promise<PassResult> {
  const now = (): Date => new Date(ports.clock.now());
  const leaseName = `instance/${instanceId}`;
  const lease = await ports.records.leases.take(leaseName, holder, leaseMs, now());
  if (lease === undefined) return { result: 'busy' };
  try {
    const pass = await readPass(ports, settings, instanceId, lease.fenceToken, leaseName);
    if (pass === undefined) return { result: 'gone' };
    pass.passOver = async (otherId) => void (await runPass(ports, settings, otherId, holder));
    return await pass.run();
  } finally {
    await ports.records.leases.release(leaseName, lease.fenceToken);
  }
}

async function readPass(
  ports: ReconcilePorts, settings: ReconcileSettings, instanceId: string, fence: bigint, leaseName: string,
): Promise<Pass | undefined> {
  const { records } = ports;
  const instance = await records.instances.byIdForLoop(instanceId);
  if (instance === undefined) return undefined;
  const [members, open, plans] = await Promise.all([
    records.instanceMembers.ofInstances([instanceId]), records.operations.openOfInstance(instanceId), records.plans.all(),
  ]);
  const plan = plans.find((each) => each.id === instance.spec.planId);
  if (plan === undefined) throw new Error(`instance ${instanceId} has the plan ${instance.spec.planId}, which is not in the records`);
  if (instance.deletedAt !== null) {
    await OperationProgress.end(records.operations, ownOperations(open), 'CANCELED', 'InstanceDeleted', 'The instance was deleted.', new Date(ports.clock.now()));
    return undefined;
  }
  const pass = new Pass(ports, settings, instance, plan, [...members], ownOperations(open), fence, leaseName);
  if (instance.spec.topology === 'HA' && instance.spec.sentinels === 'ORGANIZATION') pass.sentinelGroup = await readGroup(pass);
  return pass;
}

/** Those that this loop carries out: a backup's operation has its own worker. */
function ownOperations(open: readonly OperationRow[]): OperationRow[] {
  const stepsOfLoop = new Set([...runningSteps, ...deletedSteps].map((step) => step.name));
  return open.filter((row) => !hasEnded(row.phase) && plannedStepsOf(row.kind).some((step) => stepsOfLoop.has(step.name)));
}

class Pass implements PassContext {
  readonly ports: ReconcilePorts;
  readonly settings: ReconcileSettings;
  readonly instance: InstanceRow;
  readonly plan: Plan;
  readonly fence: bigint;
  members: InstanceMemberRow[];
  isFresh = false;
  endpoint: PassContext['endpoint'];
  seededAt: Date | null;
  availability: PassContext['availability'];
  sentinelGroup: PassContext['sentinelGroup'] = null;
  passOver: PassContext['passOver'] = async () => undefined;
  readonly trouble: PassContext['trouble'] = new Map();
  dropPreviousPassword = false;
  lookAgainAt: Date | null = null;
  #hasEndpoint = false;
  readonly #leaseName: string;
  readonly #open: readonly OperationRow[];
  #leasedAtMs: number;
  #conditions: readonly Condition[];

  constructor(
    ports: ReconcilePorts, settings: ReconcileSettings, instance: InstanceRow, plan: Plan, members: InstanceMemberRow[],
    open: readonly OperationRow[], fence: bigint, leaseName: string,
  ) {
    this.ports = ports;
    this.settings = settings;
    this.instance = instance;
    this.plan = plan;
    this.members = members;
    this.fence = fence;
    this.endpoint = instance.endpoint;
    this.seededAt = instance.seededAt;
    this.availability = instance.availability;
    this.#open = open;
    this.#leaseName = leaseName;
    this.#leasedAtMs = ports.clock.monotonic();
    this.#conditions = instance.conditions;
  }

  now = (): Date => new Date(this.ports.clock.now());

  event(severity: 'NORMAL' | 'WARNING', reason: string, message: string): Promise<void> {
    const { organizationId, id: instanceId } = this.instance;
    return this.ports.records.instanceEvents.record({ organizationId, instanceId, severity, reason, message }, this.now());
  }

  async writeMember(member: InstanceMemberRow, change: Parameters<PassContext['writeMember']>[1]): Promise<InstanceMemberRow> {
    await this.ports.records.instanceMembers.write(member.id, this.fence, change, this.now());
    const written = { ...member, ...change };
    this.members = this.members.map((each) => (each.id === member.id ? written : each));
    return written;
  }

  async run(): Promise<PassResult> {
    const isDeleting = this.instance.spec.desiredState === 'DELETED';
    const { records } = this.ports;
    if (!isDeleting && this.#open.some((row) => row.cancelRequestedAt !== null && isCreation(row))) {
      return this.#abandon('CANCELED', 'Canceled', 'Canceled before the instance was ready.');
    }
    const calledOff = this.#open.filter((row) => row.cancelRequestedAt !== null && row.undo !== null);
    if (!isDeleting && calledOff.length > 0) return this.#putBack(calledOff);
    if (isDeleting) {
      const overtaken = this.#open.filter((row) => row.kind !== 'DELETE_INSTANCE');
      await OperationProgress.end(records.operations, overtaken, 'CANCELED', 'InstanceDeleted', 'The instance is being deleted.', this.now());
    }
    const followed = this.#open.filter((row) =>
      (row.generation === null || row.generation <= this.instance.generation) && isDeleting === (row.kind === 'DELETE_INSTANCE'));
    const progress = new OperationProgress(records.operations, this.now, followed);
    const stopped = await this.#walk(isDeleting ? deletedSteps : isSentinelGroup(this.instance.spec) ? groupSteps : runningSteps, progress);
    if (stopped === 'overtaken') return { result: 'busy' };
    return this.#settle(stopped, progress, isDeleting);
  }

  /** The outcome that stopped the walk, or undefined where every step is done. */
  async #walk(steps: readonly ReconcileStep[], progress: OperationProgress): Promise<Exclude<StepOutcome, { outcome: 'done' }> | 'overtaken' | undefined> {
    for (const step of steps) {
      if (!(await this.#holdsLease())) return 'overtaken';
      progress.report(step.name, 'RUNNING');
      await progress.flush();
      const outcome = await step.run(this);
      if (outcome.outcome === 'done') {
        if (step.condition && (step.isFor === undefined || step.isFor === this.instance.spec.topology)) this.#note(step.condition, 'TRUE', 'Done', step.isDone ?? '');
        progress.report(step.name, 'DONE');
        if (step.name === 'endpoint') this.#hasEndpoint = true;
        continue;
      }
      if (step.condition) this.#note(step.condition, 'FALSE', outcome.reason, outcome.message);
      progress.report(step.name, 'RUNNING', outcome.message);
      return outcome;
    }
    return undefined;
  }

  async #settle(stopped: Exclude<StepOutcome, { outcome: 'done' }> | undefined, progress: OperationProgress, isDeleting: boolean): Promise<PassResult> {
    const failures = stopped?.outcome === 'failed' ? this.instance.failures + 1 : stopped === undefined ? 0 : this.instance.failures;
    if (stopped?.outcome === 'failed' && this.#isHopeless(stopped, failures)) return this.#abandon('FAILED', stopped.reason, stopped.message);
    const retryMs = stopped === undefined ? null : stopped.outcome === 'wait' ? stopped.retryMs : passBackOffMs(failures);
    if (stopped) {
      this.#note('Ready', 'FALSE', stopped.reason, stopped.message);
      if (!isDeleting && this.endpoint !== null && !this.#hasEndpoint) this.#note('EndpointReady', 'FALSE', stopped.reason, stopped.message);
    } else {
      this.#note('Ready', isDeleting ? 'FALSE' : 'TRUE', isDeleting ? 'Deleted' : 'Done', isDeleting ? 'Deleted.' : 'Running and accepting connections.');
      await this.#announceReady(isDeleting);
    }
    const isDeleted = isDeleting && stopped === undefined;
    const now = this.now();
    const dueAt = retryMs !== null ? new Date(now.getTime() + retryMs) : this.lookAgainAt;
    const written = await this.ports.records.instances.writeStatusForLoop(this.instance.id, this.fence, {
      observedGeneration: stopped === undefined ? this.instance.generation : this.instance.observedGeneration,
      conditions: this.#conditions, endpoint: isDeleted ? null : this.endpoint, seededAt: this.seededAt, availability: this.availability, dueAt: isDeleted ? null : dueAt, failures,
      deletedAt: isDeleted ? now : null, dropPreviousPassword: this.dropPreviousPassword || isDeleted,
    }, now);
    if (written === 'fenced') return { result: 'busy' };
    // After the status: whoever sees the operation ended sees the instance as it says.
    if (stopped === undefined) await progress.succeed();
    else if (stopped.outcome === 'failed' && failures >= operationFailuresMax) await progress.fail(stopped.reason, stopped.message);
    else await progress.flush();
    if (isDeleted) return { result: 'gone' };
    return stopped === undefined
      ? { result: 'settled', lookAgainMs: dueAt === null ? null : Math.max(0, dueAt.getTime() - now.getTime()) }
      : { result: 'unsettled', retryMs: retryMs!, reason: stopped.reason };
  }

  #isHopeless(stopped: StepOutcome, failures: number): boolean {
    const isUnborn = this.instance.observedGeneration === 0 && this.instance.spec.seed !== null && this.seededAt === null;
    return this.instance.spec.desiredState === 'RUNNING' && isUnborn && ('isFinal' in stopped || failures >= seedFailuresMax);
  }

  /** A new instance that cannot come to be, or is no longer wanted, leaves no half of itself: its own wish becomes its removal. */
  async #abandon(phase: 'FAILED' | 'CANCELED', reason: string, message: string): Promise<PassResult> {
    const { instance, ports: { records } } = this;
    await records.instances.writeSpec(instance.organizationId, instance.id, instance.revision, {
      spec: { ...instance.spec, desiredState: 'DELETED', deletionProtection: false, finalBackup: false }, bumpGeneration: true, at: this.now(),
    });
    const ended = new OperationProgress(records.operations, this.now, this.#open.filter(isCreation));
    if (phase === 'FAILED') await ended.fail(reason, message);
    else await OperationProgress.end(records.operations, this.#open.filter(isCreation), 'CANCELED', reason, message, this.now());
    await this.event(phase === 'FAILED' ? 'WARNING' : 'NORMAL', reason, message);
    return { result: 'unsettled', retryMs: 0, reason };
  }

  /**
   * What a canceled operation changed of the wish becomes what it was, the latest first; the loop goes there from wherever it is, and the operation
   * ends when it has arrived. Whoever dies in between does it again.
   */
  async #putBack(rows: readonly OperationRow[]): Promise<PassResult> {
    const { instance, ports: { records } } = this;
    const undo: Partial<InstanceSpec> = Object.assign({}, ...[...rows].reverse().map((row) => row.undo)) as Partial<InstanceSpec>;
    const { name: _name, ...withoutName } = undo;
    const write = (change: Partial<InstanceSpec>): ReturnType<typeof records.instances.writeSpec> =>
      records.instances.writeSpec(instance.organizationId, instance.id, instance.revision, { spec: { ...instance.spec, ...change }, bumpGeneration: true, at: this.now() });
    let written = await write(undo);
    if (written === 'name-taken') written = await write(withoutName);
    if (typeof written !== 'string') {
      for (const row of rows) await records.operations.write(row.id, { undo: null, isCancelable: false, generation: written.generation }, this.now());
      await this.event('NORMAL', 'Canceled', 'What was begun was called off; it becomes what it was before.');
    }
    return { result: 'unsettled', retryMs: 0, reason: 'Canceled' };
  }

  async #announceReady(isDeleting: boolean): Promise<void> {
    if (isDeleting) await this.event('NORMAL', 'Deleted', 'The instance and its data were removed.');
    else if (this.instance.observedGeneration === 0) await this.event('NORMAL', 'Ready', 'The instance accepts connections.');
    else if (this.isFresh || this.instance.conditions.find(({ type }) => type === 'EndpointReady')?.status !== 'TRUE') {
      await this.event('NORMAL', 'Recovered', 'The instance accepts connections again.');
    }
  }

  #note(type: Condition['type'], status: ConditionStatus, reason: string, message: string): void {
    this.#conditions = withCondition(this.#conditions, { type, status, reason, message }, this.ports.clock.now());
  }

  async #holdsLease(): Promise<boolean> {
    const { clock, records } = this.ports;
    if (clock.monotonic() - this.#leasedAtMs < renewAfterMs) return true;
    this.#leasedAtMs = clock.monotonic();
    return records.leases.renew(this.#leaseName, this.fence, leaseMs, this.now());
  }
}

function isCreation(row: OperationRow): boolean {
  return row.kind === 'CREATE_INSTANCE' || row.kind === 'RESTORE_BACKUP' || row.kind === 'IMPORT_BACKUP' || row.kind === 'RESTORE_TO_TIME';
}
