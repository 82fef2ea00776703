/**
 * Seeds that every change has to survive, faults that the judge has to see, and red seeds that are kept. Many more seeds by hand:
 * run.ts. What each kind of scenario promises: scenario.ts.
 */
import { abandonsLoading, acceptsAlone, comparesHistories, forgetsSecondId, forgetsSecondOffset, handsOverTooSoon, handsOverUnheld, hollowOffersItself, keepsHistoryOfFlushed, promotesShortest, votesTwice } from './planted';
import type { Steps } from './planted';
import type { Fault, FaultKind, Kind, ScenarioOptions } from './scenario';
import { scenarioOf } from './scenario';
import type { Outcome } from './simulate';
import { shrink, simulate } from './simulate';

const SEEDS = 200;
const HANDOVER_SEEDS = 60;
const told = ({ options, violations }: Outcome) => ({ seed: options.seed, violations });

/** The first of some seeds that is red; any kind of scenario where none is named. */
function firstRed(planted: Partial<Steps>, kind: Kind | undefined, changes: Partial<ScenarioOptions> = {}, seeds = 60): Outcome | undefined {
  for (let seed = 1; seed <= seeds; seed++) {
    const outcome = simulate(scenarioOf(seed, { ...(kind === undefined ? {} : { kind }), planted, ...changes }));
    if (outcome.violations.length > 0) return outcome;
  }
  return undefined;
}

describe('a deployment under faults', () => {
  test(`holds what it promises in ${SEEDS} runs`, () => {
    const sums = { elections: 0, promotions: 0, fullSyncs: 0, partialSyncs: 0, writesAcknowledged: 0, refusedAlone: 0, reads: 0 };
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = simulate(scenarioOf(seed));
      expect(told(outcome)).toEqual({ seed, violations: [] });
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += outcome.figures[name];
    }
    // Enough has happened for that to mean something.
    expect(sums.elections).toBeGreaterThan(SEEDS / 2);
    expect(sums.promotions).toBeGreaterThan(SEEDS / 2);
    expect(sums.fullSyncs).toBeGreaterThan(SEEDS);
    expect(sums.partialSyncs).toBeGreaterThan(SEEDS);
    expect(sums.writesAcknowledged).toBeGreaterThan(SEEDS * 100);
    expect(sums.refusedAlone).toBeGreaterThan(SEEDS);
    expect(sums.reads).toBeGreaterThan(SEEDS * 50);
  }, 120_000);

  test('hands over to a replica, again and again, and loses nothing that any primary ever took', () => {
    const sums = { handovers: 0, partialSyncs: 0, writesAccepted: 0 };
    for (let seed = 1; seed <= HANDOVER_SEEDS; seed++) {
      const outcome = simulate(scenarioOf(seed, { kind: 'handover' }));
      expect(told(outcome)).toEqual({ seed, violations: [] });
      for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += outcome.figures[name];
    }
    expect(sums.handovers).toBeGreaterThan(HANDOVER_SEEDS * 2);
    expect(sums.partialSyncs).toBeGreaterThan(HANDOVER_SEEDS * 4);
    expect(sums.writesAccepted).toBeGreaterThan(HANDOVER_SEEDS * 100);
  }, 60_000);

  test('runs the same way from the same seed', () => {
    expect(simulate(scenarioOf(10))).toEqual(simulate(scenarioOf(10)));
  });
});

describe('the judge sees', () => {
  test.each<[what: string, rule: string, planted: Partial<Steps>, kind: Kind]>([
    ['Sentinels that vote twice in an epoch', 'one leader per epoch', votesTwice, 'durable'],
    ['that the replica with least is promoted', 'no write under WAIT is lost', promotesShortest, 'failing'],
    ['that offsets of different histories are compared', 'no write under WAIT is lost', comparesHistories, 'failing'],
    ['a successor that forgets the second id', 'no needless full synchronisation', forgetsSecondId, 'failing'],
    ['a successor that forgets where the second id ends', 'one history', forgetsSecondOffset, 'durable'],
    ['a primary that writes on alone', 'min-replicas-to-write', acceptsAlone, 'failing'],
    ['a handover that lets clients write on', 'one history', handsOverUnheld, 'handover'],
    ['a handover to a replica that lacks the last of it', 'one line of writes', handsOverTooSoon, 'handover'],
  ])('%s', (_, rule, planted, kind) => {
    const outcome = firstRed(planted, kind);
    expect(outcome?.violations[0]?.rule).toBe(rule);
  });
});

test('a red run is shrunk to the faults that it needs', () => {
  const red = firstRed(forgetsSecondId, 'durable')!;
  const smallest = shrink(red);
  expect(smallest.options.faults.length).toBeLessThan(red.options.faults.length);
  expect(smallest.violations[0]!.rule).toBe(red.violations[0]!.rule);
});

/** Red once, and small since. */
describe('kept seeds', () => {
  const fault = (kind: FaultKind, atMs: number, ms: number, whom: number, isHard: boolean, other = 0.9): Fault => ({ kind, atMs, ms, whom, other, isHard, losesDisk: false });

  test('801: a leader whose promoted replica has died follows the next epoch, also when that promotes the old primary', () => {
    const faults = [fault('isolate-primary', 3758.6, 1390.4, 0, false), fault('crash', 4511.6, 1097.8, 0.852, true, 0.27), fault('crash-primary', 7160.9, 1413.1, 0, false, 0.7)];
    expect(told(simulate(scenarioOf(801, { faults, orders: [] })))).toEqual({ seed: 801, violations: [] });
  });

  test('an old primary that wrote on alone is not promoted for its long history', () => {
    for (const seed of [1, 6, 21, 24, 27]) expect(told(simulate(scenarioOf(seed, { kind: 'failing' })))).toEqual({ seed, violations: [] });
  });

  test('a replica that was cut off while loading has no history to go on from', () => {
    // Its primary comes back with another history and dies amid the load; the other replica, away meanwhile, still has the old one.
    const faults = [fault('crash-primary', 5472.8, 1179.8, 0, true), fault('isolate', 6100, 3600, 0.9, true), fault('slow-disk', 6471.2, 2228, 0.5, false), fault('crash-primary', 7420.2, 2617.9, 0, false, 0.59)];
    const red = firstRed({ ...abandonsLoading, ...keepsHistoryOfFlushed, ...hollowOffersItself }, 'durable', { replicas: 2, waitReplicas: 2, faults, orders: [] })!;
    expect(red.violations[0]!.rule).toBe('one history');
    for (const planted of [abandonsLoading, {}]) expect(simulate({ ...red.options, planted }).violations).toEqual([]);
  });

  /**
   * A primary that comes back from its append-only file begins a history anew, and a short one is no reason to hold a replica for empty.
   * So one whose load was cut short after it had given up its data can be promoted with nothing, unless it says that it must not be.
   */
  test('7176: a replica that was cut off while loading is promoted with nothing, unless it holds back', () => {
    const faults = [fault('isolate', 4381.5, 881.8, 0.4857, true), fault('crash-primary', 5472.8, 1179.8, 0, true), fault('slow-disk', 6471.2, 2228, 0.61, false), fault('crash-primary', 7420.2, 2617.9, 0, false, 0.59)];
    const red = firstRed({ ...abandonsLoading, ...hollowOffersItself }, undefined, { faults, orders: [] })!;
    expect(red.violations[0]!.rule).toBe('no write under WAIT is lost');
    for (const planted of [abandonsLoading, {}]) expect(simulate({ ...red.options, planted }).violations).toEqual([]);
    expect(told(simulate(scenarioOf(7176, { faults, orders: [] })))).toEqual({ seed: 7176, violations: [] });
  });

  test('33: a handover whose replica is cut off goes on when that is back, however long it has time', () => {
    expect(told(simulate(scenarioOf(33, { kind: 'handover' })))).toEqual({ seed: 33, violations: [] });
  });

  test('300957: a handover that waits for a replica that is gone is called off by whoever asked for it, and the Sentinels go on', () => {
    expect(told(simulate(scenarioOf(300957)))).toEqual({ seed: 300957, violations: [] });
  });

  test('301068: a new primary that comes back as the replica it was loses nothing', () => {
    expect(told(simulate(scenarioOf(301068)))).toEqual({ seed: 301068, violations: [] });
  });

  test('23937: a replica that was sent a snapshot has acknowledged nothing before it says so', () => {
    expect(told(simulate(scenarioOf(23937, { orders: [] })))).toEqual({ seed: 23937, violations: [] });
  });

  test('26556: the choice among replicas waits for what they say after the failover began', () => {
    expect(told(simulate(scenarioOf(26556, { orders: [] })))).toEqual({ seed: 26556, violations: [] });
  });
});
