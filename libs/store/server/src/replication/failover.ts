/**
 * FAILOVER: this primary and one of its replicas change places without losing a write.
 *
 *   none ─FAILOVER─▶ waits: clients' writes are paused until a replica has everything ─▶ in progress: follows it, PSYNC … FAILOVER
 *    ▲                 │ time out: FORCE goes on, otherwise it is over                         │ it accepts, or refuses
 *    └─────────────────┴───────────────────────────────────────────────────────────────────────┘ writes go on, here or there
 */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { Timer } from '@larder/shared-std';
import { FREE, ONLINE } from '@larder/store-replication';
import type { LinkSlot } from '@larder/store-replication';
import type { StoreServer } from '../store-server';
import type { Replication } from './replication';

const LOOK_MS = 2;

type State = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress';

export class Failover {
  state: State = 'no-failover';
  private readonly replication: Replication;
  private readonly server: StoreServer;
  private target: { host: string; port: number } | null = null;
  private endsAt = 0;
  private isForced = false;
  private upTo = 0;
  private timer: Timer | null = null;

  constructor(replication: Replication) {
    this.replication = replication;
    this.server = replication.server;
  }

  private find(host: string, port: number): LinkSlot | undefined {
    return this.replication.shared.links.slots.find((slot) => slot.state !== FREE && slot.port === port && slot.address.toLowerCase() === host.toLowerCase());
  }

  /** Begins. In an exclusive section; why not, or undefined. */
  begin(options: { target: { host: string; port: number } | null; timeoutMs: number; isForced: boolean }): string | undefined {
    const { replication, server } = this;
    const { shared } = replication;
    const { target, timeoutMs, isForced } = options;
    if (this.state !== 'no-failover') return 'ERR FAILOVER already in progress.';
    if (shared.state.isReplica) return 'ERR FAILOVER is not valid when server is a replica.';
    if (shared.links.count === 0) return 'ERR FAILOVER requires connected replicas.';
    if (isForced && (timeoutMs === 0 || target === null)) return 'ERR FAILOVER with force option requires both a timeout and target HOST and IP.';
    if (target !== null) {
      const slot = this.find(target.host, target.port);
      if (slot === undefined) return 'ERR FAILOVER target HOST and PORT is not a replica.';
      if (slot.state !== ONLINE) return 'ERR FAILOVER target replica is not online.';
    }
    this.target = target;
    this.isForced = isForced;
    this.endsAt = timeoutMs === 0 ? 0 : server.monotonic() + timeoutMs;
    server.log.notice(target === null ? 'FAILOVER requested.' : `FAILOVER requested to ${target.host}:${target.port}.`);
    this.state = 'waiting-for-sync';
    replication.isFailingOver = true;
    replication.pauseWrites(true);
    this.upTo = shared.backlog.end;
    replication.askAck();
    this.look();
    return undefined;
  }

  private look(): void {
    this.timer = this.server.clock.setTimer(LOOK_MS, () => {
      if (this.state !== 'waiting-for-sync') return;
      this.server.turn(() => this.server.alone(() => this.check()));
      if (this.state === 'waiting-for-sync') this.look();
    });
  }

  private check(): void {
    const { server, target } = this;
    if (this.endsAt > 0 && server.monotonic() >= this.endsAt) {
      if (!this.isForced || target === null) return this.abort('Replica never caught up before timeout');
      server.log.notice(`Failover to ${target.host}:${target.port} time out exceeded, failing over.`);
      return this.follow(target.host, target.port);
    }
    const isReady = (slot: LinkSlot | undefined) => slot !== undefined && slot.state === ONLINE && slot.acknowledged >= this.upTo;
    const slot = target === null ? this.replication.shared.links.slots.find(isReady) : this.find(target.host, target.port);
    if (slot === undefined || !isReady(slot)) return;
    server.log.notice(`Failover target is synced, failing over to ${slot.address}:${slot.port}`);
    const { address, port } = slot;
    this.follow(address, port);
    // What came behind is the question for acknowledgements, which the target may not have read before its link was cut.
    this.replication.shared.backlog.rewind(this.upTo);
  }

  private follow(host: string, port: number): void {
    this.state = 'failover-in-progress';
    this.server.replica!.follow(host, port, true);
  }

  /** The former replica is the primary now. */
  accepted(): void {
    if (this.state === 'failover-in-progress') this.server.turn(() => this.server.alone(() => this.end()));
  }

  /** It does not want to be. */
  refused(): void {
    if (this.state === 'failover-in-progress') this.server.turn(() => this.server.alone(() => this.abort('Failover target rejected psync request')));
  }

  /** In an exclusive section. */
  abort(why: string): void {
    const { log } = this.server;
    log.notice(`Aborting failover: ${why}`);
    if (this.state === 'failover-in-progress') this.server.replica!.promote();
    this.end();
  }

  private end(): void {
    this.timer?.cancel();
    this.state = 'no-failover';
    this.target = null;
    this.replication.isFailingOver = false;
    this.replication.pauseWrites(false);
  }
}

export function failoverCommands(server: StoreServer): readonly CommandRow[] {
  function failover(unit: Unit): void {
    const { args, reply } = unit;
    const { failover: running } = server.replication.home!;
    if (args.count === 2 && args.is(1, 'abort')) {
      if (running.state === 'no-failover') return reply.error('ERR No failover in progress.');
      running.abort('Failover manually aborted');
      return reply.ok();
    }
    let timeoutMs = 0;
    let target: { host: string; port: number } | null = null;
    let isForced = false;
    for (let i = 1; i < args.count; i++) {
      if (args.is(i, 'timeout') && i + 1 < args.count && timeoutMs === 0) {
        timeoutMs = unit.integerArg(++i);
        if (timeoutMs !== timeoutMs) return;
        if (timeoutMs <= 0) return reply.error('ERR FAILOVER timeout must be greater than 0');
      } else if (args.is(i, 'to') && i + 2 < args.count && target === null) {
        const port = unit.integerArg(i + 2);
        if (port !== port) return;
        target = { host: args.text(i + 1), port };
        i += 2;
      } else if (args.is(i, 'force') && !isForced) isForced = true;
      else return unit.syntaxError();
    }
    const refused = running.begin({ target, timeoutMs, isForced });
    if (refused === undefined) reply.ok();
    else reply.error(refused);
  }

  return [{ name: 'failover', needs: 'exclusive', run: failover }];
}
