/**
 * The whole product as a person starts it: `npm start` with a home and ports of its own. Every test that wants a running Larder
 * takes it from here.
 *
 * Invariants: what was started here is stopped with the test process, by pid; ports lie below the kernel's ephemeral range, where an
 * outgoing connection cannot sit on one.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot, waitFor } from '@larder/shared-testing';

export interface LarderPorts {
  readonly api: number;
  readonly console: number;
  readonly worker: number;
  readonly queue: number;
  readonly database: number;
  /** The first of forty. */
  readonly instances: number;
}

export interface LarderOptions {
  /** Kept when given; otherwise made, and removed by `remove`. */
  readonly home?: string;
  readonly ports?: LarderPorts;
  readonly env?: Record<string, string>;
}

export interface Larder {
  readonly home: string;
  readonly ports: LarderPorts;
  readonly apiUrl: string;
  readonly consoleUrl: string;
  /** Null where this is not the first start on this home. */
  readonly signIn: { readonly email: string; readonly password: string } | null;
  readonly pid: number;
  readonly startedInMs: number;
  /** What it has printed. */
  output(): string;
  /** Ctrl-C; resolves with how long it took. */
  stop(): Promise<number>;
  /** kill -9 of the start alone. */
  kill(): Promise<void>;
}

const startMsMax = 180_000;
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGINT');
});

export async function startLarder(options: LarderOptions = {}): Promise<Larder> {
  const home = options.home ?? mkdtempSync(path.join(tmpdir(), 'larder-home-'));
  const ports = options.ports ?? (await choosePorts());
  const root = repositoryRoot();
  const startedAt = performance.now();
  const { NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = spawn(process.execPath, [path.join(root, 'infra/start/start.ts')], {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...inherited, LARDER_HOME: home, API_PORT: String(ports.api), CONSOLE_PORT: String(ports.console), WORKER_PORT: String(ports.worker),
      QUEUE_PORT: String(ports.queue), DATABASE_PORT: String(ports.database), INSTANCE_PORT_RANGE: `${ports.instances}-${ports.instances + 39}`, ...options.env,
    },
  });
  living.add(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { printed += text; });
  const exited = new Promise<void>((resolve) => child.once('exit', () => {
    living.delete(child);
    resolve();
  }));
  let hasExited = false;
  void exited.then(() => { hasExited = true; });
  await waitFor('Larder to be up', () => hasExited || printed.includes('Larder is up'), startMsMax);
  if (hasExited) {
    if (options.home === undefined) removeHome(home);
    throw new Error(`npm start ended:\n${printed}`);
  }
  const email = /Sign in\s+(\S+)/.exec(printed)?.[1];
  const password = /Password\s+(\S+)/.exec(printed)?.[1];
  return {
    home, ports, pid: child.pid!, startedInMs: performance.now() - startedAt,
    apiUrl: `http://127.0.0.1:${ports.api}`, consoleUrl: `http://127.0.0.1:${ports.console}`,
    signIn: email !== undefined && password !== undefined ? { email, password } : null,
    output: () => printed,
    async stop() {
      const begun = performance.now();
      child.kill('SIGINT');
      await exited;
      return performance.now() - begun;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
}

export type Part = 'api' | 'worker' | 'queue' | 'console' | 'postgres';

/** The process of one part now. */
export function pidOf(larder: Larder, part: Part): number {
  if (part === 'postgres') return Number(readFileSync(path.join(larder.home, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
  return (JSON.parse(readFileSync(path.join(larder.home, 'run', part, 'process.json'), 'utf8')) as { pid: number }).pid;
}

/** Processes that work in this directory or below it. */
export function processesIn(directory: string): number[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && `${readlinkSync(`/proc/${name}/cwd`)}/`.startsWith(`${directory}/`);
    } catch {
      return false;
    }
  }).map(Number);
}

async function choosePorts(): Promise<LarderPorts> {
  const base = 10_000 + Math.floor(Math.random() * 180) * 50;
  const named = [0, 1, 2, 3, 4].map((offset) => base + offset);
  const free = await Promise.all([...named, base + 10, base + 11].map(isFree));
  if (free.includes(false)) return choosePorts();
  return { api: named[0]!, console: named[1]!, worker: named[2]!, queue: named[3]!, database: named[4]!, instances: base + 10 };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
