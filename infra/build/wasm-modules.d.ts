/**
 * `import image from 'wasmoon-lua5.1/dist/liblua5.1.wasm'` gives the file's bytes: esbuild puts them into the bundle
 * (bundle.ts), jest reads them (infra/ci/lua-image.cjs). A single bundled file has nothing beside itself to read.
 */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
