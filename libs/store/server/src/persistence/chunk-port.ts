/**
 * The way of a background save's chunks from the threads that execute to the one that writes: what bounds the memory they take.
 *
 *   executing thread ──▶ { chunk, length } ──▶ writer         counts   [ bytes on their way | chunks sent | written | the writer is dead ]
 *                    ◀── { written, chunk } ◀──               shared by all
 *
 * Above IN_FLIGHT_BYTES_MAX whoever sends waits until the writer has taken some: a capture cannot be put off, and to queue
 * without end is what a fork would cost. The walk looks before it starts a slice, so only captures ever wait, for one chunk or so.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { CHUNK_BYTES } from '@larder/store-persistence';

export const IN_FLIGHT_BYTES_MAX = 24 << 20;
/** The walk rests above this: what commands capture goes first. */
export const WALK_BYTES_MAX = 12 << 20;
/** So long: what is on its way keeps the writer busy for longer. */
export const REST_MS = 1;

export const IN_FLIGHT = 0;
export const SENT = 1;
export const WRITTEN = 2;
export const DEAD = 3;
const COUNTS = 4;

/** Used chunks kept for the next ones. */
const SPARE_MAX = 16;
/** A writer that takes nothing for so long is not waited for. */
const PATIENCE_MS = 1000;

export interface Chunk {
  chunk: Uint8Array;
  length: number;
}

export class ChunkPort {
  private readonly to: MessagePort | Worker;
  private readonly counts: Int32Array;
  private readonly unused: Buffer[] = [];
  /** Chunks that were written when waiting was given up: until there are more, nobody waits again. */
  private stuckAt = -1;

  /** `counts` comes from `countsFor`, the same on all threads and with the writer. */
  constructor(to: MessagePort | Worker, counts: SharedArrayBuffer) {
    this.to = to;
    this.counts = new Int32Array(counts);
  }

  static countsFor(): SharedArrayBuffer {
    return new SharedArrayBuffer(COUNTS * 4);
  }

  get inFlight(): number {
    return Atomics.load(this.counts, IN_FLIGHT);
  }

  /** Chunks that all threads have sent. */
  get sent(): number {
    return Atomics.load(this.counts, SENT);
  }

  /** All that was sent is written. */
  get isDrained(): boolean {
    return Atomics.load(this.counts, WRITTEN) === this.sent;
  }

  readonly spare = (): Buffer => this.unused.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);

  /** Hands a chunk on; waits while too much is on its way. */
  readonly emit = (chunk: Buffer, length: number): void => {
    const { counts } = this;
    Atomics.add(counts, SENT, 1);
    Atomics.add(counts, IN_FLIGHT, length);
    const message: Chunk = { chunk, length };
    this.to.postMessage(message, [chunk.buffer as ArrayBuffer]);
    for (;;) {
      const bytes = Atomics.load(counts, IN_FLIGHT);
      if (bytes <= IN_FLIGHT_BYTES_MAX || Atomics.load(counts, DEAD) !== 0) return;
      const written = Atomics.load(counts, WRITTEN);
      if (written === this.stuckAt) return;
      if (Atomics.wait(counts, IN_FLIGHT, bytes, PATIENCE_MS) === 'timed-out' && Atomics.load(counts, WRITTEN) === written) this.stuckAt = written;
    }
  };

  /** A chunk came back. */
  recycle(chunk: Uint8Array): void {
    if (chunk.length === CHUNK_BYTES && this.unused.length < SPARE_MAX) this.unused.push(Buffer.from(chunk.buffer));
  }
}
