/**
 * XREADGROUP: what is new to a consumer group, given to one consumer and pending until it is acknowledged; or again what
 * is pending for that consumer; or the wait for something new.
 *
 * Who waits is served in the order of waiting, each from where the group stands then. When group or key goes away, waiters
 * are told so instead of waiting on: what they wait for cannot come any more.
 */
import { LAST_ID, StreamId, TYPE_STREAM } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { idArg } from './stream-arguments';
import { advanceGroup } from './stream-counters';
import { hiOf, shown, takeConsumer } from './stream-group-access';
import { groupJournal } from './stream-journal';
import type { ReadOptions } from './stream-read';
import { WAITING_COUNT_DEFAULT, isOneByte, readOptions } from './stream-read';
import { replyEntry, replyId } from './stream-reply';
import type { Streams } from './stream-value';
import { streamsOf } from './stream-value';

const from = new StreamId();
const other = new StreamId();

export function xreadgroup(unit: Unit): void {
  const options = readOptions(unit, true);
  if (options === undefined) return;
  const streams = (unit.args.count - options.streamsAt) >> 1;
  if (unit.isRetry) return serveWaiting(unit, options, streams);
  if (!checkStreams(unit, options, streams)) return;
  const { reply, args } = unit;
  const start = reply.pos;
  let served = 0;
  groupJournal.begin(unit);
  try {
    for (let k = options.streamsAt; k < options.streamsAt + streams; k++) {
      const stream = streamOf(unit, k, options);
      if (stream === null) continue;
      if (!isAgain(unit, k + streams)) {
        if (stream.length === 0 || stream.lastLiveId().compare(stream.groups.readLastId(from)) <= 0) continue;
        startStream(unit, k);
        served++;
        giveNew(unit, stream, options, k, options.count);
      } else {
        startStream(unit, k);
        served++;
        giveAgain(unit, stream, options, k);
      }
    }
  } finally {
    groupJournal.end(unit);
  }
  if (served > 0) reply.insertHeader(start, reply.protocol === 2 ? 'array' : 'map', served);
  else if (options.timeoutMs < 0) reply.nullArray();
  else {
    const keys = Array.from({ length: streams }, (_, i) => options.streamsAt + i);
    unit.block(keys, options.timeoutMs, 'array', args);
  }
}

/** Does argument `i` ask for what is pending (behind the id left in `from`)? Otherwise for what is new: `>`, which Redis takes for the greatest id. */
function isAgain(unit: Unit, i: number): boolean {
  return !isOneByte(unit, i, 0x3e) && idArg(unit, i, from) && !from.isMax;
}

/** Are all keys streams with that group, and all ids good? Otherwise it has answered. */
function checkStreams(unit: Unit, options: ReadOptions, streams: number): boolean {
  const { reply } = unit;
  for (let k = options.streamsAt; k < options.streamsAt + streams; k++) {
    const found = unit.readTyped(k, TYPE_STREAM);
    if (found === -1) return false;
    if (found === 0 || !findGroup(unit, streamsOf(unit.keyspace).take(), options)) {
      reply.error(`NOGROUP No such key '${shown(unit, k)}' or consumer group '${shown(unit, options.groupAt)}' in XREADGROUP with GROUP option`);
      return false;
    }
    if (isOneByte(unit, k + streams, 0x24)) {
      reply.error(
        'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, ' +
          'or use the > ID to get new messages. The $ ID would just return an empty result set.',
      );
      return false;
    }
    if (!isOneByte(unit, k + streams, 0x3e) && !idArg(unit, k + streams, from)) return false;
  }
  return true;
}

function findGroup(unit: Unit, stream: Streams, { groupAt }: ReadOptions): boolean {
  return stream.groups.find(unit.args.buf, unit.args.off[groupAt]!, unit.args.len[groupAt]!);
}

/** The stream of key argument `k`, which was checked, about to be changed; its group at hand. Null when time has taken it. */
function streamOf(unit: Unit, k: number, options: ReadOptions): Streams | null {
  const { keyspace, args } = unit;
  if (keyspace.lookupRead(unit.database, args.buf, args.off[k]!, args.len[k]!) === 0) return null;
  keyspace.beforeMutate();
  const stream = streamsOf(keyspace).take();
  return findGroup(unit, stream, options) ? stream : null;
}

function startStream(unit: Unit, k: number): void {
  const { reply, args } = unit;
  if (reply.protocol === 2) reply.array(2);
  reply.bulk(args.buf, args.off[k]!, args.len[k]!);
}

/** Entries behind the group's last id, at most `count` (0: all), for the consumer. */
function giveNew(unit: Unit, stream: Streams, options: ReadOptions, k: number, count: number): void {
  const { reply, keyspace, now } = unit;
  const { groups } = stream;
  groupJournal.about(unit, k, options.groupAt);
  keyspace.dirty++;
  if (takeConsumer(unit, stream, options.groupAt + 1) && options.noAck) groupJournal.consumerCreated(stream);
  const start = reply.pos;
  let given = 0;
  groups.readLastId(from).increment();
  try {
    for (let found = stream.seekFrom(from); found; found = stream.next()) {
      if (!options.noAck) {
        pend(stream, now);
        groups.setActive(hiOf(now), now | 0);
      }
      advanceGroup(stream, stream.id);
      replyEntry(reply, stream);
      if (!options.noAck) groupJournal.given(stream);
      if (++given === count) break;
    }
  } finally {
    if (given > 0) groupJournal.lastIdSet(stream);
  }
  reply.insertHeader(start, 'array', given);
}

/** The entry at hand is pending for the consumer at hand, now and once, whoever had it. @throws ArenaFull (nothing changed) */
function pend(stream: Streams, now: number): void {
  const { groups, id } = stream;
  if (!groups.findPending(id)) return groups.addPending(id, hiOf(now), now | 0, 0, 1);
  groups.adopt();
  groups.setDelivered(hiOf(now), now | 0);
  groups.setDeliveries(0, 1);
}

/** What is pending for the consumer behind the id `from`, as far as the stream still has it. */
function giveAgain(unit: Unit, stream: Streams, options: ReadOptions, k: number): void {
  const { reply, keyspace, now } = unit;
  const { groups } = stream;
  groupJournal.about(unit, k, options.groupAt);
  keyspace.dirty++;
  if (takeConsumer(unit, stream, options.groupAt + 1)) groupJournal.consumerCreated(stream);
  const start = reply.pos;
  let given = 0;
  from.increment();
  for (let found = groups.seekPending(from, true); found; found = groups.nextPending()) {
    groups.pendingId(other);
    if (stream.seekEntry(other)) {
      groups.setDelivered(hiOf(now), now | 0);
      groups.countDelivery();
      replyEntry(reply, stream);
    } else {
      reply.array(2);
      replyId(reply, other);
      reply.nullArray();
    }
    if (++given === options.count) break;
  }
  reply.insertHeader(start, 'array', given);
}

/** A waiter whose key may have something: from that key alone, whatever else it waits for. */
function serveWaiting(unit: Unit, options: ReadOptions, streams: number): void {
  const { reply, keyspace, args } = unit;
  const end = options.streamsAt + streams;
  let k = options.streamsAt;
  while (k < end && !unit.isReadyArg(k)) k++;
  if (k === end) return;
  const found = keyspace.lookup(unit.database, args.buf, args.off[k]!, args.len[k]!);
  if (found === 0 || unit.view.type !== TYPE_STREAM) return reply.error('UNBLOCKED the stream key no longer exists');
  const stream = streamsOf(keyspace).take();
  if (!findGroup(unit, stream, options)) return reply.error('NOGROUP the consumer group this client was blocked on no longer exists');
  if (stream.readId(LAST_ID, other).compare(stream.groups.readLastId(from)) <= 0) return;
  keyspace.beforeMutate();
  groupJournal.begin(unit);
  const start = reply.pos;
  startStream(unit, k);
  try {
    giveNew(unit, stream, options, k, options.count === 0 ? WAITING_COUNT_DEFAULT : options.count);
  } finally {
    groupJournal.end(unit);
  }
  reply.insertHeader(start, reply.protocol === 2 ? 'array' : 'map', 1);
}
