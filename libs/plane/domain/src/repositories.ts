// The doors to the records: one interface per noun, implemented in libs/plane/records (one file each: the API's owner writes people,
// tokens, idempotency and audit; the loop's owner instances, members, operations, events, samples and leases; the backups' owner
// schedules, backups and uploads).
//
// Invariants
// - What reads for a tenant takes organizationId first and finds nothing outside it. Methods named `…ForLoop` are the worker's and
//   cross tenants; no resolver may call them.
// - Work that must hold together is done in UnitOfWork.run(): one transaction, all repositories bound to it. Wake queues are called
//   after it has committed, never inside.
// - Pages are keyset on id (UUIDv7), newest first.
import type { LogArchiveRow, LogPieceRow, LogStretchRow } from './archive';
import type { BackupState, BackupTrigger, KeyCount, Kept, Verification } from './backup';
import type { Availability } from './high-availability';
import type { Condition, Endpoint, InstanceSpec } from './instance';
import type { OperationKind, OperationPhase, OperationStep } from './operation';
import type { Role, TokenScope } from './permissions';
import type { Persistence, PersistenceSeen } from './persistence';
import type { Plan, Quota, Usage } from './plans';
import type { ProcessIdentity } from './ports';
import type { MissedPolicy } from './schedule';

export interface PageRequest {
  /** 1–100. */
  readonly first: number;
  /** Id after which the page begins. */
  readonly after: string | null;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly hasNextPage: boolean;
  readonly totalCount: number;
}

// ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface UserRow {
  readonly id: string; readonly email: string; readonly name: string; readonly passwordHash: string;
  readonly isPlatformAdmin: boolean; readonly disabledAt: Date | null; readonly createdAt: Date;
}
export interface SessionRow {
  readonly id: string; readonly userId: string; readonly tokenHash: string; readonly userAgent: string | null; readonly ip: string | null;
  readonly createdAt: Date; readonly lastSeenAt: Date; readonly expiresAt: Date;
}
export interface OrganizationRow { readonly id: string; readonly slug: string; readonly name: string; readonly createdAt: Date }
export interface MemberRow {
  readonly id: string; readonly organizationId: string; readonly userId: string; readonly role: Role; readonly createdAt: Date;
}
export interface InvitationRow {
  readonly id: string; readonly organizationId: string; readonly email: string; readonly role: Role; readonly tokenHash: string;
  readonly invitedById: string | null; readonly expiresAt: Date; readonly acceptedAt: Date | null; readonly revokedAt: Date | null;
  readonly createdAt: Date;
}
export interface ApiTokenRow {
  readonly id: string; readonly organizationId: string; readonly name: string; readonly prefix: string; readonly tokenHash: string;
  readonly scopes: readonly TokenScope[]; readonly createdById: string | null; readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null; readonly revokedAt: Date | null; readonly createdAt: Date;
}

export interface Users {
  count(): Promise<number>;
  byId(id: string): Promise<UserRow | undefined>;
  byIds(ids: readonly string[]): Promise<readonly UserRow[]>;
  byEmail(email: string): Promise<UserRow | undefined>;
  insert(user: UserRow): Promise<void>;
  setPasswordHash(id: string, passwordHash: string): Promise<void>;
}
export interface Sessions {
  insert(session: SessionRow): Promise<void>;
  byTokenHash(tokenHash: string): Promise<SessionRow | undefined>;
  touch(id: string, at: Date): Promise<void>;
  remove(id: string): Promise<void>;
  removeOthersOf(userId: string, exceptId: string | null): Promise<void>;
  removeExpired(at: Date): Promise<number>;
}
/** Nouns that lie in one organisation. */
export type OwnedNoun = 'Member' | 'Invitation' | 'ApiToken' | 'Instance' | 'Operation' | 'BackupSchedule' | 'Backup' | 'Upload';
export interface Organizations {
  /** Where a row lies. It tells nothing about who may see it: the caller decides access before it reads on. */
  owning(noun: OwnedNoun, id: string): Promise<string | undefined>;
  byId(id: string): Promise<OrganizationRow | undefined>;
  bySlug(slug: string): Promise<OrganizationRow | undefined>;
  pageOfUser(userId: string, page: PageRequest): Promise<Page<OrganizationRow>>;
  insert(organization: OrganizationRow): Promise<'inserted' | 'slug-taken'>;
  rename(id: string, name: string): Promise<void>;
  /** Locks the organisation's row until the transaction ends: quota checks are made under it. */
  lock(id: string): Promise<void>;
  quota(id: string): Promise<Quota>;
  usage(id: string): Promise<Usage>;
}
export interface Members {
  byId(organizationId: string, id: string): Promise<MemberRow | undefined>;
  roleOf(organizationId: string, userId: string): Promise<Role | undefined>;
  page(organizationId: string, page: PageRequest): Promise<Page<MemberRow>>;
  insert(member: MemberRow): Promise<'inserted' | 'already-member'>;
  setRole(organizationId: string, id: string, role: Role): Promise<void>;
  remove(organizationId: string, id: string): Promise<void>;
  countOwners(organizationId: string): Promise<number>;
}
export interface Invitations {
  byId(organizationId: string, id: string): Promise<InvitationRow | undefined>;
  byTokenHash(tokenHash: string): Promise<InvitationRow | undefined>;
  pageOpen(organizationId: string, page: PageRequest, at: Date): Promise<Page<InvitationRow>>;
  insert(invitation: InvitationRow): Promise<void>;
  /** False where it was taken or revoked meanwhile. */
  accept(id: string, at: Date): Promise<boolean>;
  revoke(organizationId: string, id: string, at: Date): Promise<void>;
}
export interface ApiTokens {
  byId(organizationId: string, id: string): Promise<ApiTokenRow | undefined>;
  byTokenHash(tokenHash: string): Promise<ApiTokenRow | undefined>;
  page(organizationId: string, page: PageRequest): Promise<Page<ApiTokenRow>>;
  insert(token: ApiTokenRow): Promise<void>;
  revoke(organizationId: string, id: string, at: Date): Promise<void>;
  touch(id: string, at: Date): Promise<void>;
}
export interface RateBuckets {
  /** Leaky bucket: adds `cost`, leaking `perSecond`. Answers 0 where it fits below `capacity`, else seconds to wait (nothing added). */
  take(key: string, cost: number, capacity: number, perSecond: number, at: Date): Promise<number>;
  /** Those that nobody has filled since. */
  removeBefore(at: Date): Promise<number>;
}
export interface Idempotency {
  /** Waits for whoever works under the same key; until the transaction ends nobody else does. Then look. */
  lock(organizationId: string, key: string): Promise<void>;
  find(organizationId: string, key: string, at: Date): Promise<{ readonly mutation: string; readonly bodyHash: string; readonly result: unknown } | undefined>;
  /** Inside the mutation's transaction, after lock() and a find() that found nothing. 'raced' where the lock was not taken. */
  insert(row: { readonly organizationId: string; readonly key: string; readonly mutation: string; readonly bodyHash: string;
    readonly result: unknown; readonly createdAt: Date; readonly expiresAt: Date }): Promise<'inserted' | 'raced'>;
  removeExpired(at: Date): Promise<number>;
}

export interface AuditDraft {
  readonly organizationId: string | null; readonly actor: string; readonly actorName: string; readonly action: string;
  readonly target: string | null; readonly targetName: string | null; readonly detail: unknown; readonly outcome: string;
  readonly ip: string | null; readonly requestId: string | null;
}
export interface AuditRow extends AuditDraft {
  readonly id: string; readonly sequence: number; readonly at: Date; readonly prevHash: string; readonly hash: string;
}
export interface AuditLog {
  /** In the mutation's transaction; chains are serialised by an advisory lock on the chain's name. */
  append(entry: AuditDraft): Promise<void>;
  page(organizationId: string, page: PageRequest, filter: { readonly action?: string; readonly target?: string }): Promise<Page<AuditRow>>;
  /** Sequence of the first entry whose hash does not follow, or undefined. */
  verify(chain: string): Promise<number | undefined>;
}

// ── instances ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface InstanceRow {
  readonly id: string; readonly organizationId: string; readonly spec: InstanceSpec;
  readonly generation: number; readonly revision: number; readonly observedGeneration: number;
  readonly conditions: readonly Condition[]; readonly endpoint: Endpoint | null; readonly seededAt: Date | null;
  readonly passwordSealed: string; readonly previousPasswordSealed: string | null; readonly previousPasswordUntil: Date | null;
  readonly systemPasswordSealed: string;
  readonly statusFence: bigint; readonly dueAt: Date | null; readonly failures: number;
  readonly createdById: string | null; readonly createdAt: Date; readonly updatedAt: Date; readonly deletedAt: Date | null;
  /** Null where it has one store, and until it has been looked at. */
  readonly availability: Availability | null;
}
/** Bindings of sealed columns: `instance:<id>:password` and so on, here so that API and loop cannot disagree. */
export const sealedAs = {
  password: (instanceId: string): string => `instance:${instanceId}:password`,
  systemPassword: (instanceId: string): string => `instance:${instanceId}:system-password`,
  backupKey: (backupId: string): string => `backup:${backupId}:data-key`,
  uploadKey: (uploadId: string): string => `upload:${uploadId}:data-key`,
  pieceKey: (pieceId: string): string => `piece:${pieceId}:data-key`,
} as const;

export interface InstanceStatusWrite {
  readonly observedGeneration: number; readonly conditions: readonly Condition[]; readonly endpoint: Endpoint | null;
  readonly seededAt: Date | null; readonly dueAt: Date | null; readonly failures: number; readonly deletedAt: Date | null;
  /** Not given: it stays. */
  readonly availability?: Availability | null;
  readonly dropPreviousPassword: boolean;
}
export interface Instances {
  byId(organizationId: string, id: string): Promise<InstanceRow | undefined>;
  byName(organizationId: string, name: string): Promise<InstanceRow | undefined>;
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly InstanceRow[]>;
  page(organizationId: string, page: PageRequest, filter: { readonly search?: string }): Promise<Page<InstanceRow>>;
  insert(row: Pick<InstanceRow, 'id' | 'organizationId' | 'spec' | 'passwordSealed' | 'systemPasswordSealed' | 'createdById' | 'createdAt'>):
    Promise<'inserted' | 'name-taken'>;
  /**
   * Writes the wish where revision still is what was read: revision + 1, and generation + 1 where `bumpGeneration`.
   * Passwords are written together with the spec that carries the new credentialVersion.
   */
  writeSpec(organizationId: string, id: string, expectedRevision: number, write: {
    readonly spec: InstanceSpec; readonly bumpGeneration: boolean; readonly at: Date;
    readonly passwords?: { readonly passwordSealed: string; readonly previousPasswordSealed: string | null; readonly previousPasswordUntil: Date | null };
  }): Promise<InstanceRow | 'revision-conflict' | 'name-taken'>;
  byIdForLoop(id: string): Promise<InstanceRow | undefined>;
  /** Not gone, and dueAt passed or generation not observed; for the sweep. */
  dueIdsForLoop(at: Date, limit: number): Promise<readonly string[]>;
  /** All that are not gone: the slow sweep and the sampler. */
  liveIdsForLoop(): Promise<readonly string[]>;
  /** Those that shall run and are watched by the organization's Sentinels. */
  sharingIdsForLoop(organizationId: string): Promise<readonly string[]>;
  /** 'fenced' where a later holder has written. */
  writeStatusForLoop(id: string, fence: bigint, status: InstanceStatusWrite, at: Date): Promise<'written' | 'fenced'>;
  /** Chooses the lowest port of the range that no member has, and stores a member row with it. */
  ensureMemberForLoop(id: string, name: string, range: readonly [low: number, high: number], host: string, skip: readonly number[], at: Date):
    Promise<InstanceMemberRow | 'range-exhausted'>;
}
export interface InstanceMemberRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string; readonly name: string; readonly port: number;
  readonly directory: string; readonly identity: ProcessIdentity | null; readonly runId: string | null; readonly startedAt: Date | null;
  readonly exitedAt: Date | null; readonly exitReason: string | null; readonly restartNonce: number; readonly credentialVersion: number;
  readonly crashes: number; readonly notBefore: Date | null;
  /** The last wish to go back whose data was put in place. */
  readonly rewindId: string | null;
  /** What the process was started with; they change with a restart alone. */
  readonly threads: number | null;
  /** The mode that the running store was last brought to, and when. The files of another mode are no longer its data. */
  readonly persistence: Persistence | null; readonly persistenceAt: Date | null;
  /** What the sampler saw last. */
  readonly persistenceSeen: PersistenceSeen | null;
}
export interface InstanceMembers {
  ofInstances(instanceIds: readonly string[]): Promise<readonly InstanceMemberRow[]>;
  all(): Promise<readonly InstanceMemberRow[]>;
  write(id: string, fence: bigint, change: Partial<Omit<InstanceMemberRow, 'id' | 'organizationId' | 'instanceId' | 'name' | 'port' | 'persistenceSeen'>>, at: Date): Promise<void>;
  /** Two members of one instance take each other's port. Nothing where the first no longer has `port`. */
  swapPorts(id: string, otherId: string, port: number, fence: bigint, at: Date): Promise<void>;
  /** The sampler's, under no lease: it only tells. */
  noteSeen(id: string, seen: PersistenceSeen): Promise<void>;
  remove(id: string): Promise<void>;
}
export interface InstanceEventRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string; readonly severity: 'NORMAL' | 'WARNING';
  readonly reason: string; readonly message: string; readonly count: number; readonly firstAt: Date; readonly lastAt: Date;
}
export interface InstanceEvents {
  /** Counts up the newest event where it has the same reason and message. */
  record(event: Pick<InstanceEventRow, 'organizationId' | 'instanceId' | 'severity' | 'reason' | 'message'>, at: Date): Promise<void>;
  page(
    organizationId: string, instanceId: string, page: PageRequest, filter?: { readonly reasons?: readonly string[]; readonly severity?: 'NORMAL' | 'WARNING' },
  ): Promise<Page<InstanceEventRow>>;
}
export interface MetricRow {
  readonly instanceId: string; readonly organizationId: string; readonly at: Date; readonly opsPerSecond: number;
  readonly usedMemoryBytes: number; readonly rssBytes: number; readonly clients: number; readonly keys: number; readonly hits: number;
  readonly misses: number; readonly evictedKeys: number; readonly expiredKeys: number; readonly inBytesPerSecond: number;
  readonly outBytesPerSecond: number; readonly cpuRatio: number;
}
export interface Metrics {
  insert(samples: readonly MetricRow[]): Promise<void>;
  newest(instanceIds: readonly string[], since: Date): Promise<readonly MetricRow[]>;
  /** In order of time; the reader folds them into points. */
  range(organizationId: string, instanceId: string, from: Date, to: Date): Promise<readonly MetricRow[]>;
  removeBefore(at: Date): Promise<number>;
}
export interface OperationRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string | null; readonly backupId: string | null;
  readonly kind: OperationKind; readonly phase: OperationPhase; readonly steps: readonly OperationStep[]; readonly percent: number;
  readonly generation: number | null; readonly isCancelable: boolean; readonly cancelRequestedAt: Date | null;
  readonly errorReason: string | null; readonly errorMessage: string | null; readonly actor: string;
  /** What it changed of the wish, as it was before; whoever cancels it puts that back. Null: nothing, or it has been put back. */
  readonly undo: Partial<InstanceSpec> | null;
  readonly createdAt: Date; readonly startedAt: Date | null; readonly endedAt: Date | null;
}
export interface Operations {
  byId(organizationId: string, id: string): Promise<OperationRow | undefined>;
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly OperationRow[]>;
  page(organizationId: string, page: PageRequest, filter: { readonly instanceId?: string; readonly phases?: readonly OperationPhase[] }): Promise<Page<OperationRow>>;
  insert(row: Pick<OperationRow, 'id' | 'organizationId' | 'instanceId' | 'backupId' | 'kind' | 'steps' | 'generation' | 'isCancelable' | 'actor' | 'createdAt'> & { readonly undo?: OperationRow['undo'] }): Promise<void>;
  /** False where it has ended or is not cancelable. */
  requestCancel(organizationId: string, id: string, at: Date): Promise<boolean>;
  openOfInstance(instanceId: string): Promise<readonly OperationRow[]>;
  byIdForLoop(id: string): Promise<OperationRow | undefined>;
  /** Never reopens one that ended. */
  write(id: string, change: Partial<Pick<OperationRow, 'phase' | 'steps' | 'percent' | 'isCancelable' | 'errorReason' | 'errorMessage' | 'startedAt' | 'endedAt' | 'instanceId' | 'backupId' | 'undo' | 'generation'>>, at: Date): Promise<void>;
}
export interface Leases {
  /** undefined where another holder's lease has not run out. The token is larger than every one before it. */
  take(name: string, holder: string, forMs: number, at: Date): Promise<{ readonly fenceToken: bigint } | undefined>;
  renew(name: string, fenceToken: bigint, forMs: number, at: Date): Promise<boolean>;
  release(name: string, fenceToken: bigint): Promise<void>;
}
export interface Plans {
  all(): Promise<readonly Plan[]>;
  /** Writes the built-in list; others are no longer offered. */
  sync(plans: readonly Plan[]): Promise<void>;
}

// ── backups ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface BackupScheduleRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string; readonly cron: string; readonly timeZone: string;
  readonly isEnabled: boolean; readonly missedPolicy: MissedPolicy; readonly retentionCount: number | null;
  readonly retentionDays: number | null; readonly nextAt: Date | null; readonly lastAt: Date | null; readonly revision: number;
  readonly createdAt: Date;
}
export interface BackupSchedules {
  byId(organizationId: string, id: string): Promise<BackupScheduleRow | undefined>;
  ofInstance(organizationId: string, instanceId: string): Promise<readonly BackupScheduleRow[]>;
  insert(row: BackupScheduleRow): Promise<void>;
  write(organizationId: string, id: string, expectedRevision: number,
    change: Partial<Omit<BackupScheduleRow, 'id' | 'organizationId' | 'instanceId' | 'revision' | 'createdAt'>>): Promise<BackupScheduleRow | 'revision-conflict'>;
  remove(organizationId: string, id: string): Promise<void>;
  /** FOR UPDATE SKIP LOCKED; only inside a transaction. */
  takeDueForLoop(at: Date, limit: number): Promise<readonly BackupScheduleRow[]>;
  advanceForLoop(id: string, nextAt: Date, lastAt: Date): Promise<void>;
  enabledForLoop(): Promise<readonly BackupScheduleRow[]>;
}
export interface BackupRow {
  readonly id: string; readonly organizationId: string; readonly instanceId: string; readonly instanceName: string;
  readonly scheduleId: string | null; readonly operationId: string | null; readonly trigger: BackupTrigger; readonly state: BackupState;
  readonly scheduledAt: Date | null; readonly startedAt: Date | null; readonly completedAt: Date | null; readonly durationMs: number | null;
  readonly sizeBytes: number | null; readonly rawSizeBytes: number | null; readonly keyCount: number | null;
  readonly keyCounts: readonly KeyCount[] | null; readonly checksum: string | null; readonly rawChecksum: string | null;
  readonly storageKey: string | null; readonly dataKeySealed: string | null; readonly engineVersion: string | null; readonly attempts: number;
  readonly errorReason: string | null; readonly errorMessage: string | null; readonly verification: Verification;
  readonly verificationMessage: string | null; readonly verifiedAt: Date | null; readonly expiresAt: Date | null;
  readonly deletedAt: Date | null; readonly createdById: string | null; readonly createdAt: Date;
}
export type BackupDraft = Pick<BackupRow,
  'id' | 'organizationId' | 'instanceId' | 'instanceName' | 'scheduleId' | 'operationId' | 'trigger' | 'state' | 'scheduledAt' | 'createdById' | 'createdAt'>;
export interface Backups {
  byId(organizationId: string, id: string): Promise<BackupRow | undefined>;
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly BackupRow[]>;
  page(organizationId: string, page: PageRequest, filter: { readonly instanceId?: string; readonly states?: readonly BackupState[] }): Promise<Page<BackupRow>>;
  /** 'exists' where the instance has a run of that scheduled moment (ON CONFLICT DO NOTHING). */
  insert(draft: BackupDraft): Promise<'inserted' | 'exists'>;
  byIdForLoop(id: string): Promise<BackupRow | undefined>;
  /** Moves the state where it still is `from`; false where it is not. */
  moveForLoop(id: string, from: BackupState, change: Partial<BackupRow>, at: Date): Promise<boolean>;
  writeForLoop(id: string, change: Partial<BackupRow>, at: Date): Promise<void>;
  /** PENDING, RUNNING or DELETING, and completed ones whose verification has not ended. */
  openIdsForLoop(limit: number): Promise<readonly string[]>;
  keptOfScheduleForLoop(scheduleId: string): Promise<readonly Kept[]>;
  storageKeysForLoop(): Promise<ReadonlySet<string>>;
  /** FAILED, MISSED and DELETED ones that have been so since before `at`. */
  removeEndedForLoop(at: Date): Promise<number>;
}
export type LogPlace = Pick<LogStretchRow, 'increment' | 'offset' | 'ordinal'>;
/** The archive of append-only files. */
export interface LogArchives {
  /** Instances whose wish has an archive and whose time has come, and those with an open stretch although they do not wish it or are gone. */
  dueIdsForLoop(at: Date, limit: number): Promise<readonly string[]>;
  stateOf(organizationId: string, instanceId: string): Promise<LogArchiveRow | undefined>;
  noteForLoop(instanceId: string, organizationId: string, change: Partial<Omit<LogArchiveRow, 'instanceId' | 'organizationId'>>, at: Date): Promise<void>;
  openStretchForLoop(instanceId: string): Promise<LogStretchRow | undefined>;
  /** 'exists' where the instance has an open one. */
  startStretchForLoop(stretch: LogStretchRow): Promise<'inserted' | 'exists'>;
  /** False where it has ended or no longer stands at `from`. */
  moveForLoop(id: string, from: LogPlace, change: Partial<Omit<LogStretchRow, 'id' | 'organizationId' | 'instanceId' | 'startedAt'>>): Promise<boolean>;
  coverForLoop(id: string, second: number): Promise<void>;
  insertPieceForLoop(piece: LogPieceRow): Promise<void>;
  writePieceForLoop(id: string, change: Partial<Pick<LogPieceRow, 'state' | 'ordinal' | 'sizeBytes' | 'checksum' | 'rawChecksum' | 'keyCounts' | 'verification' | 'verificationMessage'>>): Promise<void>;
  removePieceForLoop(id: string): Promise<void>;
  /** Pieces that follow each other in one stretch become one: their rows go, what follows them follows it. Only inside a transaction. */
  replacePiecesForLoop(ids: readonly string[], byId: string): Promise<void>;
  removeStretchForLoop(id: string): Promise<void>;
  /** What was being written when its worker died. */
  unfinishedOfForLoop(instanceId: string): Promise<readonly LogPieceRow[]>;
  basesToProveForLoop(limit: number): Promise<readonly LogPieceRow[]>;
  /** Of every instance that has a stretch. */
  instanceIdsForLoop(): Promise<readonly { readonly instanceId: string; readonly organizationId: string }[]>;
  /** Oldest first. */
  stretchesOf(organizationId: string, instanceId: string): Promise<readonly LogStretchRow[]>;
  /** All bases that are not being written, and the pieces of log that are lost. */
  landmarksOf(organizationId: string, instanceId: string): Promise<readonly LogPieceRow[]>;
  /** Pieces of log in order, from that ordinal on, at most `limit`. */
  logOf(stretchId: string, fromOrdinal: number, limit: number): Promise<readonly LogPieceRow[]>;
  /** Number and bytes of all that is stored of an instance; of the log, those that a restore from that base to that second reads. */
  sizeOf(organizationId: string, instanceId: string): Promise<{ readonly pieces: number; readonly sizeBytes: number }>;
}
export interface UploadRow {
  readonly id: string; readonly organizationId: string; readonly fileName: string;
  readonly state: 'RECEIVING' | 'READY' | 'REFUSED' | 'CONSUMED' | 'DELETED'; readonly sizeBytes: number | null;
  readonly keyCounts: readonly KeyCount[] | null; readonly checksum: string | null; readonly storageKey: string | null;
  readonly dataKeySealed: string | null; readonly errorMessage: string | null; readonly createdById: string | null;
  readonly createdAt: Date; readonly expiresAt: Date;
}
export interface Uploads {
  byId(organizationId: string, id: string): Promise<UploadRow | undefined>;
  insert(row: UploadRow): Promise<void>;
  write(organizationId: string, id: string, change: Partial<Omit<UploadRow, 'id' | 'organizationId'>>): Promise<void>;
  expiredForLoop(at: Date, limit: number): Promise<readonly UploadRow[]>;
}

export interface PlatformFacts {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
}

// ── together ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Repositories {
  readonly users: Users; readonly sessions: Sessions; readonly organizations: Organizations; readonly members: Members;
  readonly invitations: Invitations; readonly apiTokens: ApiTokens; readonly rateBuckets: RateBuckets; readonly idempotency: Idempotency;
  readonly auditLog: AuditLog; readonly plans: Plans; readonly instances: Instances; readonly instanceMembers: InstanceMembers;
  readonly instanceEvents: InstanceEvents; readonly metrics: Metrics; readonly operations: Operations; readonly leases: Leases;
  readonly backupSchedules: BackupSchedules; readonly backups: Backups; readonly uploads: Uploads; readonly logArchives: LogArchives; readonly platformFacts: PlatformFacts;
}
export interface UnitOfWork {
  /** One transaction; rolled back where `work` throws. Serialisation failures are tried again three times. */
  run<T>(work: (records: Repositories) => Promise<T>): Promise<T>;
  /** Outside any transaction. */
  readonly records: Repositories;
}
