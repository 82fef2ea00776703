/**
 * What units of work changed, as commands in the ring: one entry per unit, so that it is read whole or not at all.
 *
 *   entry   thread · more │ database · length · RESP bytes │ database · length · RESP bytes │ …
 *
 * A unit longer than an entry may be is cut; all parts but the last say `more`. Parts of different threads may alternate;
 * a unit's place in the order is that of its last part, which is written while its shards are still held.
 *
 * A thread that is alone may write units later than they happen, as long as nobody can tell: units of one command each that follow
 * one another in a client's bytes (`reads`) are one entry, copied as they came when the bytes are used up (`settle`).
 */
import type { Args } from '@larder/store-resp';
import { JournalRing } from './journal-ring';

const HEAD_BYTES = 8;
const COMMAND_HEAD = 8;
const STAR = 42;
const DOLLAR = 36;
/** A command longer than this is not kept for later; nor is a run of them. */
const RUN_BYTES_MAX = 32 << 10;
/** Up to so many bytes a loop is cheaper than a call. */
const COPIED_BYTES_MAX = 64;
const RAW_COPIED_BYTES_MAX = 128;
const DEL = Buffer.from('*2\r\n$3\r\nDEL\r\n', 'latin1');

/** A number and the end of its line; where it ends. */
function writeCount(buf: Buffer, at: number, n: number): number {
  if (n < 10) buf[at++] = 48 + n;
  else if (n < 100) {
    buf[at++] = 48 + ((n / 10) | 0);
    buf[at++] = 48 + (n % 10);
  } else at += buf.write(String(n), at, 'latin1');
  buf[at++] = 13;
  buf[at++] = 10;
  return at;
}

function copyRaw(from: Buffer, first: number, last: number, to: Buffer, at: number): void {
  if (last - first <= RAW_COPIED_BYTES_MAX) for (let k = first; k < last; k++) to[at++] = from[k]!;
  else from.copy(to, at, first, last);
}

/** In the database of a command: it is for replicas, not for files. */
const REPLICAS_ONLY = 0x8000_0000;

/** Where units go besides the ring: the replication stream. `from` to `to` are commands, each with its database and length. */
export interface UnitSink {
  unit(buf: Buffer, from: number, to: number): void;
}

/** Writes the units of one thread. */
export class JournalWriter {
  readonly ring: JournalRing;
  /** Somebody drains the ring. */
  feedsRing = true;
  /** Set while there are replicas, or may be again. */
  stream: UnitSink | null = null;
  private readonly thread: number;
  private buf: Buffer = Buffer.allocUnsafeSlow(64 << 10);
  private words: Int32Array = new Int32Array(this.buf.buffer);
  private length = HEAD_BYTES;
  private end_ = 0;
  /** This thread is the only one that executes. */
  isAlone = false;
  /** What the client has sent whose turn it is. */
  private source: Buffer | null = null;
  /** Of the unit under way: the one command that it has so far lies there in `source`. Nothing: 0. */
  private unitStart = 0;
  private unitEnd = 0;
  private unitDatabase = 0;
  /** Units that are over and not written yet. */
  private runStart = 0;
  private runEnd = 0;
  private runDatabase = 0;
  private readonly runBytesMax: number;
  private readonly run = Buffer.allocUnsafeSlow(RUN_BYTES_MAX + 32);
  private readonly runWords = new Int32Array(this.run.buffer);

  constructor(ring: JournalRing, thread = 0) {
    this.ring = ring;
    this.thread = thread;
    this.runBytesMax = Math.min(RUN_BYTES_MAX, ring.bytesMax - HEAD_BYTES - COMMAND_HEAD);
    this.run.writeUInt32LE(0, 4); // an entry of one part
  }

  /** Position in the ring after this thread's last unit; compare positions by difference. */
  get position(): number {
    if (this.runEnd !== 0) this.settle();
    return this.end_;
  }

  set position(position: number) {
    this.end_ = position;
  }

  /** From here on units come from these bytes, which stay as they are until the next call; null: from elsewhere. */
  reads(bytes: Buffer | null): void {
    if (this.runEnd !== 0) this.settle();
    if (this.unitEnd !== 0) this.writeOut();
    this.source = this.isAlone && this.feedsRing ? bytes : null;
  }

  /** All units that are over are in the ring. */
  settle(): void {
    const { source, runStart, runEnd, run } = this;
    if (runEnd === 0) return;
    this.runEnd = 0;
    const length = runEnd - runStart;
    run.writeUInt32LE(this.thread, 0);
    run.writeUInt32LE(this.runDatabase, HEAD_BYTES);
    run.writeUInt32LE(length, HEAD_BYTES + 4);
    copyRaw(source!, runStart, runEnd, run, HEAD_BYTES + COMMAND_HEAD);
    this.end_ = this.ring.append(run, HEAD_BYTES + COMMAND_HEAD + length, this.runWords);
  }

  append(database: number, args: Args): void {
    const { count, len, off, buf: from, rawStart, rawEnd } = args;
    if (from === this.source && rawEnd !== 0 && this.unitEnd === 0 && this.length === HEAD_BYTES && this.stream === null && rawEnd - rawStart <= this.runBytesMax) {
      this.unitStart = rawStart;
      this.unitEnd = rawEnd;
      this.unitDatabase = database;
      return;
    }
    if (rawEnd !== 0) {
      // As it came from the client.
      const start = this.begin(rawEnd - rawStart);
      copyRaw(from, rawStart, rawEnd, this.buf, start);
      return this.end(database, start, start + rawEnd - rawStart);
    }
    let bytes = 24;
    for (let i = 0; i < count; i++) bytes += len[i]! + 24;
    const start = this.begin(bytes);
    const { buf } = this;
    buf[start] = STAR;
    let at = writeCount(buf, start + 1, count);
    for (let i = 0; i < count; i++) {
      const length = len[i]!;
      const first = off[i]!;
      buf[at] = DOLLAR;
      at = writeCount(buf, at + 1, length);
      if (length <= COPIED_BYTES_MAX) for (let k = first, end = first + length; k < end; k++) buf[at++] = from[k]!;
      else {
        from.copy(buf, at, first, first + length);
        at += length;
      }
      buf[at++] = 13;
      buf[at++] = 10;
    }
    this.end(database, start, at);
  }

  /** What replicas alone are to see. */
  appendForReplicas(database: number, args: Args): void {
    if (this.stream !== null) this.append(database | REPLICAS_ONLY, args);
  }

  /** A key that expired or was evicted. */
  removed(database: number, key: Uint8Array, off: number, length: number): void {
    const start = this.begin(DEL.length + length + 32);
    let at = start + DEL.copy(this.buf, start);
    at += this.buf.write(`$${length}\r\n`, at, 'latin1');
    this.buf.set(key.subarray(off, off + length), at);
    at += length;
    at += this.buf.write('\r\n', at, 'latin1');
    this.end(database, start, at);
  }

  /** The unit is to have more than the one command. */
  private writeOut(): void {
    const { unitStart, unitEnd } = this;
    this.unitEnd = 0;
    const start = this.begin(unitEnd - unitStart);
    copyRaw(this.source!, unitStart, unitEnd, this.buf, start);
    this.end(this.unitDatabase, start, start + unitEnd - unitStart);
  }

  private begin(bytes: number): number {
    if (this.unitEnd !== 0) this.writeOut();
    const wanted = this.length + COMMAND_HEAD + bytes + 4; // whole words are copied
    if (wanted > this.buf.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(wanted, this.buf.length * 2));
      this.buf.copy(larger, 0, 0, this.length);
      this.replace(larger);
    }
    return this.length + COMMAND_HEAD;
  }

  private end(database: number, start: number, end: number): void {
    this.buf.writeUInt32LE(database >>> 0, this.length);
    this.buf.writeUInt32LE(end - start, this.length + 4);
    this.length = end;
  }

  private replace(buf: Buffer): void {
    this.buf = buf;
    this.words = new Int32Array(buf.buffer, 0, buf.length >>> 2);
  }

  /** The unit is over; its shards are still held. */
  commit(): void {
    if (this.unitEnd !== 0) return this.prolong();
    if (this.length === HEAD_BYTES) return;
    if (this.runEnd !== 0) this.settle();
    this.stream?.unit(this.buf, HEAD_BYTES, this.length);
    if (this.feedsRing) this.commitToRing();
    this.length = HEAD_BYTES;
    if (this.buf.length > 1 << 20) this.replace(Buffer.allocUnsafeSlow(64 << 10));
  }

  /** A unit of one command joins those before it, or is the first of others. */
  private prolong(): void {
    const { unitStart, unitEnd, unitDatabase } = this;
    this.unitEnd = 0;
    if (this.runEnd === 0 || this.runEnd !== unitStart || this.runDatabase !== unitDatabase || unitEnd - this.runStart > this.runBytesMax) {
      if (this.runEnd !== 0) this.settle();
      this.runStart = unitStart;
      this.runDatabase = unitDatabase;
    }
    this.runEnd = unitEnd;
  }

  private commitToRing(): void {
    const { ring, buf } = this;
    const partMax = ring.bytesMax;
    buf.writeUInt32LE(this.thread, 0);
    let from = 0;
    while (this.length - from > partMax) {
      // The head of each further part takes the place of bytes that have gone.
      buf.writeUInt32LE(1, from + 4);
      ring.append(buf.subarray(from, from + partMax), partMax);
      from += partMax - HEAD_BYTES;
      buf.writeUInt32LE(this.thread, from);
    }
    buf.writeUInt32LE(0, from + 4);
    this.end_ = from === 0 ? ring.append(buf, this.length, this.words) : ring.append(buf.subarray(from, this.length), this.length - from);
  }
}

/** One command of a unit; the bytes are the visitor's until it returns. */
export type UnitVisitor = (database: number, bytes: Buffer, off: number, length: number, index: number, count: number) => void;

/** Reads units in their serial order: the one consumer of a ring. */
export class JournalReader {
  readonly ring: JournalRing;
  /** Units read. */
  units = 0;
  private readonly parts = new Map<number, Buffer[]>();
  private halves: Buffer[] = [];
  /** The ring's bytes. */
  private bytes: Buffer | undefined;

  constructor(ring: JournalRing) {
    this.ring = ring;
  }

  /** Hands out whole units, command by command, until there is none or `isEnough`; answers the position it got to. */
  drain(visit: UnitVisitor, isEnough: () => boolean = () => false): number {
    return this.ring.drain((bytes, off, length, isLast) => {
      const ring = (this.bytes ??= Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      // Nearly always: a unit in one entry, in one piece.
      if (isLast && this.halves.length === 0 && ring.readUInt32LE(off + 4) === 0 && this.parts.size === 0) {
        this.give(ring, off + HEAD_BYTES, off + length, visit);
        return !isEnough();
      }
      const piece = ring.subarray(off, off + length);
      if (!isLast) {
        this.halves.push(Buffer.from(piece));
        return true;
      }
      const whole = this.halves.length === 0 ? piece : Buffer.concat([...this.halves, piece]);
      this.halves = [];
      this.take(whole, visit);
      return !isEnough();
    });
  }

  private take(part: Buffer, visit: UnitVisitor): void {
    const thread = part.readUInt32LE(0);
    const hasMore = part.readUInt32LE(4) !== 0;
    const body = part.subarray(HEAD_BYTES);
    const before = this.parts.get(thread);
    if (hasMore) {
      if (before === undefined) this.parts.set(thread, [Buffer.from(body)]);
      else before.push(Buffer.from(body));
      return;
    }
    this.parts.delete(thread);
    const unit = before === undefined ? body : Buffer.concat([...before, body]);
    this.give(unit, 0, unit.length, visit);
  }

  private give(unit: Buffer, from: number, to: number, visit: UnitVisitor): void {
    let count = 0;
    for (let at = from; at < to; at += COMMAND_HEAD + unit.readUInt32LE(at + 4)) if (unit.readInt32LE(at) >= 0) count++;
    let index = 0;
    for (let at = from; at < to; ) {
      const database = unit.readInt32LE(at);
      const length = unit.readUInt32LE(at + 4);
      if (database >= 0) visit(database, unit, at + COMMAND_HEAD, length, index++, count);
      at += COMMAND_HEAD + length;
    }
    this.units++;
  }
}
