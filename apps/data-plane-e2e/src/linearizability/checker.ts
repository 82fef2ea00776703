/**
 * Is there an order of all operations, each somewhere between its call and its reply, in which one client at a time would
 * have got the same replies? Wing and Gong's search with Lowe's memory of what was tried.
 *
 *   J. Wing, C. Gong: Testing and verifying concurrent objects (1993); G. Lowe: Testing for linearizability (2017)
 *
 * Calls and replies stand in one list, in the order of their times. What was called before the first reply of the list may go
 * next when the state allows its reply; it is then lifted out, with its reply. Where nothing can go, the last choice is undone. A configuration (which operations went, and the state) that
 * was seen before is not entered again.
 *
 * Two shortenings that lose nothing: what may as well go at once (it changes no state, say) goes as soon as it fits, and is no choice; and of one
 * connection's operations only the next one is looked at.
 *
 * A right history takes about one step an operation. To show that a history is wrong, all orders must fail, which may take for
 * ever: a search ends undecided after a number of steps that is far above what right ones need.
 */
import type { Operation } from './history.ts';
import { isOpen } from './history.ts';

export interface Model<S extends { readonly text: string }> {
  readonly initial: S;
  /** The state after the operation, undefined when its reply is impossible in this state. */
  step(state: S, operation: Operation): S | undefined;
  /** True when the operation, with the reply it got, leaves every state as it is. */
  isPure(operation: Operation): boolean;
  /** True when it may well go now, if it can: whatever order there is, there is one with this operation next. */
  goesAtOnce?(state: S, operation: Operation): boolean;
}

export type Verdict<S> =
  | { readonly kind: 'linearizable'; readonly steps: number }
  /** Nothing found within the limit of steps. */
  | { readonly kind: 'undecided'; readonly steps: number }
  | { readonly kind: 'violated'; readonly steps: number; readonly longest: readonly Operation[]; readonly state: S; readonly stuck: readonly Operation[] };

/** Where the search stands: what is done, the state, and what can come next. */
interface Place<S> {
  readonly state: S;
  /** Operations lifted when it came here. */
  readonly done: number;
  readonly candidates: readonly number[];
  tried: number;
}

const STEPS_MAX = 300_000;

export function check<S extends { readonly text: string }>(model: Model<S>, operations: readonly Operation[], stepsMax = STEPS_MAX): Verdict<S> {
  return new Search(model, operations, stepsMax).run();
}

class Search<S extends { readonly text: string }> {
  private readonly model: Model<S>;
  private readonly operations: readonly Operation[];
  private readonly stepsMax: number;
  /** Nodes of the list: 2i is the call of operation i, 2i + 1 its reply; `head` and `tail` bound it. */
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly head: number;
  private readonly tail: number;
  private readonly pure: readonly boolean[];
  /** Index of the operation that must go before; -1: none. */
  private readonly before: Int32Array;
  private readonly isDone: Uint8Array;
  private readonly seen = new Set<string>();
  private readonly stateNumbers = new Map<string, number>();
  /** Operations that are done, in their order. */
  private readonly lifted: number[] = [];
  private steps = 0;
  private left: number;

  constructor(model: Model<S>, operations: readonly Operation[], stepsMax: number) {
    this.model = model;
    // In the order of calls, so that what is done is nearly a prefix.
    this.operations = [...operations].sort((a, b) => a.calledAt - b.calledAt || a.id - b.id);
    this.stepsMax = stepsMax;
    const count = operations.length;
    this.head = 2 * count;
    this.tail = 2 * count + 1;
    this.next = new Int32Array(2 * count + 2);
    this.previous = new Int32Array(2 * count + 2);
    this.isDone = new Uint8Array(count);
    this.pure = this.operations.map((operation) => !isOpen(operation) && model.isPure(operation));
    const places = new Map(this.operations.map((operation, at) => [operation.id, at]));
    this.before = Int32Array.from(this.operations, ({ after }) => (after === -1 ? -1 : (places.get(after) ?? -1)));
    this.left = this.operations.filter((operation) => !isOpen(operation)).length;
    this.link();
  }

  private link(): void {
    const events: { node: number; time: number }[] = [];
    for (const [at, operation] of this.operations.entries()) {
      events.push({ node: 2 * at, time: operation.calledAt });
      if (!isOpen(operation)) events.push({ node: 2 * at + 1, time: operation.returnedAt });
    }
    // At the same moment calls come first: that allows more.
    events.sort((a, b) => a.time - b.time || (a.node & 1) - (b.node & 1) || a.node - b.node);
    let last = this.head;
    for (const { node } of events) {
      this.next[last] = node;
      this.previous[node] = last;
      last = node;
    }
    this.next[last] = this.tail;
    this.previous[this.tail] = last;
  }

  run(): Verdict<S> {
    const { model, operations, lifted } = this;
    let longest: number[] = [];
    let longestState = model.initial;
    const places: Place<S>[] = [this.arrive(model.initial)];
    while (this.left > 0) {
      const place = places.at(-1);
      if (place === undefined) return this.violated(longest, longestState);
      const at = place.candidates[place.tried++];
      if (at === undefined) {
        // Nothing can come next here: undo what led to this place, and what followed of itself.
        places.pop();
        while (lifted.length > (places.at(-1)?.done ?? 0)) this.unlift(lifted.pop()!);
        continue;
      }
      if (++this.steps > this.stepsMax) return { kind: 'undecided', steps: this.steps };
      const after = model.step(place.state, operations[at]!);
      if (after === undefined || !this.enter(at, after)) continue;
      this.lift(at);
      const next = this.arrive(after);
      places.push(next);
      if (lifted.length > longest.length) {
        longest = [...lifted];
        longestState = next.state;
      }
    }
    return { kind: 'linearizable', steps: this.steps };
  }

  /** Takes what needs no choice, then lists what can come next: first what was answered first, for that is mostly what came first. */
  private arrive(state: S): Place<S> {
    const after = this.takeForced(state);
    const candidates: number[] = [];
    for (let node = this.next[this.head]!; node !== this.tail && (node & 1) === 0; node = this.next[node]!) {
      const at = node >> 1;
      if (!this.pure[at]! && this.isFree(at)) candidates.push(at);
    }
    const { operations } = this;
    candidates.sort((a, b) => operations[a]!.returnedAt - operations[b]!.returnedAt || a - b);
    return { state: after, done: this.lifted.length, candidates, tried: 0 };
  }

  /** Whether its connection is at this operation. */
  private isFree(at: number): boolean {
    const needed = this.before[at]!;
    return needed < 0 || this.isDone[needed] === 1;
  }

  /** Takes all that can go now without a choice; the state after it. */
  private takeForced(state: S): S {
    const { next, operations, model } = this;
    let node = next[this.head]!;
    while (node !== this.tail && (node & 1) === 0) {
      const at = node >> 1;
      const isForced = this.isFree(at) && (this.pure[at]! || model.goesAtOnce?.(state, operations[at]!) === true);
      const after = isForced ? model.step(state, operations[at]!) : undefined;
      if (after === undefined) {
        node = next[node]!;
        continue;
      }
      this.lift(at);
      state = after;
      node = next[this.head]!; // the next of its connection may stand before
    }
    return state;
  }

  private violated(longest: readonly number[], state: S): Verdict<S> {
    const gone = new Set(longest);
    const waiting = this.operations.filter((_, at) => !gone.has(at));
    const firstReply = Math.min(...waiting.map((operation) => operation.returnedAt));
    const stuck = waiting.filter((operation) => operation.calledAt <= firstReply);
    return { kind: 'violated', steps: this.steps, longest: longest.map((at) => this.operations[at]!), state, stuck };
  }

  /**
   * Notes the configuration with `at` done; false when it is known. What is done is all that was called before the first
   * reply that is left, but the calls that are left there; nothing later can be.
   */
  private enter(at: number, state: S): boolean {
    const { next } = this;
    const { text } = state;
    let number = this.stateNumbers.get(text);
    if (number === undefined) this.stateNumbers.set(text, (number = this.stateNumbers.size));
    let key = `${number}`;
    let node = next[this.head]!;
    for (; node !== this.tail; node = next[node]!) {
      if (node >> 1 === at) continue;
      key += `,${node}`;
      if ((node & 1) === 1) break;
    }
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }

  private lift(at: number): void {
    this.lifted.push(at);
    this.isDone[at] = 1;
    this.unlink(2 * at);
    if (isOpen(this.operations[at]!)) return;
    this.unlink(2 * at + 1);
    this.left--;
  }

  private unlift(at: number): void {
    this.isDone[at] = 0;
    if (!isOpen(this.operations[at]!)) {
      this.relink(2 * at + 1);
      this.left++;
    }
    this.relink(2 * at);
  }

  private unlink(node: number): void {
    const { next, previous } = this;
    next[previous[node]!] = next[node]!;
    previous[next[node]!] = previous[node]!;
  }

  private relink(node: number): void {
    const { next, previous } = this;
    next[previous[node]!] = node;
    previous[next[node]!] = node;
  }
}
