// `redis.register_function`: how the code of a library names its functions while FUNCTION LOAD runs it.
//
//   register_function(name, callback)
//   register_function{function_name=, callback=, description=, flags={'no-writes', …}}
//
// Numbers pass for strings, as everywhere in Lua's C API.
import { BAD_NAME, isName } from './function-header';
import { registryIndex, typeTable } from './lua-layout';
import type { LuaRuntime } from './lua-runtime';
import { pushError } from './resp-to-lua';
import { flagNames, noFlags, type ScriptFlags } from './shebang';

const typeFunction = 6;

export interface Registration {
  name: string;
  description: string | undefined;
  flags: ScriptFlags;
  /** The function in the machine that ran the library. */
  callback: number;
}

class Refused extends Error {}

export class FunctionRegistrar {
  readonly #runtime: LuaRuntime;
  #registered: Registration[] | undefined;
  #kept = 0;

  constructor(runtime: LuaRuntime) {
    this.#runtime = runtime;
  }

  /** What is registered from now on goes here; undefined: nothing may be. */
  collect(into: Registration[] | undefined): void {
    this.#registered = into;
  }

  /** The C function behind `redis.register_function`. */
  register(L: number): number {
    try {
      this.#add(L);
      return 0;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#drop(L);
      pushError(this.#runtime, L, error.message);
    }
    return this.#runtime.api.lua_error(L);
  }

  #add(L: number): void {
    const { api } = this.#runtime;
    const registered = this.#registered;
    if (registered === undefined) throw new Refused('redis.register_function can only be called on FUNCTION LOAD command');
    const count = api.lua_gettop(L);
    if (count !== 1 && count !== 2) throw new Refused('wrong number of arguments to redis.register_function');
    const registration = count === 1 ? this.#named(L) : this.#positional(L);
    if (!isName(registration.name)) throw new Refused(BAD_NAME);
    if (registered.some(({ name }) => name === registration.name)) throw new Refused('Function already exists in the library');
    registered.push(registration);
    this.#kept = 0;
  }

  #positional(L: number): Registration {
    const name = this.#string(L, 1);
    if (name === undefined) throw new Refused('first argument to redis.register_function must be a string');
    if (this.#runtime.api.lua_type(L, 2) !== typeFunction) throw new Refused('second argument to redis.register_function must be a function');
    return { name, description: undefined, flags: noFlags(), callback: this.#keep(L, 2) };
  }

  #named(L: number): Registration {
    const { api } = this.#runtime;
    if (api.lua_type(L, 1) !== typeTable) {
      throw new Refused('calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).');
    }
    let name: string | undefined;
    let description: string | undefined;
    let flags = noFlags();
    let callback = 0;
    api.lua_pushnil(L);
    while (api.lua_next(L, 1) !== 0) {
      const key = this.#string(L, -2);
      if (key === undefined) throw new Refused('named argument key given to redis.register_function is not a string');
      const value = (): string => {
        const text = this.#string(L, -1);
        if (text === undefined) throw new Refused(`${key.toLowerCase()} argument given to redis.register_function must be a string`);
        return text;
      };
      switch (key.toLowerCase()) {
        case 'function_name':
          name = value();
          break;
        case 'description':
          description = value();
          break;
        case 'callback':
          if (api.lua_type(L, -1) !== typeFunction) throw new Refused('callback argument given to redis.register_function must be a function');
          callback = this.#keep(L, -1);
          break;
        case 'flags':
          if (api.lua_type(L, -1) !== typeTable) {
            throw new Refused('flags argument to redis.register_function must be a table representing function flags');
          }
          flags = this.#flags(L);
          break;
        default:
          throw new Refused('unknown argument given to redis.register_function');
      }
      this.#runtime.pop(L, 1);
    }
    if (name === undefined) throw new Refused('redis.register_function must get a function name argument');
    if (callback === 0) throw new Refused('redis.register_function must get a callback argument');
    return { name, description, flags, callback };
  }

  /** The names in the table on top. */
  #flags(L: number): ScriptFlags {
    const runtime = this.#runtime;
    const flags = noFlags();
    for (let i = 1; ; i++) {
      runtime.api.lua_pushnumber(L, i);
      runtime.api.lua_gettable(L, -2);
      if (runtime.api.lua_type(L, -1) === 0) break;
      const text = this.#string(L, -1)?.toLowerCase() ?? '';
      const flag = Object.hasOwn(flagNames, text) ? flagNames[text] : undefined;
      if (flag === undefined) throw new Refused('unknown flag given');
      flags[flag] = true;
      runtime.pop(L, 1);
    }
    runtime.pop(L, 1);
    return flags;
  }

  #keep(L: number, index: number): number {
    const { api } = this.#runtime;
    this.#drop(L);
    api.lua_pushvalue(L, index);
    this.#kept = api.luaL_ref(L, registryIndex);
    return this.#kept;
  }

  /** Lets go of a function that was kept for a registration that came to nothing. */
  #drop(L: number): void {
    if (this.#kept !== 0) this.#runtime.api.luaL_unref(L, registryIndex, this.#kept);
    this.#kept = 0;
  }

  #string(L: number, index: number): string | undefined {
    return this.#runtime.api.lua_isstring(L, index) === 0 ? undefined : this.#runtime.textAt(L, index);
  }
}
