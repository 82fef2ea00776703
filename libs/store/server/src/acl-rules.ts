/**
 * A user's command rights as words that would give them: `+@all` or `-@all`, then whole categories while each saves words,
 * then single commands. Rights are kept as a set of commands, so the words that led there are not those shown.
 */
import type { Command, CommandTable } from '@larder/store-dispatch';

export interface CommandRights {
  /** Every command, present and future, but those of `commands`; otherwise only those. */
  readonly allCommands: boolean;
  readonly commands: ReadonlySet<string>;
}

export function describeRights(rights: CommandRights, table: CommandTable, categories: readonly string[]): string {
  const { allCommands } = rights;
  const every = [...table.each()];
  const words = [allCommands ? '+@all' : '-@all'];
  /** Commands on which the words so far and the rights disagree. */
  const left = new Set(every.filter((command) => rights.commands.has(command.name)));
  /** Those that a category took along although they are none of the user's. */
  const excess = new Set<Command>();
  const unused = new Set(categories);
  for (;;) {
    const best = bestCategory(every, left, unused);
    if (best === undefined) break;
    unused.delete(best);
    words.push(`${allCommands ? '-' : '+'}${best}`);
    for (const command of every) {
      if (!command.categories.includes(best)) continue;
      if (rights.commands.has(command.name)) left.delete(command);
      else excess.add(command);
    }
  }
  for (const command of every) {
    const isOn = rights.commands.has(command.name) !== allCommands;
    if (!left.has(command) && !excess.has(command)) continue;
    words.push(`${isOn ? '+' : '-'}${command.name}`);
    settle(command, left, excess, rights.commands);
  }
  return words.join(' ');
}

/** The category with the fewest commands that do not fit, among equals with the most that do; none if no category fits mostly. */
function bestCategory(every: readonly Command[], left: ReadonlySet<Command>, categories: ReadonlySet<string>): string | undefined {
  let best: string | undefined;
  let fewestOther = Infinity;
  let mostSame = 0;
  for (const category of categories) {
    const members = every.filter((command) => command.categories.includes(category));
    const same = members.filter((command) => left.has(command)).length;
    const other = members.length - same;
    if (same <= other || other > fewestOther || (other === fewestOther && same <= mostSame)) continue;
    best = category;
    fewestOther = other;
    mostSame = same;
  }
  return best;
}

/** A word for a container speaks of its subcommands too: those that it puts right need no word, those that it puts wrong do. */
function settle(command: Command, left: Set<Command>, excess: Set<Command>, listed: ReadonlySet<string>): void {
  const isListed = listed.has(command.name);
  for (const each of [command, ...(command.subcommands?.values() ?? [])]) {
    left.delete(each);
    excess.delete(each);
    if (listed.has(each.name) === isListed) continue;
    if (isListed) excess.add(each);
    else left.add(each);
  }
}
