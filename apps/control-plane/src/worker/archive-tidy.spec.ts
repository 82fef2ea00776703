// What is done to an archive while nobody looks: small pieces become large ones, retention lets go, storage is compared with the records. A
// restore at any second gives the same before and after, whoever dies where; with a log on paper.
import { ArchiveLoop, auditArchive, mergeArchive, pruneArchive, type ArchivePorts } from '@larder/plane-backups';
import { decideTimeline, findBreak, offeredTimeline, type UnitOfWork } from '@larder/plane-domain';
import { hourMs } from '@larder/shared-std';
import { gate, gather, PaperWorld, stateIn, type PaperInstance } from '../testing/paper-archive';

const world = new PaperWorld();
beforeAll(() => world.start());
afterAll(() => world.stop());

/** Some minutes of a log with two rewrites in them, and a clock that goes back; then hours in which nothing is written. */
async function lived(name: string): Promise<PaperInstance> {
  const instance = await world.archived(name);
  await world.live(instance, 60);
  instance.log.rewrite();
  await world.live(instance, 60);
  world.clock.step(20_000);
  await world.round(instance); // so much is covered, and is not written again
  world.clock.jumpWall(-35_000);
  await world.live(instance, 60);
  instance.log.rewrite();
  await world.live(instance, 60);
  await world.prove();
  world.clock.step(3 * hourMs);
  await world.round(instance);
  return instance;
}

/** What each second of the window holds; every seventh is enough, the last one too. */
async function statesOf(instance: PaperInstance): Promise<Record<number, number>> {
  const { from } = (await world.timeline(instance)).windows[0]!;
  const states: Record<number, number> = {};
  for (let second = from; second < from + 240; second += 7) states[second] = await world.restored(instance, second);
  return states;
}

/** Its `until`-th step fails for good: a call of the storage before or after it has done its work, a transaction before or after its commit. */
function dyingAt(until: number): { readonly ports: ArchivePorts; readonly hasDied: () => boolean } {
  let steps = 0;
  const step = (): void => {
    steps += 1;
    if (steps >= until) throw new Error('killed');
  };
  const work: UnitOfWork = {
    records: world.work.records,
    run: async (act) => {
      step();
      const done = await world.work.run(act);
      step();
      return done;
    },
  };
  return { ports: world.ports(`dies at ${until}`, { work, storage: world.storage.through(step) }), hasDied: () => steps >= until };
}

describe('merging', () => {
  it('makes few objects of many, and changes nothing that can be restored', async () => {
    const instance = await lived('merged');
    const [before, states] = [await world.pieces(instance), await statesOf(instance)];
    const apart = new Set<string>();
    const replaced = await mergeArchive(world.ports(), instance.at, apart);
    const after = await world.pieces(instance);
    expect(before.length).toBeGreaterThan(20);
    // One for each increment, two for that in which the clock went back: those writes count as later than they say.
    expect([after.length, before.length - after.length]).toEqual([4, replaced - 4]);
    expect(findBreak(after, 0)).toBeUndefined();
    expect(await statesOf(instance)).toEqual(states);
    expect(await mergeArchive(world.ports(), instance.at, apart)).toBe(0);
    // The log goes on behind it, also in the restores of what comes.
    await world.live(instance, 20);
    world.clock.step(5000);
    await world.round(instance);
    expect(findBreak(await world.pieces(instance), 0)).toBeUndefined();
    expect(await world.restored(instance, (await world.timeline(instance)).windows[0]!.to)).toBe(instance.log.writes);
  });

  it('leaves an archive that can be restored whoever dies where, and no object that nobody names', async () => {
    const instance = await lived('killed');
    const states = await statesOf(instance);
    let deaths = 0;
    for (let until = 1; ; until += 3) {
      const { ports, hasDied } = dyingAt(until);
      await mergeArchive(ports, instance.at).catch(() => undefined);
      expect([until, findBreak(await world.pieces(instance), 0), (await world.differences(instance)).missing.filter((key) => !key.includes('-log-'))]).toEqual([until, undefined, []]);
      if (!hasDied()) break;
      deaths += 1;
      world.clock.step(11_000); // its lease
      await world.round(instance);
    }
    expect(deaths).toBeGreaterThan(5);
    expect(await statesOf(instance)).toEqual(states);
    world.clock.step(7 * hourMs);
    await auditArchive(world.ports(), instance.at, world.clock.now());
    expect(await world.differences(instance)).toEqual({ leftovers: [], missing: [] });
    expect(await statesOf(instance)).toEqual(states);
  });

  it('does not disturb a restore that has begun, nor the one that asks in between', async () => {
    const instance = await lived('read');
    const { from } = (await world.timeline(instance)).windows[0]!;
    const second = from + 55;
    const expected = await world.restored(instance, second);
    const [reading, go] = [gate(), gate()];
    let gets = 0;
    const slow = world.ports('restore', { storage: world.storage.through(async (doing) => {
      if (doing !== 'get' || (gets += 1) < 3) return;
      reading.open();
      await go.opened;
    }) });
    const restoring = world.open(instance.at, second, slow).then(gather);
    await reading.opened;
    expect(await mergeArchive(world.ports(), instance.at)).toBeGreaterThan(10);
    expect(await auditArchive(world.ports(), instance.at, world.clock.now())).toEqual({ lost: 0, back: 0, leftovers: 0 });
    go.open();
    expect(stateIn(await restoring)).toBe(expected);
    world.clock.step(7 * hourMs);
    expect((await auditArchive(world.ports(), instance.at, world.clock.now())).leftovers).toBeGreaterThan(10);
    expect(await world.restored(instance, second)).toBe(expected);
  });

  it('leaves damaged pieces alone and shows them', async () => {
    const instance = await lived('scratched');
    const victim = (await world.pieces(instance))[2]!;
    const object = world.storage.objects.get(victim.storageKey)!;
    world.storage.objects.set(victim.storageKey, { ...object, bytes: Buffer.from(object.bytes.map((byte, index) => (index === 40 ? byte ^ 1 : byte))) });
    const { length } = await world.pieces(instance);
    await mergeArchive(world.ports(), instance.at);
    expect((await world.pieces(instance)).find(({ id }) => id === victim.id)?.state).toBe('LOST');
    expect((await world.pieces(instance)).length).toBeLessThan(length);
    const { windows, gaps } = await world.timeline(instance);
    expect([windows[0]!.to, gaps[0]?.reason]).toEqual([victim.firstSecond! - 1, 'PieceLost']);
    expect(await world.restored(instance, windows[0]!.to)).toBeGreaterThan(0);
    await expect(world.restored(instance, windows[0]!.to + 1)).rejects.toThrow('a gap of the archive');
  });
});

describe('what is read', () => {
  it('is not lost for one answer that was cut short', async () => {
    const instance = await lived('flaky');
    const { from } = (await world.timeline(instance)).windows[0]!;
    const victim = (await world.pieces(instance))[1]!;
    let answers = 0;
    const flaky = Object.assign(world.storage.through(() => undefined), {
      get: async (key: string) => {
        const whole = await gather(await world.storage.get(key));
        const isCut = key === victim.storageKey && (answers += 1) === 1;
        return (async function* some() { yield isCut ? whole.subarray(0, whole.length - 20) : whole; })();
      },
    });
    await expect(world.restored(instance, from + 50, world.ports('flaky', { storage: flaky }))).rejects.toThrow('was whole when it was read again');
    expect((await world.pieces(instance))[1]!.state).toBe('STORED');
    expect(await world.restored(instance, from + 50)).toBeGreaterThan(0);
  });
});

describe('storage that is compared with the records', () => {
  it('shows what is gone, and takes it back when it is there again', async () => {
    const instance = await lived('away');
    const { windows } = await world.timeline(instance);
    const held = new Map(world.storage.objects);
    world.storage.objects.clear();
    expect((await auditArchive(world.ports(), instance.at, world.clock.now())).lost).toBeGreaterThan(20);
    expect((await world.timeline(instance)).windows).toEqual([]);
    for (const [key, object] of held) world.storage.objects.set(key, object);
    expect((await auditArchive(world.ports(), instance.at, world.clock.now())).back).toBeGreaterThan(20);
    expect((await world.timeline(instance)).windows).toEqual(windows);
  });

  it('loses an object that nobody names once it is old, and nothing that is not of these records', async () => {
    const instance = await world.archived('swept');
    await world.live(instance, 20);
    const [piece] = await world.pieces(instance);
    const late = piece!.storageKey.replace(/-[0-9a-f-]{36}\.zst/, '-00000000-0000-7000-8000-000000000000.zst');
    const foreign = late.replace(piece!.stretchId, '00000000-0000-7000-8000-000000000001');
    for (const key of [late, foreign]) await world.storage.put(key, (async function* none() { yield Buffer.from('x'); })());
    expect((await auditArchive(world.ports(), instance.at, world.clock.now())).leftovers).toBe(0);
    world.clock.step(6.1 * hourMs);
    expect(await auditArchive(world.ports(), instance.at, world.clock.now())).toEqual({ lost: 0, back: 0, leftovers: 1 });
    expect([world.storage.objects.has(late), world.storage.objects.has(foreign)]).toEqual([false, true]);
  });
});

describe('retention', () => {
  it('removes the log in front of the base that it keeps, also where it died in the middle', async () => {
    const instance = await lived('pruned');
    const { from, to } = (await world.timeline(instance)).windows[0]!;
    // Its bases are an hour apart from being let go: the third is older than three hours.
    expect(await pruneArchive(world.ports(), instance.at, 3, world.clock.now())).toBe(0); // a restore that was just accepted may read on
    expect((await world.timeline(instance)).windows).toEqual([{ from, to }]);
    world.clock.step(hourMs);
    const dying = world.ports('dying', { storage: world.storage.through((doing, key) => { if (doing === 'delete' && key.includes('-log-')) throw new Error('killed'); }) });
    await expect(pruneArchive(dying, instance.at, 3, world.clock.now())).rejects.toThrow('killed');
    const kept = await world.bases(instance);
    expect([kept.length, (await world.pieces(instance))[0]!.ordinal < kept[0]!.ordinal]).toEqual([1, true]);
    await pruneArchive(world.ports(), instance.at, 3, world.clock.now());
    expect((await world.pieces(instance))[0]!.ordinal).toBe(kept[0]!.ordinal);
    expect(await world.restored(instance, kept[0]!.firstSecond! + 5)).toBeGreaterThan(180);
    expect(await world.differences(instance)).toEqual({ leftovers: [], missing: [] });
  });

  it('takes all of a stretch that ended, with what a worker left unfinished', async () => {
    const instance = await lived('over');
    const { records } = world.work;
    const stretch = await world.stretch(instance);
    const [piece] = await world.pieces(instance);
    await records.logArchives.insertPieceForLoop({ ...piece!, id: '00000000-0000-7000-8000-000000000009', state: 'WRITING', storageKey: `${piece!.storageKey}.late` });
    const { increment, offset, ordinal } = stretch;
    await records.logArchives.moveForLoop(stretch.id, { increment, offset, ordinal }, { endedAt: new Date(world.clock.now()), endReason: 'SwitchedOff', endMessage: 'Off.' });
    world.clock.step(74 * hourMs);
    await pruneArchive(world.ports(), instance.at, 72, world.clock.now());
    expect(await records.logArchives.stretchesOf(world.organizationId, instance.at.instanceId)).toEqual([]);
    expect([...world.storage.objects.keys()].filter((key) => key.includes(stretch.id))).toEqual([]);
  });

  it('offers nothing that it may be about to take', async () => {
    const timeline = decideTimeline([{ id: 's', coveredSecond: 9000, startedAt: new Date(1), endedAt: null, endReason: null, endMessage: null }],
      [{ stretchId: 's', kind: 'BASE', state: 'STORED', ordinal: 0, firstSecond: 100, verification: 'VERIFIED' }], 9_100_000);
    expect(offeredTimeline(timeline, { intervalSeconds: 1, retentionHours: 2 }, 9_100_000)).toEqual({ windows: [{ from: 1900, to: 9000 }], gaps: [] });
    expect(offeredTimeline(timeline, { intervalSeconds: 1, retentionHours: 3 }, 9_100_000)).toEqual(timeline);
  });
});

it('one archive whose storage fails does not leave the others untidy', async () => {
  const [left, right] = [await lived('left'), await lived('right')];
  const faults: string[] = [];
  const storage = world.storage.through((doing, key) => { if (doing === 'list' && key.includes(left.at.instanceId)) throw new Error('no answer'); });
  await new ArchiveLoop({ ports: world.ports('tidy', { storage }), onError: (_error, doing) => faults.push(doing) }).tidy();
  expect(faults).toEqual([expect.stringContaining(left.at.instanceId)]);
  expect((await world.pieces(right)).length).toBeLessThan(6);
});
