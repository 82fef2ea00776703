// One Lua state as Redis 7.0 sets it up for EVAL: libraries, sandbox, compiled scripts, one script at a time.
//
// Sandbox: the globals are those of Redis' allow list, less what its security fixes took away (setfenv, getfenv, newproxy); every
// table that can be reached from them, and the metatable of strings, is read-only (lua-image.ts says how); reading a global that does not exist raises an error. KEYS and ARGV are written for each script while
// the globals are opened for a moment.
//
// A run leaves the stack as it found it. If anything but a Lua error comes out of a run (a fault of the host, a trap, an exhausted
// stack), the state is in the middle of something: `isBroken` says so, and the owner starts a new machine.
import type { Clock } from '@larder/shared-std';
import type { Args, Reply } from '@larder/store-resp';
import { createBit } from './bit';
import { createCjson } from './cjson';
import { createCmsgpack } from './cmsgpack';
import type { Drand48 } from './drand48';
import { GFormat } from './g-format';
import {
  collectCount,
  collectCountBytes,
  collectStep,
  globalsIndex,
  hookCount,
  hookLine,
  readonlyBit,
  registryIndex,
  stringBytes,
  tableMarked,
  typeString,
  typeTable,
} from './lua-layout';
import { LuaRuntime, type LuaFunction } from './lua-runtime';
import { widenLibraries } from './lua-sixty-four';
import { ReplyWriter } from './lua-to-reply';
import { RedisLibrary } from './redis-library';
import { FunctionRegistrar, type Registration } from './register-function';
import { arraySize, pushError } from './resp-to-lua';
import type { ScriptHost } from './script-host';
import { createStruct } from './struct';
import type { WasmModule } from './web-assembly';

/** Instructions between two looks at the clock. */
const hookInstructions = 100_000;
/** Scripts between two collection steps, and the size of a step. */
const collectEvery = 50;

const allowedGlobals = new Set(
  (
    'xpcall tostring setmetatable next assert tonumber rawequal collectgarbage getmetatable rawset pcall coroutine type _G ' +
    'select unpack gcinfo pairs rawget loadstring ipairs _VERSION load error string cjson bit cmsgpack math table ' +
    'struct redis __redis__err__handler'
  ).split(' '),
);

/** Turns whatever was raised into a table with where it happened. Level 2 is the raiser, or the C function it called. */
const errorHandler = `
local where = debug.getinfo
debug = nil
function __redis__err__handler(raised)
  local at = where(2, 'nSl')
  if at and at.what == 'C' then at = where(3, 'nSl') end
  if type(raised) ~= 'table' then raised = { err = 'ERR ' .. tostring(raised) } end
  if at then
    raised['source'] = at.source
    raised['line'] = at.currentline
  end
  return raised
end`;

const handlerName = '__redis__err__handler';

/** How long the code of a library may take to register its functions. */
const loadMsMax = 500;

/** What a machine for functions has besides: references to tables, and the address of the metatable of the globals. */
interface LibraryGlobals {
  registrar: FunctionRegistrar;
  whileLoading: number;
  always: number;
  metatable: number;
}

export interface RunLimits {
  /** 0: scripts are never called slow. */
  slowAfterMs: number;
}

export class LuaMachine {
  isBroken = false;
  readonly #runtime: LuaRuntime;
  readonly #L: number;
  readonly #clock: Clock;
  readonly #redis: RedisLibrary;
  readonly #writer: ReplyWriter;
  readonly #globals: number;
  readonly #handler: number;
  readonly #hook: number;
  readonly #keysName: number;
  readonly #argvName: number;
  /** undefined in a machine for scripts. */
  readonly #libraries: LibraryGlobals | undefined;
  #host: ScriptHost | undefined;
  #startedAtMs = 0;
  #isHooked = false;
  #slowAfterMs = 0;
  #loadUntilMs = 0;
  #missing = 0;
  #runs = 0;

  constructor(module: WasmModule, clock: Clock, random: Drand48, isForFunctions = false) {
    const runtime = new LuaRuntime(module);
    const { api } = runtime;
    const L = api.luaL_newstate();
    this.#runtime = runtime;
    this.#L = L;
    this.#clock = clock;
    this.#openLibraries();
    const formatG = new GFormat(runtime, L);
    this.#addLibraries(formatG);
    this.#redis = new RedisLibrary(runtime, formatG, random);
    this.#redis.install(L, isForFunctions);
    this.#hook = runtime.registerHook((state) => this.#onHook(state));
    this.#keysName = runtime.text('KEYS');
    this.#argvName = runtime.text('ARGV');
    this.#handler = this.#installErrorHandler();
    api.lua_pushvalue(L, globalsIndex);
    this.#globals = api.lua_topointer(L, -1);
    this.#protect(isForFunctions);
    if (isForFunctions) this.#libraries = this.#separateLibraries();
    api.lua_settop(L, 0);
    this.#writer = new ReplyWriter(runtime, L, formatG);
  }

  /** Bytes that Lua holds. */
  get usedBytes(): number {
    const { api } = this.#runtime;
    return api.lua_gc(this.#L, collectCount, 0) * 1024 + api.lua_gc(this.#L, collectCountBytes, 0);
  }

  /** Compiles; returns a reference to the function, or the compiler's message. */
  compile(source: Uint8Array, offset: number, length: number, name: string): number | string {
    const runtime = this.#runtime;
    const { api } = runtime;
    const address = runtime.allocate(length + 1);
    runtime.copyIn(address, source, offset, length);
    const status = api.luaL_loadbuffer(this.#L, address, length, runtime.text(name));
    api.free(address);
    if (status === 0) return api.luaL_ref(this.#L, registryIndex);
    const message = runtime.stringTextC(api.lua_tolstring(this.#L, -1, 0) - stringBytes);
    runtime.pop(this.#L, 1);
    return message;
  }

  release(script: number): void {
    this.#runtime.api.luaL_unref(this.#L, registryIndex, script);
  }

  /**
   * Runs a compiled script and answers into `reply`. args[firstKey … firstKey+keys) become KEYS, what follows ARGV. `name` stands
   * in error texts.
   */
  run(script: number, name: string, args: Args, firstKey: number, keys: number, host: ScriptHost, limits: RunLimits, reply: Reply): void {
    const { api } = this.#runtime;
    const L = this.#L;
    this.#begin(host, limits);
    const replyStart = reply.pos;
    this.isBroken = true;
    try {
      api.lua_rawgeti(L, registryIndex, this.#handler);
      api.lua_rawgeti(L, registryIndex, script);
      const isFunction = this.#libraries !== undefined;
      this.#pushList(args, firstKey, keys);
      if (!isFunction) this.#setGlobal(this.#keysName);
      this.#pushList(args, firstKey + keys, args.count - firstKey - keys);
      if (!isFunction) this.#setGlobal(this.#argvName);
      const status = isFunction ? api.lua_pcall(L, 2, 1, -4) : api.lua_pcall(L, 0, 1, -2);
      this.#collect();
      if (status === 0) this.#writer.write(L, reply, this.#redis.reply.protocol);
      else this.#writeError(name, reply);
      this.#end();
      this.isBroken = false;
    } catch (fault) {
      // A trap or an exhausted stack or memory inside Lua is the script's failure; what a command threw is not.
      if (fault === this.#redis.hostFault) throw fault;
      reply.pos = replyStart;
      reply.error(`ERR Error running script ${name}, ${(fault as Error).message}`);
    } finally {
      this.#redis.host = this.#host = undefined;
    }
  }

  #begin(host: ScriptHost, limits: RunLimits): void {
    if (this.#host !== undefined) throw new Error('a script is already running');
    this.#host = this.#redis.host = host;
    this.#redis.reply.protocol = 2;
    this.#slowAfterMs = limits.slowAfterMs;
    if (limits.slowAfterMs > 0) this.#startedAtMs = this.#clock.monotonic();
    if (!this.#isHooked) this.#hookIn();
  }

  /** The hook stays: most scripts are over long before it is due. */
  #hookIn(): void {
    this.#runtime.api.lua_sethook(this.#L, this.#hook, hookCount, hookInstructions);
    this.#isHooked = true;
  }

  #end(): void {
    const { api } = this.#runtime;
    api.lua_settop(this.#L, 0);
    this.#runtime.trimScratch();
  }

  /** A table of args[first … first + count). They stand in one piece of the buffer, in order, and are copied in one. */
  #pushList(args: Args, first: number, count: number): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    api.lua_createtable(L, arraySize(count), 0);
    if (count === 0) return;
    const { off, len } = args;
    const from = off[first]!;
    const length = off[first + count - 1]! + len[first + count - 1]! - from;
    const address = runtime.scratch(length + 1);
    runtime.copyIn(address, args.buf, from, length);
    for (let i = 0; i < count; i++) {
      api.lua_pushlstring(L, address + off[first + i]! - from, len[first + i]!);
      api.lua_rawseti(L, -2, i + 1);
    }
  }

  /** The value on top. */
  #setGlobal(name: number): void {
    this.#setReadonly(this.#globals, false);
    this.#runtime.api.lua_setfield(this.#L, globalsIndex, name);
    this.#setReadonly(this.#globals, true);
  }

  /** Scripts leave garbage; a bounded step now and then keeps a full cycle from falling into one of them. */
  #collect(): void {
    if (++this.#runs < collectEvery) return;
    this.#runs = 0;
    this.#runtime.api.lua_gc(this.#L, collectStep, collectEvery);
  }

  #writeError(name: string, reply: Reply): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    if (api.lua_type(L, -1) !== typeTable) {
      const message = api.lua_isstring(L, -1) !== 0 ? runtime.textAt(L, -1)!.split('\0')[0]! : 'execution failure';
      return reply.error(`ERR Error running script ${name}, ${message.slice(0, 100)}`.replace(/[\r\n]+$/, ''));
    }
    const field = (key: string): string | undefined => {
      api.lua_getfield(L, -1, runtime.text(key));
      const text = api.lua_isstring(L, -1) !== 0 ? runtime.textAt(L, -1)!.split('\0')[0]! : undefined;
      runtime.pop(L, 1);
      return text;
    };
    const message = field('err') ?? 'ERR unknown error';
    const source = field('source');
    const line = field('line');
    const where = source !== undefined && line !== undefined ? ` script: ${name}, on ${source}:${line}.` : '';
    api.lua_getfield(L, -1, runtime.text('ignore_error_stats_update'));
    const isCounted = api.lua_toboolean(L, -1) !== 0;
    runtime.pop(L, 1);
    if (isCounted) reply.errorAgain(message + where);
    else reply.error(message + where);
  }

  #onHook(L: number): void {
    const host = this.#host;
    if (host === undefined) {
      if (this.#loadUntilMs > 0 && this.#clock.monotonic() > this.#loadUntilMs) this.#stop(L, 'FUNCTION LOAD timeout');
      return;
    }
    if (this.#slowAfterMs <= 0) return;
    const elapsedMs = this.#clock.monotonic() - this.#startedAtMs;
    if (elapsedMs < this.#slowAfterMs || host.onSlow(elapsedMs) !== 'kill') return;
    this.#stop(L, 'Script killed by user with SCRIPT KILL...');
  }

  /** Raises an error that is raised again at every line from now on, so that code which catches it gets no further. */
  #stop(L: number, message: string): void {
    const runtime = this.#runtime;
    runtime.api.lua_sethook(L, this.#hook, hookLine, 0);
    this.#isHooked = false;
    pushError(runtime, L, message);
    runtime.api.lua_error(L);
  }

  #openLibraries(): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    const tables: readonly [string, LuaFunction][] = [
      ['', api.luaopen_base],
      ['table', api.luaopen_table],
      ['string', api.luaopen_string],
      ['math', api.luaopen_math],
      ['debug', api.luaopen_debug],
    ];
    // The openers are called as Lua would: with the library's name as argument.
    const pointers = runtime.register(tables.map(([, open]) => open));
    tables.forEach(([name], i) => {
      api.lua_pushcclosure(L, pointers[i]!, 0);
      api.lua_pushstring(L, runtime.text(name));
      api.lua_call(L, 1, 0);
    });
  }

  #addLibraries(formatG: GFormat): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    widenLibraries(runtime, L);
    const libraries: readonly [string, (state: number) => void][] = [
      ['cjson', createCjson(runtime, formatG)],
      ['struct', createStruct(runtime)],
      ['cmsgpack', createCmsgpack(runtime)],
      ['bit', createBit(runtime)],
    ];
    for (const [name, push] of libraries) {
      push(L);
      api.lua_setfield(L, globalsIndex, runtime.text(name));
    }
    this.#guardSetMetatable();
  }

  /** The image's setmetatable writes the table without passing the two functions that lua-image.ts guards. */
  #guardSetMetatable(): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    api.lua_getfield(L, globalsIndex, runtime.text('setmetatable'));
    const original = runtime.callTable(api.lua_tocfunction(L, -1));
    runtime.pop(L, 1);
    const [pointer] = runtime.register([
      (state) => {
        if (api.lua_type(state, 1) === typeTable && (runtime.u8[api.lua_topointer(state, 1) + tableMarked]! & readonlyBit) !== 0) {
          runtime.pushText(state, 'Attempt to modify a readonly table');
          api.lua_error(state);
        }
        return original(state);
      },
    ]);
    api.lua_pushcclosure(L, pointer!, 0);
    api.lua_setfield(L, globalsIndex, runtime.text('setmetatable'));
  }

  #installErrorHandler(): number {
    const { api } = this.#runtime;
    const source = Buffer.from(errorHandler, 'latin1');
    const chunk = this.compile(source, 0, source.length, '@err_handler_def');
    if (typeof chunk === 'string') throw new Error(`cannot compile the error handler: ${chunk}`);
    api.lua_rawgeti(this.#L, registryIndex, chunk);
    api.lua_call(this.#L, 0, 0);
    this.release(chunk);
    api.lua_getfield(this.#L, globalsIndex, this.#runtime.text(handlerName));
    return api.luaL_ref(this.#L, registryIndex);
  }

  /** Drops what is not on the list, makes unknown globals an error, and locks every table within reach. */
  #protect(isForFunctions: boolean): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    for (const name of this.#globalNames()) {
      if (allowedGlobals.has(name) && !(isForFunctions && name === handlerName)) continue;
      api.lua_pushnil(L);
      api.lua_setfield(L, globalsIndex, runtime.text(name));
    }
    this.#missing = runtime.register([(state) => this.#missingGlobal(state)])[0]!;
    api.lua_pushvalue(L, globalsIndex);
    this.#refuseMissing();
    this.#lock();
    runtime.pushText(L, '');
    api.lua_getmetatable(L, -1);
    this.#lock();
    runtime.pop(L, 3);
  }

  /** Reading a field that the table on top does not have becomes an error. */
  #refuseMissing(): void {
    const { api } = this.#runtime;
    const L = this.#L;
    api.lua_createtable(L, 0, 1);
    api.lua_pushcclosure(L, this.#missing, 0);
    api.lua_setfield(L, -2, this.#runtime.text('__index'));
    api.lua_setmetatable(L, -2);
  }

  /**
   * A machine for functions: the globals become an empty read-only table that finds everything through its metatable, in the real
   * globals, or while a library is loaded in a table with nothing but `redis.register_function` and its like.
   */
  #separateLibraries(): LibraryGlobals {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    const registrar = new FunctionRegistrar(runtime);
    api.lua_createtable(L, 0, 0);
    this.#redis.pushLibraryTable(L, (state) => registrar.register(state));
    this.#refuseMissing();
    api.lua_setfield(L, -2, runtime.text('redis'));
    this.#refuseMissing();
    this.#lock();
    const whileLoading = api.luaL_ref(L, registryIndex);
    api.lua_pushvalue(L, globalsIndex);
    const always = api.luaL_ref(L, registryIndex);
    api.lua_createtable(L, 0, 0);
    this.#setReadonly(api.lua_topointer(L, -1), true);
    api.lua_createtable(L, 0, 0);
    api.lua_rawgeti(L, registryIndex, always);
    api.lua_setfield(L, -2, runtime.text('__index'));
    const metatable = api.lua_topointer(L, -1);
    this.#setReadonly(metatable, true);
    api.lua_setmetatable(L, -2);
    api.lua_replace(L, globalsIndex);
    return { registrar, whileLoading, always, metatable };
  }

  /** What globals are looked up in. */
  #lookGlobalsUpIn(table: number): void {
    const { api } = this.#runtime;
    const L = this.#L;
    const { metatable } = this.#libraries!;
    this.#setReadonly(metatable, false);
    api.lua_pushvalue(L, globalsIndex);
    api.lua_getmetatable(L, -1);
    api.lua_rawgeti(L, registryIndex, table);
    api.lua_setfield(L, -2, this.#runtime.text('__index'));
    this.#runtime.pop(L, 2);
    this.#setReadonly(metatable, true);
  }

  /**
   * Runs the code of a library, source[offset …], in a machine for functions. What it registers is pushed to `into`; on failure that is
   * let go again and the error comes back.
   */
  loadLibrary(source: Uint8Array, offset: number, into: Registration[], log: (level: number, text: string) => void): string | undefined {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    const { registrar, whileLoading, always } = this.#libraries!;
    this.#lookGlobalsUpIn(whileLoading);
    this.isBroken = true;
    let failure: string | undefined;
    try {
      const chunk = this.compile(source, offset, source.length - offset, '@user_function');
      if (typeof chunk === 'string') failure = `Error compiling function: ${chunk}`;
      else {
        registrar.collect(into);
        this.#redis.logs = log;
        this.#loadUntilMs = this.#clock.monotonic() + loadMsMax;
        this.#hookIn();
        api.lua_rawgeti(L, registryIndex, chunk);
        this.release(chunk);
        if (api.lua_pcall(L, 0, 0, 0) !== 0) failure = `Error registering functions: ${this.#raisedText()}`;
        api.lua_settop(L, 0);
      }
      this.#lookGlobalsUpIn(always);
      this.isBroken = false;
    } catch (fault) {
      failure = `Error registering functions: ERR ${(fault as Error).message}`;
    }
    this.#loadUntilMs = 0;
    this.#redis.logs = undefined;
    registrar.collect(undefined);
    if (failure !== undefined && !this.isBroken) for (const { callback } of into) this.release(callback);
    return failure;
  }

  /** What was raised, as Redis words it in errors of FUNCTION LOAD. */
  #raisedText(): string {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    if (api.lua_type(L, -1) !== typeTable) return `ERR ${api.lua_isstring(L, -1) !== 0 ? runtime.textAt(L, -1)!.split('\0')[0]! : '(null)'}`;
    api.lua_getfield(L, -1, runtime.text('err'));
    return api.lua_isstring(L, -1) !== 0 ? runtime.textAt(L, -1)!.split('\0')[0]! : 'ERR unknown error';
  }

  #globalNames(): string[] {
    const runtime = this.#runtime;
    const { api } = runtime;
    const names: string[] = [];
    const L = this.#L;
    const chunk = Buffer.from('local t = {} for k in pairs(_G) do t[#t+1] = k end return table.concat(t, " ")', 'latin1');
    const ref = this.compile(chunk, 0, chunk.length, '=names') as number;
    api.lua_rawgeti(L, registryIndex, ref);
    api.lua_call(L, 0, 1);
    names.push(...runtime.textAt(L, -1)!.split(' '));
    runtime.pop(L, 1);
    this.release(ref);
    return names;
  }

  #missingGlobal(L: number): number {
    const runtime = this.#runtime;
    const { api } = runtime;
    if (api.lua_gettop(L) !== 2) runtime.fail(L, 'Wrong number of arguments to luaProtectedTableError');
    if (api.lua_isstring(L, -1) === 0) runtime.fail(L, 'Second argument to luaProtectedTableError must be a string or number');
    const name = runtime.textAt(L, -1)!.split('\0')[0]!;
    return runtime.fail(L, `Script attempted to access nonexistent global variable '${name}'`);
  }

  /** The table on top, the tables in it and its metatable, recursively. */
  #lock(): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const L = this.#L;
    const table = api.lua_topointer(L, -1);
    if ((runtime.u8[table + tableMarked]! & readonlyBit) !== 0) return;
    this.#setReadonly(table, true);
    api.lua_checkstack(L, 4);
    for (const name of this.#nestedTables()) {
      api.lua_getfield(L, -1, runtime.text(name));
      this.#lock();
      runtime.pop(L, 1);
    }
    if (api.lua_getmetatable(L, -1) !== 0) {
      this.#lock();
      runtime.pop(L, 1);
    }
  }

  /** Names of the fields of the table on top that hold tables. */
  #nestedTables(): string[] {
    const runtime = this.#runtime;
    const { api } = runtime;
    const names: string[] = [];
    const L = this.#L;
    api.lua_pushnil(L);
    while (api.lua_next(L, -2) !== 0) {
      if (api.lua_type(L, -1) === typeTable && api.lua_type(L, -2) === typeString) names.push(runtime.textAt(L, -2)!);
      runtime.pop(L, 1);
    }
    return names;
  }

  #setReadonly(table: number, isReadonly: boolean): void {
    const u8 = this.#runtime.u8;
    const at = table + tableMarked;
    u8[at] = isReadonly ? u8[at]! | readonlyBit : u8[at]! & ~readonlyBit;
  }
}
