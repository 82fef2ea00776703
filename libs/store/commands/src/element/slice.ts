/**
 * One element's bytes, wherever they lie: in a record, in a blob, or, when the blob holds an integer, as digits in the
 * slice's own scratch. Kept and reused; what it shows is good until the next thing that fills it or changes the content.
 */
import { INT64_TEXT_BYTES_MAX, listpack, writeInt64 } from '@larder/store-datatypes';

const entry = new listpack.Entry();

export class Slice {
  bytes: Buffer;
  off = 0;
  length = 0;
  private readonly digits = Buffer.alloc(INT64_TEXT_BYTES_MAX + 1);

  constructor() {
    this.bytes = this.digits;
  }

  set(bytes: Uint8Array, off: number, length: number): void {
    this.bytes = bytes as Buffer;
    this.off = off;
    this.length = length;
  }

  setInteger(hi: number, lo: number): void {
    this.bytes = this.digits;
    this.off = 0;
    this.length = writeInt64(hi, lo, this.digits, 0);
  }

  /** The listpack entry at position `p` of `u8`. */
  setEntry(u8: Uint8Array, p: number): void {
    listpack.read(u8, p, entry);
    if (entry.isInteger) this.setInteger(entry.hi, entry.lo);
    else this.set(u8, entry.start, entry.length);
  }

  /** Its own bytes, for the journal and other things that stay. */
  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.off, this.off + this.length));
  }
}
