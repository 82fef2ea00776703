/**
 * Lists: pushes, pops, ranges, edits. Moves between lists and blocking pops are in list-moves.ts.
 */
import { Needle, TYPE_LIST, listpack } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_LIST } from '@larder/store-keyspace';
import { listMoveCommands } from './list-moves';
import { elementsRemoved, popMany, popOne } from './list-pop';
import { replyElement, replyRange } from './list-reply';
import type { Lists } from './list-value';
import { listsOf } from './list-value';

const needle = new Needle();
const INT64_MIN = -(2n ** 63n);
const OUT_OF_RANGE_POSITIVE = 'ERR value is out of range, must be positive';

/** The list of argument 1: null when missing, undefined after answering WRONGTYPE. */
function readList(unit: Unit): Lists | null | undefined {
  const found = unit.readTyped(1, TYPE_LIST);
  if (found === -1) return undefined;
  return found === 0 ? null : listsOf(unit.keyspace).take();
}

function writeList(unit: Unit): Lists | null | undefined {
  const found = unit.writeTyped(1, TYPE_LIST);
  if (found === -1) return undefined;
  return found === 0 ? null : listsOf(unit.keyspace).take();
}

function push(atHead: boolean, event: string, onlyExisting: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, keyspace, reply } = unit;
    const found = unit.writeTyped(1, TYPE_LIST);
    if (found === -1) return;
    if (found === 0 && onlyExisting) return reply.integer(0);
    const { buf, off, len, count } = args;
    const list = listsOf(keyspace);
    let i = 2;
    if (found === 0) list.start(keyspace.shard, buf, off[2]!, len[i++]!);
    else list.take();
    try {
      for (; i < count; i++) list.push(atHead, buf, off[i]!, len[i]!);
    } catch (full) {
      // Nothing of the command stays.
      if (found === 0) list.dispose();
      else {
        while (--i >= 2) list.removeEnd(atHead, list.end(atHead));
        list.store();
      }
      throw full;
    }
    const length = list.length;
    if (found === 0) list.createKey();
    else list.store();
    keyspace.dirty += count - 3;
    keyspace.changed(NOTIFY_LIST, event);
    reply.integer(length);
  };
}

function pop(atHead: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply } = unit;
    if (args.count > 3) return unit.wrongArity();
    let most = -1;
    if (args.count === 3) {
      most = unit.integerArg(2, OUT_OF_RANGE_POSITIVE);
      if (most !== most) return;
      if (most < 0) return reply.error(OUT_OF_RANGE_POSITIVE);
    }
    const list = writeList(unit);
    if (list === undefined) return;
    if (list === null) {
      if (most < 0) reply.nullBulk();
      else reply.nullArray();
    } else if (most === 0) reply.array(0);
    else if (most < 0) popOne(unit, list, 1, atHead);
    else popMany(unit, list, 1, atHead, most);
  };
}

function llen(unit: Unit): void {
  const list = readList(unit);
  if (list !== undefined) unit.reply.integer(list === null ? 0 : list.length);
}

function lrange(unit: Unit): void {
  const { reply } = unit;
  let start = unit.integerArg(2);
  if (start !== start) return;
  let stop = unit.integerArg(3);
  if (stop !== stop) return;
  const list = readList(unit);
  if (list === undefined) return;
  if (list === null) return reply.array(0);
  const { length } = list;
  if (start < 0) start = Math.max(start + length, 0);
  if (stop < 0) stop += length;
  if (start > stop || start >= length) return reply.array(0);
  replyRange(reply, list, start, Math.min(stop, length - 1) - start + 1);
}

function lindex(unit: Unit): void {
  const { reply } = unit;
  const list = readList(unit);
  if (list === undefined) return;
  if (list === null) return reply.nullBulk();
  const index = unit.integerArg(2);
  if (index !== index) return;
  const { length } = list;
  const at = index < 0 ? index + length : index;
  if (at < 0 || at >= length) return reply.nullBulk();
  list.seek(at);
  replyElement(reply, list.u8, list.p);
}

function lset(unit: Unit): void {
  const { reply, args, keyspace } = unit;
  const list = writeList(unit);
  if (list === undefined) return;
  if (list === null) return reply.error('ERR no such key');
  const index = unit.integerArg(2);
  if (index !== index) return;
  const { length } = list;
  const at = index < 0 ? index + length : index;
  if (at < 0 || at >= length) return reply.error('ERR index out of range');
  list.seek(at);
  try {
    list.replace(args.buf, args.off[3]!, args.len[3]!);
  } finally {
    list.store();
  }
  keyspace.changed(NOTIFY_LIST, 'lset');
  reply.ok();
}

function linsert(unit: Unit): void {
  const { reply, args, keyspace } = unit;
  const after = args.is(2, 'after');
  if (!after && !args.is(2, 'before')) return unit.syntaxError();
  const list = writeList(unit);
  if (list === undefined) return;
  if (list === null) return reply.integer(0);
  if (!list.find(needle.set(args.buf, args.off[3]!, args.len[3]!))) return reply.integer(-1);
  try {
    list.insert(after, args.buf, args.off[4]!, args.len[4]!);
  } finally {
    list.store();
  }
  keyspace.changed(NOTIFY_LIST, 'linsert');
  reply.integer(list.length);
}

function lrem(unit: Unit): void {
  const { reply, args } = unit;
  const most = unit.integerArg(2);
  if (most !== most) return;
  const list = writeList(unit);
  if (list === undefined) return;
  if (list === null) return reply.integer(0);
  needle.set(args.buf, args.off[3]!, args.len[3]!);
  let removed: number;
  try {
    removed = list.removeEqual(needle, most === 0 ? Infinity : Math.abs(most), most >= 0);
  } catch (full) {
    list.store();
    throw full;
  }
  if (removed > 0) elementsRemoved(unit, list, 1, 'lrem', removed);
  reply.integer(removed);
}

function ltrim(unit: Unit): void {
  const { reply } = unit;
  let start = unit.integerArg(2);
  if (start !== start) return;
  let stop = unit.integerArg(3);
  if (stop !== stop) return;
  const list = writeList(unit);
  if (list === undefined) return;
  if (list === null) return reply.ok();
  const { length } = list;
  if (start < 0) start = Math.max(start + length, 0);
  if (stop < 0) stop += length;
  const isNone = start > stop || start >= length;
  const before = isNone ? length : start;
  const behind = isNone ? 0 : length - 1 - Math.min(stop, length - 1);
  try {
    list.prepareCut(before);
    list.prepareCut(length - behind);
  } catch (full) {
    list.store();
    throw full;
  }
  list.removeRange(0, before);
  if (behind > 0) list.removeRange(list.length - behind, behind);
  elementsRemoved(unit, list, 1, 'ltrim', before + behind);
  reply.ok();
}

interface PositionOptions {
  rank: number;
  count: number;
  maxLen: number;
  /** The rank has no positive counterpart. */
  isLeast: boolean;
}

/** LPOS' options from argument 3 on; undefined after answering an error. `count` is −1 when absent. */
function positionOptions(unit: Unit): PositionOptions | undefined {
  const { args, reply } = unit;
  const options = { rank: 1, count: -1, maxLen: 0, isLeast: false };
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) return void unit.syntaxError();
    if (args.is(i, 'rank')) {
      const rank = unit.bigArg(i + 1);
      if (rank === undefined) return undefined;
      options.rank = Number(rank);
      options.isLeast = rank === INT64_MIN;
      if (options.rank === 0) return void reply.error(RANK_ZERO);
    } else if (args.is(i, 'count')) {
      options.count = unsignedArg(unit, i + 1, "ERR COUNT can't be negative");
      if (options.count !== options.count) return undefined;
    } else if (args.is(i, 'maxlen')) {
      options.maxLen = unsignedArg(unit, i + 1, "ERR MAXLEN can't be negative");
      if (options.maxLen !== options.maxLen) return undefined;
    } else return void unit.syntaxError();
  }
  return options;
}

const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";

function unsignedArg(unit: Unit, i: number, error: string): number {
  const n = unit.integerArg(i, error);
  if (n >= 0 || n !== n) return n;
  unit.reply.error(error);
  return NaN;
}

function lpos(unit: Unit): void {
  const { args, reply } = unit;
  const options = positionOptions(unit);
  if (options === undefined) return;
  const isMany = options.count >= 0;
  const list = readList(unit);
  if (list === undefined) return;
  if (list === null) return isMany ? reply.array(0) : reply.nullBulk();
  needle.set(args.buf, args.off[2]!, args.len[2]!);
  const start = reply.pos;
  let shown = 0;
  // Redis' own arithmetic overflows for the least integer: no match is skipped, and COUNT is without effect.
  let toSkip = options.isLeast ? 0 : Math.abs(options.rank) - 1;
  const most = options.isLeast ? 0 : options.count;
  const { length } = list;
  const isBackward = options.rank < 0;
  eachIndex(list, isBackward, options.maxLen === 0 ? length : options.maxLen, (i) => {
    if (toSkip-- > 0) return true;
    reply.integer(isBackward ? length - 1 - i : i);
    shown++;
    return isMany && shown !== most;
  });
  if (isMany) reply.insertHeader(start, 'array', shown);
  else if (shown === 0) reply.nullBulk();
}

/** Visits the distance from the head (or tail) of each of the first `most` elements that equal `needle`, while `visit` says true. */
function eachIndex(list: Lists, isBackward: boolean, most: number, visit: (i: number) => boolean): void {
  const { nodes } = list;
  let i = 0;
  for (let k = 0; k < nodes; k++) {
    list.openNode(isBackward ? nodes - 1 - k : k);
    const { u8, off } = list;
    for (let p = isBackward ? listpack.last(u8, off) : listpack.first(u8, off); p >= 0; ) {
      if (i === most || (needle.is(u8, p) && !visit(i))) return;
      i++;
      p = isBackward ? listpack.prev(u8, off, p) : listpack.next(u8, p);
    }
  }
}

export const listCommands: readonly CommandRow[] = [
  { name: 'lpush', needs: 'keys', run: push(true, 'lpush', false) },
  { name: 'rpush', needs: 'keys', run: push(false, 'rpush', false) },
  { name: 'lpushx', needs: 'keys', run: push(true, 'lpush', true) },
  { name: 'rpushx', needs: 'keys', run: push(false, 'rpush', true) },
  { name: 'lpop', needs: 'keys', run: pop(true) },
  { name: 'rpop', needs: 'keys', run: pop(false) },
  { name: 'llen', needs: 'keys', run: llen },
  { name: 'lrange', needs: 'keys', run: lrange },
  { name: 'lindex', needs: 'keys', run: lindex },
  { name: 'lset', needs: 'keys', run: lset },
  { name: 'linsert', needs: 'keys', run: linsert },
  { name: 'lrem', needs: 'keys', run: lrem },
  { name: 'ltrim', needs: 'keys', run: ltrim },
  { name: 'lpos', needs: 'keys', run: lpos },
  ...listMoveCommands,
];
