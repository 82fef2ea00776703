/**
 * ZPOPMIN, ZPOPMAX, ZMPOP, and the forms that wait. All of them take from one set; they differ in how that is shown:
 *
 *   ZPOPMIN            member, score                RESP3 with a count: pairs
 *   BZPOPMIN           key, member, score
 *   ZMPOP, BZMPOP      key, [[member, score] …]     in both protocols
 */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { keysByCount } from '@larder/store-dispatch';
import { finishRemoval, writeZset } from './zset-key';
import { replyMember, replyScore } from './zset-reply';
import type { ZsetContent } from './zset-value';
import { zsetsOf } from './zset-value';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';
const NO_KEYS = 'ERR numkeys should be greater than 0';
const NO_COUNT = 'ERR count should be greater than 0';

function replyPopped(unit: Unit, content: ZsetContent, isMax: boolean, count: number, inPairs: boolean): void {
  const { reply } = unit;
  const zsets = zsetsOf(unit.keyspace);
  for (let i = 0; i < count; i++) {
    zsets.showEdge(content, isMax);
    if (inPairs) reply.array(2);
    replyMember(reply, zsets.member);
    replyScore(reply, zsets.score);
    zsets.dropEdge(content, isMax);
  }
}

function finishPop(unit: Unit, i: number, content: ZsetContent, isMax: boolean, count: number): void {
  finishRemoval(unit, i, content, count, isMax ? 'zpopmax' : 'zpopmin');
}

function popping(isMax: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply } = unit;
    if (args.count > 3) return unit.syntaxError();
    const hasCount = args.count === 3;
    let count = 1;
    if (hasCount) {
      count = unit.integerArg(2, NOT_POSITIVE);
      if (count !== count) return;
      if (count < 0) return reply.error(NOT_POSITIVE);
    }
    const content = writeZset(unit, 1);
    if (content === undefined) return;
    if (content === null || count === 0) return reply.array(0);
    const popped = Math.min(count, zsetsOf(unit.keyspace).count(content));
    const inPairs = hasCount && reply.protocol === 3;
    reply.array(inPairs ? popped : popped * 2);
    replyPopped(unit, content, isMax, popped, inPairs);
    finishPop(unit, 1, content, isMax, popped);
  };
}

/** What waits: BZPOPMIN key … timeout. */
function blockingPop(isMax: boolean): (unit: Unit) => void {
  return (unit) => {
    const { args, reply } = unit;
    const timeoutMs = unit.timeoutArg(args.count - 1);
    if (timeoutMs !== timeoutMs) return;
    for (let i = 1; i < args.count - 1; i++) {
      if (!unit.isReadyArg(i)) continue;
      const content = writeZset(unit, i);
      if (content === undefined) return;
      if (content === null) continue;
      reply.array(3);
      reply.bulk(args.buf, args.off[i]!, args.len[i]!);
      replyPopped(unit, content, isMax, 1, false);
      if (unit.dispatcher.journal !== null) unit.journalAs(isMax ? 'ZPOPMAX' : 'ZPOPMIN', args.copy(i));
      return finishPop(unit, i, content, isMax, 1);
    }
    unit.block(Array.from({ length: args.count - 2 }, (_, i) => i + 1), timeoutMs, 'array');
  };
}

/** ZMPOP numkeys key … MIN|MAX [COUNT n], and BZMPOP with its timeout in front. */
function multiPop(at: number): (unit: Unit) => void {
  const isBlocking = at === 2;
  return (unit) => {
    const { args, reply } = unit;
    const keys = unit.integerArg(at, NO_KEYS);
    if (keys !== keys) return;
    if (keys < 1) return reply.error(NO_KEYS);
    const where = at + keys + 1;
    if (where >= args.count) return unit.syntaxError();
    const isMax = args.is(where, 'max');
    if (!isMax && !args.is(where, 'min')) return unit.syntaxError();
    let count = -1;
    for (let i = where + 1; i < args.count; i += 2) {
      if (count !== -1 || i + 1 >= args.count || !args.is(i, 'count')) return unit.syntaxError();
      count = unit.integerArg(i + 1, NO_COUNT);
      if (count !== count) return;
      if (count < 1) return reply.error(NO_COUNT);
    }
    if (count === -1) count = 1;
    let timeoutMs = 0;
    if (isBlocking) {
      timeoutMs = unit.timeoutArg(1);
      if (timeoutMs !== timeoutMs) return;
    }
    for (let i = at + 1; i < where; i++) {
      if (!unit.isReadyArg(i)) continue;
      const content = writeZset(unit, i);
      if (content === undefined) return;
      if (content === null) continue;
      const popped = Math.min(count, zsetsOf(unit.keyspace).count(content));
      reply.array(2);
      reply.bulk(args.buf, args.off[i]!, args.len[i]!);
      reply.array(popped);
      replyPopped(unit, content, isMax, popped, true);
      if (unit.dispatcher.journal !== null) unit.journalAs(isMax ? 'ZPOPMAX' : 'ZPOPMIN', args.copy(i), String(popped));
      return finishPop(unit, i, content, isMax, popped);
    }
    if (isBlocking) unit.block(Array.from({ length: keys }, (_, i) => at + 1 + i), timeoutMs, 'array');
    else reply.nullArray();
  };
}

export const zsetPopCommands: readonly CommandRow[] = [
  { name: 'zpopmin', needs: 'keys', run: popping(false) },
  { name: 'zpopmax', needs: 'keys', run: popping(true) },
  { name: 'bzpopmin', needs: 'keys', run: blockingPop(false) },
  { name: 'bzpopmax', needs: 'keys', run: blockingPop(true) },
  { name: 'zmpop', needs: 'keys', run: multiPop(1), findKeys: keysByCount(1) },
  { name: 'bzmpop', needs: 'keys', run: multiPop(2), findKeys: keysByCount(2) },
];
