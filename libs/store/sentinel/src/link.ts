/**
 * The connections to one server or Sentinel, and when it was last heard of. Several primaries may be watched by the same other
 * Sentinels: these have one link each, shared by the instances that stand for them, so that it is pinged once.
 *
 * Replies come in the order of the commands: `awaited` is what they answer. An instance that has been forgotten meanwhile does
 * not hear its own.
 */
import type { Answer } from './hands';
import type { Instance } from './instance';

export interface Awaited {
  readonly instance: Instance;
  /** undefined: the reply says nothing that matters. */
  readonly hear: ((answer: Answer) => void) | undefined;
}

export class Link {
  /** Instances that have it. */
  refCount = 1;
  /** Numbers of the connections, 0 = none. */
  commands = 0;
  messages = 0;
  /** Servers have a second connection for the hello channel, Sentinels do not. */
  readonly hasMessages: boolean;
  awaited: Awaited[] = [];
  /** Replies to come on `messages` before its first push. */
  awaitedMessages = 0;
  commandsSince = 0;
  messagesSince = 0;
  heardAt = 0;
  triedAt = 0;
  /** When the ping was sent that has not been answered well yet; 0 when all are. It starts as if one were on its way, so that who never answers is found out. */
  pingSince: number;
  pingedAt = 0;
  /** The last reply that shows it works, and the last of any kind. */
  workedAt: number;
  answeredAt: number;

  constructor(now: number, hasMessages: boolean) {
    this.hasMessages = hasMessages;
    this.pingSince = this.workedAt = this.answeredAt = now;
  }

  get isDisconnected(): boolean {
    return this.commands === 0 || (this.hasMessages && this.messages === 0);
  }

  get pendingCommands(): number {
    return this.awaited.length + this.awaitedMessages;
  }

  /**
   * As new, for an instance that starts over. It is connected to at the next tick: if it had to wait because its predecessor was tried
   * a moment ago, it could count as down before it was asked.
   */
  restart(now: number): void {
    this.pingSince = this.workedAt = this.answeredAt = now;
    this.pingedAt = this.triedAt = 0;
  }
}
