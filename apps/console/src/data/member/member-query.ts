import { useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { InvitationsDocument, MembersDocument } from '../generated/documents/member-query';
import type { InvitationsQuery, MembersQuery } from '../generated/graphql';
import { pageOrNone, usePages } from '../pages';
import { memberKeys } from './keys';

export type Member = NonNullable<MembersQuery['organization']>['members']['nodes'][number];
export type Invitation = NonNullable<InvitationsQuery['organization']>['invitations']['nodes'][number];

export function useMembers(slug: string) {
  return usePages<Member>({
    queryKey: memberKeys.list(slug),
    load: async (after) => pageOrNone((await execute(MembersDocument, { slug, after })).organization?.members),
    refetchInterval: 60_000,
  });
}

export function useInvitations(slug: string) {
  return useQuery({
    queryKey: memberKeys.invitations(slug),
    queryFn: async () => (await execute(InvitationsDocument, { slug })).organization?.invitations.nodes ?? [],
  });
}
