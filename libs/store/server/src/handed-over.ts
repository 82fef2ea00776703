/**
 * Clients that a proxy on this machine hands over: it gives away the connection itself (SCM_RIGHTS) instead of carrying its bytes, so
 * that they cost what those of a client that came directly cost.
 *
 *   proxy ── unix socket `<handover-dir>/<port>.<thread>` ──▶ [1][number] + connection       "take this one"
 *         ◀────────────────────────────────────────────────── [1][threads]                   first thing said
 *                                                             [2][number]                    "that one is over"
 *                                                             [3][0 | 1]                     whether a script keeps this thread busy
 *
 * The proxy keeps its own hold on each connection, to end it when this server hangs or is no longer the one to be led to; so a connection is
 * over for the client only once both have let go. When a channel ends, everybody who came by it is closed: nobody else could close them.
 *
 * Each word is two numbers of 32 bits. The kernel gives at most one connection with each read, and each word to us has one.
 *
 * Node accepts no connections that can receive others: the accepted socket's descriptor is opened a second time as one that can. Only that
 * second handle is ever closed; the first is kept, untouched, to the end of the process, or the descriptor's number would be closed twice.
 */
import { readdirSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { Socket, createServer } from 'node:net';
import { join } from 'node:path';
import { streams } from './socket-writer';
import type { StoreServer } from './store-server';

const THREADS = 1;
const OVER = 2;
const BUSY = 3;
const WORD_BYTES = 8;
const IPC = 2;

interface IpcHandle {
  pendingHandle: object | null;
  onread: (bytes: ArrayBuffer | undefined) => void;
  open(fd: number): number;
  readStart(): number;
  close(): void;
  writeBuffer(request: object, bytes: Buffer): number;
}
type PipeHandle = { fd: number; constructor: new (kind: number) => IpcHandle };

const kept: object[] = [];

export class HandedOver {
  private readonly server: StoreServer;
  private readonly accept: (socket: Socket) => void;
  private listener: Server | null = null;
  private path = '';
  private readonly channels = new Set<Channel>();
  private isBusy = false;

  constructor(server: StoreServer, accept: (socket: Socket) => void) {
    this.server = server;
    this.accept = accept;
  }

  /** Listens where the settings say: the name holds the port, by which the proxy knows a store. */
  follow(): void {
    const { settings, threadIndex, log } = this.server;
    const directory = settings.path('handover-dir');
    const port = settings.number('port');
    const path = directory === '' || port === 0 || streams === undefined ? '' : join(directory, `${port}.${threadIndex}`);
    if (path === this.path) return;
    const isFirst = this.path === '' && threadIndex === 0; // before there are other threads
    this.listener?.close();
    this.listener = null;
    this.path = path;
    if (path === '') return;
    try {
      // Those of whoever had the port before, maybe with more threads.
      if (isFirst) for (const name of readdirSync(directory)) if (name.startsWith(`${port}.`)) rmSync(join(directory, name), { force: true });
      rmSync(path, { force: true });
      const listener = createServer({ pauseOnConnect: true }, (socket) => this.open(socket));
      listener.on('error', (error) => log.warning(`Connections cannot be handed over at ${path}: ${error.message}`));
      listener.listen(path);
      this.listener = listener;
    } catch (error) {
      log.warning(`Connections cannot be handed over at ${path}: ${(error as Error).message}`);
    }
  }

  /** Newcomers go to other threads while a script runs on this one. */
  setBusy(isBusy: boolean): void {
    if (this.isBusy === isBusy) return;
    this.isBusy = isBusy;
    for (const channel of this.channels) channel.say(BUSY, Number(isBusy));
  }

  /** Stops listening; who is in stays in. */
  close(): void {
    this.listener?.close();
    this.listener = null;
    this.path = '';
  }

  private open(socket: Socket): void {
    const pipe = (socket as unknown as { _handle: PipeHandle | null })._handle;
    if (pipe === null || pipe.fd < 0) return void socket.destroy();
    const handle = new pipe.constructor(IPC);
    const error = handle.open(pipe.fd);
    if (error !== 0) {
      this.server.log.warning(`Connections cannot be handed over at ${this.path}: error ${error}`);
      return void socket.destroy();
    }
    kept.push(socket);
    const channel = new Channel(handle, this.accept, () => this.channels.delete(channel));
    this.channels.add(channel);
    channel.say(THREADS, this.server.crew?.threads.count ?? 1);
    if (this.isBusy) channel.say(BUSY, 1);
  }
}

class Channel {
  private readonly handle: IpcHandle;
  private readonly accept: (socket: Socket) => void;
  private readonly over: () => void;
  private readonly sockets = new Set<Socket>();
  private isClosed = false;

  constructor(handle: IpcHandle, accept: (socket: Socket) => void, over: () => void) {
    this.handle = handle;
    this.accept = accept;
    this.over = over;
    handle.pendingHandle = null;
    handle.onread = (bytes) => this.read(bytes);
    handle.readStart();
  }

  say(word: number, number: number): void {
    if (this.isClosed) return;
    const bytes = Buffer.allocUnsafeSlow(WORD_BYTES);
    bytes.writeUInt32LE(word, 0);
    bytes.writeUInt32LE(number, 4);
    const request = new streams!.WriteWrap();
    request.bytes = bytes;
    request.oncomplete = (status) => {
      if (status < 0) this.close();
    };
    if (this.handle.writeBuffer(request, bytes) !== 0) this.close();
  }

  private read(bytes: ArrayBuffer | undefined): void {
    const handed = this.handle.pendingHandle;
    this.handle.pendingHandle = null;
    if (bytes?.byteLength !== WORD_BYTES) return this.close();
    const number = new DataView(bytes).getUint32(4, true);
    if (handed === null) return this.say(OVER, number);
    // Half-open as all: who has sent all and hung up its end still gets its answers.
    const socket = new Socket({ handle: handed, allowHalfOpen: true, readable: true, writable: true } as object);
    this.sockets.add(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      this.say(OVER, number);
    });
    this.accept(socket);
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handle.close();
    this.over();
    for (const socket of this.sockets) socket.destroy();
  }
}
