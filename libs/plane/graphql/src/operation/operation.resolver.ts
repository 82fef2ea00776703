import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { refusal } from '@larder/plane-domain';
import { Backup, toBackup } from '../backup/backup.type';
import type { RequestContext } from '../context';
import { Instance, toInstance } from '../instance/instance.type';
import { isRefusal, runMutation } from '../mutation';
import { PLANE, type PlaneServices } from '../services';
import { CancelOperationInput, CancelOperationResult, Operation, toOperation } from './operation.type';

@Resolver(() => Operation)
export class OperationResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => String, { description: 'user name, token name, or system' })
  async actor(@Parent() { row }: Operation, @Context('plane') context: RequestContext): Promise<string> {
    const [kind, id] = row.actor.split(':');
    if (id === undefined) return row.actor;
    if (kind === 'user') return (await context.loaders.user.load(id))?.name ?? 'a person who has left';
    return (await context.loaders.apiToken.load({ organizationId: row.organizationId, id }))?.name ?? 'a token that is gone';
  }

  @ResolveField(() => Backup, { nullable: true })
  async backup(@Parent() { row }: Operation, @Context('plane') context: RequestContext): Promise<Backup | null> {
    if (row.backupId === null) return null;
    const backup = await context.loaders.backup.load({ organizationId: row.organizationId, id: row.backupId });
    return backup === undefined ? null : toBackup(backup);
  }

  @ResolveField(() => Instance, { nullable: true })
  async instance(@Parent() { row }: Operation, @Context('plane') context: RequestContext): Promise<Instance | null> {
    if (row.instanceId === null) return null;
    const instance = await context.loaders.instance.load({ organizationId: row.organizationId, id: row.instanceId });
    return instance === undefined ? null : toInstance(instance);
  }

  @Mutation(() => CancelOperationResult)
  async cancelOperation(@Args('input') input: CancelOperationInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.operationId, 'Operation');
    const answer = await runMutation(this.plane, context,
      { name: 'cancelOperation', action: 'operation.cancel', organizationId: owner?.organizationId, noun: 'Operation', input },
      async (records, at, organizationId) => {
        const row = await records.operations.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Operation');
        if (!(await records.operations.requestCancel(organizationId, row.id, at))) return refusal.notCancelable();
        return {
          stored: { operationId: row.id }, target: `Operation:${row.id}`, targetName: row.kind,
          wake: async (queue) => {
            if (row.instanceId !== null) await queue.instance(row.instanceId);
            if (row.backupId !== null) await queue.backup(row.backupId);
          },
        };
      });
    if (isRefusal(answer)) return answer;
    const row = (await this.plane.work.records.operations.byId(owner!.organizationId, answer.stored.operationId))!;
    return { __typename: 'CancelOperationPayload', operation: toOperation(row) };
  }
}
