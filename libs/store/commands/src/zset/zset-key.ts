/**
 * What all sorted-set commands begin and end with: the content of a key, and what is told when it changed.
 */
import { TYPE_ZSET } from '@larder/store-datatypes';
import type { Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_ZSET } from '@larder/store-keyspace';
import type { Gathered } from '../element/gathered';
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
 * Puts these, by score and member, under the key of argument 1 and answers how many: what all STORE forms end with.
 * @throws ArenaFull (nothing changed)
 */
export function storeGathered(unit: Unit, members: Gathered, event: string): void {
  const { bytes, off, length, score, count } = members;
  const order = members.inOrder();
  storeContent(unit, count, event, (zsets, content, shard) => {
    zsets.startFor(content, shard, count, members.longest());
    for (const i of order) zsets.append(content, bytes, off[i]!, length[i]!, score[i]!);
  });
}

/**
 * As `storeGathered`, in any order and growing as Redis' does, which matters to −0: it is 0 once it has been in a listpack.
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
