/**
 * Hashes in RDB: type 16 is the listpack as it lies, type 4 counts fields and lists them with their values. Older files have
 * ziplists (13), and those of Redis 2.4 zipmaps (9). With times of fields, as from Redis 7.4 on:
 *
 *   24   least time, ms, 8 bytes LE | fields | (time − least + 1, or 0 for none | field | value) …
 *   25   least time | listpack of field, value, time (0: none); those with a time first, in its order
 */
import { RecordView, TTL, TYPE_HASH, elementTableOf, isListpack, listpack, listpackEdit, scoreTreeOf } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { Keyspace, ValueCodec, ValueInput, ValueOutput } from '@larder/store-keyspace';
import { blobBytes, blobOffset } from '../element/blob';
import { Slice } from '../element/slice';
import { hasDuplicates } from '../element/duplicates';
import { listpackOfZiplist } from '../element/ziplist';
import { readZipmap } from '../element/zipmap';
import type { Hashes } from './hash-value';
import { HASH_LISTPACK_TIMED, HASH_TABLE, RDB_HASH_LISTPACK_TIMED, RDB_HASH_TIMED, hashesOf } from './hash-value';

const RDB_HASH = 4;
const RDB_HASH_ZIPMAP = 9;
const RDB_HASH_ZIPLIST = 13;
const RDB_HASH_LISTPACK = 16;

function leastOf(view: RecordView): number {
  const tree = scoreTreeOf(view.arena);
  return new RecordView(view.arena).at(tree.seek(view.aside, 0)).expireAt;
}

const time = Buffer.alloc(8);
const entry = new listpack.Entry();
const field = new Slice();

function saveTime(out: ValueOutput, ms: number): void {
  time.writeBigInt64LE(BigInt(ms));
  out.raw(time, 0, time.length);
}

/** Milliseconds; NaN when they are no time that a field can have. */
function restoreTime(input: ValueInput): number {
  const { bytes, off } = input.raw(8);
  const ms = Number(bytes.readBigInt64LE(off));
  return ms >= 0 && ms <= Number.MAX_SAFE_INTEGER ? ms : NaN;
}

/** Fields as they lie, with their times: those that have one first, in its order. */
function inOrderOfTimes(u8: Buffer, off: number): Buffer {
  const fields: { time: number; from: number; to: number }[] = [];
  for (let p = listpack.first(u8, off); p >= 0; ) {
    const t = listpackEdit.rangeEnd(u8, p, 2);
    listpack.read(u8, t, entry);
    const ms = entry.hi * 4294967296 + (entry.lo >>> 0);
    fields.push({ time: ms === 0 ? Infinity : ms, from: p, to: listpack.after(u8, t) });
    p = listpack.next(u8, t);
  }
  fields.sort((a, b) => (a.time === b.time ? 0 : a.time - b.time));
  const parts = fields.map(({ from, to }) => u8.subarray(from, to));
  return Buffer.concat([u8.subarray(off, off + listpack.HEADER_BYTES), ...parts, Buffer.of(listpack.END)]);
}

function restoreTimedListpack(input: ValueInput, keyspace: Keyspace, hashes: Hashes): boolean {
  restoreTime(input);
  const { bytes, off, length } = input.string();
  if (!isListpack(bytes, off, length, true)) throw new DamagedValue('Hash listpack with times integrity check failed');
  const entries = listpack.count(bytes, off);
  if (entries === 0) return false;
  if (entries % 3 !== 0) throw new DamagedValue('Hash listpack with times integrity check failed');
  const fields = new Set<string>();
  for (let p = listpack.first(bytes, off); p >= 0; ) {
    const t = listpackEdit.rangeEnd(bytes, p, 2);
    field.setEntry(bytes, p);
    fields.add(field.bytes.toString('latin1', field.off, field.off + field.length));
    listpack.read(bytes, t, entry);
    if (!entry.isInteger || entry.hi < 0 || entry.hi >= 0x200000) throw new DamagedValue('Hash listpack with times integrity check failed');
    p = listpack.next(bytes, t);
  }
  if (fields.size !== entries / 3) throw new DamagedValue('Duplicate hash fields detected');
  hashes.startFromListpack(keyspace.shard, bytes, off, true);
  hashes.createKey();
  return true;
}

export const hashCodec: ValueCodec = {
  type: TYPE_HASH,
  rdbTypes: [RDB_HASH, RDB_HASH_ZIPMAP, RDB_HASH_ZIPLIST, RDB_HASH_LISTPACK, RDB_HASH_TIMED, RDB_HASH_LISTPACK_TIMED],

  rdbType(view) {
    if (view.encoding === HASH_TABLE) return view.aside === 0 ? RDB_HASH : RDB_HASH_TIMED;
    return view.encoding === HASH_LISTPACK_TIMED ? RDB_HASH_LISTPACK_TIMED : RDB_HASH_LISTPACK;
  },

  save(view, out) {
    if (view.encoding === HASH_TABLE) {
      const elements = elementTableOf(view.arena);
      const isTimed = view.aside !== 0;
      const least = isTimed ? leastOf(view) : 0;
      if (isTimed) saveTime(out, least);
      out.length(elements.count(view.body));
      elements.forEach(view.body, (element) => {
        if (isTimed) out.length((element.word1 & TTL) === 0 || element.expireAt === Infinity ? 0 : element.expireAt - least + 1);
        out.string(element.u8, element.keyOffset, element.keyLength);
        out.string(element.u8, element.valueOffset, element.valueLength);
      });
      return;
    }
    const bytes = blobBytes(view.arena, view.body);
    const off = blobOffset(view.body);
    if (view.encoding !== HASH_LISTPACK_TIMED) return out.string(bytes, off, listpack.bytes(bytes, off));
    const sorted = inOrderOfTimes(bytes, off);
    listpack.read(sorted, listpackEdit.rangeEnd(sorted, listpack.first(sorted, 0), 2), entry);
    saveTime(out, entry.hi * 4294967296 + (entry.lo >>> 0));
    out.string(sorted, 0, sorted.length);
  },

  restore(rdbType, input, keyspace) {
    const hashes = hashesOf(keyspace);
    if (rdbType === RDB_HASH_LISTPACK) {
      const { bytes, off, length } = input.string();
      if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Hash listpack integrity check failed');
      const entries = listpack.count(bytes, off);
      if (entries === 0) return false;
      if (entries % 2 !== 0 || (input.isDeep && hasDuplicates(bytes, off))) throw new DamagedValue('Hash listpack integrity check failed');
      hashes.startFromListpack(keyspace.shard, bytes, off);
      hashes.createKey();
      return true;
    }
    if (rdbType === RDB_HASH_ZIPLIST) {
      const { bytes, off, length } = input.string();
      const packed = listpackOfZiplist(bytes, off, length, true);
      if (packed === undefined) throw new DamagedValue('Hash ziplist integrity check failed');
      if (listpack.first(packed, 0) < 0) return false;
      hashes.startFromListpack(keyspace.shard, packed, 0);
      hashes.createKey();
      return true;
    }
    if (rdbType === RDB_HASH_ZIPMAP) {
      const { bytes, off, length } = input.string();
      hashes.start(keyspace.shard);
      try {
        const isWhole = readZipmap(bytes, off, length, (field, value) => hashes.set(bytes, field.off, field.length, bytes, value.off, value.length));
        if (!isWhole) throw new DamagedValue('Zipmap integrity check failed');
      } catch (error) {
        hashes.dispose();
        throw error;
      }
      hashes.createKey();
      return true;
    }
    if (rdbType === RDB_HASH_LISTPACK_TIMED) return restoreTimedListpack(input, keyspace, hashes);
    const isTimed = rdbType === RDB_HASH_TIMED;
    const least = isTimed ? restoreTime(input) : 0;
    const fields = input.length();
    if (fields === 0) return false;
    hashes.start(keyspace.shard);
    try {
      for (let i = 0; i < fields; i++) {
        const distance = isTimed ? input.length() : 0;
        const shown = input.string();
        const field = Buffer.from(shown.bytes.subarray(shown.off, shown.off + shown.length));
        const value = input.string();
        if (!hashes.set(field, 0, field.length, value.bytes, value.off, value.length)) throw new DamagedValue('Duplicate hash fields detected');
        if (distance === 0) continue;
        const at = least + distance - 1;
        if (!(at > 0 && at <= Number.MAX_SAFE_INTEGER)) throw new DamagedValue('Hash field with a time out of range');
        // It may be over already, and then nothing would find it.
        hashes.setTimeOf(field, 0, field.length, at);
      }
    } catch (error) {
      hashes.dispose();
      throw error;
    }
    hashes.createKey();
    return true;
  },
};
