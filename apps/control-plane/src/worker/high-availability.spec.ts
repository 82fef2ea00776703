// A highly available instance below the API: a wish in PostgreSQL, the loop, eight real processes of our own engine, an ordinary client.
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { builtInPlans, draftInstance, memberKindOf, plannedStepsOf, sealedAs, type InstanceRow, type OperationKind } from '@larder/plane-domain';
import { SnapshotSource } from '@larder/plane-backups';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { LocalProcessProvisioner } from '@larder/plane-provisioner';
import { ReconcileLoop } from '@larder/plane-reconcile';
import { connectRecords, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { repositoryRoot } from '../repository-root';
import { freePort, startTestDatabase, type TestDatabase } from '../testing/database';

jest.setTimeout(90_000);

const root = repositoryRoot();
const engineCommand = process.env['TEST_ENGINE'] ?? path.join(root, 'apps/data-plane/bin/larder-server');
const gateCommand = path.join(root, 'apps/control-plane/bin/larder-gate');
const ids = uuidV7(systemClock, systemRandom);
const secretBox = secretBoxOf(systemRandom.bytes(32));
const password = 'a tenants own';

describe('a highly available instance, from wish to client', () => {
  let database: TestDatabase;
  let client: RecordsClient;
  let home: string;
  let organizationId: string;
  let lowPort: number;
  const workers: ReturnType<typeof worker>[] = [];
  const clients: Redis[] = [];

  beforeAll(async () => {
    database = await startTestDatabase();
    client = connectRecords(database.url);
    home = mkdtempSync(path.join(tmpdir(), 'larder-ha-'));
    const { records } = unitOfWorkOn(client);
    await records.plans.sync(builtInPlans);
    organizationId = ids.next();
    await records.organizations.insert({ id: organizationId, slug: 'main', name: 'Main', createdAt: new Date() });
    lowPort = await freePort();
  });
  afterAll(async () => {
    for (const each of clients) each.disconnect();
    for (const each of workers) await each.stop();
    const provisioner = new LocalProcessProvisioner({ home, engineCommand });
    const members = await provisioner.list();
    for (const member of members.filter(({ name }) => memberKindOf(name) !== 'STORE')) await provisioner.retireProcess(member, null, 500);
    for (const member of members) await provisioner.retireProcess(member, null, 500);
    await client.close();
    await database.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function worker(): { loop: ReconcileLoop; stop(): Promise<void> } {
    const { records } = unitOfWorkOn(client);
    const link = new IoredisInstanceLink();
    const provisioner = new LocalProcessProvisioner({ home, engineCommand, gateCommand, onExit: (member) => { if (!isStopped) void loop.wake(member.instanceId); } });
    let isStopped = false;
    const faults: unknown[] = [];
    const loop = new ReconcileLoop({
      ports: { records, link, provisioner, secrets: secretBox, seeds: null, finalBackup: null, clock: systemClock },
      settings: { instancePortRange: [lowPort, lowPort + 80], bindAddress: '127.0.0.1', publicHost: '127.0.0.1', threadsMax: 0 },
      holder: ids.next(), sweepMs: 3_600_000, onError: (error) => faults.push(error),
    });
    const made = {
      loop,
      async stop() {
        isStopped = true;
        await loop.stop();
        await link.close();
        if (faults.length > 0) throw faults[0];
      },
    };
    workers.push(made);
    return made;
  }

  const records = () => unitOfWorkOn(client).records;
  const rowOf = async (id: string): Promise<InstanceRow> => (await records().instances.byIdForLoop(id))!;
  const memberOf = async (id: string, name: string) => (await records().instanceMembers.ofInstances([id])).find((member) => member.name === name)!;

  async function create(name: string, replicas: number): Promise<string> {
    const draft = draftInstance({ name, planId: process.env['TEST_PLAN'] ?? 'nano', deletionProtection: false, topology: 'HA', replicas }, builtInPlans);
    if (!draft.ok) throw new Error(draft.error.message);
    const id = ids.next();
    await records().instances.insert({
      id, organizationId, spec: draft.value, createdById: null, createdAt: new Date(),
      passwordSealed: secretBox.seal(Buffer.from(password), sealedAs.password(id)),
      systemPasswordSealed: secretBox.seal(Buffer.from('system'), sealedAs.systemPassword(id)),
    });
    await operate(id, 'CREATE_INSTANCE', 1);
    return id;
  }

  async function operate(instanceId: string, kind: OperationKind, generation: number): Promise<string> {
    const id = ids.next();
    await records().operations.insert({
      id, organizationId, instanceId, backupId: null, kind, steps: plannedStepsOf(kind, 'HA'), generation, isCancelable: false, actor: 'system', createdAt: new Date(),
    });
    return id;
  }

  async function change(id: string, kind: OperationKind, spec: Partial<InstanceRow['spec']>): Promise<void> {
    for (;;) {
      const row = await rowOf(id);
      const written = await records().instances.writeSpec(organizationId, id, row.revision, { spec: { ...row.spec, ...spec }, bumpGeneration: true, at: new Date() });
      if (typeof written === 'string') continue;
      await operate(id, kind, written.generation);
      return;
    }
  }

  async function settled(loop: ReconcileLoop, id: string, isSo: (row: InstanceRow) => boolean = () => true, ms = 30_000): Promise<InstanceRow> {
    const deadline = Date.now() + ms;
    void loop.wake(id);
    for (;;) {
      const row = await rowOf(id);
      const isReady = row.conditions.find(({ type }) => type === 'Ready')?.status === 'TRUE';
      if (row.deletedAt !== null || (isReady && row.observedGeneration === row.generation && isSo(row))) return row;
      if (Date.now() > deadline) throw new Error(`not settled: ${JSON.stringify([row.conditions, row.availability])}`);
      await new Promise((turn) => setTimeout(turn, 20));
    }
  }

  function connect(options: object): Redis {
    const redis = new Redis({ password, retryStrategy: () => 20, maxRetriesPerRequest: 1, disconnectTimeout: 0, ...options }).on('error', () => undefined);
    clients.push(redis);
    return redis;
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error('it did not come about in 15 s');
      await new Promise((turn) => setTimeout(turn, 50));
    }
  }

  function processes(): string[] {
    return readdirSync('/proc').filter((name) => {
      try {
        return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(home);
      } catch {
        return false;
      }
    });
  }

  it('comes up, survives its primary, hands over without a loss, grows and shrinks, and goes without a trace', async () => {
    const first = worker();
    const { loop } = first;
    const began = performance.now();
    const id = await create('orders', 1);
    const made = await settled(loop, id);
    process.stdout.write(`ready in ${Math.round(performance.now() - began)} ms\n`);
    expect(made.availability).toMatchObject({ primary: 'a', sentinelsUp: 3, stores: [{ name: 'a', role: 'PRIMARY' }, { name: 'b', role: 'REPLICA', isLinkUp: true }] });
    const redis = connect(made.endpoint!);
    await redis.set('kept', 'yes');
    await expect(redis.call('CONFIG', 'GET', 'masterauth')).rejects.toThrow('NOPERM');
    const { port: reads } = await memberOf(id, 'reads');
    await until(async () => ((await connect({ host: '127.0.0.1', port: reads }).call('ROLE')) as string[])[0] === 'slave');
    const sentinels = (await records().instanceMembers.ofInstances([id])).filter(({ name }) => memberKindOf(name) === 'SENTINEL').map(({ port }) => ({ host: '127.0.0.1', port }));
    const followed = connect({ sentinels, name: 'primary', sentinelPassword: password });
    expect(await followed.get('kept')).toBe('yes');

    // A backup is the replica's work.
    const saves = async (): Promise<number[]> => Promise.all(['a', 'b'].map(async (name) => {
      const system = connect({ host: '127.0.0.1', port: (await memberOf(id, name)).port, username: 'larder-system', password: 'system' });
      return Number(/rdb_saves:(\d+)/.exec(await system.info('persistence'))?.[1]);
    }));
    const before = await saves();
    const link = new IoredisInstanceLink();
    const { rdb } = await new SnapshotSource({ records: records(), secrets: secretBox, link, bindAddress: '127.0.0.1' }).open(id);
    for await (const chunk of rdb) expect(chunk.length).toBeGreaterThan(0);
    await link.close();
    const after = await saves();
    expect([after[0]! - before[0]!, after[1]! - before[1]!]).toEqual([0, 1]);

    // The primary dies.
    let [acknowledged, longestMs, lastMs, lastValue, wentBack, isOver] = [0, 0, performance.now(), 0, false, false];
    const writing = (async () => {
      while (!isOver) {
        const value = await redis.incr('written').catch(() => undefined);
        if (value === undefined) continue;
        wentBack ||= value <= lastValue;
        lastValue = value;
        acknowledged += 1;
        longestMs = Math.max(longestMs, performance.now() - lastMs);
        lastMs = performance.now();
      }
    })();
    process.kill((await memberOf(id, 'a')).identity!.pid, 'SIGKILL');
    const over = await settled(loop, id, (row) => row.availability?.primary === 'b' && row.availability.stores.every(({ role, isLinkUp }) => role === 'PRIMARY' || isLinkUp));
    process.stdout.write(`failover: writes stood still for ${Math.round(longestMs)} ms\n`);
    expect(over.availability!.configEpoch).toBeGreaterThan(0);
    expect((await records().instanceEvents.page(organizationId, id, { first: 50, after: null })).items.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['Crashed', 'FailedOver']));

    expect(await redis.get('kept')).toBe('yes');

    // Back again, with nothing lost.
    [longestMs, wentBack] = [0, false];
    await change(id, 'SWITCHOVER', { handover: { id: ids.next(), mode: 'SWITCHOVER', epoch: over.availability!.configEpoch, askedAt: new Date().toISOString() } });
    await settled(loop, id, (row) => row.availability?.primary === 'a');
    const counted = acknowledged;
    await until(async () => acknowledged > counted + 20);
    process.stdout.write(`switchover: writes stood still for ${Math.round(longestMs)} ms\n`);
    isOver = true;
    await writing;
    expect([wentBack, Number(await redis.get('written')) >= lastValue]).toEqual([false, true]);
    expect(await redis.get('kept')).toBe('yes');

    expect((await records().instanceEvents.page(organizationId, id, { first: 50, after: null })).items.map(({ reason }) => reason)).toContain('SwitchedOver');

    // Another worker finds everything as it is.
    const pids = processes().sort();
    await first.stop();
    const second = worker();
    await second.loop.sweep();
    expect(processes().sort()).toEqual(pids);

    await change(id, 'ADD_REPLICA', { replicas: 2 });
    expect((await settled(second.loop, id)).availability!.stores.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    await change(id, 'REMOVE_REPLICA', { replicas: 1 });
    await settled(second.loop, id);
    await settled(second.loop, id, (row) => row.availability!.stores.length === 2);
    await change(id, 'RESTART_INSTANCE', { restartNonce: 1 });
    await settled(second.loop, id);
    expect((await records().instanceMembers.ofInstances([id])).map(({ restartNonce }) => restartNonce)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(await redis.get('kept')).toBe('yes');

    await change(id, 'DELETE_INSTANCE', { desiredState: 'DELETED' });
    await settled(second.loop, id);
    expect([processes(), existsSync(path.join(home, 'instances', id)), await records().instanceMembers.ofInstances([id])]).toEqual([[], false, []]);
    for (const { kind, phase } of (await records().operations.page(organizationId, { first: 50, after: null }, {})).items) expect([kind, phase]).toEqual([kind, 'SUCCEEDED']);
  });

  it('does not bring a primary back empty while the replica that has everything only hangs', async () => {
    const { loop } = worker();
    const id = await create('hanging', 1);
    const redis = connect((await settled(loop, id)).endpoint!);
    await redis.set('kept', 'yes');
    const replica = (await memberOf(id, 'b')).identity!.pid;
    const linked = connect({ host: '127.0.0.1', port: (await memberOf(id, 'b')).port });
    await until(async () => (await linked.get('kept')) === 'yes');
    process.kill(replica, 'SIGSTOP');
    try {
      // Its files hold nothing: no save point was reached.
      process.kill((await memberOf(id, 'a')).identity!.pid, 'SIGKILL');
      await until(async () => (await rowOf(id)).conditions.find(({ type }) => type === 'ProcessesReady')?.reason === 'PrimaryLost');
    } finally {
      process.kill(replica, 'SIGCONT');
    }
    await settled(loop, id, (row) => row.availability?.primary === 'b');
    expect(await redis.get('kept')).toBe('yes');
    await change(id, 'DELETE_INSTANCE', { desiredState: 'DELETED' });
    await settled(loop, id);
  });
});
