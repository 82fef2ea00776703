/**
 * From frames to an RDB file's bytes: integer forms, compression, checksum. Runs where the time is: in a worker for a
 * background save, in place for SAVE.
 *
 *   frames (made by RdbFrames, which only copies)            bytes of the file
 *   [ RAW    | n ] n bytes                              ──▶   the same bytes
 *   [ STRING | n ] n bytes                              ──▶   length + bytes, or an integer form, or LZF
 *
 * A frame's head is one word: n · 2 + kind, little-endian; frames are not aligned.
 *
 * Frames come in chunks (RdbFrames). While an entry goes on from chunk to chunk, chunks of others are put aside and follow it, in
 * memory or, beyond ASIDE_BYTES_MAX, through a `spill`, so that memory stays bounded however long the entry is.
 */
import { Crc64, copyBytes, lzfCompress, parseSafeInteger } from '@larder/store-datatypes';
import { COMPRESS_BYTES_MIN, ENC_INT16, ENC_INT32, ENC_INT8, ENC_LZF } from './rdb-format';

export const FRAME_RAW = 0;
export const FRAME_STRING = 1;

/** A chunk's head. */
export const CHUNK_HEAD_BYTES = 4;
/** It goes on with an entry that the owner's chunk before began; */
export const CHUNK_CONTINUES = 1;
/** it ends amid an entry. */
export const CHUNK_OPEN = 2;

/** Bytes put aside in memory, where there is a spill. */
const ASIDE_BYTES_MAX = 8 << 20;

/** Keeps bytes put aside, first in first out. */
export interface Spill {
  write(bytes: Buffer): void;
  /** Fills `into` as far as there is something; how much. */
  read(into: Buffer): number;
}

export interface EncoderOptions {
  /** `rdbcompression`. */
  compresses: boolean;
  /** `rdbchecksum`. */
  checks: boolean;
}

export class RdbEncoder {
  private out = Buffer.allocUnsafeSlow(1 << 20);
  private pos = 0;
  private readonly crc = new Crc64();
  private readonly options: EncoderOptions;
  private readonly spill: Spill | undefined;
  private isOpen = false;
  private readonly aside: Buffer[] = [];
  private asideBytes = 0;
  private hasSpilled = false;

  /** With a `spill`, `more` must be called after each `encode` until it has nothing. */
  constructor(options: EncoderOptions, spill?: Spill) {
    this.options = options;
    this.spill = spill;
  }

  /** Encodes a chunk; returns the bytes that are to be written now, valid until the next call: none if they have to wait. */
  encode(chunk: Buffer, length: number): Buffer {
    const head = chunk.readUInt32LE(0);
    this.frames(chunk, length);
    if (this.isOpen && (head & CHUNK_CONTINUES) === 0) return this.putAside();
    this.isOpen = (head & CHUNK_OPEN) !== 0;
    if (!this.isOpen) {
      for (const bytes of this.aside.splice(0)) this.raw(bytes, 0, bytes.length);
      this.asideBytes = 0;
    }
    return this.finish();
  }

  /** What a spill kept and is to be written now, piece by piece; empty at the end. */
  more(): Buffer {
    this.pos = 0;
    if (this.isOpen || !this.hasSpilled) return this.finish();
    this.pos = this.spill!.read(this.out);
    if (this.pos === 0) this.hasSpilled = false;
    return this.finish();
  }

  private putAside(): Buffer {
    const bytes = this.out.subarray(0, this.pos);
    if (this.spill !== undefined && this.asideBytes + bytes.length > ASIDE_BYTES_MAX) {
      this.spill.write(bytes);
      this.hasSpilled = true;
    } else {
      this.aside.push(Buffer.from(bytes));
      this.asideBytes += bytes.length;
    }
    return this.out.subarray(0, 0);
  }

  private frames(frames: Buffer, length: number): void {
    this.pos = 0;
    for (let p = CHUNK_HEAD_BYTES; p < length; ) {
      const head = frames.readUInt32LE(p);
      const n = head >>> 1;
      p += 4;
      if ((head & 1) === FRAME_RAW) this.raw(frames, p, n);
      else this.string(frames, p, n);
      p += n;
    }
  }

  /** The checksum that ends the file: zeros when checksums are off. */
  trailer(): Buffer {
    const bytes = Buffer.alloc(8);
    if (this.options.checks) this.crc.write(bytes, 0);
    return bytes;
  }

  private finish(): Buffer {
    if (this.options.checks) this.crc.update(this.out, 0, this.pos);
    return this.out.subarray(0, this.pos);
  }

  private ensure(bytes: number): void {
    if (this.pos + bytes <= this.out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.out.length * 2, this.pos + bytes));
    this.out.copy(larger, 0, 0, this.pos);
    this.out = larger;
  }

  private raw(bytes: Buffer, off: number, length: number): void {
    this.ensure(length);
    copyBytes(bytes, off, this.out, this.pos, length);
    this.pos += length;
  }

  private string(bytes: Buffer, off: number, length: number): void {
    this.ensure(length + 16);
    if (length <= 11 && this.integer(bytes, off, length)) return;
    if (this.options.compresses && length >= COMPRESS_BYTES_MIN && this.compressed(bytes, off, length)) return;
    this.pos += writeLength(this.out, this.pos, length);
    this.raw(bytes, off, length);
  }

  private integer(bytes: Buffer, off: number, length: number): boolean {
    const n = parseSafeInteger(bytes, off, length);
    if (n !== n || n < -0x80000000 || n > 0x7fffffff) return false;
    const { out } = this;
    if (n >= -128 && n <= 127) {
      out[this.pos] = ENC_INT8;
      out.writeInt8(n, this.pos + 1);
      this.pos += 2;
    } else if (n >= -32768 && n <= 32767) {
      out[this.pos] = ENC_INT16;
      out.writeInt16LE(n, this.pos + 1);
      this.pos += 3;
    } else {
      out[this.pos] = ENC_INT32;
      out.writeInt32LE(n, this.pos + 1);
      this.pos += 5;
    }
    return true;
  }

  /** LZF where it saves at least four bytes. */
  private compressed(bytes: Buffer, off: number, length: number): boolean {
    this.ensure(length + 32);
    const at = this.pos + 20;
    const size = lzfCompress(bytes, off, length, this.out, at, length - 4);
    if (size === 0) return false;
    this.out[this.pos++] = ENC_LZF;
    this.pos += writeLength(this.out, this.pos, size);
    this.pos += writeLength(this.out, this.pos, length);
    // From left to right, towards the left: it may overlap.
    copyBytes(this.out, at, this.out, this.pos, size);
    this.pos += size;
    return true;
  }
}

/** Writes a length (below 2^53); returns how many bytes it took. */
export function writeLength(out: Buffer, at: number, n: number): number {
  if (n < 64) {
    out[at] = n;
    return 1;
  }
  if (n < 16384) {
    out[at] = 0x40 | (n >> 8);
    out[at + 1] = n & 255;
    return 2;
  }
  if (n <= 0xffffffff) {
    out[at] = 0x80;
    out.writeUInt32BE(n, at + 1);
    return 5;
  }
  out[at] = 0x81;
  out.writeUInt32BE(Math.floor(n / 2 ** 32), at + 1);
  out.writeUInt32BE(n >>> 0, at + 5);
  return 9;
}
