/**
 * Makes a failing sequence small (delta debugging after Zeller): leaves out halves, quarters … single steps,
 * then commands inside steps, then shortens arguments, as long as the same command still differs.
 */
import { signature } from './difference.ts';
import type { Difference } from './difference.ts';
import { commandName } from './normalise.ts';
import type { Step } from './step.ts';

export interface Shrunk {
  readonly steps: readonly Step[];
  readonly difference: Difference;
  readonly replays: number;
}

export type Replay = (steps: readonly Step[]) => Promise<Difference | undefined>;

export async function shrink(steps: readonly Step[], difference: Difference, replay: Replay, budgetMs: number): Promise<Shrunk> {
  const deadline = Date.now() + budgetMs;
  const wanted = commandName(difference.command);
  let best: Shrunk = { steps, difference, replays: 0 };
  let replays = 0;

  const tries: Tries = async (candidate, isStrict = false) => {
    if (Date.now() > deadline || candidate.length === 0) return false;
    replays++;
    const seen = await replay(candidate);
    if (seen === undefined || seen.kind !== difference.kind || commandName(seen.command) !== wanted) return false;
    if (isStrict && signature(seen) !== signature(best.difference)) return false;
    best = { steps: candidate.slice(0, seen.stepIndex + 1), difference: seen, replays };
    return true;
  };

  await tries(steps.slice(0, difference.stepIndex + 1));
  await tries(relatives(best.steps, best.difference));
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.steps.length && Date.now() < deadline; ) {
      const without = [...best.steps.slice(0, from), ...best.steps.slice(from + size)];
      if (!(await tries(without))) from += size;
    }
  }
  await shrinkInside(() => best.steps, tries, () => Date.now() < deadline);
  return { ...best, replays };
}

/** Steps that share an argument with the failing one, and those that share one with them. */
function relatives(steps: readonly Step[], difference: Difference): Step[] {
  const words = new Set(difference.command.slice(1).filter((word) => word.length > 0));
  return steps.filter((step) => step.commands.some((command) => command.slice(1).some((word) => words.has(word))) || step === steps.at(-1));
}

/** Strict: the replies look as before too. Where arguments are cut, another fault of the same command is soon met instead. */
type Tries = (candidate: readonly Step[], isStrict?: boolean) => Promise<boolean>;

/** The commands of a walk or a sample belong together and are left whole. */
async function shrinkInside(current: () => readonly Step[], tries: Tries, hasTime: () => boolean): Promise<void> {
  const size = (at: number): number => (current()[at]?.kind === undefined ? (current()[at]?.commands.length ?? 0) : 0);
  for (let at = 0; at < current().length && hasTime(); at++) {
    for (let which = 0; which < size(at) && hasTime(); ) {
      if (!(await tries(replaced(current(), at, (commands) => commands.filter((_, index) => index !== which))))) which++;
    }
    for (let which = 0; which < size(at) && hasTime(); which++) {
      await shrinkArguments(current, at, which, tries, hasTime);
    }
  }
}

async function shrinkArguments(current: () => readonly Step[], at: number, which: number, tries: Tries, hasTime: () => boolean): Promise<void> {
  const command = (): readonly string[] => current()[at]?.commands[which] ?? [];
  const withCommand = (next: readonly string[]): readonly Step[] => replaced(current(), at, (commands) => commands.map((each, index) => (index === which ? next : each)));
  for (let size = command().length > 8 ? Math.floor(command().length / 2) : 2; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 1; from < command().length && hasTime(); ) {
      if (!(await tries(withCommand([...command().slice(0, from), ...command().slice(from + size)]), true))) from += size;
    }
  }
  for (let place = 1; place < command().length && hasTime(); place++) {
    while (command()[place]!.length > 8) {
      const half = command()[place]!.slice(0, Math.floor(command()[place]!.length / 2));
      if (!(await tries(withCommand(command().map((word, index) => (index === place ? half : word))), true))) break;
    }
  }
}

function replaced(steps: readonly Step[], at: number, change: (commands: Step['commands']) => Step['commands']): readonly Step[] {
  return steps
    .map((step, index) => (index === at ? { ...step, commands: change(step.commands) } : step))
    .filter((step) => step.commands.length > 0);
}
