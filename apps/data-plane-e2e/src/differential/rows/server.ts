/** The connection and the server: replies that do not depend on data. What INFO, CONFIG GET * and COMMAND list is compared by the shape tests. */
import { anyOrder, argument, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { anyKey, anyValue, value } from '../values.ts';

const name = argument('name', (random) => random.pick(['worker', 'a-b.c', 'with space', '', 'x\ny', 'caf\xc3\xa9', '!ok~']));
/** Settings that every target has, with values good and bad; those that change data's encodings are put back by the run. */
const setting = one(
  seq('maxmemory-policy', one('noeviction', 'allkeys-lru', 'bogus')),
  seq('maxmemory-samples', one('5', '0', '10', 'x')),
  seq('lua-time-limit', one('5000', '-1', 'x')),
  seq('timeout', one('0', 'x', '-1')),
  seq('maxmemory', one('0', '10gb', '4000mb', 'x', '-1', '1tb2', '9999999k')),
  seq('port-that-is-not', '1'),
  seq('hz', one('10', '0', 'x')),
  seq('databases', '4'),
  seq('bind-source-addr', value),
);
const readable = one(
  'maxmemory', 'maxmemory-policy', 'MAXMEMORY-SAMPLES', 'hash-max-listpack-entries', 'hash-max-ziplist-entries', 'set-max-intset-entries', 'zset-max-listpack-*', 'list-max-listpack-size',
  'databases', 'nosuchsetting', 'proto-max-bulk-len', 'stream-node-max-*', 'lua-time-limit', 'save', 'appendonly', 'timeout', 'rdbcompression', 'list-compress-depth', '',
);
/** Commands whose keys are asked for. */
const KEYED = [
  ['SET', 'k', 'v'], ['SET'], ['MSET', 'a', '1', 'b', '2'], ['EVAL', 'x', '2', 'a', 'b'], ['EVAL', 'x'], ['ZUNIONSTORE', 'd', '2', 'a', 'b'], ['ZUNIONSTORE', 'd'], ['PING'], ['nosuch'], ['GET', 'a', 'b'],
  ['LMPOP', '2', 'a', 'b', 'LEFT'], ['XREAD', 'COUNT', '1', 'STREAMS', 'a', 'b', '0', '0'], ['SORT', 'a', 'STORE', 'b'], ['COPY', 'a', 'b'], ['ZINTERCARD', '1', 'a'],
];

export const server: Group = {
  name: 'server',
  weight: 1,
  rows: [
    row('PING', 3, maybe(value)),
    row('ECHO', 3, value),
    row('TIME', 1),
    row('LASTSAVE', 0.5),
    row('CONFIG GET', 4, readable, maybe(readable, 0.2)),
    row('CONFIG SET', 4, setting, maybe(setting, 0.1)),
    row('CONFIG RESETSTAT', 0.3),
    row('CONFIG HELP', 0.3),
    row('CLIENT ID', 1),
    row('CLIENT GETNAME', 2),
    row('CLIENT SETNAME', 2, name),
    row('CLIENT LIST', 1, maybe(one(seq('TYPE', one('normal', 'pubsub', 'x')), seq('ID', one('0', 'x', '-1'))), 0.5)),
    row('CLIENT INFO', 1),
    row('CLIENT KILL', 1, one(seq('ID', one('0', '999999999', 'x')), '1.2.3.4:5', seq('ADDR', '1.2.3.4:5'), seq('TYPE', one('replica', 'x')), seq('LADDR', '1.2.3.4:6', 'SKIPME', one('yes', 'no', 'x')), seq('USER', 'nosuch'), 'x')),
    row('CLIENT HELP', 0.3),
    ...KEYED.map((command) => shaped('COMMAND GETKEYS', 0.2, [seq(...command)], (made) => ({ commands: [made] }), command[0] === 'nosuch' ? [] : [command[0]!])),
    // Not spoiled: without a name it is the whole table in random order (the shape test compares that).
    ...['get', 'SET', 'zadd', 'config|get', 'client|list', 'XADD', 'eval', 'hset', 'sort', 'lmpop', 'nosuch'].map((name_) =>
      shaped('COMMAND INFO', 0.1, [name_], (command) => ({ commands: [command] }), name_ === 'nosuch' ? [] : [name_.toUpperCase().replace('|', ' ')]),
    ),
    shaped('COMMAND DOCS', 0.3, ['nosuchcommand'], (command) => ({ commands: [command] })),
    row('COMMAND HELP', 0.3),
    row('HELLO', 1, one('4', 'x', '1', seq('2', 'AUTH', 'default'), seq('2', 'SETNAME', 'bad name'), seq('9999999999', 'x'))),
    row('AUTH', 1, one(value, seq('default', value), seq('nobody', value))),
    row('MEMORY USAGE', 0.5, anyKey, maybe(seq('SAMPLES', one('0', '5', '-1', 'x')))),
    row('SLOWLOG RESET', 0.3),
    row('WAIT', 0.3, '0', '1'),
    row('RESET', 0.3),
    row('PUBLISH', 2, 'nobody-listens', value),
    row('PUBSUB CHANNELS', 0.5, maybe('nobody*')),
    row('PUBSUB NUMSUB', 0.5, maybe('nobody')),
    row('PUBSUB NUMPAT', 0.5),
    row('PUBSUB HELP', 0.3),
    shaped('CLIENT NO-EVICT', 0.5, [one('on', 'off', 'x')], (command) => ({ commands: [command] })),
    row('DEBUG', 0.2, one('SLEEP', 'HELP', 'x')),
    row('SWAPDB', 0.3, one('x', '0'), one('99', 'x')),
  ],
};

export const errors: Group = {
  name: 'errors',
  weight: 1,
  rows: [
    shaped('PING', 3, [], (_command, random) => ({
      commands: [[random.pick(['nosuch', 'GETT', '', 'x'.repeat(200), 'a\r\nb', 'g\x00t', 'SETX', 'object|encoding', 'FOO BAR']), ...Array.from({ length: random.between(0, 5) }, () => anyValue(random))]],
    })),
    ...['OBJECT', 'CONFIG', 'CLIENT', 'SCRIPT', 'XINFO', 'COMMAND', 'PUBSUB', 'MEMORY', 'SLOWLOG'].map((container) =>
      shaped(`${container} NOSUCH`, 0.25, [], (_command, random) => ({
        commands: [[random.pick([container, container.toLowerCase()]), random.pick(['nosuch', '', 'HELP', 'x'.repeat(150), 'a\nb']), ...(random.chance(0.5) ? [anyValue(random)] : [])]],
      })),
    ),
    row('PING', 1, anyOrder('a', 'b'), maybe('c')),
  ],
};
