/**
 * The whole product as a person starts it, `npm start`'s own script, on ports and a home of its own. Everything that it brought up
 * goes with it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, waitFor } from '@larder/shared-testing';

export interface Product {
  readonly consoleUrl: string;
  readonly email: string;
  readonly password: string;
  stop(): Promise<void>;
}

const START_MS = 240_000;

export async function startProduct(root: string): Promise<Product> {
  const home = mkdtempSync(path.join(tmpdir(), 'larder-road-'));
  const [api, worker, front, queue, database, low] = await Promise.all(Array.from({ length: 6 }, freePort)) as [number, number, number, number, number, number];
  let output = '';
  const child = spawn(process.execPath, [path.join(root, 'infra/start/start.ts')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env, NODE_OPTIONS: '', LARDER_HOME: home, API_PORT: String(api), WORKER_PORT: String(worker), CONSOLE_PORT: String(front),
      QUEUE_PORT: String(queue), DATABASE_PORT: String(database), INSTANCE_PORT_RANGE: rangeFrom(low),
    },
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => { output += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { output += text; });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const signIn = await waitFor('Larder to be up', () => {
      if (child.exitCode !== null) throw new Error(`the start ended with ${child.exitCode}`);
      return /Sign in\s+(\S+)\s+Password\s+(\S+)/.exec(output);
    }, START_MS);
    return { consoleUrl: `http://127.0.0.1:${front}`, email: signIn[1]!, password: signIn[2]!, stop };
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${output}`);
  }
}

/** Some ports below those that the kernel hands out by itself. */
function rangeFrom(port: number): string {
  const low = 21_000 + (port % 400) * 20;
  return `${low}-${low + 19}`;
}
