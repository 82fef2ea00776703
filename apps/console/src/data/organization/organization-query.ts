import { useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { OrganizationDocument, QuotasDocument } from '../generated/documents/organization-query';
import { organizationKeys } from './keys';

export function useOrganization(slug: string) {
  return useQuery({
    queryKey: organizationKeys.detail(slug),
    queryFn: async () => (await execute(OrganizationDocument, { slug })).organization ?? null,
    staleTime: 60_000,
  });
}

/** Whether the viewer may do it here; false while that is not known. */
export function useMay(slug: string): (action: string) => boolean {
  const actions = useOrganization(slug).data?.viewerActions;
  return (action) => actions?.includes(action) ?? false;
}

export function useQuotas(slug: string) {
  return useQuery({
    queryKey: organizationKeys.quotas(slug),
    queryFn: async () => (await execute(QuotasDocument, { slug })).organization?.quotas ?? [],
  });
}
