/**
 * The one time of a simulated world, and what is to happen in it: events fire in order of their time and, at the same time, in the
 * order they were put in. Nothing in the world happens outside an event, so a run is a function of its seed.
 *
 * Each machine has a clock of its own over it: its timers and its monotonic clock run at its own rate, its wall clock jumps.
 */
import type { Clock, Timer } from '@larder/shared-std';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  fire: (() => void) | null;
}

export class EventQueue {
  nowMs = 0;
  /** Events that have fired. */
  fired = 0;
  private order = 0;
  /** A binary heap. */
  private readonly heap: Entry[] = [];

  at(atMs: number, fire: () => void): Timer {
    const entry: Entry = { atMs: Math.max(atMs, this.nowMs), order: this.order++, fire };
    this.push(entry);
    return { cancel: () => void (entry.fire = null) };
  }

  after(delayMs: number, fire: () => void): Timer {
    return this.at(this.nowMs + delayMs, fire);
  }

  /** Fires all that is due until then. */
  runUntil(untilMs: number): void {
    for (let next = this.heap[0]; next !== undefined && next.atMs <= untilMs; next = this.heap[0]) {
      this.pop();
      if (next.fire === null) continue;
      this.nowMs = next.atMs;
      this.fired++;
      next.fire();
    }
    this.nowMs = untilMs;
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent]!, entry)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (isBefore(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

const EPOCH_MS = Date.UTC(2030, 0, 1);

/** A machine's clock. `guard` runs what its timers do: not while it is stopped, never after it has crashed. */
export class MachineClock implements Clock {
  /** Its milliseconds per true one. */
  rate = 1;
  wallOffsetMs = 0;
  private readonly queue: EventQueue;
  private readonly guard: () => (act: () => void) => void;

  constructor(queue: EventQueue, guard: () => (act: () => void) => void) {
    this.queue = queue;
    this.guard = guard;
  }

  now(): number {
    return Math.floor(EPOCH_MS + this.monotonic() + this.wallOffsetMs);
  }

  monotonic(): number {
    return this.queue.nowMs * this.rate;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const run = this.guard();
    return this.queue.after(Math.max(0, delayMs) / this.rate, () => run(fire));
  }
}
