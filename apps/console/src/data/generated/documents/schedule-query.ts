/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceSchedulesQuery, InstanceSchedulesQueryVariables } from '../graphql';

export const InstanceSchedulesDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceSchedules($id:ID!){node(id:$id){__typename ... on Instance{id backupSchedules{...ScheduleFields}}}}fragment ScheduleFields on BackupSchedule{id cron timeZone isEnabled missedPolicy retentionCount retentionDays lastAt nextAt revision upcoming(count:5)}',
) as unknown as TypedDocumentString<InstanceSchedulesQuery, InstanceSchedulesQueryVariables>;
