/**
 * The two bundled products. Both are written whole to a temporary name and renamed, so that a server that starts while a
 * build runs reads the old file or the new one, never half of either.
 *
 *   dist/apps/data-plane/larder-server.cjs      everything inside, the Lua machine too; CommonJS starts quicker than ESM
 *   dist/apps/control-plane/{main,worker}.mjs   our code inside, third-party packages from node_modules
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';
import { swcDecorators } from './swc-plugin.ts';
import { at, root } from './workspace.ts';

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifySyntax: true,
  sourcemap: 'external',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
};

export async function bundleDataPlane(): Promise<void> {
  await write({
    ...common,
    entryPoints: [at('apps/data-plane/src/main.ts')],
    outfile: at('dist/apps/data-plane/larder-server.cjs'),
    format: 'cjs',
    // The text stays in memory as long as the process: 3 MB less resident. Lines stay short enough to be shown in an error.
    minifyWhitespace: true,
    lineLimit: 160,
    // A field that is first set in the constructor: defined as `undefined` before, V8 would never know what kind of value it holds, and look
    // each time (measured: a tenth of the processor time of a short command).
    tsconfigRaw: { compilerOptions: { target: 'es2024', useDefineForClassFields: false } },
    // The Lua machine: bytes inside the file (wasm-modules.d.ts).
    loader: { '.wasm': 'binary' },
  });
  // The launcher keeps compiled code here; what it compiled from the old bundle is of no use any more.
  await rm(at('dist/apps/data-plane/compile-cache'), { recursive: true, force: true });
}

export async function bundleControlPlane(): Promise<void> {
  const entries = ['main', 'worker'].map((name) => at(`apps/control-plane/src/${name}.ts`));
  await write({
    ...common,
    entryPoints: entries.filter((entry) => existsSync(entry)),
    outdir: at('dist/apps/control-plane'),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    // Nest finds providers by class, metrics and logs by name.
    keepNames: true,
    plugins: [thirdPartyStaysOutside, swcDecorators],
    // The generated Prisma client and some libraries below are written for CommonJS.
    banner: {
      js: [
        'import { createRequire as __createRequire } from "node:module";',
        'const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
      ].join('\n'),
    },
  });
}

/** `@larder/*` and relative paths go into the bundle; every other bare name is left for Node to find. */
const thirdPartyStaysOutside: Plugin = {
  name: 'third-party-stays-outside',
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
      kind === 'entry-point' || name.startsWith('@larder/') ? undefined : { path: name, external: true });
  },
};

async function write(options: BuildOptions): Promise<void> {
  const result = await build(options);
  for (const file of result.outputFiles ?? []) {
    await mkdir(path.dirname(file.path), { recursive: true });
    const fresh = `${file.path}.${process.pid}.tmp`;
    try {
      await writeFile(fresh, file.contents);
      await rename(fresh, file.path);
    } finally {
      await rm(fresh, { force: true });
    }
  }
}
