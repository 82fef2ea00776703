// The built console as its own process, as the product starts it, in front of any API.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freePort, waitFor } from '@larder/shared-testing';

export interface ConsoleProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startConsole(root: string, apiUrl: string): Promise<ConsoleProcess> {
  if (!existsSync(path.join(root, 'apps/console', process.env.CONSOLE_DIST ?? '.next', 'BUILD_ID'))) throw new Error('the console is not built: npm run build console');
  const port = await freePort();
  let output = '';
  const child = spawn(process.execPath, [path.join(root, 'apps/console/server/main.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CONSOLE_PORT: String(port), CONSOLE_HOST: '127.0.0.1', API_URL: apiUrl, NODE_OPTIONS: '' },
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output += text; });
  await waitFor('the console to listen', () => {
    if (child.exitCode !== null) throw new Error(`the console ended: ${output}`);
    return output.includes('listening on');
  }, 20_000);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    }),
  };
}
