/**
 * XINFO: figures of a stream, its groups and their consumers.
 *
 * `radix-tree-keys` and `-nodes` speak of the tree in which Redis keeps a stream's nodes. We have none, yet its shape
 * follows from the ids alone, so it can be told: one key a node; nodes as counted below.
 */
import { FIRST_ID, LAST_ID, MAX_DELETED_ID, StreamId, TYPE_STREAM, int64ToBigInt, int64ToNumber } from '@larder/store-datatypes';
import type { StreamLog } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { Reply } from '@larder/store-resp';
import { lagOf } from './stream-counters';
import { shown } from './stream-group-access';
import { replyConsumerName } from './stream-group-commands';
import { replyEntries, replyEntry, replyId } from './stream-reply';
import { streamsOf } from './stream-value';

const FULL_COUNT_DEFAULT = 10;
/** Beyond this the count of tree nodes is extrapolated: it is a figure to look at, not worth a pause. */
const COUNTED_NODES_MAX = 1 << 16;
const KEY_BYTES = 16;

const id = new StreamId();
const min = new StreamId();
const max = new StreamId().setMax();

function xinfoStream(unit: Unit): void {
  const { args, reply } = unit;
  const stream = streamAsked(unit);
  if (stream === undefined) return;
  const isFull = args.count > 3;
  let count = FULL_COUNT_DEFAULT;
  if (isFull) {
    if (!args.is(3, 'full') || !(args.count === 4 || (args.count === 6 && args.is(4, 'count')))) return unit.subcommandError();
    if (args.count === 6) {
      count = unit.integerArg(5);
      if (count !== count) return;
      if (count < 0) count = FULL_COUNT_DEFAULT;
    }
  }
  reply.map(isFull ? 9 : 10);
  replyFigures(unit, stream);
  if (isFull) {
    reply.bulkText('entries');
    replyEntries(reply, stream, min, max, count, false);
    reply.bulkText('groups');
    replyGroupsFull(reply, stream, count);
    return;
  }
  reply.bulkText('groups');
  reply.integer(stream.groups.count);
  reply.bulkText('first-entry');
  if (stream.seekFrom(min)) replyEntry(reply, stream);
  else reply.nullBulk();
  reply.bulkText('last-entry');
  if (stream.seekTo(max)) replyEntry(reply, stream);
  else reply.nullBulk();
}

function replyFigures(unit: Unit, stream: StreamLog): void {
  const { reply } = unit;
  reply.bulkText('length');
  reply.integer(stream.length);
  reply.bulkText('radix-tree-keys');
  reply.integer(stream.nodes);
  reply.bulkText('radix-tree-nodes');
  reply.integer(radixTreeNodes(stream));
  reply.bulkText('last-generated-id');
  replyId(reply, stream.readId(LAST_ID, id));
  reply.bulkText('max-deleted-entry-id');
  replyId(reply, stream.readId(MAX_DELETED_ID, id));
  reply.bulkText('entries-added');
  reply.integerText(String(int64ToBigInt(stream.addedHi, stream.addedLo)));
  reply.bulkText('recorded-first-entry-id');
  replyId(reply, stream.readId(FIRST_ID, id));
}

/**
 * Nodes of a tree over these keys of 16 bytes that packs unbranched runs into one node: a leaf per key, a node per place
 * where keys part, and one for every run between such places longer than the byte that the upper place holds itself.
 */
function radixTreeNodes(stream: StreamLog): number {
  const { nodes } = stream;
  if (nodes === 0) return 1;
  const counted = Math.min(nodes, COUNTED_NODES_MAX);
  let sum = counted;
  const before = Buffer.alloc(KEY_BYTES);
  const key = Buffer.alloc(KEY_BYTES);
  /** Depths of the places above the key at hand. */
  const places: number[] = [];
  const runBelow = (upper: number | undefined, depth: number): number => (depth > (upper === undefined ? 0 : upper + 1) ? 1 : 0);
  stream.masterId(0, id).writeBytes(before, 0);
  for (let i = 1; i <= counted; i++) {
    let parts = -1;
    if (i < counted) {
      stream.masterId(i, id).writeBytes(key, 0);
      parts = 0;
      while (before[parts] === key[parts]) parts++;
    }
    // The key before hangs below the deeper of its place with its left and its right neighbour; places deeper than the new one are done.
    let lower = KEY_BYTES;
    while (places.length > 0 && places[places.length - 1]! > parts) {
      const place = places.pop()!;
      sum += runBelow(place, lower);
      lower = place;
    }
    if (parts < 0) sum += runBelow(undefined, lower);
    else {
      if (places[places.length - 1] !== parts) {
        places.push(parts);
        sum++;
      }
      sum += runBelow(parts, lower);
      key.copy(before);
    }
  }
  return counted === nodes ? sum : Math.round((sum / counted) * nodes);
}

function replyText64(reply: Reply, hi: number, lo: number): void {
  reply.integerText(String(int64ToBigInt(hi, lo)));
}

function replyGroupName(reply: Reply, { groups }: StreamLog): void {
  reply.bulk(groups.nameU8, groups.nameOffset, groups.nameLength);
}

/** `last-delivered-id`, `entries-read` and `lag` of the group at hand. */
function replyProgress(reply: Reply, stream: StreamLog): void {
  const { groups } = stream;
  reply.bulkText('last-delivered-id');
  replyId(reply, groups.readLastId(id));
  reply.bulkText('entries-read');
  const { readHi, readLo } = groups;
  if ((readHi & readLo) === -1) reply.nullBulk();
  else replyText64(reply, readHi, readLo);
  reply.bulkText('lag');
  const lag = lagOf(stream);
  if (lag === undefined) reply.nullBulk();
  else reply.integerText(String(lag));
}

/** Of each group and consumer at most `count` pending entries (0: all). */
function replyGroupsFull(reply: Reply, stream: StreamLog, count: number): void {
  const { groups } = stream;
  reply.array(groups.count);
  for (let i = 0; i < groups.count; i++) {
    groups.open(i);
    reply.map(7);
    reply.bulkText('name');
    replyGroupName(reply, stream);
    replyProgress(reply, stream);
    reply.bulkText('pel-count');
    reply.integer(groups.pendingCount);
    reply.bulkText('pending');
    replyPending(reply, stream, count, false);
    reply.bulkText('consumers');
    reply.array(groups.consumerCount);
    for (let k = 0; k < groups.consumerCount; k++) {
      groups.openConsumer(k);
      reply.map(5);
      reply.bulkText('name');
      replyConsumerName(reply, stream);
      reply.bulkText('seen-time');
      replyText64(reply, groups.seenHi, groups.seenLo);
      reply.bulkText('active-time');
      replyText64(reply, groups.activeHi, groups.activeLo);
      reply.bulkText('pel-count');
      reply.integer(groups.consumerPendingCount);
      reply.bulkText('pending');
      replyPending(reply, stream, count, true);
    }
  }
}

function replyPending(reply: Reply, stream: StreamLog, count: number, ofConsumer: boolean): void {
  const { groups } = stream;
  const start = reply.pos;
  let shownEntries = 0;
  for (let found = groups.seekPending(min, ofConsumer); found && (count === 0 || shownEntries < count); found = groups.nextPending()) {
    shownEntries++;
    reply.array(ofConsumer ? 3 : 4);
    replyId(reply, groups.pendingId(id));
    if (!ofConsumer) {
      groups.takeOwner();
      replyConsumerName(reply, stream);
    }
    replyText64(reply, groups.deliveredHi, groups.deliveredLo);
    replyText64(reply, groups.deliveriesHi, groups.deliveriesLo);
  }
  reply.insertHeader(start, 'array', shownEntries);
}

/** The stream of argument 2, or undefined after answering an error. */
function streamAsked(unit: Unit): StreamLog | undefined {
  const found = unit.readTyped(2, TYPE_STREAM);
  if (found === -1) return undefined;
  if (found === 0) return void unit.reply.error('ERR no such key');
  return streamsOf(unit.keyspace).take();
}

function xinfoGroups(unit: Unit): void {
  const { reply } = unit;
  const stream = streamAsked(unit);
  if (stream === undefined) return;
  const { groups } = stream;
  reply.array(groups.count);
  for (let i = 0; i < groups.count; i++) {
    groups.open(i);
    reply.map(6);
    reply.bulkText('name');
    replyGroupName(reply, stream);
    reply.bulkText('consumers');
    reply.integer(groups.consumerCount);
    reply.bulkText('pending');
    reply.integer(groups.pendingCount);
    replyProgress(reply, stream);
  }
}

function xinfoConsumers(unit: Unit): void {
  const { args, reply, now } = unit;
  const stream = streamAsked(unit);
  if (stream === undefined) return;
  const { groups } = stream;
  if (!groups.find(args.buf, args.off[3]!, args.len[3]!)) {
    return reply.error(`NOGROUP No such consumer group '${shown(unit, 3)}' for key name '${shown(unit, 2)}'`);
  }
  reply.array(groups.consumerCount);
  for (let k = 0; k < groups.consumerCount; k++) {
    groups.openConsumer(k);
    reply.map(4);
    reply.bulkText('name');
    replyConsumerName(reply, stream);
    reply.bulkText('pending');
    reply.integer(groups.consumerPendingCount);
    reply.bulkText('idle');
    reply.integer(Math.max(now - int64ToNumber(groups.seenHi, groups.seenLo), 0));
    reply.bulkText('inactive');
    const active = int64ToNumber(groups.activeHi, groups.activeLo);
    reply.integer(active === -1 ? -1 : now - active);
  }
}

function xinfoHelp(unit: Unit): void {
  const lines = [
    'XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
    'CONSUMERS <key> <groupname>',
    '    Show consumers of <groupname>.',
    'GROUPS <key>',
    '    Show the stream consumer groups.',
    'STREAM <key> [FULL [COUNT <count>]',
    '    Show information about the stream.',
    'HELP',
    '    Prints this help.',
  ];
  unit.reply.array(lines.length);
  for (const line of lines) unit.reply.simple(line);
}

export const streamInfoCommands: readonly CommandRow[] = [
  { name: 'xinfo', needs: 'none', run: (unit) => unit.wrongArity() },
  { name: 'xinfo|stream', needs: 'keys', run: xinfoStream },
  { name: 'xinfo|groups', needs: 'keys', run: xinfoGroups },
  { name: 'xinfo|consumers', needs: 'keys', run: xinfoConsumers },
  { name: 'xinfo|help', needs: 'none', run: xinfoHelp },
];
