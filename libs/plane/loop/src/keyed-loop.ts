// The loop of a worker over things with an id: asked for by wakes, by their own retries and by the sweep, one at a time per thing.
//
//   wake (queue, process exit, …) ─┐
//   retry timer ───────────────────┼─> at most one call of act() per id, `concurrency` in all; asked for again meanwhile = once more
//   sweep every `sweepMs` ─────────┘
//
// Invariant: everything here may be lost (the process dies, the queue is gone): what is due stands in the records, and the sweep finds it.
import type { Clock, Timer } from '@larder/shared-std';

export interface KeyedLoopOptions {
  readonly clock: Clock;
  readonly concurrency: number;
  readonly sweepMs: number;
  /** Answers when to call it again, if at all. Must not throw: what a fault means is its owner's to decide. */
  readonly act: (id: string) => Promise<number | null>;
  /** Wakes what is due. */
  readonly sweep: () => Promise<void>;
  readonly onSweepFault: (error: unknown) => void;
}

interface Slot {
  isWanted: boolean;
  ended: Promise<void>;
}

export class KeyedLoop {
  readonly #options: KeyedLoopOptions;
  readonly #running = new Map<string, Slot>();
  readonly #retries = new Map<string, Timer>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #sweepTimer: Timer | undefined;
  #isStopped = false;
  /** The first sweep, which looks at everything, has ended well. */
  hasSwept = false;

  constructor(options: KeyedLoopOptions) {
    this.#options = options;
    this.#free = options.concurrency;
  }

  /** The first sweep is at once: this worker may be the heir of one that died. */
  start(): void {
    void this.#sweepAndArm();
  }

  /** What runs goes on to its end and is waited for. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#sweepTimer?.cancel();
    for (const timer of this.#retries.values()) timer.cancel();
    this.#retries.clear();
    await Promise.all([...this.#running.values()].map((slot) => slot.ended));
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get activeCount(): number {
    return this.#running.size;
  }

  /** It is being worked on, or its retry is armed. */
  isInHand(id: string): boolean {
    return this.#running.has(id) || this.#retries.has(id);
  }

  /** Resolves when a call that began after this one has ended. */
  wake(id: string): Promise<void> {
    if (this.#isStopped) return Promise.resolve();
    this.#disarm(id);
    const running = this.#running.get(id);
    if (running) {
      running.isWanted = true;
      return running.ended;
    }
    const slot: Slot = { isWanted: true, ended: Promise.resolve() };
    this.#running.set(id, slot);
    slot.ended = this.#work(id, slot);
    return slot.ended;
  }

  async #sweepAndArm(): Promise<void> {
    if (this.#isStopped) return;
    const { clock, sweepMs, sweep, onSweepFault } = this.#options;
    // Armed first: a sweep that hangs or fails does not end sweeping.
    this.#sweepTimer = clock.setTimer(sweepMs, () => void this.#sweepAndArm());
    try {
      await sweep();
      this.hasSwept = true;
    } catch (error) {
      onSweepFault(error);
    }
  }

  async #work(id: string, slot: Slot): Promise<void> {
    await this.#takeSeat();
    try {
      while (slot.isWanted && !this.#isStopped) {
        slot.isWanted = false;
        this.#arm(id, await this.#options.act(id));
      }
    } finally {
      this.#running.delete(id);
      this.#leaveSeat();
    }
  }

  #arm(id: string, retryMs: number | null): void {
    this.#disarm(id);
    if (retryMs !== null && !this.#isStopped) this.#retries.set(id, this.#options.clock.setTimer(retryMs, () => void this.wake(id)));
  }

  #disarm(id: string): void {
    this.#retries.get(id)?.cancel();
    this.#retries.delete(id);
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
