/**
 * How far a consumer group has read, by counting: its `entries-read`, and `lag`, what is still to come.
 *
 * Both are known only while no entry was deleted ahead of the group, or where the place says it all (the first entry, the
 * last, before and behind them). Redis' own rules, odd ones included, since clients see the numbers.
 */
import { FIRST_ID, Int64, LAST_ID, MAX_DELETED_ID, StreamId, int64ToBigInt } from '@larder/store-datatypes';
import type { StreamLog } from '@larder/store-datatypes';

const first = new StreamId();
const other = new StreamId();
const read = new Int64();

/** May an entry at or behind `from` have been deleted? */
function hasGapsFrom(stream: StreamLog, from: StreamId): boolean {
  stream.readId(MAX_DELETED_ID, other);
  if (stream.length === 0 || other.isMin) return false;
  if (stream.readId(FIRST_ID, first).compare(other) > 0) return false;
  return from.compare(other) <= 0;
}

/** How many entries were ever added up to `id`, where that follows from its place; false otherwise. */
export function placeOf(stream: StreamLog, id: StreamId, out: Int64): boolean {
  out.hi = stream.addedHi;
  out.lo = stream.addedLo;
  if ((out.hi | out.lo) === 0) return true;
  const behindLast = id.compare(stream.readId(LAST_ID, other));
  if (behindLast === 0 || (stream.length === 0 && behindLast < 0)) return true;
  if (behindLast > 0) return false;
  stream.readId(FIRST_ID, first);
  stream.readId(MAX_DELETED_ID, other);
  if (!other.isMin && other.compare(first) >= 0) return false;
  const behindFirst = id.compare(first);
  if (behindFirst > 0) return false;
  const before = BigInt.asIntN(64, int64ToBigInt(out.hi, out.lo) - BigInt(stream.length) + (behindFirst === 0 ? 1n : 0n));
  out.hi = Number(before >> 32n);
  out.lo = Number(BigInt.asIntN(32, before));
  return true;
}

/** The group at hand was given the entry `id`, behind all it had: counts it, and makes it the group's last. */
export function advanceGroup(stream: StreamLog, id: StreamId): void {
  const { groups } = stream;
  const { readHi, readLo } = groups;
  if ((readHi & readLo) !== -1 && !hasGapsFrom(stream, id)) {
    const lo = (readLo + 1) | 0;
    groups.setRead(lo === 0 ? (readHi + 1) | 0 : readHi, lo);
  } else if ((stream.addedHi | stream.addedLo) !== 0) {
    if (placeOf(stream, id, read)) groups.setRead(read.hi, read.lo);
    else groups.setRead(-1, -1);
  }
  groups.writeLastId(id);
}

const groupLast = new StreamId();

/** Entries still to be given to the group at hand, or undefined when that cannot be known. */
export function lagOf(stream: StreamLog): bigint | undefined {
  const { groups, addedHi, addedLo } = stream;
  if ((addedHi | addedLo) === 0) return 0n;
  const added = int64ToBigInt(addedHi, addedLo);
  const { readHi, readLo } = groups;
  groups.readLastId(groupLast);
  if ((readHi & readLo) !== -1 && !hasGapsFrom(stream, groupLast)) return BigInt.asIntN(64, added - int64ToBigInt(readHi, readLo));
  return placeOf(stream, groupLast, read) ? BigInt.asIntN(64, added - int64ToBigInt(read.hi, read.lo)) : undefined;
}
