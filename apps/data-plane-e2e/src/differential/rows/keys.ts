/** Commands of every type: life, names, times to live, copies, iteration, databases. */
import { anyOrder, argument, many, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { anyKey, count, element, evenZset, index, key, pattern, pureList, ttlMilliseconds, ttlSeconds, unixMilliseconds, unixSeconds } from '../values.ts';
import { payload } from '../payloads.ts';

const k = anyKey;
const condition = maybe(one('NX', 'XX', 'GT', 'LT', seq('XX', 'GT'), seq('NX', 'GT')), 0.4);
const database = argument('db', (random) => (random.chance(0.9) ? String(random.between(0, 3)) : random.pick(['15', '16', '-1', 'x', '99999999999'])));
const unordered = one(key('list'), key('set'), key('zset'));
const list = pureList;
const weightKey = one('nosort', 's*', 'h*->f2', 'k*');
const fetch = many(seq('GET', one('#', 's*', 'h*->f1', 'nothing*')), 2, 0);

export const keys: Group = {
  name: 'keys',
  weight: 9,
  rows: [
    row('DEL', 10, many(k, 3, 0)),
    row('UNLINK', 4, many(k, 3, 0)),
    row('EXISTS', 4, many(k, 4, 0)),
    row('TYPE', 4, k),
    row('TOUCH', 2, many(k, 4, 0)),
    row('RENAME', 3, k, k),
    row('RENAMENX', 3, k, k),
    row('COPY', 4, k, k, maybe(seq('DB', database), 0.2), maybe('REPLACE')),
    row('EXPIRE', 4, k, ttlSeconds, condition),
    row('PEXPIRE', 4, k, ttlMilliseconds, condition),
    row('EXPIREAT', 3, k, unixSeconds, condition),
    row('PEXPIREAT', 3, k, unixMilliseconds, condition),
    row('PERSIST', 4, k),
    row('TTL', 3, k),
    row('PTTL', 3, k),
    row('EXPIRETIME', 3, k),
    row('PEXPIRETIME', 3, k),
    row('KEYS', 2, pattern),
    row('OBJECT ENCODING', 6, k),
    row('OBJECT REFCOUNT', 1, k),
    row('OBJECT IDLETIME', 1, k),
    row('OBJECT FREQ', 1, k),
    row('OBJECT HELP', 1),
    // Ties (equal weights, equal up to a NUL for ALPHA) come in the order of the input, which only lists have; with LIMIT not even they.
    row('SORT', 3, unordered, anyOrder(maybe(one('ASC', 'DESC')), maybe(seq('LIMIT', index, index), 0.4))),
    row('SORT', 2, list, maybe(one('ASC', 'DESC')), 'ALPHA'),
    row('SORT', 3, list, maybe(seq('BY', weightKey), 0.6), maybe(fetch, 0.4), maybe(one('ASC', 'DESC')), maybe('ALPHA', 0.7)),
    row('SORT', 2, list, seq('BY', weightKey), seq('LIMIT', index, index), maybe(fetch, 0.4), maybe(one('ASC', 'DESC'))),
    row('SORT', 2, one(list, evenZset), 'BY', 'nosort', maybe(seq('LIMIT', index, index)), maybe(fetch, 0.4), maybe(one('ASC', 'DESC'))),
    // By number, whether it stores may depend on an earlier command's errno: see the rule of SORT.
    row('SORT', 2, list, maybe(fetch, 0.3), 'ALPHA', 'STORE', list),
    row('RPUSH', 3, list, many(element, 4)),
    row('LTRIM', 1, list, '0', '20'),
    row('SORT_RO', 1, list, maybe(fetch, 0.4), maybe('ALPHA')),
    shaped('RANDOMKEY', 1, [], (command) => ({ kind: 'sample', commands: [['KEYS', '*'], command] }), ['KEYS']),
    shaped('DUMP', 2, [k], (command) => ({ commands: [command] })),
    row('RESTORE', 4, k, one('0', '0', ttlMilliseconds), payload, anyOrder(maybe('REPLACE'), maybe('ABSTTL', 0.1), maybe(seq('IDLETIME', count), 0.1), maybe(seq('FREQ', count), 0.1))),
    shaped('PEXPIRE', 1, [k, one('1', '2', '3')], (command) => ({
      pauseMs: 12, commands: [command, ['EXISTS', command[1]!], ['TYPE', command[1]!]],
    }), ['EXISTS', 'TYPE']),
  ],
};

export const databases: Group = {
  name: 'databases',
  weight: 2,
  rows: [
    row('SELECT', 8, one('0', '0', '0', database)),
    row('MOVE', 6, k, database),
    row('SWAPDB', 2, database, database),
    // The dead count until they are met, and who is the first to meet them is a matter of time: SCAN meets all.
    shaped('DBSIZE', 3, [], (command) => ({ commands: [['EVAL', "redis.call('SCAN', 0, 'COUNT', 100000)", '0'], command] }), ['EVAL', 'SCAN']),
    row('COPY', 3, k, k, 'DB', database, maybe('REPLACE')),
    shaped('FLUSHDB', 1, [maybe(one('SYNC', 'ASYNC'))], (command) => ({ commands: [command] })),
    row('FLUSHALL', 0.15, maybe(one('SYNC', 'ASYNC', 'NOW'))),
  ],
};

export const scan: Group = {
  name: 'scan',
  weight: 1,
  rows: [
    shaped('SCAN', 6, ['0', anyOrder(maybe(seq('MATCH', pattern)), maybe(seq('COUNT', count)), maybe(seq('TYPE', one('string', 'hash', 'list', 'set', 'zset', 'stream', 'HASH', 'x'))))],
      (command) => ({ kind: 'walk', commands: [command] })),
    // Never spoiled: one page of a scan has no promised order.
    shaped('SCAN', 1, [one('x', '1 ', ' 1', '18446744073709551616', '1x')], (command) => ({ commands: [command] })),
  ],
};
