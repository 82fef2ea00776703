/**
 * Stream ids: two unsigned 64-bit numbers, milliseconds and sequence, kept as four 32-bit halves. Text is `ms-seq`.
 */
import { Int64, writeUint64 } from './int64';
import { parseUint64 } from './uint64-text';

export class StreamId {
  msHi = 0;
  msLo = 0;
  seqHi = 0;
  seqLo = 0;

  set(msHi: number, msLo: number, seqHi: number, seqLo: number): this {
    this.msHi = msHi | 0;
    this.msLo = msLo | 0;
    this.seqHi = seqHi | 0;
    this.seqLo = seqLo | 0;
    return this;
  }

  copy(other: StreamId): this {
    return this.set(other.msHi, other.msLo, other.seqHi, other.seqLo);
  }

  setMin(): this {
    return this.set(0, 0, 0, 0);
  }

  setMax(): this {
    return this.set(-1, -1, -1, -1);
  }

  get isMin(): boolean {
    return (this.msHi | this.msLo | this.seqHi | this.seqLo) === 0;
  }

  get isMax(): boolean {
    return (this.msHi & this.msLo & this.seqHi & this.seqLo) === -1;
  }

  sameMs(other: StreamId): boolean {
    return this.msHi === other.msHi && this.msLo === other.msLo;
  }

  compare(other: StreamId): number {
    if (this.msHi !== other.msHi) return this.msHi >>> 0 < other.msHi >>> 0 ? -1 : 1;
    if (this.msLo !== other.msLo) return this.msLo >>> 0 < other.msLo >>> 0 ? -1 : 1;
    if (this.seqHi !== other.seqHi) return this.seqHi >>> 0 < other.seqHi >>> 0 ? -1 : 1;
    if (this.seqLo !== other.seqLo) return this.seqLo >>> 0 < other.seqLo >>> 0 ? -1 : 1;
    return 0;
  }

  /** The next id; false (and 0-0) behind the last one. */
  increment(): boolean {
    this.seqLo = (this.seqLo + 1) | 0;
    if (this.seqLo !== 0) return true;
    this.seqHi = (this.seqHi + 1) | 0;
    if (this.seqHi !== 0) return true;
    this.msLo = (this.msLo + 1) | 0;
    if (this.msLo !== 0) return true;
    this.msHi = (this.msHi + 1) | 0;
    return this.msHi !== 0;
  }

  /** The id before; false (and the last one) before 0-0. */
  decrement(): boolean {
    const isMin = this.isMin;
    this.seqLo = (this.seqLo - 1) | 0;
    if (this.seqLo !== -1) return true;
    this.seqHi = (this.seqHi - 1) | 0;
    if (this.seqHi !== -1) return true;
    this.msLo = (this.msLo - 1) | 0;
    if (this.msLo !== -1) return true;
    this.msHi = (this.msHi - 1) | 0;
    return !isMin;
  }

  /** `n` is a safe integer. */
  setMs(n: number): void {
    this.msHi = Math.floor(n / 4294967296) | 0;
    this.msLo = n | 0;
  }

  write(dst: Uint8Array, off: number): number {
    off = writeUint64(this.msHi, this.msLo, dst, off);
    dst[off] = 0x2d;
    return writeUint64(this.seqHi, this.seqLo, dst, off + 1);
  }

  text(): string {
    return scratch.toString('latin1', 0, this.write(scratch, 0));
  }

  /** 16 bytes, most significant first: the key of a node in RDB, whose byte order is that of the ids. */
  writeBytes(dst: Buffer, off: number): void {
    dst.writeInt32BE(this.msHi, off);
    dst.writeInt32BE(this.msLo, off + 4);
    dst.writeInt32BE(this.seqHi, off + 8);
    dst.writeInt32BE(this.seqLo, off + 12);
  }

  readBytes(src: Buffer, off: number): this {
    return this.set(src.readInt32BE(off), src.readInt32BE(off + 4), src.readInt32BE(off + 8), src.readInt32BE(off + 12));
  }
}

export const STREAM_ID_TEXT_BYTES_MAX = 41;
const scratch = Buffer.alloc(STREAM_ID_TEXT_BYTES_MAX + 2);
const TEXT_BYTES_MAX = 127;

export const ID_INVALID = 0;
export const ID_WHOLE = 1;
/** `ms-*`: the sequence is to be made up. */
export const ID_NEEDS_SEQUENCE = 2;

const ms = new Int64();
const seq = new Int64();

/**
 * Reads `ms`, `ms-seq` or (when `mayLackSequence`) `ms-*`. A missing sequence is 0, or the last one with `seqIsMax`. Redis reads a
 * C string, so a NUL ends the text.
 */
export function parseStreamId(u8: Uint8Array, off: number, length: number, seqIsMax: boolean, mayLackSequence: boolean, out: StreamId): number {
  if (length > TEXT_BYTES_MAX) return ID_INVALID;
  let stop = off;
  let dash = -1;
  for (const end = off + length; stop < end && u8[stop] !== 0; stop++) if (u8[stop] === 0x2d && dash < 0) dash = stop;
  const msEnd = dash < 0 ? stop : dash;
  if (!parseUint64(u8, off, msEnd - off, ms)) return ID_INVALID;
  let verdict = ID_WHOLE;
  if (dash < 0) {
    seq.hi = seq.lo = seqIsMax ? -1 : 0;
  } else if (mayLackSequence && stop - dash === 2 && u8[dash + 1] === 0x2a) {
    seq.hi = seq.lo = 0;
    verdict = ID_NEEDS_SEQUENCE;
  } else if (!parseUint64(u8, dash + 1, stop - dash - 1, seq)) return ID_INVALID;
  out.set(ms.hi, ms.lo, seq.hi, seq.lo);
  return verdict;
}
