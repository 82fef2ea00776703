/** INFO's section on replication. */
import { FILE_SENT, ONLINE, SENDS_FILE } from '@larder/store-replication';
import type { StoreServer } from '../store-server';

type Field = [name: string, value: string | number];

function stateName(state: number): string {
  if (state === ONLINE || state === FILE_SENT) return 'online';
  return state === SENDS_FILE ? 'send_bulk' : 'wait_bgsave';
}

export function replicationInfo(server: StoreServer): Field[] {
  const { replication } = server;
  const { state, backlog, links } = replication.shared;
  const { settings } = server;
  const now = server.monotonic();
  const slots = links.connected;
  const { end } = backlog;
  const first = backlog.first;
  const minimum = settings.number('min-replicas-to-write');
  const maxLag = settings.number('min-replicas-max-lag');
  return [
    ...(replication.upstream?.infoFields() ?? [['role', 'master'] satisfies Field]),
    ['connected_slaves', slots.length],
    ...(minimum > 0 && maxLag > 0 ? [['min_slaves_good_slaves', links.countGood(now, maxLag)] satisfies Field] : []),
    ...slots.map((slot, i): Field => {
      const lag = slot.state === ONLINE ? Math.floor((now - slot.acknowledgedAt) / 1000) : 0;
      return [`slave${i}`, `ip=${slot.address},port=${slot.port},state=${stateName(slot.state)},offset=${Math.max(0, slot.acknowledged)},lag=${lag}`];
    }),
    ['master_failover_state', replication.home?.failover.state ?? 'no-failover'],
    ...(state.isWithholding ? [['full_sync_refused', 'started-without-data'] satisfies Field] : []),
    ['master_replid', state.id],
    ['master_replid2', state.id2],
    ['master_repl_offset', end],
    ['second_repl_offset', state.secondOffset],
    ['repl_backlog_active', backlog.isActive ? 1 : 0],
    ['repl_backlog_size', replication.historyBytes],
    ['repl_backlog_first_byte_offset', backlog.isActive ? first + 1 : 0],
    ['repl_backlog_histlen', backlog.isActive ? end - first : 0],
  ];
}
