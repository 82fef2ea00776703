/**
 * What is true in a simulated world: every state that data were ever in, as a tree of writes. A server's data are one node, so two
 * servers have the same data exactly if they have the same node, and a write is in the data if it is among the node's ancestors.
 *
 *   root ─ w1 ─ w2 ─┬─ w3 ─ w4        what the successor took
 *                   └─ w5             what an isolated primary took meanwhile
 *
 * `points` knows which data belong to an offset of a history: to say "I am at offset o of history h" is to say what one has.
 */
export interface Write {
  readonly id: number;
  readonly register: number;
}

export class DataState {
  readonly index: number;
  readonly depth: number;
  readonly parent: DataState | null;
  readonly write: Write | null;
  /** The last write to each register, 0 = none. */
  readonly registers: readonly number[];
  readonly children = new Map<number, DataState>();

  constructor(index: number, parent: DataState | null, write: Write | null, registers: readonly number[]) {
    this.index = index;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.parent = parent;
    this.write = write;
    this.registers = registers;
  }
}

export const REGISTERS = 6;

export class WriteTree {
  readonly states: DataState[] = [];
  readonly root = this.add(null, null, Array<number>(REGISTERS).fill(0));
  private readonly points = new Map<string, DataState>();
  /** Histories that go on where another one was: up to there both are the same. */
  private readonly origins = new Map<string, { id: string; offset: number }>();

  private add(parent: DataState | null, write: Write | null, registers: readonly number[]): DataState {
    const state = new DataState(this.states.length, parent, write, registers);
    this.states.push(state);
    return state;
  }

  after(state: DataState, write: Write): DataState {
    const known = state.children.get(write.id);
    if (known !== undefined) return known;
    const next = this.add(state, write, state.registers.with(write.register, write.id));
    state.children.set(write.id, next);
    return next;
  }

  /** A primary is there: that is what the history is from now on. What else it was said to be, if it was. */
  declare(history: string, offset: number, state: DataState): DataState | undefined {
    const key = `${history}:${offset}`;
    const known = this.points.get(key);
    if (known === undefined) this.points.set(key, state);
    return known === state ? undefined : known;
  }

  /** What a server has that is at this point of a history; undefined: no primary ever was there. */
  at(history: string, offset: number): DataState | undefined {
    const known = this.points.get(`${history}:${offset}`);
    if (known !== undefined) return known;
    const origin = this.origins.get(history);
    return origin !== undefined && offset <= origin.offset ? this.at(origin.id, offset) : undefined;
  }

  fork(history: string, from: { id: string; offset: number }): void {
    this.origins.set(history, from);
  }

  originOf(history: string): { id: string; offset: number } | undefined {
    return this.origins.get(history);
  }

  writesIn(state: DataState): Set<number> {
    const ids = new Set<number>();
    for (let at: DataState | null = state; at !== null; at = at.parent) if (at.write !== null) ids.add(at.write.id);
    return ids;
  }
}
