import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { CreateOrganizationDocument, UpdateOrganizationDocument } from '../generated/documents/organization-mutation';
import type { CreateOrganizationInput, UpdateOrganizationInput } from '../generated/graphql';
import { viewerKeys } from '../viewer/keys';

export function useCreateOrganization() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: CreateOrganizationInput) => (await execute(CreateOrganizationDocument, { input })).createOrganization,
    onSuccess: () => cache.invalidateQueries({ queryKey: viewerKeys.all }),
  });
}

export function useUpdateOrganization() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: UpdateOrganizationInput) => (await execute(UpdateOrganizationDocument, { input })).updateOrganization,
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: viewerKeys.all });
      await cache.invalidateQueries({ queryKey: ['organization'] });
    },
  });
}
