import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { CreateApiTokenDocument, RevokeApiTokenDocument } from '../generated/documents/token-mutation';
import type { CreateApiTokenInput } from '../generated/graphql';
import { tokenKeys } from './keys';

export function useCreateApiToken(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: CreateApiTokenInput) => (await execute(CreateApiTokenDocument, { input })).createApiToken,
    onSuccess: () => cache.invalidateQueries({ queryKey: tokenKeys.list(slug) }),
  });
}

export function useRevokeApiToken(slug: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (apiTokenId: string) => (await execute(RevokeApiTokenDocument, { input: { apiTokenId } })).revokeApiToken,
    onSuccess: () => cache.invalidateQueries({ queryKey: tokenKeys.list(slug) }),
  });
}
