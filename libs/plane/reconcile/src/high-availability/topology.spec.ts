// A change of topology in which the worker is killed at every single call to the outside; and one that is called off just then. Clients write all along, at the one port that they know.
import type { InstanceRow, InstanceSpec, OperationRow } from '@larder/plane-domain';
import { undoOf } from '@larder/plane-domain';
import { TestBed } from '../testing';

const several = { topology: 'HA', replicas: 1 } as const satisfies Partial<InstanceSpec>;
const alone = { topology: 'STANDALONE', replicas: 0 } as const satisfies Partial<InstanceSpec>;
const groupOf = ['a', 'b', 'gate', 'reads', 'sentinel-1', 'sentinel-2', 'sentinel-3'];

class Story {
  readonly bed = new TestBed();
  readonly instance: InstanceRow;
  /** What the last write left that was acknowledged. */
  acknowledged = 'w0';
  refused = 0;
  port = 0;
  #writes = 0;

  constructor() {
    this.instance = this.bed.create();
  }

  async begin(change: Partial<InstanceSpec>): Promise<OperationRow> {
    await this.bed.converge(this.instance.id);
    this.port = this.row.endpoint!.port;
    if (change.topology === 'STANDALONE') await this.#change(several, true);
    this.write();
    return this.#change(change, false);
  }

  get row(): InstanceRow {
    return this.bed.records.instances.get(this.instance.id)!;
  }

  write(): void {
    this.#writes += 1;
    if (this.bed.world.write(this.port, `w${this.#writes}`)) this.acknowledged = `w${this.#writes}`;
    else this.refused += 1;
  }

  /** Passes until it is as wished; the first worker dies at that call, counted over all its passes. */
  async play(atCall = Infinity): Promise<number> {
    let calls = 0;
    for (let passes = 0; passes < 60; passes += 1) {
      const result = await this.bed.pass(this.instance.id, { atCall: atCall - calls, hasEffect: true });
      calls += this.bed.calls;
      this.write();
      if (result?.result === 'settled' && this.row.observedGeneration === this.row.generation) return calls;
      this.bed.clock.step(result?.result === 'unsettled' ? result.retryMs + 1 : 3000);
    }
    throw new Error(`it did not converge: ${JSON.stringify([this.row.conditions.filter(({ status }) => status !== 'TRUE'), this.row.spec.topology, this.row.generation, this.row.observedGeneration])}`);
  }

  expectWhole(topology: 'STANDALONE' | 'HA'): void {
    const { world, records } = this.bed;
    const members = [...records.members.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
    expect(members.map(({ name }) => name)).toEqual(topology === 'HA' ? groupOf : ['a']);
    expect(world.processes.size).toBe(members.length);
    for (const { name, port, identity } of members) expect([name, world.processes.get(identity!.pid)?.port]).toEqual([name, port]);
    expect([this.row.endpoint!.port, this.row.availability?.primary ?? null]).toEqual([this.port, topology === 'HA' ? 'a' : null]);
    expect(world.dataOf(this.port)).toBe(this.acknowledged);
    const store = world.processes.get(members[0]!.identity!.pid)!;
    // The process is the one that has served all along.
    expect([store.identity.pid, store.settings.get('masteruser') ?? '']).toEqual([1001, topology === 'HA' ? 'larder-replication' : '']);
  }

  async #change(change: Partial<InstanceSpec>, isPlayed: boolean): Promise<OperationRow> {
    const undo = undoOf(this.row.spec, { ...this.row.spec, ...change });
    const operation = this.bed.change(this.instance, 'CHANGE_TOPOLOGY', { ...change, handover: null });
    Object.assign(operation, { undo, isCancelable: true });
    if (isPlayed) await this.play();
    return operation;
  }
}

describe.each([['to several stores', several], ['back to one', alone]])('a change %s', (_name, change) => {
  it('ends where it shall, and clients are refused for a moment at most', async () => {
    const story = new Story();
    const operation = await story.begin(change);
    await story.play();
    story.expectWhole(change.topology);
    expect(story.refused).toBe(0);
    expect(operation).toMatchObject({ phase: 'SUCCEEDED', percent: 100 });
  });

  it('is brought to its end by the next worker, wherever the first one is killed', async () => {
    const counted = new Story();
    await counted.begin(change);
    const calls = await counted.play();
    expect(calls).toBeGreaterThan(100);
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const story = new Story();
      const operation = await story.begin(change);
      // After its effect is as much as before the next one's.
      await story.play(atCall);
      story.expectWhole(change.topology);
      expect(operation.phase).toBe('SUCCEEDED');
    }
  });

  it('leaves everything as it was where it is called off, after whatever call the worker is killed', async () => {
    const counted = new Story();
    await counted.begin(change);
    const calls = await counted.play();
    let late = 0;
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      const story = new Story();
      const operation = await story.begin(change);
      const before = change.topology === 'HA' ? 'STANDALONE' : 'HA';
      // Killed there, and called off before anybody has taken over.
      let done = 0;
      for (;;) {
        const result = await story.bed.pass(story.instance.id, { atCall: atCall - done, hasEffect: true });
        done += story.bed.calls;
        story.write();
        story.bed.clock.step(result?.result === 'unsettled' ? result.retryMs + 1 : 3000);
        if (result === undefined || result.result === 'settled') break;
      }
      Object.assign(operation, operation.phase === 'SUCCEEDED' ? {} : { cancelRequestedAt: story.bed.now });
      await story.play();
      if (operation.phase === 'SUCCEEDED') late += 1;
      else expect([operation.phase, operation.errorReason]).toEqual(['CANCELED', 'Canceled']);
      story.expectWhole(operation.phase === 'SUCCEEDED' ? change.topology : before);
    }
    expect(late).toBeLessThan(20);
  });
});
