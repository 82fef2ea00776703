/**
 * Hashes: HSET and its kin, counters, whole and random reads, HSCAN.
 */
import {
  Int64,
  TYPE_HASH,
  addInt64,
  addLongDoubles,
  int64ToNumber,
  isSafeInt64,
  longDoubleText,
  isShortDecimal,
  plainSum,
  parseInt64,
  parseLongDouble,
  writeInt64,
} from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOT_A_FLOAT, NOT_AN_INTEGER } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_HASH } from '@larder/store-keyspace';
import { LEAST_ELEMENT_BYTES, Sampling, countArg } from '../element/choice';
import { journalPart } from '../element/partial';
import { ScanOptions, cursorArg, finishScan, replyEmptyScan } from '../element/scan';
import type { Slice } from '../element/slice';
import { withoutOver } from './hash-purge';
import { hashTimeCommands } from './hash-time-commands';
import type { Hashes } from './hash-value';
import { hashesOf } from './hash-value';

/** The hash of argument 1 for reading: null when missing, undefined after answering WRONGTYPE. */
function readHash(unit: Unit): Hashes | null | undefined {
  const found = unit.readTyped(1, TYPE_HASH);
  if (found === -1) return undefined;
  return found === 0 ? null : withoutOver(unit, hashesOf(unit.keyspace).load());
}

function writeHash(unit: Unit): Hashes | null | undefined {
  const found = unit.writeTyped(1, TYPE_HASH);
  if (found === -1) return undefined;
  return found === 0 ? null : withoutOver(unit, hashesOf(unit.keyspace).load());
}

/** HSET and HMSET. */
function setFields(unit: Unit): number {
  const { args, keyspace } = unit;
  if (args.count % 2 === 1) {
    unit.wrongArity();
    return -1;
  }
  const found = unit.writeTyped(1, TYPE_HASH);
  if (found === -1) return -1;
  const hashes = hashesOf(keyspace);
  const { buf, off, len, count } = args;
  let created = 0;
  if (found === 0 || withoutOver(unit, hashes.load()) === null) {
    hashes.start(keyspace.shard);
    try {
      hashes.prepareFor(len, 2, count);
      for (let i = 2; i < count; i += 2) if (hashes.set(buf, off[i]!, len[i]!, buf, off[i + 1]!, len[i + 1]!)) created++;
    } catch (full) {
      hashes.dispose();
      throw full;
    }
    hashes.createKey();
  } else {
    let i = 2;
    try {
      hashes.prepareFor(len, 2, count);
      for (; i < count; i += 2) if (hashes.set(buf, off[i]!, len[i]!, buf, off[i + 1]!, len[i + 1]!)) created++;
    } catch (full) {
      hashes.store();
      if (i > 2) {
        keyspace.changed(NOTIFY_HASH, 'hset');
        journalPart(unit, i);
      }
      throw full;
    }
    hashes.store();
  }
  keyspace.dirty += (count - 4) >> 1;
  keyspace.changed(NOTIFY_HASH, 'hset');
  return created;
}

function hset(unit: Unit): void {
  const created = setFields(unit);
  if (created >= 0) unit.reply.integer(created);
}

function hmset(unit: Unit): void {
  if (setFields(unit) >= 0) unit.reply.ok();
}

/** Sets the field of argument 2 in the hash of argument 1, just looked up (null when missing); `found` when `find` just found that field. */
function setOne(unit: Unit, hashes: Hashes | null, found: boolean, value: Uint8Array, valueOff: number, valueLength: number): void {
  const { args, keyspace } = unit;
  const content = hashes ?? hashesOf(keyspace).start(keyspace.shard);
  try {
    if (found) content.setFound(args.buf, args.off[2]!, args.len[2]!, value, valueOff, valueLength);
    else content.set(args.buf, args.off[2]!, args.len[2]!, value, valueOff, valueLength);
  } catch (full) {
    if (hashes === null) content.dispose();
    else content.store();
    throw full;
  }
  if (hashes === null) content.createKey();
  else content.store();
}

function hsetnx(unit: Unit): void {
  const { args, reply } = unit;
  const hashes = writeHash(unit);
  if (hashes === undefined) return;
  if (hashes !== null && hashes.find(args.buf, args.off[2]!, args.len[2]!)) return reply.integer(0);
  setOne(unit, hashes, false, args.buf, args.off[3]!, args.len[3]!);
  unit.keyspace.changed(NOTIFY_HASH, 'hset');
  reply.integer(1);
}

function replyValue(unit: Unit, hashes: Hashes, i: number): void {
  const { args, reply } = unit;
  if (!hashes.find(args.buf, args.off[i]!, args.len[i]!)) return reply.nullBulk();
  const { value } = hashes;
  reply.bulk(value.bytes, value.off, value.length);
}

function hget(unit: Unit): void {
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  if (hashes === null) unit.reply.nullBulk();
  else replyValue(unit, hashes, 2);
}

function hmget(unit: Unit): void {
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.array(unit.args.count - 2);
  for (let i = 2; i < unit.args.count; i++) {
    if (hashes === null) unit.reply.nullBulk();
    else replyValue(unit, hashes, i);
  }
}

function replySlice(unit: Unit, slice: Slice): void {
  unit.reply.bulk(slice.bytes, slice.off, slice.length);
}

function hgetall(unit: Unit): void {
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.map(hashes === null ? 0 : hashes.count());
  hashes?.each((field, value) => {
    replySlice(unit, field);
    replySlice(unit, value);
  });
}

function hkeys(unit: Unit): void {
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.array(hashes === null ? 0 : hashes.count());
  hashes?.each((field) => replySlice(unit, field));
}

function hvals(unit: Unit): void {
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.array(hashes === null ? 0 : hashes.count());
  hashes?.each((_, value) => replySlice(unit, value));
}

function hlen(unit: Unit): void {
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.integer(hashes === null ? 0 : hashes.count());
}

function hexists(unit: Unit): void {
  const { args } = unit;
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.integer(hashes !== null && hashes.find(args.buf, args.off[2]!, args.len[2]!) ? 1 : 0);
}

function hstrlen(unit: Unit): void {
  const { args } = unit;
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  unit.reply.integer(hashes !== null && hashes.find(args.buf, args.off[2]!, args.len[2]!) ? hashes.value.length : 0);
}

function hdel(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  const hashes = writeHash(unit);
  if (hashes === undefined) return;
  if (hashes === null) return reply.integer(0);
  let deleted = 0;
  for (let i = 2; i < args.count; i++) if (hashes.delete(args.buf, args.off[i]!, args.len[i]!)) deleted++;
  hashes.store();
  const isGone = hashes.size() === 0;
  if (isGone) keyspace.remove();
  if (deleted > 0 || isGone) {
    keyspace.dirty += Math.max(deleted, 1) - 1;
    keyspace.changed(NOTIFY_HASH, 'hdel');
    if (isGone) keyspace.listener?.keyChanged(keyspace.database, args.buf, args.off[1]!, args.len[1]!, NOTIFY_GENERIC, 'del');
  }
  reply.integer(deleted);
}

const digits = Buffer.alloc(24);
const increment = new Int64();
const current = new Int64();

function hincrby(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  if (!parseInt64(args.buf, args.off[3]!, args.len[3]!, increment)) return reply.error(NOT_AN_INTEGER);
  const hashes = writeHash(unit);
  if (hashes === undefined) return;
  current.hi = 0;
  current.lo = 0;
  const found = hashes !== null && hashes.find(args.buf, args.off[2]!, args.len[2]!);
  if (found) {
    const { value } = hashes;
    if (!parseInt64(value.bytes, value.off, value.length, current)) return reply.error('ERR hash value is not an integer');
  }
  if (!addInt64(current.hi, current.lo, increment.hi, increment.lo, current)) return reply.error('ERR increment or decrement would overflow');
  const length = writeInt64(current.hi, current.lo, digits, 0);
  setOne(unit, hashes, found, digits, 0, length);
  keyspace.changed(NOTIFY_HASH, 'hincrby');
  if (isSafeInt64(current.hi)) reply.integer(int64ToNumber(current.hi, current.lo));
  else reply.integerText(digits.toString('latin1', 0, length));
}

const ZERO = Buffer.from('0');

function hincrbyfloat(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const delta = isShortDecimal(args.buf, args.off[3]!, args.len[3]!) ? null : parseLongDouble(args.buf, args.off[3]!, args.len[3]!);
  if (delta === undefined) return reply.error(NOT_A_FLOAT);
  if (delta !== null && delta.infinite) return reply.error('ERR value is NaN or Infinity');
  const hashes = writeHash(unit);
  if (hashes === undefined) return;
  const found = hashes !== null && hashes.find(args.buf, args.off[2]!, args.len[2]!);
  let sumText = found
    ? plainSum(hashes.value.bytes, hashes.value.off, hashes.value.length, args.buf, args.off[3]!, args.len[3]!)
    : plainSum(ZERO, 0, 1, args.buf, args.off[3]!, args.len[3]!);
  if (sumText === '') {
    const before = found ? parseLongDouble(hashes.value.bytes, hashes.value.off, hashes.value.length) : parseLongDouble(ZERO, 0, 1);
    if (before === undefined) return reply.error('ERR hash value is not a float');
    const sum = addLongDoubles(before, delta ?? parseLongDouble(args.buf, args.off[3]!, args.len[3]!)!);
    if (sum === undefined) return reply.error('ERR increment would produce NaN or Infinity');
    sumText = longDoubleText(sum);
  }
  const text = Buffer.from(sumText, 'latin1');
  setOne(unit, hashes, found, text, 0, text.length);
  keyspace.changed(NOTIFY_HASH, 'hincrbyfloat');
  unit.journalAs('HSET', args.copy(1), args.copy(2), text);
  reply.bulk(text, 0, text.length);
}

const scanOptions = new ScanOptions();

function hscan(unit: Unit): void {
  const { reply } = unit;
  const cursor = cursorArg(unit, 2);
  if (cursor !== cursor) return;
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  if (hashes === null) return replyEmptyScan(unit);
  if (!scanOptions.read(unit, 3)) return;
  const start = reply.pos;
  let shown = 0;
  const next = hashes.scan(cursor, scanOptions.count, (field, value) => {
    if (!scanOptions.matches(field)) return;
    replySlice(unit, field);
    replySlice(unit, value);
    shown += 2;
  });
  finishScan(reply, start, next, shown);
}

function hrandfield(unit: Unit): void {
  const { args, reply } = unit;
  if (args.count === 2) {
    const hashes = readHash(unit);
    if (hashes === undefined) return;
    if (hashes === null || hashes.count() === 0) return reply.nullBulk();
    hashes.choose(() => unit.random32());
    return replySlice(unit, hashes.field);
  }
  const pairs = args.count === 4 && args.is(3, 'withvalues');
  const ranged = countArg(unit, 2, false);
  if (ranged !== ranged) return;
  if (args.count > 4 || (args.count === 4 && !pairs)) return unit.syntaxError();
  const count = pairs ? countArg(unit, 2, true) : ranged;
  if (count !== count) return;
  const hashes = readHash(unit);
  if (hashes === undefined) return;
  if (hashes === null || count === 0 || hashes.count() === 0) return reply.array(0);
  replyRandom(unit, hashes, count, pairs);
}

function replyRandom(unit: Unit, hashes: Hashes, count: number, pairs: boolean): void {
  const { reply } = unit;
  const { field, value } = hashes;
  const random = () => unit.random32();
  const size = hashes.count();
  const wanted = count < 0 ? -count : Math.min(count, size);
  if (count < 0) reply.ensure(wanted * LEAST_ELEMENT_BYTES); // too many for one reply? then now, not after minutes
  reply.array(pairs && reply.protocol === 2 ? wanted * 2 : wanted);
  const show = () => {
    if (pairs && reply.protocol === 3) reply.array(2);
    replySlice(unit, field);
    if (pairs) replySlice(unit, value);
  };
  if (count < 0 || count === 1) {
    for (let i = 0; i < wanted; i++) {
      hashes.choose(random);
      show();
    }
    return;
  }
  const sampling = new Sampling(size, wanted, random);
  hashes.each(() => {
    if (sampling.take()) show();
  });
}

export const hashCommands: readonly CommandRow[] = [
  { name: 'hset', needs: 'keys', run: hset, element: 2 },
  { name: 'hmset', needs: 'keys', run: hmset, element: 2 },
  { name: 'hsetnx', needs: 'keys', run: hsetnx, element: 2 },
  { name: 'hget', needs: 'keys', run: hget, element: 2 },
  { name: 'hmget', needs: 'keys', run: hmget, element: 2 },
  { name: 'hgetall', needs: 'keys', run: hgetall },
  { name: 'hkeys', needs: 'keys', run: hkeys },
  { name: 'hvals', needs: 'keys', run: hvals },
  { name: 'hlen', needs: 'keys', run: hlen },
  { name: 'hexists', needs: 'keys', run: hexists, element: 2 },
  { name: 'hstrlen', needs: 'keys', run: hstrlen, element: 2 },
  { name: 'hdel', needs: 'keys', run: hdel, element: 2 },
  { name: 'hincrby', needs: 'keys', run: hincrby, element: 2 },
  { name: 'hincrbyfloat', needs: 'keys', run: hincrbyfloat, element: 2 },
  { name: 'hscan', needs: 'keys', run: hscan },
  { name: 'hrandfield', needs: 'keys', run: hrandfield },
  ...hashTimeCommands,
];
