/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceBackupsQuery, InstanceBackupsQueryVariables, OrganizationBackupsQuery, OrganizationBackupsQueryVariables, CreateBackupMutation, CreateBackupMutationVariables, DeleteBackupMutation, DeleteBackupMutationVariables, CreateBackupDownloadMutation, CreateBackupDownloadMutationVariables } from '../graphql';

export const InstanceBackupsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceBackups($id:ID!,$first:Int!,$after:String){node(id:$id){__typename ... on Instance{id backups(first:$first,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{...BackupFields instance{id name}}}}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}',
) as unknown as TypedDocumentString<InstanceBackupsQuery, InstanceBackupsQueryVariables>;

export const OrganizationBackupsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query OrganizationBackups($slug:String!,$first:Int!,$after:String){organization(slug:$slug){id backups(first:$first,after:$after){totalCount pageInfo{endCursor hasNextPage}nodes{...BackupFields instance{id name}}}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}',
) as unknown as TypedDocumentString<OrganizationBackupsQuery, OrganizationBackupsQueryVariables>;

export const CreateBackupDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateBackup($input:CreateBackupInput!){createBackup(input:$input){__typename ... on BackupPayload{backup{...BackupFields}operation{...OperationFields}}... on Refusal{message}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<CreateBackupMutation, CreateBackupMutationVariables>;

export const DeleteBackupDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation DeleteBackup($input:DeleteBackupInput!){deleteBackup(input:$input){__typename ... on BackupPayload{backup{...BackupFields}operation{...OperationFields}}... on Refusal{message}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<DeleteBackupMutation, DeleteBackupMutationVariables>;

export const CreateBackupDownloadDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateBackupDownload($input:CreateBackupDownloadInput!){createBackupDownload(input:$input){__typename ... on CreateBackupDownloadPayload{url fileName expiresAt}... on Refusal{message}}}',
) as unknown as TypedDocumentString<CreateBackupDownloadMutation, CreateBackupDownloadMutationVariables>;
