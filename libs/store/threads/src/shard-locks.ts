/**
 * One lock per shard. A unit takes those of its keys in ascending order and gives them back when it is over, so that no
 * two units ever wait for each other.
 *
 * A shard that had to be waited for is kept from unit to unit (`release`, until `drop`), as long as the units want no
 * other: threads that crowd on one key then hand it over once a turn instead of once a command; and where turns are of many
 * units, once a millisecond (`stays`). To hand over costs some ten microseconds of sleeping and waking.
 *
 * Sets of shards are bit masks: at most 32 shards.
 */
import { LOCK_STRIDE, SPINS, lockWithin, tryLock, unlock } from '@larder/store-memory';
import type { Gate } from './gate';

/** How taking locks ended: held; the gate wants everybody out; a busy script holds one of them. */
export type Taken = 'held' | 'stop' | 'busy';

const LOOK_MS = 1;
/** Units in a row that may keep a shard within one turn: some ten microseconds. */
const KEPT_UNITS_MAX = 64;
/** A turn of fewer units is mostly reading and writing sockets, which others had better do meanwhile. */
const STAY_UNITS_MIN = 16;
const STAY_MS_MAX = 1;

/** Faults planted on purpose, to show that the judges see them. */
export type ThreadFault = 'none' | 'skip-lock' | 'wrong-order' | 'release-early';

export class ShardLocks {
  /** Shards held now. */
  held = 0;
  /** A shard that is kept between two units. */
  private kept = 0;
  protected isContended = false;
  private keptFor = 0;
  protected stayUnitsMin = STAY_UNITS_MIN;
  /** When the turns must end that keep it, ms; 0: it has been kept in one turn only. */
  private keptUntil = 0;
  private readonly words: Int32Array;
  private readonly gate: Gate;

  constructor(words: Int32Array, gate: Gate) {
    this.words = words;
    this.gate = gate;
  }

  static reserve(shards: number): SharedArrayBuffer {
    return new SharedArrayBuffer(shards * LOCK_STRIDE * 4);
  }

  /** Takes the shards of `mask`; what is not 'held' holds nothing. */
  take(mask: number): Taken {
    if (this.kept !== 0) {
      if (mask === this.kept) {
        this.kept = 0;
        this.held = mask;
        return 'held';
      }
      this.drop();
    }
    let rest = mask;
    while (rest !== 0) {
      const shard = 31 - Math.clz32(rest & -rest);
      rest &= rest - 1;
      if (!tryLock(this.words, shard * LOCK_STRIDE)) {
        const taken = this.wait(shard);
        if (taken !== 'held') {
          this.give(mask & ((1 << shard) - 1));
          return taken;
        }
      }
    }
    this.held = mask;
    return 'held';
  }

  private wait(shard: number): Taken {
    const { words, gate } = this;
    this.isContended = true;
    const at = shard * LOCK_STRIDE;
    for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(words, at) === 0 && tryLock(words, at)) return 'held';
    while (!lockWithin(words, at, LOOK_MS)) {
      gate.lookForExit();
      if (gate.isStopping) return 'stop';
      if (gate.isBusy) return 'busy';
    }
    return 'held';
  }

  /** The unit is over: gives its shards back, or keeps the one that is crowded. */
  release(mask: number): void {
    if (!this.isContended || (mask & (mask - 1)) !== 0) return this.give(mask);
    if (++this.keptFor > KEPT_UNITS_MAX) {
      this.keptFor = 0;
      return this.give(mask);
    }
    this.held = 0;
    this.kept = mask;
  }

  /** At the end of a turn: whether the crowded shard is worth being kept for the next one, that is at hand. `now` in ms. */
  stays(now: number): boolean {
    if (this.kept === 0 || this.keptFor < this.stayUnitsMin) return false;
    if (this.keptUntil === 0) this.keptUntil = now + STAY_MS_MAX;
    else if (now > this.keptUntil) return false;
    this.keptFor = 0;
    return true;
  }

  /** Keeps nothing any more: before the gate is left, and before anything else is taken. */
  drop(): void {
    const { kept } = this;
    this.kept = 0;
    this.keptFor = 0;
    this.keptUntil = 0;
    this.isContended = false;
    if (kept !== 0) this.give(kept);
  }

  /** Gives the shards of `mask` back. */
  give(mask: number): void {
    this.held &= ~mask;
    let rest = mask;
    while (rest !== 0) {
      unlock(this.words, (31 - Math.clz32(rest & -rest)) * LOCK_STRIDE);
      rest &= rest - 1;
    }
  }
}

/** Locks that pause at random before and after they are taken and given back, that keep shards for no reason, and that may have a fault. */
export class DisturbedLocks extends ShardLocks {
  protected override stayUnitsMin = 1;
  private takes = 0;
  private readonly pause: () => void;
  private readonly fault: ThreadFault;
  private readonly chance: () => boolean;

  /** `chance` says when the fault strikes. */
  constructor(words: Int32Array, gate: Gate, pause: () => void, fault: ThreadFault, chance: () => boolean) {
    super(words, gate);
    this.pause = pause;
    this.fault = fault;
    this.chance = chance;
  }

  override take(mask: number): Taken {
    this.pause();
    if (this.fault === 'skip-lock' && this.chance()) {
      this.held = mask;
      return 'held';
    }
    const taken = this.fault === 'wrong-order' && this.chance() ? this.takeDownwards(mask) : super.take(mask);
    if (taken === 'held' && this.fault === 'release-early' && this.chance()) {
      super.give(mask);
      this.held = mask;
    }
    this.pause();
    return taken;
  }

  private takeDownwards(mask: number): Taken {
    for (let shard = 31; shard >= 0; shard--) {
      if ((mask & (1 << shard)) === 0) continue;
      const taken = super.take(1 << shard);
      if (taken !== 'held') {
        super.give(shard === 31 ? 0 : mask & ~((2 << shard) - 1));
        return taken;
      }
      this.pause();
    }
    this.held = mask;
    return 'held';
  }

  override release(mask: number): void {
    if (this.fault !== 'none') return this.give(mask);
    this.pause();
    if (++this.takes % 3 === 0) this.isContended = true;
    super.release(mask);
    this.pause();
  }

  override give(mask: number): void {
    this.pause();
    super.give(mask);
    this.pause();
  }
}
