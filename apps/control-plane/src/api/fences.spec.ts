// Who may not: other organisations, narrow tokens, low roles, hostile queries.
import { GraphQLSchemaHost } from '@nestjs/graphql';
import { getNamedType, isInputObjectType } from 'graphql';
import { toNodeId } from '@larder/plane-domain';
import { ApiWorld, password, type As, type Data, type Tenant } from '../testing/api-world';

jest.setTimeout(30_000);
const world = new ApiWorld();
let ours: Tenant;
let theirs: Tenant;
/** Ids of everything that the other organisation has. */
const foreign: Record<string, string> = {};

beforeAll(async () => {
  await world.start();
  ours = await world.makeTenant('ours');
  theirs = await world.makeTenant('theirs');
  const as = theirs.owner;
  const { instance, operation } = await world.mutate('createInstance', { organizationId: theirs.nodeId, name: 'secret', plan: 'nano' },
    '... on CreateInstancePayload { instance { id } operation { id } }', as);
  await world.settle(instance.id);
  const { schedule } = await world.mutate('createBackupSchedule', { instanceId: instance.id, cron: '0 3 * * *' }, '... on BackupSchedulePayload { schedule { id } }', as);
  const { backup } = await world.mutate('createBackup', { instanceId: instance.id }, '... on BackupPayload { backup { id } }', as);
  const { invitation } = await world.mutate('inviteMember', { organizationId: theirs.nodeId, email: 'x@theirs.test', role: 'VIEWER' }, '... on InviteMemberPayload { invitation { id } }', as);
  const { apiToken } = await world.mutate('createApiToken', { organizationId: theirs.nodeId, name: 't', scopes: ['READ'] }, '... on CreateApiTokenPayload { apiToken { id } }', as);
  const memberId = await world.join(theirs.organizationId, await world.makeUser('member@theirs.test'), 'VIEWER');
  const uploadId = await makeUpload(theirs);
  Object.assign(foreign, {
    organizationId: theirs.nodeId, instanceId: instance.id, operationId: operation.id, scheduleId: schedule.id, backupId: backup.id,
    invitationId: invitation.id, apiTokenId: apiToken.id, memberId, uploadId,
  });
}, 60_000);
afterAll(() => world.stop());

async function makeUpload(tenant: Tenant): Promise<string> {
  const id = world.api.plane.ids.next();
  await world.records.uploads.insert({
    id, organizationId: tenant.organizationId, fileName: 'dump.rdb', state: 'READY', sizeBytes: 1, keyCounts: [], checksum: null, storageKey: null,
    dataKeySealed: null, errorMessage: null, createdById: null, createdAt: new Date(), expiresAt: new Date(Date.now() + 60_000),
  });
  return toNodeId('Upload', id);
}

/** Something valid for each field of an input, ids excepted. */
const filler: Record<string, unknown> = {
  name: 'stolen', plan: 'nano', member: 'b', into: { inPlace: true }, toTime: new Date().toISOString(), cron: '0 3 * * *', timeZone: 'UTC', role: 'VIEWER', email: 'me@ours.test', scopes: ['READ'],
};

describe('another organization', () => {
  it('cannot be touched by any mutation that takes an id', async () => {
    const schema = world.app.get(GraphQLSchemaHost).schema;
    const mutations = Object.values(schema.getMutationType()!.getFields());
    const answers: Record<string, string> = {};
    for (const mutation of mutations) {
      const input = getNamedType(mutation.args[0]?.type);
      if (!isInputObjectType(input)) continue;
      const fields = Object.values(input.getFields());
      const idFields = fields.filter((field) => field.name in foreign);
      if (idFields.length === 0) continue;
      const values = Object.fromEntries(fields.flatMap((field) =>
        (field.name in foreign ? [[field.name, foreign[field.name]]] : field.name in filler ? [[field.name, filler[field.name]]] : [])));
      answers[mutation.name] = (await world.mutate(mutation.name, values, '', ours.owner)).__typename;
    }
    expect(Object.keys(answers).length).toBeGreaterThanOrEqual(20);
    expect(new Set(Object.values(answers))).toEqual(new Set(['NotFound']));
    // Nor with our organisation and their upload.
    const mixed = await world.mutate('importBackup', { organizationId: ours.nodeId, name: 'mixed', plan: 'nano', uploadId: foreign['uploadId'] }, '', ours.owner);
    expect(mixed.__typename).toBe('NotFound');
  });

  it('cannot be seen by id, by slug, by page or by subscription, and looks as if it did not exist', async () => {
    for (const id of [...Object.values(foreign), toNodeId('User', theirs.ownerRow.id), toNodeId('Instance', '018f0000-0000-7000-8000-000000000000'), 'nonsense']) {
      expect((await world.ask('query ($id: ID!) { node(id: $id) { id } }', { id }, ours.owner)).data).toEqual({ node: null });
    }
    expect((await world.ask('{ organization(slug: "theirs") { id } }', {}, ours.owner)).data).toEqual({ organization: null });
    const viewer = await world.ask('{ viewer { organizations { nodes { slug } } } }', {}, ours.owner);
    expect(viewer.data.viewer.organizations.nodes).toEqual([{ slug: 'ours' }]);
  });

  it('learns of the attempts nowhere but in the chain of the platform', async () => {
    const prisma = world.api.platform.client.prisma;
    const attempts = await prisma.auditEntry.findMany({ where: { chain: 'platform', outcome: 'NotFound', actor: `user:${ours.ownerRow.id}` } });
    expect(new Set(attempts.map((entry) => entry.action)).size).toBeGreaterThanOrEqual(20);
    expect(await prisma.auditEntry.count({ where: { organizationId: theirs.organizationId, actor: `user:${ours.ownerRow.id}` } })).toBe(0);
  });
});

describe('an API token', () => {
  async function makeToken(scopes: readonly string[], expiresAt?: Date): Promise<{ as: As; id: string }> {
    const answer = await world.mutate('createApiToken', { organizationId: ours.nodeId, name: scopes.join(' '), scopes, ...(expiresAt ? { expiresAt } : {}) },
      '... on CreateApiTokenPayload { secret apiToken { id prefix } }', ours.owner);
    expect(answer.secret).toMatch(/^larder_[\w-]{43}$/);
    expect(answer.secret.startsWith(answer.apiToken.prefix)).toBe(true);
    return { as: { token: answer.secret }, id: answer.apiToken.id };
  }
  const create = (as: As, name: string) => world.mutate('createInstance', { organizationId: ours.nodeId, name, plan: 'nano', deletionProtection: false },
    '... on CreateInstancePayload { instance { id } operation { actor } }', as);

  it('does what its scopes say and nothing else', async () => {
    const reader = await makeToken(['READ']);
    const writer = await makeToken(['INSTANCES_WRITE']);
    await expect(create(reader.as, 'by-reader')).rejects.toThrow('FORBIDDEN');
    const made = await create(writer.as, 'by-writer');
    expect(made.operation.actor).toBe('INSTANCES_WRITE');
    await expect(world.mutate('deleteInstance', { instanceId: made.instance.id }, '', writer.as)).rejects.toThrow('FORBIDDEN: Not allowed: instance.delete.');
    await expect(world.mutate('createBackup', { instanceId: made.instance.id }, '', writer.as)).rejects.toThrow('FORBIDDEN');
    await expect(world.mutate('createApiToken', { organizationId: ours.nodeId, name: 'more', scopes: ['READ'] }, '', writer.as)).rejects.toThrow('FORBIDDEN');
    await expect(world.mutate('createOrganization', { name: 'Mine', slug: 'mine' }, '', writer.as)).rejects.toThrow('FORBIDDEN');
    await expect(world.mutate('inviteMember', { organizationId: ours.nodeId, email: 'a@b.c', role: 'OWNER' }, '', writer.as)).rejects.toThrow('FORBIDDEN');
    const seen = await world.ask('{ viewer { user { id } apiToken { name organization { slug } } organizations { nodes { slug viewerRole viewerActions } } } }', {}, reader.as);
    expect(seen.data.viewer).toMatchObject({ user: null, apiToken: { name: 'READ', organization: { slug: 'ours' } }, organizations: { nodes: [{ slug: 'ours', viewerRole: null }] } });
    expect(seen.data.viewer.organizations.nodes[0].viewerActions).not.toContain('instance.create');
    const audit = await world.ask('{ organization(slug: "ours") { auditLog { totalCount } } }', {}, reader.as);
    expect(audit.errors![0]!.extensions.code).toBe('FORBIDDEN');
    expect((await world.ask('query ($id: ID!) { node(id: $id) { id } }', { id: foreign['instanceId'] }, reader.as)).data).toEqual({ node: null });
  });

  it('is nobody once it is revoked or out of date, and a wrong one is an error everywhere', async () => {
    const token = await makeToken(['READ']);
    expect((await world.ask('{ plans { name } }', {}, token.as)).data.plans.length).toBeGreaterThan(0);
    await world.mutate('revokeApiToken', { apiTokenId: token.id }, '', ours.owner);
    for (const as of [token.as, { token: 'larder_nonsense' }]) {
      for (const query of ['{ plans { name } }', '{ viewer { user { id } } }', '{ about { version } }']) {
        const answer = await world.ask(query, {}, as);
        expect([answer.status, answer.errors![0]!.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
      }
    }
    const soon = await makeToken(['READ'], new Date(Date.now() + 60_000));
    await world.api.platform.client.prisma.apiToken.updateMany({ where: { name: 'READ', revokedAt: null }, data: { expiresAt: new Date(Date.now() - 1) } });
    expect((await world.ask('{ plans { name } }', {}, soon.as)).errors![0]!.extensions.code).toBe('UNAUTHENTICATED');
    expect((await world.mutate('createApiToken', { organizationId: ours.nodeId, name: ' ', scopes: [], expiresAt: new Date(0) }, '', ours.owner)).__typename).toBe('InvalidInput');
  });
});

describe('roles', () => {
  it('bound what a member may do, and an owner is always left', async () => {
    const viewerRow = await world.makeUser('viewer@ours.test');
    const adminRow = await world.makeUser('admin@ours.test');
    const viewerId = await world.join(ours.organizationId, viewerRow, 'VIEWER');
    const adminId = await world.join(ours.organizationId, adminRow, 'ADMIN');
    const [viewer, admin] = [await world.sessionOf(viewerRow), await world.sessionOf(adminRow)];
    await expect(world.mutate('createInstance', { organizationId: ours.nodeId, name: 'v', plan: 'nano' }, '', viewer)).rejects.toThrow('FORBIDDEN');
    await expect(world.mutate('updateMember', { memberId: viewerId, role: 'OWNER' }, '', admin)).rejects.toThrow('FORBIDDEN');
    expect(await world.mutate('updateMember', { memberId: viewerId, role: 'DEVELOPER' }, '... on MemberPayload { member { role user { email } } }', admin))
      .toMatchObject({ member: { role: 'DEVELOPER', user: { email: 'viewer@ours.test' } } });
    expect((await world.mutate('createInstance', { organizationId: ours.nodeId, name: 'v', plan: 'nano' }, '', viewer)).__typename).toBe('CreateInstancePayload');
    const members = (await world.ask('{ organization(slug: "ours") { members { nodes { id role user { email } } } } }', {}, ours.owner)).data.organization.members.nodes;
    const ownerId = members.find((member: Data) => member.role === 'OWNER').id;
    await expect(world.mutate('removeMember', { memberId: ownerId }, '', admin)).rejects.toThrow('FORBIDDEN');
    expect((await world.mutate('removeMember', { memberId: ownerId }, '', ours.owner)).__typename).toBe('LastOwner');
    expect((await world.mutate('updateMember', { memberId: ownerId, role: 'ADMIN' }, '', ours.owner)).__typename).toBe('LastOwner');
    expect((await world.mutate('removeMember', { memberId: adminId }, '', ours.owner)).__typename).toBe('RemoveMemberPayload');
    expect((await world.ask('{ organization(slug: "ours") { id } }', {}, admin)).data.organization).toBeNull();
  });

  it('are offered by invitation: once, to that address, for someone new with an account', async () => {
    const invite = (email: string) => world.mutate('inviteMember', { organizationId: ours.nodeId, email, role: 'DEVELOPER' },
      '... on InviteMemberPayload { token url invitation { email } } ... on InvalidInput { faults { field } }', ours.owner);
    const { token, url } = await invite('New@ours.test');
    expect(url).toBe(`http://127.0.0.1:3000/invite?token=${token}`);
    const accept = (input: object, as: As = {}) => world.ask(
      'mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { __typename ... on AcceptInvitationPayload { organization { slug viewerRole } viewer { user { email } } } } }',
      { input: { token, ...input } }, as);
    expect((await accept({})).data.acceptInvitation.__typename).toBe('InvalidInput');
    expect((await accept({}, theirs.owner)).data.acceptInvitation.__typename).toBe('InvitationInvalid');
    const done = await accept({ name: 'New', password });
    expect(done.data.acceptInvitation).toMatchObject({ organization: { slug: 'ours', viewerRole: 'DEVELOPER' }, viewer: { user: { email: 'new@ours.test' } } });
    expect((await world.ask('{ viewer { user { name } } }', {}, { cookie: done.cookie! })).data.viewer.user.name).toBe('New');
    expect((await accept({ name: 'Again', password })).data.acceptInvitation.__typename).toBe('InvitationInvalid');
    expect((await invite('new@ours.test')).faults).toEqual([{ field: 'email' }]);
  });

  it('of a person go with the password: changing it ends the other sessions', async () => {
    const user = await world.makeUser('changer@ours.test');
    const [here, there] = [await world.sessionOf(user), await world.sessionOf(user)];
    const change = (currentPassword: string, newPassword: string) => world.mutate('changePassword', { currentPassword, newPassword }, '', here);
    expect((await change('wrong', 'a new password')).__typename).toBe('SignInFailed');
    expect((await change(password, 'short')).__typename).toBe('InvalidInput');
    expect((await change(password, 'a new password')).__typename).toBe('ChangePasswordPayload');
    expect((await world.ask('{ viewer { user { id } } }', {}, here)).data.viewer).not.toBeNull();
    expect((await world.ask('{ viewer { user { id } } }', {}, there)).data.viewer).toBeNull();
  });
});

describe('a hostile query', () => {
  const codeOf = async (query: string, variables: Record<string, unknown> = {}): Promise<string> =>
    (await world.ask(query, variables, ours.owner)).errors?.[0]?.extensions.code ?? 'answered';
  const nested = (depth: number): string => `{ organization(slug: "ours") ${'{ instances(first: 1) { nodes { organization '.repeat(depth)}{ id }${' } } }'.repeat(depth)} }`;

  it('is refused before it costs anything: depth, width, aliases, fragments, length', async () => {
    expect(await codeOf(nested(2))).toBe('answered');
    expect(await codeOf(nested(5))).toBe('TOO_COMPLEX');
    expect(await codeOf(nested(5_000))).toBe('TOO_COMPLEX');
    expect(await codeOf('{ '.repeat(20_000))).toBe('TOO_COMPLEX');
    expect(await codeOf(`{ ${Array.from({ length: 100 }, (_, index) => `a${index}: plans { name }`).join(' ')} }`)).toBe('TOO_COMPLEX');
    const wide = '{ viewer { organizations(first: 100) { nodes { instances(first: 100) { nodes { operations(first: 100) { nodes { id } } } } } } } }';
    expect(await codeOf(wide)).toBe('TOO_COMPLEX');
    const size = 'query ($n: Int) { viewer { organizations(first: $n) { nodes { instances(first: $n) { nodes { operations(first: $n) { nodes { id } } } } } } } }';
    expect([await codeOf(size, { n: 100 }), await codeOf(size, { n: 1 })]).toEqual(['TOO_COMPLEX', 'answered']);
    const doubling = `{ viewer { ...f0 } } ${Array.from({ length: 20 }, (_, index) => `fragment f${index} on Viewer { ...f${index + 1} ...f${index + 1} }`).join(' ')} fragment f20 on Viewer { user { id } }`;
    expect(await codeOf(doubling)).toMatch(/TOO_COMPLEX|answered/);
    expect(await codeOf('{ viewer { ...f } } fragment f on Viewer { organizations { nodes { members { nodes { id } } } } ...f }')).toBe('BAD_REQUEST');
    expect(await codeOf(`{ plans { name } } # ${'x'.repeat(70_000)}`)).toBe('TOO_COMPLEX');
    expect(await codeOf('query A { plans { name } } query B { plans { id } }')).toBe('BAD_REQUEST');
    expect((await world.ask('{ plans { name } }', {}, ours.owner)).extensions).toEqual({ cost: 2 });
  });

  it('leaves the process up, whatever its bytes are', async () => {
    const post = (body: string, type = 'application/json') => fetch(`${world.url}/graphql`, { method: 'POST', body, headers: { 'content-type': type } });
    for (const body of ['', '{', '[]', 'null', '{"query":1}', '{"query":{"kind":"Document"}}', `{"query":"{ plans { name } }","variables":"${'x'.repeat(100)}"}`, '[{"query":"{ about { version } }"}]']) {
      expect((await post(body)).status).toBeLessThan(500);
    }
    expect((await post('x'.repeat(400_000))).status).toBe(413);
    expect((await post('query=x', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await fetch(`${world.url}/graphql?query=${encodeURIComponent('mutation { signOut { ok } }')}`)).status).toBe(405);
    expect(await (await fetch(`${world.url}/readyz`)).json()).toEqual({ status: 'ok' });
  });
});

