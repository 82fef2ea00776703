/**
 * The writer of append-only files: takes the journal, writes it, forces it to disk by the policy, and owns the manifest.
 * It executes no commands; it runs in a thread of its own (aof-worker.ts), tests run it in place.
 *
 *   journal ──drain──▶ pending ──write──▶ open increment ──sync──▶ `safe`: what may be acknowledged
 *
 *   always     one sync for all that was there when it began; meanwhile the next batch gathers in the ring
 *   everysec   a sync beside the writing, begun early enough to end within a second of the first byte it covers
 *   no         the system's matter; `safe` is what was written
 *
 *   rewrite    a cut at position `at`: what lies before goes to the old increment, which is synced; then the manifest names the
 *              new one; then it is written to. A death between any two steps leaves a set of files that loads.
 *
 * A write that fails is taken back (what did not fit is cut off again; what cannot be cut off stays, and the rest follows it), its
 * bytes stay in `pending`, and it is tried again every second. After a sync that failed the disk may have dropped what it was given, whatever later syncs say: the state is
 * healed only by a rewrite, so one is asked for as soon as a sync succeeds.
 */
import type { AofManifest } from '@larder/store-persistence';
import { EXEC_BYTES, MULTI_BYTES, aofNames, formatManifest, selectBytes, timestampBytes, withNewBase, withNewIncrement, withRewritten, withoutHistory } from '@larder/store-persistence';
import type { Disk } from './aof-disk';
import { FolderNotSynced, diskWords } from './aof-disk';

/** Where the journal comes from: @larder/store-threads' JournalReader. */
export interface JournalSource {
  /**
   * Hands over the commands of whole units, oldest first, until there is none or, asked after each unit, `isEnough`. Answers
   * the position it got to; positions are 32-bit numbers that compare by their difference.
   */
  drain(visit: (database: number, bytes: Buffer, off: number, length: number, index: number, count: number) => void, isEnough?: () => boolean): number;
}

/** Whether a position of the journal lies behind another. */
export function isBehind(position: number, other: number): boolean {
  return ((position - other) | 0) > 0;
}

export type SyncPolicy = 'always' | 'everysec' | 'no';

export interface AofWriterSettings {
  policy: SyncPolicy;
  /** `no-appendfsync-on-rewrite`, while a save or rewrite runs. */
  isSyncSuppressed: boolean;
  timestamps: boolean;
  /** `aof-disable-auto-gc`. */
  keepsHistory: boolean;
}

export interface AofWriterOptions {
  source: JournalSource;
  /** Where the journal begins. */
  position: number;
  disk: Disk;
  folder: string;
  prefix: string;
  manifest: AofManifest;
  settings: AofWriterSettings;
  /** Opens the last increment for appending; otherwise nothing is open until a rotation. */
  opens: boolean;
  say: (message: FromAofWriter) => void;
  /** ms since 1970, and ms that never go back. */
  now: () => number;
  monotonic: () => number;
}

export type ToAofWriter =
  | { kind: 'settings'; settings: AofWriterSettings }
  /** At position `at` go over to a new increment; a temporary one while `appendonly` waits for its first base. */
  | { kind: 'rotate'; at: number; isTemporary: boolean }
  /** The rewrite is done: `temporary` becomes the base. */
  | { kind: 'rewritten'; temporary: string; format: 'rdb' | 'aof' }
  /** The rewrite came to nothing. */
  | { kind: 'dropTemporary' }
  /** Writes and syncs everything, then closes. */
  | { kind: 'stop' }
  /** Writes and syncs everything. */
  | { kind: 'flush' }
  | { kind: 'sleep'; ms: number };

export type FromAofWriter =
  | { kind: 'safe'; position: number; written: number; size: number; syncing: boolean }
  | { kind: 'fault'; what: 'write' | 'sync'; reason: string; isFatal: boolean }
  | { kind: 'healed'; needsRewrite: boolean }
  /** The thread runs. */
  | { kind: 'ready' }
  | { kind: 'rotated' }
  | { kind: 'notRotated' }
  | { kind: 'rewritten'; baseBytes: number; size: number }
  | { kind: 'notRewritten' }
  | { kind: 'stopped' }
  | { kind: 'flushed'; error: string | undefined }
  | { kind: 'log'; level: 'notice' | 'warning' | 'verbose'; text: string };

const PENDING_BYTES = 256 << 10;
/** everysec: no byte waits longer than this for its sync to end, if syncs take as long as the last one did. */
const SYNC_WITHIN_MS = 800;
const SYNC_EVERY_MS_MIN = 100;
const RETRY_MS = 1000;
/** How far it is is told when something became safe, otherwise not oftener than this. */
const TELL_EVERY_MS = 50;
const LOG_ERRORS_EVERY_MS = 30_000;
/** While there is something to do, the journal is looked at so often (always: at once). */
const LOOK_MS = 3;
/** After so long without anything to do the writer sleeps until the bell. */
const IDLE_MS = 60;

export class AofWriter {
  private readonly o: AofWriterOptions;
  private readonly disk: Disk;
  private settings: AofWriterSettings;
  private manifest: AofManifest;
  private fd = -1;
  /** Bytes of the open increment that are whole. */
  private size = 0;
  private readonly chunks: Buffer[] = [];
  private buf = Buffer.allocUnsafeSlow(PENDING_BYTES);
  private length = 0;
  /** Bytes in `chunks` and `buf`. */
  private pendingBytes = 0;
  /** Positions up to which the journal was taken, written, synced. */
  private taken: number;
  private written: number;
  private synced: number;

  private database = -1;
  private second = 0;
  /** The open increment has told its time: each does so in front of its first command. */
  private isAnnotated = false;
  /** The open increment is the temporary one, which no manifest names. */
  private isTemporary = false;
  private rotation: { at: number; isTemporary: boolean } | null = null;
  /** The open increment begins at the cut of the rewrite that is under way. */
  private isRotated = false;
  /** Which manifest a loss of power leaves is not known: what any of them names must stay. */
  private isManifestUnsure = false;
  /** A sync runs beside the writing. */
  private syncingFd = -1;
  private lastSyncMs = 0;
  /** When the oldest byte without a sync was written. */
  private unsyncedSince = 0;
  private hasWriteFault = false;
  private hasSyncFault = false;
  private retryAt = 0;
  private loggedErrorAt = -Infinity;
  private busyAt = 0;
  private told = 0;
  private toldWritten = 0;
  private toldSize = -1;
  private toldAt = -Infinity;
  /** DEBUG AOF-FLUSH-SLEEP. */
  sleepMs = 0;
  isStopped = false;

  constructor(options: AofWriterOptions) {
    this.o = options;
    this.disk = options.disk;
    this.settings = options.settings;
    this.manifest = options.manifest;
    this.taken = this.written = this.synced = this.told = options.position;
    if (options.opens) {
      this.fd = this.disk.open(this.path(this.manifest.increments.at(-1)!.name), false);
      this.size = this.disk.size(this.fd);
    }
  }

  private path(name: string): string {
    return `${this.o.folder}/${name}`;
  }

  private log(level: 'notice' | 'warning' | 'verbose', text: string): void {
    this.o.say({ kind: 'log', level, text });
  }

  /** What may be acknowledged. */
  private get safe(): number {
    const { policy, isSyncSuppressed } = this.settings;
    return policy === 'no' || isSyncSuppressed ? this.written : this.synced;
  }

  get isSyncing(): boolean {
    return this.syncingFd >= 0;
  }

  private get isFaulty(): boolean {
    return this.hasWriteFault || this.hasSyncFault;
  }

  handle(message: ToAofWriter): void {
    switch (message.kind) {
      case 'settings':
        this.settings = message.settings;
        if (!message.settings.keepsHistory) this.removeHistory();
        if (message.settings.policy === 'always' && isBehind(this.written, this.synced)) this.syncNow();
        return this.tell();
      case 'rotate':
        this.rotation = message;
        this.turn();
        return;
      case 'rewritten':
        return this.finishRewrite(message);
      case 'dropTemporary':
        this.abandon();
        this.removeTemporary();
        return;
      case 'stop':
        this.flush();
        this.closeIncrement();
        this.isStopped = true;
        this.o.say({ kind: 'stopped' });
        return;
      case 'flush': {
        const error = this.flush();
        this.o.say({ kind: 'flushed', error });
        return;
      }
      case 'sleep':
        this.sleepMs = message.ms;
    }
  }

  /** Takes what is there and does what is due. Returns in how many ms it wants to be called again; Infinity: at the bell. */
  turn(): number {
    const now = this.o.monotonic();
    const before = this.taken;
    this.drain();
    const hasWork = this.taken !== before || this.pendingBytes > 0;
    if (hasWork) this.busyAt = now;
    if (!this.isFaulty || now >= this.retryAt) {
      this.write();
      if (!this.hasWriteFault) this.syncIfDue();
    }
    this.tell();
    if (this.isFaulty) return Math.max(1, Math.min(LOOK_MS * 10, this.retryAt - now));
    if (this.settings.policy === 'always') return hasWork ? 0 : Infinity;
    if (now - this.busyAt < IDLE_MS) return LOOK_MS;
    if (this.isSyncing || this.synced === this.written || this.settings.policy === 'no') return Infinity;
    return Math.max(1, this.syncDueAt() - now);
  }

  // Writing

  private drain(): void {
    const { source } = this.o;
    const visit = (database: number, bytes: Buffer, off: number, length: number, index: number, count: number) => {
      if (this.fd < 0) return;
      this.annotate(database);
      if (count > 1 && index === 0) this.keep(MULTI_BYTES, 0, MULTI_BYTES.length);
      this.keep(bytes, off, length);
      if (count > 1 && index === count - 1) this.keep(EXEC_BYTES, 0, EXEC_BYTES.length);
    };
    // Unit by unit while one of them is the last before a new increment.
    while (this.rotation !== null) {
      if (!isBehind(this.rotation.at, this.taken)) {
        this.rotate(this.rotation);
        break;
      }
      const before = this.taken;
      this.taken = source.drain(visit, () => true);
      if (this.taken === before) return;
    }
    this.taken = source.drain(visit);
  }

  private annotate(database: number): void {
    if (this.settings.timestamps) {
      const second = Math.floor(this.o.now() / 1000);
      if (second > this.second || !this.isAnnotated) {
        this.second = Math.max(this.second, second);
        this.isAnnotated = true;
        const bytes = timestampBytes(this.second);
        this.keep(bytes, 0, bytes.length);
      }
    }
    if (database === this.database) return;
    this.database = database;
    const bytes = selectBytes(database);
    this.keep(bytes, 0, bytes.length);
  }

  private keep(bytes: Uint8Array, off: number, length: number): void {
    if (length <= 128 && length < this.buf.length - this.length) {
      const { buf } = this;
      let at = this.length;
      for (let i = off, end = off + length; i < end; i++) buf[at++] = bytes[i]!;
      this.length = at;
      this.pendingBytes += length;
      return;
    }
    while (length > 0) {
      const part = Math.min(length, this.buf.length - this.length);
      this.buf.set(bytes.subarray(off, off + part), this.length);
      this.length += part;
      this.pendingBytes += part;
      off += part;
      length -= part;
      if (this.length < this.buf.length) continue;
      if (!this.isFaulty) this.writePending();
      if (this.length < this.buf.length) continue;
      this.chunks.push(this.buf);
      this.buf = Buffer.allocUnsafeSlow(PENDING_BYTES);
      this.length = 0;
    }
  }

  /** Writes all that was taken. What the disk does not take stays pending. */
  private write(): void {
    if (this.fd < 0 || !this.writePending()) return;
    if (this.synced === this.written && this.taken !== this.written) this.unsyncedSince = this.o.monotonic();
    this.written = this.taken;
    if (!this.hasWriteFault) return;
    this.hasWriteFault = false;
    this.log('warning', 'AOF write error looks solved, Redis can write again.');
    if (!this.hasSyncFault) this.o.say({ kind: 'healed', needsRewrite: false });
  }

  private writePending(): boolean {
    if (this.pendingBytes > 0 && this.sleepMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, this.sleepMs);
    for (let chunk = this.chunks[0]; chunk !== undefined; chunk = this.chunks[0]) {
      const done = this.put(chunk, chunk.length);
      if (done < chunk.length) {
        this.chunks[0] = chunk.subarray(done);
        return false;
      }
      this.chunks.shift();
    }
    if (this.length === 0) return true;
    const done = this.put(this.buf, this.length);
    this.buf.copyWithin(0, done, this.length);
    this.length -= done;
    return this.length === 0;
  }

  /** Writes it all, or nothing: a part that was written is cut off again. Answers how much the file has of it now. */
  private put(bytes: Buffer, length: number): number {
    let done = 0;
    try {
      while (done < length) {
        const part = this.disk.write(this.fd, bytes, done, length - done);
        if (part === 0) throw Object.assign(new Error('No space left on device'), { errno: -28 });
        done += part;
      }
    } catch (error) {
      done = this.writeFailed(error, done, length);
    }
    this.size += done;
    this.pendingBytes -= done;
    return done;
  }

  /** Answers how much of what was written stays: it could not be cut off, and the rest must follow it. */
  private writeFailed(error: unknown, done: number, length: number): number {
    const now = this.o.monotonic();
    const reason = diskWords(error);
    const mayLog = now - this.loggedErrorAt > LOG_ERRORS_EVERY_MS;
    if (mayLog) this.loggedErrorAt = now;
    if (mayLog) this.log('warning', done === 0 ? `Error writing to the AOF file: ${reason}` : `Short write while writing to the AOF file: (nwritten=${done}, expected=${length})`);
    let kept = 0;
    if (done > 0) {
      try {
        this.disk.truncate(this.fd, this.size);
      } catch (fault) {
        kept = done;
        if (mayLog) this.log('warning', `Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next time it starts.  ftruncate: ${diskWords(fault)}`);
      }
    }
    this.hasWriteFault = true;
    this.retryAt = now + RETRY_MS;
    this.o.say({ kind: 'fault', what: 'write', reason, isFatal: false });
    return kept;
  }

  // Syncing

  private syncDueAt(): number {
    return this.unsyncedSince + Math.max(SYNC_EVERY_MS_MIN, SYNC_WITHIN_MS - 2 * this.lastSyncMs);
  }

  private syncIfDue(): void {
    const { policy, isSyncSuppressed } = this.settings;
    if (this.fd < 0 || this.synced === this.written || policy === 'no' || isSyncSuppressed) return;
    if (policy === 'always') this.syncNow();
    else if (!this.isSyncing && this.o.monotonic() >= this.syncDueAt()) this.syncAside();
  }

  private syncNow(): boolean {
    if (this.fd < 0) return true;
    const upTo = this.written;
    try {
      this.disk.sync(this.fd);
    } catch (error) {
      this.syncFailed(error);
      return false;
    }
    this.syncDone(upTo);
    return true;
  }

  private syncAside(): void {
    const { fd } = this;
    const upTo = this.written;
    const startedAt = this.o.monotonic();
    this.syncingFd = fd;
    this.disk.syncAside(fd, (error) => {
      this.syncingFd = -1;
      this.lastSyncMs = this.o.monotonic() - startedAt;
      if (fd !== this.fd) {
        // The increment was changed meanwhile, and synced for that.
        this.disk.close(fd);
        return;
      }
      if (error !== null) this.syncFailed(error);
      else this.syncDone(upTo, startedAt);
      this.tell();
    });
  }

  private syncDone(upTo: number, startedAt = this.o.monotonic()): void {
    if (isBehind(upTo, this.synced)) this.synced = upTo;
    // What was written since began to wait when the sync began, at the earliest.
    this.unsyncedSince = startedAt;
    if (!this.hasSyncFault) return;
    this.hasSyncFault = false;
    if (!this.hasWriteFault) this.o.say({ kind: 'healed', needsRewrite: true });
  }

  private syncFailed(error: unknown): void {
    const reason = diskWords(error);
    const now = this.o.monotonic();
    if (!this.hasSyncFault) this.log('warning', `Fail to fsync the AOF file: ${reason}`);
    this.hasSyncFault = true;
    this.retryAt = now + RETRY_MS;
    this.o.say({ kind: 'fault', what: 'sync', reason, isFatal: this.settings.policy === 'always' });
  }

  /** Writes and syncs all there is. Returns why that failed. */
  private flush(): string | undefined {
    this.drain();
    this.write();
    let error = this.pendingBytes > 0 && this.fd >= 0 ? 'not all could be written' : undefined;
    if (this.fd >= 0) {
      try {
        this.disk.sync(this.fd);
        this.synced = this.written;
      } catch (fault) {
        error = diskWords(fault);
        this.log('warning', `Fail to fsync the AOF file: ${error}`);
      }
    }
    this.tell();
    return error;
  }

  /** Says how far it is, when that changed. */
  private tell(): void {
    const { safe } = this;
    if (safe === this.told && this.written === this.toldWritten && this.size === this.toldSize) return;
    if (safe === this.told && this.o.monotonic() - this.toldAt < TELL_EVERY_MS) return;
    this.toldAt = this.o.monotonic();
    this.told = safe;
    this.toldWritten = this.written;
    this.toldSize = this.size;
    this.o.say({ kind: 'safe', position: safe, written: this.written, size: this.size, syncing: this.isSyncing });
  }

  // Files

  /** The writing goes over to a new increment. */
  private rotate({ isTemporary }: { isTemporary: boolean }): void {
    this.rotation = null;
    this.isRotated = false;
    if (this.fd >= 0) {
      this.write();
      if (this.pendingBytes > 0 || (this.written !== this.synced && !this.syncNow())) return this.o.say({ kind: 'notRotated' });
    } else this.written = this.synced = this.taken;
    const next = isTemporary ? this.manifest : withNewIncrement(this.manifest, this.o.prefix);
    const name = isTemporary ? aofNames.temporaryIncrement(this.o.prefix) : next.increments.at(-1)!.name;
    let fd = -1;
    try {
      fd = this.disk.open(this.path(name), true);
      if (!isTemporary) this.persist(next);
    } catch (error) {
      this.log('warning', `Can't open the append-only file ${name}: ${diskWords(error)}`);
      if (fd >= 0) this.disk.close(fd);
      return this.o.say({ kind: 'notRotated' });
    }
    this.log('notice', `Creating AOF incr file ${name} on background rewrite`);
    this.closeIncrement();
    this.fd = fd;
    this.isTemporary = isTemporary;
    this.size = 0;
    this.database = -1;
    this.isAnnotated = false;
    this.manifest = next;
    this.isRotated = true;
    this.o.say({ kind: 'rotated' });
  }

  private closeIncrement(): void {
    // A sync beside the writing still needs it, and closes it.
    if (this.fd >= 0 && this.fd !== this.syncingFd) this.disk.close(this.fd);
    this.fd = -1;
  }

  /** Leaves the temporary increment of a rewrite that failed. */
  private abandon(): void {
    this.drain();
    this.closeIncrement();
    this.chunks.length = 0;
    this.length = this.pendingBytes = 0;
    this.written = this.synced = this.taken;
    this.size = 0;
    this.database = -1;
    this.tell();
  }

  private removeTemporary(): void {
    const name = aofNames.temporaryIncrement(this.o.prefix);
    this.log('notice', `Removing the temp incr aof file ${name} in the background`);
    this.disk.remove(this.path(name));
  }

  /** Puts another manifest in place. @throws when it is not: then the one that was is there */
  private persist(next: AofManifest): void {
    const { prefix } = this.o;
    const replace = (manifest: AofManifest) =>
      this.disk.replace(this.path(aofNames.manifest(prefix)), this.path(aofNames.temporaryManifest(prefix)), formatManifest(manifest));
    try {
      replace(next);
      this.isManifestUnsure = false;
    } catch (error) {
      if (error instanceof FolderNotSynced) this.putBack(replace);
      throw error;
    }
  }

  private putBack(replace: (manifest: AofManifest) => void): void {
    try {
      replace(this.manifest);
    } catch {
      this.isManifestUnsure = true;
    }
  }

  /** The new base takes its place; what it made superfluous goes. */
  private finishRewrite({ temporary, format }: { temporary: string; format: 'rdb' | 'aof' }): void {
    const { prefix } = this.o;
    if (!this.isRotated) {
      // The increment holds what the new base has too: together they would have it twice.
      this.log('warning', 'The rewritten AOF base is dropped: no increment begins where it ends');
      return this.o.say({ kind: 'notRewritten' });
    }
    this.isRotated = false;
    const isFirst = this.isTemporary;
    let next = withNewBase(this.manifest, prefix, format);
    const base = next.base!.name;
    const temporaryIncrement = aofNames.temporaryIncrement(prefix);
    if (this.fd >= 0) this.syncNow();
    let increment = '';
    let step = `rename the temporary AOF base file ${temporary} into ${this.path(base)}`;
    try {
      this.disk.rename(temporary, this.path(base));
      this.log('notice', `Successfully renamed the temporary AOF base file ${temporary} into ${base}`);
      if (isFirst) {
        next = withNewIncrement(next, prefix);
        increment = next.increments.at(-1)!.name;
        step = `rename the temporary AOF incr file ${this.path(temporaryIncrement)} into ${this.path(increment)}`;
        this.disk.rename(this.path(temporaryIncrement), this.path(increment));
        this.log('notice', `Successfully renamed the temporary AOF incr file ${temporaryIncrement} into ${increment}`);
      }
      next = withRewritten(next, this.fd >= 0 ? 1 : 0);
      step = `write the AOF manifest file ${aofNames.manifest(prefix)}`;
      this.persist(next);
    } catch (error) {
      this.log('warning', `Error trying to ${step}: ${diskWords(error)}`);
      if (!this.isManifestUnsure) {
        if (increment !== '') this.clearAway(increment);
        this.clearAway(base);
      }
      return this.o.say({ kind: 'notRewritten' });
    }
    this.manifest = next;
    this.isTemporary = false;
    const baseBytes = this.bytesOf(base);
    this.removeHistory();
    this.o.say({ kind: 'rewritten', baseBytes, size: this.size });
  }

  /** What lies there is named by no manifest. */
  private clearAway(name: string): void {
    try {
      this.disk.remove(this.path(name));
    } catch (error) {
      this.log('warning', `Can't remove the file ${name}: ${diskWords(error)}`);
    }
  }

  /** For INFO and for the growth that starts the next rewrite: nothing depends on it. */
  private bytesOf(name: string): number {
    try {
      const fd = this.disk.open(this.path(name), false);
      const bytes = this.disk.size(fd);
      this.disk.close(fd);
      return bytes;
    } catch {
      return 0;
    }
  }

  /** Deletes files that a rewrite made superfluous. It does no harm if that fails. */
  removeHistory(): void {
    if (this.settings.keepsHistory || this.manifest.history.length === 0) return;
    try {
      for (const { name } of this.manifest.history) {
        this.log('notice', `Removing the history file ${name} in the background`);
        this.disk.remove(this.path(name));
      }
      this.manifest = withoutHistory(this.manifest);
      this.persist(this.manifest);
    } catch (error) {
      this.log('warning', `Can't remove history files: ${diskWords(error)}`);
    }
  }
}
