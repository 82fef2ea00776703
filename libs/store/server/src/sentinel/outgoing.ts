/** A connection from the Sentinel to a server or another Sentinel. What is sent before it stands goes out when it does. */
import type { Socket } from 'node:net';
import type { Answer } from '@larder/store-sentinel';
import { connectOut } from '../connect-out';
import type { StoreServer } from '../store-server';
import { AnswerReader } from './answer-reader';

export interface OutgoingListener {
  answered(answer: Answer): void;
  /** It ended, or never stood. Told once, and not after `close`. */
  lost(): void;
}

export class Outgoing {
  private readonly socket: Socket;
  private readonly reader = new AnswerReader();
  private isOpen = true;
  /** What was sent in this turn, to go out in one write. */
  private queued = '';

  constructor(server: StoreServer, host: string, port: number, listener: OutgoingListener) {
    const { socket, readyEvent } = connectOut(server, { host, port, isTls: server.settings.flag('tls-replication') });
    this.socket = socket;
    const end = (): void => {
      if (!this.isOpen) return;
      this.close();
      listener.lost();
    };
    socket.once(readyEvent, () => socket.setKeepAlive(true));
    socket.on('error', end);
    socket.on('end', end);
    socket.on('close', end);
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const answer of this.reader.read(chunk)) if (this.isOpen) listener.answered(answer);
      } catch {
        end(); // whoever it is, it is no server of ours
      }
    });
  }

  get localAddress(): string | undefined {
    const { localAddress } = this.socket;
    return localAddress?.startsWith('::ffff:') ? localAddress.slice(7) : localAddress;
  }

  send(args: readonly string[]): void {
    if (!this.isOpen) return;
    if (this.queued === '') queueMicrotask(() => this.flush());
    this.queued += `*${args.length}\r\n${args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('')}`;
  }

  private flush(): void {
    const bytes = this.queued;
    this.queued = '';
    if (this.isOpen && bytes !== '') this.socket.write(bytes, 'latin1');
  }

  close(): void {
    this.flush();
    this.isOpen = false;
    this.socket.destroy();
  }
}
