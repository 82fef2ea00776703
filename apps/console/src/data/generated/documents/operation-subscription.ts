/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { OperationUpdatedSubscription, OperationUpdatedSubscriptionVariables } from '../graphql';

export const OperationUpdatedDocument = /*#__PURE__*/ new TypedDocumentString(
  'subscription OperationUpdated($organizationId:ID){operationUpdated(organizationId:$organizationId){...OperationFields instance{id}backup{id}}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<OperationUpdatedSubscription, OperationUpdatedSubscriptionVariables>;
