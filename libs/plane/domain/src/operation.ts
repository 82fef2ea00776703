// An operation: a piece of work as a person follows it. It tells; it does not drive. What drives is the instance's generation or the
// backup's row, so an operation that was lost sight of is closed by the sweep, never repeated because of itself.
//
// Invariants: phases go PENDING → RUNNING → one of the ended three and never back; percent never falls; error only when FAILED.

export const operationKinds = [
  'CREATE_INSTANCE', 'UPDATE_INSTANCE', 'RESTART_INSTANCE', 'ROTATE_CREDENTIALS', 'DELETE_INSTANCE',
  'CREATE_BACKUP', 'DELETE_BACKUP', 'RESTORE_BACKUP', 'IMPORT_BACKUP', 'RESTORE_TO_TIME', 'RESTORE_IN_PLACE',
  'FAILOVER', 'SWITCHOVER', 'PROMOTE', 'ADD_REPLICA', 'REMOVE_REPLICA', 'CHANGE_TOPOLOGY',
] as const;
export type OperationKind = (typeof operationKinds)[number];

export const operationPhases = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED'] as const;
export type OperationPhase = (typeof operationPhases)[number];

export const stepStates = ['PENDING', 'RUNNING', 'DONE', 'SKIPPED', 'FAILED'] as const;
export type StepState = (typeof stepStates)[number];

export interface OperationStep {
  /** Name of the reconcile step or the stage of the backup: `storage`, `processes`, `stream`, `verify`. */
  readonly name: string;
  readonly title: string;
  readonly state: StepState;
  readonly message: string | null;
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface StepReport {
  readonly name: string;
  readonly state: StepState;
  readonly message?: string;
}

const titles: Readonly<Record<string, string>> = {
  storage: 'Prepare storage', processes: 'Start processes', settings: 'Apply settings', persistence: 'Bring persistence about', users: 'Apply credentials',
  endpoint: 'Open endpoint', retire: 'Retire processes', 'final-backup': 'Take the final backup', queue: 'Wait for a worker',
  rewind: 'Take a safety backup and put the data in place', stream: 'Stream the data', verify: 'Load it in a scratch engine and compare', restart: 'Restart', remove: 'Remove from storage',
  replication: 'Synchronize replicas', front: 'Put the proxy before the store', fold: 'Go back to one store', sentinels: 'Start Sentinels', handover: 'Hand over to another store',
};

const plannedSteps: Readonly<Record<OperationKind, readonly string[]>> = {
  CREATE_INSTANCE: ['storage', 'processes', 'settings', 'users', 'endpoint'],
  RESTORE_BACKUP: ['storage', 'processes', 'settings', 'users', 'endpoint'],
  RESTORE_TO_TIME: ['storage', 'processes', 'settings', 'users', 'endpoint'],
  RESTORE_IN_PLACE: ['rewind', 'processes', 'settings', 'users', 'endpoint', 'persistence'],
  IMPORT_BACKUP: ['storage', 'processes', 'settings', 'users', 'endpoint'],
  UPDATE_INSTANCE: ['processes', 'settings', 'endpoint', 'persistence'],
  RESTART_INSTANCE: ['processes', 'settings', 'users', 'endpoint'],
  ROTATE_CREDENTIALS: ['users'],
  DELETE_INSTANCE: ['final-backup', 'retire', 'storage'],
  CREATE_BACKUP: ['queue', 'stream', 'verify'],
  DELETE_BACKUP: ['remove'],
  FAILOVER: ['processes', 'handover', 'replication'],
  SWITCHOVER: ['processes', 'handover', 'replication'],
  PROMOTE: ['processes', 'handover', 'replication'],
  ADD_REPLICA: ['storage', 'processes', 'settings', 'users', 'replication', 'sentinels'],
  REMOVE_REPLICA: ['processes', 'replication', 'sentinels', 'retire'],
  CHANGE_TOPOLOGY: ['fold', 'processes', 'settings', 'users', 'endpoint', 'persistence', 'retire'],
};

const creations: readonly OperationKind[] = ['CREATE_INSTANCE', 'RESTORE_BACKUP', 'RESTORE_TO_TIME', 'IMPORT_BACKUP'];
/** From one store to several. Back again the first of them is most of the work: the group is led back to one store, which takes the port. */
const toSeveral = ['storage', 'processes', 'settings', 'users', 'endpoint', 'persistence', 'replication', 'front', 'sentinels'];

/** `topology`: the one that is wished with it. */
export function plannedStepsOf(kind: OperationKind, topology: 'STANDALONE' | 'HA' = 'STANDALONE'): OperationStep[] {
  const several = topology !== 'HA' ? [] : creations.includes(kind) || kind === 'RESTORE_IN_PLACE' ? ['replication', 'sentinels'] : [];
  const names = kind === 'CHANGE_TOPOLOGY' && topology === 'HA' ? toSeveral : [...plannedSteps[kind], ...several];
  return names.map((name) => ({
    name, title: titles[name] ?? name, state: 'PENDING', message: null, startedAt: null, endedAt: null,
  }));
}

/** Work that leads away from a wish can be called off: the wish becomes what it was, and the loop goes back. A handover until writes are held. */
export function isCancelableKind(kind: OperationKind): boolean {
  return kind === 'CHANGE_TOPOLOGY' || kind === 'ADD_REPLICA' || isHandoverKind(kind);
}

export function isHandoverKind(kind: OperationKind): boolean {
  return kind === 'FAILOVER' || kind === 'SWITCHOVER' || kind === 'PROMOTE';
}

export function hasEnded(phase: OperationPhase): boolean {
  return phase === 'SUCCEEDED' || phase === 'FAILED' || phase === 'CANCELED';
}

/** Writes one report into the list; a name that was not planned is added at the end. A step that ended stays ended. */
export function withStep(steps: readonly OperationStep[], report: StepReport, nowMs: number): OperationStep[] {
  const now = new Date(nowMs).toISOString();
  const at = steps.findIndex((step) => step.name === report.name);
  const before: OperationStep = at < 0
    ? { name: report.name, title: titles[report.name] ?? report.name, state: 'PENDING', message: null, startedAt: null, endedAt: null }
    : steps[at]!;
  if (before.state === 'DONE' || before.state === 'SKIPPED') return [...steps];
  const ended = report.state === 'DONE' || report.state === 'SKIPPED' || report.state === 'FAILED';
  const after: OperationStep = {
    ...before, state: report.state, message: report.message ?? null,
    startedAt: before.startedAt ?? (report.state === 'PENDING' ? null : now), endedAt: ended ? now : null,
  };
  return at < 0 ? [...steps, after] : steps.map((step, index) => (index === at ? after : step));
}

/** A running step counts half. 100 only when all have ended. */
export function percentOf(steps: readonly OperationStep[]): number {
  if (steps.length === 0) return 0;
  const weight = { PENDING: 0, FAILED: 0, RUNNING: 0.5, DONE: 1, SKIPPED: 1 } as const;
  return Math.floor((steps.reduce((sum, step) => sum + weight[step.state], 0) / steps.length) * 100);
}
