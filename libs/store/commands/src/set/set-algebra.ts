/**
 * SINTER, SUNION, SDIFF, with STORE and CARD. Which encoding a stored result gets depends on the order of Redis' own work,
 * so that order is kept: results begin as intsets and grow member by member.
 *
 * Results are made aside and put under the destination's key at the end, so that it may be one of the sources.
 */
import { TYPE_SET } from '@larder/store-datatypes';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { keysByCount } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_SET } from '@larder/store-keyspace';
import type { Slice } from '../element/slice';
import type { Sets } from './set-value';
import { SetContent, setsOf } from './set-value';

type Make = (sets: Sets, sources: readonly (SetContent | null)[], result: SetContent) => void;

/** The sets of arguments from … to − 1, null for a missing one; undefined after answering WRONGTYPE. */
function readSets(unit: Unit, from: number, to: number): (SetContent | null)[] | undefined {
  const sets = setsOf(unit.keyspace);
  const sources: (SetContent | null)[] = [];
  for (let i = from; i < to; i++) {
    const found = unit.readTyped(i, TYPE_SET);
    if (found === -1) return undefined;
    sources.push(found === 0 ? null : sets.load(new SetContent()));
  }
  return sources;
}

/** Members looked at between two looks at the limit. */
const LIMIT_SLICE = 64;

/** Calls `visit` with each common member and counts them, up to `limit` (0: all). */
function intersect(sets: Sets, sources: readonly (SetContent | null)[], visit: (member: Slice) => void, limit = 0): number {
  if (sources.includes(null)) return 0;
  const [smallest, ...others] = (sources as SetContent[])
    .map((source) => ({ source, size: sets.count(source) }))
    .sort((a, b) => a.size - b.size)
    .map(({ source }) => source);
  const distinct = others.filter((other) => other.address !== smallest!.address);
  let common = 0;
  const look = (member: Slice): void => {
    if (limit !== 0 && common >= limit) return;
    for (const other of distinct) if (!sets.has(other, member.bytes, member.off, member.length)) return;
    common++;
    visit(member);
  };
  if (limit === 0) sets.each(smallest!, look);
  else {
    let cursor = 0;
    do cursor = sets.scan(smallest!, cursor, LIMIT_SLICE, look);
    while (cursor !== 0 && common < limit);
  }
  return common;
}

const makeIntersection: Make = (sets, sources, result) => {
  intersect(sets, sources, (member) => sets.add(result, member.bytes, member.off, member.length));
};

const makeUnion: Make = (sets, sources, result) => {
  for (const source of sources) {
    if (source !== null) sets.each(source, (member) => sets.add(result, member.bytes, member.off, member.length));
  }
};

const makeDifference: Make = (sets, sources, result) => {
  const [first, ...others] = sources;
  if (first === null || first === undefined) return;
  const subtrahends = others.filter((other) => other !== null);
  if (subtrahends.some((other) => other.address === first.address)) return;
  const size = sets.count(first);
  let byLookup = size;
  let byRemoval = size;
  for (const other of subtrahends) {
    byLookup += size;
    byRemoval += sets.count(other);
  }
  // Lookups have the better constant, and stop early where there is much in common: they count half.
  if (Math.floor(byLookup / 2) <= byRemoval) {
    const largestFirst = subtrahends.map((other) => ({ other, size: sets.count(other) })).sort((a, b) => b.size - a.size);
    sets.each(first, (member) => {
      for (const { other } of largestFirst) if (sets.has(other, member.bytes, member.off, member.length)) return;
      sets.add(result, member.bytes, member.off, member.length);
    });
    return;
  }
  sets.each(first, (member) => sets.add(result, member.bytes, member.off, member.length));
  for (const other of subtrahends) {
    sets.each(other, (member) => sets.remove(result, member.bytes, member.off, member.length));
    if (sets.count(result) === 0) return;
  }
};

/** Makes a result in `shard`; on failure nothing of it is left. */
function build(sets: Sets, shard: number, make: Make, sources: readonly (SetContent | null)[]): SetContent {
  const result = sets.startIntset(new SetContent(), shard);
  try {
    make(sets, sources, result);
  } catch (full) {
    sets.dispose(result);
    throw full;
  }
  return result;
}

function answering(make: Make): (unit: Unit) => void {
  return (unit) => {
    const { reply, keyspace } = unit;
    const sources = readSets(unit, 1, unit.args.count);
    if (sources === undefined) return;
    const sets = setsOf(keyspace);
    const result = build(sets, keyspace.shard, make, sources);
    reply.set(sets.count(result));
    sets.each(result, (member) => reply.bulk(member.bytes, member.off, member.length));
    sets.dispose(result);
  };
}

/** SINTER needs no result aside: members pass through. */
function sinter(unit: Unit): void {
  const { reply, keyspace } = unit;
  const sources = readSets(unit, 1, unit.args.count);
  if (sources === undefined) return;
  const start = reply.pos;
  const common = intersect(setsOf(keyspace), sources, (member) => reply.bulk(member.bytes, member.off, member.length));
  reply.insertHeader(start, 'set', common);
}

function storing(make: Make, event: string): (unit: Unit) => void {
  return (unit) => {
    const { args, reply, keyspace } = unit;
    const sources = readSets(unit, 2, args.count);
    if (sources === undefined) return;
    const sets = setsOf(keyspace);
    const shard = keyspace.shardOf(args.buf, args.off[1]!, args.len[1]!);
    const result = build(sets, shard, make, sources);
    const size = sets.count(result);
    const found = unit.lookupWrite(1) !== 0;
    if (size > 0) {
      sets.putKey(result, found);
      keyspace.changed(NOTIFY_SET, event);
    } else {
      sets.dispose(result);
      if (found) {
        keyspace.remove();
        keyspace.changed(NOTIFY_GENERIC, 'del');
      }
    }
    reply.integer(size);
  };
}

function sintercard(unit: Unit): void {
  const { args, reply } = unit;
  const NO_KEYS = 'ERR numkeys should be greater than 0';
  const keys = unit.integerArg(1, NO_KEYS);
  if (keys !== keys) return;
  if (keys < 1) return reply.error(NO_KEYS);
  if (keys > args.count - 2) return reply.error("ERR Number of keys can't be greater than number of args");
  let limit = 0;
  for (let i = 2 + keys; i < args.count; i += 2) {
    if (!args.is(i, 'limit') || i + 1 >= args.count) return unit.syntaxError();
    const NEGATIVE = "ERR LIMIT can't be negative";
    limit = unit.integerArg(i + 1, NEGATIVE);
    if (limit !== limit) return;
    if (limit < 0) return reply.error(NEGATIVE);
  }
  const sources = readSets(unit, 2, 2 + keys);
  if (sources === undefined) return;
  reply.integer(intersect(setsOf(unit.keyspace), sources, () => undefined, limit));
}

export const setAlgebraCommands: readonly CommandRow[] = [
  { name: 'sinter', needs: 'keys', run: sinter },
  { name: 'sintercard', needs: 'keys', run: sintercard, findKeys: keysByCount(1) },
  { name: 'sinterstore', needs: 'keys', run: storing(makeIntersection, 'sinterstore') },
  { name: 'sunion', needs: 'keys', run: answering(makeUnion) },
  { name: 'sunionstore', needs: 'keys', run: storing(makeUnion, 'sunionstore') },
  { name: 'sdiff', needs: 'keys', run: answering(makeDifference) },
  { name: 'sdiffstore', needs: 'keys', run: storing(makeDifference, 'sdiffstore') },
];
