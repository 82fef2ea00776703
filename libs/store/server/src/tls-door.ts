/**
 * TLS handshakes: a raw socket goes in, and comes out encrypted and with the peer's certificate checked, or not at all.
 *
 * What cannot finish costs little: a handshake has HANDSHAKE_MS, however slowly its bytes trickle in, and each counts towards
 * `maxclients`. Node checks a certificate only after the handshake: a peer whose certificate is refused sees the connection
 * close, without an alert that says why, and nothing it sent is read.
 */
import { createHmac } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { tlsModule } from './late-modules';
import type { StoreServer } from './store-server';
import { systemWords } from './system-words';
import type { TlsContext } from './tls-context';
import { TICKET_KEY_BYTES, loadTls } from './tls-context';

const HANDSHAKE_MS = 10_000;
/** A timer this late means that a script held the loop: that time was not the peer's. */
const LATE_MS = 1000;

type Demand = 'no' | 'yes' | 'optional';

interface Pending {
  readonly raw: Socket;
  readonly finished: (socket: TLSSocket) => void;
}

export class TlsDoor {
  context: TlsContext | undefined;
  private readonly server: StoreServer;
  /** For `context`, made when the first connection needs them. */
  private servers = new Map<Demand, Server>();
  /** By both ends' addresses: Node tells of the encrypted socket, not of the raw one. */
  private readonly pending = new Map<string, Pending>();

  constructor(server: StoreServer) {
    this.server = server;
    const { settings } = server;
    const apply = () => (this.isWanted && !this.configure() ? 'Unable to update TLS configuration. Check server logs.' : undefined);
    settings.onChange(
      [
        'tls-cert-file', 'tls-key-file', 'tls-key-file-pass', 'tls-client-cert-file', 'tls-client-key-file', 'tls-client-key-file-pass', 'tls-dh-params-file',
        'tls-ca-cert-file', 'tls-ca-cert-dir', 'tls-protocols', 'tls-ciphers', 'tls-ciphersuites', 'tls-prefer-server-ciphers', 'tls-session-caching',
        'tls-session-cache-size', 'tls-session-cache-timeout', 'tls-cluster', 'tls-replication',
      ],
      apply,
    );
  }

  get isWanted(): boolean {
    const { settings } = this.server;
    return settings.number('tls-port') !== 0 || settings.flag('tls-replication') || settings.flag('tls-cluster');
  }

  /** Connections that are still at their handshake. */
  get pendingCount(): number {
    return this.pending.size;
  }

  /** Reads the settings and the files anew, for connections to come. False, and all as before, when they are wrong. */
  configure(): boolean {
    const context = loadTls(this.server.settings, this.server.log, this.server.tlsSecret);
    if (context === undefined) return false;
    this.context = context;
    this.servers = new Map();
    return true;
  }

  /** Calls `welcome` with the encrypted socket when there is one. */
  enter(raw: Socket, welcome: (socket: TLSSocket) => void): void {
    const key = keyOf(raw);
    const { clock, crew } = this.server;
    crew?.threads.countConnections(1);
    const deadline = clock.monotonic() + HANDSHAKE_MS;
    const late = () => {
      if (clock.monotonic() - deadline > LATE_MS) timer = clock.setTimer(HANDSHAKE_MS, () => raw.destroy());
      else this.refuse(raw, 'the TLS handshake took too long');
    };
    let timer = clock.setTimer(HANDSHAKE_MS, late);
    const over = () => {
      timer.cancel();
      crew?.threads.countConnections(-1);
      if (this.pending.get(key)?.raw === raw) this.pending.delete(key);
    };
    raw.once('close', over);
    this.pending.set(key, {
      raw,
      finished: (socket) => {
        raw.removeListener('close', over);
        over();
        socket.allowHalfOpen = true; // only now: who hangs up before is gone
        welcome(socket);
      },
    });
    this.serverFor(this.server.settings.shown('tls-auth-clients') as Demand).emit('connection', raw);
  }

  close(): void {
    for (const { raw } of this.pending.values()) raw.destroy();
  }

  private serverFor(demand: Demand): Server {
    const known = this.servers.get(demand);
    if (known !== undefined) return known;
    const { incoming } = this.context!;
    // A session that was begun without a certificate is not resumed where one is demanded: its client may well have one to show.
    const ticketKeys = createHmac('sha512', incoming.ticketKeys).update(demand).digest().subarray(0, TICKET_KEY_BYTES);
    const server = tlsModule().createServer({ ...incoming, ticketKeys, requestCert: demand !== 'no', rejectUnauthorized: demand === 'yes' });
    server.on('secureConnection', (socket) => this.judge(socket, demand));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Node hangs up on a certificate that it refuses, and says no more than that.
      const code = socket.authorizationError as unknown as string | null;
      this.refuse(socket, code === null || code === undefined ? wordsOf(error) : refused(code));
    });
    this.servers.set(demand, server);
    return server;
  }

  /** Who may go without a certificate may not show a bad one. */
  private judge(socket: TLSSocket, demand: Demand): void {
    if (demand === 'optional' && !socket.authorized && socket.getPeerX509Certificate() !== undefined) {
      this.refuse(socket, refused(socket.authorizationError as unknown as string));
      return;
    }
    const key = keyOf(socket);
    const pending = this.pending.get(key);
    if (pending === undefined) socket.destroy();
    else pending.finished(socket);
  }

  private refuse(socket: Socket, why: string): void {
    const { remoteAddress, remotePort } = socket;
    const who = remoteAddress === undefined ? '' : ` (addr=${remoteAddress}:${remotePort})`;
    this.server.log.warning(`Error accepting a client connection: ${why}${who}`);
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

function refused(code: string): string {
  return `error:0A000086:SSL routines::certificate verify failed: ${code}`;
}

/** As OpenSSL or the system say it: without the places in OpenSSL's source that Node's message tells. */
function wordsOf({ message, errno, code }: NodeJS.ErrnoException): string {
  if (errno !== undefined) return systemWords(errno);
  if (code === 'ECONNRESET') return 'error:0A000126:SSL routines::unexpected eof while reading';
  const [, number, library, reason] = /error:([0-9A-F]+):([^:]*):[^:]*:([^:]*)/.exec(message) ?? [];
  return number === undefined ? message.trim() : `error:${number}:${library}::${reason}`;
}

function keyOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
}
