/** A highly available instance as a tenant has it: made over the API, its primary killed under writes, handed over, grown, deleted. */
import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '@larder/shared-testing';
import { ApiClient, connectTo, say, type CreatedInstance } from '../platform/api-client';
import { processesIn, removeHome, startLarder, type Larder } from '../platform/larder';
import { changeTopology, operate, promote, settled, viewOf, Writer } from './available';

let larder: Larder;
let client: ApiClient;
let made: CreatedInstance;
let writer: Writer | undefined;

beforeAll(async () => {
  larder = await startLarder({ env: { SWEEP_SECONDS: '10' } });
  client = new ApiClient(larder.apiUrl);
  await client.signIn(larder.signIn!);
}, 240_000);

afterAll(async () => {
  await writer?.stop();
  await larder?.stop();
  if (larder) removeHome(larder.home);
}, 60_000);

const directory = (): string => path.join(larder.home, 'instances', Buffer.from(made.id, 'base64url').toString('utf8').split(':')[1]!);

it('comes up with a primary, a replica, Sentinels and two endpoints', async () => {
  made = await client.createInstance('ledger', { topology: 'HA' });
  const view = await settled(client, made.id);
  expect(view.members.map(({ name, role }) => [name, role])).toEqual([
    ['a', 'PRIMARY'], ['b', 'REPLICA'], ['gate', 'GATE'], ['reads', 'GATE'], ['sentinel-1', 'SENTINEL'], ['sentinel-2', 'SENTINEL'], ['sentinel-3', 'SENTINEL'],
  ]);
  expect(view.availability).toMatchObject({ primary: 'a', sentinelsUp: 3, sentinels: { name: 'primary' } });
  const tenant = await connectTo(made, view.endpoint!);
  expect(await say(tenant, 'SET', 'kept', 'yes')).toBe('+OK\r\n');
  const reader = await waitFor('a replica to be read from', async () => {
    const each = await connectTo(made, view.availability!.readEndpoint).catch(() => undefined);
    if (each !== undefined && (await say(each, 'ROLE')).includes('slave')) return each;
    each?.close();
    return false;
  });
  await waitFor('the write to be read there', async () => (await say(reader, 'GET', 'kept')) === '$3\r\nyes\r\n');
  for (const each of [tenant, reader]) each.close();
}, 90_000);

it('goes on on a replica when its primary is killed under writes; the lost one comes back as a replica', async () => {
  const before = await viewOf(client, made.id);
  writer = new Writer(made, before.endpoint!.port);
  await writer.more(50);
  process.kill(before.members.find(({ name }) => name === 'a')!.pid!, 'SIGKILL');
  const after = await settled(client, made.id, ({ availability }) => availability?.primary === 'b');
  await writer.more(20);
  expect(after.endpoint).toEqual(before.endpoint);
  expect(after.members.find(({ name }) => name === 'a')).toMatchObject({ role: 'REPLICA', isRunning: true, isLinkUp: true });
  expect(after.events.nodes.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['Crashed', 'FailedOver']));
  process.stdout.write(`failover: no write was acknowledged for ${Math.round(writer.longestGapMs)} ms\n`);
}, 90_000);

it('is switched over without losing a write', async () => {
  writer!.reset();
  expect(await operate(client, 'switchover', made.id)).toBe('InstancePayload');
  const after = await settled(client, made.id, ({ availability, operations }) => availability?.primary === 'a' && operations.nodes[0]!.phase === 'SUCCEEDED');
  await writer!.more(20);
  expect(after.operations.nodes[0]).toEqual({ kind: 'SWITCHOVER', phase: 'SUCCEEDED', percent: 100 });
  const tenant = await connectTo(made, after.endpoint!);
  const least = writer!.last;
  expect([writer!.wentBack, Number(/\$\d+\r\n(\d+)/.exec(await say(tenant, 'GET', 'written'))![1]) >= least, await say(tenant, 'GET', 'kept')]).toEqual([false, true, '$3\r\nyes\r\n']);
  tenant.close();
  process.stdout.write(`switchover: no write was acknowledged for ${Math.round(writer!.longestGapMs)} ms\n`);
  await writer!.stop();
}, 90_000);

it('grows by a replica and shrinks again', async () => {
  expect(await operate(client, 'addReplica', made.id)).toBe('InstancePayload');
  const stores = (view: Awaited<ReturnType<typeof viewOf>>): number => view.members.filter(({ role }) => role === 'PRIMARY' || role === 'REPLICA').length;
  await settled(client, made.id, (view) => stores(view) === 3);
  expect(await operate(client, 'removeReplica', made.id)).toBe('InstancePayload');
  await settled(client, made.id, (view) => stores(view) === 2);
  expect(await operate(client, 'removeReplica', made.id)).toBe('The last replica stays: without one nobody could take over.');
}, 90_000);

it('is handed over to a store of one’s choice, and refuses one that cannot be', async () => {
  const { availability } = await viewOf(client, made.id);
  const next = availability!.primary === 'a' ? 'b' : 'a';
  expect(await promote(client, made.id, availability!.primary)).toBe(`Store ${availability!.primary} is the primary.`);
  expect(await promote(client, made.id, 'z')).toMatch(/^member: must be one of the stores a, b/); // one that has just gone may still be named
  expect(await promote(client, made.id, next)).toBe('InstancePayload');
  await settled(client, made.id, (view) => view.availability?.primary === next && view.operations.nodes[0]!.phase === 'SUCCEEDED');
}, 60_000);

it('becomes one store and several again without losing a write', async () => {
  const { endpoint, availability } = await viewOf(client, made.id);
  const counting = new Writer(made, endpoint!.port);
  await counting.more(20);
  for (const topology of ['STANDALONE', 'HA'] as const) {
    expect(await changeTopology(client, made.id, topology)).toBe('UpdateInstancePayload');
    const view = await settled(client, made.id, ({ operations }) => operations.nodes[0]!.phase === 'SUCCEEDED');
    expect([view.endpoint, view.operations.nodes[0]]).toEqual([endpoint, { kind: 'CHANGE_TOPOLOGY', phase: 'SUCCEEDED', percent: 100 }]);
    expect(view.members.find(({ name }) => name === availability!.primary)).toMatchObject({ role: 'PRIMARY' });
    expect(view.members).toHaveLength(topology === 'HA' ? 7 : 1);
    await counting.more(20);
    process.stdout.write(`to ${topology}: no write was acknowledged for ${Math.round(counting.longestGapMs)} ms\n`);
    counting.reset();
  }
  await counting.stop();
  const tenant = await connectTo(made, endpoint!);
  expect(Number(/\$\d+\r\n(\d+)/.exec(await say(tenant, 'GET', 'written'))![1])).toBeGreaterThanOrEqual(counting.last);
  expect([counting.wentBack, await say(tenant, 'GET', 'kept')]).toEqual([false, '$3\r\nyes\r\n']);
  tenant.close();
}, 90_000);

it('does the same on redis-server: a lost primary, a handover, a lost replica', async () => {
  const stock = await client.createInstance('stock', { topology: 'HA', engine: 'REDIS' });
  const first = await settled(client, stock.id);
  const pidOf = (view: typeof first, member: string): number => view.members.find(({ name }) => name === member)!.pid!;
  for (const member of ['a', 'b', 'sentinel-1']) expect(readlinkSync(`/proc/${pidOf(first, member)}/exe`)).toContain('redis');
  const counting = new Writer(stock, first.endpoint!.port, 1000);
  await counting.more(50);
  process.kill(pidOf(first, 'a'), 'SIGKILL');
  await settled(client, stock.id, ({ availability }) => availability?.primary === 'b');
  await counting.more(50);
  process.stdout.write(`redis-server, failover: no write was acknowledged for ${Math.round(counting.longestGapMs)} ms\n`);
  counting.reset();
  expect(await operate(client, 'switchover', stock.id)).toBe('InstancePayload');
  const handed = await settled(client, stock.id, ({ availability, operations }) => availability?.primary === 'a' && operations.nodes[0]!.phase === 'SUCCEEDED');
  await counting.more(50);
  process.stdout.write(`redis-server, switchover: no write was acknowledged for ${Math.round(counting.longestGapMs)} ms\n`);
  process.kill(pidOf(handed, 'b'), 'SIGKILL');
  const replaced = await settled(client, stock.id, (view) => pidOf(view, 'b') !== pidOf(handed, 'b'));
  await counting.more(50);
  expect([replaced.availability!.primary, counting.lost]).toEqual(['a', 0]);
  await counting.stop();
  await client.ask(`mutation ($input: DeleteInstanceInput!) { deleteInstance(input: $input) { __typename } }`, { input: { instanceId: stock.id } });
}, 90_000);

it('leaves no process behind when it is deleted', async () => {
  expect(processesIn(directory()).length).toBeGreaterThanOrEqual(7);
  await client.ask(`mutation ($input: DeleteInstanceInput!) { deleteInstance(input: $input) { __typename } }`, { input: { instanceId: made.id } });
  await waitFor('it to be gone', async () => !(await client.instanceNames()).includes('ledger') && processesIn(directory()).length === 0, 30_000);
}, 60_000);
