/**
 * The journal of all threads: one ring of bytes in shared memory.
 *
 *   entry   [ units of 8 bytes, 0 = not written yet | bytes ] payload, padded to 8
 *           ▲ tail: the reader's                              ▲ head: the next range that a writer takes
 *
 * A unit of work takes its range with one atomic add while it holds its locks, so the order of entries is a serial order
 * of the units. It then writes the payload and last of all the size, which tells the reader that the entry is whole.
 * A writer that finds the ring full waits for the reader, which takes no locks.
 *
 * Positions count units of 8 bytes and wrap at 2^32; compare them by difference.
 */
const UNIT_SHIFT = 3;
const HEAD_BYTES = 8;
/** Words before the ring, on cache lines of their own. */
const HEAD = 0;
const TAIL = 16;
/** 1 while the reader sleeps. */
const SLEEPER = 17;
const PREFIX_BYTES = 128;
const WORDWISE_BYTES_MAX = 256;
/** Writers that wait for room hear of it after so many entries at the latest. */
const ENTRIES_PER_NOTICE = 64;

export class JournalRing {
  private readonly words: Int32Array;
  private readonly i32: Int32Array;
  private readonly u8: Uint8Array;
  /** In units of 8 bytes, a power of two. */
  private readonly size: number;

  /** A ring of `bytes`, a power of two, for the constructor on each thread. */
  static reserve(bytes: number): SharedArrayBuffer {
    return new SharedArrayBuffer(PREFIX_BYTES + bytes);
  }

  constructor(shared: SharedArrayBuffer) {
    this.words = new Int32Array(shared, 0, PREFIX_BYTES / 4);
    this.i32 = new Int32Array(shared, PREFIX_BYTES);
    this.u8 = new Uint8Array(shared, PREFIX_BYTES);
    this.size = this.u8.length >>> UNIT_SHIFT;
  }

  /** The longest payload that an entry may have; longer units are the writer's to cut. */
  get bytesMax(): number {
    return (this.size << UNIT_SHIFT) >> 1;
  }

  /** Position after the last entry taken. */
  get head(): number {
    return Atomics.load(this.words, HEAD);
  }

  /**
   * Appends one entry; answers the position after it. Blocks while the ring is full. `words` is what `bytes` views, as words from
   * its first byte on: a short entry is then copied word by word, which costs less than a call.
   */
  append(bytes: Uint8Array, length: number, words?: Int32Array): number {
    const units = (HEAD_BYTES + length + 7) >>> UNIT_SHIFT;
    const at = Atomics.add(this.words, HEAD, units);
    const end = (at + units) | 0;
    for (;;) {
      const tail = Atomics.load(this.words, TAIL);
      if (((end - tail) | 0) <= this.size) break;
      this.wakeReader();
      Atomics.wait(this.words, TAIL, tail, 1);
    }
    const mask = this.size - 1;
    const start = (at & mask) << UNIT_SHIFT;
    const room = this.u8.length - start - HEAD_BYTES;
    if (words !== undefined && length <= WORDWISE_BYTES_MAX && length + 3 <= room) {
      const { i32 } = this;
      const from = (start + HEAD_BYTES) >>> 2;
      for (let i = 0, count = (length + 3) >>> 2; i < count; i++) i32[from + i] = words[i]!;
    } else if (length <= room) this.u8.set(bytes.subarray(0, length), start + HEAD_BYTES);
    else {
      this.u8.set(bytes.subarray(0, room), start + HEAD_BYTES);
      this.u8.set(bytes.subarray(room, length), 0);
    }
    const head = start >>> 2;
    this.i32[head + 1] = length;
    Atomics.store(this.i32, head, units);
    this.wakeReader();
    return end;
  }

  /** Ends a sleep of the reader: there is something for it, here or elsewhere. */
  wakeReader(): void {
    if (Atomics.load(this.words, SLEEPER) === 0) return;
    Atomics.store(this.words, SLEEPER, 0);
    Atomics.notify(this.words, SLEEPER);
  }

  /**
   * The one reader: hands out entries that are whole, oldest first, until there is none or `visit` says false. A payload
   * that wraps comes in two parts, `isLast` false for the first. Answers the position it got to.
   */
  drain(visit: (bytes: Uint8Array, off: number, length: number, isLast: boolean) => boolean | void): number {
    const mask = this.size - 1;
    let tail = Atomics.load(this.words, TAIL);
    for (let taken = 1; ; taken++) {
      const start = (tail & mask) << UNIT_SHIFT;
      const units = Atomics.load(this.i32, start >>> 2);
      if (units === 0) {
        this.giveRoom(tail);
        return tail;
      }
      const length = this.i32[(start >>> 2) + 1]!;
      const room = this.u8.length - start - HEAD_BYTES;
      let goesOn: boolean | void;
      if (length <= room) goesOn = visit(this.u8, start + HEAD_BYTES, length, true);
      else {
        visit(this.u8, start + HEAD_BYTES, room, false);
        goesOn = visit(this.u8, 0, length - room, true);
      }
      this.clear(start, units);
      tail = (tail + units) | 0;
      if (goesOn === false) {
        this.giveRoom(tail);
        return tail;
      }
      if (taken % ENTRIES_PER_NOTICE === 0) this.giveRoom(tail);
    }
  }

  private giveRoom(tail: number): void {
    if (Atomics.load(this.words, TAIL) === tail) return;
    Atomics.store(this.words, TAIL, tail);
    Atomics.notify(this.words, TAIL);
  }

  /** Whatever lies here may be the head of a later entry. */
  private clear(start: number, units: number): void {
    const { i32, u8 } = this;
    const end = start + (units << UNIT_SHIFT);
    if (end <= u8.length && units <= WORDWISE_BYTES_MAX >>> UNIT_SHIFT) {
      for (let i = start >>> 2; i < end >>> 2; i++) i32[i] = 0;
      return;
    }
    u8.fill(0, start, Math.min(end, u8.length));
    if (end > u8.length) u8.fill(0, 0, end - u8.length);
  }

  /** The reader sleeps until there may be an entry, at most `ms`. Not on a thread that executes. */
  sleep(ms: number): void {
    Atomics.store(this.words, SLEEPER, 1);
    const tail = Atomics.load(this.words, TAIL);
    if (Atomics.load(this.i32, ((tail & (this.size - 1)) << UNIT_SHIFT) >>> 2) === 0) Atomics.wait(this.words, SLEEPER, 1, ms);
    Atomics.store(this.words, SLEEPER, 0);
  }
}
