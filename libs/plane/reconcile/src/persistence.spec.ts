// Persistence switched live, between all four modes, with a worker that is killed at every place and a store that is killed after it:
// what the modes promise is there after the restart, and nothing that was given up comes back.
import { persistences, type InstanceRow, type Persistence } from '@larder/plane-domain';
import { minuteMs } from '@larder/shared-std';
import { seededRandom } from '@larder/shared-std/testing';
import { leaseMs } from './pass';
import { TestBed } from './testing/test-bed';

const port = 20_000;
const transitions = persistences.flatMap((from) => persistences.filter((to) => to !== from).map((to) => [from, to] as const));
const keepsAll = (mode: Persistence): boolean => mode === 'AOF' || mode === 'RDB_AOF';

async function running(mode: Persistence): Promise<{ bed: TestBed; instance: InstanceRow }> {
  const bed = new TestBed();
  const instance = bed.create({ persistence: mode });
  await bed.converge(instance.id);
  bed.clock.step(minuteMs);
  return { bed, instance };
}

function files(bed: TestBed): { snapshot: string | undefined; log: string | undefined } {
  const { data, log } = [...bed.world.directories.values()][0]!;
  return { snapshot: data, log };
}

async function crashAndReturn(bed: TestBed, instance: InstanceRow): Promise<string | undefined> {
  bed.world.crash(instance.id);
  bed.clock.step(leaseMs);
  await bed.converge(instance.id);
  return bed.world.dataOf(port);
}

function wish(bed: TestBed, instance: InstanceRow, persistence: Persistence): void {
  bed.change(instance, 'UPDATE_INSTANCE', { persistence });
}

describe('a switch of persistence', () => {
  it.each(transitions)('from %s to %s needs no restart, and a crash right after it loses what the new mode gives up at most', async (from, to) => {
    const { bed, instance } = await running(from);
    bed.world.write(port, 'w1');
    wish(bed, instance, to);
    await bed.converge(instance.id);
    expect(bed.world.startsCount).toBe(1);
    // All that was written under a mode that keeps it, or is in the file that the new mode begins with, is there.
    const expected = to === 'NONE' ? 'empty' : keepsAll(to) || from !== 'RDB' ? 'w1' : 'empty';
    bed.world.write(port, 'w2');
    expect(await crashAndReturn(bed, instance)).toBe(keepsAll(to) ? 'w2' : expected);
    const left = files(bed);
    expect(left.log !== undefined).toBe(keepsAll(to));
    if (to === 'NONE' || to === 'AOF') expect(left.snapshot).toBeUndefined();
  });

  it.each(transitions)('from %s to %s survives a worker killed at every call, and the store killed after it', async (from, to) => {
    const counted = await running(from);
    counted.bed.world.write(port, 'w1');
    wish(counted.bed, counted.instance, to);
    let calls = 0;
    for (let pass = 0; pass < 3; pass += 1) {
      await counted.bed.pass(counted.instance.id);
      calls = Math.max(calls, counted.bed.calls);
      counted.bed.clock.step(3000);
    }
    for (let atCall = 1; atCall <= calls; atCall += 1) {
      for (const passes of [0, 1]) {
        const { bed, instance } = await running(from);
        bed.world.write(port, 'w1');
        wish(bed, instance, to);
        for (let pass = 0; pass < passes; pass += 1) { await bed.pass(instance.id); bed.clock.step(3000); }
        await bed.pass(instance.id, { atCall, hasEffect: atCall % 2 === 0 });
        const back = await crashAndReturn(bed, instance);
        if (keepsAll(from) && to !== 'NONE') expect([atCall, passes, back]).toEqual([atCall, passes, 'w1']);
        // Once it is settled the new mode's own promise holds.
        bed.world.write(port, 'w3');
        const later = await crashAndReturn(bed, instance);
        if (keepsAll(to)) expect([atCall, later]).toEqual([atCall, 'w3']);
        if (to === 'NONE') expect([atCall, later]).toEqual([atCall, 'empty']);
      }
    }
  });

  it('keeps through 200 seeded lives what the modes in force promised', async () => {
    for (let seed = 1; seed <= 200; seed += 1) await live(seed);
  });

  it('to a log that was never begun starts again from the snapshot', async () => {
    for (const to of ['AOF', 'RDB_AOF'] as const) {
      const { bed, instance } = await running('RDB');
      [...bed.world.directories.values()][0]!.data = 'w1';
      wish(bed, instance, to);
      expect(await crashAndReturn(bed, instance)).toBe('w1');
    }
  });

  it('begins with a backup’s data where a restored instance keeps a log', async () => {
    const bed = new TestBed();
    bed.seed = async function* () { yield Buffer.from('rdb'); };
    const instance = bed.create({ persistence: 'AOF', seed: { kind: 'BACKUP', backupId: 'b' } });
    await bed.converge(instance.id);
    expect([bed.world.dataOf(port), files(bed)]).toEqual(['rdb', { snapshot: undefined, log: 'rdb' }]);
    expect(await crashAndReturn(bed, instance)).toBe('rdb');
  });

  it('says meanwhile what is being done, and that clients can connect', async () => {
    const { bed, instance } = await running('RDB');
    wish(bed, instance, 'AOF');
    expect(await bed.pass(instance.id)).toMatchObject({ result: 'unsettled', reason: 'Rewriting' });
    const { conditions } = bed.records.instances.get(instance.id)!;
    expect(conditions.find(({ type }) => type === 'EndpointReady')!.status).toBe('TRUE');
    expect(conditions.find(({ type }) => type === 'PersistenceApplied')).toMatchObject({ status: 'FALSE', message: 'The append-only file is being written.' });
    await bed.converge(instance.id);
    expect([...bed.records.operations.values()].at(-1)!).toMatchObject({ kind: 'UPDATE_INSTANCE', phase: 'SUCCEEDED' });
  });

  it('applies a new fsync policy and new save points to the running store', async () => {
    const { bed, instance } = await running('RDB_AOF');
    bed.change(instance, 'UPDATE_INSTANCE', { appendFsync: 'ALWAYS', savePoints: [{ seconds: 10, changes: 5 }, { seconds: 3600, changes: 1 }] });
    await bed.converge(instance.id);
    expect([bed.world.setting(port, 'appendfsync'), bed.world.setting(port, 'save')]).toEqual(['always', '10 5 3600 1']);
    expect(bed.world.startsCount).toBe(1);
  });
});

describe('a store that keeps nothing', () => {
  it('restored from a backup is empty after its next restart, crash or wish', async () => {
    for (const end of ['restart', 'crash'] as const) {
      const bed = new TestBed();
      bed.seed = async function* () { yield Buffer.from('rdb'); };
      const instance = bed.create({ persistence: 'NONE', seed: { kind: 'BACKUP', backupId: 'b' } });
      await bed.converge(instance.id);
      expect(bed.world.dataOf(port)).toBe('rdb');
      expect(files(bed).snapshot).toBeUndefined();
      if (end === 'restart') bed.change(instance, 'RESTART_INSTANCE', { restartNonce: 1 });
      else bed.world.crash(instance.id);
      await bed.converge(instance.id);
      expect(bed.world.dataOf(port)).toBe('empty');
    }
  });

  it('loads its first data again when it dies before it was ever ready', async () => {
    const bed = new TestBed();
    bed.seed = async function* () { yield Buffer.from('rdb'); };
    const instance = bed.create({ persistence: 'NONE', seed: { kind: 'BACKUP', backupId: 'b' } });
    bed.world.loadingAnswersOfNext = 1;
    await bed.pass(instance.id);
    bed.world.crash(instance.id);
    await bed.converge(instance.id);
    expect(bed.world.dataOf(port)).toBe('rdb');
  });

  it('keeps the snapshot of a backup that is being taken, and loses it when that is over', async () => {
    const { bed, instance } = await running('NONE');
    const [directory] = [...bed.world.directories.values()];
    bed.records.backedUp.add(instance.id);
    directory!.data = 'of the backup';
    expect(await bed.pass(instance.id)).toEqual({ result: 'settled', lookAgainMs: 5000 });
    expect(directory!.data).toBe('of the backup');
    bed.records.backedUp.clear();
    await bed.pass(instance.id);
    expect(directory!.data).toBeUndefined();
  });

  it('does not load what a backup left behind that was cut off together with everything else', async () => {
    const { bed, instance } = await running('NONE');
    [...bed.world.directories.values()][0]!.data = 'of the backup';
    expect(await crashAndReturn(bed, instance)).toBe('empty');
  });
});

describe('a start', () => {
  it('gives the store the threads of its plan, as far as there are cores, and the row tells them', async () => {
    const bed = new TestBed();
    const instance = bed.create({ planId: 'large' });
    await bed.converge(instance.id);
    expect(bed.world.setting(port, 'threads')).toBe('4');
    bed.change(instance, 'UPDATE_INSTANCE', { planId: 'xlarge' });
    await bed.converge(instance.id);
    expect([...bed.records.members.values()][0]!.threads).toBe(4);
    bed.change(instance, 'RESTART_INSTANCE', { restartNonce: 1 });
    await bed.converge(instance.id);
    expect([...bed.records.members.values()][0]!.threads).toBe(6);
  });
});

/** `floor`: the number of the newest write that nothing may take away any more. */
async function live(seed: number): Promise<void> {
  const random = seededRandom(seed);
  let mode = persistences[random.int(4)]!;
  const { bed, instance } = await running(mode);
  let [written, floor, isSettled] = [0, 0, true];
  const numberOf = (data: string | undefined): number => Number(/^w(\d+)$/.exec(data ?? '')?.[1] ?? 0);
  for (let chapter = 0; chapter < 12; chapter += 1) {
    switch (random.int(4)) {
      case 0:
        bed.world.write(port, `w${(written += 1)}`);
        if (isSettled && keepsAll(mode)) floor = bed.world.dataOf(port) === `w${written}` ? written : floor;
        break;
      case 1:
        mode = persistences[random.int(4)]!;
        if (mode === 'NONE') floor = 0;
        isSettled = false;
        wish(bed, instance, mode);
        break;
      case 2:
        await bed.pass(instance.id, { atCall: 1 + random.int(40), hasEffect: random.next() < 0.5 });
        bed.clock.step(leaseMs);
        break;
      case 3:
        await bed.converge(instance.id);
        isSettled = true;
        // What the mode holds from here on: all of the memory in a log, or what its snapshot holds.
        if (keepsAll(mode)) floor = Math.max(floor, numberOf(bed.world.dataOf(port)));
        break;
    }
    if (random.next() < 0.3) {
      bed.world.crash(instance.id);
      bed.clock.step(minuteMs);
      await bed.converge(instance.id);
      isSettled = true;
      const back = numberOf(bed.world.dataOf(port));
      if (back < floor) throw new Error(`seed ${seed}, chapter ${chapter}: ${mode} came back with w${back}, w${floor} was promised`);
      written = back;
      floor = keepsAll(mode) ? back : floor;
    }
  }
}
