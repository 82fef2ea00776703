/**
 * What many connections see at once is what some order of their commands explains: of redis-server, to know the judge; of wrong
 * servers, to know that it finds them; of the target with one, two and four threads, also with pauses where races are.
 *
 * Tests whose settings the target does not know yet are skipped by name. By hand and for longer: run.ts in this folder.
 */
import { describeNeeding, startStore } from '@larder/shared-testing';
import type { Store } from '@larder/shared-testing';
import { targetKind } from '../target.ts';
import { runSeeds } from './run-seeds.ts';
import { unknownSetting } from './server.ts';
import type { Fault, ServerOptions } from './server.ts';
import { startTornProxy } from './torn-proxy.ts';
import type { Tear } from './torn-proxy.ts';

const SEEDS = Number(process.env['LARDER_LINEARIZABILITY_SEEDS'] ?? 20);
const FIRST_SEED = Number(process.env['LARDER_LINEARIZABILITY_SEED'] ?? 1);
const RUN = { operations: 1_500, clients: 16 } as const;
/** Less to look through: that no order is right takes long to show. */
const TORN_RUN = { operations: 600, clients: 12 } as const;
/** A planted fault is found sooner; a server that would not be found out in so many seeds would pass. */
const FAULT_SEEDS_MAX = 40;
const PAUSES_PERMILLE = 50;

const expectGreen = (report: Awaited<ReturnType<typeof runSeeds>>): void => {
  if (report.red.length > 0) throw new Error(`${report.red.length} of ${report.seeds} seeds are red\n\n${report.red.map(({ text }) => text).join('\n\n')}`);
  expect(report.undecided).toBe(0);
  expect(report.operations).toBeGreaterThan(report.seeds * RUN.operations);
};

/** `it`, or a skip that names the setting. */
function itKnowing(options: ServerOptions, name: string, body: () => Promise<void>, timeoutMs: number): void {
  const unknown = unknownSetting(options);
  if (unknown === undefined) it(name, body, timeoutMs);
  else it.skip(`${name} [skipped: ${options.kind} does not know ${unknown}]`, body);
}

describeNeeding(['redis-server'], 'the judge of histories', () => {
  let redis: Store;
  beforeAll(async () => {
    redis = await startStore({ kind: 'redis-server' });
  });
  afterAll(() => redis.kill());

  it('finds redis-server right', async () => {
    expectGreen(await runSeeds({ ...RUN, kind: 'redis-server', threads: 1, seed: FIRST_SEED, seeds: 8, store: redis }));
  }, 120_000);

  // A torn expiry is found too, but only by chance: not where every run must decide alike.
  it.each<[Tear, string]>([['keys', 'multikey'], ['transactions', 'bank'], ['increments', 'counter'], ['increments', 'hash'], ['waiting', 'handoff']])('finds a server wrong that tears %s (%s)', async (tear, workload) => {
    const proxy = await startTornProxy(redis, tear);
    try {
      const { red, undecided } = await runSeeds({ ...TORN_RUN, kind: 'redis-server', threads: 1, seed: FIRST_SEED, seeds: 40, store: proxy, workloads: [workload], stopsAtFirst: true, stuckMs: 5_000 });
      expect(red.length + undecided).toBeGreaterThan(0);
    } finally {
      proxy.close();
    }
  }, 120_000);
});

describe(`${targetKind} as many connections see it`, () => {
  for (const threads of [1, 2, 4]) {
    itKnowing({ kind: targetKind, threads }, `explains ${SEEDS} seeds with ${threads} threads`, async () => {
      expectGreen(await runSeeds({ ...RUN, kind: targetKind, threads, seed: FIRST_SEED, seeds: SEEDS }));
    }, 300_000);

    if (threads === 1) continue;
    const paused = { kind: targetKind, threads, pausesPermille: PAUSES_PERMILLE };
    itKnowing(paused, `explains ${SEEDS} seeds with ${threads} threads that pause where it hurts`, async () => {
      expectGreen(await runSeeds({ ...RUN, ...paused, seed: FIRST_SEED + 1_000, seeds: SEEDS }));
    }, 300_000);
  }

  for (const fault of ['skip-lock', 'wrong-order', 'release-early'] satisfies Fault[]) {
    const planted = { kind: targetKind, threads: 4, pausesPermille: PAUSES_PERMILLE, fault } as const;
    itKnowing(planted, `is found wrong with the fault ${fault} planted`, async () => {
      const report = await runSeeds({ ...RUN, ...planted, seed: FIRST_SEED, seeds: FAULT_SEEDS_MAX, stopsAtFirst: true, stuckMs: 5_000 });
      expect(report.red.length + report.undecided).toBeGreaterThan(0);
    }, 300_000);
  }
});
