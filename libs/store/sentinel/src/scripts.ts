/**
 * Programs of the operator that are told of events. They run a few at a time, oldest first; one that asks for it (exit 1) or was
 * killed by a signal is run again later, each time twice as late.
 */
import type { Sentinel } from './sentinel';

const QUEUE_MAX = 256;
const RUNNING_MAX = 16;
const TRIES_MAX = 10;

export interface ScriptJob {
  readonly id: number;
  readonly argv: readonly string[];
  isRunning: boolean;
  pid: number;
  tries: number;
  /** Started at, or not to be started before; 0 = at any time. */
  at: number;
}

export class Scripts {
  readonly jobs: ScriptJob[] = [];
  private readonly sentinel: Sentinel;
  private nextId = 1;

  constructor(sentinel: Sentinel) {
    this.sentinel = sentinel;
  }

  get running(): number {
    return this.jobs.filter((job) => job.isRunning).length;
  }

  schedule(argv: readonly string[]): void {
    this.jobs.push({ id: this.nextId++, argv, isRunning: false, pid: 0, tries: 0, at: 0 });
    if (this.jobs.length <= QUEUE_MAX) return;
    const oldest = this.jobs.findIndex((job) => !job.isRunning);
    this.jobs.splice(oldest, 1);
  }

  tick(): void {
    const { sentinel } = this;
    const now = sentinel.now();
    let { running } = this;
    for (const job of [...this.jobs]) {
      if (running >= RUNNING_MAX) break;
      if (job.isRunning || job.at > now) continue;
      job.isRunning = true;
      job.at = now;
      job.tries++;
      const pid = sentinel.hands.startScript(job.id, job.argv);
      if (pid === undefined) {
        // As if the program could not be executed: it is not tried again.
        sentinel.hands.event('warning', '-script-error', `${job.argv[0]} 0 2`);
        this.drop(job);
        continue;
      }
      job.pid = pid;
      running++;
      sentinel.hands.event('debug', '+script-child', String(pid));
    }
    for (const job of this.jobs) {
      if (!job.isRunning || now - job.at <= sentinel.timings['script-max-runtime']) continue;
      sentinel.hands.event('warning', '-script-timeout', `${job.argv[0]} ${job.pid}`);
      sentinel.hands.killScript(job.pid);
    }
  }

  /** `signal` 0: it ended by itself. */
  ended(id: number, exitCode: number, signal: number): void {
    const { sentinel } = this;
    const job = this.jobs.find((candidate) => candidate.id === id);
    if (job === undefined) return;
    sentinel.hands.event('debug', '-script-child', `${job.pid} ${exitCode} ${signal}`);
    if ((signal !== 0 || exitCode === 1) && job.tries < TRIES_MAX) {
      job.isRunning = false;
      job.pid = 0;
      job.at = sentinel.now() + sentinel.timings['script-retry-delay'] * 2 ** (job.tries - 1);
      return;
    }
    if (signal !== 0 || exitCode !== 0) sentinel.hands.event('warning', '-script-error', `${job.argv[0]} ${signal} ${exitCode}`);
    this.drop(job);
  }

  private drop(job: ScriptJob): void {
    this.jobs.splice(this.jobs.indexOf(job), 1);
  }
}
