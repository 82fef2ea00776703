/**
 * Judges a history: cut into parts that share no key, each checked by itself (a history is linearizable when its parts are:
 * Herlihy and Wing's locality); a violation is cut down to what still violates.
 */
import { check } from './checker.ts';
import type { Operation } from './history.ts';
import { operationKeys, redisModel } from './model/redis-model.ts';
import type { State } from './model/state.ts';

export interface Violation {
  readonly keys: readonly string[];
  /** A few operations that no order explains. */
  readonly operations: readonly Operation[];
  readonly state: State;
  readonly stuck: readonly Operation[];
}

export interface Judgement {
  readonly parts: number;
  readonly steps: number;
  /** Parts for which no order was found, though not all were tried: as good as violated, but not shown to be. */
  readonly undecided: readonly (readonly string[])[];
  readonly violations: readonly Violation[];
}

export function judge(history: readonly Operation[]): Judgement {
  noteSpoiled(history);
  const parts = partition(history);
  const violations: Violation[] = [];
  const undecided: (readonly string[])[] = [];
  let steps = 0;
  for (const { keys, operations } of parts) {
    const verdict = check(redisModel, operations);
    steps += verdict.steps;
    if (verdict.kind === 'linearizable') continue;
    const small = cutDown(operations);
    const shown = check(redisModel, small);
    if (shown.kind === 'violated') violations.push({ keys, operations: small, state: shown.state, stuck: shown.stuck });
    else if (verdict.kind === 'violated') violations.push({ keys, operations, state: verdict.state, stuck: verdict.stuck });
    else undecided.push(keys);
  }
  return { parts: parts.length, steps, undecided, violations };
}

/** For the search: of each WATCH, whether its transaction was spoiled. */
function noteSpoiled(history: readonly Operation[]): void {
  const open = new Map<number, Operation[]>();
  for (const operation of [...history].sort((a, b) => a.id - b.id)) {
    if (operation.command[0] === 'WATCH') open.set(operation.client, [...(open.get(operation.client) ?? []), operation]);
    if (operation.command[0] !== 'EXEC') continue;
    if (operation.reply === null) for (const watch of open.get(operation.client) ?? []) watch.isInVain = true;
    open.delete(operation.client);
  }
}

interface Part {
  readonly keys: string[];
  readonly operations: Operation[];
}

/** Operations that share a key, however indirectly, are in one part. */
export function partition(history: readonly Operation[]): Part[] {
  const parent = new Map<string, string>();
  const find = (key: string): string => {
    let root = key;
    while (parent.get(root) !== undefined && parent.get(root) !== root) root = parent.get(root)!;
    parent.set(key, root);
    return root;
  };
  for (const operation of history) {
    const [first, ...others] = operationKeys(operation);
    for (const other of others) parent.set(find(other), find(first!));
  }
  const parts = new Map<string, Part>();
  for (const operation of history) {
    const keys = operationKeys(operation);
    const root = find(keys[0]!);
    let part = parts.get(root);
    if (part === undefined) parts.set(root, (part = { keys: [], operations: [] }));
    part.operations.push(operation);
    for (const key of keys) if (!part.keys.includes(key)) part.keys.push(key);
  }
  return [...parts.values()];
}

const CUT_STEPS_MAX = 30_000;
const CUT_MS_MAX = 5_000;
/** Whether no order is found soon. */
const isWrong = (operations: readonly Operation[]): boolean => check(redisModel, operations, CUT_STEPS_MAX).kind !== 'linearizable';

/** The history as it was known at `moment`: later calls did not happen yet, what is answered later may have happened or not. */
function until(operations: readonly Operation[], moment: number): Operation[] {
  return operations
    .filter((operation) => operation.calledAt <= moment)
    .map((operation) => (operation.returnedAt <= moment ? operation : { ...operation, returnedAt: Infinity }));
}

/** The shortest beginning that is wrong, without the reads that do not matter. Every step keeps a history that truly happened, or less of it. */
export function cutDown(operations: readonly Operation[]): readonly Operation[] {
  const deadline = performance.now() + CUT_MS_MAX;
  const moments = operations.map((operation) => operation.returnedAt).filter(Number.isFinite).sort((a, b) => a - b);
  let [low, high] = [0, moments.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isWrong(until(operations, moments[middle]!))) high = middle;
    else low = middle + 1;
  }
  let kept = until(operations, moments[low]!);
  for (const operation of [...kept].reverse()) {
    if (performance.now() > deadline) break;
    if (!redisModel.isPure(operation)) continue;
    const without = kept.filter((other) => other !== operation);
    if (isWrong(without)) kept = without;
  }
  return kept;
}
