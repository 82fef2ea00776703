// Asking people in. The secret is in the link alone: it is shown to the one who asks, and only its hash is kept.
import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import {
  canSetRole, checkQuota, refusal, toNodeId, type InputFault, type InvitationRow, type Refusal, type RefusalOf, type Repositories, type UserRow,
} from '@larder/plane-domain';
import { checkPassword, drawSecret, hashPassword, hashSecret } from '@larder/plane-identity';
import { dayMs } from '@larder/shared-std';
import { forbidden, type RequestContext } from '../context';
import { audit, auditDraft, isRefusal, runMutation } from '../mutation';
import { toOrganization } from '../organization/organization.type';
import { PLANE, type PlaneServices } from '../services';
import {
  AcceptInvitationInput, AcceptInvitationResult, InviteMemberInput, InviteMemberResult, RevokeInvitationInput, RevokeInvitationResult, toInvitation,
} from './invitation.type';

const validMs = 7 * dayMs;

@Resolver()
export class InvitationResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Mutation(() => InviteMemberResult)
  async inviteMember(@Args('input') input: InviteMemberInput, @Context('plane') context: RequestContext): Promise<object> {
    const organizationId = context.organizationOf(input.organizationId);
    const secret = drawSecret();
    const answer = await runMutation<{ readonly id: string }, 'InvalidInput' | 'QuotaExceeded'>(this.plane, context,
      { name: 'inviteMember', action: 'member.write', organizationId, noun: 'Organization', input },
      async (records, at, place) => {
        const acting = await context.roleIn(place);
        if (acting === undefined || !canSetRole(acting, undefined, input.role)) throw forbidden('owner.write');
        const email = input.email.trim().toLowerCase();
        const faults = await this.checkInvited(records, place, email);
        if (faults.length > 0) return refusal.invalidInput(faults);
        await records.organizations.lock(place);
        const exceeded = checkQuota(await records.organizations.quota(place), await records.organizations.usage(place), { MEMBERS: 1 });
        if (exceeded) return exceeded;
        const viewer = context.requireViewer();
        const id = this.plane.ids.next();
        await records.invitations.insert({
          id, organizationId: place, email, role: input.role, tokenHash: hashSecret(secret), invitedById: viewer.kind === 'user' ? viewer.user.id : null,
          expiresAt: new Date(at.getTime() + validMs), acceptedAt: null, revokedAt: null, createdAt: at,
        });
        return { stored: { id }, target: `Invitation:${id}`, targetName: email };
      });
    if (isRefusal(answer)) return answer;
    const row = (await this.plane.work.records.invitations.byId(organizationId!, answer.stored.id))!;
    const url = `${this.plane.facts.consoleUrl}/invite?token=${secret}`;
    return { __typename: 'InviteMemberPayload', invitation: toInvitation(row), token: secret, url };
  }

  @Mutation(() => RevokeInvitationResult)
  async revokeInvitation(@Args('input') input: RevokeInvitationInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.invitationId, 'Invitation');
    const answer = await runMutation<{ readonly id: string }, 'NotFound'>(this.plane, context,
      { name: 'revokeInvitation', action: 'member.write', organizationId: owner?.organizationId, noun: 'Invitation', input },
      async (records, at, place) => {
        await records.invitations.revoke(place, owner!.id, at);
        return { stored: { id: owner!.id }, target: `Invitation:${owner!.id}`, targetName: null };
      });
    return isRefusal(answer) ? answer : { __typename: 'RevokeInvitationPayload', invitationId: toNodeId('Invitation', answer.stored.id) };
  }

  /** Happens before one belongs anywhere, so it has a frame of its own. */
  @Mutation(() => AcceptInvitationResult)
  async acceptInvitation(@Args('input') input: AcceptInvitationInput, @Context('plane') context: RequestContext): Promise<object> {
    const { work, clock } = this.plane;
    const plan = { name: 'acceptInvitation', action: 'member.write', input } as const;
    const at = new Date(clock.now());
    const invitation = await work.records.invitations.byTokenHash(hashSecret(input.token.slice(0, 200)));
    const refuse = async <R extends Refusal>(refused: R): Promise<R> => {
      // Of one who is nobody here yet: the organisation hears of it where the invitation is its own.
      await audit(this.plane, context, plan, invitation?.organizationId ?? null, refused.kind);
      return refused;
    };
    if (invitation === undefined || !isOpen(invitation, at)) return refuse(refusal.invitationInvalid());
    const person = await this.personFor(context, invitation, input, at);
    if (isRefusal(person)) return refuse(person);
    const { user, isNew } = person;
    const isAccepted = await work.run(async (records) => {
      if (!(await records.invitations.accept(invitation.id, at))) return false;
      if (isNew) await records.users.insert(user);
      await records.members.insert({ id: this.plane.ids.next(), organizationId: invitation.organizationId, userId: user.id, role: invitation.role, createdAt: at });
      await records.auditLog.append({
        ...auditDraft(context, plan, invitation.organizationId, 'ok', `Invitation:${invitation.id}`, user.email),
        actor: `user:${user.id}`, actorName: user.email,
      });
      return true;
    });
    if (!isAccepted) return refuse(refusal.invitationInvalid());
    if (isNew) {
      const { secret, session } = await this.plane.identity.openSession(user, context.facts);
      context.facts.setSession(secret);
      context.viewer = { kind: 'user', user, sessionId: session.id };
    }
    const organization = (await work.records.organizations.byId(invitation.organizationId))!;
    return { __typename: 'AcceptInvitationPayload', organization: toOrganization(organization), viewer: { isViewer: true } };
  }

  private async checkInvited(records: Repositories, organizationId: string, email: string): Promise<InputFault[]> {
    if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254) return [{ field: 'email', message: 'must be an e-mail address' }];
    const user = await records.users.byEmail(email);
    const isMember = user !== undefined && (await records.members.roleOf(organizationId, user.id)) !== undefined;
    return isMember ? [{ field: 'email', message: 'is a member already' }] : [];
  }

  /** Who joins: the one who is signed in with that address, or a new person. */
  private async personFor(
    context: RequestContext, invitation: InvitationRow, input: AcceptInvitationInput, at: Date,
  ): Promise<{ readonly user: UserRow; readonly isNew: boolean } | RefusalOf<'InvalidInput' | 'InvitationInvalid'>> {
    if (context.viewer?.kind === 'user') {
      return context.viewer.user.email === invitation.email ? { user: context.viewer.user, isNew: false } : refusal.invitationInvalid();
    }
    if ((await this.plane.work.records.users.byEmail(invitation.email)) !== undefined) {
      return refusal.invalidInput([{ field: 'token', message: 'is for someone who has an account; sign in first' }]);
    }
    const name = input.name?.trim() ?? '';
    const passwordFault = checkPassword(input.password ?? '');
    const faults: InputFault[] = [
      ...(name.length >= 1 && name.length <= 80 ? [] : [{ field: 'name', message: 'must have 1 to 80 characters' }]),
      ...(passwordFault ? [{ field: 'password', message: passwordFault }] : []),
    ];
    if (faults.length > 0) return refusal.invalidInput(faults);
    const user: UserRow = {
      id: this.plane.ids.next(), email: invitation.email, name, passwordHash: await hashPassword(input.password!), isPlatformAdmin: false,
      disabledAt: null, createdAt: at,
    };
    return { user, isNew: true };
  }
}

function isOpen(invitation: InvitationRow, at: Date): boolean {
  return invitation.acceptedAt === null && invitation.revokedAt === null && invitation.expiresAt > at;
}
