// An archive without engines: a log on paper whose every byte and second a test decides, a storage in memory whose every call a test may
// hold or fail, a clock that is stepped; the records are a real PostgreSQL's. What is restored says which write was its last.
//
//   base   an RDB that holds nothing but `ctime` and, as `writes`, how many writes it stands for
//   log    #TS:… and SET n <number>, one number after the other
import { randomUUID } from 'node:crypto';
import { ArchiveLoop, archiveRound, openPoint, readTimeline, StorageFault, type ArchivePorts, type LogSource, type LogView, type SweptStorage } from '@larder/plane-backups';
import { builtInPlans, draftInstance, sealedAs, type ArchivePolicy, type ByteStream, type InstanceRow, type LogPieceRow, type LogStretchRow, type StoredObject, type Timeline, type UnitOfWork } from '@larder/plane-domain';
import { connectRecords, secretBoxOf, unitOfWorkOn, type RecordsClient } from '@larder/plane-records';
import { secondMs, systemClock, systemRandom, uuidV7 } from '@larder/shared-std';
import { SteppedClock } from '@larder/shared-std/testing';
import { startTestDatabase, type TestDatabase } from './database';

type Part = { readonly name: string; readonly sequence: number };
type Store = 'put' | 'get' | 'stat' | 'list' | 'delete';
/** Before a call and, with `isDone`, after it has done its work. May wait, may throw. */
export type StorageHook = (doing: Store, key: string, isDone: boolean) => Promise<void> | void;

export class PaperLog {
  readonly files = new Map<string, Buffer>();
  readonly memberId = randomUUID();
  base: Part | undefined;
  increments: Part[] = [];
  past: Part[] = [];
  writes = 0;
  rewrites = 0;
  isStamped = true;
  readonly #clock: SteppedClock;
  #stampedSecond: number | undefined;

  constructor(clock: SteppedClock) {
    this.#clock = clock;
    this.#increment(1);
  }

  get second(): number {
    return Math.floor(this.#clock.now() / secondMs);
  }

  get current(): Part {
    return this.increments.at(-1)!;
  }

  write(times = 1): void {
    for (let each = 0; each < times; each += 1) {
      if (this.isStamped && this.#stampedSecond !== this.second) this.append(`#TS:${this.second}\r\n`);
      this.#stampedSecond = this.second;
      this.writes += 1;
      const number = String(this.writes);
      this.append(`*3\r\n$3\r\nSET\r\n$1\r\nn\r\n$${number.length}\r\n${number}\r\n`);
    }
  }

  append(text: string): void {
    this.files.set(this.current.name, Buffer.concat([this.files.get(this.current.name)!, Buffer.from(text)]));
  }

  rewrite(): void {
    this.rewrites += 1;
    const sequence = (this.base?.sequence ?? 0) + 1;
    this.past.push(...this.increments);
    this.increments = [];
    this.#increment(this.past.at(-1)!.sequence + 1);
    this.base = { name: `base.${sequence}.rdb`, sequence };
    this.files.set(this.base.name, baseOf(this.second, this.writes));
  }

  view(): LogView {
    const [increments, past] = [[...this.increments], [...this.past]];
    const view = {
      memberId: this.memberId, isOneOfSeveral: false, primarySinceMs: undefined,
      manifest: { base: this.base, increments, past, hasHistory: past.length > 0 },
      sizeOf: async (name: string) => this.files.get(name)?.length,
      read: (name: string, from: number, to: number) => once(this.files.get(name)!.subarray(from, to)),
      ask: async () => ({ isStamped: true, isKept: true, isRewriting: false, reign: null }),
      askRewrite: async () => this.rewrite(),
      releaseHistory: async () => {
        for (const { name } of this.past) this.files.delete(name);
        this.past = [];
      },
    };
    return view as LogView;
  }

  #increment(sequence: number): void {
    const part = { name: `log.${sequence}.incr.aof`, sequence };
    this.increments.push(part);
    this.files.set(part.name, Buffer.alloc(0));
    this.#stampedSecond = undefined;
  }
}

export class PaperStorage implements SweptStorage {
  readonly location = 'paper:';
  readonly objects: Map<string, { bytes: Buffer; modifiedAt: Date }>;
  hook: StorageHook = () => undefined;
  readonly #clock: SteppedClock;

  constructor(clock: SteppedClock, objects = new Map<string, { bytes: Buffer; modifiedAt: Date }>()) {
    this.#clock = clock;
    this.objects = objects;
  }

  /** The same objects, with a hook of its own. */
  through(hook: StorageHook): PaperStorage {
    const other = new PaperStorage(this.#clock, this.objects);
    other.hook = hook;
    return other;
  }

  put(key: string, body: ByteStream): Promise<{ readonly sizeBytes: number }> {
    return this.#call('put', key, async () => {
      const bytes = await gather(body);
      this.objects.set(key, { bytes, modifiedAt: new Date(this.#clock.now()) });
      return { sizeBytes: bytes.length };
    });
  }

  get(key: string): Promise<ByteStream> {
    return this.#call('get', key, async () => {
      const object = this.objects.get(key);
      if (object === undefined) throw new StorageFault(`read ${key}`, new Error('gone'));
      return once(object.bytes);
    });
  }

  stat(key: string): Promise<StoredObject | undefined> {
    return this.#call('stat', key, async () => {
      const object = this.objects.get(key);
      return object && { key, sizeBytes: object.bytes.length, modifiedAt: object.modifiedAt };
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    await this.hook('list', prefix, false);
    for (const [key, { bytes, modifiedAt }] of [...this.objects]) if (key.startsWith(prefix)) yield { key, sizeBytes: bytes.length, modifiedAt };
  }

  delete(key: string): Promise<void> {
    return this.#call('delete', key, async () => void this.objects.delete(key));
  }

  async removePartial(): Promise<number> {
    return 0;
  }

  async #call<T>(doing: Store, key: string, act: () => Promise<T>): Promise<T> {
    await this.hook(doing, key, false);
    const done = await act();
    await this.hook(doing, key, true);
    return done;
  }
}

export interface PaperInstance {
  readonly row: InstanceRow;
  readonly log: PaperLog;
  readonly at: { readonly organizationId: string; readonly instanceId: string };
}

const noPassword = Buffer.from('none');

export class PaperWorld {
  readonly clock = new SteppedClock(Date.UTC(2030, 0, 1, 0, 30));
  readonly storage = new PaperStorage(this.clock);
  readonly organizationId = uuidV7(systemClock, systemRandom).next();
  work!: UnitOfWork;
  readonly #secrets = secretBoxOf(systemRandom.bytes(32));
  readonly #logs = new Map<string, PaperLog>();
  #database!: TestDatabase;
  #client!: RecordsClient;

  async start(): Promise<void> {
    this.#database = await startTestDatabase();
    this.#client = connectRecords(this.#database.url);
    this.work = unitOfWorkOn(this.#client);
    await this.work.records.plans.sync(builtInPlans);
    await this.work.records.organizations.insert({ id: this.organizationId, slug: 'main', name: 'Main', createdAt: new Date(this.clock.now()) });
  }

  async stop(): Promise<void> {
    await this.#client?.close();
    await this.#database?.stop();
  }

  /** What a worker of that name works with. */
  ports(holder = 'worker', change: Partial<ArchivePorts> = {}): ArchivePorts {
    const source: LogSource = { open: async (instanceId) => this.#logs.get(instanceId)?.view() };
    const scratch = {
      load: async (rdb: ByteStream) => {
        await gather(rdb);
        return { ok: true, keyCounts: [] } as const;
      },
    };
    return { work: this.work, source, storage: this.storage, scratch, secrets: this.#secrets, clock: this.clock, ids: uuidV7(this.clock, systemRandom), holder, ...change };
  }

  /** With an archive whose first base is proven. */
  async archived(name: string, policy: ArchivePolicy = { intervalSeconds: 10, retentionHours: 72 }): Promise<PaperInstance> {
    const instance = await this.create(name, policy);
    for (let each = 0; each < 3; each += 1) await this.round(instance);
    await this.prove();
    const { faultMessage } = (await this.work.records.logArchives.stateOf(this.organizationId, instance.at.instanceId))!;
    if (faultMessage !== null) throw new Error(faultMessage);
    return instance;
  }

  async create(name: string, archive: ArchivePolicy): Promise<PaperInstance> {
    const { organizationId } = this;
    const draft = draftInstance({ name, planId: 'large', deletionProtection: false, persistence: 'AOF', archive }, builtInPlans, null);
    if (!draft.ok) throw new Error(draft.error.message);
    const instanceId = uuidV7(systemClock, systemRandom).next();
    await this.work.records.instances.insert({
      id: instanceId, organizationId, spec: draft.value, createdById: null, createdAt: new Date(this.clock.now()),
      passwordSealed: this.#secrets.seal(noPassword, sealedAs.password(instanceId)), systemPasswordSealed: this.#secrets.seal(noPassword, sealedAs.systemPassword(instanceId)),
    });
    const row = (await this.work.records.instances.byIdForLoop(instanceId))!;
    const log = new PaperLog(this.clock);
    this.#logs.set(instanceId, log);
    return { row, log, at: { organizationId, instanceId } };
  }

  round({ at }: PaperInstance, ports = this.ports()): ReturnType<typeof archiveRound> {
    return archiveRound(ports, at.instanceId);
  }

  async prove(): Promise<void> {
    await new ArchiveLoop({ ports: this.ports('prover'), onError: (error) => { throw error; } }).sweepProofs();
  }

  /** `writes` each second, a round each `roundSeconds`. */
  async live(instance: PaperInstance, seconds: number, { writes = 1, roundSeconds = 10 } = {}): Promise<void> {
    for (let each = 1; each <= seconds; each += 1) {
      instance.log.write(writes);
      this.clock.step(secondMs);
      if (each % roundSeconds === 0) await this.round(instance);
    }
  }

  /** Which write was the last one, at the end of that second. */
  async restored({ at }: PaperInstance, second: number, ports = this.ports()): Promise<number> {
    return stateIn(await gather(await this.open(at, second, ports)));
  }

  open(at: PaperInstance['at'], second: number, { work: { records }, storage, secrets }: ArchivePorts = this.ports()): Promise<ByteStream> {
    return openPoint({ records, storage, secrets }, at.organizationId, at.instanceId, second);
  }

  timeline({ at }: PaperInstance): Promise<Timeline> {
    return readTimeline(this.work.records, at.organizationId, at.instanceId, this.clock.now());
  }

  async stretch({ at }: PaperInstance): Promise<LogStretchRow> {
    return (await this.work.records.logArchives.openStretchForLoop(at.instanceId))!;
  }

  async pieces(instance: PaperInstance): Promise<readonly LogPieceRow[]> {
    return this.work.records.logArchives.logOf((await this.stretch(instance)).id, 0, 100_000);
  }

  async bases({ at }: PaperInstance): Promise<readonly LogPieceRow[]> {
    return (await this.work.records.logArchives.landmarksOf(at.organizationId, at.instanceId)).filter(({ kind }) => kind === 'BASE');
  }

  /** Keys of what lies in storage and no row names; and of what rows name and does not lie there. */
  async differences(instance: PaperInstance): Promise<{ readonly leftovers: string[]; readonly missing: string[] }> {
    const { organizationId, instanceId } = instance.at;
    const unfinished = await this.work.records.logArchives.unfinishedOfForLoop(instanceId);
    const named = new Set([...await this.pieces(instance), ...await this.bases(instance), ...unfinished].map(({ storageKey }) => storageKey));
    const there = [...this.storage.objects.keys()].filter((key) => key.startsWith(`organizations/${organizationId}/instances/${instanceId}/`));
    return { leftovers: there.filter((key) => !named.has(key)), missing: [...named].filter((key) => !this.storage.objects.has(key)) };
  }
}

/** The number of the last write in a base with log behind it; throws where it is no state that ever was. */
export function stateIn(bytes: Buffer): number {
  const end = bytes.indexOf('\xff\0\0\0\0\0\0\0\0', 0, 'latin1') + 9;
  let writes = Number(/writes.(\d+)\xff/s.exec(bytes.toString('latin1', 0, end))![1]);
  for (const [, number] of bytes.toString('latin1', end).matchAll(/\$1\r\nn\r\n\$\d+\r\n(\d+)\r\n/g)) {
    writes += 1;
    if (Number(number) !== writes) throw new Error(`behind write ${writes - 1} comes write ${number}`);
  }
  return writes;
}

export async function gather(bytes: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A promise, and what fulfils it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open };
}

function baseOf(second: number, writes: number): Buffer {
  const text = (value: string): Buffer => Buffer.from([value.length, ...Buffer.from(value)]);
  const aux = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0xfa]), text(name), text(value)]);
  return Buffer.concat([Buffer.from('REDIS0010'), aux('ctime', String(second)), aux('writes', String(writes)), Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 0])]);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
