/**
 * Sizes at which collections change their encoding, moved about while collections of all sizes come and go; every value that
 * changes is asked for its encoding at once. (The epoch's baseline puts the limits back.)
 */
import { argument, many, one, seq } from '../grammar.ts';
import { row, shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { anyValue, float, intMember, member } from '../values.ts';

const of = (letter: string) => argument('key', (random) => `${letter}limit${random.between(0, 2)}`);
const [h, l, u, z] = [of('h'), of('l'), of('u'), of('z')] as const;
const count = argument('limit', (random) => random.pick(['0', '1', '2', '3', '5', '8', '13', '30', '128', '512', '1000000000', '4294967296']));
const bytes = argument('limit', (random) => random.pick(['0', '1', '4', '10', '63', '64', '65', '1kb', '1gb']));
const nodeSize = argument('limit', (random) => random.pick(['-1', '-2', '-3', '-4', '-5', '1', '2', '5', '100', '0', '-9']));
const text = argument('value', (random) => (random.chance(0.6) ? String(random.between(0, 99)) : anyValue(random)));
const thenEncoding = (command: string[]): { commands: string[][] } => ({ commands: [command, ['OBJECT', 'ENCODING', command[1]!]] });
const asked = (command: string, weight: number, ...parts: Parameters<typeof shaped>[2]) => shaped(command, weight, parts, thenEncoding, ['OBJECT ENCODING']);
const both = (weight: number, command: string, from: Parameters<typeof shaped>[2], store: (command: string[]) => string) =>
  shaped(command, weight, from, (made) => ({ commands: [made, ['OBJECT', 'ENCODING', store(made)]] }), ['OBJECT ENCODING']);

export const limits: Group = {
  name: 'limits',
  weight: 2,
  rows: [
    row('CONFIG SET', 4, one('hash-max-listpack-entries', 'hash-max-ziplist-entries', 'set-max-intset-entries', 'zset-max-listpack-entries', 'zset-max-ziplist-entries'), count),
    row('CONFIG SET', 2, one('hash-max-listpack-value', 'hash-max-ziplist-value', 'zset-max-listpack-value', 'zset-max-ziplist-value'), bytes),
    row('CONFIG SET', 1, one('list-max-listpack-size', 'list-max-ziplist-size'), nodeSize),
    row('CONFIG SET', 1, 'list-compress-depth', one('0', '1', '2')),
    asked('HSET', 8, h, many(seq(member, text), 6, 60)),
    asked('HSETNX', 1, h, member, text),
    asked('HINCRBY', 1, h, member, '7'),
    asked('HINCRBYFLOAT', 1, h, member, '0.1'),
    asked('HDEL', 2, h, many(member, 6, 30)),
    asked('SADD', 6, u, many(intMember, 8, 60)),
    asked('SADD', 2, u, many(member, 3, 30)),
    asked('SREM', 2, u, many(member, 6, 30)),
    asked('ZADD', 8, z, many(seq(float, member), 6, 60)),
    asked('ZINCRBY', 1, z, float, member),
    asked('ZREM', 2, z, many(member, 6, 30)),
    asked('ZREMRANGEBYRANK', 1, z, '2', '-2'),
    asked('RPUSH', 4, l, many(text, 8, 200)),
    asked('LPUSH', 4, l, many(text, 8, 200)),
    asked('LINSERT', 3, l, one('BEFORE', 'AFTER'), text, text),
    asked('LSET', 3, l, one('0', '3', '-2'), text),
    asked('LREM', 2, l, one('0', '2', '-2'), text),
    asked('LTRIM', 1, l, '3', '-3'),
    row('LRANGE', 3, l, '0', '-1'),
    row('LINDEX', 2, l, one('5', '-7', '40')),
    both(2, 'ZUNIONSTORE', [z, '2', z, one(z, u)], (command) => command[1]!),
    both(1, 'ZINTERSTORE', [z, '2', z, z], (command) => command[1]!),
    both(1, 'ZDIFFSTORE', [z, '2', z, u], (command) => command[1]!),
    both(2, 'ZRANGESTORE', [z, z, '0', '-1'], (command) => command[1]!),
    both(2, 'SUNIONSTORE', [u, u, u], (command) => command[1]!),
    both(1, 'SINTERSTORE', [u, u, u], (command) => command[1]!),
    both(1, 'SDIFFSTORE', [u, u, u], (command) => command[1]!),
    both(1, 'SMOVE', [u, u, member], (command) => command[2]!),
    both(1, 'SORT', [u, 'ALPHA', 'STORE', l], () => 'llimit0'),
    both(2, 'COPY', [one(h, l, u, z), of('c'), 'REPLACE'], (command) => command[2]!),
    both(1, 'LMOVE', [l, l, 'LEFT', 'RIGHT'], (command) => command[2]!),
    row('DEL', 3, one(h, l, u, z)),
    row('RPOP', 2, l, one('1', '10', '100')),
    row('LPOP', 2, l, one('1', '10', '100')),
  ],
};
