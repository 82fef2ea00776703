/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceArchiveQuery, InstanceArchiveQueryVariables, RestorePointQuery, RestorePointQueryVariables } from '../graphql';

export const InstanceArchiveDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceArchive($id:ID!){node(id:$id){__typename ... on Instance{id persistence revision archive{intervalSeconds retentionHours}restorable{objects sizeBytes windows{from to}gaps{from to reason message}fault{at reason message}}}}}',
) as unknown as TypedDocumentString<InstanceArchiveQuery, InstanceArchiveQueryVariables>;

export const RestorePointDocument = /*#__PURE__*/ new TypedDocumentString(
  'query RestorePoint($id:ID!,$toTime:DateTime!){node(id:$id){__typename ... on Instance{id restorePoint(toTime:$toTime){isRestorable message baseAt baseBytes logBytes objects}}}}',
) as unknown as TypedDocumentString<RestorePointQuery, RestorePointQueryVariables>;
