/**
 * The road of the data: stored, backed up by hand and by schedule, proven, restored, downloaded, loaded by redis-server, uploaded again,
 * and kept when its instance goes.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '@larder/shared-testing';
import { ApiClient, connectTo, say, type CreatedInstance } from '../platform/api-client';
import { pidOf, processesIn, removeHome, startLarder, type Larder } from '../platform/larder';

interface BackupView {
  readonly id: string;
  readonly state: string;
  readonly trigger: string;
  readonly verification: string;
  readonly verificationMessage: string | null;
  readonly keyCount: number | null;
  readonly keyCounts: readonly { readonly database: number; readonly type: string; readonly keys: number }[];
  readonly error: { readonly message: string } | null;
  readonly operation: { readonly phase: string; readonly percent: number } | null;
}

const backupFields = 'id state trigger verification verificationMessage keyCount keyCounts { database type keys } error { message } operation { phase percent }';
const awaitMs = 30_000;

let larder: Larder;
let client: ApiClient;
let origin: CreatedInstance;
let scheduledAt: number;
let scheduleId: string;
let backup: BackupView;

beforeAll(async () => {
  larder = await startLarder({ env: { SWEEP_SECONDS: '5' } });
  client = new ApiClient(larder.apiUrl);
  await client.signIn(larder.signIn!);
  origin = await client.createInstance('origin');
  const { endpoint } = await client.awaitReady(origin.id);
  const store = await connectTo(origin, endpoint!);
  for (let index = 0; index < 500; index += 1) await say(store, 'SET', `key ${index}`, `value ${index}`.repeat(1 + (index % 40)));
  await say(store, 'RPUSH', 'list', 'a', 'b');
  await say(store, 'HSET', 'hash', 'f', 'v');
  await say(store, 'ZADD', 'board', '1', 'a');
  await say(store, 'SADD', 'set', 'x');
  await say(store, 'SELECT', '3');
  await say(store, 'SET', 'elsewhere', 'x');
  store.close();
  ({ schedule: { id: scheduleId } } = await mutate<{ schedule: { id: string } }>('createBackupSchedule', { instanceId: origin.id, cron: '* * * * *', timeZone: 'Europe/Berlin', retentionCount: 2 }, 'BackupSchedulePayload', 'schedule { id nextAt }'));
  scheduledAt = Date.now();
}, 240_000);

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

async function look(id: string): Promise<BackupView> {
  return (await client.ask<{ node: BackupView }>(`query ($id: ID!) { node(id: $id) { ... on Backup { ${backupFields} } } }`, { id })).node;
}

async function backupsOf(instanceId: string): Promise<readonly BackupView[]> {
  const { node } = await client.ask<{ node: { backups: { nodes: BackupView[] } } }>(
    `query ($id: ID!) { node(id: $id) { ... on Instance { backups(first: 50) { nodes { ${backupFields} } } } } }`, { id: instanceId });
  return node.backups.nodes;
}

/** Asked until somebody answers: the API may have been killed just now. */
const proven = (id: string): Promise<BackupView> => waitFor(`backup ${id} to be proven`, async () => {
  const view = await look(id);
  return view.verification === 'VERIFIED' ? view : false;
}, awaitMs);

interface Created { readonly instance: { readonly id: string }; readonly credentials: { readonly username: string; readonly password: string } }
const createdFields = 'instance { id } credentials { username password }';

async function expectData(name: string, { instance, credentials }: Created): Promise<void> {
  const { endpoint } = await client.awaitReady(instance.id);
  const store = await connectTo({ id: instance.id, name, ...credentials }, endpoint!);
  expect(await say(store, 'GET', 'key 499')).toContain('value 499value 499');
  expect(await say(store, 'EXISTS', 'key 0', 'list', 'hash', 'board', 'set')).toBe(':5\r\n');
  expect(await say(store, 'SELECT', '3')).toBe('+OK\r\n');
  expect(await say(store, 'GET', 'elsewhere')).toBe('$1\r\nx\r\n');
  store.close();
}

describe('a backup', () => {
  it('is taken by hand and proven by loading it', async () => {
    const asked = await mutate<{ backup: BackupView }>('createBackup', { instanceId: origin.id }, 'BackupPayload', `backup { ${backupFields} }`);
    backup = await proven(asked.backup.id);
    expect(backup).toMatchObject({ state: 'COMPLETED', trigger: 'MANUAL', keyCount: 505, verificationMessage: 'A scratch engine loaded it and found all 505 keys.' });
    expect(backup.keyCounts).toEqual(expect.arrayContaining([{ database: 0, type: 'string', keys: 500 }, { database: 3, type: 'string', keys: 1 }]));
    expect((await look(backup.id)).operation).toEqual({ phase: 'SUCCEEDED', percent: 100 });
  }, 60_000);

  it('is restored as a new instance with the same data', async () => {
    const restored = await mutate<Created>('restoreBackup', { backupId: backup.id, name: 'restored', deletionProtection: false }, 'CreateInstancePayload', createdFields);
    await expectData('restored', restored);
  }, 60_000);

  it('is downloaded as an RDB that redis-server takes, and uploaded again as an instance', async () => {
    const { url } = await mutate<{ url: string }>('createBackupDownload', { backupId: backup.id }, 'CreateBackupDownloadPayload', 'url fileName');
    const response = await fetch(url);
    const rdb = Buffer.from(await response.arrayBuffer());
    expect([response.status, rdb.length]).toEqual([200, Number(response.headers.get('content-length'))]);
    const file = path.join(larder.home, 'download.rdb');
    writeFileSync(file, rdb);
    expect(spawnSync('redis-check-rdb', [file], { encoding: 'utf8' }).stdout).toContain('RDB looks OK');
    expect((await fetch(`${url.slice(0, -4)}AAAA`)).status).toBe(404);

    const sent = await client.upload('origin.rdb', rdb);
    expect(sent.status).toBe(201);
    const imported = await mutate<Created>('importBackup', { organizationId: client.organizationId, uploadId: sent.uploadId, name: 'imported', plan: 'nano', deletionProtection: false }, 'CreateInstancePayload', createdFields);
    await expectData('imported', imported);
  }, 60_000);

  it('is not made of a wrong file: refused with offset and reason', async () => {
    expect(await client.upload('x.rdb', Buffer.from('GIF89a, truly not an RDB'))).toMatchObject({ status: 422, error: 'This is not an RDB file: it does not begin with REDIS and a version (at byte 0).' });
    expect(await client.upload('x.rdb', Buffer.from('REDIS0010\u0000\u0001a\u0001'))).toMatchObject({ status: 422, error: expect.stringMatching(/^The file ends too early \(at byte \d+\)\.$/) });
  });

  it('is taken by schedule, within its minute', async () => {
    const scheduled = await waitFor('the first scheduled backup to be proven', async () => {
      const found = (await backupsOf(origin.id)).filter(({ trigger, verification }) => trigger === 'SCHEDULE' && verification === 'VERIFIED');
      return found.length > 0 ? found : false;
    }, 120_000);
    expect(scheduled[0]).toMatchObject({ state: 'COMPLETED', keyCount: 505 });
    expect(Date.now() - scheduledAt).toBeLessThan(100_000);
    await mutate('deleteBackupSchedule', { scheduleId }, 'DeleteBackupSchedulePayload', 'scheduleId');
    await waitFor('every run to have ended', async () => (await backupsOf(origin.id)).every(({ state, verification }) =>
      ['COMPLETED', 'DELETED'].includes(state) && ['VERIFIED', 'FAILED'].includes(verification)), awaitMs);
  }, 130_000);

  it.each(['worker', 'queue', 'postgres', 'api'] as const)('is proven within thirty seconds of a kill -9 of the %s in its middle', async (part) => {
    const asked = await mutate<{ backup: BackupView }>('createBackup', { instanceId: origin.id }, 'BackupPayload', `backup { ${backupFields} }`);
    process.kill(pidOf(larder, part), 'SIGKILL');
    expect(await proven(asked.backup.id)).toMatchObject({ state: 'COMPLETED', keyCount: 505 });
    await mutate('deleteBackup', { backupId: asked.backup.id }, 'BackupPayload', 'operation { id }');
    await waitFor('the backup to be gone', async () => (await look(asked.backup.id)).state === 'DELETED', awaitMs);
    await waitFor('no scratch engine to be left', () => processesIn(path.join(larder.home, 'scratch')).length === 0, awaitMs);
  }, 90_000);

  it('is deleted with its object', async () => {
    const count = storedObjects();
    const { operation } = await mutate<{ operation: { id: string } }>('deleteBackup', { backupId: backup.id }, 'BackupPayload', 'operation { id }');
    expect(operation.id).toBeTruthy();
    await waitFor('the backup to be gone', async () => (await look(backup.id)).state === 'DELETED', awaitMs);
    expect((await look(backup.id)).operation).toEqual({ phase: 'SUCCEEDED', percent: 100 });
    expect(storedObjects()).toBe(count - 1);
  }, 60_000);

  it('is the last thing that is done for an instance, where that is asked for', async () => {
    await mutate('updateInstance', { instanceId: origin.id, deletionProtection: false }, 'UpdateInstancePayload', 'instance { id }');
    await mutate('deleteInstance', { instanceId: origin.id, finalBackup: true }, 'InstancePayload', 'instance { id }');
    const last = await waitFor('the final backup', async () => {
      const { node } = await client.ask<{ node: { backups: { nodes: BackupView[] } } }>(
        `query ($id: ID!) { node(id: $id) { ... on Organization { backups(first: 50) { nodes { ${backupFields} } } } } }`, { id: client.organizationId });
      return node.backups.nodes.find(({ trigger, verification }) => trigger === 'FINAL' && verification === 'VERIFIED') ?? false;
    }, awaitMs);
    await waitFor('the instance to be gone', async () => !(await client.instanceNames()).includes('origin'), awaitMs);
    const again = await mutate<Created>('restoreBackup', { backupId: last.id, name: 'again', plan: 'nano', deletionProtection: false }, 'CreateInstancePayload', createdFields);
    await expectData('again', again);
    expect(processesIn(path.join(larder.home, 'scratch'))).toEqual([]);
  }, 90_000);
});

function storedObjects(): number {
  return readdirSync(path.join(larder.home, 'backups/organizations'), { recursive: true }).filter((name) => String(name).endsWith('.enc')).length;
}
