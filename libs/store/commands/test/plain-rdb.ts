/**
 * RDB values without compression or integer strings, as much as codecs need: what they save can be compared with Redis' DUMP,
 * and what Redis dumped can be restored.
 */
import { DamagedValue } from '@larder/store-keyspace';
import type { InputString, ValueInput, ValueOutput } from '@larder/store-keyspace';

export class PlainOutput implements ValueOutput {
  readonly version = 10;
  private readonly parts: Buffer[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  length(n: number): void {
    if (n < 64) this.parts.push(Buffer.from([n]));
    else if (n < 16384) this.parts.push(Buffer.from([64 | (n >> 8), n & 255]));
    else if (n < 2 ** 32) {
      const part = Buffer.alloc(5, 0x80);
      part.writeUInt32BE(n, 1);
      this.parts.push(part);
    } else this.length64(Math.floor(n / 2 ** 32), n | 0);
  }

  length64(hi: number, lo: number): void {
    if (hi === 0) return this.length(lo >>> 0);
    const part = Buffer.alloc(9, 0x81);
    part.writeInt32BE(hi, 1);
    part.writeInt32BE(lo, 5);
    this.parts.push(part);
  }

  string(bytes: Uint8Array, off: number, length: number): void {
    this.length(length);
    this.parts.push(Buffer.from(bytes.subarray(off, off + length)));
  }

  raw(bytes: Uint8Array, off: number, length: number): void {
    this.parts.push(Buffer.from(bytes.subarray(off, off + length)));
  }

  double(x: number): void {
    const part = Buffer.alloc(8);
    part.writeDoubleLE(x);
    this.parts.push(part);
  }
}

export class PlainInput implements ValueInput {
  readonly isDeep = true;
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  private take(length: number): number {
    if (length > this.bytes.length - this.at) throw new DamagedValue('too short');
    this.at += length;
    return this.at - length;
  }

  length64(out: { hi: number; lo: number }): void {
    const head = this.bytes[this.take(1)]!;
    out.hi = 0;
    if (head < 64) out.lo = head;
    else if (head < 128) out.lo = ((head & 63) << 8) | this.bytes[this.take(1)]!;
    else if (head === 0x80) out.lo = this.bytes.readInt32BE(this.take(4));
    else if (head === 0x81) {
      out.hi = this.bytes.readInt32BE(this.take(4));
      out.lo = this.bytes.readInt32BE(this.take(4));
    } else throw new DamagedValue('no length');
  }

  length(): number {
    const out = { hi: 0, lo: 0 };
    this.length64(out);
    const n = (out.hi >>> 0) * 2 ** 32 + (out.lo >>> 0);
    if (n > Number.MAX_SAFE_INTEGER) throw new DamagedValue('length out of range');
    return n;
  }

  string(): InputString {
    const length = this.length();
    return { bytes: this.bytes, off: this.take(length), length };
  }

  raw(length: number): InputString {
    return { bytes: this.bytes, off: this.take(length), length };
  }

  double(): number {
    return this.bytes.readDoubleLE(this.take(8));
  }
}

/** The value in a DUMP reply: without type, version and checksum. */
export function valueOfDump(reply: string): Buffer {
  return Buffer.from(reply.slice(reply.indexOf('\n') + 2, -12), 'latin1');
}
