/**
 * Puts the Lua machine into the bundle. wasmoon-lua5.1 looks for its .wasm file beside itself, which a single bundled file
 * does not have; here its default location becomes a data: URI, which its loader decodes by itself, when the first script runs.
 * It also loads all of lodash for two functions (540 KB); it gets those two.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { at } from './workspace.ts';

const needle = 'return customWasmFileLocation || scriptDirectory + path;';
const lodash = 'export { default as isPlainObject } from "lodash/isPlainObject.js"; export const isArray = Array.isArray;';

export const luaWasm: Plugin = {
  name: 'lua-wasm',
  setup(build) {
    build.onLoad({ filter: /wasmoon-lua5\.1\/dist\/index\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      if (!source.includes(needle)) throw new Error(`${file} changed: cannot find where it locates its .wasm file`);
      const wasm = await readFile(path.join(path.dirname(file), 'liblua5.1.wasm'), 'base64');
      const uri = `data:application/octet-stream;base64,${wasm}`;
      return { contents: source.replace(needle, `return customWasmFileLocation || ${JSON.stringify(uri)};`), loader: 'js' };
    });
    build.onResolve({ filter: /^lodash$/ }, ({ importer }) =>
      importer.includes('wasmoon-lua5.1') ? { path: 'lodash', namespace: 'lua-lodash' } : undefined);
    build.onLoad({ filter: /.*/, namespace: 'lua-lodash' }, () => ({ contents: lodash, loader: 'js', resolveDir: at('.') }));
  },
};
