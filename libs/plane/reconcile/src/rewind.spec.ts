// Going back in place with a worker that is killed at every call: the old data is in a proven safety backup before it goes, the new data is
// there in the end, once, and what is written after that stays.
import type { InstanceRow, Persistence, Rewind } from '@larder/plane-domain';
import { minuteMs } from '@larder/shared-std';
import { leaseMs } from './pass';
import { TestBed } from './testing/test-bed';

const port = 20_000;
const wish: Rewind = { id: 'rewind-1', source: { kind: 'POINT', instanceId: 'x', second: 1000 }, askedAt: new Date(0).toISOString() };

async function running(persistence: Persistence): Promise<{ bed: TestBed; instance: InstanceRow }> {
  const bed = new TestBed();
  const instance = bed.create({ persistence });
  await bed.converge(instance.id);
  bed.clock.step(minuteMs);
  bed.world.write(port, 'w1');
  bed.seed = async function* () { yield Buffer.from('then'); };
  return { bed, instance };
}

describe('going back in place', () => {
  it.each(['AOF', 'RDB_AOF', 'RDB', 'NONE'] as const)('under %s replaces the data after a safety backup, once', async (persistence) => {
    const { bed, instance } = await running(persistence);
    const operation = bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
    await bed.converge(instance.id);
    expect([bed.world.dataOf(port), bed.world.startsCount, bed.closedLogs]).toEqual(['then', 2, [instance.id]]);
    expect(bed.safetyBackups.get(wish.id)).toEqual({ data: 'w1', isProven: true });
    expect(bed.records.operations.get(operation.id)!).toMatchObject({ phase: 'SUCCEEDED', percent: 100 });
    bed.world.write(port, 'w2');
    await bed.pass(instance.id);
    expect([bed.world.dataOf(port), bed.world.startsCount]).toEqual(['w2', 2]);
  });

  it('is carried out once, whole, wherever a worker is killed', async () => {
    const counted = await running('AOF');
    counted.bed.change(counted.instance, 'RESTORE_IN_PLACE', { rewind: wish });
    let calls = 0;
    for (let pass = 0; pass < 5; pass += 1) {
      await counted.bed.pass(counted.instance.id);
      calls = Math.max(calls, counted.bed.calls);
      counted.bed.clock.step(1000);
    }
    expect(calls).toBeGreaterThan(20);
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      for (const passes of [0, 1, 2, 3]) {
        const { bed, instance } = await running('AOF');
        bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
        for (let pass = 0; pass < passes; pass += 1) { await bed.pass(instance.id); bed.clock.step(400); }
        await bed.pass(instance.id, { atCall, hasEffect: atCall % 2 === 0 });
        const place = [atCall, passes];
        // Until the old data is in a proven backup it is in the store.
        if (bed.safetyBackups.get(wish.id)?.isProven !== true) expect([place, bed.world.dataOf(port)]).toEqual([place, 'w1']);
        bed.clock.step(leaseMs);
        await bed.converge(instance.id);
        expect([place, bed.world.dataOf(port), bed.safetyBackups.get(wish.id)]).toEqual([place, 'then', { data: 'w1', isProven: true }]);
        bed.world.write(port, 'w2');
        bed.world.crash(instance.id);
        bed.clock.step(leaseMs);
        await bed.converge(instance.id);
        expect([place, bed.world.dataOf(port)]).toEqual([place, 'w2']);
      }
    }
  });

  it('is given up where the data cannot be had, and the instance goes on as it was', async () => {
    const { bed, instance } = await running('AOF');
    bed.seed = async function* () { yield Buffer.from('th'); throw Object.assign(new Error('a piece is damaged'), { isFinal: true }); };
    const operation = bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
    await bed.converge(instance.id);
    expect([bed.world.dataOf(port), bed.world.startsCount]).toEqual(['w1', 1]);
    expect(bed.records.operations.get(operation.id)!).toMatchObject({ phase: 'FAILED', errorReason: 'SeedFailed', errorMessage: 'The data cannot be laid down: a piece is damaged' });
  });

  it('is given up where no safety backup can be taken', async () => {
    const { bed, instance } = await running('AOF');
    bed.failsSafety = true;
    const operation = bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
    await bed.converge(instance.id);
    expect([bed.world.dataOf(port), bed.world.startsCount]).toEqual(['w1', 1]);
    expect(bed.records.operations.get(operation.id)!).toMatchObject({ phase: 'FAILED', errorReason: 'SafetyBackupFailed' });
  });
});

describe('going back in place with several stores', () => {
  const replica = async (): Promise<{ bed: TestBed; instance: InstanceRow; ports: () => number[]; endpoint: () => number }> => {
    const bed = new TestBed();
    const instance = bed.create({ persistence: 'AOF', topology: 'HA', replicas: 1 });
    await bed.converge(instance.id);
    bed.clock.step(minuteMs);
    const endpoint = (): number => bed.records.instances.get(instance.id)!.endpoint!.port;
    bed.world.write([...bed.records.members.values()].find(({ name }) => name === 'a')!.port, 'w1');
    bed.seed = async function* () { yield Buffer.from('then'); };
    return { bed, instance, endpoint, ports: () => [...bed.records.members.values()].filter(({ name }) => name.length === 1).map(({ port }) => port) };
  };
  const downAfters = (bed: TestBed): (string | undefined)[] =>
    [...bed.world.processes.values()].filter(({ program }) => program === 'sentinel').map(({ settings }) => settings.get('down-after') ?? '1500');

  it('replaces the data of all of them, once, while the Sentinels stand down', async () => {
    const { bed, instance, ports } = await replica();
    const operation = bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
    await bed.converge(instance.id);
    expect([ports().map((each) => bed.world.dataOf(each)), downAfters(bed), bed.closedLogs]).toEqual([['then', 'then'], ['1500', '1500', '1500'], [instance.id]]);
    expect([bed.safetyBackups.get(wish.id), operation.phase]).toEqual([{ data: 'w1', isProven: true }, 'SUCCEEDED']);
    // A replica that comes later does not make it be done again.
    bed.world.write(ports()[0]!, 'w2');
    bed.change(instance, 'ADD_REPLICA', { replicas: 2 });
    await bed.converge(instance.id);
    expect([ports().map((each) => bed.world.dataOf(each)), [...bed.records.members.values()].filter(({ rewindId }) => rewindId === wish.id).length]).toEqual([['w2', 'w2', 'w2'], 3]);
  });

  it('leaves nothing half, wherever a worker is killed', async () => {
    const calls: number[] = [];
    const counted = await replica();
    counted.bed.change(counted.instance, 'RESTORE_IN_PLACE', { rewind: wish });
    for (let pass = 0; pass < 8; pass += 1) {
      await counted.bed.pass(counted.instance.id);
      calls.push(counted.bed.calls);
      counted.bed.clock.step(1000);
    }
    for (const [passes, most] of calls.slice(0, 5).entries()) {
      for (let atCall = 1; atCall <= most; atCall += 1) {
        const { bed, instance, ports } = await replica();
        bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
        for (let pass = 0; pass < passes; pass += 1) { await bed.pass(instance.id); bed.clock.step(1000); }
        await bed.pass(instance.id, { atCall, hasEffect: atCall % 2 === 0 });
        const place = [passes, atCall];
        // Nobody can be made primary while one of them has nothing, or what was before.
        const held = new Set(ports().map((each) => bed.world.dataOf(each)));
        if (held.size > 1) expect([place, downAfters(bed).filter((each) => each === '3600000').length > 1]).toEqual([place, true]);
        bed.clock.step(leaseMs);
        await bed.converge(instance.id);
        expect([place, ports().map((each) => bed.world.dataOf(each)), downAfters(bed), bed.safetyBackups.get(wish.id)])
          .toEqual([place, ['then', 'then'], ['1500', '1500', '1500'], { data: 'w1', isProven: true }]);
      }
    }
  });

  it('is given up where the data cannot be had, with nobody stopped and the Sentinels awake', async () => {
    const { bed, instance, ports } = await replica();
    const started = bed.world.startsCount;
    bed.seed = async function* () { yield Buffer.from('th'); throw Object.assign(new Error('a piece is damaged'), { isFinal: true }); };
    const operation = bed.change(instance, 'RESTORE_IN_PLACE', { rewind: wish });
    await bed.converge(instance.id);
    expect([ports().map((each) => bed.world.dataOf(each)), bed.world.startsCount, downAfters(bed), operation.phase]).toEqual([['w1', 'w1'], started, ['1500', '1500', '1500'], 'FAILED']);
  });
});
