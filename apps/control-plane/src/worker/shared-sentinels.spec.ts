// Two instances of an organization that three Sentinels watch together, of real processes: each is failed over by itself, neither's user sees
// the other, one goes and the other stays, and the Sentinels go with the last. LARDER_TEST_ENGINE=redis-server goes the same road.
import { readdirSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Redis } from 'ioredis';
import { memberKindOf, sentinelGroupName, type InstanceMemberRow, type InstanceRow } from '@larder/plane-domain';
import { ArchiveWorld, larderServer } from '../testing/archive-world';

jest.setTimeout(120_000);

describe('Sentinels of an organization', () => {
  const isOurs = process.env['LARDER_TEST_ENGINE'] === undefined;
  const world = new ArchiveWorld(process.env['LARDER_TEST_ENGINE'] ?? larderServer);
  const clients: Redis[] = [];
  const password = 'a tenant’s own';

  beforeAll(() => world.start());
  afterAll(async () => {
    for (const each of clients) each.disconnect();
    await world.stop();
  });

  const rowOf = async ({ id }: { id: string }): Promise<InstanceRow> => (await world.work.records.instances.byIdForLoop(id))!;
  const membersOf = ({ id }: { id: string }): Promise<readonly InstanceMemberRow[]> => world.work.records.instanceMembers.ofInstances([id]);
  const group = () => world.work.records.instances.byName(world.organizationId, sentinelGroupName);
  const connect = (options: object): Redis => {
    const redis = new Redis({ retryStrategy: () => 50, maxRetriesPerRequest: 3, disconnectTimeout: 0, ...options }).on('error', () => undefined);
    clients.push(redis);
    return redis;
  };
  const processes = (): number => readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(`${world.home}/instances`);
    } catch {
      return false;
    }
  }).length;

  it('watch each by its own name, show its user nothing of the other, and go with the last', async () => {
    const began = performance.now();
    const wish = { planId: 'nano', topology: 'HA', replicas: 1, sentinels: 'ORGANIZATION' } as const;
    const [first, second] = [await world.create('first', wish), await world.create('second', wish)];
    process.stdout.write(`both ready in ${Math.round(performance.now() - began)} ms\n`);
    const shared = (await group())!;
    const sentinels = (await membersOf(shared)).map(({ port }) => ({ host: '127.0.0.1', port }));
    expect([sentinels.length, (await membersOf(first)).some(({ name }) => memberKindOf(name) === 'SENTINEL')]).toEqual([3, false]);
    // Nobody who lists or counts instances sees the group, nor who knows its id.
    expect([await world.work.records.instances.byId(world.organizationId, shared.id), await world.work.records.instances.byIds(world.organizationId, [shared.id])]).toEqual([undefined, []]);
    const { items } = await world.work.records.instances.page(world.organizationId, { first: 10, after: null }, {});
    expect([items.map(({ id }) => id).sort(), (await world.work.records.organizations.usage(world.organizationId)).INSTANCES]).toEqual([[first.id, second.id].sort(), 2]);

    const own = connect({ sentinels, name: first.id, sentinelUsername: first.id, sentinelPassword: password, password });
    await own.set('whose', 'first');
    const other = connect({ sentinels, name: second.id, sentinelUsername: second.id, sentinelPassword: password, password });
    await other.set('whose', 'second');
    const asked = connect({ ...sentinels[0]!, username: first.id, password, enableReadyCheck: false });
    const listing = [['SENTINEL', 'MASTERS'], ['INFO', 'sentinel'], ['ROLE'], ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', second.id]];
    // Ours show it its own alone; others do not, so there it may not look.
    if (isOurs) for (const command of listing) expect(JSON.stringify(await asked.call(command[0]!, ...command.slice(1)))).not.toContain(second.id);
    if (isOurs) expect(JSON.stringify(await asked.call('SENTINEL', 'MASTERS'))).toContain(first.id);
    for (const command of [...(isOurs ? [] : [...listing.slice(0, 3), ['PSUBSCRIBE', '*']]), ['SENTINEL', 'REMOVE', second.id], ['SENTINEL', 'FAILOVER', first.id], ['ACL', 'LIST']]) {
      await expect(asked.call(command[0]!, ...command.slice(1))).rejects.toThrow('NOPERM');
    }
    // Its password is no other's.
    await expect(connect({ ...sentinels[0]!, username: 'default', password, maxRetriesPerRequest: 0, retryStrategy: () => null }).call('SENTINEL', 'MASTERS')).rejects.toThrow();

    const before = await rowOf(second);
    const victim = (await membersOf(first)).find(({ name }) => name === 'a')!;
    process.kill(victim.identity!.pid, 'SIGKILL');
    await world.until('a failover of the first', async () => {
      await world.reconcile.wake(first.id);
      const { availability } = await rowOf(first);
      return availability!.primary === 'b' && availability!.stores.every(({ role, isLinkUp }) => role === 'PRIMARY' || isLinkUp) ? true : undefined;
    });
    expect(await own.get('whose')).toBe('first');
    const gated = world.connect(await rowOf(first));
    expect(await gated.get('whose')).toBe('first');
    await gated.quit();
    await world.reconcile.wake(second.id);
    expect((await rowOf(second)).availability).toMatchObject({ primary: 'a', configEpoch: before.availability!.configEpoch });

    // A Sentinel that lost its memory is told everything again.
    const gone = (await membersOf(shared))[0]!;
    process.kill(gone.identity!.pid, 'SIGKILL');
    rmSync(path.join(gone.directory, 'redis.conf'));
    await world.until('three Sentinels', async () => {
      for (const id of [shared.id, first.id, second.id]) await world.reconcile.wake(id);
      const now = await rowOf(first);
      return now.availability!.sentinelsUp === 3 && now.conditions.find(({ type }) => type === 'Ready')?.status === 'TRUE' ? true : undefined;
    });

    await world.change(first, { desiredState: 'DELETED' });
    await world.until('the first to be forgotten', async () => {
      const system = await world.link.command(
        { ...sentinels[1]!, username: 'larder-system', password: Buffer.from(world.secrets.open(shared.systemPasswordSealed, `instance:${shared.id}:system-password`)).toString() },
        ['SENTINEL', 'MASTERS']);
      return system.ok && (system.value as unknown[]).length === 1 ? true : undefined;
    });
    expect(await other.get('whose')).toBe('second');
    expect((await rowOf(shared)).spec.desiredState).toBe('RUNNING');

    await world.change(second, { desiredState: 'DELETED' });
    await world.until('everybody to be gone', async () => (processes() === 0 ? true : undefined));
    expect([await group(), (await rowOf(shared)).deletedAt === null]).toEqual([undefined, false]);
    expect(world.faults).toEqual([]);
  });
});
