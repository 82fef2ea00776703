import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { canSetRole, refusal, toNodeId, type MemberRow, type Repositories, type Role } from '@larder/plane-domain';
import { forbidden, type RequestContext } from '../context';
import { isRefusal, runMutation } from '../mutation';
import { PLANE, type PlaneServices } from '../services';
import { User, toUser } from '../user/user.type';
import { Member, RemoveMemberInput, RemoveMemberResult, UpdateMemberInput, UpdateMemberResult, toMember } from './member.type';

@Resolver(() => Member)
export class MemberResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => User)
  async user(@Parent() { row }: Member, @Context('plane') context: RequestContext): Promise<User> {
    return toUser((await context.loaders.user.load(row.userId))!);
  }

  @Mutation(() => UpdateMemberResult)
  async updateMember(@Args('input') input: UpdateMemberInput, @Context('plane') context: RequestContext): Promise<object> {
    const answer = await this.onMember(context, 'updateMember', input, input.role, (records, row) =>
      records.members.setRole(row.organizationId, row.id, input.role));
    if (isRefusal(answer)) return answer;
    const { organizationId, memberId } = answer.stored;
    return { __typename: 'MemberPayload', member: toMember((await this.plane.work.records.members.byId(organizationId, memberId))!) };
  }

  @Mutation(() => RemoveMemberResult)
  async removeMember(@Args('input') input: RemoveMemberInput, @Context('plane') context: RequestContext): Promise<object> {
    const answer = await this.onMember(context, 'removeMember', input, undefined, (records, row) =>
      records.members.remove(row.organizationId, row.id));
    return isRefusal(answer) ? answer : { __typename: 'RemoveMemberPayload', memberId: toNodeId('Member', answer.stored.memberId) };
  }

  /** `to` undefined: the member goes. Under the organisation's lock, so that two owners cannot both leave at once. */
  private async onMember(
    context: RequestContext, name: string, input: { readonly memberId: string }, to: Role | undefined,
    write: (records: Repositories, row: MemberRow) => Promise<void>,
  ) {
    context.requireViewer();
    const owner = await context.ownerOf(input.memberId, 'Member');
    return runMutation<{ readonly organizationId: string; readonly memberId: string }, 'NotFound' | 'LastOwner'>(this.plane, context,
      { name, action: 'member.write', organizationId: owner?.organizationId, noun: 'Member', input },
      async (records, _at, organizationId) => {
        await records.organizations.lock(organizationId);
        const row = await records.members.byId(organizationId, owner!.id);
        if (row === undefined) return refusal.notFound('Member');
        const acting = await context.roleIn(organizationId);
        if (acting === undefined || !canSetRole(acting, row.role, to)) throw forbidden('owner.write');
        if (await isLastOwner(records, row, to)) return refusal.lastOwner();
        await write(records, row);
        return { stored: { organizationId, memberId: row.id }, target: `Member:${row.id}`, targetName: to ?? null };
      });
  }
}

async function isLastOwner(records: Repositories, row: MemberRow, to: Role | undefined): Promise<boolean> {
  return row.role === 'OWNER' && to !== 'OWNER' && (await records.members.countOwners(row.organizationId)) === 1;
}
