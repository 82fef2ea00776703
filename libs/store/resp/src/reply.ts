/**
 * Writes replies, RESP2 or RESP3, into one reused buffer.
 *
 *   buf  [ replies of this read event …… | free ]
 *        0                              pos
 *
 * Commands only append; the owner takes `buf[0 … pos)` at the end of the read event, copies it once, and resets `pos`.
 * The buffer doubles when a reply needs it; an owner that finds it oversized hands the buffer itself on and starts anew.
 * Source: the RESP2 and RESP3 specifications; for each type the RESP2 fallback is the one that Redis uses.
 */
export const REPLY_BUFFER_BYTES = 1 << 20;
/** One command's reply may not be larger: two billion answers to SRANDMEMBER would end the process, and so every client. */
const REPLY_BYTES_MAX = 1 << 30;

/** Thrown when a reply outgrows `bytesMax`; the dispatcher takes the command's reply back and answers an error. */
export class ReplyTooLarge extends Error {}

const CRLF = 0x0a0d;
const ascii = (text: string) => Buffer.from(text, 'latin1');
const OK = ascii('+OK\r\n');
const QUEUED = ascii('+QUEUED\r\n');
const NULL_BULK = ascii('$-1\r\n');
const NULL_ARRAY = ascii('*-1\r\n');
const NULL_3 = ascii('_\r\n');
const TRUE_3 = ascii('#t\r\n');
const FALSE_3 = ascii('#f\r\n');

export class Reply {
  buf = Buffer.allocUnsafeSlow(REPLY_BUFFER_BYTES);
  pos = 0;
  /** Protocol of the client that is being answered. */
  protocol: 2 | 3 = 2;
  bytesMax = REPLY_BYTES_MAX;
  /** Errors written since the owner last looked, and where the last one starts. */
  errors = 0;
  errorAt = 0;
  /** Errors that were counted before, where they arose. */
  errorsAgain = 0;

  /** Makes room for `bytes` more. */
  ensure(bytes: number): void {
    if (this.pos + bytes > this.buf.length) this.grow(bytes);
  }

  ok(): void {
    this.raw(OK);
  }

  queued(): void {
    this.raw(QUEUED);
  }

  /** A simple string; must not hold CR or LF. */
  simple(text: string): void {
    this.line(43, text);
  }

  /** An error: code and message without the leading '-', such as `ERR syntax error`. CR and LF become spaces. */
  error(text: string): void {
    this.errors++;
    this.errorAt = this.pos;
    this.errorLine(text);
  }

  /** An error that was counted where it arose: a script hands on what its command answered. */
  errorAgain(text: string): void {
    this.errorsAgain++;
    this.errorLine(text);
  }

  private errorLine(text: string): void {
    this.line(45, /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, ' ') : text);
  }

  /** An integer that a double holds exactly; larger ones go through `integerText`. */
  integer(n: number): void {
    this.header(58, n);
  }

  /** An integer given as its decimal digits. */
  integerText(digits: string): void {
    this.line(58, digits);
  }

  bulk(bytes: Uint8Array, off: number, length: number): void {
    this.ensure(length + 16);
    this.number(36, length);
    const buf = this.buf;
    let p = this.pos;
    if (length <= 64) {
      for (let i = 0; i < length; i++) buf[p + i] = bytes[off + i]!;
    } else {
      (bytes as Buffer).copy(buf, p, off, off + length);
    }
    p += length;
    buf[p] = 13;
    buf[p + 1] = 10;
    this.pos = p + 2;
  }

  /** A bulk string from a latin1 string: one byte a character. */
  bulkText(text: string): void {
    this.ensure(text.length + 16);
    this.number(36, text.length);
    this.pos += this.buf.write(text, this.pos, 'latin1');
    this.crlf();
  }

  /** A bulk string from text outside latin1. */
  bulkUtf8(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.bulk(bytes, 0, bytes.length);
  }

  /** A bulk string of an integer's digits. */
  bulkInteger(n: number): void {
    this.bulkText(String(n));
  }

  /** The missing value: `$-1` or `_`. */
  nullBulk(): void {
    this.raw(this.protocol === 2 ? NULL_BULK : NULL_3);
  }

  /** The missing list: `*-1` or `_`. */
  nullArray(): void {
    this.raw(this.protocol === 2 ? NULL_ARRAY : NULL_3);
  }

  array(count: number): void {
    this.header(42, count);
  }

  /** A map of `pairs`; RESP2: an array of twice as many. */
  map(pairs: number): void {
    if (this.protocol === 2) this.header(42, pairs * 2);
    else this.header(37, pairs);
  }

  set(count: number): void {
    this.header(this.protocol === 2 ? 42 : 126, count);
  }

  push(count: number): void {
    this.header(this.protocol === 2 ? 42 : 62, count);
  }

  /** A double given as Redis prints it; RESP2: a bulk string. */
  double(text: string): void {
    if (this.protocol === 2) this.bulkText(text);
    else this.line(44, text);
  }

  /** RESP3 `#t`/`#f`; RESP2: 1 or 0. */
  boolean(value: boolean): void {
    if (this.protocol === 2) this.header(58, value ? 1 : 0);
    else this.raw(value ? TRUE_3 : FALSE_3);
  }

  /** RESP3 `(`; RESP2: a bulk string. */
  bigNumber(digits: string): void {
    if (this.protocol === 2) this.bulkText(digits);
    else this.line(40, digits);
  }

  /** Text with its format (`txt`, `mkd`); RESP2: a bulk string. */
  verbatim(text: string, format = 'txt'): void {
    const bytes = Buffer.from(text, 'utf8');
    if (this.protocol === 2) return this.bulk(bytes, 0, bytes.length);
    this.header(61, bytes.length + 4);
    this.ensure(bytes.length + 8);
    this.pos += this.buf.write(`${format}:`, this.pos, 'latin1');
    bytes.copy(this.buf, this.pos);
    this.pos += bytes.length;
    this.crlf();
  }

  /** Bytes that are already RESP. */
  raw(bytes: Uint8Array): void {
    this.rawRange(bytes, 0, bytes.length);
  }

  rawRange(bytes: Uint8Array, off: number, length: number): void {
    this.ensure(length);
    const buf = this.buf;
    const p = this.pos;
    if (length <= 32) for (let i = 0; i < length; i++) buf[p + i] = bytes[off + i]!;
    else (bytes as Buffer).copy(buf, p, off, off + length);
    this.pos = p + length;
  }

  /**
   * For aggregates whose size is known only at the end: remember `pos`, write the elements, then call this, which puts
   * the header in front of them.
   */
  insertHeader(at: number, kind: 'array' | 'map' | 'set', count: number): void {
    const end = this.pos;
    if (kind === 'array') this.array(count);
    else if (kind === 'map') this.map(count);
    else this.set(count);
    this.bringForward(at, end);
  }

  /** Moves what was written since `from` to in front of what was written since `at`. */
  bringForward(at: number, from: number): void {
    const late = Buffer.from(this.buf.subarray(from, this.pos));
    this.buf.copyWithin(at + late.length, at, from);
    late.copy(this.buf, at);
  }

  private line(kind: number, text: string): void {
    this.ensure(text.length + 3);
    this.buf[this.pos++] = kind;
    this.pos += this.buf.write(text, this.pos, 'latin1');
    this.crlf();
  }

  private header(kind: number, n: number): void {
    this.ensure(32);
    this.number(kind, n);
  }

  /** Kind, digits, CRLF; room is the caller's matter. */
  private number(kind: number, n: number): void {
    const buf = this.buf;
    let p = this.pos;
    buf[p++] = kind;
    if (n >= 0 && n < 10) {
      buf[p++] = 48 + n;
    } else if (n > -0x80000000 && n < 0x7fffffff) {
      if (n < 0) {
        buf[p++] = 45;
        n = -n;
      }
      let digits = 1;
      for (let limit = 10; digits < 10 && n >= limit; limit *= 10) digits++;
      let q = p + digits;
      p = q;
      do {
        const next = (n / 10) | 0;
        buf[--q] = 48 + n - next * 10;
        n = next;
      } while (n > 0);
    } else {
      p += buf.write(String(n), p, 'latin1');
    }
    buf[p] = 13;
    buf[p + 1] = 10;
    this.pos = p + 2;
  }

  private crlf(): void {
    this.buf.writeUInt16LE(CRLF, this.pos);
    this.pos += 2;
  }

  private grow(bytes: number): void {
    if (this.pos + bytes > this.bytesMax) throw new ReplyTooLarge();
    let size = this.buf.length * 2;
    while (size < this.pos + bytes) size *= 2;
    const larger = Buffer.allocUnsafeSlow(size);
    this.buf.copy(larger, 0, 0, this.pos);
    this.buf = larger;
  }
}
