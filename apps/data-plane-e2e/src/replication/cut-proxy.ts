/** A TCP proxy between a replica and its primary whose connections a test can cut, freeze in mid-transfer and count. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CutProxy {
  readonly port: number;
  /** Connections made so far, and bytes that came from behind. */
  readonly connections: number;
  readonly bytes: number;
  /** Ends all connections now. */
  cut(): void;
  /** Ends each connection that has brought so many bytes from behind; Infinity: never. */
  cutAfter(bytes: number): void;
  /** Of each connection the byte of this number from behind comes inverted; Infinity: none. */
  damageAt(byte: number): void;
  /** Whom new connections reach; undefined: nobody. */
  target: number | undefined;
  close(): void;
}

export async function startCutProxy(target: number): Promise<CutProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let limit = Infinity;
  let damaged = Infinity;
  const proxy = {
    port: 0,
    connections: 0,
    bytes: 0,
    target: target as number | undefined,
    cut() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
    },
    cutAfter(bytes: number) {
      limit = bytes;
    },
    damageAt(byte: number) {
      damaged = byte;
    },
    close() {
      proxy.cut();
      server.close();
    },
  };
  const server = createServer({ noDelay: true }, (near) => {
    near.on('error', () => undefined);
    if (proxy.target === undefined) return void near.destroy();
    proxy.connections++;
    const far = connect({ port: proxy.target, host: '127.0.0.1', noDelay: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    let brought = 0;
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    far.on('data', (chunk) => {
      proxy.bytes += chunk.length;
      if (damaged >= brought && damaged < brought + chunk.length) chunk[damaged - brought]! ^= 0xff;
      brought += chunk.length;
      near.write(chunk);
      if (brought > limit) end();
    });
    near.on('data', (chunk) => far.write(chunk));
    far.on('error', end).on('close', end);
    near.on('close', end);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}
