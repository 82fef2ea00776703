/**
 * A proxy that lies: it passes every request on to a real server and changes the reply to chosen ones. With it the comparison
 * itself is tested: a planted difference must be found and shrunk.
 */
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { frameEnd, parseReply } from '@larder/shared-testing';

export interface ChangingProxy {
  readonly port: number;
  close(): void;
}

/** Gives the reply's bytes back, or others. */
export type Change = (command: readonly string[], reply: Buffer) => Buffer;

export async function changingProxy(targetPort: number, change: Change): Promise<ChangingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    const asked: string[][] = [];
    frames(client, (frame) => {
      asked.push(parseReply(frame).items.map((item) => item.text));
      upstream.write(frame);
    });
    frames(upstream, (frame) => client.write(change(asked.shift() ?? [], frame)));
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function frames(socket: Socket, each: (frame: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    const buffer = Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = frameEnd(buffer, 0); end > 0; end = at < buffer.length ? frameEnd(buffer, at) : -1) {
      each(buffer.subarray(at, end));
      at = end;
    }
    rest = buffer.subarray(at);
  });
}
