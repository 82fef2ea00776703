// The Lua 5.1 virtual machine as a WebAssembly image, and the changes a store needs in it.
//
// The image is the one in the package `wasmoon-lua5.1`: plain Lua 5.1.5. The store's sandbox wants things that plain
// Lua lacks and that cannot be added from outside without slowing every table access of every script:
//
//   * read-only tables. Every write to a table goes through one of two internal functions, luaH_set and luaH_setnum (their
//     callers were listed from the image: lua_rawset, lua_rawseti, the SETTABLE and SETLIST instructions, the parser). Each
//     gets a prologue: if bit 7 of the table's `marked` byte is set, raise "Attempt to modify a readonly table". The
//     collector never touches that bit (it uses bits 0-6 and masks only the colours), a new table has it clear, and the price
//     is one byte load per write.
//   * no binary chunks. The loader compares the first byte of a chunk with 27 (ESC); the comparison is made impossible, so
//     that precompiled code is parsed as text and refused by the parser. Forged bytecode can read any memory.
//   * hashes over every byte of a string. Plain Lua skips bytes of strings from 32 on, so that keys made to collide turn a table into
//     a list; Redis hashes all, and the order in which `next` (and so cjson and cmsgpack) walks a table follows from it.
//
// Function numbers and the layout in lua-layout.ts belong to exactly one image; its digest is checked, so that an upgrade of
// the package fails at the first script with a clear message rather than in a table.
import { hash } from 'node:crypto';

const imageSha1 = 'bbe5457fd6b5bcbf0da875655dc24126fd398391';
const luaHSet = 418;
const luaHSetNum = 419;
const luaGRunError = 228;
const loaderOfChunks = 243;
const luaSNewLString = 389;

/** Where the text of the error lies: below the image's first data segment (1024), in bytes it never uses. */
export const readonlyMessageAddress = 512;
export const readonlyMessage = 'Attempt to modify a readonly table';

/** The image with the changes above. `original` is the package's liblua5.1.wasm. */
export function patchLuaImage(original: Uint8Array): Uint8Array<ArrayBuffer> {
  const digest = hash('sha1', original, 'hex');
  if (digest !== imageSha1) throw new Error(`cannot load Lua: image ${digest} is not the one that was measured (${imageSha1})`);
  const reader = new ImageReader(original);
  const importedFunctions = countImportedFunctions(original);
  reader.at = 8;
  const pieces: Uint8Array[] = [original.subarray(0, 8)];
  while (reader.at < original.length) {
    const start = reader.at;
    const id = reader.byte();
    const size = reader.leb();
    const end = reader.at + size;
    if (id === codeSection) pieces.push(patchCode(original.subarray(reader.at, end), importedFunctions));
    else pieces.push(original.subarray(start, end));
    reader.at = end;
  }
  return concat(pieces);
}

const importSection = 2;
const codeSection = 10;

function patchCode(section: Uint8Array, importedFunctions: number): Uint8Array {
  const reader = new ImageReader(section);
  const count = reader.leb();
  const bodies: Uint8Array[] = [leb(count)];
  for (let i = 0; i < count; i++) {
    const size = reader.leb();
    let body = section.subarray(reader.at, reader.at + size);
    reader.at += size;
    const index = i + importedFunctions;
    if (index === luaHSet || index === luaHSetNum) body = withReadonlyCheck(body);
    if (index === loaderOfChunks) body = withoutBinaryChunks(body);
    if (index === luaSNewLString) body = withFullHash(body);
    bodies.push(leb(body.length), body);
  }
  const code = concat(bodies);
  return concat([Uint8Array.of(codeSection), leb(code.length), code]);
}

/** Parameters of both functions: 0 = the state, 1 = the table. */
function withReadonlyCheck(body: Uint8Array): Uint8Array {
  const reader = new ImageReader(body);
  const groups = reader.leb();
  for (let i = 0; i < groups; i++) {
    reader.leb();
    reader.byte();
  }
  const prologue = [
    [0x20, 1], // local.get table
    [0x2d, 0, 5], // i32.load8_u offset=5: `marked`
    [0x41, 0x80, 0x01], // i32.const 128
    [0x71, 0x04, 0x40], // i32.and, if
    [0x20, 0], // local.get state
    [0x41, ...leb(readonlyMessageAddress)], // i32.const message (512 = 0x80 0x04 in signed form too)
    [0x41, 0], // i32.const 0: no arguments
    [0x10, ...leb(luaGRunError)], // call
    [0x0b], // end
  ].flat();
  return concat([body.subarray(0, reader.at), Uint8Array.from(prologue), body.subarray(reader.at)]);
}

function withoutBinaryChunks(body: Uint8Array): Uint8Array {
  // i32.const 27, i32.eq, if (result i32): 27 becomes -2, which no byte and no end of input equals
  return replaceOnce(body, [0x41, 27, 0x46, 0x04, 0x7f], [0x41, 0x7e, 0x46, 0x04, 0x7f]);
}

/** The step between hashed bytes is (length >> 5) + 1: the shift becomes `and 0`. */
function withFullHash(body: Uint8Array): Uint8Array {
  // i32.const 5, i32.shr_u, local.tee 5, i32.gt_u
  return replaceOnce(body, [0x41, 5, 0x76, 0x22, 5, 0x4b], [0x41, 0, 0x71, 0x22, 5, 0x4b]);
}

function replaceOnce(body: Uint8Array, from: number[], to: number[]): Uint8Array {
  const changed = body.slice();
  const at = Buffer.from(body).indexOf(Buffer.from(from));
  if (at < 0) throw new Error(`cannot load Lua: ${Buffer.from(from).toString('hex')} is not where it was`);
  changed.set(to, at);
  return changed;
}

function countImportedFunctions(image: Uint8Array): number {
  const reader = new ImageReader(image);
  reader.at = 8;
  for (;;) {
    const id = reader.byte();
    const size = reader.leb();
    const end = reader.at + size;
    if (id === importSection) break;
    reader.at = end;
  }
  let functions = 0;
  const count = reader.leb();
  for (let i = 0; i < count; i++) {
    reader.skip(reader.leb()); // module
    reader.skip(reader.leb()); // name
    const kind = reader.byte();
    if (kind !== 0) throw new Error('cannot load Lua: it imports something other than functions');
    reader.leb();
    functions++;
  }
  return functions;
}

class ImageReader {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  skip(count: number): void {
    this.at += count;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  leb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}

function leb(value: number): Uint8Array {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 0x80);
  } while (value !== 0);
  return Uint8Array.from(bytes);
}

function concat(pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const total = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    total.set(piece, at);
    at += piece.length;
  }
  return total;
}
