/**
 * The append-only file of a running server, beside the RDB file: loading at start, the journal and its writer, switching on
 * and off, rewrites.
 *
 *   off ──appendonly yes──▶ waiting ──first rewrite done──▶ on ──appendonly no──▶ off
 *                             │ a temporary increment collects what is written since the cut; until the rewrite is done
 *                             ▼ the old files, if any, stay what a restart would load
 *
 *   commands ─▶ journal ─▶ ring ─▶ writer's thread ─▶ files          `safe` comes back, and lets replies out (aof-replies.ts)
 */
import { renameSync, rmSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, Worker, receiveMessageOnPort } from 'node:worker_threads';
import { AOF_FAILS, IS_LOADING } from '@larder/store-dispatch';
import { CommandBuffer, EMPTY_MANIFEST, RdbFrames, aofNames, formatManifest, manifestFaultLines, parseManifest, timestampBytes, withNewBase, withNewIncrement } from '@larder/store-persistence';
import type { AofManifest } from '@larder/store-persistence';
import { COMPATIBLE_REDIS_VERSION } from '@larder/store-settings';
import type { StoreServer } from '../store-server';
import { diskWords, ensureFolder, exists, systemDisk } from './aof-disk';
import { noteHistory, readHistory } from './aof-history';
import { AofReplies, faultReply, newsChannel } from './aof-replies';
import { replayFile } from './aof-replay';
import type { ReplayResult } from './aof-replay';
import { AofRewrite } from './aof-rewrite';
import type { AofWorkerData } from './aof-worker';
import type { AofWriterSettings, FromAofWriter, SyncPolicy, ToAofWriter } from './aof-writer';
import { styleOf, writingOptions } from './rdb-choices';
import { RdbFile } from './rdb-file';
import { atOnce, inPieces } from './rdb-load';
import type { Pieces } from './rdb-load';
import type { RdbPersistenceOptions } from './rdb-persistence';
import { RdbPersistence } from './rdb-persistence';
import { RewriteLimit } from './rewrite-limit';

const STOP_WAIT_MS = 60_000;

/** What exists while the journal runs. */
interface Running {
  worker: Worker;
  port: MessagePort;
  done: Int32Array;
}

export class AofPersistence extends RdbPersistence {
  private readonly server_: StoreServer;
  private readonly setup: RdbPersistenceOptions;
  private state: 'off' | 'waiting' | 'on' = 'off';
  private running_: Running | null = null;
  private rewrite: AofRewrite | null = null;
  private isScheduled = false;
  private writerReady: () => void = () => undefined;
  private manifest: AofManifest = EMPTY_MANIFEST;
  /** Why writes fail, in the system's words. */
  private writeFault: string | undefined;
  private syncFault: string | undefined;
  private rewriteOk = true;
  private rewrites = 0;
  private readonly limit = new RewriteLimit();
  private lastRewriteSeconds = -1;
  private baseBytes = 0;
  private incrementBytes = 0;
  /** Of increments before the open one. */
  private earlierBytes = 0;
  private rewriteBaseBytes = 0;
  private written = 0;
  private isSyncing = false;
  private delayedSyncs = 0;
  private writeSleepMs = 0;
  /** As the writer was told last. */
  private isSyncSuppressed = false;

  constructor(server: StoreServer, options: RdbPersistenceOptions) {
    super(server, options);
    this.server_ = server;
    this.setup = options;
    const { settings } = server;
    settings.onChange('appendonly', () => this.follow());
    settings.onChange(['appendfsync', 'no-appendfsync-on-rewrite', 'aof-timestamp-enabled', 'aof-disable-auto-gc'], () => this.settingsChanged());
  }

  // Places

  private get root(): string {
    return resolve(this.server_.settings.path('dir') || '.');
  }

  private get folder(): string {
    return resolve(this.root, this.server_.settings.path('appenddirname'));
  }

  private get prefix(): string {
    return this.server_.settings.text('appendfilename');
  }

  private get temporaryBase(): string {
    return resolve(this.root, `temp-rewriteaof-bg-${process.pid}.aof`);
  }

  private get growingBase(): string {
    return resolve(this.root, `temp-rewriteaof-${process.pid}.aof`);
  }

  // Start

  override async loadAtStart(): Promise<void> {
    const { server_: server } = this;
    if (!server.settings.flag('appendonly')) return super.loadAtStart();
    this.loadManifest();
    const startedAt = server.clock.monotonic();
    this.upgrade();
    const result = await inPieces(this.replay());
    if (result === 'failed') process.exit(1);
    if (result !== 'missing') server.log.notice(`DB loaded from append only file: ${seconds(server.clock.monotonic() - startedAt)} seconds`);
    // Nothing is acknowledged before there is somebody to write it down.
    const isReady = new Promise<void>((done) => (this.writerReady = done));
    const last = this.manifest.increments.at(-1);
    const history = last === undefined ? undefined : readHistory(`${this.folder}/${last.name}`);
    this.openAtStart();
    await isReady;
    if (history !== undefined && result === 'loaded') server.replication.home?.historyLoaded(history);
  }

  private loadManifest(): void {
    const { log } = this.server_;
    const path = `${this.folder}/${aofNames.manifest(this.prefix)}`;
    let text: string;
    try {
      text = readFileSync(path, 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      log.warning(`Fatal error: can't open the AOF manifest file ${path} for reading: ${diskWords(error)}`);
      process.exit(1);
    }
    const read = parseManifest(text);
    if (read.fault === undefined) {
      this.manifest = read.manifest;
      return;
    }
    for (const line of manifestFaultLines(read.fault)) log.warning(line);
    process.exit(1);
  }

  /** An append-only file of Redis before 7.0 becomes the base of a set. */
  private upgrade(): void {
    const { log } = this.server_;
    const old = resolve(this.root, this.prefix);
    const { base, increments } = this.manifest;
    if (!exists(old)) return;
    const isInterrupted = base !== undefined && increments.length === 0 && base.name === this.prefix && !exists(`${this.folder}/${this.prefix}`);
    if (exists(this.folder) && !(base === undefined && increments.length === 0) && !isInterrupted) return;
    try {
      ensureFolder(this.folder);
      this.manifest = { ...EMPTY_MANIFEST, base: { name: this.prefix, seq: 1, type: 'b' }, baseSeq: 1 };
      this.persistManifest();
      renameSync(old, `${this.folder}/${this.prefix}`);
    } catch (error) {
      log.warning(`Error trying to move the old AOF file ${this.prefix} into dir ${this.server_.settings.path('appenddirname')}: ${diskWords(error)}`);
      process.exit(1);
    }
    log.notice(`Successfully migrated an old-style AOF file (${this.prefix}) into the AOF directory (${this.server_.settings.path('appenddirname')}).`);
  }

  private persistManifest(): void {
    systemDisk.replace(`${this.folder}/${aofNames.manifest(this.prefix)}`, `${this.folder}/${aofNames.temporaryManifest(this.prefix)}`, formatManifest(this.manifest));
  }

  /** Loads all files of the manifest. */
  private *replay(): Pieces<ReplayResult> {
    const { server_: server } = this;
    const { log, keyspace, dispatcher } = server;
    const files = [...(this.manifest.base === undefined ? [] : [this.manifest.base]), ...this.manifest.increments];
    if (files.length === 0) return 'missing';
    const sizes = files.map(({ name }) => this.sizeOf(name));
    if (sizes.includes(-1)) return 'failed';
    const total = sizes.reduce((sum, size) => sum + size, 0);
    this.baseBytes = this.manifest.base === undefined ? 0 : sizes[0]!;
    this.incrementBytes = this.manifest.increments.length > 0 ? sizes.at(-1)! : 0;
    this.earlierBytes = total - this.baseBytes - this.incrementBytes;
    this.rewriteBaseBytes = this.baseBytes;
    if (total === 0) return 'empty';
    this.loading = { startedAt: server.clock.now(), total, before: 0, bytes: 0 };
    const { expires } = keyspace;
    // At a start more follows before clients are served: who began the loading ends it.
    const wasLoading = dispatcher.conditions & IS_LOADING;
    dispatcher.conditions |= IS_LOADING;
    keyspace.expires = false;
    let result: ReplayResult = 'loaded';
    try {
      server.readClock();
      for (const [index, { name, type }] of files.entries()) {
        const startedAt = server.clock.monotonic();
        const isLast = index === files.length - 1;
        result = yield* replayFile(`${this.folder}/${name}`, name, name === this.prefix, {
          server,
          codecs: this.setup.codecs,
          isLast,
          progress: (bytes) => (this.loading!.bytes = bytes),
        });
        if (result === 'loaded' || (result === 'truncated' && isLast)) {
          log.notice(`DB loaded from ${type === 'b' ? 'base' : 'incr'} file ${name}: ${seconds(server.clock.monotonic() - startedAt)} seconds`);
        }
        if (result === 'truncated' && !isLast) {
          log.warning('Fatal error: the truncated file is not the last file');
          return 'failed';
        }
        if (result === 'missing') return 'failed';
        if (result === 'failed') return 'failed';
        this.loading.before += sizes[index]!;
        this.loading.bytes = 0;
      }
      return result === 'empty' ? 'loaded' : result;
    } finally {
      keyspace.expires = expires;
      if (wasLoading === 0) dispatcher.conditions &= ~IS_LOADING;
      this.loading = null;
    }
  }

  /** DEBUG LOADAOF, in an exclusive section: everything goes, and comes back from the files. False: it does not; nothing may be built on what is there. */
  reload(): boolean {
    const { server_: server } = this;
    const { keyspace } = server;
    if (this.running_ !== null && this.state === 'on') this.finishWith({ kind: 'flush' }, this.running_);
    for (let database = 0; database < keyspace.databases; database++) keyspace.flush(database);
    if (this.state === 'off') return true;
    this.reloadManifest();
    const result = atOnce(this.replay());
    keyspace.dirty = 0;
    return result === 'loaded' || result === 'empty' || result === 'truncated';
  }

  /** DEBUG AOF-FLUSH-SLEEP: the writer waits before each write. */
  sleepBeforeWrites(usec: number): void {
    this.writeSleepMs = usec / 1000;
    this.tell({ kind: 'sleep', ms: this.writeSleepMs });
  }

  /** -1 when it cannot be had. */
  private sizeOf(name: string): number {
    try {
      const fd = systemDisk.open(`${this.folder}/${name}`, false);
      const size = systemDisk.size(fd);
      systemDisk.close(fd);
      return exists(`${this.folder}/${name}`) ? size : -1;
    } catch (error) {
      this.server_.log.warning(`Unable to obtain the AOF file ${name} length. stat: ${diskWords(error)}`);
      return -1;
    }
  }

  /** Opens the last increment, making what is not there. */
  private openAtStart(): void {
    const { log, settings } = this.server_;
    try {
      ensureFolder(this.folder);
    } catch (error) {
      log.warning(`Can't open or create append-only dir ${settings.path('appenddirname')}: ${diskWords(error)}`);
      process.exit(1);
    }
    try {
      if (this.manifest.base === undefined && this.manifest.increments.length === 0) {
        this.manifest = withNewBase(this.manifest, this.prefix, this.baseFormat);
        this.writeBase(`${this.folder}/${this.manifest.base!.name}`);
        log.notice(`Creating AOF base file ${this.manifest.base!.name} on server start`);
      }
      const isNew = this.manifest.increments.length === 0;
      if (isNew) this.manifest = withNewIncrement(this.manifest, this.prefix);
      const { name } = this.manifest.increments.at(-1)!;
      systemDisk.close(systemDisk.open(`${this.folder}/${name}`, false));
      this.persistManifest();
      log.notice(`${isNew ? 'Creating' : 'Opening'} AOF incr file ${name} on server start`);
    } catch (error) {
      log.warning(`Can't open the append-only file: ${diskWords(error)}`);
      process.exit(1);
    }
    this.state = 'on';
    this.server_.turn(() => this.server_.alone(() => this.startJournal(true)));
    this.tell({ kind: 'settings', settings: this.writerSettings() });
  }

  private get baseFormat(): 'rdb' | 'aof' {
    return this.server_.settings.flag('aof-use-rdb-preamble') ? 'rdb' : 'aof';
  }

  /** The first base file, of a server that has nothing to load: it is as good as empty. */
  private writeBase(path: string): void {
    const { keyspace, settings } = this.server_;
    if (this.baseFormat === 'aof') {
      const commands = new CommandBuffer();
      if (settings.flag('aof-timestamp-enabled')) commands.raw(timestampBytes(Math.floor(this.server_.clock.now() / 1000)));
      systemDisk.replace(path, this.growingBase, commands.buf.toString('latin1', 0, commands.pos));
      return;
    }
    const file = new RdbFile({ ...writingOptions(this.server_, 'rewrite'), path, temporary: this.growingBase });
    const frames = new RdbFrames(this.setup.codecs, (chunk, length) => file.write(chunk, length), false, undefined, styleOf(this.server_));
    frames.header(this.auxFields());
    if (Array.from({ length: keyspace.databases }, (_, database) => keyspace.size(database)).some((size) => size > 0)) {
      throw new Error('a first base file is made of an empty keyspace');
    }
    frames.end();
    file.commit();
    this.baseBytes = this.rewriteBaseBytes = file.bytes;
  }

  private auxFields(): [string, string][] {
    return [
      ['redis-ver', COMPATIBLE_REDIS_VERSION],
      ['redis-bits', '64'],
      ['ctime', String(Math.floor(this.server_.clock.now() / 1000))],
      ['used-mem', String(this.server_.arena.used)],
      ['aof-base', '1'],
    ];
  }

  // The journal and its writer

  private writerSettings(): AofWriterSettings {
    const { settings } = this.server_;
    return {
      policy: settings.shown('appendfsync') as SyncPolicy,
      isSyncSuppressed: settings.flag('no-appendfsync-on-rewrite') && (this.rewrite !== null || this.isSaving),
      timestamps: settings.flag('aof-timestamp-enabled'),
      keepsHistory: settings.flag('aof-disable-auto-gc'),
    };
  }

  /** Begins the journal, in an exclusive section. */
  private startJournal(opens: boolean): void {
    const { server_: server } = this;
    server.journal.settle();
    const { port1, port2 } = new MessageChannel();
    const done = new SharedArrayBuffer(4);
    const workerData: AofWorkerData = {
      role: 'aof-writer',
      ring: server.journalRing,
      position: server.journal.ring.head,
      port: port2,
      done,
      channel: server.crew === null ? '' : newsChannel(),
      folder: this.folder,
      prefix: this.prefix,
      manifest: this.manifest,
      settings: this.writerSettings(),
      opens,
    };
    const worker = new Worker(this.setup.program, { workerData, transferList: [port2] });
    this.running_ = { worker, port: port1, done: new Int32Array(done) };
    port1.on('message', (message: FromAofWriter) => server.turn(() => this.writerSaid(message)));
    worker.on('exit', () => {
      if (this.running_?.worker === worker) this.die('The thread that writes the AOF is gone. Exiting...');
    });
    worker.on('error', (error) => this.die(`The thread that writes the AOF died: ${error.message}`));
    server.startJournal(true);
    if (this.writeSleepMs > 0) this.tell({ kind: 'sleep', ms: this.writeSleepMs });
  }

  private get replies(): AofReplies | undefined {
    const gate = this.server_.replyGate;
    return gate instanceof AofReplies ? gate : undefined;
  }

  private tell(message: ToAofWriter): void {
    const { running_: running } = this;
    if (running === null) return;
    running.port.postMessage(message);
    this.server_.journal.ring.wakeReader();
  }

  private settingsChanged(): void {
    const settings = this.writerSettings();
    this.isSyncSuppressed = settings.isSyncSuppressed;
    this.tell({ kind: 'settings', settings });
    const { replies } = this;
    replies?.advance(replies.safe);
  }

  private writerSaid(message: FromAofWriter): void {
    const { log } = this.server_;
    switch (message.kind) {
      case 'log':
        return log[message.level](message.text);
      case 'safe':
        this.written = message.written;
        this.incrementBytes = message.size;
        if (this.isSyncing && message.syncing) this.delayedSyncs++;
        this.isSyncing = message.syncing;
        this.replies?.advance(message.position);
        return;
      case 'fault':
        if (message.isFatal) this.die(`Can't persist AOF for fsync error when the AOF fsync policy is 'always': ${message.reason}. Exiting...`);
        if (message.what === 'write') this.writeFault = message.reason;
        else this.syncFault = message.reason;
        return this.updateCondition();
      case 'healed':
        this.writeFault = this.syncFault = undefined;
        this.updateCondition();
        // What a failed sync may have lost is in no file: a rewrite takes it from memory.
        if (message.needsRewrite) this.isScheduled = true;
        return;
      case 'ready':
        return this.writerReady();
      case 'rotated':
        return;
      case 'notRotated':
        return this.rewrite?.cancel('the increment could not be opened');
      case 'rewritten':
        this.baseBytes = message.baseBytes;
        this.earlierBytes = 0;
        this.incrementBytes = message.size;
        this.rewriteBaseBytes = this.baseBytes + this.incrementBytes;
        return this.rewriteEnded(true);
      case 'notRewritten':
        return this.rewriteEnded(false);
      case 'flushed':
      case 'stopped':
    }
  }

  private die(reason: string): never {
    this.server_.log.warning(reason);
    process.exit(1);
  }

  private updateCondition(): void {
    const { dispatcher } = this.server_;
    const reason = this.writeFault ?? this.syncFault;
    if (reason !== undefined) dispatcher.aofFault = faultReply(reason);
    this.server_.setCondition(AOF_FAILS, reason !== undefined && this.state !== 'off');
  }

  override fault(): string | undefined {
    return super.fault() ?? ((this.server_.dispatcher.conditions & AOF_FAILS) !== 0 ? this.server_.dispatcher.aofFault : undefined);
  }

  // On and off

  /** Makes the journal match the setting. Words refuse the change. */
  private follow(): string | undefined {
    const wanted = this.server_.settings.flag('appendonly');
    if (!wanted && this.state !== 'off') this.switchOff();
    else if (wanted && this.state === 'off' && !this.switchOn()) return 'Unable to turn on AOF. Check server logs.';
    return undefined;
  }

  /** The AOF of data that are being given up ends; see Persistence. */
  suspendJournal(): void {
    if (this.state !== 'off') this.switchOff();
  }

  get isJournalWhole(): boolean {
    return this.state === 'on';
  }

  resumeJournal(): void {
    if (this.server_.settings.flag('appendonly') && this.state === 'off') this.switchOn();
  }

  private switchOff(): void {
    const { server_: server } = this;
    const running = this.running_!;
    // Its replies go out once the writer has everything.
    const { replies } = this;
    this.state = 'off';
    this.isScheduled = false;
    this.finishWith({ kind: 'stop' }, running);
    if (this.rewrite !== null) {
      server.log.notice(`Killing running AOF rewrite child: ${process.pid}`);
      this.rewrite.cancel('');
    }
    this.running_ = null;
    server.startJournal(false);
    replies?.releaseAll();
    this.writeFault = this.syncFault = undefined;
    this.updateCondition();
    this.earlierBytes += this.incrementBytes;
    this.incrementBytes = 0;
    this.reloadManifest();
  }

  /** Asks the writer for something and stops until it is done. */
  private finishWith(message: ToAofWriter, running: Running): string | undefined {
    this.server_.journal.settle();
    const before = Atomics.load(running.done, 0);
    running.port.postMessage(message);
    this.server_.journal.ring.wakeReader();
    const isDone = Atomics.wait(running.done, 0, before, STOP_WAIT_MS) !== 'timed-out';
    let error = isDone ? undefined : 'the writer of the AOF does not answer';
    for (let letter = receiveMessageOnPort(running.port); letter !== undefined; letter = receiveMessageOnPort(running.port)) {
      const said = letter.message as FromAofWriter;
      if (said.kind === 'flushed') error ??= said.error;
      else this.writerSaid(said);
    }
    return error;
  }

  /** What the writer left behind is what the next one begins with. */
  private reloadManifest(): void {
    try {
      const read = parseManifest(readFileSync(`${this.folder}/${aofNames.manifest(this.prefix)}`, 'latin1'));
      if (read.fault === undefined) this.manifest = read.manifest;
    } catch {
      this.manifest = EMPTY_MANIFEST;
    }
  }

  private switchOn(): boolean {
    const { log } = this.server_;
    this.reloadManifest();
    this.state = 'waiting';
    if (this.isSaving || this.rewrite !== null) {
      this.isScheduled = true;
      if (this.isSaving) log.warning('AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.');
      else {
        log.warning('AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a rewrite now.');
        this.rewrite!.cancel('');
      }
    } else if (!this.server_.dispatcher.unit.mayBlock) {
      this.isScheduled = true;
      log.warning('AOF was enabled during a transaction. An AOF background was scheduled to start when possible.');
    } else if (!this.startRewrite()) {
      this.state = 'off';
      log.warning("Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.");
      return false;
    }
    return true;
  }

  // Rewrites

  get isRewriting(): boolean {
    return this.rewrite !== null;
  }

  /** BGREWRITEAOF: the reply, an error when it begins with '-'. */
  rewriteOnRequest(isInTransaction: boolean): string {
    if (this.rewrite !== null) return '-ERR Background append only file rewriting already in progress';
    if (this.isSaving || isInTransaction) {
      this.isScheduled = true;
      this.limit.failures = 0;
      return 'Background append only file rewriting scheduled';
    }
    if (this.startRewrite()) return 'Background append only file rewriting started';
    return "-ERR Can't execute an AOF background rewriting. Please check the server logs for more information.";
  }

  private startRewriteAlone(): void {
    this.server_.alone(() => {
      if (this.rewrite === null && !this.isSaving) this.startRewrite();
    });
  }

  /** In an exclusive section. */
  private startRewrite(): boolean {
    const { server_: server } = this;
    const { log, settings } = server;
    if (server.keyspace.snapshot !== null) return false;
    try {
      ensureFolder(this.folder);
    } catch (error) {
      log.warning(`Can't open or create append-only dir ${settings.path('appenddirname')}: ${diskWords(error)}`);
      this.rewriteOk = false;
      return false;
    }
    if (this.state !== 'off') {
      if (this.running_ === null) this.startJournal(false);
      if (this.state === 'on') this.earlierBytes += this.incrementBytes;
      server.journal.settle();
      this.tell({ kind: 'rotate', at: server.journal.ring.head, isTemporary: this.state === 'waiting' });
    }
    this.rewrites++;
    const format = this.baseFormat;
    this.rewrite = new AofRewrite({
      server,
      codecs: this.setup.codecs,
      captures: this.setup.captures,
      program: this.setup.program,
      encoding: writingOptions(server, 'rewrite'),
      aux: this.auxFields(),
      path: this.temporaryBase,
      temporary: this.growingBase,
      format,
      timestamps: settings.flag('aof-timestamp-enabled'),
      ended: (error) => this.baseWritten(error, format),
    });
    this.isScheduled = false;
    log.notice(`Background append only file rewriting started by pid ${process.pid}`);
    this.settingsChanged();
    return true;
  }

  private baseWritten(error: string | undefined, format: 'rdb' | 'aof'): void {
    const { log } = this.server_;
    if (error !== undefined) {
      if (error !== '') log.warning(`Background AOF rewrite terminated with error${error === '' ? '' : `: ${error}`}`);
      return this.rewriteEnded(false, error === '');
    }
    log.notice(`Successfully created the temporary AOF base file ${this.temporaryBase}`);
    log.notice('Background AOF rewrite terminated with success');
    if (this.running_ !== null) return this.tell({ kind: 'rewritten', temporary: this.temporaryBase, format });
    this.replaceBase(format);
  }

  /** A rewrite while the append-only file is off: the new base stands alone. */
  private replaceBase(format: 'rdb' | 'aof'): void {
    const { log } = this.server_;
    this.reloadManifest();
    const before = this.manifest;
    let next = withNewBase({ ...before, increments: [] }, this.prefix, format);
    const old = [...(before.base === undefined ? [] : [before.base]), ...before.increments, ...before.history];
    next = { ...next, history: [] };
    try {
      renameSync(this.temporaryBase, `${this.folder}/${next.base!.name}`);
      log.notice(`Successfully renamed the temporary AOF base file ${this.temporaryBase} into ${next.base!.name}`);
      this.manifest = next;
      this.persistManifest();
      for (const { name } of old) rmSync(`${this.folder}/${name}`, { force: true });
      this.rewriteEnded(true);
    } catch (error) {
      log.warning(`Error trying to rename the temporary AOF base file ${this.temporaryBase} into ${next.base!.name}: ${diskWords(error)}`);
      this.rewriteEnded(false);
    }
  }

  private rewriteEnded(ok: boolean, wasKilled = false): void {
    const { log, clock } = this.server_;
    const { rewrite } = this;
    this.rewrite = null;
    if (rewrite !== null) this.lastRewriteSeconds = Math.round((clock.monotonic() - rewrite.startedAt) / 1000);
    rmSync(this.temporaryBase, { force: true });
    if (ok) {
      this.rewriteOk = true;
      this.limit.failures = 0;
      if (this.state === 'waiting') this.state = 'on';
      log.notice('Background AOF rewrite finished successfully');
    } else if (!wasKilled) {
      this.rewriteOk = false;
      this.limit.failures++;
    }
    if (!ok && this.state === 'waiting') {
      this.tell({ kind: 'dropTemporary' });
      this.isScheduled = true;
    }
    this.settingsChanged();
  }

  private isLimited(): boolean {
    const { clock, log } = this.server_;
    return this.limit.holds(clock.monotonic(), (minutes) =>
      log.warning(`Background AOF rewrite has repeatedly failed and triggered the limit, will retry in ${minutes} minutes`),
    );
  }

  private get currentBytes(): number {
    return this.baseBytes + this.earlierBytes + this.incrementBytes;
  }

  override cron(): void {
    const { settings, log, keyspace } = this.server_;
    // Saves end, and files for replicas begin, without a word to this side.
    if (this.isSyncSuppressed !== this.writerSettings().isSyncSuppressed) this.settingsChanged();
    const isBusy = () => this.rewrite !== null || this.isSaving || keyspace.snapshot !== null;
    if (!isBusy() && this.isScheduled && !this.isLimited()) this.startRewriteAlone();
    if (isBusy()) return;
    super.cron();
    const percentage = settings.number('auto-aof-rewrite-percentage');
    if (isBusy() || this.state !== 'on' || percentage === 0 || this.currentBytes <= settings.number('auto-aof-rewrite-min-size')) return;
    const growth = Math.floor((this.currentBytes * 100) / (this.rewriteBaseBytes || 1)) - 100;
    if (growth < percentage || this.isLimited()) return;
    log.notice(`Starting automatic rewriting of AOF on ${growth}% growth`);
    this.startRewriteAlone();
  }

  override startBackgroundSave(): string | undefined {
    if (this.rewrite !== null) {
      return "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE whenever possible.";
    }
    const refused = super.startBackgroundSave();
    this.settingsChanged();
    return refused;
  }

  // The end

  override saveAtShutdown(save: boolean | undefined): string | undefined {
    const { log } = this.server_;
    const running = this.running_;
    let isWhole = running !== null;
    if (running !== null) {
      if (this.state === 'waiting') {
        log.warning("Writing initial AOF. Can't exit.");
        return 'the first append-only file is being written';
      }
      if (this.rewrite !== null) {
        log.warning('There is a child rewriting the AOF. Killing it!');
        this.rewrite.kill();
        this.rewrite = null;
      }
      log.notice('Calling fsync() on the AOF file.');
      const error = this.finishWith({ kind: 'flush' }, running);
      if (error !== undefined) log.warning(`Fail to fsync the AOF file: ${error}`);
      isWhole = error === undefined;
    }
    const refused = super.saveAtShutdown(save);
    // Behind what could not all be written an annotation would be out of place.
    if (isWhole && refused === undefined) this.tellHistory();
    return refused;
  }

  /** Nothing is written any more: a restart can go on in the history that this server was in. */
  private tellHistory(): void {
    const fields = new Map(this.server_.replication.home?.aux() ?? []);
    if (fields.size === 0) return;
    try {
      this.reloadManifest();
      const last = this.manifest.increments.at(-1);
      if (last !== undefined) noteHistory(`${this.folder}/${last.name}`, fields);
    } catch (error) {
      this.server_.log.warning(`The replication offset could not be noted in the AOF file: ${diskWords(error)}`);
    }
  }

  // INFO

  override info(): [string, string | number][] {
    const { clock, settings } = this.server_;
    const { rewrite } = this;
    const progress = rewrite?.progress;
    const values: Record<string, string | number> = {
      ...(progress === undefined
        ? {}
        : {
            current_fork_perc: ((progress.processed / Math.max(progress.total, 1)) * 100).toFixed(2),
            current_save_keys_processed: progress.processed,
            current_save_keys_total: progress.total,
          }),
      aof_enabled: this.state === 'off' ? 0 : 1,
      aof_rewrite_in_progress: rewrite === null ? 0 : 1,
      aof_rewrite_scheduled: this.isScheduled ? 1 : 0,
      aof_last_rewrite_time_sec: this.lastRewriteSeconds,
      aof_current_rewrite_time_sec: rewrite === null ? -1 : Math.floor((clock.monotonic() - rewrite.startedAt) / 1000),
      aof_last_bgrewrite_status: this.rewriteOk ? 'ok' : 'err',
      aof_rewrites: this.rewrites,
      aof_rewrites_consecutive_failures: this.limit.failures,
      aof_last_write_status: this.writeFault === undefined && this.syncFault === undefined ? 'ok' : 'err',
    };
    const fields = super.info().map(([name, value]): [string, string | number] => [name, values[name] ?? value]);
    if (settings.flag('appendonly')) {
      fields.push(
        ['aof_current_size', this.currentBytes],
        ['aof_base_size', this.rewriteBaseBytes],
        ['aof_pending_rewrite', this.isScheduled ? 1 : 0],
        ['aof_buffer_length', this.running_ === null ? 0 : ((this.server_.journal.ring.head - this.written) >>> 0) * 8],
        ['aof_pending_bio_fsync', this.isSyncing ? 1 : 0],
        ['aof_delayed_fsync', this.delayedSyncs],
      );
    }
    const synced = this.server_.loadProgress?.();
    const loading = this.loading ?? (synced && { ...synced, before: 0 });
    if (loading) {
      const bytes = loading.before + loading.bytes;
      const elapsed = (clock.now() - loading.startedAt) / 1000;
      fields.push(
        ['loading_start_time', Math.floor(loading.startedAt / 1000)],
        ['loading_total_bytes', loading.total],
        ['loading_rdb_used_mem', 0],
        ['loading_loaded_bytes', bytes],
        ['loading_loaded_perc', ((bytes / loading.total) * 100).toFixed(2)],
        ['loading_eta_seconds', elapsed < 1 ? 1 : Math.floor((elapsed * (loading.total - bytes)) / Math.max(bytes, 1))],
      );
    }
    return fields;
  }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
