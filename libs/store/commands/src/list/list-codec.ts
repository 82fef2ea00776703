/**
 * Lists in RDB: type 18 counts nodes, each a container form (1 one large element, 2 a listpack) and a string. Older
 * forms: type 1 counts elements and lists them.
 */
import { TYPE_LIST, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec } from '@larder/store-keyspace';
import { listOfRecord, listsOf } from './list-value';

const RDB_LIST = 1;
const RDB_LIST_QUICKLIST_2 = 18;
const PLAIN = 1;
const PACKED = 2;

export const listCodec: ValueCodec = {
  type: TYPE_LIST,
  rdbTypes: [RDB_LIST, RDB_LIST_QUICKLIST_2],
  rdbType: () => RDB_LIST_QUICKLIST_2,

  save(view, out) {
    const list = listOfRecord(view);
    out.length(list.nodes);
    list.eachNode((u8, off, size) => {
      out.length(PACKED);
      out.string(u8, off, size);
    });
  },

  restore(rdbType, input, keyspace) {
    const list = listsOf(keyspace);
    const parts = input.length();
    let isStarted = false;
    const add = (bytes: Buffer, off: number, length: number) => {
      if (isStarted) list.push(false, bytes, off, length);
      else list.start(keyspace.shard, bytes, off, length);
      isStarted = true;
    };
    try {
      for (let i = 0; i < parts; i++) {
        const container = rdbType === RDB_LIST ? PLAIN : input.length();
        if (container !== PLAIN && container !== PACKED) throw new DamagedValue('Quicklist integrity check failed');
        const { bytes, off, length } = input.string();
        if (container === PLAIN) {
          add(bytes, off, length);
          continue;
        }
        if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Listpack integrity check failed');
        if (listpack.count(bytes, off) === 0) continue;
        if (isStarted) list.appendNode(bytes, off);
        else list.startNode(keyspace.shard, bytes, off);
        isStarted = true;
      }
    } catch (error) {
      if (isStarted) list.dispose();
      throw error;
    }
    if (!isStarted) return false;
    list.createKey();
    return true;
  },
};
