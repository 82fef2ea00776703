/**
 * XREAD: what is new in several streams, or the wait for it.
 *
 * A waiting client must not miss or see twice what comes: `$` becomes the id it meant before the command waits.
 */
import { LAST_ID, StreamId, TYPE_STREAM } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { Args } from '@larder/store-resp';
import { idArg } from './stream-arguments';
import { replyEntries } from './stream-reply';
import { streamsOf } from './stream-value';

/** A client that waited gets so many entries at most, unless it said a COUNT. */
export const WAITING_COUNT_DEFAULT = 1000;

const from = new StreamId();
const last = new StreamId();
const to = new StreamId().setMax();

export interface ReadOptions {
  /** Milliseconds; −1: does not wait. */
  timeoutMs: number;
  /** 0: all. */
  count: number;
  streamsAt: number;
  /** Arguments of XREADGROUP's group; its consumer is the next. 0: none. */
  groupAt: number;
  noAck: boolean;
}

/** What stands before the keys of XREAD and XREADGROUP; undefined after answering an error. */
export function readOptions(unit: Unit, isGroup: boolean): ReadOptions | undefined {
  const { args, reply } = unit;
  const options: ReadOptions = { timeoutMs: -1, count: 0, streamsAt: 0, groupAt: 0, noAck: false };
  for (let i = 1; i < args.count && options.streamsAt === 0; i++) {
    const hasMore = i + 1 < args.count;
    if (hasMore && args.is(i, 'block')) {
      if (unit.inScript) return void reply.error(`ERR ${args.text(0)} command is not allowed with BLOCK option from scripts`);
      options.timeoutMs = unit.integerArg(++i, 'ERR timeout is not an integer or out of range');
      if (options.timeoutMs !== options.timeoutMs) return undefined;
      if (options.timeoutMs < 0) return void reply.error('ERR timeout is negative');
    } else if (hasMore && args.is(i, 'count')) {
      options.count = unit.integerArg(++i);
      if (options.count !== options.count) return undefined;
      options.count = Math.max(options.count, 0);
    } else if (hasMore && args.is(i, 'streams')) {
      options.streamsAt = i + 1;
      if ((args.count - options.streamsAt) % 2 === 0) continue;
      return void reply.error("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.");
    } else if (i + 2 < args.count && args.is(i, 'group')) {
      if (!isGroup) return void reply.error('ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.');
      options.groupAt = i + 1;
      i += 2;
    } else if (args.is(i, 'noack')) {
      if (!isGroup) return void reply.error('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.');
      options.noAck = true;
    } else return void unit.syntaxError();
  }
  if (options.streamsAt === 0) return void unit.syntaxError();
  if (isGroup && options.groupAt === 0) return void reply.error('ERR Missing GROUP option for XREADGROUP');
  return options;
}

/** Is argument `i` that one byte, as a C string? */
export function isOneByte(unit: Unit, i: number, byte: number): boolean {
  const off = unit.args.off[i]!;
  return unit.args.len[i]! > 0 && unit.args.buf[off] === byte && (unit.args.len[i] === 1 || unit.args.buf[off + 1] === 0);
}

/** Are all keys streams (or missing) and all ids good? Otherwise it has answered. */
function checkStreams(unit: Unit, streamsAt: number, streams: number): boolean {
  for (let k = streamsAt; k < streamsAt + streams; k++) {
    const i = k + streams;
    if (!unit.isReadyArg(k)) continue;
    if (unit.readTyped(k, TYPE_STREAM) === -1) return false;
    if (isOneByte(unit, i, 0x24)) continue;
    if (isOneByte(unit, i, 0x3e)) {
      unit.reply.error('ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.');
      return false;
    }
    if (!idArg(unit, i, from)) return false;
  }
  return true;
}

export function xread(unit: Unit): void {
  const { args, reply, keyspace } = unit;
  const options = readOptions(unit, false);
  if (options === undefined) return;
  const { streamsAt } = options;
  const streams = (args.count - streamsAt) >> 1;
  if (!checkStreams(unit, streamsAt, streams)) return;
  const count = unit.isRetry && options.count === 0 ? WAITING_COUNT_DEFAULT : options.count;
  const start = reply.pos;
  let shown = 0;
  let looked = 0;
  for (let k = streamsAt; k < streamsAt + streams; k++) {
    if (!unit.isReadyArg(k)) continue;
    // Whoever waits for one key twice waits for its first id.
    if (unit.isRetry && looked++ > 0) break;
    // Nothing is behind the last entry that there is now.
    if (isOneByte(unit, k + streams, 0x24) || unit.lookupRead(k) === 0) continue;
    const stream = streamsOf(keyspace).take();
    idArg(unit, k + streams, from);
    // Who waited is served when something was added, even if it is gone again.
    const isServed = unit.isRetry ? stream.readId(LAST_ID, last).compare(from) > 0 : stream.length > 0 && stream.lastLiveId().compare(from) > 0;
    if (!isServed) continue;
    shown++;
    if (reply.protocol === 2) reply.array(2);
    reply.bulk(args.buf, args.off[k]!, args.len[k]!);
    from.increment();
    replyEntries(reply, stream, from, to, count, false);
  }
  if (shown > 0) reply.insertHeader(start, reply.protocol === 2 ? 'array' : 'map', shown);
  else if (options.timeoutMs < 0) reply.nullArray();
  else if (!unit.isRetry) wait(unit, streamsAt, streams, options.timeoutMs);
}

function wait(unit: Unit, streamsAt: number, streams: number, timeoutMs: number): void {
  const { args, keyspace } = unit;
  const words: Uint8Array[] = [];
  const keys: number[] = [];
  for (let i = 0; i < args.count; i++) words.push(args.copy(i));
  for (let k = streamsAt; k < streamsAt + streams; k++) {
    keys.push(k);
    if (!isOneByte(unit, k + streams, 0x24)) continue;
    if (unit.lookupRead(k) === 0) from.setMin();
    else streamsOf(keyspace).take().readId(LAST_ID, from);
    words[k + streams] = Buffer.from(from.text(), 'latin1');
  }
  unit.block(keys, timeoutMs, 'array', new Args().set(words));
}
