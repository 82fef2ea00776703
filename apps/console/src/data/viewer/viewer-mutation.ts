import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { AcceptInvitationDocument, ChangePasswordDocument, SignInDocument, SignOutDocument } from '../generated/documents/viewer-mutation';
import type { AcceptInvitationInput, ChangePasswordInput, SignInInput } from '../generated/graphql';
import { isDone } from '../refusal';
import { dropConnection } from '../subscription';
import { viewerKeys } from './keys';

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: SignInInput) => (await execute(SignInDocument, { input })).signIn,
    onSuccess: (result) => { if (isDone(result)) cache.setQueryData(viewerKeys.all, result.viewer); },
  });
}

/** The caller leaves for a fresh page then: what this one holds in memory is of who has left. */
export function useSignOut() {
  return useMutation({ mutationFn: async () => (await execute(SignOutDocument)).signOut, onSuccess: dropConnection });
}

export function useChangePassword() {
  return useMutation({ mutationFn: async (input: ChangePasswordInput) => (await execute(ChangePasswordDocument, { input })).changePassword });
}

export function useAcceptInvitation() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: AcceptInvitationInput) => (await execute(AcceptInvitationDocument, { input })).acceptInvitation,
    onSuccess: (result) => { if (isDone(result)) cache.setQueryData(viewerKeys.all, result.viewer); },
  });
}
