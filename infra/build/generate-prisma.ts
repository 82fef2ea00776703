/**
 * Generates the Prisma client into libs/plane/records, on any machine, without a download.
 *
 * The Prisma command line refuses to start without a schema engine and would fetch one, although `generate` never runs it
 * (the schema is parsed by a WebAssembly module). Naming an executable that exists satisfies it: Node itself. Migrations need
 * no engine binary either; the control plane applies them in process.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { dropStamp, fingerprint, isFresh, writeStamp } from './fingerprint.ts';
import { at, root, say } from './workspace.ts';

const schema = at('prisma/schema.prisma');
const output = at('libs/plane/records/src/generated');

export function generatePrisma(): void {
  if (!existsSync(schema)) return;
  const stamp = at('node_modules/.cache/larder/prisma.stamp');
  const print = fingerprint(['prisma/schema.prisma', 'prisma.config.ts']);
  if (isFresh(stamp, print, [`${output}/client.ts`])) return;
  dropStamp(stamp);
  say('prisma', 'generating the client');
  const run = spawnSync(process.execPath, [at('node_modules/prisma/build/index.js'), 'generate', '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (run.status !== 0) throw new Error(`cannot generate the Prisma client:\n${run.stdout}${run.stderr}`);
  writeStamp(stamp, print);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) generatePrisma();
