/**
 * Sets in RDB: type 11 is the intset as it lies, type 2 counts members and lists them, type 20 (Redis 7.2) is a listpack.
 */
import { TYPE_SET, elementTableOf, intset, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec } from '@larder/store-keyspace';
import { blobBytes, blobOffset } from '../element/blob';
import { Slice } from '../element/slice';
import { SET_TABLE, SetContent, setsOf } from './set-value';

const RDB_SET = 2;
const RDB_SET_INTSET = 11;
const RDB_SET_LISTPACK = 20;

export const setCodec: ValueCodec = {
  type: TYPE_SET,
  rdbTypes: [RDB_SET, RDB_SET_INTSET, RDB_SET_LISTPACK],
  rdbType: (view) => (view.encoding === SET_TABLE ? RDB_SET : RDB_SET_INTSET),

  save(view, out) {
    if (view.encoding === SET_TABLE) {
      const elements = elementTableOf(view.arena);
      out.length(elements.count(view.body));
      elements.forEach(view.body, (element) => out.string(element.u8, element.keyOffset, element.keyLength));
      return;
    }
    const bytes = blobBytes(view.arena, view.body);
    const off = blobOffset(view.body);
    out.string(bytes, off, intset.bytes(bytes, off));
  },

  restore(rdbType, input, keyspace) {
    const sets = setsOf(keyspace);
    const content = new SetContent();
    if (rdbType === RDB_SET_INTSET) {
      const { bytes, off, length } = input.string();
      if (!intset.isIntset(bytes, off, length, input.isDeep)) throw new DamagedValue('Intset integrity check failed');
      if (intset.length(bytes, off) === 0) return false;
      sets.startFromIntset(content, keyspace.shard, bytes, off);
      sets.createKey(content);
      return true;
    }
    let members: number;
    let next: () => { bytes: Uint8Array; off: number; length: number };
    if (rdbType === RDB_SET_LISTPACK) {
      const { bytes, off, length } = input.string();
      if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Set listpack integrity check failed');
      members = listpack.count(bytes, off);
      const member = new Slice();
      let p = listpack.first(bytes, off);
      next = () => {
        member.setEntry(bytes, p);
        p = listpack.next(bytes, p);
        return member;
      };
    } else {
      members = input.length();
      next = () => input.string();
    }
    if (members === 0) return false;
    try {
      for (let i = 0; i < members; i++) {
        const { bytes, off, length } = next();
        if (i === 0) sets.start(content, keyspace.shard, bytes, off, length);
        if (!sets.add(content, bytes, off, length)) throw new DamagedValue('Duplicate set members detected');
      }
    } catch (error) {
      if (content.address !== 0) sets.dispose(content);
      throw error;
    }
    sets.createKey(content);
    return true;
  },
};
