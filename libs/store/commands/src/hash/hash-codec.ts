/**
 * Hashes in RDB: type 16 is the listpack as it lies, type 4 counts fields and lists them with their values. Older files have
 * ziplists (13), and those of Redis 2.4 zipmaps (9).
 */
import { TYPE_HASH, elementTableOf, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec } from '@larder/store-keyspace';
import { blobBytes, blobOffset } from '../element/blob';
import { listpackOfZiplist } from '../element/ziplist';
import { readZipmap } from '../element/zipmap';
import { HASH_TABLE, hashesOf } from './hash-value';

const RDB_HASH = 4;
const RDB_HASH_ZIPMAP = 9;
const RDB_HASH_ZIPLIST = 13;
const RDB_HASH_LISTPACK = 16;

export const hashCodec: ValueCodec = {
  type: TYPE_HASH,
  rdbTypes: [RDB_HASH, RDB_HASH_ZIPMAP, RDB_HASH_ZIPLIST, RDB_HASH_LISTPACK],
  rdbType: (view) => (view.encoding === HASH_TABLE ? RDB_HASH : RDB_HASH_LISTPACK),

  save(view, out) {
    if (view.encoding === HASH_TABLE) {
      const elements = elementTableOf(view.arena);
      out.length(elements.count(view.body));
      elements.forEach(view.body, (element) => {
        out.string(element.u8, element.keyOffset, element.keyLength);
        out.string(element.u8, element.valueOffset, element.valueLength);
      });
      return;
    }
    const bytes = blobBytes(view.arena, view.body);
    const off = blobOffset(view.body);
    out.string(bytes, off, listpack.bytes(bytes, off));
  },

  restore(rdbType, input, keyspace) {
    const hashes = hashesOf(keyspace);
    if (rdbType === RDB_HASH_LISTPACK) {
      const { bytes, off, length } = input.string();
      if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Hash listpack integrity check failed');
      const entries = listpack.count(bytes, off);
      if (entries === 0) return false;
      if (entries % 2 !== 0) throw new DamagedValue('Hash listpack integrity check failed');
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
    const fields = input.length();
    if (fields === 0) return false;
    hashes.start(keyspace.shard);
    try {
      for (let i = 0; i < fields; i++) {
        const shown = input.string();
        const field = Buffer.from(shown.bytes.subarray(shown.off, shown.off + shown.length));
        const value = input.string();
        if (!hashes.set(field, 0, field.length, value.bytes, value.off, value.length)) throw new DamagedValue('Duplicate hash fields detected');
      }
    } catch (error) {
      hashes.dispose();
      throw error;
    }
    hashes.createKey();
    return true;
  },
};
