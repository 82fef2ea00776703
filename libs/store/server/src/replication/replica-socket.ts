/** The connection of a replica to its primary: bytes both ways, and one word at the end. */
import type { Socket } from 'node:net';
import { getSystemErrorMessage } from 'node:util';
import { connectOut } from '../connect-out';
import { readInto } from '../read-into';
import type { StoreServer } from '../store-server';

export interface PrimarySocketEvents {
  connected(): void;
  /** The bytes are valid during the call. */
  received(bytes: Buffer, length: number): void;
  /** Once, unless it was dropped; '' when the peer hung up. */
  closed(why: string): void;
}

export class PrimarySocket {
  private readonly socket: Socket;
  private isOver = false;
  private why = '';

  constructor(server: StoreServer, host: string, port: number, events: PrimarySocketEvents) {
    const isTls = server.settings.flag('tls-replication');
    const { socket, readyEvent } = connectOut(server, { host, port, isTls });
    this.socket = socket;
    const take = (bytes: Buffer, length: number) => {
      if (!this.isOver) events.received(bytes, length);
    };
    socket.on(readyEvent, () => {
      if (this.isOver) return;
      socket.setKeepAlive(true);
      if (isTls) socket.on('data', (bytes: Buffer) => take(bytes, bytes.length));
      else readInto(socket, take);
      events.connected();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.why = error.errno === undefined ? error.message : getSystemErrorMessage(error.errno);
    });
    socket.on('close', () => {
      if (this.isOver) return;
      this.isOver = true;
      events.closed(this.why === '' ? '' : this.why.charAt(0).toUpperCase() + this.why.slice(1));
    });
  }

  get address(): string {
    return `${this.socket.remoteAddress?.replace('::ffff:', '') ?? '?'}:${this.socket.remotePort ?? 0}`;
  }

  get localAddress(): string {
    return `${this.socket.localAddress?.replace('::ffff:', '') ?? '?'}:${this.socket.localPort ?? 0}`;
  }

  get fileDescriptor(): number {
    return (this.socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
  }

  send(bytes: Buffer): void {
    if (!this.isOver) this.socket.write(bytes);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (!this.isOver) this.socket.resume();
  }

  /** No event comes of it any more. */
  drop(): void {
    this.isOver = true;
    this.socket.destroy();
  }
}
