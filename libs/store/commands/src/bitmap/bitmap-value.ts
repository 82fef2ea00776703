/**
 * Room for bits in a string value: it lies in its record like any other string, and is `raw` once a bit was written.
 */
import { TYPE_STRING } from '@larder/store-datatypes';
import type { Keyspace } from '@larder/store-keyspace';
import { ENCODING_RAW, growString } from '../string/string-value';

/**
 * Makes the key of the last `lookupWrite` (which answered `found`) long enough for `bit`, with zeros. True when that made
 * it longer. @throws ArenaFull (nothing changed)
 */
export function makeAddressable(keyspace: Keyspace, found: number, bit: number): boolean {
  const { view } = keyspace;
  const bytes = Math.floor(bit / 8) + 1;
  if (found === 0) {
    keyspace.create(TYPE_STRING, ENCODING_RAW, 0, bytes);
    view.u8.fill(0, view.valueOffset, view.valueOffset + bytes);
    return true;
  }
  if (view.valueLength >= bytes) {
    if (view.encoding !== ENCODING_RAW) view.setEncoding(ENCODING_RAW);
    return false;
  }
  growString(keyspace, bytes);
  return true;
}
