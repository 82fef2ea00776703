/** Whether a listpack of pairs, from a payload that nobody vouches for, has a field or member twice. */
import { listpack } from '@larder/store-datatypes';
import { Slice } from './slice';

const key = new Slice();

export function hasDuplicates(bytes: Buffer, off: number): boolean {
  const seen = new Set<string>();
  for (let p = listpack.first(bytes, off); p >= 0; p = listpack.next(bytes, listpack.after(bytes, p))) {
    key.setEntry(bytes, p);
    const { size } = seen;
    if (seen.add(key.bytes.toString('latin1', key.off, key.off + key.length)).size === size) return true;
  }
  return false;
}
