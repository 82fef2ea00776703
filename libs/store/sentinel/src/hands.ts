/**
 * What a Sentinel asks of the world around it, and what the world tells it. The shell has sockets, a disk and processes; a
 * simulator has queues. Nothing here waits: what takes time is told later through the inputs of Sentinel.
 *
 *   Sentinel ── connect, send, persist, event, startScript … ──▶ hands
 *   Sentinel ◀── replied, connectionLost, scriptEnded, tick ──── whoever owns the hands
 */

/** One reply on an outgoing connection, as RESP2 gives it. */
export type Answer =
  | { readonly type: 'status' | 'error' | 'bulk'; readonly text: string }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'array'; readonly items: readonly Answer[] }
  | { readonly type: 'nothing' };

export type EventLevel = 'debug' | 'verbose' | 'notice' | 'warning';

/** A server or another Sentinel is reached by `commands`; a server's hello channel is heard on `messages`. */
export type ConnectionKind = 'commands' | 'messages';

export interface Hands {
  /**
   * Opens a connection; `send` may follow at once and is kept until it stands. That it was lost, or never stood, is told by
   * `connectionLost`.
   */
  connect(connection: number, host: string, port: number, kind: ConnectionKind): void;
  /** Ends a connection; nothing of it is told any more. */
  disconnect(connection: number): void;
  send(connection: number, args: readonly string[]): void;
  /** Our own address on a connection that stands. */
  localAddress(connection: number): string | undefined;
  /** The address of a host name, as far as it is known now. Only asked where `resolve-hostnames` is on. */
  resolve(hostname: string): string | undefined;
  /**
   * Writes `configuration()` where it survives a crash, and returns only when it does. False: it could not be written, and
   * whatever had to be remembered must not be promised.
   */
  persist(): boolean;
  /** To the log and, above debug, to the subscribers of the channel. */
  event(level: EventLevel, channel: string, message: string): void;
  log(level: EventLevel, message: string): void;
  /** Starts a program without a shell; its process id, or undefined. Its end is told by `scriptEnded`. */
  startScript(job: number, argv: readonly string[]): number | undefined;
  killScript(pid: number): void;
  isExecutable(path: string): boolean;
  /** SENTINEL SIMULATE-FAILURE. */
  crash(): void;
  /** Where other Sentinels reach this one, unless `announce-port` says otherwise. */
  listeningPort(): number;
  /** `requirepass`: also what Sentinels show each other where `sentinel-pass` is not set. */
  ownPassword(): string;
}
