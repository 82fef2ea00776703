/**
 * A connection whose replies are timed, from the moment that the caller names: when a command was due in an open loop, or when it
 * was sent. Nothing waits for a reply before it sends the next command, so a server that stands still is seen by all that was due meanwhile.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { frameEnd } from '@larder/shared-testing';

export class TimedConnection {
  private readonly socket: Socket;
  private readonly heard: (ms: number) => void;
  /** Begins of what is not answered yet, oldest at `first`. */
  private begins: number[] = [];
  private first = 0;
  private rest: Buffer = Buffer.alloc(0);

  /** `heard` gets the milliseconds of each reply. */
  static open(port: number, heard: (ms: number) => void): Promise<TimedConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new TimedConnection(socket, heard)));
    });
  }

  private constructor(socket: Socket, heard: (ms: number) => void) {
    this.socket = socket;
    this.heard = heard;
    socket.on('data', (chunk: Buffer) => this.take(chunk));
  }

  get isWaiting(): boolean {
    return this.first < this.begins.length;
  }

  send(command: Buffer, begin = performance.now()): void {
    this.begins.push(begin);
    this.socket.write(command);
  }

  private take(chunk: Buffer): void {
    const now = performance.now();
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    for (let end = frameEnd(bytes, 0); end >= 0; end = at < bytes.length ? frameEnd(bytes, at) : -1) {
      if (bytes[at] === 45) throw new Error(`the server answered ${bytes.toString('latin1', at, end)}`);
      this.heard(now - this.begins[this.first++]!);
      at = end;
    }
    this.rest = bytes.subarray(at);
    if (this.first < 4096) return;
    this.begins = this.begins.slice(this.first);
    this.first = 0;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** The value that so many of the samples do not exceed; `share` from 0 to 1. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
