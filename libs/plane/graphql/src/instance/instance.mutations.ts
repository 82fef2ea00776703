// Instances made and changed. Nothing here touches a store: it writes the wish, an operation and the audit row in one transaction and
// wakes the loop.
import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import {
  changeInstance, changeKindOf, checkDelete, checkQuota, checkTarget, isCancelableKind, isHandoverKind, memoryOf, needsReconcile, plannedStepsOf, replicasMax, refusal, sealedAs, stateOf, undoOf,
  type Action, type HandoverMode, type InstanceRow, type InstanceSpec, type OperationKind, type RefusalKind, type RefusalOf, type Repositories,
} from '@larder/plane-domain';
import { actorOf, drawPassword } from '@larder/plane-identity';
import { dayMs, secondMs } from '@larder/shared-std';
import type { RequestContext } from '../context';
import { isRefusal, runMutation, type Done } from '../mutation';
import { toOperation } from '../operation/operation.type';
import { PLANE, type PlaneServices } from '../services';
import { openCredentials } from './credentials';
import {
  AddReplicaInput, CreateInstanceInput, CreateInstanceResult, DeleteInstanceInput, DeleteInstanceResult, FailoverInput, HandoverResult, PromoteInput, RemoveReplicaInput,
  ReplicasResult, RestartInstanceInput, RestartInstanceResult, SwitchoverInput,
  RotateCredentialsInput, RotateCredentialsResult, UpdateInstanceInput, UpdateInstanceResult,
} from './instance.input';
import { toInstance } from './instance.type';
import { isFault, placeInstance, toArchive, toSavePoints, toSettings, type StoredInstanceWork } from './place-instance';

interface StoredWork {
  readonly instanceId: string;
  readonly operationId: string | null;
}
interface OnInstance {
  readonly instanceId: string;
  readonly expectedRevision?: number | null;
}
const graceSecondsMax = (7 * dayMs) / secondMs;

@Resolver()
export class InstanceMutations {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Mutation(() => CreateInstanceResult)
  async createInstance(@Args('input') input: CreateInstanceInput, @Context('plane') context: RequestContext): Promise<object> {
    const organizationId = context.organizationOf(input.organizationId);
    const answer = await runMutation(this.plane, context,
      { name: 'createInstance', action: 'instance.create', organizationId, noun: 'Organization', input },
      async (records, at, place) => {
        const settings = toSettings(input.settings);
        if (isFault(settings)) return settings;
        const { engines } = this.plane.facts;
        const engine = input.engine ?? 'LARDER';
        if (!engines.includes(engine)) return refusal.engineNotInstalled(engine, engines);
        const { name, plan, topology, replicas, sentinels, persistence, appendFsync, savePoints, maxmemoryPolicy, deletionProtection } = input;
        const wish = {
          name, planId: plan, engine, settings: settings ?? {}, topology: topology ?? 'STANDALONE', ...(replicas == null ? {} : { replicas }), ...(sentinels == null ? {} : { sentinels }),
          ...(persistence == null ? {} : { persistence }), ...(appendFsync == null ? {} : { appendFsync }), ...(savePoints == null ? {} : { savePoints: toSavePoints(savePoints) }),
          maxmemoryPolicy: maxmemoryPolicy ?? 'NOEVICTION', deletionProtection: deletionProtection ?? true, archive: toArchive(input.archive) ?? null,
        } as const;
        return placeInstance(this.plane, context, records, { organizationId: place, wish, seed: null, kind: 'CREATE_INSTANCE', at });
      });
    return isRefusal(answer) ? answer : presentCreated(this.plane, organizationId!, answer.stored);
  }

  @Mutation(() => UpdateInstanceResult)
  updateInstance(@Args('input') input: UpdateInstanceInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.change(context, 'updateInstance', 'instance.update', 'UPDATE_INSTANCE', input, async (records, row, organizationId) => {
      const settings = toSettings(input.settings);
      if (isFault(settings)) return settings;
      const plans = await records.plans.all();
      const { name, plan, topology, replicas, persistence, appendFsync, maxmemoryPolicy, deletionProtection } = input;
      const savePoints = input.savePoints == null ? undefined : toSavePoints(input.savePoints);
      const archive = toArchive(input.archive);
      const change = { ...(archive === undefined ? {} : { archive }), name, planId: plan, topology, replicas, persistence, appendFsync, savePoints, maxmemoryPolicy, deletionProtection, settings };
      const draft = changeInstance(row.spec, change as never, plans);
      if (!draft.ok) return draft.error;
      const kind = changeKindOf(row.spec, draft.value);
      if (kind === 'CHANGE_TOPOLOGY') {
        const open = await records.operations.openOfInstance(row.id);
        const state = stateOf({ ...row, desiredState: row.spec.desiredState });
        if (row.observedGeneration === 0) return refusal.invalidState(state, 'It has not come up yet.');
        if (open.some((each) => each.kind === 'CHANGE_TOPOLOGY' || isHandoverKind(each.kind) || each.kind === 'RESTORE_IN_PLACE')) return refusal.invalidState(state, 'Its stores are being changed already; wait for that to end, or cancel it.');
      }
      const memory = (spec: InstanceSpec): number => memoryOf(plans.find((offered) => offered.id === spec.planId), spec);
      const exceeded = checkQuota(await records.organizations.quota(organizationId), await records.organizations.usage(organizationId),
        { MEMORY: memory(draft.value) - memory(row.spec) });
      return exceeded ?? { spec: draft.value, kind };
    }, 'UpdateInstancePayload');
  }

  @Mutation(() => RestartInstanceResult)
  restartInstance(@Args('input') input: RestartInstanceInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.change(context, 'restartInstance', 'instance.restart', 'RESTART_INSTANCE', input,
      async (_records, { spec }) => ({ spec: { ...spec, restartNonce: spec.restartNonce + 1 } }), 'InstancePayload');
  }

  @Mutation(() => RotateCredentialsResult)
  async rotateCredentials(@Args('input') input: RotateCredentialsInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.change(context, 'rotateCredentials', 'instance.rotate-credentials', 'ROTATE_CREDENTIALS', input, async (_records, row, _organizationId, at) => {
      const graceSeconds = input.graceSeconds ?? 3600;
      if (graceSeconds < 0 || graceSeconds > graceSecondsMax) {
        return refusal.invalidInput([{ field: 'graceSeconds', message: `must be from 0 to ${graceSecondsMax}` }]);
      }
      return {
        spec: { ...row.spec, credentialVersion: row.spec.credentialVersion + 1 },
        passwords: {
          passwordSealed: this.plane.secretBox.seal(Buffer.from(drawPassword()), sealedAs.password(row.id)),
          previousPasswordSealed: graceSeconds === 0 ? null : row.passwordSealed,
          previousPasswordUntil: graceSeconds === 0 ? null : new Date(at.getTime() + graceSeconds * secondMs),
        },
      };
    }, 'RotateCredentialsPayload');
  }

  @Mutation(() => HandoverResult, { description: 'Another store becomes primary at once, as if the present one had died: writes that no replica has had yet are lost.' })
  failover(@Args('input') input: FailoverInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.handOver(context, 'failover', 'FAILOVER', input);
  }

  @Mutation(() => HandoverResult, { description: 'Another store becomes primary once it has everything: writes wait for about a second, none is lost.' })
  switchover(@Args('input') input: SwitchoverInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.handOver(context, 'switchover', 'SWITCHOVER', input, input.target ?? null);
  }

  @Mutation(() => HandoverResult, { description: 'The same with a store of one’s choice. Refused where that one is not in sync.' })
  promote(@Args('input') input: PromoteInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.handOver(context, 'promote', 'PROMOTE', input, input.member);
  }

  @Mutation(() => ReplicasResult)
  addReplica(@Args('input') input: AddReplicaInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.setReplicas(context, 'addReplica', 'ADD_REPLICA', input, 1);
  }

  @Mutation(() => ReplicasResult, { description: 'One that does not hear the primary goes first, else the last by name; never the primary.' })
  removeReplica(@Args('input') input: RemoveReplicaInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.setReplicas(context, 'removeReplica', 'REMOVE_REPLICA', input, -1);
  }

  private handOver(context: RequestContext, name: string, kind: HandoverMode | 'PROMOTE', input: OnInstance, target: string | null = null): Promise<object> {
    return this.change(context, name, 'instance.hand-over', kind, input, async (records, row, _organizationId, at) => {
      const state = stateOf({ ...row, desiredState: row.spec.desiredState });
      const seen = row.availability;
      if (row.spec.topology !== 'HA' || seen === null) return refusal.invalidState(state, 'Only a highly available instance that has come up can hand over.');
      const open = await records.operations.openOfInstance(row.id);
      if (open.some((each) => isHandoverKind(each.kind))) return refusal.invalidState(state, 'It is handing over already.');
      if (open.some((each) => each.kind === 'CHANGE_TOPOLOGY')) return refusal.invalidState(state, 'Its topology is being changed.');
      if (!seen.stores.some(({ role, isLinkUp }) => role === 'REPLICA' && isLinkUp)) return refusal.invalidState(state, 'No replica hears the primary.');
      const refused = target === null ? undefined : checkTarget(target, seen, kind === 'PROMOTE' ? 'member' : 'target', state);
      const mode = kind === 'PROMOTE' ? 'SWITCHOVER' : kind;
      return refused ?? { spec: { ...row.spec, handover: { id: this.plane.ids.next(), mode, epoch: seen.configEpoch, target, askedAt: at.toISOString() } } };
    }, 'InstancePayload');
  }

  private setReplicas(context: RequestContext, name: string, kind: OperationKind, input: OnInstance, more: 1 | -1): Promise<object> {
    return this.change(context, name, 'instance.update', kind, input, async (records, row, organizationId) => {
      const state = stateOf({ ...row, desiredState: row.spec.desiredState });
      if (row.spec.topology !== 'HA') return refusal.invalidState(state, 'A standalone instance has no replicas.');
      const replicas = row.spec.replicas + more;
      if (replicas < 1) return refusal.invalidState(state, 'The last replica stays: without one nobody could take over.');
      if (replicas > replicasMax) return refusal.invalidState(state, `It has ${replicasMax} replicas; there cannot be more.`);
      const plans = await records.plans.all();
      const exceeded = checkQuota(await records.organizations.quota(organizationId), await records.organizations.usage(organizationId),
        { MEMORY: more * (plans.find((plan) => plan.id === row.spec.planId)?.memoryBytes ?? 0) });
      return exceeded ?? { spec: { ...row.spec, replicas } };
    }, 'InstancePayload');
  }

  @Mutation(() => DeleteInstanceResult)
  deleteInstance(@Args('input') input: DeleteInstanceInput, @Context('plane') context: RequestContext): Promise<object> {
    return this.change(context, 'deleteInstance', 'instance.delete', 'DELETE_INSTANCE', input, async (_records, row) =>
      checkDelete({ ...row, desiredState: row.spec.desiredState, deletionProtection: row.spec.deletionProtection })
        ?? { spec: { ...row.spec, desiredState: 'DELETED', finalBackup: input.finalBackup ?? false } }, 'InstancePayload');
  }

  /** The frame of every change: find, compare revisions, refuse what is going away, write the new wish where it is one. */
  private async change<K extends RefusalKind>(
    context: RequestContext, name: string, action: Action, kind: OperationKind, input: OnInstance,
    decide: (records: Repositories, row: InstanceRow, organizationId: string, at: Date) => Promise<RefusalOf<K> | Change>, payload: string,
  ): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.instanceId, 'Instance');
    const answer = await runMutation<StoredWork, RefusalKind>(this.plane, context, { name, action, organizationId: owner?.organizationId, noun: 'Instance', input },
      async (records, at, organizationId) => {
        await records.organizations.lock(organizationId);
        const row = await records.instances.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Instance');
        if (input.expectedRevision != null && input.expectedRevision !== row.revision) return refusal.revisionConflict(row.revision);
        if (row.spec.desiredState === 'DELETED') {
          return refusal.invalidState(stateOf({ ...row, desiredState: 'DELETED' }), row.deletedAt ? 'It has been deleted.' : 'It is already being deleted.');
        }
        const change = await decide(records, row, organizationId, at);
        if (isRefusal(change)) return change;
        return this.write(context, records, row, change, change.kind ?? kind, at);
      });
    if (isRefusal(answer)) return answer;
    return this.present(owner!.organizationId, answer.stored, payload);
  }

  private async write(
    context: RequestContext, records: Repositories, row: InstanceRow, { spec, passwords }: Change, kind: OperationKind, at: Date,
  ): Promise<Done<StoredWork> | RefusalOf<'NameTaken' | 'RevisionConflict'>> {
    const target = { target: `Instance:${row.id}`, targetName: spec.name };
    const hasWork = needsReconcile(row.spec, spec);
    const isSame = !hasWork && spec.name === row.spec.name && spec.deletionProtection === row.spec.deletionProtection;
    if (isSame) return { stored: { instanceId: row.id, operationId: null }, ...target };
    const written = await records.instances.writeSpec(row.organizationId, row.id, row.revision,
      { spec, bumpGeneration: hasWork, at, ...(passwords ? { passwords } : {}) });
    if (written === 'name-taken') return refusal.nameTaken(spec.name);
    // The organisation's lock is held, so nobody can have come between; said for completeness.
    if (written === 'revision-conflict') return refusal.revisionConflict(row.revision + 1);
    if (!hasWork) return { stored: { instanceId: row.id, operationId: null }, ...target };
    const operationId = this.plane.ids.next();
    await records.operations.insert({
      id: operationId, organizationId: row.organizationId, instanceId: row.id, backupId: null, kind, steps: plannedStepsOf(kind, spec.topology),
      generation: written.generation, isCancelable: isCancelableKind(kind), undo: isCancelableKind(kind) ? undoOf(row.spec, spec) : null, actor: actorOf(context.requireViewer()), createdAt: at,
    });
    return { stored: { instanceId: row.id, operationId }, ...target, wake: (queue) => queue.instance(row.id) };
  }

  private async present(organizationId: string, { instanceId, operationId }: StoredWork, payload: string): Promise<object> {
    const { records } = this.plane.work;
    const row = (await records.instances.byId(organizationId, instanceId))!;
    const operation = operationId === null ? undefined : await records.operations.byId(organizationId, operationId);
    return {
      __typename: payload, instance: toInstance(row), operation: operation === undefined ? null : toOperation(operation),
      ...(payload === 'RotateCredentialsPayload' ? { credentials: openCredentials(this.plane, row) } : {}),
    };
  }
}

interface Change {
  readonly spec: InstanceSpec;
  /** Where what is asked for decides it. */
  readonly kind?: OperationKind;
  readonly passwords?: {
    readonly passwordSealed: string; readonly previousPasswordSealed: string | null; readonly previousPasswordUntil: Date | null;
  };
}

/** The answer to createInstance, restoreBackup and importBackup. */
export async function presentCreated(plane: PlaneServices, organizationId: string, { instanceId, operationId }: StoredInstanceWork): Promise<object> {
  const { records } = plane.work;
  const row = (await records.instances.byId(organizationId, instanceId))!;
  const operation = (await records.operations.byId(organizationId, operationId))!;
  return { __typename: 'CreateInstancePayload', instance: toInstance(row), operation: toOperation(operation), credentials: openCredentials(plane, row) };
}
