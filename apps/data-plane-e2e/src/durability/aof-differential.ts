/**
 * The same random commands on redis-server and on larder-server, both with an append-only file: what they wrote is compared
 * command by command. Before each step stands a marker, so that a difference names its command.
 */
import { encodeCommands, startStore } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandNames, knownCommands } from '../differential/known-commands.ts';
import { generator } from '../differential/generator.ts';
import { seededRandom } from '../differential/random.ts';
import { groups as allGroups } from '../differential/rows/table.ts';
import type { Step } from '../differential/step.ts';
import { commandsOf, essence, incrementsOf, isSame, shownCommand } from './aof-content.ts';

export interface AofDifference {
  readonly step: Step;
  readonly reference: readonly string[];
  readonly target: readonly string[];
}

const MARKER = '#step';
/** What they choose is theirs. */
const RANDOM = new Set(['SPOP', 'SRANDMEMBER', 'HRANDFIELD', 'ZRANDMEMBER', 'RANDOMKEY']);

/** What deletes on purpose. */
const DELETES = /DEL|UNLINK|EX|RESTORE|SPOP|SREM|MOVE|STORE|POP|RENAME|COPY/i;

export async function compareAofs(options: { seed: number; commands: number; groups?: readonly string[]; differencesMax?: number }): Promise<{ steps: number; differences: AofDifference[] }> {
  const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'larder-aof-')));
  const kinds: StoreKind[] = ['redis-server', 'larder-server'];
  const stores: Store[] = [];
  try {
    for (const [i, kind] of kinds.entries()) {
      stores.push(await startStore({ kind, dir: folders[i]!, args: ['--appendonly', 'yes', '--appendfsync', 'no', '--auto-aof-rewrite-percentage', '0', '--enable-debug-command', 'yes'] }));
    }
    const steps = await run(stores, options);
    for (const store of stores) await store.stop();
    const [reference, target] = folders.map((folder) => bySteps(incrementsOf(join(folder, 'appendonlydir'))));
    const differences: AofDifference[] = [];
    for (const [i, step] of steps.entries()) {
      const named = new Set(step.commands.filter((words) => DELETES.test(words.join(' '))).flatMap((words) => words.map((word) => JSON.stringify(word))));
      const mayDelete = (key: string): boolean => key === '' || named.has(key);
      const [a, b] = [reference, target].map((written) => essence(written!.get(i) ?? [], mayDelete)) as [string[], string[]];
      if (isSame(a, b)) continue;
      differences.push({ step, reference: a, target: b });
      if (differences.length === (options.differencesMax ?? 20)) break;
    }
    return { steps: steps.length, differences };
  } finally {
    for (const store of stores) await store.kill();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
}

async function run(stores: readonly Store[], options: { seed: number; commands: number; groups?: readonly string[] }): Promise<Step[]> {
  const lines = await Promise.all(stores.map((store) => store.connect(2, 20_000)));
  const wanted = options.groups ?? [];
  const groups = allGroups.filter(({ name }) => (wanted.length === 0 ? name !== 'server' && name !== 'scripts' : wanted.includes(name)));
  const random = seededRandom(options.seed);
  const names = commandNames(groups);
  const target = stores[1]!;
  const known = await knownCommands({ name: 'larder-server', port: target.port, store: target, start: async () => target }, names);
  const source = generator(groups, (name) => known.has(name), random);
  const steps: Step[] = [];
  const leftOut = (step: Step) => step.commands.some(([name]) => RANDOM.has(name!.toUpperCase()) || /^(SHUTDOWN|DEBUG|CONFIG|RESET|QUIT|CLIENT|HELLO|MONITOR|SUBSCRIBE|PSUBSCRIBE|SSUBSCRIBE|BGSAVE|SAVE|BGREWRITEAOF)$/i.test(name!));
  while (steps.length < options.commands) {
    const step = source.step(2);
    if (leftOut(step)) continue;
    const marker = ['SET', MARKER, String(steps.length)];
    const commands = [marker, ...step.commands];
    steps.push(step);
    for (const line of lines) await line.exchange(encodeCommands(commands), commands.length);
  }
  for (const line of lines) line.close();
  return steps;
}

/** What was written for each step. */
function bySteps(bytes: Buffer): Map<number, string[]> {
  const found = new Map<number, string[]>();
  let current: string[] = [];
  for (const command of commandsOf(bytes)) {
    if (command.words[0]!.toUpperCase() === 'SET' && command.words[1] === MARKER) found.set(Number(command.words[2]), (current = []));
    else current.push(shownCommand(command));
  }
  return found;
}
