/**
 * What the lines of a conversation say. A turn is a command on one of several connections:
 *
 *   line 0        RESP2, never waits for anything: it pushes, publishes, kills
 *   lines 1 – 4   RESP2 and RESP3 in turn: wait for elements, watch keys, run transactions
 *   lines 5, 6    subscribers, RESP2 and RESP3
 *
 * Few keys, so that several wait for the same one and the order of service shows.
 */
import { argument, many, maybe, one, seq } from '../grammar.ts';
import type { Part, PartLike } from '../grammar.ts';
import type { Random } from '../random.ts';
import type { Step } from '../step.ts';

export const PROTOCOLS: readonly (2 | 3)[] = [2, 2, 3, 2, 3, 2, 3];
export const SUBSCRIBERS: readonly number[] = [5, 6];
export const isSubscriber = (line: number): boolean => SUBSCRIBERS.includes(line);

interface TurnRow {
  readonly weight: number;
  readonly parts: Part;
  readonly pauseMs?: number;
}

const say = (weight: number, ...parts: PartLike[]): TurnRow => ({ weight, parts: seq(...parts) });

const list = one('l0', 'l1', 'l2');
const zset = one('z0', 'z1');
const stream = one('x0', 'x1');
const any = one(list, list, zset, stream, 's0');
const end = one('LEFT', 'RIGHT');
const item = argument('item', (random) => String(random.between(0, 99)));
const forever = one('0', '0', '0', '30');
/** Ids grow with the seed's own counter, so that XADD mostly succeeds. */
let lastId = 0;
const freshId = argument('id', () => `${++lastId}-1`);
const readId = argument('id|$', (random) => (random.chance(0.6) ? '$' : `${Math.max(0, lastId - random.between(-1, 3))}-0`));

const group = one('g0', 'g0', 'g1');
const consumer = one('c0', 'c1', 'c2');
/** An id that is there, or nearly. */
const oldId = argument('id', (random) => `${Math.max(0, lastId - random.between(0, 6))}-1`);

const push: readonly TurnRow[] = [
  say(10, 'RPUSH', list, many(item, 3, 0)),
  say(8, 'LPUSH', list, many(item, 3, 0)),
  say(7, 'ZADD', zset, item, item, maybe(seq(item, item))),
  say(5, 'XADD', stream, freshId, 'f', item),
  say(6, 'XGROUP', 'CREATE', stream, group, one('$', '0'), 'MKSTREAM'),
  say(1, 'XGROUP', 'DESTROY', stream, group),
  say(1, 'XGROUP', 'SETID', stream, group, one('$', oldId)),
  say(1, 'XGROUP', 'DELCONSUMER', stream, group, consumer),
  say(2, 'XACK', stream, group, many(oldId, 4, 0)),
  say(1, 'XDEL', stream, many(oldId, 2, 0)),
  say(0.5, 'XTRIM', stream, 'MAXLEN', '2'),
  say(1, 'XCLAIM', stream, group, consumer, '0', many(oldId, 3, 0), maybe('JUSTID')),
  say(1, 'EVAL', 'local id = redis.call("XADD",KEYS[1],ARGV[1],"f","v") return redis.call("XDEL",KEYS[1],id)', '1', stream, freshId),
  say(3, 'LMOVE', list, list, end, end),
  say(2, 'RENAME', list, list),
  say(1, 'COPY', list, list, 'REPLACE'),
  say(1, 'SORT', list, 'STORE', list),
  say(1, 'ZUNIONSTORE', zset, '2', zset, zset),
  say(1, 'ZRANGESTORE', zset, zset, '0', '-1'),
  say(3, 'DEL', many(any, 2, 0)),
  say(2, 'SET', any, item),
  say(1, 'EVAL', 'redis.call("RPUSH",KEYS[1],"a","b") redis.call("LPOP",KEYS[1]) return redis.call("LLEN",KEYS[1])', '1', list),
  say(1, 'EVAL', 'redis.call("ZADD",KEYS[1],1,"one") return redis.call("PUBLISH","c1",ARGV[1])', '1', zset, item),
  say(0.5, 'FLUSHALL'),
  say(0.5, 'SWAPDB', '0', '1'),
];

const look: readonly TurnRow[] = [
  say(2, 'LLEN', list), say(1, 'LRANGE', list, '0', '-1'), say(1, 'ZRANGE', zset, '0', '-1'), say(1, 'GET', any), say(1, 'TYPE', any), say(1, 'EXISTS', any),
  say(1, 'XPENDING', stream, group), say(1, 'XINFO', 'GROUPS', stream), say(0.5, 'XREADGROUP', 'GROUP', group, consumer, 'STREAMS', stream, one('>', '0')),
];

const wait: readonly TurnRow[] = [
  say(8, 'BLPOP', many(list, 3, 0), forever),
  say(8, 'BRPOP', many(list, 3, 0), forever),
  say(6, 'BLMOVE', list, list, end, end, forever),
  say(2, 'BRPOPLPUSH', list, list, forever),
  say(4, 'BLMPOP', forever, '2', list, list, end, maybe(seq('COUNT', '2'))),
  say(5, 'BZPOPMIN', many(zset, 2, 0), forever),
  say(5, 'BZPOPMAX', many(zset, 2, 0), forever),
  say(3, 'BZMPOP', forever, '2', zset, zset, one('MIN', 'MAX'), maybe(seq('COUNT', '2'))),
  say(5, 'XREAD', maybe(seq('COUNT', '2')), 'BLOCK', '0', 'STREAMS', stream, readId),
  say(2, 'XREAD', 'BLOCK', '0', 'STREAMS', 'x0', 'x1', readId, readId),
  say(12, 'XREADGROUP', 'GROUP', group, consumer, maybe(seq('COUNT', '2')), maybe('NOACK', 0.2), 'BLOCK', '0', 'STREAMS', stream, '>'),
  say(3, 'XREADGROUP', 'GROUP', group, consumer, 'BLOCK', '0', 'STREAMS', 'x0', 'x1', '>', '>'),
  { ...say(0.4, 'BLPOP', list, one('0.03', '0.05')), pauseMs: 120 },
  { ...say(0.2, 'BZPOPMIN', zset, '0.03'), pauseMs: 120 },
  { ...say(0.2, 'XREAD', 'BLOCK', '30', 'STREAMS', stream, '$'), pauseMs: 120 },
  { ...say(0.2, 'XREADGROUP', 'GROUP', group, consumer, 'BLOCK', '30', 'STREAMS', stream, '>'), pauseMs: 120 },
];

const transact: readonly TurnRow[] = [
  say(5, 'WATCH', many(any, 2, 0)), say(4, 'MULTI'), say(5, 'EXEC'), say(1, 'DISCARD'), say(1, 'UNWATCH'), say(1, 'SELECT', one('0', '0', '0', '1')),
];

const channel = one('c1', 'c2', 'news.a', 'news.b', 'sport');
const globs = one('*', 'c*', 'news.*', 'c[12]', 'nothing*');
const publish: readonly TurnRow[] = [
  say(6, 'PUBLISH', channel, item), say(1, 'PUBSUB', 'NUMSUB', channel, channel), say(1, 'PUBSUB', 'NUMPAT'), say(0.5, 'PUBSUB', 'CHANNELS', channel),
];
const subscribe: readonly TurnRow[] = [
  say(8, 'SUBSCRIBE', many(channel, 3, 0)), say(6, 'PSUBSCRIBE', many(globs, 2, 0)), say(4, 'UNSUBSCRIBE', maybe(many(channel, 2, 0), 0.8)), say(3, 'PUNSUBSCRIBE', maybe(many(globs, 2, 0), 0.8)),
  say(2, 'PING'), say(1, 'GET', 's0'), say(0.3, 'RESET'), say(1, 'SUBSCRIBE'),
];

/** `{id:3}` stands for that line's own client id, which is another on each server. */
const administer: readonly TurnRow[] = [
  say(2, 'CLIENT', 'UNBLOCK', one('{id:1}', '{id:2}', '{id:3}', '{id:4}', '{id:5}'), maybe(one('TIMEOUT', 'ERROR'))),
];

export function drawTurn(random: Random, line: number): Step {
  const row = pickRow(random, tableOf(random, line));
  const command: string[] = [];
  row.parts.make(random, command);
  return { line, protocol: PROTOCOLS[line]!, commands: [command], ...(row.pauseMs === undefined ? {} : { pauseMs: row.pauseMs }) };
}

/** Each conversation counts its stream ids from the start. */
export function beginConversation(): void {
  lastId = 0;
}

function tableOf(random: Random, line: number): readonly TurnRow[] {
  if (isSubscriber(line)) return subscribe;
  if (line === 0) return random.pick([push, push, push, push, look, publish, publish, administer]);
  return random.pick([wait, wait, wait, transact, push, look, publish]);
}

function pickRow(random: Random, rows: readonly TurnRow[]): TurnRow {
  let point = random.fraction() * rows.reduce((sum, row) => sum + row.weight, 0);
  return rows.find((row) => (point -= row.weight) < 0) ?? rows[0]!;
}
