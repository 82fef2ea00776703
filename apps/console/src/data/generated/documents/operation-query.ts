/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceOperationsQuery, InstanceOperationsQueryVariables } from '../graphql';

export const InstanceOperationsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceOperations($id:ID!,$first:Int!,$after:String){node(id:$id){__typename ... on Instance{id operations(first:$first,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{...OperationFields}}}}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<InstanceOperationsQuery, InstanceOperationsQueryVariables>;
