// The worker's loop over instances: passes, one at a time per instance (libs/plane/loop).
//
// Invariant: everything here may be lost (the process dies): the sweep finds what is due in the records.
import { KeyedLoop } from '@larder/plane-loop';
import type { Clock } from '@larder/shared-std';
import { passBackOffMs } from './back-off';
import { runPass, type PassResult } from './pass';
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
  readonly #loop: KeyedLoop;
  readonly #faults = new Map<string, number>();
  #sweeps = 0;
  lastSweepAtMs = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.#clock = options.ports.clock;
    this.#loop = new KeyedLoop({
      clock: this.#clock, concurrency: options.concurrency ?? 8, sweepMs: options.sweepMs,
      act: (id) => this.#pass(id), sweep: () => this.sweep(), onSweepFault: (error) => options.onError?.(error, 'sweep'),
    });
  }

  /** The first sweep looks at everything. */
  start(): void {
    this.#loop.start();
  }

  /** Waits for the passes that run. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  get activeCount(): number {
    return this.#loop.activeCount;
  }

  /** Everything that was there when this worker began has been looked at once. */
  get hasLookedAtAll(): boolean {
    return this.#loop.hasSwept;
  }

  /** Resolves when a pass that began after this call has ended. */
  wake(instanceId: string): Promise<void> {
    return this.#loop.wake(instanceId);
  }

  async sweep(): Promise<void> {
    const { instances } = this.#options.ports.records;
    const isFull = this.#sweeps % fullSweepEvery === 0;
    this.#sweeps += 1;
    const ids = isFull ? await instances.liveIdsForLoop() : await instances.dueIdsForLoop(new Date(this.#clock.now()), dueMax);
    this.lastSweepAtMs = this.#clock.now();
    await Promise.all(ids.map((id) => this.wake(id)));
  }

  async #pass(instanceId: string): Promise<number | null> {
    const startedMs = this.#clock.monotonic();
    try {
      const result = await runPass(this.#options.ports, this.#options.settings, instanceId, this.#options.holder);
      this.#faults.delete(instanceId);
      this.#options.onPass?.({ instanceId, result, tookMs: this.#clock.monotonic() - startedMs });
      return bounded(retryOf(result));
    } catch (error) {
      const faults = (this.#faults.get(instanceId) ?? 0) + 1;
      this.#faults.set(instanceId, faults);
      this.#options.onError?.(error, `pass over instance ${instanceId}`);
      return bounded(passBackOffMs(faults));
    }
  }
}

function bounded(retryMs: number | null): number | null {
  return retryMs === null ? null : Math.min(retryMs, retryMsMax);
}

function retryOf(result: PassResult): number | null {
  switch (result.result) {
    case 'settled': return result.lookAgainMs;
    case 'unsettled': return result.retryMs;
    case 'busy': return busyRetryMs;
    case 'gone': return null;
  }
}
