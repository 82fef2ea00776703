/** One run from its seed to its verdict, and the smallest list of faults that still makes it red. */
import type { Figures, Violation } from './judge';
import type { ScenarioOptions } from './scenario';
import { World } from './world';

/** Old primaries are turned round, abandoned failovers tried again: several time-outs of a failover in a row. */
const CONVERGENCE_MS_MAX = 90_000;
/** By then Sentinels have set right what they can. */
const MENDED_AFTER_MS = 45_000;
const LOOK_MS = 250;
/** Clients write on until the deployment is whole again, and then rest. */
const REST_MS = 1500;

export interface Outcome {
  readonly options: ScenarioOptions;
  readonly violations: readonly Violation[];
  readonly figures: Figures;
  readonly events: number;
  /** From the end of the faults until all was whole again. */
  readonly convergedAfterMs: number;
}

export function simulate(options: ScenarioOptions, onEvent?: (atMs: number, who: string, what: string) => void): Outcome {
  const world = new World(options);
  const { queue, judge } = world;
  if (onEvent !== undefined) world.onEvent = (who, what) => onEvent(queue.nowMs, who, what);
  queue.runUntil(options.quietFromMs);
  // Replicas that refuse a primary which came back empty wait for somebody who decides.
  world.refusesEmpty = false;
  world.callOff();
  const until = (isSo: () => boolean) => {
    while (!isSo()) {
      if (queue.nowMs > options.quietFromMs + MENDED_AFTER_MS) world.mend();
      if (queue.nowMs > options.quietFromMs + CONVERGENCE_MS_MAX || judge.violations.length > 0) return false;
      queue.runUntil(queue.nowMs + LOOK_MS);
    }
    return true;
  };
  const isAgreed = until(() => world.agreed?.isReplica === false);
  if (isAgreed) {
    queue.runUntil(queue.nowMs + REST_MS);
    for (const client of world.clients) client.rest();
  }
  const isWhole = isAgreed && until(() => world.converged !== undefined);
  if (isWhole) judge.concludes(world.converged!);
  else if (judge.violations.length === 0) judge.blame('all is whole again after the faults', 'it is not');
  return { options, violations: judge.violations, figures: judge.figures, events: queue.fired, convergedAfterMs: Math.round(queue.nowMs - options.quietFromMs) };
}

/** Leaves out faults and orders as long as the same rule is broken. */
export function shrink(outcome: Outcome): Outcome {
  const { rule } = outcome.violations[0]!;
  let smallest = outcome;
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    const { faults, orders } = smallest.options;
    const less: Partial<ScenarioOptions>[] = [
      ...faults.map((fault) => ({ faults: faults.filter((each) => each !== fault) })), ...orders.map((order) => ({ orders: orders.filter((each) => each !== order) })),
    ];
    for (const changes of less) {
      const smaller = simulate({ ...smallest.options, ...changes });
      if (smaller.violations[0]?.rule !== rule) continue;
      smallest = smaller;
      hasShrunk = true;
      break;
    }
  }
  return smallest;
}
