/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { ApiTokensQuery, ApiTokensQueryVariables, CreateApiTokenMutation, CreateApiTokenMutationVariables, RevokeApiTokenMutation, RevokeApiTokenMutationVariables } from '../graphql';

export const ApiTokensDocument = /*#__PURE__*/ new TypedDocumentString(
  'query ApiTokens($slug:String!){organization(slug:$slug){id apiTokens(first:100){totalCount nodes{id name prefix scopes createdAt expiresAt lastUsedAt revokedAt}}}}',
) as unknown as TypedDocumentString<ApiTokensQuery, ApiTokensQueryVariables>;

export const CreateApiTokenDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateApiToken($input:CreateApiTokenInput!){createApiToken(input:$input){__typename ... on CreateApiTokenPayload{apiToken{id name prefix}secret}... on Refusal{message}... on InvalidInput{faults{field message}}... on QuotaExceeded{resource limit used requested}}}',
) as unknown as TypedDocumentString<CreateApiTokenMutation, CreateApiTokenMutationVariables>;

export const RevokeApiTokenDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation RevokeApiToken($input:RevokeApiTokenInput!){revokeApiToken(input:$input){__typename ... on RevokeApiTokenPayload{apiToken{id revokedAt}}... on Refusal{message}}}',
) as unknown as TypedDocumentString<RevokeApiTokenMutation, RevokeApiTokenMutationVariables>;
