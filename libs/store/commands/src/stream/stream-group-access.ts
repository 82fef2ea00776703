/**
 * How commands reach a consumer group, and a consumer in it.
 */
import { TYPE_STREAM } from '@larder/store-datatypes';
import type { StreamLog } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { NOTIFY_STREAM } from '@larder/store-keyspace';
import type { Streams } from './stream-value';
import { streamsOf } from './stream-value';

const WORD = 4294967296;

/** Argument `i` as an error shows it: as a C string. */
export function shown(unit: Unit, i: number): string {
  return unit.args.text(i).split('\0')[0]!;
}

/**
 * The stream of argument `key` with the group of argument `group` at hand; null when there is no such key or group, undefined
 * after answering WRONGTYPE.
 */
export function readGroup(unit: Unit, key: number, group: number): Streams | null | undefined {
  const found = unit.readTyped(key, TYPE_STREAM);
  if (found === -1) return undefined;
  if (found === 0) return null;
  const { args } = unit;
  const stream = streamsOf(unit.keyspace).take();
  return stream.groups.find(args.buf, args.off[group]!, args.len[group]!) ? stream : null;
}

/** As `readGroup`, about to change the stream. It counts as a read, as in Redis. */
export function changeGroup(unit: Unit, key: number, group: number): Streams | null | undefined {
  const stream = readGroup(unit, key, group);
  if (stream) unit.keyspace.beforeMutate();
  return stream;
}

export function hiOf(ms: number): number {
  return Math.floor(ms / WORD) | 0;
}

/**
 * Takes the consumer of argument `i` at hand, made if there is none, and notes that it was heard of. True when it was made.
 * The key must be that of the last look-up. @throws ArenaFull (nothing changed)
 */
export function takeConsumer(unit: Unit, stream: StreamLog, i: number): boolean {
  const { args, keyspace, now } = unit;
  const { groups } = stream;
  if (groups.findConsumer(args.buf, args.off[i]!, args.len[i]!)) {
    groups.setSeen(hiOf(now), now | 0);
    return false;
  }
  groups.createConsumer(args.buf, args.off[i]!, args.len[i]!, hiOf(now), now | 0);
  keyspace.changed(NOTIFY_STREAM, 'xgroup-createconsumer');
  return true;
}
