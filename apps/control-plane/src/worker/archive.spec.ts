// Restoring to a second, from the store's log to a new instance: real engines, a real PostgreSQL, a tenant that writes down what it wrote.
// LARDER_TEST_ENGINE=redis-server goes the same road. By hand:
//   RESTORE_POINTS=60 npx jest apps/control-plane/src/worker/archive.spec -t 'any second'     random seconds of a history of a minute
//   RESTORE_MB=1024 npx jest apps/control-plane/src/worker/archive.spec -t 'many megabytes'       how long so many megabytes take
import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Redis } from 'ioredis';
import { archiveRound, exportLog, seedSourceOn } from '@larder/plane-backups';
import type { InstanceRow } from '@larder/plane-domain';
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
    await system.call('BGREWRITEAOF').catch(() => undefined); // one of its own is as good
    await redis.set('last', 'x');
    const second = Math.floor(Date.now() / 1000);
    await world.until('it to be archived', async () => {
      const { windows } = await world.timeline(instance);
      const bases = (await world.work.records.logArchives.landmarksOf(world.organizationId, instance.id)).filter(({ verification }) => verification === 'VERIFIED');
      return (windows.at(-1)?.to ?? 0) >= second + 20 && bases.some(({ toByte }) => toByte > megabytes * 500_000) ? true : undefined;
    }, 600_000);
    await world.archive.stop(); // its own work is not a restore's
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

  it('leaves nothing of its first data to a restored store that keeps nothing, whatever kills it', async () => {
    const { windows: [window] } = await world.timeline(origin);
    const second = Math.min(window!.to, Math.floor(history.at(-1)!.ackedMs / 1000));
    const restored = await world.create('fleeting', { persistence: 'NONE' }, { kind: 'POINT', instanceId: origin.id, second });
    expect(await world.judge(restored, history, second)).toBeUndefined();
    const [member] = await world.work.records.instanceMembers.ofInstances([restored.id]);
    const dataIn = (): string[] => readdirSync(member!.directory).filter((name) => name === 'dump.rdb' || name === 'appendonlydir');
    await world.until('its first data to be taken away', async () => {
      await world.reconcile.wake(restored.id);
      return dataIn().length === 0 ? true : undefined;
    });
    process.kill(member!.identity!.pid, 'SIGKILL');
    const again = await world.until('its next life', async () => {
      await world.reconcile.wake(restored.id);
      const [{ identity } = member!] = await world.work.records.instanceMembers.ofInstances([restored.id]);
      const row = (await world.work.records.instances.byIdForLoop(restored.id))!;
      return identity !== null && identity.pid !== member!.identity!.pid && row.conditions.find(({ type }) => type === 'Ready')?.status === 'TRUE' ? row : undefined;
    });
    const redis = world.connect(again);
    expect([await redis.dbsize(), dataIn()]).toEqual([0, []]);
    await redis.quit();
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
