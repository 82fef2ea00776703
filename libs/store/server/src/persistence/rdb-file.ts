/**
 * An RDB file on its way to disk: written under a temporary name, synced, then renamed over the old one, and the folder
 * synced. Whatever fails or dies before the rename leaves the old file as it was.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { RdbEncoder } from '@larder/store-persistence';
import type { EncoderOptions } from '@larder/store-persistence';

export interface RdbFileOptions extends EncoderOptions {
  path: string;
  temporary: string;
}

/** Sync to disk after this many bytes, so that the last sync is short. */
const SYNC_BYTES = 4 << 20;

export class RdbFile {
  bytes = 0;
  private readonly fd: number;
  private readonly encoder: RdbEncoder;
  private readonly options: RdbFileOptions;
  private unsynced = 0;

  constructor(options: RdbFileOptions) {
    this.options = options;
    this.encoder = new RdbEncoder(options);
    this.fd = openSync(options.temporary, 'w', 0o644);
  }

  /** Encodes and writes frames. */
  write(frames: Buffer, length: number): void {
    this.put(this.encoder.encode(frames, length));
  }

  /** Ends the file and puts it in place. */
  commit(): void {
    this.put(this.encoder.trailer());
    fsyncSync(this.fd);
    closeSync(this.fd);
    renameSync(this.options.temporary, this.options.path);
    const folder = openSync(dirname(this.options.path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  /** Drops what was written. */
  abandon(): void {
    try {
      closeSync(this.fd);
    } catch {
      // it was closed before what failed
    }
    rmSync(this.options.temporary, { force: true });
  }

  private put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at);
    this.bytes += bytes.length;
    this.unsynced += bytes.length;
    if (this.unsynced < SYNC_BYTES) return;
    this.unsynced = 0;
    fsyncSync(this.fd);
  }
}
