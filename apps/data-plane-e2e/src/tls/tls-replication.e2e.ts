/** Replicas over TLS, each kind of server following each: a full synchronisation of large and small values, the stream, a new certificate. */
import { describeNeeding, freePort, startStore, waitFor } from '@larder/shared-testing';
import type { Store, StoreKind } from '@larder/shared-testing';
import { makeCertificates, serverArguments } from './certificates.ts';
import type { Certificates } from './certificates.ts';

const PAIRS: readonly [primary: StoreKind, replica: StoreKind][] = [
  ['larder-server', 'redis-server'],
  ['redis-server', 'larder-server'],
  ['larder-server', 'larder-server'],
];

describeNeeding(['openssl', 'redis-server'], 'replication over TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  it.each(PAIRS)('%s feeds %s', async (primaryKind, replicaKind) => {
    const stores: Store[] = [];
    const start = async (kind: StoreKind, port: number, args: readonly string[]) => {
      const store = await startStore({ kind, args: [...serverArguments(certificates, port), '--tls-replication', 'yes', '--enable-debug-command', 'yes', ...args] });
      stores.push(store);
      return { store, client: await store.connect() };
    };
    try {
      const port = await freePort();
      const primary = await start(primaryKind, port, ['--repl-diskless-sync', 'no']);
      await primary.client.pipeline(Array.from({ length: 20_000 }, (_, i) => ['SET', `key:${i}`, `value:${i}`]));
      await primary.client.pipeline(Array.from({ length: 8 }, (_, i) => ['SET', `large:${i}`, 'x'.repeat(1 << 20)]));
      const replica = await start(replicaKind, await freePort(), ['--replicaof', `127.0.0.1 ${port}`]);
      const isUp = async () => String(await replica.client.ask('INFO', 'replication')).includes('master_link_status:up');
      await waitFor('the link to be up', isUp, 20_000);
      await primary.client.pipeline(Array.from({ length: 5000 }, (_, i) => ['RPUSH', `list:${i % 50}`, `element:${i}`]));
      await primary.client.ask('SET', 'large:0', 'y'.repeat(3 << 20));
      const isSame = async () => (await primary.client.ask('DEBUG', 'DIGEST')) === (await replica.client.ask('DEBUG', 'DIGEST'));
      await waitFor('both to have the same data', isSame, 20_000);
      // Links that are up stay up; the next one shows the new certificate.
      for (const { client } of [primary, replica]) {
        await client.ask('CONFIG', 'SET', 'tls-cert-file', certificates.cert('renewed'), 'tls-key-file', certificates.key('renewed'));
      }
      await primary.client.ask('SET', 'after', 'renewal');
      await waitFor('the stream to go on', isSame);
      await primary.client.ask('CLIENT', 'KILL', 'TYPE', 'replica');
      await primary.client.ask('SET', 'after', 'a new link');
      await waitFor('the link to be up again', async () => (await isUp()) && (await isSame()), 20_000);
    } finally {
      for (const store of stores) await store.stop();
    }
  }, 60_000);
});
