/**
 * Times of hash fields: HEXPIRE and its kin, and HGETEX, HSETEX, HGETDEL. Redis 7.0 has none of them; replies and errors are those that
 * Redis 7.4 and 8.0 document.
 *
 * What reaches the journal has no condition and no distance: HPEXPIREAT, HPERSIST or HDEL of the fields that it happened to.
 */
import { TYPE_HASH } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_HASH } from '@larder/store-keyspace';
import { Args } from '@larder/store-resp';
import { withoutOver } from './hash-purge';
import type { Hashes } from './hash-value';
import { NO_TIME, hashesOf } from './hash-value';

const NO_FIELD = -2;
const NOT_MET = 0;
const DONE = 1;
const DELETED = 2;
/** Times are milliseconds below 2^46, as in Redis: some year after 4000. */
const TIME_MAX = 2 ** 46 - 2;
const NEGATIVE_TIME = 'ERR invalid expire time, must be >= 0';

/** The hash of argument 1, without fields that are over: null when missing, undefined after answering WRONGTYPE. */
function hashOf(unit: Unit, isChanged: boolean): Hashes | null | undefined {
  const found = isChanged ? unit.writeTyped(1, TYPE_HASH) : unit.readTyped(1, TYPE_HASH);
  if (found === -1) return undefined;
  return found === 0 ? null : withoutOver(unit, hashesOf(unit.keyspace).load());
}

/** `FIELDS n field …` (each with a value when `width` is 2) from argument `at` to the end. Where the first is, or −1 after answering an error. */
function fieldsAt(unit: Unit, at: number, width = 1): number {
  const { args, reply } = unit;
  const fail = (error: string): -1 => {
    reply.error(error);
    return -1;
  };
  if (at + 1 >= args.count || !args.is(at, 'fields')) return fail('ERR Mandatory argument FIELDS is missing or not at the right position');
  const count = unit.integerArg(at + 1, 'ERR Parameter `numFields` should be greater than 0');
  if (count !== count) return -1;
  if (count < 1) return fail('ERR Parameter `numFields` should be greater than 0');
  if (count * width !== args.count - at - 2) return fail('ERR The `numfields` parameter must match the number of arguments');
  return at + 2;
}

/** Argument `i`, a moment or a distance from now, as a moment; NaN after answering an error. */
function momentArg(unit: Unit, i: number, isSeconds: boolean, isDistance: boolean): number {
  const { reply } = unit;
  const n = unit.integerArg(i);
  if (n !== n) return NaN;
  if (n < 0) {
    reply.error(NEGATIVE_TIME);
    return NaN;
  }
  const moment = (isSeconds ? n * 1000 : n) + (isDistance ? unit.now : 0);
  if (moment <= TIME_MAX) return moment;
  reply.error(`ERR invalid expire time in '${unit.command.name}' command`);
  return NaN;
}

/** Finds the field of argument `i`. */
function find({ args }: Unit, hashes: Hashes, i: number): boolean {
  return hashes.find(args.buf, args.off[i]!, args.len[i]!);
}

function deleteField({ args }: Unit, hashes: Hashes, i: number): void {
  hashes.delete(args.buf, args.off[i]!, args.len[i]!);
}

/** Gives the field of argument `i`, just found, a time. @throws ArenaFull (nothing changed) */
function setTime({ args }: Unit, hashes: Hashes, i: number, time: number): void {
  hashes.setTime(args.buf, args.off[i]!, args.len[i]!, time);
}

/**
 * After fields `changed` of the key last looked up got `moment` as their time, or none (NO_TIME), or were deleted (undefined): event, journal,
 * and the key goes with its last field.
 */
function settle(unit: Unit, hashes: Hashes, changed: readonly number[], moment: number | undefined): void {
  const { args, keyspace } = unit;
  hashes.store();
  if (changed.length === 0) return;
  const isGone = moment === undefined && hashes.size() === 0;
  if (isGone) keyspace.remove();
  keyspace.changed(NOTIFY_HASH, moment === undefined ? 'hdel' : moment === NO_TIME ? 'hpersist' : 'hexpire');
  if (isGone) keyspace.listener?.keyChanged(keyspace.database, args.buf, args.off[1]!, args.len[1]!, NOTIFY_GENERIC, 'del');
  const fields = changed.map((i) => args.copy(i));
  const key = args.copy(1);
  if (moment === undefined) unit.journalAs('HDEL', key, ...fields);
  else if (moment === NO_TIME) unit.journalAs('HPERSIST', key, 'FIELDS', String(fields.length), ...fields);
  else unit.journalAs('HPEXPIREAT', key, String(moment), 'FIELDS', String(fields.length), ...fields);
}

type Condition = 'nx' | 'xx' | 'gt' | 'lt';

/** May a field whose time is `before` get `moment`? One without time counts as over at no time at all. */
function isMet(condition: Condition | undefined, before: number, moment: number): boolean {
  switch (condition) {
    case 'nx': return before === NO_TIME;
    case 'xx': return before !== NO_TIME;
    case 'gt': return before !== NO_TIME && moment > before;
    case 'lt': return before === NO_TIME || moment < before;
    default: return true;
  }
}

function expire(isSeconds: boolean, isDistance: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply, now } = unit;
    const hashes = hashOf(unit, true);
    if (hashes === undefined) return;
    const moment = momentArg(unit, 2, isSeconds, isDistance);
    if (moment !== moment) return;
    const condition = (['nx', 'xx', 'gt', 'lt'] as const).find((word) => args.is(3, word));
    const first = fieldsAt(unit, condition === undefined ? 3 : 4);
    if (first < 0) return;
    reply.array(args.count - first);
    const changed: number[] = [];
    const isPast = moment <= now;
    try {
      for (let i = first; i < args.count; i++) {
        if (hashes === null || !find(unit, hashes, i)) reply.integer(NO_FIELD);
        else if (!isMet(condition, hashes.expireAt, moment)) reply.integer(NOT_MET);
        else {
          if (isPast) deleteField(unit, hashes, i);
          else setTime(unit, hashes, i, moment);
          changed.push(i);
          reply.integer(isPast ? DELETED : DONE);
        }
      }
    } finally {
      if (hashes !== null) settle(unit, hashes, changed, isPast ? undefined : moment);
    }
  };
}

function timeLeft(isSeconds: boolean, isDistance: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply, now } = unit;
    const hashes = hashOf(unit, false);
    if (hashes === undefined) return;
    const first = fieldsAt(unit, 2);
    if (first < 0) return;
    reply.array(args.count - first);
    for (let i = first; i < args.count; i++) {
      if (hashes === null || !find(unit, hashes, i)) reply.integer(NO_FIELD);
      else if (hashes.expireAt === NO_TIME) reply.integer(NO_TIME);
      else {
        const ms = hashes.expireAt - (isDistance ? now : 0);
        reply.integer(isSeconds ? Math.ceil(ms / 1000) : ms);
      }
    }
  };
}

function hpersist(unit: Unit): void {
  const { args, reply } = unit;
  const hashes = hashOf(unit, true);
  if (hashes === undefined) return;
  const first = fieldsAt(unit, 2);
  if (first < 0) return;
  reply.array(args.count - first);
  const changed: number[] = [];
  for (let i = first; i < args.count; i++) {
    if (hashes === null || !find(unit, hashes, i)) reply.integer(NO_FIELD);
    else if (hashes.expireAt === NO_TIME) reply.integer(NO_TIME);
    else {
      setTime(unit, hashes, i, NO_TIME);
      changed.push(i);
      reply.integer(DONE);
    }
  }
  if (hashes !== null) settle(unit, hashes, changed, NO_TIME);
}

interface TimeOption {
  /** NO_TIME: none was given, or the time is to go. */
  moment: number;
  persists: boolean;
  keeps: boolean;
  when: 'fnx' | 'fxx' | undefined;
  fields: number;
}

/** Options of HGETEX and HSETEX from argument 2 on, up to FIELDS; undefined after answering an error. */
function timeOptions(unit: Unit, isSet: boolean): TimeOption | undefined {
  const { args, reply } = unit;
  const options: TimeOption = { moment: NO_TIME, persists: false, keeps: false, when: undefined, fields: 0 };
  let hasTime = false;
  let i = 2;
  for (; i < args.count && !args.is(i, 'fields'); i++) {
    const word = args.text(i).toLowerCase();
    const isTime = ['ex', 'px', 'exat', 'pxat'].includes(word) && i + 1 < args.count;
    if (isSet && (word === 'fnx' || word === 'fxx')) {
      if (options.when !== undefined) return void reply.error('ERR Only one of FXX or FNX arguments can be specified');
      options.when = word;
    } else if (isTime || word === (isSet ? 'keepttl' : 'persist')) {
      if (hasTime) return void reply.error(`ERR Only one of EX, PX, EXAT, PXAT or ${isSet ? 'KEEPTTL' : 'PERSIST'} arguments can be specified`);
      hasTime = true;
      if (isTime) {
        options.moment = momentArg(unit, ++i, word.startsWith('ex'), !word.endsWith('at'));
        if (options.moment !== options.moment) return undefined;
      } else if (isSet) options.keeps = true;
      else options.persists = true;
    } else return void reply.error(`ERR unknown argument: ${args.text(i).split('\0')[0]!}`);
  }
  options.fields = fieldsAt(unit, i, isSet ? 2 : 1);
  return options.fields < 0 ? undefined : options;
}

function replyFound(unit: Unit, hashes: Hashes | null, i: number): boolean {
  const { reply } = unit;
  if (hashes === null || !find(unit, hashes, i)) {
    reply.nullBulk();
    return false;
  }
  const { value } = hashes;
  reply.bulk(value.bytes, value.off, value.length);
  return true;
}

function hgetex(unit: Unit): void {
  const { args, reply, now } = unit;
  const options = timeOptions(unit, false);
  if (options === undefined) return;
  const hashes = hashOf(unit, true);
  if (hashes === undefined) return;
  const { moment, persists, fields } = options;
  const isPast = moment !== NO_TIME && moment <= now;
  reply.array(args.count - fields);
  const changed: number[] = [];
  try {
    for (let i = fields; i < args.count; i++) {
      if (!replyFound(unit, hashes, i)) continue;
      if (isPast) deleteField(unit, hashes!, i);
      else if (moment !== NO_TIME || (persists && hashes!.expireAt !== NO_TIME)) setTime(unit, hashes!, i, moment);
      else continue;
      changed.push(i);
    }
  } finally {
    if (hashes !== null) settle(unit, hashes, changed, isPast ? undefined : moment);
  }
}

function hgetdel(unit: Unit): void {
  const { args, reply } = unit;
  const first = fieldsAt(unit, 2);
  if (first < 0) return;
  const hashes = hashOf(unit, true);
  if (hashes === undefined) return;
  reply.array(args.count - first);
  const changed: number[] = [];
  for (let i = first; i < args.count; i++) {
    if (!replyFound(unit, hashes, i)) continue;
    deleteField(unit, hashes!, i);
    changed.push(i);
  }
  if (hashes !== null) settle(unit, hashes, changed, undefined);
}

function hsetex(unit: Unit): void {
  const { args, reply, keyspace, now } = unit;
  const options = timeOptions(unit, true);
  if (options === undefined) return;
  const { fields, moment, keeps, when } = options;
  const found = hashOf(unit, true);
  if (found === undefined) return;
  for (let i = fields; i < args.count && when !== undefined; i += 2) {
    const isThere = found !== null && find(unit, found, i);
    if (isThere === (when === 'fnx')) return reply.integer(0);
  }
  const { buf, off, len, count } = args;
  const hashes = found ?? hashesOf(keyspace).start(keyspace.shard);
  const isPast = moment !== NO_TIME && moment <= now;
  let i = fields;
  let isSet = false;
  try {
    hashes.prepareFor(len, fields, count);
    for (; i < count; i += 2, isSet = false) {
      if (keeps && find(unit, hashes, i)) hashes.setFound(buf, off[i]!, len[i]!, buf, off[i + 1]!, len[i + 1]!);
      else hashes.set(buf, off[i]!, len[i]!, buf, off[i + 1]!, len[i + 1]!);
      isSet = true;
      if (moment === NO_TIME || !find(unit, hashes, i)) continue;
      if (isPast) deleteField(unit, hashes, i);
      else setTime(unit, hashes, i, moment);
    }
  } catch (full) {
    if (found === null) hashes.dispose();
    else {
      hashes.store();
      journalPart(unit, i, isSet, moment, options);
    }
    throw full;
  }
  const isEmpty = hashes.size() === 0;
  if (found !== null) hashes.store();
  else if (isEmpty) hashes.dispose();
  else hashes.createKey();
  if (found !== null && isEmpty) keyspace.remove();
  reply.integer(1);
  if (found === null && isEmpty) return;
  keyspace.dirty += (count - fields) / 2 - 1;
  keyspace.changed(NOTIFY_HASH, 'hset');
  if (moment !== NO_TIME) keyspace.listener?.keyChanged(keyspace.database, buf, off[1]!, len[1]!, NOTIFY_HASH, isPast ? 'hdel' : 'hexpire');
  if (isEmpty) keyspace.listener?.keyChanged(keyspace.database, buf, off[1]!, len[1]!, NOTIFY_GENERIC, 'del');
  unit.journalAs(...asJournalled(unit, options, count, isPast));
}

/** HSETEX of the pairs before argument `end`, with a moment instead of a distance. */
function asJournalled({ args }: Unit, { moment, keeps, fields }: TimeOption, end: number, isPast: boolean): (string | Uint8Array)[] {
  const pairs = Array.from({ length: end - fields }, (_, i) => args.copy(fields + i));
  if (isPast) return ['HDEL', args.copy(1), ...pairs.filter((_, i) => i % 2 === 0)];
  const time = moment !== NO_TIME ? ['PXAT', String(moment)] : keeps ? ['KEEPTTL'] : [];
  return ['HSETEX', args.copy(1), ...time, 'FIELDS', String(pairs.length / 2), ...pairs];
}

/** HSETEX ran out of memory at the pair of argument `end`, which got its value (`isSet`) but not its time: what was done stays and is journalled. */
function journalPart(unit: Unit, end: number, isSet: boolean, moment: number, options: TimeOption): void {
  const { args, keyspace } = unit;
  if (end === options.fields && !isSet) return;
  keyspace.changed(NOTIFY_HASH, 'hset');
  const isPast = moment !== NO_TIME && moment <= unit.now;
  const whole = end > options.fields ? asJournalled(unit, options, end, isPast) : [];
  const last = isSet ? ['HSET', args.copy(1), args.copy(end), args.copy(end + 1)] : [];
  if (whole.length > 0 && last.length > 0) unit.dispatcher.journal?.append(keyspace.database, new Args().set(whole));
  unit.journalAs(...(last.length > 0 ? last : whole));
}

const WRITES = 'write fast~1 1 1~@write @hash @fast~~RW update:index 1:range 0 1 0:';
const SETS = 'write denyoom fast~1 1 1~@write @hash @fast~~RW update:index 1:range 0 1 0:';
const READS = 'readonly fast~1 1 1~@read @hash @fast~~RO access:index 1:range 0 1 0:';

export const hashTimeCommands: readonly CommandRow[] = [
  { name: 'hexpire', needs: 'keys', run: expire(true, true), facts: `-6~${SETS}` },
  { name: 'hpexpire', needs: 'keys', run: expire(false, true), facts: `-6~${SETS}` },
  { name: 'hexpireat', needs: 'keys', run: expire(true, false), facts: `-6~${SETS}` },
  { name: 'hpexpireat', needs: 'keys', run: expire(false, false), facts: `-6~${SETS}` },
  { name: 'httl', needs: 'keys', run: timeLeft(true, true), facts: `-5~${READS}` },
  { name: 'hpttl', needs: 'keys', run: timeLeft(false, true), facts: `-5~${READS}` },
  { name: 'hexpiretime', needs: 'keys', run: timeLeft(true, false), facts: `-5~${READS}` },
  { name: 'hpexpiretime', needs: 'keys', run: timeLeft(false, false), facts: `-5~${READS}` },
  { name: 'hpersist', needs: 'keys', run: hpersist, facts: `-5~${WRITES}` },
  { name: 'hgetex', needs: 'keys', run: hgetex, facts: `-5~${WRITES}` },
  { name: 'hsetex', needs: 'keys', run: hsetex, facts: `-6~${SETS}` },
  { name: 'hgetdel', needs: 'keys', run: hgetdel, facts: `-5~${WRITES}` },
];
