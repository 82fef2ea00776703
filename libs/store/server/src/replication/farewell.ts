/**
 * A shutdown with replicas: writes are paused until they have everything, `shutdown-timeout` seconds at most, so that they can go on
 * with the primary that is started next, or one of them instead of it.
 */
import type { Timer } from '@larder/shared-std';
import { ONLINE } from '@larder/store-replication';
import type { LinkSlot } from '@larder/store-replication';
import type { StoreServer } from '../store-server';
import type { Replication } from './replication';

const LOOK_MS = 5;

export class Farewell {
  private readonly replication: Replication;
  private readonly server: StoreServer;
  private timer: Timer | null = null;
  private upTo = 0;

  constructor(replication: Replication) {
    this.replication = replication;
    this.server = replication.server;
  }

  get isWaiting(): boolean {
    return this.timer !== null;
  }

  private get lagging(): LinkSlot[] {
    return this.replication.shared.links.connected.filter((slot) => slot.acknowledged < this.upTo);
  }

  /** True when `leave` is called later. In an exclusive section. */
  delays(leave: () => void): boolean {
    const { server, replication } = this;
    const seconds = server.settings.number('shutdown-timeout');
    if (this.isWaiting) return true;
    this.upTo = replication.shared.backlog.end;
    if (seconds === 0 || replication.shared.state.isReplica || this.lagging.length === 0) return false;
    server.log.notice('Waiting for replicas before shutting down.');
    replication.pauseWrites(true);
    replication.askAck();
    const until = server.monotonic() + seconds * 1000;
    const look = () => {
      this.timer = server.clock.setTimer(LOOK_MS, () => {
        if (this.lagging.length > 0 && server.monotonic() < until) return look();
        this.timer = null;
        this.tell();
        leave();
      });
    };
    look();
    return true;
  }

  private tell(): void {
    const { log } = this.server;
    const { connected } = this.replication.shared.links;
    const { lagging } = this;
    const now = this.server.monotonic();
    for (const slot of lagging) {
      const lag = slot.state === ONLINE ? Math.floor((now - slot.acknowledgedAt) / 1000) : 0;
      log.warning(`Lagging replica ${slot.address}:${slot.port} reported offset ${this.upTo - Math.max(0, slot.acknowledged)} behind master, lag=${lag}, state=${slot.state === ONLINE ? 'online' : 'wait_bgsave'}.`);
    }
    if (connected.length > 0) log.notice(`${connected.length - lagging.length} of ${connected.length} replicas are in sync when shutting down.`);
  }

  /** SHUTDOWN ABORT: false when nothing was to be aborted. In an exclusive section. */
  abort(): boolean {
    if (this.timer === null) return false;
    this.timer.cancel();
    this.timer = null;
    this.server.log.notice('Shutdown manually aborted.');
    this.replication.pauseWrites(false);
    this.replication.endWaitsForShutdown();
    return true;
  }
}
