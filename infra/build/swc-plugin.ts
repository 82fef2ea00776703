/**
 * esbuild knows no decorator metadata, which Nest's injection and code-first GraphQL live on. So files that use decorators go
 * through swc first, with the options the tests use; all others stay with esbuild, which is quicker.
 */
import { readFile } from 'node:fs/promises';
import { transform } from '@swc/core';
import type { Plugin } from 'esbuild';
import { swcBundle } from './swc-options.mjs';

const usesDecorators = /^\s*@[A-Z]\w*\s*\(/m;

export const swcDecorators: Plugin = {
  name: 'swc-decorators',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (path.includes('/node_modules/')) return undefined;
      const source = await readFile(path, 'utf8');
      if (!usesDecorators.test(source)) return { contents: source, loader: 'ts' };
      const { code, map } = await transform(source, { ...swcBundle, filename: path, sourceMaps: true });
      const inline = Buffer.from(map ?? '{}').toString('base64');
      return { contents: `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}`, loader: 'js' };
    });
  },
};
