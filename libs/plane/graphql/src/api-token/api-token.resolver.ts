import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { checkQuota, refusal, type InputFault } from '@larder/plane-domain';
import { drawSecret, hashSecret, shownPrefixOf, tokenPrefix } from '@larder/plane-identity';
import type { RequestContext } from '../context';
import { isRefusal, runMutation } from '../mutation';
import { Organization, toOrganization } from '../organization/organization.type';
import { PLANE, type PlaneServices } from '../services';
import { ApiToken, CreateApiTokenInput, CreateApiTokenResult, RevokeApiTokenInput, RevokeApiTokenResult, toApiToken } from './api-token.type';

@Resolver(() => ApiToken)
export class ApiTokenResolver {
  constructor(@Inject(PLANE) private readonly plane: PlaneServices) {}

  @ResolveField(() => Organization)
  async organization(@Parent() { row }: ApiToken, @Context('plane') context: RequestContext): Promise<Organization> {
    return toOrganization((await context.loaders.organization.load(row.organizationId))!);
  }

  @Mutation(() => CreateApiTokenResult)
  async createApiToken(@Args('input') input: CreateApiTokenInput, @Context('plane') context: RequestContext): Promise<object> {
    const organizationId = context.organizationOf(input.organizationId);
    const secret = drawSecret(tokenPrefix);
    const answer = await runMutation<{ readonly id: string }, 'InvalidInput' | 'QuotaExceeded'>(this.plane, context,
      { name: 'createApiToken', action: 'token.write', organizationId, noun: 'Organization', input },
      async (records, at, place) => {
        const faults = checkToken(input, at);
        if (faults.length > 0) return refusal.invalidInput(faults);
        await records.organizations.lock(place);
        const exceeded = checkQuota(await records.organizations.quota(place), await records.organizations.usage(place), { API_TOKENS: 1 });
        if (exceeded) return exceeded;
        const viewer = context.requireViewer();
        const id = this.plane.ids.next();
        await records.apiTokens.insert({
          id, organizationId: place, name: input.name.trim(), prefix: shownPrefixOf(secret), tokenHash: hashSecret(secret),
          scopes: [...new Set(input.scopes)], createdById: viewer.kind === 'user' ? viewer.user.id : null, expiresAt: input.expiresAt ?? null,
          lastUsedAt: null, revokedAt: null, createdAt: at,
        });
        return { stored: { id }, target: `ApiToken:${id}`, targetName: input.name };
      });
    if (isRefusal(answer)) return answer;
    const row = (await this.plane.work.records.apiTokens.byId(organizationId!, answer.stored.id))!;
    return { __typename: 'CreateApiTokenPayload', apiToken: toApiToken(row), secret };
  }

  @Mutation(() => RevokeApiTokenResult)
  async revokeApiToken(@Args('input') input: RevokeApiTokenInput, @Context('plane') context: RequestContext): Promise<object> {
    context.requireViewer();
    const owner = await context.ownerOf(input.apiTokenId, 'ApiToken');
    const answer = await runMutation<{ readonly id: string }, 'NotFound'>(this.plane, context,
      { name: 'revokeApiToken', action: 'token.write', organizationId: owner?.organizationId, noun: 'ApiToken', input },
      async (records, at, place) => {
        await records.apiTokens.revoke(place, owner!.id, at);
        return { stored: { id: owner!.id }, target: `ApiToken:${owner!.id}`, targetName: null };
      });
    if (isRefusal(answer)) return answer;
    const row = (await this.plane.work.records.apiTokens.byId(owner!.organizationId, answer.stored.id))!;
    return { __typename: 'RevokeApiTokenPayload', apiToken: toApiToken(row) };
  }
}

function checkToken(input: CreateApiTokenInput, at: Date): InputFault[] {
  const length = input.name.trim().length;
  return [
    ...(length >= 1 && length <= 80 ? [] : [{ field: 'name', message: 'must have 1 to 80 characters' }]),
    ...(input.scopes.length > 0 ? [] : [{ field: 'scopes', message: 'must name at least one scope' }]),
    ...(input.expiresAt && input.expiresAt <= at ? [{ field: 'expiresAt', message: 'must lie in the future' }] : []),
  ];
}
