// A worker killed at every place where it touches the outside, before and after the effect, in seeded stories of an instance's life:
// the next worker always brings it to what is wished, with one process, one port, and every operation closed.
import { seededRandom } from '@larder/shared-std/testing';
import type { InstanceRow } from '@larder/plane-domain';
import { ReconcileLoop } from './loop';
import { leaseMs } from './pass';
import { settings, TestBed } from './testing/test-bed';

type Chapter = 'change' | 'rotate' | 'restart' | 'crash' | 'nothing';
const chapters: readonly Chapter[] = ['change', 'rotate', 'restart', 'crash', 'nothing'];
let version = 1;

describe('a worker that is killed', () => {
  it('at every single call of a creation, leaves what the next one finishes', async () => {
    const counted = new TestBed();
    await counted.pass(counted.create().id);
    expect(counted.calls).toBeGreaterThan(20);
    for (let atCall = 1; atCall <= counted.calls; atCall += 1) {
      for (const hasEffect of [false, true]) {
        const bed = new TestBed();
        const instance = bed.create();
        expect(await bed.pass(instance.id, { atCall, hasEffect })).toBeUndefined();
        await finish(bed, instance);
        expect(bed.world.startsCount).toBe(1);
      }
    }
  });

  it('at every single call of a restore and of a deletion, leaves nothing half', async () => {
    for (const kind of ['restore', 'delete'] as const) {
      const stage = async (): Promise<{ bed: TestBed; instance: InstanceRow }> => {
        const bed = new TestBed();
        bed.seed = async function* () { yield Buffer.from('rdb'); };
        const instance = bed.create(kind === 'restore' ? { seed: { kind: 'BACKUP', backupId: 'b' } } : {});
        if (kind === 'delete') {
          await bed.converge(instance.id);
          bed.change(instance, 'DELETE_INSTANCE', { desiredState: 'DELETED' });
        }
        return { bed, instance };
      };
      const counted = await stage();
      await counted.bed.pass(counted.instance.id);
      for (let atCall = 1; atCall <= counted.bed.calls; atCall += 1) {
        for (const hasEffect of [false, true]) {
          const { bed, instance } = await stage();
          await bed.pass(instance.id, { atCall, hasEffect });
          await finish(bed, instance);
          if (kind === 'restore') expect([...bed.world.directories.values()].map(({ data }) => data)).toEqual(['rdb']);
        }
      }
    }
  });

  it('converges in 500 seeded lives with several deaths each', async () => {
    for (let seed = 1; seed <= 500; seed += 1) await live(seed);
  });

  it('is replaced by another that looks at everything in its first sweep', async () => {
    const bed = new TestBed();
    const instances = ['one', 'two', 'three'].map((name) => bed.create({ name }));
    await bed.pass(instances[0]!.id, { atCall: 12, hasEffect: true });
    bed.clock.step(leaseMs);
    const loop = new ReconcileLoop({ ports: bed.loopPorts(), settings, holder: 'heir', sweepMs: 15_000 });
    await loop.sweep();
    for (const instance of instances) expect(bed.records.instances.get(instance.id)!.observedGeneration).toBe(1);
    await loop.stop();
  });
});

describe('the loop', () => {
  it('finds in its sweep what a lost wake was about', async () => {
    const bed = new TestBed();
    const instance = bed.create();
    await bed.pass(instance.id);
    const loop = new ReconcileLoop({ ports: bed.loopPorts(), settings, holder: 'worker', sweepMs: 15_000 });
    await loop.sweep();
    bed.change(instance, 'UPDATE_INSTANCE', { settings: { timeout: '9' } }); // and nobody wakes
    await loop.sweep();
    expect(bed.world.setting(20_000, 'timeout')).toBe('9');
    bed.world.crash(instance.id);
    for (let round = 0; round < 3; round += 1) await loop.sweep();
    expect(bed.world.processes.size).toBe(1);
    await loop.stop();
  });

  it('passes once more for a wake that came in the middle of a pass', async () => {
    const bed = new TestBed();
    const instance = bed.create();
    let passes = 0;
    const loop = new ReconcileLoop({ ports: bed.loopPorts(), settings, holder: 'worker', sweepMs: 15_000, onPass: () => { passes += 1; } });
    const first = loop.wake(instance.id);
    await Promise.resolve(); // the pass has begun
    await Promise.all([first, loop.wake(instance.id), loop.wake(instance.id)]);
    expect(passes).toBe(2);
    await loop.stop();
  });

  it('never doubles a process with two workers on the same instances', async () => {
    const bed = new TestBed();
    const instances = Array.from({ length: 8 }, (_, index) => bed.create({ name: `i${index}` }));
    const loops = ['left', 'right'].map((holder) => new ReconcileLoop({ ports: bed.loopPorts(), settings, holder, sweepMs: 15_000, concurrency: 3 }));
    for (let round = 0; round < 5; round += 1) await Promise.all(loops.map((loop) => loop.sweep()));
    expect(bed.world.startsCount).toBe(8);
    expect(bed.world.processes.size).toBe(8);
    for (const instance of instances) expect(bed.records.instances.get(instance.id)!.observedGeneration).toBe(1);
    await Promise.all(loops.map((loop) => loop.stop()));
  });

  it('goes on with the others when one pass meets a bug, and tries that one again', async () => {
    const bed = new TestBed();
    const broken = bed.create({ name: 'broken', planId: 'no-such-plan' });
    const healthy = bed.create({ name: 'healthy' });
    const faults: string[] = [];
    const loop = new ReconcileLoop({ ports: bed.loopPorts(), settings, holder: 'worker', sweepMs: 15_000, onError: (error) => faults.push((error as Error).message) });
    await loop.sweep();
    expect(bed.records.instances.get(healthy.id)!.observedGeneration).toBe(1);
    expect(faults[0]).toContain(`instance ${broken.id} has the plan no-such-plan`);
    await loop.stop();
  });
});

async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const bed = new TestBed();
  const instance = bed.create();
  const dieSometimes = async (): Promise<void> => {
    for (let deaths = random.int(3); deaths > 0; deaths -= 1) {
      await bed.pass(instance.id, { atCall: 1 + random.int(32), hasEffect: random.next() < 0.5 });
      if (random.next() < 0.3) bed.world.crash(instance.id);
      bed.clock.step(random.int(leaseMs));
    }
  };
  await dieSometimes();
  for (let chapter = 0; chapter < 4; chapter += 1) {
    happen(bed, instance, chapters[random.int(chapters.length)]!);
    await dieSometimes();
    if (random.next() < 0.7) await finish(bed, instance);
  }
  await finish(bed, instance);
  bed.change(instance, 'DELETE_INSTANCE', { desiredState: 'DELETED', finalBackup: random.next() < 0.5 });
  await dieSometimes();
  await finish(bed, instance);
}

function happen(bed: TestBed, instance: InstanceRow, chapter: Chapter): void {
  const row = bed.records.instances.get(instance.id)!;
  switch (chapter) {
    case 'change': bed.change(instance, 'UPDATE_INSTANCE', { settings: { timeout: String(row.generation) } }); break;
    case 'rotate':
      bed.change(instance, 'ROTATE_CREDENTIALS', { credentialVersion: row.spec.credentialVersion + 1 }, {
        passwordSealed: `password-${(version += 1)}`, previousPasswordSealed: row.passwordSealed, previousPasswordUntil: new Date(bed.clock.now() + 60_000),
      });
      break;
    case 'restart': bed.change(instance, 'RESTART_INSTANCE', { restartNonce: row.spec.restartNonce + 1 }); break;
    case 'crash': bed.world.crash(instance.id); break;
    case 'nothing': break;
  }
}

/** A new worker after the dead one's lease has run out; then everything must be as wished. */
async function finish(bed: TestBed, instance: InstanceRow): Promise<void> {
  bed.clock.step(leaseMs);
  await bed.converge(instance.id);
  const row = bed.records.instances.get(instance.id)!;
  const members = [...bed.records.members.values()];
  const processes = [...bed.world.processes.values()];
  const open = [...bed.records.operations.values()].filter(({ phase }) => phase === 'PENDING' || phase === 'RUNNING');
  expect(open).toEqual([]);
  if (row.spec.desiredState === 'DELETED') {
    expect(row.deletedAt).not.toBeNull();
    expect([members, processes, [...bed.world.directories]]).toEqual([[], [], []]);
    return;
  }
  expect(processes).toHaveLength(1);
  expect(members).toMatchObject([{ port: row.endpoint!.port, identity: processes[0]!.identity, runId: processes[0]!.runId, restartNonce: row.spec.restartNonce }]);
  expect(bed.world.accepts(row.endpoint!.port, 'default', row.passwordSealed)).toBe(true);
  expect(bed.world.setting(row.endpoint!.port, 'timeout')).toBe(row.spec.settings['timeout'] ?? '0');
}
