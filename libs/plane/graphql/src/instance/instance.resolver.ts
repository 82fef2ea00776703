// What an instance shows beyond its own row.
import { Inject } from '@nestjs/common';
import { Args, Context, Int, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { deathPauseMs, forecastHandover, handoverModes, memberKindOf, memberSeenOf, primarySetName, roleOf, sentinelGroupName, tenantUsername, type InstanceMemberRow, type InstanceRow } from '@larder/plane-domain';
import { dayMs } from '@larder/shared-std';
import type { BackupState as BackupStateWord, OperationPhase as OperationPhaseWord } from '@larder/plane-domain';
import { BackupSchedule, toBackupSchedule } from '../backup-schedule/backup-schedule.type';
import { Backup, BackupConnection, toBackup } from '../backup/backup.type';
import type { RequestContext } from '../context';
import { OperationConnection, toOperation, type Operation } from '../operation/operation.type';
import { Organization, toOrganization } from '../organization/organization.type';
import { Plan, toPlan } from '../plan/plan.type';
import { PLANE, type PlaneServices } from '../services';
import { BackupState, EventSeverity, MetricName, OperationPhase, type MetricNameWord } from '../words/enums';
import { badRequest, parsePage, toConnection, type Connection } from '../words/page.type';
import { DateTime } from '../words/scalars';
import {
  Availability, Instance, InstanceEventConnection, InstanceMember, InstanceStats, MetricSeries, PersistenceStatus, toInstanceEvent, toPersistenceStatus, type InstanceEvent,
} from './instance.type';
import { foldMetrics, hitRatioOf } from './metrics';

@Resolver(() => Instance)
export class InstanceResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => Availability, { nullable: true, description: 'Null where it has one store, and until it has been looked at.' })
  async availability(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<Availability | null> {
    if (row.availability === null) return null;
    const { at, configEpoch, primary, sentinelsUp } = row.availability;
    const members = await context.loaders.membersOfInstance.load(row.id);
    const host = this.plane.facts.publicHost;
    const plan = (await context.loaders.plans()).find((offered) => offered.id === row.spec.planId);
    const reads = members.find(({ name }) => name === 'reads');
    return {
      at: new Date(at), configEpoch, primary, sentinelsUp, deathPauseMs: deathPauseMs(plan ?? { threads: 1, memoryBytes: 0 }),
      handovers: handoverModes.map((mode) => forecastHandover(mode, row.availability!)),
      readEndpoint: reads === undefined ? null : { host, port: reads.port, uri: `redis://${host}:${reads.port}`, username: tenantUsername },
      sentinels: await this.sentinelsOf(row, members, context),
    };
  }

  private async sentinelsOf(row: InstanceRow, members: readonly InstanceMemberRow[], context: RequestContext): Promise<Availability['sentinels']> {
    const host = this.plane.facts.publicHost;
    const addressesOf = (all: readonly InstanceMemberRow[]): string[] => all.filter(({ name }) => memberKindOf(name) === 'SENTINEL').map(({ port }) => `${host}:${port}`);
    if (row.spec.sentinels === 'DEDICATED') return { name: primarySetName, username: tenantUsername, addresses: addressesOf(members) };
    const group = await this.plane.work.records.instances.byName(row.organizationId, sentinelGroupName);
    return { name: row.id, username: row.id, addresses: group === undefined ? [] : addressesOf(await context.loaders.membersOfInstance.load(group.id)) };
  }

  @ResolveField(() => [BackupSchedule])
  async backupSchedules(@Parent() { row }: Instance): Promise<BackupSchedule[]> {
    return (await this.plane.work.records.backupSchedules.ofInstance(row.organizationId, row.id)).map(toBackupSchedule);
  }

  @ResolveField(() => BackupConnection, { description: 'Newest first. Deleted ones are left out.' })
  async backups(
    @Parent() { row }: Instance,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first: number,
    @Args('states', { type: () => [BackupState], nullable: true }) states: BackupStateWord[] | null,
  ): Promise<Connection<Backup>> {
    const page = parsePage(first, after);
    const filter = { instanceId: row.id, ...(states ? { states } : {}) };
    return toConnection(await this.plane.work.records.backups.page(row.organizationId, page, filter), page, toBackup);
  }

  @ResolveField(() => InstanceEventConnection, { description: 'Newest first.' })
  async events(
    @Parent() { row }: Instance,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first: number,
    @Args('reasons', { type: () => [String], nullable: true, description: 'Only those of these reasons.' }) reasons: string[] | null,
    @Args('severity', { type: () => EventSeverity, nullable: true }) severity: 'NORMAL' | 'WARNING' | null,
  ): Promise<Connection<InstanceEvent>> {
    const page = parsePage(first, after);
    const filter = { ...(reasons == null ? {} : { reasons }), ...(severity == null ? {} : { severity }) };
    return toConnection(await this.plane.work.records.instanceEvents.page(row.organizationId, row.id, page, filter), page, toInstanceEvent);
  }

  @ResolveField(() => [InstanceMember])
  async members(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<InstanceMember[]> {
    const members = await context.loaders.membersOfInstance.load(row.id);
    return members.map(({ name, port, identity, runId, startedAt, exitedAt, threads }) => {
      const role = roleOf(name, row.availability);
      return {
        name, port, runId, startedAt, role, ...memberSeenOf(name, row.availability), threads: memberKindOf(name) === 'STORE' ? threads : null, pid: identity?.pid ?? null,
        isRunning: identity !== null && exitedAt === null,
      };
    });
  }

  @ResolveField(() => [MetricSeries])
  async metrics(
    @Parent() { row }: Instance,
    @Args('from', { type: () => DateTime }) from: Date,
    @Args('names', { type: () => [MetricName] }) names: MetricNameWord[],
    @Args('pointsMax', { type: () => Int, nullable: true, defaultValue: 240 }) pointsMax: number,
    @Args('to', { type: () => DateTime }) to: Date,
  ): Promise<MetricSeries[]> {
    if (pointsMax < 1 || pointsMax > 1_000) throw badRequest('pointsMax must be from 1 to 1000');
    const spanMs = to.getTime() - from.getTime();
    if (spanMs <= 0 || spanMs > 2 * dayMs) throw badRequest('from must lie before to, by two days at most');
    const rows = await this.plane.work.records.metrics.range(row.organizationId, row.id, from, to);
    return [...new Set(names)].map((name) => ({ name, points: foldMetrics(rows, name, from, to, pointsMax) }));
  }

  @ResolveField(() => OperationConnection)
  async operations(
    @Parent() { row }: Instance,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first: number,
    @Args('phases', { type: () => [OperationPhase], nullable: true }) phases: OperationPhaseWord[] | null,
  ): Promise<Connection<Operation>> {
    const page = parsePage(first, after);
    const filter = { instanceId: row.id, ...(phases ? { phases } : {}) };
    return toConnection(await this.plane.work.records.operations.page(row.organizationId, page, filter), page, toOperation);
  }

  @ResolveField(() => Organization)
  async organization(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<Organization> {
    return toOrganization((await context.loaders.organization.load(row.organizationId))!);
  }

  @ResolveField(() => PersistenceStatus, { nullable: true, description: 'Null until it has been looked at.' })
  async persistenceStatus(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<PersistenceStatus | null> {
    return toPersistenceStatus(row, await context.loaders.membersOfInstance.load(row.id), this.plane.clock.now());
  }

  @ResolveField(() => Plan)
  async plan(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<Plan> {
    const plan = (await context.loaders.plans()).find((offered) => offered.id === row.spec.planId);
    // A plan that is no longer offered keeps its name; what it gave is on the instance.
    return toPlan(plan ?? {
      id: row.spec.planId, title: row.spec.planId, memoryBytes: 0, threads: 1, maxClients: 0, backupsMax: 0, defaultPersistence: row.spec.persistence,
    });
  }

  @ResolveField(() => Backup, { nullable: true, description: 'What its first start loaded, if anything.' })
  async sourceBackup(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<Backup | null> {
    if (row.spec.seed?.kind !== 'BACKUP') return null;
    const backup = await context.loaders.backup.load({ organizationId: row.organizationId, id: row.spec.seed.backupId });
    return backup === undefined ? null : toBackup(backup);
  }

  @ResolveField(() => Int, { description: 'Threads that execute its commands: those it runs with (of its plan’s as many as there are cores), else its plan’s.' })
  async threads(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<number> {
    const member = (await context.loaders.membersOfInstance.load(row.id)).find(({ name }) => memberKindOf(name) === 'STORE');
    return member?.threads ?? (await context.loaders.plans()).find((offered) => offered.id === row.spec.planId)?.threads ?? 1;
  }

  @ResolveField(() => InstanceStats, { nullable: true, description: 'The newest sample, null when there is none of the last minute.' })
  async stats(@Parent() { row }: Instance, @Context('plane') context: RequestContext): Promise<InstanceStats | null> {
    const sample = await context.loaders.newestMetrics.load(row.id);
    if (sample === undefined) return null;
    const plan = (await context.loaders.plans()).find((offered) => offered.id === row.spec.planId);
    const { at, clients, keys, opsPerSecond, usedMemoryBytes } = sample;
    return { at, clients, keys, opsPerSecond, usedMemoryBytes, hitRatio: hitRatioOf([sample]), memoryBytesMax: plan?.memoryBytes ?? 0 };
  }
}
