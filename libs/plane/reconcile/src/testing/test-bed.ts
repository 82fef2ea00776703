// A world, its records and workers on one clock. A worker can be made to die at any of its calls to the outside, before or after the
// call has had its effect: that is every place where a real one can be killed.
import { SteppedClock } from '@larder/shared-std/testing';
import type { Clock } from '@larder/shared-std';
import { draftInstance, builtInPlans, type InstanceRow, type InstanceSpec, type OperationKind, type OperationRow, type Outcome, type Rewind } from '@larder/plane-domain';
import { runPass, type PassResult } from '../pass';
import type { ReconcilePorts, ReconcileSettings } from '../pass-context';
import { FakeRecords } from './fake-records';
import { FakeWorld } from './fake-world';

export class Killed extends Error {}

export interface Death {
  /** Which call of the pass, from 1. */
  readonly atCall: number;
  readonly hasEffect: boolean;
}

export const settings: ReconcileSettings = { instancePortRange: [20_000, 20_009], bindAddress: '127.0.0.1', publicHost: 'cache.example', threadsMax: 6 };

export class TestBed {
  readonly clock = new SteppedClock();
  readonly world = new FakeWorld(this.clock);
  readonly records = new FakeRecords();
  seed: ((seed: unknown) => AsyncIterable<Uint8Array>) | undefined;
  finalBackups = 0;
  /** What each safety backup holds; it takes a question until it is proven. */
  readonly safetyBackups = new Map<string, { readonly data: string | undefined; isProven: boolean }>();
  readonly closedLogs: string[] = [];
  failsSafety = false;
  /** Calls that the last pass made. */
  calls = 0;
  #workers = 0;

  get now(): Date {
    return new Date(this.clock.now());
  }

  create(change: Partial<InstanceSpec> = {}): InstanceRow {
    const draft = draftInstance({ name: 'orders', planId: 'nano' }, builtInPlans);
    if (!draft.ok) throw new Error(draft.error.message);
    const instance = this.records.addInstance({ ...draft.value, ...change }, this.now);
    this.records.addOperation(instance, change.seed ? 'RESTORE_BACKUP' : 'CREATE_INSTANCE', this.now);
    return instance;
  }

  change(instance: InstanceRow, kind: OperationKind, change: Partial<InstanceSpec>, more: Partial<InstanceRow> = {}): OperationRow {
    const row = this.records.instances.get(instance.id)!;
    Object.assign(row, { spec: { ...row.spec, ...change }, generation: row.generation + 1, revision: row.revision + 1, ...more });
    return this.records.addOperation(row, kind, this.now);
  }

  /** `clock`: a loop gets the stepped one, or its timers would fire for ever. */
  ports(death?: Death, clock: Clock = autoStepping(this.clock)): ReconcilePorts {
    this.calls = 0;
    const isDead = { now: false };
    const mortal = <T extends object>(target: T): T => new Proxy(target, {
      get: (_target, name) => {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value === 'object' && value !== null) return mortal(value);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          if (isDead.now) throw new Killed();
          this.calls += 1;
          if (death?.atCall !== this.calls) return (value as (...all: unknown[]) => unknown).apply(target, args);
          isDead.now = true;
          if (death.hasEffect) await (value as (...all: unknown[]) => unknown).apply(target, args);
          throw new Killed();
        };
      },
    });
    return {
      records: mortal(this.records.repositories()), provisioner: mortal(this.world.provisioner()), link: mortal(this.world.link()), clock,
      secrets: { seal: (plain) => Buffer.from(plain).toString(), open: (sealed) => Buffer.from(sealed) },
      seeds: this.seed ? { open: async (_organizationId, seed) => this.seed!(seed) } : null,
      safetyBackup: mortal({ ensure: async (instance: InstanceRow, { id }: Rewind) => this.#ensureSafety(instance, id) }),
      closeLog: (instanceId) => mortal({ close: async () => void this.closedLogs.push(instanceId) }).close(),
      finalBackup: { ensure: async () => { this.finalBackups += 1; return { outcome: 'done' }; } },
    };
  }

  #ensureSafety(instance: InstanceRow, id: string): Outcome {
    const known = this.safetyBackups.get(id);
    if (this.failsSafety) return { outcome: 'failed', reason: 'SafetyBackupFailed', message: 'The disk is full.' };
    if (known?.isProven === true) return { outcome: 'done' };
    if (known !== undefined) known.isProven = true;
    else this.safetyBackups.set(id, { data: this.world.dataOf(this.records.instances.get(instance.id)!.endpoint!.port), isProven: false });
    return { outcome: 'wait', reason: 'SafetyBackup', message: 'A safety backup is being taken.', retryMs: 300 };
  }

  loopPorts(): ReconcilePorts {
    return this.ports(undefined, this.clock);
  }

  /** One pass of a new worker; undefined where it was killed. */
  async pass(instanceId: string, death?: Death): Promise<PassResult | undefined> {
    try {
      return await runPass(this.ports(death), settings, instanceId, `worker-${(this.#workers += 1)}`);
    } catch (error) {
      if (error instanceof Killed) return undefined;
      throw error;
    }
  }

  /** Passes until the instance is as wished, time going on as the results ask for it. */
  async converge(instanceId: string, roundsMax = 40): Promise<PassResult> {
    for (let round = 0; round < roundsMax; round += 1) {
      const result = (await this.pass(instanceId))!;
      const row = this.records.instances.get(instanceId)!;
      if (result.result === 'gone' || (result.result === 'settled' && row.observedGeneration === row.generation)) return result;
      this.clock.step(result.result === 'unsettled' ? result.retryMs + 1 : result.result === 'busy' ? 3000 : 0);
    }
    throw new Error(`instance ${instanceId} did not converge in ${roundsMax} passes: ${JSON.stringify(this.records.instances.get(instanceId)!.conditions)}`);
  }
}

/** Waiting inside a pass moves the time on by itself. */
function autoStepping(clock: SteppedClock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimer(delayMs, fire) {
      queueMicrotask(() => {
        clock.step(delayMs);
        fire();
      });
      return { cancel: () => undefined };
    },
  };
}
