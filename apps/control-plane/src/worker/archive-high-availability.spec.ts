// The archive of an instance of several stores: it follows the primary. Real engines, real Sentinels, a tenant that writes down what it wrote,
// a primary that is handed over and one that is killed. LARDER_TEST_ENGINE=redis-server goes the same road.
import { Redis } from 'ioredis';
import type { InstanceMemberRow, InstanceRow } from '@larder/plane-domain';
import { ArchiveWorld, boundsAt, larderServer, type Written } from '../testing/archive-world';

const engine = process.env['LARDER_TEST_ENGINE'] ?? larderServer;
const archive = { intervalSeconds: 1, retentionHours: 1 };

jest.setTimeout(180_000);

describe('the archive of several stores', () => {
  const world = new ArchiveWorld(engine);
  let instance: InstanceRow;
  const history: Written[] = [];

  beforeAll(async () => {
    await world.start();
    instance = await world.create('carts', { archive, planId: 'nano', topology: 'HA', replicas: 1 });
    world.archive.start();
  });
  afterAll(() => world.stop());

  const row = async (): Promise<InstanceRow> => (await world.work.records.instances.byIdForLoop(instance.id))!;
  const primary = async (): Promise<InstanceMemberRow> => {
    const { availability } = await row();
    return (await world.work.records.instanceMembers.ofInstances([instance.id])).find(({ name }) => name === availability!.primary)!;
  };
  const windows = async (count: number) => world.until(`window ${count}`, async () => {
    await world.reconcile.wake(instance.id);
    const { windows: all } = await world.timeline(instance);
    return all.length >= count ? all : undefined;
  });

  /** One number after another; what was not acknowledged may be there or not, and is not written again. */
  async function write(isOver: () => boolean): Promise<void> {
    const redis = new Redis({ ...instance.endpoint!, password: 'a tenant’s own', retryStrategy: () => 20, maxRetriesPerRequest: 0, disconnectTimeout: 0 }).on('error', () => undefined);
    while (!isOver()) {
      const number = Math.max(0, ...history.slice(-1).map((each) => each.number), tried) + 1;
      tried = number;
      const sentMs = Date.now();
      const isDone = await redis.multi().set('number', number).rpush('list', number).exec().then(() => true, () => false);
      if (isDone) history.push({ number, sentMs, ackedMs: Date.now() });
      await new Promise((turn) => setTimeout(turn, isDone ? 2 : 20));
    }
    redis.disconnect();
  }
  let tried = 0;

  /** A state that was: every number that was acknowledged well before the second's end and not lost with a primary, none of later. */
  async function judge(name: string, second: number, lost: (written: Written) => boolean): Promise<string | undefined> {
    const restored = await world.restore(name, instance.id, second);
    const redis = world.connect(restored);
    try {
      const numbers = (await redis.lrange('list', 0, -1)).map(Number);
      const last = Number(await redis.get('number') ?? 0);
      if (last !== (numbers.at(-1) ?? 0)) return `it is no state that ever was: number ${last}, list ending in ${numbers.at(-1) ?? 0}`;
      const there = new Set(numbers);
      const [least, most] = boundsAt(history, second);
      if (last < least || last > most + 1) return `it ends with ${last}, at the end of second ${second} there were ${least} to ${most}`;
      const missing = history.find((each) => each.number <= least && !there.has(each.number) && !lost(each));
      return missing === undefined ? undefined : `${missing.number}, acknowledged at ${missing.ackedMs}, is missing at second ${second}`;
    } finally {
      await redis.quit();
      await world.change(restored, { desiredState: 'DELETED' });
    }
  }

  it('goes on after a switchover and after the primary’s death, with a stretch of its own each, and restores on every side', async () => {
    let isOver = false;
    const writing = write(() => isOver);
    const [first] = await windows(1);
    await world.covered(instance, first!.from + 2);
    const former = await primary();
    const { availability } = await row();
    await world.change(instance, { handover: { id: world.ports.ids.next(), mode: 'SWITCHOVER', epoch: availability!.configEpoch, askedAt: new Date().toISOString() } });
    await windows(2);
    const second = await primary();
    expect(second.name).not.toBe(former.name);
    const [, switched] = await windows(2);
    await world.covered(instance, switched!.from + 2);
    const killedMs = Date.now();
    process.kill(second.identity!.pid, 'SIGKILL');
    const [, , failed] = await windows(3);
    expect((await primary()).name).toBe(former.name);
    await world.covered(instance, failed!.from + 2);
    isOver = true;
    await writing;
    await world.covered(instance, Math.floor(history.at(-1)!.ackedMs / 1000));
    const timeline = await world.timeline(instance);
    expect(timeline.gaps.map(({ reason }) => reason)).toEqual(['PrimaryChanged', 'PrimaryChanged']);
    // The window of the one that died reaches to about its death; the next begins with a base that was written soon after it was chosen.
    expect(timeline.windows[1]!.to).toBeGreaterThanOrEqual(Math.floor(killedMs / 1000) - 3);
    process.stdout.write(`gaps of ${timeline.gaps.map(({ from, to }) => to - from + 1).join(' and ')} s\n`);
    const stretches = await world.work.records.logArchives.stretchesOf(world.organizationId, instance.id);
    expect(stretches.map(({ memberId }) => memberId)).toEqual([former.id, second.id, former.id]);
    // What the one that was killed had acknowledged and not sent yet died with it; a switchover loses nothing.
    const lost = ({ ackedMs }: Written): boolean => ackedMs > killedMs - 500 && ackedMs < killedMs + 500;
    for (const [index, window] of timeline.windows.entries()) {
      for (const [place, at] of [['first', window.from], ['last', window.to]] as const) {
        expect([index, place, await judge(`${place}-${index}`, at, lost)]).toEqual([index, place, undefined]);
      }
    }
    expect(world.faults).toEqual([]);
  });

  it('goes back in place with all its stores, is highly available again, and back again from the safety backup', async () => {
    const { windows: all } = await world.timeline(instance);
    const second = all.at(-1)!.to - 1;
    const before = await row();
    const id = world.ports.ids.next();
    const asSystem = async (name: string): Promise<Redis> => {
      const { port } = (await world.work.records.instanceMembers.ofInstances([instance.id])).find((member) => member.name === name)!;
      return new Redis({ host: '127.0.0.1', port, username: 'larder-system', password: 'system', retryStrategy: () => 20, maxRetriesPerRequest: null }).on('error', () => undefined);
    };
    const last = history.at(-1)!;
    await world.change(instance, { rewind: { id, source: { kind: 'POINT', instanceId: instance.id, second }, askedAt: new Date().toISOString() } });
    const after = await world.until('all stores', async () => {
      await world.reconcile.wake(instance.id);
      const now = await row();
      return now.observedGeneration === now.generation && now.availability!.stores.every(({ role, isLinkUp }) => role === 'PRIMARY' || isLinkUp) ? now : undefined;
    });
    expect(await world.work.records.backups.byIdForLoop(id)).toMatchObject({ trigger: 'SAFETY', verification: 'VERIFIED' });
    expect([after.availability!.primary, after.availability!.configEpoch]).toEqual([before.availability!.primary, before.availability!.configEpoch]);
    const [least, most] = boundsAt(history, second);
    const held: (string | null)[] = [];
    for (const { name } of after.availability!.stores) {
      const store = await asSystem(name);
      held.push(await store.get('number'));
      store.disconnect();
    }
    expect(new Set(held).size).toBe(1);
    expect([Number(held[0]) >= least, Number(held[0]) <= most]).toEqual([true, true]);
    // The Sentinels choose again.
    process.kill((await primary()).identity!.pid, 'SIGKILL');
    await world.until('another primary', async () => {
      await world.reconcile.wake(instance.id);
      return (await row()).availability!.primary === before.availability!.primary ? undefined : true;
    });
    // Undone, from the safety backup.
    await world.change(instance, { rewind: { id: world.ports.ids.next(), source: { kind: 'BACKUP', backupId: id }, askedAt: new Date().toISOString() } });
    const redis = world.connect(await row());
    expect(Number(await redis.get('number'))).toBe(last.number);
    await redis.quit();
  });

  it('comes to be from a backup and from a second, with everything on every store', async () => {
    const { windows: all } = await world.timeline(instance);
    const [{ id: backupId } = { id: '' }] = (await world.work.records.backups.page(world.organizationId, { first: 1, after: null }, { instanceId: instance.id, states: ['COMPLETED'] })).items;
    for (const seed of [{ kind: 'POINT', instanceId: instance.id, second: all[0]!.to }, { kind: 'BACKUP', backupId }] as const) {
      const made = await world.create(`from-${seed.kind.toLowerCase()}`, { planId: 'nano', topology: 'HA', replicas: 1 }, seed);
      expect(made.availability!.stores.map(({ role, isLinkUp }) => [role, isLinkUp])).toEqual([['PRIMARY', false], ['REPLICA', true]]);
      const numbers: number[] = [];
      for (const member of (await world.work.records.instanceMembers.ofInstances([made.id])).filter(({ name }) => name.length === 1)) {
        const store = new Redis({ host: '127.0.0.1', port: member.port, username: 'larder-system', password: 'system' });
        numbers.push(Number(await store.get('number')));
        await store.quit();
      }
      expect([numbers.length, numbers[0]! > 0, numbers[1]]).toEqual([2, true, numbers[0]]);
      await world.change(made, { desiredState: 'DELETED' });
    }
  });
});
