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
});
