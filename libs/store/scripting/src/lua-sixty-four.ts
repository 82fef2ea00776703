// What a 32-bit Lua does otherwise than the 64-bit one that scripts were written for: functions of the base and string libraries
// that pass through C's `long`. The image's own functions do the work; only arguments they would get wrong are handled here.
//
//   string.format   %d %i %u %o %x %X of numbers outside 32 bits (a timestamp in milliseconds, say)
//   string.sub, byte, find, rep …   positions outside 32 bits are clamped to them, which means the same
//   tostring        cjson.null, which glibc prints as (nil)
//   tonumber        digits in a base other than 10 that exceed 32 bits
import { cellBytes, cellType, globalsIndex, stringBytes, stringLength, typeLightUserdata, typeNumber, typeString } from './lua-layout';
import type { LuaFunction, LuaRuntime } from './lua-runtime';
import { toInt64 } from './numbers';

const int32Max = 2_147_483_647;
const int32Min = -2_147_483_648;

/** Replaces the functions in the state's libraries. */
export function widenLibraries(runtime: LuaRuntime, L: number): void {
  const { api } = runtime;
  const original = (library: string | undefined, name: string): LuaFunction => {
    if (library === undefined) api.lua_getfield(L, globalsIndex, runtime.text(name));
    else {
      api.lua_getfield(L, globalsIndex, runtime.text(library));
      api.lua_getfield(L, -1, runtime.text(name));
    }
    const fn = runtime.callTable(api.lua_tocfunction(L, -1));
    runtime.pop(L, library === undefined ? 1 : 2);
    return fn;
  };
  const format = original('string', 'format');
  const tonumber = original(undefined, 'tonumber');
  const tostring = original(undefined, 'tostring');

  const clamping = (fn: LuaFunction, from: number, to: number): LuaFunction => {
    return (state) => {
      clamp(runtime, state, from, to);
      return fn(state);
    };
  };

  const strings: Record<string, LuaFunction> = {
    format: (state) => {
      if (hasWideInteger(runtime, state)) widenFormat(runtime, state);
      return format(state);
    },
    sub: clamping(original('string', 'sub'), 2, 3),
    byte: clamping(original('string', 'byte'), 2, 3),
    rep: clamping(original('string', 'rep'), 2, 2),
    find: clamping(original('string', 'find'), 3, 3),
    match: clamping(original('string', 'match'), 3, 3),
  };
  const bases: Record<string, LuaFunction> = {
    tonumber: (state) => toNumber(runtime, state, tonumber),
    tostring: (state) => (isNullPointer(runtime, state) ? pushNullPointer(runtime, state) : tostring(state)),
  };
  const pointers = runtime.register([...Object.values(strings), ...Object.values(bases)]);
  api.lua_getfield(L, globalsIndex, runtime.text('string'));
  Object.keys(strings).forEach((name, i) => {
    api.lua_pushcclosure(L, pointers[i]!, 0);
    api.lua_setfield(L, -2, runtime.text(name));
  });
  runtime.pop(L, 1);
  Object.keys(bases).forEach((name, i) => {
    api.lua_pushcclosure(L, pointers[Object.keys(strings).length + i]!, 0);
    api.lua_setfield(L, globalsIndex, runtime.text(name));
  });
}

function isNullPointer(runtime: LuaRuntime, L: number): boolean {
  const cell = runtime.base(L);
  return cell < runtime.top(L) && runtime.i32[(cell + cellType) >> 2] === typeLightUserdata && runtime.i32[cell >> 2] === 0;
}

function pushNullPointer(runtime: LuaRuntime, L: number): number {
  runtime.pushText(L, 'userdata: (nil)');
  return 1;
}

function clamp(runtime: LuaRuntime, L: number, from: number, to: number): void {
  const base = runtime.base(L);
  const last = Math.min(to, (runtime.top(L) - base) / cellBytes);
  for (let arg = from; arg <= last; arg++) {
    const cell = base + (arg - 1) * cellBytes;
    if (runtime.i32[(cell + cellType) >> 2] !== typeNumber) continue;
    const value = runtime.f64[cell >> 3]!;
    if (value >= int32Min && value <= int32Max) continue;
    // NaN and what 64 bits do not hold become the smallest 64-bit integer there.
    runtime.f64[cell >> 3] = value > int32Max && value < 2 ** 63 ? int32Max : int32Min;
  }
}

/** A quick look: some argument is a number that 32 bits print otherwise, or a string that may hold one. */
function hasWideInteger(runtime: LuaRuntime, L: number): boolean {
  const { i32, f64 } = runtime;
  const base = runtime.base(L);
  const top = runtime.top(L);
  for (let cell = base + cellBytes; cell < top; cell += cellBytes) {
    const type = i32[(cell + cellType) >> 2];
    if (type === typeNumber) {
      const value = f64[cell >> 3]!;
      if (!(value >= 0 && value <= int32Max)) return true;
    } else if (type === typeString) {
      const object = i32[cell >> 2]!;
      if (i32[(object + stringLength) >> 2]! >= 10 || runtime.u8[object + stringBytes] === 45) return true;
    }
  }
  return false;
}

const conversion = /%([-+ #0]*)(\d*)(\.\d*)?([a-zA-Z%])/g;

/**
 * Prints the wide integers here and puts them back as %s with their text. Anything malformed stays for the image's own
 * function to refuse.
 */
function widenFormat(runtime: LuaRuntime, L: number): void {
  const { api } = runtime;
  if (api.lua_type(L, 1) !== typeString) return;
  let arg = 1;
  const template = runtime.textAt(L, 1)!;
  const changed = template.replace(conversion, (whole, flags: string, width: string, precision: string | undefined, kind: string) => {
    if (kind === '%') return whole;
    arg++;
    if (!'diouxX'.includes(kind) || flags.length > 5 || width.length > 2 || (precision ?? '').length > 3) return whole;
    if (api.lua_isnumber(L, arg) === 0) return whole;
    const value = api.lua_tonumber(L, arg);
    if (value >= int32Min && value <= int32Max && kind !== 'o' && kind !== 'u' && kind !== 'x' && kind !== 'X') return whole;
    runtime.pushText(L, printInteger(toInt64(value), flags, Number(width), precision, kind));
    api.lua_replace(L, arg);
    return '%s';
  });
  runtime.pushText(L, changed);
  api.lua_replace(L, 1);
}

/** printf of a 64-bit integer. */
function printInteger(value: bigint, flags: string, width: number, precision: string | undefined, kind: string): string {
  const isSigned = kind === 'd' || kind === 'i';
  const magnitude = isSigned ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const radix = kind === 'o' ? 8 : kind === 'x' || kind === 'X' ? 16 : 10;
  let digits = magnitude.toString(radix);
  if (kind === 'X') digits = digits.toUpperCase();
  if (precision !== undefined) {
    const least = Number(precision.slice(1));
    digits = magnitude === 0n && least === 0 ? '' : digits.padStart(least, '0');
  }
  let prefix = '';
  if (isSigned) prefix = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  else if (flags.includes('#') && radix === 16 && magnitude !== 0n) prefix = kind === 'X' ? '0X' : '0x';
  else if (flags.includes('#') && radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (flags.includes('-')) return (prefix + digits).padEnd(width);
  if (flags.includes('0') && precision === undefined) return prefix + digits.padStart(width - prefix.length, '0');
  return (prefix + digits).padStart(width);
}

/** tonumber(text, base): strtoul with 64 bits. */
function toNumber(runtime: LuaRuntime, L: number, original: LuaFunction): number {
  const { api } = runtime;
  if (api.lua_type(L, 2) !== typeNumber) return original(L);
  const base = api.lua_tonumber(L, 2) | 0;
  if (base === 10 || base < 2 || base > 36) return original(L);
  const address = api.luaL_checklstring(L, 1, 0);
  const text = runtime.stringTextC(address - stringBytes).trim();
  if (text.length < 7 && !text.startsWith('-')) return original(L);
  const parts = (base === 16 ? /^([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-zA-Z]+)$/ : /^([+-]?)([0-9a-zA-Z]+)$/).exec(text);
  if (parts === null) return original(L);
  let value = 0n;
  for (const c of parts[2]!.toLowerCase()) {
    const digit = Number.parseInt(c, 36);
    if (digit >= base) return original(L);
    value = value * BigInt(base) + BigInt(digit);
  }
  const limit = 2n ** 64n - 1n;
  if (value > limit) value = limit;
  else if (parts[1] === '-') value = BigInt.asUintN(64, -value);
  api.lua_pushnumber(L, Number(value));
  return 1;
}
