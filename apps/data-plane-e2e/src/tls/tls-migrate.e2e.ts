/** MIGRATE over TLS (`tls-cluster yes`): to each kind of server, and to one whose certificate comes from somebody unknown. */
import { describeNeeding, freePort, startStore } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';
import { makeCertificates, serverArguments } from './certificates.ts';
import type { Certificates } from './certificates.ts';

describeNeeding(['openssl', 'redis-server'], 'MIGRATE over TLS', () => {
  let certificates: Certificates;
  let source: Store;
  let from: RawClient;
  beforeAll(async () => {
    certificates = makeCertificates();
    source = await startStore({ kind: 'larder-server', args: [...serverArguments(certificates, await freePort()), '--tls-cluster', 'yes'] });
    from = await source.connect();
  });
  afterAll(async () => {
    await source?.stop();
    certificates.remove();
  });

  const move = async (port: number, ...words: string[]): Promise<string> => (await from.command('MIGRATE', '127.0.0.1', String(port), ...words)).raw.toString('latin1');

  it.each<StoreKind>(['redis-server', 'larder-server'])('sends small and large keys to %s, which lets in nobody without a certificate', async (kind) => {
    const port = await freePort();
    const target = await startStore({ kind, args: [...serverArguments(certificates, port), '--tls-auth-clients', 'yes'] });
    const to = await target.connect();
    const large = 'x'.repeat(3 << 20);
    await from.pipeline([['SET', 'small', 'v'], ['SET', 'large', large], ['RPUSH', 'list', ...Array.from({ length: 2000 }, (_, at) => `element:${at}`)]]);
    expect(await move(port, '', '0', '5000', 'KEYS', 'small', 'large', 'list')).toBe('+OK\r\n');
    expect(await from.ask('DBSIZE')).toBe(0);
    expect([await to.ask('GET', 'small'), await to.ask('LLEN', 'list'), (await to.ask('GET', 'large')) === large]).toEqual(['v', 2000, true]);
    // The same connection again, and the port that speaks plain text: no handshake, nothing lost.
    await from.ask('SET', 'again', '1');
    expect(await move(port, 'again', '0', '5000')).toBe('+OK\r\n');
    await from.ask('SET', 'stays', '1');
    expect(await move(target.port, 'stays', '0', '500')).toBe('-IOERR error or timeout connecting to the client\r\n');
    expect(await from.ask('GETDEL', 'stays')).toBe('1');
    await target.kill();
  });

  it('sends nothing to a server that it cannot trust', async () => {
    const port = await freePort();
    const { ca, cert, key } = certificates;
    const stranger = await startStore({ kind: 'redis-server', args: ['--tls-port', String(port), '--tls-cert-file', cert('stranger'), '--tls-key-file', key('stranger'), '--tls-ca-cert-file', ca] });
    await from.ask('SET', 'k', 'v');
    expect(await move(port, 'k', '0', '1000')).toBe('-IOERR error or timeout connecting to the client\r\n');
    expect(await from.ask('GET', 'k')).toBe('v');
    expect(await (await stranger.connect()).ask('DBSIZE')).toBe(0);
    await stranger.kill();
  });
});
