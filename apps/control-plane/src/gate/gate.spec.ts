// The proxy between fake Sentinels and stores on real sockets: fake ones whose bytes it carries, and one of ours that it hands clients over to.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectRaw, startStore, waitFor, type Store } from '@larder/shared-testing';
import { decideTargets, decideWord, Gate } from './gate';
import { encodeCommand, readReply } from './resp';

const open: { close(): void }[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** Says its name to whoever connects. */
async function store(name: string): Promise<number> {
  return listen((socket) => socket.write(name));
}

class FakeSentinel {
  port = 0;
  epoch = 0;
  primary = 0;
  replicas: readonly number[] = [];
  readonly #listeners = new Set<Socket>();
  #heard: (() => void)[] = [];

  /** Until it has been asked who is primary once more, by who listens to it. */
  async asked(): Promise<void> {
    do {
      await new Promise<void>((resolve) => this.#heard.push(resolve));
    } while (this.#listeners.size === 0);
  }

  async start(): Promise<this> {
    this.port = await listen((socket) => {
      let held = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        held = Buffer.concat([held, chunk]);
        for (let read = readReply(held, 0); read !== undefined; read = held.length > 0 ? readReply(held, 0) : undefined) {
          held = held.subarray(read.end);
          socket.write(this.#answer(read.reply as string[], socket));
        }
      });
    });
    return this;
  }

  tell(): void {
    for (const socket of this.#listeners) socket.write(encodeCommand(['message', '+switch-master', 'primary']));
  }

  #answer([word, what]: string[], socket: Socket): string {
    if (word === 'AUTH') return '+OK\r\n';
    if (word === 'SUBSCRIBE') {
      this.#listeners.add(socket);
      return '';
    }
    // As a leader in the middle of a failover: its row names the old primary, the address by name the new one.
    if (what === 'MASTER') return encodeCommand(['ip', '127.0.0.1', 'port', '1', 'config-epoch', String(this.epoch)]);
    for (const heard of this.#heard.splice(0)) heard();
    if (what === 'GET-MASTER-ADDR-BY-NAME') return encodeCommand(['127.0.0.1', String(this.primary)]);
    const rows = this.replicas.map((port) => encodeCommand(['ip', '127.0.0.1', 'port', String(port), 'flags', 'slave', 'master-link-status', 'ok', 'master-port', String(this.primary)]));
    return `*${rows.length}\r\n${rows.join('')}`;
  }
}

function listen(serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    serve(socket);
  });
  open.push({ close: () => { server.close(); for (const socket of sockets) socket.destroy(); } });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

async function gate(sentinels: readonly FakeSentinel[], leadsTo: 'primary' | 'replicas' = 'primary', handOverDirectory = '/nowhere', patienceMs = 60_000): Promise<number> {
  const port = await deadPort();
  const made = new Gate({
    port, bind: '127.0.0.1', leadsTo, handOverDirectory, patienceMs, name: 'primary', username: 'u', password: 'p', log: () => undefined, sentinels: sentinels.map((each) => ({ host: '127.0.0.1', port: each.port })),
  });
  open.push({ close: () => made.stop() });
  await made.listen();
  return port;
}

/** Nobody listens there any more. */
async function deadPort(): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((resolve) => probe.listen(0, '127.0.0.1', () => resolve((probe.address() as AddressInfo).port)));
  await new Promise((closed) => probe.close(closed));
  return port;
}

/** What a connection is told first; nothing where it is closed before. */
function whatComes(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  open.push({ close: () => socket.destroy() });
  return new Promise((resolve) => {
    socket.on('error', () => undefined).once('data', (chunk: Buffer) => resolve(chunk.toString())).once('close', () => resolve(''));
  });
}

/** Connects until it is led somewhere; who answered, and when the connection ends. */
async function whoAnswers(port: number): Promise<{ name: string; closed: Promise<void> }> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    open.push({ close: () => socket.destroy() });
    socket.on('error', () => undefined);
    const name = await Promise.race([new Promise<string>((resolve) => socket.once('data', (chunk: Buffer) => resolve(chunk.toString()))), closed]);
    if (name !== undefined) return { name, closed };
  }
}

describe('the gate', () => {
  it('leads to the primary, and at a switch closes who was led to the old one', async () => {
    const sentinel = await new FakeSentinel().start();
    [sentinel.primary, sentinel.epoch] = [await store('a'), 1];
    const port = await gate([sentinel]);
    const first = await whoAnswers(port);
    expect(first.name).toBe('a');
    [sentinel.primary, sentinel.epoch] = [await store('b'), 2];
    sentinel.tell();
    await first.closed;
    expect((await whoAnswers(port)).name).toBe('b');
  });

  it('leads readers to replicas in turn, and to the primary while there is none', async () => {
    const sentinel = await new FakeSentinel().start();
    sentinel.primary = await store('a');
    const port = await gate([sentinel], 'replicas');
    const first = await whoAnswers(port);
    expect(first.name).toBe('a');
    sentinel.replicas = [await store('b'), await store('c')];
    sentinel.tell();
    await first.closed;
    expect(new Set([(await whoAnswers(port)).name, (await whoAnswers(port)).name])).toEqual(new Set(['b', 'c']));
  });

  it('keeps who comes while the primary is dead, and leads them to the next', async () => {
    const sentinel = await new FakeSentinel().start();
    [sentinel.primary, sentinel.epoch] = [await deadPort(), 1];
    const port = await gate([sentinel]);
    const waiting = Promise.all([whatComes(port), whatComes(port)]);
    for (const _ of [1, 2]) {
      const asked = sentinel.asked();
      sentinel.tell();
      await asked;
    }
    [sentinel.primary, sentinel.epoch] = [await store('b'), 2];
    sentinel.tell();
    expect(await waiting).toEqual(['b', 'b']);
  });

  it('tells who has waited long enough why', async () => {
    const sentinel = await new FakeSentinel().start();
    [sentinel.primary, sentinel.epoch] = [await deadPort(), 1];
    expect(await whatComes(await gate([sentinel], 'primary', '/nowhere', 0))).toBe('-ERR The store does not answer, and no other has been chosen yet\r\n');
  });

  it('believes the greatest epoch, and never goes back behind one', () => {
    const place = (port: number) => ({ host: 'h', port });
    const words = [{ epoch: 1, primary: place(1), replicas: [] }, undefined, { epoch: 2, primary: place(2), replicas: [place(3)] }];
    expect(decideWord(words, 0)?.epoch).toBe(2);
    expect(decideWord(words, 3)).toBeUndefined();
    expect([decideTargets(words[2]!, 'primary'), decideTargets(words[2]!, 'replicas'), decideTargets(words[0]!, 'replicas')]).toEqual([[place(2)], [place(3)], [place(1)]]);
  });
});

describe('clients that are handed over to a store of ours', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'gate-'));
  const sentinel = new FakeSentinel();
  let ours: Store;
  let port: number;

  beforeEach(async () => {
    ours = await startStore({ kind: 'larder-server', args: ['--handover-dir', directory] });
    await sentinel.start();
    [sentinel.primary, sentinel.epoch] = [ours.port, sentinel.epoch + 1];
    port = await gate([sentinel], 'primary', directory);
  });
  afterEach(() => ours.kill());
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** How many round trips it takes until it is led somewhere is not the matter here. */
  const enter = () => waitFor('to be led to the store', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    open.push({ close: () => socket.destroy() });
    const said = await answerOf(socket, 'CLIENT INFO\r\n');
    return said === '' ? undefined : { socket, said, closed: new Promise<void>((resolve) => socket.once('close', () => resolve())) };
  });
  const answerOf = (socket: Socket, words: string) => new Promise<string>((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    socket.once('close', () => resolve(''));
    socket.write(words);
  });

  it('are seen by it as who they are, on all its threads, and leave as they came', async () => {
    const all = [await enter(), await enter(), await enter(), await enter()];
    for (const { socket, said } of all) expect(said).toContain(` addr=127.0.0.1:${socket.localPort} laddr=127.0.0.1:${port} `);
    const direct = await connectRaw({ port: ours.port });
    expect(String(await direct.ask('INFO', 'clients'))).toContain('connected_clients:5\r\n');
    // The server's end, the client's, and half of it with an answer still to come.
    await direct.ask('CLIENT', 'KILL', 'ADDR', `127.0.0.1:${all[0]!.socket.localPort}`);
    await all[0]!.closed;
    all[1]!.socket.destroy();
    const answer = answerOf(all[2]!.socket, 'PING\r\n');
    all[2]!.socket.end();
    expect(await answer).toBe('+PONG\r\n');
    await all[2]!.closed;
    expect(await answerOf(all[3]!.socket, 'QUIT\r\n')).toBe('+OK\r\n');
    await all[3]!.closed;
    await waitFor('all to be gone', async () => String(await direct.ask('INFO', 'clients')).includes('connected_clients:1\r\n'));
    direct.close();
  });

  it('are closed when it dies', async () => {
    const { closed } = await enter();
    await ours.kill();
    await closed;
  });

  it('are closed when another is primary, also while it hangs; when it goes on it has let go of them', async () => {
    const { closed } = await enter();
    const direct = await connectRaw({ port: ours.port });
    process.kill(ours.pid, 'SIGSTOP');
    [sentinel.primary, sentinel.epoch] = [await store('b'), sentinel.epoch + 1];
    sentinel.tell();
    await closed;
    expect((await whoAnswers(port)).name).toBe('b');
    process.kill(ours.pid, 'SIGCONT');
    await waitFor('it to have let go', async () => String(await direct.ask('INFO', 'clients')).includes('connected_clients:1\r\n'));
    direct.close();
  });
});

it('a reply is read whole or not at all', () => {
  const bytes = Buffer.from('*3\r\n$1\r\na\r\n:7\r\n*-1\r\n+next\r\n');
  const whole = bytes.length - '+next\r\n'.length;
  for (let end = 0; end < whole; end += 1) expect(readReply(bytes.subarray(0, end), 0)).toBeUndefined();
  expect(readReply(bytes, 0)).toEqual({ reply: ['a', 7, null], end: whole });
});
