/** Sorted sets. */
import { anyOrder, counted, many, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { count, evenZset, float, index, key, lexBound, member, pattern, score, scoreBound } from '../values.ts';

const k = key('zset');
const sources = one(k, k, k, k, key('set'));
const limit = seq('LIMIT', index, index);
const aggregate = maybe(seq('AGGREGATE', one('SUM', 'MIN', 'MAX', 'AVG')), 0.4);
const weights = maybe(seq('WEIGHTS', many(score, 3, 0)), 0.4);
const timeout = one('0', '0.5', '10', '-1', 'x');
const end = one('MIN', 'MAX', 'min');
const notEmptied = (command: string[]): { commands: string[][] } => ({ commands: [['ZADD', command[1]!, '7', 'again'], command] });
const notEmptiedCounted = (command: string[]): { commands: string[][] } => ({ commands: [['ZADD', command[3] ?? 'z0', '7', 'again'], command] });
const even = evenZset;

export const zsets: Group = {
  name: 'zsets',
  weight: 11,
  rows: [
    row('ZADD', 14, k, anyOrder(maybe(one('NX', 'XX'), 0.25), maybe(one('GT', 'LT'), 0.2), maybe('CH', 0.25)), many(seq(score, member), 5)),
    row('ZADD', 3, k, maybe(one('NX', 'XX'), 0.25), maybe(one('GT', 'LT'), 0.2), 'INCR', score, member),
    // Never spoiled: one score that is not 0 would make ranges by name undefined.
    shaped('ZADD', 4, [even, many(seq('0', member), 6)], (command) => ({ commands: [command] })),
    row('ZREM', 1, even, many(member, 6)),
    row('ZPOPMIN', 1, even, '2'),
    row('ZRANGE', 1, even, index, index),
    row('ZINCRBY', 4, k, float, member),
    row('ZREM', 6, k, many(member, 6)),
    row('ZCARD', 2, k),
    row('ZSCORE', 4, k, member),
    row('ZMSCORE', 3, k, many(member, 4, 0)),
    row('ZRANK', 4, k, member),
    row('ZREVRANK', 3, k, member),
    row('ZCOUNT', 3, k, scoreBound, scoreBound),
    row('ZLEXCOUNT', 2, even, lexBound, lexBound),
    row('ZRANGE', 6, k, index, index, maybe('REV', 0.3), maybe('WITHSCORES')),
    row('ZRANGE', 4, k, scoreBound, scoreBound, 'BYSCORE', maybe('REV', 0.3), maybe(limit, 0.4), maybe('WITHSCORES')),
    row('ZRANGE', 3, even, lexBound, lexBound, 'BYLEX', maybe('REV', 0.3), maybe(limit, 0.4), maybe('WITHSCORES', 0.1)),
    row('ZREVRANGE', 3, k, index, index, maybe('WITHSCORES')),
    row('ZRANGEBYSCORE', 4, k, scoreBound, scoreBound, anyOrder(maybe('WITHSCORES'), maybe(limit, 0.4))),
    row('ZREVRANGEBYSCORE', 4, k, scoreBound, scoreBound, anyOrder(maybe('WITHSCORES'), maybe(limit, 0.4))),
    row('ZRANGEBYLEX', 3, even, lexBound, lexBound, maybe(limit, 0.4)),
    row('ZREVRANGEBYLEX', 3, even, lexBound, lexBound, maybe(limit, 0.4)),
    row('ZRANGESTORE', 3, k, k, one(
      seq(index, index, maybe('REV', 0.3)), seq(scoreBound, scoreBound, 'BYSCORE', maybe('REV', 0.3), maybe(limit, 0.4)),
    )),
    row('ZRANGESTORE', 1, k, even, lexBound, lexBound, 'BYLEX', maybe('REV', 0.3), maybe(limit, 0.4)),
    row('ZREMRANGEBYRANK', 3, k, index, index),
    row('ZREMRANGEBYSCORE', 3, k, scoreBound, scoreBound),
    row('ZREMRANGEBYLEX', 3, even, lexBound, lexBound),
    row('ZPOPMIN', 4, k, maybe(count)),
    row('ZPOPMAX', 4, k, maybe(count)),
    row('ZMPOP', 3, counted(k), end, maybe(seq('COUNT', count))),
    shaped('BZPOPMIN', 2, [many(k, 2, 0), timeout], notEmptied, ['ZADD']),
    shaped('BZPOPMAX', 2, [many(k, 2, 0), timeout], notEmptied, ['ZADD']),
    shaped('BZMPOP', 2, [timeout, counted(k), end, maybe(seq('COUNT', count))], notEmptiedCounted, ['ZADD']),
    row('ZUNION', 3, counted(sources), anyOrder(weights, aggregate), maybe('WITHSCORES')),
    row('ZINTER', 3, counted(sources), anyOrder(weights, aggregate), maybe('WITHSCORES')),
    row('ZDIFF', 3, counted(sources), maybe('WITHSCORES')),
    row('ZUNIONSTORE', 3, k, counted(sources), anyOrder(weights, aggregate)),
    row('ZINTERSTORE', 3, k, counted(sources), anyOrder(weights, aggregate)),
    row('ZDIFFSTORE', 3, k, counted(sources)),
    row('ZINTERCARD', 2, counted(sources), maybe(seq('LIMIT', count))),
    shaped('ZRANDMEMBER', 3, [k, maybe(seq(count, maybe('WITHSCORES')))], (command) => ({
      kind: 'sample', commands: [['ZRANGE', command[1]!, '0', '-1', 'WITHSCORES'], command],
    }), ['ZRANGE']),
    shaped('ZSCAN', 2, [k, '0', maybe(seq('MATCH', pattern)), maybe(seq('COUNT', count))], (command) => ({ kind: 'walk', commands: [command] })),
  ],
};
