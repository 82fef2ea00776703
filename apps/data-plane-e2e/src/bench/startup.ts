/** From exec to the first answer: a connection is tried every millisecond. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, storeBinary } from '@larder/shared-testing';
import type { StoreKind } from '@larder/shared-testing';

const TIMEOUT_MS = 20_000;

export async function startMilliseconds(kind: StoreKind): Promise<number> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'larder-start-'));
  const startedAt = performance.now();
  const child = spawn(storeBinary(kind), ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''], { stdio: 'ignore', cwd: dir });
  try {
    while (!(await answersPing(port))) {
      if (performance.now() - startedAt > TIMEOUT_MS) throw new Error(`${kind} did not answer PING within ${TIMEOUT_MS} ms`);
      await new Promise((wake) => setTimeout(wake, 1));
    }
    return performance.now() - startedAt;
  } finally {
    const gone = new Promise((done) => child.once('close', done));
    child.kill('SIGKILL');
    await gone;
    rmSync(dir, { recursive: true, force: true });
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (chunk) => done(chunk.toString().startsWith('+PONG')));
    socket.on('error', () => done(false));
    socket.on('close', () => done(false));
  });
}
