/**
 * The snapshot of a full synchronisation on its way to this replica: a file, always. Only a file that is whole, and whose checksum
 * is right, gives up the data at hand for it, so a transfer that is cut or damaged costs nothing.
 *
 * With `repl-diskless-load` it has no name and is never synced: it lives in the page cache as long as it is needed. Feeding the
 * loader from the connection instead would need the loader to stop in the middle of a value, and would begin by giving up the old data.
 */
import { closeSync, fsync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Crc64 } from '@larder/store-datatypes';

const SYNC_BYTES = 8 << 20;
const SUM_BYTES = 8;
/** Files of older versions have no checksum. */
const VERSION_SUMMED = 5;

export class ReplicaFile {
  bytes = 0;
  private readonly path: string;
  private readonly fd: number;
  private readonly checks: boolean;
  private hasName: boolean;
  private readonly crc = new Crc64();
  /** The last bytes, which may be the checksum. */
  private tail: Buffer = Buffer.alloc(0);
  private magic = '';
  private unsynced = 0;
  private isSyncing = false;
  private isClosed = false;
  /** Of any of its syncs: what the kernel could not write it does not try again, and says so only once. */
  private failure: Error | null = null;
  private whenSynced: ((error: Error | null) => void) | null = null;

  /** @throws when the file cannot be made */
  constructor(path: string, options: { isNamed: boolean; checks: boolean }) {
    this.path = path;
    this.checks = options.checks;
    this.fd = openSync(path, 'w+', 0o644);
    this.hasName = options.isNamed;
    if (!options.isNamed) rmSync(path);
  }

  /** @throws when the disk is full */
  write(bytes: Buffer, off: number, length: number): void {
    for (let at = 0; at < length; ) at += writeSync(this.fd, bytes, off + at, length - at);
    this.bytes += length;
    if (this.magic.length < 9) this.magic += bytes.toString('latin1', off, off + Math.min(length, 9 - this.magic.length));
    if (this.checks) this.sum(bytes, off, length);
    this.unsynced += length;
    if (this.hasName && this.unsynced >= SYNC_BYTES && !this.isSyncing) this.sync();
  }

  /** All but the last bytes goes into the checksum. */
  private sum(bytes: Buffer, off: number, length: number): void {
    const { tail, crc } = this;
    if (length >= SUM_BYTES) {
      crc.update(tail, 0, tail.length);
      crc.update(bytes, off, length - SUM_BYTES);
      this.tail = Buffer.from(bytes.subarray(off + length - SUM_BYTES, off + length));
      return;
    }
    const both = Buffer.concat([tail, bytes.subarray(off, off + length)]);
    const surplus = Math.max(0, both.length - SUM_BYTES);
    crc.update(both, 0, surplus);
    this.tail = Buffer.from(both.subarray(surplus));
  }

  private sync(): void {
    this.isSyncing = true;
    this.unsynced = 0;
    fsync(this.fd, (error) => {
      this.isSyncing = false;
      const { whenSynced } = this;
      this.whenSynced = null;
      this.failure ??= error;
      if (this.isClosed) closeSync(this.fd);
      else if (whenSynced !== null) this.finish(whenSynced);
    });
  }

  /** Calls back once everything is on disk, where that is wanted. */
  finish(done: (error: Error | null) => void): void {
    if (this.failure !== null || !this.hasName || (this.unsynced === 0 && !this.isSyncing)) return done(this.failure);
    this.whenSynced = done;
    if (!this.isSyncing) this.sync();
  }

  /** The checksum at its end is that of its bytes, or it has none. */
  get isSound(): boolean {
    if (!this.checks || Number(this.magic.slice(5)) < VERSION_SUMMED || this.tail.length < SUM_BYTES) return true;
    const hasNone = this.tail.readUInt32LE(0) === 0 && this.tail.readUInt32LE(4) === 0;
    return hasNone || this.crc.equals(this.tail, 0);
  }

  /** For the loader: reads from the start. */
  source(): { read(into: Buffer): number } {
    let at = 0;
    return {
      read: (into) => {
        const read = readSync(this.fd, into, 0, into.length, at);
        at += read;
        return read;
      },
    };
  }

  /** Takes the place of the server's own snapshot. @throws */
  putInPlace(path: string): void {
    if (!this.hasName) return;
    renameSync(this.path, path);
    this.hasName = false;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.hasName) rmSync(this.path, { force: true });
    if (!this.isSyncing) closeSync(this.fd);
  }
}
