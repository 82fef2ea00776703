// Prisma's schema engine as WebAssembly, in this process: what applies migrations without any command line or download.
//
// The package's own entry imports a .wasm file as a module, which Node does not do; so its glue code is joined with the bytes here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';

export interface SchemaEngine {
  applyMigrations(input: { migrationsList: object; filters: object }): Promise<{ appliedMigrationNames: string[] }>;
}
type WasmExports = Readonly<Record<string, () => void>>;
/** TypeScript tells of WebAssembly only together with the DOM. */
interface WebAssemblyHost {
  instantiate(bytes: Uint8Array, imports: object): Promise<{ readonly instance: { readonly exports: WasmExports } }>;
}
interface Glue {
  __wbg_set_wasm(exports: WasmExports): void;
  readonly SchemaEngine: {
    /** A static method called `new`: wasm-bindgen's way of an asynchronous constructor. */
    readonly new: (options: object, log: (message: string) => void, adapter: unknown) => Promise<SchemaEngine>;
  };
}

/** `resolveFrom`: a file from which node_modules is looked up. */
export async function openSchemaEngine(connections: pg.Pool, resolveFrom: string): Promise<SchemaEngine> {
  const engine = glue as unknown as Glue;
  const gluePath = createRequire(resolveFrom).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = readFileSync(path.join(path.dirname(gluePath), 'schema_engine_bg.wasm'));
  const host = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly;
  const { instance } = await host.instantiate(bytes, { './schema_engine_bg.js': { ...glue, ...idleTimers(glue) } });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports['__wbindgen_start']!();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(connections));
  return engine.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
}

/** The engine leaves a timer of ten seconds behind (its lock's deadline), which would keep a finished process alive so long. */
function idleTimers(imports: object): Record<string, unknown> {
  const timers = Object.entries(imports).filter(([name]) => name.startsWith('__wbg_setTimeout_')) as [string, (...args: unknown[]) => unknown][];
  return Object.fromEntries(timers.map(([name, arm]) => [name, (...args: unknown[]) => {
    const timer = arm(...args);
    (timer as { unref?: () => void } | undefined)?.unref?.();
    return timer;
  }]));
}
