/**
 * The judge of threads by hand:
 *
 *   node apps/data-plane-e2e/src/linearizability/run.ts --seed 1 --seeds 100 --threads 4 --pauses
 *   node …/run.ts --server redis                                   (redis-server must always be found right)
 *   node …/run.ts --threads 2 --fault skip-lock --stop             (a planted fault must be found wrong)
 *   node …/run.ts --journal --threads 4 --seeds 200               (replays the journal of each seed into an empty server)
 *   node …/run.ts --seed 7 --workloads bank,watch --clients 32 --operations 5000
 *
 * A seed decides what every client does; what the threads make of it the machine decides, so a red seed is repeated with --seeds.
 */
import { parseArgs } from 'node:util';
import { checkJournal } from './journal.ts';
import { unknownSetting } from './server.ts';
import type { Fault, ServerOptions } from './server.ts';
import { runSeeds } from './run-seeds.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seeds: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
    operations: { type: 'string', default: '2000' },
    clients: { type: 'string', default: '16' },
    server: { type: 'string', default: 'larder' },
    workloads: { type: 'string', default: '' },
    pauses: { type: 'boolean', default: false },
    permille: { type: 'string', default: '50' },
    fault: { type: 'string', default: 'none' },
    stop: { type: 'boolean', default: false },
    journal: { type: 'boolean', default: false },
  },
});

async function main(): Promise<void> {
  const server: ServerOptions = {
    journal: values.journal,
    kind: values.server === 'redis' ? 'redis-server' : 'larder-server',
    threads: Number(values.threads),
    pausesPermille: values.pauses ? Number(values.permille) : 0,
    fault: values.fault as Fault,
  };
  const unknown = unknownSetting(server);
  if (unknown !== undefined) throw new Error(`this build does not know ${unknown}`);
  if (values.journal) return journals(server);
  const startedAt = performance.now();
  const report = await runSeeds({
    ...server,
    seed: Number(values.seed),
    seeds: Number(values.seeds),
    operations: Number(values.operations),
    clients: Number(values.clients),
    workloads: values.workloads.split(',').filter((name) => name !== ''),
    stopsAtFirst: values.stop,
    say: (line) => console.log(line),
  });
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(
    `${report.seeds} seeds from ${values.seed}, threads ${values.threads}${values.pauses ? ', with pauses' : ''}: ${report.operations} operations in ${seconds.toFixed(1)} s, ` +
      `${report.red.length} red, ${report.undecided} parts undecided`,
  );
  process.exitCode = report.red.length === 0 ? 0 : 1;
}

async function journals(server: ServerOptions): Promise<void> {
  let red = 0;
  for (let seed = Number(values.seed), end = seed + Number(values.seeds); seed < end; seed++) {
    const { commands, units, differences } = await checkJournal({ ...server, seed, operations: Number(values.operations), clients: Number(values.clients) }).catch((error: Error) => ({ commands: 0, units: 0, differences: [error.message] }));
    console.log(`seed ${seed}: ${commands} commands of ${units} units, ${differences.length} differences`);
    for (const difference of differences.slice(0, 10)) console.log(`  ${difference}`);
    if (differences.length > 0) red++;
  }
  console.log(`${values.seeds} journals from seed ${values.seed}, threads ${values.threads}: ${red} red`);
  process.exitCode = red === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
