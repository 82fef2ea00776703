// The loop of a worker: passes are asked for by wakes, by their own retries and by the sweep, and run one at a time per instance.
//
//   wake (queue, process exit, sampler) ─┐
//   retry timer ─────────────────────────┼─> at most one pass per instance, `concurrency` in all; asked for again meanwhile = once more
//   sweep every SWEEP_SECONDS ───────────┘
//
// Invariant: everything here may be lost (the process dies): the sweep finds what is due in the records.
import type { Clock, Timer } from '@larder/shared-std';
import { runPass, type PassResult } from './pass';
import { passBackOffMs } from './back-off';
import type { ReconcilePorts, ReconcileSettings } from './pass-context';

export interface LoopOptions {
  readonly ports: ReconcilePorts;
  readonly settings: ReconcileSettings;
  /** Unique among all workers that ever lived. */
  readonly holder: string;
  readonly sweepMs: number;
  readonly concurrency?: number;
  readonly onPass?: (pass: { readonly instanceId: string; readonly result: PassResult; readonly tookMs: number }) => void;
  readonly onError?: (error: unknown, doing: string) => void;
}

interface Slot {
  isWanted: boolean;
  ended: Promise<void>;
}

/** Bound of one sweep; the rest is found by the next. */
const dueMax = 500;
/** Every so many sweeps all live instances are looked at, due or not. */
const fullSweepEvery = 4;
/** Another worker has it; it may be dying. */
const busyRetryMs = 3000;
const retryMsMax = 60_000;

export class ReconcileLoop {
  readonly #options: LoopOptions;
  readonly #clock: Clock;
  readonly #running = new Map<string, Slot>();
  readonly #retries = new Map<string, Timer>();
  readonly #faults = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #sweeps = 0;
  #sweepTimer: Timer | undefined;
  #isStopped = false;
  lastSweepAtMs = 0;
  /** Everything that was there when this worker began has been looked at once. */
  hasLookedAtAll = false;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#clock = options.ports.clock;
    this.#free = options.concurrency ?? 8;
  }

  /** The first sweep looks at everything: this worker may be the heir of one that died. */
  start(): void {
    void this.#sweepAndArm();
  }

  /** Waits for the passes that run. */
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

  /** Resolves when a pass that began after this call has ended. */
  wake(instanceId: string): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#retries.get(instanceId)?.cancel();
    this.#retries.delete(instanceId);
    const running = this.#running.get(instanceId);
    if (running) {
      running.isWanted = true;
      return running.ended;
    }
    const slot: Slot = { isWanted: true, ended: Promise.resolve() };
    this.#running.set(instanceId, slot);
    slot.ended = this.#work(instanceId, slot);
    return slot.ended;
  }

  async sweep(): Promise<void> {
    const { instances } = this.#options.ports.records;
    const isFull = this.#sweeps % fullSweepEvery === 0;
    this.#sweeps += 1;
    const ids = isFull ? await instances.liveIdsForLoop() : await instances.dueIdsForLoop(new Date(this.#clock.now()), dueMax);
    this.lastSweepAtMs = this.#clock.now();
    await Promise.all(ids.map((id) => this.wake(id)));
  }

  async #sweepAndArm(): Promise<void> {
    if (this.#isStopped) return;
    // Armed first: a sweep that hangs or fails does not end sweeping.
    this.#sweepTimer = this.#clock.setTimer(this.#options.sweepMs, () => void this.#sweepAndArm());
    try {
      await this.sweep();
      this.hasLookedAtAll = true;
    } catch (error) {
      this.#options.onError?.(error, 'sweep');
    }
  }

  async #work(instanceId: string, slot: Slot): Promise<void> {
    await this.#takeSeat();
    try {
      while (slot.isWanted && !this.#isStopped) {
        slot.isWanted = false;
        await this.#pass(instanceId);
      }
    } finally {
      this.#running.delete(instanceId);
      this.#leaveSeat();
    }
  }

  async #pass(instanceId: string): Promise<void> {
    const startedMs = this.#clock.monotonic();
    try {
      const result = await runPass(this.#options.ports, this.#options.settings, instanceId, this.#options.holder);
      this.#faults.delete(instanceId);
      this.#options.onPass?.({ instanceId, result, tookMs: this.#clock.monotonic() - startedMs });
      this.#arm(instanceId, retryOf(result));
    } catch (error) {
      const faults = (this.#faults.get(instanceId) ?? 0) + 1;
      this.#faults.set(instanceId, faults);
      this.#options.onError?.(error, `pass over instance ${instanceId}`);
      this.#arm(instanceId, passBackOffMs(faults));
    }
  }

  #arm(instanceId: string, retryMs: number | null): void {
    if (retryMs === null || this.#isStopped) return;
    this.#retries.get(instanceId)?.cancel();
    this.#retries.set(instanceId, this.#clock.setTimer(Math.min(retryMs, retryMsMax), () => void this.wake(instanceId)));
  }

  async #takeSeat(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((seated) => this.#waiting.push(seated));
  }

  #leaveSeat(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}

function retryOf(result: PassResult): number | null {
  switch (result.result) {
    case 'settled': return result.lookAgainMs;
    case 'unsettled': return result.retryMs;
    case 'busy': return busyRetryMs;
    case 'gone': return null;
  }
}
