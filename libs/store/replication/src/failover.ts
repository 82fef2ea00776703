/**
 * FAILOVER: a primary and one of its replicas change places without losing a write. The steps alone; what they do stands behind hands, for
 * the server's shell and for the simulator alike.
 *
 *   none ─FAILOVER─▶ waits: clients' writes are held until a replica has everything ─▶ in progress: follows it, PSYNC … FAILOVER
 *    ▲                 │ time out: FORCE goes on, otherwise it is over                        │ it accepts, or refuses
 *    └─────────────────┴──────────────────────────────────────────────────────────────────────┘ writes go on, here or there
 *
 * From the moment that it follows, this server is no primary, whatever becomes of the question: it is one again only when the other has
 * answered that it is none.
 */
import type { Clock, Timer } from '@larder/shared-std';
import type { LinkSlot } from './link-table';
import { FREE, ONLINE } from './link-table';
import type { SharedReplication } from './shared-replication';

const LOOK_MS = 2;

export type FailoverState = 'no-failover' | 'waiting-for-sync' | 'failover-in-progress';

export interface FailoverTarget {
  readonly host: string;
  readonly port: number;
}

export interface FailoverHands {
  readonly clock: Clock;
  /** Runs it in an exclusive section. */
  alone(act: () => void): void;
  /** Clients' writes wait, or go on, and nobody may follow another meanwhile. */
  hold(isHeld: boolean): void;
  askAck(): void;
  /** Follows it, and asks it to be the primary. */
  follow(host: string, port: number): void;
  promote(): void;
  log(text: string): void;
}

export class Failover {
  state: FailoverState = 'no-failover';
  private readonly shared: SharedReplication;
  private readonly hands: FailoverHands;
  private target: FailoverTarget | null = null;
  private endsAt = 0;
  private isForced = false;
  private upTo = 0;
  private timer: Timer | null = null;

  constructor(shared: SharedReplication, hands: FailoverHands) {
    this.shared = shared;
    this.hands = hands;
  }

  private find({ host, port }: FailoverTarget): LinkSlot | undefined {
    return this.shared.links.slots.find((slot) => slot.state !== FREE && slot.port === port && slot.address.toLowerCase() === host.toLowerCase());
  }

  /** Begins. In an exclusive section; why not, or undefined. */
  begin(options: { target: FailoverTarget | null; timeoutMs: number; isForced: boolean }): string | undefined {
    const { shared, hands } = this;
    const { target, timeoutMs, isForced } = options;
    if (this.state !== 'no-failover') return 'ERR FAILOVER already in progress.';
    if (shared.state.isReplica) return 'ERR FAILOVER is not valid when server is a replica.';
    if (shared.links.count === 0) return 'ERR FAILOVER requires connected replicas.';
    if (isForced && (timeoutMs === 0 || target === null)) return 'ERR FAILOVER with force option requires both a timeout and target HOST and IP.';
    if (target !== null) {
      const slot = this.find(target);
      if (slot === undefined) return 'ERR FAILOVER target HOST and PORT is not a replica.';
      if (slot.state !== ONLINE) return 'ERR FAILOVER target replica is not online.';
    }
    this.target = target;
    this.isForced = isForced;
    this.endsAt = timeoutMs === 0 ? 0 : hands.clock.monotonic() + timeoutMs;
    hands.log(target === null ? 'FAILOVER requested.' : `FAILOVER requested to ${target.host}:${target.port}.`);
    this.state = 'waiting-for-sync';
    hands.hold(true);
    this.upTo = shared.backlog.end;
    hands.askAck();
    this.look();
    return undefined;
  }

  private look(): void {
    this.timer = this.hands.clock.setTimer(LOOK_MS, () => {
      if (this.state !== 'waiting-for-sync') return;
      this.hands.alone(() => this.check());
      if (this.state === 'waiting-for-sync') this.look();
    });
  }

  private check(): void {
    const { hands, target } = this;
    if (this.endsAt > 0 && hands.clock.monotonic() >= this.endsAt) {
      if (!this.isForced || target === null) return this.abort('Replica never caught up before timeout');
      hands.log(`Failover to ${target.host}:${target.port} time out exceeded, failing over.`);
      return this.follow(target.host, target.port);
    }
    const isReady = (slot: LinkSlot | undefined) => slot !== undefined && slot.state === ONLINE && this.hasAll(slot, this.upTo);
    const slot = target === null ? this.shared.links.slots.find(isReady) : this.find(target);
    if (slot === undefined || !isReady(slot)) return;
    hands.log(`Failover target is synced, failing over to ${slot.address}:${slot.port}`);
    const { address, port } = slot;
    this.follow(address, port);
    // What came behind is the question for acknowledgements, which the target may not have read before its link was cut.
    this.shared.backlog.rewind(this.upTo);
  }

  protected hasAll(slot: LinkSlot, upTo: number): boolean {
    return slot.acknowledged >= upTo;
  }

  private follow(host: string, port: number): void {
    this.state = 'failover-in-progress';
    this.hands.follow(host, port);
  }

  /** The former replica is the primary now. */
  accepted(): void {
    if (this.state === 'failover-in-progress') this.hands.alone(() => this.end());
  }

  /** It does not want to be. */
  refused(): void {
    if (this.state === 'failover-in-progress') this.hands.alone(() => this.abort('Failover target rejected psync request'));
  }

  /** In an exclusive section. */
  abort(why: string): void {
    this.hands.log(`Aborting failover: ${why}`);
    if (this.state === 'failover-in-progress') this.hands.promote();
    this.end();
  }

  private end(): void {
    this.timer?.cancel();
    this.state = 'no-failover';
    this.target = null;
    this.hands.hold(false);
  }
}
