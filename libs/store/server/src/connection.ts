/**
 * One client's connection: bytes in, commands to dispatch, bytes out.
 *
 *   chunk ──▶ [pending ++] ──▶ decoder ──▶ dispatch ──▶ reply buffer ──▶ one write at the end of the round (departures.ts)
 *
 * A chunk is decoded where it lies; only what is left of an unfinished command is copied to `pending`.
 * A blocked client's further bytes wait in `pending` until it is served, and so do those of one that CLIENT PAUSE stops, or
 * that sends on and on and does not read its replies ("choked").
 *
 * Bounds: what waits to be read by `client-query-buffer-limit`, what waits to be sent by `client-output-buffer-limit`, or
 * where that is off by OUTPUT_CHOKE_BYTES and one command's reply.
 */
import { readSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { DecodeState } from '@larder/store-resp';
import { INCOMPLETE, INVALID, REPLY_BUFFER_BYTES } from '@larder/store-resp';
import { NEEDS_AUTH, Session } from '@larder/store-dispatch';
import { DEPARTURE_BYTES_MAX } from './departures';
import { readInto } from './read-into';
import { SocketWriter } from './socket-writer';
import type { Link } from './replication/link';
import type { StoreServer } from './store-server';

const EMPTY = Buffer.alloc(0);
/** So many unread bytes of a client without an output limit: its commands wait until it has read half of them. */
const OUTPUT_CHOKE_BYTES = 128 << 20;
/** Room made at once for a command that announces its size; beyond that it grows with what has really come. */
const EAGER_BYTES = 4 << 20;
/** How long a connection that is over may take to swallow its last replies. */
const LINGER_MS = 30_000;

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
  /** What CLIENT REPLY OFF does not silence, until the command ends. */
  private readonly pushes: Buffer[] = [];
  private pending = EMPTY;
  private pendingLength = 0;
  private need = 0;
  private readonly decodeState: DecodeState = { resume: null };
  private readonly limits: { bulkBytesMax: number; authenticated: boolean };
  private readonly writer: SocketWriter;
  private isClosed = false;
  /** A command of its stands first in `pending` and waits for the end of CLIENT PAUSE. */
  private isPostponed = false;
  private isChoked = false;
  /** Some of its replies wait for the end of the round. */
  private isDeparting = false;
  /** Set once it is a replica that is fed. */
  link: Link | null = null;
  /** What it has said by REPLCONF: bits of the link table, a port, an address. */
  capabilities = 0;
  replicaPort = 0;
  announcedHost = '';
  /** Offset of the replication stream behind its last write. */
  writtenTo = 0;
  /** And of the AOF's journal; NaN, which is behind nothing, before its first. */
  journalledTo = NaN;
  /** See output-limit.ts. */
  softSince = 0;

  constructor(id: number, socket: Socket, server: StoreServer) {
    super(id);
    this.socket = socket;
    this.writer = new SocketWriter(socket, () => this.drained());
    this.server = server;
    this.connectedAt = this.activeAt = server.clock.now();
    this.address = peer(socket.remoteAddress, socket.remotePort, server);
    this.localAddress = peer(socket.localAddress, socket.localPort, server);
    this.limits = { bulkBytesMax: server.bulkBytesMax.value, authenticated: true };
    readInto(socket, (bytes, length) => this.receive(bytes, length));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
    // Its end of the line: what was asked is answered, what was begun never will be.
    socket.on('end', () => this.end(true));
  }

  /** True when it came over the loopback interface or a unix socket. */
  get isLocal(): boolean {
    return isLocalPeer(this.socket);
  }

  get isEncrypted(): boolean {
    return (this.socket as Partial<TLSSocket>).encrypted === true;
  }

  get fileDescriptor(): number {
    return (this.socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1;
  }

  /** Where its replica's clients reach it. */
  get replicaHost(): string {
    return this.announcedHost || this.address.slice(0, this.address.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  }

  /** Bytes waiting in the query buffer. */
  get queryBytes(): number {
    return this.pendingLength;
  }

  /** Room that is taken for them. */
  get queryRoom(): number {
    return this.pending.length;
  }

  /** Bytes written that the peer has not taken. */
  get outputBytes(): number {
    let bytes = this.writer.pendingBytes + (this.server.replyGate?.heldBytes(this) ?? 0);
    for (const part of this.outbox) bytes += part.length;
    return bytes;
  }

  private receive(bytes: Buffer, length: number): void {
    if (this.isClosed || this.closing) return;
    this.server.statistics.inputBytes += length;
    if (this.pendingLength > 0) {
      this.keep(bytes, 0, length);
      if (this.isClosed || this.pendingLength < this.need || this.isHeld) return;
      this.work(this.pending, this.pendingLength);
    } else if (this.isHeld) {
      this.keep(bytes, 0, length);
    } else this.work(bytes, length);
  }

  /**
   * Reads what has arrived without waiting for the event loop, which a script holds. An encrypted connection waits until the script
   * ends: its bytes would be lost to the cipher.
   */
  poll(): void {
    const fd = this.fileDescriptor;
    if (fd < 0 || this.isEncrypted || this.isClosed || this.closing) return;
    const chunk = Buffer.allocUnsafeSlow(65536);
    try {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length > 0) this.receive(chunk, length);
      else this.end(false);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.end(false);
    }
  }

  /** Its commands wait for something. */
  private get isHeld(): boolean {
    return this.blocked !== null || this.isPostponed || this.isChoked;
  }

  /** Goes on with what waited while the client was blocked or paused. */
  resume(): void {
    this.isPostponed = false;
    if (this.isClosed || this.closing || this.isHeld || this.pendingLength === 0) return;
    this.work(this.pending, this.pendingLength);
  }

  private choke(): void {
    if (this.isChoked || this.writer.pendingBytes <= OUTPUT_CHOKE_BYTES || this.isClosed) return;
    this.isChoked = true;
    this.socket.pause();
  }

  /** The kernel has taken what was queued. */
  private drained(): void {
    this.link?.drained();
    this.unchoke();
  }

  private unchoke(): void {
    if (!this.isChoked || this.isClosed || this.writer.pendingBytes > OUTPUT_CHOKE_BYTES / 2) return;
    this.isChoked = false;
    this.socket.resume();
    this.resume();
  }

  private work(buf: Buffer, end: number): void {
    const { server, decodeState } = this;
    const { ahead, dispatcher } = server;
    const { reply } = dispatcher;
    const fromPending = buf === this.pending;
    let pos = 0;
    let status = INCOMPLETE;
    server.beginTurn(this);
    server.journal.reads(buf);
    const hasCrew = server.crew !== null;
    do {
      if (ahead.at === ahead.count) {
        this.limits.authenticated = (this.conditions & NEEDS_AUTH) === 0;
        this.limits.bulkBytesMax = server.bulkBytesMax.value;
        status = ahead.fill(buf, pos, end, this.limits, decodeState, this.database);
        if (ahead.count === 0) {
          if (status === INVALID) this.refuse(ahead.decoder.error);
          break;
        }
      }
      if (hasCrew) server.breathe();
      const args = ahead.next();
      if (args.count > 0) {
        if (server.pause.isActive && this.link === null && server.pause.postpones(this, args)) {
          this.isPostponed = true;
          break;
        }
        const start = reply.pos;
        dispatcher.dispatch(this, args, ahead.command);
        if (server.observers.isTracking) server.observers.tracking.afterCommand(this);
        if (this.replyMode !== 'on') this.muffle(start);
      } else this.link?.isHeardOf();
      pos = ahead.done();
      if (this.blocked !== null || this.closing) break;
      if (reply.pos >= REPLY_BUFFER_BYTES) {
        this.flushReply();
        if (this.closing || this.isChoked) break;
      }
    } while (pos !== end);
    server.journal.reads(null);
    // Of the bytes that follow the unfinished command needs so many.
    this.need = ahead.count === 0 && status === INCOMPLETE && pos !== end ? ahead.decoder.need : 0;
    ahead.forget(decodeState);
    // What is left of the bytes, before the write below may run anything.
    if (this.closing || pos === end) {
      this.pendingLength = 0;
      if (this.pending.length > REPLY_BUFFER_BYTES) this.pending = EMPTY;
    } else if (fromPending) this.drop(pos, end);
    else this.keep(buf, pos, end);
    this.flushReply();
    server.endTurn();
    if (this.closing) this.end(true);
  }

  /** Bytes that are no command end the connection. */
  private refuse(error: string): void {
    const { server } = this;
    const { reply } = server.dispatcher;
    reply.error(error);
    reply.errors = 0;
    server.commandFailed(undefined, error);
    this.closing = true;
  }

  /** What stands before `pos` in `pending` is done with. */
  private drop(pos: number, end: number): void {
    const left = end - pos;
    if (this.pending.length > REPLY_BUFFER_BYTES && Math.max(left, this.need) < this.pending.length / 4) {
      this.pending = Buffer.from(this.pending.subarray(pos, end)); // a large command's room is not kept for a small one
    } else if (pos > 0) this.pending.copy(this.pending, 0, pos, end);
    this.pendingLength = left;
    this.reserve(this.announced());
  }

  /** Room for the command that has begun: all it announced when that is little, else twice what has come of it. */
  private announced(): number {
    return Math.min(this.need, Math.max(EAGER_BYTES, this.pendingLength * 2));
  }

  private keep(chunk: Buffer, from: number, to: number): void {
    const length = to - from;
    this.reserve(Math.max(this.pendingLength + length, this.announced()));
    chunk.copy(this.pending, this.pendingLength, from, to);
    this.pendingLength += length;
    this.server.memory.clientGrew(this.pendingLength);
    if (this.pendingLength > this.server.queryBufferMax.value) {
      this.server.log.warning(`Closing client that reached max query buffer length: ${this.describe()}`);
      this.end(false);
    }
  }

  private reserve(bytes: number): void {
    if (bytes <= this.pending.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(this.pending.length * 2, bytes + Math.max(1 << 20, bytes >> 2)), 1024));
    this.pending.copy(larger, 0, 0, this.pendingLength);
    this.pending = larger;
  }

  /** CLIENT REPLY OFF and SKIP: the answer is made and thrown away. */
  private muffle(start: number): void {
    const { reply } = this.server.dispatcher;
    // The command that asks for SKIP answers nothing itself; a transaction around it is answered.
    if (this.replyMode === 'skip-next') this.replyMode = 'skip';
    else {
      reply.pos = start;
      if (this.replyMode === 'skip') this.replyMode = 'on';
    }
    for (const push of this.pushes.splice(0)) reply.raw(push);
  }

  /** Sends what the reply buffer holds for this client. */
  private flushReply(): void {
    const { reply } = this.server.dispatcher;
    const length = reply.pos;
    if (this.outbox.length > 0) this.flushOutbox();
    if (length === 0) return;
    reply.pos = 0;
    if (length <= DEPARTURE_BYTES_MAX && this.server.gathersReplies) {
      if (this.isClosed || this.server.replyGate?.holds(this, reply.buf.subarray(0, length)) === true) return;
      this.isDeparting = true;
      this.server.departures.add(this, reply.buf, length);
    } else if (this.writer.pendingBytes > 0 && length < REPLY_BUFFER_BYTES / 2) {
      // It will be queued for sure: a few bytes must not hold the whole buffer.
      this.write(Buffer.from(reply.buf.subarray(0, length)));
    } else if (!this.write(reply.buf.subarray(0, length)) || reply.buf.length > REPLY_BUFFER_BYTES * 4) {
      // The kernel did not take all of it, or it has grown huge: the buffer goes its way and a fresh one takes its place.
      reply.buf = Buffer.allocUnsafeSlow(REPLY_BUFFER_BYTES);
    }
  }

  /** False when the bytes must stay as they are until they are sent. */
  private write(bytes: Buffer): boolean {
    if (this.isDeparting) this.server.departures.flush();
    if (this.isClosed || this.server.replyGate?.holds(this, bytes) === true) return true;
    return this.send(bytes);
  }

  /** What waited for the end of the round. False when the bytes must stay as they are until they are sent. */
  depart(bytes: Buffer): boolean {
    this.isDeparting = false;
    if (this.isClosed) return true;
    return this.send(this.writer.pendingBytes > 0 ? Buffer.from(bytes) : bytes);
  }

  private send(bytes: Buffer): boolean {
    this.server.statistics.outputBytes += bytes.length;
    this.server.statistics.writes++;
    const isTaken = this.writer.write(bytes);
    if (!isTaken) {
      this.server.checkOutputLimit(this);
      this.server.memory.clientGrew(this.writer.pendingBytes);
      this.choke();
    }
    return isTaken;
  }

  override deliver(bytes: Uint8Array): void {
    if (this.isClosed) return;
    const { server } = this;
    if (this.blocked !== null) {
      server.replyGate?.served(this);
      if (server.journal.stream !== null) server.replication.served(this);
    }
    if (server.current === this) {
      if (this.replyMode === 'on') server.dispatcher.reply.raw(bytes);
      else this.pushes.push(Buffer.from(bytes));
      return;
    }
    this.outbox.push(Buffer.from(bytes));
    server.queueFlush(this);
  }

  /** Bytes that the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.writer.pendingBytes;
  }

  /** To a replica: false when the buffer belongs to the socket until it is sent. */
  sendRaw(bytes: Buffer): boolean {
    if (this.isDeparting) this.server.departures.flush();
    if (this.isClosed) return true;
    this.server.statistics.outputBytes += bytes.length;
    this.server.statistics.writes++;
    return this.writer.write(bytes);
  }

  /** Writes what was held back until the disk had it. */
  release(bytes: Buffer): void {
    this.write(bytes);
  }

  /** Writes what other clients' commands left for this one. */
  flushOutbox(): void {
    if (this.outbox.length === 0) return;
    this.activeAt = this.server.keyspace.now; // who is sent something is not idle
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
    if (this.isDeparting) this.server.departures.flush();
    if (this.server.replyGate?.lingers(this) === true) return;
    if (this.server.current !== this) {
      // Not until the peer hangs up as well, but until it has what it is owed.
      const timer = this.server.clock.setTimer(LINGER_MS, () => this.socket.destroy());
      this.socket.once('close', () => timer.cancel());
      this.writer.destroySoon();
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

/** Over the loopback interface or a unix socket. */
export function isLocalPeer(socket: Socket): boolean {
  const { remoteAddress } = socket;
  return remoteAddress === undefined || remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress);
}

function peer(address: string | undefined, port: number | undefined, server: StoreServer): string {
  if (address === undefined) return `${server.settings.path('unixsocket') || '?'}:0`;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
