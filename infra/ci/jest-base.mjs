/**
 * What the unit and the end-to-end configuration share.
 *
 * swc turns TypeScript into CommonJS with decorator metadata (Nest needs it). Packages that are ES modules only, Nest 12 among
 * them, are required as such: that works on Node >= 24.9 with --experimental-vm-modules, and only while no module under test
 * uses top-level await. `@larder/*` resolves through the workspace links in node_modules, whose real path is libs/, so those
 * files are transformed like the code under test.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import vm from 'node:vm';
import { swcJest } from '../build/swc-options.mjs';

const root = path.resolve(import.meta.dirname ?? '.', '../..');

runOnPinnedNode();

/**
 * `npx jest libs/store/resp` works from any shell: when the flag or the pinned Node is missing, this process becomes a parent
 * that runs the same command line with both. Workers inherit the flag through execArgv; NODE_OPTIONS stays clean, so that
 * servers which tests spawn start as users start them.
 */
function runOnPinnedNode() {
  if (typeof vm.SyntheticModule === 'function' && Number(process.versions.node.split('.')[0]) >= 24) return;
  if (process.env.LARDER_JEST_CHILD === '1') throw new Error(`jest: ${process.version} cannot load ES modules in tests; run npm ci`);
  const node = path.join(root, 'node_modules/.bin/node');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const run = spawnSync(node, [...flags, ...process.argv.slice(1)], { stdio: 'inherit', env: { ...process.env, LARDER_JEST_CHILD: '1' } });
  if (run.error) throw run.error;
  process.exit(run.status ?? 1);
}

/** @type {import('jest').Config} */
export const base = {
  rootDir: root,
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['/dist/', '/\\.next/', '/\\.larder/'],
  watchPathIgnorePatterns: ['/dist/', '/\\.next/', '/\\.larder/'],
  transform: { '^.+\\.(ts|tsx)$': ['@swc/jest', swcJest] },
  moduleNameMapper: {
    '^wasmoon-lua5\\.1/dist/liblua5\\.1\\.wasm$': path.join(root, 'infra/ci/lua-image.cjs'),
    // The console's own short form (apps/console/tsconfig.json).
    '^@/(.*)$': path.join(root, 'apps/console/src/$1'),
  },
  setupFiles: [path.join(root, 'infra/ci/jest-collect.cjs')],
  // Jest looks every name that a module does not declare up in a sandbox, far slower than elsewhere. These are handed to each
  // module as its own: half of the time of specs that compute, and more. (Not those that a package of ours' declares itself, such as Buffer.)
  sandboxInjectedGlobals: ['Array', 'Atomics', 'BigInt', 'DataView', 'Int32Array', 'Map', 'Math', 'Object', 'Set'],
  // js before mjs: graphql has both, and everyone must get the same one (as Node itself gives it).
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'json', 'node'],
};

export const ignored = ['/node_modules/', '/dist/', '/\\.next/', '/\\.larder/'];
