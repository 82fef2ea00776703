/** MULTI, EXEC, DISCARD, WATCH on one connection; rivals on other connections are the conversations' part. */
import { many } from '../grammar.ts';
import { shaped } from '../row.ts';
import type { Group } from '../row.ts';
import { anyKey } from '../values.ts';

export const transactions: Group = {
  name: 'transactions',
  weight: 2,
  rows: [
    shaped('MULTI', 8, [], (command, random, draw) => {
      const commands: string[][] = [command];
      if (random.chance(0.2)) commands.unshift(['WATCH', draw()[1] ?? 'k0'], ...(random.chance(0.5) ? [draw()] : []));
      for (let left = random.between(0, 6); left > 0; left--) commands.push(draw());
      if (random.chance(0.1)) commands.push(['nosuchcommand', 'a']);
      if (random.chance(0.1)) commands.push(random.pick([['MULTI'], ['WATCH', 'k0'], ['GET'], ['UNWATCH']]));
      commands.push(random.chance(0.85) ? ['EXEC'] : ['DISCARD']);
      return { commands };
    }, ['EXEC', 'DISCARD', 'WATCH']),
    shaped('MULTI', 1, [], (command, _random, draw) => ({
      commands: [command, ['EVAL', 'return redis.call(unpack(ARGV))', '0', ...draw()], draw(), ['EXEC']],
    }), ['EXEC', 'EVAL']),
    shaped('WATCH', 2, [many(anyKey, 3, 0)], (command, random, draw) => ({
      commands: [command, ...(random.chance(0.6) ? [draw()] : []), ...(random.chance(0.2) ? [['UNWATCH']] : []), ['MULTI'], draw(), ['EXEC']],
    }), ['MULTI', 'EXEC', 'UNWATCH']),
    shaped('EXEC', 0.5, [], (command) => ({ commands: [command] })),
    shaped('DISCARD', 0.5, [], (command) => ({ commands: [command] })),
    shaped('UNWATCH', 0.5, [], (command) => ({ commands: [command] })),
  ],
};
