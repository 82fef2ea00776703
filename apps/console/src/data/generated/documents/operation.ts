/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceOperationsQuery, InstanceOperationsQueryVariables, OperationUpdatedSubscription, OperationUpdatedSubscriptionVariables, CancelOperationMutation, CancelOperationMutationVariables } from '../graphql';

export const InstanceOperationsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceOperations($id:ID!,$first:Int!,$after:String){node(id:$id){__typename ... on Instance{id operations(first:$first,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{...OperationFields}}}}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<InstanceOperationsQuery, InstanceOperationsQueryVariables>;

export const OperationUpdatedDocument = /*#__PURE__*/ new TypedDocumentString(
  'subscription OperationUpdated($organizationId:ID){operationUpdated(organizationId:$organizationId){...OperationFields instance{id}backup{id}}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<OperationUpdatedSubscription, OperationUpdatedSubscriptionVariables>;

export const CancelOperationDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CancelOperation($input:CancelOperationInput!){cancelOperation(input:$input){__typename ... on CancelOperationPayload{operation{...OperationFields}}... on Refusal{message}}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<CancelOperationMutation, CancelOperationMutationVariables>;
