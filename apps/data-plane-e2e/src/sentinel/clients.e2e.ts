/** Sentinel clients of the languages, following a failover through our Sentinels. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { createSentinel } from 'redis';
import { describeNeeding, waitFor } from '@larder/shared-testing';
import { Watched } from './watched';

const run = promisify(execFile);

describeNeeding(['redis-server'], 'clients that ask Sentinels', () => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await Watched.start({ sentinels: ['ours', 'ours', 'ours'] });
  }, 60_000);
  afterAll(() => watched.stop());

  describe('as users who see one of several primaries', () => {
    const nowhere = '127.0.0.1 1';
    beforeAll(async () => {
      for (const sentinel of watched.sentinels) {
        await sentinel.ask('SENTINEL', 'MONITOR', 'neighbour', ...nowhere.split(' '), '3');
        await sentinel.ask('ACL', 'SETUSER', 'tenant', 'on', '>secret', '~mymaster', '&*', '+@all', '-@dangerous', '+sentinel', '+info', '+role');
      }
    });
    afterAll(async () => {
      for (const sentinel of watched.sentinels) await sentinel.ask('SENTINEL', 'REMOVE', 'neighbour');
    });
    const sentinels = () => watched.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));

    test('they are told of it alone, whatever they ask and listen to', async () => {
      const client = new Redis({ ...sentinels()[0]!, username: 'tenant', password: 'secret', enableReadyCheck: false });
      const listener = client.duplicate();
      const heard: string[] = [];
      try {
        await listener.psubscribe('*');
        listener.on('pmessage', (_pattern, channel: string, message: string) => void heard.push(`${channel} ${message}`));
        for (const command of [['SENTINEL', 'MASTERS'], ['INFO', 'sentinel'], ['ROLE'], ['SENTINEL', 'INFO-CACHE', 'mymaster', 'neighbour']]) {
          const answer = JSON.stringify(await client.call(command[0]!, ...command.slice(1)));
          expect(answer).toContain('mymaster');
          expect(answer).not.toContain('neighbour');
        }
        expect(await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'neighbour')).toBeNull();
        for (const command of ['MASTER', 'REPLICAS', 'SENTINELS', 'CKQUORUM', 'REMOVE']) await expect(client.call('SENTINEL', command, 'neighbour')).rejects.toThrow('ERR No such master with that name');
        for (const name of ['neighbour', 'mymaster']) await watched.sentinels[0]!.ask('SENTINEL', 'SET', name, 'parallel-syncs', '1');
        await waitFor('the event about its own', () => heard.some((line) => line.includes('mymaster')));
        expect(heard.filter((line) => line.includes('neighbour'))).toEqual([]);
      } finally {
        client.disconnect();
        listener.disconnect();
      }
    });

    test('ioredis and node-redis find their way', async () => {
      const first = new Redis({ sentinels: sentinels(), name: 'mymaster', sentinelUsername: 'tenant', sentinelPassword: 'secret' });
      const second = createSentinel({ name: 'mymaster', sentinelRootNodes: sentinels(), sentinelClientOptions: { username: 'tenant', password: 'secret' } });
      second.on('error', () => undefined);
      try {
        expect(await first.set('k', 'ioredis')).toBe('OK');
        await second.connect();
        expect(await second.get('k')).toBe('ioredis');
      } finally {
        first.disconnect();
        second.destroy();
      }
    });

    describeNeeding(['python3-redis'], 'redis-py', () => {
      test('finds its way', async () => {
        const script = `
import sys
from redis.sentinel import Sentinel
sentinel = Sentinel([('127.0.0.1', int(port)) for port in sys.argv[1:]], sentinel_kwargs={'username': 'tenant', 'password': 'secret'}, socket_timeout=1)
print(sentinel.master_for('mymaster', socket_timeout=1).get('k').decode(), len(sentinel.discover_slaves('mymaster')))
`;
        expect((await run('/usr/bin/python3', ['-c', script, ...watched.sentinels.map(({ port }) => String(port))])).stdout).toBe('ioredis 2\n');
      });
    });
  });

  test('ioredis goes on writing on the new primary, and reads from replicas', async () => {
    const sentinels = watched.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    const client = new Redis({ sentinels, name: 'mymaster', retryStrategy: () => 50, maxRetriesPerRequest: null });
    const reader = new Redis({ sentinels, name: 'mymaster', role: 'slave', retryStrategy: () => 50, maxRetriesPerRequest: null });
    for (const each of [client, reader]) each.on('error', () => undefined);
    try {
      await client.set('k', 'before');
      await waitFor('the replica to have it', async () => (await reader.get('k')) === 'before');
      const old = await watched.sentinels[0]!.primaryPort();
      const next = await watched.failOver();
      await waitFor('writes to be taken', async () => (await client.set('k', 'after')) === 'OK');
      const direct = await watched.servers.get(next)!.connect();
      expect(await direct.ask('GET', 'k')).toBe('after');
      direct.close();
      await watched.revive(old);
      await watched.replicasLinked(next);
      await watched.known();
    } finally {
      client.disconnect();
      reader.disconnect();
    }
  }, 120_000);

  test('node-redis goes on writing on the new primary', async () => {
    const sentinelRootNodes = watched.sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    const client = createSentinel({ name: 'mymaster', sentinelRootNodes, scanInterval: 200, replicaPoolSize: 1 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      expect(await client.set('k', 'node')).toBe('OK');
      const old = await watched.sentinels[0]!.primaryPort();
      const next = await watched.failOver();
      await waitFor('writes to be taken', async () => (await client.set('k', 'after node')) === 'OK', 20_000);
      const direct = await watched.servers.get(next)!.connect();
      expect(await direct.ask('GET', 'k')).toBe('after node');
      direct.close();
      await watched.revive(old);
      await watched.replicasLinked(next);
      await watched.known();
    } finally {
      client.destroy();
    }
  }, 120_000);

  describeNeeding(['python3-redis'], 'redis-py', () => {
    test('finds the primary before and after a failover, and its replicas', async () => {
      const script = `
import sys, time
from redis.sentinel import Sentinel
sentinel = Sentinel([('127.0.0.1', int(port)) for port in sys.argv[1:]], socket_timeout=1)
primary = sentinel.master_for('mymaster', socket_timeout=1)
primary.set('k', 'py')
before = sentinel.discover_master('mymaster')[1]
assert len(sentinel.discover_slaves('mymaster')) == 2
assert sentinel.sentinels[0].sentinel_master('mymaster')['is_master']
print(before, flush=True)
sys.stdin.readline()
primary.set('k', 'after')
after = sentinel.discover_master('mymaster')[1]
assert after != before
print(after, flush=True)
`;
      const child = run('/usr/bin/python3', ['-c', script, ...watched.sentinels.map(({ port }) => String(port))], { timeout: 60_000 });
      const before = await new Promise<number>((resolve) => child.child.stdout!.once('data', (line: Buffer) => resolve(Number(line))));
      const next = await watched.failOver();
      expect(before).not.toBe(next);
      child.child.stdin!.end('\n');
      expect((await child).stdout.trim().split('\n').map(Number)).toEqual([before, next]);
    }, 120_000);
  });
});
