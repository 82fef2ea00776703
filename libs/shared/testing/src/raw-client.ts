/**
 * A Redis client that hides nothing: it gives every reply's own bytes.
 *
 * Replies come in order; `exchange` waits for as many as it was told. RESP3 pushes count as frames like
 * any other: who subscribes reads frames, not replies to commands. One `exchange` at a time.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeCommands } from './command-text.ts';
import type { Command } from './command-text.ts';
import { frameEnd, parseReply, toPlain } from './resp-frame.ts';
import type { PlainReply, ReplyValue } from './resp-frame.ts';

export interface Reply {
  readonly raw: Buffer;
  value(): ReplyValue;
  plain(): PlainReply;
}

export interface RawClientOptions {
  readonly port: number;
  readonly host?: string;
  readonly protocol?: 2 | 3;
  readonly password?: string;
  readonly timeoutMs?: number;
}

export interface RawClient {
  readonly isClosed: boolean;
  /** Writes the bytes and resolves with the next `count` frames. */
  exchange(bytes: Buffer, count: number): Promise<Buffer[]>;
  pipeline(commands: readonly Command[]): Promise<Reply[]>;
  command(...command: string[]): Promise<Reply>;
  /** Like `command`, as plain JavaScript; an error reply is thrown. */
  ask(...command: string[]): Promise<PlainReply>;
  /** Writes without waiting for anything. */
  write(bytes: Buffer | string): void;
  /** Writes in pieces, each a segment of its own as far as the kernel allows. */
  writePieces(bytes: Buffer, pieceLength: () => number): Promise<void>;
  /** Resolves with the next `count` frames. */
  frames(count: number, timeoutMs?: number): Promise<Buffer[]>;
  /** Frames that have come and were not taken yet. */
  takeArrived(): Buffer[];
  readonly arrivedCount: number;
  /** Ends the sending side and resolves with all that comes until the other side closes. */
  endAndDrain(timeoutMs?: number): Promise<Buffer>;
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;

export async function connectRaw(options: RawClientOptions): Promise<RawClient> {
  const socket = connect({ port: options.port, host: options.host ?? '127.0.0.1', noDelay: true, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.removeAllListeners('error');
  const client = new SocketClient(socket, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  if (options.password !== undefined) await client.ask('AUTH', options.password);
  if (options.protocol === 3) await client.ask('HELLO', '3');
  return client;
}

class SocketClient implements RawClient {
  private readonly socket: Socket;
  private readonly timeoutMs: number;
  private rest: Buffer = Buffer.alloc(0);
  private arrived: Buffer[] = [];
  private fault: Error | undefined;
  private wake: (() => void) | undefined;
  isClosed = false;

  constructor(socket: Socket, timeoutMs: number) {
    this.socket = socket;
    this.timeoutMs = timeoutMs;
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('end', () => this.fail(new Error('the server closed the connection')));
    socket.on('close', () => this.fail(new Error('the connection is closed')));
  }

  private take(chunk: Buffer): void {
    const buffer = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let at = 0;
    try {
      for (let end = frameEnd(buffer, 0); end > 0; end = at < buffer.length ? frameEnd(buffer, at) : -1) {
        this.arrived.push(buffer.subarray(at, end));
        at = end;
      }
    } catch (error) {
      this.fail(error as Error);
    }
    this.rest = buffer.subarray(at);
    this.wake?.();
  }

  private fail(error: Error): void {
    this.isClosed = true;
    this.fault ??= error;
    this.wake?.();
  }

  get arrivedCount(): number {
    return this.arrived.length;
  }

  takeArrived(): Buffer[] {
    const taken = this.arrived;
    this.arrived = [];
    return taken;
  }

  frames(count: number, timeoutMs = this.timeoutMs): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.wake = undefined;
        reject(new Error(`no reply within ${timeoutMs} ms: ${this.arrived.length} of ${count} came`));
      }, timeoutMs);
      const look = (): void => {
        if (this.arrived.length < count && this.fault === undefined) return;
        clearTimeout(timer);
        this.wake = undefined;
        if (this.arrived.length >= count) resolve(this.arrived.splice(0, count));
        else reject(new Error(`${this.fault?.message}: ${this.arrived.length} of ${count} replies came`));
      };
      this.wake = look;
      look();
    });
  }

  exchange(bytes: Buffer, count: number): Promise<Buffer[]> {
    this.write(bytes);
    return this.frames(count);
  }

  async pipeline(commands: readonly Command[]): Promise<Reply[]> {
    return (await this.exchange(encodeCommands(commands), commands.length)).map(asReply);
  }

  async command(...command: string[]): Promise<Reply> {
    return (await this.pipeline([command]))[0]!;
  }

  async ask(...command: string[]): Promise<PlainReply> {
    const answer = (await this.command(...command)).plain();
    if (answer instanceof Error) throw answer;
    return answer;
  }

  write(bytes: Buffer | string): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  async writePieces(bytes: Buffer, pieceLength: () => number): Promise<void> {
    for (let at = 0; at < bytes.length && !this.isClosed; ) {
      const end = Math.min(bytes.length, at + pieceLength());
      this.write(bytes.subarray(at, end));
      at = end;
      await new Promise((next) => setImmediate(next));
    }
  }

  async endAndDrain(timeoutMs = this.timeoutMs): Promise<Buffer> {
    this.socket.end();
    await new Promise<void>((resolve, reject) => {
      if (this.isClosed) return resolve();
      const timer = setTimeout(() => reject(new Error(`the server did not close within ${timeoutMs} ms`)), timeoutMs);
      this.wake = () => {
        if (!this.isClosed) return;
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
    const all = Buffer.concat([...this.takeArrived(), this.rest]);
    this.close();
    return all;
  }

  close(): void {
    this.isClosed = true;
    this.socket.destroy();
  }
}

function asReply(raw: Buffer): Reply {
  return { raw, value: () => parseReply(raw), plain: () => toPlain(parseReply(raw)) };
}
