/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { CreateBackupMutation, CreateBackupMutationVariables, DeleteBackupMutation, DeleteBackupMutationVariables, CreateBackupDownloadMutation, CreateBackupDownloadMutationVariables } from '../graphql';

export const CreateBackupDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateBackup($input:CreateBackupInput!){createBackup(input:$input){__typename ... on BackupPayload{backup{...BackupFields}operation{...OperationFields}}... on Refusal{message}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<CreateBackupMutation, CreateBackupMutationVariables>;

export const DeleteBackupDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation DeleteBackup($input:DeleteBackupInput!){deleteBackup(input:$input){__typename ... on BackupPayload{backup{...BackupFields}operation{...OperationFields}}... on Refusal{message}}}fragment BackupFields on Backup{id instanceName state trigger createdAt scheduledAt startedAt completedAt durationMs sizeBytes rawSizeBytes keyCount checksum expiresAt verification verificationMessage verifiedAt error{reason message}keyCounts{database type keys}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<DeleteBackupMutation, DeleteBackupMutationVariables>;

export const CreateBackupDownloadDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateBackupDownload($input:CreateBackupDownloadInput!){createBackupDownload(input:$input){__typename ... on CreateBackupDownloadPayload{url fileName expiresAt}... on Refusal{message}}}',
) as unknown as TypedDocumentString<CreateBackupDownloadMutation, CreateBackupDownloadMutationVariables>;
