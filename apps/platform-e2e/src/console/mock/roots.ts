// The roots of the made-up API: queries, mutations and subscriptions over world.ts.
import { actions, ago, connection, DAY_MS, HOUR_MS, makeBackup, makeInstance, makeOperation, newId, persistenceStatus, plans, seriesOf, settings, unseen, type Instance, type PageArgs } from './world.ts';

export type Mode = 'usual' | 'empty' | 'fail' | 'hang';

export interface MockState {
  mode: Mode;
  readonly listeners: Set<() => void>;
}

/** Of one request; what it says at the end goes into the cookie. */
export interface Session {
  isSignedIn: boolean;
}

type Input<T = Record<string, unknown>> = { readonly input: T };
type Values = Record<string, unknown>;

const createSteps = ['storage', 'processes', 'settings', 'users', 'endpoint'];
const PASSWORD = 'b4Vf-9kQz-Tn2L-xW7c-Jr5H';

export function makeRoots(state: MockState) {
  const instances = makeInstances();
  const members = [
    ['Ada Lovelace', 'ada@example.org', 'OWNER'], ['Grace Hopper', 'grace@example.org', 'ADMIN'], ['Edsger Dijkstra', 'edsger@example.org', 'DEVELOPER'],
  ].map(([name, email, role], index) => ({
    __typename: 'Member', id: `Member-${index}`, role, joinedAt: ago(index * 9 * DAY_MS + DAY_MS),
    user: { __typename: 'User', id: `User-${index}`, name, email, isPlatformAdmin: index === 0, createdAt: ago(90 * DAY_MS) },
  }));
  const invitations: Values[] = [{ __typename: 'Invitation', id: 'Invitation-1', email: 'barbara@example.org', role: 'VIEWER', createdAt: ago(HOUR_MS), expiresAt: ago(-6 * DAY_MS) }];
  const tokens: Values[] = [
    { __typename: 'ApiToken', id: 'ApiToken-1', name: 'terraform', prefix: 'lrd_8fK2', scopes: ['READ', 'INSTANCES_WRITE'], createdAt: ago(20 * DAY_MS), expiresAt: ago(-70 * DAY_MS), lastUsedAt: ago(4 * HOUR_MS), revokedAt: null },
    { __typename: 'ApiToken', id: 'ApiToken-2', name: 'old ci', prefix: 'lrd_1aQx', scopes: ['READ'], createdAt: ago(80 * DAY_MS), expiresAt: null, lastUsedAt: null, revokedAt: ago(DAY_MS) },
  ];
  const audit = makeAudit();

  const shown = <T>(all: readonly T[]): readonly T[] => (state.mode === 'empty' ? [] : all);
  const view = (instance: Instance): Values => ({
    ...instance,
    backups: (page: PageArgs) => connection(shown(instance.backupList.map((backup): Values => ({ ...backup, instance }))), page),
    operations: (page: PageArgs) => connection(shown(instance.operationList), page),
    availability: () => (state.mode === 'empty' ? null : instance.availability),
    events: ({ reasons, severity, ...page }: PageArgs & { reasons?: readonly string[] | null; severity?: string | null }) => connection(
      shown(instance.eventList).filter((event) => (reasons?.includes(String(event.reason)) ?? true) && (severity == null || event.severity === severity)), page),
    backupSchedules: () => shown(instance.schedules),
    restorable: () => (state.mode === 'empty' ? nothingRestorable : instance.restorable),
    restorePoint: ({ toTime }: { toTime: string }) => pointOf(toTime),
    metrics: ({ from, to, names, pointsMax }: { from: string; to: string; names: readonly string[]; pointsMax: number }) =>
      names.map((name) => (state.mode === 'empty' ? { name, points: [] } : seriesOf(name, Date.parse(from), Date.parse(to), pointsMax))),
  });

  const organization: Values = {
    __typename: 'Organization', id: 'Organization-1', name: 'Analytical Engines', slug: 'engines', createdAt: ago(90 * DAY_MS), viewerRole: 'OWNER', viewerActions: actions,
    instances: ({ search, ...page }: PageArgs & { search?: string | null }) =>
      connection(shown(instances).filter(({ name, state: now }) => now !== 'DELETED' && name.includes(search ?? '')).map(view), page),
    instance: ({ name }: { name: string }) => {
      const found = instances.find((instance) => instance.name === name);
      return found ? view(found) : null;
    },
    backups: (page: PageArgs) => connection(shown(instances.flatMap((instance) => instance.backupList.map((backup): Values => ({ ...backup, instance })))), page),
    members: (page: PageArgs) => connection(members, page),
    invitations: (page: PageArgs) => connection(shown(invitations), page),
    apiTokens: (page: PageArgs) => connection(shown(tokens), page),
    auditLog: ({ action, ...page }: PageArgs & { action?: string | null }) => connection(shown(audit).filter((entry) => action == null || entry.action === action), page),
    quotas: () => [['INSTANCES', 4, 100], ['MEMORY', 900 * 1024 ** 2, 1024 ** 3], ['BACKUPS', 31, 1000], ['BACKUP_BYTES', 9e9, 107e9], ['MEMBERS', 3, 100], ['API_TOKENS', 1, 50]]
      .map(([resource, used, limit]) => ({ resource, used, limit })),
  };
  const viewer = { user: members[0]!.user, apiToken: null, organizations: (page: PageArgs) => connection([organization, { ...organization, id: 'Organization-2', name: 'Difference Ltd', slug: 'difference' }], page) };

  const publish = (): void => { for (const listener of state.listeners) listener(); };
  const byId = (id: string): Instance => instances.find((instance) => instance.id === id)!;
  const begin = (instance: Instance, kind: string, steps: readonly string[], onDone: () => void): Values => {
    const operation = makeOperation(kind, steps, 'RUNNING', new Date().toISOString(), 0);
    instance.operationList.unshift(operation);
    const advance = (done: number): void => {
      const parts = operation.steps as { state: string }[];
      parts.forEach((step, index) => { step.state = index < done ? 'DONE' : index === done ? 'RUNNING' : 'PENDING'; });
      operation.percent = Math.round((done / parts.length) * 100);
      if (done === parts.length) {
        Object.assign(operation, { phase: 'SUCCEEDED', endedAt: new Date().toISOString(), cancelable: false });
        onDone();
      }
      publish();
      if (done < parts.length) setTimeout(() => advance(done + 1), 250).unref();
    };
    advance(0);
    return operation;
  };
  const create = (input: Values): Values => {
    if (input.name === 'taken') return { __typename: 'NameTaken', name: 'taken', message: 'An instance called taken exists already.' };
    if (input.plan === 'xlarge') return { __typename: 'QuotaExceeded', resource: 'MEMORY', limit: 16, used: 12, requested: 8, message: 'The organisation may use 16 GiB of memory; 12 GiB are in use.' };
    const instance = makeInstance(String(input.name), {
      state: 'CREATING', summary: 'Being created.', plan: plans.find((plan) => plan.name === input.plan) ?? plans[1], deletionProtection: input.deletionProtection ?? true,
      engine: input.engine ?? 'LARDER', persistence: input.persistence ?? 'RDB', appendFsync: input.appendFsync ?? 'EVERYSEC', settings: input.settings ?? [], createdAt: new Date().toISOString(),
    });
    instances.unshift(instance);
    const operation = begin(instance, 'CREATE_INSTANCE', createSteps, () => {
      Object.assign(instance, makeInstance(instance.name), { id: instance.id, plan: instance.plan, deletionProtection: instance.deletionProtection, operationList: instance.operationList, schedules: instance.schedules, createdAt: instance.createdAt });
    });
    return { __typename: 'CreateInstancePayload', instance: view(instance), operation, credentials: { username: 'default', password: PASSWORD, uri: null } };
  };
  const change = (instance: Instance, kind: string, steps: readonly string[], onDone: () => void, typename = 'InstancePayload'): Values =>
    ({ __typename: typename, operation: begin(instance, kind, steps, onDone), instance: view(instance) });

  const rootValue = {
    about: { version: '0.1.0', publicHost: '127.0.0.1', uploadUrl: '/api/uploads', uploadBytesMax: 1024 ** 3, instanceSettings: settings, persistences: ['NONE', 'RDB', 'AOF', 'RDB_AOF'], engines: ['LARDER', 'REDIS'] },
    plans,
    viewer: (_arguments: unknown, session: Session) => (session.isSignedIn ? viewer : null),
    organization: ({ slug }: { slug: string }) => (slug === 'engines' ? organization : slug === 'difference' ? { ...organization, slug } : null),
    node: ({ id }: { id: string }) => { const found = instances.find((instance) => instance.id === id); return found ? view(found) : null; },
    previewSchedule: ({ cron, count }: { cron: string; count: number }) => (cron.trim().split(/\s+/).length === 5
      ? { __typename: 'SchedulePreview', description: `At the moments of ${cron}`, times: Array.from({ length: count }, (_, index) => ago(-(index + 1) * DAY_MS)) }
      : { __typename: 'InvalidInput', message: 'The input is not valid.', faults: [{ field: 'cron', message: 'must have five fields: minute hour day month weekday' }] }),
    signIn: ({ input }: Input<{ password: string }>, session: Session) => {
      if (input.password === 'wrong') return { __typename: 'SignInFailed', message: 'Email or password is not right.', retryAfterSeconds: null };
      session.isSignedIn = true;
      return { __typename: 'SignInPayload', viewer };
    },
    signOut: (_arguments: unknown, session: Session) => {
      session.isSignedIn = false;
      return { ok: true };
    },
    createInstance: ({ input }: Input) => create(input),
    importBackup: ({ input }: Input) => create(input),
    restoreBackup: ({ input }: Input) => create(input),
    updateInstance: ({ input }: Input<{ instanceId: string } & Values>) => {
      const instance = byId(input.instanceId);
      if (input.name === 'taken') return { __typename: 'NameTaken', name: 'taken', message: 'An instance called taken exists already.' };
      Object.assign(instance, { name: input.name ?? instance.name, deletionProtection: input.deletionProtection ?? instance.deletionProtection, revision: instance.revision + 1 });
      return { __typename: 'UpdateInstancePayload', instance: view(instance), operation: null };
    },
    restoreInstance: ({ input }: Input<{ instanceId: string; into: { new?: Values; inPlace?: boolean } }>) => (input.into.new
      ? create(input.into.new) : change(byId(input.instanceId), 'RESTORE_IN_PLACE', ['rewind', 'processes', 'settings', 'users', 'endpoint', 'persistence'], () => {})),
    promote: ({ input }: Input<{ instanceId: string; member: string }>) => (input.member === 'a' ? change(byId(input.instanceId), 'PROMOTE', ['processes', 'replication'], () => {})
      : { __typename: 'NotInSync', member: input.member, lagBytes: null, message: `Store ${input.member} does not hear its primary.` }),
    failover: ({ input }: Input<{ instanceId: string }>) => {
      const instance = byId(input.instanceId);
      return change(instance, 'FAILOVER', ['handover'], () => Object.assign(instance, { availability: makeAvailability('a', 4, 'b'), members: makeMembers('a') }));
    },
    ...Object.fromEntries([['switchover', 'SWITCHOVER'], ['addReplica', 'ADD_REPLICA'], ['removeReplica', 'REMOVE_REPLICA']].map(([name, kind]) =>
      [name!, ({ input }: Input<{ instanceId: string }>) => change(byId(input.instanceId), kind!, ['processes', 'replication'], () => {})])),
    restartInstance: ({ input }: Input<{ instanceId: string }>) => change(byId(input.instanceId), 'RESTART_INSTANCE', ['processes', 'settings', 'users', 'endpoint'], () => {}),
    rotateCredentials: ({ input }: Input<{ instanceId: string }>) => ({
      ...change(byId(input.instanceId), 'ROTATE_CREDENTIALS', ['users'], () => {}, 'RotateCredentialsPayload'), credentials: { username: 'default', password: PASSWORD, uri: null },
    }),
    deleteInstance: ({ input }: Input<{ instanceId: string }>) => {
      const instance = byId(input.instanceId);
      Object.assign(instance, { state: 'DELETING', summary: 'Being deleted.' });
      return change(instance, 'DELETE_INSTANCE', ['retire', 'storage'], () => { instance.state = 'DELETED'; });
    },
    createBackup: ({ input }: Input<{ instanceId: string }>) => {
      const instance = byId(input.instanceId);
      const backup = makeBackup(instance.name, { state: 'RUNNING', trigger: 'MANUAL', verification: 'PENDING', createdAt: new Date().toISOString(), completedAt: null, scheduledAt: null });
      instance.backupList.unshift(backup);
      const operation = begin(instance, 'CREATE_BACKUP', ['queue', 'stream', 'verify'], () => Object.assign(backup, { state: 'COMPLETED', verification: 'VERIFIED', completedAt: new Date().toISOString() }));
      Object.assign(operation, { backup });
      return { __typename: 'BackupPayload', backup, operation };
    },
    deleteBackup: ({ input }: Input<{ backupId: string }>) => {
      const instance = instances.find(({ backupList }) => backupList.some((backup) => backup.id === input.backupId))!;
      const backup = instance.backupList.find(({ id }) => id === input.backupId)!;
      instance.backupList = instance.backupList.filter((each) => each !== backup);
      return { __typename: 'BackupPayload', backup, operation: makeOperation('DELETE_BACKUP', ['storage'], 'SUCCEEDED', new Date().toISOString(), 1) };
    },
    createBackupDownload: () => ({ __typename: 'CreateBackupDownloadPayload', url: '/api/downloads/token', fileName: 'orders-cache.rdb', expiresAt: ago(-60_000) }),
    createBackupSchedule: ({ input }: Input<{ instanceId: string } & Values>) => {
      const schedule = makeSchedule(input);
      byId(input.instanceId).schedules.push(schedule);
      return { __typename: 'BackupSchedulePayload', schedule };
    },
    updateBackupSchedule: ({ input }: Input<{ scheduleId: string } & Values>) => {
      const schedule = instances.flatMap((instance) => instance.schedules).find(({ id }) => id === input.scheduleId)!;
      if (typeof input.cron === 'string' && input.cron.split(' ').length !== 5) return { __typename: 'InvalidInput', message: 'The input is not valid.', faults: [{ field: 'cron', message: 'must have five fields: minute hour day month weekday' }] };
      const given = Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'scheduleId' && name !== 'expectedRevision'));
      return { __typename: 'BackupSchedulePayload', schedule: Object.assign(schedule, given, { revision: Number(schedule.revision) + 1 }) };
    },
    deleteBackupSchedule: ({ input }: Input<{ scheduleId: string }>) => {
      for (const instance of instances) instance.schedules = instance.schedules.filter(({ id }) => id !== input.scheduleId);
      return { __typename: 'DeleteBackupSchedulePayload', scheduleId: input.scheduleId };
    },
    cancelOperation: () => ({ __typename: 'NotCancelable', message: 'It is too far along to be cancelled.' }),
    createApiToken: ({ input }: Input) => {
      if (input.name === '') return { __typename: 'InvalidInput', message: 'The input is not valid.', faults: [{ field: 'name', message: 'must have 1 to 100 characters' }] };
      const apiToken = { __typename: 'ApiToken', id: newId('ApiToken'), prefix: 'lrd_9zZt', createdAt: new Date().toISOString(), lastUsedAt: null, revokedAt: null, expiresAt: null, ...input };
      tokens.unshift(apiToken);
      return { __typename: 'CreateApiTokenPayload', apiToken, secret: 'lrd_9zZt8fK2mN4pQ6rS8tV0wX2y' };
    },
    revokeApiToken: ({ input }: Input<{ apiTokenId: string }>) => ({ __typename: 'RevokeApiTokenPayload', apiToken: Object.assign(tokens.find(({ id }) => id === input.apiTokenId)!, { revokedAt: new Date().toISOString() }) }),
    inviteMember: ({ input }: Input<{ email: string }>) => {
      if (!input.email.includes('@')) return { __typename: 'InvalidInput', message: 'The input is not valid.', faults: [{ field: 'email', message: 'must be an email address' }] };
      const invitation = { __typename: 'Invitation', id: newId('Invitation'), createdAt: new Date().toISOString(), expiresAt: ago(-7 * DAY_MS), ...input };
      invitations.push(invitation);
      return { __typename: 'InviteMemberPayload', invitation, token: 'secret', url: 'http://127.0.0.1:3000/invite?token=secret' };
    },
    updateMember: () => ({ __typename: 'LastOwner', message: 'An organisation needs an owner; make someone else one first.' }),
    removeMember: () => ({ __typename: 'LastOwner', message: 'An organisation needs an owner; make someone else one first.' }),
    revokeInvitation: ({ input }: Input<{ invitationId: string }>) => {
      invitations.splice(invitations.findIndex(({ id }) => id === input.invitationId), 1);
      return { __typename: 'RevokeInvitationPayload', invitationId: input.invitationId };
    },
    createOrganization: () => ({ __typename: 'OrganizationPayload', organization }),
    updateOrganization: () => ({ __typename: 'OrganizationPayload', organization }),
    changePassword: () => ({ __typename: 'SignInFailed', message: 'The current password is not right.', retryAfterSeconds: null }),
    acceptInvitation: () => ({ __typename: 'InvitationInvalid', message: 'The invitation was used already or has expired.' }),
  };

  const subscriptions = {
    instanceUpdated: () => stream(state, () => instances.map((instance) => ({ instanceUpdated: view(instance) }))),
    operationUpdated: () => stream(state, () => instances.flatMap((instance) => instance.operationList.slice(0, 1).map((operation) => ({ operationUpdated: { ...operation, instance: view(instance) } })))),
  };
  return { rootValue, subscriptions };
}

/** Everything, whenever anything moved: more than the real one sends, and harmless. */
async function* stream<T>(state: MockState, all: () => readonly T[]): AsyncGenerator<T> {
  while (true) {
    yield* all();
    await new Promise<void>((resolve) => {
      const listener = (): void => { state.listeners.delete(listener); resolve(); };
      state.listeners.add(listener);
    });
  }
}

function makeSchedule(input: Values): Values {
  return {
    __typename: 'BackupSchedule', isEnabled: true, missedPolicy: 'ONCE', retentionCount: 7, retentionDays: null, ...input, id: newId('BackupSchedule'), revision: 1,
    createdAt: new Date().toISOString(), lastAt: null, nextAt: ago(-8 * HOUR_MS), upcoming: ({ count }: { count: number }) => Array.from({ length: count }, (_, index) => ago(-(index + 1) * DAY_MS)),
  };
}

const nothingRestorable = { objects: 0, sizeBytes: 0, windows: [], gaps: [], fault: null };

/** Two windows with a gap between them, the last up to now. */
const restorable = {
  objects: 2_318, sizeBytes: 7.3e8, fault: { at: ago(20_000), reason: 'StorageFailed', message: 'Cannot write to s3://backups: timed out.' },
  windows: [{ from: ago(70 * HOUR_MS), to: ago(31 * HOUR_MS) }, { from: ago(29 * HOUR_MS), to: ago(12_000) }],
  gaps: [{ from: ago(31 * HOUR_MS - 1000), to: ago(29 * HOUR_MS + 1000), reason: 'LogCut', message: 'appendonly.aof.7.incr.aof has 81920 bytes, of which 82004 had been archived.' }],
};

function pointOf(toTime: string): Values {
  const isIn = restorable.windows.some(({ from, to }) => Date.parse(from) <= Date.parse(toTime) + 1000 && Date.parse(toTime) <= Date.parse(to));
  return isIn ? { isRestorable: true, message: null, baseAt: ago(5 * HOUR_MS), baseBytes: 6.1e7, logBytes: 1.4e7, objects: 212 }
    : { isRestorable: false, message: 'It lies in a gap of the archive.', baseAt: null, baseBytes: 0, logBytes: 0, objects: 0 };
}

function makeInstances(): Instance[] {
  const orders = makeInstance('orders-cache', { persistence: 'RDB_AOF', archive: { intervalSeconds: 10, retentionHours: 72 }, restorable });
  orders.operationList = [
    makeOperation('CREATE_BACKUP', ['queue', 'stream', 'verify'], 'RUNNING', ago(4_000), 1),
    makeOperation('UPDATE_INSTANCE', ['processes', 'settings', 'endpoint'], 'SUCCEEDED', ago(3 * HOUR_MS), 3),
    makeOperation('CREATE_BACKUP', ['queue', 'stream', 'verify'], 'FAILED', ago(30 * HOUR_MS), 1),
    makeOperation('CREATE_INSTANCE', createSteps, 'SUCCEEDED', ago(9 * DAY_MS), 5),
  ];
  orders.backupList = [
    makeBackup('orders-cache', { state: 'RUNNING', verification: 'PENDING', trigger: 'MANUAL', createdAt: ago(4_000), completedAt: null, durationMs: null, sizeBytes: null, rawSizeBytes: null, keyCount: null, keyCounts: [] }),
    makeBackup('orders-cache', { expiresAt: ago(-6 * DAY_MS) }),
    makeBackup('orders-cache', { state: 'FAILED', verification: 'PENDING', createdAt: ago(30 * HOUR_MS), sizeBytes: null, rawSizeBytes: null, keyCount: null, durationMs: 840, error: { reason: 'DiskFull', message: 'No space left while writing /var/lib/larder/backups.' }, keyCounts: [] }),
    makeBackup('orders-cache', { verification: 'FAILED', verificationMessage: 'The checksum of part 3 does not agree.', createdAt: ago(54 * HOUR_MS) }),
    makeBackup('orders-cache', { state: 'MISSED', verification: 'PENDING', createdAt: ago(78 * HOUR_MS), completedAt: null, durationMs: null, sizeBytes: null, rawSizeBytes: null, keyCount: null, keyCounts: [] }),
    makeBackup('orders-cache', { createdAt: ago(102 * HOUR_MS) }),
  ];
  orders.schedules = [makeSchedule({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' }), makeSchedule({ cron: '30 */2 * * 1-5', timeZone: 'UTC', isEnabled: false, retentionDays: 30, retentionCount: null })];
  orders.eventList = [
    { __typename: 'InstanceEvent', id: 'InstanceEvent-1', severity: 'WARNING', reason: 'ProcessExited', message: 'The process ended with SIGKILL; it was started again after 1 s.', count: 2, firstAt: ago(50 * HOUR_MS), lastAt: ago(29 * HOUR_MS) },
    { __typename: 'InstanceEvent', id: 'InstanceEvent-2', severity: 'NORMAL', reason: 'Ready', message: 'The instance answered its first PING.', count: 1, firstAt: ago(9 * DAY_MS), lastAt: ago(9 * DAY_MS) },
  ];
  const sessions = makeInstance('sessions', {
    persistence: 'RDB_AOF', threads: 1, persistenceStatus: { ...persistenceStatus, isAppendLogOn: true, appendLogBytes: 7e7, pendingFsyncs: 1, pendingBytes: 2e4, lastRewriteSeconds: 2, lastRewriteBytes: 52_428_800, lossSeconds: 1, message: 'A crash now loses at most the last second of writes.' },
    plan: plans[2], maxmemoryPolicy: 'ALLKEYS_LRU', deletionProtection: false,
  });
  sessions.stats = { ...(sessions.stats as Values), usedMemoryBytes: 487 * 1024 ** 2, memoryBytesMax: 512 * 1024 ** 2, opsPerSecond: 18_420, clients: 310 };
  const jobs = makeInstance('jobs', { plan: plans[0], state: 'DEGRADED', summary: 'The process has crashed three times; next try in 8 s.', stats: null });
  (jobs.conditions as Values[])[1] = { type: 'ProcessesReady', status: 'FALSE', reason: 'CrashLoop', message: 'The process has crashed three times; next try in 8 s.', lastTransitionTime: ago(40_000) };
  const flags = makeInstance('feature-flags', { state: 'CREATING', summary: 'Being created: the process is starting.', stats: null, endpoint: null, conditions: [], createdAt: ago(2_000) });
  const ledger = makeInstance('ledger', { engine: 'REDIS', topology: 'HA', sentinels: 'DEDICATED', replicas: 3, availability: makeAvailability('b', 3, 'a'), members: makeMembers('b') });
  ledger.eventList = makeEvents();
  return [flags, orders, sessions, jobs, ledger];
}

function makeAvailability(primary: string, configEpoch: number, candidate: string): Values {
  const endpoint = { host: '127.0.0.1', port: 21_007, uri: 'redis://127.0.0.1:21007', username: 'default' };
  return {
    at: ago(2_000), configEpoch, primary, sentinelsUp: 2, readEndpoint: endpoint, deathPauseMs: 1_600,
    sentinels: { name: 'primary', username: 'default', addresses: ['127.0.0.1:21003', '127.0.0.1:21004', '127.0.0.1:21005'] },
    handovers: [
      { mode: 'FAILOVER', candidate, lostBytes: 1_240, lostSeconds: 1, pauseMs: 200 }, { mode: 'SWITCHOVER', candidate, lostBytes: 0, lostSeconds: 0, pauseMs: 200 },
    ],
  };
}

/** One replica is linked, one has lost its primary, one copies everything; one Sentinel does not answer, another is behind. */
function makeMembers(primary: string): Values[] {
  const replica = { role: 'REPLICA', follows: primary, isAnswering: true, isLinkUp: true, isSyncing: false, lagBytes: 1_240, lagSeconds: 1, offset: 184_201_872 };
  const rows: readonly (readonly [name: string, seen: Values])[] = [
    ...['a', 'b'].map((name) => [name, name === primary ? { role: 'PRIMARY', isAnswering: true, offset: 184_203_112 } : replica] as const),
    ['c', { ...replica, isLinkUp: false, lagBytes: 81_920, lagSeconds: null, linkDownSeconds: 42, offset: 184_121_192 }],
    ['d', { ...replica, isLinkUp: false, isSyncing: true, lagBytes: null, lagSeconds: null, offset: 0 }],
    ['gate', { role: 'GATE' }], ['reads', { role: 'GATE' }],
    ['sentinel-1', { role: 'SENTINEL', isAnswering: true, configEpoch: 3, follows: primary }], ['sentinel-2', { role: 'SENTINEL', isAnswering: true, configEpoch: 2, follows: 'c' }],
    ['sentinel-3', { role: 'SENTINEL', isAnswering: false }],
  ];
  return rows.map(([name, seen], index) => ({ ...unseen, name, port: 21_000 + index, pid: 50_000 + index, isRunning: name !== 'sentinel-3', runId: null, startedAt: ago(DAY_MS), threads: 1, ...seen }));
}

function makeEvents(): Values[] {
  const rows: readonly (readonly [severity: string, reason: string, message: string, agoMs: number])[] = [
    ['WARNING', 'SentinelLost', 'sentinel-3 does not answer; 2 Sentinels are left.', 90_000],
    ['WARNING', 'LinkDown', 'Store c does not hear its primary: the link between them is cut.', 132_000],
    ['NORMAL', 'LinkUp', 'Store a hears store b.', HOUR_MS - 3_000], ['NORMAL', 'Started', 'Member a was started.', HOUR_MS - 2_000],
    ['WARNING', 'FailedOver', 'From store a to b, in epoch 3: store a was lost, and the Sentinels chose another.', HOUR_MS],
    ['WARNING', 'Crashed', 'Member a ended by SIGKILL.', HOUR_MS + 1_700], ['NORMAL', 'SettingsApplied', 'Applied timeout.', 30 * HOUR_MS],
    ['NORMAL', 'SwitchedOver', 'From store b to a, in epoch 2: as asked, after it had everything.', 52 * HOUR_MS],
  ];
  return rows.map(([severity, reason, message, agoMs], index) => ({ __typename: 'InstanceEvent', id: `InstanceEvent-9${index}`, severity, reason, message, count: 1, firstAt: ago(agoMs), lastAt: ago(agoMs) }));
}

function makeAudit(): (Values & { action: string })[] {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ['createBackup', 'Ada Lovelace', 'orders-cache', 'ok'], ['updateInstance', 'terraform', 'orders-cache', 'ok'], ['deleteInstance', 'Grace Hopper', 'sessions', 'DeletionProtected'],
    ['signIn', 'Ada Lovelace', '', 'ok'], ['createInstance', 'Ada Lovelace', 'orders-cache', 'ok'],
  ];
  return Array.from({ length: 60 }, (_, index) => {
    const [action, actorName, targetName, outcome] = rows[index % rows.length]!;
    return {
      __typename: 'AuditEntry', id: `AuditEntry-${index}`, sequence: 1_060 - index, at: ago(index * HOUR_MS), action, actor: 'User-0', actorName, targetName, outcome,
      ip: '127.0.0.1', hash: 'c1a54e7f5a0c0c8b2f6f1d0f3a9f2c6f0b6f1d0f3a6a6bd2e9a8b3fb9a3b0c4d', detail: JSON.stringify({ name: targetName, plan: 'small' }), target: null,
    };
  });
}
