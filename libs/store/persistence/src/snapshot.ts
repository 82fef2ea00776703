/**
 * A snapshot without fork: one consistent picture of the keyspace, taken while commands go on.
 *
 *   cut      the epoch bit flips: every record now differs from it, so "not yet saved" is true of all at once
 *   capture  before a record changes for the first time after the cut, its old value is written (keyspace calls this)
 *   walk     slice by slice, in hash order, every record that still differs is written and marked
 *
 * Why it is right: units of work are atomic, so the cut is a serial state. A record of that state is reached by the walk
 * or captured by the hook before its first change, whichever comes first, and its bit makes it once. Records born after
 * the cut carry the new bit. A record that is replaced or renamed was captured before. Splitting a table moves no record
 * across the walk's cursor.
 *
 * The walk must reach the end even when the file is lost (`discard`), or the bits of the next cut would not be uniform.
 */
import type { RecordView } from '@larder/store-datatypes';
import { EPOCH } from '@larder/store-datatypes';
import type { Keyspace, SnapshotHook, ValueCodec } from '@larder/store-keyspace';
import { RdbFrames } from './rdb-frames';

export interface SnapshotOptions {
  codecs: readonly ValueCodec[];
  aux: readonly (readonly [string, string])[];
  /** Takes over each chunk of frames. */
  emit: (chunk: Buffer, length: number) => void;
}

export class Snapshot implements SnapshotHook {
  readonly frames: RdbFrames;
  isDone = false;
  /** Records there were at the cut. */
  readonly total: number;
  private readonly keyspace: Keyspace;
  /** Database numbers at the cut, by the one they have now: SWAPDB may exchange them meanwhile. */
  private readonly numberAtCut: Int32Array;
  private isDiscarded = false;
  private shard = 0;
  private physical = 0;
  private cursor = 0;

  /** The cut. Must happen between two units of work. */
  constructor(keyspace: Keyspace, options: SnapshotOptions) {
    if (keyspace.snapshot !== null) throw new Error('a snapshot is already being taken');
    this.keyspace = keyspace;
    this.frames = new RdbFrames(options.codecs, options.emit);
    this.frames.header(options.aux);
    let total = 0;
    this.numberAtCut = keyspace.databaseNumbers();
    for (let database = 0; database < keyspace.databases; database++) {
      const size = keyspace.size(database);
      if (size > 0) this.frames.resize(database, size, keyspace.expiresSize(database));
      total += size;
    }
    this.total = total;
    keyspace.epoch ^= EPOCH;
    keyspace.snapshot = this;
  }

  capture(database: number, view: RecordView): void {
    if (!this.isDiscarded) this.frames.entry(this.numberAtCut[this.keyspace.physicalOf(database)]!, view);
  }

  /** Walks on until `isLate` says so (asked every few records) or all is written. */
  walk(isLate: () => boolean): void {
    const { keyspace } = this;
    while (!this.isDone) {
      const root = keyspace.physicalRoot(this.shard, this.physical);
      const database = this.numberAtCut[this.physical]!;
      this.cursor = keyspace.table.scan(root, this.cursor, 16, (address) => {
        const view = keyspace.other.at(address);
        if ((view.word1 & EPOCH) === keyspace.epoch) return;
        if (!this.isDiscarded) this.frames.entry(database, view);
        keyspace.markDone(view.at(address));
      });
      if (this.cursor === 0) this.next();
      if (isLate()) return;
    }
  }

  /** Nobody wants the file any more: go on marking, write nothing. */
  discard(): void {
    this.isDiscarded = true;
  }

  private next(): void {
    if (++this.physical < this.keyspace.databases) return;
    this.physical = 0;
    if (++this.shard < this.keyspace.shards) return;
    this.isDone = true;
    this.keyspace.snapshot = null;
    if (!this.isDiscarded) this.frames.end();
  }
}
