// Lua's virtual machine, running: the image instantiated synchronously, its memory as views, its C API with types, functions of
// ours made callable from Lua.
//
// The image was linked by Emscripten. It asks its surroundings for files, time zones and the like, which all are refused here
// (a script has no use for them), and for three things that matter:
//   invoke_vii, throw_longjmp   Lua's errors are C longjmps: a JavaScript exception (the value Infinity) unwinds to the nearest
//                               protected call. Any other exception passes through untouched: a fault of ours stays one.
//   resize_heap                 memory grows by making a new ArrayBuffer; `u8`, `i32` and `f64` are replaced. Whoever keeps a
//                               view across a call that may allocate reads stale memory: take it from the runtime again.
//
// Pointers are addresses in that memory. Lua's collector does not move objects: a string's address holds while the string
// is reachable (from the stack, say).
import { stateBase, stateTop, stringBytes, stringLength } from './lua-layout';
import { WasmInstance, type WasmImports, type WasmMemory, WasmModule, type WasmTable } from './web-assembly';
import { patchLuaImage, readonlyMessage, readonlyMessageAddress } from './lua-image';

/** The part of the C API that is used. Every function takes the state first; strings are addresses. */
export interface LuaApi {
  lua_gettop(L: number): number;
  lua_settop(L: number, index: number): void;
  lua_checkstack(L: number, size: number): number;
  lua_pushvalue(L: number, index: number): void;
  lua_insert(L: number, index: number): void;
  lua_remove(L: number, index: number): void;
  lua_replace(L: number, index: number): void;
  lua_type(L: number, index: number): number;
  lua_isnumber(L: number, index: number): number;
  lua_isstring(L: number, index: number): number;
  lua_toboolean(L: number, index: number): number;
  lua_tonumber(L: number, index: number): number;
  lua_tolstring(L: number, index: number, length: number): number;
  lua_touserdata(L: number, index: number): number;
  lua_topointer(L: number, index: number): number;
  lua_tocfunction(L: number, index: number): number;
  lua_pushnil(L: number): void;
  lua_pushnumber(L: number, value: number): void;
  lua_pushboolean(L: number, value: number): void;
  lua_pushlstring(L: number, address: number, length: number): void;
  lua_pushstring(L: number, address: number): void;
  lua_pushlightuserdata(L: number, address: number): void;
  lua_pushcclosure(L: number, fn: number, upvalues: number): void;
  lua_newuserdata(L: number, bytes: number): number;
  lua_createtable(L: number, array: number, records: number): void;
  lua_getfield(L: number, index: number, name: number): void;
  lua_setfield(L: number, index: number, name: number): void;
  lua_gettable(L: number, index: number): void;
  lua_settable(L: number, index: number): void;
  lua_rawget(L: number, index: number): void;
  lua_rawset(L: number, index: number): void;
  lua_rawgeti(L: number, index: number, n: number): void;
  lua_rawseti(L: number, index: number, n: number): void;
  lua_setmetatable(L: number, index: number): number;
  lua_getmetatable(L: number, index: number): number;
  lua_objlen(L: number, index: number): number;
  lua_next(L: number, index: number): number;
  lua_concat(L: number, count: number): void;
  lua_call(L: number, args: number, results: number): void;
  lua_pcall(L: number, args: number, results: number, handler: number): number;
  lua_error(L: number): number;
  lua_gc(L: number, what: number, data: number): number;
  lua_sethook(L: number, hook: number, mask: number, count: number): number;
  lua_close(L: number): void;
  luaL_newstate(): number;
  luaL_openlibs(L: number): void;
  luaL_loadbuffer(L: number, address: number, length: number, name: number): number;
  luaL_ref(L: number, table: number): number;
  luaL_unref(L: number, table: number, ref: number): void;
  luaL_where(L: number, level: number): void;
  luaL_argerror(L: number, arg: number, message: number): number;
  luaL_typerror(L: number, arg: number, name: number): number;
  luaL_checklstring(L: number, arg: number, length: number): number;
  luaL_checknumber(L: number, arg: number): number;
  luaL_optnumber(L: number, arg: number, otherwise: number): number;
  luaL_checkstack(L: number, size: number, message: number): void;
  luaopen_base(L: number): number;
  luaopen_table(L: number): number;
  luaopen_string(L: number): number;
  luaopen_math(L: number): number;
  luaopen_debug(L: number): number;
  malloc(bytes: number): number;
  realloc(address: number, bytes: number): number;
  free(address: number): void;
}

interface LuaExports extends LuaApi {
  memory: WasmMemory;
  __indirect_function_table: WasmTable;
  __wasm_call_ctors(): void;
  setThrew(threw: number, value: number): void;
  stackSave(): number;
  stackRestore(pointer: number): void;
}

/** A function that Lua calls: arguments are on the state's stack; returns how many results it pushed. */
export type LuaFunction = (L: number) => number;

/** What a longjmp is thrown as. */
const longjmp = Number.POSITIVE_INFINITY;

export class LuaRuntime {
  readonly api: LuaApi;
  u8: Buffer;
  i32: Int32Array;
  f64: Float64Array;
  readonly #exports: LuaExports;
  readonly #texts = new Map<string, number>();
  #scratch = 0;
  #scratchBytes = 0;

  /** Compiling takes a few milliseconds; the module serves any number of runtimes. */
  static compile(image: Uint8Array): WasmModule {
    return new WasmModule(patchLuaImage(image));
  }

  constructor(module: WasmModule) {
    const instance = new WasmInstance(module, this.#surroundings());
    this.#exports = instance.exports as unknown as LuaExports;
    this.api = pickApi(this.#exports);
    this.u8 = Buffer.alloc(0);
    this.i32 = new Int32Array(0);
    this.f64 = new Float64Array(0);
    this.#takeViews();
    this.#exports.__wasm_call_ctors();
    this.u8.write(`${readonlyMessage}\0`, readonlyMessageAddress, 'latin1');
  }

  /** The address of a NUL-terminated constant; each text is stored once and for good. Not for text that scripts make. */
  text(text: string): number {
    let address = this.#texts.get(text);
    if (address === undefined) {
      address = this.allocate(text.length + 1);
      this.u8.write(`${text}\0`, address, 'latin1');
      this.#texts.set(text, address);
    }
    return address;
  }

  allocate(bytes: number): number {
    const address = this.api.malloc(bytes) >>> 0;
    if (address === 0) throw new RangeError(`cannot allocate ${bytes} bytes for Lua`);
    return address;
  }

  /** One area for whoever needs some bytes until the next caller does. Contents do not survive growing. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      if (this.#scratch !== 0) this.api.free(this.#scratch);
      this.#scratchBytes = Math.max(4096, bytes + (bytes >> 1));
      this.#scratch = this.allocate(this.#scratchBytes);
    }
    return this.#scratch;
  }

  /** Gives a large scratch area back. */
  trimScratch(): void {
    if (this.#scratchBytes <= 1 << 20) return;
    this.api.free(this.#scratch);
    this.#scratch = 0;
    this.#scratchBytes = 0;
  }

  pop(L: number, count: number): void {
    this.api.lua_settop(L, -count - 1);
  }

  pushText(L: number, text: string): void {
    const address = this.scratch(text.length + 1);
    this.u8.write(text, address, 'latin1');
    this.api.lua_pushlstring(L, address, text.length);
  }

  pushBytes(L: number, bytes: Uint8Array, offset: number, length: number): void {
    const address = this.scratch(length + 1);
    this.copyIn(address, bytes, offset, length);
    this.api.lua_pushlstring(L, address, length);
  }

  /** Copies into Lua's memory. */
  copyIn(address: number, bytes: Uint8Array, offset: number, length: number): void {
    const u8 = this.u8;
    if (length <= 64) for (let i = 0; i < length; i++) u8[address + i] = bytes[offset + i]!;
    else (bytes as Buffer).copy(u8, address, offset, offset + length);
  }

  /** The string at a stack index as latin1 text; a number is converted in place, as lua_tolstring does. */
  textAt(L: number, index: number): string | undefined {
    const address = this.api.lua_tolstring(L, index, 0);
    return address === 0 ? undefined : this.stringText(address - stringBytes);
  }

  /** A string object as latin1 text. */
  stringText(object: number): string {
    const start = object + stringBytes;
    return this.u8.toString('latin1', start, start + this.i32[(object + stringLength) >> 2]!);
  }

  /** The same up to its first NUL: what C sees of it. */
  stringTextC(object: number): string {
    const text = this.stringText(object);
    const nul = text.indexOf('\0');
    return nul < 0 ? text : text.slice(0, nul);
  }

  base(L: number): number {
    return this.i32[(L + stateBase) >> 2]!;
  }

  top(L: number): number {
    return this.i32[(L + stateTop) >> 2]!;
  }

  /** Raises `message` with the caller's position in front, as luaL_error does. */
  fail(L: number, message: string): never {
    this.api.luaL_where(L, 1);
    this.pushText(L, message);
    this.api.lua_concat(L, 2);
    this.api.lua_error(L);
    throw new Error('lua_error returned');
  }

  argumentError(L: number, arg: number, message: string): never {
    const address = this.scratch(message.length + 1);
    this.u8.write(`${message}\0`, address, 'latin1');
    this.api.luaL_argerror(L, arg, address);
    throw new Error('luaL_argerror returned');
  }

  /** Calls a C function of the image itself, with the arguments that are on the stack. */
  callTable(pointer: number): LuaFunction {
    return this.#exports.__indirect_function_table.get(pointer) as LuaFunction;
  }

  /** Makes functions of ours callable from Lua; the results are function pointers, in order. */
  register(functions: readonly LuaFunction[]): number[] {
    return this.#addToTable(functions, 1);
  }

  registerHook(hook: (L: number, activation: number) => void): number {
    return this.#addToTable([hook], 2)[0]!;
  }

  /**
   * A table holds WebAssembly functions only, so a tiny module imports ours and exports them again. Two types are needed:
   * (state) → count, and (state, activation) → nothing.
   */
  #addToTable(functions: readonly ((...args: number[]) => number | void)[], params: 1 | 2): number[] {
    const signature = params === 1 ? [0x60, 1, 0x7f, 1, 0x7f] : [0x60, 2, 0x7f, 0x7f, 0];
    const imports = functions.flatMap((_, i) => [1, 0x66, ...name(i), 0, 0]);
    const exports = functions.flatMap((_, i) => [...name(i), 0, ...leb(i)]);
    const n = leb(functions.length);
    const bytes = [
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [1, ...signature]),
      ...section(2, [...n, ...imports]),
      ...section(7, [...n, ...exports]),
    ];
    const module = new WasmModule(Uint8Array.from(bytes));
    const f = Object.fromEntries(functions.map((fn, i) => [String(i), fn]));
    const wrapped = new WasmInstance(module, { f }).exports;
    const table = this.#exports.__indirect_function_table;
    const first = table.grow(functions.length);
    functions.forEach((_, i) => table.set(first + i, wrapped[String(i)] ));
    return functions.map((_, i) => first + i);
  }

  #takeViews(): void {
    const buffer = this.#exports.memory.buffer;
    this.u8 = Buffer.from(buffer);
    this.i32 = new Int32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  #surroundings(): WasmImports {
    const refuse = (): number => -52; // ENOSYS
    const env: Record<string, (...args: number[]) => number | void> = {
      invoke_vii: (index, a, b) => {
        const exports = this.#exports;
        const stack = exports.stackSave();
        try {
          (exports.__indirect_function_table.get(index!) as (a: number, b: number) => void)(a!, b!);
        } catch (error) {
          if (error !== longjmp) throw error;
          exports.stackRestore(stack);
          exports.setThrew(1, 0);
        }
      },
      _emscripten_throw_longjmp: () => {
        throw longjmp;
      },
      emscripten_memcpy_js: (to, from, count) => void this.u8.copyWithin(to! >>> 0, from! >>> 0, (from! + count!) >>> 0),
      emscripten_resize_heap: (wanted) => this.#growHeap(wanted! >>> 0),
      exit: (status) => {
        throw new Error(`Lua's machine stopped with status ${status}`);
      },
      emscripten_date_now: () => 0,
      _emscripten_get_now_is_monotonic: () => 1,
    };
    const files = ['strftime', '__syscall_openat', '__syscall_fcntl64', '__syscall_ioctl', '__syscall_dup3', '__syscall_unlinkat'];
    const more = ['__syscall_rmdir', '__syscall_renameat', '_emscripten_system', '__syscall_readlinkat', '_tzset_js', '_mktime_js'];
    for (const call of [...files, ...more, '_localtime_js', '_gmtime_js']) env[call] = refuse;
    const wasi = Object.fromEntries(
      ['fd_write', 'fd_read', 'fd_close', 'fd_seek', 'environ_sizes_get', 'environ_get'].map((call) => [call, () => 52]),
    );
    return { env: env, wasi_snapshot_preview1: wasi };
  }

  /** Grows by a fifth at least, to at most 2 GiB; 0 makes malloc fail, which Lua reports as "not enough memory". */
  #growHeap(wanted: number): number {
    const memory = this.#exports.memory;
    const now = memory.buffer.byteLength;
    const limit = 2 ** 31;
    if (wanted > limit) return 0;
    const target = Math.min(limit, Math.max(wanted, Math.floor(now * 1.2)));
    try {
      memory.grow(Math.ceil((target - now) / 65_536));
    } catch {
      return 0;
    }
    this.#takeViews();
    return 1;
  }
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return bytes;
}

function name(i: number): number[] {
  const digits = [...String(i)].map((c) => c.charCodeAt(0));
  return [digits.length, ...digits];
}

function section(id: number, content: number[]): number[] {
  return [id, ...leb(content.length), ...content];
}

/** A literal, so that the engine gives it a fixed shape: the exports object itself is a slow dictionary. */
function pickApi(e: LuaApi): LuaApi {
  return {
    lua_gettop: e.lua_gettop,
    lua_settop: e.lua_settop,
    lua_checkstack: e.lua_checkstack,
    lua_pushvalue: e.lua_pushvalue,
    lua_insert: e.lua_insert,
    lua_remove: e.lua_remove,
    lua_replace: e.lua_replace,
    lua_type: e.lua_type,
    lua_isnumber: e.lua_isnumber,
    lua_isstring: e.lua_isstring,
    lua_toboolean: e.lua_toboolean,
    lua_tonumber: e.lua_tonumber,
    lua_tolstring: e.lua_tolstring,
    lua_touserdata: e.lua_touserdata,
    lua_topointer: e.lua_topointer,
    lua_tocfunction: e.lua_tocfunction,
    lua_pushnil: e.lua_pushnil,
    lua_pushnumber: e.lua_pushnumber,
    lua_pushboolean: e.lua_pushboolean,
    lua_pushlstring: e.lua_pushlstring,
    lua_pushstring: e.lua_pushstring,
    lua_pushlightuserdata: e.lua_pushlightuserdata,
    lua_pushcclosure: e.lua_pushcclosure,
    lua_newuserdata: e.lua_newuserdata,
    lua_createtable: e.lua_createtable,
    lua_getfield: e.lua_getfield,
    lua_setfield: e.lua_setfield,
    lua_gettable: e.lua_gettable,
    lua_settable: e.lua_settable,
    lua_rawget: e.lua_rawget,
    lua_rawset: e.lua_rawset,
    lua_rawgeti: e.lua_rawgeti,
    lua_rawseti: e.lua_rawseti,
    lua_setmetatable: e.lua_setmetatable,
    lua_getmetatable: e.lua_getmetatable,
    lua_objlen: e.lua_objlen,
    lua_next: e.lua_next,
    lua_concat: e.lua_concat,
    lua_call: e.lua_call,
    lua_pcall: e.lua_pcall,
    lua_error: e.lua_error,
    lua_gc: e.lua_gc,
    lua_sethook: e.lua_sethook,
    lua_close: e.lua_close,
    luaL_newstate: e.luaL_newstate,
    luaL_openlibs: e.luaL_openlibs,
    luaL_loadbuffer: e.luaL_loadbuffer,
    luaL_ref: e.luaL_ref,
    luaL_unref: e.luaL_unref,
    luaL_where: e.luaL_where,
    luaL_argerror: e.luaL_argerror,
    luaL_typerror: e.luaL_typerror,
    luaL_checklstring: e.luaL_checklstring,
    luaL_checknumber: e.luaL_checknumber,
    luaL_optnumber: e.luaL_optnumber,
    luaL_checkstack: e.luaL_checkstack,
    luaopen_base: e.luaopen_base,
    luaopen_table: e.luaopen_table,
    luaopen_string: e.luaopen_string,
    luaopen_math: e.luaopen_math,
    luaopen_debug: e.luaopen_debug,
    malloc: e.malloc,
    realloc: e.realloc,
    free: e.free,
  };
}
