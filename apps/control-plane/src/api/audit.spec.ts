// Every mutation of the schema, one by one: whoever tries it leaves one row in the audit log, whatever comes of it; nobody gets anywhere without
// the right; no secret is in the log of the process. Every field of the schema, from everything that is ours: nothing of theirs.
import { GraphQLSchemaHost } from '@nestjs/graphql';
import {
  getNamedType, isAbstractType, isLeafType, isObjectType, isRequiredArgument, type GraphQLField, type GraphQLNamedType, type GraphQLSchema,
} from 'graphql';
import { hashSecret } from '@larder/plane-identity';
import { openLog } from '../platform';
import { ApiWorld, password, type As, type Data, type Tenant } from '../testing/api-world';

jest.setTimeout(60_000);
const lines: string[] = [];
const world = new ApiWorld();
let ours: Tenant;
let theirs: Tenant;
let schema: GraphQLSchema;
const secrets = new Set<string>([password]);

beforeAll(async () => {
  const log = openLog('api', 'trace', { write: (line: string) => void lines.push(line) });
  await world.start(undefined, {}, log);
  schema = world.app.get(GraphQLSchemaHost).schema;
  ours = await world.makeTenant('ours');
  theirs = await world.makeTenant('theirs');
}, 60_000);
afterAll(() => world.stop());

const mutations = (): string[] => Object.keys(schema.getMutationType()!.getFields()).sort();
const rows = (action: string) => world.api.platform.client.prisma.auditEntry.findMany({ where: { action }, orderBy: { at: 'asc' } });
const uuidOf = (nodeId: string): string => Buffer.from(nodeId, 'base64url').toString().split(':')[1]!;

/** Answers the payload, and what top-level code there was. */
async function attempt(name: string, input: Record<string, unknown> | undefined, as: As, selection = ''): Promise<{ data: Data; code: string | undefined; cookie: string | undefined }> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
  const query = input === undefined ? `mutation { ${name} { ${selection || 'ok'} } }`
    : `mutation ($input: ${type}) { ${name}(input: $input) { __typename ... on Refusal { message } ${selection} } }`;
  const answer = await world.ask(query, { input }, as);
  return { data: answer.data?.[name] ?? null, code: answer.errors?.[0]?.extensions.code, cookie: answer.cookie };
}

interface Chapter {
  readonly name: string;
  readonly input: () => Record<string, unknown> | undefined;
  readonly selection?: string;
  readonly as?: () => As;
  readonly after?: (payload: Data) => void | Promise<void>;
}

/** What earlier chapters made; its names are those of the inputs' fields. */
const made: Record<string, string> = {};

/** A highly available instance with a replica that could take over. */
async function placeAvailable(): Promise<string> {
  const { instance, credentials } = await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'available', plan: 'nano', topology: 'HA' },
    '... on CreateInstancePayload { instance { id } credentials { password } }', ours.owner);
  secrets.add(credentials.password);
  await world.records.instances.writeStatusForLoop(uuidOf(instance.id), 1n, {
    observedGeneration: 1, conditions: [], endpoint: null, seededAt: null, dueAt: null, failures: 0, deletedAt: null, dropPreviousPassword: false,
    availability: {
      at: new Date().toISOString(), primary: 'a', configEpoch: 0, sentinelsUp: 3, givenUpId: null,
      stores: [{ name: 'a', role: 'PRIMARY', isLinkUp: false, lagBytes: null }, { name: 'b', role: 'REPLICA', isLinkUp: true, lagBytes: 0 }],
    },
  }, new Date());
  return instance.id;
}

/** A life in which every mutation succeeds once. */
const story: readonly Chapter[] = [
  { name: 'signIn', input: () => ({ email: 'owner@ours.test', password }), as: () => ({}) },
  { name: 'createOrganization', input: () => ({ name: 'Second', slug: 'second' }) },
  { name: 'updateOrganization', input: () => ({ organizationId: ours.nodeId, name: 'Ours' }) },
  {
    name: 'createInstance', input: () => ({ organizationId: ours.nodeId, name: 'orders', plan: 'nano', deletionProtection: false }),
    selection: '... on CreateInstancePayload { instance { id } operation { id } credentials { password } }',
    after: async ({ instance, operation, credentials }) => {
      Object.assign(made, { instanceId: instance.id, operationId: operation.id });
      secrets.add(credentials.password);
      await world.settle(instance.id);
      made['availableId'] = await placeAvailable();
    },
  },
  { name: 'addReplica', input: () => ({ instanceId: made['availableId'] }) },
  { name: 'removeReplica', input: () => ({ instanceId: made['availableId'] }) },
  {
    name: 'switchover', input: () => ({ instanceId: made['availableId'] }), selection: '... on InstancePayload { operation { id } }',
    // One at a time: the next is asked for once this one is over.
    after: ({ operation }) => world.records.operations.write(uuidOf(operation.id), { phase: 'SUCCEEDED' }, new Date()),
  },
  {
    name: 'promote', input: () => ({ instanceId: made['availableId'], member: 'b' }), selection: '... on InstancePayload { operation { id } }',
    after: ({ operation }) => world.records.operations.write(uuidOf(operation.id), { phase: 'SUCCEEDED' }, new Date()),
  },
  { name: 'failover', input: () => ({ instanceId: made['availableId'] }) },
  { name: 'updateInstance', input: () => ({ instanceId: made['instanceId'], maxmemoryPolicy: 'ALLKEYS_LRU' }) },
  { name: 'restartInstance', input: () => ({ instanceId: made['instanceId'] }) },
  {
    name: 'rotateCredentials', input: () => ({ instanceId: made['instanceId'] }), selection: '... on RotateCredentialsPayload { credentials { password } }',
    after: ({ credentials }) => void secrets.add(credentials.password),
  },
  {
    name: 'createBackupSchedule', input: () => ({ instanceId: made['instanceId'], cron: '0 3 * * *' }), selection: '... on BackupSchedulePayload { schedule { id } }',
    after: ({ schedule }) => void (made['scheduleId'] = schedule.id),
  },
  { name: 'updateBackupSchedule', input: () => ({ scheduleId: made['scheduleId'], cron: '0 4 * * *' }) },
  {
    name: 'createBackup', input: () => ({ instanceId: made['instanceId'] }), selection: '... on BackupPayload { backup { id } operation { id } }',
    after: async ({ backup }) => {
      made['backupId'] = backup.id;
      await world.records.backups.writeForLoop(uuidOf(backup.id), { state: 'COMPLETED', verification: 'VERIFIED', completedAt: new Date(), sizeBytes: 1 }, new Date());
    },
  },
  {
    name: 'createBackupDownload', input: () => ({ backupId: made['backupId'] }), selection: '... on CreateBackupDownloadPayload { url }',
    after: ({ url }) => void secrets.add(url.split('/').at(-1)),
  },
  { name: 'restoreBackup', input: () => ({ backupId: made['backupId'], name: 'restored' }) },
  {
    name: 'createPointDownload', input: () => ({ instanceId: made['instanceId'], toTime: new Date(Date.now() - 60_000).toISOString() }),
    // Nothing is archived in this story.
  },
  { name: 'restoreInstance', input: () => ({ instanceId: made['instanceId'], backupId: made['backupId'], into: { inPlace: true } }) },
  { name: 'importBackup', input: () => ({ organizationId: ours.nodeId, uploadId: made['uploadId'], name: 'imported', plan: 'nano' }) },
  {
    name: 'cancelOperation', input: () => ({ operationId: made['operationId'] }),
    // Nothing is cancelable by itself today.
  },
  {
    name: 'createApiToken', input: () => ({ organizationId: ours.nodeId, name: 'ci', scopes: ['READ'] }), selection: '... on CreateApiTokenPayload { secret apiToken { id } }',
    after: ({ secret, apiToken }) => { secrets.add(secret); Object.assign(made, { apiTokenId: apiToken.id, token: secret }); },
  },
  {
    name: 'inviteMember', input: () => ({ organizationId: ours.nodeId, email: 'new@ours.test', role: 'DEVELOPER' }), selection: '... on InviteMemberPayload { token invitation { id } }',
    after: ({ token, invitation }) => { secrets.add(token); Object.assign(made, { invitation: token, invitationId: invitation.id }); },
  },
  { name: 'acceptInvitation', input: () => ({ token: made['invitation'], name: 'New', password: 'another good password' }), as: () => ({}) },
  { name: 'revokeInvitation', input: () => ({ invitationId: made['invitationId'] }) },
  { name: 'updateMember', input: () => ({ memberId: made['memberId'], role: 'VIEWER' }) },
  { name: 'removeMember', input: () => ({ memberId: made['memberId'] }) },
  { name: 'changePassword', input: () => ({ currentPassword: password, newPassword: 'a password of today' }) },
  { name: 'deleteBackupSchedule', input: () => ({ scheduleId: made['scheduleId'] }) },
  { name: 'deleteBackup', input: () => ({ backupId: made['backupId'] }) },
  { name: 'deleteInstance', input: () => ({ instanceId: made['instanceId'] }) },
  { name: 'revokeApiToken', input: () => ({ apiTokenId: made['apiTokenId'] }) },
  { name: 'signOut', input: () => undefined },
];

describe('every mutation', () => {
  beforeAll(async () => {
    secrets.add('another good password').add('a password of today');
    made['memberId'] = await world.join(ours.organizationId, await world.makeUser('member@ours.test'), 'DEVELOPER');
    const uploadId = world.api.plane.ids.next();
    await world.records.uploads.insert({
      id: uploadId, organizationId: ours.organizationId, fileName: 'dump.rdb', state: 'READY', sizeBytes: 1, keyCounts: [], checksum: null, storageKey: null,
      dataKeySealed: null, errorMessage: null, createdById: null, createdAt: new Date(), expiresAt: new Date(Date.now() + 600_000),
    });
    made['uploadId'] = Buffer.from(`Upload:${uploadId}`).toString('base64url');
  });

  it('that the schema has is in the story below', () => {
    expect(story.map(({ name }) => name).sort()).toEqual(mutations());
  });

  it('leaves one row that says who did what to whom, when it succeeds', async () => {
    for (const { name, input, selection, as, after } of story) {
      const before = (await rows(name)).length;
      const { data, code, cookie } = await attempt(name, input(), as?.() ?? ours.owner, selection);
      expect([name, code]).toEqual([name, undefined]);
      if (cookie?.split('=')[1]) secrets.add(cookie.split('=')[1]!);
      const added = (await rows(name)).slice(before);
      const outcome = name === 'cancelOperation' ? 'NotCancelable' : name === 'createPointDownload' ? 'TimeNotRestorable' : 'ok';
      expect([name, data.__typename ?? 'ok', added.map((row) => row.outcome)]).toEqual([name, expect.any(String), [outcome]]);
      expect(added[0]!.actor).toMatch(/^user:/);
      await after?.(data);
    }
  });

  it('is refused to nobody, to a viewer and to a token that may read; what is known of them is on record', async () => {
    const viewerRow = await world.makeUser('viewer@ours.test');
    await world.join(ours.organizationId, viewerRow, 'VIEWER');
    const viewer = await world.sessionOf(viewerRow);
    ours = { ...ours, owner: await world.sessionOf(ours.ownerRow) };
    const { secret } = await world.mutate('createApiToken', { organizationId: ours.nodeId, name: 'reader', scopes: ['READ'] }, '... on CreateApiTokenPayload { secret }', ours.owner);
    secrets.add(secret);
    // The story removed its own; what is gone is NotFound for everybody.
    const { instance } = await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'guarded', plan: 'nano' }, '... on CreateInstancePayload { instance { id } }', ours.owner);
    const { schedule } = await world.mutate('createBackupSchedule', { instanceId: instance.id, cron: '0 3 * * *' }, '... on BackupSchedulePayload { schedule { id } }', ours.owner);
    Object.assign(made, { instanceId: instance.id, scheduleId: schedule.id, memberId: await world.join(ours.organizationId, await world.makeUser('guarded@ours.test'), 'DEVELOPER') });
    const personal = new Set(['signIn', 'signOut', 'acceptInvitation', 'changePassword', 'createOrganization']);
    for (const { name, input } of story) {
      if (!personal.has(name)) {
        expect([name, (await attempt(name, input(), {})).code]).toEqual([name, 'UNAUTHENTICATED']);
        const before = (await rows(name)).length;
        expect([name, (await attempt(name, input(), viewer)).code]).toEqual([name, 'FORBIDDEN']);
        expect((await rows(name)).slice(before).map(({ outcome, organizationId, actor }) => [name, outcome, organizationId, actor]))
          .toEqual([[name, 'FORBIDDEN', ours.organizationId, `user:${viewerRow.id}`]]);
      }
      if (personal.has(name) && name !== 'createOrganization' && name !== 'changePassword') continue;
      const before = (await rows(name)).length;
      expect([name, (await attempt(name, input(), { token: secret })).code]).toEqual([name, 'FORBIDDEN']);
      expect((await rows(name)).slice(before).map(({ outcome }) => [name, outcome])).toEqual([[name, 'FORBIDDEN']]);
    }
  });

  it('that is refused politely is on record too: a wrong invitation, a key used twice, a role out of reach, guesses', async () => {
    const last = async (name: string): Promise<string> => (await rows(name)).at(-1)!.outcome;
    await attempt('acceptInvitation', { token: 'nonsense', name: 'x', password }, {});
    expect(await last('acceptInvitation')).toBe('InvitationInvalid');
    await attempt('createInstance', { organizationId: ours.nodeId, name: 'keyed', plan: 'nano', idempotencyKey: 'k' }, ours.owner);
    await attempt('createInstance', { organizationId: ours.nodeId, name: 'other', plan: 'nano', idempotencyKey: 'k' }, ours.owner);
    expect(await last('createInstance')).toBe('IdempotencyConflict');
    const adminRow = await world.makeUser('admin@ours.test');
    await world.join(ours.organizationId, adminRow, 'ADMIN');
    expect((await attempt('inviteMember', { organizationId: ours.nodeId, email: 'o@ours.test', role: 'OWNER' }, await world.sessionOf(adminRow))).code).toBe('FORBIDDEN');
    expect(await last('inviteMember')).toBe('FORBIDDEN');
    await world.records.rateBuckets.take(`change-password:${ours.ownerRow.id}`, 10, 20, 1 / 30, new Date());
    await attempt('changePassword', { currentPassword: 'guess', newPassword: 'something else' }, ours.owner);
    expect(await last('changePassword')).toBe('SignInFailed');
    const upload = await fetch(`${world.url}/api/uploads?organizationId=${theirs.nodeId}&fileName=x.rdb`, {
      method: 'POST', body: 'x', headers: { 'content-type': 'application/octet-stream', cookie: ours.owner.cookie! },
    });
    expect([upload.status, await last('upload')]).toEqual([404, 'NotFound']);
    expect(await world.records.auditLog.verify(ours.organizationId)).toBeUndefined();
    expect(await world.records.auditLog.verify('platform')).toBeUndefined();
  });
});

describe('a secret', () => {
  it('is neither in what the process logged, nor in the audit log, nor in a row as it is', async () => {
    // Also where a request is wrong in itself, and where the database refuses it.
    const typed = 'typed where it does not belong';
    secrets.add(typed);
    await world.ask('mutation ($i: SignInInput!) { signIn(input: $i) { __typename } }', { i: { email: 'a@b.c', password: { wrong: typed } } });
    await world.ask(`mutation { signIn(input: { email: "a@b.c", password: "${typed}", more: 1 }) { __typename } }`);
    await world.ask('{ plans { name } }', {}, { token: `larder_${typed.replaceAll(' ', '')}` });
    secrets.add(typed.replaceAll(' ', ''));
    await fetch(`${world.url}/api/downloads/${typed.replaceAll(' ', '')}`);
    const logged = lines.join('');
    expect(logged).toContain('request');
    const audited = JSON.stringify(await world.api.platform.client.prisma.auditEntry.findMany(), (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    for (const secret of [...secrets, ...[...secrets].map((each) => hashSecret(each))]) {
      expect(logged.includes(secret) ? secret : undefined).toBeUndefined();
      expect(audited.includes(secret) ? secret : undefined).toBeUndefined();
    }
    expect(secrets.size).toBeGreaterThanOrEqual(10);
  });
});

describe('every field of the schema', () => {
  /** A selection of everything, as deep as it goes without meeting a type again on the way. */
  function selectAll(type: GraphQLNamedType, above: readonly string[], seen: Set<string>): string {
    if (isLeafType(type)) return '';
    if (above.includes(type.name) || above.length > 6) return '{ __typename }';
    const inside = [...above, type.name];
    if (isAbstractType(type)) return `{ __typename ${schema.getPossibleTypes(type).map((each) => `... on ${each.name} ${selectAll(each, inside, seen)}`).join(' ')} }`;
    if (!isObjectType(type)) return '';
    return `{ __typename ${Object.values(type.getFields()).map((field) => selectField(field, type.name, inside, seen)).join(' ')} }`;
  }

  const fillers: Record<string, string> = {
    'Instance.restorePoint': `(toTime: "${new Date().toISOString()}")`,
    'Instance.metrics': `(from: "${new Date(Date.now() - 60_000).toISOString()}", to: "${new Date().toISOString()}", names: [CLIENTS])`, 'Organization.instance': '(name: "secret-orders")',
  };

  function selectField(field: GraphQLField<unknown, unknown>, owner: string, above: readonly string[], seen: Set<string>): string {
    const place = `${owner}.${field.name}`;
    const args = fillers[place] ?? (field.args.some(({ name }) => name === 'first') ? '(first: 3)' : '');
    if (args === '' && field.args.some(isRequiredArgument)) throw new Error(`${place} needs arguments that this test does not know`);
    seen.add(place);
    return `${place.replace('.', '_')}: ${field.name}${args} ${selectAll(getNamedType(field.type), above, seen)}`.replace(/^\S+: (\S+)/, '$1');
  }

  it('asked of all that is ours shows nothing that is theirs', async () => {
    const as = theirs.owner;
    const theirInstance = await world.mutate('createInstance', { organizationId: theirs.nodeId, name: 'secret-orders', plan: 'nano' }, '... on CreateInstancePayload { instance { id } operation { id } }', as);
    await world.settle(theirInstance.instance.id);
    const theirBackup = await world.mutate('createBackup', { instanceId: theirInstance.instance.id }, '... on BackupPayload { backup { id } operation { id } }', as);
    await world.mutate('createBackupSchedule', { instanceId: theirInstance.instance.id, cron: '0 3 * * *' }, '', as);
    await world.mutate('inviteMember', { organizationId: theirs.nodeId, email: 'x@theirs.test', role: 'VIEWER' }, '', as);
    const ourInstance = await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'mine', plan: 'nano' }, '... on CreateInstancePayload { instance { id } }', ours.owner);
    await world.settle(ourInstance.instance.id);
    const ourBackup = await world.mutate('createBackup', { instanceId: ourInstance.instance.id }, '... on BackupPayload { backup { id } operation { id } }', ours.owner);
    await world.mutate('createBackupSchedule', { instanceId: ourInstance.instance.id, cron: '0 3 * * *' }, '', ours.owner);
    const ids = [theirs.organizationId, theirs.ownerRow.id, ...[theirInstance.instance.id, theirInstance.operation.id, theirBackup.backup.id].map(uuidOf)];
    const marks = [...ids, ...[theirs.nodeId, theirInstance.instance.id, theirBackup.backup.id], 'secret-orders', 'theirs.test'];

    const organizationType = schema.getType('Organization')!;
    const seen = new Set<string>();
    const answers: string[] = [];
    const roots = [
      ...(isObjectType(organizationType) ? Object.values(organizationType.getFields()) : []).map((field) => `{ organization(slug: "ours") { ${selectField(field, 'Organization', ['Organization'], seen)} } }`),
      ...[ourInstance.instance.id, ourBackup.backup.id, ourBackup.operation.id].map((id: string, index) =>
        `{ node(id: "${id}") { ... on ${['Instance', 'Backup', 'Operation'][index]!} ${selectAll(schema.getType(['Instance', 'Backup', 'Operation'][index]!)!, [], seen)} } }`),
      `{ viewer ${selectAll(schema.getType('Viewer')!, ['Organization'], seen)} }`, `{ plans ${selectAll(schema.getType('Plan')!, [], seen)} }`,
    ];
    for (const query of roots) {
      const answer = await world.ask(query, {}, ours.owner);
      expect([query.slice(0, 120), answer.errors?.[0]?.message]).toEqual([query.slice(0, 120), undefined]);
      answers.push(JSON.stringify(answer.data));
    }
    for (const mark of marks) expect([mark, answers.filter((text) => text.includes(mark))]).toEqual([mark, []]);
    // And what is ours was really looked at: every field of every noun.
    const text = answers.join('');
    for (const mark of [ourInstance.instance.id, ourBackup.backup.id, 'owner@ours.test', 'mine']) expect(text).toContain(mark);
    for (const noun of ['Organization', 'Instance', 'Backup', 'BackupSchedule', 'Operation', 'Member', 'Invitation', 'ApiToken', 'AuditEntry', 'User', 'Viewer', 'Plan']) {
      const type = schema.getType(noun)!;
      if (!isObjectType(type)) throw new Error(noun);
      for (const name of Object.keys(type.getFields())) expect([`${noun}.${name}`, seen.has(`${noun}.${name}`)]).toEqual([`${noun}.${name}`, true]);
    }
  });
});
