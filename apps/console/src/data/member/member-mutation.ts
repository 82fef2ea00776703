import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { InviteMemberDocument, RemoveMemberDocument, RevokeInvitationDocument, UpdateMemberDocument } from '../generated/documents/member-mutation';
import type { InviteMemberInput, UpdateMemberInput } from '../generated/graphql';
import { memberKeys } from './keys';

export function useInviteMember(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: InviteMemberInput) => (await execute(InviteMemberDocument, { input })).inviteMember,
    onSuccess: () => cache.invalidateQueries({ queryKey: memberKeys.invitations(slug) }),
  });
}

export function useRevokeInvitation(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (invitationId: string) => (await execute(RevokeInvitationDocument, { input: { invitationId } })).revokeInvitation,
    onSuccess: () => cache.invalidateQueries({ queryKey: memberKeys.invitations(slug) }),
  });
}

export function useUpdateMember(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: UpdateMemberInput) => (await execute(UpdateMemberDocument, { input })).updateMember,
    onSuccess: () => cache.invalidateQueries({ queryKey: memberKeys.list(slug) }),
  });
}

export function useRemoveMember(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (memberId: string) => (await execute(RemoveMemberDocument, { input: { memberId } })).removeMember,
    onSuccess: () => cache.invalidateQueries({ queryKey: memberKeys.list(slug) }),
  });
}
