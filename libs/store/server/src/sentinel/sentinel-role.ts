/**
 * The hands of a Sentinel: sockets, configuration file, programs, log and subscribers. What is decided is decided in
 * @larder/store-sentinel; here it is done, and what happens is told back, each in a turn of the server.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { dirname } from 'node:path';
import type { Timer } from '@larder/shared-std';
import { systemRandom } from '@larder/shared-std';
import type { Answer, ConnectionKind, Directive, EventLevel, Hands } from '@larder/store-sentinel';
import { Sentinel, configurationLines, loadDirectives } from '@larder/store-sentinel';
import { COMPATIBLE_REDIS_VERSION, rewriteConfig, toUtf8 } from '@larder/store-settings';
import type { StoreServer } from '../store-server';
import { HostNames } from './host-names';
import { Outgoing } from './outgoing';
import { Sight } from './sight';

/** Redis ends so where a failure was asked for. */
const SIMULATED_CRASH = 99;

export class SentinelRole implements Hands {
  readonly sentinel: Sentinel;
  private readonly server: StoreServer;
  private readonly outgoing = new Map<number, Outgoing>();
  private readonly sight: Sight;
  private timer: Timer | undefined;
  private isResting = false;
  private readonly names: HostNames;

  constructor(server: StoreServer) {
    this.server = server;
    this.sight = new Sight(server);
    this.names = new HostNames(() => server.monotonic());
    this.sentinel = new Sentinel({ hands: this, clock: server.clock, random: systemRandom });
  }

  /** Takes the file's `sentinel` lines. Returns what to write to standard error when one is refused. */
  load(directives: readonly Directive[]): string | undefined {
    const refused = loadDirectives(this.sentinel, directives);
    if (refused === undefined) return undefined;
    return `\n*** FATAL CONFIG FILE ERROR (Redis ${COMPATIBLE_REDIS_VERSION}) ***\nReading the configuration file, at line ${refused.lineNumber}\n>>> '${refused.line}'\n${refused.reason}\n`;
  }

  /** Why it cannot keep its state, in the log's words. */
  checkFile(): string | undefined {
    const { configFile } = this.server;
    if (configFile === '') return 'Sentinel needs config file on disk to save state. Exiting...';
    try {
      accessSync(configFile, constants.W_OK);
      return undefined;
    } catch (error) {
      return `Sentinel config file ${configFile} is not writable: ${words(error)}. Exiting...`;
    }
  }

  start(): void {
    const { server, sentinel } = this;
    server.turn(() => sentinel.start());
    this.tickSoon();
  }

  /** There is something new: does it still want to rest? */
  private wake(): void {
    if (this.isResting) this.tickSoon();
  }

  private tickSoon(): void {
    const { server, sentinel } = this;
    const ms = sentinel.nextTickMs();
    this.isResting = ms > 100;
    this.timer?.cancel();
    this.timer = server.clock.setTimer(ms, () => {
      server.turn(() => sentinel.tick());
      this.tickSoon();
    });
  }

  connect(connection: number, host: string, port: number, _kind: ConnectionKind): void {
    const { server, sentinel } = this;
    const lost = (): void => {
      this.outgoing.delete(connection);
      server.turn(() => sentinel.connectionLost(connection));
      this.wake();
    };
    try {
      this.outgoing.set(connection, new Outgoing(server, host, port, { answered: (answer: Answer) => server.turn(() => sentinel.replied(connection, answer)), lost }));
    } catch (error) {
      server.log.debug(`-cmd-link-reconnection ${host}:${port} #${words(error)}`);
      queueMicrotask(lost);
    }
  }

  disconnect(connection: number): void {
    this.outgoing.get(connection)?.close();
    this.outgoing.delete(connection);
  }

  send(connection: number, args: readonly string[]): void {
    this.outgoing.get(connection)?.send(args);
  }

  localAddress(connection: number): string | undefined {
    return this.outgoing.get(connection)?.localAddress;
  }

  resolve(hostname: string): string | undefined {
    return this.names.resolve(hostname);
  }

  /** Beside the file, synced, then over it, and the directory synced: a crash leaves the old or the new one. */
  persist(): boolean {
    const { server } = this;
    this.wake();
    const { configFile, log } = server;
    const temporary = `${configFile}.tmp-${process.pid}`;
    try {
      const text = this.text(existsSync(configFile) ? readFileSync(configFile, 'latin1') : '');
      const file = openSync(temporary, 'w', 0o644);
      try {
        writeSync(file, text, null, 'latin1');
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(temporary, configFile);
      const directory = openSync(dirname(configFile), 'r');
      fsyncSync(directory);
      closeSync(directory);
      log.notice('Sentinel new configuration saved on disk');
      return true;
    } catch (error) {
      rmSync(temporary, { force: true });
      log.warning(`WARNING: Sentinel was not able to save the new configuration on disk!!!: ${words(error)}`);
      return false;
    }
  }

  private text(old: string): string {
    const { settings, acl } = this.server;
    const extras = configurationLines(this.sentinel).map(({ option, lines, isForced }) => ({ option, lines, isForced }));
    const users = settings.text('aclfile') === '' ? acl.all().map((user) => acl.describe(user)) : [];
    return rewriteConfig(old, settings, { isSentinel: true, extras: [...(users.length > 0 ? [{ option: 'user', lines: users }] : []), ...extras] });
  }

  event(level: EventLevel, channel: string, message: string): void {
    const { server } = this;
    server.log[level](`${channel} ${message}`);
    if (level === 'debug') return;
    this.sight.publish(channel, message);
  }

  log(level: EventLevel, message: string): void {
    this.server.log[level](message);
  }

  startScript(job: number, argv: readonly string[]): number | undefined {
    const [path, ...args] = argv.map((arg) => toUtf8(arg));
    let child: ChildProcess;
    try {
      child = spawn(path!, args, { stdio: 'inherit', shell: false });
    } catch (error) {
      this.server.log.warning(`Cannot start ${path}: ${words(error)}`);
      return undefined;
    }
    child.on('error', () => undefined); // told by the missing pid
    child.on('exit', (code, signal) => {
      const number = signal === null ? 0 : osConstants.signals[signal];
      this.server.turn(() => this.sentinel.scriptEnded(job, code ?? 0, number));
    });
    return child.pid;
  }

  killScript(pid: number): void {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }

  isExecutable(path: string): boolean {
    try {
      accessSync(toUtf8(path), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }

  crash(): void {
    this.server.exit(SIMULATED_CRASH);
  }

  listeningPort(): number {
    const { settings } = this.server;
    const tlsPort = settings.number('tls-port');
    return settings.flag('tls-replication') && tlsPort !== 0 ? tlsPort : settings.number('port');
  }

  ownPassword(): string {
    return this.server.settings.text('requirepass');
  }
}

function words(error: unknown): string {
  const text = (error as Error).message.replace(/^[A-Z]+: /, '').replace(/, .*$/, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
