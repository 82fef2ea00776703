/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceBackupsQuery, InstanceBackupsQueryVariables, OrganizationBackupsQuery, OrganizationBackupsQueryVariables } from '../graphql';

export const InstanceBackupsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceBackups($id:ID!,$first:Int!,$after:String){node(id:$id){__typename ... on Instance{id backups(first:$first,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{...BackupFields instance{id name}}}}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}',
) as unknown as TypedDocumentString<InstanceBackupsQuery, InstanceBackupsQueryVariables>;

export const OrganizationBackupsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query OrganizationBackups($slug:String!,$first:Int!,$after:String){organization(slug:$slug){id backups(first:$first,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{...BackupFields instance{id name}}}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}',
) as unknown as TypedDocumentString<OrganizationBackupsQuery, OrganizationBackupsQueryVariables>;
