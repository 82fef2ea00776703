/**
 * XCLAIM and XAUTOCLAIM: pending entries change hands. Entries that are no longer in the stream leave the list of what is
 * pending when a claim comes across them.
 */
import { Int64, StreamId, int64ToNumber, parseInt64, parseStreamId, ID_INVALID } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { idArg, intervalArg } from './stream-arguments';
import { changeGroup, hiOf, shown, takeConsumer } from './stream-group-access';
import { groupJournal } from './stream-journal';
import { replyEntry, replyId } from './stream-reply';
import type { Streams } from './stream-value';

const CONSUMER = 3;
const IDS = 5;
const AUTOCLAIM_COUNT_DEFAULT = 100;
const AUTOCLAIM_COUNT_MAX = 576460752303423487;
/** XAUTOCLAIM looks at so many entries for each it may claim. */
const ATTEMPTS_PER_ENTRY = 10;
/** Redis makes room for all that may be found deleted first, 16 bytes each: what no address space holds it refuses. */
const AUTOCLAIM_COUNT_WITH_ROOM = 2 ** 43;

const id = new StreamId();
const other = new StreamId();
const retries = new Int64();

interface ClaimOptions {
  /** Arguments that are ids end before this one. */
  idsEnd: number;
  force: boolean;
  justId: boolean;
  deliveredAt: number;
  hasRetries: boolean;
}

/** Ids stand first; what does not read as one begins the options. `other` is LASTID. Undefined after answering an error. */
function claimOptions(unit: Unit): ClaimOptions | undefined {
  const { args, reply, now } = unit;
  let i = IDS;
  while (i < args.count && parseStreamId(args.buf, args.off[i]!, args.len[i]!, false, false, id) !== ID_INVALID) i++;
  const options: ClaimOptions = { idsEnd: i, force: false, justId: false, deliveredAt: now, hasRetries: false };
  other.setMin();
  for (; i < args.count; i++) {
    const hasMore = i + 1 < args.count;
    if (args.is(i, 'force')) options.force = true;
    else if (args.is(i, 'justid')) options.justId = true;
    else if (hasMore && args.is(i, 'idle')) {
      const idle = unit.integerArg(++i, 'ERR Invalid IDLE option argument for XCLAIM');
      if (idle !== idle) return undefined;
      options.deliveredAt = now - idle;
    } else if (hasMore && args.is(i, 'time')) {
      const time = unit.integerArg(++i, 'ERR Invalid TIME option argument for XCLAIM');
      if (time !== time) return undefined;
      options.deliveredAt = time;
    } else if (hasMore && args.is(i, 'retrycount')) {
      i++;
      if (!parseInt64(args.buf, args.off[i]!, args.len[i]!, retries)) return void reply.error('ERR Invalid RETRYCOUNT option argument for XCLAIM');
      options.hasRetries = retries.hi >= 0;
    } else if (hasMore && args.is(i, 'lastid')) {
      if (!idArg(unit, ++i, other)) return undefined;
    } else return void reply.error(`ERR Unrecognized XCLAIM option '${shown(unit, i)}'`);
  }
  // A time in the future, or before all time, is taken for now.
  if (options.deliveredAt < 0 || options.deliveredAt > now) options.deliveredAt = now;
  return options;
}

function idleTime(stream: Streams, now: number): number {
  return now - int64ToNumber(stream.groups.deliveredHi, stream.groups.deliveredLo);
}

function noGroup(unit: Unit): void {
  unit.reply.error(`NOGROUP No such key '${shown(unit, 1)}' or consumer group '${shown(unit, 2)}'`);
}

function xclaim(unit: Unit): void {
  const { reply, keyspace } = unit;
  const stream = changeGroup(unit, 1, 2);
  if (stream === undefined) return;
  if (stream === null) return noGroup(unit);
  let minIdle = unit.integerArg(4, 'ERR Invalid min-idle-time argument for XCLAIM');
  if (minIdle !== minIdle) return;
  minIdle = Math.max(minIdle, 0);
  const options = claimOptions(unit);
  if (options === undefined) return;
  groupJournal.begin(unit);
  groupJournal.about(unit, 1, 2);
  let setsLastId = false;
  if (other.compare(stream.groups.readLastId(id)) > 0) {
    stream.groups.writeLastId(other);
    setsLastId = true;
  }
  const start = reply.pos;
  let claimed = 0;
  let touched = 0;
  try {
    for (let i = IDS; i < options.idsEnd; i++) {
      idArg(unit, i, id);
      const verdict = claim(unit, stream, options, minIdle);
      if (verdict !== UNTOUCHED) touched++;
      if (verdict === CLAIMED) claimed++;
    }
  } finally {
    keyspace.dirty += touched;
    if (setsLastId && touched === 0) {
      groupJournal.lastIdSet(stream);
      keyspace.dirty++;
    }
    groupJournal.end(unit);
  }
  reply.insertHeader(start, 'array', claimed);
}

const UNTOUCHED = 0;
const DROPPED = 1;
const CLAIMED = 2;

/** Claims the entry `id`, if it may be. */
function claim(unit: Unit, stream: Streams, options: ClaimOptions, minIdle: number): typeof UNTOUCHED | typeof DROPPED | typeof CLAIMED {
  const { reply, now } = unit;
  const { groups } = stream;
  const isPending = groups.findPending(id);
  if (!stream.seekEntry(id)) {
    if (!isPending) return UNTOUCHED;
    groupJournal.given(stream);
    groups.removePending();
    return DROPPED;
  }
  if (!isPending && !options.force) return UNTOUCHED;
  if (isPending && minIdle > 0 && idleTime(stream, now) < minIdle) return UNTOUCHED;
  takeConsumer(unit, stream, CONSUMER);
  const { deliveredAt } = options;
  if (isPending) {
    groups.adopt();
    groups.setDelivered(hiOf(deliveredAt), deliveredAt | 0);
  } else groups.addPending(id, hiOf(deliveredAt), deliveredAt | 0, 0, 1);
  if (options.hasRetries) groups.setDeliveries(retries.hi, retries.lo);
  else if (!options.justId) groups.countDelivery();
  groups.setActive(hiOf(now), now | 0);
  if (options.justId) replyId(reply, id);
  else replyEntry(reply, stream);
  groupJournal.given(stream);
  return CLAIMED;
}

interface AutoclaimOptions {
  count: number;
  justId: boolean;
}

function autoclaimOptions(unit: Unit): AutoclaimOptions | undefined {
  const { args } = unit;
  const options: AutoclaimOptions = { count: AUTOCLAIM_COUNT_DEFAULT, justId: false };
  for (let i = 6; i < args.count; i++) {
    if (i + 1 < args.count && args.is(i, 'count')) {
      options.count = unit.integerArg(++i, COUNT_RANGE);
      if (options.count !== options.count) return undefined;
      if (options.count < 1 || options.count > AUTOCLAIM_COUNT_MAX) return void unit.reply.error(COUNT_RANGE);
    } else if (args.is(i, 'justid')) options.justId = true;
    else return void unit.syntaxError();
  }
  return options;
}

const COUNT_RANGE = 'ERR COUNT must be > 0';

function xautoclaim(unit: Unit): void {
  const { reply, keyspace } = unit;
  let minIdle = unit.integerArg(4, 'ERR Invalid min-idle-time argument for XAUTOCLAIM');
  if (minIdle !== minIdle) return;
  minIdle = Math.max(minIdle, 0);
  if (!intervalArg(unit, 5, true, other)) return;
  const options = autoclaimOptions(unit);
  if (options === undefined) return;
  const stream = changeGroup(unit, 1, 2);
  if (stream === undefined) return;
  if (stream === null) return noGroup(unit);
  if (options.count > AUTOCLAIM_COUNT_WITH_ROOM) {
    return reply.error('ERR Insufficient memory, failed allocating transient memory, COUNT too high.');
  }
  groupJournal.begin(unit);
  groupJournal.about(unit, 1, 2);
  const { groups } = stream;
  const dropped: string[] = [];
  const start = reply.pos;
  let claimed = 0;
  let found = groups.seekPending(other, false);
  try {
    let attempts = options.count * ATTEMPTS_PER_ENTRY;
    while (found && attempts-- > 0 && claimed + dropped.length < options.count) {
      groups.pendingId(id);
      if (!stream.seekEntry(id)) {
        groupJournal.given(stream);
        groups.removePending();
        dropped.push(id.text());
        found = groups.seekPending(id, false);
        continue;
      }
      if (minIdle === 0 || idleTime(stream, unit.now) >= minIdle) {
        autoclaim(unit, stream, options);
        claimed++;
      }
      found = groups.nextPending();
    }
  } finally {
    keyspace.dirty += claimed + dropped.length;
    groupJournal.end(unit);
  }
  reply.insertHeader(start, 'array', claimed);
  const claims = reply.pos;
  reply.array(3);
  replyId(reply, found ? groups.pendingId(id) : id.setMin());
  reply.bringForward(start, claims);
  reply.array(dropped.length);
  for (const text of dropped) reply.bulkText(text);
}

/** Claims the pending entry at hand, which the stream has at hand too. */
function autoclaim(unit: Unit, stream: Streams, options: AutoclaimOptions): void {
  const { reply, now } = unit;
  const { groups } = stream;
  takeConsumer(unit, stream, CONSUMER);
  groups.adopt();
  groups.setDelivered(hiOf(now), now | 0);
  groups.setActive(hiOf(now), now | 0);
  if (!options.justId) groups.countDelivery();
  if (options.justId) replyId(reply, id);
  else replyEntry(reply, stream);
  groupJournal.given(stream);
}

export const streamClaimCommands: readonly CommandRow[] = [
  { name: 'xclaim', needs: 'keys', run: xclaim },
  { name: 'xautoclaim', needs: 'keys', run: xautoclaim },
];

