/**
 * RDB files of a running server: loading at start, SAVE, BGSAVE without stopping the world, save points.
 *
 *   BGSAVE   cut ─▶ slices of ≤ 1 ms between turns ─▶ chunks ─▶ worker ─▶ temp file ─▶ rename
 *
 * Bytes on their way to the worker are capped (ChunkPort). What lost its key and is to be freed piece by piece (UNLINK, FLUSHALL ASYNC)
 * is freed by the walk, or, while nothing is being saved, in slices of its own.
 */
import { openSync, readSync, closeSync, fstatSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ValueCodec } from '@larder/store-keyspace';
import { DISK_FAILS, IS_LOADING, MISCONF } from '@larder/store-dispatch';
import { RdbFault, RdbFrames, RdbReader, Snapshot } from '@larder/store-persistence';
import { COMPATIBLE_REDIS_VERSION } from '@larder/store-settings';
import type { Persistence, StoreServer } from '../store-server';
import { styleOf, writingOptions } from './rdb-choices';
import { inPieces, rdbPieces } from './rdb-load';
import { RdbFile } from './rdb-file';
import { ChunkPort, REST_MS, WALK_BYTES_MAX } from './chunk-port';
import type { RemoteCaptures } from './remote-captures';
import type { FromWriter, ToWriter } from './rdb-worker';

const SLICE_MS = 1;
/** After a failed save, the next automatic one waits this long. */
const RETRY_SECONDS = 5;

interface Running {
  snapshot: Snapshot;
  worker: Worker;
  port: ChunkPort;
  temporary: string;
  startedAt: number;
  dirtyAtCut: number;
  /** No thread captures for it any more. */
  isClosed: boolean;
}

/** A file that is being loaded. */
interface Load {
  readonly reader: RdbReader;
  readonly startedAt: number;
  close(): void;
}

export interface RdbPersistenceOptions {
  codecs: readonly ValueCodec[];
  /** The program file whose worker role writes: see runRdbWriter. */
  program: string;
  /** Of the threads beside this one. */
  captures?: RemoteCaptures;
}

export class RdbPersistence implements Persistence {
  private readonly server: StoreServer;
  private readonly options: RdbPersistenceOptions;
  private running: Running | null = null;
  private isFreeing = false;
  lastSaveAt: number;
  private lastTryAt = 0;
  private lastOk = true;
  private lastSeconds = -1;
  private saves = 0;
  private loadedKeys = 0;
  private loadedAux: ReadonlyMap<string, string> = new Map();
  private expiredAtLoad = 0;
  /** What INFO tells while files are loaded; `before`: bytes of files that are done. */
  protected loading: { startedAt: number; total: number; before: number; bytes: number } | null = null;

  constructor(server: StoreServer, options: RdbPersistenceOptions) {
    this.server = server;
    this.options = options;
    this.lastSaveAt = server.clock.now();
    server.settings.onChange(['save', 'stop-writes-on-bgsave-error'], () => this.updateFault());
  }

  get isSaving(): boolean {
    return this.running !== null || this.server.replication.home?.isSaving === true;
  }

  /** No save and no rewrite walks the keyspace. */
  private get isIdle(): boolean {
    return this.running === null && this.server.keyspace.snapshot === null;
  }

  get path(): string {
    return resolve(this.server.settings.path('dir') || '.', this.server.settings.path('dbfilename'));
  }

  private temporary(kind: string): string {
    return resolve(this.server.settings.path('dir') || '.', `temp-${kind}${process.pid}.rdb`);
  }

  private get hasSavePoints(): boolean {
    return this.server.settings.value('save').length > 0;
  }

  private aux(): [string, string][] {
    return [
      ['redis-ver', COMPATIBLE_REDIS_VERSION],
      ['redis-bits', '64'],
      ['ctime', String(Math.floor(this.server.clock.now() / 1000))],
      ['used-mem', String(this.server.arena.used)],
      ['aof-base', '0'],
      ...(this.server.replication.home?.aux() ?? []),
    ];
  }

  /** What a snapshot for replicas is made with; one from disk becomes the file of SAVE. */
  replicaTarget(isDiskless: boolean) {
    const { codecs, captures, program } = this.options;
    return {
      codecs,
      captures,
      program,
      encoding: writingOptions(this.server, 'save'),
      aux: this.aux(),
      path: this.path,
      temporary: this.temporary(isDiskless ? 'sync-' : ''),
      keepsOld: true,
    };
  }

  /** A snapshot for replicas is in place, or has failed. */
  savedForReplicas(ok: boolean, changes: number, startedAt: number): void {
    if (ok) this.server.changesSaved(changes);
    this.lastSeconds = Math.round((this.server.clock.monotonic() - startedAt) / 1000);
    this.ended(ok);
  }

  /** Clients are answered meanwhile: that it is loading, PING, INFO. */
  async loadAtStart(): Promise<void> {
    const { log } = this.server;
    let load: Load | undefined;
    try {
      load = this.open(false);
      if (load === undefined) return;
      await inPieces(rdbPieces(load.reader, this.server, (bytes) => (this.loading!.bytes = bytes)));
      this.loaded(load);
      this.server.replication.home?.historyLoaded(this.loadedAux);
    } catch (error) {
      if (error instanceof RdbFault) log.warning(`Internal error in RDB reading offset ${error.offset}, function at rdb: ${error.message}`);
      else log.warning(`Fatal error loading the DB, check server logs: ${(error as Error).message}`);
      log.warning(`Fatal error loading the DB: ${this.path}: ${(error as Error).message}. The file is left as it is. Exiting.`);
      process.exit(1);
    } finally {
      load?.close();
    }
  }

  /** Loads the file if there is one; false when there is none. `replaces`: keys of the file take the place of those there are. @throws RdbFault, ArenaFull */
  load({ replaces = false } = {}): boolean {
    const load = this.open(replaces);
    if (load === undefined) return false;
    try {
      load.reader.readInto(this.server.keyspace);
      this.loaded(load);
      return true;
    } finally {
      load.close();
    }
  }

  private open(replaces: boolean): Load | undefined {
    const { server } = this;
    let fd: number;
    try {
      fd = openSync(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const { keyspace, dispatcher } = server;
    // At a start more follows before clients are served: who began the loading ends it.
    const wasLoading = dispatcher.conditions & IS_LOADING;
    dispatcher.conditions |= IS_LOADING;
    server.readClock();
    const { size } = fstatSync(fd);
    this.loading = { startedAt: server.clock.now(), total: size, before: 0, bytes: 0 };
    server.log.notice(`Loading DB in memory: ${size} bytes`);
    const reader = new RdbReader({ read: (into: Buffer) => readSync(fd, into, 0, into.length, null) }, {
      library: (code) => server.loadLibrary(code),
      codecs: this.options.codecs,
      bytes: size,
      checks: server.settings.flag('rdbchecksum') && !server.debug.skipsChecksums,
      isDeep: server.settings.shown('sanitize-dump-payload') !== 'no',
      // What a replica loads keeps the keys whose time is over: their DEL will come.
      ...(server.replication.shared.state.isReplica ? {} : { now: keyspace.now }),
      replaces,
    });
    return {
      reader,
      startedAt: server.clock.monotonic(),
      close: () => {
        if (wasLoading === 0) dispatcher.conditions &= ~IS_LOADING;
        this.loading = null;
        closeSync(fd);
      },
    };
  }

  private loaded({ reader, startedAt }: Load): void {
    const { log, clock, keyspace } = this.server;
    const { aux, keys, expired, empty } = reader.progress;
    log.notice(`Loading RDB produced by version ${aux.get('redis-ver') ?? 'unknown'}`);
    log.notice(`RDB age ${Math.max(0, Math.floor(keyspace.now / 1000) - Number(aux.get('ctime') ?? 0))} seconds`);
    log.notice(`Done loading RDB, keys loaded: ${keys}, keys expired: ${expired}.${empty > 0 ? ` empty keys skipped: ${empty}.` : ''}`);
    log.notice(`DB loaded from disk: ${((clock.monotonic() - startedAt) / 1000).toFixed(3)} seconds`);
    this.loadedKeys = keys;
    this.loadedAux = aux;
    this.expiredAtLoad = expired;
    keyspace.dirty = 0;
  }

  /** Saves in place, while nothing else runs. Returns why it failed. */
  save(): string | undefined {
    const { keyspace, log } = this.server;
    let file: RdbFile | undefined;
    try {
      file = new RdbFile({ ...writingOptions(this.server, 'save'), path: this.path, temporary: this.temporary('') });
      const target = file;
      const frames = new RdbFrames(this.options.codecs, (chunk, length) => target.write(chunk, length), false, undefined, styleOf(this.server));
      frames.header(this.aux(), this.server.functions.libraries());
      for (let database = 0; database < keyspace.databases; database++) {
        if (keyspace.size(database) === 0) continue;
        frames.resize(database, keyspace.size(database), keyspace.expiresSize(database));
        for (let shard = 0; shard < keyspace.shards; shard++) {
          keyspace.table.forEach(keyspace.keysRoot(shard, database), (address) => frames.entry(database, keyspace.view.at(address)));
        }
      }
      frames.end();
      file.commit();
    } catch (error) {
      file?.abandon();
      log.warning(`Write error saving DB on disk: ${this.path}: ${(error as Error).message}`);
      this.ended(false);
      return (error as Error).message;
    }
    log.notice('DB saved on disk');
    this.server.changesSaved(this.server.changes);
    this.ended(true);
    return undefined;
  }

  /** Starts a background save, in an exclusive section. Returns the error reply, or undefined. */
  startBackgroundSave(): string | undefined {
    const { server } = this;
    if (this.isSaving) return 'ERR Background save already in progress';
    this.lastTryAt = server.clock.now();
    const temporary = this.temporary('bg-');
    const counts = ChunkPort.countsFor();
    const worker = new Worker(this.options.program, {
      workerData: { role: 'rdb-writer', file: { ...writingOptions(server, 'save'), path: this.path, temporary }, counts },
    });
    const port = new ChunkPort(worker, counts);
    const running: Running = {
      snapshot: new Snapshot(server.keyspace, {
        codecs: this.options.codecs,
        aux: this.aux(),
        libraries: server.functions.libraries(),
        emit: port.emit,
        spare: port.spare,
        style: styleOf(server),
        within: (shard, work) => server.withShard(shard, work),
        endsByHand: true,
      }),
      worker,
      port,
      temporary,
      startedAt: server.clock.monotonic(),
      dirtyAtCut: server.changes,
      isClosed: false,
    };
    this.options.captures?.begin(worker, counts, running.snapshot.numbersAtCut);
    this.running = running;
    server.log.notice(`Background saving started by pid ${process.pid}`);
    worker.on('message', (message: FromWriter) => this.heard(running, message));
    worker.on('error', (error) => this.heard(running, { error: error.message }));
    setImmediate(() => this.walk(running));
    return undefined;
  }

  private walk(running: Running): void {
    if (this.running !== running) return;
    const { snapshot, port, worker } = running;
    if (port.inFlight < WALK_BYTES_MAX) {
      this.slice((isLate) => snapshot.walk(() => isLate() || port.inFlight >= WALK_BYTES_MAX));
      if (snapshot.isWalked) this.end(running);
      if (snapshot.isDone) {
        const message: ToWriter = snapshot.isLost ? { abandon: 'no memory to keep what was being changed' } : { end: port.sent };
        worker.postMessage(message);
        return;
      }
    }
    // Where the writer has to do the next thing, to ask it again and again would take its processor.
    if (snapshot.isWalked || port.inFlight >= WALK_BYTES_MAX) this.server.clock.setTimer(REST_MS, () => this.walk(running));
    else setImmediate(() => this.walk(running));
  }

  /** All is walked: every thread hands on what it captured; when that is written comes the end, which must be last. */
  private end(running: Running): void {
    const { server, options } = this;
    const { snapshot, port } = running;
    if (!running.isClosed) {
      server.turn(() =>
        server.alone(() => {
          if (running.isClosed) return;
          options.captures?.close();
          snapshot.capture.close();
          running.isClosed = true;
        }),
      );
    }
    if (running.isClosed && (snapshot.capture.isDiscarded || port.isDrained)) snapshot.end();
  }

  /** Works for a millisecond, in a turn of its own. */
  private slice(work: (isLate: () => boolean) => void): void {
    const { server } = this;
    server.turn(() => {
      const until = server.clock.monotonic() + SLICE_MS;
      work(() => server.clock.monotonic() >= until);
    });
  }

  private heard(running: Running, message: FromWriter): void {
    if (this.running !== running) return;
    const { log, clock } = this.server;
    if (message.chunk !== undefined) running.port.recycle(message.chunk);
    if (message.done !== undefined) {
      this.running = null;
      this.server.changesSaved(running.dirtyAtCut);
      this.lastSeconds = Math.round((clock.monotonic() - running.startedAt) / 1000);
      log.notice('DB saved on disk');
      log.notice('Background saving terminated with success');
      this.ended(true);
    } else if (message.error !== undefined) {
      log.warning(`Background saving error: ${message.error}`);
      this.lastSeconds = Math.round((clock.monotonic() - running.startedAt) / 1000);
      this.lose(running);
      this.ended(false);
    }
  }

  /** The file is lost, but the walk must end, or the next cut would not be uniform. */
  private lose(running: Running): void {
    running.snapshot.discard();
    this.server.turn(() => this.server.alone(() => this.options.captures?.discard()));
    const finish = () => {
      this.slice((isLate) => running.snapshot.walk(isLate));
      if (running.snapshot.isWalked) this.end(running);
      if (running.snapshot.isDone) this.running = null;
      else setImmediate(finish);
    };
    finish();
  }

  /** Frees what is queued to be freed, while nothing is being saved. */
  private freeLeftovers(): void {
    const { keyspace } = this.server;
    const { queues, shards } = keyspace;
    if (!this.isIdle || this.isFreeing) return;
    const step = (shard: number, isLate: () => boolean) => {
      // It may have been put off until the shard could be had.
      if (this.isIdle && queues.hasWork(shard)) queues.step(shard, isLate, null, keyspace.epoch);
    };
    const next = () => {
      let isLeft = false;
      this.slice((isLate) => {
        for (let shard = 0; shard < shards; shard++) {
          while (this.isIdle && queues.hasWork(shard) && !isLate()) {
            if (!this.server.withShard(shard, () => step(shard, isLate))) break;
          }
          isLeft ||= queues.hasWork(shard);
        }
      });
      this.isFreeing = isLeft && this.isIdle;
      if (this.isFreeing) setImmediate(next);
    };
    this.isFreeing = true;
    setImmediate(next);
  }

  private ended(ok: boolean): void {
    this.lastOk = ok;
    if (ok) {
      this.lastSaveAt = this.server.clock.now();
      this.saves++;
    }
    this.updateFault();
  }

  private updateFault(): void {
    const fails = !this.lastOk && this.hasSavePoints && this.server.settings.flag('stop-writes-on-bgsave-error');
    this.server.setCondition(DISK_FAILS, fails);
  }

  fault(): string | undefined {
    return (this.server.dispatcher.conditions & DISK_FAILS) !== 0 ? MISCONF : undefined;
  }

  cron(): void {
    if (this.isSaving) return;
    const { queues, shards } = this.server.keyspace;
    for (let shard = 0; shard < shards; shard++) if (queues.hasWork(shard)) this.freeLeftovers();
    const { keyspace, log } = this.server;
    const { now } = keyspace;
    for (const { seconds, changes } of this.server.settings.value('save')) {
      const due = this.server.changes >= changes && now - this.lastSaveAt > seconds * 1000;
      if (!due || (!this.lastOk && now - this.lastTryAt <= RETRY_SECONDS * 1000)) continue;
      log.notice(`${changes} changes in ${seconds} seconds. Saving...`);
      this.server.alone(() => void this.startBackgroundSave());
      return;
    }
  }

  saveAtShutdown(save: boolean | undefined): string | undefined {
    const { running } = this;
    this.server.replication.home?.close();
    if (running !== null) {
      this.server.log.warning('There is a child saving an .rdb. Killing it!');
      void running.worker.terminate();
      rmSync(running.temporary, { force: true });
      this.running = null;
    }
    if (save === false || (save === undefined && !this.hasSavePoints)) return undefined;
    this.server.log.notice('Saving the final RDB snapshot before exiting.');
    return this.save();
  }

  info(): [string, string | number][] {
    const { running, server } = this;
    const { monotonic } = server.clock;
    return [
      ['loading', (server.dispatcher.conditions & IS_LOADING) === 0 ? 0 : 1],
      ['async_loading', 0],
      ['current_cow_peak', 0],
      ['current_cow_size', 0],
      ['current_cow_size_age', 0],
      ['current_fork_perc', running === null ? '0.00' : ((running.snapshot.keys / Math.max(running.snapshot.total, 1)) * 100).toFixed(2)],
      ['current_save_keys_processed', running?.snapshot.keys ?? 0],
      ['current_save_keys_total', running?.snapshot.total ?? 0],
      ['rdb_changes_since_last_save', server.changes],
      ['rdb_bgsave_in_progress', this.isSaving ? 1 : 0],
      ['rdb_last_save_time', Math.floor(this.lastSaveAt / 1000)],
      ['rdb_last_bgsave_status', this.lastOk ? 'ok' : 'err'],
      ['rdb_last_bgsave_time_sec', this.lastSeconds],
      ['rdb_current_bgsave_time_sec', running === null ? -1 : Math.floor((monotonic() - running.startedAt) / 1000)],
      ['rdb_saves', this.saves],
      ['rdb_last_cow_size', 0],
      ['rdb_last_load_keys_expired', this.expiredAtLoad],
      ['rdb_last_load_keys_loaded', this.loadedKeys],
      ['aof_enabled', 0],
      ['aof_rewrite_in_progress', 0],
      ['aof_rewrite_scheduled', 0],
      ['aof_last_rewrite_time_sec', -1],
      ['aof_current_rewrite_time_sec', -1],
      ['aof_last_bgrewrite_status', 'ok'],
      ['aof_rewrites', 0],
      ['aof_rewrites_consecutive_failures', 0],
      ['aof_last_write_status', 'ok'],
      ['aof_last_cow_size', 0],
      ['module_fork_in_progress', 0],
      ['module_fork_last_cow_size', 0],
    ];
  }
}
