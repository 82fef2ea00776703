/**
 * Lists in RDB: type 18 counts nodes, each a container form (1 one large element, 2 a listpack) and a string. Older
 * forms: type 1 counts elements and lists them, type 14 counts ziplists, type 10 is a single one.
 */
import { TYPE_LIST, isListpack, listpack } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec } from '@larder/store-keyspace';
import { Slice } from '../element/slice';
import { listpackOfZiplist } from '../element/ziplist';
import { listOfRecord, listsOf, saveNode } from './list-value';

const RDB_LIST = 1;
const RDB_LIST_ZIPLIST = 10;
const RDB_LIST_QUICKLIST = 14;
const RDB_LIST_QUICKLIST_2 = 18;
const PLAIN = 1;
const PACKED = 2;

export const listCodec: ValueCodec = {
  type: TYPE_LIST,
  rdbTypes: [RDB_LIST, RDB_LIST_ZIPLIST, RDB_LIST_QUICKLIST, RDB_LIST_QUICKLIST_2],
  rdbType: () => RDB_LIST_QUICKLIST_2,

  save(view, out) {
    const list = listOfRecord(view);
    out.length(list.nodes);
    list.eachNode((u8, off) => saveNode(out, u8, off));
  },

  restore(rdbType, input, keyspace) {
    const list = listsOf(keyspace);
    const parts = rdbType === RDB_LIST_ZIPLIST ? 1 : input.length();
    let isStarted = false;
    const add = (bytes: Buffer, off: number, length: number) => {
      if (isStarted) list.push(false, bytes, off, length);
      else list.start(keyspace.shard, bytes, off, length);
      isStarted = true;
    };
    const addNode = (bytes: Buffer, off: number) => {
      if (listpack.count(bytes, off) === 0) return;
      if (isStarted) list.appendNode(bytes, off);
      else list.startNode(keyspace.shard, bytes, off);
      isStarted = true;
    };
    try {
      for (let i = 0; i < parts; i++) {
        const container = rdbType === RDB_LIST ? PLAIN : rdbType === RDB_LIST_QUICKLIST_2 ? input.length() : PACKED;
        if (container !== PLAIN && container !== PACKED) throw new DamagedValue('Quicklist integrity check failed');
        const { bytes, off, length } = input.string();
        if (container === PLAIN) {
          add(bytes, off, length);
          continue;
        }
        if (rdbType !== RDB_LIST_QUICKLIST_2) {
          const packed = listpackOfZiplist(bytes, off, length, false);
          if (packed === undefined) throw new DamagedValue('Ziplist integrity check failed');
          if (rdbType === RDB_LIST_QUICKLIST) addNode(packed, 0);
          else {
            const element = new Slice();
            for (let p = listpack.first(packed, 0); p >= 0; p = listpack.next(packed, p)) {
              element.setEntry(packed, p);
              add(element.bytes, element.off, element.length);
            }
          }
          continue;
        }
        if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Listpack integrity check failed');
        addNode(bytes, off);
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
