/**
 * A server that is wrong, to see that the judge finds it: it stands before a right one and does in several commands what must be
 * one. For every client it has a connection of its own, and other clients come in between.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connectRaw, encodeCommand, encodeCommands, frameEnd, parseReply } from '@larder/shared-testing';
import type { Command, RawClient, Store } from '@larder/shared-testing';

export type Tear =
  /** MSET and DEL key by key. */
  | 'keys'
  /** EXEC command by command. */
  | 'transactions'
  /** INCRBY and HINCRBY as reading, and then writing. */
  | 'increments'
  /** BLPOP as asking again and again. */
  | 'waiting'
  /** An expiry that is a tenth of a second late. */
  | 'expiry';

/** The store as it looks through the proxy. */
export async function startTornProxy(behind: Store, tear: Tear): Promise<Store & { close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    void serve(socket, behind.port, tear).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(Object.create(behind) as Store, {
    port,
    connect: (protocol: 2 | 3 = 2) => connectRaw({ port, protocol }),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}

async function serve(socket: Socket, port: number, tear: Tear): Promise<void> {
  const upstream = await connectRaw({ port, timeoutMs: 30_000 });
  // Pushes come at any time: such a connection is passed through as it is.
  let through: Socket | undefined;
  socket.on('close', () => {
    upstream.close();
    through?.destroy();
  });
  let rest: Buffer = Buffer.alloc(0);
  let queue: Command[] | undefined;
  let work = Promise.resolve();
  socket.on('data', (chunk) => {
    if (through !== undefined) return void through.write(chunk);
    rest = Buffer.concat([rest, chunk]);
    for (let end = frameEnd(rest, 0); end > 0; end = rest.length > 0 ? frameEnd(rest, 0) : -1) {
      const command = parseReply(rest.subarray(0, end)).items.map((item) => item.text);
      rest = rest.subarray(end);
      if (command[0]!.toUpperCase().endsWith('SUBSCRIBE')) {
        through = connect({ port, host: '127.0.0.1' }, () => through!.write(encodeCommand(command), 'latin1'));
        through.pipe(socket);
        through.on('error', () => socket.destroy());
        return;
      }
      work = work.then(async () => {
        if (tear === 'transactions' && command[0] === 'MULTI') {
          queue = [];
          socket.write('+OK\r\n');
        } else if (queue !== undefined && command[0] === 'EXEC') {
          const replies: Buffer[] = [];
          for (const each of queue) replies.push(await one(upstream, each));
          socket.write(Buffer.concat([Buffer.from(`*${replies.length}\r\n`), ...replies]));
          queue = undefined;
        } else if (queue !== undefined) {
          queue.push(command);
          socket.write('+QUEUED\r\n');
        } else socket.write(await torn(upstream, command, tear));
      });
      work.catch(() => socket.destroy());
    }
  });
}

const one = async (upstream: RawClient, command: Command): Promise<Buffer> => (await upstream.exchange(encodeCommands([command]), 1))[0]!;

async function torn(upstream: RawClient, command: Command, tear: Tear): Promise<Buffer> {
  const [name, ...args] = command as [string, ...string[]];
  if (tear === 'keys' && name === 'MSET') {
    for (let at = 0; at < args.length; at += 2) await one(upstream, ['SET', args[at]!, args[at + 1]!]);
    return Buffer.from('+OK\r\n');
  }
  if (tear === 'keys' && name === 'DEL') {
    let gone = 0;
    for (const key of args) gone += Number(await upstream.ask('DEL', key));
    return Buffer.from(`:${gone}\r\n`);
  }
  if (tear === 'increments' && name === 'INCRBY') {
    const after = Number((await upstream.ask('GET', args[0]!)) ?? 0) + Number(args[1]);
    await upstream.ask('SET', args[0]!, String(after));
    return Buffer.from(`:${after}\r\n`);
  }
  if (tear === 'increments' && name === 'HINCRBY') {
    const after = Number((await upstream.ask('HGET', args[0]!, args[1]!)) ?? 0) + Number(args[2]);
    await upstream.ask('HSET', args[0]!, args[1]!, String(after));
    return Buffer.from(`:${after}\r\n`);
  }
  if (tear === 'waiting' && (name === 'BLPOP' || name === 'BRPOP')) {
    for (const end = Date.now() + Number(args.at(-1)) * 1000; ; ) {
      for (const key of args.slice(0, -1)) {
        const value = await upstream.ask(name.slice(1), key);
        if (value !== null) return Buffer.from(encodeCommand([key, String(value)]), 'latin1');
      }
      if (args.at(-1) !== '0' && Date.now() >= end) return Buffer.from('*-1\r\n');
      await new Promise((wake) => setTimeout(wake, 1));
    }
  }
  const px = args.indexOf('PX');
  if (tear === 'expiry' && name === 'SET' && px > 0) return one(upstream, [name, ...args.slice(0, px + 1), String(Number(args[px + 1]) + 100), ...args.slice(px + 2)]);
  return one(upstream, command);
}
