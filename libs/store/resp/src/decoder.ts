/**
 * Finds commands in the bytes of a connection: multi-bulk (`*2\r\n$3\r\nGET\r\n…`) and inline (`GET key\r\n`).
 *
 * The decoder keeps no bytes. The owner hands it a buffer and a range; it fills `args` with ranges into that buffer
 * (inline commands: into its own scratch, since quotes may change them) and says how far it came. When a command is
 * not whole it tells how many bytes would be the least to try again, so that a large value arriving in small chunks
 * is not parsed again for each; a command of many arguments resumes where it stopped.
 *
 * Errors are Redis' own, and end the connection.
 */
import { Args } from './args';

export const COMPLETE = 0;
export const INCOMPLETE = 1;
export const INVALID = 2;

const INLINE_BYTES_MAX = 64 * 1024;
const RESUME_FROM = 64;
const CR = 13;
const LF = 10;

export interface DecodeLimits {
  /** `proto-max-bulk-len`. */
  bulkBytesMax: number;
  /** False before a required AUTH: at most 10 arguments of 16 KiB. */
  authenticated: boolean;
}

/** What a half-arrived command of many arguments leaves for its next chunk; offsets are from the command's start. */
interface Resume {
  argc: number;
  at: number;
  off: Int32Array;
  len: Int32Array;
}

/** A connection's own part of the decoding. */
export interface DecodeState {
  resume: Resume | null;
}

export class Decoder {
  /** What is filled next; another one may be put here to keep this one. */
  args = new Args();
  /** After COMPLETE: where the next command starts. After INCOMPLETE: where the unfinished one starts. */
  pos = 0;
  /** After INCOMPLETE: bytes from `pos` without which it is useless to try again. */
  need = 0;
  /** After INVALID: the reply, without '-'. */
  error = '';
  private scratch = Buffer.allocUnsafeSlow(1024);
  private number = 0;

  /** Decodes one command from `buf[pos … end)`. An empty command (`*0`, blank line) gives COMPLETE with `args.count` 0. */
  next(buf: Buffer, pos: number, end: number, limits: DecodeLimits, state: DecodeState): number {
    this.pos = pos;
    const args = this.args;
    args.buf = buf;
    args.count = 0;
    args.rawEnd = 0;
    if (pos >= end) return this.incomplete(1);
    if (buf[pos] !== 42) return this.inline(buf, pos, end);

    let p: number;
    let argc: number;
    const resume = state.resume;
    if (resume !== null) {
      state.resume = null;
      argc = resume.argc;
      for (let i = 0; i < resume.off.length; i++) args.push(pos + resume.off[i]!, resume.len[i]!);
      p = pos + resume.at;
    } else {
      // The count: nearly always one digit.
      const c = buf[pos + 1]!;
      if (pos + 3 < end && buf[pos + 2] === CR && c > 48 && c <= 57) {
        argc = c - 48;
        p = pos + 4;
      } else {
        const cr = this.findCr(buf, pos, end);
        if (cr < 0) return end - pos > INLINE_BYTES_MAX ? this.invalid('too big mbulk count string') : this.incomplete(end - pos + 1);
        if (!this.parse(buf, pos + 1, cr) || this.number > 0x7fffffff) return this.invalid('invalid multibulk length');
        argc = this.number;
        if (argc > 10 && !limits.authenticated) return this.invalid('unauthenticated multibulk length');
        p = cr + 2;
        if (argc <= 0) {
          this.pos = p;
          return COMPLETE;
        }
      }
    }

    // Nobody looks at the ends of lines and values, but who keeps the bytes as they are wants them right.
    let odd = resume === null ? buf[p - 1]! ^ LF : 1;
    while (args.count < argc) {
      let length: number;
      const c = buf[p + 1]!;
      if (p + 3 < end && buf[p] === 36 && buf[p + 2] === CR && c >= 48 && c <= 57) {
        length = c - 48;
        p += 4;
      } else if (p + 4 < end && buf[p] === 36 && buf[p + 3] === CR && c > 48 && c <= 57 && buf[p + 2]! >= 48 && buf[p + 2]! <= 57) {
        length = (c - 48) * 10 + buf[p + 2]! - 48;
        p += 5;
      } else {
        const cr = this.findCr(buf, p, end);
        if (cr < 0) {
          if (end - p > INLINE_BYTES_MAX) return this.invalid('too big bulk count string');
          this.keep(state, argc, pos, p);
          return this.incomplete(end - pos + 1);
        }
        if (buf[p] !== 36) return this.invalid(`expected '$', got '${String.fromCharCode(buf[p]!)}'`);
        if (!this.parse(buf, p + 1, cr) || this.number < 0 || this.number > limits.bulkBytesMax) return this.invalid('invalid bulk length');
        length = this.number;
        if (length > 16384 && !limits.authenticated) return this.invalid('unauthenticated bulk length');
        p = cr + 2;
      }
      if (p + length + 2 > end) {
        this.keep(state, argc, pos, p - headerBytes(buf, p));
        return this.incomplete(p + length + 2 - pos);
      }
      args.push(p, length);
      odd |= (buf[p - 1]! ^ LF) | (buf[p + length]! ^ CR) | (buf[p + length + 1]! ^ LF);
      p += length + 2;
    }
    args.rawStart = pos;
    args.rawEnd = odd === 0 ? p : 0;
    this.pos = p;
    return COMPLETE;
  }

  private keep(state: DecodeState, argc: number, start: number, p: number): void {
    const args = this.args;
    if (args.count < RESUME_FROM) return;
    const off = args.off.slice(0, args.count);
    for (let i = 0; i < off.length; i++) off[i]! -= start;
    state.resume = { argc, at: p - start, off, len: args.len.slice(0, args.count) };
  }

  private incomplete(need: number): number {
    this.need = need;
    return INCOMPLETE;
  }

  private invalid(what: string): number {
    this.error = `ERR Protocol error: ${what}`;
    return INVALID;
  }

  /** Position of a CR that has a byte after it, or -1. */
  private findCr(buf: Buffer, from: number, end: number): number {
    for (let i = from; i < end - 1; i++) if (buf[i] === CR) return i;
    return -1;
  }

  /** A canonical decimal integer in `buf[from … to)`: no leading zeros, no plus. */
  private parse(buf: Buffer, from: number, to: number): boolean {
    const length = to - from;
    if (length === 1 && buf[from] === 48) {
      this.number = 0;
      return true;
    }
    let i = from;
    const negative = buf[i] === 45;
    if (negative) i++;
    if (i >= to || to - i > 15 || buf[i]! < 49 || buf[i]! > 57) return false;
    let n = 0;
    for (; i < to; i++) {
      const d = buf[i]! - 48;
      if (d < 0 || d > 9) return false;
      n = n * 10 + d;
    }
    this.number = negative ? -n : n;
    return true;
  }

  private inline(buf: Buffer, pos: number, end: number): number {
    let lf = buf.indexOf(LF, pos);
    if (lf < 0 || lf >= end) {
      return end - pos > INLINE_BYTES_MAX ? this.invalid('too big inline request') : this.incomplete(end - pos + 1);
    }
    this.pos = lf + 1;
    if (lf > pos && buf[lf - 1] === CR) lf--;
    return this.splitLine(buf, pos, lf) ? COMPLETE : this.invalid('unbalanced quotes in request');
  }

  /** Words of a line, with "…" (escapes \n \r \t \b \a \xHH) and '…' (escape \'). False when quotes do not match. */
  private splitLine(buf: Buffer, pos: number, end: number): boolean {
    const args = this.args;
    if (this.scratch.length < end - pos) this.scratch = Buffer.allocUnsafeSlow((end - pos) * 2);
    const out = this.scratch;
    args.buf = out;
    let w = 0;
    let p = pos;
    const space = (c: number) => c === 32 || (c >= 9 && c <= 13);
    for (;;) {
      while (p < end && space(buf[p]!)) p++;
      if (p >= end || buf[p] === 0) return true;
      const start = w;
      let quote = 0;
      for (; ; p++) {
        const c = p < end ? buf[p]! : 0;
        if (quote === 0) {
          if (p >= end || c === 0 || space(c)) break;
          if (c === 34 || c === 39) quote = c;
          else out[w++] = c;
        } else if (p >= end || c === 0) {
          return false;
        } else if (c === quote) {
          if (p + 1 < end && !space(buf[p + 1]!) && buf[p + 1] !== 0) return false;
          p++;
          break;
        } else if (c === 92 && quote === 34 && p + 1 < end) {
          const e = buf[++p]!;
          const hi = p + 2 < end && e === 120 ? hexDigit(buf[p + 1]!) : -1;
          const lo = hi >= 0 ? hexDigit(buf[p + 2]!) : -1;
          if (lo >= 0) {
            out[w++] = hi * 16 + lo;
            p += 2;
          } else out[w++] = e === 110 ? 10 : e === 114 ? 13 : e === 116 ? 9 : e === 98 ? 8 : e === 97 ? 7 : e;
        } else if (c === 92 && quote === 39 && buf[p + 1] === 39) {
          out[w++] = 39;
          p++;
        } else out[w++] = c;
      }
      args.push(start, w - start);
    }
  }
}

/** Bytes of the `$n\r\n` that ends right before `p`. */
function headerBytes(buf: Buffer, p: number): number {
  let q = p - 1;
  while (buf[q] !== 36) q--;
  return p - q;
}

function hexDigit(c: number): number {
  if (c >= 48 && c <= 57) return c - 48;
  const lower = c | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
