// How Lua 5.1 lays its objects out in the image's memory (wasm32), so that values are read without a call per field.
// It belongs to the one image that lua-image.ts admits. Writing always goes through the C API, with one exception: the
// read-only bit.
//
//   value cell   [ value 8 | type 4 | unused 4 ]                       16 bytes: stack slots, array parts
//   string       [ next 4 | type | marked | reserved | - | hash 4 | length 4 | bytes … | 0 ]
//   table        [ next 4 | type | marked | flags | log2(nodes) | metatable 4 | array 4 | nodes 4 | free 4 | gray 4 | array size 4 ]
//   node         [ value cell 12 | - 4 | key value 8 | key type 4 | next node 4 ]             32 bytes
//   state        [ next 4 | type | marked | status | - | top 4 | base 4 | global 4 … ]
//
// Lua's `next` walks the array part by index, then the nodes by position; whoever walks as it does sees the same order.

export const typeNil = 0;
export const typeBoolean = 1;
export const typeLightUserdata = 2;
export const typeNumber = 3;
export const typeString = 4;
export const typeTable = 5;

export const typeNames = ['nil', 'boolean', 'userdata', 'number', 'string', 'table', 'function', 'userdata', 'thread'] as const;

export const cellBytes = 16;
export const cellType = 8;

export const stringHash = 8;
export const stringLength = 12;
export const stringBytes = 16;

export const tableMarked = 5;
export const tableNodesLog2 = 7;
export const tableMetatable = 8;
export const tableArray = 12;
export const tableNodes = 16;
export const tableArraySize = 28;

export const nodeBytes = 32;
export const nodeKey = 16;
export const nodeKeyType = 24;
export const nodeNext = 28;

export const stateTop = 8;
export const stateBase = 12;

export const readonlyBit = 0x80;

/**
 * How deep our own recursions go (nested JSON, MessagePack, results). Lua's C stack would allow 8,000 slots; JavaScript's stack is
 * shorter, and running out of it inside Lua would leave the state in pieces.
 */
export const recursionMax = 2000;

export const registryIndex = -10000;
export const globalsIndex = -10002;
export const upvalueIndex = (i: number): number => globalsIndex - i;

export const multipleResults = -1;
export const hookLine = 4;
export const hookCount = 8;
export const collectCount = 3;
export const collectCountBytes = 4;
export const collectStep = 5;
