// Lua value → JSON text, reading the value where it lies. See cjson.ts.
import type { ByteWriter } from './byte-writer';
import { settingsNames } from './cjson-settings';
import type { GFormat } from './g-format';
import {
  cellType,
  recursionMax,
  stringBytes,
  stringLength,
  typeBoolean,
  typeLightUserdata,
  typeNames,
  typeNil,
  typeNumber,
  typeString,
  typeTable,
} from './lua-layout';
import type { LuaRuntime } from './lua-runtime';
import { indexCell, keyCell, nextPosition, valueCell } from './lua-walk';

const sparseConvert = settingsNames.indexOf('sparseConvert');
const sparseRatio = settingsNames.indexOf('sparseRatio');
const sparseSafe = settingsNames.indexOf('sparseSafe');
const encodeDepthMax = settingsNames.indexOf('encodeDepthMax');
const encodeInvalid = settingsNames.indexOf('encodeInvalid');
const precision = settingsNames.indexOf('precision');

const escapes: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, c) => {
  const named: Record<string, string> = { '\b': '\\b', '\t': '\\t', '\n': '\\n', '\f': '\\f', '\r': '\\r', '"': '\\"', '/': '\\/', '\\': '\\\\' };
  if (named[String.fromCharCode(c)]) return named[String.fromCharCode(c)];
  return c < 32 || c === 127 ? `\\u${c.toString(16).padStart(4, '0')}` : undefined;
});
const needsEscape = Uint8Array.from(escapes, (text) => (text === undefined ? 0 : 1));

export class JsonEncoder {
  readonly #runtime: LuaRuntime;
  readonly #out: ByteWriter;
  readonly #formatG: GFormat;
  #L = 0;
  #settings = 0;

  constructor(runtime: LuaRuntime, out: ByteWriter, formatG: GFormat) {
    this.#runtime = runtime;
    this.#out = out;
    this.#formatG = formatG;
  }

  /** Encodes the only argument and pushes the text. */
  encode(L: number, settings: number): void {
    this.#L = L;
    this.#settings = settings >> 2;
    this.#out.reset();
    this.#value(this.#runtime.base(L), 0);
    this.#out.pushString(L);
  }

  #value(cell: number, depth: number): void {
    const { i32, f64 } = this.#runtime;
    const type = i32[(cell + cellType) >> 2]!;
    switch (type) {
      case typeString:
        return this.#string(i32[cell >> 2]!);
      case typeNumber:
        return this.#number(f64[cell >> 3]!);
      case typeBoolean:
        return this.#out.ascii(i32[cell >> 2] !== 0 ? 'true' : 'false');
      case typeNil:
        return this.#out.ascii('null');
      case typeTable:
        return this.#table(i32[cell >> 2]!, depth + 1);
      case typeLightUserdata:
        if (i32[cell >> 2] === 0) return this.#out.ascii('null');
    }
    return this.#refuse(type, 'type not supported');
  }

  #table(table: number, depth: number): void {
    if (depth > this.#setting(encodeDepthMax) || depth > recursionMax) {
      this.#runtime.fail(this.#L, `Cannot serialise, excessive nesting (${depth})`);
    }
    const length = this.#arrayLength(table);
    if (length > 0) this.#array(table, length, depth);
    else this.#object(table, depth);
  }

  #array(table: number, length: number, depth: number): void {
    const out = this.#out;
    out.byte(91);
    for (let i = 1; i <= length; i++) {
      if (i > 1) out.byte(44);
      const cell = indexCell(this.#runtime, table, i);
      if (cell === 0) out.ascii('null');
      else this.#value(cell, depth);
    }
    out.byte(93);
  }

  #object(table: number, depth: number): void {
    const runtime = this.#runtime;
    const out = this.#out;
    out.byte(123);
    let first = true;
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) {
      if (first) first = false;
      else out.byte(44);
      this.#key(keyCell(runtime, table, at), at);
      this.#value(valueCell(runtime, table, at), depth);
    }
    out.byte(125);
  }

  #key(cell: number | undefined, position: number): void {
    const { i32, f64 } = this.#runtime;
    const type = cell === undefined ? typeNumber : i32[(cell + cellType) >> 2]!;
    if (type === typeNumber) {
      this.#out.byte(34);
      this.#number(cell === undefined ? position + 1 : f64[cell >> 3]!);
      this.#out.ascii('":');
    } else if (type === typeString) {
      this.#string(i32[cell! >> 2]!);
      this.#out.byte(58);
    } else {
      this.#refuse(type, 'table key must be a number or string');
    }
  }

  /** The largest key when all keys are integers >= 1 (0 for an empty table), otherwise -1. */
  #arrayLength(table: number): number {
    const runtime = this.#runtime;
    let max = 0;
    let items = 0;
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) {
      const cell = keyCell(runtime, table, at);
      let key = at + 1;
      if (cell !== undefined) {
        if (runtime.i32[(cell + cellType) >> 2] !== typeNumber) return -1;
        key = runtime.f64[cell >> 3]!;
        if (Math.floor(key) !== key || key < 1) return -1;
      }
      if (key > max) max = key > 2_147_483_647 ? -2_147_483_648 : key; // as (int)key on x86
      items++;
    }
    const ratio = this.#setting(sparseRatio);
    if (ratio > 0 && max > items * ratio && max > this.#setting(sparseSafe)) {
      if (this.#setting(sparseConvert) === 0) this.#refuse(typeTable, 'excessively sparse array');
      return -1;
    }
    return max;
  }

  #number(x: number): void {
    const out = this.#out;
    if (!Number.isFinite(x)) {
      const invalid = this.#setting(encodeInvalid);
      if (invalid === 0) this.#refuse(typeNumber, 'must not be NaN or Inf');
      if (invalid === 2) return out.ascii('null');
      if (Number.isNaN(x)) return out.ascii('nan');
    }
    out.ascii(this.#formatG.text(this.#L, x, this.#setting(precision)));
  }

  #string(object: number): void {
    const out = this.#out;
    const length = this.#runtime.i32[(object + stringLength) >> 2]!;
    out.ensure(length * 6 + 2);
    const u8 = out.u8;
    const start = object + stringBytes;
    let to = out.at;
    u8[to++] = 34;
    for (let from = start; from < start + length; from++) {
      const c = u8[from]!;
      if (needsEscape[c] === 0) u8[to++] = c;
      else {
        const escape = escapes[c]!;
        for (let k = 0; k < escape.length; k++) u8[to++] = escape.charCodeAt(k);
      }
    }
    u8[to++] = 34;
    out.at = to;
  }

  #setting(word: number): number {
    return this.#runtime.i32[this.#settings + word]!;
  }

  #refuse(type: number, reason: string): never {
    this.#runtime.fail(this.#L, `Cannot serialise ${typeNames[type]}: ${reason}`);
  }
}
