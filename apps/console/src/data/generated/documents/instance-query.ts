/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstancesQuery, InstancesQueryVariables, InstanceQuery, InstanceQueryVariables, InstanceMetricsQuery, InstanceMetricsQueryVariables, InstanceEventsQuery, InstanceEventsQueryVariables } from '../graphql';

export const InstancesDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Instances($slug:String!,$first:Int!,$after:String,$search:String){organization(slug:$slug){id instances(first:$first,after:$after,search:$search){totalCount pageInfo{endCursor hasNextPage}nodes{...InstanceRow}}}}fragment InstanceRow on Instance{id name state summary topology persistence createdAt updatedAt revision plan{id name title memoryBytes threads}endpoint{host port uri username}stats{at opsPerSecond usedMemoryBytes memoryBytesMax clients hitRatio keys}}',
) as unknown as TypedDocumentString<InstancesQuery, InstancesQueryVariables>;

export const InstanceDocument = /*#__PURE__*/ new TypedDocumentString(
  'query Instance($slug:String!,$name:String!){organization(slug:$slug){id instance(name:$name){...InstanceFields}}}fragment InstanceRow on Instance{id name state summary topology persistence createdAt updatedAt revision plan{id name title memoryBytes threads}endpoint{host port uri username}stats{at opsPerSecond usedMemoryBytes memoryBytesMax clients hitRatio keys}}fragment InstanceFields on Instance{...InstanceRow engine generation observedGeneration appendFsync savePoints{seconds changes}threads maxmemoryPolicy deletionProtection deletedAt conditions{type status reason message lastTransitionTime}credentials{username version previousValidUntil}replicas sentinels availability{at configEpoch primary sentinelsUp deathPauseMs handovers{mode candidate lostBytes lostSeconds pauseMs}readEndpoint{host port uri username}sentinels{name addresses username}}members{name role port pid isRunning isAnswering isLinkUp isSyncing lagBytes lagSeconds linkDownSeconds offset follows configEpoch runId startedAt}persistenceStatus{at isSaving lastSaveAt isLastSaveOk lastSaveSeconds lastSaveBytes changesSinceSave isAppendLogOn isRewriting isLastRewriteOk lastRewriteSeconds lastRewriteBytes isLastWriteOk appendLogBytes pendingBytes pendingFsyncs lossSeconds message}settings{name value}sourceBackup{id instanceName createdAt}}',
) as unknown as TypedDocumentString<InstanceQuery, InstanceQueryVariables>;

export const InstanceMetricsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceMetrics($id:ID!,$from:DateTime!,$to:DateTime!,$names:[MetricName!]!,$pointsMax:Int!){node(id:$id){__typename ... on Instance{id metrics(from:$from,to:$to,names:$names,pointsMax:$pointsMax){name points{at value}}}}}',
) as unknown as TypedDocumentString<InstanceMetricsQuery, InstanceMetricsQueryVariables>;

export const InstanceEventsDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceEvents($id:ID!,$first:Int!,$after:String,$reasons:[String!],$severity:EventSeverity){node(id:$id){__typename ... on Instance{id events(first:$first,after:$after,reasons:$reasons,severity:$severity){totalCount pageInfo{endCursor hasNextPage}nodes{id severity reason message count firstAt lastAt}}}}}',
) as unknown as TypedDocumentString<InstanceEventsQuery, InstanceEventsQueryVariables>;
