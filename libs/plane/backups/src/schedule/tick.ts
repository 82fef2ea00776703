// The one tick for all schedules: what is due becomes a run, what passed unused is recorded, and nextAt moves on, in one transaction.
//
// Invariants
// - Nothing happens between "this moment is used" and "its run exists": both commit together. Killed before, the next tick finds the
//   schedule due; killed after, the sweep finds the run PENDING. No moment is lost, none is used twice.
// - Two ticks at once take different schedules (FOR UPDATE SKIP LOCKED), and UNIQUE (instance, scheduled_at) holds in any case.
//   Two schedules of one instance that fall on the same moment share one run.
import {
  checkQuota, decideDue, keptStates, nextTimes, plannedStepsOf, refusal,
  type BackupScheduleRow, type InstanceRow, type Plan, type Quota, type RefusalOf, type Repositories, type UnitOfWork, type Usage,
} from '@larder/plane-domain';
import type { Ids } from '@larder/shared-std';

/** Schedules of one transaction; the rest is taken by the next one. */
const takenMax = 100;

export interface TickPorts {
  readonly work: UnitOfWork;
  readonly ids: Ids;
}

export interface TickResult {
  /** Ids of backups to wake, after the commit. */
  readonly runs: readonly string[];
  readonly missed: number;
}

/** Takes everything that is due, batch by batch. */
export async function runTick(ports: TickPorts, at: Date): Promise<TickResult> {
  const runs: string[] = [];
  let missed = 0;
  for (;;) {
    const batch = await ports.work.run((records) => tickBatch(records, ports.ids, at));
    runs.push(...batch.runs);
    missed += batch.missed;
    // A schedule with more than one tick's worth of missed moments stays due and is taken again.
    if (batch.taken === 0) return { runs, missed };
  }
}

async function tickBatch(records: Repositories, ids: Ids, at: Date): Promise<TickResult & { readonly taken: number }> {
  const due = await records.backupSchedules.takeDueForLoop(at, takenMax);
  const runs: string[] = [];
  const room = new Room(records);
  let missed = 0;
  for (const schedule of due) {
    const instance = await records.instances.byIdForLoop(schedule.instanceId);
    const isLive = instance !== undefined && instance.deletedAt === null && instance.spec.desiredState === 'RUNNING';
    if (schedule.nextAt === null || !isLive) {
      await records.backupSchedules.advanceForLoop(schedule.id, nextTimes(schedule, at.getTime(), 1)[0]!, schedule.lastAt ?? schedule.createdAt);
      continue;
    }
    const decision = decideDue(schedule, schedule.missedPolicy, schedule.nextAt, at.getTime());
    for (const moment of decision.missed) missed += await insertMissed(records, ids, schedule, instance, moment, at);
    for (const moment of decision.run) runs.push(...await insertRun(records, ids, room, schedule, instance, moment, at));
    await records.backupSchedules.advanceForLoop(schedule.id, decision.nextAt, decision.run.at(-1) ?? schedule.lastAt ?? schedule.createdAt);
  }
  return { runs, missed, taken: due.length };
}

async function insertMissed(records: Repositories, ids: Ids, schedule: BackupScheduleRow, instance: InstanceRow, moment: Date, at: Date): Promise<number> {
  const inserted = await records.backups.insert({ ...draftOf(ids.next(), schedule, instance, moment, at), operationId: null, state: 'MISSED' });
  return inserted === 'inserted' ? 1 : 0;
}

async function insertRun(
  records: Repositories, ids: Ids, room: Room, schedule: BackupScheduleRow, instance: InstanceRow, moment: Date, at: Date,
): Promise<string[]> {
  const { organizationId } = schedule;
  const refused = await room.refuses(schedule, instance);
  const [id, operationId] = [ids.next(), ids.next()];
  const draft = draftOf(id, schedule, instance, moment, at);
  if (refused !== undefined) {
    if (await records.backups.insert({ ...draft, operationId: null, state: 'FAILED' }) === 'inserted') {
      await records.backups.writeForLoop(id, { errorReason: 'QuotaExceeded', errorMessage: refused.message }, at);
    }
    return [];
  }
  if (await records.backups.insert({ ...draft, operationId, state: 'PENDING' }) === 'exists') return [];
  room.take(instance);
  await records.operations.insert({
    id: operationId, organizationId, instanceId: instance.id, backupId: id, kind: 'CREATE_BACKUP', steps: plannedStepsOf('CREATE_BACKUP'),
    generation: null, isCancelable: false, actor: 'system', createdAt: at,
  });
  return [id];
}

/** What each organisation and each instance may still have, asked once a batch. */
class Room {
  readonly #records: Repositories;
  readonly #known = new Map<string, { readonly quota: Quota; usage: Usage }>();

  readonly #keptOfInstance = new Map<string, number>();
  #plans: readonly Plan[] | undefined;

  constructor(records: Repositories) {
    this.#records = records;
  }

  async refuses(schedule: BackupScheduleRow, instance: InstanceRow): Promise<RefusalOf<'QuotaExceeded'> | undefined> {
    return await this.#ofOrganization(instance.organizationId) ?? this.#ofPlan(schedule, instance);
  }

  /** One that takes the place of the schedule's own oldest is not one more: retention removes that as soon as this is done. */
  async #ofPlan(schedule: BackupScheduleRow, instance: InstanceRow): Promise<RefusalOf<'QuotaExceeded'> | undefined> {
    const { plans, backups } = this.#records;
    this.#plans ??= await plans.all();
    const plan = this.#plans.find(({ id }) => id === instance.spec.planId);
    if (plan === undefined) return undefined;
    let kept = this.#keptOfInstance.get(instance.id);
    if (kept === undefined) {
      kept = (await backups.page(instance.organizationId, { first: 1, after: null }, { instanceId: instance.id, states: keptStates })).totalCount;
      this.#keptOfInstance.set(instance.id, kept);
    }
    if (kept < plan.backupsMax) return undefined;
    const { retentionCount } = schedule;
    const isReplacing = kept === plan.backupsMax && retentionCount !== null && (await backups.keptOfScheduleForLoop(schedule.id)).length >= retentionCount;
    return isReplacing ? undefined : refusal.planExceeded(plan.backupsMax, kept);
  }

  async #ofOrganization(organizationId: string): Promise<RefusalOf<'QuotaExceeded'> | undefined> {
    const { organizations } = this.#records;
    let known = this.#known.get(organizationId);
    if (known === undefined) {
      known = { quota: await organizations.quota(organizationId), usage: await organizations.usage(organizationId) };
      this.#known.set(organizationId, known);
    }
    return checkQuota(known.quota, known.usage, { BACKUPS: 1 });
  }

  take({ id, organizationId }: InstanceRow): void {
    this.#keptOfInstance.set(id, (this.#keptOfInstance.get(id) ?? 0) + 1);
    const known = this.#known.get(organizationId)!;
    known.usage = { ...known.usage, BACKUPS: known.usage.BACKUPS + 1 };
  }
}

function draftOf(id: string, schedule: BackupScheduleRow, instance: InstanceRow, moment: Date, at: Date) {
  return {
    id, organizationId: schedule.organizationId, instanceId: instance.id, instanceName: instance.spec.name, scheduleId: schedule.id,
    trigger: 'SCHEDULE', scheduledAt: moment, createdById: null, createdAt: at,
  } as const;
}
