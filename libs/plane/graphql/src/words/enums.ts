// The domain's unions as enums of the schema. Members are spelled as there, so that values pass through untranslated.
import { registerEnumType } from '@nestjs/graphql';
import {
  appendFsyncs, enginePersistences, engines, handoverModes, instanceStates, maxmemoryPolicies, memberRoles, missedPolicies, operationKinds, operationPhases, persistences, roles, sentinelPlacements, stepStates, tokenScopes, topologies,
  type BackupState as BackupStateWord, type BackupTrigger as BackupTriggerWord, type ConditionStatus as ConditionStatusWord,
  type QuotaResource as QuotaResourceWord, type Verification as VerificationWord,
} from '@larder/plane-domain';

function enumOf<T extends string>(name: string, values: readonly T[], docs: Partial<Record<T, string>> = {}): Record<T, T> {
  const members = Object.fromEntries(values.map((value) => [value, value])) as Record<T, T>;
  const valuesMap = Object.fromEntries(Object.entries(docs).map(([value, description]) => [value, { description: description as string }]));
  registerEnumType(members, { name, valuesMap: valuesMap as Partial<Record<T, { description: string }>> });
  return members;
}

export const Role = enumOf('Role', roles);
export const TokenScope = enumOf('TokenScope', tokenScopes);
export const Topology = enumOf('Topology', topologies, {
  STANDALONE: 'One store.',
  HA: 'A primary with replicas, and three Sentinels that put a replica in its place when it dies.',
});
export const Engine = enumOf('Engine', engines, {
  LARDER: 'Our own, larder-server.',
  REDIS: 'redis-server, where it is installed (About.engines).',
  VALKEY: 'valkey-server, where it is installed (About.engines).',
});
export const HandoverMode = enumOf('HandoverMode', handoverModes, {
  FAILOVER: 'At once: what the next primary has not had yet is lost.',
  SWITCHOVER: 'Once it has everything: nothing is lost.',
});
export const SentinelPlacement = enumOf('SentinelPlacement', sentinelPlacements, {
  DEDICATED: 'Three of the instance’s own.',
  ORGANIZATION: 'Shared by the instances of an organization: clients ask them by the instance’s own name, as the instance’s own user.',
});
export const MemberRole = enumOf('MemberRole', memberRoles, {
  GATE: 'A proxy: the stable endpoint.',
  UNKNOWN: 'A store that does not answer.',
});
const notYet = enginePersistences.includes('AOF') ? '' : ' Answers NotSupportedYet for now.';
export const Persistence = enumOf('Persistence', persistences, {
  NONE: 'Memory alone: fastest, and empty after every restart.',
  RDB: 'Snapshots at save points: a crash loses what came after the last one.',
  AOF: `Every write in an append-only file: a crash loses what was not flushed (appendFsync).${notYet}`,
  RDB_AOF: `Both: as AOF, with snapshots beside it.${notYet}`,
});
export const AppendFsync = enumOf('AppendFsync', appendFsyncs, {
  ALWAYS: 'Before every answer: a crash loses nothing that was acknowledged.',
  EVERYSEC: 'Every second: a crash loses a second at most.',
  NO: 'When the kernel likes to: a crash of the machine loses about half a minute.',
});
export const MaxmemoryPolicy = enumOf('MaxmemoryPolicy', maxmemoryPolicies);
export const InstanceState = enumOf('InstanceState', instanceStates);
export const ConditionStatus = enumOf<ConditionStatusWord>('ConditionStatus', ['TRUE', 'FALSE', 'UNKNOWN']);
export const EventSeverity = enumOf('EventSeverity', ['NORMAL', 'WARNING']);
export const OperationKind = enumOf('OperationKind', operationKinds);
export const OperationPhase = enumOf('OperationPhase', operationPhases);
export const StepState = enumOf('StepState', stepStates);
export const QuotaResource = enumOf<QuotaResourceWord>('QuotaResource', ['INSTANCES', 'MEMORY', 'BACKUPS', 'BACKUP_BYTES', 'API_TOKENS', 'MEMBERS']);
export const SettingType = enumOf('SettingType', ['INTEGER', 'BOOLEAN', 'CHOICE', 'FLAGS']);
export const MissedPolicy = enumOf('MissedPolicy', missedPolicies, {
  SKIP: 'Missed runs are recorded, none is made up for.',
  ONCE: 'One run makes up for all that were missed.',
  ALL: 'Every missed run is made up for.',
});
export const BackupTrigger = enumOf<BackupTriggerWord>('BackupTrigger', ['MANUAL', 'SCHEDULE', 'FINAL', 'SAFETY'], {
  SAFETY: 'Before a restore in place: what it replaced.',
});
export const BackupState = enumOf<BackupStateWord>('BackupState', ['PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'MISSED', 'DELETING', 'DELETED'], {
  MISSED: 'Its moment passed while nothing could run; recorded by policy.',
});
export const Verification = enumOf<VerificationWord>('Verification', ['PENDING', 'RUNNING', 'VERIFIED', 'FAILED'], {
  VERIFIED: 'A scratch engine loaded it and every count agreed.',
});
export const DownloadFormat = enumOf('DownloadFormat', ['RDB', 'AOF'], {
  RDB: 'A file dump.rdb.',
  AOF: 'A data directory with an append-only file, as a tar: redis-server starts on it with appendonly yes.',
});
export const metricNames = [
  'CLIENTS', 'CPU_RATIO', 'EVICTED_KEYS', 'EXPIRED_KEYS', 'HIT_RATIO', 'IN_BYTES_PER_SECOND', 'KEYS', 'OPS_PER_SECOND',
  'OUT_BYTES_PER_SECOND', 'RSS_BYTES', 'USED_MEMORY_BYTES',
] as const;
export type MetricNameWord = (typeof metricNames)[number];
export const MetricName = enumOf('MetricName', metricNames, { HIT_RATIO: 'Hits of all reads, 0 to 1.' });
