/**
 * `npm run typecheck`: one strict program over apps, libs and infra, and a second one for the console, whose JSX and DOM
 * settings Next owns.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { generatePrisma } from '../build/generate-prisma.ts';
import { at, root } from '../build/workspace.ts';

generatePrisma();

const projects = ['tsconfig.base.json', 'apps/console/tsconfig.json'].filter((project) => existsSync(at(project)));
const runs = projects.map((project) => spawn(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', project, '--noEmit', '--pretty', 'false'], { cwd: root, stdio: 'inherit' }));
const statuses = await Promise.all(runs.map((run) => new Promise<number | null>((resolve) => run.once('exit', resolve))));
process.exitCode = statuses.every((status) => status === 0) ? 0 : 1;
