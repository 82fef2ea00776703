/**
 * `npm run typecheck`: one strict program over apps, libs and infra, and a second one for the console, whose JSX and DOM
 * settings Next owns.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { generatePrisma } from '../build/generate-prisma.ts';
import { at, root } from '../build/workspace.ts';

generatePrisma();

const projects = ['tsconfig.base.json', 'apps/console/tsconfig.json'].filter((project) => existsSync(at(project)));
let isClean = true;
for (const project of projects) {
  const run = spawnSync(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', project, '--noEmit', '--pretty', 'false'], { cwd: root, stdio: 'inherit' });
  isClean &&= run.status === 0;
}
process.exitCode = isClean ? 0 : 1;
