/**
 * The differential run by hand:
 *
 *   node apps/data-plane-e2e/src/differential/run.ts --seed 7 --commands 200000 --groups strings,lists
 *   node …/run.ts --only ZADD,ZRANGE --differences 50
 *   node …/run.ts --target 7001 --reference redis-server      (a port names a running server; it gets FLUSHALL)
 *   node …/run.ts --table                                     (prints what can be generated)
 */
import { parseArgs } from 'node:util';
import { runDifferential } from './run-differential.ts';
import { printTable } from './rows/table.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    commands: { type: 'string', default: '20000' },
    groups: { type: 'string', default: '' },
    skip: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    reference: { type: 'string', default: 'redis-server' },
    target: { type: 'string', default: 'larder-server' },
    differences: { type: 'string', default: '10' },
    'shrink-seconds': { type: 'string', default: '15' },
    // Where the machine is stopped for others meanwhile, more than usual.
    'reply-seconds': { type: 'string', default: '10' },
    counts: { type: 'boolean', default: false },
    table: { type: 'boolean', default: false },
  },
});

const list = (text: string): string[] => text.split(',').filter((word) => word !== '');

async function main(): Promise<void> {
  if (values.table) return console.log(printTable());
  const report = await runDifferential({
    seed: Number(values.seed),
    commands: Number(values.commands),
    groups: list(values.groups),
    skip: list(values.skip),
    only: list(values.only),
    reference: values.reference,
    target: values.target,
    differencesMax: Number(values.differences),
    shrinkBudgetMs: Number(values['shrink-seconds']) * 1000,
    replyMs: Number(values['reply-seconds']) * 1000,
    say: (line) => console.log(line),
  });
  if (values.counts) for (const [name, count] of [...report.counts].sort((a, b) => b[1] - a[1])) console.log(`${String(count).padStart(8)} ${name}`);
  const rate = Math.round(report.commands / report.seconds);
  console.log(
    `seed ${report.seed}: ${report.commands} commands in ${report.seconds.toFixed(1)} s (${rate}/s), ${report.stateChecks} state checks, ` +
      `${report.differences.length} differences, ${report.notBuilt.length} commands not built`,
  );
  process.exitCode = report.differences.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
