/**
 * One client's connection: bytes in, commands to dispatch, bytes out.
 *
 *   chunk ──▶ [pending ++] ──▶ decoder ──▶ dispatch ──▶ reply buffer ──▶ one write at the end of the read event
 *
 * A chunk is decoded where it lies; only what is left of an unfinished command is copied to `pending`.
 * A blocked client's further bytes wait in `pending` until it is served.
 */
import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { DecodeState } from '@larder/store-resp';
import { COMPLETE, INVALID, REPLY_BUFFER_BYTES } from '@larder/store-resp';
import { NEEDS_AUTH, Session } from '@larder/store-dispatch';
import { readInto } from './read-into';
import { SocketWriter } from './socket-writer';
import type { StoreServer } from './store-server';

/** A query buffer above this ends the connection, as `client-query-buffer-limit`. */
const EMPTY = Buffer.alloc(0);

export class Connection extends Session {
  readonly socket: Socket;
  readonly server: StoreServer;
  /** When it connected and last sent something, ms since 1970. */
  readonly connectedAt: number;
  activeAt: number;
  readonly address: string;
  readonly localAddress: string;
  /** Bytes handed to the socket by other clients' commands, to go out at the end of the tick. */
  private outbox: Buffer[] = [];
  private pending = EMPTY;
  private pendingLength = 0;
  private need = 0;
  private readonly decodeState: DecodeState = { resume: null };
  private readonly limits: { bulkBytesMax: number; authenticated: boolean };
  private readonly writer: SocketWriter;
  private isClosed = false;

  constructor(id: number, socket: Socket, server: StoreServer) {
    super(id);
    this.socket = socket;
    this.writer = new SocketWriter(socket);
    this.server = server;
    this.connectedAt = this.activeAt = server.clock.now();
    this.address = peer(socket.remoteAddress, socket.remotePort, server);
    this.localAddress = peer(socket.localAddress, socket.localPort, server);
    this.limits = { bulkBytesMax: server.bulkBytesMax.value, authenticated: true };
    readInto(socket, (bytes, length) => this.receive(bytes, length));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    socket.on('end', () => this.close());
  }

  /** True when it came over the loopback interface or a unix socket. */
  get isLocal(): boolean {
    const { remoteAddress } = this.socket;
    return remoteAddress === undefined || remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress);
  }

  get fileDescriptor(): number {
    return (this.socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
  }

  /** Bytes waiting in the query buffer. */
  get queryBytes(): number {
    return this.pendingLength;
  }

  /** Bytes written that the peer has not taken. */
  get outputBytes(): number {
    let bytes = this.writer.pendingBytes;
    for (const part of this.outbox) bytes += part.length;
    return bytes;
  }

  private receive(bytes: Buffer, length: number): void {
    if (this.isClosed || this.closing) return;
    this.server.inputBytesTotal += length;
    if (this.pendingLength > 0) {
      this.keep(bytes, 0, length);
      if (this.pendingLength < this.need || this.blocked !== null) return;
      this.work(this.pending, this.pendingLength);
    } else if (this.blocked !== null || this.server.isPaused) {
      this.keep(bytes, 0, length);
    } else this.work(bytes, length);
  }

  /** Reads what has arrived without waiting for the event loop, which a script holds. */
  poll(): void {
    const fd = this.fileDescriptor;
    if (fd < 0 || this.isClosed || this.closing) return;
    const chunk = Buffer.allocUnsafeSlow(65536);
    try {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length > 0) this.receive(chunk, length);
      else this.end(false);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.end(false);
    }
  }

  /** Goes on with what waited while the client was blocked. */
  resume(): void {
    if (this.isClosed || this.closing || this.blocked !== null || this.pendingLength === 0) return;
    this.work(this.pending, this.pendingLength);
  }

  private work(buf: Buffer, end: number): void {
    const { server } = this;
    const { decoder, dispatcher } = server;
    const { reply } = dispatcher;
    const fromPending = buf === this.pending;
    let pos = 0;
    server.beginTurn(this);
    this.limits.authenticated = (this.conditions & NEEDS_AUTH) === 0;
    this.limits.bulkBytesMax = server.bulkBytesMax.value;
    for (;;) {
      const status = decoder.next(buf, pos, end, this.limits, this.decodeState);
      if (status === COMPLETE) {
        pos = decoder.pos;
        if (decoder.args.count === 0) continue;
        const start = reply.pos;
        dispatcher.dispatch(this, decoder.args);
        if (this.replyMode !== 'on') this.muffle(start);
        if (this.blocked !== null || this.closing || server.isPaused) break;
        if (reply.pos >= REPLY_BUFFER_BYTES) this.flushReply();
        continue;
      }
      if (status === INVALID) {
        reply.error(decoder.error);
        this.closing = true;
      }
      break;
    }
    // What is left of the bytes, before the write below may run anything.
    if (this.closing || pos === end) {
      this.pendingLength = 0;
      if (this.pending.length > REPLY_BUFFER_BYTES) this.pending = EMPTY;
    } else if (fromPending) {
      if (pos > 0) {
        this.pending.copy(this.pending, 0, pos, end);
        this.pendingLength = end - pos;
      }
      this.need = decoder.need;
      this.reserve(this.need);
    } else {
      this.need = decoder.need;
      this.keep(buf, pos, end);
    }
    this.flushReply();
    server.endTurn();
    if (this.closing) this.end(true);
  }

  private keep(chunk: Buffer, from: number, to: number): void {
    const length = to - from;
    this.reserve(Math.max(this.pendingLength + length, Math.min(this.need, 1 << 30)));
    chunk.copy(this.pending, this.pendingLength, from, to);
    this.pendingLength += length;
    if (this.pendingLength > this.server.queryBufferMax.value) {
      this.server.log.warning(`Closing client that reached max query buffer length: ${this.describe()}`);
      this.end(false);
    }
  }

  private reserve(bytes: number): void {
    if (bytes <= this.pending.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(this.pending.length * 2, bytes + (1 << 20)), 1024));
    this.pending.copy(larger, 0, 0, this.pendingLength);
    this.pending = larger;
  }

  /** CLIENT REPLY OFF and SKIP: the answer is made and thrown away. */
  private muffle(start: number): void {
    const { reply } = this.server.dispatcher;
    if (this.replyMode === 'skip-next') this.replyMode = 'skip';
    else {
      reply.pos = start;
      if (this.replyMode === 'skip') this.replyMode = 'on';
      return;
    }
    reply.pos = start;
  }

  /** Sends what the reply buffer holds for this client. */
  private flushReply(): void {
    const { reply } = this.server.dispatcher;
    const length = reply.pos;
    if (this.outbox.length > 0) this.flushOutbox();
    if (length === 0) return;
    reply.pos = 0;
    if (!this.write(reply.buf.subarray(0, length)) || reply.buf.length > REPLY_BUFFER_BYTES * 4) {
      // The kernel did not take all of it, or it has grown huge: the buffer goes its way and a fresh one takes its place.
      reply.buf = Buffer.allocUnsafeSlow(REPLY_BUFFER_BYTES);
    }
  }

  /** False when the bytes must stay as they are until they are sent. */
  private write(bytes: Buffer): boolean {
    if (this.isClosed) return true;
    this.server.outputBytesTotal += bytes.length;
    this.server.writes++;
    const isTaken = this.writer.write(bytes);
    if (!isTaken) this.server.checkOutputLimit(this);
    return isTaken;
  }

  override deliver(bytes: Uint8Array): void {
    if (this.isClosed) return;
    const { server } = this;
    if (server.current === this) return server.dispatcher.reply.raw(bytes);
    this.outbox.push(Buffer.from(bytes));
    server.queueFlush(this);
  }

  /** Writes what other clients' commands left for this one. */
  flushOutbox(): void {
    if (this.outbox.length === 0) return;
    const bytes = this.outbox.length === 1 ? this.outbox[0]! : Buffer.concat(this.outbox);
    this.outbox = [];
    this.write(bytes);
  }

  override end(gentle: boolean): void {
    if (this.isClosed) return;
    this.closing = true;
    if (!gentle) {
      this.close();
      return;
    }
    this.flushOutbox();
    if (this.server.current !== this) {
      this.socket.end();
      this.close(false);
    }
  }

  private close(destroy = true): void {
    if (this.isClosed) {
      if (destroy) this.socket.destroy();
      return;
    }
    this.isClosed = true;
    this.closing = true;
    this.server.forget(this);
    if (destroy) this.socket.destroy();
  }

  override describe(): string {
    return `addr=${this.address} laddr=${this.localAddress}`;
  }
}

function peer(address: string | undefined, port: number | undefined, server: StoreServer): string {
  if (address === undefined) return `${server.settings.path('unixsocket') || '?'}:0`;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
