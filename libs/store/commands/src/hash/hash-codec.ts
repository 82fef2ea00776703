/**
 * Hashes in RDB: type 16 is the listpack as it lies, type 4 counts fields and lists them with their values.
 */
import { TYPE_HASH, elementTableOf, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec } from '@larder/store-keyspace';
import { blobBytes, blobOffset } from '../element/blob';
import { HASH_TABLE, hashesOf } from './hash-value';

const RDB_HASH = 4;
const RDB_HASH_LISTPACK = 16;

export const hashCodec: ValueCodec = {
  type: TYPE_HASH,
  rdbTypes: [RDB_HASH, RDB_HASH_LISTPACK],
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
