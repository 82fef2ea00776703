// Restoring to a second, from the store's log to a new instance: real engines, a real PostgreSQL, a tenant that writes down what it wrote.
// LARDER_TEST_ENGINE=redis-server goes the same road. By hand:
//   RESTORE_POINTS=60 npx jest apps/control-plane/src/worker/archive.spec -t 'any second'     random seconds of a history of a minute
//   RESTORE_MB=1024 npx jest apps/control-plane/src/worker/archive.spec -t 'many megabytes'       how long so many megabytes take
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { build } from 'esbuild';
import { Redis } from 'ioredis';
import { ArchiveLoop, archiveRound, exportLog, pruneArchive, seedSourceOn, StorageFault } from '@larder/plane-backups';
import { findBreak, type InstanceRow } from '@larder/plane-domain';
import { repositoryRoot } from '../repository-root';
import { ArchiveWorld, larderServer, type Written } from '../testing/archive-world';

const engine = process.env['LARDER_TEST_ENGINE'] ?? larderServer;
const archive = { intervalSeconds: 1, retentionHours: 1 };
const points = Number(process.env['RESTORE_POINTS'] ?? 3);
const megabytes = Number(process.env['RESTORE_MB'] ?? 0);
const historySeconds = points > 3 ? 60 : 7;

jest.setTimeout(points > 3 || megabytes > 0 ? 1_200_000 : 120_000);

describe('restoring to a second', () => {
  const world = new ArchiveWorld(engine);
  let origin: InstanceRow;
  let history: Written[];

  beforeAll(async () => {
    await world.start();
    origin = await world.create('origin', { archive });
    world.archive.start();
    const window = await world.covered(origin);
    // Two rewrites in the middle: the log goes on in another file, and there is a younger base.
    const endMs = (window.from + historySeconds) * 1000;
    const system = world.asSystem(origin);
    const rewrites = setInterval(() => void system.call('BGREWRITEAOF').catch(() => undefined), 1700);
    history = await world.write(origin, () => Date.now() > endMs, 0, points > 3 ? 10 : 2);
    clearInterval(rewrites);
    await system.quit();
    await world.covered(origin, Math.floor(endMs / 1000) - 1);
  });
  afterAll(() => world.stop());

  it('gives back what was there at any second, over rewrites', async () => {
    const bases = (await world.work.records.logArchives.landmarksOf(world.organizationId, origin.id)).filter(({ kind }) => kind === 'BASE');
    expect(bases.length).toBeGreaterThan(1);
    const { windows: [window, ...others], gaps } = await world.timeline(origin);
    expect([others, gaps, world.faults]).toEqual([[], [], []]);
    const last = Math.floor(history.at(-1)!.ackedMs / 1000);
    for (let point = 0; point < points; point += 1) {
      const second = Math.min(window!.to, window!.from + Math.floor(Math.random() * (last - window!.from + 1)));
      const restored = await world.restore(`point-${point}`, origin.id, second);
      expect([second, await world.judge(restored, history, second)]).toEqual([second, undefined]);
      await world.change(restored, { desiredState: 'DELETED' });
    }
  });

  (megabytes > 0 ? it : it.skip)('takes its time with a store of many megabytes', async () => {
    const instance = await world.create('heavy', { archive, planId: 'xlarge' });
    await world.covered(instance);
    const redis = world.connect(instance);
    const value = Buffer.from(Array.from({ length: 1000 }, (_byte, index) => (index * 7919) % 251));
    const keys = megabytes * 1000;
    for (let at = 0; at < keys; at += 500) {
      const pipeline = redis.pipeline();
      for (let index = at; index < at + 500; index += 1) {
        value.writeUInt32LE(Math.floor(Math.random() * 2 ** 32), (index * 4) % 900);
        pipeline.set(`key ${index}`, Buffer.from(value));
      }
      await pipeline.exec();
    }
    const system = world.asSystem(instance);
    await system.call('BGREWRITEAOF');
    await redis.set('last', 'x');
    const second = Math.floor(Date.now() / 1000);
    await world.until('it to be archived', async () => {
      const { windows } = await world.timeline(instance);
      const bases = (await world.work.records.logArchives.landmarksOf(world.organizationId, instance.id)).filter(({ verification }) => verification === 'VERIFIED');
      return (windows.at(-1)?.to ?? 0) >= second + 20 && bases.some(({ toByte }) => toByte > megabytes * 500_000) ? true : undefined;
    }, 600_000);
    const [beganMs, cpu] = [performance.now(), process.cpuUsage()];
    const restored = await world.restore('heavy-again', instance.id, second + 20);
    const [tookMs, used] = [performance.now() - beganMs, process.cpuUsage(cpu)];
    const check = world.connect(restored);
    expect([await check.dbsize(), await check.get('last')]).toEqual([keys + 1, 'x']);
    const [base] = (await world.work.records.logArchives.landmarksOf(world.organizationId, instance.id)).filter(({ toByte }) => toByte > megabytes * 500_000);
    const info = await check.info();
    const engineSeconds = ['used_cpu_user', 'used_cpu_sys'].reduce((sum, name) => sum + Number(new RegExp(`${name}:([\\d.]+)`).exec(info)![1]), 0);
    const seconds = (ms: number): string => (ms / 1000).toFixed(1);
    process.stdout.write(`restored ${megabytes} MB (base ${Math.round(base!.toByte / 1e6)} MB, stored ${Math.round(base!.sizeBytes! / 1e6)} MB) in ${seconds(tookMs)} s; `
      + `processor time: ${seconds((used.user + used.system) / 1000)} s here, ${engineSeconds.toFixed(1)} s in the store\n`);
    await Promise.all([redis.quit(), system.quit(), check.quit()]);
  });

  it('gives a second away as a data directory on which redis-server starts', async () => {
    const { windows: [window] } = await world.timeline(origin);
    const second = Math.min(window!.to, Math.floor(history.at(-1)!.ackedMs / 1000) - 1);
    const ports = { records: world.work.records, storage: world.ports.storage, secrets: world.secrets };
    const { sizeBytes, body } = await exportLog(ports, world.organizationId, { kind: 'POINT', instanceId: origin.id, second }, Date.now());
    const directory = path.join(world.home, 'exported');
    mkdirSync(directory);
    const file = path.join(directory, 'data.tar');
    await pipeline(Readable.from(body), createWriteStream(file));
    expect(statSync(file).size).toBe(sizeBytes);
    expect(spawnSync('tar', ['-xf', file], { cwd: directory }).status).toBe(0);
    expect(spawnSync('redis-check-aof', [path.join(directory, 'appendonlydir/appendonly.aof.manifest')], { encoding: 'utf8' }).stdout).toContain('All AOF files and manifest are valid');
    const socket = path.join(directory, 's');
    const server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', directory, '--appendonly', 'yes', '--save', ''], { stdio: 'ignore' });
    const redis = new Redis({ path: socket, retryStrategy: () => 20, maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    try {
      expect(await world.judgeStore(redis, history, second)).toBeUndefined();
    } finally {
      redis.disconnect();
      server.kill('SIGKILL');
    }
  });

  it('keeps nothing on the tenant’s disk that has been archived', async () => {
    const [member] = await world.work.records.instanceMembers.ofInstances([origin.id]);
    await world.until('superfluous parts to go', async () =>
      (readdirSync(path.join(member!.directory, 'appendonlydir')).length <= 3 ? true : undefined));
  });

  it('names a second outside of what is archived, and gives nothing', async () => {
    const seeds = seedSourceOn({ records: world.work.records, storage: world.ports.storage, secrets: world.secrets });
    const { windows: [window] } = await world.timeline(origin);
    await expect(seeds.open(world.organizationId, { kind: 'POINT', instanceId: origin.id, second: window!.from - 1 })).rejects.toThrow('The archive begins at');
    await expect(seeds.open(world.organizationId, { kind: 'POINT', instanceId: origin.id, second: window!.to + 100 })).rejects.toThrow('reaches to');
  });

  it('ships nothing twice where two workers archive at once', async () => {
    const redis = world.connect(origin);
    await redis.set('more', 'x');
    await redis.quit();
    const results = await Promise.all([1, 2, 3].map((each) => archiveRound({ ...world.ports, holder: `other ${each}` }, origin.id)));
    expect(results.filter(({ result }) => result === 'busy').length).toBeGreaterThanOrEqual(1);
    const stretch = (await world.work.records.logArchives.openStretchForLoop(origin.id))!;
    const pieces = await world.work.records.logArchives.logOf(stretch.id, 0, 1000);
    expect(pieces.map(({ ordinal }) => ordinal)).toEqual(pieces.map((_piece, index) => index));
  });
});

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
    let kills = 0;
    const killing = setInterval(() => {
      child.kill('SIGKILL');
      kills += 1;
      child = start();
    }, 900);
    const history = await written(instance, 7000);
    clearInterval(killing);
    const second = secondOf(history.at(-1)!);
    await world.covered(instance, second);
    child.kill('SIGKILL');
    rmSync(worker);
    expect(kills).toBeGreaterThan(4);
    const { windows, gaps } = await world.timeline(instance);
    expect([windows.length, gaps]).toEqual([1, []]);
    const stretch = (await world.work.records.logArchives.openStretchForLoop(instance.id))!;
    expect(findBreak(await world.work.records.logArchives.logOf(stretch.id, 0, 1000), 0)).toBeUndefined();
    for (const each of [windows[0]!.from + 1, second]) {
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
      expect(await pruneArchive(world.ports, at, 1, Date.now() + 3_700_000)).toBeGreaterThan(1);
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
