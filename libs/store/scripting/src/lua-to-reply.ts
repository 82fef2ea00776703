// A script's result to the reply of EVAL.
//
//   string → bulk    number → integer, truncated    true → 1 (or #t when the script chose RESP3)    false → null (or #f)
//   {err=} → error   {ok=} → status   {double=} {big_number=} {verbatim_string=} {map=} {set=} → that type, by the caller's protocol
//   other tables → array up to the first nil           anything else → null
//
// The value is read in place (lua-walk.ts): fields are looked up raw, no metamethod runs, nothing is allocated. The special fields
// are only looked for when the table has a node part at all.
import type { Reply } from '@larder/store-resp';
import type { GFormat } from './g-format';
import {
  cellType,
  recursionMax,
  registryIndex,
  stringBytes,
  stringLength,
  typeBoolean,
  typeNumber,
  typeString,
  typeTable,
} from './lua-layout';
import type { LuaRuntime } from './lua-runtime';
import { fieldCell, hasNoNodes, indexCell, keyCell, nextPosition, valueCell } from './lua-walk';
import { toInt64 } from './numbers';

const fieldNames = ['err', 'ok', 'double', 'big_number', 'verbatim_string', 'map', 'set', 'format', 'string', 'ignore_error_stats_update'] as const;
type FieldName = (typeof fieldNames)[number];

export class ReplyWriter {
  readonly #runtime: LuaRuntime;
  readonly #formatG: GFormat;
  readonly #fields: Record<FieldName, number>;
  readonly #emptyNode: number;
  #L = 0;
  #reply!: Reply;
  #booleans: 2 | 3 = 2;
  #depth = 0;

  constructor(runtime: LuaRuntime, L: number, formatG: GFormat) {
    const { api } = runtime;
    this.#runtime = runtime;
    this.#formatG = formatG;
    // Interned strings are compared by address: keep these alive for good.
    this.#fields = Object.fromEntries(
      fieldNames.map((name) => {
        api.lua_pushstring(L, runtime.text(name));
        const object = api.lua_tolstring(L, -1, 0) - stringBytes;
        api.luaL_ref(L, registryIndex);
        return [name, object];
      }),
    ) as Record<FieldName, number>;
    api.lua_createtable(L, 0, 0);
    this.#emptyNode = runtime.i32[(api.lua_topointer(L, -1) + 16) >> 2]!;
    runtime.pop(L, 1);
  }

  /** Writes the value on top of the stack; it stays there. `booleans`: the protocol that the script chose for itself. */
  write(L: number, reply: Reply, booleans: 2 | 3): void {
    this.#L = L;
    this.#reply = reply;
    this.#booleans = booleans;
    this.#depth = 0;
    this.#value(this.#runtime.top(L) - 16);
  }

  #value(cell: number): void {
    const { i32, f64 } = this.#runtime;
    const reply = this.#reply;
    if (this.#depth > recursionMax) return reply.error('ERR reached lua stack limit');
    switch (i32[(cell + cellType) >> 2]) {
      case typeString:
        return this.#bulk(i32[cell >> 2]!);
      case typeNumber:
        return this.#integer(f64[cell >> 3]!);
      case typeBoolean:
        return this.#boolean(i32[cell >> 2] !== 0);
      case typeTable:
        return this.#table(i32[cell >> 2]!);
    }
    reply.nullBulk();
  }

  #bulk(object: number): void {
    this.#reply.bulk(this.#runtime.u8, object + stringBytes, this.#runtime.i32[(object + stringLength) >> 2]!);
  }

  #integer(x: number): void {
    const whole = Math.trunc(x);
    if (Number.isSafeInteger(whole)) this.#reply.integer(whole === 0 ? 0 : whole);
    else this.#reply.integerText(String(toInt64(x)));
  }

  #boolean(value: boolean): void {
    const reply = this.#reply;
    if (this.#booleans === 3) reply.boolean(value);
    else if (value) reply.integer(1);
    else reply.nullBulk();
  }

  #table(table: number): void {
    this.#depth++;
    if (hasNoNodes(this.#runtime, table, this.#emptyNode) || !this.#special(table)) this.#array(table);
    this.#depth--;
  }

  /** Tries the special fields in their order of precedence. */
  #special(table: number): boolean {
    const { i32, f64 } = this.#runtime;
    const reply = this.#reply;
    const err = this.#field(table, 'err', typeString);
    if (err !== 0) {
      const text = oneLine(this.#runtime.stringTextC(i32[err >> 2]!).replace(/[\r\n]+$/, ''));
      const counted = this.#field(table, 'ignore_error_stats_update', typeBoolean);
      if (counted !== 0 && i32[counted >> 2] !== 0) reply.errorAgain(text);
      else reply.error(text);
      return true;
    }
    const ok = this.#field(table, 'ok', typeString);
    if (ok !== 0) {
      reply.simple(oneLine(this.#runtime.stringTextC(i32[ok >> 2]!)));
      return true;
    }
    const double = this.#field(table, 'double', typeNumber);
    if (double !== 0) {
      reply.double(this.#doubleText(f64[double >> 3]!));
      return true;
    }
    const big = this.#field(table, 'big_number', typeString);
    if (big !== 0) {
      reply.bigNumber(oneLine(this.#runtime.stringText(i32[big >> 2]!)));
      return true;
    }
    const verbatim = this.#field(table, 'verbatim_string', typeTable);
    if (verbatim !== 0 && this.#verbatim(i32[verbatim >> 2]!)) return true;
    const map = this.#field(table, 'map', typeTable);
    if (map !== 0) {
      this.#map(i32[map >> 2]!);
      return true;
    }
    const set = this.#field(table, 'set', typeTable);
    if (set !== 0) {
      this.#set(i32[set >> 2]!);
      return true;
    }
    return false;
  }

  #field(table: number, name: FieldName, type: number): number {
    const cell = fieldCell(this.#runtime, table, this.#fields[name]);
    return cell !== 0 && this.#runtime.i32[(cell + cellType) >> 2] === type ? cell : 0;
  }

  #doubleText(x: number): string {
    if (x === Infinity) return 'inf';
    if (x === -Infinity) return '-inf';
    return this.#formatG.text(this.#L, x, 17);
  }

  #verbatim(table: number): boolean {
    const runtime = this.#runtime;
    const reply = this.#reply;
    const format = this.#field(table, 'format', typeString);
    const string = this.#field(table, 'string', typeString);
    if (format === 0 || string === 0) return false;
    const object = runtime.i32[string >> 2]!;
    if (reply.protocol === 2) {
      this.#bulk(object);
      return true;
    }
    const kind = runtime.stringTextC(runtime.i32[format >> 2]!).slice(0, 3).padEnd(3);
    const length = runtime.i32[(object + stringLength) >> 2]!;
    reply.raw(Buffer.from(`=${length + 4}\r\n${kind}:`, 'latin1'));
    reply.rawRange(runtime.u8, object + stringBytes, length);
    reply.raw(crlf);
    return true;
  }

  #map(table: number): void {
    const runtime = this.#runtime;
    this.#reply.map(this.#count(table));
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) {
      this.#key(table, at);
      this.#value(valueCell(runtime, table, at));
    }
  }

  #set(table: number): void {
    const runtime = this.#runtime;
    this.#reply.set(this.#count(table));
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) this.#key(table, at);
  }

  #key(table: number, position: number): void {
    const cell = keyCell(this.#runtime, table, position);
    if (cell === undefined) this.#reply.integer(position + 1);
    else this.#value(cell);
  }

  #count(table: number): number {
    const runtime = this.#runtime;
    let count = 0;
    for (let at = nextPosition(runtime, table, 0); at >= 0; at = nextPosition(runtime, table, at + 1)) count++;
    return count;
  }

  #array(table: number): void {
    const runtime = this.#runtime;
    let count = 0;
    while (indexCell(runtime, table, count + 1) !== 0) count++;
    this.#reply.array(count);
    for (let i = 1; i <= count; i++) this.#value(indexCell(runtime, table, i));
  }
}

const crlf = Buffer.from('\r\n', 'latin1');

function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text;
}
