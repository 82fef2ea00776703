// The `cmsgpack` library of scripts: MessagePack, byte for byte as lua-cmsgpack 0.4.0 inside redis-server writes and reads it.
//
// A table is an array when its keys are exactly 1 … n, otherwise a map in Lua's own iteration order; an empty table is an array.
// Numbers that are whole and fit 64 bits are integers in the shortest form, others 32-bit floats when that loses nothing. Tables
// deeper than 16 levels become nil. Packing reads tables in place; unpacking pushes as it reads.
import { ByteWriter } from './byte-writer';
import {
  cellBytes,
  cellType,
  recursionMax,
  stringBytes,
  stringLength,
  typeBoolean,
  typeNumber,
  typeString,
  typeTable,
} from './lua-layout';
import type { LuaFunction, LuaRuntime } from './lua-runtime';
import { indexCell, keyCell, nextPosition, valueCell } from './lua-walk';
import { isInt64, toInt64 } from './numbers';

const nestingMax = 16;
const intMax = 2_147_483_647;

export function createCmsgpack(runtime: LuaRuntime): (L: number) => void {
  const packer = new Packer(runtime);
  const unpacker = new Unpacker(runtime);
  const { api } = runtime;
  const integerArgument = (L: number, arg: number): number => Number(toInt64(api.luaL_checknumber(L, arg)));
  const optionalInteger = (L: number, arg: number): number => (api.lua_type(L, arg) <= 0 ? 0 : integerArgument(L, arg));

  const functions: Record<string, LuaFunction> = {
    pack: (L) => packer.pack(L),
    unpack: (L) => unpacker.unpack(L, 0, 0),
    unpack_one(L) {
      const offset = optionalInteger(L, 2);
      api.lua_settop(L, 1);
      return unpacker.unpack(L, 1, offset);
    },
    unpack_limit(L) {
      const limit = integerArgument(L, 2);
      const offset = optionalInteger(L, 3);
      api.lua_settop(L, 1);
      return unpacker.unpack(L, limit, offset);
    },
  };
  const pointers = runtime.register(Object.values(functions));
  return (L) => {
    api.lua_createtable(L, 0, 0);
    Object.keys(functions).forEach((name, i) => {
      api.lua_pushcclosure(L, pointers[i]!, 0);
      api.lua_setfield(L, -2, runtime.text(name));
    });
    const facts = {
      _NAME: 'cmsgpack',
      _VERSION: 'lua-cmsgpack 0.4.0',
      _COPYRIGHT: 'Copyright (C) 2012, Salvatore Sanfilippo',
      _DESCRIPTION: 'MessagePack C implementation for Lua',
    };
    for (const [name, value] of Object.entries(facts)) {
      runtime.pushText(L, value);
      api.lua_setfield(L, -2, runtime.text(name));
    }
  };
}

const tooMany = 'too many return values at once; use unpack_one or unpack_limit instead.';
const scratch = new DataView(new ArrayBuffer(8));

class Packer {
  readonly #runtime: LuaRuntime;
  readonly #out: ByteWriter;

  constructor(runtime: LuaRuntime) {
    this.#runtime = runtime;
    this.#out = new ByteWriter(runtime);
  }

  pack(L: number): number {
    const runtime = this.#runtime;
    const base = runtime.base(L);
    const count = (runtime.top(L) - base) / cellBytes;
    if (count === 0) runtime.argumentError(L, 0, 'MessagePack pack needs input.');
    this.#out.reset();
    for (let i = 0; i < count; i++) this.#value(runtime.base(L) + i * cellBytes, 0);
    this.#out.pushString(L);
    return 1;
  }

  #value(cell: number, level: number): void {
    const { i32, f64 } = this.#runtime;
    switch (i32[(cell + cellType) >> 2]) {
      case typeString:
        return this.#string(i32[cell >> 2]!);
      case typeBoolean:
        return this.#out.byte(i32[cell >> 2] !== 0 ? 0xc3 : 0xc2);
      case typeNumber:
        return this.#number(f64[cell >> 3]!);
      case typeTable:
        if (level < nestingMax) return this.#table(i32[cell >> 2]!, level);
    }
    this.#out.byte(0xc0);
  }

  #table(table: number, level: number): void {
    if (this.#isArray(table)) this.#array(table, level);
    else this.#map(table, level);
  }

  #isArray(table: number): boolean {
    const runtime = this.#runtime;
    let count = 0;
    let max = 0;
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) {
      const cell = keyCell(runtime, table, at);
      let key = at + 1;
      if (cell !== undefined) {
        if (runtime.i32[(cell + cellType) >> 2] !== typeNumber) return false;
        key = runtime.f64[cell >> 3]!;
        if (!(key > 0) || !Number.isInteger(key) || key > intMax) return false;
      }
      if (key > max) max = key;
      count++;
    }
    return max === count;
  }

  /** All keys are 1 … n, so no metamethod can have a say. */
  #array(table: number, level: number): void {
    const runtime = this.#runtime;
    let length = 0;
    while (indexCell(runtime, table, length + 1) !== 0) length++;
    this.#header(length, 0x90, 0xdc);
    for (let i = 1; i <= length; i++) this.#value(indexCell(runtime, table, i), level + 1);
  }

  #map(table: number, level: number): void {
    const runtime = this.#runtime;
    let count = 0;
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) count++;
    this.#header(count, 0x80, 0xde);
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) {
      const key = keyCell(runtime, table, at);
      if (key === undefined) this.#number(at + 1);
      else this.#value(key, level + 1);
      this.#value(valueCell(runtime, table, at), level + 1);
    }
  }

  /** Arrays and maps: a short form up to 15, then 16 and 32 bits. */
  #header(count: number, short: number, long: number): void {
    if (count <= 15) this.#out.byte(short | count);
    else if (count <= 0xffff) this.#bigEndian(long, count, 2);
    else this.#bigEndian(long + 1, count, 4);
  }

  #string(object: number): void {
    const length = this.#runtime.i32[(object + stringLength) >> 2]!;
    if (length < 32) this.#out.byte(0xa0 | length);
    else if (length <= 0xff) this.#bigEndian(0xd9, length, 1);
    else if (length <= 0xffff) this.#bigEndian(0xda, length, 2);
    else this.#bigEndian(0xdb, length, 4);
    this.#out.copy(object + stringBytes, length);
  }

  #number(x: number): void {
    if (isInt64(x)) return this.#integer(x);
    const out = this.#out;
    const isSingle = Math.fround(x) === x;
    if (isSingle) scratch.setFloat32(0, x);
    else scratch.setFloat64(0, x);
    out.byte(isSingle ? 0xca : 0xcb);
    for (let i = 0; i < (isSingle ? 4 : 8); i++) out.byte(scratch.getUint8(i));
  }

  #integer(n: number): void {
    if (n >= 0) {
      if (n <= 127) this.#out.byte(n);
      else if (n <= 0xff) this.#bigEndian(0xcc, n, 1);
      else if (n <= 0xffff) this.#bigEndian(0xcd, n, 2);
      else if (n <= 0xffff_ffff) this.#bigEndian(0xce, n, 4);
      else this.#long(0xcf, n);
    } else if (n >= -32) this.#out.byte(n & 0xff);
    else if (n >= -128) this.#bigEndian(0xd0, n, 1);
    else if (n >= -32768) this.#bigEndian(0xd1, n, 2);
    else if (n >= -2147483648) this.#bigEndian(0xd2, n, 4);
    else this.#long(0xd3, n);
  }

  #bigEndian(code: number, n: number, bytes: number): void {
    const out = this.#out;
    out.byte(code);
    for (let shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out.byte((n >>> shift) & 0xff);
  }

  #long(code: number, n: number): void {
    scratch.setBigInt64(0, BigInt(n));
    this.#out.byte(code);
    for (let i = 0; i < 8; i++) this.#out.byte(scratch.getUint8(i));
  }
}

class Unpacker {
  readonly #runtime: LuaRuntime;
  #L = 0;
  #at = 0;
  #end = 0;
  #depth = 0;
  readonly #tooMany: number;

  constructor(runtime: LuaRuntime) {
    this.#runtime = runtime;
    this.#tooMany = runtime.text(tooMany);
  }

  /** Pushes up to `limit` values from `offset` on; both zero means all. Otherwise the next offset comes first (-1 at the end). */
  unpack(L: number, limit: number, offset: number): number {
    const runtime = this.#runtime;
    const { api } = runtime;
    const start = api.luaL_checklstring(L, 1, 0);
    const length = runtime.i32[(start - stringBytes + stringLength) >> 2]!;
    const all = limit === 0 && offset === 0;
    if (offset < 0 || limit < 0) {
      runtime.fail(L, `Invalid request to unpack with offset of ${offset | 0} and limit of ${length}.`);
    }
    if (offset > length) runtime.fail(L, `Start offset ${offset | 0} greater than input length ${length}.`);
    this.#L = L;
    this.#depth = 0;
    this.#at = start + offset;
    this.#end = start + length;
    const most = all ? intMax : limit;
    let count = 0;
    while (this.#at < this.#end && count < most) {
      api.luaL_checkstack(L, 2, this.#tooMany);
      this.#value();
      count++;
    }
    if (all) return count;
    api.luaL_checkstack(L, 1, runtime.text('in function mp_unpack_full'));
    api.lua_pushnumber(L, this.#at === this.#end ? -1 : this.#at - start);
    api.lua_insert(L, 2);
    return count + 1;
  }

  #value(): void {
    const { api } = this.#runtime;
    const L = this.#L;
    this.#need(1);
    const code = this.#runtime.u8[this.#at]!;
    if (code < 0x80) return this.#take(1, code);
    if (code >= 0xe0) return this.#take(1, code - 256);
    if (code >= 0xa0 && code < 0xc0) return this.#string(1, code & 0x1f);
    if (code < 0x90) return this.#map(1, code & 0x0f);
    if (code < 0xa0) return this.#array(1, code & 0x0f);
    const at = this.#at + 1;
    const u8 = this.#runtime.u8;
    switch (code) {
      case 0xc0:
        this.#at++;
        return api.lua_pushnil(L);
      case 0xc2:
      case 0xc3:
        this.#at++;
        return api.lua_pushboolean(L, code & 1);
      case 0xca:
        this.#need(5);
        return this.#take(5, u8.readFloatBE(at));
      case 0xcb:
        this.#need(9);
        return this.#take(9, u8.readDoubleBE(at));
      case 0xcc:
        this.#need(2);
        return this.#take(2, u8[at]!);
      case 0xcd:
        this.#need(3);
        return this.#take(3, u8.readUInt16BE(at));
      case 0xce:
        this.#need(5);
        return this.#take(5, u8.readUInt32BE(at));
      case 0xcf: // read as signed, too: the original passes it through lua_Integer
      case 0xd3:
        this.#need(9);
        return this.#take(9, Number(u8.readBigInt64BE(at)));
      case 0xd0:
        this.#need(2);
        return this.#take(2, u8.readInt8(at));
      case 0xd1:
        this.#need(3);
        return this.#take(3, u8.readInt16BE(at));
      case 0xd2:
        this.#need(5);
        return this.#take(5, u8.readInt32BE(at));
      case 0xd9:
        this.#need(2);
        return this.#string(2, u8[at]!);
      case 0xda:
        this.#need(3);
        return this.#string(3, u8.readUInt16BE(at));
      case 0xdb:
        this.#need(5);
        return this.#string(5, u8.readUInt32BE(at));
      case 0xdc:
        this.#need(3);
        return this.#array(3, u8.readUInt16BE(at));
      case 0xdd:
        this.#need(5);
        return this.#array(5, u8.readUInt32BE(at));
      case 0xde:
        this.#need(3);
        return this.#map(3, u8.readUInt16BE(at));
      case 0xdf:
        this.#need(5);
        return this.#map(5, u8.readUInt32BE(at));
    }
    this.#runtime.fail(L, 'Bad data format in input.');
  }

  #take(bytes: number, value: number): void {
    this.#at += bytes;
    this.#runtime.api.lua_pushnumber(this.#L, value);
  }

  #string(header: number, length: number): void {
    this.#need(header + length);
    this.#runtime.api.lua_pushlstring(this.#L, this.#at + header, length);
    this.#at += header + length;
  }

  #array(header: number, count: number): void {
    const { api } = this.#runtime;
    this.#at += header;
    this.#descend();
    for (let i = 1; i <= count; i++) {
      this.#value();
      api.lua_rawseti(this.#L, -2, i);
    }
    this.#depth--;
  }

  /** A nil or NaN key raises Lua's own error. */
  #map(header: number, count: number): void {
    const { api } = this.#runtime;
    this.#at += header;
    this.#descend();
    for (let i = 0; i < count; i++) {
      this.#value();
      this.#value();
      api.lua_rawset(this.#L, -3);
    }
    this.#depth--;
  }

  #descend(): void {
    if (++this.#depth > recursionMax) this.#runtime.fail(this.#L, `stack overflow (${tooMany})`);
    // The table, a key and a value in it, and what the next level takes before it asks.
    this.#runtime.api.luaL_checkstack(this.#L, 4, this.#tooMany);
    this.#runtime.api.lua_createtable(this.#L, 0, 0);
  }

  #need(bytes: number): void {
    if (this.#at + bytes > this.#end) this.#runtime.fail(this.#L, 'Missing bytes in input.');
  }
}
