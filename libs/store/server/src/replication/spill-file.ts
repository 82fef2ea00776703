/**
 * What of the replication stream a slow replica needs and the ring can no longer hold: files without a name, gone with the process. For all
 * threads: descriptors lie in shared memory, and whoever appends to the backlog writes (Backlog holds its lock meanwhile).
 *
 *   offset of the stream = segment × SEGMENT_BYTES + place in the segment's file
 *
 * A segment that nobody needs any more gives its file to the next one: descriptors stay open, so that a thread that still reads never
 * reads another file. How far a replica can be behind is bounded by SEGMENTS × SEGMENT_BYTES.
 */
import { ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Spill } from '@larder/store-replication';

const SEGMENT_BYTES = 64 << 20;
const SEGMENTS = 1024;
const FREE = -1;

export class SpillFile implements Spill {
  /** Descriptor of each file, 0 while it was never opened, and the segment that lies in it. */
  private readonly descriptors: Int32Array;
  private readonly segments: Int32Array;
  private readonly folder: () => string;

  static reserve(): SharedArrayBuffer {
    const shared = new SharedArrayBuffer(SEGMENTS * 8);
    new Int32Array(shared, SEGMENTS * 4).fill(FREE);
    return shared;
  }

  constructor(shared: SharedArrayBuffer, folder: () => string) {
    this.descriptors = new Int32Array(shared, 0, SEGMENTS);
    this.segments = new Int32Array(shared, SEGMENTS * 4, SEGMENTS);
    this.folder = folder;
  }

  private open(segment: number): number {
    const place = this.segments.indexOf(segment);
    if (place >= 0) return this.descriptors[place]!;
    const free = this.segments.indexOf(FREE);
    if (free < 0) throw new Error('no replica may be so far behind');
    if (this.descriptors[free] === 0) {
      const path = resolve(this.folder() || '.', `temp-backlog-${process.pid}`);
      const fd = openSync(path, 'w+', 0o600);
      rmSync(path);
      this.descriptors[free] = fd;
    }
    Atomics.store(this.segments, free, segment);
    return this.descriptors[free]!;
  }

  write(bytes: Buffer, off: number, length: number, offset: number): void {
    for (let done = 0; done < length; ) {
      const segment = Math.floor((offset + done) / SEGMENT_BYTES);
      const at = offset + done - segment * SEGMENT_BYTES;
      done += writeSync(this.open(segment), bytes, off + done, Math.min(length - done, SEGMENT_BYTES - at), at);
    }
  }

  read(into: Buffer, length: number, offset: number): void {
    for (let done = 0; done < length; ) {
      const segment = Math.floor((offset + done) / SEGMENT_BYTES);
      const at = offset + done - segment * SEGMENT_BYTES;
      const place = this.segments.indexOf(segment);
      const read = place < 0 ? 0 : readSync(this.descriptors[place]!, into, done, Math.min(length - done, SEGMENT_BYTES - at), at);
      if (read === 0) throw new Error('the spilled backlog is shorter than it should be');
      done += read;
    }
  }

  drop(offset: number): void {
    for (let place = 0; place < SEGMENTS; place++) {
      const segment = this.segments[place]!;
      if (segment === FREE || (segment + 1) * SEGMENT_BYTES > offset) continue;
      ftruncateSync(this.descriptors[place]!, 0);
      Atomics.store(this.segments, place, FREE);
    }
  }
}
