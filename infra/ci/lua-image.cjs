// Jest's side of infra/build/wasm-modules.d.ts. Jest would load a .wasm file as a module and look for its imports; the store
// wants the bytes.
const { readFileSync } = require('node:fs');
const path = require('node:path');

exports.__esModule = true;
exports.default = new Uint8Array(readFileSync(path.join(__dirname, '../../node_modules/wasmoon-lua5.1/dist/liblua5.1.wasm')));
