/** How much memory, what happens when it is full, and how values are laid out in it. */

import { LIMITS, choice, flag, memory, number, plain, structured, unsigned } from '../row';
import { keyspaceEvents } from '../structured';

const { INT_MAX, INT_MIN, LONG_MAX, ULONG_MAX } = LIMITS;
const POLICIES = [
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'noeviction',
] as const;
const DEBUG = { isDebug: true } as const;
const LATER = { isHidden: true, since: '7.2' } as const;

export const memoryRows = [
  number('maxmemory', 0, unsigned(memory(0, ULONG_MAX)), 'Memory for keys and values; 0 is no limit'),
  choice('maxmemory-policy', 'noeviction', POLICIES, 'What goes when memory is full'),
  number('maxmemory-samples', 5, plain(1, INT_MAX), 'Keys compared per eviction'),
  number('maxmemory-eviction-tenacity', 10, plain(0, 100), 'How much time eviction may take at once'),
  number('lfu-log-factor', 10, plain(0, INT_MAX), 'How slowly the access counter grows'),
  number('lfu-decay-time', 1, plain(0, INT_MAX), 'Minutes after which the access counter falls'),
  number('active-expire-effort', 1, plain(1, 10), 'How eagerly expired keys are looked for'),
  flag('lazyfree-lazy-eviction', false, 'Free evicted values in the background', DEBUG),
  flag('lazyfree-lazy-expire', false, 'Free expired values in the background', DEBUG),
  flag('lazyfree-lazy-server-del', false, 'Free overwritten values in the background', DEBUG),
  flag('lazyfree-lazy-user-del', false, 'Let DEL free like UNLINK', DEBUG),
  flag('lazyfree-lazy-user-flush', false, 'Let FLUSHDB and FLUSHALL free in the background', DEBUG),
  structured('notify-keyspace-events', '', keyspaceEvents, 'Classes of events that are published'),
  flag('activerehashing', true, 'Resize tables in idle time'),
  flag('jemalloc-bg-thread', true, "Accepted for compatibility: the arena needs no allocator's thread"),
  flag('activedefrag', false, 'Move values together in idle time', DEBUG),
  number('active-defrag-cycle-min', 1, plain(1, 99), 'Least effort of defragmentation in percent of a processor'),
  number('active-defrag-cycle-max', 25, plain(1, 99), 'Most effort of defragmentation in percent of a processor'),
  number('active-defrag-threshold-lower', 10, plain(0, 1000), 'Percent of fragmentation where defragmentation begins'),
  number('active-defrag-threshold-upper', 100, plain(0, 1000), 'Percent of fragmentation where it takes most effort'),
  number('active-defrag-ignore-bytes', 100 * 1024 ** 2, unsigned(memory(1, LONG_MAX)), 'Fragmented bytes below which nothing is moved'),
  number('active-defrag-max-scan-fields', 1000, plain(1, LONG_MAX), 'Elements from which a collection is moved in slices'),

  number('hash-max-listpack-entries', 512, unsigned(plain(0, LONG_MAX)), 'Fields up to which a hash is one packed list', { alias: 'hash-max-ziplist-entries' }),
  number('hash-max-listpack-value', 64, unsigned(memory(0, LONG_MAX)), 'Longest field or value in a packed hash', { alias: 'hash-max-ziplist-value' }),
  number('list-max-listpack-size', -2, plain(INT_MIN, INT_MAX), 'Size of one node of a list: entries, or -1 to -5 for 4 to 64 KiB', { alias: 'list-max-ziplist-size' }),
  number('list-compress-depth', 0, plain(0, INT_MAX), 'Nodes at both ends of a list that stay uncompressed; 0 compresses none', DEBUG),
  number('set-max-intset-entries', 512, unsigned(plain(0, LONG_MAX)), 'Members up to which a set of integers is packed'),
  number('set-max-listpack-entries', 128, unsigned(plain(0, LONG_MAX)), 'Members up to which a set is one packed list', LATER),
  number('set-max-listpack-value', 64, unsigned(plain(0, LONG_MAX)), 'Longest member in a packed set', LATER),
  number('zset-max-listpack-entries', 128, unsigned(plain(0, LONG_MAX)), 'Members up to which a sorted set is one packed list', { alias: 'zset-max-ziplist-entries' }),
  number('zset-max-listpack-value', 64, unsigned(memory(0, LONG_MAX)), 'Longest member in a packed sorted set', { alias: 'zset-max-ziplist-value' }),
  number('hll-sparse-max-bytes', 3000, unsigned(memory(0, LONG_MAX)), 'Size up to which a HyperLogLog stays sparse'),
  number('stream-node-max-bytes', 4096, unsigned(memory(0, LONG_MAX)), 'Size of one node of a stream; 0 is no limit'),
  number('stream-node-max-entries', 100, plain(0, LONG_MAX), 'Entries in one node of a stream; 0 is no limit'),
] as const;
