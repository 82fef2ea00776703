// What goes wrong with the archive of a log, and what is shown of it: parts that vanish, a full storage, lost objects, workers that are
// killed; going back in place, retention, switching off. LARDER_TEST_ENGINE=redis-server goes the same road.
import { spawn, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { ArchiveLoop, pruneArchive, seedSourceOn, StorageFault } from '@larder/plane-backups';
import { findBreak, type InstanceRow } from '@larder/plane-domain';
import { repositoryRoot } from '../repository-root';
import { ArchiveWorld, larderServer, type Written } from '../testing/archive-world';

jest.setTimeout(120_000);

const engine = process.env['LARDER_TEST_ENGINE'] ?? larderServer;
const archive = { intervalSeconds: 1, retentionHours: 1 };

describe('the archive of a log', () => {
  let isFull = false;
  const world = new ArchiveWorld(engine);

  beforeAll(async () => {
    await world.start((sound) => ({
      location: sound.location, get: (key) => sound.get(key), stat: (key) => sound.stat(key), list: (prefix) => sound.list(prefix), delete: (key) => sound.delete(key),
      removePartial: (before) => sound.removePartial(before),
      put: (key, body) => (isFull ? Promise.reject(new StorageFault(`write ${key}`, Object.assign(new Error('full'), { code: 'ENOSPC' }))) : sound.put(key, body)),
    }));
    world.archive.start();
  });
  afterAll(() => world.stop());

  const written = async (instance: InstanceRow, ms: number, from = 0): Promise<Written[]> => {
    const endMs = Date.now() + ms;
    return world.write(instance, () => Date.now() > endMs, from);
  };
  const secondOf = ({ ackedMs }: Written): number => Math.floor(ackedMs / 1000);

  it('shows a gap where the log went away before it was archived, and restores on both sides of it', async () => {
    const instance = await world.create('torn', { archive });
    await world.covered(instance);
    const before = await written(instance, 2500);
    await world.covered(instance, secondOf(before.at(-1)!));
    // What no store of ours does: its parts are gone, and it goes on with others.
    const system = world.asSystem(instance);
    await world.archive.stop();
    const hidden = await written(instance, 1500, before.length);
    await system.call('CONFIG', 'SET', 'appendonly', 'no');
    const [member] = await world.work.records.instanceMembers.ofInstances([instance.id]);
    rmSync(path.join(member!.directory, 'appendonlydir'), { recursive: true });
    await system.call('CONFIG', 'SET', 'appendonly', 'yes');
    await system.quit();
    const again = new ArchiveLoop({ ports: world.ports, sweepMs: 100 });
    again.start();
    try {
      await world.until('a second window', async () => ((await world.timeline(instance)).windows.length === 2 ? true : undefined));
      const after = await written(instance, 2500, before.length + hidden.length);
      const second = secondOf(after.at(-1)!);
      await world.covered(instance, second);
      const { windows, gaps } = await world.timeline(instance);
      expect(gaps).toEqual([{ from: windows[0]!.to + 1, to: windows[1]!.from - 1, reason: expect.stringMatching(/^Log/) as string, message: expect.any(String) as string }]);
      expect(gaps[0]!.from).toBeLessThanOrEqual(secondOf(hidden.at(-1)!));
      const history = [...before, ...hidden, ...after];
      for (const [name, each] of [['torn-before', windows[0]!.to], ['torn-after', second]] as const) {
        expect([name, await world.judge(await world.restore(name, instance.id, each), history, each)]).toEqual([name, undefined]);
      }
    } finally {
      await again.stop();
    }
  });

  it('waits while storage is full, shows it, and goes on without a gap', async () => {
    const loop = new ArchiveLoop({ ports: world.ports, sweepMs: 100 });
    loop.start();
    try {
      const instance = await world.create('full', { archive });
      await world.covered(instance);
      isFull = true;
      const history = await written(instance, 2000);
      const state = await world.until('a fault to be shown', async () => {
        const seen = await world.work.records.logArchives.stateOf(world.organizationId, instance.id);
        return seen?.faultReason === 'DiskFull' ? seen : undefined;
      });
      expect(state.faultMessage).toContain('no space left');
      isFull = false;
      const second = secondOf(history.at(-1)!);
      await world.covered(instance, second);
      const { windows, gaps } = await world.timeline(instance);
      expect([windows.length, gaps]).toEqual([1, []]);
      expect(await world.work.records.logArchives.stateOf(world.organizationId, instance.id)).toMatchObject({ faultReason: null });
      expect(await world.judge(await world.restore('full-again', instance.id, second), history, second)).toBeUndefined();
    } finally {
      isFull = false;
      await loop.stop();
    }
  });

  it('shows an object that was lost as a gap, and refuses what lies in it', async () => {
    const loop = new ArchiveLoop({ ports: world.ports, sweepMs: 100 });
    loop.start();
    try {
      const instance = await world.create('holed', { archive });
      await world.covered(instance);
      const history = await written(instance, 4500);
      const last = secondOf(history.at(-1)!);
      const window = await world.covered(instance, last);
      const stretch = (await world.work.records.logArchives.openStretchForLoop(instance.id))!;
      const log = await world.work.records.logArchives.logOf(stretch.id, 0, 100);
      const victim = log[Math.floor(log.length / 2)]!;
      await world.ports.storage.delete(victim.storageKey);
      const seeds = seedSourceOn({ records: world.work.records, storage: world.ports.storage, secrets: world.secrets });
      await expect(gather(await seeds.open(world.organizationId, { kind: 'POINT', instanceId: instance.id, second: last }))).rejects.toThrow('is gone from');
      const { windows, gaps } = await world.timeline(instance);
      expect(windows[0]).toEqual({ from: window.from, to: victim.firstSecond! - 1 });
      expect(gaps[0]).toMatchObject({ from: victim.firstSecond!, reason: 'PieceLost' });
      await expect(seeds.open(world.organizationId, { kind: 'POINT', instanceId: instance.id, second: last })).rejects.toThrow('a gap of the archive');
      const second = windows[0]!.to;
      expect(await world.judge(await world.restore('holed-before', instance.id, second), history, second)).toBeUndefined();
    } finally {
      await loop.stop();
    }
  });

  it('goes on where a worker was killed: nothing doubled, nothing passed over', async () => {
    const instance = await world.create('orphaned', { archive });
    // Below the repository, so that it finds its packages.
    const worker = path.join(repositoryRoot(), `node_modules/.cache/archive-worker-${process.pid}.mjs`);
    await build({
      entryPoints: [path.join(repositoryRoot(), 'apps/control-plane/src/testing/archive-worker.ts')], outfile: worker, bundle: true, platform: 'node', format: 'esm',
      packages: 'external', logLevel: 'silent', alias: aliases(),
    });
    const start = (): ChildProcess => spawn(process.execPath, [worker], {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DATABASE_URL: world.database.url, MASTER_KEY: Buffer.from(world.masterKey).toString('hex'), LARDER_HOME: world.home, ENGINE: engine },
    });
    let child = start();
    await world.covered(instance);
    const system = world.asSystem(instance);
    let kills = 0;
    const killing = setInterval(() => {
      child.kill('SIGKILL');
      kills += 1;
      // A dead worker's leases run out after ten seconds: nobody shall wait for that here. A rewrite gives the next one a base to store.
      void Promise.all([world.client.prisma.lease.updateMany({ data: { expiresAt: new Date(0) } }), system.call('BGREWRITEAOF').catch(() => undefined)]);
      child = start();
    }, 900);
    const history = await written(instance, 7000);
    clearInterval(killing);
    await world.client.prisma.lease.updateMany({ data: { expiresAt: new Date(0) } });
    await system.quit();
    const second = secondOf(history.at(-1)!);
    await world.covered(instance, second);
    child.kill('SIGKILL');
    rmSync(worker);
    expect(kills).toBeGreaterThan(4);
    const { windows, gaps } = await world.timeline(instance);
    expect([windows.length, gaps]).toEqual([1, []]);
    const stretch = (await world.work.records.logArchives.openStretchForLoop(instance.id))!;
    expect(findBreak(await world.work.records.logArchives.logOf(stretch.id, 0, 1000), 0)).toBeUndefined();
    const first = Math.max(windows[0]!.from, secondOf(history[0]!));
    for (const each of new Set([first, Math.floor((first + second) / 2), second])) {
      expect(await world.judge(await world.restore(`orphaned-${each}`, instance.id, each), history, each)).toBeUndefined();
    }
  });

  it('goes back in place after a safety backup, and back again from that', async () => {
    const loop = new ArchiveLoop({ ports: world.ports, sweepMs: 100 });
    loop.start();
    try {
      const instance = await world.create('rewound', { archive });
      await world.covered(instance);
      const history = await written(instance, 3000);
      const last = history.at(-1)!;
      const window = await world.covered(instance, secondOf(last));
      const second = secondOf(last) - 1;
      const id = world.ports.ids.next();
      const rewound = await world.change(instance, { rewind: { id, source: { kind: 'POINT', instanceId: instance.id, second }, askedAt: new Date().toISOString() } });
      expect(await world.judge(rewound, history, second)).toBeUndefined();
      expect(await world.work.records.backups.byIdForLoop(id)).toMatchObject({ trigger: 'SAFETY', verification: 'VERIFIED' });
      // What is written now belongs to another life of the log.
      const redis = world.connect(rewound);
      await redis.set('later', 'x');
      await world.until('a second window', async () => ((await world.timeline(instance)).windows.length === 2 ? true : undefined));
      const { gaps, windows } = await world.timeline(instance);
      expect(gaps).toMatchObject([{ reason: 'RestoredInPlace' }]);
      expect(windows[0]!.to).toBeGreaterThanOrEqual(window.to);
      await redis.quit();
      // The same wish is not carried out twice.
      await world.reconciled(instance.id);
      const undone = await world.change(instance, { rewind: { id: world.ports.ids.next(), source: { kind: 'BACKUP', backupId: id }, askedAt: new Date().toISOString() } });
      const check = world.connect(undone);
      expect([Number(await check.get('number')), await check.get('later')]).toEqual([last.number, null]);
      await check.quit();
    } finally {
      await loop.stop();
    }
  });

  it('leaves an instance as it is where what was wished cannot be had', async () => {
    const instance = await world.create('steadfast', { archive });
    const redis = world.connect(instance);
    await redis.set('kept', 'x');
    const after = await world.change(instance, { rewind: { id: world.ports.ids.next(), source: { kind: 'POINT', instanceId: instance.id, second: 1000 }, askedAt: new Date().toISOString() } });
    expect([after.observedGeneration, await redis.get('kept')]).toEqual([after.generation, 'x']);
    expect((await world.work.records.instanceEvents.page(world.organizationId, instance.id, { first: 10, after: null })).items.map(({ reason }) => reason)).toContain('RestoreFailed');
    await redis.quit();
  });

  it('lets go of what retention no longer keeps, and never of the last way back', async () => {
    const loop = new ArchiveLoop({ ports: world.ports, sweepMs: 100 });
    loop.start();
    try {
      const instance = await world.create('forgetful', { archive });
      const { from } = await world.covered(instance);
      const history = await written(instance, 2500);
      const system = world.asSystem(instance);
      await system.call('BGREWRITEAOF');
      await system.quit();
      const second = await world.until('a second base', async () => {
        const bases = (await world.work.records.logArchives.landmarksOf(world.organizationId, instance.id)).filter(({ verification }) => verification === 'VERIFIED');
        return bases.length === 2 ? bases[1]!.firstSecond! : undefined;
      });
      await world.covered(instance, second);
      const at = { organizationId: world.organizationId, instanceId: instance.id };
      expect(await pruneArchive(world.ports, at, 1, Date.now())).toBe(0);
      expect((await world.timeline(instance)).windows[0]!.from).toBe(from);
      // It is offered for an hour, and lies there for one more.
      expect(await pruneArchive(world.ports, at, 1, Date.now() + 3_700_000)).toBe(0);
      expect(await pruneArchive(world.ports, at, 1, Date.now() + 7_300_000)).toBeGreaterThan(1);
      const { windows: [window] } = await world.timeline(instance);
      expect(window!.from).toBeGreaterThan(from);
      expect(await world.judge(await world.restore('forgetful-again', instance.id, second), history, second)).toBeUndefined();
    } finally {
      await loop.stop();
    }
  });

  it('ends where it is switched off, and says so', async () => {
    const loop = new ArchiveLoop({ ports: world.ports, sweepMs: 100 });
    loop.start();
    try {
      const instance = await world.create('switched', { archive });
      await world.covered(instance);
      await world.change(instance, { archive: null, persistence: 'RDB' });
      await world.until('its end', async () => ((await world.timeline(instance)).gaps[0]?.reason === 'SwitchedOff' ? true : undefined));
      const system = world.asSystem(instance);
      expect(await system.call('CONFIG', 'GET', 'aof-*-*')).toEqual(expect.arrayContaining(['no']) as unknown);
      await system.quit();
    } finally {
      await loop.stop();
    }
  });
});

async function gather(bytes: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const chunk of bytes) length += chunk.length;
  return length;
}

function aliases(): Record<string, string> {
  return Object.fromEntries(['domain', 'backups', 'instance-link', 'records', 'loop'].map((name) => [`@larder/plane-${name}`, path.join(repositoryRoot(), `libs/plane/${name}/src/index.ts`)])
    .concat([['@larder/shared-std', path.join(repositoryRoot(), 'libs/shared/std/src/index.ts')]]));
}
