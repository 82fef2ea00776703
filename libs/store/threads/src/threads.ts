/**
 * What one thread of a server has of the others: the gate, the shards' locks, mail, and numbers that belong to all.
 */
import type { Arena } from '@larder/store-memory';
import { lockWithin, tryLock, unlock } from '@larder/store-memory';
import { Gate } from './gate';
import { Mail } from './mail';
import type { Taken, ThreadFault } from './shard-locks';
import { DisturbedLocks, ShardLocks } from './shard-locks';
import { BUSY_SCRIPT, CONNECTIONS, EXIT, KILL_SCRIPT, LAST_CLIENT, LAST_ORDER, SCRIPT_LOCK, THREADS_MAX, WORDS } from './words';

export interface SharedThreads {
  readonly count: number;
  readonly words: SharedArrayBuffer;
  readonly locks: SharedArrayBuffer;
  /** Of every 1,000 locks taken so many pause. */
  readonly pauses: number;
  readonly fault: ThreadFault;
}

export const NOT_BUSY = 0;
export const BUSY = 1;
export const BUSY_UNKILLABLE = 2;

export class Threads {
  readonly index: number;
  readonly count: number;
  readonly gate: Gate;
  readonly locks: ShardLocks;
  readonly mail: Mail;
  private readonly words: Int32Array;
  private readonly shared: SharedThreads;

  static reserve(count: number, shards: number, debug: { pauses: number; fault: ThreadFault } = { pauses: 0, fault: 'none' }): SharedThreads {
    if (count < 1 || count > THREADS_MAX) throw new RangeError(`threads: 1 to ${THREADS_MAX}, not ${count}`);
    return { count, words: new SharedArrayBuffer(WORDS * 4), locks: ShardLocks.reserve(shards), ...debug };
  }

  constructor(shared: SharedThreads, index: number, arena: Arena, random32: () => number) {
    this.shared = shared;
    this.index = index;
    this.count = shared.count;
    this.words = new Int32Array(shared.words);
    this.gate = new Gate(this.words, index, shared.count);
    const locks = new Int32Array(shared.locks);
    if (shared.pauses === 0 && shared.fault === 'none') this.locks = new ShardLocks(locks, this.gate);
    else {
      const nap = new Int32Array(new SharedArrayBuffer(4));
      const pause = () => {
        if ((random32() >>> 0) % 1000 < shared.pauses) Atomics.wait(nap, 0, 0, ((random32() >>> 0) % 1000) / 500);
      };
      this.locks = new DisturbedLocks(locks, this.gate, pause, shared.fault, () => (random32() & 7) === 0);
    }
    this.mail = new Mail(this.words, arena, index, shared.count);
    this.gate.onMail = () => this.mail.read();
    this.mail.onWait = () => this.gate.lookForExit();
  }

  /** Ends the process, from any thread: the first one does it at once, wherever it waits. */
  exit(code: number): void {
    Atomics.store(this.words, EXIT, code + 1);
    this.mail.rouse(0);
  }

  /** For the constructor on another thread. */
  share(): SharedThreads {
    return this.shared;
  }

  /** Ids of clients, over all threads. */
  nextClient(): number {
    return Atomics.add(this.words, LAST_CLIENT, 1) + 1;
  }

  /** A number that only grows: who comes first gets the smaller one. */
  nextOrder(): number {
    return Atomics.add(this.words, LAST_ORDER, 1) + 1;
  }

  /** Connections over all threads after this change. */
  countConnections(change: number): number {
    return Atomics.add(this.words, CONNECTIONS, change) + change;
  }

  /** A script on this thread has run for too long, or is over. */
  setBusy(state: number): void {
    if (state === NOT_BUSY) Atomics.store(this.words, KILL_SCRIPT, 0);
    Atomics.store(this.words, BUSY_SCRIPT, state);
    this.gate.wakeParked();
  }

  get busy(): number {
    return Atomics.load(this.words, BUSY_SCRIPT);
  }

  killScript(): void {
    Atomics.store(this.words, KILL_SCRIPT, 1);
  }

  get isScriptKilled(): boolean {
    return Atomics.load(this.words, KILL_SCRIPT) !== 0;
  }

  /** Before its shards, by a unit that may reach for more: of those only one runs. */
  takeScriptLock(): Taken {
    const { words, gate } = this;
    if (tryLock(words, SCRIPT_LOCK)) return 'held';
    while (!lockWithin(words, SCRIPT_LOCK, 1)) {
      if (gate.isStopping) return 'stop';
      if (gate.isBusy) return 'busy';
    }
    return 'held';
  }

  giveScriptLock(): void {
    unlock(this.words, SCRIPT_LOCK);
  }
}
