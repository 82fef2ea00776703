// What is open for long: subscriptions over graphql-ws, and files that stream in and out.
import { createClient, type Client } from 'graphql-ws';
import { toNodeId, type ByteStream, type Seed } from '@larder/plane-domain';
import { ApiWorld, type Data, type Tenant } from '../testing/api-world';
import type { IncomingUpload, UploadAnswer } from './backup-doors';

jest.setTimeout(30_000);
const world = new ApiWorld();
const received: { readonly upload: IncomingUpload; readonly bytes: number }[] = [];
const bytesMax = 64 * 1024;
let ours: Tenant;
let theirs: Tenant;

async function receiveUpload(upload: IncomingUpload): Promise<UploadAnswer> {
  let bytes = 0;
  for await (const chunk of upload.body) {
    bytes += chunk.length;
    if (bytes > upload.bytesMax) return { ok: false, reason: 'TooLarge', message: 'It is too large.' };
  }
  received.push({ upload, bytes });
  return { ok: true, uploadId: '018f0000-0000-7000-8000-000000000001' };
}

async function* openSeed(_organizationId: string, seed: Seed): ByteStream {
  yield Buffer.from(`REDIS ${seed.kind}`);
}

beforeAll(async () => {
  await world.start({ receiveUpload, seeds: { open: async (place, seed) => openSeed(place, seed) } }, { UPLOAD_BYTES_MAX: String(bytesMax) });
  ours = await world.makeTenant('ours');
  theirs = await world.makeTenant('theirs');
}, 60_000);
afterAll(() => world.stop());

/** Node's own WebSocket takes headers, which a browser's does not. */
function client(headers: Record<string, string>, connectionParams?: Record<string, unknown>): Client {
  class WithHeaders extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, { protocols, headers } as never);
    }
  }
  return createClient({ url: `${world.url.replace('http', 'ws')}/graphql`, webSocketImpl: WithHeaders, retryAttempts: 0, ...(connectionParams ? { connectionParams } : {}) });
}

async function createInstance(tenant: Tenant, name: string): Promise<string> {
  return (await world.mutate('createInstance', { organizationId: tenant.nodeId, name, plan: 'nano', deletionProtection: false },
    '... on CreateInstancePayload { instance { id } }', tenant.owner)).instance.id;
}

async function first(events: AsyncIterable<Data>): Promise<Data> {
  for await (const event of events) return event;
  throw new Error('the subscription ended');
}

describe('a subscription', () => {
  it('starts with the present state and tells every change that follows', async () => {
    const id = await createInstance(ours, 'followed');
    const socket = client({ cookie: ours.owner.cookie! });
    const events = socket.iterate<Data>({ query: `subscription { instanceUpdated(id: "${id}") { name state organization { slug } } }` });
    const states: string[] = [];
    for await (const event of events) {
      expect(event.errors).toBeUndefined();
      states.push(`${event.data.instanceUpdated.name} ${event.data.instanceUpdated.state}`);
      if (states.length === 1) await world.settle(id);
      if (states.length === 2) await world.mutate('updateInstance', { instanceId: id, name: 'renamed' }, '', ours.owner);
      if (states.length === 3) await world.mutate('deleteInstance', { instanceId: id }, '', ours.owner);
      if (states.length === 4) break;
    }
    expect(states).toEqual(['followed CREATING', 'followed READY', 'renamed READY', 'renamed DELETING']);
    await socket.dispose();
  });

  it('follows a whole organization, operations as they go, with a token from connection_init', async () => {
    const { secret } = await world.mutate('createApiToken', { organizationId: ours.nodeId, name: 'watch', scopes: ['READ'] }, '... on CreateApiTokenPayload { secret apiToken { id } }', ours.owner);
    const id = await createInstance(ours, 'worked-on');
    const instanceId = Buffer.from(id, 'base64url').toString().split(':')[1]!;
    const [operation] = await world.records.operations.openOfInstance(instanceId);
    const socket = client({}, { authorization: `Bearer ${secret}` });
    const percents: number[] = [];
    for await (const event of socket.iterate<Data>({ query: `subscription { operationUpdated(organizationId: "${ours.nodeId}") { id percent phase steps { name state } } }` })) {
      const { operationUpdated } = event.data;
      if (operationUpdated.id !== toNodeId('Operation', operation!.id)) continue;
      percents.push(operationUpdated.percent);
      const next = percents.length === 1 ? { phase: 'RUNNING', percent: 40 } as const : { phase: 'SUCCEEDED', percent: 100, endedAt: new Date() } as const;
      if (operationUpdated.percent === 100) break;
      await world.records.operations.write(operation!.id, next, new Date());
    }
    expect(percents).toEqual([0, 40, 100]);
    await socket.dispose();
  });

  it('shows nothing of another organization, and asks who is there', async () => {
    const id = await createInstance(theirs, 'hidden');
    const mine = client({ cookie: ours.owner.cookie! });
    for (const target of [`id: "${id}"`, `organizationId: "${theirs.nodeId}"`, '']) {
      const query = `subscription { instanceUpdated${target ? `(${target})` : ''} { name } }`;
      await expect(first(mine.iterate({ query }))).rejects.toBeDefined();
    }
    // What changes elsewhere reaches nobody here: the next event is ours.
    const events = mine.iterate<Data>({ query: `subscription { instanceUpdated(organizationId: "${ours.nodeId}") { name } }` });
    await createInstance(theirs, 'noise');
    await createInstance(ours, 'signal');
    const names: string[] = [];
    for await (const event of events) {
      names.push(event.data.instanceUpdated.name);
      if (names.includes('signal')) break;
    }
    expect(names).not.toContain('noise');
    await mine.dispose();
    const nobody = client({});
    await expect(first(nobody.iterate({ query: `subscription { instanceUpdated(organizationId: "${ours.nodeId}") { name } }` }))).rejects.toBeDefined();
    await nobody.dispose();
  });

  it('is bounded and checked like any other query, and refused to foreign pages', async () => {
    const socket = client({ cookie: ours.owner.cookie! });
    const deep = `subscription { instanceUpdated(organizationId: "${ours.nodeId}") ${'{ organization { instances { nodes '.repeat(6)}{ id }${' } } }'.repeat(6)} }`;
    await expect(first(socket.iterate({ query: deep }))).rejects.toBeDefined();
    await expect(first(socket.iterate({ query: `subscription { instanceUpdated(organizationId: "${ours.nodeId}") { nothing } }` }))).rejects.toBeDefined();
    await socket.dispose();
    const foreign = client({ cookie: ours.owner.cookie!, origin: 'https://evil.example' });
    await expect(first(foreign.iterate({ query: `subscription { instanceUpdated(organizationId: "${ours.nodeId}") { name } }` }))).rejects.toBeDefined();
    await foreign.dispose();
    expect((await fetch(`${world.url}/healthz`)).status).toBe(200);
  });

  it('ends for who may not see any more', async () => {
    const { secret, apiToken } = await world.mutate('createApiToken', { organizationId: ours.nodeId, name: 'short', scopes: ['READ'] },
      '... on CreateApiTokenPayload { secret apiToken { id } }', ours.owner);
    const id = await createInstance(ours, 'watched');
    const socket = client({}, { authorization: `Bearer ${secret}` });
    let seen = 0;
    for await (const event of socket.iterate<Data>({ query: `subscription { instanceUpdated(id: "${id}") { name } }` })) {
      expect(event.data.instanceUpdated.name).toBe('watched');
      seen += 1;
      await world.mutate('revokeApiToken', { apiTokenId: apiToken.id }, '', ours.owner);
      await world.mutate('updateInstance', { instanceId: id, name: 'unseen' }, '', ours.owner);
    }
    expect(seen).toBe(1);
    await socket.dispose();
  });
});

describe('a file', () => {
  const upload = (query: string, init: RequestInit = {}) => fetch(`${world.url}/api/uploads?${query}`, {
    method: 'POST', body: Buffer.alloc(1000, 7), ...init, headers: { 'content-type': 'application/octet-stream', cookie: ours.owner.cookie!, ...init.headers },
  });

  it('streams in for who may import, and its upload is audited', async () => {
    const response = await upload(`organizationId=${ours.nodeId}&fileName=../dump.rdb`);
    expect([response.status, await response.json()]).toEqual([201, { uploadId: toNodeId('Upload', '018f0000-0000-7000-8000-000000000001') }]);
    expect(received).toMatchObject([{ bytes: 1000, upload: { organizationId: ours.organizationId, fileName: '.._dump.rdb', createdById: ours.ownerRow.id, bytesMax } }]);
    const { items } = await world.records.auditLog.page(ours.organizationId, { first: 1, after: null }, { action: 'upload' });
    expect(items[0]).toMatchObject({ outcome: 'ok', target: 'Upload:018f0000-0000-7000-8000-000000000001' });
  });

  it('is refused to others, in other forms, and when it is too large, each in its own words', async () => {
    const refused = async (response: Response): Promise<[number, string]> => [response.status, ((await response.json()) as { error: string }).error];
    expect(await refused(await upload(`organizationId=${theirs.nodeId}`))).toEqual([404, 'There is no such organization.']);
    expect(await refused(await upload('organizationId=nonsense'))).toEqual([404, 'There is no such organization.']);
    expect((await refused(await upload(`organizationId=${ours.nodeId}`, { headers: { cookie: '' } })))[0]).toBe(401);
    expect((await refused(await upload(`organizationId=${ours.nodeId}`, { headers: { origin: 'https://evil.example' } })))[0]).toBe(403);
    expect((await refused(await upload(`organizationId=${ours.nodeId}`, { headers: { 'content-type': 'application/json' }, body: '{}' })))[0]).toBe(415);
    expect(await refused(await upload(`organizationId=${ours.nodeId}`, { body: Buffer.alloc(bytesMax + 1) }))).toEqual([413, `The file is larger than ${bytesMax} bytes.`]);
    const chunks = new ReadableStream({ start(controller) { for (let index = 0; index < 70; index += 1) controller.enqueue(new Uint8Array(1024)); controller.close(); } });
    expect(await refused(await upload(`organizationId=${ours.nodeId}`, { body: chunks, duplex: 'half' } as never))).toEqual([413, 'It is too large.']);
  });

  it('streams out with nothing but its link, until the link is old', async () => {
    const instanceId = await createInstance(ours, 'saved');
    await world.settle(instanceId);
    const { backup } = await world.mutate('createBackup', { instanceId }, '... on BackupPayload { backup { id } }', ours.owner);
    const id = Buffer.from(backup.id, 'base64url').toString().split(':')[1]!;
    await world.records.backups.moveForLoop(id, 'PENDING', { state: 'COMPLETED', completedAt: new Date(), rawSizeBytes: 12 }, new Date());
    const { url } = await world.mutate('createBackupDownload', { backupId: backup.id }, '... on CreateBackupDownloadPayload { url }', ours.owner);
    const response = await fetch(`${world.url}${new URL(url).pathname}`);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="saved-\d{8}T\d{6}Z\.rdb"$/);
    expect(await response.text()).toBe('REDIS BACKUP');
    const old = world.api.plane.downloads.sign({ organizationId: ours.organizationId, backupId: id }, new Date(Date.now() - 1));
    expect((await fetch(`${world.url}/api/downloads/${old}`)).status).toBe(404);
  });
});

describe('beside them', () => {
  it('health, readiness and metrics answer, and our pages may read across ports', async () => {
    expect(await (await fetch(`${world.url}/healthz`)).json()).toEqual({ status: 'ok' });
    expect(await (await fetch(`${world.url}/readyz`)).json()).toEqual({ status: 'ok' });
    const metrics = await (await fetch(`${world.url}/metrics`)).text();
    expect(metrics).toMatch(/larder_api_request_seconds_count\{route="\/graphql",method="POST",status="200"\} \d+/);
    expect(metrics).toMatch(/larder_api_transfer_bytes_total\{direction="in"\} \d+/);
    const preflight = await fetch(`${world.url}/graphql`, { method: 'OPTIONS', headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' } });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, 'http://localhost:3000']);
    const foreign = await fetch(`${world.url}/graphql`, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });
});
