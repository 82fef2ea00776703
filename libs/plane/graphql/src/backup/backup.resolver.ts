// Backups asked for, downloaded, restored and imported. The work itself is the worker's: here rows are written and it is woken.
import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import {
  checkQuota, hasAppendLog, hasSnapshots, keptStates, plannedStepsOf, refusal, stateOf,
  type AppendFsync, type BackupRow, type InstanceRow, type InstanceSpec, type InstanceWish, type Persistence, type RefusalOf, type Repositories,
} from '@larder/plane-domain';
import { actorOf } from '@larder/plane-identity';
import { minuteMs } from '@larder/shared-std';
import { BackupSchedule, toBackupSchedule } from '../backup-schedule/backup-schedule.type';
import type { RequestContext } from '../context';
import { presentCreated } from '../instance/instance.mutations';
import { Instance, toInstance } from '../instance/instance.type';
import type { SavePointInput } from '../instance/instance.input';
import { isFault, placeInstance, toGroup, toSavePoints, toSettings, type StoredInstanceWork } from '../instance/place-instance';
import { isRefusal, runMutation } from '../mutation';
import { Operation, toOperation } from '../operation/operation.type';
import { PLANE, type PlaneServices } from '../services';
import {
  CreateBackupDownloadInput, CreateBackupDownloadResult, CreateBackupInput, CreateBackupResult, DeleteBackupInput, DeleteBackupResult,
  ImportBackupInput, ImportBackupResult, RestoreBackupInput, RestoreBackupResult,
} from './backup.input';
import { Backup, toBackup } from './backup.type';

interface StoredBackupWork {
  readonly backupId: string;
  readonly operationId: string;
}
export const downloadMs = 10 * minuteMs;
/** Where the backup's instance is not known any more. */
const restorePlanDefault = 'small';

@Resolver(() => Backup)
export class BackupResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => Instance, { nullable: true, description: 'Null once the instance is gone.' })
  async instance(@Parent() { row }: Backup, @Context('plane') context: RequestContext): Promise<Instance | null> {
    const instance = await context.loaders.instance.load({ organizationId: row.organizationId, id: row.instanceId });
    return instance === undefined || instance.deletedAt !== null ? null : toInstance(instance);
  }

  @ResolveField(() => Operation, { nullable: true })
  async operation(@Parent() { row }: Backup, @Context('plane') context: RequestContext): Promise<Operation | null> {
    if (row.operationId === null) return null;
    const operation = await context.loaders.operation.load({ organizationId: row.organizationId, id: row.operationId });
    return operation === undefined ? null : toOperation(operation);
  }

  @ResolveField(() => BackupSchedule, { nullable: true })
  async schedule(@Parent() { row }: Backup): Promise<BackupSchedule | null> {
    if (row.scheduleId === null) return null;
    const schedule = await this.plane.work.records.backupSchedules.byId(row.organizationId, row.scheduleId);
    return schedule === undefined ? null : toBackupSchedule(schedule);
  }

  @Mutation(() => CreateBackupResult)
  async createBackup(@Args('input') input: CreateBackupInput, @Context('plane') context: RequestContext): Promise<object> {
    const viewer = context.requireViewer();
    const owner = await context.ownerOf(input.instanceId, 'Instance');
    const answer = await runMutation<StoredBackupWork, 'NotFound' | 'InvalidState' | 'QuotaExceeded'>(this.plane, context,
      { name: 'createBackup', action: 'backup.create', organizationId: owner?.organizationId, noun: 'Instance', input },
      async (records, at, organizationId) => {
        await records.organizations.lock(organizationId);
        const instance = await records.instances.byId(organizationId, owner!.id);
        if (instance === undefined) return refusal.notFound('Instance');
        const refused = checkBackupNow(instance) ?? (await this.checkRoom(records, instance));
        if (refused) return refused;
        const [backupId, operationId] = [this.plane.ids.next(), this.plane.ids.next()];
        await records.backups.insert({
          id: backupId, organizationId, instanceId: instance.id, instanceName: instance.spec.name, scheduleId: null, operationId, trigger: 'MANUAL',
          state: 'PENDING', scheduledAt: null, createdById: viewer.kind === 'user' ? viewer.user.id : null, createdAt: at,
        });
        await records.operations.insert({
          id: operationId, organizationId, instanceId: instance.id, backupId, kind: 'CREATE_BACKUP', steps: plannedStepsOf('CREATE_BACKUP'),
          generation: null, isCancelable: false, actor: actorOf(viewer), createdAt: at,
        });
        return {
          stored: { backupId, operationId }, target: `Backup:${backupId}`, targetName: instance.spec.name, wake: (queue) => queue.backup(backupId),
        };
      });
    return isRefusal(answer) ? answer : this.present(owner!.organizationId, answer.stored);
  }

  @Mutation(() => DeleteBackupResult)
  async deleteBackup(@Args('input') input: DeleteBackupInput, @Context('plane') context: RequestContext): Promise<object> {
    const viewer = context.requireViewer();
    const owner = await context.ownerOf(input.backupId, 'Backup');
    const answer = await runMutation<StoredBackupWork, 'NotFound' | 'InvalidState'>(this.plane, context,
      { name: 'deleteBackup', action: 'backup.delete', organizationId: owner?.organizationId, noun: 'Backup', input },
      async (records, at, organizationId) => {
        await records.organizations.lock(organizationId);
        const row = await records.backups.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Backup');
        if (row.state !== 'COMPLETED' && row.state !== 'FAILED' && row.state !== 'MISSED') {
          return refusal.invalidState(row.state, row.state === 'PENDING' || row.state === 'RUNNING' ? 'It is still being taken.' : 'It is being deleted or gone.');
        }
        const operationId = this.plane.ids.next();
        // The row was read for its organisation above; from here its operation is the removal's.
        if (!(await records.backups.moveForLoop(row.id, row.state, { state: 'DELETING', operationId }, at))) {
          return refusal.invalidState('DELETING', 'It is being deleted or gone.');
        }
        await records.operations.insert({
          id: operationId, organizationId, instanceId: await this.knownInstance(records, row), backupId: row.id, kind: 'DELETE_BACKUP',
          steps: plannedStepsOf('DELETE_BACKUP'), generation: null, isCancelable: false, actor: actorOf(viewer), createdAt: at,
        });
        return {
          stored: { backupId: row.id, operationId }, target: `Backup:${row.id}`, targetName: row.instanceName,
          wake: (queue) => queue.backupDeletion(row.id),
        };
      });
    return isRefusal(answer) ? answer : this.present(owner!.organizationId, answer.stored);
  }

  @Mutation(() => CreateBackupDownloadResult)
  async createBackupDownload(@Args('input') input: CreateBackupDownloadInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.backupId, 'Backup');
    const answer = await runMutation<{ readonly backupId: string }, 'NotFound' | 'BackupNotRestorable'>(this.plane, context,
      { name: 'createBackupDownload', action: 'backup.download', organizationId: owner?.organizationId, noun: 'Backup', input },
      async (records, _at, organizationId) => {
        const row = await records.backups.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Backup');
        if (row.state !== 'COMPLETED') return refusal.backupNotRestorable('Only a completed backup can be downloaded.');
        return { stored: { backupId: row.id }, target: `Backup:${row.id}`, targetName: row.instanceName };
      });
    if (isRefusal(answer)) return answer;
    const row = (await this.plane.work.records.backups.byId(owner!.organizationId, answer.stored.backupId))!;
    const expiresAt = new Date(this.plane.clock.now() + downloadMs);
    const ticket = this.plane.downloads.sign({ backupId: row.id, organizationId: row.organizationId, format: input.format ?? 'RDB' }, expiresAt);
    return { __typename: 'CreateBackupDownloadPayload', expiresAt, fileName: fileNameOf(row, input.format ?? 'RDB'), url: `${this.plane.facts.apiUrl}/api/downloads/${ticket}` };
  }

  @Mutation(() => RestoreBackupResult)
  async restoreBackup(@Args('input') input: RestoreBackupInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.backupId, 'Backup');
    const answer = await runMutation<StoredInstanceWork,
      'NotFound' | 'BackupNotRestorable' | 'InvalidInput' | 'NameTaken' | 'NotSupportedYet' | 'QuotaExceeded'>(this.plane, context,
      { name: 'restoreBackup', action: 'backup.restore', organizationId: owner?.organizationId, noun: 'Backup', input },
      async (records, at, organizationId) => {
        const row = await records.backups.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Backup');
        if (row.state !== 'COMPLETED') return refusal.backupNotRestorable('Only a completed backup can be restored.');
        if (row.verification === 'FAILED') return refusal.backupNotRestorable(`Its verification failed: ${row.verificationMessage ?? 'it cannot be loaded'}.`);
        const settings = toSettings(input.settings);
        if (isFault(settings)) return settings;
        const source = (await records.instances.byId(organizationId, row.instanceId))?.spec;
        const wish: InstanceWish = {
          name: input.name, planId: input.plan ?? source?.planId ?? restorePlanDefault, ...persistenceOf(input, source),
          maxmemoryPolicy: input.maxmemoryPolicy ?? source?.maxmemoryPolicy ?? 'NOEVICTION', settings: settings ?? source?.settings ?? {},
          deletionProtection: input.deletionProtection ?? true, ...toGroup(input, source),
        };
        return placeInstance(this.plane, context, records, { organizationId, wish, seed: { kind: 'BACKUP', backupId: row.id }, kind: 'RESTORE_BACKUP', at });
      });
    return isRefusal(answer) ? answer : presentCreated(this.plane, owner!.organizationId, answer.stored);
  }

  @Mutation(() => ImportBackupResult)
  async importBackup(@Args('input') input: ImportBackupInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const organizationId = context.organizationOf(input.organizationId);
    const upload = await context.ownerOf(input.uploadId, 'Upload');
    const answer = await runMutation<StoredInstanceWork,
      'NotFound' | 'UploadRefused' | 'InvalidInput' | 'NameTaken' | 'NotSupportedYet' | 'QuotaExceeded'>(this.plane, context,
      { name: 'importBackup', action: 'backup.import', organizationId, noun: 'Organization', input },
      async (records, at, place) => {
        const row = upload?.organizationId === place ? await records.uploads.byId(place, upload.id) : undefined;
        if (row === undefined) return refusal.notFound('Upload');
        if (row.state !== 'READY') return refusal.uploadRefused(row.errorMessage ?? `The upload cannot be used: it is ${row.state}.`);
        const settings = toSettings(input.settings);
        if (isFault(settings)) return settings;
        const wish: InstanceWish = {
          name: input.name, planId: input.plan, ...persistenceOf(input, undefined), maxmemoryPolicy: input.maxmemoryPolicy ?? 'NOEVICTION',
          settings: settings ?? {}, deletionProtection: input.deletionProtection ?? true, ...toGroup(input, undefined),
        };
        const placed = await placeInstance(this.plane, context, records,
          { organizationId: place, wish, seed: { kind: 'UPLOAD', uploadId: row.id }, kind: 'IMPORT_BACKUP', at });
        if (!isRefusal(placed)) await records.uploads.write(place, row.id, { state: 'CONSUMED' });
        return placed;
      });
    return isRefusal(answer) ? answer : presentCreated(this.plane, organizationId!, answer.stored);
  }

  private async checkRoom(records: Repositories, instance: InstanceRow): Promise<RefusalOf<'QuotaExceeded'> | undefined> {
    const { organizationId } = instance;
    const ofOrganization = checkQuota(await records.organizations.quota(organizationId), await records.organizations.usage(organizationId), { BACKUPS: 1 });
    if (ofOrganization) return ofOrganization;
    const plan = (await records.plans.all()).find((offered) => offered.id === instance.spec.planId);
    if (plan === undefined) return undefined;
    const kept = await records.backups.page(organizationId, { first: 1, after: null }, { instanceId: instance.id, states: keptStates });
    return kept.totalCount >= plan.backupsMax ? refusal.planExceeded(plan.backupsMax, kept.totalCount) : undefined;
  }

  /** A backup outlives its instance; an operation may only name one that has a row. */
  private async knownInstance(records: Repositories, row: BackupRow): Promise<string | null> {
    return (await records.instances.byId(row.organizationId, row.instanceId))?.id ?? null;
  }

  private async present(organizationId: string, { backupId, operationId }: StoredBackupWork): Promise<object> {
    const { records } = this.plane.work;
    const [backup, operation] = await Promise.all([records.backups.byId(organizationId, backupId), records.operations.byId(organizationId, operationId)]);
    return { __typename: 'BackupPayload', backup: toBackup(backup!), operation: toOperation(operation!) };
  }
}

interface AskedPersistence {
  readonly persistence?: Persistence | null;
  readonly appendFsync?: AppendFsync | null;
  readonly savePoints?: readonly SavePointInput[] | null;
}

/** As asked for, else as the source has it with its knobs, else as the plan has it. */
function persistenceOf(asked: AskedPersistence, source: InstanceSpec | undefined): Pick<InstanceWish, 'persistence' | 'appendFsync' | 'savePoints'> {
  const persistence = asked.persistence ?? source?.persistence;
  const appendFsync = asked.appendFsync ?? (persistence !== undefined && hasAppendLog(persistence) ? source?.appendFsync : undefined);
  const savePoints = asked.savePoints ? toSavePoints(asked.savePoints) : persistence !== undefined && hasSnapshots(persistence) ? source?.savePoints : undefined;
  return { ...(persistence ? { persistence } : {}), ...(appendFsync ? { appendFsync } : {}), ...(savePoints ? { savePoints } : {}) };
}

function checkBackupNow(instance: InstanceRow): RefusalOf<'InvalidState'> | undefined {
  const state = stateOf({ ...instance, desiredState: instance.spec.desiredState });
  if (state === 'CREATING') return refusal.invalidState(state, 'The instance is still being created.');
  return state === 'DELETING' || state === 'DELETED' ? refusal.invalidState(state, 'The instance is being deleted or gone.') : undefined;
}

export function fileNameOf(row: Pick<BackupRow, 'instanceName' | 'completedAt' | 'createdAt'>, format: 'RDB' | 'AOF' = 'RDB'): string {
  const at = stampOf(row.completedAt ?? row.createdAt);
  return format === 'AOF' ? `${row.instanceName}-${at}-aof.tar` : `${row.instanceName}-${at}.rdb`;
}

export function pointFileNameOf(instanceName: string, second: number): string {
  return `${instanceName}-${stampOf(new Date(second * 1000))}-aof.tar`;
}

function stampOf(at: Date): string {
  return at.toISOString().replace(/[-:]|\.\d+/g, '');
}
