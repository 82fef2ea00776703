/**
 * A snapshot without fork: one consistent picture of the keyspace, taken while commands go on, on any number of threads.
 *
 *   cut      the epoch bit flips: every record and every element now differs from it, so "not yet saved" is true of all at once
 *   capture  before a record changes for the first time after the cut: a small value is copied into frames; a large collection
 *            gets a Deferred, which is all that its first change costs however large it is
 *   walk     slice by slice: the queues of Deferreds first, so that little is kept for them; then, in hash order, every record
 *            that still differs: small ones are written and marked, large ones get a Deferred too
 *
 *        key's record                    queue of the shard                        file
 *       ┌────────────┐  first change    ┌──────────┐  ┌──────────┐     one entry after another, element by element:
 *       │ EPOCH old  │ ───────────────▶ │ Deferred │─▶│ Deferred │─▶   key, number at the cut, elements
 *       └─────┬──────┘  or the walk     └────┬─────┘  └──────────┘
 *             │ BODY                         │ kept: elements as they were at the cut and are no more
 *             ▼                              │
 *       ┌───────────────────────┐            │       an element with the old bit   written by the walk, marked
 *       │ content: elements …   │ ───────────┘       … removed or changed before   goes to `kept`, is written from there, freed
 *       └───────────────────────┘                    … with the new bit            newer than the cut or written: left alone
 *
 * DEL, UNLINK, an overwriting SET or RENAME, expiry and eviction leave a large content to its Deferred, FLUSHALL the tables of
 * whole databases: they are freed piece by piece once written.
 *
 * Why it is right: units of work are atomic, so the cut is a serial state. A record of that state is reached by the walk
 * or captured by the hook before its first change, whichever comes first, and its bit makes it once; so for elements.
 * Records and elements born after the cut carry the new bit. Splitting a table moves nothing across a cursor.
 *
 * The walk must reach the end even when the file is lost (`discard`), or the bits of the next cut would not be uniform.
 *
 * Threads. All that captures share lies in the arena, under the lock of the key's shard: bits, Deferreds, queues. The rest is per thread:
 *   - at the cut, in one exclusive section: `new Snapshot` on the thread that walks, then on every other thread `new SnapshotCapture`
 *     with its own keyspace and `snapshot.numbersAtCut`;
 *   - the walk does each piece of work on a shard `within` it; captures come from commands, which hold the shard;
 *   - `emit` is called on the thread that captured or walks, takes over the chunk, and may be called with locks held: it may wait for
 *     the writer (that is what bounds memory), but not for a lock. Chunks of different threads may be interleaved as they come
 *     (rdb-frames.ts), as long as each thread's own stay in order; those of `new Snapshot` itself come first;
 *   - with `endsByHand`, `walk` stops at `isWalked`; then, in an exclusive section, `close` every other capture, `end` the snapshot:
 *     the last chunk must reach the writer behind all others. Without, there is one thread, and the walk ends it.
 */
import type { Deferred, RecordView } from '@larder/store-datatypes';
import { EPOCH, LOST, elementTableOf } from '@larder/store-datatypes';
import type { DeferredSaver, Keyspace, LargeContent, SnapshotHook, ValueCodec, ValueOutput } from '@larder/store-keyspace';
import { NO_OUTPUT } from '@larder/store-keyspace';
import { ArenaFull } from '@larder/store-memory';
import { RdbFrames } from './rdb-frames';
import { PLAIN_STYLE } from './rdb-style';
import type { RdbStyle } from './rdb-style';

export interface CaptureOptions {
  codecs: readonly ValueCodec[];
  /** Takes over each chunk of frames. */
  emit: (chunk: Buffer, length: number) => void;
  /** A buffer of CHUNK_BYTES for the next chunk: without, new ones are made. */
  spare?: () => Buffer;
  /** PLAIN_STYLE unless told. */
  style?: RdbStyle;
  /** Database numbers at the cut, by the place where a database lies: SWAPDB may exchange them meanwhile. */
  numbersAtCut: Int32Array;
}

export interface SnapshotOptions extends Omit<CaptureOptions, 'numbersAtCut'> {
  aux: readonly (readonly [string, string])[];
  /** Libraries of functions: their texts. */
  libraries?: Iterable<{ readonly code: Uint8Array }>;
  /** Does `work` holding a shard; false when it cannot be had now. */
  within?: (shard: number, work: () => void) => boolean;
  endsByHand?: boolean;
}

/** Of one thread: what its commands are about to change goes into its own chunks. */
export class SnapshotCapture implements SnapshotHook {
  readonly frames: RdbFrames;
  /** Large collections that were captured at once, for want of memory to do it element by element. */
  wholes = 0;
  isDiscarded = false;
  private readonly keyspace: Keyspace;
  private readonly codecs: ValueCodec[] = [];
  private readonly numbersAtCut: Int32Array;
  private readonly style: RdbStyle;

  /** The cut, for this thread. */
  constructor(keyspace: Keyspace, options: CaptureOptions) {
    if (keyspace.snapshot !== null) throw new Error('a snapshot is already being taken');
    this.keyspace = keyspace;
    for (const codec of options.codecs) this.codecs[codec.type] = codec;
    this.numbersAtCut = options.numbersAtCut;
    this.style = options.style ?? PLAIN_STYLE;
    this.frames = new RdbFrames(options.codecs, options.emit, true, options.spare, this.style);
    keyspace.epoch ^= EPOCH;
    elementTableOf(keyspace.arena).epoch = keyspace.epoch;
    keyspace.snapshot = this;
  }

  numberAtCut(database: number): number {
    return this.numbersAtCut[this.keyspace.physicalOf(database)]!;
  }

  capture(shard: number, database: number, view: RecordView): void {
    this.save(shard, this.numberAtCut(database), view, this.frames);
  }

  /** A record that differs: written, or queued to be written. The caller marks it. */
  save(shard: number, number: number, view: RecordView, frames: RdbFrames): void {
    const large = this.keyspace.queues.largeOf(view);
    if (large === undefined) {
      if (!this.isDiscarded) frames.entry(number, view);
      return;
    }
    const codec = this.codecs[view.type]!;
    try {
      this.keyspace.queues.save(shard, large, view, number, codec.rdbType(view, this.style.version));
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full;
      this.wholes++;
      if (!this.isDiscarded) frames.entry(number, view);
      large.markSaved?.(view);
    }
  }

  /** The snapshot is over for this thread: hands on what it captured. */
  close(): void {
    this.keyspace.snapshot = null;
    if (!this.isDiscarded) this.frames.flush();
  }
}

/** The walk, and captures of the thread that walks. */
export class Snapshot implements DeferredSaver {
  readonly capture: SnapshotCapture;
  readonly frames: RdbFrames;
  readonly numbersAtCut: Int32Array;
  /** Everything is written or captured. */
  isWalked = false;
  isDone = false;
  /** A value could not be kept, for want of memory: the file will lack it. */
  isLost = false;
  /** Records there were at the cut. */
  readonly total: number;
  private readonly keyspace: Keyspace;
  private readonly options: SnapshotOptions;
  /** Of the entry that is being written element by element, or −1. */
  private openShard = -1;
  private shard = 0;
  private physical = 0;
  private cursor = 0;

  /** The cut. Must happen between two units of work. */
  constructor(keyspace: Keyspace, options: SnapshotOptions) {
    this.keyspace = keyspace;
    this.options = options;
    this.numbersAtCut = keyspace.databaseNumbers();
    this.frames = new RdbFrames(options.codecs, options.emit, true, options.spare, options.style);
    this.capture = new SnapshotCapture(keyspace, { ...options, numbersAtCut: this.numbersAtCut });
    this.frames.header(options.aux, options.libraries);
    let total = 0;
    for (let database = 0; database < keyspace.databases; database++) {
      const size = keyspace.size(database);
      if (size > 0) this.frames.resize(database, size, keyspace.expiresSize(database));
      total += size;
    }
    this.total = total;
    this.frames.flush();
  }

  /** Keys written so far, by the walk and this thread's captures. */
  get keys(): number {
    return this.frames.keys + this.capture.frames.keys;
  }

  /** Walks on until `isLate` says so (asked every few records or elements) or all is written. */
  walk(isLate: () => boolean): void {
    const { within, endsByHand } = this.options;
    while (!this.isWalked) {
      const shard = this.nextShard();
      if (shard < 0) {
        this.isWalked = true;
        if (endsByHand !== true) this.end();
        return;
      }
      if (within === undefined) this.work(shard, isLate);
      else if (!within(shard, () => this.work(shard, isLate))) return;
      if (isLate()) return;
    }
  }

  /** The entry that is begun; else what is queued; else the table that the walk is at. −1: nothing is left. */
  private nextShard(): number {
    if (this.openShard >= 0) return this.openShard;
    const { queues, shards } = this.keyspace;
    for (let shard = 0; shard < shards; shard++) if (queues.hasWork(shard)) return shard;
    return this.shard < shards ? this.shard : -1;
  }

  private work(shard: number, isLate: () => boolean): void {
    const { keyspace } = this;
    if (this.isWalked || shard !== this.nextShard()) return; // it was put off until the shard could be had
    if (keyspace.queues.hasWork(shard)) {
      keyspace.queues.step(shard, isLate, this, keyspace.epoch);
      this.openShard = this.frames.isOpen ? shard : -1;
    } else if (shard === this.shard) this.scan(shard);
  }

  private scan(shard: number): void {
    const { keyspace } = this;
    const number = this.numbersAtCut[this.physical]!;
    this.cursor = keyspace.table.scan(keyspace.physicalRoot(shard, this.physical), this.cursor, 16, (address) => {
      const view = keyspace.other.at(address);
      if ((view.word1 & EPOCH) === keyspace.epoch) return;
      this.capture.save(shard, number, view, this.frames);
      keyspace.markDone(view.at(address));
    });
    if (this.cursor !== 0) return;
    if (++this.physical < keyspace.databases) return;
    this.physical = 0;
    this.shard++;
  }

  // ── What the queues hold (DeferredSaver) ─────────────────────────────────────────────────────────────────────────

  get out(): ValueOutput {
    return this.capture.isDiscarded ? NO_OUTPUT : this.frames;
  }

  begin(deferred: Deferred, large: LargeContent): void {
    if (this.capture.isDiscarded) return;
    this.frames.openEntry(deferred);
    large.begin(deferred, this.frames);
  }

  finished(deferred: Deferred): void {
    if (deferred.has(LOST)) this.isLost = true;
    if (this.capture.isDiscarded) return;
    this.frames.closeEntry();
  }

  record(shard: number, database: number, view: RecordView): void {
    this.capture.save(shard, database, view, this.frames);
  }

  /** Ends the file, when everything is walked and all other captures are closed. */
  end(): void {
    this.capture.close();
    this.isDone = true;
    if (!this.capture.isDiscarded) this.frames.end();
  }

  /** Nobody wants the file any more: go on marking, write nothing. Other threads' captures may be told so too. */
  discard(): void {
    this.capture.isDiscarded = true;
    this.frames.isOpen = false;
    this.openShard = -1;
  }
}
