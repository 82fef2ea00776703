/**
 * The frame around the snapshot of a full synchronisation, in pieces as they come:
 *
 *   $<length>\r\n  length bytes                     made from a file: what follows is the stream
 *   $EOF:<mark>\r\n  bytes …  <mark>                made on the way: the mark is the last that comes until the replica acknowledges
 *
 * The mark is never handed out: its length of bytes is kept back until it is known that they are not it.
 */
const MARK_BYTES = 40;

export class TransferFrame {
  /** Bytes announced; -1 when only a mark tells the end. */
  readonly length: number;
  isWhole: boolean;
  private left: number;
  private readonly mark: Buffer | null;
  private tail: Buffer = Buffer.alloc(0);

  private constructor(length: number, mark: Buffer | null) {
    this.length = length;
    this.left = length;
    this.mark = mark;
    this.isWhole = length === 0;
  }

  /** Of the line that announces it, without line end; undefined when that is no such line. */
  static announced(line: string): TransferFrame | undefined {
    if (line.startsWith('$EOF:') && line.length === 5 + MARK_BYTES) return new TransferFrame(-1, Buffer.from(line.slice(5), 'latin1'));
    const digits = /^\$(\d{1,15})$/.exec(line)?.[1];
    return digits === undefined ? undefined : new TransferFrame(Number(digits), null);
  }

  /** Hands out what of these bytes is the snapshot's; answers how many were used up. */
  take(bytes: Buffer, from: number, to: number, give: (bytes: Buffer, off: number, length: number) => void): number {
    if (this.mark === null) {
      const length = Math.min(to - from, this.left);
      this.left -= length;
      this.isWhole = this.left === 0;
      give(bytes, from, length);
      return length;
    }
    const { tail } = this;
    const length = to - from;
    if (length >= MARK_BYTES) {
      if (tail.length > 0) give(tail, 0, tail.length);
      if (length > MARK_BYTES) give(bytes, from, length - MARK_BYTES);
      this.tail = Buffer.from(bytes.subarray(to - MARK_BYTES, to));
    } else {
      const both = Buffer.concat([tail, bytes.subarray(from, to)]);
      const surplus = both.length - MARK_BYTES;
      if (surplus > 0) give(both, 0, surplus);
      this.tail = surplus > 0 ? Buffer.from(both.subarray(surplus)) : both;
    }
    this.isWhole = this.tail.equals(this.mark);
    return length;
  }
}
