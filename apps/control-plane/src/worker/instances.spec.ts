// The whole road of an instance below the API: a wish in PostgreSQL, the loop, real processes, an ordinary client.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { builtInPlans, draftInstance, plannedStepsOf, sealedAs, type InstanceRow, type OperationKind } from '@larder/plane-domain';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { LocalProcessProvisioner } from '@larder/plane-provisioner';
import { ReconcileLoop, Sampler } from '@larder/plane-reconcile';
import { connectRecords, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { repositoryRoot } from '../repository-root';
import { freePort, startTestDatabase, type TestDatabase } from '../testing/database';

jest.setTimeout(60_000);

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const withRedis = hasRedis || process.env['CI'] === 'true' ? describe : describe.skip;
/** Either engine goes the whole road: TEST_ENGINE names another executable. */
const engineCommand = process.env['TEST_ENGINE'] ?? 'redis-server';
const larderServer = path.join(repositoryRoot(), 'apps/data-plane/bin/larder-server');
const ids = uuidV7(systemClock, systemRandom);
const secretBox = secretBoxOf(systemRandom.bytes(32));
const password = 'a tenant’s own';

withRedis('instances, from wish to client', () => {
  let database: TestDatabase;
  let client: RecordsClient;
  let home: string;
  let organizationId: string;
  let lowPort: number;
  const workers: ReturnType<typeof worker>[] = [];

  beforeAll(async () => {
    database = await startTestDatabase();
    client = connectRecords(database.url);
    home = mkdtempSync(path.join(tmpdir(), 'larder-instances-'));
    const { records } = unitOfWorkOn(client);
    await records.plans.sync(builtInPlans);
    organizationId = ids.next();
    await records.organizations.insert({ id: organizationId, slug: 'main', name: 'Main', createdAt: new Date() });
    lowPort = await freePort();
  });
  afterAll(async () => {
    for (const each of workers) await each.stop();
    const provisioner = new LocalProcessProvisioner({ home, engineCommand });
    for (const member of await provisioner.list()) await provisioner.retireProcess(member, null, 2000);
    await client.close();
    await database.stop();
    rmSync(home, { recursive: true, force: true });
  });

  function worker(command = engineCommand): { loop: ReconcileLoop; sampler: Sampler; stop(): Promise<void> } {
    const { records } = unitOfWorkOn(client);
    const link = new IoredisInstanceLink();
    const provisioner = new LocalProcessProvisioner({ home, engineCommand: command });
    const loop = new ReconcileLoop({
      ports: { records, link, provisioner, secrets: secretBox, seeds: null, finalBackup: null, clock: systemClock },
      settings: { instancePortRange: [lowPort, lowPort + 50], bindAddress: '127.0.0.1', publicHost: '127.0.0.1', threadsMax: 0 },
      holder: ids.next(), sweepMs: 3_600_000, onError: (error) => { throw error; },
    });
    const sampler = new Sampler({ records, link, provisioner, secrets: secretBox, clock: systemClock, bindAddress: '127.0.0.1', wake: (id) => void loop.wake(id) });
    const made = { loop, sampler, stop: async () => { await loop.stop(); await link.close(); } };
    workers.push(made);
    return made;
  }

  async function create(name: string, spec: Partial<InstanceRow['spec']> = {}): Promise<string> {
    const { records } = unitOfWorkOn(client);
    const draft = draftInstance({ name, planId: 'nano', deletionProtection: false }, builtInPlans);
    if (!draft.ok) throw new Error(draft.error.message);
    const id = ids.next();
    await records.instances.insert({
      id, organizationId, spec: { ...draft.value, ...spec }, createdById: null, createdAt: new Date(),
      passwordSealed: secretBox.seal(Buffer.from(password), sealedAs.password(id)),
      systemPasswordSealed: secretBox.seal(Buffer.from('system'), sealedAs.systemPassword(id)),
    });
    await operate(id, 'CREATE_INSTANCE', 1);
    return id;
  }

  async function operate(instanceId: string, kind: OperationKind, generation: number): Promise<string> {
    const id = ids.next();
    await unitOfWorkOn(client).records.operations.insert({
      id, organizationId, instanceId, backupId: null, kind, steps: plannedStepsOf(kind), generation, isCancelable: false, actor: 'system', createdAt: new Date(),
    });
    return id;
  }

  async function change(row: InstanceRow, spec: Partial<InstanceRow['spec']>, passwords?: { passwordSealed: string; previousPasswordSealed: string; previousPasswordUntil: Date }): Promise<void> {
    await unitOfWorkOn(client).records.instances.writeSpec(organizationId, row.id, row.revision, {
      spec: { ...row.spec, ...spec }, bumpGeneration: true, at: new Date(), ...(passwords ? { passwords } : {}),
    });
  }

  const rowOf = async (id: string): Promise<InstanceRow> => (await unitOfWorkOn(client).records.instances.byIdForLoop(id))!;
  const connect = async (id: string, secret = password): Promise<Redis> =>
    new Redis({ ...(await rowOf(id)).endpoint!, password: secret, retryStrategy: () => null, maxRetriesPerRequest: 1 }).on('error', () => undefined);

  it('creates, changes, rotates, heals, is adopted by another worker, and deletes without a trace', async () => {
    const first = worker();
    const id = await create('orders');
    await first.loop.wake(id);
    const redis = await connect(id);
    await redis.set('kept', 'yes');
    expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', String(32 * 1024 * 1024)]);
    await expect(redis.call('CONFIG', 'SET', 'dir', '/tmp')).rejects.toThrow('NOPERM');
    const { records } = unitOfWorkOn(client);
    expect((await records.operations.page(organizationId, { first: 1, after: null }, {})).items[0]).toMatchObject({ phase: 'SUCCEEDED', percent: 100 });

    await change(await rowOf(id), { maxmemoryPolicy: 'ALLKEYS_LRU' });
    await first.loop.wake(id);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'allkeys-lru']);

    const row = await rowOf(id);
    await change(row, { credentialVersion: 2 }, {
      passwordSealed: secretBox.seal(Buffer.from('the next one'), sealedAs.password(id)), previousPasswordSealed: row.passwordSealed,
      previousPasswordUntil: new Date(Date.now() + 3_600_000),
    });
    await first.loop.wake(id);
    for (const secret of [password, 'the next one']) {
      const again = await connect(id, secret);
      expect(await again.get('kept')).toBe('yes');
      again.disconnect();
    }

    await first.stop(); // the instance goes on without any worker
    const pidBefore = (await records.instanceMembers.ofInstances([id]))[0]!.identity!.pid;
    expect(await redis.get('kept')).toBe('yes');
    const second = worker();
    await second.loop.sweep();
    expect((await records.instanceMembers.ofInstances([id]))[0]!.identity!.pid).toBe(pidBefore);

    await second.sampler.round();
    expect(second.sampler.gauges().get(id)).toMatchObject({ isUp: true, name: 'orders', sample: { keys: 1 } });
    expect(await records.metrics.range(organizationId, id, new Date(0), new Date(Date.now() + 1000))).toHaveLength(1);

    redis.disconnect();
    process.kill(pidBefore, 'SIGKILL');
    // The kernel takes its time; a pass before that rightly finds the process running.
    while (existsSync(`/proc/${pidBefore}`)) await new Promise((turn) => setImmediate(turn));
    await second.loop.wake(id);
    const after = (await records.instanceMembers.ofInstances([id]))[0]!;
    expect(after).toMatchObject({ crashes: 1, exitedAt: null });
    expect(after.identity!.pid).not.toBe(pidBefore);
    const events = (await records.instanceEvents.page(organizationId, id, { first: 20, after: null })).items.map(({ reason }) => reason);
    expect(events).toEqual(['Recovered', 'Started', 'Crashed', 'CredentialsApplied', 'SettingsApplied', 'Ready', 'Started']);

    const { generation } = await rowOf(id);
    await change(await rowOf(id), { desiredState: 'DELETED' });
    await operate(id, 'DELETE_INSTANCE', generation + 1);
    await second.loop.wake(id);
    expect(await rowOf(id)).toMatchObject({ endpoint: null });
    expect((await rowOf(id)).deletedAt).not.toBeNull();
    expect(existsSync(path.join(home, 'instances', id))).toBe(false);
    expect(await records.instanceMembers.ofInstances([id])).toEqual([]);
  });

  it('switches persistence all twelve ways under writes, and a kill -9 after each takes only what the new mode gives up', async () => {
    const modes = ['RDB', 'NONE', 'AOF', 'NONE', 'RDB_AOF', 'RDB', 'AOF', 'RDB', 'RDB_AOF', 'AOF', 'RDB_AOF', 'NONE'] as const;
    const { loop, sampler } = worker(process.env['TEST_ENGINE'] ?? larderServer);
    // ALWAYS, so that a log holds whatever was acknowledged, also where another thread writes it.
    const id = await create('switched', { persistence: 'NONE', appendFsync: 'ALWAYS' });
    await loop.wake(id);
    const { records } = unitOfWorkOn(client);
    for (const mode of modes) {
      const writer = startWriting(await connect(id));
      await until(async () => writer.acknowledged() > 20);
      const before = writer.acknowledged();
      await change(await rowOf(id), { persistence: mode });
      await loop.wake(id);
      await until(async () => { const row = await rowOf(id); return row.observedGeneration === row.generation; });
      await until(async () => writer.acknowledged() > before + 20);
      await writer.stop();
      const [member] = await records.instanceMembers.ofInstances([id]);
      expect(member).toMatchObject({ persistence: mode });
      process.kill(member!.identity!.pid, 'SIGKILL');
      while (existsSync(`/proc/${member!.identity!.pid}`)) await new Promise((turn) => setImmediate(turn));
      // Its crash is not its own fault, and nobody shall wait for the back-off.
      await until(async () => {
        await client.prisma.instanceMember.updateMany({ data: { crashes: 0, notBefore: null } });
        await loop.wake(id);
        return (await rowOf(id)).conditions.find(({ type }) => type === 'Ready')?.status === 'TRUE';
      });
      const redis = await connect(id);
      const found = Number(await redis.get('written') ?? 0);
      const least = mode === 'NONE' ? 0 : mode === 'RDB' ? before : writer.acknowledged();
      if (mode === 'NONE') expect([mode, found]).toEqual([mode, 0]);
      else expect([mode, found >= least, found, least]).toEqual([mode, true, found, least]);
      await redis.set('written', 0);
      redis.disconnect();
    }
    await sampler.round();
    expect((await records.instanceMembers.ofInstances([id]))[0]!.persistenceSeen).toMatchObject({ isAppendLogOn: false, isLastSaveOk: true, lastSaveBytes: null });
  }, 180_000);

  /** Counts what was acknowledged. */
  function startWriting(redis: Redis): { acknowledged(): number; stop(): Promise<void> } {
    let [count, isOver] = [0, false];
    const writing = (async () => {
      while (!isOver) count = await redis.incr('written').catch(() => count);
    })();
    return { acknowledged: () => count, async stop() { isOver = true; await writing; redis.disconnect(); } };
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 15_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error('it did not come about in 15 s');
      await new Promise((turn) => setTimeout(turn, 10));
    }
  }

  it('makes twenty at once with two workers, each on a port of its own', async () => {
    const two = [worker(), worker()];
    const made = await Promise.all(Array.from({ length: 20 }, (_, index) => create(`many-${index}`)));
    await Promise.all(two.map((each) => each.loop.sweep()));
    await Promise.all(two.map((each) => each.loop.sweep()));
    const rows = await Promise.all(made.map(rowOf));
    expect(new Set(rows.map((row) => row.endpoint?.port)).size).toBe(20);
    for (const row of rows) expect(row.observedGeneration).toBe(1);
    const provisioner = new LocalProcessProvisioner({ home, engineCommand });
    expect((await provisioner.list()).filter(({ instanceId }) => made.includes(instanceId))).toHaveLength(20);
  });
});
