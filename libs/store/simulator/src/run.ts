/**
 * Many seeds by hand:
 *
 *   node libs/store/simulator/run.mjs --seeds 10000 [--from 1] [--kind durable|lossy|failing|handover] [--seconds 600]
 *   node libs/store/simulator/run.mjs --seed 17 --events [--shrink]     tells what happens in one
 *   … --planted votesTwice                                              with a fault of planted.ts
 */
import { parseArgs } from 'node:util';
import { systemClock } from '@larder/shared-std';
import * as planted from './planted';
import type { Kind } from './scenario';
import { scenarioOf } from './scenario';
import type { Outcome } from './simulate';
import { shrink, simulate } from './simulate';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '200' },
    kind: { type: 'string' },
    planted: { type: 'string' },
    seconds: { type: 'string', default: '3600' },
    events: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});
const changes = {
  ...(values.kind === undefined ? {} : { kind: values.kind as Kind }),
  ...(values.planted === undefined ? {} : { planted: planted[values.planted as keyof typeof planted] }),
};
const tell = (atMs: number, who: string, what: string) => console.log(`${(atMs / 1000).toFixed(3).padStart(8)} ${who.padEnd(9)} ${what}`);

function show({ options, violations }: Outcome): void {
  console.log(`seed ${options.seed} (${options.kind}, ${options.replicas} replicas, ${options.faults.length} faults)`);
  for (const { rule, what, atMs } of violations) console.log(`  ${(atMs / 1000).toFixed(3)} ${rule}: ${what}`);
}

if (values.seed !== undefined) {
  let outcome = simulate(scenarioOf(Number(values.seed), changes), values.events && !values.shrink ? tell : undefined);
  if (values.shrink && outcome.violations.length > 0) {
    outcome = shrink(outcome);
    console.log(JSON.stringify({ faults: outcome.options.faults, orders: outcome.options.orders }));
    if (values.events) simulate(outcome.options, tell);
  }
  show(outcome);
  console.log(JSON.stringify({ ...outcome.figures, events: outcome.events, convergedAfterMs: outcome.convergedAfterMs }));
} else {
  const first = Number(values.from);
  const startedAt = systemClock.monotonic();
  const seconds = () => (systemClock.monotonic() - startedAt) / 1000;
  const sums: Record<string, number> = {};
  let red = 0;
  let seed = first;
  let slowestMs = 0;
  for (; seed < first + Number(values.seeds) && seconds() < Number(values.seconds); seed++) {
    const outcome = simulate(scenarioOf(seed, changes));
    for (const [name, value] of Object.entries({ ...outcome.figures, events: outcome.events })) sums[name] = (sums[name] ?? 0) + value;
    slowestMs = Math.max(slowestMs, outcome.convergedAfterMs);
    if (outcome.violations.length === 0) continue;
    red++;
    show(outcome);
  }
  console.log(`${seed - first} seeds, ${red} red, ${seconds().toFixed(1)} s, slowest to be whole again ${slowestMs} ms`, JSON.stringify(sums));
  process.exitCode = red > 0 ? 1 : 0;
}
