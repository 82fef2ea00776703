/**
 * Sorted sets in RDB: type 17 is the listpack as it lies; type 5 counts members and lists them with their scores, the
 * highest first as Redis does, whose skiplist is quickest to build that way (so is our tree). Type 3, of files older than
 * Redis 4, has scores as text; type 12, of Redis up to 6.2, is a ziplist.
 */
import { TYPE_ZSET, elementTableOf, isListpack, listpack, parseDouble, scoreTreeOf } from '@larder/store-datatypes';
import { DamagedValue } from '@larder/store-keyspace';
import type { ValueCodec, ValueInput } from '@larder/store-keyspace';
import { blobBytes, blobOffset } from '../element/blob';
import { hasDuplicates } from '../element/duplicates';
import { listpackOfZiplist } from '../element/ziplist';
import { ADDED, ZSET_TREE, ZsetContent, zsetsOf } from './zset-value';

const RDB_ZSET = 3;
const RDB_ZSET_2 = 5;
const RDB_ZSET_ZIPLIST = 12;
const RDB_ZSET_LISTPACK = 17;

export const zsetCodec: ValueCodec = {
  type: TYPE_ZSET,
  rdbTypes: [RDB_ZSET, RDB_ZSET_2, RDB_ZSET_ZIPLIST, RDB_ZSET_LISTPACK],
  rdbType: (view) => (view.encoding === ZSET_TREE ? RDB_ZSET_2 : RDB_ZSET_LISTPACK),

  save(view, out) {
    if (view.encoding !== ZSET_TREE) {
      const bytes = blobBytes(view.arena, view.body);
      const off = blobOffset(view.body);
      return out.string(bytes, off, listpack.bytes(bytes, off));
    }
    const elements = elementTableOf(view.arena);
    const tree = scoreTreeOf(view.arena);
    const count = elements.count(view.body);
    out.length(count);
    for (let at = tree.seek(view.aside, count - 1); at !== 0; at = tree.backward()) {
      const element = elements.view.at(at);
      out.string(element.u8, element.keyOffset, element.keyLength);
      out.double(element.score);
    }
  },

  restore(rdbType, input, keyspace) {
    const zsets = zsetsOf(keyspace);
    const content = new ZsetContent();
    if (rdbType === RDB_ZSET_LISTPACK) {
      const { bytes, off, length } = input.string();
      if (!isListpack(bytes, off, length, input.isDeep)) throw new DamagedValue('Zset listpack integrity check failed');
      const entries = listpack.count(bytes, off);
      if (entries === 0) return false;
      if (entries % 2 !== 0 || (input.isDeep && (!hasScores(bytes, off) || hasDuplicates(bytes, off)))) throw new DamagedValue('Zset listpack integrity check failed');
      zsets.startFromListpack(content, keyspace.shard, bytes, off);
      zsets.createKey(content);
      return true;
    }
    if (rdbType === RDB_ZSET_ZIPLIST) {
      const { bytes, off, length } = input.string();
      const packed = listpackOfZiplist(bytes, off, length, true);
      if (packed === undefined || !hasScores(packed, 0)) throw new DamagedValue('Zset ziplist integrity check failed');
      if (listpack.first(packed, 0) < 0) return false;
      zsets.startFromListpack(content, keyspace.shard, packed, 0);
      zsets.createKey(content);
      return true;
    }
    const members = input.length();
    if (members === 0) return false;
    zsets.start(content, keyspace.shard);
    try {
      for (let i = 0; i < members; i++) {
        const shown = input.string();
        const member = Buffer.from(shown.bytes.subarray(shown.off, shown.off + shown.length));
        let score: number;
        if (rdbType === RDB_ZSET_2) score = input.double();
        else score = oldScore(input);
        if (score !== score) throw new DamagedValue('Zset with NAN score detected');
        if (zsets.add(content, member, 0, member.length, score, 0) !== ADDED) throw new DamagedValue('Duplicate zset fields detected');
      }
    } catch (error) {
      zsets.dispose(content);
      throw error;
    }
    zsets.createKey(content);
    return true;
  },
};

/** A score of type 3: its length in one byte and its text, or one of three bytes that say what no text says. */
function oldScore(input: ValueInput): number {
  const head = input.raw(1);
  const size = head.bytes[head.off]!;
  if (size === 255) return -Infinity;
  if (size === 254) return Infinity;
  if (size === 253) return NaN;
  const { bytes, off, length } = input.raw(size);
  return parseDouble(bytes, off, length);
}

const entry = new listpack.Entry();

/** Is every second entry a number, and are no two members alike? */
function hasScores(bytes: Uint8Array, off: number): boolean {
  const seen = new Set<string>();
  const text = Buffer.alloc(24);
  for (let p = listpack.first(bytes, off); p >= 0; ) {
    listpack.read(bytes, p, entry);
    const member = entry.isInteger
      ? text.toString('latin1', 0, listpack.writeText(bytes, entry, text, 0))
      : Buffer.from(bytes.buffer, bytes.byteOffset + entry.start, entry.length).toString('latin1');
    if (seen.has(member)) return false;
    seen.add(member);
    const s = listpack.after(bytes, p);
    listpack.read(bytes, s, entry);
    if (!entry.isInteger) {
      const score = parseDouble(bytes, entry.start, entry.length);
      if (score !== score) return false;
    }
    p = listpack.next(bytes, s);
  }
  return true;
}
