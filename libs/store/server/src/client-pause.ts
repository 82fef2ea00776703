/** CLIENT PAUSE: for a time commands wait, or those alone that change something. Of two pauses the longer and the wider counts. */
import type { Timer } from '@larder/shared-std';
import type { Command, Session } from '@larder/store-dispatch';
import { NEEDS_AUTH, NO_AUTH, WRITE } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import type { StoreServer } from './store-server';

/** Commands without the write flag that replicas may hear of. */
const MAY_CHANGE = new Set(['eval', 'evalsha', 'fcall', 'publish', 'spublish', 'pfcount']);

export class ClientPause {
  isActive = false;
  private stopsAll = false;
  private until = 0;
  private timer: Timer | null = null;
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
  }

  /** 0 ends it. */
  pause(ms: number, onlyWrites: boolean): void {
    this.timer?.cancel();
    const resume = () => {
      this.isActive = this.stopsAll = false;
      this.until = 0;
      for (const connection of [...this.server.connections.values()]) connection.resume();
    };
    if (ms === 0) return queueMicrotask(resume);
    const now = this.server.monotonic();
    this.isActive = true;
    this.stopsAll ||= !onlyWrites;
    this.until = Math.max(this.until, now + ms);
    this.timer = this.server.clock.setTimer(this.until - now, resume);
  }

  /** While it is active: whether this command waits until the end. What would be refused anyway is refused at once. */
  postpones(session: Session, args: Args): boolean {
    const { dispatcher } = this.server;
    const command = dispatcher.resolve(dispatcher.table.find(args.buf, args.off[0]!, args.len[0]!), args);
    if (typeof command === 'string') return false;
    if ((session.conditions & NEEDS_AUTH) !== 0 && (command.bits & NO_AUTH) === 0) return false;
    const changes = ({ bits, name }: Command) => (bits & WRITE) !== 0 || MAY_CHANGE.has(name);
    return this.stopsAll || changes(command) || (command.name === 'exec' && session.queue.some((queued) => changes(queued.command)));
  }

  stop(): void {
    this.timer?.cancel();
  }
}
