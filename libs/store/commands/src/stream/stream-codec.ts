/**
 * Streams in RDB.
 *
 *   nodes | (master id, 16 bytes | listpack) … | length | last id | [first id | greatest deleted id | entries added] | groups
 *
 * Type 15 lacks what stands in brackets, 19 has it, 21 differs in groups only. A stream with consumer groups is
 * refused: they are not built, and to drop them would lose data silently.
 */
import { FIRST_ID, LAST_ID, MAX_DELETED_ID, StreamId, TYPE_STREAM, checkStreamNode, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec, ValueInput, ValueOutput } from '@larder/store-keyspace';
import type { Streams } from './stream-value';
import { streamOfRecord, streamsOf } from './stream-value';

const RDB_STREAM_LISTPACKS = 15;
const RDB_STREAM_LISTPACKS_2 = 19;
const RDB_STREAM_LISTPACKS_3 = 21;
const ID_BYTES = 16;

const id = new StreamId();
const before = new StreamId();
const number = { hi: 0, lo: 0 };
const key = Buffer.alloc(ID_BYTES);

function saveId(out: ValueOutput, saved: StreamId): void {
  out.length64(saved.msHi, saved.msLo);
  out.length64(saved.seqHi, saved.seqLo);
}

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
  if (input.length() > 0) throw new DamagedValue('Stream consumer groups are not supported');
}

export const streamCodec: ValueCodec = {
  type: TYPE_STREAM,
  rdbTypes: [RDB_STREAM_LISTPACKS, RDB_STREAM_LISTPACKS_2, RDB_STREAM_LISTPACKS_3],
  rdbType: () => RDB_STREAM_LISTPACKS_2,

  save(view, out) {
    const stream = streamOfRecord(view);
    out.length(stream.nodes);
    stream.eachNode((master, u8, off, size) => {
      master.writeBytes(key, 0);
      out.string(key, 0, ID_BYTES);
      out.string(u8, off, size);
    });
    out.length(stream.length);
    for (const which of [LAST_ID, FIRST_ID, MAX_DELETED_ID]) saveId(out, stream.readId(which, id));
    out.length64(stream.addedHi, stream.addedLo);
    out.length(0);
  },

  restore(rdbType, input, keyspace) {
    const stream = streamsOf(keyspace);
    stream.create(keyspace.shard);
    try {
      restoreFigures(rdbType, input, stream, restoreNodes(input, stream));
    } catch (error) {
      stream.dispose();
      throw error;
    }
    stream.createKey();
    return true;
  },
};
