/** What a server answers about replicas, cluster, modules, latency, memory and its own commands while it stands alone and is idle. */
import { anyOrder, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { anyKey } from '../values.ts';

const number = one('0', '1', '-1', 'x', '9223372036854775808', '');
/** Commands whose keys and what is done to them are asked for. */
const KEYED = [
  'GET a', 'SET a b', 'SET a b GET', 'SET a', 'MSET a 1 b 2', 'MSET a 1 b', 'BITFIELD a GET u8 0', 'BITFIELD a OVERFLOW SAT GET u8 0 SET u8 0 1', 'SORT a BY x GET y STORE b STORE c', 'SORT_RO a BY x', 'EVAL x 2 a b c', 'EVAL x 0', 'EVAL x 9 a',
  'ZUNIONSTORE d 2 a b WEIGHTS 1 2', 'ZUNIONSTORE d 2x a b', 'ZUNIONSTORE d 0 a', 'XREAD COUNT 1 STREAMS a b 0 0', 'XREADGROUP GROUP streams c STREAMS a 0', 'GEORADIUS a 1 2 3 m STORE b STOREDIST c', 'LMPOP 2 a b LEFT', 'LMPOP 5 a b LEFT', 'BLMPOP 0 1 a LEFT',
  'COPY a b', 'RENAME a b', 'OBJECT ENCODING a', 'OBJECT NOSUCH a', 'MEMORY USAGE a', 'PFCOUNT a b', 'SPUBLISH a b', 'SUBSCRIBE a', 'PING', 'NOSUCH', 'BLPOP a b 0', 'SINTERCARD 2 a b', 'XGROUP CREATE a g 0', 'MIGRATE h 1 k 0 1', 'MIGRATE h 1  0 1 KEYS a b', 'TOUCH a b',
];

export const standalone: Group = {
  name: 'standalone',
  weight: 1,
  rows: [
    ...KEYED.map((line) => shaped('COMMAND GETKEYSANDFLAGS', 0.2, [], () => ({ commands: [['COMMAND', 'GETKEYSANDFLAGS', ...line.split(' ')]] }), ['COMMAND GETKEYSANDFLAGS'])),
    ...['get', 'SET', 'sort', 'xadd', 'config|get', 'geosearch', 'nosuch', 'hello', 'lmpop'].map((name) => shaped('COMMAND DOCS', 0.3, [name], (command) => ({ commands: [command] }))),
    shaped('COMMAND LIST', 0.3, ['FILTERBY', one(seq('PATTERN', 'geo*'), seq('MODULE', 'x'), seq('ACLCAT', 'nosuch'), 'x', seq('x', 'y'))], (command) => ({ commands: [command] })),
    row('CLUSTER INFO', 0.3),
    row('CLUSTER SLOTS', 0.3),
    row('CLUSTER KEYSLOT', 0.3, anyKey),
    row('READONLY', 0.3),
    row('READWRITE', 0.3),
    row('ASKING', 0.3),
    row('FAILOVER', 1, maybe(one('ABORT', 'x', seq('TIMEOUT', number), seq('TO', 'a', number), anyOrder('FORCE', seq('TO', 'a', '1'), seq('TIMEOUT', '10'))))),
    shaped('REPLCONF', 1, [one(seq('listening-port', number), seq('ip-address', 'a'), seq('capa', 'eof', 'capa', 'x'), seq('rdb-only', number), seq('rdb-filter-only', one('functions', 'x', '"')), seq('x', 'y'), 'x')], (command) => ({ commands: [command] })),
    row('MODULE LIST', 0.3),
    row('MODULE LOAD', 0.3, '/nosuch'),
    row('MODULE UNLOAD', 0.3, 'nosuch'),
    row('LOLWUT', 0.3, maybe(seq('VERSION', one('7', 'x')))),
    row('WAIT', 0.5, one('0', '-1', 'x'), one('0', '1', '-1', 'x')),
    row('ROLE', 0.3),
    row('REPLICAOF', 0.3, one(seq('no', 'one'), seq('host', one('x', '-1', '65536')))),
    row('MIGRATE', 0.5, 'host', '1', one('missing0', ''), one('0', 'x'), one('1', 'x'), maybe(one('COPY', 'x', seq('AUTH', 'a'), 'AUTH', seq('AUTH2', 'a', 'b'), seq('KEYS', 'missing1', 'missing2')))),
    row('LATENCY LATEST', 0.3),
    row('LATENCY HISTORY', 0.3, one('command', 'nosuch')),
    row('LATENCY GRAPH', 0.3, one('nosuch', '')),
    row('LATENCY RESET', 0.3, maybe('nosuch')),
    // Not spoiled: without a name it is how long every command took.
    shaped('LATENCY HISTOGRAM', 0.3, ['nosuch'], (command) => ({ commands: [command] })),
    row('LATENCY DOCTOR', 0.2),
    row('MEMORY STATS', 0.3),
    row('MEMORY DOCTOR', 0.2),
    row('MEMORY MALLOC-STATS', 0.2),
    row('MEMORY PURGE', 0.2),
    row('SLOWLOG GET', 0.3, one('0', '-2', 'x')),
    row('OBJECT FREQ', 0.5, anyKey),
    row('OBJECT HELP', 0.2),
    row('INFO', 0.3, one('nosuch', 'modules', 'cluster', seq('modules', 'nosuch', 'CLUSTER'))),
    row('CLIENT TRACKINGINFO', 0.3),
    row('CLIENT GETREDIR', 0.3),
    row('CLIENT CACHING', 0.3, one('yes', 'no', 'x')),
    row('CLIENT TRACKING', 0.5, one('x', 'off', seq('on', one('x', seq('PREFIX', 'a'), seq('REDIRECT', one('x', '99999')), seq('OPTIN', 'OPTOUT'), seq('BCAST', 'OPTIN'), seq('BCAST', 'PREFIX', 'a', 'PREFIX', 'ab'))))),
  ],
};
