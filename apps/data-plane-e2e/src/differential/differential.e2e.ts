/**
 * The same random commands to redis-server and to the target, with one thread and with four: 20,000 per run, 50,000 under CI; fixed seeds
 * and, but under CI, one that is new (and printed).
 * By hand and for longer: run.ts in this folder.
 */
import { describeNeeding } from '@larder/shared-testing';
import { targetKind } from '../target.ts';
import { expectedCommands } from './expected-commands.ts';
import { knownCommands } from './known-commands.ts';
import { endpoint, Pair } from './pair.ts';
import { runConversations } from './conversation/run-conversations.ts';
import { runDifferential } from './run-differential.ts';
import { groups as allGroups } from './rows/table.ts';
import { byteByByte, inPieces } from './wire/pieces.ts';

const FIXED_SEEDS = [1, 2, 3, 4];
/** New on a developer's machine; under CI, which decides about a change, nothing is left to chance. */
const FRESH_SEED = Number(process.env['LARDER_DIFFERENTIAL_SEED'] ?? (process.env['CI'] === 'true' ? 501 : Date.now() % 1_000_000));
const COMMANDS = Number(process.env['LARDER_DIFFERENTIAL_COMMANDS'] ?? (process.env['CI'] === 'true' ? 50_000 : 20_000));
/** Where pushes are refused, a pop would really wait. */
const BLOCKING = ['BLPOP', 'BRPOP', 'BLMOVE', 'BRPOPLPUSH', 'BLMPOP', 'BZPOPMIN', 'BZPOPMAX', 'BZMPOP'];
const SEEDS = [...FIXED_SEEDS, FRESH_SEED];

describeNeeding(['redis-server'], `the same commands to redis-server and ${targetKind} (fresh seed ${FRESH_SEED})`, () => {
  const pair = new Pair(endpoint('redis-server'), endpoint(targetKind));
  const withThreads = (count: number): Pair => new Pair(endpoint('redis-server'), endpoint(targetKind, targetKind === 'larder-server' ? ['--threads', String(count)] : []));
  const pairs = new Map([1, 4].map((count) => [count, withThreads(count)]));

  beforeAll(() => pair.ensureRunning());
  afterAll(() => Promise.all([pair, ...pairs.values()].map((each) => each.stop())));

  const expectNone = (differences: readonly { readonly text: string }[]): void => {
    if (differences.length > 0) throw new Error(`${differences.length} differences\n\n${differences.map((each) => each.text).join('\n\n')}`);
  };

  it('has every command of the list of what is built', async () => {
    const known = await knownCommands(pair.target, expectedCommands);
    expect(expectedCommands.filter((command) => !known.has(command))).toEqual([]);
  });

  it.each(SEEDS.map((seed, at) => [seed, at % 2 === 0 ? 1 : 4] as const))('gets equal replies and equal data, seed %i, %i threads', async (seed, threads) => {
    const one = pairs.get(threads)!;
    await one.ensureRunning();
    const report = await runDifferential({ seed, commands: Math.ceil(COMMANDS / SEEDS.length), target: targetKind, pair: one, differencesMax: 3, shrinkBudgetMs: 10_000 });
    expectNone(report.differences);
    expect(report.commands).toBeGreaterThanOrEqual(Math.ceil(COMMANDS / SEEDS.length));
  }, 120_000);

  it('refuses the same commands when memory is over its limit', async () => {
    const groups = allGroups.map((group) => group.name).filter((name) => name !== 'server');
    const report = await runDifferential({ seed: 6, commands: 2_000, target: targetKind, pair, differencesMax: 3, groups, skip: BLOCKING, settings: [['CONFIG', 'SET', 'maxmemory', '1']] });
    expectNone(report.differences);
  }, 120_000);

  it('gets equal replies when every byte is a packet of its own', async () => {
    const report = await runDifferential({ seed: 5, commands: 400, target: targetKind, pair, differencesMax: 2, send: () => byteByByte });
    expectNone(report.differences);
  }, 120_000);

  it('gets equal replies when pipelines are cut anywhere', async () => {
    const report = await runDifferential({ seed: FRESH_SEED, commands: 3_000, target: targetKind, pair, differencesMax: 2, send: inPieces });
    expectNone(report.differences);
  }, 120_000);

  it('serves waiting clients, watchers and subscribers in the same order', async () => {
    for (const seed of [1, FRESH_SEED]) {
      const report = await runConversations({ seed, turns: 1_200, target: targetKind, pair, differencesMax: 2 });
      expectNone(report.differences);
      expect(report.turnsWithWaiting).toBeGreaterThan(200);
    }
  }, 120_000);
});
