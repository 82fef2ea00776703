/** The Lua scripts that workloads run, and beside each what it does. They come with declared keys, or with the same keys as arguments. */
import type { PlainReply } from '@larder/shared-testing';
import { commandModels } from './commands.ts';
import type { Step } from './state.ts';

export interface Script {
  /** Runs with the names of its keys in `k` and its other arguments in `a`. */
  readonly lua: string;
  readonly run: (step: Step, keys: readonly string[], args: readonly string[]) => PlainReply;
}

const number = (step: Step, key: string): number => Number(step.typed(key, 'string') ?? '0');

export const scripts: Record<string, Script> = {
  /** Reads, thinks, writes. */
  add: {
    lua: `local v = redis.call('GET', k[1]) or '0'; redis.call('SET', k[1], v + a[1]); return tonumber(v)`,
    run(step, [key], [amount]) {
      const before = number(step, key!);
      step.put(key!, { type: 'string', content: String(before + Number(amount)) });
      return before;
    },
  },
  /** Moves an amount if there is enough. */
  transfer: {
    lua: `local v = tonumber(redis.call('GET', k[1]) or '0'); if v < tonumber(a[1]) then return -1 end; redis.call('DECRBY', k[1], a[1]); return redis.call('INCRBY', k[2], a[1])`,
    run(step, [from, to], [amount]) {
      if (number(step, from!) < Number(amount)) return -1;
      commandModels['DECRBY']!.run(step, [from!, amount!], undefined);
      return commandModels['INCRBY']!.run(step, [to!, amount!], undefined);
    },
  },
  sum: {
    lua: `local s = 0; for i = 1, #k do s = s + tonumber(redis.call('GET', k[i]) or '0') end; return s`,
    run: (step, keys) => keys.reduce((sum, key) => sum + number(step, key), 0),
  },
};

/** The keys are declared, so that only their shards are taken. */
export function declared(name: string, keys: readonly string[], args: readonly string[]): string[] {
  return ['EVAL', `local k, a = KEYS, ARGV; ${scripts[name]!.lua}`, String(keys.length), ...keys, ...args];
}

/** The keys are arguments like others: the server cannot know before it runs. */
export function undeclared(name: string, keys: readonly string[], args: readonly string[]): string[] {
  const split = `local k, a = {}, {}; for i = 2, #ARGV do if i <= ARGV[1] + 1 then k[#k + 1] = ARGV[i] else a[#a + 1] = ARGV[i] end end; `;
  return ['EVAL', split + scripts[name]!.lua, '0', String(keys.length), ...keys, ...args];
}

/** Which script an EVAL is, with its keys and arguments. */
export function readEval(args: readonly string[]): { script: Script; keys: readonly string[]; args: readonly string[] } {
  const [lua, declaredCount, ...rest] = args as [string, string, ...string[]];
  const script = Object.values(scripts).find((each) => lua.endsWith(each.lua));
  if (script === undefined) throw new Error('the model does not know this script');
  const isDeclared = declaredCount !== '0';
  const count = Number(isDeclared ? declaredCount : rest[0]);
  const list = isDeclared ? rest : rest.slice(1);
  return { script, keys: list.slice(0, count), args: list.slice(count) };
}
