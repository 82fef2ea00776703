/**
 * TLS as its clients see it, against larder-server and redis-server side by side: who gets in, by what protocol and cipher, what
 * happens to those who are in when certificates change, and what one who breaks the rules can do to the others.
 */
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { promisify } from 'node:util';
import { connect } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { describeNeeding, encodeCommand, encodeCommands, freePort, startStore, storeBinary, waitFor } from '@larder/shared-testing';
import type { RawClient, Store, StoreKind } from '@larder/shared-testing';
import { Redis } from 'ioredis';
import { lockedKeyPassword, makeCertificates, serverArguments } from './certificates.ts';
import type { Certificates, Name } from './certificates.ts';

const run = promisify(execFile);
const KINDS: readonly StoreKind[] = ['redis-server', 'larder-server'];
const PING = encodeCommand(['PING']);

describeNeeding(['openssl', 'redis-server', 'redis-cli'], 'TLS', () => {
  let certificates: Certificates;
  /** A handshake begun before all other tests, for it takes ten seconds. */
  let unending: { readonly store: Store; readonly closed: Promise<unknown> } | undefined;

  beforeAll(async () => {
    certificates = makeCertificates();
    const port = await freePort();
    const store = await startStore({ kind: 'larder-server', args: serverArguments(certificates, port) });
    const socket = connectPlain({ port, host: '127.0.0.1' });
    unending = { store, closed: new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve)) };
    // The beginning of a hello, a byte at a time: what trickles in does not buy time.
    const bytes = Buffer.from('160301020001', 'hex');
    for (let i = 0; i < bytes.length; i++) socket.write(bytes.subarray(i, i + 1));
  });
  afterAll(async () => {
    await unending?.store.stop();
    certificates.remove();
  });

  describe.each(KINDS)('of %s', (kind) => {
    let store: Store;
    let port: number;
    let control: RawClient;
    let ca: Buffer;
    const sockets: TLSSocket[] = [];

    beforeAll(async () => {
      port = await freePort();
      ca = readFileSync(certificates.ca);
      store = await startStore({ kind, args: serverArguments(certificates, port) });
      control = await store.connect();
    });
    afterAll(() => store?.stop());
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.destroy();
    });

    const options = (name: Name | 'nobody' = 'client', more: ConnectionOptions = {}): ConnectionOptions => ({ port, host: '127.0.0.1', ca, ...certificates.pair(name), ...more });

    function open(name: Name | 'nobody' = 'client', more: ConnectionOptions = {}): TLSSocket {
      const socket = connect(options(name, more));
      sockets.push(socket);
      return socket.on('error', () => undefined);
    }

    /** What comes back for `bytes`, until there are `length` bytes of it or the connection ends. */
    function answer(socket: TLSSocket, bytes: Buffer | string, length: number): Promise<string> {
      const chunks: Buffer[] = [];
      let got = 0;
      return new Promise((resolve) => {
        const done = () => resolve(Buffer.concat(chunks).toString('latin1'));
        socket.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          got += chunk.length;
          if (got >= length) done();
        });
        socket.on('close', done);
        socket.write(bytes);
      });
    }

    const ping = (name: Name | 'nobody', more?: ConnectionOptions) => answer(open(name, more), PING, 7);
    const set = (...words: string[]) => control.ask('CONFIG', 'SET', ...words);
    const refusal = async (...words: string[]) => (await control.command('CONFIG', 'SET', ...words)).raw.toString('latin1');
    /** The control connection alone: others may still be on their way out. */
    const alone = () => waitFor('the other clients to be gone', async () => (await clientCount()) === 1);
    const clientCount = async () => Number(/connected_clients:(\d+)/.exec(String(await control.ask('INFO', 'clients')))![1]);

    it('answers redis-cli, and shows the peer like any client', async () => {
      const cli = async (...args: string[]) =>
        (await run('redis-cli', ['-p', String(port), '--tls', '--cacert', certificates.ca, '--cert', certificates.cert('client'), '--key', certificates.key('client'), ...args])).stdout;
      expect(await cli('set', 'greeting', 'hello')).toBe('OK\n');
      expect(await cli('-3', 'get', 'greeting')).toBe('hello\n');
      expect(await cli('client', 'list')).toMatch(new RegExp(`addr=127\\.0\\.0\\.1:\\d+ laddr=127\\.0\\.0\\.1:${port} fd=\\d+ name= age=\\d+ idle=0 flags=N`));
    });

    it.each([
      ['yes', { client: true, nobody: false, stranger: false, expired: false }],
      ['optional', { client: true, nobody: true, stranger: false, expired: false }],
      ['no', { client: true, nobody: true, stranger: true, expired: true }],
    ] as const)('lets in whom `tls-auth-clients %s` allows, from the next connection on', async (demand, expected) => {
      await set('tls-auth-clients', demand);
      const found: Record<string, boolean> = {};
      for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
        for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) found[name] = (await ping(name, { maxVersion })) === '+PONG\r\n';
      }
      expect(found).toEqual(expected);
      await set('tls-auth-clients', 'yes');
    });

    it('runs nothing of what a client without the right certificate sends', async () => {
      await control.ask('DEL', 'trace');
      await answer(open('stranger'), encodeCommand(['SET', 'trace', 'x']), 5);
      await answer(open('nobody'), encodeCommand(['SET', 'trace', 'x']), 5);
      expect(await control.ask('GET', 'trace')).toBeNull();
      expect(store.log()).toMatch(/Error accepting a client connection: error:0A000086:SSL routines::certificate verify failed/);
      expect(store.log()).toMatch(/Error accepting a client connection: error:0A0000C7:SSL routines::peer did not return a certificate/);
    });

    it('speaks the protocols of `tls-protocols` alone', async () => {
      const spoken = async () => {
        const found: string[] = [];
        for (const version of ['TLSv1.2', 'TLSv1.3'] as const) if ((await ping('client', { minVersion: version, maxVersion: version })) === '+PONG\r\n') found.push(version);
        return found;
      };
      expect(await spoken()).toEqual(['TLSv1.2', 'TLSv1.3']);
      await set('tls-protocols', 'TLSv1.2');
      expect(await spoken()).toEqual(['TLSv1.2']);
      await set('tls-protocols', 'tlsv1.3');
      expect(await spoken()).toEqual(['TLSv1.3']);
      expect(await refusal('tls-protocols', 'TLSv9')).toBe("-ERR CONFIG SET failed (possibly related to argument 'tls-protocols') - Unable to update TLS configuration. Check server logs.\r\n");
      expect(await spoken()).toEqual(['TLSv1.3']);
      await set('tls-protocols', '');
    });

    it('chooses ciphers as it is told', async () => {
      const chosen = async (more: ConnectionOptions) => {
        const socket = open('client', more);
        const got = await answer(socket, PING, 7);
        return got === '+PONG\r\n' ? socket.getCipher().name : 'none';
      };
      const two = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256' } as const;
      await set('tls-ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384');
      expect(await chosen(two)).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
      await set('tls-prefer-server-ciphers', 'yes');
      expect(await chosen(two)).toBe('ECDHE-ECDSA-AES128-GCM-SHA256');
      await set('tls-ciphers', 'ECDHE-ECDSA-CHACHA20-POLY1305');
      expect(await chosen(two)).toBe('none');
      await set('tls-ciphersuites', 'TLS_CHACHA20_POLY1305_SHA256', 'tls-ciphers', '', 'tls-prefer-server-ciphers', 'no');
      expect(await chosen({})).toBe('TLS_CHACHA20_POLY1305_SHA256');
      expect(await refusal('tls-ciphers', 'NONSENSE')).toMatch(/Unable to update TLS configuration/);
      await set('tls-ciphersuites', '');
    });

    it('takes new certificates for those who come, and drops nobody who is in', async () => {
      const early = open();
      expect(await answer(early, PING, 7)).toBe('+PONG\r\n');
      await set('tls-cert-file', certificates.cert('renewed'), 'tls-key-file', certificates.key('renewed'));
      // As many as any thread of the server needs to have had one.
      for (let i = 0; i < 16; i++) {
        const late = open();
        expect(await answer(late, PING, 7)).toBe('+PONG\r\n');
        expect(late.getPeerCertificate().subject.CN).toBe('renewed');
      }
      expect(await answer(early, PING, 7)).toBe('+PONG\r\n');
      expect(early.getPeerCertificate().subject.CN).toBe('server');
      await set('tls-cert-file', certificates.cert('server'), 'tls-key-file', certificates.key('server'));
    });

    it('resumes sessions, on whichever thread, until certificates change', async () => {
      const first = open();
      const ticket = new Promise<Buffer>((resolve) => first.once('session', resolve));
      expect(await answer(first, PING, 7)).toBe('+PONG\r\n');
      const session = await ticket;
      const isResumed = async () => {
        const socket = open('client', { session });
        expect(await answer(socket, PING, 7)).toBe('+PONG\r\n');
        return socket.isSessionReused();
      };
      for (let i = 0; i < 8; i++) expect(await isResumed()).toBe(true);
      await set('tls-ca-cert-file', certificates.path('unknown.crt'));
      expect(await answer(open('client', { session }), PING, 7)).toBe('');
      await set('tls-ca-cert-file', certificates.ca);
    });

    it('keeps what it has when the new files are no good, and says so', async () => {
      const failed = (name: string) => `-ERR CONFIG SET failed (possibly related to argument '${name}') - Unable to update TLS configuration. Check server logs.\r\n`;
      expect(await refusal('tls-cert-file', certificates.path('missing'))).toBe(failed('tls-cert-file'));
      expect(await refusal('tls-cert-file', certificates.path('garbage'))).toBe(failed('tls-cert-file'));
      expect(await refusal('tls-key-file', certificates.key('client'))).toBe(failed('tls-key-file'));
      expect(await refusal('tls-ca-cert-file', '')).toBe(failed('tls-ca-cert-file'));
      expect(await control.ask('CONFIG', 'GET', 'tls-cert-file')).toEqual(['tls-cert-file', certificates.cert('server')]);
      expect(await ping('client')).toBe('+PONG\r\n');
    });

    it('opens a key with its pass phrase', async () => {
      await set('tls-key-file', certificates.path('locked.key'), 'tls-key-file-pass', lockedKeyPassword);
      expect(await ping('client')).toBe('+PONG\r\n');
      expect(await refusal('tls-key-file-pass', 'wrong')).toMatch(/Unable to update TLS configuration/);
      await set('tls-key-file', certificates.key('server'), 'tls-key-file-pass', '');
    });

    it('carries large values, long pipelines and half-closed connections whole', async () => {
      const large = Buffer.alloc(20 << 20, 'larder ');
      const client = open();
      expect(await answer(client, encodeCommand(['SET', 'large', large.toString('latin1')]), 5)).toBe('+OK\r\n');
      client.removeAllListeners('data');
      expect(await answer(client, encodeCommand(['GET', 'large']), large.length + 13)).toBe(`$${large.length}\r\n${large.toString('latin1')}\r\n`);
      const half = open('client', { allowHalfOpen: true } as ConnectionOptions);
      const asked = Array.from({ length: 50_000 }, (_, i) => ['ECHO', String(i)]);
      const all = answer(half, encodeCommands(asked), Infinity);
      half.end();
      expect(await all).toBe(asked.map(([, text]) => `$${text!.length}\r\n${text}\r\n`).join(''));
      await control.ask('DEL', 'large');
    }, 30_000);

    // Redis drops what it owes when the peer hangs up its end.
    (kind === 'redis-server' ? it.skip : it)('sends what a client that hung up its end reads late', async () => {
      await control.ask('SET', 'large', 'y'.repeat(1 << 20));
      const late = open('client', { allowHalfOpen: true } as ConnectionOptions);
      await new Promise((resolve) => late.once('secureConnect', resolve));
      late.pause();
      late.end(encodeCommands([...Array.from({ length: 60 }, () => ['GET', 'large']), ['QUIT']]));
      await control.ask('PING');
      let bytes = 0;
      late.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
      await waitFor('the server to close', () => late.readableEnded);
      expect(bytes).toBe(60 * ((1 << 20) + '$1048576\r\n\r\n'.length) + '+OK\r\n'.length);
      await control.ask('DEL', 'large');
    }, 30_000);

    it('lets a client go that reads nothing and leaves more than the hard limit', async () => {
      await set('client-output-buffer-limit', 'normal 4mb 0 0');
      await control.ask('SET', 'large', 'z'.repeat(256 << 10));
      const deaf = open();
      await new Promise((resolve) => deaf.once('secureConnect', resolve));
      deaf.pause();
      deaf.write(encodeCommands(Array.from({ length: 400 }, () => ['GET', 'large'])));
      await store.waitForLog(/closed ASAP for overcoming of output buffer limits|closed for overcoming of output buffer limits/);
      deaf.resume();
      await waitFor('the connection to be closed', () => deaf.destroyed || deaf.readableEnded);
      await set('client-output-buffer-limit', 'normal 0 0 0');
      await control.ask('DEL', 'large');
    }, 30_000);

    it('serves ioredis: pipelines, transactions, blocked clients and pub/sub', async () => {
      const of = () => new Redis({ port, host: '127.0.0.1', tls: { ca, ...certificates.pair('client') }, lazyConnect: false });
      const [one, two, three] = [of(), of(), of()];
      try {
        const replies = await one.pipeline(Array.from({ length: 1000 }, (_, i) => ['set', `key:${i}`, i])).exec();
        expect(replies!.every(([error, reply]) => error === null && reply === 'OK')).toBe(true);
        expect(await one.multi().incr('counter').incr('counter').exec()).toEqual([[null, 1], [null, 2]]);
        const popped = two.blpop('queue', 10);
        const heard = new Promise((resolve) => three.once('message', (_channel, message) => resolve(message)));
        await three.subscribe('news');
        await one.rpush('queue', 'job');
        await one.publish('news', 'x'.repeat(1 << 20));
        expect(await popped).toEqual(['queue', 'job']);
        expect(await heard).toBe('x'.repeat(1 << 20));
      } finally {
        for (const client of [one, two, three]) client.disconnect();
        await control.ask('DEL', 'counter');
      }
    });

    it('closes on plain words on its port, takes TLS on the plain port for what it is, and outlives garbage', async () => {
      const got = await new Promise<string>((resolve) => {
        let all = '';
        const socket = connectPlain({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
        socket.on('data', (chunk) => (all += chunk.toString('latin1'))).on('error', () => undefined).on('close', () => resolve(all));
      });
      expect(got).not.toContain('PONG');
      await store.waitForLog('Error accepting a client connection: error:0A00010B:SSL routines::wrong version number');
      connectPlain({ port, host: '127.0.0.1' }).on('error', () => undefined).end();
      await store.waitForLog('Error accepting a client connection: error:0A000126:SSL routines::unexpected eof while reading');
      const garbage = Buffer.concat([Buffer.from('160301020001000030', 'hex'), Buffer.alloc(600, 0xff)]);
      for (let i = 0; i < 20; i++) {
        await new Promise<void>((resolve) => {
          const socket = connectPlain({ port, host: '127.0.0.1' }, () => socket.write(garbage.subarray(0, i * 30), () => socket.destroy()));
          socket.on('error', () => undefined).on('close', () => resolve());
        });
      }
      const misled = open('client', { port: store.port });
      await new Promise((resolve) => misled.once('connect', resolve));
      expect(await ping('client')).toBe('+PONG\r\n');
      expect(await control.ask('PING')).toBe('PONG');
    });

    it('does not renegotiate', async () => {
      const socket = open('client', { maxVersion: 'TLSv1.2' });
      expect(await answer(socket, PING, 7)).toBe('+PONG\r\n');
      const outcome = await new Promise<string>((resolve) => {
        socket.once('close', () => resolve('closed'));
        socket.once('error', (error) => resolve(error.message));
        socket.renegotiate({}, (error) => resolve(error === null ? 'done' : error.message));
      });
      expect(outcome).toMatch(/no renegotiation|closed/i);
    });

    it('counts an unfinished handshake as a client, and turns away whoever is too many', async () => {
      await alone();
      const silent = connectPlain({ port, host: '127.0.0.1' });
      await waitFor('the handshake to be counted', async () => (await clientCount()) === 2);
      await set('maxclients', '2');
      expect(await ping('client')).toBe('');
      await set('maxclients', '10000');
      expect(await ping('client')).toBe('+PONG\r\n');
      silent.destroy();
      for (const socket of sockets.splice(0)) socket.destroy();
      await alone();
    });

    it('keeps nothing of five hundred connections that came and went', async () => {
      for (let round = 0; round < 10; round++) {
        expect(await Promise.all(Array.from({ length: 50 }, () => ping('client')))).toEqual(Array<string>(50).fill('+PONG\r\n'));
        for (const socket of sockets.splice(0)) socket.destroy();
      }
      await alone();
    }, 60_000);

    it('listens where `tls-port`, `port` and `bind` say, while running', async () => {
      const moved = await freePort();
      const kept = open();
      expect(await answer(kept, PING, 7)).toBe('+PONG\r\n');
      await set('tls-port', String(moved));
      expect(await ping('client', { port: moved })).toBe('+PONG\r\n');
      expect(await ping('client')).toBe('');
      expect(await refusal('tls-port', String(store.port))).toBe("-ERR CONFIG SET failed (possibly related to argument 'tls-port') - Unable to listen on this port. Check server logs.\r\n");
      expect(await ping('client', { port: moved })).toBe('+PONG\r\n');
      await set('port', '0');
      await expect(store.connect()).rejects.toThrow();
      expect(String(await control.ask('INFO', 'server'))).toContain(`tcp_port:${moved}\r\n`);
      await set('port', String(store.port), 'bind', '127.0.0.1 127.0.0.3');
      expect(await ping('client', { port: moved, host: '127.0.0.3', checkServerIdentity: () => undefined })).toBe('+PONG\r\n');
      expect(await refusal('bind', '127.0.0.1 192.0.2.1')).toBe("-ERR CONFIG SET failed (possibly related to argument 'bind') - Failed to bind to specified addresses.\r\n");
      await set('bind', '127.0.0.1 -192.0.2.1', 'tls-port', String(port));
      (await store.connect()).close();
      expect(await ping('client')).toBe('+PONG\r\n');
      expect(await answer(kept, PING, 7)).toBe('+PONG\r\n');
      await set('bind', '127.0.0.1');
    });

    describeNeeding(['python3-redis'], "Python's redis", () => {
      it('connects with its certificate', async () => {
        const script =
          'import redis, sys\nport, ca, cert, key = sys.argv[1:]\n' +
          'r = redis.Redis(port=int(port), ssl=True, ssl_ca_certs=ca, ssl_certfile=cert, ssl_keyfile=key)\n' +
          'p = r.pipeline()\nfor i in range(500): p.rpush("python", i)\np.execute()\nprint(r.llen("python"), r.delete("python"))';
        const { stdout } = await run('/usr/bin/python3', ['-c', script, String(port), certificates.ca, certificates.cert('client'), certificates.key('client')]);
        expect(stdout).toBe('500 1\n');
      });
    });
  });

  it('has the same settings on both, and refuses to start with wrong ones in the same words', () => {
    const { ca, cert, key, path } = certificates;
    const pair = ['--tls-cert-file', cert('server'), '--tls-key-file', key('server')];
    const trusting = [...pair, '--tls-ca-cert-file', ca];
    const cases: string[][] = [
      [],
      ['--tls-cert-file', cert('server')],
      pair,
      ['--tls-auth-clients', 'no', '--tls-cert-file', path('missing'), '--tls-key-file', key('server')],
      ['--tls-auth-clients', 'no', '--tls-cert-file', path('garbage'), '--tls-key-file', key('server')],
      ['--tls-auth-clients', 'no', '--tls-cert-file', cert('server'), '--tls-key-file', path('missing')],
      ['--tls-auth-clients', 'no', '--tls-cert-file', cert('server'), '--tls-key-file', key('client')],
      ['--tls-auth-clients', 'no', '--tls-cert-file', cert('server'), '--tls-key-file', path('locked.key'), '--tls-key-file-pass', 'wrong'],
      [...pair, '--tls-ca-cert-file', path('missing')],
      [...pair, '--tls-ca-cert-file', path('garbage')],
      [...trusting, '--tls-ciphers', 'NONSENSE'],
      [...trusting, '--tls-ciphersuites', 'NONSENSE'],
      [...trusting, '--tls-protocols', 'SSLv3'],
      [...trusting, '--tls-dh-params-file', path('missing')],
      [...trusting, '--tls-dh-params-file', path('garbage')],
      [...trusting, '--tls-client-cert-file', path('garbage'), '--tls-client-key-file', key('client')],
    ];
    for (const args of cases) {
      const [theirs, ours] = KINDS.map((kind) => {
        const { status, stdout } = spawnSync(storeBinary(kind), ['--port', '0', '--tls-port', '20999', '--save', '', '--dir', certificates.folder, ...args], { encoding: 'latin1', timeout: 10_000 });
        return { status, said: stdout.split('\n').map((line) => line.replace(/^.*? # /, '')).filter((line) => /tls|TLS|load|configur.*CA|cipher|DH/.test(line) && !line.includes('onfiguration loaded')) };
      });
      expect({ args, ...ours }).toEqual({ args, ...theirs });
    }
  }, 60_000);

  it('does not take a session begun without a certificate where one is demanded', async () => {
    const port = await freePort();
    const store = await startStore({ kind: 'larder-server', args: [...serverArguments(certificates, port), '--tls-auth-clients', 'no'] });
    try {
      const control = await store.connect();
      const options = { port, host: '127.0.0.1', ca: readFileSync(certificates.ca) };
      const first = connect(options);
      const session = await new Promise<Buffer>((resolve) => first.once('session', resolve));
      first.destroy();
      await control.ask('CONFIG', 'SET', 'tls-auth-clients', 'yes');
      const answerTo = (name: Name | 'nobody') =>
        new Promise<string>((resolve) => {
          const second = connect({ ...options, ...certificates.pair(name), session });
          second.on('data', (chunk: Buffer) => resolve(chunk.toString('latin1'))).on('error', () => undefined).on('close', () => resolve('closed'));
          second.write(PING);
        });
      expect(await answerTo('nobody')).toBe('closed');
      expect(await answerTo('client')).toBe('+PONG\r\n');
    } finally {
      await store.stop();
    }
  });

  it('gives up on a handshake that never ends', async () => {
    await unending!.closed;
    expect(unending!.store.log()).toContain('the TLS handshake took too long');
  }, 30_000);
});
