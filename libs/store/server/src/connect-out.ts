/**
 * Connections that the server itself opens: to a primary, to the target of MIGRATE.
 *
 * They leave from `bind-source-addr`. Encrypted ones show `tls-client-cert-file`, or the server's own certificate, and trust the
 * authorities of the settings; like Redis they do not compare the certificate's name with the host's.
 */
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { tlsModule } from './late-modules';
import type { StoreServer } from './store-server';

export interface ConnectOut {
  host: string;
  port: number;
  /** `tls-replication` for replication, `tls-cluster` for the cluster. */
  isTls: boolean;
}

/**
 * The socket, connecting: ready for use at `connect`, or, when it is encrypted, at `secureConnect` (`readyEvent` names it); the
 * caller listens to `error` and keeps the time limit.
 */
export function connectOut(server: StoreServer, { host, port, isTls }: ConnectOut): { socket: Socket; readyEvent: 'connect' | 'secureConnect' } {
  const localAddress = server.settings.path('bind-source-addr');
  // As in Redis, what is no address is no reason not to connect; Node would throw.
  const to = { host, port, ...(isIP(localAddress) === 0 ? {} : { localAddress }) };
  if (!isTls) return { socket: connect({ ...to, noDelay: true }), readyEvent: 'connect' };
  const context = server.listening.tls.context;
  if (context === undefined) throw new Error('TLS is not configured');
  return {
    socket: tlsModule().connect({ ...to, secureContext: context.outgoing, rejectUnauthorized: true, checkServerIdentity: () => undefined }).setNoDelay(true),
    readyEvent: 'secureConnect',
  };
}
