/**
 * Writes to an encrypted connection the short way, below Node's stream, which costs as much again as the rest of a small reply.
 *
 *   write ──▶ nothing is on its way: encrypted at once, so the buffer is the caller's again
 *         ──▶ something is: Node's handle takes one write at a time, so the bytes wait (small ones copied)
 *
 * At most PIECE_BYTES are encrypted in one turn of the loop: a large reply must not hold up the others.
 */
import type { Socket } from 'node:net';
import type { StreamBinding, StreamHandle } from './socket-writer';

const PIECE_BYTES = 256 << 10;
/** What waits is copied if it is smaller, so that the caller keeps its buffer. */
const COPIED_BYTES = 64 << 10;

export class EncryptedWriter {
  /** Of what was written: not taken by the kernel. */
  pendingBytes = 0;
  private readonly socket: Socket;
  private readonly handle: StreamHandle;
  private readonly streams: StreamBinding;
  private readonly drained: () => void;
  private isBusy = false;
  private waiting: Buffer[] = [];
  private isEnding = false;

  constructor(socket: Socket, handle: StreamHandle, streams: StreamBinding, drained: () => void) {
    this.socket = socket;
    this.handle = handle;
    this.streams = streams;
    this.drained = drained;
  }

  /** False means that the buffer belongs to the writer from now on, and that much is pending. */
  write(bytes: Buffer): boolean {
    if (this.socket.destroyed) return true;
    this.pendingBytes += bytes.length;
    if (!this.isBusy && bytes.length <= PIECE_BYTES) {
      this.start(bytes);
      return true;
    }
    if (bytes.length < COPIED_BYTES) {
      this.waiting.push(Buffer.from(bytes));
      return this.pendingBytes < COPIED_BYTES;
    }
    this.waiting.push(bytes);
    if (!this.isBusy) this.startNext();
    return false;
  }

  /** Closes once everything is sent. */
  destroySoon(): void {
    this.isEnding = true;
    if (!this.isBusy) this.socket.destroySoon();
  }

  private start(bytes: Buffer): void {
    const { streams, socket } = this;
    this.isBusy = true;
    const request = new streams.WriteWrap();
    request.oncomplete = (status) => this.completed(status, bytes.length);
    const error = this.handle.writeBuffer!(request, bytes);
    if (error !== 0) socket.destroy();
    else if (streams.streamBaseState[streams.kLastWriteWasAsync] === 0) this.completed(0, bytes.length);
  }

  /** Some of what waits, as one write. */
  private startNext(): void {
    const { waiting } = this;
    const first = waiting[0]!;
    if (first.length > PIECE_BYTES) {
      waiting[0] = first.subarray(PIECE_BYTES);
      return this.start(first.subarray(0, PIECE_BYTES));
    }
    let count = 1;
    for (let bytes = first.length; count < waiting.length && (bytes += waiting[count]!.length) <= PIECE_BYTES; ) count++;
    const piece = waiting.splice(0, count);
    this.start(count === 1 ? first : Buffer.concat(piece));
  }

  private completed(status: number, length: number): void {
    this.isBusy = false;
    this.pendingBytes -= length;
    if (status < 0 || this.socket.destroyed) {
      this.socket.destroy();
      return;
    }
    if (this.waiting.length > 0) this.startNext();
    else if (this.isEnding) return void this.socket.destroySoon();
    this.drained();
  }
}
