/**
 * Sorted sets: members and their scores, random members, ZSCAN. Ranges are in zset-range.ts, pops in zset-pop.ts,
 * algebra over several sets in zset-algebra.ts.
 */
import { parseDouble, TYPE_ZSET } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOT_A_FLOAT } from '@larder/store-dispatch';
import { NOTIFY_ZSET } from '@larder/store-keyspace';
import { LEAST_ELEMENT_BYTES, Sampling, countArg } from '../element/choice';
import { ScanOptions, cursorArg, finishScan, replyEmptyScan } from '../element/scan';
import type { Slice } from '../element/slice';
import { zsetAlgebraCommands } from './zset-algebra';
import { finishRemoval, readZset, writeZset } from './zset-key';
import { zsetPopCommands } from './zset-pop';
import { zsetRangeCommands } from './zset-range';
import { replyMember, replyMembersHeader, replyPair, replyScore, replyScoreText } from './zset-reply';
import { ADDED, GT, INCR, LT, NOT_A_NUMBER, NX, REFUSED, UPDATED, XX, ZSET_LISTPACK, ZsetContent, zsetsOf } from './zset-value';

const CHANGES_COUNT = 32;
const NAN_RESULT = 'ERR resulting score is not a number (NaN)';

/** Scores of one ZADD: all are read before anything is done. */
let scores = new Float64Array(64);

function flagOf(unit: Unit, i: number): number {
  const { args } = unit;
  if (args.len[i] === 2) {
    if (args.is(i, 'nx')) return NX;
    if (args.is(i, 'xx')) return XX;
    if (args.is(i, 'gt')) return GT;
    if (args.is(i, 'lt')) return LT;
    return args.is(i, 'ch') ? CHANGES_COUNT : 0;
  }
  return args.len[i] === 4 && args.is(i, 'incr') ? INCR : 0;
}

function zadd(unit: Unit): void {
  addMembers(unit, 0);
}

/** As in Redis it is ZADD with INCR, options and all. */
function zincrby(unit: Unit): void {
  addMembers(unit, INCR);
}

function addMembers(unit: Unit, given: number): void {
  const { args, keyspace, reply } = unit;
  const { count, buf, off, len } = args;
  let flags = given;
  let at = 2;
  for (let flag; at < count && (flag = flagOf(unit, at)) !== 0; at++) flags |= flag;
  const pairs = (count - at) / 2;
  if (pairs < 1 || Math.floor(pairs) !== pairs) return unit.syntaxError();
  if ((flags & (NX | XX)) === (NX | XX)) return reply.error('ERR XX and NX options at the same time are not compatible');
  if (((flags & GT) !== 0 && (flags & (NX | LT)) !== 0) || (flags & (NX | LT)) === (NX | LT)) {
    return reply.error('ERR GT, LT, and/or NX options at the same time are not compatible');
  }
  if ((flags & INCR) !== 0 && pairs > 1) return reply.error('ERR INCR option supports a single increment-element pair');
  if (pairs > scores.length) scores = new Float64Array(pairs * 2);
  for (let i = 0; i < pairs; i++) {
    const score = parseDouble(buf, off[at + 2 * i]!, len[at + 2 * i]!);
    if (score !== score) return reply.error(NOT_A_FLOAT);
    scores[i] = score;
  }
  const found = unit.writeTyped(1, TYPE_ZSET);
  if (found === -1) return;
  const zsets = zsetsOf(keyspace);
  const { content } = zsets;
  let added = 0;
  let updated = 0;
  let outcome = REFUSED;
  if (found !== 0) {
    zsets.load(content);
    try {
      for (let i = 0, m = at + 1; i < pairs; i++, m += 2) {
        outcome = zsets.add(content, buf, off[m]!, len[m]!, scores[i]!, flags);
        if (outcome === ADDED) added++;
        else if (outcome === UPDATED) updated++;
      }
    } finally {
      if (added > 0 || updated > 0 || content.encoding !== ZSET_LISTPACK) zsets.store(content);
    }
  } else if ((flags & XX) === 0) {
    zsets.start(content, keyspace.shard);
    try {
      for (let i = 0, m = at + 1; i < pairs; i++, m += 2) {
        outcome = zsets.add(content, buf, off[m]!, len[m]!, scores[i]!, flags);
        if (outcome === ADDED) added++;
        else if (outcome === UPDATED) updated++;
      }
    } catch (full) {
      zsets.dispose(content);
      throw full;
    }
    zsets.createKey(content);
  }
  if (outcome === NOT_A_NUMBER) return reply.error(NAN_RESULT);
  if (added > 0 || updated > 0) {
    keyspace.dirty += added + updated - 1;
    keyspace.changed(NOTIFY_ZSET, (flags & INCR) !== 0 ? 'zincr' : 'zadd');
  }
  if ((flags & INCR) === 0) reply.integer((flags & CHANGES_COUNT) !== 0 ? added + updated : added);
  else if (outcome === REFUSED) reply.nullBulk();
  else replyScore(reply, zsets.score);
}

function zrem(unit: Unit): void {
  const { args, keyspace, reply } = unit;
  const content = writeZset(unit, 1);
  if (content === undefined) return;
  if (content === null) return reply.integer(0);
  const zsets = zsetsOf(keyspace);
  let removed = 0;
  let left = zsets.count(content);
  for (let i = 2; i < args.count && left > 0; i++) {
    if (!zsets.remove(content, args.buf, args.off[i]!, args.len[i]!)) continue;
    removed++;
    left--;
  }
  if (removed > 0) finishRemoval(unit, 1, content, removed, 'zrem');
  reply.integer(removed);
}

function zcard(unit: Unit): void {
  const content = readZset(unit, 1);
  if (content === undefined) return;
  unit.reply.integer(content === null ? 0 : zsetsOf(unit.keyspace).count(content));
}

function zscore(unit: Unit): void {
  const content = readZset(unit, 1);
  if (content !== undefined) replyScoreOf(unit, content, 2);
}

function replyScoreOf(unit: Unit, content: ZsetContent | null, i: number): void {
  const { args, reply } = unit;
  const zsets = zsetsOf(unit.keyspace);
  if (content !== null && zsets.find(content, args.buf, args.off[i]!, args.len[i]!)) replyScore(reply, zsets.score);
  else reply.nullBulk();
}

function zmscore(unit: Unit): void {
  const { args, reply } = unit;
  const content = readZset(unit, 1);
  if (content === undefined) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) replyScoreOf(unit, content, i);
}

function ranking(isReverse: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply } = unit;
    if (args.count > 4) return unit.wrongArity();
    const withScore = args.count === 4;
    if (withScore && !args.is(3, 'withscore')) return unit.syntaxError();
    const content = readZset(unit, 1);
    if (content === undefined) return;
    const zsets = zsetsOf(unit.keyspace);
    const rank = content === null ? -1 : zsets.rankOf(content, args.buf, args.off[2]!, args.len[2]!);
    if (rank < 0) return withScore ? reply.nullArray() : reply.nullBulk();
    if (withScore) reply.array(2);
    reply.integer(isReverse ? zsets.count(content!) - 1 - rank : rank);
    if (!withScore || !zsets.find(content!, args.buf, args.off[2]!, args.len[2]!)) return;
    replyScore(reply, zsets.score);
  };
}

function zrandmember(unit: Unit): void {
  const { args, reply } = unit;
  const hasCount = args.count > 2;
  const withScores = args.count === 4 && args.is(3, 'withscores');
  const count = hasCount ? countArg(unit, 2, withScores) : 1;
  if (count !== count) return;
  if (args.count > 4 || (args.count === 4 && !withScores)) return unit.syntaxError();
  const content = readZset(unit, 1);
  if (content === undefined) return;
  const zsets = zsetsOf(unit.keyspace);
  const random = (): number => unit.random32();
  if (!hasCount) {
    if (content === null) return reply.nullBulk();
    zsets.choose(content, random);
    return replyMember(reply, zsets.member);
  }
  if (content === null || count === 0) return reply.array(0);
  const size = zsets.count(content);
  const wanted = count < 0 ? -count : Math.min(count, size);
  if (count < 0) reply.ensure(wanted * LEAST_ELEMENT_BYTES); // too many for one reply? then now, not after minutes
  replyMembersHeader(reply, wanted, withScores);
  const show = (member: Slice, score: number): void => {
    if (withScores) replyPair(reply, member, score);
    else replyMember(reply, member);
  };
  if (count < 0 || count === 1) {
    for (let i = 0; i < wanted; i++) {
      zsets.choose(content, random);
      show(zsets.member, zsets.score);
    }
    return;
  }
  const sampling = new Sampling(size, wanted, random);
  zsets.walk(content, 0, size, false, (member, score) => {
    if (sampling.take()) show(member, score);
  });
}

const scanOptions = new ScanOptions();

function zscan(unit: Unit): void {
  const { reply } = unit;
  const cursor = cursorArg(unit, 2);
  if (cursor !== cursor) return;
  const content = readZset(unit, 1);
  if (content === undefined) return;
  if (content === null) return replyEmptyScan(unit);
  if (!scanOptions.read(unit, 3)) return;
  const start = reply.pos;
  const isListpack = content.encoding === ZSET_LISTPACK;
  let shown = 0;
  const next = zsetsOf(unit.keyspace).scan(content, cursor, scanOptions.count, (member, score) => {
    if (!scanOptions.matches(member)) return;
    replyMember(reply, member);
    replyScoreText(reply, score, isListpack);
    shown += 2;
  });
  finishScan(reply, start, next, shown);
}

export const zsetCommands: readonly CommandRow[] = [
  { name: 'zadd', needs: 'keys', run: zadd, element: 3 },
  { name: 'zincrby', needs: 'keys', run: zincrby, element: 3 },
  { name: 'zrem', needs: 'keys', run: zrem, element: 2 },
  { name: 'zcard', needs: 'keys', run: zcard },
  { name: 'zscore', needs: 'keys', run: zscore, element: 2 },
  { name: 'zmscore', needs: 'keys', run: zmscore, element: 2 },
  { name: 'zrank', needs: 'keys', run: ranking(false), element: 2 },
  { name: 'zrevrank', needs: 'keys', run: ranking(true), element: 2 },
  { name: 'zrandmember', needs: 'keys', run: zrandmember },
  { name: 'zscan', needs: 'keys', run: zscan },
  ...zsetRangeCommands,
  ...zsetPopCommands,
  ...zsetAlgebraCommands,
];
