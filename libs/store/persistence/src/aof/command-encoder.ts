/**
 * Commands as an append-only file (and a replica) reads them: RESP arrays of bulk strings, one after the other.
 *
 *   *3\r\n $3\r\nSET\r\n $1\r\nk\r\n $1\r\nv\r\n
 */
import type { Args } from '@larder/store-resp';

const CRLF = 0x0d0a;

export const MULTI_BYTES: Buffer = Buffer.from('*1\r\n$5\r\nMULTI\r\n', 'latin1');
export const EXEC_BYTES: Buffer = Buffer.from('*1\r\n$4\r\nEXEC\r\n', 'latin1');

/** What stands before the first command of another database. */
export function selectBytes(database: number): Buffer {
  const text = String(database);
  return Buffer.from(`*2\r\n$6\r\nSELECT\r\n$${text.length}\r\n${text}\r\n`, 'latin1');
}

/** `aof-timestamp-enabled`: the second in which what follows was written. */
export function timestampBytes(seconds: number): Buffer {
  return Buffer.from(`#TS:${seconds}\r\n`, 'latin1');
}

/** A growing buffer of commands. */
export class CommandBuffer {
  buf: Buffer;
  pos = 0;

  constructor(bytes = 4096) {
    this.buf = Buffer.allocUnsafeSlow(bytes);
  }

  /** A command from arguments as they came or were rewritten. */
  args(args: Args): void {
    this.head(args.count);
    for (let i = 0; i < args.count; i++) this.part(args.buf, args.off[i]!, args.len[i]!);
  }

  /** A command from words: latin1 text or bytes. */
  words(...words: readonly (string | Uint8Array)[]): void {
    this.head(words.length);
    for (const word of words) {
      const bytes = typeof word === 'string' ? Buffer.from(word, 'latin1') : word;
      this.part(bytes, 0, bytes.length);
    }
  }

  /** Begins a command of `count` parts. */
  head(count: number): void {
    this.ensure(16);
    this.buf[this.pos++] = 42;
    this.number(count);
  }

  /** One part of a command. */
  part(bytes: Uint8Array, off: number, length: number): void {
    this.ensure(length + 20);
    const { buf } = this;
    buf[this.pos++] = 36;
    this.number(length);
    let { pos } = this;
    if (length <= 32) for (let i = off, end = off + length; i < end; i++) buf[pos++] = bytes[i]!;
    else {
      buf.set(off === 0 && length === bytes.length ? bytes : bytes.subarray(off, off + length), pos);
      pos += length;
    }
    this.pos = buf.writeUInt16BE(CRLF, pos);
  }

  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  private number(n: number): void {
    const { buf } = this;
    let { pos } = this;
    if (n < 10) buf[pos++] = 48 + n;
    else if (n < 100) {
      buf[pos++] = 48 + ((n / 10) | 0);
      buf[pos++] = 48 + (n % 10);
    } else pos += buf.write(String(n), pos, 'latin1');
    this.pos = buf.writeUInt16BE(CRLF, pos);
  }

  private ensure(bytes: number): void {
    if (this.pos + bytes <= this.buf.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buf.length * 2, this.pos + bytes));
    this.buf.copy(larger, 0, 0, this.pos);
    this.buf = larger;
  }
}
