/**
 * `node run-aof-differential.ts --seed 1 --commands 5000 [--groups strings,lists] [--differences 20]`: see aof-differential.ts.
 */
import { parseArgs } from 'node:util';
import { compareAofs } from './aof-differential.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, commands: { type: 'string', default: '3000' }, groups: { type: 'string', default: '' }, differences: { type: 'string', default: '20' } },
});
const { steps, differences } = await compareAofs({
  seed: Number(values.seed),
  commands: Number(values.commands),
  groups: values.groups.split(',').filter((name) => name !== ''),
  differencesMax: Number(values.differences),
});
for (const { step, reference, target } of differences) {
  console.log(`\n${step.commands.map((words) => words.map((word) => JSON.stringify(String(word).slice(0, 60))).join(' ')).join('\n')}`);
  console.log(`  redis   ${reference.join('\n          ') || '-'}\n  larder  ${target.join('\n          ') || '-'}`);
}
console.log(`${steps} steps, ${differences.length} differences`);
process.exitCode = differences.length === 0 ? 0 : 1;
