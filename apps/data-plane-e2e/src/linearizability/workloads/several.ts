/** Workloads whose operations touch several keys, or one key over several moves: transactions, watches, scripts, blocking, expiry. */
import type { Command } from '@larder/shared-testing';
import { declared, undeclared } from '../model/scripts.ts';
import type { Planned } from '../recording-client.ts';
import { names } from './workload.ts';
import type { WorkloadMaker } from './workload.ts';

/** Money moves between accounts in different shards; who looks at all of them at once must find all of it. */
export const bank: WorkloadMaker = (prefix, random) => {
  const accounts = names(prefix, 'account', random.between(3, 5));
  return {
    name: 'bank',
    prepare: ({ client }) => client.send(['MSET', ...accounts.flatMap((account) => [account, '100'])]),
    turn: ({ client, random: dice }) => {
      const from = dice.pick(accounts);
      const to = dice.pick(accounts.filter((account) => account !== from));
      const amount = String(dice.between(1, 20));
      return dice.pick<() => Promise<unknown>>([
        () => client.send({ transaction: [['DECRBY', from, amount], ['INCRBY', to, amount]] }),
        () => client.send({ transaction: [['DECRBY', from, amount], ['INCRBY', to, amount]] }),
        () => client.send({ transaction: accounts.map((account) => ['GET', account]) }),
        () => client.send(['MGET', ...accounts]),
        () => client.send(['MGET', ...accounts]),
        () => client.send(declared('transfer', [from, to], [amount])),
        () => client.send(undeclared('transfer', [from, to], [amount])),
        () => client.send(declared('sum', accounts, [])),
      ])();
    },
  };
};

/** Compare and set: read under WATCH, write in a transaction, sometimes with another key along. */
export const watch: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'watched', random.between(1, 2));
  return {
    name: 'watch',
    async turn({ client, random: dice, unique }) {
      const key = dice.pick(keys);
      if (dice.chance(0.2)) return void (await client.send(['SET', key, unique()]));
      if (dice.chance(0.1)) return void (await client.send(['DEL', key]));
      const watched = dice.chance(0.5) ? [key] : keys;
      await client.send(['WATCH', ...watched]);
      await client.send(['GET', key]);
      await client.send({ transaction: dice.chance(0.5) ? [['SET', key, unique()]] : [['GET', key], ['SET', dice.pick(keys), unique()]] });
    },
  };
};

/** Reads, thinks and writes inside of the server, with keys that it knows beforehand and with keys that it does not. */
export const script: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'scripted', random.between(1, 2));
  return {
    name: 'script',
    async turn({ client, random: dice }) {
      const key = dice.pick(keys);
      const amount = String(dice.between(1, 9));
      await client.send(
        dice.pick<() => Command>([
          () => declared('add', [key], [amount]), () => declared('add', [key], [amount]), () => undeclared('add', [key], [amount]), () => ['INCRBY', key, amount], () => ['GET', key],
          () => declared('sum', keys, []), () => undeclared('sum', keys, []),
        ])(),
      );
    },
  };
};

/** Commands that are one operation on several keys. */
export const multiKey: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'key', random.between(2, 4));
  return {
    name: 'multikey',
    async turn({ client, random: dice, unique }) {
      const from = dice.pick(keys);
      const to = dice.pick(keys);
      const value = unique();
      await client.send(
        dice.pick<() => Command>([
          () => ['MSET', ...keys.flatMap((key) => [key, value])], () => ['MSET', ...keys.flatMap((key) => [key, value])], () => ['MGET', ...keys], () => ['MGET', ...keys], () => ['MGET', ...[...keys].reverse()],
          () => ['RENAME', from, to], () => ['DEL', ...keys], () => ['DEL', from, to === from ? `${from}x` : to], () => ['EXISTS', ...keys], () => ['COPY', from, to === from ? `${from}x` : to], () => ['MSETNX', ...keys.flatMap((key) => [key, value])],
          () => ['SET', from, value], () => ['GET', from],
        ])(),
      );
    },
  };
};

/** Work handed from who has it to who waits for it: each piece to one of them. */
export const handOff: WorkloadMaker = (prefix, random) => {
  const queues = names(prefix, 'queue', random.between(1, 2));
  return {
    name: 'handoff',
    async turn({ client, random: dice, unique }) {
      const queue = dice.pick(queues);
      const timeout = String(dice.between(2, 12) / 100);
      const side = () => dice.pick(['LEFT', 'RIGHT']);
      const pushes = (): Command => [dice.pick(['LPUSH', 'RPUSH']), queue, ...Array.from({ length: dice.between(1, 3) }, unique)];
      await client.send(
        ...dice.pick<() => readonly Planned[]>([
          () => [pushes()], () => [pushes()], () => [pushes()], () => [pushes(), ['LPOP', queue]], () => [{ transaction: [pushes(), pushes()] }],
          () => [['BLPOP', queue, timeout]], () => [['BLPOP', ...queues, timeout]], () => [['BRPOP', ...queues, timeout]], () => [['BRPOP', queue, timeout], ['LLEN', queue]],
          () => [['BLMOVE', queue, dice.pick(queues), side(), side(), timeout]], () => [['LRANGE', queue, '0', '-1']], () => [['LPOP', queue]],
        ])(),
      );
    },
  };
};

/** Keys that die of age. Only commands that leave an expiry alone or end it. */
export const expiry: WorkloadMaker = (prefix, random) => {
  const keys = names(prefix, 'mortal', random.between(1, 3));
  return {
    name: 'expiry',
    async turn({ client, random: dice, unique }) {
      const key = dice.pick(keys);
      await client.send(
        dice.pick<() => Command>([
          () => ['SET', key, unique(), 'PX', String(dice.between(2, 40))], () => ['SET', key, unique(), 'PX', String(dice.between(2, 40))], () => ['SET', key, unique(), 'PX', String(dice.between(2, 10)), 'NX'],
          () => ['GET', key], () => ['GET', key], () => ['GET', key], () => ['EXISTS', ...keys], () => ['PERSIST', key], () => ['GETDEL', key], () => ['SET', key, unique(), 'NX'], () => ['MGET', ...keys],
        ])(),
      );
    },
  };
};
