/**
 * A TCP port on the loopback that is free now. The kernel hands ephemeral ports out in turn, so two
 * callers do not get the same one soon after each other; who starts a server on it must still be
 * ready for "taken".
 */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
