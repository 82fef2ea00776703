/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { AboutQuery, AboutQueryVariables, PlansQuery, PlansQueryVariables, PreviewScheduleQuery, PreviewScheduleQueryVariables } from '../graphql';

export const AboutDocument = /*#__PURE__*/ new TypedDocumentString(
  'query About{about{version engines publicHost uploadUrl uploadBytesMax persistences instanceSettings{name type defaultValue doc min max choices}}}',
) as unknown as TypedDocumentString<AboutQuery, AboutQueryVariables>;

export const PlansDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Plans{plans{id name title memoryBytes threads maxClients backupsMax defaultPersistence}}',
) as unknown as TypedDocumentString<PlansQuery, PlansQueryVariables>;

export const PreviewScheduleDocument = /*#__PURE__*/ new TypedDocumentString(
  'query PreviewSchedule($cron:String!,$timeZone:String!,$count:Int){previewSchedule(cron:$cron,timeZone:$timeZone,count:$count){__typename ... on SchedulePreview{description times}... on InvalidInput{message faults{field message}}}}',
) as unknown as TypedDocumentString<PreviewScheduleQuery, PreviewScheduleQueryVariables>;
