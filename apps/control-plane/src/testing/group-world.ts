// A highly available instance below the API, for tests: a wish in PostgreSQL, loops, real processes, an ordinary client, and a writer that counts
// what was acknowledged. TEST_ENGINE=redis-server goes the same road.
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import {
  builtInPlans, draftInstance, isCancelableKind, memberKindOf, plannedStepsOf, sealedAs, undoOf, type InstanceMemberRow, type InstanceRow, type InstanceWish,
  type OperationKind, type OperationRow,
} from '@larder/plane-domain';
import { IoredisInstanceLink } from '@larder/plane-instance-link';
import { LocalProcessProvisioner } from '@larder/plane-provisioner';
import { ReconcileLoop } from '@larder/plane-reconcile';
import { connectRecords, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { repositoryRoot } from '../repository-root';
import { startTestDatabase, type TestDatabase } from './database';

const root = repositoryRoot();
const engineCommand = process.env['TEST_ENGINE'] ?? path.join(root, 'apps/data-plane/bin/larder-server');
const gateCommand = path.join(root, 'apps/control-plane/bin/larder-gate');
export const tenantPassword = 'a tenants own';
/** Of the control plane's user on every store. */
export const innerPassword = 'system';

export interface TestWorker {
  readonly loop: ReconcileLoop;
  stop(): Promise<void>;
}

export class GroupWorld {
  readonly ids = uuidV7(systemClock, systemRandom);
  readonly secretBox = secretBoxOf(systemRandom.bytes(32));
  readonly home = mkdtempSync(path.join(tmpdir(), 'larder-ha-'));
  organizationId = '';
  #database: TestDatabase | undefined;
  #client: RecordsClient | undefined;
  #lowPort = 0;
  readonly #workers: TestWorker[] = [];
  readonly #clients: Redis[] = [];

  get records() {
    return unitOfWorkOn(this.#client!).records;
  }

  async start(): Promise<void> {
    this.#database = await startTestDatabase();
    this.#client = connectRecords(this.#database.url);
    await this.records.plans.sync(builtInPlans);
    this.organizationId = this.ids.next();
    await this.records.organizations.insert({ id: this.organizationId, slug: 'main', name: 'Main', createdAt: new Date() });
    // Below the ports that the kernel gives to connections: where nobody listens yet, one of those that ask again and again ends up with that very port.
    this.#lowPort = 20_000 + (process.pid % 120) * 100;
  }

  async stop(): Promise<void> {
    for (const each of this.#clients) each.disconnect();
    for (const each of this.#workers) await each.stop();
    const provisioner = new LocalProcessProvisioner({ home: this.home, engineCommand });
    const members = await provisioner.list();
    for (const member of members.filter(({ name }) => memberKindOf(name) !== 'STORE')) await provisioner.retireProcess(member, null, 500);
    for (const member of members) await provisioner.retireProcess(member, null, 500);
    await this.#client!.close();
    await this.#database!.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  worker(): TestWorker {
    const link = new IoredisInstanceLink();
    const provisioner = new LocalProcessProvisioner({ home: this.home, engineCommand, gateCommand, onExit: (member) => { if (!isStopped) void loop.wake(member.instanceId); } });
    let isStopped = false;
    const faults: unknown[] = [];
    const loop = new ReconcileLoop({
      ports: { records: this.records, link, provisioner, secrets: this.secretBox, seeds: null, finalBackup: null, clock: systemClock },
      settings: { instancePortRange: [this.#lowPort, this.#lowPort + 80], bindAddress: '127.0.0.1', publicHost: '127.0.0.1', threadsMax: 0 },
      holder: this.ids.next(), sweepMs: 3_600_000, onError: (error) => faults.push(error),
    });
    const made: TestWorker = {
      loop,
      async stop() {
        isStopped = true;
        await loop.stop();
        await link.close();
        if (faults.length > 0) throw faults[0];
      },
    };
    this.#workers.push(made);
    return made;
  }

  async rowOf(id: string): Promise<InstanceRow> {
    return (await this.records.instances.byIdForLoop(id))!;
  }

  membersOf(id: string): Promise<readonly InstanceMemberRow[]> {
    return this.records.instanceMembers.ofInstances([id]);
  }

  async memberOf(id: string, name: string): Promise<InstanceMemberRow> {
    return (await this.membersOf(id)).find((member) => member.name === name)!;
  }

  async create(name: string, wish: Partial<InstanceWish>): Promise<string> {
    const draft = draftInstance({ name, planId: process.env['TEST_PLAN'] ?? 'nano', deletionProtection: false, ...wish }, builtInPlans);
    if (!draft.ok) throw new Error(draft.error.message);
    const id = this.ids.next();
    await this.records.instances.insert({
      id, organizationId: this.organizationId, spec: draft.value, createdById: null, createdAt: new Date(),
      passwordSealed: this.secretBox.seal(Buffer.from(tenantPassword), sealedAs.password(id)),
      systemPasswordSealed: this.secretBox.seal(Buffer.from(innerPassword), sealedAs.systemPassword(id)),
    });
    await this.#operate(id, 'CREATE_INSTANCE', 1, draft.value, null);
    return id;
  }

  /** As the API writes it; the operation's id. */
  async change(id: string, kind: OperationKind, spec: Partial<InstanceRow['spec']>): Promise<string> {
    for (;;) {
      const row = await this.rowOf(id);
      const wished = { ...row.spec, ...spec, ...(kind === 'CHANGE_TOPOLOGY' ? { handover: null } : {}) };
      const written = await this.records.instances.writeSpec(this.organizationId, id, row.revision, { spec: wished, bumpGeneration: true, at: new Date() });
      if (typeof written === 'string') continue;
      return this.#operate(id, kind, written.generation, wished, isCancelableKind(kind) ? undoOf(row.spec, wished) : null);
    }
  }

  async operation(id: string): Promise<OperationRow> {
    return (await this.records.operations.byIdForLoop(id))!;
  }

  async settled(loop: ReconcileLoop, id: string, isSo: (row: InstanceRow) => boolean = () => true, ms = 30_000): Promise<InstanceRow> {
    const deadline = Date.now() + ms;
    void loop.wake(id);
    for (;;) {
      const row = await this.rowOf(id);
      const isReady = row.conditions.find(({ type }) => type === 'Ready')?.status === 'TRUE';
      if (row.deletedAt !== null || (isReady && row.observedGeneration === row.generation && isSo(row))) return row;
      if (Date.now() > deadline) throw new Error(`not settled: ${JSON.stringify([row.conditions, row.availability])}`);
      await new Promise((turn) => setTimeout(turn, 20));
    }
  }

  connect(options: object): Redis {
    const redis = new Redis({ password: tenantPassword, retryStrategy: () => 20, maxRetriesPerRequest: 1, disconnectTimeout: 0, ...options }).on('error', () => undefined);
    this.#clients.push(redis);
    return redis;
  }

  async until(isSo: () => Promise<boolean> | boolean, what = 'it'): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error(`${what} did not come about in 20 s`);
      await new Promise((turn) => setTimeout(turn, 20));
    }
  }

  processes(): string[] {
    return readdirSync('/proc').filter((name) => {
      try {
        return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(this.home);
      } catch {
        return false;
      }
    });
  }

  async #operate(instanceId: string, kind: OperationKind, generation: number, { topology }: InstanceRow['spec'], undo: OperationRow['undo']): Promise<string> {
    const id = this.ids.next();
    await this.records.operations.insert({
      id, organizationId: this.organizationId, instanceId, backupId: null, kind, steps: plannedStepsOf(kind, topology), generation, isCancelable: isCancelableKind(kind), undo,
      actor: 'system', createdAt: new Date(),
    });
    return id;
  }
}

/** Counts up over an endpoint, one write after the other; every answer must be larger than all before it, or something acknowledged is lost. */
export class CountingWriter {
  acknowledged = 0;
  last = 0;
  wentBack = false;
  longestGapMs = 0;
  #isOver = false;
  readonly #redis: Redis;
  readonly #writing: Promise<void>;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#writing = this.#write();
  }

  reset(): void {
    [this.wentBack, this.longestGapMs] = [false, 0];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#writing;
  }

  async #write(): Promise<void> {
    let lastMs = performance.now();
    while (!this.#isOver) {
      const value = await this.#redis.incr('written').catch(() => undefined);
      if (value === undefined) continue;
      this.wentBack ||= value <= this.last;
      this.last = value;
      this.acknowledged += 1;
      this.longestGapMs = Math.max(this.longestGapMs, performance.now() - lastMs);
      lastMs = performance.now();
    }
  }
}
