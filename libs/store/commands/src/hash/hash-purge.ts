/**
 * Fields past their time go when somebody looks at their hash: a few at once, so that a million that are over together hold nobody
 * up; the rest is passed over meanwhile. The journal gets HDEL, so that replicas and files need no clock.
 */
import type { Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_HASH } from '@larder/store-keyspace';
import { Args } from '@larder/store-resp';
import type { Hashes } from './hash-value';

const AT_ONCE = 64;

/** The hash that was just loaded from the key of the last look-up, without (some of) its fields that are over; null when it had no others. */
export function withoutOver(unit: Unit, hashes: Hashes): Hashes | null {
  if (hashes.aside === 0 || !hashes.hasOver()) return hashes;
  const { keyspace, dispatcher } = unit;
  const { view } = keyspace;
  const key = Buffer.from(view.u8.subarray(view.keyOffset, view.keyOffset + view.keyLength));
  keyspace.beforeMutate();
  const fields: Buffer[] = [];
  if (hashes.purge(AT_ONCE, (field) => fields.push(field)) === 0) {
    hashes.store();
    return hashes;
  }
  hashes.store();
  const isGone = hashes.size() === 0;
  if (isGone) keyspace.remove();
  keyspace.changed(NOTIFY_HASH, 'hexpired');
  if (isGone) keyspace.listener?.keyChanged(keyspace.database, key, 0, key.length, NOTIFY_GENERIC, 'del');
  dispatcher.journal?.append(keyspace.database, new Args().set(['HDEL', key, ...fields]));
  if (!isGone) return hashes;
  keyspace.lookup(keyspace.database, key, 0, key.length); // where it would go has changed
  return null;
}
