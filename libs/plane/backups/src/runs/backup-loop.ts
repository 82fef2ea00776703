// The worker's loop over backups: ticks, runs, retention, and the sweeping of storage. One call of runBackup at a time per backup
// (libs/plane/loop).
//
// Invariant: everything here may be lost (the process dies, the queue is gone): the sweep finds in the records what is due or open.
import { KeyedLoop } from '@larder/plane-loop';
import { dayMs, hourMs, type Clock, type Ids } from '@larder/shared-std';
import type { LocalScratchEngine } from '../scratch/local-scratch-engine';
import { applyRetention, retainAfter } from '../schedule/retention';
import { removeExpiredUploads, sweepStorage } from '../schedule/sweep-storage';
import { runTick } from '../schedule/tick';
import type { RunPorts } from './ports';
import { runBackup, type RunResult } from './run-backup';

export interface BackupLoopOptions {
  readonly ports: Omit<RunPorts, 'scratch'> & { readonly ids: Ids; readonly scratch: Pick<LocalScratchEngine, 'load' | 'removeLeftovers'> };
  /** How late a lost wake may be noticed; at most a quarter of the minute within which a run is on time. */
  readonly sweepMs: number;
  /** So long people can look up what failed, was missed or was deleted; a month where it is not said. */
  readonly endedKeptMs?: number;
  /** A backup reads a disk, compresses and loads an engine: few at once. */
  readonly concurrency?: number;
  readonly onRun?: (run: { readonly backupId: string; readonly result: RunResult; readonly tookMs: number }) => void;
  readonly onTick?: (tick: { readonly runs: number; readonly missed: number }) => void;
  readonly onError?: (error: unknown, doing: string) => void;
}

const openMax = 500;
const busyRetryMs = 2_000;
const slowSweepMs = hourMs / 4;

export class BackupLoop {
  readonly #options: BackupLoopOptions;
  readonly #clock: Clock;
  readonly #loop: KeyedLoop;
  #slowSweptAtMs: number | undefined;
  lastSweepAtMs = 0;

  constructor(options: BackupLoopOptions) {
    this.#options = options;
    this.#clock = options.ports.clock;
    this.#loop = new KeyedLoop({
      clock: this.#clock, concurrency: options.concurrency ?? 2, sweepMs: options.sweepMs,
      act: (id) => this.#run(id), sweep: () => this.sweep(), onSweepFault: (error) => options.onError?.(error, 'sweep of backups'),
    });
  }

  /** The first sweep takes up what a worker that died has left. */
  start(): void {
    this.#loop.start();
  }

  /** Runs that are in their middle go on; what they leave undone is taken up from the records. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  get activeCount(): number {
    return this.#loop.activeCount;
  }

  /** Resolves when a call that began after this one has ended. */
  wake(backupId: string): Promise<void> {
    return this.#loop.wake(backupId);
  }

  async tick(): Promise<void> {
    if (this.#loop.isStopped) return;
    const { runs, missed } = await runTick(this.#options.ports, new Date(this.#clock.now()));
    if (runs.length + missed > 0) this.#options.onTick?.({ runs: runs.length, missed });
    for (const id of runs) void this.wake(id);
  }

  /** Does not wait for the runs that it wakes. */
  async sweep(): Promise<void> {
    const { ports } = this.#options;
    const { records } = ports.work;
    await this.tick();
    // A backup whose retry is armed has been asked just now; it waits for its time.
    for (const id of await records.backups.openIdsForLoop(openMax)) if (!this.#loop.isInHand(id)) void this.wake(id);
    await removeExpiredUploads(records, ports.storage, new Date(this.#clock.now()));
    this.lastSweepAtMs = this.#clock.now();
    if (this.#slowSweptAtMs !== undefined && this.#clock.now() - this.#slowSweptAtMs < slowSweepMs) return;
    this.#slowSweptAtMs = this.#clock.now();
    await applyRetention(records, await records.backupSchedules.enabledForLoop(), new Date(this.#clock.now()));
    await records.backups.removeEndedForLoop(new Date(this.#clock.now() - (this.#options.endedKeptMs ?? 30 * dayMs)));
    await ports.scratch.removeLeftovers();
    await sweepStorage(records, ports.storage, new Date(this.#clock.now()));
  }

  async #run(backupId: string): Promise<number | null> {
    const startedMs = this.#clock.monotonic();
    try {
      const result = await runBackup(this.#options.ports, backupId);
      this.#options.onRun?.({ backupId, result, tookMs: this.#clock.monotonic() - startedMs });
      if (result.result === 'busy') return busyRetryMs;
      if (result.result === 'retry') return result.inMs;
      const { records } = this.#options.ports.work;
      for (const id of await retainAfter(records, backupId, new Date(this.#clock.now()))) void this.wake(id);
    } catch (error) {
      this.#options.onError?.(error, `backup ${backupId}`);
    }
    return null;
  }
}
