/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { CreateApiTokenMutation, CreateApiTokenMutationVariables, RevokeApiTokenMutation, RevokeApiTokenMutationVariables } from '../graphql';

export const CreateApiTokenDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateApiToken($input:CreateApiTokenInput!){createApiToken(input:$input){__typename ... on CreateApiTokenPayload{apiToken{id name prefix}secret}... on Refusal{message}... on InvalidInput{faults{field message}}... on QuotaExceeded{resource limit used requested}}}',
) as unknown as TypedDocumentString<CreateApiTokenMutation, CreateApiTokenMutationVariables>;

export const RevokeApiTokenDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation RevokeApiToken($input:RevokeApiTokenInput!){revokeApiToken(input:$input){__typename ... on RevokeApiTokenPayload{apiToken{id revokedAt}}... on Refusal{message}}}',
) as unknown as TypedDocumentString<RevokeApiTokenMutation, RevokeApiTokenMutationVariables>;
