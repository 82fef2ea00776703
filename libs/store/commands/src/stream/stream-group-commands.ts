/**
 * XGROUP, XACK and XPENDING. Claims are in stream-claims.ts, XREADGROUP in stream-read-group.ts.
 */
import { Int64, LAST_ID, StreamId, TYPE_STREAM, int64ToBigInt, int64ToNumber, parseInt64 } from '@larder/store-datatypes';
import type { StreamLog } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NOT_AN_INTEGER } from '@larder/store-dispatch';
import { NOTIFY_STREAM } from '@larder/store-keyspace';
import type { Reply } from '@larder/store-resp';
import { idArg, intervalArg, looseIdArg } from './stream-arguments';
import { changeGroup, hiOf, readGroup, shown } from './stream-group-access';
import { isOneByte } from './stream-read';
import { replyId } from './stream-reply';
import type { Streams } from './stream-value';
import { streamsOf } from './stream-value';

const NEEDS_KEY =
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.';

const id = new StreamId();
const end = new StreamId();
const read = new Int64();

/** Options behind argument 4 of CREATE and SETID; false after answering an error. `read` is −1 without ENTRIESREAD. */
function readOptions(unit: Unit, mayMake: boolean): { makes: boolean } | undefined {
  const { args, reply } = unit;
  let makes = false;
  read.hi = read.lo = -1;
  for (let i = 5; i < args.count; i++) {
    if (mayMake && args.is(i, 'mkstream')) makes = true;
    else if (args.is(i, 'entriesread') && i + 1 < args.count) {
      i++;
      if (!parseInt64(args.buf, args.off[i]!, args.len[i]!, read)) return void reply.error(NOT_AN_INTEGER);
      if (read.hi < 0 && (read.hi & read.lo) !== -1) return void reply.error('ERR value for ENTRIESREAD must be positive or -1');
    } else return void unit.subcommandError();
  }
  return { makes };
}

/** The stream of argument 2 about to be changed; null when it is missing, undefined after answering WRONGTYPE. */
function streamToChange(unit: Unit): Streams | null | undefined {
  const found = unit.writeTyped(2, TYPE_STREAM);
  if (found === -1) return undefined;
  return found === 0 ? null : streamsOf(unit.keyspace).take();
}

/** The stream of argument 2 with the group of argument 3 at hand; undefined after answering an error. */
function groupToChange(unit: Unit): Streams | undefined {
  const { args, reply } = unit;
  const stream = streamToChange(unit);
  if (stream === undefined) return undefined;
  if (stream === null) return void reply.error(NEEDS_KEY);
  if (stream.groups.find(args.buf, args.off[3]!, args.len[3]!)) return stream;
  return void reply.error(`NOGROUP No such consumer group '${shown(unit, 3)}' for key name '${shown(unit, 2)}'`);
}

function create(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const options = readOptions(unit, true);
  if (options === undefined) return;
  const found = streamToChange(unit);
  if (found === undefined) return;
  if (found === null && !options.makes) return reply.error(NEEDS_KEY);
  if (args.count > 8) return unit.subcommandError();
  if (isOneByte(unit, 4, 0x24)) {
    if (found === null) id.setMin();
    else found.readId(LAST_ID, id);
  } else if (!idArg(unit, 4, id)) return;
  const [off, length] = [args.off[3]!, args.len[3]!];
  if (found !== null) {
    if (found.groups.find(args.buf, off, length)) return reply.error('BUSYGROUP Consumer Group name already exists');
    found.groups.create(args.buf, off, length, id, read.hi, read.lo);
  } else {
    const stream = streamsOf(keyspace);
    stream.create(keyspace.shard);
    try {
      stream.groups.create(args.buf, off, length, id, read.hi, read.lo);
    } catch (full) {
      stream.dispose();
      throw full;
    }
    stream.createKey();
  }
  reply.ok();
  keyspace.changed(NOTIFY_STREAM, 'xgroup-create');
}

function setId(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  if (readOptions(unit, false) === undefined) return;
  const stream = groupToChange(unit);
  if (stream === undefined) return;
  if (args.count !== 5 && args.count !== 7) return unit.subcommandError();
  if (isOneByte(unit, 4, 0x24)) stream.readId(LAST_ID, id);
  else if (!looseIdArg(unit, 4, id)) return;
  stream.groups.writeLastId(id);
  stream.groups.setRead(read.hi, read.lo);
  reply.ok();
  keyspace.changed(NOTIFY_STREAM, 'xgroup-setid');
}

function destroy(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const stream = streamToChange(unit);
  if (stream === undefined) return;
  if (stream === null) return reply.error(NEEDS_KEY);
  if (!stream.groups.find(args.buf, args.off[3]!, args.len[3]!)) return reply.integer(0);
  stream.groups.destroy();
  reply.integer(1);
  keyspace.changed(NOTIFY_STREAM, 'xgroup-destroy');
}

function createConsumer(unit: Unit): void {
  const { args, reply, keyspace, now } = unit;
  const stream = groupToChange(unit);
  if (stream === undefined) return;
  const { groups } = stream;
  const [off, length] = [args.off[4]!, args.len[4]!];
  if (groups.findConsumer(args.buf, off, length)) return reply.integer(0);
  groups.createConsumer(args.buf, off, length, hiOf(now), now | 0);
  reply.integer(1);
  keyspace.changed(NOTIFY_STREAM, 'xgroup-createconsumer');
}

function deleteConsumer(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const stream = groupToChange(unit);
  if (stream === undefined) return;
  if (!stream.groups.findConsumer(args.buf, args.off[4]!, args.len[4]!)) return reply.integer(0);
  reply.integer(stream.groups.deleteConsumer());
  keyspace.changed(NOTIFY_STREAM, 'xgroup-delconsumer');
}

function help(unit: Unit): void {
  const lines = [
    'XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
    'CREATE <key> <groupname> <id|$> [MKSTREAM] [ENTRIESREAD <entries-read>]',
    '    Makes a consumer group that is given what comes after <id>. MKSTREAM makes',
    '    the stream too if there is none, ENTRIESREAD says how much was read before.',
    'CREATECONSUMER <key> <groupname> <consumer>',
    '    Makes a consumer in a group.',
    'DELCONSUMER <key> <groupname> <consumer>',
    '    Takes a consumer away, with what is pending for it.',
    'DESTROY <key> <groupname>',
    '    Takes a group away.',
    'SETID <key> <groupname> <id|$> [ENTRIESREAD <entries-read>]',
    '    Lets a group go on after <id>.',
    'HELP',
    '    Prints this help.',
  ];
  unit.reply.array(lines.length);
  for (const line of lines) unit.reply.simple(line);
}

function xack(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const stream = changeGroup(unit, 1, 2);
  if (stream === undefined) return;
  if (stream === null) return reply.integer(0);
  for (let i = 3; i < args.count; i++) if (!idArg(unit, i, id)) return;
  let acknowledged = 0;
  for (let i = 3; i < args.count; i++) {
    idArg(unit, i, id);
    if (!stream.groups.findPending(id)) continue;
    stream.groups.removePending();
    acknowledged++;
  }
  keyspace.dirty += acknowledged;
  reply.integer(acknowledged);
}

export function replyConsumerName(reply: Reply, stream: StreamLog): void {
  const { groups } = stream;
  reply.bulk(groups.consumerU8, groups.consumerOffset, groups.consumerLength);
}

function noGroup(unit: Unit): void {
  unit.reply.error(`NOGROUP No such key '${shown(unit, 1)}' or consumer group '${shown(unit, 2)}'`);
}

function xpending(unit: Unit): void {
  const { args } = unit;
  if (args.count === 3) return pendingSummary(unit);
  if (args.count < 6 || args.count > 9) return unit.syntaxError();
  let i = 3;
  let minIdle = 0;
  if (args.is(3, 'idle')) {
    minIdle = unit.integerArg(4);
    if (minIdle !== minIdle) return;
    if (args.count < 8) return unit.syntaxError();
    i = 5;
  }
  const count = unit.integerArg(i + 2);
  if (count !== count) return;
  if (!intervalArg(unit, i, true, id) || !intervalArg(unit, i + 1, false, end)) return;
  const stream = readGroup(unit, 1, 2);
  if (stream === undefined) return;
  if (stream === null) return noGroup(unit);
  pendingEntries(unit, stream, count, minIdle, i + 3 < args.count ? i + 3 : 0);
}

function pendingSummary(unit: Unit): void {
  const { reply } = unit;
  const stream = readGroup(unit, 1, 2);
  if (stream === undefined) return;
  if (stream === null) return noGroup(unit);
  const { groups } = stream;
  const { pendingCount, consumerCount } = groups;
  reply.array(4);
  reply.integer(pendingCount);
  if (pendingCount === 0) {
    reply.nullBulk();
    reply.nullBulk();
    return reply.nullArray();
  }
  groups.seekPending(id.setMin(), false);
  replyId(reply, groups.pendingId(id));
  groups.seekLastPending();
  replyId(reply, groups.pendingId(id));
  const start = reply.pos;
  let busy = 0;
  for (let i = 0; i < consumerCount; i++) {
    groups.openConsumer(i);
    const pending = groups.consumerPendingCount;
    if (pending === 0) continue;
    busy++;
    reply.array(2);
    replyConsumerName(reply, stream);
    reply.bulkInteger(pending);
  }
  reply.insertHeader(start, 'array', busy);
}

/** Entries in [id, end], of the consumer in argument `consumerAt` or of all (0). */
function pendingEntries(unit: Unit, stream: StreamLog, count: number, minIdle: number, consumerAt: number): void {
  const { args, reply, now } = unit;
  const { groups } = stream;
  if (consumerAt > 0 && !groups.findConsumer(args.buf, args.off[consumerAt]!, args.len[consumerAt]!)) return reply.array(0);
  const start = reply.pos;
  let shownEntries = 0;
  let found = shownEntries < count && groups.seekPending(id, consumerAt > 0);
  for (; found && shownEntries < count; found = groups.nextPending()) {
    if (groups.pendingId(id).compare(end) > 0) break;
    const idle = now - int64ToNumber(groups.deliveredHi, groups.deliveredLo);
    if (minIdle !== 0 && idle < minIdle) continue;
    shownEntries++;
    reply.array(4);
    replyId(reply, id);
    groups.takeOwner();
    replyConsumerName(reply, stream);
    reply.integer(Math.max(idle, 0));
    reply.integerText(String(int64ToBigInt(groups.deliveriesHi, groups.deliveriesLo)));
  }
  reply.insertHeader(start, 'array', shownEntries);
}

export const streamGroupCommands: readonly CommandRow[] = [
  { name: 'xgroup', needs: 'none', run: (unit) => unit.wrongArity() },
  { name: 'xgroup|create', needs: 'keys', run: create },
  { name: 'xgroup|setid', needs: 'keys', run: setId },
  { name: 'xgroup|destroy', needs: 'keys', run: destroy },
  { name: 'xgroup|createconsumer', needs: 'keys', run: createConsumer },
  { name: 'xgroup|delconsumer', needs: 'keys', run: deleteConsumer },
  { name: 'xgroup|help', needs: 'none', run: help },
  { name: 'xack', needs: 'keys', run: xack },
  { name: 'xpending', needs: 'keys', run: xpending },
];
