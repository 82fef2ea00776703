// JSON text → Lua value, reading the text where Lua keeps it. See cjson.ts.
//
// The text is an argument on the stack, so it stays alive and in place; it ends with a NUL, which also ends the document. Pushing
// may grow memory, so the view is taken again after each push.
import type { ByteWriter } from './byte-writer';
import { settingsNames } from './cjson-settings';
import type { LuaRuntime } from './lua-runtime';
import { recursionMax, stringBytes, stringLength } from './lua-layout';
import { parseDouble } from './strtod';

const decodeInvalid = settingsNames.indexOf('decodeInvalid');
const decodeDepthMax = settingsNames.indexOf('decodeDepthMax');

const objectBegin = 0;
const objectEnd = 1;
const arrayBegin = 2;
const arrayEnd = 3;
const stringToken = 4;
const numberToken = 5;
const booleanToken = 6;
const nullToken = 7;
const colon = 8;
const comma = 9;
const end = 10;
const white = 11;
const error = 12;
const unknown = 13;
const tokenNames = ['T_OBJ_BEGIN', 'T_OBJ_END', 'T_ARR_BEGIN', 'T_ARR_END', 'T_STRING', 'T_NUMBER', 'T_BOOLEAN', 'T_NULL', 'T_COLON', 'T_COMMA', 'T_END'];

const tokenOf = new Uint8Array(256).fill(error);
for (const [chars, token] of [
  ['{', objectBegin],
  ['}', objectEnd],
  ['[', arrayBegin],
  [']', arrayEnd],
  [',', comma],
  [':', colon],
  ['\0', end],
  [' \t\n\r', white],
  ['fiInNt"+-0123456789', unknown],
] as const) {
  for (const c of chars) tokenOf[c.charCodeAt(0)] = token;
}

const escaped = new Uint8Array(256);
for (const [from, to] of Object.entries({ '"': '"', '\\': '\\', '/': '/', b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', u: 'u' })) {
  escaped[from.charCodeAt(0)] = to.charCodeAt(0);
}

export class JsonDecoder {
  readonly #runtime: LuaRuntime;
  readonly #unescaped: ByteWriter;
  #L = 0;
  #settings = 0;
  #start = 0;
  #at = 0;
  #depth = 0;
  // The token that was read last.
  #index = 0;
  #number = 0;
  #fault = '';
  #textAt = 0;
  #textEnd = 0;

  constructor(runtime: LuaRuntime, unescaped: ByteWriter) {
    this.#runtime = runtime;
    this.#unescaped = unescaped;
  }

  /** Decodes the only argument and pushes the value. */
  decode(L: number, settings: number): void {
    const { api } = this.#runtime;
    const start = api.luaL_checklstring(L, 1, 0);
    const { u8, i32 } = this.#runtime;
    const length = i32[(start - stringBytes + stringLength) >> 2]!;
    this.#L = L;
    this.#settings = settings >> 2;
    this.#start = this.#at = start;
    this.#depth = 0;
    if (length >= 2 && (u8[start] === 0 || u8[start + 1] === 0)) {
      this.#runtime.fail(L, 'JSON parser does not support UTF-16 or UTF-32');
    }
    this.#value(this.#next());
    const last = this.#next();
    if (last !== end) this.#expected('the end', last);
  }

  #value(token: number): void {
    const { api } = this.#runtime;
    switch (token) {
      case stringToken:
        return this.#pushText();
      case numberToken:
        return api.lua_pushnumber(this.#L, this.#number);
      case booleanToken:
        return api.lua_pushboolean(this.#L, this.#number);
      case objectBegin:
        return this.#object();
      case arrayBegin:
        return this.#array();
      case nullToken:
        return api.lua_pushlightuserdata(this.#L, 0);
    }
    return this.#expected('value', token);
  }

  #object(): void {
    const { api } = this.#runtime;
    const L = this.#L;
    this.#descend(3);
    api.lua_createtable(L, 0, 0);
    let token = this.#next();
    if (token !== objectEnd) {
      for (;;) {
        if (token !== stringToken) this.#expected('object key string', token);
        this.#pushText();
        token = this.#next();
        if (token !== colon) this.#expected('colon', token);
        this.#value(this.#next());
        api.lua_rawset(L, -3);
        token = this.#next();
        if (token === objectEnd) break;
        if (token !== comma) this.#expected('comma or object end', token);
        token = this.#next();
      }
    }
    this.#depth--;
  }

  #array(): void {
    const { api } = this.#runtime;
    const L = this.#L;
    this.#descend(2);
    api.lua_createtable(L, 0, 0);
    let token = this.#next();
    if (token !== arrayEnd) {
      for (let i = 1; ; i++) {
        this.#value(token);
        api.lua_rawseti(L, -2, i);
        token = this.#next();
        if (token === arrayEnd) break;
        if (token !== comma) this.#expected('comma or array end', token);
        token = this.#next();
      }
    }
    this.#depth--;
  }

  #descend(slots: number): void {
    this.#depth++;
    const isAllowed = this.#depth <= this.#runtime.i32[this.#settings + decodeDepthMax]! && this.#depth <= recursionMax;
    if (isAllowed && this.#runtime.api.lua_checkstack(this.#L, slots + 2) !== 0) return;
    this.#runtime.fail(this.#L, `Found too many nested data structures (${this.#depth}) at character ${this.#at - this.#start}`);
  }

  #pushText(): void {
    this.#runtime.api.lua_pushlstring(this.#L, this.#textAt, this.#textEnd - this.#textAt);
  }

  #next(): number {
    const u8 = this.#runtime.u8;
    let at = this.#at;
    let token = tokenOf[u8[at]!]!;
    while (token === white) token = tokenOf[u8[++at]!]!;
    this.#at = at;
    this.#index = at - this.#start;
    if (token === error) return this.#fail('invalid token');
    if (token === end) return end;
    if (token !== unknown) {
      this.#at = at + 1;
      return token;
    }
    const c = u8[at]!;
    if (c === 34) return this.#string();
    const strict = this.#runtime.i32[this.#settings + decodeInvalid] === 0;
    if (c === 45 || (c >= 48 && c <= 57)) {
      if (strict && this.#isInvalidNumber()) return this.#fail('invalid number');
      return this.#numberToken();
    }
    if (this.#startsWith('true')) return this.#word(booleanToken, 1, 4);
    if (this.#startsWith('false')) return this.#word(booleanToken, 0, 5);
    if (this.#startsWith('null')) return this.#word(nullToken, 0, 4);
    if (!strict && this.#isInvalidNumber()) return this.#numberToken();
    return this.#fail('invalid token');
  }

  #word(token: number, value: number, length: number): number {
    this.#number = value;
    this.#at += length;
    return token;
  }

  #string(): number {
    const u8 = this.#runtime.u8;
    let at = this.#at + 1;
    for (;;) {
      const c = u8[at]!;
      if (c === 34) {
        this.#textAt = this.#at + 1;
        this.#textEnd = at;
        this.#at = at + 1;
        return stringToken;
      }
      if (c === 92 || c === 0) break;
      at++;
    }
    return this.#escapedString(at);
  }

  /** From the first backslash (or NUL) on: the text is built in a buffer of its own. */
  #escapedString(from: number): number {
    const out = this.#unescaped;
    out.reset();
    const first = this.#at + 1;
    this.#at = from;
    out.copy(first, from - first);
    for (;;) {
      const u8 = this.#runtime.u8;
      let c = u8[this.#at]!;
      if (c === 34) break;
      if (c === 0) return this.#fail('unexpected end of string');
      if (c === 92) {
        c = escaped[u8[this.#at + 1]!]!;
        if (c === 117) {
          if (!this.#unicodeEscape(out)) return this.#fail('invalid unicode escape code');
          continue;
        }
        if (c === 0) return this.#fail('invalid escape code');
        this.#at++;
      }
      out.byte(c);
      this.#at++;
    }
    this.#at++;
    this.#textEnd = out.at;
    this.#textAt = out.startAddress;
    return stringToken;
  }

  #unicodeEscape(out: ByteWriter): boolean {
    let code = this.#hex4(this.#at + 2);
    let length = 6;
    if (code < 0) return false;
    if ((code & 0xf800) === 0xd800) {
      if (code & 0x400) return false;
      const u8 = this.#runtime.u8;
      if (u8[this.#at + 6] !== 92 || u8[this.#at + 7] !== 117) return false;
      const low = this.#hex4(this.#at + 8);
      if (low < 0 || (low & 0xfc00) !== 0xdc00) return false;
      code = (((code & 0x3ff) << 10) | (low & 0x3ff)) + 0x10000;
      length = 12;
    }
    if (code <= 0x7f) out.byte(code);
    else {
      if (code <= 0x7ff) out.byte((code >> 6) | 0xc0);
      else {
        if (code <= 0xffff) out.byte((code >> 12) | 0xe0);
        else {
          out.byte((code >> 18) | 0xf0);
          out.byte(((code >> 12) & 0x3f) | 0x80);
        }
        out.byte(((code >> 6) & 0x3f) | 0x80);
      }
      out.byte((code & 0x3f) | 0x80);
    }
    this.#at += length;
    return true;
  }

  #hex4(at: number): number {
    const u8 = this.#runtime.u8;
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const c = u8[at + i]!;
      const digit = c >= 48 && c <= 57 ? c - 48 : (c | 32) >= 97 && (c | 32) <= 102 ? (c | 32) - 87 : -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  #numberToken(): number {
    const u8 = this.#runtime.u8;
    let at = this.#at;
    let value = 0;
    // The usual case, digits only; what follows decides whether that was all.
    const negative = u8[at] === 45;
    if (negative) at++;
    const first = at;
    while (at - first < 15 && u8[at]! >= 48 && u8[at]! <= 57) value = value * 10 + u8[at++]! - 48;
    const c = u8[at]!;
    const isWhole = at > first && c !== 46 && (c | 32) !== 101 && (c | 32) !== 120 && !(c >= 48 && c <= 57);
    if (isWhole) {
      this.#number = negative ? -value : value;
      this.#at = at;
      return numberToken;
    }
    const parsed = parseDouble(u8, this.#at);
    if (parsed.end === this.#at) return this.#fail('invalid number');
    this.#number = parsed.value;
    this.#at = parsed.end;
    return numberToken;
  }

  /** What JSON has no notation for: a plus sign, leading zeros, hexadecimal, infinity, not-a-number. */
  #isInvalidNumber(): boolean {
    const u8 = this.#runtime.u8;
    let at = this.#at;
    if (u8[at] === 43) return true;
    if (u8[at] === 45) at++;
    const c = u8[at]!;
    if (c === 48) {
      const next = u8[at + 1]!;
      return (next | 32) === 120 || (next >= 48 && next <= 57);
    }
    if (c <= 57 || c >= 128) return false;
    const word = u8.toString('latin1', at, at + 3).toLowerCase();
    return word === 'inf' || word === 'nan';
  }

  #startsWith(word: string): boolean {
    const u8 = this.#runtime.u8;
    for (let i = 0; i < word.length; i++) if (u8[this.#at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  #fail(fault: string): number {
    this.#fault = fault;
    this.#index = this.#at - this.#start;
    return error;
  }

  #expected(what: string, token: number): never {
    const found = token === error ? this.#fault : tokenNames[token];
    this.#runtime.fail(this.#L, `Expected ${what} but found ${found} at character ${this.#index + 1}`);
  }
}
