/** Conversations by hand: `node apps/data-plane-e2e/src/differential/conversation/run.ts --seed 3 --turns 5000 --target larder-server` */
import { parseArgs } from 'node:util';
import { runConversations } from './run-conversations.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    turns: { type: 'string', default: '3000' },
    reference: { type: 'string', default: 'redis-server' },
    target: { type: 'string', default: 'larder-server' },
    differences: { type: 'string', default: '5' },
  },
});

async function main(): Promise<void> {
  const report = await runConversations({
    seed: Number(values.seed), turns: Number(values.turns), reference: values.reference, target: values.target,
    differencesMax: Number(values.differences), say: (line) => console.log(line),
  });
  console.log(`seed ${values.seed}: ${report.turns} turns in ${report.seconds.toFixed(1)} s, ${report.turnsWithWaiting} with somebody waiting, ${report.differences.length} differences`);
  process.exitCode = report.differences.length === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
