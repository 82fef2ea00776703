import { useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { ApiTokensDocument } from '../generated/documents/token-query';
import type { ApiTokensQuery } from '../generated/graphql';
import { tokenKeys } from './keys';

export type ApiToken = NonNullable<ApiTokensQuery['organization']>['apiTokens']['nodes'][number];

export function useApiTokens(slug: string) {
  return useQuery({
    queryKey: tokenKeys.list(slug),
    queryFn: async () => (await execute(ApiTokensDocument, { slug })).organization?.apiTokens.nodes ?? [],
  });
}
