// A command's reply, in RESP2 or RESP3, to the value that redis.call returns.
//
//   :n → number      $ → string      $-1 *-1 → false      * → table 1 … n      +OK → {ok='OK'}      -ERR x → {err='ERR x', …}
//   % → {map={…}}    ~ → {set={k=true}}    , → {double=n}    # → boolean    _ → nil    ( → {big_number='…'}
//   =txt:… → {verbatim_string={format=, string=}}    | → skipped
//
// The reply is copied once into Lua's memory and strings are pushed from there. Tables for arrays are made with the size that
// growing one by one would have ended at, so that `#` and `next` behave as if it had.
import type { LuaRuntime } from './lua-runtime';

/** What an aggregate and the scalars in it take of the stack; each one inside asks for its own. */
const slotsPerLevel = 8;

export class ReplyParser {
  readonly #runtime: LuaRuntime;
  #area = 0;
  #areaBytes = 0;
  #L = 0;
  #at = 0;
  readonly #okName: number;

  constructor(runtime: LuaRuntime) {
    this.#runtime = runtime;
    this.#okName = runtime.text('ok');
  }

  /** Pushes the value of bytes[0 … length); true when it is an error reply. */
  push(L: number, bytes: Buffer, length: number): boolean {
    const runtime = this.#runtime;
    if (bytes[0] === 58 && length <= 12) {
      runtime.api.lua_pushnumber(L, smallInteger(bytes, length));
      return false;
    }
    if (length > this.#areaBytes) this.#enlarge(length);
    runtime.copyIn(this.#area, bytes, 0, length);
    this.#L = L;
    this.#at = this.#area;
    const isError = bytes[0] === 45;
    this.#value();
    if (this.#areaBytes > 1 << 20) this.#enlarge(1024);
    return isError;
  }

  #enlarge(bytes: number): void {
    if (this.#area !== 0) this.#runtime.api.free(this.#area);
    this.#areaBytes = Math.max(1024, bytes < 1 << 19 ? bytes * 2 : bytes);
    this.#area = this.#runtime.allocate(this.#areaBytes);
  }

  #value(): void {
    const { api, u8 } = this.#runtime;
    const L = this.#L;
    const kind = u8[this.#at++]!;
    switch (kind) {
      case 58: // :
        return api.lua_pushnumber(L, this.#integer());
      case 36: // $
        return this.#bulk();
      case 42: // *
        return this.#array();
      case 43: // +
        return this.#fields(this.#okName);
      case 45: // -
        return this.#error();
      case 37: // %
        return this.#map();
      case 126: // ~
        return this.#set();
      case 44: // ,
        return this.#double();
      case 35: // #
        api.lua_pushboolean(L, u8[this.#at] === 116 ? 1 : 0);
        this.#at += 3;
        return;
      case 95: // _
        this.#at += 2;
        return api.lua_pushnil(L);
      case 40: // (
        return this.#fields(this.#runtime.text('big_number'));
      case 61: // =
        return this.#verbatim();
      case 124: // |
        return this.#attribute();
    }
    throw new Error(`a command answered something that is not RESP: byte ${kind}`);
  }

  #integer(): number {
    const u8 = this.#runtime.u8;
    let at = this.#at;
    const isNegative = u8[at] === 45;
    if (isNegative) at++;
    const first = at;
    let value = 0;
    while (u8[at] !== 13) value = value * 10 + u8[at++]! - 48;
    this.#at = at + 2;
    if (at - first > 15) value = Number(BigInt(u8.toString('latin1', first, at)));
    return isNegative ? -value : value;
  }

  #line(): { start: number; length: number } {
    const u8 = this.#runtime.u8;
    const start = this.#at;
    let at = start;
    while (u8[at] !== 13 || u8[at + 1] !== 10) at++;
    this.#at = at + 2;
    return { start, length: at - start };
  }

  #bulk(): void {
    const length = this.#integer();
    const { api } = this.#runtime;
    if (length < 0) return api.lua_pushboolean(this.#L, 0);
    api.lua_pushlstring(this.#L, this.#at, length);
    this.#at += length + 2;
  }

  #array(): void {
    const count = this.#integer();
    const { api } = this.#runtime;
    const L = this.#L;
    if (count < 0) return api.lua_pushboolean(L, 0);
    api.lua_checkstack(L, slotsPerLevel);
    api.lua_createtable(L, arraySize(count), 0);
    for (let i = 1; i <= count; i++) {
      this.#value();
      api.lua_rawseti(L, -2, i);
    }
  }

  /** A line as the one field of a table. */
  #fields(name: number): void {
    const { api } = this.#runtime;
    const { start, length } = this.#line();
    api.lua_createtable(this.#L, 0, 1);
    api.lua_pushlstring(this.#L, start, length);
    api.lua_setfield(this.#L, -2, name);
  }

  #error(): void {
    const { start, length } = this.#line();
    const text = this.#runtime.u8.toString('latin1', start, start + length);
    pushError(this.#runtime, this.#L, `-${text}`);
    this.#runtime.api.lua_pushboolean(this.#L, 1);
    this.#runtime.api.lua_setfield(this.#L, -2, this.#runtime.text('ignore_error_stats_update'));
  }

  #map(): void {
    const pairs = this.#integer();
    const { api } = this.#runtime;
    const L = this.#L;
    api.lua_checkstack(L, slotsPerLevel);
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, 0);
    for (let i = 0; i < pairs; i++) {
      this.#value();
      this.#value();
      api.lua_rawset(L, -3);
    }
    api.lua_setfield(L, -2, this.#runtime.text('map'));
  }

  #set(): void {
    const count = this.#integer();
    const { api } = this.#runtime;
    const L = this.#L;
    api.lua_checkstack(L, slotsPerLevel);
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, 0);
    for (let i = 0; i < count; i++) {
      this.#value();
      api.lua_pushboolean(L, 1);
      api.lua_rawset(L, -3);
    }
    api.lua_setfield(L, -2, this.#runtime.text('set'));
  }

  #double(): void {
    const { api, u8 } = this.#runtime;
    const { start, length } = this.#line();
    const text = u8.toString('latin1', start, start + length);
    const value = text === 'inf' ? Infinity : text === '-inf' ? -Infinity : Number(text);
    api.lua_createtable(this.#L, 0, 1);
    api.lua_pushnumber(this.#L, value);
    api.lua_setfield(this.#L, -2, this.#runtime.text('double'));
  }

  #verbatim(): void {
    const length = this.#integer();
    const { api } = this.#runtime;
    const L = this.#L;
    api.lua_createtable(L, 0, 1);
    api.lua_createtable(L, 0, 2);
    api.lua_pushlstring(L, this.#at + 4, length - 4);
    api.lua_setfield(L, -2, this.#runtime.text('string'));
    api.lua_pushlstring(L, this.#at, 3);
    api.lua_setfield(L, -2, this.#runtime.text('format'));
    api.lua_setfield(L, -2, this.#runtime.text('verbatim_string'));
    this.#at += length + 2;
  }

  /** Attributes are read and dropped; the value they describe follows. */
  #attribute(): void {
    const pairs = this.#integer();
    this.#runtime.api.lua_checkstack(this.#L, slotsPerLevel);
    for (let i = 0; i < pairs * 2; i++) {
      this.#value();
      this.#runtime.pop(this.#L, 1);
    }
    this.#value();
  }
}

/** `:digits` and an end of line: at most nine digits. */
function smallInteger(bytes: Uint8Array, length: number): number {
  const isNegative = bytes[1] === 45;
  let value = 0;
  for (let at = isNegative ? 2 : 1; at < length - 2; at++) value = value * 10 + bytes[at]! - 48;
  return isNegative ? -value : value;
}

/** The size that an array of `count` would have grown to. */
export function arraySize(count: number): number {
  return count <= 1 ? count : 2 ** (32 - Math.clz32(count - 1));
}

/**
 * Pushes {err='CODE message'}. Text with a leading '-' brings its code (or ERR, when it is a single word), other text gets
 * ERR. Ends at a NUL, as C strings do.
 */
export function pushError(runtime: LuaRuntime, L: number, text: string): void {
  const { api } = runtime;
  const nul = text.indexOf('\0');
  if (nul >= 0) text = text.slice(0, nul);
  let code = 'ERR';
  if (text.startsWith('-')) {
    const space = text.indexOf(' ');
    if (space >= 0) code = text.slice(1, space);
    text = text.slice(space < 0 ? 1 : space + 1);
  }
  text = text.replace(/^[\r\n]+|[\r\n]+$/g, '');
  api.lua_createtable(L, 0, 1);
  runtime.pushText(L, `${code} ${text}`);
  api.lua_setfield(L, -2, runtime.text('err'));
}

