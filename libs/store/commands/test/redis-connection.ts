/**
 * Further connections to the server of `RealRedis`, for conversations in which one client waits for another.
 */

/* eslint-disable no-restricted-imports -- only specs import this file, and they need a real server beside them */

import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import type { RealRedis } from './real-redis';
import { readFrame } from './real-redis';

export class RedisConnection {
  private readonly socket: Socket;
  private input = '';
  private wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.input += chunk.toString('latin1');
      this.wake();
    });
  }

  static async open(redis: RealRedis): Promise<RedisConnection> {
    const [port] = await redis.ask([['CONFIG', 'GET', 'port']]);
    const socket = createConnection(Number(/\d+(?=\r\n$)/.exec(port!)![0]), '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return new RedisConnection(socket);
  }

  send(words: readonly string[]): void {
    this.socket.write(Buffer.from(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`, 'latin1'));
  }

  /** The next reply. */
  async read(): Promise<string> {
    for (;;) {
      try {
        const { end } = readFrame(this.input, 0);
        const reply = this.input.slice(0, end);
        this.input = this.input.slice(end);
        return reply;
      } catch {
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    }
  }

  ask(words: readonly string[]): Promise<string> {
    this.send(words);
    return this.read();
  }

  /** What has come and was not read: empty when nothing was answered. */
  get unread(): string {
    return this.input;
  }

  close(): void {
    this.socket.destroy();
  }
}
