/** Sets. Random choices are compared as samples, and a random removal is followed by removing the rest. */
import { counted, many, maybe, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { count, intMember, key, member, pattern } from '../values.ts';

const k = key('set');
const anyMember = one(intMember, intMember, member);

export const sets: Group = {
  name: 'sets',
  weight: 9,
  rows: [
    row('SADD', 12, k, many(intMember, 6, 600)),
    row('SADD', 8, k, many(anyMember, 5, 300)),
    row('SREM', 6, k, many(anyMember, 6)),
    row('SCARD', 3, k),
    row('SISMEMBER', 3, k, anyMember),
    row('SMISMEMBER', 3, k, many(anyMember, 5, 0)),
    row('SMEMBERS', 5, k),
    row('SMOVE', 4, k, k, anyMember),
    row('SINTER', 4, many(k, 3, 0)),
    row('SINTERCARD', 3, counted(k), maybe(seq('LIMIT', count))),
    row('SINTERSTORE', 3, k, many(k, 3, 0)),
    row('SUNION', 4, many(k, 3, 0)),
    row('SUNIONSTORE', 3, k, many(k, 3, 0)),
    row('SDIFF', 4, many(k, 4, 0)),
    row('SDIFFSTORE', 3, k, many(k, 4, 0)),
    shaped('SRANDMEMBER', 3, [k, maybe(count)], (command) => ({
      kind: 'sample', commands: [['SMEMBERS', command[1]!], command],
    }), ['SMEMBERS']),
    shaped('SPOP', 3, [k, maybe(count)], (command) => ({
      kind: 'sample', commands: [['SMEMBERS', command[1]!], command, ['SCARD', command[1]!], ['DEL', command[1]!]],
    }), ['SMEMBERS', 'SCARD', 'DEL']),
    // Never spoiled: without its count it would remove a random member.
    shaped('SPOP', 2, [k, one('100000', '0', '-1', 'x')], (command) => ({ commands: [command] })),
    shaped('SSCAN', 2, [k, '0', maybe(seq('MATCH', pattern)), maybe(seq('COUNT', count))], (command) => ({ kind: 'walk', commands: [command] })),
  ],
};
