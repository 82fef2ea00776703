// What is worth telling about a store's files: once when it begins to fail, once when it works again. Pure.
import type { PersistenceSeen } from '@larder/plane-domain';

export interface FileEvent {
  readonly reason: 'SaveFailed' | 'SaveRecovered' | 'AppendFailed' | 'AppendRecovered' | 'RewriteFailed' | 'RewriteRecovered';
  readonly message: string;
}

export function decideFileEvents(before: PersistenceSeen | null, now: PersistenceSeen, directory: string): FileEvent[] {
  const events: FileEvent[] = [];
  const turned = (field: 'isLastSaveOk' | 'isLastWriteOk' | 'isLastRewriteOk'): 'bad' | 'good' | undefined =>
    (before?.[field] ?? true) === now[field] ? undefined : now[field] ? 'good' : 'bad';
  const save = turned('isLastSaveOk');
  if (save === 'bad') {
    events.push({ reason: 'SaveFailed', message: `A snapshot could not be written to ${directory}/dump.rdb; the file of the last good one stands. Its log says why; a full disk is the usual reason.` });
  }
  if (save === 'good') events.push({ reason: 'SaveRecovered', message: `Snapshots are written to ${directory}/dump.rdb again.` });
  const write = turned('isLastWriteOk');
  if (write === 'bad') events.push({ reason: 'AppendFailed', message: `The append-only file in ${directory}/appendonlydir cannot be written; writes are refused until it can.` });
  if (write === 'good') events.push({ reason: 'AppendRecovered', message: `The append-only file in ${directory}/appendonlydir is written again.` });
  const rewrite = turned('isLastRewriteOk');
  if (rewrite === 'bad') events.push({ reason: 'RewriteFailed', message: `The append-only file in ${directory}/appendonlydir could not be rewritten; it goes on growing.` });
  if (rewrite === 'good') events.push({ reason: 'RewriteRecovered', message: `The append-only file in ${directory}/appendonlydir was rewritten.` });
  return events;
}
