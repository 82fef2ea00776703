'use client';
// How an instance's files stand: first what a crash now would lose, then what was written when.
import type { Instance } from '@/data/instance/instance-query';
import { formatBytes, formatCount } from '@/ui/format';
import { Facts, Panel } from '@/ui/page';
import { TimeAgo } from '@/ui/time-ago';
import { fsyncTitles, hasAppendLog, hasSnapshots, modeTitles, printEffort, printSavePoints } from './words';

type Row = readonly [string, React.ReactNode];

export function PersistencePanel({ instance }: { readonly instance: Instance }) {
  const status = instance.persistenceStatus;
  return (
    <Panel title="Persistence" note={status?.message ?? 'The store has not been looked at yet.'}>
      <Facts isWide rows={[['Mode', modeTitles[instance.persistence]], ...(status ? [['A crash now would lose', lossOf(status)] as const] : []), ...snapshotRows(instance), ...logRows(instance)]} />
    </Panel>
  );
}

type Status = NonNullable<Instance['persistenceStatus']>;

function lossOf({ lossSeconds }: Status): string {
  if (lossSeconds == null) return 'everything';
  if (lossSeconds === 0) return 'nothing';
  return lossSeconds < 120 ? `${lossSeconds} s of writes at most` : `${Math.round(lossSeconds / 60)} min of writes at most`;
}

function snapshotRows({ persistence, savePoints, persistenceStatus: status }: Instance): Row[] {
  if (!hasSnapshots(persistence)) return [];
  const rows: Row[] = [['Save points', printSavePoints(savePoints)]];
  if (!status) return rows;
  const made = printEffort(status.lastSaveBytes, status.lastSaveSeconds);
  rows.push(['Last snapshot', status.isSaving ? 'being written now' : !status.isLastSaveOk ? 'failed' : status.lastSaveAt == null ? 'none yet' : <><TimeAgo at={status.lastSaveAt} />{made === '' ? '' : `, ${made}`}</>]);
  rows.push(['Changes since then', formatCount(status.changesSinceSave)]);
  return rows;
}

function logRows({ persistence, appendFsync, persistenceStatus: status }: Instance): Row[] {
  if (!hasAppendLog(persistence)) return [];
  const rows: Row[] = [['Writes reach the disk', fsyncTitles[appendFsync].toLowerCase()]];
  if (!status) return rows;
  const made = status.lastRewriteSeconds == null ? 'none yet' : printEffort(status.lastRewriteBytes, status.lastRewriteSeconds);
  rows.push(['Append-only file', !status.isLastWriteOk ? 'cannot be written' : status.appendLogBytes == null ? 'not there yet' : formatBytes(status.appendLogBytes)]);
  rows.push(['Last rewrite', status.isRewriting ? 'under way' : status.isLastRewriteOk ? made : 'failed']);
  rows.push(['Waiting for the disk', status.pendingFsyncs === 0 && status.pendingBytes === 0 ? 'nothing' : `${formatBytes(status.pendingBytes)}, ${status.pendingFsyncs} flushes`]);
  return rows;
}
