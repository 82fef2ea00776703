/**
 * A differential run: epochs of random steps on two servers that start empty, replies compared as they come, everything
 * they hold compared at the end of each stretch; a difference is shrunk on fresh servers, told, and the next epoch begins.
 */
import { redisCliLine } from '@larder/shared-testing';
import type { Command } from '@larder/shared-testing';
import { runSteps } from './compare.ts';
import type { Send } from './compare.ts';
import { signature, tell } from './difference.ts';
import type { Difference } from './difference.ts';
import { generator } from './generator.ts';
import { commandNames, knownCommands } from './known-commands.ts';
import { baseline, endpoint, Pair } from './pair.ts';
import { takePayloadSamples } from './payloads.ts';
import { seededRandom } from './random.ts';
import { groups as allGroups } from './rows/table.ts';
import type { Group } from './row.ts';
import { shrink } from './shrink.ts';
import { checkState } from './state-check.ts';
import type { Step } from './step.ts';

export interface DifferentialOptions {
  readonly seed: number;
  readonly commands: number;
  /** Names of groups; all when empty. */
  readonly groups?: readonly string[];
  /** Commands to leave out, as the table names them. */
  readonly skip?: readonly string[];
  /** Only these commands. */
  readonly only?: readonly string[];
  readonly reference?: string;
  readonly target: string;
  readonly differencesMax?: number;
  readonly shrinkBudgetMs?: number;
  readonly say?: (line: string) => void;
  /** How bytes go out; whole pipelines unless told. */
  readonly send?: (seed: number) => Send;
  /** Settings of both servers on top of the run's own, such as a memory limit. */
  readonly settings?: readonly Command[];
  /** A server that does not answer for so long hangs. */
  readonly replyMs?: number;
  /** For a run's own servers: pass the pair to use, which is then not stopped. */
  readonly pair?: Pair;
}

export interface DifferentialReport {
  readonly seed: number;
  readonly commands: number;
  readonly seconds: number;
  readonly stateChecks: number;
  readonly notBuilt: readonly string[];
  /** How often each command was sent. */
  readonly counts: ReadonlyMap<string, number>;
  readonly differences: readonly { readonly difference: Difference; readonly text: string }[];
}

/** A stretch ends with a state check; an epoch ends with FLUSHALL and other limits for encodings. */
const STRETCH_COMMANDS = 500;
const EPOCH_COMMANDS = 2_500;
const BATCH_COMMANDS = 50;

export async function runDifferential(options: DifferentialOptions): Promise<DifferentialReport> {
  const pair = options.pair ?? new Pair(endpoint(options.reference ?? 'redis-server'), endpoint(options.target), options.replyMs);
  try {
    await pair.ensureRunning();
    return await new Run(options, pair).toEnd();
  } finally {
    if (options.pair === undefined) await pair.stop();
    else pair.disconnect();
  }
}

class Run {
  private readonly options: DifferentialOptions;
  private readonly pair: Pair;
  private readonly say: (line: string) => void;
  private readonly counts = new Map<string, number>();
  private readonly found: { difference: Difference; text: string }[] = [];
  private readonly signatures = new Set<string>();
  private known: (command: string) => boolean = () => true;
  private stateChecks = 0;

  constructor(options: DifferentialOptions, pair: Pair) {
    this.options = options;
    this.pair = pair;
    this.say = options.say ?? (() => undefined);
  }

  async toEnd(): Promise<DifferentialReport> {
    const groups = this.chosenGroups();
    const names = [...new Set([...commandNames(groups), 'KEYS', 'TYPE', 'OBJECT ENCODING', 'PEXPIRETIME', 'DUMP', 'RESTORE', 'DEBUG'])];
    const has = await knownCommands(this.pair.target, names);
    const notBuilt = names.filter((name) => !has.has(name));
    const unlisted = new Set(names);
    this.known = (command) => has.has(command) || !unlisted.has(command);
    if (notBuilt.length > 0) this.say(`not built, so not compared: ${notBuilt.join(', ')}`);
    await this.pair.reset(baseline(false));
    if (this.pair.refusedSettings.length > 0) this.say(`settings that the target refuses: ${this.pair.refusedSettings.join(', ')}`);
    await takePayloadSamples((await this.pair.connections()).reference[2]);

    const startedAt = performance.now();
    let commands = 0;
    const differencesMax = this.options.differencesMax ?? 10;
    for (let epoch = 0; commands < this.options.commands && this.found.length < differencesMax; epoch++) {
      commands += await this.epoch(epoch, groups, Math.min(EPOCH_COMMANDS, this.options.commands - commands));
    }
    const seconds = (performance.now() - startedAt) / 1000;
    return { seed: this.options.seed, commands, seconds, stateChecks: this.stateChecks, notBuilt, counts: this.counts, differences: this.found };
  }

  private chosenGroups(): Group[] {
    const { groups = [], only = [], skip = [] } = this.options;
    const unknown = groups.filter((name) => !allGroups.some((group) => group.name === name));
    if (unknown.length > 0) throw new Error(`no such group: ${unknown.join(', ')}; there are ${allGroups.map((group) => group.name).join(', ')}`);
    return allGroups
      .filter((group) => groups.length === 0 || groups.includes(group.name))
      .map((group) => ({
        ...group,
        rows: group.rows.filter((row) => !skip.includes(row.command) && (only.length === 0 || only.includes(row.command))),
      }))
      .filter((group) => group.rows.length > 0);
  }

  /** Each epoch has a seed of its own, so that a difference needs only its own epoch to be found again. */
  private async epoch(epoch: number, groups: readonly Group[], commandsMax: number): Promise<number> {
    const seed = this.options.seed * 1_000 + epoch;
    const random = seededRandom(seed);
    const draw = generator(groups, (command) => this.known(command), random);
    const settings = baseline(epoch % 2 === 1, this.options.settings);
    const send = this.options.send?.(seed);
    await this.pair.reset(settings);
    const history: Step[] = [];
    let commands = 0;
    while (commands < commandsMax) {
      const from = history.length;
      for (const end = Math.min(commands + STRETCH_COMMANDS, commandsMax); commands < end; ) {
        const protocol = random.chance(0.5) ? 2 : 3;
        for (let batch = 0; batch < BATCH_COMMANDS && commands < end; ) {
          const step = draw.step(protocol);
          history.push(step);
          batch += step.commands.length;
          commands += step.commands.length;
          for (const command of step.commands) this.count(command);
        }
      }
      const difference = await this.stretch(history.slice(from), from, send);
      if (difference === undefined) continue;
      await this.report(history, difference, settings, epoch, send);
      break;
    }
    return commands;
  }

  private async stretch(steps: readonly Step[], from: number, send: Send | undefined): Promise<Difference | undefined> {
    const difference = await runSteps(this.pair, steps, send);
    if (difference !== undefined) return { ...difference, stepIndex: difference.stepIndex + from };
    this.stateChecks++;
    return checkState(this.pair, from + steps.length - 1, this.known);
  }

  private count(command: readonly string[]): void {
    const name = command[0]!.toUpperCase().slice(0, 20);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  private async report(history: readonly Step[], difference: Difference, settings: ReturnType<typeof baseline>, epoch: number, send: Send | undefined): Promise<void> {
    const sign = signature(difference);
    if (this.signatures.has(sign)) return;
    this.signatures.add(sign);
    const replay = async (steps: readonly Step[]): Promise<Difference | undefined> => {
      await this.pair.reset(settings);
      return (await runSteps(this.pair, steps, send)) ?? (difference.kind === 'reply' ? undefined : await checkState(this.pair, steps.length - 1, this.known));
    };
    const small = await shrink(history.slice(0, difference.stepIndex + 1), difference, replay, this.options.shrinkBudgetMs ?? 15_000);
    this.signatures.add(signature(small.difference));
    const limits = epoch % 2 === 1 ? `\n  # with ${settings.slice(0, 7).map((command) => redisCliLine(command.slice(2))).join(', ')}` : '';
    const head = `difference ${this.found.length + 1}: seed ${this.options.seed}, epoch ${epoch}, ${small.steps.length} of ${difference.stepIndex + 1} steps left after ${small.replays} replays${limits}`;
    const text = `${head}\n${tell(small.difference, small.steps, { reference: this.pair.reference.name, target: this.pair.target.name })}`;
    this.found.push({ difference: small.difference, text });
    this.say(text);
  }
}
