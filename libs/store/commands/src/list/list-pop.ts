/**
 * Taking elements off a list, its key with the last one, and telling so.
 */
import type { Unit } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_LIST } from '@larder/store-keyspace';
import { replyElement, replyRange, replyRangeBackward } from './list-reply';
import type { Lists } from './list-value';

/** After `removed` elements went from the list of argument `i`, the last looked up: keeps it, or removes its key. */
export function elementsRemoved(unit: Unit, list: Lists, i: number, event: string, removed: number): void {
  const { keyspace, args } = unit;
  list.store();
  const isEmpty = list.length === 0;
  if (isEmpty) keyspace.remove();
  keyspace.dirty += removed - 1;
  keyspace.changed(NOTIFY_LIST, event);
  if (isEmpty) keyspace.listener?.keyChanged(keyspace.database, args.buf, args.off[i]!, args.len[i]!, NOTIFY_GENERIC, 'del');
}

/** Answers the first or last element of `list`, which is that of argument `i`, and removes it. */
export function popOne(unit: Unit, list: Lists, i: number, atHead: boolean): void {
  const p = list.end(atHead);
  replyElement(unit.reply, list.u8, p);
  list.removeEnd(atHead, p);
  elementsRemoved(unit, list, i, atHead ? 'lpop' : 'rpop', 1);
}

/** The same for up to `most` elements, an array; answers how many. */
export function popMany(unit: Unit, list: Lists, i: number, atHead: boolean, most: number): number {
  const { length } = list;
  const count = Math.min(most, length);
  const start = atHead ? 0 : length - count;
  if (atHead) replyRange(unit.reply, list, start, count);
  else replyRangeBackward(unit.reply, list, start, count);
  list.removeRange(start, count);
  elementsRemoved(unit, list, i, atHead ? 'lpop' : 'rpop', count);
  return count;
}
