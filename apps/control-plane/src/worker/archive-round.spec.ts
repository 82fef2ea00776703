// The archive's rounds where workers overtake each other, clocks jump and storage answers late: step by step, with a log on paper.
import { archiveRound, closeStretch } from '@larder/plane-backups';
import { findBreak } from '@larder/plane-domain';
import { gate, PaperWorld, type StorageHook } from '../testing/paper-archive';

const world = new PaperWorld();
beforeAll(() => world.start());
afterAll(() => world.stop());

/** Time in which a holder that does not move loses its lease: nobody renews it, since timers fire in step() alone, and it is stepped at once. */
const asleepMs = 60_000;

describe('a worker that slept through its lease', () => {
  it.each(['before its object was stored', 'after it'] as const)('%s, counts nothing and leaves nothing, whatever its heir did', async (when) => {
    for (const [index, heirActs] of [false, true].entries()) {
      const instance = await world.archived(`asleep-${when.replaceAll(' ', '-')}-${index}`);
      instance.log.write(100);
      const [asleep, awake] = [gate(), gate()];
      const sleeps: StorageHook = async (doing, _key, isDone) => {
        if (doing !== 'put' || isDone !== (when === 'after it')) return;
        asleep.open();
        await awake.opened;
      };
      const late = archiveRound(world.ports('sleeper', { storage: world.storage.through(sleeps) }), instance.at.instanceId);
      await asleep.opened;
      world.clock.jumpWall(asleepMs);
      if (heirActs) expect((await world.round(instance)).result).toBe('done');
      awake.open();
      await late;
      instance.log.write(5);
      await world.round(instance);
      expect(findBreak(await world.pieces(instance), 0)).toBeUndefined();
      expect(await world.differences(instance)).toEqual({ leftovers: [], missing: [] });
      world.clock.step(5000);
      await world.round(instance);
      expect(await world.restored(instance, (await world.timeline(instance)).windows[0]!.to)).toBe(105);
    }
  });

  it('is not taken for a leftover while it counts its piece', async () => {
    const instance = await world.archived('raced');
    instance.log.write(100);
    const [asleep, awake] = [gate(), gate()];
    const late = archiveRound(world.ports('sleeper', {
      storage: world.storage.through(async (doing, _key, isDone) => {
        if (doing !== 'put' || !isDone) return;
        asleep.open();
        await awake.opened;
      }),
    }), instance.at.instanceId);
    await asleep.opened;
    world.clock.jumpWall(asleepMs);
    // The heir has read what is unfinished; before it removes that, the sleeper comes to its end.
    const heir = world.ports('heir', {
      storage: world.storage.through(async (doing, _key, isDone) => {
        if (doing !== 'delete' || isDone) return;
        awake.open();
        await late;
      }),
    });
    await archiveRound(heir, instance.at.instanceId);
    await world.round(instance);
    expect(findBreak(await world.pieces(instance), 0)).toBeUndefined();
    expect(await world.differences(instance)).toEqual({ leftovers: [], missing: [] });
    world.clock.step(5000);
    await world.round(instance);
    expect(await world.restored(instance, (await world.timeline(instance)).windows[0]!.to)).toBe(100);
  });

  it('ends no stretch that another one continues', async () => {
    const instance = await world.archived('stale');
    instance.log.write(10);
    const [asleep, awake] = [gate(), gate()];
    const view = instance.log.view();
    const late = archiveRound(world.ports('sleeper', {
      source: { open: async () => ({ ...view, sizeOf: async (name) => { asleep.open(); await awake.opened; return view.sizeOf(name); } }) },
    }), instance.at.instanceId);
    await asleep.opened;
    world.clock.jumpWall(asleepMs);
    instance.log.rewrite();
    await world.round(instance); // ships it all, and lets go of what the sleeper is about to look at
    expect(instance.log.past).toEqual([]);
    awake.open();
    expect((await late).result).toBe('busy');
    expect((await world.timeline(instance)).gaps).toEqual([]);
    expect((await world.stretch(instance)).endedAt).toBeNull();
  });
});

it('what was said of a second stays so when the clock goes back, and when annotations are missing', async () => {
  const instance = await world.archived('turned-back');
  await world.live(instance, 30);
  world.clock.step(30_000);
  await world.round(instance);
  const { to } = (await world.timeline(instance)).windows[0]!;
  const before = await world.restored(instance, to);
  expect(before).toBe(30);
  world.clock.jumpWall(-20_000);
  await world.live(instance, 10);
  expect(await world.restored(instance, to)).toBe(30);
  world.clock.step(60_000);
  await world.round(instance);
  expect([await world.restored(instance, to), await world.restored(instance, to + 1)]).toEqual([30, 40]);
  const later = (await world.timeline(instance)).windows[0]!.to;
  instance.log.isStamped = false;
  instance.log.write(5);
  world.clock.step(10_000);
  await world.round(instance);
  expect([await world.restored(instance, later), await world.restored(instance, later + 1)]).toEqual([40, 45]);
});

it('asks for a base where nothing could be restored before the next one, and not again and again for one that cannot be proven', async () => {
  const { records } = world.work;
  const instance = await world.archived('holed');
  await world.live(instance, 20);
  await records.logArchives.writePieceForLoop((await world.pieces(instance))[0]!.id, { state: 'LOST', verificationMessage: 'x' });
  const { rewrites } = instance.log;
  await world.live(instance, 20);
  expect(instance.log.rewrites).toBe(rewrites + 1);
  await world.prove();
  await world.live(instance, 20);
  const { windows, gaps } = await world.timeline(instance);
  expect([windows.length, gaps.map(({ reason }) => reason)]).toEqual([1, []]);
  expect(await world.restored(instance, windows[0]!.to)).toBeGreaterThan(50);
  await records.logArchives.writePieceForLoop((await world.bases(instance)).at(-1)!.id, { verification: 'FAILED' });
  await world.live(instance, 60);
  expect(instance.log.rewrites).toBe(rewrites + 1);
  world.clock.step(600_000);
  await world.live(instance, 20);
  expect(instance.log.rewrites).toBe(rewrites + 2);
});

it('begins anew at once when a log breaks, and ever more patiently when it breaks again and again', async () => {
  const instance = await world.archived('brittle');
  const pauses: number[] = [];
  for (let each = 0; each < 5; each += 1) {
    instance.log.append('nonsense\r\n');
    pauses.push((await world.round(instance)).inMs!);
    for (let begun = 0; begun < 2; begun += 1) await world.round(instance);
  }
  expect(pauses).toEqual([0, 0, 8000, 16_000, 32_000]);
});

it('leaves nothing unfinished behind an archive that is closed, and begins the next one with a base of its own', async () => {
  const instance = await world.archived('closed');
  const { records } = world.work;
  instance.log.write(10);
  const dies = world.ports('dying', { storage: world.storage.through((doing, _key, isDone) => { if (doing === 'put' && isDone) throw new Error('timed out, and stored it'); }) });
  await archiveRound(dies, instance.at.instanceId);
  expect(await records.logArchives.unfinishedOfForLoop(instance.at.instanceId)).toHaveLength(1);
  await records.logArchives.noteForLoop(instance.at.instanceId, world.organizationId, { awaitedBase: 0 }, new Date(world.clock.now()));
  await closeStretch(world.ports(), instance.at.instanceId, 'RestoredInPlace', 'It was.');
  expect(await records.logArchives.unfinishedOfForLoop(instance.at.instanceId)).toEqual([]);
  await world.round(instance);
  expect(await records.logArchives.openStretchForLoop(instance.at.instanceId)).toBeUndefined();
  expect(await records.logArchives.stateOf(world.organizationId, instance.at.instanceId)).toMatchObject({ awaitedBase: 1 });
});
