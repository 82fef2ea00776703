/**
 * Streams: adding, trimming, deleting, ranges. XREAD is in stream-read.ts, XINFO in stream-info.ts; consumer groups are in
 * stream-group-commands.ts, stream-claims.ts and stream-read-group.ts.
 */
import { FIRST_ID, LAST_ID, MAX_DELETED_ID, STREAM_ENTRY_BYTES_MAX, StreamId, TYPE_STREAM, parseInt64, Int64 } from '@larder/store-datatypes';
import { ArenaFull } from '@larder/store-memory';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOT_AN_INTEGER } from '@larder/store-dispatch';
import { NOTIFY_STREAM } from '@larder/store-keyspace';
import { AddOptions, idArg, intervalArg } from './stream-arguments';
import { streamClaimCommands } from './stream-claims';
import { streamGroupCommands } from './stream-group-commands';
import { streamInfoCommands } from './stream-info';
import { xread } from './stream-read';
import { xreadgroup } from './stream-read-group';
import { replyEntries, replyId } from './stream-reply';
import type { Streams } from './stream-value';
import { streamsOf } from './stream-value';

const options = new AddOptions();
const id = new StreamId();
const other = new StreamId();
const int64 = new Int64();

const EXHAUSTED = 'ERR The stream has exhausted the last possible ID, unable to add more items';
const NOT_GREATER = 'ERR The ID specified in XADD is equal or smaller than the target stream top item';

/** The stream of argument 1: null when missing, undefined after answering WRONGTYPE. */
function readStream(unit: Unit): Streams | null | undefined {
  const found = unit.readTyped(1, TYPE_STREAM);
  if (found === -1) return undefined;
  return found === 0 ? null : streamsOf(unit.keyspace).take();
}

function writeStream(unit: Unit): Streams | null | undefined {
  const found = unit.writeTyped(1, TYPE_STREAM);
  if (found === -1) return undefined;
  return found === 0 ? null : streamsOf(unit.keyspace).take();
}

function xadd(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const idAt = options.read(unit, true);
  if (idAt < 0) return;
  const fieldsAt = idAt + 1;
  if (args.count - fieldsAt < 2 || (args.count - fieldsAt) % 2 === 1) return unit.wrongArity();
  if (options.hasSequence && options.id.isMin) return reply.error('ERR The ID specified in XADD must be greater than 0-0');
  const found = unit.writeTyped(1, TYPE_STREAM);
  if (found === -1) return;
  if (found === 0 && options.noMkStream) return reply.nullBulk();
  const stream = streamsOf(keyspace);
  if (found === 0) id.setMin();
  else stream.take().readId(LAST_ID, id);
  if (id.isMax) return reply.error(EXHAUSTED);
  if (!nextId(unit, id)) return reply.error(NOT_GREATER);
  let bytes = 0;
  for (let i = fieldsAt; i < args.count; i++) bytes += args.len[i]!;
  if (bytes > STREAM_ENTRY_BYTES_MAX) return reply.error('ERR Elements are too large to be stored');
  if (found === 0) stream.create(keyspace.shard);
  try {
    stream.append(id, args.buf, args.off, args.len, fieldsAt, args.count);
  } catch (full) {
    if (found === 0) stream.dispose();
    throw full;
  } finally {
    if (found !== 0) stream.store();
  }
  if (found === 0) stream.createKey();
  replyId(reply, id);
  keyspace.changed(NOTIFY_STREAM, 'xadd');
  const trimmed = options.trimAt > 0 ? trimAfterAdding(stream) : 0;
  if (trimmed > 0) keyspace.listener?.keyChanged(keyspace.database, args.buf, args.off[1]!, args.len[1]!, NOTIFY_STREAM, 'xtrim');
  if (options.isApproximate || !options.hasSequence) journalExact(unit, stream, idAt);
}

/** Cutting a node takes memory. Without it the stream stays longer than asked: the entry is in, and the client must hear that. */
function trimAfterAdding(stream: Streams): number {
  try {
    return stream.trim(options);
  } catch (full) {
    if (full instanceof ArenaFull) return 0;
    throw full;
  }
}

/** Nothing is left: all went. */
const ID_MAX_TEXT = '18446744073709551615-18446744073709551615';

/** From the last id to the one to add, by what XADD was told; false when it would not be greater. */
function nextId(unit: Unit, last: StreamId): boolean {
  if (!options.hasMs) {
    other.set(0, 0, 0, 0).setMs(unit.now);
    const isLater = other.msHi >>> 0 > last.msHi >>> 0 || (other.msHi === last.msHi && other.msLo >>> 0 > last.msLo >>> 0);
    if (isLater) last.copy(other);
    else last.increment();
    return true;
  }
  if (!options.hasSequence && options.id.sameMs(last)) {
    if ((last.seqHi & last.seqLo) === -1) return false;
    return last.increment();
  }
  if (options.id.compare(last) <= 0) return false;
  last.copy(options.id);
  return true;
}

/** The journal repeats what was done: the id that was made, and a trim to exactly what is left. */
function journalExact(unit: Unit, stream: Streams, idAt: number): void {
  const { args, dispatcher } = unit;
  if (dispatcher.journal === null) return;
  const words: (string | Uint8Array)[] = [];
  for (let i = 0; i < args.count; i++) {
    if (i === idAt && idAt > 0) words.push(id.text());
    else if (options.isApproximate && i === options.trimAt - 1) words.push('=');
    else if (options.isApproximate && i === options.trimAt) {
      if (options.maxLength >= 0) words.push(String(stream.length));
      else words.push(stream.length === 0 ? ID_MAX_TEXT : stream.readId(FIRST_ID, other).text());
    } else if (options.limitAt === 0 || (i !== options.limitAt && i !== options.limitAt - 1)) words.push(args.copy(i));
  }
  unit.journalAs(...words);
}

function xtrim(unit: Unit): void {
  const { reply, keyspace } = unit;
  if (options.read(unit, false) < 0) return;
  const stream = writeStream(unit);
  if (stream === undefined) return;
  if (stream === null) return reply.integer(0);
  const removed = stream.trim(options);
  if (removed > 0) {
    keyspace.dirty += removed - 1;
    keyspace.changed(NOTIFY_STREAM, 'xtrim');
    if (options.isApproximate) journalExact(unit, stream, 0);
  }
  reply.integer(removed);
}

function xdel(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const stream = writeStream(unit);
  if (stream === undefined) return;
  if (stream === null) return reply.integer(0);
  for (let i = 2; i < args.count; i++) if (!idArg(unit, i, id)) return;
  let deleted = 0;
  for (let i = 2; i < args.count; i++) {
    idArg(unit, i, id);
    if (!stream.delete(id)) continue;
    deleted++;
    if (id.compare(stream.readId(MAX_DELETED_ID, other)) > 0) stream.writeId(MAX_DELETED_ID, id);
  }
  if (deleted > 0) {
    stream.renewFirstId();
    keyspace.dirty += deleted - 1;
    keyspace.changed(NOTIFY_STREAM, 'xdel');
  }
  reply.integer(deleted);
}

function xlen(unit: Unit): void {
  const stream = readStream(unit);
  if (stream !== undefined) unit.reply.integer(stream === null ? 0 : stream.length);
}

function range(isReverse: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply } = unit;
    if (!intervalArg(unit, isReverse ? 3 : 2, true, id)) return;
    if (!intervalArg(unit, isReverse ? 2 : 3, false, other)) return;
    let count = -1;
    for (let i = 4; i < args.count; i += 2) {
      if (!args.is(i, 'count') || i + 1 === args.count) return unit.syntaxError();
      count = unit.integerArg(i + 1);
      if (count !== count) return;
      count = Math.max(count, 0);
    }
    const stream = readStream(unit);
    if (stream === undefined) return;
    if (stream === null) return reply.array(0);
    if (count === 0) return reply.nullArray();
    replyEntries(reply, stream, id, other, Math.max(count, 0), isReverse);
  };
}

function xsetid(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  if (!idArg(unit, 2, id)) return;
  let hasAdded = false;
  other.setMin();
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) return unit.syntaxError();
    if (args.is(i, 'entriesadded')) {
      if (!parseInt64(args.buf, args.off[i + 1]!, args.len[i + 1]!, int64)) return reply.error(NOT_AN_INTEGER);
      if (int64.hi < 0) return reply.error('ERR entries_added must be positive');
      hasAdded = true;
    } else if (args.is(i, 'maxdeletedid')) {
      if (!idArg(unit, i + 1, other)) return;
      if (id.compare(other) < 0) return reply.error('ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id');
    } else return unit.syntaxError();
  }
  const stream = writeStream(unit);
  if (stream === undefined) return;
  if (stream === null) return reply.error('ERR no such key');
  if (stream.length > 0) {
    if (id.compare(stream.lastLiveId()) < 0) return reply.error('ERR The ID specified in XSETID is smaller than the target stream top item');
    if (hasAdded && stream.length > int64.hi * 4294967296 + (int64.lo >>> 0)) {
      return reply.error('ERR The entries_added specified in XSETID is smaller than the target stream length');
    }
  }
  stream.writeId(LAST_ID, id);
  if (hasAdded) stream.setAdded(int64.hi, int64.lo);
  if (!other.isMin) stream.writeId(MAX_DELETED_ID, other);
  reply.ok();
  keyspace.changed(NOTIFY_STREAM, 'xsetid');
}

/** Keys stand behind STREAMS, as many as ids after them. */
function streamsKeys(args: Unit['args'], out: number[]): void {
  for (let i = 1; i < args.count; i++) {
    if (!args.is(i, 'streams')) continue;
    const keys = (args.count - i - 1) >> 1;
    for (let k = 1; k <= keys; k++) out.push(i + k);
    return;
  }
}

export const streamCommands: readonly CommandRow[] = [
  { name: 'xadd', needs: 'keys', run: xadd },
  { name: 'xtrim', needs: 'keys', run: xtrim },
  { name: 'xdel', needs: 'keys', run: xdel },
  { name: 'xlen', needs: 'keys', run: xlen },
  { name: 'xrange', needs: 'keys', run: range(false) },
  { name: 'xrevrange', needs: 'keys', run: range(true) },
  { name: 'xsetid', needs: 'keys', run: xsetid },
  { name: 'xread', needs: 'keys', run: xread, findKeys: streamsKeys },
  { name: 'xreadgroup', needs: 'keys', run: xreadgroup, findKeys: streamsKeys },
  ...streamGroupCommands,
  ...streamClaimCommands,
  ...streamInfoCommands,
];
