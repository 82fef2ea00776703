/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { CancelOperationMutation, CancelOperationMutationVariables } from '../graphql';

export const CancelOperationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CancelOperation($input:CancelOperationInput!){cancelOperation(input:$input){__typename ... on CancelOperationPayload{operation{...OperationFields}}... on Refusal{message}}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<CancelOperationMutation, CancelOperationMutationVariables>;
