/**
 * Who is told of what others do: MONITOR of commands, client-side caching of keys. While nobody is, dispatch and keyspace ask nothing.
 */
import type { Command, Observer, Session } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import { Connection } from './connection';
import { Monitors } from './monitors';
import type { StoreServer } from './store-server';
import { Tracking } from './tracking';

export class Observers implements Observer {
  readonly monitors: Monitors;
  readonly tracking: Tracking;
  private readonly server: StoreServer;
  private isListening = false;

  constructor(server: StoreServer) {
    this.server = server;
    this.monitors = new Monitors(server, () => this.follow());
    this.tracking = new Tracking(server, () => this.follow());
    server.onForget.push((connection) => {
      this.monitors.delete(connection);
      this.tracking.forget(connection);
    });
  }

  /** Some client tracks, on some thread. */
  get isTracking(): boolean {
    return this.isListening;
  }

  private follow(): void {
    const { dispatcher } = this.server;
    const { monitors, tracking } = this;
    dispatcher.observer = monitors.audience.isEmpty && tracking.audience.count === 0 ? null : this;
    const listens = !tracking.audience.isEmpty;
    if (listens === this.isListening) return;
    this.isListening = listens;
    if (listens) dispatcher.waiters.addListener(tracking);
    else dispatcher.waiters.removeListener(tracking);
    dispatcher.listen();
  }

  /** Scripts are shown before what they run. */
  before(session: Session, command: Command, args: Args): void {
    if (command.flags.includes('skip_monitor')) this.show(session, command, args);
  }

  after(session: Session, command: Command, args: Args): void {
    if (!command.flags.includes('skip_monitor')) this.show(session, command, args);
    const { unit } = this.server.dispatcher;
    const reader = unit.inScript ? this.server.current : session;
    if (reader !== null && this.tracking.audience.count > 0) this.tracking.remember(reader, command, args);
  }

  private show(session: Session, command: Command, args: Args): void {
    if (this.monitors.audience.isEmpty) return;
    const { inScript } = this.server.dispatcher.unit;
    // A command that another thread wants run here is shown there.
    if (!inScript && !(session instanceof Connection)) return;
    const client = inScript ? 'lua' : (session as Connection).address;
    this.monitors.tell(client.endsWith(':0') ? `unix:${client.slice(0, -2)}` : client, session.database, command, args);
  }
}
