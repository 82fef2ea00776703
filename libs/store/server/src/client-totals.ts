/**
 * What the clients of all threads take together: each thread tells the others, at its ticks and when it has changed by much.
 */
import { AUDIENCE_KINDS } from './audience';
import type { StoreServer } from './store-server';

const LETTER = AUDIENCE_KINDS + 6;
/** Less of a change is not told. */
const TOLD_BYTES = 16 << 10;

export interface ClientTotal {
  /** All that clients take, and of it what waits to be read or sent. */
  readonly bytes: number;
  readonly buffers: number;
  /** Of the client that takes most and may be let go. */
  readonly largest: number;
}

const NONE: ClientTotal = { bytes: 0, buffers: 0, largest: 0 };

export class ClientTotals {
  own = NONE;
  private told = NONE;
  private readonly elsewhere = new Map<number, ClientTotal>();
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
    server.crew?.threads.mail.on(LETTER, (letter, off, _length, from) => {
      this.elsewhere.set(from, { bytes: letter.readDoubleLE(off), buffers: letter.readDoubleLE(off + 8), largest: letter.readDoubleLE(off + 16) });
    });
  }

  /** Of the other threads, as they last told. */
  get others(): ClientTotal {
    let { bytes, buffers, largest } = NONE;
    for (const each of this.elsewhere.values()) {
      bytes += each.bytes;
      buffers += each.buffers;
      largest = Math.max(largest, each.largest);
    }
    return { bytes, buffers, largest };
  }

  publish(own: ClientTotal): void {
    this.own = own;
    const threads = this.server.crew?.threads;
    if (threads === undefined) return;
    if (Math.abs(own.bytes - this.told.bytes) < TOLD_BYTES && Math.abs(own.largest - this.told.largest) < TOLD_BYTES) return;
    this.told = own;
    const letter = Buffer.alloc(24);
    letter.writeDoubleLE(own.bytes, 0);
    letter.writeDoubleLE(own.buffers, 8);
    letter.writeDoubleLE(own.largest, 16);
    for (let t = 0; t < threads.count; t++) if (t !== threads.index) threads.mail.post(t, LETTER, letter);
  }
}
