// The API as its clients meet it: over HTTP, on a real PostgreSQL. What it does for one organisation, and that it does nothing for another.
import { readPersistence } from '@larder/plane-domain';
import { hashSecret } from '@larder/plane-identity';
import { ApiWorld, password, type As, type Data, type Tenant } from '../testing/api-world';

jest.setTimeout(30_000);
const world = new ApiWorld();
let ours: Tenant;
let theirs: Tenant;

beforeAll(async () => {
  await world.start();
  ours = await world.makeTenant('ours');
  theirs = await world.makeTenant('theirs');
}, 60_000);
afterAll(() => world.stop());

const created = `... on CreateInstancePayload {
  instance { id name state revision generation plan { name } credentials { version previousValidUntil } } operation { id kind phase actor } credentials { username password uri }
}`;
let count = 0;
async function create(tenant: Tenant, input: Record<string, unknown> = {}, as: As = tenant.owner): Promise<Data> {
  return world.mutate('createInstance', { organizationId: tenant.nodeId, name: `cache-${(count += 1)}`, plan: 'nano', ...input }, created, as);
}
const uuidOf = (nodeId: string): string => Buffer.from(nodeId, 'base64url').toString().split(':')[1]!;

describe('signing in', () => {
  const signIn = (email: string, given: string) => world.ask(
    'mutation ($input: SignInInput!) { signIn(input: $input) { __typename ... on SignInFailed { message retryAfterSeconds } ... on SignInPayload { viewer { user { email } } } } }',
    { input: { email, password: given } });

  it('answers an HttpOnly cookie, and the session ends with signing out', async () => {
    const answer = await signIn('OWNER@ours.test', password);
    expect(answer.data.signIn).toEqual({ __typename: 'SignInPayload', viewer: { user: { email: 'owner@ours.test' } } });
    const raw = await fetch(`${world.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'mutation ($i: SignInInput!) { signIn(input: $i) { __typename } }', variables: { i: { email: 'owner@ours.test', password } } }) });
    expect(raw.headers.get('set-cookie')).toMatch(/^larder_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1209600$/);
    const as = { cookie: answer.cookie! };
    expect((await world.ask('{ viewer { user { name } } }', {}, as)).data.viewer).toEqual({ user: { name: 'owner' } });
    expect((await world.ask('mutation { signOut { ok } }', {}, as)).data.signOut.ok).toBe(true);
    expect((await world.ask('{ viewer { user { name } } }', {}, as)).data.viewer).toBeNull();
  });

  it('tells a wrong password and an unknown address apart by nothing', async () => {
    const [wrong, unknown] = [await signIn('owner@ours.test', 'not the password'), await signIn('nobody@ours.test', 'not the password')];
    expect(wrong.data).toEqual(unknown.data);
    expect(wrong.data.signIn).toEqual({ __typename: 'SignInFailed', message: 'E-mail address or password is wrong.', retryAfterSeconds: null });
  });

  it('is limited by address, and says how long to wait', async () => {
    // Nineteen attempts, without argon2id's price for each.
    await world.records.rateBuckets.take(`sign-in:email-ip:${hashSecret('guessed@ours.test')}:127.0.0.1`, 19, 20, 1 / 15, new Date());
    let last: Data;
    for (let attempt = 0; attempt < 3; attempt += 1) last = (await signIn('guessed@ours.test', 'guess')).data.signIn;
    expect(last.message).toMatch(/^Too many attempts; try again in \d+ s\.$/);
    expect(last.retryAfterSeconds).toBeGreaterThan(0);
  });

  it('of a foreign page counts for nothing, and its socket is refused', async () => {
    const answer = await world.ask('{ viewer { user { name } } }', {}, { ...ours.owner, origin: 'https://evil.example' });
    expect(answer.errors![0]!.extensions.code).toBe('FORBIDDEN');
    const own = await world.ask('{ viewer { user { name } } }', {}, { ...ours.owner, origin: world.url });
    expect(own.data.viewer.user.name).toBe('owner');
  });

  it('is needed for everything but the question who I am', async () => {
    expect((await world.ask('{ viewer { user { name } } }')).data.viewer).toBeNull();
    for (const query of ['{ plans { name } }', `{ node(id: "${ours.nodeId}") { id } }`, '{ organization(slug: "ours") { id } }']) {
      const answer = await world.ask(query);
      expect(answer.errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    }
    await expect(create(ours, {}, {})).rejects.toThrow('UNAUTHENTICATED');
  });
});

describe('what is on disk', () => {
  it('is told: threads and knobs as wished, and what a crash would cost as the store said last', async () => {
    const { instance } = await create(ours, { plan: 'large', persistence: 'RDB', savePoints: [{ changes: 5, seconds: 600 }] });
    const id = uuidOf(instance.id);
    const look = async (): Promise<Data> => (await world.ask(`query ($id: ID!) { node(id: $id) { ... on Instance {
      threads persistence appendFsync savePoints { seconds changes } plan { threads defaultPersistence } members { threads }
      persistenceStatus { changesSinceSave lossSeconds message appendLogBytes lastSaveBytes lastRewriteBytes } } } }`, { id: instance.id }, ours.owner)).data.node;
    expect(await look()).toMatchObject({ threads: 4, appendFsync: 'EVERYSEC', savePoints: [{ seconds: 600, changes: 5 }], plan: { threads: 4, defaultPersistence: 'AOF' }, persistenceStatus: null });
    const member = await world.records.instances.ensureMemberForLoop(id, 'a', [20_000, 20_999], 'h', [], new Date());
    if (member === 'range-exhausted') throw new Error(member);
    await world.records.instanceMembers.write(member.id, 1n, { threads: 2, persistence: 'RDB', persistenceAt: new Date() }, new Date());
    const savedAt = Math.floor(Date.now() / 1000) - 40;
    await world.records.instanceMembers.noteSeen(member.id, readPersistence(new Map([['rdb_changes_since_last_save', '7'], ['rdb_last_save_time', String(savedAt)], ['aof_base_size', '88']]), Date.now(), 4096));
    const seen = await look();
    // Nothing was rewritten since the start: the base is one that was found.
    expect(seen).toMatchObject({ threads: 2, members: [{ threads: 2 }], persistenceStatus: { changesSinceSave: 7, appendLogBytes: null, lastSaveBytes: 4096, lastRewriteBytes: null } });
    await world.records.instanceMembers.noteSeen(member.id, readPersistence(new Map([['aof_last_rewrite_time_sec', '3'], ['aof_base_size', '99000']]), Date.now()));
    expect((await look()).persistenceStatus).toMatchObject({ lastSaveBytes: null, lastRewriteBytes: 99_000 });
    expect(seen.persistenceStatus.lossSeconds).toBeGreaterThanOrEqual(40);
    expect(seen.persistenceStatus.message).toMatch(/^A crash now loses 7 changes, the oldest at most 4\d s old\.$/);
  });
});

describe('createInstance', () => {
  it('writes the wish, an operation and the audit row, shows the password and wakes the loop', async () => {
    const answer = await create(ours, { name: 'first' });
    expect(answer).toMatchObject({
      __typename: 'CreateInstancePayload', instance: { name: 'first', state: 'CREATING', revision: 1, generation: 1, plan: { name: 'nano' } },
      operation: { kind: 'CREATE_INSTANCE', phase: 'PENDING', actor: 'owner' }, credentials: { username: 'default', uri: null },
    });
    expect(answer.credentials.password).toMatch(/^[A-Za-z0-9]{33}$/);
    expect(world.wakes).toContain(`instance:${uuidOf(answer.instance.id)}`);
    const row = (await world.records.instances.byIdForLoop(uuidOf(answer.instance.id)))!;
    expect(JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(answer.credentials.password);
  });

  it('takes an engine that is installed, and names those that are where another is asked for', async () => {
    const fields = '... on CreateInstancePayload { instance { engine } } ... on EngineNotInstalled { engine installed message }';
    const make = (input: object): Promise<Data> => world.mutate('createInstance', { organizationId: ours.nodeId, plan: 'nano', ...input }, fields, ours.owner);
    expect((await world.ask('{ about { engines } }', {}, ours.owner)).data.about.engines).toEqual(['LARDER', 'REDIS']);
    expect((await make({ name: 'on-ours' })).instance.engine).toBe('LARDER');
    expect((await make({ name: 'on-redis', engine: 'REDIS' })).instance.engine).toBe('REDIS');
    expect(await make({ name: 'on-valkey', engine: 'VALKEY' })).toEqual({
      __typename: 'EngineNotInstalled', engine: 'VALKEY', installed: ['LARDER', 'REDIS'], message: 'Valkey is not installed here; there is Larder, Redis.',
    });
  });

  it('refuses with a type for each reason', async () => {
    const typeOf = async (input: Record<string, unknown>): Promise<string> => (await create(ours, input)).__typename;
    expect(await typeOf({ name: 'first' })).toBe('NameTaken');
    expect(await typeOf({ plan: 'gigantic' })).toBe('NotFound');
    const invalid = await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'No!', plan: 'nano', settings: [{ name: 'port', value: '1' }] },
      '... on InvalidInput { faults { field message } }', ours.owner);
    expect(invalid.faults.map((fault: Data) => fault.field)).toEqual(['name', 'settings.port']);
    const faultsOf = async (input: Record<string, unknown>): Promise<Data> =>
      (await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'never', plan: 'nano', ...input }, '... on InvalidInput { message }', ours.owner)).message;
    expect(await faultsOf({ persistence: 'RDB', appendFsync: 'ALWAYS' })).toBe('appendFsync: has no meaning with RDB: only AOF and RDB_AOF keep an append-only file');
    expect(await faultsOf({ persistence: 'NONE', savePoints: [{ seconds: 60, changes: 1 }] })).toMatch(/^savePoints: have no meaning with NONE/);
    expect(await faultsOf({ savePoints: [] })).toMatch(/^savePoints: must name at least one/);
    expect(await faultsOf({ savePoints: [{ seconds: 1, changes: 1 }] })).toBe('savePoints: seconds must be from 5 to 86400');
    const twice = [{ name: 'timeout', value: '1' }, { name: 'timeout', value: '2' }];
    expect(await typeOf({ settings: twice })).toBe('InvalidInput');
  });

  it('is bounded by the quota, also when many ask at once', async () => {
    const small = await world.makeTenant('small');
    await world.api.platform.client.prisma.quota.create({ data: {
      organizationId: small.organizationId, instancesMax: 3, memoryBytesMax: 1n << 40n, backupsMax: 1, backupBytesMax: 1n, apiTokensMax: 1, membersMax: 1, updatedAt: new Date(),
    } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => create(small)));
    expect(answers.filter((answer) => answer.__typename === 'CreateInstancePayload')).toHaveLength(3);
    expect(answers.find((answer) => answer.__typename === 'QuotaExceeded').message).toBe('The organization may have 3 (instances); 3 in use, 1 more asked for.');
  });

  it('repeats its answer under the same idempotency key, and refuses the key for anything else', async () => {
    const input = { name: 'once', idempotencyKey: 'key-1' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(ours, input)));
    const later = await create(ours, input);
    for (const answer of answers) expect(answer).toEqual(later);
    expect((await create(ours, { ...input, plan: 'small' })).__typename).toBe('IdempotencyConflict');
    expect((await create(theirs, input)).__typename).toBe('CreateInstancePayload');
  });
});

describe('a highly available instance', () => {
  const made = '... on CreateInstancePayload { instance { id topology replicas availability { primary } } operation { steps { name } } } ... on InvalidInput { message } ... on NotSupportedYet { feature }';
  const place = (input: object, tenant = ours) => world.mutate('createInstance', { organizationId: tenant.nodeId, plan: 'nano', topology: 'HA', ...input }, made, tenant.owner);
  const operated = '... on InstancePayload { instance { replicas } operation { kind steps { name } } } ... on Refusal { message }';

  it('is placed with its replicas, and refused with a type for what is not there', async () => {
    const answer = await place({ name: 'ha', replicas: 2 });
    expect(answer).toMatchObject({ __typename: 'CreateInstancePayload', instance: { topology: 'HA', replicas: 2, availability: null } });
    expect(answer.operation.steps.map(({ name }: Data) => name)).toContain('sentinels');
    expect((await place({ name: 'never', replicas: 6 })).message).toBe('replicas: must be from 1 to 5');
    expect(await place({ name: 'sharing', sentinels: 'ORGANIZATION' })).toMatchObject({ __typename: 'CreateInstancePayload' });
    expect(await place({ name: 'archived', persistence: 'AOF', archive: {} })).toMatchObject({ __typename: 'CreateInstancePayload' });
  });

  it('counts the memory of every store against the quota', async () => {
    const small = await world.makeTenant('smallha');
    await world.api.platform.client.prisma.quota.create({ data: {
      organizationId: small.organizationId, instancesMax: 9, memoryBytesMax: 96n << 20n, backupsMax: 1, backupBytesMax: 1n, apiTokensMax: 1, membersMax: 1, updatedAt: new Date(),
    } });
    expect((await place({ name: 'one', replicas: 3 }, small)).__typename).toBe('QuotaExceeded');
    const { instance } = await place({ name: 'one', replicas: 1 }, small);
    const add = () => world.mutate('addReplica', { instanceId: instance.id }, operated, small.owner);
    expect(await add()).toMatchObject({ instance: { replicas: 2 }, operation: { kind: 'ADD_REPLICA' } });
    expect((await add()).__typename).toBe('QuotaExceeded');
  });

  it('hands over once it has come up, to a replica that hears the primary, one wish at a time', async () => {
    const { instance } = await place({ name: 'handed' });
    const handOver = (name: string, input: object = {}) => world.mutate(name, { instanceId: instance.id, ...input }, operated, ours.owner);
    expect((await handOver('failover')).message).toBe('Only a highly available instance that has come up can hand over.');
    const stand = (isLinkUp: boolean) => world.records.instances.writeStatusForLoop(uuidOf(instance.id), 1n, {
      observedGeneration: 1, conditions: [], endpoint: null, seededAt: null, dueAt: null, failures: 0, deletedAt: null, dropPreviousPassword: false,
      availability: { at: new Date().toISOString(), primary: 'a', configEpoch: 4, sentinelsUp: 3, givenUpId: null, stores: [
        { name: 'a', role: 'PRIMARY', isLinkUp: false, lagBytes: null }, { name: 'b', role: 'REPLICA', isLinkUp, lagBytes: 0 },
      ] },
    }, new Date());
    await stand(false);
    expect((await handOver('switchover')).message).toBe('No replica hears the primary.');
    await stand(true);
    expect((await handOver('switchover', { expectedRevision: 9 })).__typename).toBe('RevisionConflict');
    const first = await handOver('switchover', { idempotencyKey: 'over' });
    expect(first.operation).toMatchObject({ kind: 'SWITCHOVER', steps: [{ name: 'processes' }, { name: 'handover' }, { name: 'replication' }] });
    expect(await handOver('switchover', { idempotencyKey: 'over' })).toEqual(first);
    expect((await handOver('failover')).message).toBe('It is handing over already.');
    expect((await world.records.instances.byIdForLoop(uuidOf(instance.id)))!.spec.handover).toMatchObject({ mode: 'SWITCHOVER', epoch: 4 });
    expect((await world.mutate('removeReplica', { instanceId: instance.id }, operated, ours.owner)).message).toBe('The last replica stays: without one nobody could take over.');
    expect((await world.mutate('switchover', { instanceId: instance.id }, operated, theirs.owner)).__typename).toBe('NotFound');
  });
});

describe('an instance', () => {
  const changed = '... on UpdateInstancePayload { instance { name revision generation state plan { name } } operation { kind } }';

  it('is changed at the revision that was seen', async () => {
    const { instance } = await create(ours);
    const update = (input: object) => world.mutate('updateInstance', { instanceId: instance.id, ...input }, changed, ours.owner);
    expect(await update({ name: 'renamed', expectedRevision: 1 })).toMatchObject({ instance: { name: 'renamed', revision: 2, generation: 1 }, operation: null });
    expect((await update({ name: 'again', expectedRevision: 1 })).__typename).toBe('RevisionConflict');
    expect(await update({ plan: 'small' })).toMatchObject({ instance: { revision: 3, generation: 2, plan: { name: 'small' } }, operation: { kind: 'UPDATE_INSTANCE' } });
    expect(await update({ plan: 'small' })).toMatchObject({ instance: { revision: 3 }, operation: null });
    expect((await update({ name: 'first' })).__typename).toBe('NameTaken');
    expect(await update({ persistence: 'RDB_AOF', appendFsync: 'ALWAYS' })).toMatchObject({ instance: { revision: 4, generation: 3 }, operation: { kind: 'UPDATE_INSTANCE' } });
    expect((await update({ persistence: 'NONE', appendFsync: 'ALWAYS' })).__typename).toBe('InvalidInput');
  });

  it('gets a new password while the old one still counts', async () => {
    const first = await create(ours);
    const rotate = (graceSeconds: number) => world.mutate('rotateCredentials', { instanceId: first.instance.id, graceSeconds },
      '... on RotateCredentialsPayload { credentials { password } instance { credentials { version previousValidUntil } } operation { kind } }', ours.owner);
    const second = await rotate(60);
    expect(second.credentials.password).not.toBe(first.credentials.password);
    expect(second.instance.credentials.version).toBe(2);
    expect(Date.parse(second.instance.credentials.previousValidUntil)).toBeGreaterThan(Date.now() + 50_000);
    expect((await rotate(0)).instance.credentials.previousValidUntil).toBeNull();
    expect((await rotate(-1)).__typename).toBe('InvalidInput');
  });

  it('is deleted only without its protection, and only once', async () => {
    const { instance } = await create(ours);
    const remove = () => world.mutate('deleteInstance', { instanceId: instance.id }, '... on InstancePayload { instance { state } operation { kind } }', ours.owner);
    expect((await remove()).__typename).toBe('DeletionProtected');
    await world.mutate('updateInstance', { instanceId: instance.id, deletionProtection: false }, '', ours.owner);
    expect(await remove()).toMatchObject({ instance: { state: 'DELETING' }, operation: { kind: 'DELETE_INSTANCE' } });
    expect((await remove()).__typename).toBe('InvalidState');
    expect((await world.mutate('restartInstance', { instanceId: instance.id }, '', ours.owner)).__typename).toBe('InvalidState');
  });
});

describe('backups and schedules', () => {
  it('are asked for, refused while nothing is there to save, and restored into a new instance', async () => {
    const { instance } = await create(ours, { plan: 'small', settings: [{ name: 'timeout', value: '60' }] });
    const backup = () => world.mutate('createBackup', { instanceId: instance.id }, '... on BackupPayload { backup { id state trigger verification operation { kind } } operation { id } }', ours.owner);
    expect((await backup()).__typename).toBe('InvalidState');
    await world.settle(instance.id);
    const made = await backup();
    expect(made).toMatchObject({ backup: { state: 'PENDING', trigger: 'MANUAL', verification: 'PENDING', operation: { kind: 'CREATE_BACKUP' } } });
    const backupId = uuidOf(made.backup.id);
    expect(world.wakes).toContain(`backup:${backupId}`);

    const restore = (name: string) => world.mutate('restoreBackup', { backupId: made.backup.id, name },
      '... on CreateInstancePayload { instance { plan { name } settings { name value } sourceBackup { id } } operation { kind } }', ours.owner);
    expect((await restore('copy')).__typename).toBe('BackupNotRestorable');
    const remove = () => world.mutate('deleteBackup', { backupId: made.backup.id }, '... on BackupPayload { backup { state } operation { kind } }', ours.owner);
    expect((await remove()).__typename).toBe('InvalidState');
    await world.records.backups.moveForLoop(backupId, 'PENDING', { state: 'COMPLETED', completedAt: new Date('2026-01-02T03:04:05Z') }, new Date());
    expect(await restore('copy')).toMatchObject({
      instance: { plan: { name: 'small' }, settings: [{ name: 'timeout', value: '60' }], sourceBackup: { id: made.backup.id } }, operation: { kind: 'RESTORE_BACKUP' },
    });
    const download = await world.mutate('createBackupDownload', { backupId: made.backup.id }, '... on CreateBackupDownloadPayload { url fileName }', ours.owner);
    expect(download.fileName).toMatch(/^cache-\d+-20260102T030405Z\.rdb$/);
    expect((await fetch(download.url.replace(/^http:\/\/[^/]+/, world.url))).status).toBe(503);
    expect((await fetch(`${world.url}/api/downloads/x${download.url.split('/').at(-1)}`)).status).toBe(404);
    expect(await remove()).toMatchObject({ backup: { state: 'DELETING' }, operation: { kind: 'DELETE_BACKUP' } });
    expect(world.wakes).toContain(`deletion:${backupId}`);
  });

  it('are scheduled by cron in a time zone, previewed in words', async () => {
    const { instance } = await create(ours);
    const schedule = '... on BackupSchedulePayload { schedule { id nextAt revision retentionCount retentionDays upcoming(count: 2) instance { id } } }';
    const made = await world.mutate('createBackupSchedule', { instanceId: instance.id, cron: '0 3 * * *', timeZone: 'Europe/Berlin' }, schedule, ours.owner);
    expect(made.schedule).toMatchObject({ revision: 1, retentionCount: 7, retentionDays: null, instance: { id: instance.id } });
    expect(made.schedule.upcoming[0]).toBe(made.schedule.nextAt);
    const changed = await world.mutate('updateBackupSchedule', { scheduleId: made.schedule.id, retentionCount: null, isEnabled: false }, schedule, ours.owner);
    expect(changed.schedule).toMatchObject({ revision: 2, retentionCount: null, nextAt: null, upcoming: [] });
    expect((await world.mutate('updateBackupSchedule', { scheduleId: made.schedule.id, cron: 'never', expectedRevision: 2 }, '', ours.owner)).__typename).toBe('InvalidInput');
    expect((await world.mutate('updateBackupSchedule', { scheduleId: made.schedule.id, expectedRevision: 1 }, '', ours.owner)).__typename).toBe('RevisionConflict');
    const preview = await world.ask('{ previewSchedule(cron: "30 4 * * 1", timeZone: "UTC", count: 3) { ... on SchedulePreview { description times } } }', {}, ours.owner);
    expect(preview.data.previewSchedule.description).toBe('every Monday at 04:30');
    expect(preview.data.previewSchedule.times).toHaveLength(3);
    expect((await world.mutate('deleteBackupSchedule', { scheduleId: made.schedule.id }, '', ours.owner)).__typename).toBe('DeleteBackupSchedulePayload');
  });
});

describe('pages', () => {
  it('go through everything once, newest first, and refuse what is no page', async () => {
    const tenant = await world.makeTenant('paged');
    for (let index = 0; index < 5; index += 1) await create(tenant, { name: `n${index}` });
    const names: string[] = [];
    let after: string | null = null;
    for (;;) {
      const answer: Data = (await world.ask(
        'query ($after: String) { organization(slug: "paged") { instances(first: 2, after: $after) { nodes { name } totalCount pageInfo { hasNextPage endCursor hasPreviousPage } } } }',
        { after }, tenant.owner)).data.organization.instances;
      names.push(...answer.nodes.map((node: Data) => node.name));
      expect(answer.totalCount).toBe(5);
      if (!answer.pageInfo.hasNextPage) break;
      after = answer.pageInfo.endCursor;
    }
    expect(names).toEqual(['n4', 'n3', 'n2', 'n1', 'n0']);
    for (const page of ['first: 0', 'first: 101', 'after: "nonsense"']) {
      const answer = await world.ask(`{ organization(slug: "paged") { instances(${page}) { totalCount } } }`, {}, tenant.owner);
      expect(answer.errors![0]!.extensions.code).toBe('BAD_REQUEST');
    }
    const states = await world.ask('{ organization(slug: "paged") { instances(states: [CREATING], first: 3) { nodes { name } totalCount } none: instances(states: [READY]) { totalCount } } }', {}, tenant.owner);
    expect(states.data.organization).toMatchObject({ instances: { nodes: [{ name: 'n4' }, { name: 'n3' }, { name: 'n2' }], totalCount: 5 }, none: { totalCount: 0 } });
  });
});

describe('the audit log', () => {
  it('has every mutation and refusal in one unbroken chain, without secrets', async () => {
    expect(await world.records.auditLog.verify(ours.organizationId)).toBeUndefined();
    expect(await world.records.auditLog.verify('platform')).toBeUndefined();
    const answer = await world.ask('{ organization(slug: "ours") { auditLog(first: 100) { nodes { action outcome actorName detail target targetName ip } } } }', {}, ours.owner);
    const entries: Data[] = answer.data.organization.auditLog.nodes;
    const seen = new Set(entries.map((entry) => `${entry.action} ${entry.outcome}`));
    for (const expected of ['createInstance ok', 'createInstance NameTaken', 'deleteInstance DeletionProtected', 'rotateCredentials ok', 'createBackupSchedule ok']) {
      expect(seen).toContain(expected);
    }
    expect(entries.find((entry) => entry.targetName === 'first')).toMatchObject({ actorName: 'owner@ours.test', ip: '127.0.0.1' });
    expect(JSON.stringify(entries)).not.toContain(password);
    const failed = await world.api.platform.client.prisma.auditEntry.findMany({ where: { chain: 'platform', outcome: 'SignInFailed' } });
    expect(failed.length).toBeGreaterThan(0);
    expect(JSON.stringify(failed.map((entry) => entry.detail))).not.toContain('guess"');
  });
});
