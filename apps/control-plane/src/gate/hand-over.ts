// Hands clients over to a store on this machine: gives it the connection itself (SCM_RIGHTS), so that none of its bytes go through here.
// What the words mean stands in libs/store/server/src/handed-over.ts.
//
//   take(client) ─▶ a channel to one of the store's threads, in turn ─▶ the store serves it
//                ─▶ channels are being opened: it waits, with a limit
//                ─▶ the store has none: `otherwise`
//
// Invariants
// - The connection stays open here, too, unread, until the store says that it is over. So it is ended from here whatever the store does: when it
//   is no longer led to, hangs, or dies (its channel ends).
// - A store that has no sockets in that directory (another make, another machine) is not handed anything.
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { handleOf, pipeForHandles, streams, type IpcHandle } from './streams.ts';

const handWord = 1;
const threadsWord = 1;
const overWord = 2;
const busyWord = 3;
const wordBytes = 8;
const patienceMs = 2000;
const lookAgainMs = 50;
const looksMax = 100;

export class HandOver {
  readonly #directory: string;
  readonly #port: number;
  readonly #otherwise: (client: Socket) => void;
  readonly #channels = new Map<string, Channel>();
  #waiting: Socket[] = [];
  #threads = 0;
  #turn = 0;
  #looks = 0;
  #patience: NodeJS.Timeout | undefined;
  #lookAgain: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(directory: string, port: number, otherwise: (client: Socket) => void) {
    this.#directory = directory;
    this.#port = port;
    this.#otherwise = otherwise;
  }

  take(client: Socket): void {
    if (!this.#give(client)) {
      if (this.#channels.size === 0) this.#look();
      if (this.#channels.size === 0) return this.#otherwise(client);
      this.#waiting.push(client);
      this.#patience ??= setTimeout(() => this.#giveUp(), patienceMs);
    }
  }

  get count(): number {
    return [...this.#channels.values()].reduce((sum, { count }) => sum + count, this.#waiting.length);
  }

  /** Everybody who was handed over, or waits to be, is closed. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#lookAgain);
    for (const channel of this.#channels.values()) channel.close();
    this.#giveUp();
  }

  #give(client: Socket): boolean {
    const open = [...this.#channels.values()].filter(({ isOpen }) => isOpen);
    const idle = open.filter(({ isBusy }) => !isBusy);
    const choice = idle.length > 0 ? idle : open;
    if (choice.length === 0) return false;
    choice[(this.#turn += 1) % choice.length]!.give(client);
    return true;
  }

  /** Each thread has a socket of its own. */
  #look(): void {
    if (streams === undefined || this.#isClosed) return;
    for (const name of namesIn(this.#directory)) {
      if (!name.startsWith(`${this.#port}.`) || this.#channels.has(name)) continue;
      const channel = new Channel(path.join(this.#directory, name), {
        open: (threads) => {
          this.#threads = threads;
          this.#seat();
          this.#lookForMore();
        },
        close: () => {
          this.#channels.delete(name);
          this.#seat();
        },
      });
      this.#channels.set(name, channel);
      channel.connect();
    }
  }

  /** Whoever waited, once there is somewhere to go, or nowhere any more. */
  #seat(): void {
    const channels = [...this.#channels.values()];
    if (channels.length > 0 && !channels.some(({ isOpen }) => isOpen)) return;
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const client of this.#waiting.splice(0)) if (!this.#give(client)) this.#otherwise(client);
  }

  /** Threads of a store that has just begun come one after the other. */
  #lookForMore(): void {
    clearTimeout(this.#lookAgain);
    if (this.#channels.size === 0 || this.#channels.size >= this.#threads || this.#isClosed || this.#looks >= looksMax) return;
    this.#looks += 1;
    this.#lookAgain = setTimeout(() => {
      this.#look();
      this.#lookForMore();
    }, lookAgainMs);
  }

  #giveUp(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const client of this.#waiting.splice(0)) client.destroy();
  }
}

class Channel {
  readonly #path: string;
  readonly #heard: { open(threads: number): void; close(): void };
  readonly #handle: IpcHandle;
  readonly #clients = new Map<number, Socket>();
  #held = Buffer.alloc(0);
  #next = 0;
  #isClosed = false;
  isOpen = false;
  isBusy = false;

  constructor(file: string, heard: { open(threads: number): void; close(): void }) {
    this.#path = file;
    this.#heard = heard;
    this.#handle = new streams!.Pipe(pipeForHandles);
  }

  get count(): number {
    return this.#clients.size;
  }

  connect(): void {
    const request = new streams!.PipeConnectWrap();
    this.#handle.onread = (bytes) => this.#read(bytes);
    request.oncomplete = (status) => {
      if (status < 0) this.close();
      else if (!this.#isClosed) this.#handle.readStart();
    };
    if (this.#handle.connect(request, this.#path) !== 0) this.close();
  }

  give(client: Socket): void {
    const handle = handleOf(client);
    if (handle === undefined) return void client.destroy();
    const number = (this.#next = (this.#next + 1) >>> 0);
    this.#clients.set(number, client);
    const word = Buffer.alloc(wordBytes);
    word.writeUInt32LE(handWord, 0);
    word.writeUInt32LE(number, 4);
    const request = new streams!.WriteWrap();
    request.held = client;
    request.oncomplete = (status) => {
      if (status < 0) this.close();
    };
    if (this.#handle.writeLatin1String(request, word.toString('latin1'), handle) !== 0) this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.isOpen = false;
    this.#handle.close();
    // Shut down, not only closed: the store may hang and hold them.
    for (const client of this.#clients.values()) client.end(() => client.destroy());
    this.#clients.clear();
    this.#heard.close();
  }

  #read(bytes: ArrayBuffer | undefined): void {
    if (this.#isClosed || bytes === undefined) return this.close();
    this.#held = Buffer.concat([this.#held, Buffer.from(bytes)]);
    let at = 0;
    for (; this.#held.length - at >= wordBytes; at += wordBytes) this.#hear(this.#held.readUInt32LE(at), this.#held.readUInt32LE(at + 4));
    this.#held = this.#held.subarray(at);
  }

  #hear(word: number, number: number): void {
    if (word === threadsWord) {
      this.isOpen = true;
      this.#heard.open(number);
    } else if (word === overWord) {
      this.#clients.get(number)?.destroy();
      this.#clients.delete(number);
    } else if (word === busyWord) this.isBusy = number === 1;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
