// An instance's open operations follow the pass that carries them out. Written only when something changed, at most once a step.
//
// Invariant: what a person sees here never drives anything: losing a write costs a picture, not a step.
import {
  isCancelableKind, isHandoverKind, percentOf, withStep, type OperationPhase, type OperationRow, type OperationStep, type Operations, type StepState,
} from '@larder/plane-domain';

/** The loop goes on trying for ever; a person is told after this many failed passes in a row. */
export const operationFailuresMax = 8;

interface Followed {
  readonly row: OperationRow;
  steps: readonly OperationStep[];
  startedAt: Date | null;
  isChanged: boolean;
}

export class OperationProgress {
  readonly #operations: Operations;
  readonly #now: () => Date;
  readonly #followed: Followed[];

  /** `rows`: open ones whose generation the pass can see. */
  constructor(operations: Operations, now: () => Date, rows: readonly OperationRow[]) {
    this.#operations = operations;
    this.#now = now;
    this.#followed = rows.map((row) => ({ row, steps: row.steps, startedAt: row.startedAt, isChanged: false }));
  }

  get isFollowing(): boolean {
    return this.#followed.length > 0;
  }

  /** Kept until flush(). Only steps that the operation has planned. */
  report(name: string, state: StepState, message?: string): void {
    for (const followed of this.#followed) {
      const before = followed.steps.find((step) => step.name === name);
      if (before === undefined || (before.state === state && before.message === (message ?? null))) continue;
      followed.steps = withStep(followed.steps, { name, state, message }, this.#now().getTime());
      followed.isChanged = true;
    }
  }

  async flush(): Promise<void> {
    for (const followed of this.#followed.filter((each) => each.isChanged)) {
      const now = this.#now();
      followed.isChanged = false;
      followed.startedAt ??= now;
      await this.#operations.write(followed.row.id, {
        phase: 'RUNNING', steps: followed.steps, percent: Math.max(followed.row.percent, Math.min(99, percentOf(followed.steps))),
        startedAt: followed.startedAt,
      }, now);
    }
  }

  async succeed(): Promise<void> {
    for (const { row, steps, startedAt } of this.#followed) {
      const now = this.#now();
      const ended = steps.reduce<readonly OperationStep[]>((list, { name, state }) =>
        (state === 'DONE' || state === 'SKIPPED' ? list : withStep(list, { name, state: state === 'PENDING' ? 'SKIPPED' : 'DONE' }, now.getTime())), steps);
      await this.#operations.write(row.id, {
        phase: wasCalledOff(row) ? 'CANCELED' : 'SUCCEEDED', steps: ended, percent: 100, isCancelable: false, startedAt: startedAt ?? now, endedAt: now,
        ...(wasCalledOff(row) ? { errorReason: 'Canceled', errorMessage: 'Called off; it is as it was before.' } : {}),
      }, now);
    }
  }

  async fail(reason: string, message: string): Promise<void> {
    for (const { row, steps } of this.#followed) {
      const now = this.#now();
      const running = steps.find((step) => step.state === 'RUNNING');
      await this.#operations.write(row.id, {
        phase: 'FAILED', steps: running ? withStep(steps, { name: running.name, state: 'FAILED', message }, now.getTime()) : steps,
        isCancelable: false, errorReason: reason, errorMessage: message, endedAt: now,
      }, now);
    }
  }

  static async end(operations: Operations, rows: readonly OperationRow[], phase: OperationPhase, reason: string, message: string, now: Date): Promise<void> {
    for (const row of rows) {
      await operations.write(row.id, { phase, isCancelable: false, errorReason: reason, errorMessage: message, endedAt: now }, now);
    }
  }
}

/** And what it had changed has been put back. One whose cancel came too late has nothing to put back. */
function wasCalledOff({ kind, cancelRequestedAt, undo }: OperationRow): boolean {
  return cancelRequestedAt !== null && undo === null && isCancelableKind(kind) && !isHandoverKind(kind);
}
