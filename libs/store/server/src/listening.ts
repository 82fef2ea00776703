/**
 * Where a server listens, and who is let in: the sockets of this thread, and what happens to a connection before it is a client.
 *
 * Threads share the TCP ports (SO_REUSEPORT): the kernel gives each new connection to one of them, and there it stays. A Unix
 * socket cannot be shared; the first thread has it.
 */
import { chmodSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { getSystemErrorMessage } from 'node:util';
import { isLocalPeer } from './connection';
import type { StoreServer } from './store-server';

interface Place {
  port?: number;
  host?: string;
  path?: string;
  backlog: number;
}

export class Listening {
  private readonly server: StoreServer;
  private readonly listeners: Server[] = [];
  /** Of them, those that other threads listen on as well. */
  private readonly sharedPlaces: { where: Place; server: Server }[] = [];

  constructor(server: StoreServer) {
    this.server = server;
    const stay = () => 'changing what is listened on while running is not built: restart the server';
    server.settings.onChange(['port', 'bind'], stay);
  }

  /** Binds every address of the settings. @throws with Redis' words when a port is taken */
  async listen(): Promise<void> {
    const { settings, log } = this.server;
    const isFirst = this.server.threadIndex === 0;
    const port = settings.number('port');
    const backlog = settings.number('tcp-backlog');
    if (port !== 0) {
      for (const given of settings.value('bind')) {
        const isOptional = given.startsWith('-');
        const address = isOptional ? given.slice(1) : given;
        const host = address === '*' ? '0.0.0.0' : address === '::*' ? '::' : address;
        try {
          await this.open({ port, host, backlog });
        } catch (cause) {
          const { code, errno, message } = cause as NodeJS.ErrnoException;
          const words = code === 'EADDRINUSE' ? 'Address already in use' : errno === undefined ? message : getSystemErrorMessage(errno);
          log.warning(`Warning: Could not create server TCP listening socket ${given}:${port}: bind: ${words}`);
          if (code === 'EAFNOSUPPORT' || (isOptional && code === 'EADDRNOTAVAIL')) continue;
          log.warning(`Failed listening on port ${port} (TCP), aborting.`);
          throw new Error(`Failed listening on port ${port} (TCP), aborting.`, { cause });
        }
      }
    }
    const path = settings.path('unixsocket');
    if (path !== '' && isFirst) {
      try {
        rmSync(path, { force: true });
        await this.open({ path, backlog });
        const mode = settings.number('unixsocketperm');
        if (mode !== 0) chmodSync(path, mode);
      } catch (cause) {
        log.warning(`Failed opening Unix socket: bind: ${(cause as Error).message}`);
        throw new Error('Failed opening Unix socket', { cause });
      }
    }
    if (this.listeners.length === 0 && isFirst) {
      log.warning('Configured to not listen anywhere, exiting.');
      throw new Error('Configured to not listen anywhere, exiting.');
    }
  }

  /**
   * Listens. The port that threads share could be shared with another process as well, which nobody wants: the first thread
   * tries whether it can have it alone before it shares it.
   */
  private async open(where: Place): Promise<void> {
    const isShared = this.server.crew !== null && where.port !== undefined;
    if (isShared && this.server.threadIndex === 0) {
      const alone = await this.listenOn(where, false);
      await new Promise<void>((resolve) => alone.close(() => resolve()));
    }
    await this.accepting(where, isShared);
  }

  private async accepting(where: Place, isShared: boolean): Promise<void> {
    const listener = await this.listenOn(where, isShared);
    listener.on('error', (error) => this.server.log.warning(`Accepting client connection: ${error.message}`));
    this.listeners.push(listener);
    if (isShared) this.sharedPlaces.push({ where, server: listener });
  }

  /**
   * A busy script keeps this thread from accepting: what comes to the shared port goes to the other threads until `acceptAgain`. Who
   * was about to be accepted is turned away by the kernel and comes again.
   */
  stopAccepting(): void {
    for (const { server } of this.sharedPlaces) {
      this.listeners.splice(this.listeners.indexOf(server), 1);
      server.close();
    }
  }

  acceptAgain(): void {
    for (const { where } of this.sharedPlaces.splice(0)) {
      this.accepting(where, true).catch((error: Error) => this.server.log.warning(`Accepting client connections again: ${error.message}`));
    }
  }

  /** Stops listening; who is in stays in. */
  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => new Promise<void>((resolve) => listener.close(() => resolve()))));
  }

  private listenOn(where: Place, reusePort: boolean): Promise<Server> {
    const keepAliveSeconds = this.server.settings.number('tcp-keepalive');
    // Half-open: who has sent all and hung up its end still gets its answers.
    const listener = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: keepAliveSeconds > 0, keepAliveInitialDelay: keepAliveSeconds * 1000 }, (socket) =>
      this.accept(socket),
    );
    return new Promise((resolve, reject) => {
      listener.once('error', reject);
      listener.listen({ ...where, ipv6Only: true, ...(reusePort ? { reusePort } : {}) }, () => {
        listener.removeListener('error', reject);
        resolve(listener);
      });
    });
  }

  private accept(socket: Socket): void {
    const { server } = this;
    if (server.connectionCount >= server.settings.number('maxclients')) return this.turnAway(socket, '-ERR max number of clients reached\r\n');
    // Before there is a Connection, which would read and run what the peer has sent already.
    if (server.settings.flag('protected-mode') && server.isOpenToAll() && !isLocalPeer(socket)) return this.turnAway(socket, PROTECTED_MODE);
    server.welcome(socket);
  }

  /** Says why, and does not wait for the peer to hang up. */
  private turnAway(socket: Socket, why: string): void {
    this.server.rejectedConnections++;
    socket.on('error', () => undefined);
    socket.write(why);
    socket.destroySoon();
  }
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
