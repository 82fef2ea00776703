/**
 * A real redis-server for the differential tests: started in a directory of its own on a port the system picks,
 * asked over a plain socket. Replies come back as latin1 text, one character per byte, like the settings' own text.
 */

/* eslint-disable no-restricted-imports -- only specs import this file, and they need a real server beside them */

import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Reply = string | Reply[];

export class RealRedis {
  readonly directory: string;
  private readonly child: ChildProcess;
  private readonly socket: Socket;
  private input = '';
  private readonly waiting: ((reply: Reply) => void)[] = [];

  private constructor(directory: string, child: ChildProcess, socket: Socket) {
    this.directory = directory;
    this.child = child;
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.input += chunk.toString('latin1');
      for (let found = readReply(this.input, 0); found; found = readReply(this.input, 0)) {
        this.input = this.input.slice(found.end);
        this.waiting.shift()?.(found.reply);
      }
    });
  }

  /** Starts with the configuration given, or with nothing but port and directory. */
  static async start(configText?: string, args: readonly string[] = []): Promise<RealRedis> {
    const directory = mkdtempSync(join(tmpdir(), 'larder-settings-'));
    const port = await freePort();
    const where = ['--port', String(port), '--dir', directory];
    const file = configText === undefined ? [] : [join(directory, 'redis.conf')];
    if (configText !== undefined) writeFileSync(file[0]!, configText, 'latin1');
    const child = spawn('redis-server', [...file, ...where, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
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

  ask(...args: string[]): Promise<Reply> {
    const parts = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`).join('');
    this.socket.write(Buffer.from(`*${args.length}\r\n${parts}`, 'latin1'));
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  configFile(): string {
    return readFileSync(join(this.directory, 'redis.conf'), 'latin1');
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.directory, { recursive: true });
  }
}

/** Runs redis-server to its end: for command lines that must fail or only print. */
export function runRedis(args: readonly string[], input = '', directory = tmpdir()): { code: number | null; stdout: string; stderr: string } {
  const run = spawnSync('redis-server', args, { input, cwd: directory, timeout: 10_000, encoding: 'latin1' });
  return { code: run.status, stdout: run.stdout, stderr: run.stderr };
}

/** A reply at `at`, or undefined while it is incomplete. Errors keep their minus. */
function readReply(input: string, at: number): { reply: Reply; end: number } | undefined {
  const lineEnd = input.indexOf('\r\n', at);
  if (lineEnd < 0) return undefined;
  const head = input.slice(at + 1, lineEnd);
  const start = lineEnd + 2;
  if (input[at] === '$') {
    const end = start + Number(head) + 2;
    return end > input.length ? undefined : { reply: input.slice(start, end - 2), end };
  }
  if (input[at] !== '*') return { reply: input[at] === '-' ? `-${head}` : head, end: start };
  const items: Reply[] = [];
  let end = start;
  for (let left = Number(head); left > 0; left--) {
    const item = readReply(input, end);
    if (!item) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
