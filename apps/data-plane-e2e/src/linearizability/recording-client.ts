/**
 * A connection that writes down what it does: each operation with its call and reply. Whatever is sent together goes out in one
 * write; replies come in order.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeCommands, frameEnd, parseReply, toPlain } from '@larder/shared-testing';
import type { Command, PlainReply } from '@larder/shared-testing';
import { now } from './history.ts';
import type { Operation } from './history.ts';

/** A command, or a transaction that counts as one operation. */
export type Planned = Command | { readonly transaction: readonly Command[] };

interface Awaited {
  readonly operation: Operation | undefined;
  /** Replies of MULTI and the queued commands, which say nothing unless they are errors. */
  left: number;
}

export class Recorder {
  readonly operations: Operation[] = [];
  private nextId = 0;

  note(client: number, planned: Planned, after: number): Operation {
    const body = 'transaction' in planned ? planned.transaction : undefined;
    const operation: Operation = {
      id: this.nextId++, client, command: body === undefined ? (planned as Command) : ['EXEC'], ...(body === undefined ? {} : { body }),
      calledAt: now(), returnedAt: Infinity, reply: undefined, after,
    };
    this.operations.push(operation);
    return operation;
  }
}

export class RecordingClient {
  readonly id: number;
  /** When it last got something; for who watches that all go on. */
  heardAt = now();
  private readonly socket: Socket;
  private readonly recorder: Recorder;
  private readonly awaited: Awaited[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private last = -1;
  private replies: PlainReply[] = [];
  private wanted = 0;
  private settle: { resolve: (replies: PlainReply[]) => void; reject: (error: Error) => void } | undefined;
  private fault: Error | undefined;

  private constructor(id: number, socket: Socket, recorder: Recorder) {
    this.id = id;
    this.socket = socket;
    this.recorder = recorder;
    socket.on('data', (chunk) => this.take(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the connection is closed')));
  }

  static async open(id: number, port: number, recorder: Recorder): Promise<RecordingClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.removeAllListeners('error');
    return new RecordingClient(id, socket, recorder);
  }

  /** What it waits for; undefined when for nothing. */
  get waitsFor(): Operation | undefined {
    return this.awaited[0]?.operation;
  }

  /** Sends all at once; resolves with the operations' replies. One call at a time. */
  send(...plan: readonly Planned[]): Promise<PlainReply[]> {
    return this.exchange(plan, true);
  }

  /** Sends what is no part of the history. */
  async aside(command: Command): Promise<PlainReply> {
    return (await this.exchange([command], false))[0]!;
  }

  private exchange(plan: readonly Planned[], isNoted: boolean): Promise<PlainReply[]> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    const commands: Command[] = [];
    for (const planned of plan) {
      const body = 'transaction' in planned ? planned.transaction : undefined;
      if (body === undefined) commands.push(planned as Command);
      else commands.push(['MULTI'], ...body, ['EXEC']);
      const operation = isNoted ? this.recorder.note(this.id, planned, this.last) : undefined;
      if (operation !== undefined) this.last = operation.id;
      this.awaited.push({ operation, left: body === undefined ? 0 : body.length + 1 });
    }
    this.wanted = plan.length;
    this.replies = [];
    const bytes = encodeCommands(commands);
    return new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
      this.socket.write(bytes);
    });
  }

  private take(chunk: Buffer): void {
    const at = now();
    this.heardAt = at;
    const buffer = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let from = 0;
    for (let end = frameEnd(buffer, 0); end > 0; end = from < buffer.length ? frameEnd(buffer, from) : -1) {
      this.takeReply(toPlain(parseReply(buffer.subarray(from, end))), at);
      from = end;
    }
    this.rest = buffer.subarray(from);
  }

  private takeReply(reply: PlainReply, at: number): void {
    const awaited = this.awaited[0];
    if (awaited === undefined) return this.fail(new Error('a reply to nothing that was asked'));
    if (awaited.left > 0) {
      awaited.left--;
      if (reply instanceof Error) this.fail(new Error(`within a transaction: ${reply.message}`));
      return;
    }
    this.awaited.shift();
    if (awaited.operation !== undefined) {
      awaited.operation.returnedAt = at;
      awaited.operation.reply = reply;
    }
    this.replies.push(reply);
    if (this.replies.length < this.wanted) return;
    const { settle } = this;
    this.settle = undefined;
    settle?.resolve(this.replies);
  }

  private fail(error: Error): void {
    this.fault ??= error;
    this.settle?.reject(this.fault);
    this.settle = undefined;
  }

  close(): void {
    this.fault ??= new Error('closed by the test');
    this.socket.destroy();
  }
}
