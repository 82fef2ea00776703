// A control plane in one process whose stores are real engines, and a tenant that writes down what it wrote when: for tests of restoring to
// a second, in CI with a few points and by hand with many.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import {
  ArchiveLoop, BackupLoop, closeStretch, FileStorage, finalBackupOn, LocalLogSource, LocalScratchEngine, readTimeline, safetyBackupOn, seedSourceOn, SnapshotSource,
  type ArchivePorts, type SweptStorage,
} from '@larder/plane-backups';
import {
  builtInPlans, draftInstance, plannedStepsOf, sealedAs, systemUsername, type InstanceRow, type InstanceWish, type Seed, type Timeline, type UnitOfWork,
} from '@larder/plane-domain';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { LocalProcessProvisioner } from '@larder/plane-provisioner';
import { ReconcileLoop } from '@larder/plane-reconcile';
import { connectRecords, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { hourMs, systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { repositoryRoot } from '../repository-root';
import { freePort, startTestDatabase, type TestDatabase } from './database';

const ids = uuidV7(systemClock, systemRandom);
const password = 'a tenant’s own';
export const larderServer = path.join(repositoryRoot(), 'apps/data-plane/bin/larder-server');

/** One write, and the two moments between which it happened (Unix ms). */
export interface Written {
  readonly number: number;
  readonly sentMs: number;
  readonly ackedMs: number;
}

export class ArchiveWorld {
  readonly home = mkdtempSync(path.join(tmpdir(), 'larder-archive-'));
  readonly masterKey = systemRandom.bytes(32);
  readonly secrets = secretBoxOf(this.masterKey);
  readonly link = new IoredisInstanceLink();
  readonly engine: string;
  database!: TestDatabase;
  client!: RecordsClient;
  work!: UnitOfWork;
  organizationId = ids.next();
  ports!: ArchivePorts;
  archive!: ArchiveLoop;
  backups!: BackupLoop;
  reconcile!: ReconcileLoop;
  readonly faults: unknown[] = [];

  constructor(engine: string = larderServer) {
    this.engine = engine;
  }

  async start(change: (storage: SweptStorage) => SweptStorage = (storage) => storage): Promise<void> {
    this.database = await startTestDatabase();
    this.client = connectRecords(this.database.url);
    this.work = unitOfWorkOn(this.client);
    const { work, secrets, link, home, engine } = this;
    const { records } = work;
    await records.plans.sync(builtInPlans);
    await records.organizations.insert({ id: this.organizationId, slug: 'main', name: 'Main', createdAt: new Date() });
    const storage = change(new FileStorage({ root: path.join(home, 'backups') }));
    const scratch = new LocalScratchEngine({ root: path.join(home, 'scratch'), engineCommand: engine });
    const source = new LocalLogSource({ records, secrets, link, bindAddress: '127.0.0.1' });
    this.ports = { work, source, storage, scratch, secrets, clock: systemClock, ids, holder: 'test' };
    const onError = (error: unknown): void => void this.faults.push(error);
    this.archive = new ArchiveLoop({ ports: this.ports, sweepMs: 100, onError });
    const snapshots = new SnapshotSource({ records, secrets, link, bindAddress: '127.0.0.1' });
    this.backups = new BackupLoop({ ports: { work, source: snapshots, scratch, storage, secrets, clock: systemClock, ids, holder: 'test' }, sweepMs: hourMs, onError });
    const wake = { backup: async (id: string) => void this.backups.wake(id) };
    const lowPort = await freePort();
    this.reconcile = new ReconcileLoop({
      ports: {
        records, link, provisioner: new LocalProcessProvisioner({ home, engineCommand: engine, gateCommand: path.join(repositoryRoot(), 'apps/control-plane/bin/larder-gate') }), secrets, clock: systemClock,
        seeds: seedSourceOn({ records, storage, secrets }), finalBackup: finalBackupOn({ work, clock: systemClock, ids, wake }),
        safetyBackup: safetyBackupOn({ work, clock: systemClock, wake }),
        closeLog: (instanceId, reason, message) => closeStretch(this.ports, instanceId, reason, message),
      },
      settings: { instancePortRange: [lowPort, lowPort + 100], bindAddress: '127.0.0.1', publicHost: '127.0.0.1', threadsMax: engine === larderServer ? 2 : 0 },
      holder: ids.next(), sweepMs: hourMs, onError,
    });
  }

  async stop(): Promise<void> {
    await this.archive?.stop();
    await this.backups?.stop();
    await this.reconcile?.stop();
    // Of workers that a test has killed.
    await new LocalScratchEngine({ root: path.join(this.home, 'scratch'), engineCommand: this.engine }).removeLeftovers();
    const provisioner = new LocalProcessProvisioner({ home: this.home, engineCommand: this.engine });
    for (const member of await provisioner.list()) await provisioner.retireProcess(member, null, 3000);
    await this.link.close();
    await this.client?.close();
    await this.database?.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  async create(name: string, wish: Partial<InstanceWish> = {}, seed: Seed | null = null): Promise<InstanceRow> {
    const draft = draftInstance({ name, planId: 'large', deletionProtection: false, persistence: 'AOF', ...wish }, builtInPlans, seed);
    if (!draft.ok) throw new Error(draft.error.message);
    const id = ids.next();
    await this.work.records.instances.insert({
      id, organizationId: this.organizationId, spec: draft.value, createdById: null, createdAt: new Date(),
      passwordSealed: this.secrets.seal(Buffer.from(password), sealedAs.password(id)),
      systemPasswordSealed: this.secrets.seal(Buffer.from('system'), sealedAs.systemPassword(id)),
    });
    await this.work.records.operations.insert({
      id: ids.next(), organizationId: this.organizationId, instanceId: id, backupId: null, kind: seed ? 'RESTORE_TO_TIME' : 'CREATE_INSTANCE', isCancelable: false,
      steps: plannedStepsOf('CREATE_INSTANCE'), generation: 1, actor: 'system', createdAt: new Date(),
    });
    const row = await this.reconciled(id);
    if (row.deletedAt !== null) throw new Error(`${name} did not come about: ${await this.whyNot(row)}`);
    return row;
  }

  /** An instance out of the archive of another. */
  restore(name: string, instanceId: string, second: number): Promise<InstanceRow> {
    return this.create(name, {}, { kind: 'POINT', instanceId, second });
  }

  async change(instance: InstanceRow, change: Partial<InstanceRow['spec']>): Promise<InstanceRow> {
    const row = (await this.work.records.instances.byIdForLoop(instance.id))!;
    await this.work.records.instances.writeSpec(row.organizationId, row.id, row.revision, { spec: { ...row.spec, ...change }, bumpGeneration: true, at: new Date() });
    return this.reconciled(instance.id);
  }

  /** As it is once its wish was seen and it can be reached, or after a while when it cannot. */
  async reconciled(id: string, withinMs = 15_000): Promise<InstanceRow> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      await this.reconcile.wake(id);
      const row = (await this.work.records.instances.byIdForLoop(id))!;
      const isSeen = row.observedGeneration === row.generation;
      if ((isSeen && (row.endpoint !== null || Date.now() > deadline)) || row.deletedAt !== null) return row;
      await new Promise((turn) => setTimeout(turn, 20));
    }
  }

  private async whyNot({ organizationId, id }: InstanceRow): Promise<string> {
    const { items } = await this.work.records.operations.page(organizationId, { first: 5, after: null }, { instanceId: id });
    return items.map(({ errorMessage }) => errorMessage ?? '').join('; ');
  }

  connect(instance: InstanceRow): Redis {
    if (instance.endpoint === null) throw new Error(`${instance.spec.name} has no endpoint: ${JSON.stringify(instance.conditions)}`);
    return new Redis({ host: '127.0.0.1', port: instance.endpoint.port, password });
  }

  asSystem(instance: InstanceRow): Redis {
    return new Redis({ host: '127.0.0.1', port: instance.endpoint!.port, username: systemUsername, password: 'system' });
  }

  timeline(instance: InstanceRow): Promise<Timeline> {
    return readTimeline(this.work.records, this.organizationId, instance.id, Date.now());
  }

  /** Until `look` answers something; a round of the archive in between. */
  async until<T>(what: string, look: () => Promise<T | undefined>, withinMs = 30_000): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`${what} did not come about; faults: ${this.faults.map(String).join('; ')}`);
      await new Promise((turn) => setTimeout(turn, 50));
    }
  }

  /** The last window, once it begins and reaches to `second`. */
  covered(instance: InstanceRow, second = 0): Promise<{ readonly from: number; readonly to: number }> {
    return this.until(`a window to ${second}`, async () => {
      const window = (await this.timeline(instance)).windows.at(-1);
      return window !== undefined && window.to >= second ? window : undefined;
    });
  }

  /** Counts up, in a transaction over several types, and writes down when, until `isOver`. */
  async write(instance: InstanceRow, isOver: () => boolean, from = 0, pauseMs = 2): Promise<Written[]> {
    const redis = this.connect(instance);
    const history: Written[] = [];
    for (let number = from + 1; !isOver(); number += 1) {
      const sentMs = Date.now();
      await redis.multi().set('number', number).rpush('list', number).hset('hash', `f${number % 50}`, number).zincrby('board', 1, `m${number % 20}`)
        .set(`key ${number % 500}`, `${number} ${'x'.repeat(number % 300)}`).exec();
      history.push({ number, sentMs, ackedMs: Date.now() });
      if (pauseMs > 0) await new Promise((turn) => setTimeout(turn, pauseMs));
    }
    await redis.quit();
    return history;
  }

  /** What a restored instance holds, compared with the history: one sentence where it is wrong. */
  async judge(restored: InstanceRow, history: readonly Written[], second: number): Promise<string | undefined> {
    const redis = this.connect(restored);
    try {
      return await this.judgeStore(redis, history, second);
    } finally {
      await redis.quit();
    }
  }

  async judgeStore(redis: Redis, history: readonly Written[], second: number): Promise<string | undefined> {
    const number = Number(await redis.get('number') ?? 0);
    const [length, last, scores, field] = [
      await redis.llen('list'), Number(await redis.lindex('list', -1) ?? 0), await redis.zrange('board', '0', '-1', 'WITHSCORES'), await redis.hget('hash', `f${number % 50}`),
    ];
    const sum = scores.reduce((total, score, index) => total + (index % 2 === 1 ? Number(score) : 0), 0);
    if (length !== number || last !== number || sum !== number || (number > 0 && Number(field) !== number)) {
      return `it is no state that ever was: number ${number}, list ${length} ending in ${last}, scores ${sum}, field ${field ?? 'none'}`;
    }
    const [least, most] = boundsAt(history, second);
    return number < least || number > most ? `it holds ${number} writes, at the end of second ${second} there were ${least} to ${most}` : undefined;
  }
}

/**
 * What is in at the end of a second. Nothing that was sent later may be; what was acknowledged must be, but for a moment before the end
 * in which the store may have noted the next second already.
 */
export function boundsAt(history: readonly Written[], second: number, slackMs = 1000): [least: number, most: number] {
  const endMs = (second + 1) * 1000;
  const first = (history[0]?.number ?? 1) - 1;
  const least = history.findLast(({ ackedMs }) => ackedMs < endMs - slackMs)?.number ?? first;
  const most = history.findLast(({ sentMs }) => sentMs < endMs)?.number ?? first;
  return [least, most];
}
