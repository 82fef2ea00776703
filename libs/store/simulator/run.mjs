/** Bundles src/run.ts and runs it: libs import without file endings, which Node itself does not resolve. */
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const outfile = join(tmpdir(), `larder-simulator-${process.pid}.mjs`);
await build({ entryPoints: [new URL('src/run.ts', import.meta.url).pathname], bundle: true, outfile, platform: 'node', format: 'esm', target: 'node24' });
process.on('exit', () => rmSync(outfile, { force: true }));
await import(outfile);
