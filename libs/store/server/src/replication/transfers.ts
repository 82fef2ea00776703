/**
 * Snapshots on their way to replicas, in shared memory: home makes one, the worker that encodes it says how far the file is, and
 * each thread sends it to the replicas that it serves, several at once from the one file.
 *
 *   disk       the file is sent when it is whole, with its length before it
 *   diskless   it is sent while it grows, with an end mark; the file has no name. A replica that reads slowly holds up neither the
 *              snapshot nor the others, and costs no memory
 */
import { closeSync } from 'node:fs';

export const TRANSFERS_MAX = 8;

const WORDS = 16;
const BYTES = WORDS * 4;

export const NO_TRANSFER = 0;
export const GROWS = 1;
export const WHOLE = 2;
export const FAILED = 3;

const STATE = 0;
const FD = 1;
const IS_DISKLESS = 2;
const NUMBERS_AT = 4;
/** Bytes of the file so far, and where the stream was at the cut. */
const WRITTEN = 0;
const OFFSET = 1;

export class Transfer {
  readonly index: number;
  private readonly words: Int32Array;
  private readonly numbers: Float64Array;

  constructor(shared: SharedArrayBuffer, index: number) {
    this.index = index;
    this.words = new Int32Array(shared, index * BYTES, WORDS);
    this.numbers = new Float64Array(shared, index * BYTES + NUMBERS_AT * 4, 4);
  }

  get state(): number {
    return Atomics.load(this.words, STATE);
  }

  set state(state: number) {
    Atomics.store(this.words, STATE, state);
  }

  get fd(): number {
    return this.words[FD]!;
  }

  set fd(fd: number) {
    this.words[FD] = fd;
  }

  get isDiskless(): boolean {
    return this.words[IS_DISKLESS] === 1;
  }

  set isDiskless(is: boolean) {
    this.words[IS_DISKLESS] = is ? 1 : 0;
  }

  /** The state is read before, and written after it: who sees WHOLE sees all bytes. */
  get written(): number {
    return this.numbers[WRITTEN]!;
  }

  set written(bytes: number) {
    this.numbers[WRITTEN] = bytes;
  }

  get offset(): number {
    return this.numbers[OFFSET]!;
  }

  set offset(offset: number) {
    this.numbers[OFFSET] = offset;
  }

  /** Nobody sends it any more. */
  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
    this.fd = -1;
    this.state = NO_TRANSFER;
  }
}

export class Transfers {
  readonly all: readonly Transfer[];
  readonly shared: SharedArrayBuffer;

  static reserve(): SharedArrayBuffer {
    return new SharedArrayBuffer(TRANSFERS_MAX * BYTES);
  }

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.all = Array.from({ length: TRANSFERS_MAX }, (_, index) => new Transfer(shared, index));
  }
}
