/**
 * The replies of one round of the event loop leave together, after the last socket that was ready has been served.
 *
 *   A readable ─▶ commands ─▶ ┐
 *   B readable ─▶ commands ─▶ ├─▶ [ A's | B's | C's ]  ── end of the round ─▶ write A, write B, write C
 *   C readable ─▶ commands ─▶ ┘
 *
 * A write wakes a client that sleeps. Written one by one between the commands they wake a process that serves many
 * connections again and again, each time for one reply; written in a row they wake it once (Redis does the same before it sleeps).
 * With several threads the shards are free meanwhile, too.
 */
import { copyBytes } from '@larder/store-datatypes';

const ROOM_BYTES = 256 * 1024;
const PARTS_MAX = 256;
/** Larger ones are not worth copying. */
export const DEPARTURE_BYTES_MAX = 8 * 1024;

interface Departing {
  /** Sends; false when the bytes must stay as they are until they are sent. */
  depart(bytes: Buffer): boolean;
}

export class Departures {
  private buf = Buffer.allocUnsafeSlow(ROOM_BYTES);
  private readonly connections: (Departing | null)[] = new Array<Departing | null>(PARTS_MAX).fill(null);
  private readonly ends = new Int32Array(PARTS_MAX);
  private count = 0;
  private at = 0;
  private isDue = false;
  private readonly leave = (): void => {
    this.isDue = false;
    this.flush();
  };

  /** Takes the first `length` bytes, at most DEPARTURE_BYTES_MAX. They are copied. */
  add(connection: Departing, bytes: Buffer, length: number): void {
    if (this.at + length > ROOM_BYTES || this.count === PARTS_MAX) this.flush();
    const { at, count } = this;
    copyBytes(bytes, 0, this.buf, at, length);
    this.at = at + length;
    this.connections[count] = connection;
    this.ends[count] = at + length;
    this.count = count + 1;
    if (this.isDue) return;
    this.isDue = true;
    setImmediate(this.leave);
  }

  /** Writes now what waits: before anything else is written to one of these connections, or the loop will not go round for a while. */
  flush(): void {
    const { connections, ends, buf, count } = this;
    this.count = this.at = 0;
    let from = 0;
    let isTaken = true;
    for (let i = 0; i < count; i++) {
      const to = ends[i]!;
      if (!connections[i]!.depart(buf.subarray(from, to))) isTaken = false;
      connections[i] = null;
      from = to;
    }
    // Bytes that the kernel did not take stay where they are until they are sent.
    if (!isTaken) this.buf = Buffer.allocUnsafeSlow(ROOM_BYTES);
  }
}
