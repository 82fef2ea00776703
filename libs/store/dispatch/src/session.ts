/**
 * A client as dispatch sees it: database, protocol, transaction, watches, blocking. Sockets are the shell's matter; it
 * extends this class.
 */
import type { Args, Reply } from '@larder/store-resp';
import type { Command } from './command';

/** Conditions under which gates have something to say; a session with none, on a server with none, skips them all. */
export const NEEDS_AUTH = 1;
export const IN_MULTI = 1 << 1;
export const SUBSCRIBED = 1 << 2;
/** The user may not do everything: commands, keys and channels are checked. */
export const RESTRICTED = 1 << 3;
/** Of the server: */
export const HAS_MAXMEMORY = 1 << 8;
export const IS_LOADING = 1 << 9;
export const DISK_FAILS = 1 << 10;
export const IS_BUSY = 1 << 11;
export const IS_PAUSED = 1 << 12;
export const IS_MONITORED = 1 << 13;
/** The append-only file cannot be written: what changes something is refused. */
export const AOF_FAILS = 1 << 14;
/** It follows a primary; and clients may not write; and, not following it at the moment, it must not answer from old data. */
export const IS_REPLICA = 1 << 15;
export const IS_READONLY_REPLICA = 1 << 16;
export const IS_STALE = 1 << 17;
/** `min-replicas-to-write` asks for more replicas than there are. */
export const TOO_FEW_REPLICAS = 1 << 18;

export interface Queued {
  command: Command;
  args: Args;
}

export interface Watched {
  key: string;
  /** True when it was already past its time when WATCH saw it. */
  expired: boolean;
  shard: number;
  /** What the key's count of changes was. */
  version: number;
}

export abstract class Session {
  readonly id: number;
  name = '';
  database = 0;
  protocol: 2 | 3 = 2;
  conditions = 0;
  user = 'default';
  libName = '';
  libVer = '';

  /** Between MULTI and EXEC. */
  queue: Queued[] = [];
  /** A queued command was refused: EXEC will be too. */
  queueFailed = false;
  watched: Watched[] = [];

  /** Set while a blocking command waits. */
  blocked: Blocked | null = null;

  /** Names subscribed to; counts decide SUBSCRIBED. */
  readonly channels = new Set<string>();
  readonly patterns = new Set<string>();
  readonly shardChannels = new Set<string>();

  /** The last command's name, for CLIENT LIST. */
  lastCommand = '';
  /** `CLIENT REPLY`: on, off, or skip the next. */
  replyMode: 'on' | 'off' | 'skip' | 'skip-next' = 'on';
  /** To be closed once its replies are sent. */
  closing = false;
  noEvict = false;
  noTouch = false;

  constructor(id: number) {
    this.id = id;
  }

  /** Sends bytes that do not belong to the read event that runs: pushes, replies to a blocked command. Copies them. */
  abstract deliver(bytes: Uint8Array): void;
  /** Ends the connection; `gentle` lets pending replies go out first. */
  abstract end(gentle: boolean): void;
  /** `addr=…` and its like for CLIENT LIST. */
  abstract describe(): string;
}

/** What a command answers that waited in vain: no list, no value, or 0. */
export type TimeoutReply = 'array' | 'bulk' | 'zero' | ((reply: Reply) => void);

export interface WaitedKey {
  shard: number;
  database: number;
  name: Uint8Array;
}

/** A blocking command that waits for one of its keys or its time. */
export interface Blocked {
  session: Session;
  command: Command;
  /** What is run again when a key is ready. */
  args: Args;
  database: number;
  keys: readonly WaitedKey[];
  /** ms of the monotonic clock, 0 = for ever. */
  deadline: number;
  timeoutReply: TimeoutReply;
  /** Its number among the waiters of its thread, and where its waiter lies. */
  ticket: number;
  waiter: number;
  /** The client waits no longer. */
  isOver: boolean;
}
