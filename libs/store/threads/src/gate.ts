/**
 * The gate: every thread is inside it while it runs units of work, and outside while it waits for its clients. An
 * exclusive section is one thread alone: all others are outside.
 *
 *   enter      INSIDE := 1, then STOP is looked at    (both in one order for all threads, so that either the one who
 *   exclusive  STOP += 1, then INSIDE of all others    enters sees STOP or the one who stops sees INSIDE)
 *
 * Fairness. Exclusive sections queue by ticket. When one ends, every thread that waits before the gate is let in for a
 * turn, and the next section waits until these have left again: neither kind starves the other.
 *
 * Waiting. A thread that waits sleeps on its SIGNAL and meanwhile reads its mail (`onMail`), so that the one inside an
 * exclusive section can ask it something. It stops waiting when a script is busy for too long: then it is outside, and
 * answers its clients that.
 *
 * Escalation. A unit that holds shards and needs all of them waits inside for the others to leave. There is at most one
 * (SCRIPT_LOCK), threads that wait for a lock give up what they hold when STOP is set, and an exclusive section that
 * wants to begin waits for the escalating thread as for any other that is inside. So nobody waits in a circle.
 */
import { lock, unlock } from '@larder/store-memory';
import {
  BUSY_SCRIPT,
  ESCALATOR,
  EXIT,
  INSIDE,
  LAST_TICKET,
  OWNER,
  PARKED,
  QUEUE_LOCK,
  SIGNAL,
  STOP,
  TICKET,
  threadWords,
} from './words';

/** Looks before sleeping: others leave after their command, mostly within a microsecond. */
const SPINS = 1000;
/** Sleeps are cut, so that a lost wake-up costs time and not the server. */
const NAP_MS = 50;

export class Gate {
  private readonly words: Int32Array;
  private readonly thread: number;
  private readonly threads: number;
  private readonly mine: number;
  /** Reads mail; called outside only. */
  onMail: () => void = () => undefined;
  /** Time has passed while waiting. */
  onDelay: () => void = () => undefined;
  /** On the first thread: another one wants the process to end. */
  onExit: (code: number) => void = () => undefined;
  /** Inside, alone or not. */
  isInside = false;
  /** In an exclusive section, or escalated. */
  isAlone = false;
  private escalated = false;

  constructor(words: Int32Array, thread: number, threads: number) {
    this.words = words;
    this.thread = thread;
    this.threads = threads;
    this.mine = threadWords(thread);
  }

  /** False when a busy script holds what is behind the gate: then this thread is outside. */
  enter(): boolean {
    const { words, mine } = this;
    for (;;) {
      Atomics.store(words, mine + INSIDE, 1);
      if (Atomics.load(words, STOP) === 0) break;
      this.stepOut();
      const how = this.park();
      if (how === 'busy') return false;
      this.onDelay();
      if (how === 'inside') break;
    }
    this.isInside = true;
    return true;
  }

  leave(): void {
    this.isInside = false;
    this.stepOut();
  }

  /** Between two units of one turn: an exclusive section that is wanted goes first. False as for `enter`. */
  breathe(): boolean {
    if (Atomics.load(this.words, STOP) === 0) return true;
    this.leave();
    return this.enter();
  }

  /** Whether somebody waits for all others to leave. */
  get isStopping(): boolean {
    return Atomics.load(this.words, STOP) !== 0;
  }

  get isBusy(): boolean {
    return Atomics.load(this.words, BUSY_SCRIPT) !== 0;
  }

  /** While this thread waits: whether the process is to end. */
  lookForExit(): void {
    if (this.thread !== 0) return;
    const exit = Atomics.load(this.words, EXIT);
    if (exit !== 0) this.onExit(exit - 1);
  }

  private stepOut(): void {
    const { words } = this;
    Atomics.store(words, this.mine + INSIDE, 0);
    if (Atomics.load(words, STOP) === 0) return;
    const owner = Atomics.load(words, OWNER);
    if (owner !== 0) this.wake(owner - 1);
    const escalator = Atomics.load(words, ESCALATOR);
    if (escalator !== 0) this.wake(escalator - 1);
  }

  /** Lets a sleeping thread look again. */
  wake(thread: number): void {
    const at = threadWords(thread) + SIGNAL;
    Atomics.add(this.words, at, 1);
    Atomics.notify(this.words, at);
  }

  /** Those that wait before the gate look again. */
  wakeParked(): void {
    for (let t = 0; t < this.threads; t++) {
      if (t !== this.thread && Atomics.load(this.words, threadWords(t) + PARKED) !== 0) this.wake(t);
    }
  }

  private park(): 'inside' | 'retry' | 'busy' {
    const { words, mine } = this;
    Atomics.store(words, mine + PARKED, 1);
    for (let spin = 0; ; spin++) {
      const signal = Atomics.load(words, mine + SIGNAL);
      this.onMail();
      if (Atomics.load(words, mine + PARKED) === 0) return 'inside';
      if (Atomics.load(words, STOP) === 0) return this.unpark() ? 'retry' : 'inside';
      if (this.isBusy) return this.unpark() ? 'busy' : 'inside';
      if (spin <= SPINS / 10) continue;
      this.lookForExit();
      Atomics.wait(words, mine + SIGNAL, signal, NAP_MS);
    }
  }

  /** False when somebody let this thread in at the same moment. */
  private unpark(): boolean {
    return Atomics.compareExchange(this.words, this.mine + PARKED, 1, 0) === 1;
  }

  /** From inside: waits until all others are outside. False as for `enter`, and then this thread is outside too. */
  exclusive(): boolean {
    const { words } = this;
    this.isInside = false;
    Atomics.add(words, STOP, 1);
    this.stepOut();
    if (this.own() && this.quiet(true)) {
      this.isInside = this.isAlone = true;
      this.onDelay();
      return true;
    }
    Atomics.sub(words, STOP, 1);
    this.handOver();
    this.wakeParked();
    return false;
  }

  /** Ends the exclusive section; this thread is inside as one among others. */
  endExclusive(): void {
    const { words, mine } = this;
    this.isAlone = false;
    if (this.escalated) return this.endEscalation();
    Atomics.store(words, mine + INSIDE, 1);
    this.letIn();
    Atomics.sub(words, STOP, 1);
    this.handOver();
    this.wakeParked();
  }

  /** From inside, holding shards and SCRIPT_LOCK: waits until all others are outside. */
  escalate(): void {
    const { words } = this;
    Atomics.store(words, ESCALATOR, this.thread + 1);
    Atomics.add(words, STOP, 1);
    this.quiet(false);
    this.isAlone = this.escalated = true;
  }

  private endEscalation(): void {
    const { words } = this;
    this.escalated = false;
    Atomics.store(words, ESCALATOR, 0);
    this.letIn();
    Atomics.sub(words, STOP, 1);
    this.wakeParked();
  }

  /** Every thread that waits before the gate has a turn. */
  private letIn(): void {
    const { words } = this;
    for (let t = 0; t < this.threads; t++) {
      const at = threadWords(t);
      if (t === this.thread || Atomics.load(words, at + PARKED) === 0) continue;
      Atomics.store(words, at + INSIDE, 1);
      if (Atomics.compareExchange(words, at + PARKED, 1, 0) === 1) this.wake(t);
      else Atomics.store(words, at + INSIDE, 0);
    }
  }

  /** Becomes OWNER, in the order of asking. */
  private own(): boolean {
    const { words, mine, thread } = this;
    lock(words, QUEUE_LOCK);
    if (words[OWNER] === 0) words[OWNER] = thread + 1;
    else words[mine + TICKET] = ++words[LAST_TICKET]!;
    unlock(words, QUEUE_LOCK);
    while (Atomics.load(words, OWNER) !== thread + 1) {
      const signal = Atomics.load(words, mine + SIGNAL);
      this.onMail();
      if (Atomics.load(words, OWNER) === thread + 1) break;
      if (this.isBusy) return false;
      this.lookForExit();
      Atomics.wait(words, mine + SIGNAL, signal, NAP_MS);
    }
    return true;
  }

  /** Waits until no other thread is inside. False when that may take long. */
  private quiet(mayGiveUp: boolean): boolean {
    const { words, mine } = this;
    for (let t = 0; t < this.threads; t++) {
      if (t === this.thread) continue;
      const inside = threadWords(t) + INSIDE;
      for (let spin = 0; Atomics.load(words, inside) !== 0; spin++) {
        if (spin < SPINS) continue;
        const signal = Atomics.load(words, mine + SIGNAL);
        if (Atomics.load(words, inside) === 0) break;
        if (mayGiveUp) {
          this.onMail();
          if (this.isBusy) return false;
        }
        this.lookForExit();
        Atomics.wait(words, mine + SIGNAL, signal, 1);
      }
    }
    return true;
  }

  /** Gives OWNER, or the wish for it, back. */
  private handOver(): void {
    const { words, mine, thread } = this;
    lock(words, QUEUE_LOCK);
    words[mine + TICKET] = 0;
    let next = -1;
    if (words[OWNER] === thread + 1) {
      for (let t = 0; t < this.threads; t++) {
        const ticket = words[threadWords(t) + TICKET]!;
        if (ticket === 0 || (next >= 0 && ticket - words[threadWords(next) + TICKET]! > 0)) continue;
        next = t;
      }
      if (next >= 0) words[threadWords(next) + TICKET] = 0;
      words[OWNER] = next + 1;
    }
    unlock(words, QUEUE_LOCK);
    if (next >= 0) this.wake(next);
  }
}
