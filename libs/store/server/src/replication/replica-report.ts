/** What INFO and CLIENT LIST say of the primary that this server follows. */
import type { Session } from '@larder/store-dispatch';
import type { ReplicaLink } from '@larder/store-replication';
import type { Settings } from '@larder/store-settings';

export interface ReplicaState {
  settings: Settings;
  /** ms of the monotonic clock. */
  now: number;
  offset: number;
  unappliedBytes: number;
  /** Why a full synchronisation was refused, or ''. */
  refusal: string;
  /** It gave up its data for others that did not come: as of priority 0, it is not to be promoted. */
  isHollow: boolean;
}

export function replicaInfo(link: ReplicaLink, { settings, now, offset, unappliedBytes, refusal, isHollow }: ReplicaState): [name: string, value: string | number][] {
  const ago = (since: number) => Math.floor((now - since) / 1000);
  const isUp = link.phase === 'connected';
  const isSyncing = link.phase === 'sync' || link.phase === 'loading';
  const fields: [string, string | number][] = [
    ['role', 'slave'],
    ['master_host', link.host],
    ['master_port', link.port],
    ['master_link_status', isUp ? 'up' : 'down'],
    ['master_last_io_seconds_ago', isUp ? ago(link.lastIoAt) : -1],
    ['master_sync_in_progress', isSyncing ? 1 : 0],
    ['slave_read_repl_offset', offset + (isUp ? unappliedBytes : 0)],
    ['slave_repl_offset', offset],
  ];
  if (isSyncing) {
    const total = link.transferLength;
    fields.push(
      ['master_sync_total_bytes', Math.max(total, 0)],
      ['master_sync_read_bytes', link.transferRead],
      ['master_sync_left_bytes', total < 0 ? 0 : total - link.transferRead],
      ['master_sync_perc', (total > 0 ? (link.transferRead / total) * 100 : 0).toFixed(2)],
      ['master_sync_last_io_seconds_ago', ago(link.lastIoAt)],
    );
  }
  if (!isUp) fields.push(['master_link_down_since_seconds', link.downSince === 0 ? -1 : ago(link.downSince)]);
  if (refusal !== '') fields.push(['master_sync_refused', refusal]);
  fields.push(
    ['slave_priority', isHollow ? 0 : settings.number('replica-priority')],
    ['slave_read_only', settings.flag('replica-read-only') ? 1 : 0],
    ['replica_announced', settings.flag('replica-announced') ? 1 : 0],
  );
  return fields;
}

interface PrimaryClient {
  ends: { readonly address: string; readonly localAddress: string; readonly fileDescriptor: number };
  /** In seconds. */
  age: number;
  idle: number;
  queryBytes: number;
}

/** The primary's line in CLIENT LIST. */
export function primaryLine(session: Session, { ends, age, idle, queryBytes }: PrimaryClient): string {
  return [
    `id=${session.id}`,
    `addr=${ends.address}`,
    `laddr=${ends.localAddress}`,
    `fd=${ends.fileDescriptor}`,
    'name=',
    `age=${age}`,
    `idle=${idle}`,
    'flags=M',
    `db=${session.database}`,
    'sub=0 psub=0 ssub=0',
    `multi=${session.queue.length > 0 ? session.queue.length : -1}`,
    `qbuf=${queryBytes}`,
    'qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r',
    `cmd=${session.lastCommand || 'NULL'}`,
    'user=(superuser) redir=-1 resp=2',
  ].join(' ');
}
