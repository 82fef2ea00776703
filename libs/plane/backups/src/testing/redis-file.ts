// An RDB made by Debian's redis-server, for specs.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';

export async function redisFile(fill: (redis: Redis) => Promise<void>): Promise<Buffer> {
  const home = mkdtempSync(path.join(tmpdir(), 'larder-rdb-'));
  const server = spawn('redis-server', ['--port', '0', '--unixsocket', path.join(home, 's'), '--dir', home, '--save', '', '--databases', '40'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await new Promise<void>((ready) => server.stdout.on('data', (text: Buffer) => { if (text.includes('eady to accept')) ready(); }));
    const redis = new Redis({ path: path.join(home, 's') });
    await fill(redis);
    await redis.call('SAVE');
    await redis.quit();
    return readFileSync(path.join(home, 'dump.rdb'));
  } finally {
    server.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
}
