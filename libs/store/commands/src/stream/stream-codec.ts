/**
 * Streams in RDB.
 *
 *   nodes | (master id, 16 bytes | listpack) … | length | last id | [first id | greatest deleted id | entries added] | groups | group …
 *
 *   group      name | last id | [entries read] | pending | (id, 16 bytes | delivered, ms, 8 bytes LE | deliveries) … | consumers | consumer …
 *   consumer   name | seen, ms, 8 bytes LE | {active, the same} | pending | (id, 16 bytes) …
 *
 * Type 15 lacks what stands in brackets, 19 has it, 21 (Redis 7.2) has what stands in braces too. Written is 19, and 21 in files of version 11. Of a damaged value
 * nothing is left behind.
 */
import { FIRST_ID, Int64, LAST_ID, MAX_DELETED_ID, StreamId, TYPE_STREAM, checkStreamNode, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec, ValueInput } from '@larder/store-keyspace';
import { placeOf } from './stream-counters';
import { ID_BYTES, TIME_BYTES, VERSION_OF_7_2, saveTail } from './stream-tail';
import type { Streams } from './stream-value';
import { RDB_STREAM_LISTPACKS_3, saveNode, streamOfRecord, streamsOf } from './stream-value';

const RDB_STREAM_LISTPACKS = 15;
const RDB_STREAM_LISTPACKS_2 = 19;

const id = new StreamId();
const before = new StreamId();
const number = new Int64();

function restoreId(input: ValueInput, into: StreamId): StreamId {
  input.length64(number);
  const { hi, lo } = number;
  input.length64(number);
  return into.set(hi, lo, number.hi, number.lo);
}

/** Reads the nodes; answers how many live entries they hold. */
function restoreNodes(input: ValueInput, stream: Streams): number {
  let entries = 0;
  for (let left = input.length(), isFirst = true; left > 0; left--, isFirst = false) {
    const shown = input.string();
    if (shown.length !== ID_BYTES) throw new DamagedValue('Stream node key entry is not the size of a stream ID');
    id.readBytes(shown.bytes, shown.off);
    if (!isFirst && id.compare(before) <= 0) throw new DamagedValue('Stream nodes out of order');
    before.copy(id);
    const { bytes, off, length } = input.string();
    if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Stream listpack integrity check failed.');
    if (listpack.headerCount(bytes, off) === 0) throw new DamagedValue('Empty listpack inside stream');
    const live = input.isDeep ? checkStreamNode(bytes, off) : 0;
    if (live < 0) throw new DamagedValue('Stream listpack integrity check failed.');
    entries += live;
    stream.appendNode(id, bytes, off);
  }
  return entries;
}

function restoreFigures(rdbType: number, input: ValueInput, stream: Streams, entries: number): void {
  const length = input.length();
  if (input.isDeep ? length !== entries : length > 0 && stream.nodes === 0) throw new DamagedValue('Stream length inconsistent with rax entries');
  stream.length = length;
  stream.writeId(LAST_ID, restoreId(input, id));
  if (rdbType === RDB_STREAM_LISTPACKS) {
    stream.renewFirstId();
    stream.setAdded(Math.floor(length / 2 ** 32) | 0, length | 0);
  } else {
    stream.writeId(FIRST_ID, restoreId(input, id));
    stream.writeId(MAX_DELETED_ID, restoreId(input, id));
    input.length64(number);
    stream.setAdded(number.hi, number.lo);
  }
}

/** Leaves milliseconds in `number`. */
function restoreTime(input: ValueInput): void {
  const { bytes, off } = input.raw(TIME_BYTES);
  number.lo = bytes.readInt32LE(off);
  number.hi = bytes.readInt32LE(off + 4);
}

/** A copy of the next string: it must survive what is read after it. */
function restoreName(input: ValueInput): Buffer {
  const { bytes, off, length } = input.string();
  return Buffer.from(bytes.subarray(off, off + length));
}

function restorePendingId(input: ValueInput): StreamId {
  const { bytes, off } = input.raw(ID_BYTES);
  return id.readBytes(bytes, off);
}

function restoreGroups(rdbType: number, input: ValueInput, stream: Streams): void {
  const { groups } = stream;
  for (let left = input.length(); left > 0; left--) {
    const name = restoreName(input);
    if (groups.find(name, 0, name.length)) throw new DamagedValue('Duplicated consumer group name');
    restoreId(input, id);
    if (rdbType !== RDB_STREAM_LISTPACKS) input.length64(number);
    else if (!placeOf(stream, id, number)) number.hi = number.lo = -1;
    groups.create(name, 0, name.length, id, number.hi, number.lo);
    groups.consumer = 0;
    for (let pending = input.length(); pending > 0; pending--) {
      restorePendingId(input);
      if (groups.findPending(id)) throw new DamagedValue('Duplicated global PEL entry loading stream consumer group');
      restoreTime(input);
      const { hi, lo } = number;
      input.length64(number);
      groups.addPending(id, hi, lo, number.hi, number.lo);
    }
    let owned = 0;
    for (let consumers = input.length(); consumers > 0; consumers--) owned += restoreConsumer(rdbType, input, stream);
    if (owned !== groups.pendingCount) throw new DamagedValue('Stream CG PEL entry without consumer');
  }
}

/** Answers how many entries are pending for it. */
function restoreConsumer(rdbType: number, input: ValueInput, { groups }: Streams): number {
  const name = restoreName(input);
  if (groups.findConsumer(name, 0, name.length)) throw new DamagedValue('Duplicate stream consumer detected.');
  restoreTime(input);
  groups.createConsumer(name, 0, name.length, number.hi, number.lo);
  // Before Redis 7.2 it was not noted apart.
  if (rdbType === RDB_STREAM_LISTPACKS_3) restoreTime(input);
  groups.setActive(number.hi, number.lo);
  const pending = input.length();
  for (let left = pending; left > 0; left--) {
    if (!groups.findPending(restorePendingId(input))) throw new DamagedValue('Consumer entry not found in group global PEL');
    if (groups.owner !== 0) throw new DamagedValue('Duplicated consumer PEL entry loading a stream consumer group');
    groups.adopt();
  }
  return pending;
}

export const streamCodec: ValueCodec = {
  type: TYPE_STREAM,
  rdbTypes: [RDB_STREAM_LISTPACKS, RDB_STREAM_LISTPACKS_2, RDB_STREAM_LISTPACKS_3],
  rdbType: (_, version) => (version >= VERSION_OF_7_2 ? RDB_STREAM_LISTPACKS_3 : RDB_STREAM_LISTPACKS_2),

  save(view, out) {
    const stream = streamOfRecord(view);
    out.length(stream.nodes);
    stream.eachNode((master, u8, off) => saveNode(out, master, u8, off));
    saveTail(stream, out);
  },

  restore(rdbType, input, keyspace) {
    const stream = streamsOf(keyspace);
    stream.create(keyspace.shard);
    try {
      restoreFigures(rdbType, input, stream, restoreNodes(input, stream));
      restoreGroups(rdbType, input, stream);
    } catch (error) {
      stream.dispose();
      throw error;
    }
    stream.createKey();
    return true;
  },
};
