// Who is asking; signing in and out.
import { Inject } from '@nestjs/common';
import { Args, Context, Int, Mutation, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { refusal } from '@larder/plane-domain';
import { checkPassword, hashPassword, verifyPassword } from '@larder/plane-identity';
import { ApiToken, toApiToken } from '../api-token/api-token.type';
import type { RequestContext } from '../context';
import { audit, auditDraft, isRefusal, refuseTokens } from '../mutation';
import { OrganizationConnection, toOrganization, type Organization } from '../organization/organization.type';
import { PLANE, type PlaneServices } from '../services';
import { User, toUser } from '../user/user.type';
import { parsePage, toConnection, type Connection } from '../words/page.type';
import { ChangePasswordInput, ChangePasswordResult, SignInInput, SignInResult, SignOutPayload, Viewer } from './viewer.type';

const somebody: Viewer = { isViewer: true };

@Resolver(() => Viewer)
export class ViewerResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @Query(() => Viewer, { nullable: true, description: 'Null when nobody is signed in.' })
  viewer(@Context('plane') context: RequestContext): Viewer | null {
    return context.viewer === undefined ? null : somebody;
  }

  @ResolveField(() => ApiToken, { nullable: true, description: 'Null for a person.' })
  apiToken(@Context('plane') context: RequestContext): ApiToken | null {
    const viewer = context.requireViewer();
    return viewer.kind === 'token' ? toApiToken(viewer.token) : null;
  }

  @ResolveField(() => OrganizationConnection)
  async organizations(
    @Context('plane') context: RequestContext,
    @Args('after', { type: () => String, nullable: true }) after: string | null,
    @Args('first', { type: () => Int, nullable: true, defaultValue: 50 }) first: number,
  ): Promise<Connection<Organization>> {
    const viewer = context.requireViewer();
    const page = parsePage(first, after);
    if (viewer.kind === 'user') return toConnection(await this.plane.work.records.organizations.pageOfUser(viewer.user.id, page), page, toOrganization);
    const own = await this.plane.work.records.organizations.byId(viewer.token.organizationId);
    return toConnection({ items: own === undefined ? [] : [own], hasNextPage: false, totalCount: own === undefined ? 0 : 1 }, page, toOrganization);
  }

  @ResolveField(() => User, { nullable: true, description: 'Null for an API token.' })
  user(@Context('plane') context: RequestContext): User | null {
    const viewer = context.requireViewer();
    return viewer.kind === 'user' ? toUser(viewer.user) : null;
  }

  @Mutation(() => SignInResult)
  async signIn(@Args('input') input: SignInInput, @Context('plane') context: RequestContext): Promise<object> {
    const answer = await this.plane.identity.signIn(input.email, input.password, context.facts);
    const outcome = isRefusal(answer) ? answer.kind : 'ok';
    if (!isRefusal(answer)) context.viewer = { kind: 'user', user: answer.user, sessionId: answer.session.id };
    await this.plane.work.run((records) => records.auditLog.append({
      ...auditDraft(context, { name: 'signIn', action: 'organization.read', input: { email: input.email.slice(0, 320) } }, null, outcome, null, null),
    }));
    if (isRefusal(answer)) return answer;
    context.facts.setSession(answer.secret);
    return { __typename: 'SignInPayload', viewer: somebody };
  }

  @Mutation(() => SignOutPayload)
  async signOut(@Context('plane') context: RequestContext): Promise<SignOutPayload> {
    const { viewer } = context;
    if (viewer?.kind === 'user') {
      await this.plane.work.run(async (records) => {
        await records.sessions.remove(viewer.sessionId);
        await records.auditLog.append(auditDraft(context, { name: 'signOut', action: 'organization.read', input: {} }, null, 'ok', null, null));
      });
    }
    context.facts.setSession(null);
    return { ok: true };
  }

  @Mutation(() => ChangePasswordResult)
  async changePassword(@Args('input') input: ChangePasswordInput, @Context('plane') context: RequestContext): Promise<object> {
    const plan = { name: 'changePassword', action: 'organization.read', input: {} } as const;
    const user = await refuseTokens(this.plane, context, plan, 'password.change');
    const { work, clock } = this.plane;
    // Guessing here is as good as at the door, so it has a bucket too.
    const waitSeconds = await work.records.rateBuckets.take(`change-password:${user.id}`, 1, 10, 1 / 30, new Date(clock.now()));
    if (waitSeconds > 0) {
      await audit(this.plane, context, plan, null, 'SignInFailed');
      return refusal.signInFailed(waitSeconds);
    }
    const fault = checkPassword(input.newPassword);
    const refused = fault !== undefined ? refusal.invalidInput([{ field: 'newPassword', message: fault }])
      : !(await verifyPassword(input.currentPassword, user.passwordHash)) ? refusal.signInFailed() : undefined;
    const passwordHash = refused ? undefined : await hashPassword(input.newPassword);
    await work.run(async (records) => {
      if (passwordHash !== undefined) {
        await records.users.setPasswordHash(user.id, passwordHash);
        await records.sessions.removeOthersOf(user.id, context.viewer?.kind === 'user' ? context.viewer.sessionId : null);
      }
      await records.auditLog.append(auditDraft(context, plan, null, refused?.kind ?? 'ok', null, null));
    });
    return refused ?? { __typename: 'ChangePasswordPayload', ok: true };
  }
}
