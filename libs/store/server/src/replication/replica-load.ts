/**
 * Puts the snapshot of a primary in the place of this replica's data.
 *
 *   header looked at ─▶ everything flushed ─▶ keys, a slice at a time ─▶ done
 *   └ nothing happened yet: it can still be refused
 *
 * Each slice is an exclusive section; between two of them all threads answer, and what they answer is LOADING.
 */
import { IS_LOADING } from '@larder/store-dispatch';
import type { ValueCodec } from '@larder/store-keyspace';
import type { LoadedRdb } from '@larder/store-persistence';
import { RdbReader } from '@larder/store-persistence';
import type { StoreServer } from '../store-server';
import type { ReplicaFile } from './replica-file';

const SLICE_MS = 10;
/** The clock is looked at after so many keys. */
const KEYS_PER_LOOK = 32;
/** A busy script keeps everybody out: when to try again. */
const RETRY_MS = 10;

/** Does `work` in an exclusive section, as soon as there can be one. */
export function soonAlone(server: StoreServer, work: () => void): void {
  let isTaken = false;
  server.turn(() => {
    isTaken = true;
    server.alone(work);
  });
  if (!isTaken) server.clock.setTimer(RETRY_MS, () => soonAlone(server, work));
}

export class ReplicaLoad {
  private readonly server: StoreServer;
  private readonly reader: RdbReader;
  private readonly startedAt: number;
  private readonly bytes: number;
  /** Of functions that came before anything was flushed. */
  private readonly libraries: Buffer[] = [];
  private isFlushed = false;
  private looked = 0;
  isCancelled = false;

  constructor(server: StoreServer, codecs: readonly ValueCodec[], file: ReplicaFile) {
    this.server = server;
    this.startedAt = server.clock.now();
    this.bytes = file.bytes;
    this.reader = new RdbReader(file.source(), {
      codecs,
      checks: false, // the file did
      isDeep: server.settings.shown('sanitize-dump-payload') === 'yes',
      library: (code) => this.takeLibrary(code),
    });
  }

  private takeLibrary(code: Buffer): string | undefined {
    if (this.isFlushed) return this.server.loadLibrary(code);
    this.libraries.push(code);
    return undefined;
  }

  /** Reads up to the first key: is there one, or at least a function? @throws RdbFault */
  hasContent(): boolean {
    return this.reader.readUntil(this.server.keyspace, () => true) === undefined || this.libraries.length > 0;
  }

  /** The first database of the snapshot and how many keys it has there, if it says so. */
  get announced(): { database: number; keys: number } | undefined {
    return this.reader.progress.announced;
  }

  /** The snapshot's own facts, such as the database that the stream goes on in. */
  get aux(): ReadonlyMap<string, string> {
    return this.reader.progress.aux;
  }

  /** Flushes and loads; `begins` in the exclusive section of the flush, `ended` in one at the end. */
  run(begins: () => void, ended: (loaded: LoadedRdb | undefined, error: Error | undefined) => void): void {
    const { server } = this;
    soonAlone(server, () => {
      if (this.isCancelled) return;
      server.setCondition(IS_LOADING, true);
      server.loadProgress = this.progress;
      begins();
      this.flush();
      this.isFlushed = true;
      for (const code of this.libraries) {
        const refused = server.loadLibrary(code);
        if (refused !== undefined) return this.end(undefined, new Error(`a library of functions cannot be loaded: ${refused}`), ended);
      }
      setImmediate(() => this.slice(ended));
    });
  }

  get progress() {
    return () => ({ startedAt: this.startedAt, total: this.bytes, bytes: this.reader.offset });
  }

  private slice(ended: (loaded: LoadedRdb | undefined, error: Error | undefined) => void): void {
    const { server, reader } = this;
    const { keyspace } = server;
    soonAlone(server, () => {
      const until = server.clock.monotonic() + SLICE_MS;
      let loaded: LoadedRdb | undefined;
      keyspace.expires = false;
      try {
        if (this.isCancelled) throw new Error('it is not wanted any more');
        loaded = reader.readUntil(keyspace, () => ++this.looked % KEYS_PER_LOOK === 0 && server.clock.monotonic() >= until);
      } catch (error) {
        return this.end(undefined, error as Error, ended);
      } finally {
        keyspace.expires = true;
      }
      if (loaded !== undefined) this.end(loaded, undefined, ended);
      else setImmediate(() => this.slice(ended));
    });
  }

  private end(loaded: LoadedRdb | undefined, error: Error | undefined, ended: (loaded: LoadedRdb | undefined, error: Error | undefined) => void): void {
    const { server } = this;
    // Half of a snapshot is nothing to answer from.
    if (error !== undefined) this.flush();
    server.changesSaved(server.changes);
    server.loadProgress = null;
    server.setCondition(IS_LOADING, false);
    ended(loaded, error);
  }

  private flush(): void {
    const { server } = this;
    const { keyspace, dispatcher } = server;
    const isLazy = server.settings.flag('replica-lazy-flush');
    dispatcher.waiters.databaseWillChange(-1, -1);
    for (let database = 0; database < keyspace.databases; database++) keyspace.flush(database, isLazy);
    keyspace.listener?.databaseChanged(-1, -1);
    server.flushLibraries();
  }
}
