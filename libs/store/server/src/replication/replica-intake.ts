/**
 * Takes in the snapshot of a full synchronisation: to a file, looked at, and only then in the place of the data at hand.
 *
 * Refused, with the old data untouched: a damaged file, and, unless settings say otherwise, that of a primary which has lost its data,
 * for it must not empty its replicas. That is
 *   - a file without data where there are some here;
 *   - a file with less than half of the keys, from the very primary that the data here came from, if it has begun a new history since:
 *     it restarted empty and took a few writes before it was asked. Whatever it fills up with, it stays refused.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ValueCodec } from '@larder/store-keyspace';
import type { LoadResult } from '@larder/store-replication';
import type { StoreServer } from '../store-server';
import { streamDatabase } from './full-sync';
import { ReplicaFile } from './replica-file';
import { ReplicaLoad } from './replica-load';

export interface Origin {
  /** Of the history that the snapshot begins; '' when the primary has none to tell. */
  id: string;
  /** The data here came from this primary, which went on in that history: it has lost it. */
  isLost: boolean;
}

export interface IntakeHands {
  /** The data at hand are about to go; in an exclusive section. */
  flushes(): void;
  /** The snapshot is the data now; its stream goes on in this database. In an exclusive section. */
  loaded(database: number): void;
  ended(result: LoadResult): void;
}

export class ReplicaIntake {
  /** Why the last full synchronisation was refused, or ''. */
  refusal: '' | 'empty-primary' = '';
  private readonly server: StoreServer;
  private readonly codecs: readonly ValueCodec[];
  private file: ReplicaFile | null = null;
  private running: ReplicaLoad | null = null;
  /** The history whose beginning was refused. */
  private refusedId: string | null = null;

  constructor(server: StoreServer, codecs: readonly ValueCodec[]) {
    this.server = server;
    this.codecs = codecs;
  }

  private get folder(): string {
    return resolve(this.server.settings.path('dir') || '.');
  }

  private get snapshotPath(): string {
    return resolve(this.folder, this.server.settings.path('dbfilename'));
  }

  /** Words are why not. */
  begin(): string | undefined {
    const { settings, clock } = this.server;
    const isNamed = settings.shown('repl-diskless-load') === 'disabled';
    const path = resolve(this.folder, `temp-${Math.floor(clock.now() / 1000)}.${process.pid}.rdb`);
    try {
      this.file = new ReplicaFile(path, { isNamed, checks: settings.flag('rdbchecksum') });
      return undefined;
    } catch (error) {
      return `Opening the temp file needed for MASTER <-> REPLICA synchronization: ${(error as Error).message}`;
    }
  }

  /** Words are why not. */
  take(bytes: Buffer, off: number, length: number): string | undefined {
    try {
      this.file?.write(bytes, off, length);
      return undefined;
    } catch (error) {
      return `Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization: ${(error as Error).message}`;
    }
  }

  /** It came to nothing, or is not wanted any more. */
  cancel(): void {
    this.closeFile();
    if (this.running !== null) this.running.isCancelled = true;
    this.running = null;
  }

  private closeFile(): void {
    this.file?.close();
    this.file = null;
  }

  /** Nothing is refused for what it was refused for before. */
  forgive(): void {
    this.refusal = '';
    this.refusedId = null;
  }

  load(origin: Origin, hands: IntakeHands): void {
    const { file } = this;
    if (file === null) return hands.ended('failed');
    file.finish((error) => {
      if (this.file !== file) return;
      const result = error === null ? this.lookAt(file, origin) : this.failed(error.message);
      if (result instanceof ReplicaLoad) return this.run(result, hands);
      this.closeFile();
      hands.ended(result);
    });
  }

  private failed(why: string): 'failed' {
    this.server.log.warning(`Failed trying to load the MASTER synchronization DB from disk: ${why}. The data at hand are kept.`);
    return 'failed';
  }

  /** Whether it may replace what there is; nothing has happened to that yet. */
  private lookAt(file: ReplicaFile, origin: Origin): ReplicaLoad | 'failed' | 'refused' {
    const { settings } = this.server;
    if (!file.isSound) return this.failed('its checksum is wrong');
    const load = new ReplicaLoad(this.server, this.codecs, file);
    try {
      const hasContent = load.hasContent();
      if (settings.flag('repl-refuse-empty-full-sync') && this.hasLostData(load, hasContent, origin)) {
        this.refusedId = origin.id;
        return this.refuse();
      }
      this.forgive();
      file.putInPlace(this.snapshotPath);
      return load;
    } catch (error) {
      return this.failed((error as Error).message);
    }
  }

  private hasLostData(load: ReplicaLoad, hasContent: boolean, { id, isLost }: Origin): boolean {
    const { keyspace } = this.server;
    const hasKeys = Array.from({ length: keyspace.databases }, (_, database) => keyspace.size(database)).some((size) => size > 0);
    if (!hasKeys) return false;
    if (!hasContent || (id !== '' && id === this.refusedId)) return true;
    const { announced } = load;
    return isLost && announced !== undefined && announced.database < keyspace.databases && announced.keys * 2 < keyspace.size(announced.database);
  }

  private refuse(): 'refused' {
    if (this.refusal === '') {
      this.server.log.warning(
        'MASTER <-> REPLICA sync: refused. The primary has no data, or has lost most of what this replica has: it may have restarted empty. The data at hand are kept, and it is asked again from time to time. ' +
          'To follow it all the same: CONFIG SET repl-refuse-empty-full-sync no',
      );
    }
    this.refusal = 'empty-primary';
    return 'refused';
  }

  private run(load: ReplicaLoad, hands: IntakeHands): void {
    const { log, settings } = this.server;
    this.running = load;
    load.run(
      () => {
        log.notice('MASTER <-> REPLICA sync: Flushing old data');
        hands.flushes();
        log.notice('MASTER <-> REPLICA sync: Loading DB in memory');
      },
      (loaded, error) => {
        if (this.running !== load) return;
        this.running = null;
        this.closeFile();
        if (loaded === undefined) {
          log.warning(`Failed trying to load the MASTER synchronization DB from disk: ${error!.message}`);
          return hands.ended('failed');
        }
        log.notice(`Done loading RDB, keys loaded: ${loaded.keys}, keys expired: ${loaded.expired}.`);
        hands.loaded(streamDatabase(load.aux, this.server.keyspace.databases));
        if (settings.flag('rdb-del-sync-files') && !settings.flag('appendonly') && settings.value('save').length === 0) {
          log.notice('Removing the RDB file obtained from the master. This replica has persistence disabled');
          rmSync(this.snapshotPath, { force: true });
        }
        hands.ended('loaded');
      },
    );
  }
}
