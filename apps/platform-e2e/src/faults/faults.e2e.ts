/**
 * kill -9 of each part, of all parts at once and of the start itself: what was acknowledged is there, and within thirty seconds all
 * is well again without anybody's hands.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { waitFor } from '@larder/shared-testing';
import { ApiClient, connectTo, say, type CreatedInstance } from '../platform/api-client';
import { pidOf, processesIn, removeHome, startLarder, type Larder, type Part } from '../platform/larder';

const healMs = 30_000;

let larder: Larder;
let client: ApiClient;
let acknowledged: CreatedInstance[];
let number = 0;

beforeAll(async () => {
  larder = await startLarder({ env: { SWEEP_SECONDS: '10' } });
  client = new ApiClient(larder.apiUrl);
  await client.signIn(larder.signIn!);
  acknowledged = [];
}, 240_000);

afterAll(async () => {
  await larder?.stop();
  if (larder) removeHome(larder.home);
}, 60_000);

describe.each(['api', 'worker', 'queue', 'postgres', 'console'] as const)('kill -9 of %s', (part) => {
  it('loses nothing that was acknowledged and heals by itself', async () => {
    const before = await create();
    process.kill(pidOf(larder, part), 'SIGKILL');
    const killedAt = Date.now();
    // Asked again until somebody answers: only an answer counts as acknowledged.
    const after = await waitFor('a creation to be acknowledged', () => create(), healMs);
    await Promise.all([before, after].map(({ id }) => client.awaitReady(id, healMs - (Date.now() - killedAt))));
    expect(await client.instanceNames()).toEqual(acknowledged.map(({ name }) => name).sort());
    await expectServing(before, after);
    await expectHealthy();
  }, 90_000);
});

describe('kill -9 of an instance', () => {
  it('is seen, told and healed, on the same endpoint', async () => {
    const victim = await create();
    const { endpoint, members } = await client.awaitReady(victim.id);
    process.kill(members[0]!.pid!, 'SIGKILL');
    const healed = await waitFor('the recovery to be told', async () => {
      const view = await client.instance(victim.id);
      return view.events.nodes.some(({ reason }) => reason === 'Recovered') ? view : false;
    }, healMs);
    expect(healed).toMatchObject({ state: 'READY', endpoint });
    expect(healed.members[0]!.pid).not.toBe(members[0]!.pid);
    expect(healed.events.nodes.map(({ reason }) => reason)).toContain('Crashed');
    await expectServing(victim);
  }, 60_000);

  it('after a live switch to a log that is flushed always, loses nothing that was acknowledged', async () => {
    const victim = await create({ persistence: 'NONE' });
    const { endpoint, members } = await client.awaitReady(victim.id);
    const tenant = await connectTo(victim, endpoint!);
    await say(tenant, 'SET', 'before', 'the switch');
    await client.ask(`mutation ($input: UpdateInstanceInput!) { updateInstance(input: $input) { __typename ... on Refusal { message } } }`,
      { input: { instanceId: victim.id, persistence: 'RDB_AOF', appendFsync: 'ALWAYS' } });
    await client.awaitReady(victim.id);
    for (let write = 1; write <= 50; write += 1) expect(await say(tenant, 'INCR', 'written')).toBe(`:${write}\r\n`);
    process.kill(members[0]!.pid!, 'SIGKILL');
    tenant.close();
    const again = await waitFor('the store to take connections again', () => connectTo(victim, endpoint!), healMs);
    await waitFor('all to be loaded', async () => (await say(again, 'PING')) === '+PONG\r\n', healMs);
    expect([await say(again, 'GET', 'written'), await say(again, 'GET', 'before')]).toEqual(['$2\r\n50\r\n', '$10\r\nthe switch\r\n']);
    again.close();
  }, 60_000);
});

describe('kill -9 of everything but the start', () => {
  it('heals by itself', async () => {
    const before = await create();
    await client.awaitReady(before.id);
    const parts: Part[] = ['api', 'worker', 'queue', 'postgres'];
    for (const pid of [...parts.map((part) => pidOf(larder, part)), ...processesIn(path.join(larder.home, 'instances'))]) process.kill(pid, 'SIGKILL');
    await waitFor('all instances to answer', async () => {
      await expectServing(before);
      return true;
    }, healMs);
    await waitFor('the same list', async () => {
      expect(await client.instanceNames()).toEqual(acknowledged.map(({ name }) => name).sort());
      return true;
    }, healMs);
    await expectHealthy();
  }, 90_000);
});

describe('while all goes well', () => {
  it('the worker tells by metrics how every instance and every queue is', async () => {
    const made = await create();
    await client.awaitReady(made.id);
    await waitFor('the instance among the metrics', async () => {
      const text = await (await fetch(`http://127.0.0.1:${larder.ports.worker}/metrics`)).text();
      expect(text).toMatch(new RegExp(`larder_instance_up\\{instance="[^"]+",name="${made.name}"\\} 1`));
      expect(text).toMatch(/larder_queue_jobs\{queue="instances",state="waiting"\} \d+/);
      expect(text).toMatch(/larder_reconcile_passes_total\{result="settled"\} \d+/);
      return true;
    }, healMs);
  }, 60_000);

  it("the queue's own engine keeps an append-only file", () => {
    expect(existsSync(path.join(larder.home, 'queue/appendonlydir/appendonly.aof.manifest'))).toBe(true);
  });
});

describe('the start itself', () => {
  it('killed, leaves instances serving; the next one adopts them', async () => {
    const kept = await create();
    const { members, endpoint } = await client.awaitReady(kept.id);
    const tenant = await connectTo(kept, endpoint!);
    await larder.kill();
    expect(await say(tenant, 'SET', 'while', 'away')).toBe('+OK\r\n');
    larder = await startLarder({ home: larder.home, ports: larder.ports });
    expect(larder.signIn).toBeNull();
    expect(await say(tenant, 'GET', 'while')).toBe('$4\r\naway\r\n');
    tenant.close();
    expect((await client.awaitReady(kept.id)).members[0]!.pid).toBe(members[0]!.pid);
    await expectHealthy();
  }, 90_000);

  it('refuses to run twice on one home, and says by name which port is taken', async () => {
    await expect(startLarder({ home: larder.home, ports: larder.ports })).rejects.toThrow('Larder is already running');
    const other = await startLarder({ ports: larder.ports }).then(() => 'up', (error: Error) => error.message);
    for (const name of ['API_PORT', 'CONSOLE_PORT', 'WORKER_PORT', 'QUEUE_PORT', 'DATABASE_PORT']) expect(other).toContain(`${name}: port`);
  }, 60_000);

  it('stops everything on Ctrl-C, each instance saved, and the next one brings all of it back', async () => {
    const kept = await create();
    const { endpoint } = await client.awaitReady(kept.id);
    const tenant = await connectTo(kept, endpoint!);
    expect(await say(tenant, 'SET', 'answer', '42')).toBe('+OK\r\n');
    tenant.close();
    const tookMs = await larder.stop();
    expect(processesIn(larder.home)).toEqual([]);
    expect(tookMs).toBeLessThan(5000);
    larder = await startLarder({ home: larder.home, ports: larder.ports });
    await Promise.all(acknowledged.map(({ id }) => client.awaitReady(id)));
    const again = await connectTo(kept, (await client.instance(kept.id)).endpoint!);
    expect(await say(again, 'GET', 'answer')).toBe('$2\r\n42\r\n');
    again.close();
    // A planned stop is no crash.
    expect((await client.instance(kept.id)).events.nodes.map(({ reason }) => reason)).not.toContain('Crashed');
  }, 120_000);
});

async function create(more: object = {}): Promise<CreatedInstance> {
  const made = await client.createInstance(`fault-${(number += 1)}`, more);
  acknowledged.push(made);
  return made;
}

async function expectServing(...instances: CreatedInstance[]): Promise<void> {
  for (const instance of instances) {
    const { endpoint } = await client.instance(instance.id);
    const tenant = await connectTo(instance, endpoint!);
    expect(await say(tenant, 'PING')).toBe('+PONG\r\n');
    tenant.close();
  }
}

/** Every part answers, and every instance has one process. */
async function expectHealthy(): Promise<void> {
  for (const [port, place] of [[larder.ports.api, 'healthz'], [larder.ports.worker, 'readyz'], [larder.ports.console, '']] as const) {
    await waitFor(`port ${port} to answer`, async () => (await fetch(`http://127.0.0.1:${port}/${place}`)).status < 400, healMs);
  }
  for (const { id, name } of acknowledged) {
    const raw = Buffer.from(id, 'base64url').toString('utf8').split(':')[1]!;
    await waitFor(`one process of ${name}`, () => processesIn(path.join(larder.home, 'instances', raw)).length === 1, healMs);
  }
}
