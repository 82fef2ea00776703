/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { AuditLogQuery, AuditLogQueryVariables } from '../graphql';

export const AuditLogDocument = /*#__PURE__*/ new TypedDocumentString(
  'query AuditLog($slug:String!,$first:Int!,$after:String,$action:String){organization(slug:$slug){id auditLog(first:$first,after:$after,action:$action){totalCount pageInfo{endCursor hasNextPage}nodes{id sequence at actor actorName action targetName outcome detail ip hash}}}}',
) as unknown as TypedDocumentString<AuditLogQuery, AuditLogQueryVariables>;
