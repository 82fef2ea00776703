// What can be restored of an instance, and restoring it: into a new one, or in place.
//
// Invariant: the wish names a second that is restorable when it is made. Should it no longer be when the worker comes to it (an object was
// lost in between), a new instance is given up and one that was to go back stays as it is.
import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import {
  chooseBase, decideTimeline, defaultArchive, fromNodeId, offeredTimeline, plannedStepsOf, refusal, stateOf, whyNotRestorable,
  type InstanceRow, type InstanceWish, type LogPieceRow, type RefusalKind, type RefusalOf, type Repositories, type Rewind, type Seed,
} from '@larder/plane-domain';
import { actorOf } from '@larder/plane-identity';
import { secondMs } from '@larder/shared-std';
import { downloadMs, pointFileNameOf } from '../backup/backup.resolver';
import type { RequestContext } from '../context';
import { presentCreated } from '../instance/instance.mutations';
import { Instance, toInstance } from '../instance/instance.type';
import { isFault, placeInstance, toGroup, toSettings, type StoredInstanceWork } from '../instance/place-instance';
import { isRefusal, runMutation, type Done } from '../mutation';
import { toOperation } from '../operation/operation.type';
import { PLANE, type PlaneServices } from '../services';
import { DateTime } from '../words/scalars';
import { CreatePointDownloadInput, CreatePointDownloadResult, dateOf, Restorable, RestoreInstanceInput, RestoreInstanceResult, RestorePoint, toFault, toGap, toWindow } from './archive.type';

const pageMax = 500;

@Resolver(() => Instance)
export class ArchiveResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => Restorable)
  async restorable(@Parent() { row }: Instance): Promise<Restorable> {
    const { logArchives } = this.plane.work.records;
    const { windows, gaps } = await this.timeline(this.plane.work.records, row);
    const [state, { pieces, sizeBytes }] = [await logArchives.stateOf(row.organizationId, row.id), await logArchives.sizeOf(row.organizationId, row.id)];
    return { windows: windows.map(toWindow), gaps: gaps.map(toGap), fault: toFault(state), objects: pieces, sizeBytes };
  }

  @ResolveField(() => RestorePoint)
  async restorePoint(@Parent() { row }: Instance, @Args('toTime', { type: () => DateTime }) toTime: Date): Promise<RestorePoint> {
    const { records } = this.plane.work;
    const second = secondOf(toTime);
    const [stretches, landmarks] = [await records.logArchives.stretchesOf(row.organizationId, row.id), await records.logArchives.landmarksOf(row.organizationId, row.id)];
    const message = whyNotRestorable(await this.timeline(records, row), second) ?? null;
    const base = message === null ? chooseBase(stretches, landmarks, second) : undefined;
    if (base === undefined) return { isRestorable: false, message, baseAt: null, baseBytes: 0, logBytes: 0, objects: 0 };
    return { isRestorable: true, message: null, baseAt: dateOf(base.firstSecond!), baseBytes: base.toByte, ...await this.logTo(records, base, second) };
  }

  @Mutation(() => RestoreInstanceResult)
  async restoreInstance(@Args('input') input: RestoreInstanceInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.instanceId, 'Instance');
    const answer = await runMutation<StoredInstanceWork, RefusalKind>(this.plane, context,
      { name: 'restoreInstance', action: 'backup.restore', organizationId: owner?.organizationId, noun: 'Instance', input },
      async (records, at, organizationId) => {
        const faults = faultsOf(input);
        if (faults !== undefined) return faults;
        await records.organizations.lock(organizationId);
        const row = await records.instances.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Instance');
        const source = await this.sourceOf(records, row, input);
        if (isRefusal(source)) return source;
        return input.into.new != null ? this.intoNew(context, records, row, source, input, at) : this.inPlace(context, records, row, source, input, at);
      });
    if (isRefusal(answer)) return answer;
    if (input.into.new != null) return presentCreated(this.plane, owner!.organizationId, answer.stored);
    const { records } = this.plane.work;
    const { instanceId, operationId } = answer.stored;
    return {
      __typename: 'InstancePayload', instance: toInstance((await records.instances.byId(owner!.organizationId, instanceId))!),
      operation: toOperation((await records.operations.byId(owner!.organizationId, operationId))!),
    };
  }

  @Mutation(() => CreatePointDownloadResult)
  async createPointDownload(@Args('input') input: CreatePointDownloadInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.instanceId, 'Instance');
    const second = secondOf(input.toTime);
    const answer = await runMutation<{ readonly name: string }, 'NotFound' | 'TimeNotRestorable'>(this.plane, context,
      { name: 'createPointDownload', action: 'backup.download', organizationId: owner?.organizationId, noun: 'Instance', input },
      async (records, _at, organizationId) => {
        const row = await records.instances.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Instance');
        const why = whyNotRestorable(await this.timeline(records, row), second);
        if (why !== undefined) return refusal.timeNotRestorable(why);
        return { stored: { name: row.spec.name }, target: `Instance:${row.id}`, targetName: row.spec.name };
      });
    if (isRefusal(answer)) return answer;
    const expiresAt = new Date(this.plane.clock.now() + downloadMs);
    const ticket = this.plane.downloads.sign({ instanceId: owner!.id, organizationId: owner!.organizationId, second: String(second) }, expiresAt);
    return {
      __typename: 'CreateBackupDownloadPayload', expiresAt, fileName: pointFileNameOf(answer.stored.name, second), url: `${this.plane.facts.apiUrl}/api/downloads/${ticket}`,
    };
  }

  private async intoNew(
    context: RequestContext, records: Repositories, row: InstanceRow, seed: Seed, input: RestoreInstanceInput, at: Date,
  ): Promise<Done<StoredInstanceWork> | RefusalOf<RefusalKind>> {
    const asked = input.into.new!;
    const settings = toSettings(asked.settings);
    if (isFault(settings)) return settings;
    const { planId, persistence, appendFsync, savePoints, maxmemoryPolicy, archive, settings: own } = row.spec;
    const wish: InstanceWish = {
      name: asked.name, planId: asked.plan ?? planId, persistence, maxmemoryPolicy, archive, settings: settings ?? own,
      ...(persistence === 'AOF' || persistence === 'RDB_AOF' ? { appendFsync } : {}), ...(persistence === 'RDB' || persistence === 'RDB_AOF' ? { savePoints } : {}),
      deletionProtection: asked.deletionProtection ?? true, ...toGroup(asked, row.spec),
    };
    return placeInstance(this.plane, context, records, { organizationId: row.organizationId, wish, seed, kind: 'RESTORE_TO_TIME', at });
  }

  private async inPlace(
    context: RequestContext, records: Repositories, row: InstanceRow, source: Seed, input: RestoreInstanceInput, at: Date,
  ): Promise<Done<StoredInstanceWork> | RefusalOf<RefusalKind>> {
    if (input.expectedRevision != null && input.expectedRevision !== row.revision) return refusal.revisionConflict(row.revision);
    const state = stateOf({ ...row, desiredState: row.spec.desiredState });
    if (state === 'CREATING') return refusal.invalidState(state, 'The instance is still being created.');
    if (state === 'DELETING' || state === 'DELETED') return refusal.invalidState(state, 'The instance is being deleted or gone; restore into a new one.');
    const open = await records.operations.openOfInstance(row.id);
    if (open.some(({ kind }) => kind === 'RESTORE_IN_PLACE')) return refusal.invalidState(state, 'It is already being restored in place.');
    if (open.some(({ kind }) => kind === 'CHANGE_TOPOLOGY')) return refusal.invalidState(state, 'Its topology is being changed.');
    const rewind: Rewind = { id: this.plane.ids.next(), source, askedAt: at.toISOString() };
    const written = await records.instances.writeSpec(row.organizationId, row.id, row.revision, { spec: { ...row.spec, rewind }, bumpGeneration: true, at });
    if (written === 'name-taken') return refusal.nameTaken(row.spec.name);
    if (written === 'revision-conflict') return refusal.revisionConflict(row.revision + 1);
    const operationId = this.plane.ids.next();
    await records.operations.insert({
      id: operationId, organizationId: row.organizationId, instanceId: row.id, backupId: source.kind === 'BACKUP' ? source.backupId : null, kind: 'RESTORE_IN_PLACE',
      steps: plannedStepsOf('RESTORE_IN_PLACE', row.spec.topology), generation: written.generation, isCancelable: false, actor: actorOf(context.requireViewer()), createdAt: at,
    });
    return { stored: { instanceId: row.id, operationId }, target: `Instance:${row.id}`, targetName: row.spec.name, wake: (queue) => queue.instance(row.id) };
  }

  private async sourceOf(records: Repositories, row: InstanceRow, input: RestoreInstanceInput): Promise<Seed | RefusalOf<'TimeNotRestorable' | 'BackupNotRestorable' | 'NotFound'>> {
    if (input.toTime != null) {
      const second = secondOf(input.toTime);
      const why = whyNotRestorable(await this.timeline(records, row), second);
      return why === undefined ? { kind: 'POINT', instanceId: row.id, second } : refusal.timeNotRestorable(why);
    }
    const backupId = fromNodeId(input.backupId ?? '', 'Backup');
    const backup = backupId === undefined ? undefined : await records.backups.byId(row.organizationId, backupId);
    if (backup === undefined || backup.instanceId !== row.id) return refusal.notFound('Backup');
    if (backup.state !== 'COMPLETED' || backup.verification !== 'VERIFIED') return refusal.backupNotRestorable('Only a backup that was proven can be put in place.');
    return { kind: 'BACKUP', backupId: backup.id };
  }

  private async timeline(records: Repositories, { organizationId, id, spec }: InstanceRow): Promise<ReturnType<typeof decideTimeline>> {
    const nowMs = this.plane.clock.now();
    const whole = decideTimeline(await records.logArchives.stretchesOf(organizationId, id), await records.logArchives.landmarksOf(organizationId, id), nowMs);
    return offeredTimeline(whole, spec.archive ?? defaultArchive, nowMs);
  }

  private async logTo(records: Repositories, base: LogPieceRow, second: number): Promise<{ readonly logBytes: number; readonly objects: number }> {
    let [logBytes, objects] = [0, 1];
    for (let from = base.ordinal; ;) {
      const page = await records.logArchives.logOf(base.stretchId, from, pageMax);
      for (const piece of page) {
        if (piece.firstSecond !== null && piece.firstSecond > second) return { logBytes, objects };
        logBytes += piece.toByte - piece.fromByte;
        objects += 1;
      }
      if (page.length < pageMax) return { logBytes, objects };
      from = page.at(-1)!.ordinal + 1;
    }
  }
}

function secondOf(time: Date): number {
  return Math.floor(time.getTime() / secondMs);
}

function faultsOf({ into, toTime, backupId }: RestoreInstanceInput): RefusalOf<'InvalidInput'> | undefined {
  const faults = [];
  if ((into.new != null) === (into.inPlace === true)) faults.push({ field: 'into', message: 'must name exactly one of new and inPlace' });
  if ((toTime != null) === (backupId != null)) faults.push({ field: 'toTime', message: 'give either toTime or backupId' });
  return faults.length > 0 ? refusal.invalidInput(faults) : undefined;
}
