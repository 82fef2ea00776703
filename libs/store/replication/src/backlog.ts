/**
 * The last bytes of the replication stream, in shared memory, addressed by stream offset. Every thread appends and reads.
 *
 *        spilled to a file                    the ring                        offset 0 is the first byte that ever was;
 *   ├─────────────────────────┤├───────────────────────────────┤              `end` is what Redis calls master_repl_offset
 *   spillStart        spillEnd = start        first            end
 *                                             └─ `history` bytes: what a partial resynchronisation may begin at
 *
 * A byte that a connected replica still needs is never lost: before the ring overwrites it, whoever appends hands the oldest part
 * of the ring to the spill, some megabytes at a time. What of the spill nobody needs any more is given back as the replicas go on, so
 * it is as long as the slowest one is behind, and not as long as it has been.
 *
 * One lock over the numbers; bytes are copied out without it, and what was overwritten meanwhile is read again (from the spill,
 * if need be). Numbers are doubles: exact to 2^53 bytes.
 */
import { lock, unlock } from '@larder/store-memory';

const LOCK = 0;
/** On a cache line of their own: whether there is a backlog, the database that the stream is in, and how many bytes there may be. */
const ACTIVE = 16;
const DATABASE = 17;

const START = 0;
const END = 1;
/** No connected replica needs what lies before it; may lag behind the truth. */
const KEEP = 2;
const SPILL_START = 3;
const SPILL_END = 4;
const CAPACITY = 6;
const HISTORY = 7;
/** Counts how often the ring was laid out anew. */
const LAYOUT = 8;

const WORDS = 32;
const NUMBERS = 16;
const HEAD_BYTES = WORDS * 4 + NUMBERS * 8;
const SMALL_BYTES = 96;
/** The lock is held for so much at most: below a millisecond or so. */
const PIECE_BYTES_MAX = 1 << 20;
const SPILL_BYTES = 2 << 20;
/** Of the spill's beginning, so much is given back at a time. */
const TRIM_BYTES = 16 << 20;
/** Memory that the ring may take at least, if the stream ever fills it: a replica that is a few milliseconds late costs no file. */
export const RING_BYTES_MIN = 16 << 20;

/**
 * Where bytes go that no longer fit and are still needed, by their offset in the stream. Called with the backlog's lock held, but for
 * `read`: what is read there may have been dropped meanwhile, which is noticed afterwards.
 */
export interface Spill {
  write(bytes: Buffer, off: number, length: number, offset: number): void;
  /** Fills `into` with `length` bytes from `offset` on. */
  read(into: Buffer, length: number, offset: number): void;
  /** Nothing before `offset` is needed any more; Infinity: nothing at all. */
  drop(offset: number): void;
}

export class Backlog {
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;
  private readonly ring: Buffer;
  /** The least offset that a connected replica still needs; Infinity without any. */
  leastNeeded: () => number = () => Infinity;
  spill: Spill | null = null;

  /** Address space only: memory is taken as the ring fills. */
  static reserve(bytes: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + bytes);
  }

  constructor(shared: SharedArrayBuffer) {
    this.words = new Int32Array(shared, 0, WORDS);
    this.numbers = new Float64Array(shared, WORDS * 4, NUMBERS);
    this.ring = Buffer.from(shared, HEAD_BYTES);
  }

  /** Units of work are put into the stream. */
  get isActive(): boolean {
    return Atomics.load(this.words, ACTIVE) !== 0;
  }

  get end(): number {
    return this.locked(END);
  }

  /** First offset that a partial resynchronisation may begin at. */
  get first(): number {
    this.take();
    const first = Math.max(this.numbers[START]!, this.numbers[END]! - this.numbers[HISTORY]!);
    this.give();
    return first;
  }

  get spilledBytes(): number {
    this.take();
    const bytes = this.numbers[SPILL_END]! - this.numbers[SPILL_START]!;
    this.give();
    return bytes;
  }

  /** Bytes of memory that the ring has in use. */
  get ringBytes(): number {
    this.take();
    const bytes = this.numbers[END]! - this.numbers[START]!;
    this.give();
    return bytes;
  }

  /** What was read from `offset` on was not overwritten meanwhile. */
  private isStill(layout: number, offset: number): boolean {
    this.take();
    const isStill = this.numbers[LAYOUT] === layout && this.numbers[START]! <= offset;
    this.give();
    return isStill;
  }

  private isSpilled(offset: number, length: number): boolean {
    this.take();
    const isSpilled = this.numbers[SPILL_START]! <= offset && this.numbers[SPILL_END]! >= offset + length;
    this.give();
    return isSpilled;
  }

  /** Can be read from `offset` on: from the ring or from what is spilled. With the lock held. */
  holds(offset: number): boolean {
    const { numbers } = this;
    return (offset >= numbers[START]! && offset <= numbers[END]!) || (offset >= numbers[SPILL_START]! && offset < numbers[SPILL_END]!);
  }

  private locked(number: number): number {
    this.take();
    const value = this.numbers[number]!;
    this.give();
    return value;
  }

  /** The lock, for several pieces that belong together. Nothing may throw while it is held. */
  take(): void {
    lock(this.words, LOCK);
  }

  give(): void {
    unlock(this.words, LOCK);
  }

  /** A backlog without history begins at `offset`. In an exclusive section. */
  begin(offset: number, history: number): void {
    this.take();
    const { numbers } = this;
    numbers[START] = numbers[END] = numbers[KEEP] = offset;
    this.forgetSpill();
    this.setHistory(history);
    this.words[DATABASE] = -1;
    Atomics.store(this.words, ACTIVE, 1);
    this.give();
  }

  /** There is none any more; the offset stays. */
  stop(): void {
    this.take();
    Atomics.store(this.words, ACTIVE, 0);
    this.numbers[START] = this.numbers[END]!;
    this.forgetSpill();
    this.give();
  }

  /** The stream ends at `offset` again: what came behind it changed nothing. In an exclusive section, when nobody reads any more. */
  rewind(offset: number): void {
    this.take();
    const { numbers } = this;
    numbers[END] = Math.min(numbers[END]!, offset);
    numbers[START] = Math.min(numbers[START]!, numbers[END]!);
    numbers[LAYOUT] = numbers[LAYOUT]! + 1;
    this.words[DATABASE] = -1;
    this.give();
  }

  /** `repl-backlog-size` changed. In an exclusive section. */
  resize(history: number): void {
    this.take();
    const { numbers } = this;
    const least = Math.max(numbers[START]!, numbers[END]! - this.capacityFor(history));
    // What still fits is laid out anew; what connected replicas need beyond that goes to the spill.
    numbers[KEEP] = Math.min(this.leastNeeded(), numbers[END]!);
    if (numbers[KEEP]! < least) this.spillFrom(least);
    const length = Math.min(numbers[END]! - numbers[START]!, this.capacityFor(history));
    const kept = Buffer.allocUnsafe(length);
    this.copyOut(numbers[END]! - length, kept, length, numbers[CAPACITY]!);
    const from = numbers[END]! - length;
    this.setHistory(history);
    this.copyIn(from, kept, 0, length);
    numbers[START] = from;
    this.give();
  }

  private capacityFor(history: number): number {
    return Math.min(this.ring.length, Math.max(history, RING_BYTES_MIN));
  }

  private setHistory(history: number): void {
    this.numbers[LAYOUT] = this.numbers[LAYOUT]! + 1;
    this.numbers[CAPACITY] = this.capacityFor(history);
    this.numbers[HISTORY] = Math.min(history, this.ring.length);
  }

  /** A replica will read from `offset` on. With the lock held, or in an exclusive section. */
  needs(offset: number): void {
    if (offset < this.numbers[KEEP]!) this.numbers[KEEP] = offset;
  }

  /** The database that the stream is in, -1: none has been said. With the lock held. */
  get database(): number {
    return this.words[DATABASE]!;
  }

  set database(database: number) {
    this.words[DATABASE] = database;
  }

  /** Appends, with the lock held; where the stream ends then. */
  put(bytes: Uint8Array, off: number, length: number): number {
    const { numbers, ring } = this;
    const capacity = numbers[CAPACITY]!;
    let end = numbers[END]!;
    const at = end % capacity;
    if (length <= SMALL_BYTES && at + length <= capacity && end + length - numbers[START]! <= capacity) {
      for (let i = off, to = at, stop = off + length; i < stop; i++) ring[to++] = bytes[i]!;
      return (numbers[END] = end + length);
    }
    while (length > 0) {
      const piece = Math.min(length, capacity >>> 2, PIECE_BYTES_MAX);
      this.makeRoom(piece);
      this.copyIn(end, bytes, off, piece);
      end += piece;
      numbers[END] = end;
      off += piece;
      length -= piece;
    }
    return end;
  }

  private copyIn(offset: number, bytes: Uint8Array, off: number, length: number): void {
    const capacity = this.numbers[CAPACITY]!;
    const at = offset % capacity;
    const first = Math.min(length, capacity - at);
    this.ring.set(bytes.subarray(off, off + first), at);
    if (first < length) this.ring.set(bytes.subarray(off + first, off + length), 0);
  }

  private copyOut(offset: number, into: Buffer, length: number, capacity: number): void {
    const at = offset % capacity;
    const first = Math.min(length, capacity - at);
    this.ring.copy(into, 0, at, at + first);
    if (first < length) this.ring.copy(into, first, 0, length - first);
  }

  private makeRoom(length: number): void {
    const { numbers } = this;
    const newStart = numbers[END]! + length - numbers[CAPACITY]!;
    if (newStart <= numbers[START]!) return;
    if (numbers[KEEP]! < newStart) {
      numbers[KEEP] = Math.min(this.leastNeeded(), numbers[END]!);
      this.trimSpill();
      if (numbers[KEEP]! < newStart) return this.spillFrom(newStart);
    }
    numbers[START] = newStart;
  }

  /** Hands the oldest part of the ring to the spill. Without a spill it is lost. */
  private spillFrom(newStart: number): void {
    const { numbers, spill } = this;
    const start = numbers[START]!;
    const length = Math.min(Math.max(newStart - start, Math.min(numbers[CAPACITY]! / 8, SPILL_BYTES)), numbers[END]! - start);
    numbers[START] = start + length;
    if (spill === null) return;
    if (numbers[SPILL_END] !== start) {
      this.forgetSpill();
      numbers[SPILL_START] = numbers[SPILL_END] = start;
    }
    try {
      const capacity = numbers[CAPACITY]!;
      const at = start % capacity;
      const first = Math.min(length, capacity - at);
      spill.write(this.ring, at, first, start);
      if (first < length) spill.write(this.ring, 0, length - first, start + first);
      numbers[SPILL_END] = start + length;
    } catch {
      this.forgetSpill(); // who needed it will be told that it is gone
    }
  }

  private trimSpill(): void {
    const { numbers } = this;
    if (numbers[SPILL_END] === numbers[SPILL_START]) return;
    const keep = numbers[KEEP]!;
    if (keep >= numbers[SPILL_END]!) return this.forgetSpill();
    if (keep - numbers[SPILL_START]! < TRIM_BYTES) return;
    numbers[SPILL_START] = keep;
    this.spill?.drop(keep);
  }

  private forgetSpill(): void {
    const { numbers } = this;
    if (numbers[SPILL_END] !== numbers[SPILL_START]) this.spill?.drop(Infinity);
    numbers[SPILL_START] = numbers[SPILL_END] = -1;
  }

  /** Copies bytes from `offset` on, as many as there are and fit. How many: 0 at the end, -1 when they are gone (or not yet there). */
  read(offset: number, into: Buffer): number {
    const { numbers } = this;
    for (;;) {
      this.take();
      const start = numbers[START]!;
      const end = numbers[END]!;
      const spillStart = numbers[SPILL_START]!;
      const spillEnd = numbers[SPILL_END]!;
      const capacity = numbers[CAPACITY]!;
      const layout = numbers[LAYOUT]!;
      this.give();
      if (offset > end) return -1;
      if (offset >= start) {
        const length = Math.min(end - offset, into.length);
        this.copyOut(offset, into, length, capacity);
        if (this.isStill(layout, offset)) return length;
        continue;
      }
      if (offset < spillStart || offset >= spillEnd || this.spill === null) return -1;
      const length = Math.min(spillEnd - offset, into.length);
      try {
        this.spill.read(into, length, offset);
      } catch {
        return -1;
      }
      return this.isSpilled(offset, length) ? length : -1;
    }
  }
}
