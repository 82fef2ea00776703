import { stateOf, summaryOf, type InstanceRow } from '@larder/plane-domain';
import { hourMs, minuteMs } from '@larder/shared-std';
import { TestBed } from './testing/test-bed';

let bed: TestBed;
beforeEach(() => { bed = new TestBed(); });

const row = (instance: InstanceRow): InstanceRow => bed.records.instances.get(instance.id)!;
const state = (instance: InstanceRow): string => {
  const { spec, ...rest } = row(instance);
  return stateOf({ ...rest, desiredState: spec.desiredState });
};
const operation = (kind: string): { phase: string; percent: number; steps: string[] } => {
  const { phase, percent, steps } = [...bed.records.operations.values()].find((each) => each.kind === kind)!;
  return { phase, percent, steps: steps.map((step) => `${step.name} ${step.state}`) };
};
const reasons = (): string[] => bed.records.events.map((event) => event.reason);

describe('a pass', () => {
  it('makes a standalone instance ready in one go and closes its operation', async () => {
    const instance = bed.create({ settings: { timeout: '60' } });
    expect(await bed.pass(instance.id)).toEqual({ result: 'settled', lookAgainMs: null });
    expect(state(instance)).toBe('READY');
    expect(row(instance).endpoint).toEqual({ host: 'cache.example', port: 20_000 });
    expect(bed.world.accepts(20_000, 'default', 'first')).toBe(true);
    expect(bed.world.setting(20_000, 'timeout')).toBe('60');
    expect(operation('CREATE_INSTANCE')).toEqual({
      phase: 'SUCCEEDED', percent: 100, steps: ['storage DONE', 'processes DONE', 'settings DONE', 'users DONE', 'endpoint DONE'],
    });
    expect(reasons()).toEqual(['Started', 'Ready']);
  });

  it('does nothing more to an instance that is as wished', async () => {
    const instance = bed.create();
    await bed.pass(instance.id);
    const events = bed.records.events.length;
    await bed.pass(instance.id);
    expect(bed.world.startsCount).toBe(1);
    expect(bed.records.events).toHaveLength(events);
  });

  it('waits for a store that loads its data and says so meanwhile', async () => {
    const instance = bed.create();
    bed.world.loadingAnswersOfNext = 2;
    expect(await bed.pass(instance.id)).toEqual({ result: 'unsettled', retryMs: 250, reason: 'Loading' });
    const { spec, ...rest } = row(instance);
    expect(summaryOf({ ...rest, desiredState: spec.desiredState })).toBe('Being created: The store is loading its data.');
    expect(operation('CREATE_INSTANCE')).toMatchObject({ phase: 'RUNNING', percent: 30 });
    await bed.converge(instance.id);
    expect(state(instance)).toBe('READY');
    expect(bed.world.startsCount).toBe(1);
  });

  it('changes settings live, and takes back one that is no longer given', async () => {
    const instance = bed.create({ settings: { timeout: '60' } });
    await bed.pass(instance.id);
    bed.change(instance, 'UPDATE_INSTANCE', { planId: 'small', maxmemoryPolicy: 'ALLKEYS_LRU', settings: {} });
    expect(state(instance)).toBe('UPDATING');
    await bed.pass(instance.id);
    expect(['maxmemory', 'maxmemory-policy', 'timeout'].map((name) => bed.world.setting(20_000, name))).toEqual(['134217728', 'allkeys-lru', '0']);
    expect(bed.world.startsCount).toBe(1);
    expect(operation('UPDATE_INSTANCE').phase).toBe('SUCCEEDED');
  });

  it('keeps two passwords while a rotation lasts and drops the old one when it ends', async () => {
    const instance = bed.create();
    await bed.pass(instance.id);
    bed.change(instance, 'ROTATE_CREDENTIALS', { credentialVersion: 2 }, {
      passwordSealed: 'second', previousPasswordSealed: 'first', previousPasswordUntil: new Date(bed.clock.now() + hourMs),
    });
    expect(await bed.pass(instance.id)).toEqual({ result: 'settled', lookAgainMs: hourMs });
    expect(['first', 'second'].map((password) => bed.world.accepts(20_000, 'default', password))).toEqual([true, true]);
    bed.clock.step(hourMs);
    expect(await bed.records.repositories().instances.dueIdsForLoop(bed.now, 10)).toEqual([instance.id]);
    await bed.pass(instance.id);
    expect(['first', 'second'].map((password) => bed.world.accepts(20_000, 'default', password))).toEqual([false, true]);
    expect(row(instance).previousPasswordSealed).toBeNull();
    expect(bed.world.startsCount).toBe(1);
  });

  it('restarts once for a restart that was asked for', async () => {
    const instance = bed.create();
    await bed.pass(instance.id);
    bed.change(instance, 'RESTART_INSTANCE', { restartNonce: 1 });
    await bed.pass(instance.id);
    await bed.pass(instance.id);
    expect(bed.world.startsCount).toBe(2);
    expect(reasons()).not.toContain('Crashed');
  });

  it('starts a crashed store at once, and more and more patiently when it crashes again', async () => {
    const instance = bed.create();
    await bed.pass(instance.id);
    bed.world.crash(instance.id);
    expect(await bed.pass(instance.id)).toMatchObject({ result: 'settled' });
    const waits: unknown[] = [];
    for (let crash = 0; crash < 3; crash += 1) {
      bed.world.crash(instance.id);
      const result = await bed.pass(instance.id);
      waits.push(result);
      expect(state(instance)).toBe('DEGRADED');
      await bed.converge(instance.id);
    }
    expect(waits).toEqual([1000, 2000, 4000].map((retryMs) => ({ result: 'unsettled', retryMs, reason: 'CrashBackOff' })));
    expect(reasons().filter((reason) => reason === 'Crashed')).toHaveLength(4);
    expect(reasons().at(-1)).toBe('Recovered');
    bed.clock.step(11 * minuteMs);
    await bed.pass(instance.id);
    expect([...bed.records.members.values()][0]!.crashes).toBe(0);
  });

  it('passes over ports that strangers hold and reports them', async () => {
    const instance = bed.create();
    bed.world.foreignPorts.add(20_000).add(20_001);
    await bed.pass(instance.id);
    expect(row(instance).endpoint!.port).toBe(20_002);
    expect(reasons().filter((reason) => reason === 'PortTaken')).toHaveLength(2);
  });

  it('keeps its port over a restart also when a stranger sits on it, and recovers when it is free', async () => {
    const instance = bed.create();
    await bed.pass(instance.id);
    bed.world.crash(instance.id);
    bed.world.foreignPorts.add(20_000);
    expect(await bed.pass(instance.id)).toMatchObject({ result: 'unsettled', reason: 'PortTaken' });
    bed.world.foreignPorts.clear();
    await bed.converge(instance.id);
    expect(row(instance).endpoint!.port).toBe(20_000);
  });

  it('says when the range has no port left', async () => {
    for (let port = 20_000; port <= 20_009; port += 1) bed.world.foreignPorts.add(port);
    const instance = bed.create();
    expect(await bed.pass(instance.id)).toMatchObject({ result: 'unsettled', reason: 'PortsExhausted' });
  });

  it('lays the first data down before the first start, once', async () => {
    bed.seed = async function* () { yield Buffer.from('rdb'); };
    const instance = bed.create({ seed: { kind: 'BACKUP', backupId: 'b' } });
    await bed.pass(instance.id);
    expect([...bed.world.directories.values()][0]!.data).toBe('rdb');
    expect(row(instance).seededAt).not.toBeNull();
  });

  it('leaves no half of an instance whose first data cannot be had', async () => {
    bed.seed = async function* () { yield Buffer.from('half'); throw new Error('checksum differs'); };
    const instance = bed.create({ seed: { kind: 'BACKUP', backupId: 'b' } });
    await bed.converge(instance.id);
    expect(row(instance).deletedAt).not.toBeNull();
    expect(bed.world.directories.size + bed.world.processes.size + bed.records.members.size).toBe(0);
    const restore = [...bed.records.operations.values()][0]!;
    expect(restore).toMatchObject({ phase: 'FAILED', errorReason: 'SeedFailed', errorMessage: 'The first data cannot be laid down: checksum differs' });
  });

  it('tells a person after some tries and goes on trying', async () => {
    const instance = bed.create();
    for (let pass = 0; pass < 8; pass += 1) {
      bed.world.failNextStart = 'DiskFull';
      bed.clock.step(minuteMs);
      await bed.pass(instance.id);
    }
    expect(operation('CREATE_INSTANCE')).toMatchObject({ phase: 'FAILED' });
    await bed.converge(instance.id);
    expect(state(instance)).toBe('READY');
  });

  it('deletes everything, after a final backup where one is wished', async () => {
    const instance = bed.create();
    await bed.pass(instance.id);
    bed.change(instance, 'DELETE_INSTANCE', { desiredState: 'DELETED', finalBackup: true });
    expect(await bed.pass(instance.id)).toEqual({ result: 'gone' });
    expect(bed.finalBackups).toBe(1);
    expect(state(instance)).toBe('DELETED');
    expect(bed.world.directories.size + bed.world.processes.size + bed.records.members.size).toBe(0);
    expect(operation('DELETE_INSTANCE')).toEqual({ phase: 'SUCCEEDED', percent: 100, steps: ['final-backup DONE', 'retire DONE', 'storage DONE'] });
    const next = bed.create({ name: 'next' });
    await bed.pass(next.id);
    expect(row(next).endpoint!.port).toBe(20_000);
  });

  it('removes an instance whose making was canceled', async () => {
    const instance = bed.create();
    bed.world.loadingAnswersOfNext = 100;
    await bed.pass(instance.id);
    Object.assign([...bed.records.operations.values()][0]!, { cancelRequestedAt: bed.now });
    await bed.converge(instance.id);
    expect(operation('CREATE_INSTANCE').phase).toBe('CANCELED');
    expect(bed.world.processes.size).toBe(0);
  });

  it('works alone: a second worker is turned away while the lease lasts', async () => {
    const instance = bed.create();
    const results = await Promise.all([bed.pass(instance.id), bed.pass(instance.id)]);
    expect(results.map((result) => result!.result).sort()).toEqual(['busy', 'settled']);
    expect(bed.world.startsCount).toBe(1);
  });

  it('writes no status over that of a later holder', async () => {
    const instance = bed.create();
    Object.assign(row(instance), { statusFence: 7n });
    expect(await bed.pass(instance.id)).toEqual({ result: 'busy' });
    expect(row(instance).observedGeneration).toBe(0);
  });
});
