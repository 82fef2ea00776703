// The `bit` library of scripts: 32-bit operations as in LuaBitOp 1.0. A number counts modulo 2^32, its fraction rounded to the
// nearest even; results are signed.
import { cellBytes } from './lua-layout';
import type { LuaFunction, LuaRuntime } from './lua-runtime';

/** Adding it moves the low 32 bits of the rounded number into the low word of the double: 2^52 + 2^51. */
const magic = 6_755_399_441_055_744;
const bits = new Float64Array(1);
const words = new Int32Array(bits.buffer);

export function createBit(runtime: LuaRuntime): (L: number) => void {
  const { api } = runtime;

  const argument = (L: number, arg: number): number => {
    bits[0] = api.lua_tonumber(L, arg) + magic;
    const value = words[0]!;
    if (value === 0 && api.lua_isnumber(L, arg) === 0) api.luaL_typerror(L, arg, runtime.text('number'));
    return value;
  };

  const fold =
    (combine: (a: number, b: number) => number): LuaFunction =>
    (L) => {
      let value = argument(L, 1);
      for (let i = (runtime.top(L) - runtime.base(L)) / cellBytes; i > 1; i--) value = combine(value, argument(L, i));
      api.lua_pushnumber(L, value | 0);
      return 1;
    };

  const shift =
    (move: (value: number, by: number) => number): LuaFunction =>
    (L) => {
      const value = argument(L, 1);
      api.lua_pushnumber(L, move(value, argument(L, 2) & 31) | 0);
      return 1;
    };

  const single =
    (change: (value: number) => number): LuaFunction =>
    (L) => {
      api.lua_pushnumber(L, change(argument(L, 1)) | 0);
      return 1;
    };

  const functions: Record<string, LuaFunction> = {
    tobit: single((v) => v),
    bnot: single((v) => ~v),
    band: fold((a, b) => a & b),
    bor: fold((a, b) => a | b),
    bxor: fold((a, b) => a ^ b),
    lshift: shift((v, n) => v << n),
    rshift: shift((v, n) => v >>> n),
    arshift: shift((v, n) => v >> n),
    rol: shift((v, n) => (v << n) | (v >>> (32 - n))),
    ror: shift((v, n) => (v << (32 - n)) | (v >>> n)),
    bswap: single((v) => (v >>> 24) | ((v >> 8) & 0xff00) | ((v & 0xff00) << 8) | (v << 24)),
    tohex(L) {
      const value = argument(L, 1);
      const wanted = api.lua_type(L, 2) === -1 ? 8 : argument(L, 2);
      const digits = Math.min(8, Math.abs(wanted));
      const text = (value >>> 0).toString(16).padStart(8, '0').slice(8 - digits);
      runtime.pushText(L, wanted < 0 ? text.toUpperCase() : text);
      return 1;
    },
  };
  const pointers = runtime.register(Object.values(functions));
  return (L) => {
    api.lua_createtable(L, 0, 0);
    Object.keys(functions).forEach((name, i) => {
      api.lua_pushcclosure(L, pointers[i]!, 0);
      api.lua_setfield(L, -2, runtime.text(name));
    });
  };
}
