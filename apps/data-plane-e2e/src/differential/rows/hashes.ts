/** Hashes. */
import { many, maybe, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { count, field, float, integer, key, pattern, value } from '../values.ts';

const k = key('hash');

export const hashes: Group = {
  name: 'hashes',
  weight: 9,
  rows: [
    row('HSET', 14, k, many(seq(field, value), 4)),
    row('HMSET', 2, k, many(seq(field, value), 3)),
    row('HSETNX', 3, k, field, value),
    row('HGET', 5, k, field),
    row('HMGET', 3, k, many(field, 5)),
    row('HGETALL', 4, k),
    row('HKEYS', 2, k),
    row('HVALS', 2, k),
    row('HLEN', 3, k),
    row('HEXISTS', 3, k, field),
    row('HSTRLEN', 3, k, field),
    row('HDEL', 6, k, many(field, 5)),
    row('HINCRBY', 5, k, field, integer),
    row('HINCRBYFLOAT', 4, k, field, float),
    shaped('HRANDFIELD', 3, [k, maybe(seq(count, maybe('WITHVALUES')))], (command) => ({
      kind: 'sample', commands: [['HGETALL', command[1]!], command],
    }), ['HGETALL']),
    shaped('HSCAN', 2, [k, '0', maybe(seq('MATCH', pattern)), maybe(seq('COUNT', count))], (command) => ({ kind: 'walk', commands: [command] })),
  ],
};
