/** Sentinels over primaries and replicas of ours. */
import { describeNeeding, waitFor } from '@larder/shared-testing';
import type { SentinelKind } from './sentinel-process';
import { Watched } from './watched';

const quorums: readonly (readonly SentinelKind[])[] = [
  ['ours', 'ours', 'ours'],
  ['stock', 'stock', 'ours'],
];

describeNeeding(['redis-server'], 'servers of ours that Sentinels watch', () => {
  test.each(quorums)('%s, %s, %s: a replica takes over when the primary is killed, and that one follows it when it is back', (...sentinels) =>
    Watched.start({ sentinels, server: 'larder-server', downAfterMs: 1500 }).then(async (watched) => {
      try {
        const old = await watched.sentinels[0]!.primaryPort();
        const before = await watched.servers.get(old)!.connect();
        await before.ask('SET', 'k', 'v');
        expect(await before.ask('WAIT', '2', '5000')).toBe(2);
        const next = await watched.failOver();
        await watched.revive(old);
        await watched.replicasLinked(next);
        const after = await watched.servers.get(next)!.connect();
        expect(await after.ask('GET', 'k')).toBe('v');
        await after.ask('SET', 'k2', 'v2');
        const third = await watched.servers.get(old)!.connect();
        await waitFor('the old primary to have what the new one has', async () => (await third.ask('GET', 'k2')) === 'v2');
        expect(watched.elections()).toHaveLength(1);
        for (const client of [before, after, third]) client.close();
      } catch (error) {
        const logs = [...watched.sentinels.map((sentinel) => sentinel.log()), ...[...watched.servers.values()].map((server) => server.log())];
        throw new Error(`${String((error as Error).stack)}\n${logs.map((log) => log.slice(-3000)).join('\n---\n')}`, { cause: error });
      } finally {
        await watched.stop();
      }
    }), 120_000);
});
