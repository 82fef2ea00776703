/**
 * Crashes larder-server and judges what is left: `node run.ts --runs 1000 --seed 1 [--wounds kill,full] [--jobs 2]`.
 */
import { parseArgs } from 'node:util';
import { crash, wounds } from './crash.ts';
import type { CrashResult, Wound } from './crash.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '30' }, seed: { type: 'string', default: '1' }, wounds: { type: 'string', default: '' }, jobs: { type: 'string', default: '1' } },
});
const only = values.wounds === '' ? undefined : (values.wounds.split(',').filter((word) => (wounds as readonly string[]).includes(word)) as Wound[]);
const first = Number(values.seed);
const last = first + Number(values.runs);
let next = first;
let bad = 0;
const results: CrashResult[] = [];

async function work(): Promise<void> {
  while (next < last) {
    const seed = next++;
    let result: CrashResult;
    try {
      result = await crash(seed, only);
    } catch (error) {
      bad++;
      console.log(`seed ${seed}: ${(error as Error).stack}`);
      continue;
    }
    results.push(result);
    if (result.faults.length > 0) bad++;
    const { wound, policy, threads, acknowledged, lost, lostSpanMs, start, faults } = result;
    console.log(`seed ${seed} ${wound} ${policy} ${threads} threads: ${acknowledged} acknowledged, ${lost} lost${lost > 0 ? ` (over ${Math.round(lostSpanMs)} ms)` : ''}, ${start}${faults.map((fault) => `\n  ${fault}`).join('')}`);
  }
}

await Promise.all(Array.from({ length: Number(values.jobs) }, work));
for (const wound of wounds) {
  const these = results.filter((result) => result.wound === wound);
  if (these.length === 0) continue;
  const count = (start: CrashResult['start']) => these.filter((result) => result.start === start).length;
  const lost = (policy: string) => these.filter((result) => result.policy === policy).reduce((sum, result) => sum + result.lost, 0);
  const span = Math.max(0, ...these.filter((result) => result.policy === 'everysec').map((result) => result.lostSpanMs));
  console.log(`${wound.padEnd(8)} ${these.length} runs, started ${count('itself')} by itself, ${count('mended')} mended, ${count('refused')} refused; lost always ${lost('always')}, everysec ${lost('everysec')} (over ${Math.round(span)} ms)`);
}
console.log(`${results.length} runs, ${bad} bad`);
process.exitCode = bad === 0 ? 0 : 1;
