/**
 * A row of the command table: a command (or a subcommand), how often it is drawn within its group,
 * and the grammar of its arguments. The table is data: it is printed by `--table`, and a row is
 * drawn only when the target knows the command.
 */
import { seq } from './grammar.ts';
import type { Part, PartLike } from './grammar.ts';
import type { Random } from './random.ts';
import type { StepShape } from './step.ts';

export interface Row {
  /** Upper case; a subcommand's container comes first: `OBJECT ENCODING`. */
  readonly command: string;
  readonly weight: number;
  readonly arguments: Part;
  /** Other commands that the step needs besides its own. */
  readonly needs?: readonly string[];
  /** Builds the step; without it the step is the one command, sometimes spoiled on purpose. */
  readonly shape?: (command: string[], random: Random, draw: DrawCommand) => StepShape;
}

/** A plain command of any group that the run has switched on; for transactions and scripts. */
export type DrawCommand = () => string[];

export interface Group {
  readonly name: string;
  /** How often the group is drawn beside others. */
  readonly weight: number;
  readonly rows: readonly Row[];
}

export function row(command: string, weight: number, ...parts: PartLike[]): Row {
  return { command, weight, arguments: seq(...parts) };
}

export function shaped(
  command: string,
  weight: number,
  parts: PartLike[],
  shape: NonNullable<Row['shape']>,
  needs: readonly string[] = [],
): Row {
  return { command, weight, arguments: seq(...parts), shape, needs };
}

export function makeCommand(from: Row, random: Random): string[] {
  const command = from.command.split(' ');
  if (random.chance(0.1)) command[0] = command[0]!.toLowerCase();
  from.arguments.make(random, command);
  return command;
}

const JUNK = ['', 'abc', '-1', '0', '1.5', 'nan', 'inf', '9223372036854775808', '-9223372036854775808', '\x00', '(', 'NX'];

/** Spoils a command so that its errors are compared too. Never writes a small positive number (it could become a short time
 * to live) nor `*` (it would become a stream id that the clock decides). */
export function spoil(command: string[], words: number, random: Random): string[] {
  const spoiled = [...command];
  const at = random.between(words, Math.max(words, spoiled.length - 1));
  switch (random.between(0, 3)) {
    case 0:
      if (spoiled.length > words) spoiled.splice(at, 1);
      break;
    case 1:
      spoiled.splice(at, 0, random.pick(JUNK));
      break;
    case 2:
      spoiled.push(random.pick(JUNK));
      break;
    default:
      if (spoiled.length > words) spoiled[at] = random.pick(JUNK);
  }
  return spoiled;
}
