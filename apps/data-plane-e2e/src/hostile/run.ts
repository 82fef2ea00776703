/**
 * Fuzzing by hand:
 *
 *   node apps/data-plane-e2e/src/hostile/run.ts --fuzzers scripts,acl,payloads --rounds 100000 --seed 7
 *   … --slow-ms 2000        what is too slow on a machine that does much else
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { fuzzers } from './fuzzers.ts';

const { values } = parseArgs({
  options: { fuzzers: { type: 'string', default: Object.keys(fuzzers).join() }, rounds: { type: 'string', default: '10000' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) }, 'slow-ms': { type: 'string', default: '100' } },
});

for (const name of values.fuzzers.split(',')) {
  const startedAt = performance.now();
  const { findings, killed } = await fuzz({ fuzzer: name, seed: Number(values.seed), rounds: Number(values.rounds), slowMs: Number(values['slow-ms']) });
  console.log(`${name}, seed ${values.seed}: ${values.rounds} inputs in ${((performance.now() - startedAt) / 1000).toFixed(1)} s, ${killed} scripts killed, ${findings.length} findings`);
  for (const finding of findings) console.log(`\n${finding}`);
  if (findings.length > 0) process.exitCode = 1;
}
