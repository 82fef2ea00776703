/**
 * What each command does to a key, as the documentation of Redis tells it. A row gets the arguments after the name and the
 * reply that was seen (undefined when none was): only what is random looks at it.
 */
import type { Command, PlainReply } from '@larder/shared-testing';
import type { Step, Value } from './state.ts';

export interface CommandModel {
  readonly run: (step: Step, args: readonly string[], seen: PlainReply | undefined) => PlainReply;
  /** Positions of keys in the arguments; the first one unless told. */
  readonly keys?: (args: readonly string[]) => readonly string[];
  /** Changes nothing, whatever it answers. */
  readonly isRead?: boolean;
  /** Replies with which it has changed nothing. */
  readonly changedNothing?: (reply: PlainReply, args: readonly string[]) => boolean;
}

/** A random choice that was not there to be made. */
export class ImpossibleReply extends Error {}

const isNull = (reply: PlainReply): boolean => reply === null;
const isZero = (reply: PlainReply): boolean => reply === 0;
const isEmpty = (reply: PlainReply): boolean => reply === null || (Array.isArray(reply) && reply.length === 0);
const NOT_AN_INTEGER = new Error('ERR value is not an integer or out of range');

const text = (content: string): Value => ({ type: 'string', content });

function putList(step: Step, key: string, content: readonly string[]): void {
  if (content.length === 0) step.drop(key);
  else step.put(key, { type: 'list', content });
}

function add(step: Step, key: string, amount: number): PlainReply {
  const before = step.get(key);
  const content = step.typed(key, 'string') ?? '0';
  if (!/^-?\d+$/.test(content)) return NOT_AN_INTEGER;
  const after = String(Number(content) + amount);
  step.put(key, before?.type === 'string' ? { ...before, content: after } : text(after));
  return Number(after);
}

function push(step: Step, args: readonly string[], atHead: boolean): PlainReply {
  const [key, ...values] = args as [string, ...string[]];
  const list = step.typed(key, 'list') ?? [];
  const content = atHead ? [...values.reverse(), ...list] : [...list, ...values];
  putList(step, key, content);
  return content.length;
}

export function popOne(step: Step, key: string, fromHead: boolean): string | null {
  const list = step.typed(key, 'list');
  if (list === undefined) return null;
  putList(step, key, fromHead ? list.slice(1) : list.slice(0, -1));
  return fromHead ? list[0]! : list.at(-1)!;
}

function pop(step: Step, args: readonly string[], fromHead: boolean): PlainReply {
  const [key, count] = args as [string, string?];
  if (count === undefined) return popOne(step, key, fromHead);
  if (step.typed(key, 'list') === undefined) return null;
  const popped: string[] = [];
  for (let left = Number(count); left > 0; left--) {
    const value = popOne(step, key, fromHead);
    if (value === null) break;
    popped.push(value);
  }
  return popped;
}

export function move(step: Step, from: string, to: string, fromHead: boolean, toHead: boolean): PlainReply {
  if (step.typed(from, 'list') === undefined) return null;
  step.typed(to, 'list');
  const value = popOne(step, from, fromHead)!;
  push(step, [to, value], toHead);
  return value;
}

/**
 * BLPOP and its like: the first list that has something; with nothing anywhere, the time ran out. Who waited is served from the list that
 * became ready, though an earlier one got something in the same unit (RPUSH b wakes BLMOVE b a, then BLPOP a b: it takes from b), as Redis does.
 */
function popFirst(step: Step, keys: readonly string[], fromHead: boolean, seen: PlainReply | undefined): PlainReply {
  const ready = Array.isArray(seen) ? keys.filter((key) => key === seen[0]) : [];
  for (const key of [...ready, ...keys]) if (step.typed(key, 'list') !== undefined) return [key, popOne(step, key, fromHead)!];
  return null;
}

function range<T>(items: readonly T[], from: string, to: string): T[] {
  const place = (n: number): number => (n < 0 ? n + items.length : n);
  return items.slice(Math.max(0, place(Number(from))), place(Number(to)) + 1);
}

function ordered(content: ReadonlyMap<string, number> | undefined): [string, number][] {
  return [...(content ?? [])].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
}

const withScores = (members: readonly [string, number][]): string[] => members.flatMap(([member, score]) => [member, String(score)]);

function changeMap<T>(content: ReadonlyMap<string, T> | undefined, change: (copy: Map<string, T>) => void): Map<string, T> {
  const copy = new Map(content);
  change(copy);
  return copy;
}

function set(step: Step, args: readonly string[], operation: string): PlainReply {
  const [key, content, ...options] = args as [string, string, ...string[]];
  const upper = options.map((option) => option.toUpperCase());
  const before = step.get(key);
  const old = upper.includes('GET') ? (step.typed(key, 'string') ?? null) : undefined;
  if ((upper.includes('NX') && before !== undefined) || (upper.includes('XX') && before === undefined)) return old ?? null;
  step.put(key, upper.includes('PX') ? { type: 'string', content, expiry: operation } : text(content));
  return old === undefined ? 'OK' : old;
}

const pairKeys = (args: readonly string[]): string[] => args.filter((_, at) => at % 2 === 0);
const two = (args: readonly string[]): string[] => args.slice(0, 2);
const allButLast = (args: readonly string[]): readonly string[] => args.slice(0, -1);

export const commandModels: Record<string, CommandModel> = {
  GET: { run: (step, [key]) => step.typed(key!, 'string') ?? null, isRead: true },
  // Whose expiry a value carries is told by the value: with PX values are unique.
  SET: { run: (step, args) => set(step, args, args[1]!), changedNothing: (reply, args) => reply === null && !args.includes('GET') },
  GETSET: {
    run(step, [key, content]) {
      const old = step.typed(key!, 'string') ?? null;
      step.put(key!, text(content!));
      return old;
    },
  },
  GETDEL: {
    run(step, [key]) {
      const old = step.typed(key!, 'string') ?? null;
      step.drop(key!);
      return old;
    },
    changedNothing: isNull,
  },
  APPEND: {
    run(step, [key, more]) {
      const content = (step.typed(key!, 'string') ?? '') + more!;
      step.put(key!, text(content));
      return content.length;
    },
  },
  INCR: { run: (step, [key]) => add(step, key!, 1) },
  INCRBY: { run: (step, [key, amount]) => add(step, key!, Number(amount)) },
  DECRBY: { run: (step, [key, amount]) => add(step, key!, -Number(amount)) },
  MGET: {
    run: (step, keys) => keys.map((key) => {
      const value = step.get(key);
      return value?.type === 'string' ? value.content : null;
    }),
    keys: (args) => args,
    isRead: true,
  },
  MSET: {
    run(step, args) {
      for (let at = 0; at < args.length; at += 2) step.put(args[at]!, text(args[at + 1]!));
      return 'OK';
    },
    keys: pairKeys,
  },
  MSETNX: {
    run(step, args) {
      if (pairKeys(args).some((key) => step.get(key) !== undefined)) return 0;
      for (let at = 0; at < args.length; at += 2) step.put(args[at]!, text(args[at + 1]!));
      return 1;
    },
    keys: pairKeys,
    changedNothing: isZero,
  },
  DEL: { run: (step, keys) => keys.filter((key) => step.drop(key)).length, keys: (args) => args, changedNothing: isZero },
  UNLINK: { run: (step, keys) => keys.filter((key) => step.drop(key)).length, keys: (args) => args, changedNothing: isZero },
  EXISTS: { run: (step, keys) => keys.filter((key) => step.get(key) !== undefined).length, keys: (args) => args, isRead: true },
  TYPE: { run: (step, [key]) => step.get(key!)?.type ?? 'none', isRead: true },
  PERSIST: {
    run(step, [key]) {
      const value = step.get(key!);
      if (value?.type !== 'string' || value.expiry === undefined) return 0;
      step.put(key!, text(value.content));
      return 1;
    },
    changedNothing: isZero,
  },
  RENAME: {
    run(step, [from, to]) {
      const value = step.get(from!);
      if (value === undefined) return new Error('ERR no such key');
      if (from === to) return 'OK';
      step.drop(from!);
      step.put(to!, value);
      return 'OK';
    },
    keys: two,
    changedNothing: (reply) => reply instanceof Error,
  },
  COPY: {
    run(step, [from, to]) {
      const value = step.get(from!);
      if (value === undefined || step.get(to!) !== undefined) return 0;
      step.put(to!, value);
      return 1;
    },
    keys: two,
    changedNothing: isZero,
  },

  LPUSH: { run: (step, args) => push(step, args, true) },
  RPUSH: { run: (step, args) => push(step, args, false) },
  LPOP: { run: (step, args) => pop(step, args, true), changedNothing: isEmpty },
  RPOP: { run: (step, args) => pop(step, args, false), changedNothing: isEmpty },
  LLEN: { run: (step, [key]) => step.typed(key!, 'list')?.length ?? 0, isRead: true },
  LRANGE: { run: (step, [key, from, to]) => range(step.typed(key!, 'list') ?? [], from!, to!), isRead: true },
  LMOVE: { run: (step, [from, to, where, whereTo]) => move(step, from!, to!, where === 'LEFT', whereTo === 'LEFT'), keys: two, changedNothing: isNull },
  BLPOP: { run: (step, args, seen) => popFirst(step, allButLast(args), true, seen), keys: allButLast, changedNothing: isNull },
  BRPOP: { run: (step, args, seen) => popFirst(step, allButLast(args), false, seen), keys: allButLast, changedNothing: isNull },
  BLMOVE: { run: (step, [from, to, where, whereTo]) => move(step, from!, to!, where === 'LEFT', whereTo === 'LEFT'), keys: two, changedNothing: isNull },

  HSET: {
    run(step, [key, ...pairs]) {
      const before = step.typed(key!, 'hash');
      const content = changeMap(before, (copy) => {
        for (let at = 0; at < pairs.length; at += 2) copy.set(pairs[at]!, pairs[at + 1]!);
      });
      step.put(key!, { type: 'hash', content });
      return content.size - (before?.size ?? 0);
    },
  },
  HGET: { run: (step, [key, field]) => step.typed(key!, 'hash')?.get(field!) ?? null, isRead: true },
  HLEN: { run: (step, [key]) => step.typed(key!, 'hash')?.size ?? 0, isRead: true },
  HGETALL: { run: (step, [key]) => [...(step.typed(key!, 'hash') ?? [])].flat(), isRead: true },
  HINCRBY: {
    run(step, [key, field, amount]) {
      const before = step.typed(key!, 'hash');
      const old = before?.get(field!) ?? '0';
      if (!/^-?\d+$/.test(old)) return new Error('ERR hash value is not an integer');
      const after = Number(old) + Number(amount);
      step.put(key!, { type: 'hash', content: changeMap(before, (copy) => copy.set(field!, String(after))) });
      return after;
    },
    changedNothing: (reply) => reply instanceof Error,
  },
  HDEL: {
    run(step, [key, ...fields]) {
      const before = step.typed(key!, 'hash');
      const gone = fields.filter((field) => before?.has(field));
      if (gone.length === 0) return 0;
      const content = changeMap(before, (copy) => gone.forEach((field) => copy.delete(field)));
      if (content.size === 0) step.drop(key!);
      else step.put(key!, { type: 'hash', content });
      return gone.length;
    },
    changedNothing: isZero,
  },

  SADD: {
    run(step, [key, ...members]) {
      const before = step.typed(key!, 'set');
      const content = new Set([...(before ?? []), ...members]);
      const added = content.size - (before?.size ?? 0);
      if (added > 0) step.put(key!, { type: 'set', content });
      return added;
    },
    changedNothing: isZero,
  },
  SREM: { run: (step, [key, ...members]) => removeMembers(step, key!, members), changedNothing: isZero },
  SPOP: {
    run(step, [key], seen) {
      const members = step.typed(key!, 'set');
      if (members === undefined) return null;
      if (typeof seen !== 'string' || !members.has(seen)) throw new ImpossibleReply();
      removeMembers(step, key!, [seen]);
      return seen;
    },
    changedNothing: isNull,
  },
  SCARD: { run: (step, [key]) => step.typed(key!, 'set')?.size ?? 0, isRead: true },
  SISMEMBER: { run: (step, [key, member]) => (step.typed(key!, 'set')?.has(member!) === true ? 1 : 0), isRead: true },
  SMEMBERS: { run: (step, [key]) => [...(step.typed(key!, 'set') ?? [])], isRead: true },
  SMOVE: {
    run(step, [from, to, member]) {
      if (step.typed(from!, 'set')?.has(member!) !== true) return 0;
      step.typed(to!, 'set');
      removeMembers(step, from!, [member!]);
      step.put(to!, { type: 'set', content: new Set([...(step.typed(to!, 'set') ?? []), member!]) });
      return 1;
    },
    keys: two,
    changedNothing: isZero,
  },

  ZADD: {
    run(step, [key, ...pairs]) {
      const before = step.typed(key!, 'zset');
      const content = changeMap(before, (copy) => {
        for (let at = 0; at < pairs.length; at += 2) copy.set(pairs[at + 1]!, Number(pairs[at]));
      });
      step.put(key!, { type: 'zset', content });
      return content.size - (before?.size ?? 0);
    },
  },
  ZINCRBY: {
    run(step, [key, amount, member]) {
      const before = step.typed(key!, 'zset');
      const score = (before?.get(member!) ?? 0) + Number(amount);
      step.put(key!, { type: 'zset', content: changeMap(before, (copy) => copy.set(member!, score)) });
      return String(score);
    },
  },
  ZSCORE: {
    run(step, [key, member]) {
      const score = step.typed(key!, 'zset')?.get(member!);
      return score === undefined ? null : String(score);
    },
    isRead: true,
  },
  ZCARD: { run: (step, [key]) => step.typed(key!, 'zset')?.size ?? 0, isRead: true },
  ZRANGE: { run: (step, [key, from, to, option]) => {
    const members = range(ordered(step.typed(key!, 'zset')), from!, to!);
    return option === 'WITHSCORES' ? withScores(members) : members.map(([member]) => member);
  }, isRead: true },
  ZPOPMIN: {
    run(step, [key, count]) {
      const before = step.typed(key!, 'zset');
      const popped = ordered(before).slice(0, Number(count ?? 1));
      if (popped.length === 0) return [];
      const content = changeMap(before, (copy) => popped.forEach(([member]) => copy.delete(member)));
      if (content.size === 0) step.drop(key!);
      else step.put(key!, { type: 'zset', content });
      return withScores(popped);
    },
    changedNothing: isEmpty,
  },
};

function removeMembers(step: Step, key: string, members: readonly string[]): number {
  const before = step.typed(key, 'set');
  const gone = members.filter((member) => before?.has(member));
  if (gone.length === 0) return 0;
  const content = new Set([...before!].filter((member) => !gone.includes(member)));
  if (content.size === 0) step.drop(key);
  else step.put(key, { type: 'set', content });
  return gone.length;
}

export function keysOf(command: Command): readonly string[] {
  const [name, ...args] = command as [string, ...string[]];
  const model = commandModels[name];
  if (model === undefined) throw new Error(`the model does not know ${name}`);
  return model.keys?.(args) ?? args.slice(0, 1);
}
