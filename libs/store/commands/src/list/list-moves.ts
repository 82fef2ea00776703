/**
 * Lists: moves from one to another, pops from the first of several, and the forms of both that wait.
 *
 * A waiting form that finds something does what its plain form does and is journalled as that; one that finds nothing
 * blocks on its keys and is run again when one of them changes.
 */
import { TYPE_LIST } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { WRONG_TYPE, keysByCount } from '@larder/store-dispatch';
import { NOTIFY_LIST } from '@larder/store-keyspace';
import { elementsRemoved, popMany, popOne } from './list-pop';
import { replyElement } from './list-reply';
import type { Lists } from './list-value';
import { listsOf } from './list-value';

/** LEFT is 'head'. Undefined after answering an error. */
function sideArg(unit: Unit, i: number): boolean | undefined {
  if (unit.args.is(i, 'left')) return true;
  if (unit.args.is(i, 'right')) return false;
  return void unit.syntaxError();
}

/** From the list of argument 1 to that of argument 2. False when there is no source; errors are answered. */
function move(unit: Unit, fromHead: boolean, toHead: boolean): boolean {
  const { keyspace, reply } = unit;
  const source = unit.writeTyped(1, TYPE_LIST);
  if (source === -1) return true;
  if (source === 0) return false;
  const list = listsOf(keyspace).take();
  const at = reply.pos;
  const p = list.end(fromHead);
  replyElement(reply, list.u8, p);
  const value = bulkIn(reply.buf, at, reply.pos);
  const length = reply.pos - 2 - value;
  const target = unit.lookupWrite(2);
  if (target !== 0 && unit.view.type !== TYPE_LIST) {
    reply.pos = at;
    reply.error(WRONG_TYPE);
    unit.answersRetry = true;
    return true;
  }
  if (target === source) rotate(list, fromHead, toHead, reply.buf, value, length);
  else pushMoved(unit, target, toHead, value, length);
  keyspace.changed(NOTIFY_LIST, toHead ? 'lpush' : 'rpush');
  keyspace.dirty--;
  unit.lookupWrite(1);
  list.take();
  if (target !== source) list.removeEnd(fromHead, list.end(fromHead));
  elementsRemoved(unit, list, 1, fromHead ? 'lpop' : 'rpop', 1);
  return true;
}

/** Source and target are one list. It loses the element first, as in Redis, so that the same node has room for it again; an only one stays. */
function rotate(list: Lists, fromHead: boolean, toHead: boolean, buf: Buffer, value: number, length: number): void {
  if (list.length === 1) return;
  list.removeEnd(fromHead, list.end(fromHead));
  try {
    list.push(toHead, buf, value, length);
  } catch (full) {
    list.push(fromHead, buf, value, length);
    throw full;
  } finally {
    list.store();
  }
}

/** Pushes the answered element to the list of argument 2, just looked up. */
function pushMoved(unit: Unit, target: number, toHead: boolean, value: number, length: number): void {
  const { keyspace, reply } = unit;
  const list = listsOf(keyspace);
  if (target === 0) {
    list.start(keyspace.shard, reply.buf, value, length);
    list.createKey();
  } else {
    list.take();
    try {
      list.push(toHead, reply.buf, value, length);
    } finally {
      list.store();
    }
  }
}

/** Where the bytes start of the bulk string that lies in buf[at, end). */
function bulkIn(buf: Buffer, at: number, end: number): number {
  while (at < end && buf[at] !== 10) at++;
  return at + 1;
}

function lmove(unit: Unit): void {
  const fromHead = sideArg(unit, 3);
  if (fromHead === undefined) return;
  const toHead = sideArg(unit, 4);
  if (toHead === undefined) return;
  if (!move(unit, fromHead, toHead)) unit.reply.nullBulk();
}

function rpoplpush(unit: Unit): void {
  if (!move(unit, false, true)) unit.reply.nullBulk();
}

function moveOrWait(unit: Unit, fromHead: boolean, toHead: boolean, timeoutAt: number): void {
  const { args } = unit;
  const timeoutMs = unit.timeoutArg(timeoutAt);
  if (timeoutMs !== timeoutMs) return;
  if (!move(unit, fromHead, toHead)) {
    unit.block([1], timeoutMs, unit.mayBlock ? 'array' : 'bulk');
    return;
  }
  if (timeoutAt === 3) unit.journalAs('RPOPLPUSH', args.copy(1), args.copy(2));
  else unit.journalAs('LMOVE', args.copy(1), args.copy(2), args.copy(3), args.copy(4));
}

function blmove(unit: Unit): void {
  const fromHead = sideArg(unit, 3);
  if (fromHead === undefined) return;
  const toHead = sideArg(unit, 4);
  if (toHead === undefined) return;
  moveOrWait(unit, fromHead, toHead, 5);
}

function brpoplpush(unit: Unit): void {
  moveOrWait(unit, false, true, 3);
}

/** Finds the first list among arguments [from, to) that exists: its argument, 0 when there is none, −1 after an error. */
function firstList(unit: Unit, from: number, to: number): number {
  for (let i = from; i < to; i++) {
    if (!unit.isReadyArg(i)) continue;
    const found = unit.writeTyped(i, TYPE_LIST);
    if (found === -1) {
      // A waiting client goes on waiting for its other keys.
      if (!unit.isRetry) return -1;
      unit.reply.pos = unit.reply.errorAt;
      unit.reply.errors = 0;
    } else if (found !== 0) return i;
  }
  return 0;
}

function replyKey(unit: Unit, i: number): void {
  const { args, reply } = unit;
  reply.array(2);
  reply.bulk(args.buf, args.off[i]!, args.len[i]!);
}

function blockingPop(atHead: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, keyspace } = unit;
    const last = args.count - 1;
    const timeoutMs = unit.timeoutArg(last);
    if (timeoutMs !== timeoutMs) return;
    const i = firstList(unit, 1, last);
    if (i < 0) return;
    if (i === 0) return unit.block(range(1, last), timeoutMs, 'array');
    replyKey(unit, i);
    popOne(unit, listsOf(keyspace).take(), i, atHead);
    unit.journalAs(atHead ? 'LPOP' : 'RPOP', args.copy(i));
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, k) => from + k);
}

/** LMPOP and BLMPOP: the number of keys stands at `at`. */
function popFromMany(at: number): (unit: Unit) => void {
  return (unit) => {
    const { args, reply, keyspace } = unit;
    const keys = atLeastOne(unit, at, 'ERR numkeys should be greater than 0');
    if (keys !== keys) return;
    const sideAt = at + keys + 1;
    if (sideAt >= args.count) return unit.syntaxError();
    const atHead = sideArg(unit, sideAt);
    if (atHead === undefined) return;
    let most = -1;
    for (let i = sideAt + 1; i < args.count; i += 2) {
      if (most >= 0 || !args.is(i, 'count') || i + 1 === args.count) return unit.syntaxError();
      most = atLeastOne(unit, i + 1, 'ERR count should be greater than 0');
      if (most !== most) return;
    }
    const timeoutMs = at === 1 ? 0 : unit.timeoutArg(1);
    if (timeoutMs !== timeoutMs) return;
    const i = firstList(unit, at + 1, sideAt);
    if (i < 0) return;
    if (i === 0) {
      if (at === 1) reply.nullArray();
      else unit.block(range(at + 1, sideAt), timeoutMs, 'array');
      return;
    }
    replyKey(unit, i);
    const popped = popMany(unit, listsOf(keyspace).take(), i, atHead, Math.max(most, 1));
    unit.journalAs(atHead ? 'LPOP' : 'RPOP', args.copy(i), String(popped));
  };
}

function atLeastOne(unit: Unit, i: number, error: string): number {
  const n = unit.integerArg(i, error);
  if (n >= 1 || n !== n) return n;
  unit.reply.error(error);
  return NaN;
}

export const listMoveCommands: readonly CommandRow[] = [
  { name: 'lmove', needs: 'keys', run: lmove },
  { name: 'rpoplpush', needs: 'keys', run: rpoplpush },
  { name: 'lmpop', needs: 'keys', run: popFromMany(1), findKeys: keysByCount(1) },
  { name: 'blpop', needs: 'keys', run: blockingPop(true) },
  { name: 'brpop', needs: 'keys', run: blockingPop(false) },
  { name: 'blmove', needs: 'keys', run: blmove },
  { name: 'brpoplpush', needs: 'keys', run: brpoplpush },
  { name: 'blmpop', needs: 'keys', run: popFromMany(2), findKeys: keysByCount(2) },
];
