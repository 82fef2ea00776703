/**
 * A real redis-server for the differential tests of the rooms: started in a directory of its own on a port the system
 * picks, asked in one pipeline over a plain socket. Replies come back raw, one latin1 character per byte.
 */

/* eslint-disable no-restricted-imports -- only specs import this file, and they need a real server beside them */

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Frame = string | Frame[];

/** Whether differential tests run: always on CI, where the server must be there. */
export const hasRedis = process.env['CI'] === 'true' || spawnSync('redis-server', ['--version']).status === 0;

export class RealRedis {
  private readonly directory: string;
  private readonly child: ChildProcess;
  private readonly socket: Socket;

  private constructor(directory: string, child: ChildProcess, socket: Socket) {
    this.directory = directory;
    this.child = child;
    this.socket = socket;
  }

  static async start(): Promise<RealRedis> {
    const directory = mkdtempSync(join(tmpdir(), 'larder-commands-'));
    const port = await freePort();
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      let log = '';
      child.stdout!.on('data', (chunk: Buffer) => {
        log += chunk.toString();
        if (log.includes('Ready to accept connections')) resolve();
      });
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`redis-server ended: ${log}`)));
    });
    const socket = createConnection(port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    return new RealRedis(directory, child, socket);
  }

  /** Sends all commands (words are latin1) and waits for as many replies. */
  async ask(commands: readonly (readonly string[])[]): Promise<string[]> {
    const replies: string[] = [];
    const text = commands.map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`).join('');
    const chunks: Buffer[] = [];
    await new Promise<void>((resolve) => {
      let left = commands.length;
      const counter = new FrameCounter();
      const listen = (chunk: Buffer): void => {
        chunks.push(chunk);
        left -= counter.count(chunk);
        if (left > 0) return;
        this.socket.off('data', listen);
        resolve();
      };
      this.socket.on('data', listen);
      this.socket.write(Buffer.from(text, 'latin1'));
    });
    const input = Buffer.concat(chunks).toString('latin1');
    for (let at = 0; at < input.length; ) {
      const { end } = readFrame(input, at);
      replies.push(input.slice(at, end));
      at = end;
    }
    return replies;
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.directory, { recursive: true });
  }
}

/** Counts the complete top-level frames that end in each chunk. */
class FrameCounter {
  private rest = '';

  count(chunk: Buffer): number {
    const input = this.rest + chunk.toString('latin1');
    let frames = 0;
    let at = 0;
    try {
      for (; at < input.length; frames++) at = readFrame(input, at).end;
    } catch {
      // incomplete
    }
    this.rest = input.slice(at);
    return frames;
  }
}

/** The frame at `at` of RESP2 or RESP3: scalars keep their kind in front, a bulk string a quote, so that "1, :1 and $-1 (null) differ. */
export function readFrame(input: string, at: number): { frame: Frame; end: number } {
  const lineEnd = input.indexOf('\r\n', at);
  if (lineEnd < 0) throw new Error('incomplete');
  const kind = input[at]!;
  const head = input.slice(at + 1, lineEnd);
  const start = lineEnd + 2;
  if (kind === '$' && head !== '-1') {
    const end = start + Number(head) + 2;
    if (end > input.length) throw new Error('incomplete');
    return { frame: `"${input.slice(start, end - 2)}`, end };
  }
  if (!'*~%'.includes(kind) || head === '-1') return { frame: kind + head, end: start };
  const items: Frame[] = [`${kind}${head}`];
  let end = start;
  for (let left = Number(head) * (kind === '%' ? 2 : 1); left > 0; left--) {
    const item = readFrame(input, end);
    items.push(item.frame);
    end = item.end;
  }
  return { frame: items, end };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
