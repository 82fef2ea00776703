/** A TCP proxy before a primary whose links can be cut: what a network does to replication, on demand. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** Connections made through it so far. */
  readonly accepted: number;
  /** Cuts all links; those who were linked may come again. */
  cut(): void;
  /** Nobody gets through until `restore`. */
  sever(): void;
  restore(): void;
  close(): void;
}

export async function cuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let isSevered = false;
  const server = createServer((client) => {
    if (isSevered) return void client.destroy();
    accepted++;
    const upstream = connect(targetPort, '127.0.0.1');
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    cut,
    sever() {
      isSevered = true;
      cut();
    },
    restore() {
      isSevered = false;
    },
    close() {
      server.close();
      cut();
    },
  };
}
