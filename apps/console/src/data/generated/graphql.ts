/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
export type AcceptInvitationInput = {
  /** For someone who has no account yet. */
  name?: string | null | undefined;
  password?: string | null | undefined;
  token: string;
};

export type AddReplicaInput = {
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

export type AppendFsync =
  /** Before every answer: a crash loses nothing that was acknowledged. */
  | 'ALWAYS'
  /** Every second: a crash loses a second at most. */
  | 'EVERYSEC'
  /** When the kernel likes to: a crash of the machine loses about half a minute. */
  | 'NO';

/** Whether every second of the last while can be restored. Needs AOF or RDB_AOF. */
export type ArchiveInput = {
  /** How often the log is archived, 1–3600 s. */
  intervalSeconds?: number | null | undefined;
  isEnabled?: boolean | null | undefined;
  /** How far back one may go, 1–8784 h. */
  retentionHours?: number | null | undefined;
};

export type BackupState =
  | 'COMPLETED'
  | 'DELETED'
  | 'DELETING'
  | 'FAILED'
  /** Its moment passed while nothing could run; recorded by policy. */
  | 'MISSED'
  | 'PENDING'
  | 'RUNNING';

export type BackupTrigger =
  | 'FINAL'
  | 'MANUAL'
  /** Before a restore in place: what it replaced. */
  | 'SAFETY'
  | 'SCHEDULE';

export type CancelOperationInput = {
  operationId: string | number;
};

export type ChangePasswordInput = {
  currentPassword: string;
  newPassword: string;
};

export type ConditionStatus =
  | 'FALSE'
  | 'TRUE'
  | 'UNKNOWN';

export type CreateApiTokenInput = {
  expiresAt?: string | null | undefined;
  name: string;
  organizationId: string | number;
  scopes: Array<TokenScope>;
};

export type CreateBackupDownloadInput = {
  backupId: string | number;
  format?: DownloadFormat | null | undefined;
};

export type CreateBackupInput = {
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

export type CreateBackupScheduleInput = {
  cron: string;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
  isEnabled?: boolean | null | undefined;
  missedPolicy?: MissedPolicy | null | undefined;
  retentionCount?: number | null | undefined;
  retentionDays?: number | null | undefined;
  timeZone?: string | null | undefined;
};

export type CreateInstanceInput = {
  /** With AOF and RDB_AOF; default: EVERYSEC. */
  appendFsync?: AppendFsync | null | undefined;
  /** Default: off. */
  archive?: ArchiveInput | null | undefined;
  deletionProtection?: boolean | null | undefined;
  /** Stays as it is made. */
  engine?: Engine | null | undefined;
  idempotencyKey?: string | null | undefined;
  maxmemoryPolicy?: MaxmemoryPolicy | null | undefined;
  name: string;
  organizationId: string | number;
  /** Default: the plan's. */
  persistence?: Persistence | null | undefined;
  /** Name of the plan: nano, small, … */
  plan: string;
  /** With HA: 1 to 5 beside the primary; default: 1. Each has the memory of the plan, and counts. */
  replicas?: number | null | undefined;
  /** With RDB and RDB_AOF; default: 300 s with 1 change, 60 s with 100. */
  savePoints?: Array<SavePointInput> | null | undefined;
  /** With HA; default: DEDICATED. */
  sentinels?: SentinelPlacement | null | undefined;
  settings?: Array<SettingInput> | null | undefined;
  topology?: Topology | null | undefined;
};

export type CreateOrganizationInput = {
  idempotencyKey?: string | null | undefined;
  name: string;
  slug: string;
};

/** A second of the archive as a data directory in a tar. */
export type CreatePointDownloadInput = {
  instanceId: string | number;
  toTime: string;
};

export type DeleteBackupInput = {
  backupId: string | number;
  idempotencyKey?: string | null | undefined;
};

export type DeleteBackupScheduleInput = {
  scheduleId: string | number;
};

export type DeleteInstanceInput = {
  expectedRevision?: number | null | undefined;
  finalBackup?: boolean | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

export type DownloadFormat =
  /** A data directory with an append-only file, as a tar: redis-server starts on it with appendonly yes. */
  | 'AOF'
  /** A file dump.rdb. */
  | 'RDB';

export type Engine =
  /** Our own, larder-server. */
  | 'LARDER'
  /** redis-server, where it is installed (About.engines). */
  | 'REDIS'
  /** valkey-server, where it is installed (About.engines). */
  | 'VALKEY';

export type EventSeverity =
  | 'NORMAL'
  | 'WARNING';

export type FailoverInput = {
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

export type HandoverMode =
  /** At once: what the next primary has not had yet is lost. */
  | 'FAILOVER'
  /** Once it has everything: nothing is lost. */
  | 'SWITCHOVER';

export type ImportBackupInput = {
  appendFsync?: AppendFsync | null | undefined;
  deletionProtection?: boolean | null | undefined;
  idempotencyKey?: string | null | undefined;
  maxmemoryPolicy?: MaxmemoryPolicy | null | undefined;
  name: string;
  organizationId: string | number;
  /** Default: the plan's. */
  persistence?: Persistence | null | undefined;
  plan: string;
  /** With HA: 1 to 5; default: 1. */
  replicas?: number | null | undefined;
  savePoints?: Array<SavePointInput> | null | undefined;
  /** With HA; default: DEDICATED. */
  sentinels?: SentinelPlacement | null | undefined;
  settings?: Array<SettingInput> | null | undefined;
  topology?: Topology | null | undefined;
  uploadId: string | number;
};

export type InstanceState =
  | 'CREATING'
  | 'DEGRADED'
  | 'DELETED'
  | 'DELETING'
  | 'READY'
  | 'UPDATING';

export type InviteMemberInput = {
  email: string;
  organizationId: string | number;
  role: Role;
};

export type MaxmemoryPolicy =
  | 'ALLKEYS_LRU'
  | 'NOEVICTION';

export type MemberRole =
  /** A proxy: the stable endpoint. */
  | 'GATE'
  | 'PRIMARY'
  | 'REPLICA'
  | 'SENTINEL'
  /** A store that does not answer. */
  | 'UNKNOWN';

export type MetricName =
  | 'CLIENTS'
  | 'CPU_RATIO'
  | 'EVICTED_KEYS'
  | 'EXPIRED_KEYS'
  /** Hits of all reads, 0 to 1. */
  | 'HIT_RATIO'
  | 'IN_BYTES_PER_SECOND'
  | 'KEYS'
  | 'OPS_PER_SECOND'
  | 'OUT_BYTES_PER_SECOND'
  | 'RSS_BYTES'
  | 'USED_MEMORY_BYTES';

export type MissedPolicy =
  /** Every missed run is made up for. */
  | 'ALL'
  /** One run makes up for all that were missed. */
  | 'ONCE'
  /** Missed runs are recorded, none is made up for. */
  | 'SKIP';

/** What is not given is as the instance has it. */
export type NewInstanceInput = {
  deletionProtection?: boolean | null | undefined;
  name: string;
  plan?: string | null | undefined;
  /** With HA: 1 to 5. */
  replicas?: number | null | undefined;
  sentinels?: SentinelPlacement | null | undefined;
  settings?: Array<SettingInput> | null | undefined;
  topology?: Topology | null | undefined;
};

export type OperationKind =
  | 'ADD_REPLICA'
  | 'CHANGE_TOPOLOGY'
  | 'CREATE_BACKUP'
  | 'CREATE_INSTANCE'
  | 'DELETE_BACKUP'
  | 'DELETE_INSTANCE'
  | 'FAILOVER'
  | 'IMPORT_BACKUP'
  | 'PROMOTE'
  | 'REMOVE_REPLICA'
  | 'RESTART_INSTANCE'
  | 'RESTORE_BACKUP'
  | 'RESTORE_IN_PLACE'
  | 'RESTORE_TO_TIME'
  | 'ROTATE_CREDENTIALS'
  | 'SWITCHOVER'
  | 'UPDATE_INSTANCE';

export type OperationPhase =
  | 'CANCELED'
  | 'FAILED'
  | 'PENDING'
  | 'RUNNING'
  | 'SUCCEEDED';

export type Persistence =
  /** Every write in an append-only file: a crash loses what was not flushed (appendFsync). */
  | 'AOF'
  /** Memory alone: fastest, and empty after every restart. */
  | 'NONE'
  /** Snapshots at save points: a crash loses what came after the last one. */
  | 'RDB'
  /** Both: as AOF, with snapshots beside it. */
  | 'RDB_AOF';

export type PromoteInput = {
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
  /** Name of the store that becomes primary. */
  member: string;
};

export type QuotaResource =
  | 'API_TOKENS'
  | 'BACKUPS'
  | 'BACKUP_BYTES'
  | 'INSTANCES'
  | 'MEMBERS'
  | 'MEMORY';

export type RemoveMemberInput = {
  memberId: string | number;
};

export type RemoveReplicaInput = {
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

export type RestartInstanceInput = {
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

/** Into a new instance of the same organization; what is not given is as the backup's instance had it, or the default. */
export type RestoreBackupInput = {
  appendFsync?: AppendFsync | null | undefined;
  backupId: string | number;
  deletionProtection?: boolean | null | undefined;
  idempotencyKey?: string | null | undefined;
  maxmemoryPolicy?: MaxmemoryPolicy | null | undefined;
  name: string;
  persistence?: Persistence | null | undefined;
  plan?: string | null | undefined;
  /** With HA: 1 to 5. */
  replicas?: number | null | undefined;
  savePoints?: Array<SavePointInput> | null | undefined;
  sentinels?: SentinelPlacement | null | undefined;
  settings?: Array<SettingInput> | null | undefined;
  topology?: Topology | null | undefined;
};

/** toTime or backupId: a second of the archive, or a backup of this instance. */
export type RestoreInstanceInput = {
  backupId?: string | number | null | undefined;
  /** In place only. */
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
  into: RestoreTargetInput;
  /** The state at the end of this second. */
  toTime?: string | null | undefined;
};

/** Exactly one of both. */
export type RestoreTargetInput = {
  /** In the place of what the instance holds now, after a safety backup from which it can be undone. */
  inPlace?: boolean | null | undefined;
  new?: NewInstanceInput | null | undefined;
};

export type RevokeApiTokenInput = {
  apiTokenId: string | number;
};

export type RevokeInvitationInput = {
  invitationId: string | number;
};

export type Role =
  | 'ADMIN'
  | 'DEVELOPER'
  | 'OWNER'
  | 'VIEWER';

export type RotateCredentialsInput = {
  expectedRevision?: number | null | undefined;
  /** How long the old password goes on working; 0 ends it at once. */
  graceSeconds?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
};

export type SavePointInput = {
  changes: number;
  seconds: number;
};

export type SentinelPlacement =
  /** Three of the instance’s own. */
  | 'DEDICATED'
  /** Shared by the instances of an organization: clients ask them by the instance’s own name, as the instance’s own user. */
  | 'ORGANIZATION';

export type SettingInput = {
  name: string;
  value: string;
};

export type SettingType =
  | 'BOOLEAN'
  | 'CHOICE'
  | 'FLAGS'
  | 'INTEGER';

export type SignInInput = {
  email: string;
  password: string;
};

export type StepState =
  | 'DONE'
  | 'FAILED'
  | 'PENDING'
  | 'RUNNING'
  | 'SKIPPED';

export type SwitchoverInput = {
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
  /** Name of the store that becomes primary; default: whom the Sentinels choose. */
  target?: string | null | undefined;
};

export type TokenScope =
  | 'AUDIT_READ'
  | 'BACKUPS_DELETE'
  | 'BACKUPS_WRITE'
  | 'INSTANCES_DELETE'
  | 'INSTANCES_WRITE'
  | 'READ';

export type Topology =
  /** A primary with replicas, and three Sentinels that put a replica in its place when it dies. */
  | 'HA'
  /** One store. */
  | 'STANDALONE';

export type UpdateBackupScheduleInput = {
  cron?: string | null | undefined;
  expectedRevision?: number | null | undefined;
  isEnabled?: boolean | null | undefined;
  missedPolicy?: MissedPolicy | null | undefined;
  /** Null takes the limit away. */
  retentionCount?: number | null | undefined;
  /** Null takes the limit away. */
  retentionDays?: number | null | undefined;
  scheduleId: string | number;
  timeZone?: string | null | undefined;
};

export type UpdateInstanceInput = {
  appendFsync?: AppendFsync | null | undefined;
  archive?: ArchiveInput | null | undefined;
  deletionProtection?: boolean | null | undefined;
  expectedRevision?: number | null | undefined;
  idempotencyKey?: string | null | undefined;
  instanceId: string | number;
  maxmemoryPolicy?: MaxmemoryPolicy | null | undefined;
  name?: string | null | undefined;
  /** Changed while it runs. */
  persistence?: Persistence | null | undefined;
  plan?: string | null | undefined;
  /** With HA: 1 to 5 beside the primary. */
  replicas?: number | null | undefined;
  /** Replaces the whole list. */
  savePoints?: Array<SavePointInput> | null | undefined;
  /** Replaces the whole list. */
  settings?: Array<SettingInput> | null | undefined;
  /** Changed while it runs, both ways; its endpoint and its data stay. Until it has ended the operation can be canceled. */
  topology?: Topology | null | undefined;
};

export type UpdateMemberInput = {
  memberId: string | number;
  role: Role;
};

export type UpdateOrganizationInput = {
  name: string;
  organizationId: string | number;
};

export type Verification =
  | 'FAILED'
  | 'PENDING'
  | 'RUNNING'
  /** A scratch engine loaded it and every count agreed. */
  | 'VERIFIED';

export type InstanceArchiveQueryVariables = Exact<{
  id: string | number;
}>;


export type InstanceArchiveQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, persistence: Persistence, revision: number, archive: { intervalSeconds: number, retentionHours: number } | null, restorable: { objects: number, sizeBytes: number, windows: Array<{ from: string, to: string }>, gaps: Array<{ from: string, to: string, reason: string, message: string }>, fault: { at: string, reason: string, message: string } | null } }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type RestorePointQueryVariables = Exact<{
  id: string | number;
  toTime: string;
}>;


export type RestorePointQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, restorePoint: { isRestorable: boolean, message: string | null, baseAt: string | null, baseBytes: number, logBytes: number, objects: number } }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type CreatePointDownloadMutationVariables = Exact<{
  input: CreatePointDownloadInput;
}>;


export type CreatePointDownloadMutation = { createPointDownload:
    | { __typename: 'CreateBackupDownloadPayload', url: string, fileName: string, expiresAt: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'TimeNotRestorable', message: string }
   };

export type RestoreInstanceMutationVariables = Exact<{
  input: RestoreInstanceInput;
}>;


export type RestoreInstanceMutation = { restoreInstance:
    | { __typename: 'BackupNotRestorable', message: string }
    | { __typename: 'CreateInstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }, credentials: { username: string, password: string, uri: string | null } }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, changeOperation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NameTaken', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotSupportedYet', message: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource }
    | { __typename: 'RevisionConflict', message: string }
    | { __typename: 'TimeNotRestorable', message: string }
   };

export type AuditLogQueryVariables = Exact<{
  slug: string;
  first: number;
  after?: string | null | undefined;
  action?: string | null | undefined;
}>;


export type AuditLogQuery = { organization: { id: string, auditLog: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, sequence: number, at: string, actor: string, actorName: string, action: string, targetName: string | null, outcome: string, detail: string, ip: string | null, hash: string }> } } | null };

export type BackupFieldsFragment = { id: string, instanceName: string, state: BackupState, trigger: BackupTrigger, createdAt: string, scheduledAt: string | null, startedAt: string | null, completedAt: string | null, durationMs: number | null, sizeBytes: number | null, rawSizeBytes: number | null, keyCount: number | null, checksum: string | null, expiresAt: string | null, verification: Verification, verificationMessage: string | null, verifiedAt: string | null, error: { reason: string, message: string } | null, keyCounts: Array<{ database: number, type: string, keys: number }> };

export type InstanceBackupsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
}>;


export type InstanceBackupsQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, backups: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, instanceName: string, state: BackupState, trigger: BackupTrigger, createdAt: string, scheduledAt: string | null, startedAt: string | null, completedAt: string | null, durationMs: number | null, sizeBytes: number | null, rawSizeBytes: number | null, keyCount: number | null, checksum: string | null, expiresAt: string | null, verification: Verification, verificationMessage: string | null, verifiedAt: string | null, instance: { id: string, name: string } | null, error: { reason: string, message: string } | null, keyCounts: Array<{ database: number, type: string, keys: number }> }> } }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type OrganizationBackupsQueryVariables = Exact<{
  slug: string;
  first: number;
  after?: string | null | undefined;
}>;


export type OrganizationBackupsQuery = { organization: { id: string, backups: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, instanceName: string, state: BackupState, trigger: BackupTrigger, createdAt: string, scheduledAt: string | null, startedAt: string | null, completedAt: string | null, durationMs: number | null, sizeBytes: number | null, rawSizeBytes: number | null, keyCount: number | null, checksum: string | null, expiresAt: string | null, verification: Verification, verificationMessage: string | null, verifiedAt: string | null, instance: { id: string, name: string } | null, error: { reason: string, message: string } | null, keyCounts: Array<{ database: number, type: string, keys: number }> }> } } | null };

export type CreateBackupMutationVariables = Exact<{
  input: CreateBackupInput;
}>;


export type CreateBackupMutation = { createBackup:
    | { __typename: 'BackupPayload', backup: { id: string, instanceName: string, state: BackupState, trigger: BackupTrigger, createdAt: string, scheduledAt: string | null, startedAt: string | null, completedAt: string | null, durationMs: number | null, sizeBytes: number | null, rawSizeBytes: number | null, keyCount: number | null, checksum: string | null, expiresAt: string | null, verification: Verification, verificationMessage: string | null, verifiedAt: string | null, error: { reason: string, message: string } | null, keyCounts: Array<{ database: number, type: string, keys: number }> }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'QuotaExceeded', message: string }
   };

export type DeleteBackupMutationVariables = Exact<{
  input: DeleteBackupInput;
}>;


export type DeleteBackupMutation = { deleteBackup:
    | { __typename: 'BackupPayload', backup: { id: string, instanceName: string, state: BackupState, trigger: BackupTrigger, createdAt: string, scheduledAt: string | null, startedAt: string | null, completedAt: string | null, durationMs: number | null, sizeBytes: number | null, rawSizeBytes: number | null, keyCount: number | null, checksum: string | null, expiresAt: string | null, verification: Verification, verificationMessage: string | null, verifiedAt: string | null, error: { reason: string, message: string } | null, keyCounts: Array<{ database: number, type: string, keys: number }> }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
   };

export type CreateBackupDownloadMutationVariables = Exact<{
  input: CreateBackupDownloadInput;
}>;


export type CreateBackupDownloadMutation = { createBackupDownload:
    | { __typename: 'BackupNotRestorable', message: string }
    | { __typename: 'CreateBackupDownloadPayload', url: string, fileName: string, expiresAt: string }
    | { __typename: 'NotFound', message: string }
   };

export type FailoverMutationVariables = Exact<{
  input: FailoverInput;
}>;


export type FailoverMutation = { failover:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidInput', message: string }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotInSync', message: string }
    | { __typename: 'RevisionConflict', message: string }
   };

export type SwitchoverMutationVariables = Exact<{
  input: SwitchoverInput;
}>;


export type SwitchoverMutation = { switchover:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidInput', message: string }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotInSync', message: string }
    | { __typename: 'RevisionConflict', message: string }
   };

export type AddReplicaMutationVariables = Exact<{
  input: AddReplicaInput;
}>;


export type AddReplicaMutation = { addReplica:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
    | { __typename: 'RevisionConflict', message: string }
   };

export type RemoveReplicaMutationVariables = Exact<{
  input: RemoveReplicaInput;
}>;


export type RemoveReplicaMutation = { removeReplica:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
    | { __typename: 'RevisionConflict', message: string }
   };

export type PromoteMutationVariables = Exact<{
  input: PromoteInput;
}>;


export type PromoteMutation = { promote:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidInput', message: string }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotInSync', message: string, member: string, lagBytes: number | null }
    | { __typename: 'RevisionConflict', message: string }
   };

export type InstanceRowFragment = { id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null };

export type InstanceFieldsFragment = { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null };

export type InstancesQueryVariables = Exact<{
  slug: string;
  first: number;
  after?: string | null | undefined;
  search?: string | null | undefined;
}>;


export type InstancesQuery = { organization: { id: string, instances: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }> } } | null };

export type InstanceQueryVariables = Exact<{
  slug: string;
  name: string;
}>;


export type InstanceQuery = { organization: { id: string, instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null } | null } | null };

export type InstanceMetricsQueryVariables = Exact<{
  id: string | number;
  from: string;
  to: string;
  names: Array<MetricName> | MetricName;
  pointsMax: number;
}>;


export type InstanceMetricsQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, metrics: Array<{ name: MetricName, points: Array<{ at: string, value: number | null }> }> }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type InstanceEventsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
  reasons?: Array<string> | string | null | undefined;
  severity?: EventSeverity | null | undefined;
}>;


export type InstanceEventsQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, events: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, severity: EventSeverity, reason: string, message: string, count: number, firstAt: string, lastAt: string }> } }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type InstanceUpdatedSubscriptionVariables = Exact<{
  id?: string | number | null | undefined;
  organizationId?: string | number | null | undefined;
}>;


export type InstanceUpdatedSubscription = { instanceUpdated: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null } };

export type CreatedInstanceFragment = { instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }, credentials: { username: string, password: string, uri: string | null } };

export type CreateInstanceMutationVariables = Exact<{
  input: CreateInstanceInput;
}>;


export type CreateInstanceMutation = { createInstance:
    | { __typename: 'CreateInstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }, credentials: { username: string, password: string, uri: string | null } }
    | { __typename: 'EngineNotInstalled', message: string, engine: Engine, installed: Array<Engine> }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NameTaken', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotSupportedYet', message: string, feature: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
   };

export type ImportBackupMutationVariables = Exact<{
  input: ImportBackupInput;
}>;


export type ImportBackupMutation = { importBackup:
    | { __typename: 'CreateInstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }, credentials: { username: string, password: string, uri: string | null } }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NameTaken', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotSupportedYet', message: string, feature: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
    | { __typename: 'UploadRefused', message: string }
   };

export type RestoreBackupMutationVariables = Exact<{
  input: RestoreBackupInput;
}>;


export type RestoreBackupMutation = { restoreBackup:
    | { __typename: 'BackupNotRestorable', message: string }
    | { __typename: 'CreateInstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }, credentials: { username: string, password: string, uri: string | null } }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NameTaken', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotSupportedYet', message: string, feature: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
   };

export type UpdateInstanceMutationVariables = Exact<{
  input: UpdateInstanceInput;
}>;


export type UpdateInstanceMutation = { updateInstance:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NameTaken', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'NotSupportedYet', message: string, feature: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
    | { __typename: 'RevisionConflict', message: string }
    | { __typename: 'UpdateInstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, changeOperation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } | null }
   };

export type RestartInstanceMutationVariables = Exact<{
  input: RestartInstanceInput;
}>;


export type RestartInstanceMutation = { restartInstance:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RevisionConflict', message: string }
   };

export type RotateCredentialsMutationVariables = Exact<{
  input: RotateCredentialsInput;
}>;


export type RotateCredentialsMutation = { rotateCredentials:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RevisionConflict', message: string }
    | { __typename: 'RotateCredentialsPayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }, credentials: { username: string, password: string, uri: string | null } }
   };

export type DeleteInstanceMutationVariables = Exact<{
  input: DeleteInstanceInput;
}>;


export type DeleteInstanceMutation = { deleteInstance:
    | { __typename: 'DeletionProtected', message: string }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InstancePayload', instance: { engine: Engine, generation: number, observedGeneration: number, appendFsync: AppendFsync, threads: number, maxmemoryPolicy: MaxmemoryPolicy, deletionProtection: boolean, deletedAt: string | null, replicas: number, sentinels: SentinelPlacement | null, id: string, name: string, state: InstanceState, summary: string, topology: Topology, persistence: Persistence, createdAt: string, updatedAt: string, revision: number, savePoints: Array<{ seconds: number, changes: number }>, conditions: Array<{ type: string, status: ConditionStatus, reason: string, message: string, lastTransitionTime: string }>, credentials: { username: string, version: number, previousValidUntil: string | null }, availability: { at: string, configEpoch: number, primary: string, sentinelsUp: number, deathPauseMs: number, handovers: Array<{ mode: HandoverMode, candidate: string | null, lostBytes: number | null, lostSeconds: number | null, pauseMs: number }>, readEndpoint: { host: string, port: number, uri: string, username: string } | null, sentinels: { name: string, addresses: Array<string>, username: string } } | null, members: Array<{ name: string, role: MemberRole, port: number, pid: number | null, isRunning: boolean, isAnswering: boolean | null, isLinkUp: boolean | null, isSyncing: boolean | null, lagBytes: number | null, lagSeconds: number | null, linkDownSeconds: number | null, offset: number | null, follows: string | null, configEpoch: number | null, runId: string | null, startedAt: string | null }>, persistenceStatus: { at: string, isSaving: boolean, lastSaveAt: string | null, isLastSaveOk: boolean, lastSaveSeconds: number | null, lastSaveBytes: number | null, changesSinceSave: number, isAppendLogOn: boolean, isRewriting: boolean, isLastRewriteOk: boolean, lastRewriteSeconds: number | null, lastRewriteBytes: number | null, isLastWriteOk: boolean, appendLogBytes: number | null, pendingBytes: number, pendingFsyncs: number, lossSeconds: number | null, message: string } | null, settings: Array<{ name: string, value: string }>, sourceBackup: { id: string, instanceName: string, createdAt: string } | null, plan: { id: string, name: string, title: string, memoryBytes: number, threads: number }, endpoint: { host: string, port: number, uri: string, username: string } | null, stats: { at: string, opsPerSecond: number, usedMemoryBytes: number, memoryBytesMax: number, clients: number, hitRatio: number | null, keys: number } | null }, operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RevisionConflict', message: string }
   };

export type MembersQueryVariables = Exact<{
  slug: string;
  after?: string | null | undefined;
}>;


export type MembersQuery = { organization: { id: string, members: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, role: Role, joinedAt: string, user: { id: string, name: string, email: string } }> } } | null };

export type InvitationsQueryVariables = Exact<{
  slug: string;
}>;


export type InvitationsQuery = { organization: { id: string, invitations: { totalCount: number, nodes: Array<{ id: string, email: string, role: Role, createdAt: string, expiresAt: string }> } } | null };

export type InviteMemberMutationVariables = Exact<{
  input: InviteMemberInput;
}>;


export type InviteMemberMutation = { inviteMember:
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'InviteMemberPayload', token: string, url: string, invitation: { id: string, email: string, role: Role, expiresAt: string } }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
   };

export type RevokeInvitationMutationVariables = Exact<{
  input: RevokeInvitationInput;
}>;


export type RevokeInvitationMutation = { revokeInvitation:
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RevokeInvitationPayload', invitationId: string }
   };

export type UpdateMemberMutationVariables = Exact<{
  input: UpdateMemberInput;
}>;


export type UpdateMemberMutation = { updateMember:
    | { __typename: 'LastOwner', message: string }
    | { __typename: 'MemberPayload', member: { id: string, role: Role } }
    | { __typename: 'NotFound', message: string }
   };

export type RemoveMemberMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;


export type RemoveMemberMutation = { removeMember:
    | { __typename: 'LastOwner', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RemoveMemberPayload', memberId: string }
   };

export type OperationFieldsFragment = { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> };

export type InstanceOperationsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
}>;


export type InstanceOperationsQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, operations: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<{ id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> }> } }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type OperationUpdatedSubscriptionVariables = Exact<{
  organizationId?: string | number | null | undefined;
}>;


export type OperationUpdatedSubscription = { operationUpdated: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, instance: { id: string } | null, backup: { id: string } | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } };

export type CancelOperationMutationVariables = Exact<{
  input: CancelOperationInput;
}>;


export type CancelOperationMutation = { cancelOperation:
    | { __typename: 'CancelOperationPayload', operation: { id: string, kind: OperationKind, phase: OperationPhase, percent: number, cancelable: boolean, actor: string, createdAt: string, startedAt: string | null, endedAt: string | null, error: { reason: string, message: string } | null, steps: Array<{ name: string, title: string, state: StepState, message: string | null, startedAt: string | null, endedAt: string | null }> } }
    | { __typename: 'NotCancelable', message: string }
    | { __typename: 'NotFound', message: string }
   };

export type OrganizationQueryVariables = Exact<{
  slug: string;
}>;


export type OrganizationQuery = { organization: { id: string, name: string, slug: string, viewerRole: Role | null, viewerActions: Array<string> } | null };

export type QuotasQueryVariables = Exact<{
  slug: string;
}>;


export type QuotasQuery = { organization: { id: string, quotas: Array<{ resource: QuotaResource, used: number, limit: number }> } | null };

export type CreateOrganizationMutationVariables = Exact<{
  input: CreateOrganizationInput;
}>;


export type CreateOrganizationMutation = { createOrganization:
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NameTaken', message: string }
    | { __typename: 'OrganizationPayload', organization: { id: string, name: string, slug: string } }
   };

export type UpdateOrganizationMutationVariables = Exact<{
  input: UpdateOrganizationInput;
}>;


export type UpdateOrganizationMutation = { updateOrganization:
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'OrganizationPayload', organization: { id: string, name: string, slug: string } }
   };

export type AboutQueryVariables = Exact<{ [key: string]: never; }>;


export type AboutQuery = { about: { version: string, engines: Array<Engine>, publicHost: string, uploadUrl: string, uploadBytesMax: number, persistences: Array<Persistence>, instanceSettings: Array<{ name: string, type: SettingType, defaultValue: string, doc: string, min: number | null, max: number | null, choices: Array<string> | null }> } };

export type PlansQueryVariables = Exact<{ [key: string]: never; }>;


export type PlansQuery = { plans: Array<{ id: string, name: string, title: string, memoryBytes: number, threads: number, maxClients: number, backupsMax: number, defaultPersistence: Persistence }> };

export type PreviewScheduleQueryVariables = Exact<{
  cron: string;
  timeZone: string;
  count?: number | null | undefined;
}>;


export type PreviewScheduleQuery = { previewSchedule:
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'SchedulePreview', description: string, times: Array<string> }
   };

export type ScheduleFieldsFragment = { id: string, cron: string, timeZone: string, isEnabled: boolean, missedPolicy: MissedPolicy, retentionCount: number | null, retentionDays: number | null, lastAt: string | null, nextAt: string | null, revision: number, upcoming: Array<string> };

export type InstanceSchedulesQueryVariables = Exact<{
  id: string | number;
}>;


export type InstanceSchedulesQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Backup' }
    | { __typename: 'BackupSchedule' }
    | { __typename: 'Instance', id: string, backupSchedules: Array<{ id: string, cron: string, timeZone: string, isEnabled: boolean, missedPolicy: MissedPolicy, retentionCount: number | null, retentionDays: number | null, lastAt: string | null, nextAt: string | null, revision: number, upcoming: Array<string> }> }
    | { __typename: 'InstanceEvent' }
    | { __typename: 'Invitation' }
    | { __typename: 'Member' }
    | { __typename: 'Operation' }
    | { __typename: 'Organization' }
    | { __typename: 'Plan' }
    | { __typename: 'User' }
   | null };

export type CreateBackupScheduleMutationVariables = Exact<{
  input: CreateBackupScheduleInput;
}>;


export type CreateBackupScheduleMutation = { createBackupSchedule:
    | { __typename: 'BackupSchedulePayload', schedule: { id: string, cron: string, timeZone: string, isEnabled: boolean, missedPolicy: MissedPolicy, retentionCount: number | null, retentionDays: number | null, lastAt: string | null, nextAt: string | null, revision: number, upcoming: Array<string> } }
    | { __typename: 'IdempotencyConflict', message: string }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'InvalidState', message: string }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'QuotaExceeded', message: string }
   };

export type UpdateBackupScheduleMutationVariables = Exact<{
  input: UpdateBackupScheduleInput;
}>;


export type UpdateBackupScheduleMutation = { updateBackupSchedule:
    | { __typename: 'BackupSchedulePayload', schedule: { id: string, cron: string, timeZone: string, isEnabled: boolean, missedPolicy: MissedPolicy, retentionCount: number | null, retentionDays: number | null, lastAt: string | null, nextAt: string | null, revision: number, upcoming: Array<string> } }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RevisionConflict', message: string }
   };

export type DeleteBackupScheduleMutationVariables = Exact<{
  input: DeleteBackupScheduleInput;
}>;


export type DeleteBackupScheduleMutation = { deleteBackupSchedule:
    | { __typename: 'DeleteBackupSchedulePayload', scheduleId: string }
    | { __typename: 'NotFound', message: string }
   };

export type ApiTokensQueryVariables = Exact<{
  slug: string;
}>;


export type ApiTokensQuery = { organization: { id: string, apiTokens: { totalCount: number, nodes: Array<{ id: string, name: string, prefix: string, scopes: Array<TokenScope>, createdAt: string, expiresAt: string | null, lastUsedAt: string | null, revokedAt: string | null }> } } | null };

export type CreateApiTokenMutationVariables = Exact<{
  input: CreateApiTokenInput;
}>;


export type CreateApiTokenMutation = { createApiToken:
    | { __typename: 'CreateApiTokenPayload', secret: string, apiToken: { id: string, name: string, prefix: string } }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'NotFound', message: string }
    | { __typename: 'QuotaExceeded', message: string, resource: QuotaResource, limit: number, used: number, requested: number }
   };

export type RevokeApiTokenMutationVariables = Exact<{
  input: RevokeApiTokenInput;
}>;


export type RevokeApiTokenMutation = { revokeApiToken:
    | { __typename: 'NotFound', message: string }
    | { __typename: 'RevokeApiTokenPayload', apiToken: { id: string, revokedAt: string | null } }
   };

export type ViewerFieldsFragment = { user: { id: string, name: string, email: string, isPlatformAdmin: boolean } | null, organizations: { nodes: Array<{ id: string, name: string, slug: string, viewerRole: Role | null }> } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { user: { id: string, name: string, email: string, isPlatformAdmin: boolean } | null, organizations: { nodes: Array<{ id: string, name: string, slug: string, viewerRole: Role | null }> } } | null };

export type SignInMutationVariables = Exact<{
  input: SignInInput;
}>;


export type SignInMutation = { signIn:
    | { __typename: 'SignInFailed', message: string, retryAfterSeconds: number | null }
    | { __typename: 'SignInPayload', viewer: { user: { id: string, name: string, email: string, isPlatformAdmin: boolean } | null, organizations: { nodes: Array<{ id: string, name: string, slug: string, viewerRole: Role | null }> } } }
   };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { signOut: { ok: boolean } };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword:
    | { __typename: 'ChangePasswordPayload', ok: boolean }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'SignInFailed', message: string }
   };

export type AcceptInvitationMutationVariables = Exact<{
  input: AcceptInvitationInput;
}>;


export type AcceptInvitationMutation = { acceptInvitation:
    | { __typename: 'AcceptInvitationPayload', organization: { id: string, slug: string, name: string }, viewer: { user: { id: string, name: string, email: string, isPlatformAdmin: boolean } | null, organizations: { nodes: Array<{ id: string, name: string, slug: string, viewerRole: Role | null }> } } }
    | { __typename: 'InvalidInput', message: string, faults: Array<{ field: string, message: string }> }
    | { __typename: 'InvitationInvalid', message: string }
   };
