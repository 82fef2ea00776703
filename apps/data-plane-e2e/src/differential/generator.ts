/** Draws steps from the table: group by weight, row by weight, arguments by grammar; now and then spoiled. */
import { isLongerSince72 } from './normalise.ts';
import { makeCommand, spoil } from './row.ts';
import type { Group, Row } from './row.ts';
import type { Random } from './random.ts';
import type { Step } from './step.ts';

const SPOILED = 0.04;
/** Groups whose plain commands may stand inside transactions and scripts. */
const DRAWABLE = new Set(['strings', 'hashes', 'lists', 'sets', 'zsets', 'streams', 'keys', 'bitmaps', 'hyperloglogs', 'geo']);

export interface Generator {
  step(protocol: 2 | 3): Step;
}

export function generator(groups: readonly Group[], known: (command: string) => boolean, random: Random): Generator {
  const usable = groups
    .map((group) => ({ ...group, rows: group.rows.filter((row) => known(row.command) && (row.needs ?? []).every(known)) }))
    .filter((group) => group.rows.length > 0);
  if (usable.length === 0) throw new Error('none of the chosen groups has a command that the target knows');
  const drawable = usable.filter((group) => DRAWABLE.has(group.name)).flatMap((group) => group.rows.filter((row) => row.shape === undefined));
  const groupOf = weighted(usable);
  const rowsOf = new Map(usable.map((group) => [group, weighted(group.rows)]));
  const drawRow = weighted(drawable.length > 0 ? drawable : usable[0]!.rows);

  const plain = (row: Row): string[] => {
    const command = makeCommand(row, random);
    return random.chance(SPOILED) ? spoil(command, row.command.split(' ').length, random) : command;
  };

  /** What Redis 7.0 refuses when it is queued would not run the transaction there, and run it here. */
  const draw = (): string[] => {
    const command = plain(drawRow(random));
    return isLongerSince72(command) ? command.slice(0, 3) : command;
  };

  return {
    step(protocol) {
      const row = rowsOf.get(groupOf(random))!(random);
      if (row.command === 'RESET') return { protocol, commands: [['RESET'], ['HELLO', String(protocol)]] };
      if (row.shape === undefined) return { protocol, commands: [plain(row)] };
      return { protocol, ...row.shape(makeCommand(row, random), random, draw) };
    },
  };
}

function weighted<T extends { readonly weight: number }>(choices: readonly T[]): (random: Random) => T {
  const ends: number[] = [];
  let sum = 0;
  for (const choice of choices) ends.push((sum += choice.weight));
  return (random) => {
    const point = random.fraction() * sum;
    let low = 0;
    let high = ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! > point) high = middle;
      else low = middle + 1;
    }
    return choices[low]!;
  };
}
