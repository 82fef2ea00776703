import { Sampler } from './sampler';
import { TestBed } from './testing/test-bed';

describe('the sampler', () => {
  it('notes how the files stand, and tells with their path once when saving fails and once when it works again', async () => {
    const bed = new TestBed();
    const instance = bed.create();
    await bed.converge(instance.id);
    const { records, link, secrets, clock } = bed.loopPorts();
    const sampler = new Sampler({ records, link, provisioner: { snapshotBytes: async () => 4096 }, secrets, clock, bindAddress: '127.0.0.1', wake: () => undefined });
    const told = (): string[] => bed.records.events.map(({ reason }) => reason).filter((reason) => reason.startsWith('Save'));
    const rounds = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 1) { bed.clock.step(10_000); await sampler.round(); }
    };
    await rounds(2);
    expect([...bed.records.members.values()][0]!.persistenceSeen).toMatchObject({ isLastSaveOk: true, lastSaveBytes: 4096 });
    expect(told()).toEqual([]);
    bed.world.isDiskFull = true;
    await rounds(3);
    expect(told()).toEqual(['SaveFailed']);
    expect(bed.records.events.at(-1)!.message).toContain(`/a/dump.rdb`);
    bed.world.isDiskFull = false;
    await rounds(2);
    expect(told()).toEqual(['SaveFailed', 'SaveRecovered']);
  });

  it('writes one row per ten seconds and keeps each for a day', async () => {
    const bed = new TestBed();
    await bed.converge(bed.create().id);
    const { records, link, secrets, clock } = bed.loopPorts();
    const rows: Date[] = [];
    const kept = {
      ...records,
      metrics: {
        ...records.metrics,
        insert: async (samples: readonly { readonly at: Date }[]) => void rows.push(...samples.map(({ at }) => at)),
        removeBefore: async (at: Date) => rows.splice(0, rows.length, ...rows.filter((row) => row >= at)).length,
      },
    };
    const sampler = new Sampler({ records: kept, link, provisioner: { snapshotBytes: async () => null }, secrets, clock, bindAddress: '127.0.0.1', wake: () => undefined });
    for (let look = 0; look < 12; look += 1) { bed.clock.step(5_000); await sampler.round(); }
    // A minute touches six or seven of them.
    expect([6, 7]).toContain(rows.length);
    expect(new Set(rows.map(Number)).size).toBe(rows.length);
    expect(rows.every((at) => at.getTime() % 10_000 === 0)).toBe(true);
    const [first] = rows;
    bed.clock.step(23 * 3_600_000);
    await sampler.round();
    expect(rows).toContain(first);
    bed.clock.step(3_600_000);
    await sampler.round();
    expect(rows).not.toContain(first);
    expect(rows.length).toBeLessThanOrEqual(3);
  });
});
