/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { ApiTokensQuery, ApiTokensQueryVariables } from '../graphql';

export const ApiTokensDocument = /*#__PURE__*/ new TypedDocumentString(
  'query ApiTokens($slug:String!){organization(slug:$slug){id apiTokens(first:100){totalCount nodes{id name prefix scopes createdAt expiresAt lastUsedAt revokedAt}}}}',
) as unknown as TypedDocumentString<ApiTokensQuery, ApiTokensQueryVariables>;
