// The `struct` library of scripts: packing and unpacking of C-like records, as in Roberto Ierusalimschy's struct 0.2 on a
// 64-bit little-endian machine (`l` and `T` are 8 bytes, `i` is 4).
//
// Format: > < byte order, !n alignment, x pad, b/B h/H l/L T i/In integers, f d floats, s NUL-terminated, cn counted (c0: the
// size is the previous value, or the whole string when packing).
import type { LuaFunction, LuaRuntime } from './lua-runtime';
import { stringBytes, stringLength } from './lua-layout';
import { toInt64 } from './numbers';

const intMax = 2_147_483_647;
const integerBytesMax = 32;
const defaultAlignment = 8;

interface Layout {
  isLittle: boolean;
  align: number;
}

export function createStruct(runtime: LuaRuntime): (L: number) => void {
  const { api } = runtime;

  /** Walks a format: option, its size, the padding before it. */
  class Format {
    at = 0;
    readonly layout: Layout = { isLittle: true, align: 1 };
    readonly text: string;
    readonly L: number;

    constructor(L: number) {
      api.luaL_checklstring(L, 1, 0);
      this.L = L;
      this.text = runtime.textAt(L, 1)!.split('\0')[0]!;
    }

    get isDone(): boolean {
      return this.at >= this.text.length;
    }

    next(): string {
      return this.text[this.at++]!;
    }

    size(option: string): number {
      switch (option) {
        case 'B':
        case 'b':
        case 'x':
          return 1;
        case 'H':
        case 'h':
          return 2;
        case 'f':
          return 4;
        case 'L':
        case 'l':
        case 'T':
        case 'd':
          return 8;
        case 'c':
          return this.number(1);
        case 'i':
        case 'I': {
          const size = this.number(4);
          if (size > integerBytesMax) {
            runtime.fail(this.L, `integral size ${size} is larger than limit of ${integerBytesMax}`);
          }
          return size;
        }
      }
      return 0;
    }

    padding(position: number, option: string, size: number): number {
      if (size === 0 || option === 'c') return 0;
      const to = size > this.layout.align ? this.layout.align : size;
      return (to - (position & (to - 1))) & (to - 1);
    }

    control(option: string): void {
      if (option === ' ') return;
      if (option === '>') this.layout.isLittle = false;
      else if (option === '<') this.layout.isLittle = true;
      else if (option === '!') {
        const align = this.number(defaultAlignment);
        if (align <= 0 || (align & (align - 1)) !== 0) runtime.fail(this.L, `alignment ${align} is not a power of 2`);
        this.layout.align = align;
      } else runtime.argumentError(this.L, 1, `invalid format option '${option}'`);
    }

    number(otherwise: number): number {
      if (!isDigit(this.text[this.at])) return otherwise;
      let value = 0;
      while (isDigit(this.text[this.at])) {
        value = value * 10 + Number(this.text[this.at]!);
        if (value > intMax) runtime.fail(this.L, 'integral size overflow');
        this.at++;
      }
      return value;
    }
  }

  function pack(L: number): number {
    const format = new Format(L);
    const out: number[] = [];
    let arg = 2;
    let total = 0;
    api.lua_pushnil(L); // stands for the first missing argument in error texts, as in the original

    while (!format.isDone) {
      const option = format.next();
      let size = format.size(option);
      const padding = format.padding(total, option, size);
      total += padding;
      for (let i = 0; i < padding; i++) out.push(0);
      if (isInteger(option)) putInteger(out, api.luaL_checknumber(L, arg++), size, format.layout.isLittle);
      else if (option === 'x') out.push(0);
      else if (option === 'f' || option === 'd') putFloat(out, api.luaL_checknumber(L, arg++), size, format.layout.isLittle);
      else if (option === 'c' || option === 's') {
        const address = api.luaL_checklstring(L, arg++, 0);
        const length = runtime.i32[(address - stringBytes + stringLength) >> 2]!;
        if (size === 0) size = length;
        if (length < size) runtime.argumentError(L, arg, 'string too short');
        for (let i = 0; i < size; i++) out.push(runtime.u8[address + i]!);
        if (option === 's') {
          out.push(0);
          size++;
        }
      } else format.control(option);
      total += size;
    }
    runtime.pushBytes(L, Buffer.from(out), 0, out.length);
    return 1;
  }

  function unpack(L: number): number {
    const format = new Format(L);
    const data = api.luaL_checklstring(L, 2, 0);
    const length = runtime.i32[(data - stringBytes + stringLength) >> 2]!;
    let position = api.lua_type(L, 3) <= 0 ? 1 : Number(toInt64(api.luaL_checknumber(L, 3)));
    if (position === 0) runtime.argumentError(L, 3, 'offset must be 1 or greater');
    position = position < 0 ? Infinity : position - 1; // unsigned in C: a negative offset is beyond every string
    let results = 0;
    const check = (size: number): void => {
      if (size > length || position > length - size) runtime.argumentError(L, 2, 'data string too short');
    };
    while (!format.isDone) {
      const option = format.next();
      let size = format.size(option);
      position += format.padding(position, option, size);
      check(size);
      api.luaL_checkstack(L, 2, runtime.text('too many results'));
      const at = data + position;
      if (isInteger(option)) {
        api.lua_pushnumber(L, getInteger(runtime.u8, at, size, format.layout.isLittle, option === option.toLowerCase()));
        results++;
      } else if (option === 'f' || option === 'd') {
        api.lua_pushnumber(L, getFloat(runtime.u8, at, size, format.layout.isLittle));
        results++;
      } else if (option === 'c') {
        if (size === 0) {
          if (results === 0 || api.lua_isnumber(L, -1) === 0) runtime.fail(L, "format 'c0' needs a previous size");
          size = Number(toInt64(api.lua_tonumber(L, -1)));
          runtime.pop(L, 1);
          results--;
          check(size < 0 ? Infinity : size);
        }
        api.lua_pushlstring(L, at, size);
        results++;
      } else if (option === 's') {
        const end = runtime.u8.indexOf(0, at);
        if (end < 0 || end >= data + length) runtime.fail(L, 'unfinished string in data');
        size = end - at + 1;
        api.lua_pushlstring(L, at, size - 1);
        results++;
      } else if (option !== 'x') format.control(option);
      position += size;
    }
    api.lua_pushnumber(L, position + 1);
    return results + 1;
  }

  function size(L: number): number {
    const format = new Format(L);
    let position = 0;
    while (!format.isDone) {
      const option = format.next();
      const bytes = format.size(option);
      position += format.padding(position, option, bytes);
      if (option === 's') runtime.argumentError(L, 1, "option 's' has no fixed size");
      if (option === 'c' && bytes === 0) runtime.argumentError(L, 1, "option 'c0' has no fixed size");
      if (!/[0-9A-Za-z]/.test(option)) format.control(option);
      position += bytes;
    }
    api.lua_pushnumber(L, position);
    return 1;
  }

  const functions: Record<string, LuaFunction> = { pack, unpack, size };
  const pointers = runtime.register(Object.values(functions));
  return (L) => {
    api.lua_createtable(L, 0, 0);
    Object.keys(functions).forEach((name, i) => {
      api.lua_pushcclosure(L, pointers[i]!, 0);
      api.lua_setfield(L, -2, runtime.text(name));
    });
  };
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

function isInteger(option: string): boolean {
  return 'bBhHlLTiI'.includes(option);
}

const word = new DataView(new ArrayBuffer(8));

/** Eight bytes hold the value; wider fields are zero above them, whatever the sign. */
function putInteger(out: number[], n: number, size: number, isLittle: boolean): void {
  const unsigned = n >= 2 ** 63 && n < 2 ** 64 ? BigInt(Math.trunc(n)) : toInt64(n);
  let value = BigInt.asUintN(64, unsigned);
  const bytes: number[] = [];
  for (let i = 0; i < size; i++) {
    bytes.push(Number(value & 0xffn));
    value >>= 8n;
  }
  out.push(...(isLittle ? bytes : bytes.reverse()));
}

function putFloat(out: number[], x: number, size: number, isLittle: boolean): void {
  if (size === 4) word.setFloat32(0, x, isLittle);
  else word.setFloat64(0, x, isLittle);
  for (let i = 0; i < size; i++) out.push(word.getUint8(i));
}

function getFloat(u8: Buffer, at: number, size: number, isLittle: boolean): number {
  if (size === 4) return isLittle ? u8.readFloatLE(at) : u8.readFloatBE(at);
  return isLittle ? u8.readDoubleLE(at) : u8.readDoubleBE(at);
}

function getInteger(u8: Buffer, at: number, size: number, isLittle: boolean, isSigned: boolean): number {
  let value = 0n;
  for (let i = 0; i < size; i++) value = (value << 8n) | BigInt(u8[at + (isLittle ? size - 1 - i : i)]!);
  value = BigInt.asUintN(64, value);
  if (!isSigned) return Number(value);
  const bits = size >= 8 ? 64 : size * 8;
  return Number(bits === 0 ? 0n : BigInt.asIntN(bits, value));
}
