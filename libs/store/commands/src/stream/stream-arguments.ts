/**
 * Arguments that stream commands share: ids, interval ends, and the options of XADD and XTRIM.
 */
import { ID_INVALID, ID_NEEDS_SEQUENCE, StreamId, parseStreamId, streamLimits } from '@larder/store-datatypes';
import type { Trim } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';

const INVALID_ID = 'ERR Invalid stream ID specified as stream command argument';

/** The id in argument `i`; false after answering an error. A missing sequence is 0. */
export function idArg(unit: Unit, i: number, out: StreamId): boolean {
  const { args } = unit;
  if (parseStreamId(args.buf, args.off[i]!, args.len[i]!, false, false, out) !== ID_INVALID) return true;
  unit.reply.error(INVALID_ID);
  return false;
}

/** As `idArg`; `-` and `+` are the least and the greatest id. */
export function looseIdArg(unit: Unit, i: number, out: StreamId): boolean {
  const { args } = unit;
  const sign = args.len[i]! > 0 ? args.buf[args.off[i]!]! : 0;
  // As a C string: what follows a NUL does not count.
  const isAlone = args.len[i] === 1 || (args.len[i]! > 1 && args.buf[args.off[i]! + 1] === 0);
  if (isAlone && sign === 0x2d) return out.setMin() !== undefined;
  if (isAlone && sign === 0x2b) return out.setMax() !== undefined;
  return idArg(unit, i, out);
}

/** An end of an interval: an id, `-`, `+`, or an id to be left out behind `(`. False after answering an error. */
export function intervalArg(unit: Unit, i: number, isStart: boolean, out: StreamId): boolean {
  const { args, reply } = unit;
  const off = args.off[i]!;
  const length = args.len[i]!;
  const first = length === 0 ? 0 : args.buf[off]!;
  // As a C string: what follows a NUL does not count.
  const isAlone = length === 1 || (length > 1 && args.buf[off + 1] === 0);
  if (isAlone && first === 0x2d) return out.setMin() !== undefined;
  if (isAlone && first === 0x2b) return out.setMax() !== undefined;
  const isOpen = length > 1 && first === 0x28;
  const skip = isOpen ? 1 : 0;
  if (parseStreamId(args.buf, off + skip, length - skip, !isStart, false, out) === ID_INVALID) {
    reply.error(INVALID_ID);
    return false;
  }
  if (!isOpen) return true;
  if (isStart ? out.increment() : out.decrement()) return true;
  reply.error(`ERR invalid ${isStart ? 'start' : 'end'} ID for the interval`);
  return false;
}

/** What XADD and XTRIM are told. One object, reused. */
export class AddOptions implements Trim {
  maxLength = -1;
  readonly minId = new StreamId();
  isApproximate = false;
  limit = 0;
  /** XADD's id: given whole, or without sequence, or not at all. */
  readonly id = new StreamId();
  hasMs = false;
  hasSequence = false;
  noMkStream = false;
  /** Where the trim's number or id is; 0 without a trim. */
  trimAt = 0;
  limitAt = 0;

  /** Reads from argument 2 on. Answers where XADD's id is (for XTRIM: behind the last), or −1 after answering an error. */
  read(unit: Unit, isAdd: boolean): number {
    const { args } = unit;
    this.maxLength = -1;
    this.isApproximate = this.hasMs = this.hasSequence = this.noMkStream = false;
    this.limit = this.trimAt = this.limitAt = 0;
    let i = 2;
    for (; i < args.count; i++) {
      const hasMore = i + 1 < args.count;
      if (isAdd && args.len[i] === 1 && args.buf[args.off[i]!] === 0x2a) break;
      if (hasMore && (args.is(i, 'maxlen') || args.is(i, 'minid'))) {
        i = this.readTrim(unit, i);
        if (i < 0) return -1;
      } else if (hasMore && args.is(i, 'limit')) {
        this.limit = unit.integerArg(++i);
        if (this.limit !== this.limit) return -1;
        if (this.limit < 0) return fail(unit, 'ERR The LIMIT argument must be >= 0.');
        this.limitAt = i;
      } else if (isAdd && args.is(i, 'nomkstream')) {
        this.noMkStream = true;
      } else if (isAdd) {
        const verdict = parseStreamId(args.buf, args.off[i]!, args.len[i]!, false, true, this.id);
        if (verdict === ID_INVALID) return fail(unit, INVALID_ID);
        this.hasMs = true;
        this.hasSequence = verdict !== ID_NEEDS_SEQUENCE;
        break;
      } else return fail(unit, 'ERR syntax error');
    }
    return this.settleLimit(unit, isAdd) ? i : -1;
  }

  /** MAXLEN or MINID at argument `i`; answers the argument of its value. */
  private readTrim(unit: Unit, i: number): number {
    const { args } = unit;
    if (this.trimAt > 0) return fail(unit, 'ERR syntax error, MAXLEN and MINID options at the same time are not compatible');
    const byLength = args.is(i, 'maxlen');
    const mark = args.len[i + 1] === 1 && i + 2 < args.count ? args.buf[args.off[i + 1]!] : 0;
    this.isApproximate = mark === 0x7e;
    i += mark === 0x7e || mark === 0x3d ? 2 : 1;
    if (byLength) {
      this.maxLength = unit.integerArg(i);
      if (this.maxLength !== this.maxLength) return -1;
      if (this.maxLength < 0) return fail(unit, 'ERR The MAXLEN argument must be >= 0.');
    } else if (!idArg(unit, i, this.minId)) return -1;
    this.trimAt = i;
    return i;
  }

  /** False after answering an error. */
  private settleLimit(unit: Unit, isAdd: boolean): boolean {
    const hasTrim = this.trimAt > 0;
    let error = '';
    if (this.limit > 0 && !hasTrim) error = 'LIMIT cannot be used without specifying a trimming strategy';
    else if (!isAdd && !hasTrim) error = 'XTRIM must be called with a trimming strategy';
    else if (this.limitAt > 0 && !this.isApproximate && !unit.isObeying) error = 'LIMIT cannot be used without the special ~ option';
    if (error !== '') {
      unit.reply.error(`ERR syntax error, ${error}`);
      return false;
    }
    // Who trimmed first has written down exactly how far it came.
    if (unit.isObeying) this.limit = 0;
    else if (this.limitAt === 0 && this.isApproximate) {
      // So that one command does not work for long.
      const limit = 100 * streamLimits.nodeMaxEntries;
      this.limit = limit <= 0 ? 10_000 : Math.min(limit, 1_000_000);
    }
    return true;
  }
}

function fail(unit: Unit, error: string): -1 {
  unit.reply.error(error);
  return -1;
}
