/**
 * An RDB file on its way to disk: written under a temporary name, synced, then renamed over the old one, and the folder
 * synced. Whatever fails or dies before the rename leaves the old file as it was.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { RdbEncoder } from '@larder/store-persistence';
import type { Spill } from '@larder/store-persistence';
import { FAILED, Transfer, WHOLE } from '../replication/transfers';
import { syncFolder } from './aof-disk';
import type { WritingOptions } from './rdb-choices';

export interface RdbFileOptions extends WritingOptions {
  path: string;
  temporary: string;
  /** It goes to replicas while it grows, into a file that is open and has no name: nothing is synced or put in place. */
  spool?: { fd: number; transfers: SharedArrayBuffer; index: number };
}

/** Sync to disk after this many bytes. */
const SYNC_BYTES = 4 << 20;

/** What has to wait for the end of a long entry lies in a file beside; it has no name, so it is gone with the process. */
class SpillFile implements Spill {
  private readonly path: string;
  private fd = -1;
  private written = 0;
  private at = 0;

  constructor(path: string) {
    this.path = path;
  }

  write(bytes: Buffer): void {
    if (this.fd < 0) {
      this.fd = openSync(this.path, 'w+', 0o600);
      rmSync(this.path);
    }
    for (let at = 0; at < bytes.length; ) {
      const written = writeSync(this.fd, bytes, at, bytes.length - at, this.written);
      at += written;
      this.written += written;
    }
  }

  read(into: Buffer): number {
    const read = readSync(this.fd, into, 0, into.length, this.at);
    this.at += read;
    if (read === 0) {
      ftruncateSync(this.fd, 0);
      this.at = this.written = 0;
    }
    return read;
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
  }
}

export class RdbFile {
  bytes = 0;
  private readonly fd: number;
  private readonly encoder: RdbEncoder;
  private readonly options: RdbFileOptions;
  private readonly spill: SpillFile;
  private unsynced = 0;
  /** Its number may be another file's by now. */
  private isClosed = false;
  private readonly transfer: Transfer | undefined;

  constructor(options: RdbFileOptions) {
    this.options = options;
    this.spill = new SpillFile(`${options.temporary}.aside`);
    this.encoder = new RdbEncoder(options, this.spill);
    this.transfer = options.spool && new Transfer(options.spool.transfers, options.spool.index);
    this.fd = options.spool?.fd ?? openSync(options.temporary, 'w', 0o644);
  }

  /** Encodes and writes a chunk of frames. */
  write(chunk: Buffer, length: number): void {
    this.put(this.encoder.encode(chunk, length));
    for (let bytes = this.encoder.more(); bytes.length > 0; bytes = this.encoder.more()) this.put(bytes);
  }

  /** Ends the file and puts it in place. */
  commit(): void {
    this.put(this.encoder.trailer());
    this.spill.close();
    if (this.transfer !== undefined) {
      this.transfer.state = WHOLE;
      return;
    }
    fsyncSync(this.fd);
    this.isClosed = true;
    closeSync(this.fd);
    renameSync(this.options.temporary, this.options.path);
    syncFolder(dirname(this.options.path));
  }

  /** Drops what was written. */
  abandon(): void {
    this.spill.close();
    if (this.transfer !== undefined) {
      this.transfer.state = FAILED;
      return;
    }
    if (!this.isClosed) closeSync(this.fd);
    this.isClosed = true;
    rmSync(this.options.temporary, { force: true });
  }

  private put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
    this.bytes += bytes.length;
    if (this.transfer !== undefined) {
      this.transfer.written = this.bytes;
      return;
    }
    this.unsynced += bytes.length;
    if (!this.options.syncsInSteps || this.unsynced < SYNC_BYTES) return;
    this.unsynced = 0;
    fsyncSync(this.fd);
  }
}
