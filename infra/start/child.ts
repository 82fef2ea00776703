/**
 * A process that the start brings up and keeps up: its output in a file, its identity in another, started again with growing
 * pauses when it dies.
 *
 * Invariants: in a session of its own, so that Ctrl-C reaches the start alone, which stops things in order; the identity file is
 * written as soon as there is a pid, so that the next start finds what this one could not stop.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { endProcess, identityOf, readIdentityFile, writeIdentityFile } from '../../libs/plane/provisioner/src/local-process/process-identity.ts';
import type { ProcessIdentity } from '../../libs/plane/provisioner/src/local-process/process-identity.ts';

export interface ChildPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Record<string, string | undefined>;
  /** Resolves true when the child serves. Asked again and again. */
  readonly isReady: () => Promise<boolean>;
  readonly onMessage?: (message: unknown, answer: (message: object) => void) => void;
  readonly stopMs: number;
}

const readyMs = 60_000;
const logBytesMax = 16 * 1024 * 1024;
const pauseMsMax = 30_000;
/** Up for this long, a child that dies is started again at once. */
const healthyMs = 60_000;

export class Child {
  readonly plan: ChildPlan;
  readonly #home: string;
  readonly #say: (line: string) => void;
  #identity: ProcessIdentity | undefined;
  #isStopping = false;
  #deaths = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(plan: ChildPlan, home: string, say: (line: string) => void) {
    this.plan = plan;
    this.#home = home;
    this.#say = say;
  }

  get logFile(): string {
    return path.join(this.#home, 'logs', `${this.plan.name}.log`);
  }

  /** Rejects, with the end of its log, where it dies or is not ready in time. */
  async start(): Promise<void> {
    const exited = this.#spawn();
    let hasExited: string | undefined;
    void exited.then((how) => { hasExited = how; });
    const deadline = performance.now() + readyMs;
    while (!(await this.plan.isReady().catch(() => false))) {
      if (hasExited !== undefined || performance.now() > deadline) {
        throw new Error(`${this.plan.name} ${hasExited ?? `is not ready after ${readyMs / 1000} s`}; the end of ${this.logFile}:\n${tailOf(this.logFile, 15)}`);
      }
      await new Promise((wake) => setTimeout(wake, 20));
    }
    void exited.then((how) => this.#heardExit(how));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    if (this.#identity) await endProcess(this.#identity, this.plan.stopMs);
    rmSync(runDirectory(this.#home, this.plan.name), { recursive: true, force: true });
  }

  #spawn(): Promise<string> {
    const { name, command, args, cwd, env, onMessage } = this.plan;
    mkdirSync(path.dirname(this.logFile), { recursive: true, mode: 0o700 });
    if ((statSync(this.logFile, { throwIfNoEntry: false })?.size ?? 0) > logBytesMax) renameSync(this.logFile, `${this.logFile}.1`);
    const output = openSync(this.logFile, 'a', 0o600);
    const child = spawn(command, args, {
      // Compiling is a good part of a start: kept from one to the next.
      cwd, env: { NODE_COMPILE_CACHE: path.join(this.#home, 'compile-cache'), ...env }, detached: true, stdio: onMessage ? ['ignore', output, output, 'ipc'] : ['ignore', output, output],
    });
    closeSync(output);
    if (onMessage) child.on('message', (message) => onMessage(message, (answer) => child.send(answer)));
    this.#identity = child.pid === undefined ? undefined : identityOf(child.pid);
    if (this.#identity) {
      const directory = runDirectory(this.#home, name);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      writeIdentityFile(directory, this.#identity);
    }
    return new Promise((resolve) => {
      child.once('error', (error) => resolve(`cannot be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with code ${code}`));
    });
  }

  #heardExit(how: string): void {
    if (this.#isStopping) return;
    this.#deaths += 1;
    const pauseMs = this.#deaths <= 1 ? 0 : Math.min(pauseMsMax, 250 * 2 ** (this.#deaths - 2));
    this.#say(`${this.plan.name} ${how}; started again${pauseMs > 0 ? ` in ${pauseMs / 1000} s` : ''} (${this.logFile})`);
    this.#timer = setTimeout(() => {
      const startedAt = performance.now();
      void this.#spawn().then((next) => {
        if (performance.now() - startedAt > healthyMs) this.#deaths = 0;
        this.#heardExit(next);
      });
    }, pauseMs);
  }
}

/** What an earlier start left behind when it was killed. */
export async function endLeftover(home: string, name: string, graceMs: number): Promise<boolean> {
  const directory = runDirectory(home, name);
  const identity = readIdentityFile(directory);
  const how = identity && identityOf(identity.pid)?.pidStartTicks === identity.pidStartTicks ? await endProcess(identity, graceMs) : undefined;
  rmSync(directory, { recursive: true, force: true });
  return how !== undefined;
}

export function runDirectory(home: string, name: string): string {
  return path.join(home, 'run', name);
}

function tailOf(file: string, lines: number): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '';
  }
}
