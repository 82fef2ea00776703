/**
 * Where a server listens, and who is let in: the sockets of this thread, and what happens to a connection before it is a client.
 *
 * Threads share the TCP ports (SO_REUSEPORT): the kernel gives each new connection to one of them, and there it stays. A Unix
 * socket cannot be shared; the first thread has it.
 *
 * `port`, `tls-port` and `bind` may change at any time. What is listened on follows the settings (level, not edge): places that are
 * no longer wanted are closed, then missing ones opened, and clients stay. It happens within CONFIG SET, so that its reply can say
 * whether it worked; Node offers no listening without waiting, so the handle is bound here and handed to Node.
 */
import { chmodSync, rmSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import type { Server, Socket } from 'node:net';
import * as net from 'node:net';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { isLocalPeer } from './connection';
import { Visitor } from './crew';
import { HandedOver } from './handed-over';
import { followOpenFiles } from './open-files';
import type { StoreServer } from './store-server';
import { systemWords } from './system-words';
import { TlsDoor } from './tls-door';

/** What Node's own `listen` does first, without waiting. A number is an error of the system. */
type BindHandle = (host: string, port: number, family: 4 | 6, fd: undefined, flags: number) => { close(): void; listen(backlog: number): number } | number;
const bindHandle = (net as unknown as { _createServerHandle: BindHandle })._createServerHandle;
const ONLY_IPV6 = 1;
const REUSE_PORT = 2;

interface Place {
  readonly kind: 'TCP' | 'TLS';
  /** As the settings have it, without the `-` of an optional one. */
  readonly given: string;
  readonly host: string;
  readonly port: number;
  readonly isOptional: boolean;
}

/** Errors by which a machine says that it does not have that kind of network; such an address is left out. */
const NO_SUCH_NETWORK: ReadonlySet<string> = new Set(['ENOPROTOOPT', 'EPROTONOSUPPORT', 'ESOCKTNOSUPPORT', 'EPFNOSUPPORT', 'EAFNOSUPPORT']);

export class Listening {
  readonly tls: TlsDoor;
  private readonly server: StoreServer;
  private readonly open = new Map<string, { place: Place; listener: Server }>();
  private unix: Server | null = null;
  private readonly handedOver: HandedOver;
  private readonly lowerMaxclients: () => void;
  /** Ports as of the last time that all was well. Other threads have them still when they are closed here and wanted back. */
  private portsHeld: ReadonlySet<number> = new Set();
  /** A busy script keeps this thread from accepting. */
  private isStopped = false;
  /** Addresses of the names in `bind`, as they were at the start. */
  private readonly addresses = new Map<string, string>();

  constructor(server: StoreServer) {
    this.server = server;
    this.tls = new TlsDoor(server);
    this.handedOver = new HandedOver(server, (socket) => this.accept(socket, 'TCP'));
    this.lowerMaxclients = followOpenFiles(server);
    const { settings } = server;
    // Of the threads, the one that was asked tries first.
    const follow = (): boolean => this.follow(['TCP', 'TLS'], !(server.dispatcher.unit.session instanceof Visitor));
    settings.onChange('bind', () => (follow() ? undefined : 'Failed to bind to specified addresses.'));
    settings.onChange('port', () => {
      if (!follow()) return 'Unable to listen on this port. Check server logs.';
      this.handedOver.follow();
      return undefined;
    });
    settings.onChange('tls-port', () => {
      if (this.tls.context === undefined && !this.tls.configure()) return 'Unable to update TLS configuration. Check server logs.';
      return follow() ? undefined : 'Unable to listen on this port. Check server logs.';
    });
  }

  /** Listens everywhere that the settings say. @throws with Redis' words when that cannot be */
  async listen(): Promise<void> {
    const { settings, log } = this.server;
    const refuse = (why: string, cause?: unknown): never => {
      log.warning(why);
      throw new Error(why, { cause });
    };
    if (this.server.threadIndex === 0) this.lowerMaxclients();
    if (this.tls.isWanted && !this.tls.configure()) refuse('Failed to configure TLS. Check logs for more info.');
    await this.resolveNames();
    for (const kind of ['TCP', 'TLS'] as const) if (!this.follow([kind], this.server.threadIndex === 0)) refuse(`Failed listening on port ${this.portOf(kind)} (${kind}), aborting.`);
    this.handedOver.follow();
    if (this.server.threadIndex !== 0) return;
    const path = settings.path('unixsocket');
    try {
      if (path !== '') await this.listenAt(path);
    } catch (cause) {
      refuse(`Failed opening Unix socket: bind: ${systemWords((cause as NodeJS.ErrnoException).errno ?? -constants.errno.EINVAL)}`, cause);
    }
    if (this.open.size === 0 && path === '') refuse('Configured to not listen anywhere, exiting.');
  }

  /**
   * A busy script keeps this thread from accepting: what comes to the shared ports goes to the other threads until `acceptAgain`. Who
   * was about to be accepted is turned away by the kernel and comes again.
   */
  stopAccepting(): void {
    if (this.server.crew === null) return;
    this.isStopped = true;
    this.handedOver.setBusy(true);
    for (const [key, { listener }] of this.open) {
      this.open.delete(key);
      listener.close();
    }
  }

  acceptAgain(): void {
    if (!this.isStopped) return;
    this.isStopped = false;
    this.handedOver.setBusy(false);
    this.follow(['TCP', 'TLS'], false);
  }

  /** At the end. */
  removeUnixSocket(): void {
    if (this.unix === null) return;
    this.server.log.notice('Removing the unix socket file.');
    rmSync(this.server.settings.path('unixsocket'), { force: true });
  }

  /** Stops listening; who is in stays in. */
  async close(): Promise<void> {
    const all = [...this.open.values()].map(({ listener }) => listener);
    if (this.unix !== null) all.push(this.unix);
    this.open.clear();
    this.handedOver.close();
    this.tls.close();
    await Promise.all(all.map((listener) => new Promise<void>((resolve) => listener.close(() => resolve()))));
  }

  private portOf(kind: Place['kind']): number {
    return this.server.settings.number(kind === 'TCP' ? 'port' : 'tls-port');
  }

  private places(kind: Place['kind']): Place[] {
    const port = this.portOf(kind);
    if (port === 0) return [];
    return this.server.settings.value('bind').map((each) => {
      const isOptional = each.startsWith('-');
      const given = isOptional ? each.slice(1) : each;
      const host = given === '*' ? '0.0.0.0' : given === '::*' ? '::' : (this.addresses.get(given) ?? given);
      return { kind, given, host, port, isOptional };
    });
  }

  private async resolveNames(): Promise<void> {
    for (const { given, host } of [...this.places('TCP'), ...this.places('TLS')]) {
      if (net.isIP(host) !== 0) continue;
      const found = await lookup(host, { family: given.includes(':') ? 6 : 4 }).catch(() => undefined);
      if (found !== undefined) this.addresses.set(given, found.address);
    }
  }

  /**
   * Closes and opens until it is as the settings say. False when a place could not be had; the log says which and why. The port that
   * threads share could be shared with another process as well, which nobody wants: `isFirst` of them tries whether it could be had alone.
   */
  private follow(kinds: readonly Place['kind'][], isFirst: boolean): boolean {
    if (this.isStopped) return true; // `acceptAgain` looks
    const wanted = kinds.flatMap((kind) => this.places(kind));
    const { portsHeld } = this;
    const keys = new Set(wanted.map(keyOf));
    for (const [key, { place, listener }] of this.open) {
      if (keys.has(key) || !kinds.includes(place.kind)) continue;
      this.open.delete(key);
      listener.close();
    }
    const had = new Set<string>();
    for (const place of wanted) {
      const key = keyOf(place);
      if (this.open.has(key) && !had.has(key)) {
        had.add(key);
        continue;
      }
      const errno = this.openPlace(place, isFirst && !portsHeld.has(place.port));
      if (errno === 0) {
        had.add(key);
        continue;
      }
      const code = getSystemErrorName(errno);
      const isSkipped = NO_SUCH_NETWORK.has(code) || (place.isOptional && code === 'EADDRNOTAVAIL');
      const why = net.isIP(place.host) === 0 ? 'Name or service not known' : `bind: ${systemWords(errno)}`;
      // What is left out one thread tells for all.
      if (isFirst || !isSkipped) this.server.log.warning(`Warning: Could not create server TCP listening socket ${place.given}:${place.port}: ${why}`);
      if (!isSkipped) return false;
    }
    this.portsHeld = new Set([...this.open.values()].map(({ place }) => place.port));
    return true;
  }

  /** Returns the system's error, or 0. */
  private openPlace(place: Place, triesAlone: boolean): number {
    for (const { place: other } of this.open.values()) if (doCollide(place, other)) return -constants.errno.EADDRINUSE;
    const backlog = this.server.settings.number('tcp-backlog');
    const isShared = this.server.crew !== null;
    const family = net.isIP(place.host) === 6 ? 6 : 4;
    const flags = family === 6 ? ONLY_IPV6 : 0;
    if (isShared && triesAlone) {
      const alone = bindHandle(place.host, place.port, family, undefined, flags);
      if (typeof alone === 'number') return alone;
      const errno = alone.listen(backlog);
      alone.close();
      if (errno !== 0) return errno;
    }
    const handle = bindHandle(place.host, place.port, family, undefined, flags | (isShared ? REUSE_PORT : 0));
    if (typeof handle === 'number') return handle;
    const errno = handle.listen(backlog);
    if (errno !== 0) {
      handle.close();
      return errno;
    }
    // Half-open: who has sent all and hung up its end still gets its answers. Not who hangs up amid its handshake: see tls-door.ts.
    const listener = net.createServer({ allowHalfOpen: place.kind === 'TCP', noDelay: true }, (socket) => this.accept(socket, place.kind));
    listener.on('error', (error) => this.server.log.warning(`Accepting client connection: ${error.message}`));
    listener.listen(handle, backlog);
    this.open.set(keyOf(place), { place, listener });
    return 0;
  }

  private async listenAt(path: string): Promise<void> {
    rmSync(path, { force: true });
    const listener = net.createServer({ allowHalfOpen: true }, (socket) => this.accept(socket, 'Unix'));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ path, backlog: this.server.settings.number('tcp-backlog') }, () => {
        listener.removeListener('error', reject);
        resolve();
      });
    });
    listener.on('error', (error) => this.server.log.warning(`Accepting client connection: ${error.message}`));
    this.unix = listener;
    const mode = this.server.settings.number('unixsocketperm');
    if (mode !== 0) chmodSync(path, mode);
  }

  private accept(socket: Socket, kind: Place['kind'] | 'Unix'): void {
    const { server } = this;
    // It has hung up already. It must not pass for one that came by the Unix socket, which has no address either.
    if (kind !== 'Unix' && socket.remoteAddress === undefined) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    if (server.connectionCount >= server.settings.number('maxclients')) {
      // Nobody listens to plain words on the TLS port.
      return this.turnAway(socket, kind === 'TLS' ? '' : '-ERR max number of clients reached\r\n');
    }
    const keepAliveSeconds = server.settings.number('tcp-keepalive');
    if (kind !== 'Unix' && keepAliveSeconds > 0) socket.setKeepAlive(true, keepAliveSeconds * 1000);
    if (kind === 'TLS') this.tls.enter(socket, (encrypted) => this.admit(encrypted));
    else this.admit(socket);
  }

  /** Before there is a Connection, which would read and run what the peer has sent already. */
  private admit(socket: Socket): void {
    const { server } = this;
    if (server.settings.flag('protected-mode') && server.signIn.isOpenToAll() && !isLocalPeer(socket)) this.turnAway(socket, PROTECTED_MODE);
    else server.welcome(socket);
  }

  /** Says why, and does not wait for the peer to hang up. */
  private turnAway(socket: Socket, why: string): void {
    this.server.statistics.rejectedConnections++;
    socket.on('error', () => undefined);
    if (why !== '') socket.write(why);
    socket.destroySoon();
  }
}

function keyOf({ kind, host, port }: Place): string {
  return `${kind} ${host} ${port}`;
}

/** Whether the kernel would refuse one of them, were the port not shared between threads. */
function doCollide(one: Place, other: Place): boolean {
  if (one.port !== other.port || net.isIP(one.host) !== net.isIP(other.host)) return false;
  const isAny = ({ host }: Place) => host === '0.0.0.0' || host === '::';
  return one.host === other.host || isAny(one) || isAny(other);
}

const PROTECTED_MODE =
  '-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. ' +
  'In this mode connections are only accepted from the loopback interface. ' +
  'If you want to connect from external computers to Redis you may adopt one of the following solutions: ' +
  "1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. " +
  '2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to \'no\', and then restarting the server. ' +
  "3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. " +
  '4) Setup a an authentication password for the default user. ' +
  'NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n';
