// Reading Lua tables in place, in the order in which Lua's own `next` would give them.
import {
  cellBytes,
  cellType,
  nodeBytes,
  nodeKey,
  nodeKeyType,
  nodeNext,
  stringHash,
  tableArray,
  tableArraySize,
  tableNodes,
  tableNodesLog2,
  typeNil,
  typeNumber,
  typeString,
} from './lua-layout';
import type { LuaRuntime } from './lua-runtime';

/**
 * The positions of a table: 0 … arraySize-1 are the array part, then the nodes. `nextPosition` finds the next one that holds
 * a value, or -1.
 */
export function nextPosition(runtime: LuaRuntime, table: number, from: number): number {
  const i32 = runtime.i32;
  const arraySize = i32[(table + tableArraySize) >> 2]!;
  const array = i32[(table + tableArray) >> 2]!;
  let position = from;
  for (; position < arraySize; position++) {
    if (i32[(array + position * cellBytes + cellType) >> 2] !== typeNil) return position;
  }
  const nodes = i32[(table + tableNodes) >> 2]!;
  const end = arraySize + (1 << runtime.u8[table + tableNodesLog2]!);
  for (; position < end; position++) {
    if (i32[(nodes + (position - arraySize) * nodeBytes + cellType) >> 2] !== typeNil) return position;
  }
  return -1;
}

/** The cell of the value at a position. */
export function valueCell(runtime: LuaRuntime, table: number, position: number): number {
  const i32 = runtime.i32;
  const arraySize = i32[(table + tableArraySize) >> 2]!;
  if (position < arraySize) return i32[(table + tableArray) >> 2]! + position * cellBytes;
  return i32[(table + tableNodes) >> 2]! + (position - arraySize) * nodeBytes;
}

/** The cell of the key at a position of the node part; undefined for the array part, whose key is position + 1. */
export function keyCell(runtime: LuaRuntime, table: number, position: number): number | undefined {
  const i32 = runtime.i32;
  const arraySize = i32[(table + tableArraySize) >> 2]!;
  if (position < arraySize) return undefined;
  return i32[(table + tableNodes) >> 2]! + (position - arraySize) * nodeBytes + nodeKey;
}

/** The value cell under a string key (a string object that is anchored somewhere), or 0. */
export function fieldCell(runtime: LuaRuntime, table: number, key: number): number {
  const { i32, u8 } = runtime;
  const mask = (1 << u8[table + tableNodesLog2]!) - 1;
  let node = i32[(table + tableNodes) >> 2]! + (i32[(key + stringHash) >> 2]! & mask) * nodeBytes;
  while (node !== 0) {
    if (i32[(node + nodeKeyType) >> 2] === typeString && i32[(node + nodeKey) >> 2] === key) {
      return i32[(node + cellType) >> 2] === typeNil ? 0 : node;
    }
    node = i32[(node + nodeNext) >> 2]!;
  }
  return 0;
}

/** True when a table has nothing in its node part: all tables of that kind share one empty node. */
export function hasNoNodes(runtime: LuaRuntime, table: number, emptyNode: number): boolean {
  return runtime.i32[(table + tableNodes) >> 2] === emptyNode;
}

/** The cell of t[n], n ≥ 1, raw; 0 when it is nil. */
export function indexCell(runtime: LuaRuntime, table: number, n: number): number {
  const { i32, f64 } = runtime;
  const arraySize = i32[(table + tableArraySize) >> 2]!;
  if (n <= arraySize) {
    const cell = i32[(table + tableArray) >> 2]! + (n - 1) * cellBytes;
    return i32[(cell + cellType) >> 2] === typeNil ? 0 : cell;
  }
  let node = i32[(table + tableNodes) >> 2]! + numberSlot(n, 1 << runtime.u8[table + tableNodesLog2]!) * nodeBytes;
  while (node !== 0) {
    if (i32[(node + nodeKeyType) >> 2] === typeNumber && f64[(node + nodeKey) >> 3] === n) {
      return i32[(node + cellType) >> 2] === typeNil ? 0 : node;
    }
    node = i32[(node + nodeNext) >> 2]!;
  }
  return 0;
}

const numberBits = new Float64Array(1);
const numberWords = new Uint32Array(numberBits.buffer);

/** Lua's hash of a number: the sum of its two words, modulo an odd number. */
function numberSlot(n: number, nodes: number): number {
  numberBits[0] = n;
  return ((numberWords[0]! + numberWords[1]!) >>> 0) % ((nodes - 1) | 1);
}
