// A real PostgreSQL of its own for a spec file: made in a temporary directory, migrated, gone afterwards.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@larder/plane-records';
import { startEmbeddedPostgres } from '../embedded/postgres';
import { repositoryRoot } from '../repository-root';

export interface TestDatabase {
  readonly url: string;
  /** kill -9 of the server, and another on the same directory and port. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestDatabase(): Promise<TestDatabase> {
  const home = mkdtempSync(path.join(tmpdir(), 'larder-test-'));
  const options = {
    directory: path.join(home, 'postgres'), port: await freePort(), resolveFrom: path.join(repositoryRoot(), 'package.json'), isDurable: false,
  };
  let postgres = await startEmbeddedPostgres(options);
  await migrate(postgres.url, repositoryRoot());
  return {
    url: postgres.url,
    async crash() {
      process.kill(postgres.pid, 'SIGKILL');
      await postgres.exited;
      postgres = await startEmbeddedPostgres(options);
    },
    async stop() {
      await postgres.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
