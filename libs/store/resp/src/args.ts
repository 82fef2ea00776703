/**
 * The arguments of one command: byte ranges in the buffer they arrived in. Nothing is copied and no string is made
 * until a command asks for one. The object is reused for every command; whoever keeps arguments copies them.
 */
export class Args {
  /** The buffer that the ranges point into. */
  buf: Buffer = Buffer.alloc(0);
  off: Int32Array;
  len: Int32Array;
  /** Number of arguments, the command's name included. */
  count = 0;

  /** Where the whole command lies in `buf`, in the canonical form that files and replicas get; `rawEnd` is 0 when it does not. */
  rawStart = 0;
  rawEnd = 0;

  /** Room for so many at first. */
  constructor(room = 1024) {
    this.off = new Int32Array(room);
    this.len = new Int32Array(room);
  }

  /** Appends a range; grows the index when needed. */
  push(off: number, length: number): void {
    const i = this.count++;
    if (i === this.off.length) this.grow();
    this.off[i] = off;
    this.len[i] = length;
  }

  /** Argument `i` as a latin1 string: one character a byte. */
  text(i: number): string {
    return this.buf.toString('latin1', this.off[i]!, this.off[i]! + this.len[i]!);
  }

  /** Argument `i` as its own bytes (a copy). */
  copy(i: number): Buffer {
    return Buffer.from(this.buf.subarray(this.off[i]!, this.off[i]! + this.len[i]!));
  }

  /** True when argument `i` is `word` (lower case ASCII), in any case. */
  is(i: number, word: string): boolean {
    const length = word.length;
    if (this.len[i] !== length) return false;
    const buf = this.buf;
    const off = this.off[i]!;
    for (let k = 0; k < length; k++) {
      let c = buf[off + k]!;
      if (c >= 65 && c <= 90) c |= 32;
      if (c !== word.charCodeAt(k)) return false;
    }
    return true;
  }

  /** Replaces everything by these values (latin1 strings or bytes): rewriting for the journal, tests, queued commands. */
  set(values: readonly (string | Uint8Array)[]): this {
    const parts = values.map((v) => (typeof v === 'string' ? Buffer.from(v, 'latin1') : Buffer.from(v.buffer, v.byteOffset, v.length)));
    this.buf = Buffer.concat(parts);
    this.rawEnd = 0;
    this.count = 0;
    let at = 0;
    for (const part of parts) {
      this.push(at, part.length);
      at += part.length;
    }
    return this;
  }

  /** A copy that owns its bytes. */
  detach(): Args {
    const copy = new Args(Math.max(this.count, 1));
    let bytes = 0;
    for (let i = 0; i < this.count; i++) bytes += this.len[i]!;
    copy.buf = Buffer.allocUnsafeSlow(bytes);
    let at = 0;
    for (let i = 0; i < this.count; i++) {
      this.buf.copy(copy.buf, at, this.off[i]!, this.off[i]! + this.len[i]!);
      copy.push(at, this.len[i]!);
      at += this.len[i]!;
    }
    return copy;
  }

  private grow(): void {
    const off = new Int32Array(this.off.length * 2);
    const len = new Int32Array(this.off.length * 2);
    off.set(this.off);
    len.set(this.len);
    this.off = off;
    this.len = len;
  }
}
