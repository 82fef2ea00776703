/**
 * Command rights of a selector: a set of commands, and the words that would give it: `+@all` or `-@all`, then whole categories while
 * each saves words, then single commands and first arguments. The words that led to a set are not kept, so they are not those shown.
 *
 * A word about a container speaks of all its subcommands too, also when a category brings the container along.
 */
import type { Command, CommandTable } from '@larder/store-dispatch';

export const ACL_CATEGORIES: readonly string[] = [
  'keyspace', 'read', 'write', 'set', 'sortedset', 'list', 'hash', 'string', 'bitmap', 'hyperloglog', 'geo', 'stream', 'pubsub', 'admin',
  'fast', 'slow', 'blocking', 'dangerous', 'connection', 'transaction', 'scripting',
];

export class CommandRights {
  /** Every command is allowed, future ones too, but `exceptions`; otherwise only those are. */
  isOpen = false;
  readonly exceptions = new Set<string>();
  /** First arguments with which a command may run that otherwise may not. */
  readonly firstArguments = new Map<string, string[]>();

  copy(): CommandRights {
    const copy = new CommandRights();
    copy.isOpen = this.isOpen;
    for (const name of this.exceptions) copy.exceptions.add(name);
    for (const [name, args] of this.firstArguments) copy.firstArguments.set(name, [...args]);
    return copy;
  }

  /** Nothing is denied. */
  get isUnlimited(): boolean {
    return this.isOpen && this.exceptions.size === 0;
  }

  allows(name: string): boolean {
    return this.exceptions.has(name) !== this.isOpen;
  }

  setAll(allowed: boolean): void {
    this.isOpen = allowed;
    this.exceptions.clear();
    this.firstArguments.clear();
  }

  set(command: Command, allowed: boolean): void {
    this.setOne(command.name, allowed);
    this.firstArguments.delete(command.name);
    if (command.subcommands !== null) for (const sub of command.subcommands.values()) this.setOne(sub.name, allowed);
  }

  private setOne(name: string, allowed: boolean): void {
    if (allowed === this.isOpen) this.exceptions.delete(name);
    else this.exceptions.add(name);
  }

  setCategory(table: CommandTable, category: string, allowed: boolean): void {
    for (const command of table.each()) if (command.categories.includes(category)) this.set(command, allowed);
  }

  allowFirstArgument(name: string, argument: string): void {
    const known = this.firstArguments.get(name);
    if (known === undefined) this.firstArguments.set(name, [argument]);
    else if (!known.some((each) => each.toLowerCase() === argument.toLowerCase())) known.push(argument);
  }
}

export function describeRights(rights: CommandRights, table: CommandTable): string {
  const adds = !rights.isOpen;
  const words = [adds ? '-@all' : '+@all'];
  /** What the words so far give. */
  const given = new CommandRights();
  given.setAll(rights.isOpen);
  /** The rights without what categories have settled. */
  const rest = rights.copy();
  const unused = new Set(ACL_CATEGORIES);
  for (;;) {
    const best = bestCategory(rest, table, unused, adds);
    if (best === undefined) break;
    unused.delete(best);
    words.push(`${adds ? '+' : '-'}@${best}`);
    given.setCategory(table, `@${best}`, adds);
    rest.setCategory(table, `@${best}`, !adds);
  }
  for (const command of table.all) describeDifference(command, rights, given, words);
  return words.join(' ');
}

/** The category with the fewest commands that do not fit, among equals with the most that do; none if no category fits mostly. */
function bestCategory(rest: CommandRights, table: CommandTable, categories: ReadonlySet<string>, adds: boolean): string | undefined {
  const same = new Map<string, number>();
  const other = new Map<string, number>();
  for (const command of table.each()) {
    const counts = rest.allows(command.name) === adds ? same : other;
    for (const category of command.categories) counts.set(category, (counts.get(category) ?? 0) + 1);
  }
  let best: string | undefined;
  let fewestOther = Infinity;
  let mostSame = 0;
  for (const category of categories) {
    const fits = same.get(`@${category}`) ?? 0;
    const differs = other.get(`@${category}`) ?? 0;
    if (fits <= differs || differs > fewestOther || (differs === fewestOther && fits <= mostSame)) continue;
    best = category;
    fewestOther = differs;
    mostSame = fits;
  }
  return best;
}

function describeDifference(command: Command, rights: CommandRights, given: CommandRights, words: string[]): void {
  const isAllowed = rights.allows(command.name);
  if (isAllowed !== given.allows(command.name)) {
    words.push(`${isAllowed ? '+' : '-'}${command.name}`);
    given.set(command, isAllowed);
  }
  if (command.subcommands !== null) for (const sub of command.subcommands.values()) describeDifference(sub, rights, given, words);
  if (isAllowed) return;
  for (const argument of rights.firstArguments.get(command.name) ?? []) words.push(`+${command.name}|${argument}`);
}
