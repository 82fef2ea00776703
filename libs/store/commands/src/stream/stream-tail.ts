/**
 * What follows a stream's nodes in a file: its figures and its consumer groups. There may be a million pending entries, so while a
 * snapshot saves a stream, what its end will be is noted at the first change, and written piece by piece:
 *
 *   tail    [ kept | images | end | at | part | part … ]                   one block; `at` is the part at hand
 *   part    [ TEXT | bytes | what is to be written, padded to words ]
 *           [ OF_GROUP or OF_CONSUMER | n | list ]                          n entries were pending at the cut
 *
 * So the first change pays for groups and consumers, not for what is pending. StreamGroups sees to it that each list gets what was in
 * it at the cut, whatever happens meanwhile: hence the chains `kept` and `images`.
 */
import { BATCH_BYTES, FIRST_ID, LAST_ID, LIST_WORDS, MAX_DELETED_ID, PENDING_BYTES_MAX, StreamId, writeRdbLength } from '@larder/store-datatypes';
import type { Deferred, StreamLog } from '@larder/store-datatypes';
import type { ValueOutput } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';

export const VERSION_OF_7_2 = 11;
export const ID_BYTES = 16;
export const TIME_BYTES = 8;
const batch = Buffer.alloc(BATCH_BYTES);

const END = 2;
const AT = 3;
const HEAD_WORDS = 4;
const PART_HEAD_WORDS = 2;
const TEXT = 0;
const OF_GROUP = 1;
const OF_CONSUMER = 2;

const id = new StreamId();
const bytes = Buffer.alloc(TIME_BYTES);

function saveId(out: ValueOutput, saved: StreamId): void {
  out.length64(saved.msHi, saved.msLo);
  out.length64(saved.seqHi, saved.seqLo);
}

function saveTime(out: ValueOutput, hi: number, lo: number): void {
  bytes.writeInt32LE(lo, 0);
  bytes.writeInt32LE(hi, 4);
  out.raw(bytes, 0, TIME_BYTES);
}

/** `pending` writes what is pending for the consumer at hand, or in the group. */
function writeTail(stream: StreamLog, out: ValueOutput, pending: (ofConsumer: boolean) => void): void {
  const { groups } = stream;
  out.length(stream.length);
  for (const which of [LAST_ID, FIRST_ID, MAX_DELETED_ID]) saveId(out, stream.readId(which, id));
  out.length64(stream.addedHi, stream.addedLo);
  out.length(groups.count);
  for (let i = 0; i < groups.count; i++) {
    groups.open(i);
    out.string(groups.nameU8, groups.nameOffset, groups.nameLength);
    saveId(out, groups.readLastId(id));
    out.length64(groups.readHi, groups.readLo);
    out.length(groups.pendingCount);
    pending(false);
    out.length(groups.consumerCount);
    for (let k = 0; k < groups.consumerCount; k++) {
      groups.openConsumer(k);
      out.string(groups.consumerU8, groups.consumerOffset, groups.consumerLength);
      saveTime(out, groups.seenHi, groups.seenLo);
      if (out.version >= VERSION_OF_7_2) saveTime(out, groups.activeHi, groups.activeLo);
      out.length(groups.consumerPendingCount);
      pending(true);
    }
  }
}

/** All in one go. */
export function saveTail(stream: StreamLog, out: ValueOutput): void {
  const { groups } = stream;
  writeTail(stream, out, (ofConsumer) => {
    groups.seekPending(id.setMin(), ofConsumer);
    while (groups.pending !== 0) {
      let at = 0;
      while (at <= batch.length - PENDING_BYTES_MAX && groups.pending !== 0) {
        at = groups.writePending(batch, at, ofConsumer);
        groups.nextPending();
      }
      out.raw(batch, 0, at);
    }
  });
}

interface Part {
  readonly kind: number;
  readonly count: number;
  readonly fill: (words: Int32Array, at: number, start: number) => void;
}

/** Notes a tail: short pieces as the bytes they will be, pending entries by the group or consumer. */
class Recorder implements ValueOutput {
  readonly version: number;
  readonly parts: Part[] = [];
  private text = Buffer.alloc(256);
  private length_ = 0;

  constructor(version: number) {
    this.version = version;
  }

  private room(more: number): void {
    if (this.length_ + more <= this.text.length) return;
    const larger = Buffer.alloc(Math.max(this.text.length * 2, this.length_ + more));
    this.text.copy(larger, 0, 0, this.length_);
    this.text = larger;
  }

  length(n: number): void {
    this.length64(Math.floor(n / 2 ** 32), n | 0);
  }

  length64(hi: number, lo: number): void {
    this.room(9);
    this.length_ = writeRdbLength(this.text, this.length_, hi, lo);
  }

  string(from: Uint8Array, off: number, length: number): void {
    this.length(length);
    this.raw(from, off, length);
  }

  raw(from: Uint8Array, off: number, length: number): void {
    this.room(length);
    this.text.set(from.subarray(off, off + length), this.length_);
    this.length_ += length;
  }

  double(): void {
    throw new Error('the end of a stream has no doubles');
  }

  list(kind: number, count: number, fill: Part['fill']): void {
    this.endText();
    this.parts.push({ kind, count, fill });
  }

  endText(): void {
    const text = Buffer.from(this.text.subarray(0, this.length_));
    this.length_ = 0;
    if (text.length > 0) this.parts.push({ kind: TEXT, count: text.length, fill: (words, at) => void Buffer.from(words.buffer, words.byteOffset + at * 4, text.length).set(text) });
  }
}

function wordsOf({ kind, count }: { kind: number; count: number }): number {
  return PART_HEAD_WORDS + (kind === TEXT ? (count + 3) >> 2 : LIST_WORDS);
}

/** Notes how the stream ends, for `saveNoted`. Answers the block. @throws ArenaFull (nothing changed) */
export function noteTail(stream: StreamLog, arena: Arena, shard: number, version: number): number {
  const { groups } = stream;
  const recorder = new Recorder(version);
  const lists: (() => void)[] = [];
  let tail = 0;
  writeTail(stream, recorder, (ofConsumer) => {
    const { group, consumer } = groups;
    const count = ofConsumer ? groups.consumerPendingCount : groups.pendingCount;
    const begin = (list: number): void => {
      groups.group = group;
      groups.consumer = consumer;
      groups.beginList(ofConsumer, tail, list);
    };
    if (count === 0) lists.push(() => begin(0));
    else recorder.list(ofConsumer ? OF_CONSUMER : OF_GROUP, count, (_, at, start) => begin(at - start));
  });
  recorder.endText();
  const end = recorder.parts.reduce((sum, part) => sum + wordsOf(part), HEAD_WORDS);
  tail = arena.alloc(shard, end * 4);
  for (const none of lists) none();
  const words = arena.i32[tail >>> SEGMENT_SHIFT]!;
  const start = (tail & SEGMENT_UNIT_MASK) << 1;
  words.fill(0, start, start + HEAD_WORDS);
  words[start + END] = end;
  words[start + AT] = HEAD_WORDS;
  let at = start + HEAD_WORDS;
  for (const part of recorder.parts) {
    words[at] = part.kind;
    words[at + 1] = part.count;
    part.fill(words, at + PART_HEAD_WORDS, start);
    at += wordsOf(part);
  }
  return tail;
}

/** Writes on at a noted tail; true when all is written. Any stream of the arena will do. */
export function saveNoted(stream: StreamLog, { arena, tail }: Deferred, out: ValueOutput, isLate: () => boolean): boolean {
  const words = arena.i32[tail >>> SEGMENT_SHIFT]!;
  const start = (tail & SEGMENT_UNIT_MASK) << 1;
  while (words[start + AT]! < words[start + END]!) {
    const at = start + words[start + AT]!;
    const kind = words[at]!;
    const count = words[at + 1]!;
    if (kind === TEXT) out.raw(arena.u8[tail >>> SEGMENT_SHIFT]!, (at + PART_HEAD_WORDS) * 4, count);
    else if (!saveList(stream, tail, words[start + AT]! + PART_HEAD_WORDS, kind === OF_CONSUMER, out, isLate)) return false;
    words[start + AT]! += wordsOf({ kind, count });
  }
  return true;
}

function saveList({ groups }: StreamLog, tail: number, list: number, ofConsumer: boolean, out: ValueOutput, isLate: () => boolean): boolean {
  for (;;) {
    const bytes = groups.writeList(tail, list, ofConsumer, batch);
    if (bytes < 0) return true;
    if (bytes > 0) out.raw(batch, 0, bytes);
    if (isLate()) return false;
  }
}
