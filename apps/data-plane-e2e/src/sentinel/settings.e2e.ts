/** Sentinels in the surroundings that operators have: passwords, users, TLS, host names, renamed commands, daemons; and odd ends. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRaw, describeNeeding, freePort, waitFor } from '@larder/shared-testing';
import { makeCertificates } from '../tls/certificates';
import { SentinelProcess, sentinelCommand } from './sentinel-process';
import { Watched } from './watched';

async function withWatched(options: Parameters<typeof Watched.start>[0], test: (watched: Watched) => Promise<void>): Promise<void> {
  const watched = await Watched.start(options);
  try {
    await test(watched);
  } catch (error) {
    throw new Error(`${String((error as Error).stack)}\n${watched.sentinels.map((sentinel) => sentinel.log().slice(-4000)).join('\n---\n')}`, { cause: error });
  } finally {
    await watched.stop();
  }
}

describeNeeding(['redis-server'], 'a Sentinel', () => {
  test('signs in to servers as a user, and to other Sentinels as another', () =>
    withWatched({
      sentinels: ['ours', 'stock'], replicas: 1,
      serverArgs: ['--user', 'watcher', 'on', '>secret', '~*', '&*', '+@all', '--masteruser', 'watcher', '--masterauth', 'secret'],
      lines: ['user peer on >word ~* &* +@all', 'sentinel sentinel-user peer', 'sentinel sentinel-pass word', 'sentinel auth-user mymaster watcher', 'sentinel auth-pass mymaster secret'],
    }, async (watched) => {
      for (const server of watched.servers.values()) {
        const client = await server.connect();
        const list = String(await client.ask('CLIENT', 'LIST'));
        const named = list.split('\n').filter((line) => /name=sentinel-[0-9a-f]{8}-(cmd|pubsub)/.test(line));
        expect(named.map((line) => /user=(\S+)/.exec(line)![1])).toEqual(['watcher', 'watcher', 'watcher', 'watcher']);
        client.close();
      }
      for (const sentinel of watched.sentinels) {
        await waitFor('the other to sign in', async () => /name=sentinel-[0-9a-f]{8}-cmd.*user=peer/.test(String(await sentinel.ask('CLIENT', 'LIST'))));
      }
    }), 60_000);

  test('follows host names, and announces them', () =>
    withWatched({
      sentinels: ['ours', 'stock'], replicas: 0,
      lines: ['sentinel resolve-hostnames yes', 'sentinel announce-hostnames yes'],
    }, async (watched) => {
      const port = await watched.sentinels[0]!.primaryPort();
      for (const sentinel of watched.sentinels) {
        expect(await sentinel.ask('SENTINEL', 'MONITOR', 'byname', 'localhost', String(port), '1')).toBe('OK');
        await waitFor('the primary by its name', async () => (await sentinel.fields('MASTER', 'byname')).get('flags') === 'master');
        expect(await sentinel.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'byname')).toEqual(['localhost', String(port)]);
        expect(await sentinel.raw('SENTINEL', 'MONITOR', 'nowhere', 'no.such.host.invalid', '1', '1')).toMatchObject({ raw: Buffer.from('-ERR Invalid IP address or hostname specified\r\n') });
      }
    }), 60_000);

  test('calls renamed commands by their names', () =>
    withWatched({
      sentinels: ['ours'], replicas: 0, quorum: 1,
      serverArgs: ['--rename-command', 'PUBLISH', 'told', '--rename-command', 'CLIENT', 'who'], lines: ['sentinel rename-command mymaster PUBLISH told', 'sentinel rename-command mymaster CLIENT who'],
    }, async (watched) => {
      const [server] = watched.servers.values();
      const client = await server!.connect();
      expect(String(await client.ask('who', 'LIST'))).toMatch(/name=sentinel-[0-9a-f]{8}-cmd/);
      await client.ask('SUBSCRIBE', '__sentinel__:hello');
      expect((await client.frames(1))[0]!.toString()).toContain(String(await watched.sentinels[0]!.ask('SENTINEL', 'MYID')));
      client.close();
    }), 60_000);

  test('whose link to another is shared by all primaries that both watch', () =>
    withWatched({ sentinels: ['ours', 'stock'], replicas: 0 }, async (watched) => {
      const second = await watched.startServer();
      for (const sentinel of watched.sentinels) {
        await sentinel.ask('SENTINEL', 'MONITOR', 'second', '127.0.0.1', String(second.port), '2');
        await sentinel.ask('SENTINEL', 'SET', 'second', 'down-after-milliseconds', '1000');
      }
      for (const sentinel of watched.sentinels) {
        await waitFor('the other Sentinel beside the second primary', async () => {
          const peers = await sentinel.all('SENTINELS', 'second');
          return peers.length === 1 && peers[0]!.get('link-refcount') === '2' && peers[0]!.get('flags') === 'sentinel';
        });
      }
      await watched.sentinels[0]!.ask('SENTINEL', 'REMOVE', 'second');
      expect((await watched.sentinels[0]!.all('SENTINELS', 'mymaster'))[0]!.get('link-refcount')).toBe('1');
    }), 60_000);

  test('crashes where it is told to, and another one finishes the failover', () =>
    withWatched({ sentinels: ['ours', 'ours', 'ours'], replicas: 1 }, async (watched) => {
      const old = await watched.sentinels[0]!.primaryPort();
      await watched.sentinels[0]!.ask('SENTINEL', 'SIMULATE-FAILURE', 'crash-after-election');
      expect(await watched.sentinels[0]!.ask('SENTINEL', 'FAILOVER', 'mymaster')).toBe('OK');
      await waitFor('the crash', () => watched.sentinels[0]!.log().includes('Sentinel CRASH because of SENTINEL simulate-failure'));
      watched.sentinels = watched.sentinels.slice(1);
      await watched.servers.get(old)!.kill('SIGKILL');
      expect(await watched.switchedFrom(old)).not.toBe(old);
    }), 60_000);

  test('that was stopped for a while goes into TILT and says no to others', () =>
    withWatched({ sentinels: ['ours'], replicas: 0, quorum: 1 }, async (watched) => {
      const [sentinel] = watched.sentinels as [SentinelProcess];
      const port = await sentinel.primaryPort();
      await sentinel.ask('SENTINEL', 'DEBUG', 'tilt-trigger', '500', 'tilt-period', '1500');
      const pid = Number(/process_id:(\d+)/.exec(String(await sentinel.ask('INFO')))![1]);
      process.kill(pid, 'SIGSTOP');
      const stoppedAt = performance.now();
      await waitFor('a while', () => performance.now() - stoppedAt > 700);
      process.kill(pid, 'SIGCONT');
      await waitFor('TILT', async () => String(await sentinel.ask('INFO', 'sentinel')).includes('sentinel_tilt:1'));
      expect(await sentinel.ask('SENTINEL', 'IS-MASTER-DOWN-BY-ADDR', '127.0.0.1', String(port), '0', '*')).toEqual([0, '*', 0]);
      await waitFor('its end', () => sentinel.seen('-tilt').length === 1);
      expect(sentinel.seen('+tilt')[0]!.message).toBe('#tilt mode entered');
    }), 60_000);

  test('SHUTDOWN and SIGTERM end it with status 0, and the configuration keeps its id', () =>
    withWatched({ sentinels: ['ours'], replicas: 0, quorum: 1 }, async (watched) => {
      const [sentinel] = watched.sentinels as [SentinelProcess];
      const id = await sentinel.ask('SENTINEL', 'MYID');
      await sentinel.end('SIGTERM');
      expect(sentinel.log()).toContain('ready to exit, bye bye');
      await sentinel.begin();
      expect(await sentinel.ask('SENTINEL', 'MYID')).toBe(id);
    }), 60_000);
});

describeNeeding(['redis-server'], 'links of a Sentinel over TLS', () => {
  test('reach servers and other Sentinels', async () => {
    const certificates = makeCertificates();
    const { ca, cert, key } = certificates;
    const files = (name: 'server' | 'client') => ({ 'tls-cert-file': cert(name), 'tls-key-file': key(name), 'tls-ca-cert-file': ca });
    const watched = await Watched.start({ sentinels: [], replicas: 0 });
    try {
      const tlsPort = await freePort();
      await watched.startServer(['--tls-port', String(tlsPort), ...Object.entries(files('server')).flatMap(([name, value]) => [`--${name}`, value])]);
      const sentinels: SentinelProcess[] = [];
      for (const kind of ['ours', 'stock'] as const) {
        const lines = [`tls-port ${await freePort()}`, 'tls-replication yes', ...Object.entries(files('client')).map(([name, value]) => `${name} ${value}`)];
        sentinels.push(await SentinelProcess.start(kind, [...lines, `sentinel monitor mymaster 127.0.0.1 ${tlsPort} 2`, 'sentinel down-after-milliseconds mymaster 3000']));
      }
      watched.sentinels = sentinels;
      for (const sentinel of sentinels) {
        await waitFor('the primary and the other Sentinel', async () => {
          const peers = await sentinel.all('SENTINELS', 'mymaster');
          return (await sentinel.fields('MASTER', 'mymaster')).get('flags') === 'master' && peers.length === 1 && peers[0]!.get('flags') === 'sentinel';
        });
      }
    } finally {
      await watched.stop();
      certificates.remove();
    }
  }, 60_000);
});

describe('starting a Sentinel', () => {
  const start = (args: (file: string) => string[], text?: string) => {
    const dir = mkdtempSync(join(tmpdir(), 'larder-sentinel-'));
    const file = join(dir, 'sentinel.conf');
    if (text !== undefined) writeFileSync(file, text);
    const [program] = sentinelCommand('ours', file);
    const { status, stdout } = spawnSync(program, args(file), { cwd: dir, encoding: 'latin1', timeout: 10_000 });
    return { dir, file, status, stdout };
  };

  test('needs a configuration file', () => {
    const { dir, status, stdout } = start(() => []);
    expect([status, stdout]).toEqual([1, expect.stringContaining('Sentinel needs config file on disk to save state. Exiting...')]);
    rmSync(dir, { recursive: true });
  });

  test('daemonize and pidfile work, and the server’s own program takes --sentinel', async () => {
    const port = await freePort();
    const { dir, status } = start((file) => [file], `port ${port}\ndaemonize yes\npidfile sentinel.pid\nlogfile sentinel.log\nsentinel monitor a 127.0.0.1 1 1\n`);
    try {
      expect(status).toBe(0);
      const client = await connectRaw({ port });
      expect(await client.ask('ROLE')).toEqual(['sentinel', ['a']]);
      expect(Number(readFileSync(join(dir, 'sentinel.pid'), 'latin1'))).toBe(Number(/process_id:(\d+)/.exec(String(await client.ask('INFO', 'server')))![1]));
      client.write('*1\r\n$8\r\nSHUTDOWN\r\n');
      await waitFor('its end', () => readFileSync(join(dir, 'sentinel.log'), 'latin1').includes('bye bye'));
      client.close();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
