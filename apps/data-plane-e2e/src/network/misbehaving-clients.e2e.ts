/**
 * Clients that hang up half, never read, never finish, come in crowds or sit idle: what they may cost the server and the others.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { encodeCommand, encodeCommands, startStore, waitFor } from '@larder/shared-testing';
import type { RawClient, Store } from '@larder/shared-testing';

const MIB = 1 << 20;

describe('a server among clients that misbehave', () => {
  let store: Store;
  let control: RawClient;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    store = await startStore({ kind: 'larder-server' });
    control = await store.connect();
  });
  afterAll(() => store.stop());
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await control.pipeline([
      ['CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0 pubsub 32mb 8mb 60', 'client-query-buffer-limit', '1gb', 'timeout', '0', 'maxclients', '10000', 'requirepass', ''],
      ['FLUSHALL'],
    ]);
  });

  /** A socket that reads nothing until it is told to. */
  async function open(): Promise<Socket & { gone: boolean }> {
    const socket = Object.assign(connect({ port: store.port, host: '127.0.0.1', allowHalfOpen: true }), { gone: false });
    sockets.push(socket);
    socket.on('error', () => undefined).on('close', () => (socket.gone = true));
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.pause();
    return socket;
  }

  const residentBytes = (): number => Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${store.pid}/status`, 'latin1'))![1]) * 1024;
  const clientCount = async (): Promise<number> => Number(/connected_clients:(\d+)/.exec(String(await control.ask('INFO', 'clients')))![1]);
  const setLarge = (bytes: number) => control.ask('SET', 'large', 'x'.repeat(bytes));

  it('answers everything that a client asked before it hung up its end', async () => {
    const client = await store.connect();
    client.write(encodeCommands(Array.from({ length: 50_000 }, (_, i) => ['ECHO', String(i)])));
    const answers = (await client.endAndDrain()).toString('latin1');
    expect(answers).toBe(Array.from({ length: 50_000 }, (_, i) => `$${String(i).length}\r\n${i}\r\n`).join(''));
  });

  it('sends what a client that hung up its end reads late', async () => {
    await setLarge(MIB);
    const socket = await open();
    socket.end(encodeCommands(Array.from({ length: 60 }, () => ['GET', 'large'])));
    await control.ask('PING');
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await waitFor('the server to close', () => socket.readableEnded);
    expect(bytes).toBe(60 * (MIB + '$1048576\r\n\r\n'.length));
  });

  it('closes after QUIT and after a protocol error though the peer keeps its end open', async () => {
    const before = await clientCount();
    for (const bytes of ['QUIT\r\n', '*1\r\n!bad\r\n']) {
      const socket = await open();
      socket.write(bytes);
      socket.resume();
      await waitFor('the connection to end', () => socket.readableEnded);
    }
    await waitFor('the clients to be gone', async () => (await clientCount()) === before);
  });

  it('lets a client go that leaves more unread than the hard limit', async () => {
    await setLarge(256 * 1024);
    await control.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 8mb 0 0');
    const socket = await open();
    socket.write(encodeCommands(Array.from({ length: 400 }, () => ['GET', 'large'])));
    await store.waitForLog(/Client addr=.* closed for overcoming of output buffer limits/);
    socket.resume();
    await waitFor('the connection to be closed', () => socket.gone || socket.readableEnded);
    expect(await control.ask('PING')).toBe('PONG');
  });

  it('lets a client go that stays above the soft limit for its seconds, though nothing more is written', async () => {
    await setLarge(12 * MIB);
    await control.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 1mb 1');
    const before = await clientCount();
    const socket = await open();
    socket.write(encodeCommand(['GET', 'large']));
    await waitFor('the client to be let go', async () => (await clientCount()) === before);
  });

  it('lets a subscriber go that does not read, and keeps the one that does', async () => {
    await control.ask('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 4mb 0 0');
    const reader = await store.connect();
    reader.write(encodeCommand(['SUBSCRIBE', 'news']));
    await reader.frames(1);
    const socket = await open();
    socket.write(encodeCommand(['SUBSCRIBE', 'news']));
    await waitFor('two subscribers', async () => (await control.command('PUBSUB', 'NUMSUB', 'news')).raw.includes(':2'));
    const message = 'm'.repeat(64 * 1024);
    let published = 0;
    const publish = async (): Promise<boolean> => {
      published++;
      return (await control.ask('PUBLISH', 'news', message)) === 1;
    };
    await waitFor('one subscriber to be let go', async () => {
      for (let i = 0; i < 16; i++) if (await publish()) return true;
      return false;
    });
    expect(await reader.frames(published)).toHaveLength(published);
    reader.close();
  });

  it('keeps its memory when a client without a limit asks and asks and does not read, and answers all once it does', async () => {
    await setLarge(MIB);
    const before = residentBytes();
    const socket = await open();
    const count = 600;
    socket.write(encodeCommands(Array.from({ length: count }, () => ['GET', 'large'])));
    for (let i = 0; i < 20; i++) expect(await control.ask('PING')).toBe('PONG');
    await waitFor('the replies to pile up', async () => Number(/omem=(\d+)/.exec(String(await control.ask('CLIENT', 'LIST')).split('\n').find((line) => /omem=\d{7,}/.test(line)) ?? 'omem=0')![1]) > 64 * MIB);
    expect(residentBytes() - before).toBeLessThan(300 * MIB);
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length)).resume();
    await waitFor('all replies', () => bytes === count * (MIB + '$1048576\r\n\r\n'.length));
  });

  it('holds thousands of small replies for one who does not read in little more than their bytes', async () => {
    const before = residentBytes();
    const socket = await open();
    await setLarge(4 * MIB);
    socket.write(encodeCommand(['GET', 'large']));
    // Small turns: each leaves a small reply behind those that are not taken.
    for (let i = 0; i < 2000; i++) {
      socket.write(encodeCommand(['PING']));
      if (i % 20 === 0) await control.ask('PING');
    }
    expect(residentBytes() - before).toBeLessThan(100 * MIB);
  });

  it('ends a client whose command outgrows client-query-buffer-limit', async () => {
    await control.ask('CONFIG', 'SET', 'client-query-buffer-limit', '1mb');
    const before = await clientCount();
    const socket = await open();
    socket.write('*2\r\n$3\r\nGET\r\n$100000000\r\n');
    for (let i = 0; i < 40 && !socket.gone; i++) socket.write(Buffer.alloc(64 * 1024));
    await store.waitForLog('Closing client that reached max query buffer length');
    await waitFor('the client to be gone', async () => (await clientCount()) <= before);
  });

  it('takes no memory for what is only announced', async () => {
    const before = residentBytes();
    for (let i = 0; i < 50; i++) (await open()).write('*2\r\n$3\r\nGET\r\n$536870912\r\nabc');
    await waitFor('all to be connected', async () => (await clientCount()) > 50);
    expect(residentBytes() - before).toBeLessThan(40 * MIB);
    const virtual = Number(/qbuf=(\d+)/.exec(String(await control.ask('CLIENT', 'LIST')))![1]);
    expect(virtual).toBeLessThan(MIB);
  });

  it('takes a value of many pieces and gives its buffer back', async () => {
    const client = await store.connect();
    const value = Buffer.alloc(48 * MIB, 'v').toString('latin1');
    expect(await client.ask('SET', 'huge', value)).toBe('OK');
    expect(await client.ask('STRLEN', 'huge')).toBe(value.length);
    const line = String(await client.ask('CLIENT', 'INFO'));
    expect(line).toMatch(/qbuf=0 /);
    client.close();
  });

  it('closes who is idle for longer than `timeout`, but nobody who listens or waits', async () => {
    const idle = await open();
    const listener = await open();
    const waiter = await open();
    listener.write(encodeCommand(['SUBSCRIBE', 'c']));
    waiter.write(encodeCommand(['BLPOP', 'none', '0']));
    for (const socket of [idle, listener, waiter]) socket.resume();
    await control.ask('CONFIG', 'SET', 'timeout', '1');
    await waitFor('the idle client to be closed', async () => {
      await control.ask('PING');
      return idle.readableEnded || idle.gone;
    });
    expect([listener.readableEnded, waiter.readableEnded]).toEqual([false, false]);
  });

  it('refuses clients above maxclients, and takes them again when others have left', async () => {
    const present = await clientCount();
    await control.ask('CONFIG', 'SET', 'maxclients', String(present + 1));
    const first = await store.connect();
    await first.ask('PING');
    const refused = await open();
    let text = '';
    refused.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))).resume();
    await waitFor('the refusal', () => refused.readableEnded);
    expect(text).toBe('-ERR max number of clients reached\r\n');
    first.close();
    await waitFor('room', async () => (await clientCount()) === present);
    const second = await store.connect();
    expect(await second.ask('PING')).toBe('PONG');
    second.close();
  });

  it('asks new clients for a password that was set while running, and lets waiting ones in when it goes', async () => {
    expect(await control.ask('CONFIG', 'SET', 'requirepass', 'secret')).toBe('OK');
    const outside = await store.connect();
    expect((await outside.command('GET', 'k')).raw.toString()).toBe('-NOAUTH Authentication required.\r\n');
    expect(await control.ask('PING')).toBe('PONG'); // who was in stays in
    const inside = await store.connect();
    expect((await inside.command('AUTH', 'wrong')).raw.toString()).toMatch(/^-WRONGPASS /);
    expect(await inside.ask('AUTH', 'secret')).toBe('OK');
    expect(await inside.ask('CONFIG', 'SET', 'requirepass', '')).toBe('OK');
    expect(await outside.ask('PING')).toBe('PONG');
    for (const client of [outside, inside]) client.close();
  });

  describe('CLIENT PAUSE', () => {
    afterEach(async () => {
      const other = await store.connect();
      other.write(encodeCommand(['CLIENT', 'UNPAUSE']));
      await other.frames(1, 20_000);
      other.close();
    });

    it('WRITE stops writes and what may lead to them, and nothing else, until CLIENT UNPAUSE', async () => {
      await control.ask('CLIENT', 'PAUSE', '15000', 'WRITE');
      const [writer, script, transaction] = [await store.connect(), await store.connect(), await store.connect()];
      writer.write(encodeCommands([['GET', 'k'], ['SET', 'k', 'v'], ['GET', 'k']]));
      script.write(encodeCommand(['EVAL', 'return 1', '0']));
      await transaction.pipeline([['MULTI'], ['GET', 'k']]);
      expect(await transaction.ask('EXEC')).toEqual([null]);
      expect((await writer.frames(1)).map(String)).toEqual(['$-1\r\n']);
      expect(await control.pipeline([['GET', 'k'], ['PING'], ['SET', 'k']]).then((all) => all.map((one) => one.raw.toString()))).toEqual(['$-1\r\n', '+PONG\r\n', "-ERR wrong number of arguments for 'set' command\r\n"]);
      expect([writer.arrivedCount, script.arrivedCount]).toEqual([0, 0]);
      await control.ask('CLIENT', 'UNPAUSE');
      expect((await writer.frames(2)).map(String)).toEqual(['+OK\r\n', '$1\r\nv\r\n']);
      expect((await script.frames(1)).map(String)).toEqual([':1\r\n']);
      for (const client of [writer, script, transaction]) client.close();
    });

    it('ALL stops everything for its time, and a shorter pause does not end a longer one', async () => {
      const client = await store.connect();
      const startedAt = performance.now();
      expect(await control.ask('CLIENT', 'PAUSE', '600')).toBe('OK');
      const frames = client.exchange(encodeCommands([['PING'], ['SET', 'k', '1']]), 2);
      expect((await frames).map(String)).toEqual(['+PONG\r\n', '+OK\r\n']);
      expect(performance.now() - startedAt).toBeGreaterThan(500);
      client.close();
    });
  });
});
