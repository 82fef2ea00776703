/** Our Sentinels over redis-server's primaries and replicas, alone and in one quorum with redis-sentinel. */
import { describeNeeding, waitFor } from '@larder/shared-testing';
import type { SentinelKind } from './sentinel-process';
import { Watched } from './watched';

/** Failovers of each mixed quorum; more by hand: LARDER_FAILOVERS=10. */
const FAILOVERS = Number(process.env['LARDER_FAILOVERS'] ?? 2);

async function withWatched(options: Parameters<typeof Watched.start>[0], test: (watched: Watched) => Promise<void>): Promise<void> {
  const watched = await Watched.start(options);
  try {
    await test(watched);
  } catch (error) {
    const logs = watched.sentinels.map((sentinel) => `--- ${sentinel.kind} ${sentinel.port}\n${sentinel.log().slice(-6000)}`).join('\n');
    throw new Error(`${String((error as Error).stack)}\n${logs}`, { cause: error });
  } finally {
    await watched.stop();
  }
}

async function roleOf(watched: Watched, port: number): Promise<string> {
  const client = await watched.servers.get(port)!.connect();
  const [role, host, of] = (await client.ask('ROLE')) as [string, string, number];
  client.close();
  return role === 'slave' ? `slave of ${host}:${of}` : role;
}

describeNeeding(['redis-server'], 'three Sentinels of ours over redis-server', () => {
  test('find a new primary when it is killed, and make the old one follow it when it is back', () =>
    withWatched({ sentinels: ['ours', 'ours', 'ours'] }, async (watched) => {
      const old = await watched.sentinels[0]!.primaryPort();
      const killedAt = performance.now();
      const next = await watched.failOver();
      const promoted = Math.min(...watched.sentinels.flatMap((sentinel) => sentinel.seen('+promoted-slave').map(({ atMs }) => atMs)));
      expect(promoted - killedAt).toBeLessThan(5000);
      expect(await roleOf(watched, next)).toBe('master');
      const third = [...watched.servers.keys()].find((port) => port !== old && port !== next)!;
      await waitFor('the other replica to follow', async () => (await roleOf(watched, third)) === `slave of 127.0.0.1:${next}`);
      expect(watched.elections()).toHaveLength(1);
      for (const sentinel of watched.sentinels) expect(sentinel.seen('+switch-master').map(({ message }) => message)).toEqual([`mymaster 127.0.0.1 ${old} 127.0.0.1 ${next}`]);
      await watched.revive(old);
      await waitFor('the old primary to follow', async () => (await roleOf(watched, old)) === `slave of 127.0.0.1:${next}`, 30_000);
    }), 120_000);

  test('find a new primary when it hangs', () =>
    withWatched({ sentinels: ['ours', 'ours', 'ours'] }, async (watched) => {
      const old = await watched.sentinels[0]!.primaryPort();
      process.kill(watched.servers.get(old)!.pid, 'SIGSTOP');
      const next = await watched.switchedFrom(old);
      process.kill(watched.servers.get(old)!.pid, 'SIGCONT');
      await waitFor('the old primary to follow', async () => (await roleOf(watched, old)) === `slave of 127.0.0.1:${next}`, 30_000);
    }), 120_000);

  test('hand over when they are told to, with nothing lost', () =>
    withWatched({ sentinels: ['ours', 'ours', 'ours'] }, async (watched) => {
      const old = await watched.sentinels[0]!.primaryPort();
      const client = await watched.servers.get(old)!.connect();
      await client.ask('SET', 'k', 'v');
      await client.ask('WAIT', '2', '5000');
      client.close();
      expect(await watched.sentinels[1]!.ask('SENTINEL', 'FAILOVER', 'mymaster')).toBe('OK');
      const next = await watched.switchedFrom(old);
      await waitFor('the old primary to follow without waiting to be converted', async () => (await roleOf(watched, old)) === `slave of 127.0.0.1:${next}`);
      for (const sentinel of watched.sentinels) expect(sentinel.seen('+convert-to-slave')).toEqual([]);
      await watched.replicasLinked(next);
      const after = await watched.servers.get(next)!.connect();
      expect(await after.ask('GET', 'k')).toBe('v');
      after.close();
    }), 120_000);
});

const quorums: readonly (readonly SentinelKind[])[] = [
  ['ours', 'ours', 'stock'],
  ['ours', 'stock', 'stock'],
];

describeNeeding(['redis-server'], 'ours and redis-sentinel in one quorum', () => {
  test.each(quorums)('%s, %s and %s elect one leader for each failover and agree on its outcome', (...sentinels) =>
    // redis-sentinel connects to a new primary up to a second late, and with a second to answer that would count as down again.
    withWatched({ sentinels, downAfterMs: 1500 }, async (watched) => {
      for (let round = 1; round <= FAILOVERS; round++) {
        const before = watched.elections().length;
        const old = await watched.sentinels[0]!.primaryPort();
        const next = await watched.failOver();
        const epochs = await Promise.all(watched.sentinels.map(async (sentinel) => (await sentinel.fields('MASTER', 'mymaster')).get('config-epoch')));
        expect(new Set(epochs).size).toBe(1);
        const elections = watched.elections();
        expect(elections).toHaveLength(before + 1);
        expect(elections.some(({ epoch }) => String(epoch) === epochs[0])).toBe(true);
        expect(new Set(elections.map(({ epoch }) => epoch)).size).toBe(elections.length);
        await watched.revive(old);
        await watched.replicasLinked(next);
        await watched.known();
      }
      const leaders = watched.elections().map(({ sentinel }) => sentinel.kind);
      process.stdout.write(`leaders of ${FAILOVERS} failovers by ${sentinels.join(', ')}: ${leaders.join(' ')}\n`);
    }), 60_000 * (FAILOVERS + 1));
});
