// Everything the product may politely refuse, as one union. `kind` is at the same time the name of the GraphQL object type
// (schema.graphql), so a resolver hands a refusal out as it is and resolveType reads `kind`.
//
// Top-level errors of GraphQL are only: UNAUTHENTICATED, FORBIDDEN (the role or the scope does not allow it), RATE_LIMITED,
// TOO_COMPLEX, and bugs (INTERNAL). An id of another organisation is NotFound, word for word as if it did not exist.

import type { Engine } from './instance';

export interface InputFault {
  /** Path into the input: `name`, `settings.maxmemory-samples`. */
  readonly field: string;
  readonly message: string;
}

export type Feature = 'AOF' | 'RDB_AOF' | 'TOPOLOGY' | 'SHARED_SENTINELS_TOPOLOGY';
export type NounKind =
  | 'Organization' | 'Member' | 'Invitation' | 'ApiToken' | 'Plan' | 'Instance' | 'Operation' | 'Backup' | 'BackupSchedule' | 'Upload';
export type QuotaResource = 'INSTANCES' | 'MEMORY' | 'BACKUPS' | 'BACKUP_BYTES' | 'API_TOKENS' | 'MEMBERS';

export type Refusal =
  | { readonly kind: 'InvalidInput'; readonly message: string; readonly faults: readonly InputFault[] }
  | { readonly kind: 'NameTaken'; readonly message: string; readonly name: string }
  | { readonly kind: 'NotFound'; readonly message: string; readonly noun: NounKind }
  | {
      readonly kind: 'QuotaExceeded'; readonly message: string;
      readonly resource: QuotaResource; readonly limit: number; readonly used: number; readonly requested: number;
    }
  | { readonly kind: 'NotSupportedYet'; readonly message: string; readonly feature: Feature }
  | { readonly kind: 'EngineNotInstalled'; readonly message: string; readonly engine: Engine; readonly installed: readonly Engine[] }
  | { readonly kind: 'RevisionConflict'; readonly message: string; readonly currentRevision: number }
  | { readonly kind: 'IdempotencyConflict'; readonly message: string; readonly key: string }
  | { readonly kind: 'DeletionProtected'; readonly message: string }
  | { readonly kind: 'InvalidState'; readonly message: string; readonly state: string }
  | { readonly kind: 'NotInSync'; readonly message: string; readonly member: string; readonly lagBytes: number | null }
  | { readonly kind: 'NotCancelable'; readonly message: string }
  | { readonly kind: 'BackupNotRestorable'; readonly message: string }
  | { readonly kind: 'TimeNotRestorable'; readonly message: string }
  | { readonly kind: 'UploadRefused'; readonly message: string }
  | { readonly kind: 'LastOwner'; readonly message: string }
  | { readonly kind: 'InvitationInvalid'; readonly message: string }
  | { readonly kind: 'SignInFailed'; readonly message: string; readonly retryAfterSeconds: number | null };

export type RefusalKind = Refusal['kind'];
export type RefusalOf<K extends RefusalKind> = Extract<Refusal, { kind: K }>;

/** What domain decisions answer where they can refuse in one way only. */
export type InvalidInput = RefusalOf<'InvalidInput'>;

export const refusal = {
  invalidInput: (faults: readonly InputFault[]): RefusalOf<'InvalidInput'> => ({
    kind: 'InvalidInput', faults,
    message: faults.map((fault) => `${fault.field}: ${fault.message}`).join('; '),
  }),
  nameTaken: (name: string): RefusalOf<'NameTaken'> => ({
    kind: 'NameTaken', name, message: `The name "${name}" is already in use.`,
  }),
  notFound: (noun: NounKind): RefusalOf<'NotFound'> => ({
    kind: 'NotFound', noun, message: `There is no such ${nounWords[noun]}.`,
  }),
  quotaExceeded: (resource: QuotaResource, limit: number, used: number, requested: number): RefusalOf<'QuotaExceeded'> => ({
    kind: 'QuotaExceeded', resource, limit, used, requested,
    message: `The organization may have ${limit} (${resourceWords[resource]}); ${used} in use, ${requested} more asked for.`,
  }),
  planExceeded: (limit: number, used: number): RefusalOf<'QuotaExceeded'> => ({
    kind: 'QuotaExceeded', resource: 'BACKUPS', limit, used, requested: 1,
    message: `The plan keeps ${limit} backups of an instance; it has ${used}. Delete one, or let the schedule keep fewer.`,
  }),
  notSupportedYet: (feature: Feature): RefusalOf<'NotSupportedYet'> => ({
    kind: 'NotSupportedYet', feature, message: `${featureWords[feature] ?? feature} is not available yet.`,
  }),
  engineNotInstalled: (engine: Engine, installed: readonly Engine[]): RefusalOf<'EngineNotInstalled'> => ({
    kind: 'EngineNotInstalled', engine, installed, message: `${engineTitles[engine]} is not installed here; there is ${installed.map((each) => engineTitles[each]).join(', ')}.`,
  }),
  revisionConflict: (currentRevision: number): RefusalOf<'RevisionConflict'> => ({
    kind: 'RevisionConflict', currentRevision, message: `Someone changed this meanwhile; it is at revision ${currentRevision}.`,
  }),
  idempotencyConflict: (key: string): RefusalOf<'IdempotencyConflict'> => ({
    kind: 'IdempotencyConflict', key, message: 'This idempotency key was used with another input.',
  }),
  deletionProtected: (): RefusalOf<'DeletionProtected'> => ({
    kind: 'DeletionProtected', message: 'Deletion protection is on; switch it off first.',
  }),
  invalidState: (state: string, message: string): RefusalOf<'InvalidState'> => ({ kind: 'InvalidState', state, message }),
  notInSync: (member: string, lagBytes: number | null): RefusalOf<'NotInSync'> => ({
    kind: 'NotInSync', member, lagBytes, message: `Store ${member} ${lagBytes === null ? 'does not hear its primary' : `lacks ${lagBytes} bytes of what its primary has`}; it could not take over without a loss.`,
  }),
  notCancelable: (): RefusalOf<'NotCancelable'> => ({
    kind: 'NotCancelable', message: 'This operation has ended or has passed the point of return.',
  }),
  backupNotRestorable: (message: string): RefusalOf<'BackupNotRestorable'> => ({ kind: 'BackupNotRestorable', message }),
  timeNotRestorable: (message: string): RefusalOf<'TimeNotRestorable'> => ({ kind: 'TimeNotRestorable', message }),
  uploadRefused: (message: string): RefusalOf<'UploadRefused'> => ({ kind: 'UploadRefused', message }),
  lastOwner: (): RefusalOf<'LastOwner'> => ({ kind: 'LastOwner', message: 'An organization keeps at least one owner.' }),
  invitationInvalid: (): RefusalOf<'InvitationInvalid'> => ({
    kind: 'InvitationInvalid', message: 'This invitation is unknown, used, revoked or out of date.',
  }),
  /** The same words whether the address exists or not. */
  signInFailed: (retryAfterSeconds: number | null = null): RefusalOf<'SignInFailed'> => ({
    kind: 'SignInFailed', retryAfterSeconds,
    message: retryAfterSeconds === null
      ? 'E-mail address or password is wrong.'
      : `Too many attempts; try again in ${retryAfterSeconds} s.`,
  }),
} as const;

const engineTitles: Readonly<Record<Engine, string>> = { LARDER: 'Larder', REDIS: 'Redis', VALKEY: 'Valkey' };

const featureWords: Readonly<Partial<Record<Feature, string>>> = {
  SHARED_SENTINELS_TOPOLOGY: 'Changing the topology of an instance that the organization’s Sentinels watch',
};

const nounWords: Readonly<Record<NounKind, string>> = {
  Organization: 'organization', Member: 'member', Invitation: 'invitation', ApiToken: 'API token', Plan: 'plan', Instance: 'instance',
  Operation: 'operation', Backup: 'backup', BackupSchedule: 'backup schedule', Upload: 'upload',
};

const resourceWords: Readonly<Record<QuotaResource, string>> = {
  INSTANCES: 'instances', MEMORY: 'bytes of memory', BACKUPS: 'backups', BACKUP_BYTES: 'bytes of backups', API_TOKENS: 'API tokens',
  MEMBERS: 'members',
};
