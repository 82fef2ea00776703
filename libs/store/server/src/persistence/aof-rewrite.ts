/**
 * One rewrite of the append-only file: the keyspace at a cut, walked in slices while commands go on, encoded and written by a
 * worker under a temporary name. Whoever started it puts the file in place (aof-writer.ts) when `ended` says that it is whole.
 */
import { Worker } from 'node:worker_threads';
import { rmSync } from 'node:fs';
import { Snapshot } from '@larder/store-persistence';
import type { ValueCodec } from '@larder/store-keyspace';
import type { StoreServer } from '../store-server';
import { ChunkPort, REST_MS, WALK_BYTES_MAX } from './chunk-port';
import { styleOf } from './rdb-choices';
import type { WritingOptions } from './rdb-choices';
import type { RdbFileOptions } from './rdb-file';
import type { FromWriter, ToWriter } from './rdb-worker';
import type { RemoteCaptures } from './remote-captures';

const SLICE_MS = 1;

export interface RewriteOptions {
  server: StoreServer;
  codecs: readonly ValueCodec[];
  /** Of the other threads, when there are any. */
  captures: RemoteCaptures | undefined;
  /** The program file whose worker role writes. */
  program: string;
  encoding: WritingOptions;
  aux: [string, string][];
  /** Where the whole file will lie, and where it grows. */
  path: string;
  temporary: string;
  format: 'rdb' | 'aof';
  timestamps: boolean;
  /** What lies at `path` already stays when this comes to nothing. */
  keepsOld?: boolean;
  /** See RdbFileOptions. */
  spool?: RdbFileOptions['spool'];
  ended: (error: string | undefined) => void;
}

export class AofRewrite {
  readonly startedAt: number;
  private readonly options: RewriteOptions;
  private readonly worker: Worker;
  private readonly snapshot: Snapshot;
  private readonly port: ChunkPort;
  private isOver = false;
  private isClosed = false;

  /** The cut: in an exclusive section. */
  constructor(options: RewriteOptions) {
    this.options = options;
    const { server, path, temporary, encoding, format, timestamps, spool } = options;
    this.startedAt = server.clock.monotonic();
    const counts = ChunkPort.countsFor();
    const worker = new Worker(options.program, {
      workerData: { role: 'rdb-writer', file: { ...encoding, path, temporary, ...(spool && { spool }) }, counts, commands: format === 'aof' ? { second: timestamps ? Math.floor(server.clock.now() / 1000) : undefined } : undefined },
    });
    this.worker = worker;
    this.port = new ChunkPort(worker, counts);
    this.snapshot = new Snapshot(server.keyspace, {
      codecs: options.codecs,
      aux: options.aux,
      libraries: server.functions.libraries(),
      emit: this.port.emit,
      spare: this.port.spare,
      style: styleOf(server),
      within: (shard, work) => server.withShard(shard, work),
      endsByHand: true,
    });
    options.captures?.begin(worker, counts, this.snapshot.numbersAtCut);
    worker.on('message', (message: FromWriter) => this.heard(message));
    worker.on('error', (error) => this.heard({ error: error.message }));
    setImmediate(() => this.walk());
  }

  get progress(): { processed: number; total: number } {
    return { processed: this.snapshot.keys, total: this.snapshot.total };
  }

  private walk(): void {
    if (this.isOver) return;
    const { port, snapshot, worker } = this;
    if (port.inFlight < WALK_BYTES_MAX) {
      this.slice((isLate) => snapshot.walk(() => isLate() || port.inFlight >= WALK_BYTES_MAX));
      if (snapshot.isWalked) this.end();
      if (snapshot.isDone) {
        const message: ToWriter = snapshot.isLost ? { abandon: 'no memory to keep what was being changed' } : { end: port.sent };
        worker.postMessage(message);
        return;
      }
    }
    // Where the writer has to do the next thing, to ask it again and again would take its processor.
    if (snapshot.isWalked || port.inFlight >= WALK_BYTES_MAX) this.options.server.clock.setTimer(REST_MS, () => this.walk());
    else setImmediate(() => this.walk());
  }

  /** All is walked: every thread hands on what it captured; when that is written comes the end, which must be last. */
  private end(): void {
    const { snapshot, port } = this;
    const { server, captures } = this.options;
    if (!this.isClosed) {
      server.turn(() =>
        server.alone(() => {
          if (this.isClosed) return;
          captures?.close();
          snapshot.capture.close();
          this.isClosed = true;
        }),
      );
    }
    if (this.isClosed && (snapshot.capture.isDiscarded || port.isDrained)) snapshot.end();
  }

  /** Works for a millisecond, in a turn of its own. */
  private slice(work: (isLate: () => boolean) => void): void {
    const { server } = this.options;
    server.turn(() => {
      const until = server.clock.monotonic() + SLICE_MS;
      work(() => server.clock.monotonic() >= until);
    });
  }

  private heard(message: FromWriter): void {
    if (this.isOver) return;
    if (message.chunk !== undefined) this.port.recycle(message.chunk);
    if (message.done !== undefined) {
      this.isOver = true;
      this.options.ended(undefined);
    } else if (message.error !== undefined) this.cancel(message.error);
  }

  /** Ends it without a file. The walk goes on to its end, or the bits of the next cut would not be uniform. */
  cancel(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    void this.worker.terminate();
    this.removeFiles();
    const { server, captures, ended } = this.options;
    this.snapshot.discard();
    server.turn(() => server.alone(() => captures?.discard()));
    const finish = () => {
      this.slice((isLate) => this.snapshot.walk(isLate));
      if (this.snapshot.isWalked) this.end();
      if (this.snapshot.isDone) ended(reason);
      else setImmediate(finish);
    };
    finish();
  }

  /** Stops at once, without regard to later cuts: the process ends. */
  kill(): void {
    this.isOver = true;
    void this.worker.terminate();
    this.removeFiles();
  }

  private removeFiles(): void {
    if (this.options.spool !== undefined) return;
    rmSync(this.options.temporary, { force: true });
    if (!this.options.keepsOld) rmSync(this.options.path, { force: true });
  }
}
