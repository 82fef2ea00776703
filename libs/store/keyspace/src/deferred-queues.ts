/**
 * Each shard's queue of content that is saved or freed apart from its key (datatypes' Deferred): large collections that a
 * snapshot saves element by element, those that lost their key meanwhile, whole databases that FLUSHALL took away, and
 * what UNLINK and FLUSHALL ASYNC leave to be freed.
 *
 *   control   for each shard, shared by all threads:   [ first | last | objects waiting to be freed | objects freed | – … ]
 *
 * First come, first served: only the first of a queue is worked on, so of a shard at most one entry is half written.
 * Whoever holds the shard's lock may touch its queue; `first` may be looked at without, as a hint.
 */
import type { RecordView } from '@larder/store-datatypes';
import {
  BODY,
  DEFERRED_ROOTS_UNIT,
  Deferred,
  EPOCH,
  RecordView as View,
  SAVES,
  SCANNED,
  STARTED,
  Table,
  WHOLE_DATABASE,
  copyBytes,
} from '@larder/store-datatypes';
import type { Arena } from '@larder/store-memory';
import { ArenaFull, SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import type { LargeContent, ValueKind, ValueOutput } from './value-kind';

const STRIDE = 16;
const FIRST = 0;
const LAST = 1;
const PENDING = 2;
const FREED = 3;

const RECORDS_AT_ONCE = 16;
/** Content of fewer elements is freed at once. */
const LAZY_ELEMENTS_MIN = 64;

/** Takes what is written and keeps nothing. */
export const NO_OUTPUT: ValueOutput = {
  version: 0,
  length: () => undefined,
  string: () => undefined,
  double: () => undefined,
  raw: () => undefined,
  length64: () => undefined,
};

/** Who saves what the queues hold. */
export interface DeferredSaver {
  readonly out: ValueOutput;
  /** Before the elements: all of the entry up to their number. */
  begin(deferred: Deferred, large: LargeContent): void;
  /** Behind the elements. */
  finished(deferred: Deferred): void;
  /** A key of a database that was taken away, not saved yet. */
  record(shard: number, database: number, view: RecordView): void;
}

export class DeferredQueues {
  private readonly arena: Arena;
  private readonly kinds: readonly (ValueKind | undefined)[];
  private readonly table: Table;
  private readonly control: Int32Array;
  private readonly made: Deferred;
  private readonly first: Deferred;
  private readonly last: Deferred;
  private readonly view: View;

  /** `control` comes from `controlFor`, the same on all threads. */
  constructor(arena: Arena, kinds: readonly (ValueKind | undefined)[], control: SharedArrayBuffer) {
    this.arena = arena;
    this.kinds = kinds;
    this.table = new Table(arena);
    this.control = new Int32Array(control);
    this.made = new Deferred(arena);
    this.first = new Deferred(arena);
    this.last = new Deferred(arena);
    this.view = new View(arena);
  }

  static controlFor(shards: number): SharedArrayBuffer {
    return new SharedArrayBuffer(shards * STRIDE * 4);
  }

  /** Is there anything in the shard's queue? */
  hasWork(shard: number): boolean {
    return this.control[shard * STRIDE + FIRST] !== 0;
  }

  /** Objects waiting to be freed, over all shards: INFO's lazyfree_pending_objects. */
  get pending(): number {
    return this.sum(PENDING);
  }

  /** INFO's lazyfreed_objects. */
  get freed(): number {
    return this.sum(FREED);
  }

  resetFreed(): void {
    for (let at = FREED; at < this.control.length; at += STRIDE) this.control[at] = 0;
  }

  private sum(word: number): number {
    let sum = 0;
    for (let at = word; at < this.control.length; at += STRIDE) sum += this.control[at]!;
    return sum;
  }

  /** The large content of the record, unless it is small. */
  largeOf(view: RecordView): LargeContent | undefined {
    if ((view.word1 & BODY) === 0) return undefined;
    const large = this.kinds[view.type]!.large;
    return large !== undefined && large.isLarge(view) ? large : undefined;
  }

  /**
   * Queues the large content of a record, to be saved as it is now.
   * @throws ArenaFull (nothing changed)
   */
  save(shard: number, large: LargeContent, view: RecordView, database: number, rdbType: number): void {
    this.defer(shard, large, view, SAVES, database, rdbType, 0);
  }

  /** Queues the content of a record to be freed, if it is large enough to be worth it: the caller then disposes of it. */
  freeLater(shard: number, view: RecordView): void {
    const large = this.largeOf(view);
    if (large === undefined || large.holderOf(view) !== 0 || this.kinds[view.type]!.elements(view) <= LAZY_ELEMENTS_MIN) return;
    try {
      this.defer(shard, large, view, 0, 0, 0, 1);
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full;
    }
  }

  private defer(shard: number, large: LargeContent, view: RecordView, flags: number, database: number, rdbType: number, objects: number): void {
    const { made } = this;
    const keyLength = flags === 0 ? 0 : view.keyLength;
    made.make(shard, flags, view.type, rdbType, database, view.expireAt, keyLength);
    made.accessed = view.word0 >>> 8;
    try {
      large.defer(view, made);
    } catch (full) {
      this.arena.free(made.address);
      throw full;
    }
    copyBytes(view.u8, view.keyOffset, this.arena.u8[made.address >>> SEGMENT_SHIFT]!, made.keyOffset, keyLength);
    this.append(shard, made, objects);
  }

  /**
   * Takes all keys of the tables at `root` away, to be freed, and those with an old EPOCH bit to be saved first if `saves`.
   * False without memory for it: nothing changed.
   */
  detachDatabase(shard: number, root: number, saves: boolean, database: number): boolean {
    const { made, table, arena } = this;
    try {
      made.make(shard, WHOLE_DATABASE | (saves ? SAVES : 0), 0, 0, database, -1, 32);
    } catch (full) {
      if (full instanceof ArenaFull) return false;
      throw full;
    }
    const from = (root & SEGMENT_UNIT_MASK) << 1;
    const to = made.w + DEFERRED_ROOTS_UNIT * 2;
    made.words.set(arena.i32[root >>> SEGMENT_SHIFT]!.subarray(from, from + 8), to);
    const objects = table.count(root);
    table.init(root);
    table.init(root + 2);
    this.append(shard, made, objects);
    return true;
  }

  private append(shard: number, deferred: Deferred, objects: number): void {
    const { control, last } = this;
    const c = shard * STRIDE;
    deferred.objects = objects;
    if (control[c + FIRST] === 0) control[c + FIRST] = deferred.address;
    else last.at(control[c + LAST]!).next = deferred.address;
    control[c + LAST] = deferred.address;
    control[c + PENDING]! += objects;
  }

  /** Works on the first of a shard's queue. True when it is done with; `saver` is null while nothing is being saved. */
  step(shard: number, isLate: () => boolean, saver: DeferredSaver | null, epoch: number): boolean {
    const { arena, control } = this;
    const c = shard * STRIDE;
    const deferred = this.first.at(control[c + FIRST]!);
    if (deferred.has(WHOLE_DATABASE)) {
      if (!this.stepDatabase(shard, deferred, isLate, saver, epoch)) return false;
    } else {
      const large = this.kinds[deferred.type]!.large!;
      if (deferred.has(SAVES) && saver !== null) {
        if (!deferred.has(STARTED)) {
          saver.begin(deferred, large);
          deferred.set(STARTED);
        }
        if (!large.save(deferred, saver.out, isLate)) return false;
        saver.finished(deferred);
        deferred.clear(SAVES);
      }
      if (!large.free(deferred, isLate)) return false;
      if (deferred.tail !== 0) arena.free(deferred.tail);
    }
    control[c + FIRST] = deferred.next;
    control[c + PENDING]! -= deferred.objects;
    control[c + FREED]! += deferred.objects;
    arena.free(deferred.address);
    return true;
  }

  private stepDatabase(shard: number, deferred: Deferred, isLate: () => boolean, saver: DeferredSaver | null, epoch: number): boolean {
    const { arena, table, view } = this;
    const { address: keys } = deferred;
    const root = keys + DEFERRED_ROOTS_UNIT;
    while (!deferred.has(SCANNED)) {
      const next = table.scan(root, deferred.cursor, RECORDS_AT_ONCE, (address) => {
        view.at(address);
        if (saver !== null && deferred.has(SAVES) && (view.word1 & EPOCH) !== epoch) saver.record(shard, deferred.database, view);
        if ((view.word1 & BODY) !== 0) {
          this.freeLater(shard, view);
          this.kinds[view.type]!.dispose(view);
        }
        arena.free(address);
      });
      deferred.cursor = next | 0;
      if (next === 0) deferred.set(SCANNED);
      if (isLate()) return false;
    }
    table.dispose(root);
    table.dispose(root + 2);
    return true;
  }
}
