// Whose log is archived where there are several stores, step by step, with logs on paper: the primary's, while it is primary, and nothing that it
// wrote as somebody else's replica.
import { archiveRound, type ArchivePorts, type LogSource, type LogView } from '@larder/plane-backups';
import { PaperLog, PaperWorld, type PaperInstance } from '../testing/paper-archive';

const world = new PaperWorld();
beforeAll(() => world.start());
afterAll(() => world.stop());

class PaperGroup {
  readonly instance: PaperInstance;
  readonly ports: ArchivePorts;
  readonly stores: readonly PaperLog[];
  /** Null: it does not say that it is one. */
  reign: string | null = 'first';
  sinceMs = 0;
  #primary = 0;

  constructor(instance: PaperInstance) {
    this.instance = instance;
    this.stores = [instance.log, new PaperLog(world.clock)];
    this.ports = world.ports('worker', { source: { open: async (_id, memberId) => this.#view(memberId) } satisfies LogSource });
  }

  get primary(): PaperLog {
    return this.stores[this.#primary]!;
  }

  promote(index: number, reign: string): void {
    this.stores[index]!.writes = this.primary.writes;
    [this.#primary, this.reign, this.sinceMs] = [index, reign, world.clock.now()];
  }

  async rounds(count: number): Promise<void> {
    for (let each = 0; each < count; each += 1) await this.round();
    await world.prove();
  }

  round(): ReturnType<typeof archiveRound> {
    return archiveRound(this.ports, this.instance.at.instanceId);
  }

  #view(memberId: string | undefined): LogView | undefined {
    const log = memberId === undefined ? this.primary : this.stores.find((each) => each.memberId === memberId);
    if (log === undefined) return undefined;
    return {
      ...log.view(), isOneOfSeveral: true, primarySinceMs: this.sinceMs,
      ask: async () => ({ isStamped: true, isKept: true, isRewriting: false, reign: log === this.primary ? this.reign : null }),
    };
  }
}

async function archived(name: string): Promise<PaperGroup> {
  const group = new PaperGroup(await world.create(name, { intervalSeconds: 10, retentionHours: 72 }));
  await group.rounds(3);
  for (let second = 0; second < 5; second += 1) {
    group.primary.write(10);
    world.clock.step(1000);
  }
  await group.round();
  return group;
}

describe('the archive of several stores', () => {
  it('takes the rest of a reign up to the next one, and nothing of what the former primary wrote after that', async () => {
    const group = await archived('handed-over');
    const { primary: former, instance } = group;
    former.write(3);
    world.clock.step(2000);
    group.promote(1, 'second');
    // Cut off, it goes on for a moment; then it is filled anew, in another part of its log, and follows.
    former.write(4);
    former.rewrite();
    former.write(5);
    await group.rounds(4);
    world.clock.step(5000);
    group.primary.write(7);
    world.clock.step(5000);
    await group.rounds(2);
    const { windows, gaps } = await world.timeline(instance);
    expect([windows.length, gaps.map(({ reason }) => reason)]).toEqual([2, ['PrimaryChanged']]);
    const [stretch] = await world.work.records.logArchives.stretchesOf(world.organizationId, instance.at.instanceId);
    const bytes = (await world.work.records.logArchives.logOf(stretch!.id, 0, 1000)).reduce((sum, { toByte, fromByte }) => sum + toByte - fromByte, 0);
    // All of the first increment but the four writes and their second: 53 writes.
    expect(await world.restored(instance, windows[0]!.to)).toBeLessThanOrEqual(53);
    expect(bytes).toBeLessThan(former.files.get('log.2.incr.aof')!.length);
    expect(await world.restored(instance, windows[1]!.to)).toBe(60);
    expect((await world.stretch(instance)).memberId).toBe(group.primary.memberId);
  });

  it('takes nothing while the primary does not say that it is one', async () => {
    const group = await archived('leaderless');
    group.primary.write(5);
    group.reign = null;
    expect(await group.round()).toMatchObject({ pieces: 0, inMs: 1000 });
    group.reign = 'first';
    expect(await group.round()).toMatchObject({ pieces: 1 });
  });

  it('does not go on where the same store is primary anew, however soon: in between it may have been filled by another', async () => {
    const group = await archived('there-and-back');
    group.primary.rewrite();
    group.primary.writes = 1000;
    group.primary.rewrite();
    group.promote(0, 'third');
    await group.rounds(4);
    world.clock.step(5000);
    await group.rounds(1);
    const { windows, gaps } = await world.timeline(group.instance);
    expect([windows.length, gaps[0]!.reason]).toEqual([2, 'PrimaryChanged']);
    expect([await world.restored(group.instance, windows[0]!.to), await world.restored(group.instance, windows[1]!.to)]).toEqual([40, 1000]);
  });
});
