// The `redis` table of scripts, and the functions of the base library that Redis replaces (pcall, math.random).
//
// Errors that the library raises or returns are tables {err='CODE text'}; argument errors of Lua's own kind stay strings.
import { Args, Reply } from '@larder/store-resp';
import { hash } from 'node:crypto';
import { Drand48 } from './drand48';
import type { GFormat } from './g-format';
import { cellBytes, cellType, globalsIndex, multipleResults, registryIndex, stringBytes, stringLength, typeNumber, typeString } from './lua-layout';
import type { LuaFunction, LuaRuntime } from './lua-runtime';
import { toInt32, writeInteger } from './numbers';
import { pushError, ReplyParser } from './resp-to-lua';
import type { FoundCommand, ScriptHost } from './script-host';

const version = '7.0.15';
const versionNumber = 0x00_07_00_0f;
const propagateAof = 1;
const propagateReplicas = 2;
const namesKept = 1024;
/** Room for the digits of one number; of so many at first. */
const digitsBytes = 32;
const digitsAtFirst = 64;

export class RedisLibrary {
  /** The script that is running; undefined outside of one. */
  host: ScriptHost | undefined;
  /** What commands answer the script in; redis.setresp changes it for the rest of the script. Its buffer is reused. */
  readonly reply = new Reply();
  readonly #runtime: LuaRuntime;
  readonly #formatG: GFormat;
  readonly #parser: ReplyParser;
  readonly #args = new Args();
  readonly #random: Drand48;
  /** Commands by the address of the string that named them, see #findCommand. */
  readonly #nameObjects = new Int32Array(namesKept);
  readonly #namedCommands = new Array<FoundCommand | undefined>(namesKept).fill(undefined);
  #digits = 0;
  #digitsEnd = 0;
  #isCalling = false;
  /** Where redis.log goes outside of a script: from a library that is being loaded. */
  logs: ((level: number, text: string) => void) | undefined;
  /** What a command threw: a fault of the host, which the script's owner must see as such. */
  hostFault: unknown;

  constructor(runtime: LuaRuntime, formatG: GFormat, random: Drand48) {
    this.#runtime = runtime;
    this.#formatG = formatG;
    this.#parser = new ReplyParser(runtime);
    this.#random = random;
    this.reply.buf = Buffer.allocUnsafeSlow(16_384);
  }

  /** Puts `redis`, `pcall`, math.random and math.randomseed into the globals. What scripts have and functions lack: `isForFunctions`. */
  install(L: number, isForFunctions: boolean): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    const functions: Record<string, LuaFunction> = {
      pcall: (state) => this.#protectedCall(state),
      random: (state) => this.#mathRandom(state),
      randomseed: (state) => this.#mathRandomSeed(state),
      ...this.#redisFunctions(),
    };
    const names = Object.keys(functions);
    const pointers = runtime.register(Object.values(functions));
    const pushFunction = (name: string): void => api.lua_pushcclosure(L, pointers[names.indexOf(name)]!, 0);

    pushFunction('pcall');
    api.lua_setfield(L, globalsIndex, runtime.text('pcall'));
    api.lua_getfield(L, globalsIndex, runtime.text('math'));
    for (const name of ['random', 'randomseed']) {
      pushFunction(name);
      api.lua_setfield(L, -2, runtime.text(name));
    }
    runtime.pop(L, 1);

    // In the order in which Redis fills the table, so that pairs(redis) agrees.
    const entries: (string | [string, number | string])[] = [
      'call',
      'redis_pcall',
      'log',
      ['LOG_DEBUG', 0],
      ['LOG_VERBOSE', 1],
      ['LOG_NOTICE', 2],
      ['LOG_WARNING', 3],
      ['REDIS_VERSION_NUM', versionNumber],
      ['REDIS_VERSION', version],
      'setresp',
      'sha1hex',
      'error_reply',
      'status_reply',
      'set_repl',
      ['REPL_NONE', 0],
      ['REPL_AOF', propagateAof],
      ['REPL_SLAVE', propagateReplicas],
      ['REPL_REPLICA', propagateReplicas],
      ['REPL_ALL', propagateAof | propagateReplicas],
      'acl_check_cmd',
      ...(isForFunctions ? [] : ['breakpoint', 'debug', 'replicate_commands']),
    ];
    this.#pushTable(L, entries, pushFunction);
    api.lua_setfield(L, globalsIndex, runtime.text('redis'));
  }

  /** Pushes the `redis` table that a library's code has while it is loaded. */
  pushLibraryTable(L: number, register: LuaFunction): void {
    const functions = [register, (state: number) => this.#log(state)];
    const pointers = this.#runtime.register(functions);
    const entries = [
      'register_function',
      'log',
      ['LOG_DEBUG', 0],
      ['LOG_VERBOSE', 1],
      ['LOG_NOTICE', 2],
      ['LOG_WARNING', 3],
      ['REDIS_VERSION_NUM', versionNumber],
      ['REDIS_VERSION', version],
    ] as (string | [string, number | string])[];
    this.#pushTable(L, entries, (name) => this.#runtime.api.lua_pushcclosure(L, pointers[name === 'log' ? 1 : 0]!, 0));
  }

  #pushTable(L: number, entries: readonly (string | [string, number | string])[], pushFunction: (name: string) => void): void {
    const runtime = this.#runtime;
    const { api } = runtime;
    api.lua_createtable(L, 0, 0);
    for (const entry of entries) {
      if (typeof entry === 'string') {
        pushFunction(entry);
        api.lua_setfield(L, -2, runtime.text(entry === 'redis_pcall' ? 'pcall' : entry));
      } else {
        if (typeof entry[1] === 'number') api.lua_pushnumber(L, entry[1]);
        else runtime.pushText(L, entry[1]);
        api.lua_setfield(L, -2, runtime.text(entry[0]));
      }
    }
  }

  #redisFunctions(): Record<string, LuaFunction> {
    const { api } = this.#runtime;
    return {
      call: (L) => this.#command(L, true),
      redis_pcall: (L) => this.#command(L, false),
      log: (L) => this.#log(L),
      setresp: (L) => this.#setProtocol(L),
      sha1hex: (L) => this.#sha1hex(L),
      error_reply: (L) => this.#errorReply(L),
      status_reply: (L) => this.#statusReply(L),
      set_repl: (L) => this.#setReplication(L),
      acl_check_cmd: (L) => this.#mayRun(L),
      breakpoint: (L) => {
        api.lua_pushboolean(L, 0);
        return 1;
      },
      debug: () => 0,
      replicate_commands: (L) => {
        api.lua_pushboolean(L, 1);
        return 1;
      },
    };
  }

  #command(L: number, raises: boolean): number {
    const { api } = this.#runtime;
    const host = this.host;
    if (host === undefined) return this.#raise(L, 'redis.call/pcall can only be called inside a script invocation');
    if (!this.#takeArguments(L)) return raises ? api.lua_error(L) : 1;
    // A host that runs Lua from within a command would reuse what this call stands on.
    if (this.#isCalling) return this.#raise(L, 'redis.call cannot be nested');
    const found = this.#findCommand(L, host);
    const reply = this.reply;
    reply.pos = 0;
    this.#isCalling = true;
    try {
      host.call(this.#args, reply, found);
    } catch (fault) {
      this.hostFault = fault;
      throw fault;
    } finally {
      this.#isCalling = false;
    }
    api.lua_settop(L, 0);
    const isError = this.#parser.push(L, reply.buf, reply.pos);
    if (reply.buf.length > 1 << 20) reply.buf = Buffer.allocUnsafeSlow(16_384);
    return raises && isError ? api.lua_error(L) : 1;
  }

  /**
   * Points the reusable Args at the strings on the stack, which stay there until the command is done. Numbers are printed as %.17g
   * beside them. On failure an error table is pushed.
   */
  #takeArguments(L: number): boolean {
    const runtime = this.#runtime;
    const args = this.#args;
    const base = runtime.base(L);
    const count = (runtime.top(L) - base) / cellBytes;
    if (count === 0) {
      pushError(runtime, L, 'Please specify at least one argument for this redis lib call');
      return false;
    }
    args.count = 0;
    let digits = this.#digits;
    for (let i = 0; i < count; i++) {
      const { i32 } = runtime;
      const cell = runtime.base(L) + i * cellBytes;
      const type = i32[(cell + cellType) >> 2];
      if (type === typeString) {
        const object = i32[cell >> 2]!;
        args.push(object + stringBytes, i32[(object + stringLength) >> 2]!);
      } else if (type === typeNumber) {
        if (digits === this.#digitsEnd) digits = this.#moreDigits(digits);
        args.push(digits, this.#printNumber(L, runtime.f64[cell >> 3]!, digits));
        digits += digitsBytes;
      } else {
        runtime.api.lua_settop(L, 0);
        pushError(runtime, L, 'Lua redis lib command arguments must be strings or integers');
        return false;
      }
    }
    args.buf = runtime.u8;
    return true;
  }

  /** Prints %.17g at `address`; returns the length. */
  #printNumber(L: number, x: number, address: number): number {
    const runtime = this.#runtime;
    if (x >= 0 && x < 2 ** 53 && Math.floor(x) === x && !Object.is(x, -0)) return writeInteger(runtime.u8, address, x);
    const text = this.#formatG.text(L, x, 17);
    return runtime.u8.write(text, address, 'latin1');
  }

  /** Doubles the room for digits; what is printed moves along. Returns where the next one goes. */
  #moreDigits(full: number): number {
    const runtime = this.#runtime;
    const args = this.#args;
    const bytes = full - this.#digits;
    const size = bytes === 0 ? digitsAtFirst * digitsBytes : bytes * 2;
    const old = this.#digits;
    const address = old === 0 ? runtime.allocate(size) : runtime.api.realloc(old, size) >>> 0;
    if (address === 0) throw new RangeError(`cannot allocate ${size} bytes for Lua`);
    for (let i = 0; i < args.count; i++) if (args.off[i]! >= old && args.off[i]! < full) args.off[i] = args.off[i]! - old + address;
    this.#digits = address;
    this.#digitsEnd = address + size;
    return address + bytes;
  }

  /**
   * The command that the first argument names. A name is looked up once for each string object that spells it: Lua holds equal strings
   * once, and one that has been found here is never collected, so that its address stands for it.
   */
  #findCommand(L: number, host: ScriptHost): FoundCommand | undefined {
    const runtime = this.#runtime;
    const cell = runtime.base(L) >> 2;
    if (runtime.i32[cell + (cellType >> 2)] !== typeString) return host.find(this.#args);
    const object = runtime.i32[cell]!;
    const slot = (object >>> 3) & (namesKept - 1);
    if (this.#nameObjects[slot] === object) return this.#namedCommands[slot];
    const found = host.find(this.#args);
    if (found !== undefined && this.#nameObjects[slot] === 0) {
      const { api } = runtime;
      api.lua_pushvalue(L, 1);
      api.luaL_ref(L, registryIndex);
      this.#nameObjects[slot] = object;
      this.#namedCommands[slot] = found;
    }
    return found;
  }

  #raise(L: number, text: string): number {
    pushError(this.#runtime, L, text);
    return this.#runtime.api.lua_error(L);
  }

  #argumentCount(L: number): number {
    return this.#runtime.api.lua_gettop(L);
  }

  /** pcall that hands out the message of an error table instead of the table. */
  #protectedCall(L: number): number {
    const runtime = this.#runtime;
    const { api } = runtime;
    const count = this.#argumentCount(L);
    if (count === 0) runtime.argumentError(L, 1, 'value expected');
    api.lua_pushboolean(L, 1);
    api.lua_insert(L, 1);
    if (api.lua_pcall(L, count - 1, multipleResults, 0) !== 0) {
      api.lua_remove(L, 1);
      if (api.lua_type(L, -1) === 5) {
        api.lua_getfield(L, -1, runtime.text('err'));
        if (api.lua_isstring(L, -1) !== 0) api.lua_replace(L, -2);
      }
      api.lua_pushboolean(L, 0);
      api.lua_insert(L, 1);
    }
    return api.lua_gettop(L);
  }

  #mathRandom(L: number): number {
    const runtime = this.#runtime;
    const { api } = runtime;
    if (this.host === undefined) runtime.fail(L, 'math.random can only be called inside a script invocation');
    const r = this.#random.next();
    const count = this.#argumentCount(L);
    if (count === 0) api.lua_pushnumber(L, r);
    else if (count === 1) {
      const upper = toInt32(api.luaL_checknumber(L, 1));
      if (upper < 1) runtime.argumentError(L, 1, 'interval is empty');
      api.lua_pushnumber(L, Math.floor(r * upper) + 1);
    } else if (count === 2) {
      const lower = toInt32(api.luaL_checknumber(L, 1));
      const upper = toInt32(api.luaL_checknumber(L, 2));
      if (lower > upper) runtime.argumentError(L, 2, 'interval is empty');
      api.lua_pushnumber(L, Math.floor(r * ((upper - lower + 1) | 0)) + lower);
    } else runtime.fail(L, 'wrong number of arguments');
    return 1;
  }

  #mathRandomSeed(L: number): number {
    const runtime = this.#runtime;
    if (this.host === undefined) runtime.fail(L, 'math.randomseed can only be called inside a script invocation');
    this.#random.seed(toInt32(runtime.api.luaL_checknumber(L, 1)));
    return 0;
  }

  #sha1hex(L: number): number {
    const runtime = this.#runtime;
    if (this.#argumentCount(L) !== 1) return this.#raise(L, 'wrong number of arguments');
    const text = Buffer.from(runtime.textAt(L, 1) ?? '', 'latin1');
    runtime.pushText(L, hash('sha1', text, 'hex'));
    return 1;
  }

  #errorReply(L: number): number {
    const runtime = this.#runtime;
    if (this.#argumentCount(L) !== 1 || runtime.api.lua_type(L, -1) !== typeString) {
      pushError(runtime, L, 'wrong number or type of arguments');
      return 1;
    }
    const text = runtime.textAt(L, 1)!;
    pushError(runtime, L, text.startsWith('-') ? text : `-${text}`);
    return 1;
  }

  #statusReply(L: number): number {
    const runtime = this.#runtime;
    const { api } = runtime;
    if (this.#argumentCount(L) !== 1 || api.lua_type(L, -1) !== typeString) {
      pushError(runtime, L, 'wrong number or type of arguments');
      return 1;
    }
    api.lua_createtable(L, 0, 0);
    api.lua_pushvalue(L, 1);
    api.lua_setfield(L, -2, runtime.text('ok'));
    return 1;
  }

  #log(L: number): number {
    const runtime = this.#runtime;
    const { api } = runtime;
    const count = this.#argumentCount(L);
    if (count < 2) return this.#raise(L, 'redis.log() requires two arguments or more.');
    if (api.lua_isnumber(L, 1) === 0) return this.#raise(L, 'First argument must be a number (log level).');
    const level = toInt32(api.lua_tonumber(L, 1));
    if (level < 0 || level > 3) return this.#raise(L, 'Invalid debug level.');
    let text = '';
    for (let i = 2; i <= count; i++) {
      const part = runtime.textAt(L, i);
      if (part === undefined) continue;
      text += i === 2 ? part : ` ${part}`;
    }
    if (this.host !== undefined) this.host.log(level, text);
    else this.logs?.(level, text);
    return 0;
  }

  #setProtocol(L: number): number {
    if (this.host === undefined) return this.#raise(L, 'redis.setresp can only be called inside a script invocation');
    if (this.#argumentCount(L) !== 1) return this.#raise(L, 'redis.setresp() requires one argument.');
    const protocol = toInt32(this.#runtime.api.lua_tonumber(L, 1));
    if (protocol !== 2 && protocol !== 3) return this.#raise(L, 'RESP version must be 2 or 3.');
    this.reply.protocol = protocol;
    return 0;
  }

  #setReplication(L: number): number {
    if (this.host === undefined) return this.#raise(L, 'redis.set_repl can only be called inside a script invocation');
    if (this.#argumentCount(L) !== 1) return this.#raise(L, 'redis.set_repl() requires two arguments.');
    const flags = toInt32(this.#runtime.api.lua_tonumber(L, 1));
    if ((flags & ~(propagateAof | propagateReplicas)) !== 0) {
      return this.#raise(L, 'Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.');
    }
    this.host.setReplication((flags & propagateAof) !== 0, (flags & propagateReplicas) !== 0);
    return 0;
  }

  #mayRun(L: number): number {
    const { api } = this.#runtime;
    if (this.host === undefined) return this.#raise(L, 'redis.acl_check_cmd can only be called inside a script invocation');
    if (!this.#takeArguments(L)) return api.lua_error(L);
    const answer = this.host.mayRun(this.#args);
    if (answer === undefined) return this.#raise(L, 'Invalid command passed to redis.acl_check_cmd()');
    api.lua_pushboolean(L, answer ? 1 : 0);
    return 1;
  }
}
