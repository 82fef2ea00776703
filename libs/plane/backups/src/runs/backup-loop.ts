// The worker's loop over backups: ticks, runs, retention, and the sweeping of storage.
//
//   wake (queue) ────────┐
//   retry timer ─────────┼─> one call of runBackup at a time per backup, `concurrency` in all
//   sweep every period ──┘   (tick, open runs; now and then retention by age, orphans)
//
// Invariant: everything here may be lost (the process dies, the queue is gone): the sweep finds in the records what is due or open.
import { hourMs, type Clock, type Ids, type Timer } from '@larder/shared-std';
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
  /** A backup reads a disk, compresses and loads an engine: few at once. */
  readonly concurrency?: number;
  readonly onRun?: (run: { readonly backupId: string; readonly result: RunResult; readonly tookMs: number }) => void;
  readonly onTick?: (tick: { readonly runs: number; readonly missed: number }) => void;
  readonly onError?: (error: unknown, doing: string) => void;
}

const openMax = 500;
const busyRetryMs = 2_000;
const slowSweepMs = hourMs / 4;

interface Slot {
  isWanted: boolean;
  ended: Promise<void>;
}

export class BackupLoop {
  readonly #options: BackupLoopOptions;
  readonly #clock: Clock;
  readonly #running = new Map<string, Slot>();
  readonly #retries = new Map<string, Timer>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #sweepTimer: Timer | undefined;
  #slowSweptAtMs: number | undefined;
  #isStopped = false;
  lastSweepAtMs = 0;

  constructor(options: BackupLoopOptions) {
    this.#options = options;
    this.#clock = options.ports.clock;
    this.#free = options.concurrency ?? 2;
  }

  /** The first sweep takes up what a worker that died has left. */
  start(): void {
    void this.#sweepAndArm();
  }

  /** Runs that are in their middle go on; what they leave undone is taken up from the records. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#sweepTimer?.cancel();
    for (const timer of this.#retries.values()) timer.cancel();
    this.#retries.clear();
    await Promise.all([...this.#running.values()].map((slot) => slot.ended));
  }

  get activeCount(): number {
    return this.#running.size;
  }

  /** Resolves when a call that began after this one has ended. */
  wake(backupId: string): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#retries.get(backupId)?.cancel();
    this.#retries.delete(backupId);
    const running = this.#running.get(backupId);
    if (running) {
      running.isWanted = true;
      return running.ended;
    }
    const slot: Slot = { isWanted: true, ended: Promise.resolve() };
    this.#running.set(backupId, slot);
    slot.ended = this.#work(backupId, slot);
    return slot.ended;
  }

  async tick(): Promise<void> {
    if (this.#isStopped) return;
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
    for (const id of await records.backups.openIdsForLoop(openMax)) if (!this.#retries.has(id) && !this.#running.has(id)) void this.wake(id);
    await removeExpiredUploads(records, ports.storage, new Date(this.#clock.now()));
    this.lastSweepAtMs = this.#clock.now();
    if (this.#slowSweptAtMs !== undefined && this.#clock.now() - this.#slowSweptAtMs < slowSweepMs) return;
    this.#slowSweptAtMs = this.#clock.now();
    await applyRetention(records, await records.backupSchedules.enabledForLoop(), new Date(this.#clock.now()));
    await ports.scratch.removeLeftovers();
    await sweepStorage(records, ports.storage, new Date(this.#clock.now()));
  }

  async #sweepAndArm(): Promise<void> {
    if (this.#isStopped) return;
    // Armed first: a sweep that hangs or fails does not end sweeping.
    this.#sweepTimer = this.#clock.setTimer(this.#options.sweepMs, () => void this.#sweepAndArm());
    try {
      await this.sweep();
    } catch (error) {
      this.#options.onError?.(error, 'sweep of backups');
    }
  }

  async #work(backupId: string, slot: Slot): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((seated) => this.#waiting.push(seated));
    try {
      while (slot.isWanted && !this.#isStopped) {
        slot.isWanted = false;
        await this.#run(backupId);
      }
    } finally {
      this.#running.delete(backupId);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async #run(backupId: string): Promise<void> {
    const startedMs = this.#clock.monotonic();
    try {
      const result = await runBackup(this.#options.ports, backupId);
      this.#options.onRun?.({ backupId, result, tookMs: this.#clock.monotonic() - startedMs });
      if (result.result === 'busy') this.#arm(backupId, busyRetryMs);
      if (result.result === 'retry') this.#arm(backupId, result.inMs);
      if (result.result !== 'ended') return;
      const { records } = this.#options.ports.work;
      for (const id of await retainAfter(records, backupId, new Date(this.#clock.now()))) void this.wake(id);
    } catch (error) {
      this.#options.onError?.(error, `backup ${backupId}`);
    }
  }

  #arm(backupId: string, inMs: number): void {
    if (this.#isStopped) return;
    this.#retries.get(backupId)?.cancel();
    this.#retries.set(backupId, this.#clock.setTimer(inMs, () => void this.wake(backupId)));
  }
}
