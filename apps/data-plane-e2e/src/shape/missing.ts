/** What redis-server 7.0.15 shows and larder-server does not, or shows otherwise, each with its reason. */

const reasons = (groups: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(groups).flatMap(([reason, names]) => names.map((name) => [name, reason] as const)));

export const missingInfoFields = reasons({
  'an allocator that larder-server does not have': [
    'allocator_allocated', 'allocator_active', 'allocator_resident', 'allocator_frag_ratio', 'allocator_frag_bytes', 'allocator_rss_ratio', 'allocator_rss_bytes', 'mem_allocator', 'rss_overhead_ratio', 'rss_overhead_bytes',
    'active_defrag_running', 'active_defrag_hits', 'active_defrag_misses', 'active_defrag_key_hits', 'active_defrag_key_misses', 'total_active_defrag_time', 'current_active_defrag_time',
  ],
  'there is no fork': ['latest_fork_usec', 'current_cow_peak', 'current_cow_size_age', 'current_fork_perc', 'rdb_last_cow_size', 'aof_last_cow_size', 'module_fork_in_progress', 'module_fork_last_cow_size'],
  'the compiler and the event library of the C program': ['gcc_version', 'multiplexing_api', 'atomicvar_api', 'monotonic_clock', 'io_threads_active'],
  'CPU time of children and of one thread': ['used_cpu_sys_children', 'used_cpu_user_children', 'used_cpu_sys_main_thread', 'used_cpu_user_main_thread'],
});

export const missingSettings = reasons({
  'not built yet: append-only file': [],
});

export const otherDefaults = reasons({
  'where and how the test started it': ['port', 'dir', 'bind', 'save', 'pidfile', 'logfile', 'unixsocket', 'daemonize', 'appendonly', 'locale-collate', 'oom-score-adj-values', 'maxclients', 'proc-title-template'],
});

/** Commands that take another argument since Redis 7.2: redis-seven-two.e2e.ts has what they answer. */
export const longerSince72: ReadonlySet<string> = new Set(['zrank', 'zrevrank']);
