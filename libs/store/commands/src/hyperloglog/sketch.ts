/**
 * A HyperLogLog sketch in Redis' own bytes: 16384 registers of 6 bits behind a header of 16.
 *
 *   "HYLL" | encoding: 0 dense, 1 sparse | 0 0 0 | cached cardinality, 8 bytes LE; its highest bit says "out of date"
 *
 *   dense   12288 bytes: register r lies in bits 6r … 6r+5, the lowest bit of a byte first
 *   sparse  runs:  00xxxxxx           x + 1 registers are 0          01xxxxxx yyyyyyyy   the same, up to 16384
 *                  1vvvvvxx           x + 1 registers are v + 1      (values up to 32)
 *
 * Functions take a range (u8, off, length) that begins with the header. The bytes may have come from anyone (a sketch is
 * a string), so nothing here leaves the range; a byte behind it reads as 0, as Redis' end byte does.
 *
 * Facts: hyperloglog.c of Redis 7.0. The estimate is Otmar Ertl's, arXiv:1702.01284.
 */
import { hash, hashElement } from './murmur';

export const HEADER_BYTES = 16;
export const REGISTERS = 16384;
export const DENSE_BYTES = HEADER_BYTES + (REGISTERS * 6) / 8;
export const EMPTY_SPARSE_BYTES = HEADER_BYTES + 2;
export const DENSE = 0;
export const SPARSE = 1;

const ENCODING_AT = 4;
const CARDINALITY_AT = 8;
const SPARSE_VALUE_MAX = 32;
const SHORT_ZERO_MAX = 64;
const RUN_MAX = 4;
/** Registers hold at most this for honest elements: 50 zero bits and the one behind them. */
const RANK_MAX = 51;

/** Is this a sketch, by its outline? */
export function isSketch(u8: Uint8Array, off: number, length: number): boolean {
  if (length < HEADER_BYTES) return false;
  if (u8[off] !== 0x48 || u8[off + 1] !== 0x59 || u8[off + 2] !== 0x4c || u8[off + 3] !== 0x4c) return false;
  const encoding = u8[off + ENCODING_AT]!;
  return encoding === SPARSE || (encoding === DENSE && length === DENSE_BYTES);
}

export function encodingOf(u8: Uint8Array, off: number): number {
  return u8[off + ENCODING_AT]!;
}

export function setEncoding(u8: Uint8Array, off: number, encoding: number): void {
  u8[off + ENCODING_AT] = encoding;
}

/** An empty sparse sketch of EMPTY_SPARSE_BYTES. */
export function writeEmpty(u8: Uint8Array, off: number): void {
  u8.fill(0, off, off + HEADER_BYTES);
  u8[off] = 0x48;
  u8[off + 1] = 0x59;
  u8[off + 2] = u8[off + 3] = 0x4c;
  u8[off + ENCODING_AT] = SPARSE;
  writeZeros(u8, off + HEADER_BYTES, REGISTERS);
}

// ── The cached cardinality ─────────────────────────────────────────────────────────────────────────────────────────

export function hasCardinality(u8: Uint8Array, off: number): boolean {
  return (u8[off + CARDINALITY_AT + 7]! & 0x80) === 0;
}

export function forgetCardinality(u8: Uint8Array, off: number): void {
  u8[off + CARDINALITY_AT + 7]! |= 0x80;
}

export function cardinality(u8: Uint8Array, off: number): number | bigint {
  const at = off + CARDINALITY_AT;
  if (u8[at + 7] === 0 && u8[at + 6] === 0) {
    let small = 0;
    for (let i = 5; i >= 0; i--) small = small * 256 + u8[at + i]!;
    return small;
  }
  let sum = 0n;
  for (let i = 7; i >= 0; i--) sum = (sum << 8n) | BigInt(u8[off + CARDINALITY_AT + i]!);
  return BigInt.asIntN(64, sum);
}

export function setCardinality(u8: Uint8Array, off: number, n: bigint): void {
  let rest = BigInt.asUintN(64, n);
  for (let i = 0; i < 8; i++) {
    u8[off + CARDINALITY_AT + i] = Number(rest & 255n);
    rest >>= 8n;
  }
}

// ── An element's place ─────────────────────────────────────────────────────────────────────────────────────────────

/** Register and rank of an element; valid until the next call. */
export const place = { register: 0, rank: 0 };

export function locate(bytes: Uint8Array, off: number, length: number): void {
  hashElement(bytes, off, length);
  place.register = hash.lo & (REGISTERS - 1);
  const low = hash.lo >>> 14;
  if (low !== 0) place.rank = trailingZeros(low) + 1;
  else place.rank = hash.hi === 0 ? RANK_MAX : trailingZeros(hash.hi) + 19;
}

function trailingZeros(x: number): number {
  return 31 - Math.clz32(x & -x);
}

// ── Dense ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export function denseRegister(u8: Uint8Array, off: number, register: number): number {
  const bit = register * 6;
  const at = off + HEADER_BYTES + (bit >> 3);
  const shift = bit & 7;
  if (shift <= 2) return (u8[at]! >> shift) & 63;
  return ((u8[at]! >> shift) | (u8[at + 1]! << (8 - shift))) & 63;
}

export function setDenseRegister(u8: Uint8Array, off: number, register: number, rank: number): void {
  const bit = register * 6;
  const at = off + HEADER_BYTES + (bit >> 3);
  const shift = bit & 7;
  u8[at] = (u8[at]! & ~(63 << shift)) | (rank << shift);
  if (shift > 2) u8[at + 1] = (u8[at + 1]! & ~(63 >> (8 - shift))) | (rank >> (8 - shift));
}

/** Raises a register to `rank`; false when it is as high already. */
export function raiseDense(u8: Uint8Array, off: number, register: number, rank: number): boolean {
  if (denseRegister(u8, off, register) >= rank) return false;
  setDenseRegister(u8, off, register, rank);
  return true;
}

// ── Sparse ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function isShortZeros(byte: number): boolean {
  return byte < 0x40;
}

function isValue(byte: number): boolean {
  return byte >= 0x80;
}

function valueOf(byte: number): number {
  return ((byte >> 2) & 31) + 1;
}

function runOf(byte: number): number {
  return (byte & 3) + 1;
}

function longZeros(u8: Uint8Array, p: number, end: number): number {
  return (((u8[p]! & 63) << 8) | (p + 1 < end ? u8[p + 1]! : 0)) + 1;
}

function valueByte(value: number, run: number): number {
  return 0x80 | ((value - 1) << 2) | (run - 1);
}

/** Writes a run of zeros, short if it can be; answers the position behind it. */
function writeZeros(u8: Uint8Array, p: number, run: number): number {
  if (run <= SHORT_ZERO_MAX) {
    u8[p] = run - 1;
    return p + 1;
  }
  u8[p] = 0x40 | ((run - 1) >> 8);
  u8[p + 1] = (run - 1) & 255;
  return p + 2;
}

/** What `planRaise` found out. */
export const CORRUPT = -1;
/** The register is as high already. */
export const UNCHANGED = 0;
/** `plan` says which bytes take the place of which. */
export const PLANNED = 1;
/** The rank is beyond what a sparse sketch can say. */
export const TOO_HIGH = 2;

/** plan.bytes[0, plan.length) are to replace [at, at + old); `before` is the run in front of them, or −1. Places count from the sketch's start. */
export const plan = { at: 0, old: 0, length: 0, before: -1, bytes: new Uint8Array(5) };

/** Finds what raising a register of a sparse sketch takes, and changes nothing. */
export function planRaise(u8: Uint8Array, off: number, length: number, register: number, rank: number): number {
  if (rank > SPARSE_VALUE_MAX) return TOO_HIGH;
  const end = off + length;
  let p = off + HEADER_BYTES;
  let before = -1;
  let first = 0;
  let run = 0;
  let size = 1;
  for (; p < end; p += size) {
    const byte = u8[p]!;
    size = 1;
    if (isShortZeros(byte)) run = byte + 1;
    else if (isValue(byte)) run = runOf(byte);
    else {
      run = longZeros(u8, p, end);
      size = 2;
    }
    if (register < first + run) break;
    before = p;
    first += run;
  }
  if (run === 0 || p >= end) return CORRUPT;
  const byte = u8[p]!;
  const value = isValue(byte) ? valueOf(byte) : 0;
  if (value >= rank) return UNCHANGED;
  const { bytes } = plan;
  let n = 0;
  if (register > first) n = value === 0 ? writeZeros(bytes, n, register - first) : writeValue(bytes, n, value, register - first);
  n = writeValue(bytes, n, rank, 1);
  const behind = first + run - 1 - register;
  if (behind > 0) n = value === 0 ? writeZeros(bytes, n, behind) : writeValue(bytes, n, value, behind);
  plan.at = p - off;
  plan.old = Math.min(size, end - p);
  plan.length = n;
  plan.before = before < 0 ? -1 : before - off;
  return PLANNED;
}

function writeValue(u8: Uint8Array, p: number, value: number, run: number): number {
  u8[p] = valueByte(value, run);
  return p + 1;
}

/**
 * Carries out `plan` on a sketch of `length` bytes that has room for `plan.length − plan.old` more, then joins equal
 * neighbours, as far as Redis does. Answers the new length.
 */
export function carryOut(u8: Uint8Array, off: number, length: number): number {
  const { at, old, bytes, before } = plan;
  const grown = length + plan.length - old;
  if (plan.length !== old) u8.copyWithin(off + at + plan.length, off + at + old, off + length);
  for (let i = 0; i < plan.length; i++) u8[off + at + i] = bytes[i]!;
  let end = off + grown;
  let p = off + (before >= 0 ? before : HEADER_BYTES);
  for (let looks = 5; p < end && looks > 0; looks--) {
    const byte = u8[p]!;
    if (!isValue(byte)) {
      p += isShortZeros(byte) ? 1 : 2;
      continue;
    }
    const next = p + 1 < end ? u8[p + 1]! : 0;
    if (isValue(next) && valueOf(next) === valueOf(byte) && runOf(byte) + runOf(next) <= RUN_MAX) {
      u8[p + 1] = valueByte(valueOf(byte), runOf(byte) + runOf(next));
      u8.copyWithin(p, p + 1, end);
      end--;
      continue;
    }
    p++;
  }
  forgetCardinality(u8, off);
  return end - off;
}

/** Runs of a sparse sketch as PFDEBUG DECODE shows them. */
export function sparseText(u8: Uint8Array, off: number, length: number): string {
  const words: string[] = [];
  const end = off + length;
  for (let p = off + HEADER_BYTES; p < end; p++) {
    const byte = u8[p]!;
    if (isShortZeros(byte)) words.push(`z:${byte + 1}`);
    else if (isValue(byte)) words.push(`v:${valueOf(byte)},${runOf(byte)}`);
    else words.push(`Z:${longZeros(u8, p++, end)}`);
  }
  return words.join(' ');
}

// ── All registers ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Raises each of `registers` to the sketch's. False when a sparse sketch does not cover all of them. */
export function mergeInto(registers: Uint8Array, u8: Uint8Array, off: number, length: number): boolean {
  if (encodingOf(u8, off) === DENSE) {
    for (let r = 0, p = off + HEADER_BYTES; r < REGISTERS; r += 4, p += 3) {
      const b0 = u8[p]!;
      const b1 = u8[p + 1]!;
      const b2 = u8[p + 2]!;
      raise(registers, r, b0 & 63);
      raise(registers, r + 1, (b0 >> 6) | ((b1 & 15) << 2));
      raise(registers, r + 2, (b1 >> 4) | ((b2 & 3) << 4));
      raise(registers, r + 3, b2 >> 2);
    }
    return true;
  }
  const end = off + length;
  let r = 0;
  for (let p = off + HEADER_BYTES; p < end; p++) {
    const byte = u8[p]!;
    if (isShortZeros(byte)) r += byte + 1;
    else if (!isValue(byte)) r += longZeros(u8, p++, end);
    else {
      const run = runOf(byte);
      if (r + run > REGISTERS) return false;
      for (let i = 0; i < run; i++) raise(registers, r++, valueOf(byte));
    }
  }
  return r === REGISTERS;
}

function raise(registers: Uint8Array, r: number, rank: number): void {
  if (rank > registers[r]!) registers[r] = rank;
}

/** Writes all registers behind the header of a dense sketch. */
export function writeDense(registers: Uint8Array, u8: Uint8Array, off: number): void {
  for (let r = 0, p = off + HEADER_BYTES; r < REGISTERS; r += 4, p += 3) {
    const word = registers[r]! | (registers[r + 1]! << 6) | (registers[r + 2]! << 12) | (registers[r + 3]! << 18);
    u8[p] = word & 255;
    u8[p + 1] = (word >> 8) & 255;
    u8[p + 2] = word >> 16;
  }
}

const histogram = new Int32Array(64);
const parts = new Int32Array(4 * 64);

/** The estimate for a sketch; undefined when a sparse one does not cover all registers. */
export function estimate(u8: Uint8Array, off: number, length: number): bigint | undefined {
  histogram.fill(0);
  if (encodingOf(u8, off) === DENSE) {
    // Neighbours are often equal; counting them in different places spares waiting for the last count.
    parts.fill(0);
    for (let p = off + HEADER_BYTES, end = off + DENSE_BYTES; p < end; p += 3) {
      const b0 = u8[p]!;
      const b1 = u8[p + 1]!;
      const b2 = u8[p + 2]!;
      parts[b0 & 63]!++;
      parts[64 + ((b0 >> 6) | ((b1 & 15) << 2))]!++;
      parts[128 + ((b1 >> 4) | ((b2 & 3) << 4))]!++;
      parts[192 + (b2 >> 2)]!++;
    }
    for (let rank = 0; rank < 64; rank++) histogram[rank] = parts[rank]! + parts[64 + rank]! + parts[128 + rank]! + parts[192 + rank]!;
    return fromHistogram();
  }
  const end = off + length;
  let covered = 0;
  for (let p = off + HEADER_BYTES; p < end; p++) {
    const byte = u8[p]!;
    const run = isShortZeros(byte) ? byte + 1 : isValue(byte) ? runOf(byte) : longZeros(u8, p++, end);
    histogram[isValue(byte) ? valueOf(byte) : 0]! += run;
    covered += run;
  }
  return covered === REGISTERS ? fromHistogram() : undefined;
}

export function estimateRegisters(registers: Uint8Array): bigint {
  histogram.fill(0);
  for (let r = 0; r < REGISTERS; r++) histogram[registers[r]!]!++;
  return fromHistogram();
}

const HALF_BY_LN2 = 0.721347520444481703680;

function fromHistogram(): bigint {
  const m = REGISTERS;
  let z = m * tau((m - histogram[RANK_MAX]!) / m);
  for (let rank = RANK_MAX - 1; rank >= 1; rank--) z = (z + histogram[rank]!) * 0.5;
  z += m * sigma(histogram[0]! / m);
  const estimated = Math.round((HALF_BY_LN2 * m * m) / z);
  // Registers that no elements can make: C's conversion of what is beyond 64 bits.
  return estimated < 2 ** 63 ? BigInt(estimated) : -(2n ** 63n);
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let y = 1;
  let z = x;
  for (let before = NaN; before !== z; ) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1;
  let z = 1 - x;
  for (let before = NaN; before !== z; ) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}
