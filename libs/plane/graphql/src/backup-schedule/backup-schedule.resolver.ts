// When backups are due. Advancing nextAt over a used moment is the tick's business (backups); here it is set anew where the rule changes.
import { Inject } from '@nestjs/common';
import { Args, Context, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  checkRecurrence, nextTimes, refusal, stateOf, toNodeId,
  type BackupScheduleRow, type InputFault, type InstanceRow, type MissedPolicy, type Recurrence, type RefusalOf, type Repositories,
} from '@larder/plane-domain';
import type { RequestContext } from '../context';
import { Instance, toInstance } from '../instance/instance.type';
import { isRefusal, runMutation } from '../mutation';
import { PLANE, type PlaneServices } from '../services';
import { badRequest } from '../words/page.type';
import { DateTime } from '../words/scalars';
import {
  BackupSchedule, CreateBackupScheduleInput, CreateBackupScheduleResult, DeleteBackupScheduleInput, DeleteBackupScheduleResult,
  PreviewScheduleResult, UpdateBackupScheduleInput, UpdateBackupScheduleResult, toBackupSchedule,
} from './backup-schedule.type';
import { describeCron } from './describe-cron';

const schedulesMax = 20;
const countMax = 50;
const retentionCountMax = 1_000;

@Resolver(() => BackupSchedule)
export class BackupScheduleResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => Instance)
  async instance(@Parent() { row }: BackupSchedule, @Context('plane') context: RequestContext): Promise<Instance> {
    return toInstance((await context.loaders.instance.load({ organizationId: row.organizationId, id: row.instanceId }))!);
  }

  @ResolveField(() => [DateTime], { description: 'The next moments.' })
  upcoming(@Parent() { row }: BackupSchedule, @Args('count', { type: () => Int, nullable: true, defaultValue: 5 }) count: number): Date[] {
    return row.isEnabled ? nextTimes(row, this.plane.clock.now(), checkCount(count)) : [];
  }

  @Query(() => PreviewScheduleResult)
  previewSchedule(
    @Args('count', { type: () => Int, nullable: true, defaultValue: 5 }) count: number, @Args('cron') cron: string, @Args('timeZone') timeZone: string,
    @Context('plane') context: RequestContext,
  ): object {
    context.requireViewer();
    const faults = checkRecurrence({ cron, timeZone });
    if (faults.length > 0) return refusal.invalidInput(faults);
    return { __typename: 'SchedulePreview', description: describeCron(cron), times: nextTimes({ cron, timeZone }, this.plane.clock.now(), checkCount(count)) };
  }

  @Mutation(() => CreateBackupScheduleResult)
  async createBackupSchedule(@Args('input') input: CreateBackupScheduleInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.instanceId, 'Instance');
    const answer = await runMutation<{ readonly scheduleId: string }, 'InvalidInput' | 'InvalidState' | 'NotFound'>(this.plane, context,
      { name: 'createBackupSchedule', action: 'schedule.write', organizationId: owner?.organizationId, noun: 'Instance', input },
      async (records, at, organizationId) => {
        const instance = await records.instances.byId(organizationId, owner!.id);
        if (instance === undefined) return refusal.notFound('Instance');
        const draft: ScheduleWish = {
          cron: input.cron, timeZone: input.timeZone ?? 'UTC', isEnabled: input.isEnabled ?? true, missedPolicy: input.missedPolicy ?? 'ONCE',
          retentionCount: input.retentionCount ?? null, retentionDays: input.retentionDays ?? null,
        };
        const faults = checkSchedule(draft, await backupsMaxOf(records, instance));
        if (faults.length > 0) return refusal.invalidInput(faults);
        if (instance.spec.desiredState === 'DELETED') return goingAway(instance);
        await records.organizations.lock(organizationId);
        if ((await records.backupSchedules.ofInstance(organizationId, instance.id)).length >= schedulesMax) {
          return refusal.invalidInput([{ field: 'instanceId', message: `has ${schedulesMax} schedules already` }]);
        }
        const id = this.plane.ids.next();
        await records.backupSchedules.insert({
          ...draft, id, organizationId, instanceId: instance.id, nextAt: nextAtOf(draft, at), lastAt: null, revision: 1, createdAt: at,
        });
        return { stored: { scheduleId: id }, target: `BackupSchedule:${id}`, targetName: instance.spec.name };
      });
    return isRefusal(answer) ? answer : this.present(owner!.organizationId, answer.stored.scheduleId);
  }

  @Mutation(() => UpdateBackupScheduleResult)
  async updateBackupSchedule(@Args('input') input: UpdateBackupScheduleInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.scheduleId, 'BackupSchedule');
    const answer = await runMutation<{ readonly scheduleId: string }, 'InvalidInput' | 'RevisionConflict' | 'NotFound'>(this.plane, context,
      { name: 'updateBackupSchedule', action: 'schedule.write', organizationId: owner?.organizationId, noun: 'BackupSchedule', input },
      async (records, at, organizationId) => {
        const row = await records.backupSchedules.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('BackupSchedule');
        if (input.expectedRevision != null && input.expectedRevision !== row.revision) return refusal.revisionConflict(row.revision);
        const wish = changedSchedule(row, input);
        const faults = checkSchedule(wish, await backupsMaxOf(records, await records.instances.byId(organizationId, row.instanceId)));
        if (faults.length > 0) return refusal.invalidInput(faults);
        const isSameRule = wish.cron === row.cron && wish.timeZone === row.timeZone && wish.isEnabled === row.isEnabled;
        const written = await records.backupSchedules.write(organizationId, row.id, row.revision, { ...wish, nextAt: isSameRule ? row.nextAt : nextAtOf(wish, at) });
        if (written === 'revision-conflict') return refusal.revisionConflict(row.revision + 1);
        return { stored: { scheduleId: row.id }, target: `BackupSchedule:${row.id}`, targetName: null };
      });
    return isRefusal(answer) ? answer : this.present(owner!.organizationId, answer.stored.scheduleId);
  }

  @Mutation(() => DeleteBackupScheduleResult)
  async deleteBackupSchedule(@Args('input') input: DeleteBackupScheduleInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.scheduleId, 'BackupSchedule');
    const answer = await runMutation<{ readonly scheduleId: string }, 'NotFound'>(this.plane, context,
      { name: 'deleteBackupSchedule', action: 'schedule.write', organizationId: owner?.organizationId, noun: 'BackupSchedule', input },
      async (records, _at, organizationId) => {
        await records.backupSchedules.remove(organizationId, owner!.id);
        return { stored: { scheduleId: owner!.id }, target: `BackupSchedule:${owner!.id}`, targetName: null };
      });
    if (isRefusal(answer)) return answer;
    return { __typename: 'DeleteBackupSchedulePayload', scheduleId: toNodeId('BackupSchedule', answer.stored.scheduleId) };
  }

  private async present(organizationId: string, scheduleId: string): Promise<object> {
    const row = (await this.plane.work.records.backupSchedules.byId(organizationId, scheduleId))!;
    return { __typename: 'BackupSchedulePayload', schedule: toBackupSchedule(row) };
  }
}

interface ScheduleWish extends Recurrence {
  readonly isEnabled: boolean;
  readonly missedPolicy: MissedPolicy;
  readonly retentionCount: number | null;
  readonly retentionDays: number | null;
}

/** Not given stays; null takes a limit away. */
function changedSchedule(row: BackupScheduleRow, input: UpdateBackupScheduleInput): ScheduleWish {
  return {
    cron: input.cron ?? row.cron, timeZone: input.timeZone ?? row.timeZone, isEnabled: input.isEnabled ?? row.isEnabled,
    missedPolicy: input.missedPolicy ?? row.missedPolicy,
    retentionCount: input.retentionCount === undefined ? row.retentionCount : input.retentionCount,
    retentionDays: input.retentionDays === undefined ? row.retentionDays : input.retentionDays,
  };
}

/** What the plan keeps of one instance; a schedule that would keep more could never be content. */
async function backupsMaxOf(records: Repositories, instance: InstanceRow | undefined): Promise<number> {
  return (await records.plans.all()).find(({ id }) => id === instance?.spec.planId)?.backupsMax ?? retentionCountMax;
}

function checkSchedule(wish: ScheduleWish, backupsMax: number): InputFault[] {
  return [
    ...checkRecurrence(wish),
    ...checkLimit('retentionCount', wish.retentionCount, Math.min(retentionCountMax, backupsMax)),
    ...checkLimit('retentionDays', wish.retentionDays, 3_650),
  ];
}

function checkLimit(field: string, value: number | null, max: number): InputFault[] {
  return value === null || (value >= 1 && value <= max) ? [] : [{ field, message: `must be from 1 to ${max}, or null` }];
}

function nextAtOf(wish: ScheduleWish, at: Date): Date | null {
  return wish.isEnabled ? nextTimes(wish, at.getTime(), 1)[0]! : null;
}

function goingAway(instance: Parameters<typeof toInstance>[0]): RefusalOf<'InvalidState'> {
  return refusal.invalidState(stateOf({ ...instance, desiredState: instance.spec.desiredState }), 'The instance is being deleted or gone.');
}

function checkCount(count: number): number {
  if (count < 1 || count > countMax) throw badRequest(`count must be from 1 to ${countMax}`);
  return count;
}
