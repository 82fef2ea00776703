/**
 * Takes an append-only file apart into commands. The bytes come from a port, piece by piece; nothing is copied, a command's
 * arguments are ranges in the reader's buffer until the next call.
 *
 *   element  =  '*' n CRLF ( '$' length CRLF bytes CRLF )n      a command
 *            |  '#' … LF                                         an annotation: skipped
 *
 * `offset` is the end of the last whole element: a file that ends in the middle of one is good up to there.
 */
import { COMPLETE, Decoder, INCOMPLETE } from '@larder/store-resp';
import type { Args } from '@larder/store-resp';

export interface AofSource {
  readonly size: number;
  /** Fills `into` from byte `position` of the file as far as it goes; returns how many bytes, 0 at the end. */
  read(into: Buffer, position: number): number;
}

/** A command was read; the file ended after a whole one; it ended within one; what stands at `offset` is no command. */
export type AofStep = 'command' | 'end' | 'short' | 'format';

const CHUNK_BYTES = 1 << 20;
const LIMITS = { bulkBytesMax: Number.MAX_SAFE_INTEGER, authenticated: true };

export class AofReader {
  offset: number;
  /** Where the last command begins. */
  start: number;
  private readonly source: AofSource;
  private readonly decoder = new Decoder();
  private readonly state = { resume: null };
  private buf: Buffer;
  private pos = 0;
  private end = 0;
  /** Offset in the file of buf[0]. */
  private base: number;

  /** Reads from byte `from`: behind an RDB preamble, for example. */
  constructor(source: AofSource, from = 0, bufferBytes = CHUNK_BYTES) {
    this.source = source;
    this.base = this.offset = this.start = from;
    this.buf = Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** Of the last command. */
  get args(): Args {
    return this.decoder.args;
  }

  next(): AofStep {
    for (;;) {
      if (this.pos >= this.end && !this.fill(1)) return 'end';
      const first = this.buf[this.pos]!;
      if (first === 35) {
        if (!this.skipLine()) return 'end'; // a torn annotation tells nothing, and costs nothing
        continue;
      }
      if (first !== 42) return 'format';
      const status = this.decoder.next(this.buf, this.pos, this.end, LIMITS, this.state);
      if (status === COMPLETE) {
        if (this.decoder.args.count === 0) return 'format';
        this.start = this.base + this.pos;
        this.pos = this.decoder.pos;
        this.offset = this.base + this.pos;
        return 'command';
      }
      if (status !== INCOMPLETE) return 'format';
      if (!this.fill(this.decoder.need)) return 'short';
    }
  }

  private skipLine(): boolean {
    for (let seen = 0; ; ) {
      const at = this.buf.subarray(0, this.end).indexOf(10, this.pos + seen);
      if (at >= 0) {
        this.pos = at + 1;
        this.offset = this.base + this.pos;
        return true;
      }
      seen = this.end - this.pos;
      if (!this.fill(seen + 1)) return false;
    }
  }

  /** Makes at least `bytes` available at `pos`; false when the file ends before. */
  private fill(bytes: number): boolean {
    if (this.pos > 0) {
      this.buf.copyWithin(0, this.pos, this.end);
      this.base += this.pos;
      this.end -= this.pos;
      this.pos = 0;
    }
    // Asked first: a length that lies must not cost its claim in memory.
    if (this.base + bytes > this.source.size) return false;
    while (this.end < bytes) {
      if (this.end === this.buf.length) {
        const larger = Buffer.allocUnsafeSlow(this.buf.length * 2);
        this.buf.copy(larger, 0, 0, this.end);
        this.buf = larger;
      }
      const read = this.source.read(this.buf.subarray(this.end), this.base + this.end);
      if (read === 0) return false;
      this.end += read;
    }
    return true;
  }
}
