/**
 * Ranges of a sorted set. Whatever a range is written in (ranks, scores, members), it is turned into ranks
 * first: from … to − 1. Counting is then a subtraction, LIMIT an addition, and showing or removing the same for all.
 *
 *   rank    0 -1              from the front, negative from the back
 *   score   (1 5, -inf +inf   "(" excludes
 *   member  [a (b, - +        when all scores are equal
 */
import { compareBytes, listpack, parseDoubleLoosely } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { blobBytes, blobOffset } from '../element/blob';
import { Slice } from '../element/slice';
import type { Scored } from './zset-key';
import { finishRemoval, readZset, storeOneByOne, writeZset } from './zset-key';
import { replyMember, replyMembersHeader, replyPair } from './zset-reply';
import type { ZsetContent, Zsets } from './zset-value';
import { ZSET_LISTPACK, zsetsOf } from './zset-value';

type By = 'rank' | 'score' | 'member';

const NOT_A_SCORE = 'ERR min or max is not a float';
const NOT_A_MEMBER = 'ERR min or max not valid string range item';
const MINUS = 0x2d;
const PLUS = 0x2b;
const OPEN = 0x28;
const CLOSED = 0x5b;

/** One end of a range as it was written. */
class Bound {
  /** Rank or score. */
  value = 0;
  excludes = false;
  /** Of a member range: MINUS and PLUS are the ends of all. */
  kind = CLOSED;
  bytes: Buffer = Buffer.alloc(0);
  off = 0;
  length = 0;

  /** Reads argument `i`; false after answering an error. */
  read(unit: Unit, i: number, by: By): boolean {
    const { args, reply } = unit;
    const { buf } = args;
    let off = args.off[i]!;
    let length = args.len[i]!;
    if (by === 'rank') {
      this.value = unit.integerArg(i);
      return this.value === this.value;
    }
    const head = length === 0 ? 0 : buf[off]!;
    if (by === 'score') {
      this.excludes = head === OPEN;
      if (this.excludes) {
        off++;
        length--;
      }
      this.value = parseDoubleLoosely(buf, off, length);
      if (this.value === this.value) return true;
      reply.error(NOT_A_SCORE);
      return false;
    }
    this.kind = head;
    this.excludes = head === OPEN;
    this.bytes = buf;
    this.off = off + 1;
    this.length = length - 1;
    if (head === OPEN || head === CLOSED || ((head === MINUS || head === PLUS) && length === 1)) return true;
    reply.error(NOT_A_MEMBER);
    return false;
  }

  /** The order of two ends of member ranges. */
  compare(other: Bound): number {
    const a = this.kind === MINUS ? -1 : this.kind === PLUS ? 1 : 0;
    const b = other.kind === MINUS ? -1 : other.kind === PLUS ? 1 : 0;
    return a !== 0 || b !== 0 ? a - b : compareBytes(this.bytes, this.off, this.length, other.bytes, other.off, other.length);
  }

  /** Does a member lie at or behind this lower end? */
  admitsAbove(member: Slice): boolean {
    if (this.kind === MINUS || this.kind === PLUS) return this.kind === MINUS;
    const order = compareBytes(member.bytes, member.off, member.length, this.bytes, this.off, this.length);
    return order > 0 || (order === 0 && !this.excludes);
  }

  admitsBelow(member: Slice): boolean {
    if (this.kind === MINUS || this.kind === PLUS) return this.kind === PLUS;
    const order = compareBytes(member.bytes, member.off, member.length, this.bytes, this.off, this.length);
    return order < 0 || (order === 0 && !this.excludes);
  }
}

class Range {
  private readonly min = new Bound();
  private readonly max = new Bound();
  by: By = 'rank';
  from = 0;
  to = 0;

  read(unit: Unit, minArg: number, maxArg: number, by: By): boolean {
    this.by = by;
    return this.min.read(unit, minArg, by) && this.max.read(unit, maxArg, by);
  }

  /** Finds `from` and `to` in a set, narrowed by LIMIT; with `isReverse` ranks and LIMIT count from the back. */
  resolve(zsets: Zsets, content: ZsetContent, isReverse: boolean, offset = 0, limit = -1): void {
    const { min, max } = this;
    if (this.by === 'rank') return this.resolveRanks(zsets.count(content), isReverse);
    if (offset < 0) return this.nothing();
    if (this.by === 'score') {
      if (min.value > max.value) return this.nothing();
      this.from = zsets.rankOfScore(content, min.value, min.excludes);
      this.to = zsets.rankOfScore(content, max.value, !max.excludes);
    } else {
      const order = min.compare(max);
      if (order > 0 || (order === 0 && (min.excludes || max.excludes))) return this.nothing();
      if (content.encoding === ZSET_LISTPACK) {
        this.resolveInListpack(zsets, content, isReverse, offset);
        offset = 0;
      } else {
        this.from = this.rankOfBound(zsets, content, min, min.excludes);
        this.to = this.rankOfBound(zsets, content, max, !max.excludes);
      }
    }
    if (this.to < this.from) return this.nothing();
    this.narrow(isReverse, offset, limit);
  }

  /** A negative limit leaves everything. */
  private narrow(isReverse: boolean, offset: number, limit: number): void {
    if (isReverse) {
      this.to = Math.max(this.to - offset, this.from);
      if (limit >= 0) this.from = Math.max(this.from, this.to - limit);
    } else {
      this.from = Math.min(this.from + offset, this.to);
      if (limit >= 0) this.to = Math.min(this.to, this.from + limit);
    }
  }

  private nothing(): void {
    this.from = 0;
    this.to = 0;
  }

  private resolveRanks(size: number, isReverse: boolean): void {
    let start = this.min.value;
    let stop = this.max.value;
    if (start < 0) start = Math.max(start + size, 0);
    if (stop < 0) stop += size;
    if (start > stop || start >= size) return this.nothing();
    if (stop >= size) stop = size - 1;
    this.from = isReverse ? size - 1 - stop : start;
    this.to = (isReverse ? size - 1 - start : stop) + 1;
  }

  private rankOfBound(zsets: Zsets, content: ZsetContent, bound: Bound, inclusive: boolean): number {
    if (bound.kind === MINUS) return 0;
    if (bound.kind === PLUS) return zsets.count(content);
    return zsets.tree.rankOfMember(content.top, bound.bytes, bound.off, bound.length, inclusive);
  }

  /**
   * Where scores differ, member ranges mean nothing; what Redis answers is then the first run of members that fit, and
   * what LIMIT passes over need not fit.
   */
  private resolveInListpack(zsets: Zsets, content: ZsetContent, isReverse: boolean, offset: number): void {
    const { min, max } = this;
    const u8 = blobBytes(zsets.arena, content.address);
    const blob = blobOffset(content.address);
    const size = zsets.count(content);
    this.nothing();
    member.setEntry(u8, listpack.seek(u8, blob, -2));
    if (!min.admitsAbove(member)) return;
    member.setEntry(u8, listpack.seek(u8, blob, 0));
    if (!max.admitsBelow(member)) return;
    const step = isReverse ? -1 : 1;
    const near = isReverse ? max : min;
    const far = isReverse ? min : max;
    const admits = (bound: Bound): boolean => (bound === min ? min.admitsAbove(member) : max.admitsBelow(member));
    let rank = isReverse ? size - 1 : 0;
    let p = listpack.seek(u8, blob, rank * 2);
    const show = (): boolean => {
      if (rank < 0 || rank >= size) return false;
      member.setEntry(u8, p);
      return true;
    };
    const move = (): void => {
      rank += step;
      if (rank >= 0 && rank < size) p = isReverse ? listpack.prev(u8, blob, listpack.prev(u8, blob, p)) : listpack.after(u8, listpack.after(u8, p));
    };
    while (show() && !admits(near)) move();
    if (!show() || !admits(far)) return;
    for (let i = 0; i < offset && rank >= 0 && rank < size; i++) move();
    const start = rank;
    while (show() && admits(far)) move();
    this.from = isReverse ? rank + 1 : start;
    this.to = isReverse ? start + 1 : rank;
  }
}

const member = new Slice();
const range = new Range();

/** All range queries: `by` and `isReverse` are fixed by older commands and left open by ZRANGE and ZRANGESTORE. */
function ranging(fixedBy: By | undefined, fixedReverse: boolean | undefined, isStore = false): (unit: Unit) => void {
  const key = isStore ? 2 : 1;
  return (unit) => {
    const { args } = unit;
    let by = fixedBy;
    let isReverse = fixedReverse;
    let withScores = false;
    let offset = 0;
    let limit = -1;
    for (let i = key + 3; i < args.count; i++) {
      if (!isStore && args.is(i, 'withscores')) withScores = true;
      else if (i + 2 < args.count && args.is(i, 'limit')) {
        offset = unit.integerArg(i + 1);
        if (offset !== offset) return;
        limit = unit.integerArg(i + 2);
        if (limit !== limit) return;
        i += 2;
      } else if (fixedReverse === undefined && args.is(i, 'rev')) isReverse = true;
      else if (fixedBy === undefined && args.is(i, 'bylex')) by = 'member';
      else if (fixedBy === undefined && args.is(i, 'byscore')) by = 'score';
      else return unit.syntaxError();
    }
    by ??= 'rank';
    isReverse ??= false;
    if (limit !== -1 && by === 'rank') {
      return unit.reply.error('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
    }
    if (withScores && by === 'member') return unit.reply.error('ERR syntax error, WITHSCORES not supported in combination with BYLEX');
    const swapped = isReverse && by !== 'rank' ? 1 : 0;
    if (!range.read(unit, key + 1 + swapped, key + 2 - swapped, by)) return;
    const content = readZset(unit, key);
    if (content === undefined) return;
    const zsets = zsetsOf(unit.keyspace);
    if (content === null) range.from = range.to = 0;
    else range.resolve(zsets, content, isReverse, offset, limit);
    if (isStore) storeRange(unit, zsets, content, isReverse);
    else replyRange(unit, zsets, content, isReverse, withScores);
  };
}

function replyRange(unit: Unit, zsets: Zsets, content: ZsetContent | null, isReverse: boolean, withScores: boolean): void {
  const { reply } = unit;
  const { from, to } = range;
  replyMembersHeader(reply, to - from, withScores);
  if (content === null || to === from) return;
  zsets.walk(content, isReverse ? to - 1 : from, to - from, isReverse, (shown, score) => {
    if (withScores) replyPair(reply, shown, score);
    else replyMember(reply, shown);
  });
}

function storeRange(unit: Unit, zsets: Zsets, content: ZsetContent | null, isReverse: boolean): void {
  const scored: Scored[] = [];
  const { from, to } = range;
  if (content !== null) {
    zsets.walk(content, isReverse ? to - 1 : from, to - from, isReverse, (shown, score) => scored.push({ member: shown.copy(), score }));
  }
  storeOneByOne(unit, scored, range.by === 'rank', 'zrangestore');
}

function counting(by: By): (unit: Unit) => void {
  return (unit) => {
    if (!range.read(unit, 2, 3, by)) return;
    const content = readZset(unit, 1);
    if (content === undefined) return;
    if (content === null) return unit.reply.integer(0);
    range.resolve(zsetsOf(unit.keyspace), content, false);
    unit.reply.integer(range.to - range.from);
  };
}

function removing(by: By, event: string): (unit: Unit) => void {
  return (unit) => {
    if (!range.read(unit, 2, 3, by)) return;
    const content = writeZset(unit, 1);
    if (content === undefined) return;
    if (content === null) return unit.reply.integer(0);
    const zsets = zsetsOf(unit.keyspace);
    range.resolve(zsets, content, false);
    const { from, to } = range;
    if (to > from) {
      zsets.removeRanks(content, from, to - from);
      finishRemoval(unit, 1, content, to - from, event);
    }
    unit.reply.integer(to - from);
  };
}

export const zsetRangeCommands: readonly CommandRow[] = [
  { name: 'zrange', needs: 'keys', run: ranging(undefined, undefined) },
  { name: 'zrangestore', needs: 'keys', run: ranging(undefined, undefined, true) },
  { name: 'zrevrange', needs: 'keys', run: ranging('rank', true) },
  { name: 'zrangebyscore', needs: 'keys', run: ranging('score', false) },
  { name: 'zrevrangebyscore', needs: 'keys', run: ranging('score', true) },
  { name: 'zrangebylex', needs: 'keys', run: ranging('member', false) },
  { name: 'zrevrangebylex', needs: 'keys', run: ranging('member', true) },
  { name: 'zcount', needs: 'keys', run: counting('score') },
  { name: 'zlexcount', needs: 'keys', run: counting('member') },
  { name: 'zremrangebyrank', needs: 'keys', run: removing('rank', 'zremrangebyrank') },
  { name: 'zremrangebyscore', needs: 'keys', run: removing('score', 'zremrangebyscore') },
  { name: 'zremrangebylex', needs: 'keys', run: removing('member', 'zremrangebylex') },
];
