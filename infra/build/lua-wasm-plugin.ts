/**
 * Puts the Lua machine into the bundle. wasmoon-lua5.1 reads its .wasm file from beside itself, which a single bundled file
 * does not have; here the module is handed the bytes instead, decoded when the first script makes a machine, not before.
 * It also loads all of lodash for two functions (540 KB); it gets those two.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Plugin } from 'esbuild';
import { at } from './workspace.ts';

const needle = 'const module = await initWasmModule({';
const lodash = 'export { default as isPlainObject } from "lodash/isPlainObject.js"; export const isArray = Array.isArray;';

export const luaWasm: Plugin = {
  name: 'lua-wasm',
  setup(build) {
    build.onLoad({ filter: /wasmoon-lua5\.1\/dist\/index\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      if (!source.includes(needle)) throw new Error(`${file} changed: cannot find where it makes its module`);
      const wasm = await readFile(path.join(path.dirname(file), 'liblua5.1.wasm'), 'base64');
      return { contents: source.replace(needle, `${needle} wasmBinary: Buffer.from("${wasm}", "base64"),`), loader: 'js' };
    });
    build.onResolve({ filter: /^lodash$/ }, ({ importer }) =>
      importer.includes('wasmoon-lua5.1') ? { path: 'lodash', namespace: 'lua-lodash' } : undefined);
    build.onLoad({ filter: /.*/, namespace: 'lua-lodash' }, () => ({ contents: lodash, loader: 'js', resolveDir: at('.') }));
  },
};
