// The whole road of a backup below the API: schedules and runs in a real PostgreSQL, stores and scratch engines that are real
// redis-servers, workers that are killed.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Redis } from 'ioredis';
import S3rver from 's3rver';
import {
  builtInPlans, draftInstance, plannedStepsOf, sealedAs, type BackupRow, type BackupScheduleRow, type ByteStream, type InstanceRow, type Seed,
  type UnitOfWork,
} from '@larder/plane-domain';
import {
  BackupLoop, FileStorage, finalBackupOn, LocalScratchEngine, receiveUpload, removeExpiredUploads, runBackup, runTick, seedSourceOn, SnapshotSource,
  storageOf, sweepStorage, TickScheduler, type RunPorts,
} from '@larder/plane-backups';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { LocalProcessProvisioner } from '@larder/plane-provisioner';
import { queueConnection, ReconcileLoop } from '@larder/plane-reconcile';
import { connectRecords, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { hourMs, systemClock, systemRandom, uuidV7, dayMs, type Clock } from '@larder/shared-std';
import { seededRandom } from '@larder/shared-std/testing';
import { repositoryRoot } from '../repository-root';
import { freePort, startTestDatabase, type TestDatabase } from '../testing/database';

jest.setTimeout(60_000);

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const withRedis = hasRedis || process.env['CI'] === 'true' ? describe : describe.skip;
/** Debian's redis-server goes the same road; LARDER_TEST_ENGINE names another engine. */
const engine = process.env['LARDER_TEST_ENGINE'] ?? 'redis-server';
const ids = uuidV7(systemClock, systemRandom);
const masterKey = systemRandom.bytes(32);
const secrets = secretBoxOf(masterKey);
const password = 'a tenant’s own';

withRedis('backups', () => {
  let database: TestDatabase;
  let client: RecordsClient;
  let work: UnitOfWork;
  let home: string;
  let organizationId: string;
  let reconcile: ReconcileLoop;
  let loop: BackupLoop;
  let ports: RunPorts & { readonly scratch: LocalScratchEngine };
  const link = new IoredisInstanceLink();

  beforeAll(async () => {
    database = await startTestDatabase();
    client = connectRecords(database.url);
    work = unitOfWorkOn(client);
    home = mkdtempSync(path.join(tmpdir(), 'larder-backups-'));
    await work.records.plans.sync(builtInPlans);
    organizationId = ids.next();
    await work.records.organizations.insert({ id: organizationId, slug: 'main', name: 'Main', createdAt: new Date() });
    const storage = new FileStorage({ root: path.join(home, 'backups') });
    const scratch = new LocalScratchEngine({ root: path.join(home, 'scratch'), engineCommand: engine });
    const source = new SnapshotSource({ records: work.records, secrets, link, bindAddress: '127.0.0.1' });
    ports = { work, source, scratch, storage, secrets, clock: systemClock, holder: 'test' };
    loop = new BackupLoop({ ports: { ...ports, ids }, sweepMs: hourMs, onError: (error) => { throw error; } });
    const lowPort = await freePort();
    reconcile = new ReconcileLoop({
      ports: {
        records: work.records, link, provisioner: new LocalProcessProvisioner({ home, engineCommand: engine }), secrets, clock: systemClock,
        seeds: seedSourceOn({ records: work.records, storage, secrets }),
        finalBackup: finalBackupOn({ work, clock: systemClock, ids, wake: { backup: async (id) => void loop.wake(id) } }),
      },
      settings: { instancePortRange: [lowPort, lowPort + 50], bindAddress: '127.0.0.1', publicHost: '127.0.0.1', threadsMax: 0 },
      holder: ids.next(), sweepMs: hourMs, onError: (error) => { throw error; },
    });
  });
  afterAll(async () => {
    await loop?.stop();
    await reconcile?.stop();
    const provisioner = new LocalProcessProvisioner({ home, engineCommand: engine });
    for (const member of await provisioner.list()) await provisioner.retireProcess(member, null, 2000);
    await link.close();
    await client?.close();
    await database?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  async function create(name: string, seed: Seed | null = null, persistence: 'RDB' | 'NONE' = 'RDB'): Promise<InstanceRow> {
    const draft = draftInstance({ name, planId: 'nano', deletionProtection: false, persistence }, builtInPlans, seed);
    if (!draft.ok) throw new Error(draft.error.message);
    const id = ids.next();
    await work.records.instances.insert({
      id, organizationId, spec: draft.value, createdById: null, createdAt: new Date(),
      passwordSealed: secrets.seal(Buffer.from(password), sealedAs.password(id)),
      systemPasswordSealed: secrets.seal(Buffer.from('system'), sealedAs.systemPassword(id)),
    });
    await work.records.operations.insert({
      id: ids.next(), organizationId, instanceId: id, backupId: null, kind: seed ? 'RESTORE_BACKUP' : 'CREATE_INSTANCE', isCancelable: false,
      steps: plannedStepsOf('CREATE_INSTANCE'), generation: 1, actor: 'system', createdAt: new Date(),
    });
    return reconciled(id);
  }

  async function reconciled(id: string): Promise<InstanceRow> {
    for (;;) {
      await reconcile.wake(id);
      const row = (await work.records.instances.byIdForLoop(id))!;
      if (row.observedGeneration === row.generation || row.deletedAt !== null) return row;
    }
  }

  function connect(instance: InstanceRow): Redis {
    return new Redis({ host: '127.0.0.1', port: instance.endpoint!.port, password });
  }

  async function fill(instance: InstanceRow, keys: number): Promise<void> {
    const redis = connect(instance);
    const pipeline = redis.pipeline();
    for (let index = 0; index < keys; index += 1) pipeline.set(`key ${index}`, Buffer.from(seededRandom(index).bytes(300)));
    pipeline.rpush('list', 'a', 'b').hset('hash', 'f', 'v').zadd('board', 1, 'a').sadd('set', 'x').xadd('stream', '*', 'f', 'v').set('brief', 'x', 'PX', 500);
    pipeline.select(5).set('elsewhere', 'x');
    await pipeline.exec();
    await redis.quit();
  }

  async function ask(instance: InstanceRow): Promise<string> {
    const [id, operationId] = [ids.next(), ids.next()];
    await work.records.backups.insert({
      id, organizationId, instanceId: instance.id, instanceName: instance.spec.name, scheduleId: null, operationId, trigger: 'MANUAL', state: 'PENDING',
      scheduledAt: null, createdById: null, createdAt: new Date(),
    });
    await work.records.operations.insert({
      id: operationId, organizationId, instanceId: instance.id, backupId: id, kind: 'CREATE_BACKUP', steps: plannedStepsOf('CREATE_BACKUP'),
      generation: null, isCancelable: false, actor: 'system', createdAt: new Date(),
    });
    return id;
  }

  const backup = async (id: string): Promise<BackupRow> => (await work.records.backups.byIdForLoop(id))!;
  const operationOf = async (row: BackupRow) => (await work.records.operations.byIdForLoop(row.operationId!))!;

  async function objects(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of ports.storage.list('')) keys.push(key);
    return keys.sort();
  }

  async function schedule(instance: InstanceRow, wish: Partial<BackupScheduleRow> = {}): Promise<BackupScheduleRow> {
    const row: BackupScheduleRow = {
      id: ids.next(), organizationId, instanceId: instance.id, cron: '0 * * * *', timeZone: 'UTC', isEnabled: true, missedPolicy: 'ALL',
      retentionCount: null, retentionDays: null, nextAt: new Date(Date.now() - 1000), lastAt: null, revision: 1, createdAt: new Date(), ...wish,
    };
    await work.records.backupSchedules.insert(row);
    return row;
  }

  const runsOf = async (instance: InstanceRow, first = 100): Promise<readonly BackupRow[]> =>
    (await work.records.backups.page(organizationId, { first, after: null }, { instanceId: instance.id })).items;

  describe('one', () => {
    it('is taken, proven, restored as a new instance, downloaded and removed', async () => {
      const instance = await create('origin');
      await fill(instance, 2000);
      const id = await ask(instance);
      await loop.wake(id);
      const row = await backup(id);
      expect(row).toMatchObject({
        state: 'COMPLETED', verification: 'VERIFIED', attempts: 1, keyCount: 2007, errorMessage: null, engineVersion: expect.stringMatching(/^\d+\.\d+/),
        verificationMessage: expect.stringMatching(/^A scratch engine loaded it and found all 200\d keys\.$/),
      });
      expect(row.keyCounts).toContainEqual({ database: 5, type: 'string', keys: 1 });
      expect(row.sizeBytes!).toBe((await ports.storage.stat(row.storageKey!))!.sizeBytes);
      expect((await operationOf(row)).steps.map(({ name, state }) => [name, state])).toEqual([['queue', 'DONE'], ['stream', 'DONE'], ['verify', 'DONE']]);
      expect(await operationOf(row)).toMatchObject({ phase: 'SUCCEEDED', percent: 100 });

      const restored = await create('restored', { kind: 'BACKUP', backupId: id });
      expect(restored.seededAt).not.toBeNull();
      const [left, right] = [connect(instance), connect(restored)];
      expect(await right.call('DEBUG', 'DIGEST').catch(() => 'refused')).toBe('refused'); // not a tenant's command
      for (const key of ['key 0', 'key 1999']) expect(await right.getBuffer(key)).toEqual(await left.getBuffer(key));
      expect([await right.lrange('list', 0, -1), await right.hgetall('hash'), await right.xlen('stream')]).toEqual([['a', 'b'], { f: 'v' }, 1]);
      await Promise.all([left.quit(), right.quit()]);

      const file = path.join(home, 'download.rdb');
      writeFileSync(file, await gather(await seeds().open(organizationId, { kind: 'BACKUP', backupId: id })));
      expect(spawnSync('redis-check-rdb', [file], { encoding: 'utf8' }).stdout).toContain('RDB looks OK');
      await expect(seeds().open(ids.next(), { kind: 'BACKUP', backupId: id })).rejects.toThrow('the backup is gone');

      expect(await work.records.backups.moveForLoop(id, 'COMPLETED', { state: 'DELETING' }, new Date())).toBe(true);
      await loop.wake(id);
      expect(await backup(id)).toMatchObject({ state: 'DELETED', storageKey: null, dataKeySealed: null, keyCount: 2007 });
      expect(await objects()).toEqual([]);
    });

    it('does not stand in the way of another of the same instance at the same time', async () => {
      const instance = await create('popular');
      await fill(instance, 3000);
      const both = await Promise.all([ask(instance), ask(instance)]);
      await Promise.all(both.map((id) => loop.wake(id)));
      for (const id of both) expect(await backup(id)).toMatchObject({ state: 'COMPLETED', verification: 'VERIFIED', attempts: 1 });
    });

    it('of an instance without persistence leaves nothing that its next start would load', async () => {
      const instance = await create('forgetful', null, 'NONE');
      await fill(instance, 10);
      const id = await ask(instance);
      await loop.wake(id);
      expect(await backup(id)).toMatchObject({ state: 'COMPLETED', verification: 'VERIFIED' });
      const [member] = await work.records.instanceMembers.ofInstances([instance.id]);
      expect(readdirSync(member!.directory)).not.toContain('dump.rdb');
    });

    it('fails with the path where the storage is full, and leaves neither object nor temporary file', async () => {
      const instance = await create('unlucky');
      await fill(instance, 100);
      const root = path.join(home, 'full');
      const storage = new FileStorage({ root, openPartial: () => open('/dev/full', 'w') });
      const id = await ask(instance);
      expect(await runBackup({ ...ports, storage }, id)).toEqual({ result: 'ended' });
      const row = await backup(id);
      expect(row).toMatchObject({ state: 'FAILED', errorReason: 'DiskFull', storageKey: null, attempts: 1 });
      expect(row.errorMessage).toMatch(new RegExp(`^Cannot write ${root}/organizations/.*${id}\\.rdb\\.zst\\.enc: no space left\\.$`));
      expect(await operationOf(row)).toMatchObject({ phase: 'FAILED', errorReason: 'DiskFull', errorMessage: row.errorMessage });
      expect(readdirSync(path.join(root, '.partial'))).toEqual([]);
      expect((await work.records.instanceEvents.page(organizationId, instance.id, { first: 1, after: null })).items[0]).toMatchObject({ reason: 'BackupFailed', severity: 'WARNING' });
    });

    it('is tried again while its store does not answer, and given up in the end', async () => {
      const instance = await create('silent');
      const [member] = await work.records.instanceMembers.ofInstances([instance.id]);
      process.kill(member!.identity!.pid, 'SIGKILL');
      const id = await ask(instance);
      const delays: number[] = [];
      for (;;) {
        const result = await runBackup(ports, id);
        if (result.result !== 'retry') break;
        delays.push(result.inMs);
        expect(await backup(id)).toMatchObject({ state: 'RUNNING', errorReason: 'InstanceNotReady' });
      }
      expect(delays).toEqual([2000, 4000, 8000, 16_000]);
      expect(await backup(id)).toMatchObject({ state: 'FAILED', errorReason: 'InstanceNotReady', errorMessage: 'The store does not accept connections.' });
    });

    it('is marked where its object was damaged, and is restored no more', async () => {
      const instance = await create('damaged');
      await fill(instance, 100);
      const id = await ask(instance);
      const sound = ports.storage;
      const storage: RunPorts['storage'] = {
        location: sound.location, put: (key, body) => sound.put(key, body), stat: (key) => sound.stat(key), list: (prefix) => sound.list(prefix),
        delete: (key) => sound.delete(key), removePartial: (before) => sound.removePartial(before),
        get: async (key) => flipped(await gather(await sound.get(key))),
      };
      await runBackup({ ...ports, storage }, id);
      const row = await backup(id);
      expect(row).toMatchObject({ state: 'COMPLETED', verification: 'FAILED', verificationMessage: expect.stringContaining('is damaged in piece 0') });
      expect(await operationOf(row)).toMatchObject({ phase: 'FAILED', errorReason: 'NotVerified' });
      await expect(seeds().open(organizationId, { kind: 'BACKUP', backupId: id })).rejects.toThrow('the backup was not verified');
    });

    it('is completed once where a worker that had lost its lease ends after its successor', async () => {
      const instance = await create('overtaken');
      await fill(instance, 100);
      const id = await ask(instance);
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => { release = resolve; });
      const sleepy: RunPorts = { ...ports, holder: 'sleepy', source: { open: async (instanceId) => {
        const opened = await ports.source.open(instanceId);
        await held;
        return opened;
      } } };
      // The sleeper's clock stands an hour behind, so that its lease has run out for everybody else.
      const behind: Clock = { ...systemClock, now: () => systemClock.now() - hourMs };
      const late = runBackup({ ...sleepy, clock: behind }, id);
      while ((await backup(id)).attempts === 0) await new Promise((turn) => setImmediate(turn));
      await loop.wake(id);
      const row = await backup(id);
      expect(row).toMatchObject({ state: 'COMPLETED', verification: 'VERIFIED', attempts: 2 });
      release();
      await late;
      expect(await backup(id)).toEqual(row);
      expect((await objects()).filter((key) => key.includes(id))).toEqual([row.storageKey]);
    });

    it('in S3 is taken, proven, read back and removed alike', async () => {
      const server = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: path.join(home, 's3'), configureBuckets: [{ name: 'bucket' }] });
      const { port } = await server.run() as AddressInfo;
      const storage = storageOf({
        home, storageUrl: 's3://bucket/larder', s3Endpoint: `http://127.0.0.1:${port}`, s3Region: 'us-east-1', s3AccessKeyId: 'S3RVER', s3SecretAccessKey: 'S3RVER',
      });
      const instance = await create('remote');
      await fill(instance, 300);
      const id = await ask(instance);
      await runBackup({ ...ports, storage }, id);
      expect(await backup(id)).toMatchObject({ state: 'COMPLETED', verification: 'VERIFIED' });
      const rdb = await gather(await seedSourceOn({ records: work.records, storage, secrets }).open(organizationId, { kind: 'BACKUP', backupId: id }));
      expect(rdb.subarray(0, 9).toString()).toMatch(/^REDIS00/);
      await work.records.backups.moveForLoop(id, 'COMPLETED', { state: 'DELETING' }, new Date());
      await runBackup({ ...ports, storage }, id);
      expect(await backup(id)).toMatchObject({ state: 'DELETED' });
      for await (const { key } of storage.list('')) throw new Error(`${key} is left`);
      await server.close();
    });

    it('leaves nothing that its row does not name, and what nobody knows is not touched', async () => {
      const instance = await create('tidy');
      await fill(instance, 5);
      const id = await ask(instance);
      await loop.wake(id);
      const { storageKey } = await backup(id);
      const leftover = storageKey!.replace('.rdb', '-3.rdb');
      const foreign = storageKey!.replace(id, ids.next());
      for (const key of [leftover, foreign]) await ports.storage.put(key, once(Buffer.from('x')));
      expect(await sweepStorage(work.records, ports.storage, new Date())).toMatchObject({ leftovers: 0 });
      expect(await sweepStorage(work.records, ports.storage, new Date(Date.now() + 2 * hourMs))).toEqual({ leftovers: 1, partial: 0, foreign: 1 });
      expect((await objects()).filter((key) => key.includes(instance.id))).toEqual([storageKey, foreign].sort());
    });

    it('is the last one of an instance that is being deleted, and outlives it', async () => {
      const instance = await create('leaving');
      await fill(instance, 20);
      await work.records.instances.writeSpec(organizationId, instance.id, instance.revision, {
        spec: { ...instance.spec, desiredState: 'DELETED', finalBackup: true }, bumpGeneration: true, at: new Date(),
      });
      const gone = await reconciled(instance.id);
      expect(gone.deletedAt).not.toBeNull();
      const [last] = await runsOf(instance);
      expect(last).toMatchObject({ trigger: 'FINAL', state: 'COMPLETED', verification: 'VERIFIED', instanceName: 'leaving' });
      const back = await create('leaving', { kind: 'BACKUP', backupId: last!.id });
      const redis = connect(back);
      expect(await redis.exists('key 0', 'key 19', 'list')).toBe(3);
      await redis.quit();
    });
  });

  describe('an upload', () => {
    const receive = (bytes: Uint8Array, bytesMax = 10_000_000) => receiveUpload(
      { records: work.records, storage: ports.storage, secrets, scratch: ports.scratch, clock: systemClock, ids },
      { organizationId, fileName: 'x.rdb', createdById: null, bytesMax, body: once(bytes) });

    it('is checked, sealed and becomes the first data of an instance', async () => {
      const instance = await create('source');
      await fill(instance, 50);
      const id = await ask(instance);
      await loop.wake(id);
      const rdb = await gather(await seeds().open(organizationId, { kind: 'BACKUP', backupId: id }));
      const answer = await receive(rdb);
      if (!answer.ok) throw new Error(answer.message);
      const row = (await work.records.uploads.byId(organizationId, answer.uploadId))!;
      expect(row).toMatchObject({ state: 'READY', sizeBytes: rdb.length, keyCounts: expect.arrayContaining([{ database: 0, type: 'stream', keys: 1 }]) });
      const imported = await create('imported', { kind: 'UPLOAD', uploadId: answer.uploadId });
      const redis = connect(imported);
      expect(await redis.exists('key 0', 'key 49', 'list')).toBe(3);
      await redis.quit();
      expect(await removeExpiredUploads(work.records, ports.storage, new Date(Date.now() + 2 * dayMs))).toBeGreaterThan(0);
      expect(await work.records.uploads.byId(organizationId, answer.uploadId)).toMatchObject({ state: 'DELETED', storageKey: null });
      expect((await objects()).filter((key) => key.includes('/uploads/'))).toEqual([]);
    });

    it('is refused with offset and reason where it is none, and leaves nothing', async () => {
      expect(await receive(Buffer.from('GIF89a, truly'))).toEqual({ ok: false, reason: 'Damaged', message: 'This is not an RDB file: it does not begin with REDIS and a version (at byte 0).' });
      expect(await receive(Buffer.from('REDIS0099abc'))).toEqual({ ok: false, reason: 'Damaged', message: 'Version 99 of the format is not supported; 1 to 12 are (at byte 5).' });
      expect(await receive(Buffer.from('REDIS0010'))).toEqual({ ok: false, reason: 'Damaged', message: 'The file ends too early (at byte 9).' });
      expect(await receive(Buffer.alloc(5000), 1000)).toEqual({ ok: false, reason: 'TooLarge', message: 'The file is larger than 1000 B.' });
      expect((await objects()).filter((key) => key.includes('/uploads/'))).toEqual([]);
    });
  });

  describe('schedules', () => {
    it('use each moment once through a week of ticks, two at a time, that are killed before and after their commit', async () => {
      const instances = await Promise.all([0, 1, 2, 3].map((index) => create(`weekly-${index}`)));
      // Nothing carries the runs out, so more of them pile up than a plan keeps.
      await client.prisma.plan.updateMany({ data: { backupsMax: 1_000 } });
      const random = seededRandom(4);
      const monday = Date.UTC(2031, 2, 3);
      const rules = ['0 */6 * * *', '30 3 * * *', '15 */8 * * 1-5'];
      const rows = await Promise.all(instances.flatMap((instance) => rules.map((cron) => schedule(instance, { cron, nextAt: new Date(monday), timeZone: 'UTC' }))));
      // A tick's process ends at any point: before its commit (all is rolled back), or after it (nobody is woken).
      const dying: UnitOfWork = {
        records: work.records,
        run: async (act) => {
          const fate = random.int(4);
          const result = await work.run(async (records) => {
            const done = await act(records);
            if (fate === 0) throw new Error('killed before the commit');
            return done;
          });
          if (fate === 1) throw new Error('killed after the commit');
          return result;
        },
      };
      for (let at = monday; at < monday + 7 * dayMs; at += 2 * hourMs) {
        await Promise.all([1, 2].map(() => runTick({ work: dying, ids }, new Date(at)).catch(() => undefined)));
      }
      await runTick({ work, ids }, new Date(monday + 7 * dayMs - 1));
      // nextAt itself (midnight) is the first moment of every schedule; three schedules of one instance share it.
      const expected = new Set<number>([monday]);
      for (let day = 0; day < 7; day += 1) {
        for (let hour = 0; hour < 24; hour += 6) expected.add(monday + day * dayMs + hour * hourMs);
        expected.add(monday + day * dayMs + 3.5 * hourMs);
        if (day < 5) for (let hour = 0; hour < 24; hour += 8) expected.add(monday + day * dayMs + (hour + 0.25) * hourMs);
      }
      for (const instance of instances) {
        const runs = await runsOf(instance);
        expect(runs.map((run) => run.scheduledAt!.getTime()).sort()).toEqual([...expected].sort());
        expect(runs.every((run) => run.state === 'PENDING')).toBe(true);
      }
      await work.records.plans.sync(builtInPlans);
      for (const row of rows) await work.records.backupSchedules.remove(organizationId, row.id);
      await client.prisma.backup.deleteMany({ where: { instanceId: { in: instances.map(({ id }) => id) } } });
    });

    it('record what passed unused by policy', async () => {
      const at = Date.UTC(2031, 5, 1, 12, 30);
      const states = async (missedPolicy: 'SKIP' | 'ONCE' | 'ALL'): Promise<string[]> => {
        const instance = await create(`policy-${missedPolicy.toLowerCase()}`);
        const row = await schedule(instance, { missedPolicy, nextAt: new Date(at - 3.5 * hourMs) });
        await runTick({ work, ids }, new Date(at));
        const runs = await runsOf(instance);
        expect((await work.records.backupSchedules.byId(organizationId, row.id))!.nextAt).toEqual(new Date(at + 0.5 * hourMs));
        await work.records.backupSchedules.remove(organizationId, row.id);
        await client.prisma.backup.deleteMany({ where: { instanceId: instance.id } });
        return [...runs].sort((left, right) => left.scheduledAt!.getTime() - right.scheduledAt!.getTime()).map(({ state }) => state);
      };
      expect(await states('SKIP')).toEqual(['MISSED', 'MISSED', 'MISSED', 'MISSED']);
      expect(await states('ONCE')).toEqual(['MISSED', 'MISSED', 'MISSED', 'PENDING']);
      expect(await states('ALL')).toEqual(['PENDING', 'PENDING', 'PENDING', 'PENDING']);
    });

    it('keep as many as they say, and never let go of the last proven one', async () => {
      const instance = await create('kept');
      await fill(instance, 5);
      const at = Math.floor(Date.now() / hourMs) * hourMs;
      const row = await schedule(instance, { retentionCount: 2, nextAt: new Date(at - 3 * hourMs) });
      await runTick({ work, ids }, new Date(at));
      await runEverything();
      await runEverything(); // what the first ones pushed out
      expect((await runsOf(instance)).map(({ state }) => state).sort()).toEqual(['COMPLETED', 'COMPLETED', 'DELETED', 'DELETED']);
      expect((await objects()).filter((key) => key.includes(instance.id))).toHaveLength(2);
      await work.records.backupSchedules.remove(organizationId, row.id);
    });

    it('make no more than the plan keeps, unless retention lets one go for each that comes', async () => {
      const instance = await create('full');
      const plan = builtInPlans.find(({ id }) => id === 'nano')!;
      const at = Math.floor(Date.now() / hourMs) * hourMs;
      const held = await schedule(instance, { retentionCount: plan.backupsMax, nextAt: new Date(at - (plan.backupsMax - 1) * hourMs) });
      await runTick({ work, ids }, new Date(at));
      const completed = new Date(at);
      await client.prisma.backup.updateMany({ where: { instanceId: instance.id }, data: { state: 'COMPLETED', completedAt: completed, verification: 'VERIFIED' } });
      const free = await schedule(instance, { cron: '30 * * * *', nextAt: new Date(at + hourMs / 2) });
      await runTick({ work, ids }, new Date(at + hourMs));
      const made = (await runsOf(instance)).filter((run) => run.scheduledAt! > completed);
      expect(made.map((run) => [run.scheduleId === held.id ? 'held' : 'free', run.state, run.errorMessage])).toEqual(expect.arrayContaining([
        ['free', 'FAILED', 'The plan keeps 10 backups of an instance; it has 10. Delete one, or let the schedule keep fewer.'], ['held', 'PENDING', null],
      ]));
      for (const row of [held, free]) await work.records.backupSchedules.remove(organizationId, row.id);
      await client.prisma.backup.deleteMany({ where: { instanceId: instance.id } });
    });

    it('leave the rows of what failed, was missed or was deleted for a while, and those of what is kept for ever', async () => {
      const endedKeptMs = 50 * hourMs;
      const instance = await create('history');
      const made = await Promise.all((['FAILED', 'MISSED', 'DELETED', 'COMPLETED', 'DELETING'] as const).map(async (state) => {
        const id = ids.next();
        await work.records.backups.insert({
          id, organizationId, instanceId: instance.id, instanceName: 'history', scheduleId: null, operationId: null, trigger: 'MANUAL', state,
          scheduledAt: null, createdById: null, createdAt: new Date(),
        });
        return id;
      }));
      const statesAt = async (agoMs: number): Promise<string[]> => {
        await client.prisma.backup.updateMany({ where: { id: { in: made } }, data: { updatedAt: new Date(Date.now() - agoMs) } });
        await work.records.backups.removeEndedForLoop(new Date(Date.now() - endedKeptMs));
        return (await runsOf(instance)).map(({ state }) => state).sort();
      };
      expect(await statesAt(endedKeptMs - hourMs)).toHaveLength(5);
      expect(await statesAt(endedKeptMs + hourMs)).toEqual(['COMPLETED', 'DELETING']);
      await client.prisma.backup.deleteMany({ where: { instanceId: instance.id } });
    });

    it('go on when the queue is killed and comes back empty', async () => {
      const port = await freePort();
      let queue = await startQueue(port);
      let ticks = 0;
      let heard: () => void = () => undefined;
      const url = `redis://127.0.0.1:${port}`;
      const scheduler = new TickScheduler({
        workerConnection: queueConnection(url, true), queueConnection: queueConnection(url, false), everyMs: 100,
        tick: async () => { ticks += 1; heard(); },
      });
      const next = (): Promise<void> => new Promise((resolve) => { heard = resolve; });
      await scheduler.ensure();
      await next();
      queue.kill('SIGKILL');
      await new Promise((gone) => queue.once('exit', gone));
      queue = await startQueue(port);
      const before = ticks;
      const again = next();
      while (ticks === before) {
        await scheduler.ensure();
        await Promise.race([again, new Promise((turn) => setTimeout(turn, 50))]);
      }
      await scheduler.close();
      queue.kill('SIGKILL');
    });
  });

  describe('workers that are killed', () => {
    it('neither lose a run nor double one, and leave no file, no directory and no process', async () => {
      const instance = await create('hardy');
      await fill(instance, 800);
      const bundle = path.join(repositoryRoot(), 'node_modules/.cache/backup-worker.test.mjs');
      await build({
        entryPoints: [path.join(repositoryRoot(), 'apps/control-plane/src/testing/backup-worker.ts')], outfile: bundle, bundle: true, platform: 'node',
        format: 'esm', packages: 'external', logLevel: 'silent', alias: aliases(),
      });
      const base = Math.ceil(Date.now() / hourMs) * hourMs;
      const row = await schedule(instance, { cron: '* * * * *', nextAt: new Date(base), missedPolicy: 'ALL' });
      const random = seededRandom(11);
      // Each worker finds itself a minute later than the one before it, is killed somewhere, and leaves its lease behind.
      const rounds = 8;
      for (let round = 0; round < rounds; round += 1) {
        const worker = await startWorker(bundle, base + round * 60_000 - Date.now() + 30_000);
        await new Promise((wake) => setTimeout(wake, 40 + random.int(500)));
        worker.kill('SIGKILL');
        await new Promise((gone) => worker.once('exit', gone));
      }
      const clock: Clock = { ...systemClock, now: () => systemClock.now() + base + rounds * 60_000 - Date.now() + 60_000 };
      const heir = new BackupLoop({ ports: { ...ports, clock, ids }, sweepMs: hourMs, onError: (error) => { throw error; } });
      await heir.sweep();
      for (const id of await work.records.backups.openIdsForLoop(100)) await heir.wake(id);
      const runs = await runsOf(instance);
      const moments = runs.map((run) => run.scheduledAt!.getTime() - base).sort((left, right) => left - right);
      expect(moments.length).toBeGreaterThanOrEqual(rounds);
      expect(moments).toEqual(moments.map((_, index) => index * 60_000));
      expect(runs.map(({ state, verification }) => `${state} ${verification}`)).toEqual(runs.map(() => 'COMPLETED VERIFIED'));
      await sweepStorage(work.records, ports.storage, new Date(clock.now() + 2 * hourMs));
      expect((await objects()).filter((key) => key.includes(instance.id))).toEqual(runs.map(({ storageKey }) => storageKey).sort());
      expect(readdirSync(path.join(home, 'backups/.partial'))).toEqual([]);
      await ports.scratch.removeLeftovers();
      expect(readdirSync(path.join(home, 'scratch'))).toEqual([]);
      await heir.stop();
      await work.records.backupSchedules.remove(organizationId, row.id);
    });
  });

  function seeds() {
    return seedSourceOn({ records: work.records, storage: ports.storage, secrets });
  }

  async function runEverything(): Promise<void> {
    for (const id of await work.records.backups.openIdsForLoop(100)) await loop.wake(id);
  }

  async function startWorker(bundle: string, clockAheadMs: number): Promise<ChildProcess> {
    const worker = spawn(process.execPath, [bundle], {
      stdio: ['ignore', 'pipe', 'inherit'], env: {
        ...process.env, DATABASE_URL: database.url, LARDER_HOME: home, MASTER_KEY: Buffer.from(masterKey).toString('hex'), CLOCK_AHEAD_MS: String(clockAheadMs),
      },
    });
    await new Promise<void>((ready) => worker.stdout!.once('data', () => ready()));
    return worker;
  }
});

async function startQueue(port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((ready) => child.stdout.on('data', (text: Buffer) => { if (text.includes('eady to accept')) ready(); }));
  return child;
}

/** `packages: external` leaves node_modules alone; our own libs are sources and must go into the bundle. */
function aliases(): Record<string, string> {
  const libs = ['plane/backups', 'plane/domain', 'plane/instance-link', 'plane/loop', 'plane/records', 'shared/std'];
  return Object.fromEntries(libs.map((lib) => [`@larder/${lib.replace('/', '-')}`, path.join(repositoryRoot(), 'libs', lib, 'src/index.ts')]));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* flipped(bytes: Buffer): AsyncGenerator<Uint8Array> {
  bytes[500]! ^= 4;
  yield bytes;
}

async function gather(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
