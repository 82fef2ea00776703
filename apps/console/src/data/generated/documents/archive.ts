/* eslint-disable */
// Written by `npm run codegen`.
import { TypedDocumentString } from '../typed-document';
import type { InstanceArchiveQuery, InstanceArchiveQueryVariables, RestorePointQuery, RestorePointQueryVariables, CreatePointDownloadMutation, CreatePointDownloadMutationVariables, RestoreInstanceMutation, RestoreInstanceMutationVariables } from '../graphql';

export const InstanceArchiveDocument = /*#__PURE__*/ new TypedDocumentString(
  'query InstanceArchive($id:ID!){node(id:$id){__typename ... on Instance{id persistence revision archive{intervalSeconds retentionHours}restorable{objects sizeBytes windows{from to}gaps{from to reason message}fault{at reason message}}}}}',
) as unknown as TypedDocumentString<InstanceArchiveQuery, InstanceArchiveQueryVariables>;

export const RestorePointDocument = /*#__PURE__*/ new TypedDocumentString(
  'query RestorePoint($id:ID!,$toTime:DateTime!){node(id:$id){__typename ... on Instance{id restorePoint(toTime:$toTime){isRestorable message baseAt baseBytes logBytes objects}}}}',
) as unknown as TypedDocumentString<RestorePointQuery, RestorePointQueryVariables>;

export const CreatePointDownloadDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation CreatePointDownload($input:CreatePointDownloadInput!){createPointDownload(input:$input){__typename ... on CreateBackupDownloadPayload{url fileName expiresAt}... on Refusal{message}}}',
) as unknown as TypedDocumentString<CreatePointDownloadMutation, CreatePointDownloadMutationVariables>;

export const RestoreInstanceDocument = /*#__PURE__*/ new TypedDocumentString(
  'mutation RestoreInstance($input:RestoreInstanceInput!){restoreInstance(input:$input){__typename ... on CreateInstancePayload{instance{...InstanceFields}operation{...OperationFields}credentials{username password uri}}... on InstancePayload{instance{...InstanceFields}changeOperation:operation{...OperationFields}}... on Refusal{message}... on InvalidInput{faults{field message}}... on QuotaExceeded{resource}}}fragment InstanceRow on Instance{id name state summary topology persistence createdAt updatedAt revision plan{id name title memoryBytes threads}endpoint{host port uri username}stats{at opsPerSecond usedMemoryBytes memoryBytesMax clients hitRatio keys}}fragment InstanceFields on Instance{...InstanceRow engine generation observedGeneration appendFsync savePoints{seconds changes}threads maxmemoryPolicy deletionProtection deletedAt conditions{type status reason message lastTransitionTime}credentials{username version previousValidUntil}replicas sentinels availability{at configEpoch primary sentinelsUp deathPauseMs handovers{mode candidate lostBytes lostSeconds pauseMs}readEndpoint{host port uri username}sentinels{name addresses username}}members{name role port pid isRunning isAnswering isLinkUp isSyncing lagBytes lagSeconds linkDownSeconds offset follows configEpoch runId startedAt}persistenceStatus{at isSaving lastSaveAt isLastSaveOk lastSaveSeconds lastSaveBytes changesSinceSave isAppendLogOn isRewriting isLastRewriteOk lastRewriteSeconds lastRewriteBytes isLastWriteOk appendLogBytes pendingBytes pendingFsyncs lossSeconds message}settings{name value}sourceBackup{id instanceName createdAt}}fragment OperationFields on Operation{id kind phase percent cancelable actor createdAt startedAt endedAt error{reason message}steps{name title state message startedAt endedAt}}',
) as unknown as TypedDocumentString<RestoreInstanceMutation, RestoreInstanceMutationVariables>;
