/** Workloads of one type each: register, counter, list, hash, set, sorted set. */
import { names } from './workload.ts';
import type { Player, WorkloadMaker } from './workload.ts';
import type { Command } from '@larder/shared-testing';

/** One to four commands of a kind at once. */
async function some(player: Player, make: () => Command): Promise<void> {
  const count = player.random.chance(0.75) ? 1 : player.random.between(2, 4);
  await player.client.send(...Array.from({ length: count }, make));
}

export const register: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'register', random.between(1, 2));
  return {
    name: 'register',
    turn: (player) => some(player, () => {
      const key = player.random.pick(keys);
      return player.random.pick<() => Command>([
        () => ['GET', key], () => ['GET', key], () => ['SET', key, player.unique()], () => ['GETSET', key, player.unique()], () => ['SET', key, player.unique(), 'GET'],
        () => ['SET', key, player.unique(), 'NX'], () => ['GETDEL', key], () => ['EXISTS', key],
      ])();
    }),
  };
};

export const counter: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'counter', random.between(1, 2));
  return {
    name: 'counter',
    turn: (player) => some(player, () => {
      const key = player.random.pick(keys);
      const amount = String(player.random.between(1, 9));
      return player.random.pick<() => Command>([() => ['INCR', key], () => ['INCR', key], () => ['INCRBY', key, amount], () => ['DECRBY', key, amount], () => ['GET', key]])();
    }),
  };
};

export const list: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'list', random.between(1, 3));
  return {
    name: 'list',
    turn: (player) => some(player, () => {
      const key = player.random.pick(keys);
      const side = () => player.random.pick(['LEFT', 'RIGHT']);
      return player.random.pick<() => Command>([
        () => ['LPUSH', key, player.unique()], () => ['RPUSH', key, player.unique()], () => ['RPUSH', key, player.unique(), player.unique()], () => ['LPOP', key], () => ['RPOP', key], () => ['LPOP', key, '2'],
        () => ['LRANGE', key, '0', '-1'], () => ['LLEN', key], () => ['LMOVE', key, player.random.pick(keys), side(), side()],
      ])();
    }),
  };
};

export const hash: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'hash', random.between(1, 2));
  return {
    name: 'hash',
    turn: (player) => some(player, () => {
      const key = player.random.pick(keys);
      const field = () => `f${player.random.between(0, 2)}`;
      return player.random.pick<() => Command>([
        () => ['HSET', key, field(), player.unique()], () => ['HSET', key, field(), player.unique(), field(), player.unique()], () => ['HGET', key, field()],
        () => ['HINCRBY', key, 'number', String(player.random.between(1, 9))], () => ['HINCRBY', key, 'number', '1'], () => ['HGETALL', key], () => ['HDEL', key, field()], () => ['HDEL', key, 'number'], () => ['HLEN', key],
      ])();
    }),
  };
};

export const set: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'set', random.between(1, 2));
  return {
    name: 'set',
    turn: (player) => some(player, () => {
      const key = player.random.pick(keys);
      const member = () => `m${player.random.between(0, 4)}`;
      return player.random.pick<() => Command>([
        () => ['SADD', key, member()], () => ['SADD', key, member(), member()], () => ['SREM', key, member()], () => ['SPOP', key], () => ['SMEMBERS', key], () => ['SCARD', key], () => ['SISMEMBER', key, member()],
        () => ['SMOVE', key, player.random.pick(keys.filter((other) => other !== key).concat(keys.length === 1 ? [`${key}x`] : [])), member()],
      ])();
    }),
  };
};

export const sortedSet: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'zset', random.between(1, 2));
  return {
    name: 'zset',
    turn: (player) => some(player, () => {
      const key = player.random.pick(keys);
      const member = () => `m${player.random.between(0, 4)}`;
      const score = () => String(player.random.between(1, 20));
      return player.random.pick<() => Command>([
        () => ['ZADD', key, score(), member()], () => ['ZINCRBY', key, score(), member()], () => ['ZINCRBY', key, score(), member()], () => ['ZPOPMIN', key], () => ['ZPOPMIN', key, '2'],
        () => ['ZRANGE', key, '0', '-1', 'WITHSCORES'], () => ['ZSCORE', key, member()], () => ['ZCARD', key],
      ])();
    }),
  };
};
