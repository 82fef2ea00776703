/** INFO: sections and fields as Redis 7.0 names them. Fields whose matter is not built have the value of an idle Redis. */
import { arch, platform, release, totalmem } from 'node:os';
import { COMPATIBLE_REDIS_VERSION, bytesToHuman } from '@larder/store-settings';
import { SYNC_FULL, SYNC_PARTIAL_ERR, SYNC_PARTIAL_OK } from '@larder/store-replication';
import type { Connection } from './connection';
import { memoryFigures } from './memory-figures';
import { replicationInfo } from './replication/replication-info';
import { largest } from './statistics';
import type { StoreServer } from './store-server';

type Field = readonly [name: string, value: string | number];

export interface InfoSection {
  /** As given to INFO. */
  name: string;
  title: string;
  /** Shown by INFO without arguments. */
  isDefault: boolean;
  fields: (server: StoreServer) => Field[];
}

/** Of all threads' clients now. */
function largestBuffer(server: StoreServer, gauge: 'largestInput' | 'largestOutput', size: (connection: Connection) => number): number {
  return Math.max(largest(server.connections.values(), size), server.statistics.largest(gauge));
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(2);
}

function exceededNow(server: StoreServer): number {
  const { exceededSince } = server.memory.eviction;
  return exceededSince === 0 ? 0 : server.monotonic() - exceededSince;
}

function ratio(a: number, b: number): string {
  return b === 0 ? '0.00' : (a / b).toFixed(2);
}

export const infoSections: readonly InfoSection[] = [
  {
    name: 'server',
    title: 'Server',
    isDefault: true,
    fields: (server) => {
      const seconds = Math.floor((server.clock.now() - server.startedAt) / 1000);
      return [
        ['redis_version', COMPATIBLE_REDIS_VERSION],
        ['redis_git_sha1', '00000000'],
        ['redis_git_dirty', 0],
        ['redis_build_id', '0'],
        ['redis_mode', server.isSentinel ? 'sentinel' : 'standalone'],
        ['os', `${platform() === 'linux' ? 'Linux' : platform()} ${release()} ${arch() === 'x64' ? 'x86_64' : arch()}`],
        ['arch_bits', 64],
        ['monotonic_clock', 'POSIX clock_gettime'],
        ['multiplexing_api', 'epoll'],
        ['atomicvar_api', 'c11-builtin'],
        ['gcc_version', '0.0.0'],
        ['process_id', process.pid],
        ['process_supervised', server.supervisor],
        ['run_id', server.runId],
        ['tcp_port', server.settings.number('port') || server.settings.number('tls-port')],
        ['server_time_usec', server.clock.now() * 1000],
        ['uptime_in_seconds', seconds],
        ['uptime_in_days', Math.floor(seconds / 86400)],
        ['hz', server.settings.number('hz')],
        ['configured_hz', server.settings.number('hz')],
        ['lru_clock', Math.floor(server.keyspace.now / 1000) & 0xffffff],
        ['executable', process.argv[1] ?? ''],
        ['config_file', server.configFile],
        ['io_threads_active', 0],
        ['threads', server.threadCount],
        ['larder_version', '0.1.0'],
      ];
    },
  },
  {
    name: 'clients',
    title: 'Clients',
    isDefault: true,
    fields: (server) => [
      ['connected_clients', server.connectionCount - server.replication.shared.links.count],
      ['cluster_connections', 0],
      ['maxclients', server.settings.number('maxclients')],
      ['client_recent_max_input_buffer', largestBuffer(server, 'largestInput', ({ queryBytes }) => queryBytes)],
      ['client_recent_max_output_buffer', largestBuffer(server, 'largestOutput', ({ outputBytes }) => outputBytes)],
      ['blocked_clients', server.dispatcher.waiters.all.size + server.statistics.gauge('blocked')],
      ['tracking_clients', server.observers.tracking.gauges.trackingClients + server.statistics.gauge('trackingClients')],
      ['clients_in_timeout_table', [...server.dispatcher.waiters.all].filter((blocked) => blocked.deadline > 0).length + server.statistics.gauge('timed')],
    ],
  },
  {
    name: 'memory',
    title: 'Memory',
    isDefault: true,
    fields: (server) => {
      const m = memoryFigures(server);
      const { used, rss } = m;
      const limit = server.settings.number('maxmemory');
      return [
        ['used_memory', used],
        ['used_memory_human', bytesToHuman(used)],
        ['used_memory_rss', rss],
        ['used_memory_rss_human', bytesToHuman(rss)],
        ['used_memory_peak', server.statistics.peakMemory],
        ['used_memory_peak_human', bytesToHuman(server.statistics.peakMemory)],
        ['used_memory_peak_perc', `${m.peakPercent.toFixed(2)}%`],
        ['used_memory_overhead', m.overhead],
        ['used_memory_startup', server.statistics.startMemory],
        ['used_memory_dataset', m.dataset],
        ['used_memory_dataset_perc', `${m.datasetPercent.toFixed(2)}%`],
        ['allocator_allocated', server.arena.used],
        ['allocator_active', server.arena.reserved],
        ['allocator_resident', server.arena.reserved],
        ['total_system_memory', totalmem()],
        ['total_system_memory_human', bytesToHuman(totalmem())],
        ['used_memory_lua', server.scripts.luaBytes],
        ['used_memory_vm_eval', server.scripts.luaBytes],
        ['used_memory_lua_human', bytesToHuman(server.scripts.luaBytes)],
        ['used_memory_scripts_eval', server.scripts.scriptBytes],
        ['number_of_cached_scripts', server.scripts.scriptCount],
        ['number_of_functions', server.functions.functionCount],
        ['number_of_libraries', server.functions.libraryCount],
        ['used_memory_vm_functions', server.functions.luaBytes],
        ['used_memory_vm_total', server.scripts.luaBytes + server.functions.luaBytes],
        ['used_memory_vm_total_human', bytesToHuman(server.scripts.luaBytes + server.functions.luaBytes)],
        ['used_memory_functions', server.functions.libraryBytes],
        ['used_memory_scripts', server.scripts.scriptBytes + server.functions.libraryBytes],
        ['used_memory_scripts_human', bytesToHuman(server.scripts.scriptBytes + server.functions.libraryBytes)],
        ['maxmemory', limit],
        ['maxmemory_human', bytesToHuman(limit)],
        ['maxmemory_policy', server.settings.shown('maxmemory-policy')],
        ['allocator_frag_ratio', ratio(m.active, m.allocated)],
        ['allocator_frag_bytes', m.active - m.allocated],
        ['allocator_rss_ratio', ratio(m.resident, m.active)],
        ['allocator_rss_bytes', m.resident - m.active],
        ['rss_overhead_ratio', ratio(rss, m.resident)],
        ['rss_overhead_bytes', rss - m.resident],
        ['mem_fragmentation_ratio', ratio(rss, used)],
        ['mem_fragmentation_bytes', rss - used],
        ['mem_not_counted_for_evict', 0],
        ['mem_replication_backlog', server.replication.shared.backlog.ringBytes],
        ['mem_total_replication_buffers', server.replication.shared.backlog.ringBytes],
        ['mem_clients_slaves', 0],
        ['mem_clients_normal', m.clients],
        ['mem_cluster_links', 0],
        ['mem_aof_buffer', 0],
        ['mem_allocator', 'larder-arena'],
        ['active_defrag_running', server.defrag.effort],
        ['lazyfree_pending_objects', server.keyspace.queues.pending],
        ['lazyfreed_objects', server.keyspace.queues.freed],
      ];
    },
  },
  {
    name: 'persistence',
    title: 'Persistence',
    isDefault: true,
    fields: (server) => server.persistenceInfo(),
  },
  {
    name: 'stats',
    title: 'Stats',
    isDefault: true,
    fields: (server) => [
      ['total_connections_received', server.statistics.connections],
      ['total_commands_processed', server.dispatcher.executed],
      ['instantaneous_ops_per_sec', Math.round(server.statistics.rate('ops'))],
      ['total_net_input_bytes', server.statistics.inputBytes],
      ['total_net_output_bytes', server.statistics.outputBytes],
      ['total_net_repl_input_bytes', server.replica?.inputBytes ?? 0],
      ['total_net_repl_output_bytes', server.replication.outputBytes + server.statistics.gauge('replicationBytes')],
      ['instantaneous_input_kbps', kilobytes(server.statistics.rate('input'))],
      ['instantaneous_output_kbps', kilobytes(server.statistics.rate('output'))],
      ['instantaneous_input_repl_kbps', kilobytes(server.statistics.rate('replicationInput'))],
      ['instantaneous_output_repl_kbps', kilobytes(server.statistics.rate('replicationOutput'))],
      ['rejected_connections', server.statistics.rejectedConnections],
      ['sync_full', server.replication.shared.links.counted(SYNC_FULL)],
      ['sync_partial_ok', server.replication.shared.links.counted(SYNC_PARTIAL_OK)],
      ['sync_partial_err', server.replication.shared.links.counted(SYNC_PARTIAL_ERR)],
      ['expired_keys', server.keyspace.expiredKeys],
      ['expired_stale_perc', (server.expiry.staleShare * 100).toFixed(2)],
      ['expired_time_cap_reached_count', server.expiry.budgetsUsedUp],
      ['expire_cycle_cpu_milliseconds', Math.floor(server.expiry.ms)],
      ['evicted_keys', server.keyspace.evictedKeys],
      ['evicted_clients', server.memory.evictedClients + server.statistics.gauge('evictedClients')],
      ['total_eviction_exceeded_time', Math.floor(server.memory.eviction.exceededMs + exceededNow(server))],
      ['current_eviction_exceeded_time', Math.floor(exceededNow(server))],
      ['keyspace_hits', server.keyspace.hits],
      ['keyspace_misses', server.keyspace.misses],
      ['pubsub_channels', server.pubsub.size('channels')],
      ['pubsub_patterns', server.pubsub.size('patterns')],
      ['pubsubshard_channels', server.pubsub.size('shardChannels')],
      ['latest_fork_usec', 0],
      ['total_forks', 0],
      ['migrate_cached_sockets', 0],
      ['slave_expires_tracked_keys', 0],
      ['active_defrag_hits', server.defrag.moves.hits],
      ['active_defrag_misses', server.defrag.moves.misses],
      ['active_defrag_key_hits', server.defrag.moves.keyHits],
      ['active_defrag_key_misses', server.defrag.moves.keyMisses],
      ['total_active_defrag_time', server.defrag.totalMs],
      ['current_active_defrag_time', server.defrag.currentMs],
      ['tracking_total_keys', server.observers.tracking.gauges.trackingKeys + server.statistics.gauge('trackingKeys')],
      ['tracking_total_items', server.observers.tracking.gauges.trackingItems + server.statistics.gauge('trackingItems')],
      ['tracking_total_prefixes', server.observers.tracking.gauges.trackingPrefixes + server.statistics.gauge('trackingPrefixes')],
      ['unexpected_error_replies', 0],
      ['total_error_replies', server.statistics.errorReplies],
      ['dump_payload_sanitizations', 0],
      ['total_reads_processed', server.statistics.turns],
      ['total_writes_processed', server.statistics.writes],
      ['io_threaded_reads_processed', 0],
      ['io_threaded_writes_processed', 0],
      ['reply_buffer_shrinks', 0],
      ['reply_buffer_expands', 0],
      ['acl_access_denied_auth', server.permissions.log.denied.auth],
      ['acl_access_denied_cmd', server.permissions.log.denied.command],
      ['acl_access_denied_key', server.permissions.log.denied.key],
      ['acl_access_denied_channel', server.permissions.log.denied.channel],
    ],
  },
  {
    name: 'replication',
    title: 'Replication',
    isDefault: true,
    fields: replicationInfo,
  },
  {
    name: 'cpu',
    title: 'CPU',
    isDefault: true,
    fields: () => {
      const { user, system } = process.cpuUsage();
      const thread = process.threadCpuUsage();
      return [
        ['used_cpu_sys', (system / 1e6).toFixed(6)],
        ['used_cpu_user', (user / 1e6).toFixed(6)],
        ['used_cpu_sys_children', '0.000000'],
        ['used_cpu_user_children', '0.000000'],
        ['used_cpu_sys_main_thread', (thread.system / 1e6).toFixed(6)],
        ['used_cpu_user_main_thread', (thread.user / 1e6).toFixed(6)],
      ];
    },
  },
  { name: 'modules', title: 'Modules', isDefault: true, fields: () => [] },
  {
    name: 'commandstats',
    title: 'Commandstats',
    isDefault: false,
    fields: (server) =>
      [...server.dispatcher.table.each()]
        .filter((command) => command.calls + command.rejected + command.failed > 0)
        .map((command) => [
          `cmdstat_${command.name}`,
          `calls=${command.calls},usec=${Math.floor(command.timing.usec)},usec_per_call=${ratio(command.timing.usec, command.calls)},rejected_calls=${command.rejected},failed_calls=${command.failed}`,
        ]),
  },
  {
    name: 'errorstats',
    title: 'Errorstats',
    isDefault: true,
    fields: (server) => [...server.statistics.errors].sort(([a], [b]) => (a < b ? -1 : 1)).map(([prefix, count]) => [`errorstat_${prefix}`, `count=${count}`]),
  },
  {
    name: 'latencystats',
    title: 'Latencystats',
    isDefault: false,
    fields: (server) =>
      [...(server.settings.flag('latency-tracking') ? server.dispatcher.table.each() : [])]
        .filter((command) => !command.timing.isEmpty)
        .map(({ name, timing }) => [
          `latency_percentiles_usec_${name}`,
          server.settings.value('latency-tracking-info-percentiles').map((percent) => `p${percent}=${timing.percentile(Number(percent)).toFixed(3)}`).join(','),
        ]),
  },
  { name: 'cluster', title: 'Cluster', isDefault: true, fields: () => [['cluster_enabled', 0]] },
  {
    name: 'keyspace',
    title: 'Keyspace',
    isDefault: true,
    fields: (server) => {
      const { keyspace } = server;
      const out: Field[] = [];
      for (let database = 0; database < keyspace.databases; database++) {
        const size = keyspace.size(database);
        if (size > 0) out.push([`db${database}`, `keys=${size},expires=${keyspace.expiresSize(database)},avg_ttl=${Math.round(server.expiry.averageTtl(database))}`]);
      }
      return out;
    },
  },
];

/** The text of INFO for section names in lower case; none means the default ones. */
export function infoText(server: StoreServer, wanted: readonly string[]): string {
  const all = wanted.includes('all') || wanted.includes('everything');
  const defaults = wanted.length === 0 || wanted.includes('default');
  return infoSections
    .filter((section) => all || (defaults && section.isDefault) || wanted.includes(section.name))
    .map((section) => `# ${section.title}\r\n${section.fields(server).map(([name, value]) => `${name}:${value}\r\n`).join('')}`)
    .join('\r\n');
}
