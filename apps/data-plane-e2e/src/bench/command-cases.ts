/**
 * What the `commands` part measures: calls that redis-benchmark has no test for, mostly on large values, each with the data
 * that it needs. A case's batch is written at once and asked for again until the clock has something to say.
 */
import type { Command } from '@larder/shared-testing';

export interface CommandCase {
  readonly name: string;
  readonly setup: readonly Command[];
  /** The calls of one batch. */
  readonly calls: readonly Command[];
}

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** A fixed series of numbers below `limit`, the same in each run. */
function series(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const inGroups = (command: readonly string[], size: number, words: readonly string[]): Command[] => {
  const out: Command[] = [];
  for (let at = 0; at < words.length; at += size) out.push([...command, ...words.slice(at, at + size)]);
  return out;
};

const degrees = (n: number): string => (n / 1000).toFixed(3);

function places(): string[] {
  const below = series(7);
  return times(20_000, (i) => [degrees(below(40_000) - 10_000), degrees(below(30_000) + 30_000), `place:${i}`]).flat();
}

const members = (from: number, count: number): string[] => times(count, (i) => `member:${String(from + i).padStart(7, '0')}`);
const scored = (from: number, count: number): string[] => members(from, count).flatMap((name, i) => [String((i * 7919) % 100_003), name]);
const MEGABYTE = 1 << 20;
const bits = (byte: number): string => Buffer.alloc(MEGABYTE, Buffer.from([byte, byte ^ 0x5a, 0x33, 0x0f])).toString('latin1');
const big: Command[] = [['SET', 'a', bits(0x55)], ['SET', 'b', bits(0x99)], ['SET', 'zeros', '\0'.repeat(MEGABYTE) + '\x01']];

function listOf(count: number): Command[] {
  return inGroups(['RPUSH', 'list'], 500, times(count, (i) => `element:${i}`));
}

const below = series(11);
const geo = inGroups(['GEOADD', 'geo'], 300, places());
const zsets = [...inGroups(['ZADD', 'z1'], 400, scored(0, 10_000)), ...inGroups(['ZADD', 'z2'], 400, scored(5_000, 10_000))];
const sets = [...inGroups(['SADD', 's1'], 400, members(0, 20_000)), ...inGroups(['SADD', 's2'], 400, members(10_000, 20_000))];
const lexical = inGroups(['ZADD', 'lex'], 400, members(0, 10_000).flatMap((name) => ['0', name]));
const sketches = times(3, (i) => inGroups(['PFADD', `hll${i}`], 500, members(i * 30_000, 40_000))).flat();
const stream = times(10_000, (i): Command => ['XADD', 'stream', `${i + 1}-0`, 'sensor', '1234', 'temperature', '19.8']);

export const commandCases: readonly CommandCase[] = [
  { name: 'GEOADD, one place', setup: geo, calls: times(200, (i) => ['GEOADD', 'geo', degrees(below(40_000) - 10_000), degrees(below(30_000) + 30_000), `place:${i * 97}`]) },
  { name: 'GEOSEARCH 100 km, about 100 places', setup: geo, calls: times(50, () => ['GEOSEARCH', 'geo', 'FROMLONLAT', degrees(below(20_000)), degrees(below(20_000) + 35_000), 'BYRADIUS', '100', 'km']) },
  { name: 'GEOSEARCH box ASC WITHDIST COUNT 10', setup: geo, calls: times(50, () => ['GEOSEARCH', 'geo', 'FROMLONLAT', degrees(below(20_000)), degrees(below(20_000) + 35_000), 'BYBOX', '300', '300', 'km', 'ASC', 'COUNT', '10', 'WITHDIST', 'WITHCOORD']) },
  { name: 'GEODIST', setup: geo, calls: times(200, (i) => ['GEODIST', 'geo', `place:${i}`, `place:${i * 50}`]) },
  { name: 'GEOPOS', setup: geo, calls: times(200, (i) => ['GEOPOS', 'geo', `place:${i}`]) },
  { name: 'BITOP AND, 1 MB', setup: big, calls: times(10, () => ['BITOP', 'AND', 'out', 'a', 'b']) },
  { name: 'BITOP XOR, 1 MB', setup: big, calls: times(10, () => ['BITOP', 'XOR', 'out', 'a', 'b']) },
  { name: 'BITOP NOT, 1 MB', setup: big, calls: times(10, () => ['BITOP', 'NOT', 'out', 'a']) },
  { name: 'BITCOUNT, 1 MB', setup: big, calls: times(20, () => ['BITCOUNT', 'a']) },
  { name: 'BITPOS 1, 1 MB of zeros', setup: big, calls: times(50, () => ['BITPOS', 'zeros', '1']) },
  { name: 'BITFIELD INCRBY GET', setup: [], calls: times(200, (i) => ['BITFIELD', 'field', 'INCRBY', 'i5', String(i), '1', 'GET', 'u4', '0']) },
  { name: 'BITFIELD SET u32', setup: [], calls: times(200, (i) => ['BITFIELD', 'field', 'SET', 'u32', `#${i}`, String(i * 12345)]) },
  { name: 'SETBIT', setup: [], calls: times(200, (i) => ['SETBIT', 'bit', String(i * 31), String(i % 2)]) },
  { name: 'INCRBYFLOAT', setup: [], calls: times(200, (i) => ['INCRBYFLOAT', `float:${i % 20}`, i % 40 < 20 ? '0.1' : '-0.1']) },
  { name: 'HINCRBYFLOAT', setup: [], calls: times(200, (i) => ['HINCRBYFLOAT', 'hash', `f${i % 20}`, i % 40 < 20 ? '10.25' : '-10.15']) },
  { name: 'SETRANGE', setup: [['SET', 'a', 'x'.repeat(1000)]], calls: times(200, (i) => ['SETRANGE', 'a', String(i * 4), 'abcdefgh']) },
  { name: 'GETRANGE', setup: [['SET', 'a', 'x'.repeat(1000)]], calls: times(200, (i) => ['GETRANGE', 'a', String(i * 4), String(i * 4 + 60)]) },
  { name: 'APPEND, new and 64 times', setup: [], calls: times(195, (i): Command => (i % 65 === 0 ? ['DEL', 'app'] : ['APPEND', 'app', 'twenty bytes of text'])) },
  { name: 'LRANGE 300', setup: listOf(10_000), calls: times(20, () => ['LRANGE', 'list', '0', '299']) },
  { name: 'LRANGE 600', setup: listOf(10_000), calls: times(20, () => ['LRANGE', 'list', '0', '599']) },
  { name: 'LRANGE 600 from the middle', setup: listOf(10_000), calls: times(20, () => ['LRANGE', 'list', '5000', '5599']) },
  { name: 'LINSERT and LREM in 10 k', setup: listOf(10_000), calls: times(20, (i): Command => (i % 2 === 0 ? ['LINSERT', 'list', 'BEFORE', 'element:3000', 'new'] : ['LREM', 'list', '1', 'new'])) },
  { name: 'LPOS in 10 k', setup: listOf(10_000), calls: times(20, () => ['LPOS', 'list', 'element:5000']) },
  { name: 'LINDEX in 10 k', setup: listOf(10_000), calls: times(200, (i) => ['LINDEX', 'list', String(i * 49)]) },
  { name: 'LSET in 10 k', setup: listOf(10_000), calls: times(200, (i) => ['LSET', 'list', String(i * 49), `element:${i}`]) },
  { name: 'SORT 1,000 numbers', setup: inGroups(['RPUSH', 'numbers'], 500, times(1_000, (i) => String((i * 7919) % 10_007))), calls: times(10, () => ['SORT', 'numbers']) },
  { name: 'SORT ALPHA 1,000 LIMIT 10', setup: listOf(1_000), calls: times(10, () => ['SORT', 'list', 'ALPHA', 'LIMIT', '0', '10']) },
  { name: 'SORT BY GET 100', setup: [...inGroups(['RPUSH', 'ids'], 500, times(100, String)), ...times(100, (i): Command => ['MSET', `w:${i}`, String((i * 37) % 101), `v:${i}`, `value ${i}`])], calls: times(10, () => ['SORT', 'ids', 'BY', 'w:*', 'GET', 'v:*']) },
  { name: 'ZUNIONSTORE 10 k + 10 k', setup: zsets, calls: times(2, () => ['ZUNIONSTORE', 'out', '2', 'z1', 'z2']) },
  { name: 'ZINTERSTORE 10 k, 10 k', setup: zsets, calls: times(2, () => ['ZINTERSTORE', 'out', '2', 'z1', 'z2']) },
  { name: 'ZDIFF 10 k, 10 k', setup: zsets, calls: times(2, () => ['ZDIFF', '2', 'z1', 'z2']) },
  { name: 'ZRANGE 100 by rank', setup: zsets, calls: times(50, (i) => ['ZRANGE', 'z1', String(i * 100), String(i * 100 + 99)]) },
  { name: 'ZRANGEBYSCORE 100 WITHSCORES', setup: zsets, calls: times(50, (i) => ['ZRANGEBYSCORE', 'z1', String(i * 1000), '+inf', 'WITHSCORES', 'LIMIT', '0', '100']) },
  { name: 'ZRANGEBYLEX 100', setup: lexical, calls: times(50, (i) => ['ZRANGEBYLEX', 'lex', `[member:${String(i * 90).padStart(7, '0')}`, '+', 'LIMIT', '0', '100']) },
  { name: 'ZRANK', setup: zsets, calls: times(200, (i) => ['ZRANK', 'z1', members(i * 40, 1)[0]!]) },
  { name: 'ZINCRBY', setup: zsets, calls: times(200, (i) => ['ZINCRBY', 'z1', i % 2 === 0 ? '17.5' : '-17.5', members(i * 40, 1)[0]!]) },
  { name: 'SINTER 20 k, 20 k', setup: sets, calls: times(2, () => ['SINTER', 's1', 's2']) },
  { name: 'SINTERCARD 20 k, 20 k', setup: sets, calls: times(2, () => ['SINTERCARD', '2', 's1', 's2']) },
  { name: 'SUNIONSTORE 20 k + 20 k', setup: sets, calls: times(2, () => ['SUNIONSTORE', 'out', 's1', 's2']) },
  { name: 'SDIFF 20 k, 20 k', setup: sets, calls: times(2, () => ['SDIFF', 's1', 's2']) },
  { name: 'SMEMBERS 20 k', setup: sets, calls: times(2, () => ['SMEMBERS', 's1']) },
  { name: 'PFADD', setup: sketches, calls: times(200, (i) => ['PFADD', 'hll0', `new:${i}`]) },
  { name: 'PFCOUNT, one after PFADD', setup: sketches, calls: times(40, (i): Command => (i % 2 === 0 ? ['SETRANGE', 'hll0', '15', '\x80'] : ['PFCOUNT', 'hll0'])) },
  { name: 'PFCOUNT, three', setup: sketches, calls: times(20, () => ['PFCOUNT', 'hll0', 'hll1', 'hll2']) },
  { name: 'PFMERGE, three', setup: sketches, calls: times(20, () => ['PFMERGE', 'out', 'hll0', 'hll1', 'hll2']) },
  { name: 'XADD', setup: [], calls: times(200, () => ['XADD', 'log', 'MAXLEN', '~', '10000', '*', 'sensor', '1234', 'temperature', '19.8']) },
  { name: 'XRANGE 100', setup: stream, calls: times(50, (i) => ['XRANGE', 'stream', `${i * 100 + 1}`, '+', 'COUNT', '100']) },
  { name: 'XREADGROUP 10 and XACK', setup: [...stream, ['XGROUP', 'CREATE', 'stream', 'g', '0']], calls: times(50, (i): Command[] => [['XGROUP', 'SETID', 'stream', 'g', String(i * 10)], ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', '10', 'STREAMS', 'stream', '>'], ['XACK', 'stream', 'g', ...times(10, (n) => String(i * 10 + n + 1))]]).flat() },
  { name: 'XREAD 100', setup: stream, calls: times(50, (i) => ['XREAD', 'COUNT', '100', 'STREAMS', 'stream', String(i * 100)]) },
  { name: 'HGETALL 500', setup: inGroups(['HSET', 'hash'], 200, times(500, (i) => [`field:${i}`, `value:${i}`]).flat()), calls: times(20, () => ['HGETALL', 'hash']) },
  { name: 'LCS 200 × 200', setup: [['SET', 'x', 'abcde'.repeat(40)], ['SET', 'y', 'badce'.repeat(40)]], calls: times(10, () => ['LCS', 'x', 'y']) },
  { name: 'EVAL, five calls', setup: [], calls: times(50, (i) => ['EVAL', "for i=1,5 do redis.call('incr',KEYS[1]) end return 1", '1', `e:${i}`]) },
];
