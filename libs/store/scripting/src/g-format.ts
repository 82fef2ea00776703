// Text of doubles as C's printf("%.{precision}g") prints them. Integers that fit are printed here; the rest by the image's own
// printf, reached through the string.format that it came with.
import { globalsIndex, registryIndex } from './lua-layout';
import type { LuaRuntime } from './lua-runtime';
import { integerText } from './numbers';

export class GFormat {
  readonly #runtime: LuaRuntime;
  readonly #format: number;

  /** `L` has Lua's own string library loaded. */
  constructor(runtime: LuaRuntime, L: number) {
    this.#runtime = runtime;
    const { api } = runtime;
    api.lua_getfield(L, globalsIndex, runtime.text('string'));
    api.lua_getfield(L, -1, runtime.text('format'));
    this.#format = api.luaL_ref(L, registryIndex);
    runtime.pop(L, 1);
  }

  text(L: number, x: number, precision: number): string {
    const short = integerText(x, precision);
    if (short !== undefined) return short;
    const { api } = this.#runtime;
    api.lua_checkstack(L, 4);
    api.lua_rawgeti(L, registryIndex, this.#format);
    api.lua_pushstring(L, this.#runtime.text(`%.${precision}g`));
    api.lua_pushnumber(L, x);
    api.lua_call(L, 2, 1);
    const text = this.#runtime.textAt(L, -1)!;
    this.#runtime.pop(L, 1);
    return text;
  }
}
