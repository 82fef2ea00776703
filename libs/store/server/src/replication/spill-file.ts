/**
 * What slow replicas still need and the backlog can no longer hold: a file without a name, gone with the process. One for all threads:
 * its descriptor lies in shared memory, and whoever appends to the backlog writes to it (Backlog holds its lock meanwhile).
 */
import { ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Spill } from '@larder/store-replication';

export class SpillFile implements Spill {
  private readonly descriptor: Int32Array;
  private readonly folder: () => string;

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(4);
  }

  constructor(shared: SharedArrayBuffer, folder: () => string) {
    this.descriptor = new Int32Array(shared);
    this.folder = folder;
  }

  /** Opened for good at the first need: every thread lives as long as the process. */
  private get fd(): number {
    if (this.descriptor[0] === 0) {
      const path = resolve(this.folder() || '.', `temp-backlog-${process.pid}`);
      this.descriptor[0] = openSync(path, 'w+', 0o600);
      rmSync(path);
    }
    return this.descriptor[0]!;
  }

  write(bytes: Buffer, off: number, length: number, at: number): void {
    const { fd } = this;
    for (let done = 0; done < length; ) done += writeSync(fd, bytes, off + done, length - done, at + done);
  }

  read(into: Buffer, length: number, at: number): void {
    const { fd } = this;
    for (let done = 0; done < length; ) {
      const read = readSync(fd, into, done, length - done, at + done);
      if (read === 0) throw new Error('the spilled backlog is shorter than it should be');
      done += read;
    }
  }

  drop(): void {
    if (this.descriptor[0] !== 0) ftruncateSync(this.descriptor[0]!, 0);
  }
}
