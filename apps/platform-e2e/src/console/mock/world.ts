/**
 * A made-up organisation with everything in it that a screen can show. Plain objects in the shape of schema.graphql; graphql-js'
 * default resolvers read them, and fields with arguments are methods. Times are relative to `nowMs`, so that pictures stay alike.
 */
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const MIB = 1024 ** 2;

type Values = Record<string, unknown>;
export interface PageArgs {
  readonly first?: number | null;
  readonly after?: string | null;
}

export function connection<T extends Values>(all: readonly T[], { first, after }: PageArgs = {}) {
  const begin = after == null ? 0 : Number(after) + 1;
  const nodes = all.slice(begin, begin + (first ?? 20));
  const end = begin + nodes.length;
  return {
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: String(begin + index) })),
    totalCount: all.length,
    pageInfo: { hasNextPage: end < all.length, hasPreviousPage: begin > 0, startCursor: String(begin), endCursor: String(end - 1) },
  };
}

export const actions = [
  'organization.read', 'instance.read', 'backup.read', 'operation.read', 'instance.create', 'instance.update', 'instance.restart',
  'instance.rotate-credentials', 'instance.hand-over', 'operation.cancel', 'backup.create', 'backup.restore', 'backup.download', 'backup.import', 'schedule.write',
  'instance.delete', 'backup.delete', 'audit.read', 'member.read', 'member.write', 'token.read', 'token.write', 'organization.update',
];

export const plans = [
  ['nano', 'Nano', 32, 100, 1, 10], ['small', 'Small', 128, 500, 1, 30], ['medium', 'Medium', 512, 2000, 2, 60],
  ['large', 'Large', 2048, 5000, 4, 90], ['xlarge', 'Extra large', 8192, 10_000, 8, 90],
].map(([name, title, mib, maxClients, threads, backupsMax]) => ({
  __typename: 'Plan', id: `plan-${name}`, name: String(name), title, memoryBytes: Number(mib) * MIB, maxClients, threads, backupsMax, defaultPersistence: 'RDB',
}));

export const settings = [
  { name: 'timeout', type: 'INTEGER', defaultValue: '0', min: 0, max: 86_400, doc: 'Seconds after which an idle client is disconnected; 0 never.' },
  { name: 'maxmemory-samples', type: 'INTEGER', defaultValue: '5', min: 1, max: 64, doc: 'Keys looked at for one eviction; more is closer to the exact order and slower.' },
  { name: 'notify-keyspace-events', type: 'FLAGS', defaultValue: '', choices: [...'KEg$lshzxetdmnA'], doc: 'Which changes of keys are published; empty for none.' },
  { name: 'lua-time-limit', type: 'INTEGER', defaultValue: '5000', min: 100, max: 60_000, doc: 'Milliseconds after which a script may be killed from outside.' },
];

export const stepTitles: Readonly<Record<string, string>> = {
  storage: 'Prepare storage', processes: 'Start processes', settings: 'Apply settings', users: 'Apply credentials', endpoint: 'Open endpoint',
  queue: 'Wait for a worker', stream: 'Stream the data', verify: 'Load it in a scratch engine and compare', retire: 'Retire processes', replication: 'Synchronize replicas',
  handover: 'Hand over to another store', persistence: 'Bring persistence about', rewind: 'Put the data in place',
};

export interface Instance extends Values {
  id: string;
  name: string;
  state: string;
  summary: string;
  deletionProtection: boolean;
  revision: number;
  backupList: Values[];
  operationList: Values[];
  eventList: Values[];
  schedules: Values[];
}

let lastNumber = 0;
export function newId(kind: string): string {
  lastNumber += 1;
  return `${kind}-${String(lastNumber).padStart(4, '0')}`;
}

export function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

export function makeOperation(kind: string, steps: readonly string[], phase: string, at: string, done: number): Values {
  return {
    __typename: 'Operation', id: newId('Operation'), kind, phase, actor: 'Ada Lovelace', cancelable: phase === 'RUNNING',
    percent: phase === 'SUCCEEDED' ? 100 : Math.round((done / steps.length) * 100), createdAt: at, startedAt: at,
    endedAt: phase === 'SUCCEEDED' || phase === 'FAILED' ? new Date(Date.parse(at) + 840).toISOString() : null,
    error: phase === 'FAILED' ? { reason: 'DiskFull', message: 'No space left while writing /var/lib/larder/backups.' } : null,
    steps: steps.map((name, index) => ({
      name, title: stepTitles[name], message: null, startedAt: at, endedAt: null,
      state: index < done ? 'DONE' : phase === 'FAILED' && index === done ? 'FAILED' : phase === 'RUNNING' && index === done ? 'RUNNING' : 'PENDING',
    })),
  };
}

export function makeBackup(instanceName: string, change: Values = {}): Values {
  const at = (change.createdAt as string | undefined) ?? ago(5 * HOUR_MS);
  return {
    __typename: 'Backup', id: newId('Backup'), instanceName, state: 'COMPLETED', trigger: 'SCHEDULE', createdAt: at, scheduledAt: at, startedAt: at,
    completedAt: new Date(Date.parse(at) + 2_140).toISOString(), durationMs: 2_140, sizeBytes: 18.4 * MIB, rawSizeBytes: 61.2 * MIB, keyCount: 184_203,
    checksum: '9f2c6f0b6f1d0f3a6a6bd2e9a8b3fb9a3b0c4dd1a54e7f5a0c0c8b2f6f1d0f3a', expiresAt: null, verification: 'VERIFIED',
    verificationMessage: 'A scratch engine loaded it; 184,203 keys of 5 types agree.', verifiedAt: at, error: null,
    keyCounts: [['string', 120_000], ['hash', 54_203], ['zset', 10_000]].map(([type, keys]) => ({ database: 0, type, keys })),
    ...change,
  };
}

export const persistenceStatus = {
  at: ago(4_000), isSaving: false, lastSaveAt: ago(95_000), isLastSaveOk: true, lastSaveSeconds: 1, lastSaveBytes: 41_943_040, changesSinceSave: 1_204, isAppendLogOn: false,
  isRewriting: false, isLastRewriteOk: true, lastRewriteSeconds: null, lastRewriteBytes: null, isLastWriteOk: true, appendLogBytes: null, pendingBytes: 0, pendingFsyncs: 0,
  lossSeconds: 95, message: 'A crash now loses 1204 changes, the oldest at most 95 s old.',
};

/** What is seen of a member only where there are several. */
export const unseen = { configEpoch: null, follows: null, isAnswering: null, isLinkUp: null, isSyncing: null, lagBytes: null, lagSeconds: null, linkDownSeconds: null, offset: null };

export function makeInstance(name: string, change: Values = {}): Instance {
  const at = ago(9 * DAY_MS);
  const ready = (change.state ?? 'READY') === 'READY';
  const port = 20_000 + (lastNumber % 900);
  const plan = plans[1]!;
  return {
    __typename: 'Instance', id: newId('Instance'), name, engine: 'LARDER', sentinels: null, state: 'READY', summary: 'Running and accepting connections.', topology: 'STANDALONE',
    persistence: 'RDB', appendFsync: 'EVERYSEC', savePoints: [{ seconds: 300, changes: 1 }, { seconds: 60, changes: 100 }], threads: plan.threads,
    persistenceStatus: ready ? persistenceStatus : null, maxmemoryPolicy: 'NOEVICTION', deletionProtection: true, createdAt: at, updatedAt: at, deletedAt: null, revision: 3,
    generation: 3, observedGeneration: 3, plan, sourceBackup: null,
    endpoint: { host: '127.0.0.1', port, uri: `redis://127.0.0.1:${port}`, username: 'default' },
    credentials: { username: 'default', version: 1, previousValidUntil: null },
    stats: ready ? { at: ago(2_000), opsPerSecond: 1_284.5, usedMemoryBytes: 61.3 * MIB, memoryBytesMax: plan.memoryBytes, clients: 42, hitRatio: 0.9731, keys: 184_203 } : null,
    conditions: ['StorageReady', 'ProcessesReady', 'SettingsApplied', 'CredentialsApplied', 'EndpointReady', 'PersistenceApplied', 'Ready'].map((type) => ({
      type, status: ready ? 'TRUE' : 'UNKNOWN', reason: ready ? 'AsWished' : 'NotSeenYet', lastTransitionTime: at,
      message: ready ? 'As it should be.' : 'Not looked at yet.',
    })),
    replicas: 0, availability: null,
    members: [{ ...unseen, name: 'a', role: 'PRIMARY', port, pid: 48_121, isRunning: ready, runId: null, startedAt: at, threads: plan.threads }],
    settings: [{ name: 'timeout', value: '300' }],
    archive: null, restorable: { objects: 0, sizeBytes: 0, windows: [], gaps: [], fault: null },
    backupList: [], operationList: [], eventList: [], schedules: [],
    ...change,
  };
}

/** Waves that look like a day of traffic; the last point is now. */
export function seriesOf(name: string, fromMs: number, toMs: number, pointsMax: number) {
  const stepMs = (toMs - fromMs) / pointsMax;
  return {
    name,
    points: Array.from({ length: pointsMax }, (_, index) => {
      const atMs = fromMs + stepMs * index;
      return { at: new Date(atMs).toISOString(), value: index > 30 && index < 36 ? null : valueAt(name, atMs) };
    }),
  };
}

function valueAt(name: string, atMs: number): number {
  const slow = (Math.sin(atMs / 1_900_000) + 1) / 2;
  const fast = (Math.sin(atMs / 61_000) + Math.sin(atMs / 23_700)) / 2;
  switch (name) {
    case 'OPS_PER_SECOND': return 620 + 900 * slow + 140 * fast;
    case 'USED_MEMORY_BYTES': return (52 + 10 * slow + fast) * MIB;
    case 'CLIENTS': return Math.round(30 + 14 * slow + 3 * fast);
    default: return 0.94 + 0.04 * slow + 0.008 * fast;
  }
}
