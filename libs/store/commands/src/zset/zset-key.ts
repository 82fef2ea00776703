/**
 * What all sorted-set commands begin and end with: the content of a key, and what is told when it changed.
 */
import { TYPE_ZSET } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from '@larder/store-keyspace';
import type { ZsetContent, Zsets } from './zset-value';
import { zsetsOf } from './zset-value';

/** The sorted set of argument `i` for reading: null when missing, undefined after answering WRONGTYPE. */
export function readZset(unit: Unit, i: number): ZsetContent | null | undefined {
  const found = unit.readTyped(i, TYPE_ZSET);
  if (found === -1) return undefined;
  if (found === 0) return null;
  const zsets = zsetsOf(unit.keyspace);
  return zsets.load(zsets.content);
}

export function writeZset(unit: Unit, i: number): ZsetContent | null | undefined {
  const found = unit.writeTyped(i, TYPE_ZSET);
  if (found === -1) return undefined;
  if (found === 0) return null;
  const zsets = zsetsOf(unit.keyspace);
  return zsets.load(zsets.content);
}

/** After `removed` members of the set of argument `i`, found last, went away; an empty set's key goes too. */
export function finishRemoval(unit: Unit, i: number, content: ZsetContent, removed: number, event: string): void {
  const { args, keyspace } = unit;
  const zsets = zsetsOf(keyspace);
  const isEmpty = zsets.count(content) === 0;
  zsets.store(content);
  if (isEmpty) keyspace.remove();
  keyspace.dirty += removed - 1;
  keyspace.changed(NOTIFY_ZSET, event);
  if (isEmpty) keyspace.listener?.keyChanged(unit.database, args.buf, args.off[i]!, args.len[i]!, NOTIFY_GENERIC, 'del');
}

export interface Scored {
  member: Buffer;
  score: number;
}

/**
 * Puts these, which are in order, under the key of argument 1 and answers how many: what all STORE forms end with.
 * @throws ArenaFull (nothing changed)
 */
export function storeScored(unit: Unit, scored: readonly Scored[], event: string): void {
  let lengthMax = 0;
  for (const { member } of scored) if (member.length > lengthMax) lengthMax = member.length;
  storeContent(unit, scored.length, event, (zsets, content, shard) => {
    zsets.startFor(content, shard, scored.length, lengthMax);
    for (const { member, score } of scored) zsets.append(content, member, 0, member.length, score);
  });
}

/**
 * As `storeScored`, in any order and growing as Redis' does, which matters to −0: it is 0 once it has been in a listpack.
 * `isCounted`: how many was known before they were gone through.
 */
export function storeOneByOne(unit: Unit, scored: readonly Scored[], isCounted: boolean, event: string): void {
  storeContent(unit, scored.length, event, (zsets, content, shard) => {
    zsets.startFor(content, shard, isCounted ? scored.length : 0, 0);
    for (const { member, score } of scored) zsets.add(content, member, 0, member.length, score, 0);
  });
}

function storeContent(unit: Unit, count: number, event: string, make: (zsets: Zsets, content: ZsetContent, shard: number) => void): void {
  const { args, keyspace, reply } = unit;
  if (count === 0) {
    if (unit.lookupWrite(1) !== 0) {
      keyspace.remove();
      keyspace.changed(NOTIFY_GENERIC, 'del');
    }
    return reply.integer(0);
  }
  const zsets = zsetsOf(keyspace);
  const { content } = zsets;
  content.address = 0;
  try {
    make(zsets, content, keyspace.shardOf(args.buf, args.off[1]!, args.len[1]!));
  } catch (full) {
    if (content.address !== 0) zsets.dispose(content);
    throw full;
  }
  zsets.putKey(content, unit.lookupWrite(1) !== 0);
  keyspace.changed(NOTIFY_ZSET, event);
  reply.integer(count);
}
