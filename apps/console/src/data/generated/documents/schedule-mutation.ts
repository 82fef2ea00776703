/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { CreateBackupScheduleMutation, CreateBackupScheduleMutationVariables, UpdateBackupScheduleMutation, UpdateBackupScheduleMutationVariables, DeleteBackupScheduleMutation, DeleteBackupScheduleMutationVariables } from '../graphql';

export const CreateBackupScheduleDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreateBackupSchedule($input:CreateBackupScheduleInput!){createBackupSchedule(input:$input){__typename ... on BackupSchedulePayload{schedule{...ScheduleFields}}... on Refusal{message}... on InvalidInput{faults{field message}}}}fragment ScheduleFields on BackupSchedule{id cron timeZone isEnabled missedPolicy retentionCount retentionDays lastAt nextAt revision upcoming(count:5)}',
) as unknown as TypedDocumentString<CreateBackupScheduleMutation, CreateBackupScheduleMutationVariables>;

export const UpdateBackupScheduleDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation UpdateBackupSchedule($input:UpdateBackupScheduleInput!){updateBackupSchedule(input:$input){__typename ... on BackupSchedulePayload{schedule{...ScheduleFields}}... on Refusal{message}... on InvalidInput{faults{field message}}}}fragment ScheduleFields on BackupSchedule{id cron timeZone isEnabled missedPolicy retentionCount retentionDays lastAt nextAt revision upcoming(count:5)}',
) as unknown as TypedDocumentString<UpdateBackupScheduleMutation, UpdateBackupScheduleMutationVariables>;

export const DeleteBackupScheduleDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation DeleteBackupSchedule($input:DeleteBackupScheduleInput!){deleteBackupSchedule(input:$input){__typename ... on DeleteBackupSchedulePayload{scheduleId}... on Refusal{message}}}',
) as unknown as TypedDocumentString<DeleteBackupScheduleMutation, DeleteBackupScheduleMutationVariables>;
