// A growing run of bytes in Lua's own memory: encoders write here, then hand the address to lua_pushlstring. Nothing else calls
// into Lua while bytes are being written, except growing itself.
import type { LuaRuntime } from './lua-runtime';

export class ByteWriter {
  at = 0;
  u8: Buffer;
  readonly #runtime: LuaRuntime;
  #start: number;
  #end: number;

  constructor(runtime: LuaRuntime) {
    this.#runtime = runtime;
    this.#start = runtime.allocate(1024);
    this.#end = this.#start + 1024;
    this.u8 = runtime.u8;
  }

  get startAddress(): number {
    return this.#start;
  }

  reset(): void {
    this.at = this.#start;
    this.u8 = this.#runtime.u8;
  }

  /** Room for `bytes` more at `at`; `u8` is fresh afterwards. */
  ensure(bytes: number): void {
    if (this.at + bytes <= this.#end) return;
    const used = this.at - this.#start;
    const size = (used + bytes) * 2;
    const start = this.#runtime.api.realloc(this.#start, size) >>> 0;
    if (start === 0) throw new RangeError(`cannot allocate ${size} bytes for Lua`);
    this.#start = start;
    this.#end = start + size;
    this.at = start + used;
    this.u8 = this.#runtime.u8;
  }

  byte(value: number): void {
    this.ensure(1);
    this.u8[this.at++] = value;
  }

  ascii(text: string): void {
    this.ensure(text.length);
    const u8 = this.u8;
    for (let i = 0; i < text.length; i++) u8[this.at++] = text.charCodeAt(i);
  }

  /** Copies bytes that lie in Lua's memory. */
  copy(address: number, length: number): void {
    this.ensure(length);
    const u8 = this.u8;
    if (length <= 48) for (let i = 0; i < length; i++) u8[this.at + i] = u8[address + i]!;
    else u8.copyWithin(this.at, address, address + length);
    this.at += length;
  }

  pushString(L: number): void {
    this.#runtime.api.lua_pushlstring(L, this.#start, this.at - this.#start);
    if (this.#end - this.#start > 1 << 20) this.#shrink();
  }

  #shrink(): void {
    this.#runtime.api.free(this.#start);
    this.#start = this.#runtime.allocate(1024);
    this.#end = this.#start + 1024;
  }
}
