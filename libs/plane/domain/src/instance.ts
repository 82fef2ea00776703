// An instance: what is wished (spec), what was seen (status), and the rules for changing the wish. Pure.
//
// Invariants
// - The API writes the spec; only the reconcile loop writes the status, once a pass, under its lease.
// - generation grows with each change the loop must carry out; the instance is as wished when observedGeneration === generation and
//   the condition Ready is TRUE. `state` and `summary` are derived here and stored nowhere.
import { checkArchive, type ArchivePolicy } from './archive';
import { checkReplicas, defaultReplicas, type Handover, type SentinelPlacement } from './high-availability';
import { checkPersistence, defaultAppendFsync, defaultSavePoints, enginePersistences, type AppendFsync, type Persistence, type SavePoint } from './persistence';
import type { Plan } from './plans';
import type { DataKind } from './ports';
import { refusal, type InputFault, type RefusalOf } from './refusals';
import { checkTenantSettings } from './tenant-settings';

export const topologies = ['STANDALONE', 'HA'] as const;
export type Topology = (typeof topologies)[number];

export const maxmemoryPolicies = ['NOEVICTION', 'ALLKEYS_LRU'] as const;
export type MaxmemoryPolicy = (typeof maxmemoryPolicies)[number];

/** Whose program an instance's stores and Sentinels run: our own, or one that the machine has besides. */
export const engines = ['LARDER', 'REDIS', 'VALKEY'] as const;
export type Engine = (typeof engines)[number];

export type DesiredState = 'RUNNING' | 'DELETED';

/** What the very first start loads. */
export type Seed =
  | { readonly kind: 'BACKUP'; readonly backupId: string }
  | { readonly kind: 'UPLOAD'; readonly uploadId: string }
  /** An instance as it was at the end of that second (Unix), out of the archive of its log. */
  | { readonly kind: 'POINT'; readonly instanceId: string; readonly second: number };

/** As which of its files a store loads it. */
export function dataKindOf(seed: Seed): DataKind {
  return seed.kind === 'POINT' ? 'append-log' : 'snapshot';
}

/** A wish to go back in place: carried out once for each id, after a backup of what is there. */
export interface Rewind {
  readonly id: string;
  readonly source: Seed;
  /** ISO 8601. */
  readonly askedAt: string;
}

export interface InstanceSpec {
  readonly name: string;
  readonly planId: string;
  /** Chosen when it is made. */
  readonly engine: Engine;
  readonly topology: Topology;
  /** Beside the primary; 0 where it stands alone. */
  readonly replicas: number;
  /** Chosen when it is made; without meaning where it stands alone. */
  readonly sentinels: SentinelPlacement;
  readonly handover: Handover | null;
  readonly persistence: Persistence;
  readonly appendFsync: AppendFsync;
  readonly savePoints: readonly SavePoint[];
  readonly maxmemoryPolicy: MaxmemoryPolicy;
  /** Null: its log is not archived. */
  readonly archive: ArchivePolicy | null;
  readonly rewind: Rewind | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly deletionProtection: boolean;
  readonly desiredState: DesiredState;
  /** With desiredState DELETED: take one last backup before the processes go. */
  readonly finalBackup: boolean;
  readonly restartNonce: number;
  readonly credentialVersion: number;
  readonly seed: Seed | null;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export const conditionTypes = ['StorageReady', 'ProcessesReady', 'SettingsApplied', 'CredentialsApplied', 'EndpointReady', 'PersistenceApplied', 'ReplicationReady', 'SentinelsReady', 'Ready'] as const;
export type ConditionType = (typeof conditionTypes)[number];
export type ConditionStatus = 'TRUE' | 'FALSE' | 'UNKNOWN';

export interface Condition {
  readonly type: ConditionType;
  readonly status: ConditionStatus;
  /** One CamelCase word for programs: `CrashLoop`, `PortTaken`. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
  /** ISO 8601; moves only when `status` does. */
  readonly lastTransitionTime: string;
}

export interface InstanceStatus {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
}

/** The list with one condition put in; the time of its last transition is kept while its status stays. */
export function withCondition(
  conditions: readonly Condition[], next: Omit<Condition, 'lastTransitionTime'>, nowMs: number,
): Condition[] {
  const before = conditions.find((condition) => condition.type === next.type);
  const lastTransitionTime =
    before?.status === next.status ? before.lastTransitionTime : new Date(nowMs).toISOString();
  return [...conditions.filter((condition) => condition.type !== next.type), { ...next, lastTransitionTime }]
    .sort((left, right) => conditionTypes.indexOf(left.type) - conditionTypes.indexOf(right.type));
}

export const instanceStates = ['CREATING', 'READY', 'UPDATING', 'DEGRADED', 'DELETING', 'DELETED'] as const;
export type InstanceState = (typeof instanceStates)[number];

interface Seen extends InstanceStatus {
  readonly generation: number;
  readonly desiredState: DesiredState;
  readonly deletedAt: Date | null;
}

export function stateOf(instance: Seen): InstanceState {
  if (instance.deletedAt) return 'DELETED';
  if (instance.desiredState === 'DELETED') return 'DELETING';
  const ready = instance.conditions.find((condition) => condition.type === 'Ready')?.status === 'TRUE';
  if (instance.observedGeneration === 0) return 'CREATING';
  if (instance.observedGeneration < instance.generation) return 'UPDATING';
  return ready ? 'READY' : 'DEGRADED';
}

/** The status in one sentence: the first thing that is not as it should be speaks. */
export function summaryOf(instance: Seen): string {
  const state = stateOf(instance);
  const trouble = instance.conditions.find((condition) => condition.type !== 'Ready' && condition.status !== 'TRUE');
  switch (state) {
    case 'READY': return 'Running and accepting connections.';
    case 'DELETED': return 'Deleted.';
    case 'DELETING': return 'Being deleted.';
    case 'CREATING': return trouble ? `Being created: ${trouble.message}` : 'Being created.';
    case 'UPDATING': return trouble ? `Being changed: ${trouble.message}` : 'Being changed.';
    case 'DEGRADED': return trouble?.message ?? 'Not ready.';
  }
}

/** 1–40 of a–z, 0–9 and single hyphens; begins with a letter. It goes into paths and host names. */
export function checkName(name: string): string | undefined {
  if (name.length < 1 || name.length > 40) return 'must have 1 to 40 characters';
  if (!/^[a-z](?:-?[a-z0-9])*$/.test(name)) {
    return 'must begin with a letter and hold only a–z, 0–9 and single hyphens, none of them last';
  }
  return undefined;
}

export interface InstanceWish {
  readonly name: string;
  readonly planId: string;
  readonly engine?: Engine;
  readonly topology?: Topology;
  /** With HA: 1 to 5. */
  readonly replicas?: number;
  readonly sentinels?: SentinelPlacement;
  /** Not given: as the plan has it. */
  readonly persistence?: Persistence;
  readonly appendFsync?: AppendFsync;
  readonly savePoints?: readonly SavePoint[];
  readonly maxmemoryPolicy?: MaxmemoryPolicy;
  readonly archive?: ArchivePolicy | null;
  readonly settings?: Readonly<Record<string, string>>;
  readonly deletionProtection?: boolean;
}

/** `archive: null` switches it off. */
export type InstanceChange = Partial<Omit<InstanceWish, 'sentinels' | 'engine'>>;

export type DraftRefusal = RefusalOf<'InvalidInput'> | RefusalOf<'NotSupportedYet'> | RefusalOf<'NotFound'>;
export type Draft = { readonly ok: true; readonly value: InstanceSpec } | { readonly ok: false; readonly error: DraftRefusal };

export function draftInstance(wish: InstanceWish, plans: readonly Plan[], seed: Seed | null = null): Draft {
  const topology = wish.topology ?? 'STANDALONE';
  return checked({
    name: wish.name,
    planId: wish.planId,
    engine: wish.engine ?? 'LARDER',
    topology,
    replicas: wish.replicas ?? (topology === 'HA' ? defaultReplicas : 0),
    sentinels: topology === 'HA' ? wish.sentinels ?? 'DEDICATED' : 'DEDICATED',
    handover: null,
    persistence: wish.persistence ?? plans.find((plan) => plan.id === wish.planId)?.defaultPersistence ?? 'RDB',
    appendFsync: wish.appendFsync ?? defaultAppendFsync,
    savePoints: wish.savePoints ?? defaultSavePoints,
    maxmemoryPolicy: wish.maxmemoryPolicy ?? 'NOEVICTION',
    archive: wish.archive ?? null,
    rewind: null,
    settings: wish.settings ?? {},
    deletionProtection: wish.deletionProtection ?? true,
    desiredState: 'RUNNING',
    finalBackup: false,
    restartNonce: 0,
    credentialVersion: 1,
    seed,
  }, wish, plans);
}

/** Settings given replace the whole map; what is not given stays. */
export function changeInstance(spec: InstanceSpec, change: InstanceChange, plans: readonly Plan[]): Draft {
  const given = Object.fromEntries(Object.entries(change).filter(([name, value]) => value !== undefined && (value !== null || name === 'archive')));
  const topology = change.topology ?? spec.topology;
  if (topology !== spec.topology && spec.sentinels === 'ORGANIZATION') return { ok: false, error: refusal.notSupportedYet('SHARED_SENTINELS_TOPOLOGY') };
  // What was asked of a group means nothing to the next one: its Sentinels count their epochs anew.
  const turned = topology === spec.topology ? {} : { handover: null, replicas: change.replicas ?? (topology === 'HA' ? defaultReplicas : 0) };
  return checked({ ...spec, ...given, ...turned }, given, plans);
}

/** What kind of work leads from one wish to the other. */
export function changeKindOf(before: InstanceSpec, after: InstanceSpec): 'UPDATE_INSTANCE' | 'CHANGE_TOPOLOGY' | 'ADD_REPLICA' | 'REMOVE_REPLICA' {
  if (before.topology !== after.topology) return 'CHANGE_TOPOLOGY';
  if (before.replicas === after.replicas) return 'UPDATE_INSTANCE';
  return before.replicas < after.replicas ? 'ADD_REPLICA' : 'REMOVE_REPLICA';
}

/** The parts of a wish that another one changes, as they are now; but for handovers, which are done once and never taken back. */
export function undoOf(before: InstanceSpec, after: InstanceSpec): Partial<InstanceSpec> {
  const names = Object.keys(before) as (keyof InstanceSpec)[];
  return Object.fromEntries(names.filter((name) => name !== 'handover' && JSON.stringify(before[name]) !== JSON.stringify(after[name])).map((name) => [name, before[name]]));
}

/** Whether the loop has something to do: a name or the protection alone does not touch the store. */
export function needsReconcile(before: InstanceSpec, after: InstanceSpec): boolean {
  const seen = ({ name: _n, deletionProtection: _d, ...rest }: InstanceSpec): string =>
    JSON.stringify({ ...rest, settings: Object.entries(rest.settings).sort() });
  return seen(before) !== seen(after);
}

function checked(spec: InstanceSpec, given: InstanceChange, plans: readonly Plan[]): Draft {
  const faults: InputFault[] = [];
  const nameFault = checkName(spec.name);
  if (nameFault) faults.push({ field: 'name', message: nameFault });
  faults.push(...checkTenantSettings(spec.settings), ...checkPersistence(spec, given), ...checkArchive(spec), ...checkReplicas(spec.topology, spec.replicas));
  if (faults.length > 0) return { ok: false, error: refusal.invalidInput(faults) };
  if (!enginePersistences.includes(spec.persistence)) {
    return { ok: false, error: refusal.notSupportedYet(spec.persistence === 'AOF' ? 'AOF' : 'RDB_AOF') };
  }
  if (!plans.some((plan) => plan.id === spec.planId)) return { ok: false, error: refusal.notFound('Plan') };
  return { ok: true, value: spec };
}

/** What a delete is refused for, or undefined. */
export function checkDelete(
  instance: Seen & { readonly deletionProtection: boolean },
): RefusalOf<'DeletionProtected'> | RefusalOf<'InvalidState'> | undefined {
  if (instance.desiredState === 'DELETED') return refusal.invalidState(stateOf(instance), 'It is already being deleted.');
  return instance.deletionProtection ? refusal.deletionProtected() : undefined;
}
