/**
 * Restoring to a second through the whole product: a tenant counts and writes down when, the worker is killed meanwhile, and then any second
 * is asked for over GraphQL: as a new instance, in place, and as a file that redis-server takes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '@larder/shared-testing';
import { ApiClient, connectTo, say } from '../platform/api-client';
import { pidOf, removeHome, startLarder, type Larder } from '../platform/larder';

interface Written { readonly number: number; readonly sentMs: number; readonly ackedMs: number }
interface Created { readonly instance: { readonly id: string; readonly name: string }; readonly credentials: { readonly username: string; readonly password: string } }
interface Restorable { readonly windows: readonly { readonly from: string; readonly to: string }[]; readonly gaps: readonly { readonly reason: string }[] }

const createdFields = 'instance { id name } credentials { username password }';
const awaitMs = 30_000;

let larder: Larder;
let client: ApiClient;
let origin: Created;
let history: Written[];

beforeAll(async () => {
  larder = await startLarder({ env: { SWEEP_SECONDS: '5' } });
  client = new ApiClient(larder.apiUrl);
  await client.signIn(larder.signIn!);
  origin = await mutate<Created>('createInstance', {
    organizationId: client.organizationId, name: 'origin', plan: 'nano', persistence: 'AOF', deletionProtection: false, archive: { intervalSeconds: 1, retentionHours: 2 },
  }, 'CreateInstancePayload', createdFields);
  await client.awaitReady(origin.instance.id);
  await covered(0);
  const worker = pidOf(larder, 'worker');
  const store = await connect(origin);
  history = [];
  for (const endMs = Date.now() + 7000; Date.now() < endMs;) {
    const sentMs = Date.now();
    const number = Number((await say(store, 'INCR', 'number')).slice(1));
    history.push({ number, sentMs, ackedMs: Date.now() });
    if (number === 300) process.kill(worker, 'SIGKILL');
    await new Promise((turn) => setTimeout(turn, 3));
  }
  store.close();
  await covered(history.at(-1)!.ackedMs);
}, 300_000);

afterAll(async () => {
  await larder?.stop();
  if (larder) removeHome(larder.home);
}, 60_000);

async function mutate<T>(name: string, input: object, type: string, fields: string): Promise<T> {
  const answer = await client.ask<Record<string, T & { readonly __typename: string; readonly message?: string }>>(
    `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { __typename ... on Refusal { message } ... on ${type} { ${fields} } } }`, { input });
  const result = answer[name]!;
  if (result.__typename !== type) throw new Error(`${name}: ${result.__typename}: ${result.message}`);
  return result;
}

async function restorable(): Promise<Restorable> {
  return (await client.ask<{ node: { restorable: Restorable } }>(
    'query ($id: ID!) { node(id: $id) { ... on Instance { restorable { windows { from to } gaps { reason } } } } }', { id: origin.instance.id })).node.restorable;
}

/** Until the last window reaches to that moment. */
const covered = (atMs: number): Promise<Restorable> => waitFor(`a window to ${new Date(atMs).toISOString()}`, async () => {
  const seen = await restorable();
  const last = seen.windows.at(-1);
  return last !== undefined && Date.parse(last.to) >= atMs ? seen : false;
}, awaitMs);

async function connect({ instance, credentials }: Created) {
  const { endpoint } = await client.awaitReady(instance.id);
  return connectTo({ id: instance.id, name: instance.name, ...credentials }, endpoint!);
}

/** What there was at the end of a second: nothing that was sent later; all that was acknowledged, but for a moment before the end. */
function boundsAt(second: number): [least: number, most: number] {
  const endMs = (second + 1) * 1000;
  return [history.findLast(({ ackedMs }) => ackedMs < endMs - 1000)?.number ?? 0, history.findLast(({ sentMs }) => sentMs < endMs)?.number ?? 0];
}

async function expectSecond(created: Created, second: number): Promise<void> {
  const store = await connect(created);
  const answer = await say(store, 'GET', 'number');
  store.close();
  const number = Number(/\r\n(\d+)\r\n/.exec(answer)?.[1] ?? 0);
  const [least, most] = boundsAt(second);
  expect([second, number >= least && number <= most, [least, number, most]]).toEqual([second, true, [least, number, most]]);
}

const at = (second: number): string => new Date(second * 1000).toISOString();

describe('restoring to a second', () => {
  it('gives back any of them as a new instance, although the worker was killed meanwhile', async () => {
    const { windows, gaps } = await restorable();
    expect([windows.length, gaps]).toEqual([1, []]);
    const [first, last] = [Math.ceil(Date.parse(windows[0]!.from) / 1000), Math.floor(history.at(-1)!.ackedMs / 1000)];
    for (let point = 0; point < 3; point += 1) {
      const second = first + Math.floor(Math.random() * (last - first + 1));
      const restored = await mutate<Created>('restoreInstance', {
        instanceId: origin.instance.id, toTime: at(second), into: { new: { name: `point-${point}`, deletionProtection: false } },
      }, 'CreateInstancePayload', createdFields);
      await expectSecond(restored, second);
    }
  }, 90_000);

  it('refuses one that is not archived, and says which are', async () => {
    await expect(mutate('restoreInstance', { instanceId: origin.instance.id, toTime: at(1_000_000), into: { inPlace: true } }, 'InstancePayload', 'operation { id }'))
      .rejects.toThrow('TimeNotRestorable: The archive begins at');
  });

  it('gives it away as a data directory, which is taken back as an upload', async () => {
    const second = Math.floor(history.at(-1)!.ackedMs / 1000) - 2;
    const { url } = await mutate<{ url: string }>('createPointDownload', { instanceId: origin.instance.id, toTime: at(second) }, 'CreateBackupDownloadPayload', 'url');
    const response = await fetch(url);
    const tar = Buffer.from(await response.arrayBuffer());
    expect([response.status, tar.length]).toEqual([200, Number(response.headers.get('content-length'))]);
    const directory = path.join(larder.home, 'exported');
    mkdirSync(directory);
    writeFileSync(path.join(directory, 'data.tar'), tar);
    expect(spawnSync('tar', ['-xf', 'data.tar'], { cwd: directory }).status).toBe(0);
    expect(spawnSync('redis-check-aof', ['appendonlydir/appendonly.aof.manifest'], { cwd: directory, encoding: 'utf8' }).stdout).toContain('All AOF files and manifest are valid');
    const sent = await client.upload('data.tar', tar);
    expect(sent.status).toBe(201);
    const imported = await mutate<Created>('importBackup', {
      organizationId: client.organizationId, uploadId: sent.uploadId, name: 'imported', plan: 'nano', deletionProtection: false,
    }, 'CreateInstancePayload', createdFields);
    await expectSecond(imported, second);
  }, 60_000);

  it('goes back in place after a safety backup, and back again from that', async () => {
    const second = Math.floor(history.at(-1)!.ackedMs / 1000) - 2;
    const restore = async (input: object): Promise<void> => {
      const { operation } = await mutate<{ operation: { id: string } }>('restoreInstance', { instanceId: origin.instance.id, into: { inPlace: true }, ...input }, 'InstancePayload', 'operation { id }');
      const { phase, error } = await waitFor('the restore to end', async () => {
        const { node } = await client.ask<{ node: { phase: string; error: { message: string } | null } }>('query ($id: ID!) { node(id: $id) { ... on Operation { phase error { message } } } }', { id: operation.id });
        return ['SUCCEEDED', 'FAILED'].includes(node.phase) ? node : false;
      }, awaitMs);
      expect([phase, error]).toEqual(['SUCCEEDED', null]);
    };
    await restore({ toTime: at(second) });
    await expectSecond(origin, second);
    const { node } = await client.ask<{ node: { backups: { nodes: { id: string; trigger: string; verification: string }[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Instance { backups(first: 10) { nodes { id trigger verification } } } } }', { id: origin.instance.id });
    const [safety] = node.backups.nodes;
    expect(safety).toMatchObject({ trigger: 'SAFETY', verification: 'VERIFIED' });
    await restore({ backupId: safety!.id });
    const store = await connect(origin);
    expect(await say(store, 'GET', 'number')).toContain(`\r\n${history.at(-1)!.number}\r\n`);
    store.close();
    expect((await restorable()).gaps.map(({ reason }) => reason)).toContain('RestoredInPlace');
  }, 90_000);
});
