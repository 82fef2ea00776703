/**
 * `npm run build [target …]`: builds what is not built, in order, and says what it does.
 *
 *   generate -> data-plane -> control-plane -> console
 *
 * A target is skipped when the fingerprint of its sources is the one it was built from. A target whose folder does not exist
 * is no target. `ensureBuilt` is the same for scripts; with everything fresh it takes well under half a second.
 */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { buildConsole } from './build-console.ts';
import { bundleControlPlane, bundleDataPlane } from './bundle.ts';
import { dropStamp, fingerprint, isFresh, writeStamp } from './fingerprint.ts';
import { generatePrisma } from './generate-prisma.ts';
import { at, say } from './workspace.ts';

interface Target {
  readonly name: string;
  /** No such file: the target does not exist (yet). */
  readonly entry: string;
  readonly sources: readonly string[];
  readonly outputs: readonly string[];
  readonly stamp: string;
  readonly make: () => Promise<void>;
}

const targets: readonly Target[] = [
  {
    name: 'data-plane',
    entry: 'apps/data-plane/src/main.ts',
    sources: ['apps/data-plane/src', 'libs/shared', 'libs/store'],
    outputs: ['dist/apps/data-plane/larder-server.cjs'],
    stamp: 'dist/apps/data-plane/.stamp',
    make: bundleDataPlane,
  },
  {
    name: 'control-plane',
    entry: 'apps/control-plane/src/main.ts',
    sources: ['apps/control-plane', 'libs/shared', 'libs/plane', 'libs/store/settings', 'prisma/schema.prisma'],
    outputs: ['dist/apps/control-plane/main.mjs', 'dist/apps/control-plane/worker.mjs'],
    stamp: 'dist/apps/control-plane/.stamp',
    make: bundleControlPlane,
  },
  {
    name: 'console',
    entry: 'apps/console/package.json',
    sources: ['apps/console', 'libs/console', 'libs/shared/std', 'libs/plane/graphql/schema.graphql'],
    outputs: ['apps/console/.next/BUILD_ID'],
    stamp: 'apps/console/.next/.stamp',
    make: buildConsole,
  },
];

export async function ensureBuilt(names: readonly string[] = targets.map((target) => target.name)): Promise<void> {
  const unknown = names.filter((name) => !targets.some((target) => target.name === name));
  if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')} (there are ${targets.map((target) => target.name).join(', ')})`);
  if (names.includes('control-plane')) generatePrisma();
  for (const target of targets) {
    if (names.includes(target.name) && existsSync(at(target.entry))) await ensureTarget(target);
  }
}

async function ensureTarget(target: Target): Promise<void> {
  const stamp = at(target.stamp);
  const print = fingerprint(target.sources);
  if (isFresh(stamp, print, target.outputs.map((output) => at(output)))) return;
  dropStamp(stamp);
  const startedAt = performance.now();
  say(target.name, 'building');
  await target.make();
  writeStamp(stamp, print);
  say(target.name, `built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await ensureBuilt(process.argv.length > 2 ? process.argv.slice(2) : undefined);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
