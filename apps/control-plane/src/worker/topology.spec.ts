// From one store to several and back while a tenant writes: what was acknowledged is there, the endpoint stays, and a change that is called off
// leaves everything as it was.
import { memberKindOf } from '@larder/plane-domain';
import { CountingWriter, GroupWorld, innerPassword } from '../testing/group-world';

jest.setTimeout(120_000);

describe('an instance that changes its topology', () => {
  const world = new GroupWorld();
  let id: string;
  let port: number;
  let writer: CountingWriter;
  let loop: ReturnType<GroupWorld['worker']>['loop'];

  beforeAll(async () => {
    await world.start();
    ({ loop } = world.worker());
    id = await world.create('orders', { topology: 'STANDALONE' });
    ({ port } = (await world.settled(loop, id)).endpoint!);
    writer = new CountingWriter(world.connect({ host: '127.0.0.1', port }));
  });
  afterAll(async () => {
    await writer.stop();
    await world.stop();
  });

  const names = async (): Promise<string[]> => (await world.membersOf(id)).map(({ name }) => name);
  const system = async (name: string) => world.connect({ host: '127.0.0.1', port: (await world.memberOf(id, name)).port, username: 'larder-system', password: innerPassword });
  const setting = async (name: string, what: string): Promise<string> => ((await (await system(name)).call('CONFIG', 'GET', what)) as string[])[1]!;

  async function nothingLost(what: string): Promise<void> {
    const { acknowledged } = writer;
    await world.until(() => writer.acknowledged > acknowledged + 20, `writes after ${what}`);
    const fresh = world.connect({ host: '127.0.0.1', port });
    // The writer goes on while the answer is under way.
    const { last } = writer;
    expect([writer.wentBack, Number(await fresh.get('written')) >= last]).toEqual([false, true]);
    process.stdout.write(`${what}: no write was acknowledged for ${Math.round(writer.longestGapMs)} ms\n`);
    writer.reset();
  }

  it('becomes highly available under writes', async () => {
    const before = (await world.memberOf(id, 'a')).identity!.pid;
    const operation = await world.change(id, 'CHANGE_TOPOLOGY', { topology: 'HA', replicas: 2 });
    const row = await world.settled(loop, id);
    await nothingLost('to several');
    expect(row.endpoint!.port).toBe(port);
    expect(row.availability).toMatchObject({ primary: 'a', sentinelsUp: 3 });
    expect(await names()).toEqual(['a', 'b', 'c', 'gate', 'reads', 'sentinel-1', 'sentinel-2', 'sentinel-3']);
    expect([(await world.memberOf(id, 'a')).identity!.pid, (await world.memberOf(id, 'gate')).port]).toEqual([before, port]);
    expect((await world.operation(operation)).steps.map(({ state }) => state)).toEqual(Array(9).fill('DONE'));
    await expect(world.connect({ host: '127.0.0.1', port }).call('CONFIG', 'GET', 'masterauth')).rejects.toThrow('NOPERM');
    expect(await setting('a', 'min-replicas-to-write')).toBe('1');
  });

  it('hands over to a store of one’s choice, and survives the loss of that one', async () => {
    const { configEpoch } = (await world.rowOf(id)).availability!;
    await world.change(id, 'PROMOTE', { handover: { id: world.ids.next(), mode: 'SWITCHOVER', epoch: configEpoch, target: 'c', askedAt: new Date().toISOString() } });
    await world.settled(loop, id, (row) => row.availability?.primary === 'c');
    await nothingLost('promotion');
    await world.until(async () => (await setting('c', 'replica-priority')) === '100', 'the usual priority of the chosen one');
    process.kill((await world.memberOf(id, 'c')).identity!.pid, 'SIGKILL');
    await world.settled(loop, id, (row) => row.availability?.primary !== 'c' && row.availability!.stores.every(({ role, isLinkUp }) => role === 'PRIMARY' || isLinkUp));
    // (What a killed primary had acknowledged on its own may be gone.)
    writer.last = 0;
    await nothingLost('death');
  });

  it('goes on with several where the way back is called off, at whatever point', async () => {
    for (const step of ['PENDING', 'fold']) {
      const before = await names();
      const operation = await world.change(id, 'CHANGE_TOPOLOGY', { topology: 'STANDALONE', replicas: 0 });
      if (step === 'fold') {
        // The Sentinels are gone.
        await Promise.all([loop.wake(id), world.until(async () => (await world.membersOf(id)).every(({ name }) => memberKindOf(name) !== 'SENTINEL'), 'the end of the watch')]);
      }
      const isCalledOff = await world.records.operations.requestCancel(world.organizationId, operation, new Date());
      await world.settled(loop, id);
      await world.until(async () => (await world.operation(operation)).endedAt !== null, 'the end of the operation');
      await nothingLost(`called off at ${step}`);
      if (!isCalledOff) continue;
      expect([(await world.operation(operation)).phase, await names(), (await world.rowOf(id)).spec]).toMatchObject(['CANCELED', before, { topology: 'HA', replicas: 2 }]);
    }
  });

  it('goes back to the one store that is primary', async () => {
    if ((await world.rowOf(id)).spec.topology === 'STANDALONE') await world.change(id, 'CHANGE_TOPOLOGY', { topology: 'HA', replicas: 2 });
    const { availability } = await world.settled(loop, id);
    await world.change(id, 'CHANGE_TOPOLOGY', { topology: 'STANDALONE', replicas: 0 });
    const row = await world.settled(loop, id);
    await nothingLost('to one');
    expect([row.endpoint!.port, row.availability, await names()]).toEqual([port, null, [availability!.primary]]);
    expect(world.processes()).toHaveLength(1);
    const tenant = world.connect({ host: '127.0.0.1', port });
    expect([await tenant.call('CONFIG', 'GET', 'masterauth'), await setting(availability!.primary, 'min-replicas-to-write')]).toEqual([['masterauth', ''], '0']);
  });

  it('stays as it is where the way to several is called off, whoever was started by then', async () => {
    const [store] = await names();
    const pid = (await world.memberOf(id, store!)).identity!.pid;
    const operation = await world.change(id, 'CHANGE_TOPOLOGY', { topology: 'HA', replicas: 1 });
    void loop.wake(id);
    await world.until(async () => (await world.membersOf(id)).some(({ name, startedAt }) => name === 'gate' && startedAt !== null), 'the proxy');
    const isCalledOff = await world.records.operations.requestCancel(world.organizationId, operation, new Date());
    await world.settled(loop, id, (row) => row.spec.topology === 'STANDALONE' || !isCalledOff);
    await nothingLost('called off on the way to several');
    expect([isCalledOff, await names(), world.processes()]).toEqual([true, [store], [String(pid)]]);
    expect(await world.operation(operation)).toMatchObject({ phase: 'CANCELED', errorReason: 'Canceled' });
  });
});
