// The part of the WebAssembly API that is used, with types: neither ES2024's library nor Node's types bring them.

export interface WasmModule {
  readonly kind?: 'module';
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export interface WasmTable {
  get(index: number): unknown;
  set(index: number, value: unknown): void;
  grow(count: number): number;
}

export type WasmImports = Record<string, Record<string, (...args: number[]) => number | void>>;

export const { Module: WasmModule, Instance: WasmInstance } = (
  globalThis as unknown as {
    WebAssembly: {
      Module: new (bytes: Uint8Array) => WasmModule;
      Instance: new (module: WasmModule, imports: unknown) => { readonly exports: Record<string, unknown> };
    };
  }
).WebAssembly;
