/** Replication and cluster. */

import { LIMITS, choice, flag, memory, number, plain, structured, text, unsigned } from '../row';
import type { PrimaryAddress } from '../structured';
import { primaryAddress } from '../structured';

const { INT_MAX, LONG_MAX, ULONG_MAX } = LIMITS;
const IMMUTABLE = { access: 'immutable' } as const;
const DEBUG = { isDebug: true } as const;

export const replicationRows = [
  structured<'replicaof', PrimaryAddress | undefined>('replicaof', undefined, primaryAddress, 'Primary to copy from', { ...IMMUTABLE, alias: 'slaveof' }),
  text('masteruser', '', 'User name at the primary', { isSensitive: true }),
  text('masterauth', '', 'Password at the primary', { isSensitive: true, isBinary: true }),
  flag('replica-serve-stale-data', true, 'Answer from old data while the primary is away', { alias: 'slave-serve-stale-data' }),
  flag('replica-read-only', true, 'Refuse writes on a replica', { ...DEBUG, alias: 'slave-read-only' }),
  flag('replica-lazy-flush', false, 'Free the old data in the background at a full sync', { alias: 'slave-lazy-flush' }),
  flag('replica-ignore-maxmemory', true, 'Leave eviction to the primary', { alias: 'slave-ignore-maxmemory' }),
  flag('replica-ignore-disk-write-errors', false, 'Follow the primary even when the disk fails'),
  flag('replica-announced', true, 'Let Sentinel show this replica'),
  number('replica-priority', 100, plain(0, INT_MAX), 'Lower is promoted first; 0 never', { alias: 'slave-priority' }),
  text('replica-announce-ip', '', 'Address to report to the primary', { alias: 'slave-announce-ip' }),
  number('replica-announce-port', 0, plain(0, 65535), 'Port to report to the primary', { alias: 'slave-announce-port' }),
  flag('repl-disable-tcp-nodelay', false, 'Bundle small packets towards replicas'),
  flag('repl-diskless-sync', true, 'Send snapshots without writing them to disk', DEBUG),
  number('repl-diskless-sync-delay', 5, plain(0, INT_MAX), 'Seconds to wait for more replicas before a full sync'),
  number('repl-diskless-sync-max-replicas', 0, plain(0, INT_MAX), 'Replicas that end the waiting; 0 waits in full'),
  choice('repl-diskless-load', 'disabled', ['disabled', 'on-empty-db', 'swapdb'], 'Load snapshots straight from the connection', { ...DEBUG, isDeniedWhileLoading: true }),
  flag('repl-refuse-empty-full-sync', true, 'As a replica that has data, refuse a full synchronisation from a primary that has none', { isHidden: true, since: 'larder' }),
  number('repl-timeout', 60, plain(1, INT_MAX), 'Seconds of silence that end a replication link'),
  number('repl-ping-replica-period', 10, plain(1, INT_MAX), 'Seconds between pings to replicas', { alias: 'repl-ping-slave-period' }),
  number('repl-backlog-size', 1024 ** 2, memory(1, LONG_MAX), 'Bytes of history kept for partial resynchronisation', { clamp: { min: 16384n, max: LONG_MAX, isForFilesToo: false } }),
  number('repl-backlog-ttl', 3600, plain(0, LONG_MAX), 'Seconds the history outlives the last replica; 0 for ever'),
  number('min-replicas-to-write', 0, plain(0, INT_MAX), 'Replicas without which writes are refused', { alias: 'min-slaves-to-write' }),
  number('min-replicas-max-lag', 10, plain(0, INT_MAX), 'Seconds of lag up to which a replica counts', { alias: 'min-slaves-max-lag' }),
  choice('propagation-error-behavior', 'ignore', ['ignore', 'panic', 'panic-on-replicas'], 'What follows when a replicated command fails'),

  flag('cluster-enabled', false, 'Run as a node of a cluster', IMMUTABLE),
  text('cluster-config-file', 'nodes.conf', 'File where the node keeps its view of the cluster', { ...IMMUTABLE, keepsEmpty: true }),
  number('cluster-port', 0, plain(0, 65535), 'Port of the cluster bus; 0 is port + 10000', IMMUTABLE),
  number('cluster-node-timeout', 15000, plain(0, LONG_MAX), 'Milliseconds of silence after which a node is suspected'),
  number('cluster-ping-interval', 0, plain(0, LONG_MAX), 'Milliseconds between pings on the bus; 0 chooses', { isHidden: true, since: '7.2' }),
  number('cluster-migration-barrier', 1, plain(0, INT_MAX), 'Replicas a primary keeps before one may migrate'),
  number('cluster-replica-validity-factor', 10, plain(0, INT_MAX), 'How stale a replica may be and still fail over', { alias: 'cluster-slave-validity-factor' }),
  number('cluster-link-sendbuf-limit', 0, unsigned(memory(0, ULONG_MAX)), 'Bytes queued on a bus link before it is cut; 0 never'),
  flag('cluster-require-full-coverage', true, 'Refuse queries while slots have no owner'),
  flag('cluster-replica-no-failover', false, 'Never fail over by itself', { alias: 'cluster-slave-no-failover' }),
  flag('cluster-allow-reads-when-down', false, 'Answer reads while the cluster is down'),
  flag('cluster-allow-pubsubshard-when-down', true, 'Allow sharded pub/sub while the cluster is down'),
  flag('cluster-allow-replica-migration', true, 'Let replicas move to primaries that have none'),
  text('cluster-announce-ip', '', 'Address to tell other nodes'),
  number('cluster-announce-port', 0, plain(0, 65535), 'Port to tell other nodes; 0 is port'),
  number('cluster-announce-tls-port', 0, plain(0, 65535), 'TLS port to tell other nodes; 0 is tls-port'),
  number('cluster-announce-bus-port', 0, plain(0, 65535), 'Bus port to tell other nodes; 0 is port + 10000'),
  text('cluster-announce-hostname', '', 'Host name to tell other nodes', { refuse: refuseHostname }),
  text('cluster-announce-human-nodename', '', 'Node name that logs show', { refuse: refuseNodeName, isHidden: true, since: '7.2' }),
  choice('cluster-preferred-endpoint-type', 'ip', ['ip', 'hostname', 'unknown-endpoint'], 'What redirections and CLUSTER SLOTS name'),
] as const;

const HOSTNAME_LENGTH_LIMIT = 256;

function refuseHostname(name: string): string | undefined {
  if (name.length >= HOSTNAME_LENGTH_LIMIT) return `Hostnames must be less than ${HOSTNAME_LENGTH_LIMIT} characters`;
  return /[^A-Za-z0-9.-]/.test(name) ? 'Hostnames may only contain alphanumeric characters, hyphens or dots' : undefined;
}

/** The characters that nodes.conf and the cluster bus give a meaning of their own. */
function refuseNodeName(name: string): string | undefined {
  return /[!#$%&()*+:;<>?@[\]^{|}~]/.test(name) ? 'Announced human node name contained invalid character' : undefined;
}
