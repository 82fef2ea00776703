/**
 * The console, built by Next into apps/console/.next and served by `next start`. Its output is shown only when it fails:
 * what a person waiting for `npm start` needs is one line.
 */
import { spawn } from 'node:child_process';
import { packStatic } from '../../apps/console/server/packed-files.ts';
import { at } from './workspace.ts';

export async function buildConsole(): Promise<void> {
  const child = spawn(process.execPath, [at('node_modules/next/dist/bin/next'), 'build'], {
    cwd: at('apps/console'),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output += text; });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`next build failed:\n${output}`);
  await packStatic(at('apps/console', process.env.CONSOLE_DIST ?? '.next'));
}
