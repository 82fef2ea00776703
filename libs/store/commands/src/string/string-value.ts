/**
 * A string value lies in its record, right after the key. Its encoding nibble tells how it came about, since Redis shows
 * that: the same bytes are `int` or `embstr` when set whole, `raw` when edited in place.
 */
import { RecordView, TTL, TYPE_STRING, copyBytes, recordBytes, resizeValue } from '@larder/store-datatypes';
import { parseInt64, Int64 } from '@larder/store-datatypes';
import type { Keyspace } from '@larder/store-keyspace';
import type { Unit } from '@larder/store-dispatch';

/** `proto-max-bulk-len`: no string grows beyond it. */
export const stringLimits = { bytesMax: 512 * 1024 * 1024 };

/** int, embstr or raw, by content. */
export const ENCODING_BY_CONTENT = 0;
/** Edited in place: raw. */
export const ENCODING_RAW = 1;
/** Result of float arithmetic: never int. */
export const ENCODING_NOT_INT = 2;
/** As by content, but made by COPY: an integer of its own, not one of Redis' shared ones. */
export const ENCODING_COPIED = 3;

const EMBSTR_BYTES_MAX = 44;
const scratch = new Int64();

export function stringEncodingName(view: RecordView): string {
  if (view.encoding === ENCODING_RAW) return 'raw';
  if (view.encoding !== ENCODING_NOT_INT && view.valueLength <= 20) {
    if (parseInt64(view.u8, view.valueOffset, view.valueLength, scratch)) return 'int';
  }
  return view.valueLength <= EMBSTR_BYTES_MAX ? 'embstr' : 'raw';
}

/**
 * Gives the key of the last `lookupWrite` (which returned `address`) a string value of `length` bytes to be written at
 * `view.valueOffset`. Overwrites in place when the block fits well. The expiry stays only with `keepTtl`.
 * @throws ArenaFull (nothing changed)
 */
export function writeString(keyspace: Keyspace, address: number, length: number, keepTtl: boolean, encoding = ENCODING_BY_CONTENT, expireAt = -1): void {
  const { view } = keyspace;
  if (expireAt >= 0) return writeExpiringString(keyspace, address, length, encoding, expireAt);
  if (address === 0) return keyspace.create(TYPE_STRING, encoding, 0, length);
  const hasTtl = (view.word1 & TTL) !== 0;
  if ((view.word0 & 15) === TYPE_STRING && (!hasTtl || keepTtl)) {
    if (view.valueLength === length && view.encoding === encoding) return; // as counters and caches do, over and over
    const capacity = keyspace.arena.capacity(address);
    const bytes = recordBytes(view.word1 & TTL, view.keyLength, length);
    if (bytes <= capacity && (capacity <= 64 || bytes > capacity >> 1) && resizeValue(view, length)) {
      if (view.encoding !== encoding) view.setEncoding(encoding);
      return;
    }
  }
  keyspace.replace(TYPE_STRING, encoding, hasTtl && keepTtl ? TTL : 0, length);
}

/** A value and its time to live come into being together or not at all: a session without an end is worse than none. */
function writeExpiringString(keyspace: Keyspace, address: number, length: number, encoding: number, expireAt: number): void {
  keyspace.reserveExpiry();
  if (address === 0) keyspace.create(TYPE_STRING, encoding, TTL, length);
  else if ((keyspace.view.word1 & TTL) !== 0) writeString(keyspace, address, length, true, encoding);
  else keyspace.replace(TYPE_STRING, encoding, TTL, length);
  keyspace.fileExpiry(expireAt);
}

/** Sets the key of argument `i`, just looked up for writing, to the bytes of argument `v`. */
export function writeStringArg(unit: Unit, address: number, v: number, keepTtl: boolean, expireAt = -1): void {
  const { args, view } = unit;
  const length = args.len[v]!;
  writeString(unit.keyspace, address, length, keepTtl, ENCODING_BY_CONTENT, expireAt);
  copyBytes(args.buf, args.off[v]!, view.u8, view.valueOffset, length);
}

/** Makes the value `length` bytes long keeping what is there; new bytes are zero. Leaves room for further growth. */
export function growString(keyspace: Keyspace, length: number): void {
  const { view } = keyspace;
  const before = view.valueLength;
  if (!resizeValue(view, length)) {
    keyspace.reshape(view.word1 & TTL, length, Math.min(length, 1 << 20));
  }
  view.u8.fill(0, view.valueOffset + before, view.valueOffset + length);
  view.setEncoding(ENCODING_RAW);
}
