/**
 * A store as a process of its own: redis-server or larder-server on a free loopback port, in a
 * temporary folder that goes away with it.
 *
 * Invariants: a store that was started here never outlives this process (the kernel ends it, where util-linux is; otherwise
 * they are killed by pid on exit, which a test runner may not let us hear of); `stop` asks, then kills; what the process wrote is kept and is part of every failure.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { connectRaw } from './raw-client.ts';
import type { RawClient } from './raw-client.ts';
import { repositoryRoot } from './repository-root.ts';
import { toolPath } from './tools.ts';
import { waitFor } from './wait-for.ts';

export type StoreKind = 'redis-server' | 'larder-server';

export interface StoreOptions {
  readonly kind: StoreKind;
  /** Directives after the harness' own, as on the command line: `['--maxmemory', '1mb']`. */
  readonly args?: readonly string[];
  /** A configuration file that comes before the directives. */
  readonly configFile?: string;
  /** Kept when given; otherwise made and removed. */
  readonly dir?: string;
  readonly port?: number;
  readonly env?: Record<string, string>;
  /** Another program to run, for a build that is not the repository's. */
  readonly binary?: string;
  readonly startTimeoutMs?: number;
}

export interface StoreExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Store {
  readonly kind: StoreKind;
  readonly port: number;
  readonly pid: number;
  readonly dir: string;
  /** From the start of the process to its first answer. */
  readonly startedInMs: number;
  readonly exited: Promise<StoreExit>;
  readonly isRunning: boolean;
  /** All that the process wrote to its standard output and error. */
  log(): string;
  waitForLog(text: string | RegExp, timeoutMs?: number): Promise<string>;
  connect(protocol?: 2 | 3, timeoutMs?: number): Promise<RawClient>;
  /** TERM, then KILL after the limit. */
  stop(timeoutMs?: number): Promise<StoreExit>;
  kill(signal?: NodeJS.Signals): Promise<StoreExit>;
}

const LOG_BYTES_MAX = 4_000_000;
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** The program to run for a kind; `LARDER_SERVER_BIN` and `REDIS_SERVER_BIN` name another build. */
export function storeBinary(kind: StoreKind): string {
  if (kind === 'redis-server') return process.env['REDIS_SERVER_BIN'] ?? 'redis-server';
  return process.env['LARDER_SERVER_BIN'] ?? join(repositoryRoot(), 'apps/data-plane/bin/larder-server');
}

export async function startStore(options: StoreOptions): Promise<Store> {
  const binary = options.binary ?? storeBinary(options.kind);
  if (binary.includes('/') && !existsSync(binary)) throw new Error(`cannot start ${options.kind}: ${binary} does not exist`);
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    try {
      return await startOn(port, binary, options);
    } catch (error) {
      const isTaken = String(error).includes('Failed listening on port');
      if (!isTaken || options.port !== undefined || attempt === 3) throw error;
    }
  }
}

async function startOn(port: number, binary: string, options: StoreOptions): Promise<Store> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'larder-e2e-'));
  const threads = process.env['LARDER_THREADS'];
  const args = [
    ...(options.configFile === undefined ? [] : [options.configFile]),
    '--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no',
    // Whole suites are run at other numbers of threads than the default. A command that touches what it does not hold is found out,
    // except where speed is measured.
    ...(options.kind === 'larder-server' && threads !== undefined ? ['--threads', threads] : []),
    ...(options.kind === 'larder-server' && process.env['LARDER_ASSERT_SHARDS'] !== 'no' ? ['--debug-assert-shards', 'yes'] : []),
    ...(options.args ?? []),
  ];
  const startedAt = performance.now();
  const child = spawn(...endingWithUs(binary, args), { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
  const store = new ChildStore(options, child, port, dir);
  try {
    await store.awaitPing(options.startTimeoutMs ?? 10_000);
  } catch (error) {
    await store.kill();
    throw new Error(`cannot start ${options.kind} (${binary}): ${String(error)}\n${store.log()}`);
  }
  store.startedInMs = performance.now() - startedAt;
  return store;
}

/** The command that runs a program which is killed when this process is gone, however it went. It keeps its pid. */
function endingWithUs(binary: string, args: string[]): [string, string[]] {
  return process.platform === 'linux' && toolPath('setpriv') !== undefined ? ['setpriv', ['--pdeathsig', 'KILL', '--', binary, ...args]] : [binary, args];
}

class ChildStore implements Store {
  readonly kind: StoreKind;
  readonly port: number;
  readonly dir: string;
  readonly exited: Promise<StoreExit>;
  startedInMs = 0;
  isRunning = true;
  private readonly child: ChildProcess;
  private readonly chunks: string[] = [];
  private logLength = 0;
  private spawnError: Error | undefined;

  constructor(options: StoreOptions, child: ChildProcess, port: number, dir: string) {
    this.kind = options.kind;
    this.port = port;
    this.dir = dir;
    this.child = child;
    living.add(child);
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('latin1').on('data', (text: string) => this.keep(text));
    }
    this.exited = new Promise((resolve) => {
      const done = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.isRunning = false;
        living.delete(child);
        if (options.dir === undefined) rmSync(dir, { recursive: true, force: true });
        resolve({ code, signal });
      };
      child.once('close', done);
      child.once('error', (error) => {
        this.spawnError = error;
        done(null, null);
      });
    });
  }

  private keep(text: string): void {
    this.chunks.push(text);
    this.logLength += text.length;
    while (this.logLength > LOG_BYTES_MAX) this.logLength -= this.chunks.shift()!.length;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  log(): string {
    return this.chunks.join('');
  }

  /** Loading and NOAUTH are answers of a running server too. */
  async awaitPing(timeoutMs: number): Promise<void> {
    await waitFor(`${this.kind} to answer PING on port ${this.port}`, async () => {
      if (!this.isRunning) return true;
      const client = await connectRaw({ port: this.port, timeoutMs: 1_000 });
      const reply = (await client.command('PING')).raw.toString('latin1');
      client.close();
      return reply.startsWith('+PONG') || reply.startsWith('-NOAUTH');
    }, timeoutMs);
    if (!this.isRunning) throw this.spawnError ?? new Error('it exited at once');
  }

  async waitForLog(text: string | RegExp, timeoutMs = 30_000): Promise<string> {
    return waitFor(`${this.kind} to log ${String(text)}`, () => {
      const log = this.log();
      const isThere = typeof text === 'string' ? log.includes(text) : text.test(log);
      if (!isThere && !this.isRunning) throw new Error(`${this.kind} is gone; its log:\n${log}`);
      return isThere ? log : false;
    }, timeoutMs);
  }

  connect(protocol: 2 | 3 = 2, timeoutMs?: number): Promise<RawClient> {
    return connectRaw({ port: this.port, protocol, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  }

  async stop(timeoutMs = 10_000): Promise<StoreExit> {
    if (this.isRunning) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<StoreExit> {
    if (this.isRunning) this.child.kill(signal);
    return this.exited;
  }
}
