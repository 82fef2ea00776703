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
