/**
 * Machines and the connections between them, as TCP gives them: each direction keeps its order and loses nothing while the connection
 * stands; everything else (delay, overtaking between connections, one-way silence, a reset at any time) may happen.
 *
 *   connect ──open──▶ accept          a direction that is blocked holds what is sent: TCP sends it again until the way is free,
 *           ◀─opened──                or gives the connection up
 *
 * A machine that crashes silently does not tell the others; they learn of it when it is back, or by their own time-outs.
 */
import type { Random } from '@larder/shared-std';
import type { EventQueue } from './event-queue';
import { MachineClock } from './event-queue';

/** What a connection carries; who opens it names its kind. */
export type Message =
  | { readonly type: 'bytes'; readonly bytes: Buffer }
  | { readonly type: 'words'; readonly words: readonly string[] }
  | { readonly type: 'said'; readonly said: unknown };

export type ConnectionPurpose = 'replica' | 'commands' | 'messages' | 'client';

export interface End {
  opened?(): void;
  received(message: Message): void;
  closed(): void;
}

interface Sent {
  readonly kind: 'open' | 'opened' | 'message' | 'end';
  readonly message?: Message;
}

/** One end of a connection: what its owner sends on. */
export class Side {
  readonly machine: Machine;
  readonly life: number;
  readonly purpose: ConnectionPurpose;
  end: End | null;
  other!: Side;
  isOpen = true;
  clearAtMs = 0;
  /** Waits for a blocked way. */
  held: Sent[] = [];
  /** What waited is lost with its sender: nothing that was sent after it may come. */
  hasGap = false;

  constructor(machine: Machine, purpose: ConnectionPurpose, end: End | null) {
    this.machine = machine;
    this.life = machine.life;
    this.purpose = purpose;
    this.end = end;
  }
}

/** A process on a machine of its own. */
export abstract class Machine {
  readonly address: string;
  readonly network: Network;
  readonly clock: MachineClock;
  readonly random: Random;
  isUp = false;
  life = 0;
  readonly sides = new Set<Side>();
  /** When it last went on after a stop. */
  resumedAtMs = 0;
  private stops = 0;
  private inbox: (() => void)[] = [];

  constructor(network: Network, address: string, random: Random) {
    this.network = network;
    this.address = address;
    this.random = random;
    this.clock = new MachineClock(network.queue, () => this.guard());
    network.machines.set(address, this);
  }

  /** Runs what belongs to this life, and when the process is not stopped. */
  guard(): (act: () => void) => void {
    const { life } = this;
    return (act) => this.run(life, act);
  }

  run(life: number, act: () => void): void {
    if (life !== this.life || !this.isUp) return;
    if (this.stops > 0) this.inbox.push(() => this.run(life, act));
    else act();
  }

  get isStopped(): boolean {
    return this.stops > 0;
  }

  abstract begin(): void;
  abstract accept(purpose: ConnectionPurpose, side: Side): End | null;
  /** What a crash takes with it. */
  protected abstract ended(): void;

  start(): void {
    this.isUp = true;
    this.life++;
    this.begin();
    this.network.rose(this);
  }

  crash(isSilent: boolean): void {
    if (!this.isUp) return;
    this.isUp = false;
    this.life++;
    this.stops = 0;
    this.inbox = [];
    for (const side of this.sides) this.network.abandon(side, isSilent);
    this.sides.clear();
    this.ended();
  }

  /** SIGSTOP, a swapping host, a disk that does not answer. */
  stopFor(ms: number): void {
    if (!this.isUp) return;
    const { life } = this;
    this.stops++;
    this.network.queue.after(ms, () => {
      if (life !== this.life || --this.stops > 0) return;
      const { inbox } = this;
      this.inbox = [];
      this.resumedAtMs = this.network.queue.nowMs;
      for (const act of inbox) act();
    });
  }
}

export class Network {
  readonly queue: EventQueue;
  readonly machines = new Map<string, Machine>();
  /** One way that is gone: `from>to`, and how many faults keep it so. */
  private readonly blocked = new Map<string, number>();
  private readonly holding = new Set<Side>();
  private readonly random: Random;
  delayMsMax = 2;
  /** Messages that may come twice do so with this probability. */
  repeats = 0;

  constructor(queue: EventQueue, random: Random) {
    this.queue = queue;
    this.random = random;
  }

  connect(from: Machine, to: string, purpose: ConnectionPurpose, end: End): Side {
    const near = new Side(from, purpose, end);
    from.sides.add(near);
    const target = this.machines.get(to);
    if (target === undefined) {
      this.tell(near, () => this.drop(near));
      return near;
    }
    const far = new Side(target, purpose, null);
    near.other = far;
    far.other = near;
    this.put(near, { kind: 'open' });
    return near;
  }

  send(side: Side, message: Message, mayRepeat = false): void {
    if (!side.isOpen) return;
    this.put(side, { kind: 'message', message });
    if (mayRepeat && this.random.next() < this.repeats) this.put(side, { kind: 'message', message });
  }

  /** The owner hears nothing more, the other end learns of it in its turn. */
  close(side: Side): void {
    if (!side.isOpen) return;
    side.isOpen = false;
    side.machine.sides.delete(side);
    if (side.other !== undefined) this.put(side, { kind: 'end' });
  }

  /** The owner's process is gone. */
  abandon(side: Side, isSilent: boolean): void {
    side.isOpen = false;
    this.holding.delete(side);
    side.hasGap = side.held.length > 0;
    side.held = [];
    const { other } = side;
    if (other === undefined) return;
    if (!isSilent) this.put(side, { kind: 'end' });
    else this.whenUp(side.machine, () => this.put(side, { kind: 'end' }));
  }

  private readonly risen = new Map<Machine, (() => void)[]>();

  private whenUp(machine: Machine, act: () => void): void {
    const list = this.risen.get(machine) ?? [];
    this.risen.set(machine, list);
    list.push(act);
  }

  /** A machine is back: what others still send to its former life is answered with a reset. */
  rose(machine: Machine): void {
    const list = this.risen.get(machine) ?? [];
    this.risen.delete(machine);
    for (const act of list) act();
  }

  /** Ends a connection on both sides, as a middlebox does it. */
  reset(side: Side): void {
    for (const each of [side, side.other]) if (each?.isOpen) this.tell(each, () => this.drop(each));
  }

  /** Ends some of all connections between machines. */
  resetSome(share: number, isMeant: (side: Side) => boolean): void {
    for (const machine of this.machines.values()) for (const side of [...machine.sides]) if (isMeant(side) && this.random.next() < share) this.reset(side);
  }

  block(from: string, to: string): void {
    const way = `${from}>${to}`;
    this.blocked.set(way, (this.blocked.get(way) ?? 0) + 1);
  }

  unblock(from: string, to: string): void {
    const way = `${from}>${to}`;
    const left = this.blocked.get(way)! - 1;
    if (left > 0) this.blocked.set(way, left);
    else this.blocked.delete(way);
    if (left > 0) return;
    for (const side of [...this.holding]) {
      if (side.machine.address !== from || side.other.machine.address !== to) continue;
      this.holding.delete(side);
      const { held } = side;
      side.held = [];
      // TCP may have given up meanwhile.
      if (this.random.next() < 0.3) this.reset(side);
      // Before what is still on its way.
      for (const sent of held) this.arrive(side, sent);
    }
  }

  isBlocked(from: Machine, to: Machine): boolean {
    return this.blocked.has(`${from.address}>${to.address}`);
  }

  private put(side: Side, sent: Sent): void {
    const { queue } = this;
    const at = Math.max(queue.nowMs + 0.1 + this.random.next() * this.delayMsMax, side.clearAtMs);
    side.clearAtMs = at;
    queue.at(at, () => this.arrive(side, sent));
  }

  private arrive(side: Side, sent: Sent): void {
    const { other } = side;
    if (side.hasGap && sent.kind !== 'end') return;
    if (side.held.length > 0 || this.isBlocked(side.machine, other.machine)) {
      side.held.push(sent);
      this.holding.add(side);
      return;
    }
    if (sent.kind === 'open') return this.arriveOpen(side, other);
    if (!other.isOpen) return;
    other.machine.run(other.life, () => {
      if (!other.isOpen) return;
      if (sent.kind === 'end') return this.drop(other);
      if (sent.kind === 'opened') other.end?.opened?.();
      else other.end?.received(sent.message!);
    });
  }

  private arriveOpen(near: Side, far: Side): void {
    const { machine } = far;
    if (!machine.isUp) {
      far.isOpen = false;
      // A dead process refuses; a dead machine says nothing until it is back.
      this.whenUpOrNow(machine, () => this.put(far, { kind: 'end' }));
      return;
    }
    const accepted = Object.assign(new Side(machine, near.purpose, null), { other: near });
    near.other = accepted;
    machine.sides.add(accepted);
    this.put(accepted, { kind: 'opened' });
    machine.run(machine.life, () => {
      accepted.end = machine.accept(near.purpose, accepted);
      if (accepted.end === null) this.close(accepted);
    });
  }

  private whenUpOrNow(machine: Machine, act: () => void): void {
    if (this.random.next() < 0.7) act();
    else this.whenUp(machine, act);
  }

  private tell(side: Side, act: () => void): void {
    this.queue.after(0.1 + this.random.next() * this.delayMsMax, () => side.machine.run(side.life, act));
  }

  private drop(side: Side): void {
    if (!side.isOpen) return;
    side.isOpen = false;
    side.machine.sides.delete(side);
    side.end?.closed();
  }
}
