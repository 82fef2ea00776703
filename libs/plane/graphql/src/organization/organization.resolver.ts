// An organisation, and everything that lies in it. Whoever holds an Organization object may read it (organization.read); lists that
// ask for more say so.
import { Inject } from '@nestjs/common';
import { Args, Context, ID, Int, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import {
  actions, can, fromNodeId, parseNodeId, refusal, stateOf, tokenCan,
  type InstanceRow, type InstanceState as InstanceStateWord, type OperationPhase as OperationPhaseWord, type Page, type PageRequest,
  type QuotaResource as QuotaResourceWord, type InputFault, type Quota, type Role as RoleWord,
} from '@larder/plane-domain';
import { ApiTokenConnection, toApiToken, type ApiToken } from '../api-token/api-token.type';
import { AuditEntryConnection, toAuditEntry, type AuditEntry } from '../audit-entry/audit-entry.type';
import { BackupConnection, toBackup, type Backup } from '../backup/backup.type';
import type { RequestContext } from '../context';
import { Instance, InstanceConnection, toInstance } from '../instance/instance.type';
import { InvitationConnection, toInvitation, type Invitation } from '../invitation/invitation.type';
import { MemberConnection, toMember, type Member } from '../member/member.type';
import { isRefusal, refuseTokens, runMutation, runPersonalMutation } from '../mutation';
import { OperationConnection, toOperation, type Operation } from '../operation/operation.type';
import { PLANE, type PlaneServices } from '../services';
import { InstanceState, OperationPhase, QuotaResource, Role } from '../words/enums';
import { parsePage, toConnection, type Connection } from '../words/page.type';
import { CreateOrganizationInput, CreateOrganizationResult, UpdateOrganizationInput, UpdateOrganizationResult } from './organization.input';
import { Organization, QuotaUse, toOrganization } from './organization.type';

const quotaFields: readonly (readonly [QuotaResourceWord, keyof Quota])[] = [
  ['INSTANCES', 'instancesMax'], ['MEMORY', 'memoryBytesMax'], ['BACKUPS', 'backupsMax'], ['BACKUP_BYTES', 'backupBytesMax'],
  ['API_TOKENS', 'apiTokensMax'], ['MEMBERS', 'membersMax'],
];
/** A state is derived, not stored: a list by state looks through so many instances at most. */
const lookedThroughMax = 1_000;

@Resolver(() => Organization)
export class OrganizationResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Query(() => Organization, { nullable: true })
  async organization(@Args('slug') slug: string, @Context('plane') context: RequestContext): Promise<Organization | null> {
    context.requireViewer();
    const row = await this.plane.access.organizations.bySlug(slug);
    return row !== undefined && (await context.mayIn(row.id, 'organization.read')) ? toOrganization(row) : null;
  }

  @ResolveField(() => ApiTokenConnection)
  async apiTokens(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 50 }) first: number,
  ): Promise<Connection<ApiToken>> {
    await context.requireIn(row.id, 'token.read');
    const page = parsePage(first, after);
    return toConnection(await this.plane.work.records.apiTokens.page(row.id, page), page, toApiToken);
  }

  @ResolveField(() => AuditEntryConnection)
  async auditLog(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('action', { type: () => String, nullable: true }) action: string | null,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 50 }) first: number,
    @Args('target', { type: () => ID, nullable: true }) target: string | null,
  ): Promise<Connection<AuditEntry>> {
    await context.requireIn(row.id, 'audit.read');
    const page = parsePage(first, after);
    const node = target === null || target === undefined ? undefined : parseNodeId(target);
    const filter = { ...(action ? { action } : {}), ...(target ? { target: node ? `${node.type}:${node.id}` : 'none' } : {}) };
    return toConnection(await this.plane.work.records.auditLog.page(row.id, page, filter), page, toAuditEntry);
  }

  @ResolveField(() => BackupConnection)
  async backups(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first: number,
  ): Promise<Connection<Backup>> {
    await context.requireIn(row.id, 'backup.read');
    const page = parsePage(first, after);
    return toConnection(await this.plane.work.records.backups.page(row.id, page, {}), page, toBackup);
  }

  @ResolveField(() => Instance, { nullable: true })
  async instance(@Parent() { row }: Organization, @Context('plane') context: RequestContext, @Args('name') name: string): Promise<Instance | null> {
    await context.requireIn(row.id, 'instance.read');
    const instance = await this.plane.work.records.instances.byName(row.id, name);
    return instance === undefined ? null : toInstance(instance);
  }

  @ResolveField(() => InstanceConnection, { description: 'Newest first. Deleted ones are left out.' })
  async instances(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first: number,
    @Args('search', { type: () => String, nullable: true }) search: string | null,
    @Args('states', { type: () => [InstanceState], nullable: true }) states: InstanceStateWord[] | null,
  ): Promise<Connection<Instance>> {
    await context.requireIn(row.id, 'instance.read');
    const page = parsePage(first, after);
    const filter = search ? { search } : {};
    const found = states ? await this.instancesInStates(row.id, page, filter, states) : await this.plane.work.records.instances.page(row.id, page, filter);
    return toConnection(found, page, toInstance);
  }

  @ResolveField(() => InvitationConnection)
  async invitations(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 50 }) first: number,
  ): Promise<Connection<Invitation>> {
    await context.requireIn(row.id, 'member.write');
    const page = parsePage(first, after);
    return toConnection(await this.plane.work.records.invitations.pageOpen(row.id, page, new Date(this.plane.clock.now())), page, toInvitation);
  }

  @ResolveField(() => MemberConnection)
  async members(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 50 }) first: number,
  ): Promise<Connection<Member>> {
    await context.requireIn(row.id, 'member.read');
    const page = parsePage(first, after);
    return toConnection(await this.plane.work.records.members.page(row.id, page), page, toMember);
  }

  @ResolveField(() => OperationConnection)
  async operations(
    @Parent() { row }: Organization, @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 20 }) first: number,
    @Args('phases', { type: () => [OperationPhase], nullable: true }) phases: OperationPhaseWord[] | null,
  ): Promise<Connection<Operation>> {
    await context.requireIn(row.id, 'operation.read');
    const page = parsePage(first, after);
    return toConnection(await this.plane.work.records.operations.page(row.id, page, phases ? { phases } : {}), page, toOperation);
  }

  @ResolveField(() => [QuotaUse])
  async quotas(@Parent() { row }: Organization): Promise<QuotaUse[]> {
    const { organizations } = this.plane.work.records;
    const [quota, usage] = await Promise.all([organizations.quota(row.id), organizations.usage(row.id)]);
    return quotaFields.map(([resource, field]) => ({ resource: resource as keyof typeof QuotaResource, limit: quota[field], used: usage[resource] }));
  }

  @ResolveField(() => [String], { description: 'What the viewer may do here, as words like instance.create.' })
  async viewerActions(@Parent() { row }: Organization, @Context('plane') context: RequestContext): Promise<string[]> {
    const viewer = context.requireViewer();
    const role = await context.roleIn(row.id);
    return actions.filter((action) => (viewer.kind === 'token' ? tokenCan(viewer.token.scopes, action) : role !== undefined && can(role, action)));
  }

  @ResolveField(() => Role, { nullable: true, description: 'Null for an API token.' })
  async viewerRole(@Parent() { row }: Organization, @Context('plane') context: RequestContext): Promise<RoleWord | null> {
    return (await context.roleIn(row.id)) ?? null;
  }

  @Mutation(() => CreateOrganizationResult)
  async createOrganization(@Args('input') input: CreateOrganizationInput, @Context('plane') context: RequestContext): Promise<object> {
    const plan = { name: 'createOrganization', action: 'organization.update', input } as const;
    const user = await refuseTokens(this.plane, context, plan, 'organization.create');
    const answer = await runPersonalMutation(this.plane, context, plan, user.id,
      async (records, at) => {
        const faults = [...checkOrganizationName(input.name), ...checkSlug(input.slug)];
        if (faults.length > 0) return refusal.invalidInput(faults);
        const id = this.plane.ids.next();
        if ((await records.organizations.insert({ id, slug: input.slug, name: input.name.trim(), createdAt: at })) === 'slug-taken') {
          return refusal.nameTaken(input.slug);
        }
        await records.members.insert({ id: this.plane.ids.next(), organizationId: id, userId: user.id, role: 'OWNER', createdAt: at });
        return { stored: { organizationId: id }, target: `Organization:${id}`, targetName: input.name, auditIn: id };
      });
    return isRefusal(answer) ? answer : this.present(answer.stored.organizationId);
  }

  @Mutation(() => UpdateOrganizationResult)
  async updateOrganization(@Args('input') input: UpdateOrganizationInput, @Context('plane') context: RequestContext): Promise<object> {
    const organizationId = fromNodeId(input.organizationId, 'Organization');
    const answer = await runMutation(this.plane, context,
      { name: 'updateOrganization', action: 'organization.update', organizationId, noun: 'Organization', input },
      async (records, _at, id) => {
        const faults = checkOrganizationName(input.name);
        if (faults.length > 0) return refusal.invalidInput(faults);
        await records.organizations.rename(id, input.name.trim());
        return { stored: { organizationId: id }, target: `Organization:${id}`, targetName: input.name };
      });
    return isRefusal(answer) ? answer : this.present(answer.stored.organizationId);
  }

  private async present(organizationId: string): Promise<object> {
    const row = (await this.plane.work.records.organizations.byId(organizationId))!;
    return { __typename: 'OrganizationPayload', organization: toOrganization(row) };
  }

  private async instancesInStates(
    organizationId: string, request: PageRequest, filter: { readonly search?: string }, states: readonly InstanceStateWord[],
  ): Promise<Page<InstanceRow>> {
    const all: InstanceRow[] = [];
    for (let after: string | null = null; all.length < lookedThroughMax;) {
      const page: Page<InstanceRow> = await this.plane.work.records.instances.page(organizationId, { first: 100, after }, filter);
      all.push(...page.items);
      after = page.items.at(-1)?.id ?? null;
      if (!page.hasNextPage) break;
    }
    const matching = all.filter((row) => states.includes(stateOf({ ...row, desiredState: row.spec.desiredState })));
    const rest = request.after === null ? matching : matching.filter((row) => row.id < request.after!);
    return { items: rest.slice(0, request.first), hasNextPage: rest.length > request.first, totalCount: matching.length };
  }
}

function checkOrganizationName(name: string): InputFault[] {
  const length = name.trim().length;
  return length >= 1 && length <= 80 ? [] : [{ field: 'name', message: 'must have 1 to 80 characters' }];
}

function checkSlug(slug: string): InputFault[] {
  return /^[a-z](?:-?[a-z0-9]){0,39}$/.test(slug) && slug.length <= 40 ? []
    : [{ field: 'slug', message: 'must begin with a letter and hold 1 to 40 of a–z, 0–9 and single hyphens' }];
}
