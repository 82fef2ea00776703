/** Lists; blocking pops only where they cannot block (the conversations wait for real). */
import { anyOrder, counted, many, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { count, element, index, key, value } from '../values.ts';

const k = key('list');
const end = one('LEFT', 'RIGHT', 'left');
const timeout = one('0', '0.5', '10', '-1', 'x', '1e400', '9223372036854775807');
const notEmptied = (command: string[]): { commands: string[][] } => ({ commands: [['RPUSH', command[1]!, 'again'], command] });
const notEmptiedCounted = (command: string[]): { commands: string[][] } => ({ commands: [['RPUSH', command[3] ?? 'l0', 'again'], command] });

export const lists: Group = {
  name: 'lists',
  weight: 9,
  rows: [
    row('RPUSH', 10, k, many(one(element, element, value), 5)),
    row('LPUSH', 10, k, many(one(element, element, value), 5)),
    row('RPUSHX', 2, k, many(element, 3, 0)),
    row('LPUSHX', 2, k, many(element, 3, 0)),
    row('LPOP', 6, k, maybe(count)),
    row('RPOP', 6, k, maybe(count)),
    row('LLEN', 3, k),
    row('LRANGE', 6, k, index, index),
    row('LINDEX', 4, k, index),
    row('LSET', 4, k, index, value),
    row('LINSERT', 4, k, one('BEFORE', 'AFTER', 'before'), element, one(element, value)),
    row('LREM', 4, k, index, element),
    row('LTRIM', 4, k, index, index),
    row('LPOS', 4, k, element, anyOrder(maybe(seq('RANK', index), 0.4), maybe(seq('COUNT', count), 0.4), maybe(seq('MAXLEN', count), 0.3))),
    row('LMOVE', 4, k, k, end, end),
    row('RPOPLPUSH', 3, k, k),
    row('LMPOP', 3, counted(k), end, maybe(seq('COUNT', count))),
    shaped('BLPOP', 2, [many(k, 2, 0), timeout], notEmptied, ['RPUSH']),
    shaped('BRPOP', 2, [many(k, 2, 0), timeout], notEmptied, ['RPUSH']),
    shaped('BLMOVE', 2, [k, k, end, end, timeout], notEmptied, ['RPUSH']),
    shaped('BRPOPLPUSH', 1, [k, k, timeout], notEmptied, ['RPUSH']),
    shaped('BLMPOP', 2, [timeout, counted(k), end, maybe(seq('COUNT', count))], notEmptiedCounted, ['RPUSH']),
  ],
};
