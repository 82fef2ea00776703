/**
 * Bitwise AND, OR, XOR and NOT of two chunks, 16 bytes an instruction, in a WebAssembly module of four functions: JavaScript has
 * no vectors, and its loop over 32-bit words takes five times as long (measured: 500 µs a megabyte, this 50).
 *
 *   memory   one page of 64 KiB:  [ left: 16 KiB | right: 16 KiB | … ]        left ← left op right
 *
 * Each function takes the number of bytes, a positive multiple of 16, and goes from the end to the start.
 */

export const CHUNK_BYTES = 1 << 14;

export type Operation = 'and' | 'or' | 'xor' | 'not';

export interface BitKernels {
  readonly left: Buffer;
  readonly right: Buffer;
  readonly combineChunks: Readonly<Record<Operation, (bytes: number) => void>>;
}

/** What is used of WebAssembly's interface; the compiler knows it only among a browser's. */
interface VirtualMachine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: BitKernels['combineChunks'] & { readonly memory: { readonly buffer: ArrayBuffer } } };
}

let kernels: BitKernels | undefined;

/** Made at first use: a thread that never combines bits has no module. */
export function bitKernels(): BitKernels {
  if (kernels !== undefined) return kernels;
  const { WebAssembly } = globalThis as unknown as { WebAssembly: VirtualMachine };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  const { buffer } = exports.memory;
  kernels = { left: Buffer.from(buffer, 0, CHUNK_BYTES), right: Buffer.from(buffer, CHUNK_BYTES, CHUNK_BYTES), combineChunks: exports };
  return kernels;
}

/** The vector instructions (prefix 0xfd). */
const VECTOR_OF: Readonly<Record<Operation, number>> = { and: 0x4e, or: 0x50, xor: 0x51, not: 0x4d };
const OPERATIONS = Object.keys(VECTOR_OF) as Operation[];

const I32 = 0x7f;
const LEFT = [4, 0]; // aligned to 2^4, offset 0
const RIGHT = [4, 0x80, 0x80, 0x01]; // offset 16,384 in LEB128
const load = (from: readonly number[]): number[] => [0x20, 0, 0xfd, 0x00, ...from];

function functionBody(operation: Operation): number[] {
  return [
    0, // no locals
    0x03, 0x40, // loop
    0x20, 0, 0x41, 16, 0x6b, 0x22, 0, // bytes −= 16, which is also where to store
    ...load(LEFT),
    ...(operation === 'not' ? [] : load(RIGHT)),
    0xfd, VECTOR_OF[operation],
    0xfd, 0x0b, ...LEFT, // store
    0x20, 0, 0x0d, 0, // again while bytes are left
    0x0b, 0x0b, // end of loop, of function
  ];
}

const sized = (bytes: readonly number[]): number[] => [bytes.length, ...bytes];
const listOf = (items: readonly (readonly number[])[]): number[] => [items.length, ...items.flat()];
const named = (name: string, kind: number, index: number): number[] => [...sized([...Buffer.from(name)]), kind, index];

/** Sections are shorter than 128 bytes, so that their sizes take one byte each; only that of the code takes two. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const code = listOf(OPERATIONS.map((operation) => sized(functionBody(operation))));
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    1, ...sized(listOf([[0x60, 1, I32, 0]])), // types: (i32) → nothing
    3, ...sized(listOf(OPERATIONS.map(() => [0]))), // functions of that type
    5, ...sized(listOf([[0, 1]])), // one page of memory
    7, ...sized(listOf([named('memory', 2, 0), ...OPERATIONS.map((operation, i) => named(operation, 0, i))])),
    10, (code.length & 0x7f) | 0x80, code.length >> 7, ...code,
  ]);
}
