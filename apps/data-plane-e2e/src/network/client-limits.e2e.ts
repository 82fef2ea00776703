/** What clients may take together, how long they may be idle, and who is let in at all: against larder-server and redis-server. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { connectRaw, describeNeeding, encodeCommand, freePort, startStore, storeBinary, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';
import { makeCertificates, serverArguments } from '../tls/certificates.ts';

const KINDS: readonly StoreKind[] = ['redis-server', 'larder-server'];
const MIB = 1 << 20;
const outer = Object.values(networkInterfaces()).flat().find((each) => each?.family === 'IPv4' && !each.internal)?.address;

/** What the kernel has for the server's end of connections to the port and nobody has read. */
function bytesWaiting(port: number): number {
  let bytes = 0;
  for (const line of readFileSync('/proc/net/tcp', 'latin1').split('\n').slice(1)) {
    const [, local, , state, queues] = line.trim().split(/\s+/);
    if (state === '01' && Number.parseInt(local!.split(':')[1]!, 16) === port) bytes += Number.parseInt(queues!.split(':')[1]!, 16);
  }
  return bytes;
}

describeNeeding(['redis-server', 'openssl'], 'limits of clients', () => {
  describe.each(KINDS)('of %s', (kind) => {
    let store: Store;
    let control: RawClient;

    beforeAll(async () => {
      store = await startStore({ kind });
      control = await store.connect();
      await control.ask('CLIENT', 'NO-EVICT', 'ON');
    });
    afterAll(() => store?.stop());
    afterEach(async () => {
      await control.ask('CONFIG', 'SET', 'maxmemory-clients', '0', 'timeout', '0', 'maxmemory', '0');
    });

    const evicted = async () => Number(/evicted_clients:(\d+)/.exec(String(await control.ask('INFO', 'stats')))![1]);

    /** A client that has sent so many bytes of a command and does not finish it. */
    async function hoarder(bytes: number): Promise<RawClient> {
      const client = await store.connect();
      const name = `hoarder:${bytes}`;
      await client.ask('CLIENT', 'SETNAME', name);
      client.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${bytes + 1000}\r\n${'x'.repeat(bytes)}`);
      const taken = async () => {
        const line = String(await control.ask('CLIENT', 'LIST')).split('\n').find((each) => each.includes(`name=${name} `));
        return line === undefined || Number(/tot-mem=(\d+)/.exec(line)![1]) >= bytes;
      };
      await waitFor('the bytes to arrive', taken);
      return client;
    }

    it('lets the largest clients go, and no more of them than must, when all together are above maxmemory-clients', async () => {
      const before = await evicted();
      const small = await Promise.all(Array.from({ length: 6 }, () => store.connect()));
      const large: RawClient[] = [];
      for (const mib of [2, 3, 6]) large.push(await hoarder(mib * MIB));
      const sizes = [...String(await control.ask('CLIENT', 'LIST')).matchAll(/tot-mem=(\d+)/g)].map(([, bytes]) => Number(bytes));
      const limit = sizes.reduce((sum, bytes) => sum + bytes, 0) - Math.max(...sizes) / 2;
      await control.ask('CONFIG', 'SET', 'maxmemory-clients', String(Math.floor(limit)));
      await waitFor('the largest to be gone', () => large[2]!.isClosed);
      expect(await evicted()).toBe(before + 1);
      expect(large.map(({ isClosed }) => isClosed)).toEqual([false, false, true]);
      for (const client of small) expect(await client.ask('PING')).toBe('PONG');
      for (const client of [...small, ...large]) client.close();
    });

    it('spares who asked for it, and counts a percentage of maxmemory', async () => {
      const spared = await store.connect();
      await spared.ask('CLIENT', 'NO-EVICT', 'ON');
      const victim = await hoarder(MIB);
      await control.ask('CONFIG', 'SET', 'maxmemory', '100mb', 'maxmemory-clients', '20%');
      spared.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${64 * MIB}\r\n${'x'.repeat(24 * MIB)}`);
      await waitFor('the other to be gone', () => victim.isClosed);
      expect(spared.isClosed).toBe(false);
      expect(store.log()).toContain('Evicting client: id=');
      spared.close();
    });

    it('does not take for idle who watches, or was served after a long wait', async () => {
      const monitor = await store.connect();
      await monitor.ask('MONITOR');
      const waiting = await store.connect();
      const popped = waiting.ask('BLPOP', 'queue', '0');
      const idle = await store.connect();
      await idle.ask('PING');
      await control.ask('CONFIG', 'SET', 'timeout', '1');
      const asked = setInterval(() => control.write(encodeCommand(['PING'])), 300);
      await waitFor('the idle one to be gone', () => idle.isClosed);
      clearInterval(asked);
      const pusher = await store.connect();
      await pusher.ask('RPUSH', 'queue', 'job');
      expect(await popped).toEqual(['queue', 'job']);
      expect(await waiting.ask('PING')).toBe('PONG');
      expect(monitor.isClosed).toBe(false);
      for (const client of [monitor, waiting, pusher]) client.close();
      control.takeArrived();
    });

    it('lowers maxclients to what the system allows, and does not let it be raised above', async () => {
      const port = await freePort();
      const child = spawn('sh', ['-c', `ulimit -n 200; exec "$0" "$@"`, storeBinary(kind), '--port', String(port), '--save', '', '--bind', '127.0.0.1'], { stdio: ['ignore', 'pipe', 'ignore'] });
      let log = '';
      child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString('latin1')));
      try {
        await waitFor('it to be ready', () => log.includes('Ready to accept'));
        expect(log).toMatch(/You requested maxclients of 10000 requiring at least \d+ max file descriptors\./);
        const lowered = Number(/maxclients has been reduced to (\d+) to compensate/.exec(log)![1]);
        const client = await connectRaw({ port });
        expect(await client.ask('CONFIG', 'GET', 'maxclients')).toEqual(['maxclients', String(lowered)]);
        await expect(client.ask('CONFIG', 'SET', 'maxclients', '1000')).rejects.toThrow(
          `ERR CONFIG SET failed (possibly related to argument 'maxclients') - The operating system is not able to handle the specified number of clients, try with ${lowered}`,
        );
        expect(await client.ask('CONFIG', 'SET', 'maxclients', '50')).toBe('OK');
        client.close();
      } finally {
        child.kill('SIGKILL');
      }
    });

    (outer === undefined ? describe.skip : describe)('in protected mode', () => {
      it('lets in no stranger by TLS, and says why', async () => {
        const certificates = makeCertificates();
        const port = await freePort();
        const open = await startStore({ kind, args: ['--bind', '*', ...serverArguments(certificates, port)] });
        try {
          const got = await new Promise<string>((resolve) => {
            let all = '';
            const socket = connectTls({ port, host: outer!, rejectUnauthorized: false, ...certificates.pair('client') });
            socket.on('data', (chunk: Buffer) => (all += chunk.toString('latin1'))).on('error', () => undefined).on('close', () => resolve(all));
            socket.write(encodeCommand(['SET', 'stranger', 'here']));
          });
          expect(got === '' || got.startsWith('-DENIED Redis is running in protected mode')).toBe(true);
          expect(await (await open.connect()).ask('EXISTS', 'stranger')).toBe(0);
        } finally {
          await open.stop();
          certificates.remove();
        }
      });

      it('runs nothing of what a stranger sent who hung up before anybody looked', async () => {
        // One thread: who connects later is accepted later.
        const open = await startStore({ kind, args: ['--bind', '*', ...(kind === 'larder-server' ? ['--threads', '1'] : [])] });
        try {
          process.kill(open.pid, 'SIGSTOP');
          for (let i = 0; i < 8; i++) {
            const socket = connect({ port: open.port, host: outer!, localAddress: outer! }, () => socket.write('SET stranger here\r\n'));
            const gone = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve));
            await waitFor('the bytes to lie before the server', () => bytesWaiting(open.port) > 0);
            socket.resetAndDestroy();
            await gone;
          }
          process.kill(open.pid, 'SIGCONT');
          for (let i = 0; i < 3; i++) expect(await (await open.connect()).ask('EXISTS', 'stranger')).toBe(0);
        } finally {
          await open.stop();
        }
      });
    });
  });
});
