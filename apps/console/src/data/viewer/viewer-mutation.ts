import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import {
  AcceptInvitationDocument, ChangePasswordDocument, SignInDocument, SignOutDocument,
  type AcceptInvitationInput, type ChangePasswordInput, type SignInInput,
} from '../generated/graphql';
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

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async () => (await execute(SignOutDocument)).signOut,
    onSuccess: async () => {
      await dropConnection();
      cache.removeQueries({ predicate: (query) => query.queryKey[0] !== viewerKeys.all[0] });
      cache.setQueryData(viewerKeys.all, null);
    },
  });
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
