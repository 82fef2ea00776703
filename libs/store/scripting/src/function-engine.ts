// Functions: the libraries that FUNCTION LOAD has taken, and the Lua machine that holds what they registered. It is another machine than
// that of scripts, with globals of its own (lua-machine.ts).
//
// Invariants: every function belongs to one library, and no two libraries have functions of the same name in any case (of two in one
// library that differ in case alone the first is called); what is refused changes nothing. The
// whole state follows from the libraries' texts: another thread, a file or a new machine gets it from them.
import { globMatches } from '@larder/store-datatypes';
import type { Args, Reply } from '@larder/store-resp';
import { Drand48 } from './drand48';
import { BAD_NAME, isName, parseHeader } from './function-header';
import { decodeLibraries, encodeLibraries } from './function-payload';
import { LuaMachine, type RunLimits } from './lua-machine';
import type { Registration } from './register-function';
import type { ScriptEngine } from './script-engine';
import type { ScriptHost } from './script-host';
import type { ScriptFlags } from './shebang';

export interface LibraryFunction {
  /** As it was registered. */
  readonly name: string;
  readonly description: string | undefined;
  readonly flags: ScriptFlags;
  readonly library: Library;
  /** The compiled function in the present machine. */
  callback: number;
}

export interface Library {
  readonly name: string;
  readonly code: Buffer;
  functions: readonly LibraryFunction[];
}

export type RestorePolicy = 'append' | 'replace' | 'flush';

/** What a library costs beside its text. */
const libraryOverheadBytes = 200;
const functionOverheadBytes = 120;

export class FunctionEngine {
  /** Where redis.log goes while a library is loaded. */
  log: (level: number, text: string) => void = () => undefined;
  /** `rdbcompression`, for dumps. */
  compresses: () => boolean = () => true;
  readonly #scripts: ScriptEngine;
  readonly #random = new Drand48();
  #libraries = new Map<string, Library>();
  #functions = new Map<string, LibraryFunction>();
  #machine: LuaMachine | undefined;

  constructor(scripts: ScriptEngine) {
    this.#scripts = scripts;
  }

  get libraryCount(): number {
    return this.#libraries.size;
  }

  get functionCount(): number {
    return this.#functions.size;
  }

  /** What Lua itself holds for functions (used_memory_vm_functions). */
  get luaBytes(): number {
    return this.#machine?.usedBytes ?? 0;
  }

  /** The texts and their bookkeeping (used_memory_functions). */
  get libraryBytes(): number {
    let bytes = this.#functions.size * functionOverheadBytes;
    for (const { code } of this.#libraries.values()) bytes += code.length + libraryOverheadBytes;
    return bytes;
  }

  libraries(): IterableIterator<Library> {
    return this.#libraries.values();
  }

  /** Those whose name matches `pattern`, in any case. */
  matching(pattern: Buffer): Library[] {
    return [...this.#libraries.values()].filter(({ name }) => {
      const bytes = Buffer.from(name, 'latin1');
      return globMatches(pattern, 0, pattern.length, bytes, 0, bytes.length, true);
    });
  }

  /** By name, in any case. */
  find(name: string): LibraryFunction | undefined {
    return this.#functions.get(name.toLowerCase());
  }

  /** Takes a library; with `replaces` in the place of one of the same name. Returns the name of the library, or why not (without ERR). */
  load(code: Buffer, replaces = false): { name: string } | string {
    return this.#load(code, replaces, this.#libraries, this.#functions);
  }

  /** False: there is no such library. */
  remove(name: string): boolean {
    const library = this.#libraries.get(name);
    if (library === undefined) return false;
    this.#unlink(library, this.#libraries, this.#functions);
    this.#release(library);
    return true;
  }

  /** Everything goes, the machine too. */
  flush(): void {
    this.#libraries = new Map();
    this.#functions = new Map();
    this.#machine = undefined;
  }

  /** All libraries as FUNCTION DUMP answers them. */
  dump(): Buffer {
    return encodeLibraries([...this.#libraries.values()].map(({ code }) => code), this.compresses());
  }

  /** Takes the libraries of a dump, all or none; returns why not (without ERR). */
  restore(payload: Buffer, policy: RestorePolicy): string | undefined {
    const codes = decodeLibraries(payload);
    if (typeof codes === 'string') return codes;
    const libraries = new Map<string, Library>();
    const functions = new Map<string, LibraryFunction>();
    const failure = this.#loadAll(codes, libraries, functions) ?? this.#join(libraries, functions, policy);
    if (failure !== undefined) for (const library of libraries.values()) this.#release(library);
    return failure;
  }

  /** args[firstKey … firstKey + keys) are the keys, the rest the other arguments. The reply is written whole. */
  run(fn: LibraryFunction, args: Args, firstKey: number, keys: number, host: ScriptHost, limits: RunLimits, reply: Reply): void {
    if (this.#machine === undefined || this.#machine.isBroken) this.#renewMachine();
    this.#machine!.run(fn.callback, fn.name, args, firstKey, keys, host, limits, reply);
  }

  #load(code: Buffer, replaces: boolean, libraries: Map<string, Library>, functions: Map<string, LibraryFunction>): { name: string } | string {
    const header = parseHeader(code.toString('latin1'));
    if (typeof header === 'string') return header;
    const { name, engine } = header;
    if (!isName(name)) return BAD_NAME;
    if (engine.toLowerCase() !== 'lua') return `Engine '${engine}' not found`;
    const old = libraries.get(name);
    if (old !== undefined && !replaces) return `Library '${name}' already exists`;
    if (this.#machine?.isBroken) this.#renewMachine();
    const library: Library = { name, code: Buffer.from(code), functions: [] };
    const failure = this.#register(library, header.length);
    if (failure !== undefined) return failure;
    const taken = library.functions.find((fn) => {
      const other = functions.get(fn.name.toLowerCase());
      return other !== undefined && other.library !== old;
    });
    if (library.functions.length === 0 || taken !== undefined) {
      this.#release(library);
      return taken === undefined ? 'No functions registered' : `Function ${taken.name} already exists`;
    }
    if (old !== undefined) {
      this.#unlink(old, libraries, functions);
      this.#release(old);
    }
    link(library, libraries, functions);
    return { name };
  }

  /** Runs the library's code and notes what it registers. */
  #register(library: Library, offset: number): string | undefined {
    const registered: Registration[] = [];
    const failure = this.#ensureMachine().loadLibrary(library.code, offset, registered, this.log);
    if (failure === undefined) library.functions = registered.map((registration) => ({ ...registration, library }));
    return failure;
  }

  #loadAll(codes: readonly Buffer[], libraries: Map<string, Library>, functions: Map<string, LibraryFunction>): string | undefined {
    for (const code of codes) {
      const loaded = this.#load(code, false, libraries, functions);
      if (typeof loaded === 'string') return loaded;
    }
    return undefined;
  }

  #join(libraries: Map<string, Library>, functions: Map<string, LibraryFunction>, policy: RestorePolicy): string | undefined {
    const gone: Library[] = [];
    for (const name of libraries.keys()) {
      const old = this.#libraries.get(name);
      if (old === undefined || policy === 'flush') continue;
      if (policy === 'append') return `Library ${name} already exists`;
      gone.push(old);
    }
    for (const { name } of policy === 'flush' ? [] : functions.values()) {
      const other = this.#functions.get(name.toLowerCase());
      if (other !== undefined && !gone.includes(other.library)) return `Function ${name} already exists`;
    }
    for (const library of policy === 'flush' ? [...this.#libraries.values()] : gone) {
      this.#unlink(library, this.#libraries, this.#functions);
      this.#release(library);
    }
    for (const library of libraries.values()) link(library, this.#libraries, this.#functions);
    return undefined;
  }

  #unlink(library: Library, libraries: Map<string, Library>, functions: Map<string, LibraryFunction>): void {
    libraries.delete(library.name);
    for (const { name } of library.functions) functions.delete(name.toLowerCase());
  }

  #release(library: Library): void {
    if (this.#machine === undefined || this.#machine.isBroken) return;
    for (const { callback } of library.functions) this.#machine.release(callback);
  }

  #ensureMachine(): LuaMachine {
    return (this.#machine ??= new LuaMachine(this.#scripts.module, this.#scripts.clock, this.#random, true));
  }

  /** A machine that broke takes nothing with it: the libraries register their functions again. */
  #renewMachine(): void {
    this.#machine = undefined;
    for (const library of this.#libraries.values()) {
      const header = parseHeader(library.code.toString('latin1'));
      this.#unlink(library, new Map(), this.#functions);
      if (typeof header !== 'string') this.#register(library, header.length);
      link(library, new Map(), this.#functions);
    }
  }
}

function link(library: Library, libraries: Map<string, Library>, functions: Map<string, LibraryFunction>): void {
  libraries.set(library.name, library);
  for (const fn of library.functions) {
    const key = fn.name.toLowerCase();
    if (!functions.has(key)) functions.set(key, fn);
  }
}
