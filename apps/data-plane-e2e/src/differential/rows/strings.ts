/** Strings. */
import { anyOrder, many, maybe, one, seq } from '../grammar.ts';
import { row } from '../row.ts';
import type { Group } from '../row.ts';
import { argument } from '../grammar.ts';
import { float, index, integer, key, ttlMilliseconds, ttlSeconds, unixMilliseconds, unixSeconds, value } from '../values.ts';

const k = key('string');
const expiry = one(
  seq('EX', ttlSeconds), seq('PX', ttlMilliseconds), seq('EXAT', unixSeconds), seq('PXAT', unixMilliseconds),
);
/** Never so far out that a real half gigabyte is written. */
const offset = argument('offset', (random) =>
  random.chance(0.95) ? String(random.between(-2, 90)) : random.pick(['536870912', '4294967295', '4294967296', '-1', 'x']),
);

export const strings: Group = {
  name: 'strings',
  weight: 10,
  rows: [
    row('SET', 14, k, value, anyOrder(maybe(one('NX', 'XX', 'nx'), 0.25), maybe('GET', 0.2), maybe(one(expiry, 'KEEPTTL'), 0.3))),
    row('GET', 8, k),
    row('GETSET', 2, k, value),
    row('GETDEL', 2, k),
    row('GETEX', 3, k, maybe(one(expiry, 'PERSIST'), 0.7)),
    row('GETRANGE', 3, k, index, index),
    row('SUBSTR', 1, k, index, index),
    row('SETRANGE', 3, k, offset, value),
    row('SETEX', 2, k, ttlSeconds, value),
    row('PSETEX', 2, k, ttlMilliseconds, value),
    row('SETNX', 2, k, value),
    row('STRLEN', 2, k),
    row('APPEND', 4, k, value),
    row('INCR', 4, k),
    row('DECR', 3, k),
    row('INCRBY', 4, k, integer),
    row('DECRBY', 3, k, integer),
    row('INCRBYFLOAT', 4, k, float),
    row('MGET', 3, many(k, 5, 0)),
    row('MSET', 3, many(seq(k, value), 3, 0)),
    row('MSETNX', 2, many(seq(k, value), 3, 0)),
    row('LCS', 2, k, k, anyOrder(maybe('LEN', 0.3), maybe('IDX', 0.4), maybe(seq('MINMATCHLEN', index), 0.3), maybe('WITHMATCHLEN', 0.3))),
  ],
};
