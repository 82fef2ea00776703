/**
 * Strings: SET and its kin, ranges, counters. Options are read before anything is touched.
 */
import {
  TYPE_STRING,
  addLongDoubles,
  copyBytes,
  longDoubleText,
  plainSum,
  parseInt64,
  parseLongDouble,
  parseSafeInteger,
  int64ToBigInt,
  integerTextBytes,
  writeInteger,
  Int64,
} from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOT_AN_INTEGER, NOT_A_FLOAT } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_STRING } from '@larder/store-keyspace';
import { ENCODING_NOT_INT, growString, stringLimits, writeString, writeStringArg } from './string-value';

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

function get(unit: Unit): void {
  const found = unit.readTyped(1, TYPE_STRING);
  if (found === -1) return;
  if (found === 0) return unit.reply.nullBulk();
  const { view } = unit;
  unit.reply.bulk(view.u8, view.valueOffset, view.valueLength);
}

/** Options of SET and GETEX. */
interface SetOptions {
  nx: boolean;
  xx: boolean;
  get: boolean;
  keepTtl: boolean;
  persist: boolean;
  /** Argument of the time to live, or 0. */
  expiry: number;
  unitMs: boolean;
  absolute: boolean;
}

/** Reads options from argument `from`; undefined after answering an error. */
function parseOptions(unit: Unit, from: number, forGetex: boolean): SetOptions | undefined {
  const { args } = unit;
  const options: SetOptions = { nx: false, xx: false, get: false, keepTtl: false, persist: false, expiry: 0, unitMs: false, absolute: false };
  let word = '';
  for (let i = from; i < args.count; i++) {
    const hasNext = i + 1 < args.count;
    if (!forGetex && args.is(i, 'nx') && !options.xx) options.nx = true;
    else if (!forGetex && args.is(i, 'xx') && !options.nx) options.xx = true;
    else if (!forGetex && args.is(i, 'get')) options.get = true;
    else if (!forGetex && args.is(i, 'keepttl') && word === '') options.keepTtl = true;
    else if (forGetex && args.is(i, 'persist') && word === '') options.persist = true;
    else {
      // The same word may come again, and then the last one counts; two different ones may not.
      const found = EXPIRY_WORDS.find((each) => args.is(i, each));
      if (found === undefined || !hasNext || (word !== '' && word !== found) || options.keepTtl || options.persist) {
        unit.syntaxError();
        return undefined;
      }
      word = found;
      options.expiry = ++i;
    }
  }
  options.unitMs = word.startsWith('px');
  options.absolute = word.endsWith('at');
  return options;
}

const EXPIRY_WORDS = ['ex', 'px', 'exat', 'pxat'];

/** Absolute expiry in ms from argument `i`; -1 after answering an error. */
function parseExpiry(unit: Unit, i: number, unitMs: boolean, absolute: boolean, command: string): number {
  const value = unit.bigArg(i);
  if (value === undefined) return -1;
  const ms = unitMs ? value : value * 1000n;
  const at = absolute ? ms : ms + BigInt(unit.now);
  if (value <= 0n || ms > INT64_MAX || at > INT64_MAX) {
    unit.reply.error(`ERR invalid expire time in '${command}' command`);
    return -1;
  }
  return Number(at);
}

function set(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  if (args.count === 3) {
    writeStringArg(unit, unit.lookupWrite(1), 2, false);
    keyspace.changed(NOTIFY_STRING, 'set');
    return reply.ok();
  }
  const options = parseOptions(unit, 3, false);
  if (options === undefined) return;
  const expireAt = options.expiry === 0 ? -1 : parseExpiry(unit, options.expiry, options.unitMs, options.absolute, 'set');
  if (options.expiry !== 0 && expireAt < 0) return;
  const found = options.get ? unit.writeTyped(1, TYPE_STRING) : unit.lookupWrite(1);
  if (found === -1) return;
  const { view } = unit;
  if (options.get) {
    if (found === 0) reply.nullBulk();
    else reply.bulk(view.u8, view.valueOffset, view.valueLength);
  }
  if ((options.nx && found !== 0) || (options.xx && found === 0)) {
    if (!options.get) reply.nullBulk();
    return;
  }
  writeStringArg(unit, found, 2, options.keepTtl, expireAt);
  if (unit.dispatcher.journal !== null) {
    if (expireAt >= 0) unit.journalAs('SET', args.copy(1), args.copy(2), 'PXAT', momentText(expireAt));
    else if (options.get) journalWithoutGet(unit);
  }
  keyspace.changed(NOTIFY_STRING, 'set');
  if (expireAt >= 0) keyspace.listener?.keyChanged(keyspace.database, args.buf, args.off[1]!, args.len[1]!, NOTIFY_GENERIC, 'expire');
  if (!options.get) reply.ok();
}

/** A moment beyond what a double holds exactly must not grow beyond 64 bits. */
function momentText(ms: number): string {
  return BigInt(ms) > INT64_MAX ? String(INT64_MAX) : String(BigInt(ms));
}

/** What is written does not depend on what was there. */
function journalWithoutGet(unit: Unit): void {
  const { args } = unit;
  const words = ['SET', args.copy(1), args.copy(2)];
  for (let i = 3; i < args.count; i++) if (!args.is(i, 'get')) words.push(args.copy(i));
  unit.journalAs(...words);
}

/** SETEX, PSETEX. */
function setWithExpiry(unitMs: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, keyspace } = unit;
    const expireAt = parseExpiry(unit, 2, unitMs, false, unit.command.name);
    if (expireAt < 0) return;
    writeStringArg(unit, unit.lookupWrite(1), 3, false, expireAt);
    keyspace.changed(NOTIFY_STRING, 'set');
    keyspace.listener?.keyChanged(keyspace.database, args.buf, args.off[1]!, args.len[1]!, NOTIFY_GENERIC, 'expire');
    if (unit.dispatcher.journal !== null) unit.journalAs('SET', args.copy(1), args.copy(3), 'PXAT', momentText(expireAt));
    unit.reply.ok();
  };
}

function setnx(unit: Unit): void {
  const found = unit.lookupWrite(1);
  if (found !== 0) return unit.reply.integer(0);
  writeStringArg(unit, 0, 2, false);
  unit.keyspace.changed(NOTIFY_STRING, 'set');
  unit.reply.integer(1);
}

function getset(unit: Unit): void {
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  const { view, reply } = unit;
  if (found === 0) reply.nullBulk();
  else reply.bulk(view.u8, view.valueOffset, view.valueLength);
  writeStringArg(unit, found, 2, false);
  unit.keyspace.changed(NOTIFY_STRING, 'set');
  if (unit.dispatcher.journal !== null) unit.journalAs('SET', unit.args.copy(1), unit.args.copy(2));
}

function getdel(unit: Unit): void {
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  const { view, reply } = unit;
  if (found === 0) return reply.nullBulk();
  reply.bulk(view.u8, view.valueOffset, view.valueLength);
  unit.keyspace.remove();
  unit.keyspace.changed(NOTIFY_GENERIC, 'del');
  unit.journalAs('DEL', unit.args.copy(1));
}

function getex(unit: Unit): void {
  const { args, keyspace, reply, view } = unit;
  const options = parseOptions(unit, 2, true);
  if (options === undefined) return;
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  if (found === 0) return reply.nullBulk();
  // The time is read only now: of a missing key it may be anything.
  const expireAt = options.expiry === 0 ? -1 : parseExpiry(unit, options.expiry, options.unitMs, options.absolute, 'getex');
  if (options.expiry !== 0 && expireAt < 0) return;
  reply.bulk(view.u8, view.valueOffset, view.valueLength);
  if (expireAt >= 0) {
    if (options.absolute && expireAt <= unit.now && keyspace.expires) {
      keyspace.remove();
      keyspace.changed(NOTIFY_GENERIC, 'del');
      unit.journalAs('DEL', args.copy(1));
      return;
    }
    keyspace.setExpiry(expireAt);
    keyspace.changed(NOTIFY_GENERIC, 'expire');
    unit.journalAs('PEXPIREAT', args.copy(1), momentText(expireAt));
  } else if (options.persist && keyspace.persist()) {
    keyspace.changed(NOTIFY_GENERIC, 'persist');
    unit.journalAs('PERSIST', args.copy(1));
  }
}

function mget(unit: Unit): void {
  const { args, reply, view } = unit;
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    const found = unit.lookupRead(i);
    if (found === 0 || (view.word0 & 15) !== TYPE_STRING) reply.nullBulk();
    else reply.bulk(view.u8, view.valueOffset, view.valueLength);
  }
}

function mset(unit: Unit): void {
  const { args, keyspace } = unit;
  if (args.count % 2 === 0) return unit.wrongArity();
  for (let i = 1; i < args.count; i += 2) {
    writeStringArg(unit, unit.lookupWrite(i), i + 1, false);
    keyspace.changed(NOTIFY_STRING, 'set');
  }
  unit.reply.ok();
}

function msetnx(unit: Unit): void {
  const { args, keyspace } = unit;
  if (args.count % 2 === 0) return unit.wrongArity();
  for (let i = 1; i < args.count; i += 2) if (unit.lookupWrite(i) !== 0) return unit.reply.integer(0);
  for (let i = 1; i < args.count; i += 2) {
    writeStringArg(unit, unit.lookupWrite(i), i + 1, false);
    keyspace.changed(NOTIFY_STRING, 'set');
  }
  unit.reply.integer(1);
}

function append(unit: Unit): void {
  const { args, view, keyspace } = unit;
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  const length = args.len[2]!;
  if (found === 0) {
    writeStringArg(unit, 0, 2, false);
  } else {
    const before = view.valueLength;
    if (before + length > stringLimits.bytesMax) return unit.reply.error('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
    growString(keyspace, before + length);
    copyBytes(args.buf, args.off[2]!, view.u8, view.valueOffset + before, length);
  }
  keyspace.changed(NOTIFY_STRING, 'append');
  unit.reply.integer(view.valueLength);
}

function strlen(unit: Unit): void {
  const found = unit.readTyped(1, TYPE_STRING);
  if (found === -1) return;
  unit.reply.integer(found === 0 ? 0 : unit.view.valueLength);
}

function setrange(unit: Unit): void {
  const { args, view, keyspace, reply } = unit;
  const offset = unit.integerArg(2);
  if (offset !== offset) return;
  if (offset < 0) return reply.error('ERR offset is out of range');
  const length = args.len[3]!;
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  if (length === 0) return reply.integer(found === 0 ? 0 : view.valueLength);
  if (offset + length > stringLimits.bytesMax) return reply.error('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
  if (found === 0) writeString(keyspace, 0, 0, false);
  growString(keyspace, Math.max(view.valueLength, offset + length));
  copyBytes(args.buf, args.off[3]!, view.u8, view.valueOffset + offset, length);
  keyspace.changed(NOTIFY_STRING, 'setrange');
  reply.integer(view.valueLength);
}

function getrange(unit: Unit): void {
  let start = unit.integerArg(2);
  if (start !== start) return;
  let end = unit.integerArg(3);
  if (end !== end) return;
  const found = unit.readTyped(1, TYPE_STRING);
  if (found === -1) return;
  const { view, reply } = unit;
  const length = found === 0 ? 0 : view.valueLength;
  if (start < 0 && end < 0 && start > end) return reply.bulkText('');
  if (start < 0) start = Math.max(length + start, 0);
  if (end < 0) end = Math.max(length + end, 0);
  if (end >= length) end = length - 1;
  if (start > end || length === 0) return reply.bulkText('');
  reply.bulk(view.u8, view.valueOffset + start, end - start + 1);
}

const digits = Buffer.alloc(32);
const int64 = new Int64();

function addInteger(unit: Unit, delta: bigint | number): void {
  const { view, reply, keyspace } = unit;
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  if (typeof delta === 'number') {
    const n = found === 0 ? 0 : parseSafeInteger(view.u8, view.valueOffset, view.valueLength);
    const sum = n + delta;
    // 15 digits at most were read, so sums of two such numbers are exact.
    if (sum === sum) {
      writeString(keyspace, found, integerTextBytes(sum), true);
      writeInteger(sum, view.u8, view.valueOffset);
      keyspace.changed(NOTIFY_STRING, 'incrby');
      return reply.integer(sum);
    }
    delta = BigInt(delta);
  }
  if (found !== 0 && !parseInt64(view.u8, view.valueOffset, view.valueLength, int64)) return reply.error(NOT_AN_INTEGER);
  const sum = (found === 0 ? 0n : int64ToBigInt(int64.hi, int64.lo)) + delta;
  if (sum > INT64_MAX || sum < INT64_MIN) return reply.error('ERR increment or decrement would overflow');
  const text = String(sum);
  writeString(keyspace, found, text.length, true);
  digits.write(text, 0, 'latin1');
  copyBytes(digits, 0, view.u8, view.valueOffset, text.length);
  keyspace.changed(NOTIFY_STRING, 'incrby');
  reply.integerText(text);
}

function incrby(sign: 1 | -1): (unit: Unit) => void {
  return (unit) => {
    const { args } = unit;
    const n = parseSafeInteger(args.buf, args.off[2]!, args.len[2]!);
    if (n === n) return addInteger(unit, sign * n);
    const big = unit.bigArg(2);
    if (big === undefined) return;
    if (sign < 0 && big === INT64_MIN) return unit.reply.error('ERR decrement would overflow');
    addInteger(unit, sign < 0 ? -big : big);
  };
}

const ZERO = Buffer.from('0');

function incrbyfloat(unit: Unit): void {
  const { args, view, reply, keyspace } = unit;
  const found = unit.writeTyped(1, TYPE_STRING);
  if (found === -1) return;
  const from = found === 0 ? ZERO : view.u8;
  const at = found === 0 ? 0 : view.valueOffset;
  const length = found === 0 ? 1 : view.valueLength;
  let text = plainSum(from, at, length, args.buf, args.off[2]!, args.len[2]!);
  if (text === '') {
    const value = parseLongDouble(from, at, length);
    const delta = parseLongDouble(args.buf, args.off[2]!, args.len[2]!);
    if (value === undefined || delta === undefined) return reply.error(NOT_A_FLOAT);
    const sum = addLongDoubles(value, delta);
    if (sum === undefined) return reply.error('ERR increment would produce NaN or Infinity');
    text = longDoubleText(sum);
  }
  const bytes = Buffer.from(text, 'latin1');
  writeString(keyspace, found, bytes.length, true, ENCODING_NOT_INT);
  copyBytes(bytes, 0, view.u8, view.valueOffset, bytes.length);
  keyspace.changed(NOTIFY_STRING, 'incrbyfloat');
  unit.journalAs('SET', args.copy(1), bytes, 'KEEPTTL');
  reply.bulkText(text);
}

export const stringCommands: readonly CommandRow[] = [
  { name: 'get', needs: 'keys', run: get },
  { name: 'set', needs: 'keys', run: set },
  { name: 'setex', needs: 'keys', run: setWithExpiry(false) },
  { name: 'psetex', needs: 'keys', run: setWithExpiry(true) },
  { name: 'setnx', needs: 'keys', run: setnx },
  { name: 'getset', needs: 'keys', run: getset },
  { name: 'getdel', needs: 'keys', run: getdel },
  { name: 'getex', needs: 'keys', run: getex },
  { name: 'mget', needs: 'keys', run: mget },
  { name: 'mset', needs: 'keys', run: mset },
  { name: 'msetnx', needs: 'keys', run: msetnx },
  { name: 'append', needs: 'keys', run: append },
  { name: 'strlen', needs: 'keys', run: strlen },
  { name: 'setrange', needs: 'keys', run: setrange },
  { name: 'getrange', needs: 'keys', run: getrange },
  { name: 'substr', needs: 'keys', run: getrange },
  { name: 'incr', needs: 'keys', run: (unit) => addInteger(unit, 1) },
  { name: 'decr', needs: 'keys', run: (unit) => addInteger(unit, -1) },
  { name: 'incrby', needs: 'keys', run: incrby(1) },
  { name: 'decrby', needs: 'keys', run: incrby(-1) },
  { name: 'incrbyfloat', needs: 'keys', run: incrbyfloat },
];

