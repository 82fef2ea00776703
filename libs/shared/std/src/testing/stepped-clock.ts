// A clock that stands still until a test moves it. Timers fire inside step(), in order of their time and, at the same time, in the
// order they were set; while one fires, now() and monotonic() show its time exactly.
import type { Clock, Timer } from '../clock';

interface Armed {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

export class SteppedClock implements Clock {
  #elapsedMs = 0;
  #order = 0;
  #startMs: number;
  readonly #armed = new Set<Armed>();

  constructor(startMs = Date.UTC(2030, 0, 1)) {
    this.#startMs = startMs;
  }

  now(): number {
    return Math.floor(this.#startMs + this.#elapsedMs);
  }

  monotonic(): number {
    return this.#elapsedMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const entry: Armed = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#armed.add(entry);
    return { cancel: () => void this.#armed.delete(entry) };
  }

  get armedCount(): number {
    return this.#armed.size;
  }

  /** Moves time on, firing what falls due, also what was armed by what fired. */
  step(byMs: number): void {
    const untilMs = this.#elapsedMs + byMs;
    for (let due = this.#nextDue(untilMs); due; due = this.#nextDue(untilMs)) {
      this.#armed.delete(due);
      this.#elapsedMs = Math.max(this.#elapsedMs, due.atMs);
      due.fire();
    }
    this.#elapsedMs = untilMs;
  }

  /** step(), letting promises settle after each timer. */
  async stepAsync(byMs: number): Promise<void> {
    const untilMs = this.#elapsedMs + byMs;
    await settle();
    for (let due = this.#nextDue(untilMs); due; due = this.#nextDue(untilMs)) {
      this.step(Math.max(0, due.atMs - this.#elapsedMs));
      await settle();
    }
    this.step(untilMs - this.#elapsedMs);
    await settle();
  }

  /** The wall clock alone jumps, as NTP or an operator would make it. */
  jumpWall(byMs: number): void {
    this.#startMs += byMs;
  }

  #nextDue(untilMs: number): Armed | undefined {
    let first: Armed | undefined;
    for (const entry of this.#armed) {
      if (entry.atMs > untilMs) continue;
      if (!first || entry.atMs < first.atMs || (entry.atMs === first.atMs && entry.order < first.order)) first = entry;
    }
    return first;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
