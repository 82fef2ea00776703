/**
 * A store server in a simulated world: the real Lineage, ReplicationState, Backlog, LinkTable, ReplicationStream and ReplicaLink over a
 * model of the data (one state of the write tree) instead of a keyspace. What the server's shell does around them (loading, INFO, WAIT,
 * gates, who is disconnected when) is done here the way libs/store/server/src/replication does it.
 *
 * Its disk keeps the configuration (whom it follows) and, as the world asks, a snapshot of now and then, every write, or nothing.
 */
import type { Random, Timer } from '@larder/shared-std';
import type { Answer } from '@larder/store-sentinel';
import type { FailoverHands, History, LinkHands, LinkSettings, LinkSlot, LoadResult } from '@larder/store-replication';
import { Failover, Lineage, ReplicaLink, SharedReplication } from '@larder/store-replication';
import type { ConnectionPurpose, End, Message, Side } from './network';
import { Machine } from './network';
import type { ReplicaSession } from './server-replicas';
import { ReplicaSession as Session } from './server-replicas';
import type { World } from './world';
import { readCommand } from './words';
import type { DataState } from './write-tree';

export const SERVER_PORT = 6379;
const BACKLOG_BYTES = 16_384;
const LINK_TIMEOUT_MS = 5000;
const PING_PERIOD_MS = 2000;

export interface Request {
  readonly kind: 'write' | 'read';
  readonly number: number;
  readonly register: number;
  readonly write: number;
  readonly replicas: number;
  readonly waitMs: number;
}

export interface Response {
  readonly number: number;
  readonly error?: string;
  /** Replicas that have the write, or the value read. */
  readonly value: number;
  readonly depth: number;
}

interface Waiting {
  readonly side: Side;
  readonly request: Request;
  readonly upTo: number;
  readonly depth: number;
  readonly timer: Timer;
}

interface Disk {
  follows: string | null;
  /** A mark that lies beside the data, and stays when these are not kept. */
  hasHadReplicas: boolean;
  saved: { data: DataState; history: History | undefined } | null;
}

const text = (type: 'status' | 'error' | 'bulk', words: string): Answer => ({ type, text: words });
const OK = text('status', 'OK');

/** With steps where a fault can be planted. */
class SteppedLineage extends Lineage {
  private readonly node: ServerNode;

  constructor(node: ServerNode) {
    super(node.shared, { newId: () => node.newId(), historyBytes: () => BACKLOG_BYTES });
    this.node = node;
  }

  protected override shift(newId: string): void {
    this.node.world.faults.promote(this.shared.state, newId, this.shared.backlog.end);
  }

  protected override forget(): void {
    this.node.world.faults.flushed(this.shared, this.node.newId());
  }
}

class SteppedFailover extends Failover {
  private readonly node: ServerNode;

  constructor(node: ServerNode) {
    super(node.shared, node.failoverHands());
    this.node = node;
  }

  protected override hasAll(slot: LinkSlot, upTo: number): boolean {
    return this.node.world.faults.hasAll(slot.acknowledged, upTo);
  }
}

export class ServerNode extends Machine implements LinkHands {
  readonly world: World;
  shared!: SharedReplication;
  lineage!: Lineage;
  link!: ReplicaLink;
  failover!: Failover;
  data!: DataState;
  isLoading = false;
  readonly sessions = new Set<ReplicaSession>();
  readonly disk: Disk = { follows: null, hasHadReplicas: false, saved: null };
  /** The disk is this much slower. */
  diskFactor = 1;
  minReplicas = 0;
  maxLagSeconds = 2;
  /** True time when a replica was last sent a snapshot whole. */
  snapshotSentAtMs = 0;
  private startedEmpty = false;
  private runId = '';
  private follows: string | null = null;
  private upstream: Side | null = null;
  private pending = '';
  private snapshot = '';
  private loadNumber = 0;
  private pumpIsDue = false;
  private waiting: Waiting[] = [];
  private readonly subscribers = new Set<Side>();
  private readonly queued = new Map<Side, (readonly string[])[]>();
  private pingedAt = 0;
  /** Asks whom it follows to become the primary. */
  private takesOver = false;
  /** Clients' writes wait; who has one waits with all that it says behind it. */
  private isHolding = false;
  private held: { side: Side; message: Message }[] = [];

  constructor(world: World, address: string, random: Random) {
    super(world.network, address, random);
    this.world = world;
  }

  newId(): string {
    return Buffer.from(this.random.bytes(20)).toString('hex');
  }

  // A life

  begin(): void {
    const { world, disk } = this;
    this.shared = new SharedReplication(SharedReplication.reserve(BACKLOG_BYTES));
    this.lineage = new SteppedLineage(this);
    this.failover = new SteppedFailover(this);
    this.link = new ReplicaLink(this, this.clock);
    this.runId = this.newId();
    this.isLoading = this.pumpIsDue = false;
    this.pending = '';
    const { state, stream } = this.shared;
    state.initialise(this.newId());
    stream.onMove = () => this.moved();
    this.follows = disk.follows;
    state.isReplica = this.follows !== null;
    this.data = disk.saved?.data ?? world.tree.root;
    this.startedEmpty = this.data === world.tree.root && disk.hasHadReplicas && !state.isReplica;
    const history = disk.saved?.history;
    if (history !== undefined) {
      this.lineage.restore(history);
      if (!state.isReplica) world.tree.fork(state.id, history);
      this.note();
    }
    if (this.follows !== null) this.link.followSoon(this.follows, SERVER_PORT);
    this.everySecond();
  }

  protected ended(): void {
    for (const session of [...this.sessions]) session.closed();
    for (const { timer } of this.waiting) timer.cancel();
    this.waiting = [];
    this.held = [];
    this.isHolding = this.takesOver = false;
    this.upstream = null;
    this.subscribers.clear();
    this.queued.clear();
  }

  private everySecond(): void {
    this.clock.setTimer(1000, () => {
      this.everySecond();
      if (this.follows !== null) {
        this.link.tick();
        this.phaseChanged();
      }
      for (const session of [...this.sessions]) session.tick();
      const { state, backlog, stream } = this.shared;
      if (state.isReplica || !backlog.isActive || this.clock.monotonic() - this.pingedAt < PING_PERIOD_MS) return;
      this.pingedAt = this.clock.monotonic();
      stream.ping();
      this.note();
    });
  }

  /** `repl-refuse-empty-full-sync`. */
  private get isWary(): boolean {
    return this.world.refusesEmpty;
  }

  /** It had replicas, and has started without what they have: nobody is given that instead. */
  get isSuspect(): boolean {
    return this.startedEmpty && this.isWary && !this.isReplica;
  }

  diskMs(ms: number): number {
    return (1 + this.random.next() * ms) * this.diskFactor;
  }

  /** What a snapshot of now tells. */
  save(): void {
    const { state, backlog } = this.shared;
    if (this.isLoading) return;
    const isOfHistory = backlog.isActive && (!state.isReplica || this.lineage.hasHistory);
    this.disk.saved = { data: this.data, history: isOfHistory ? { id: state.id, offset: backlog.end } : undefined };
  }

  private changed(data: DataState): void {
    this.data = data;
    if (this.world.options.isDurable) this.disk.saved = { data, history: undefined };
  }

  /** Tells the world where this server is in which history. */
  private note(): void {
    const { state, backlog } = this.shared;
    if (backlog.isActive && !this.isLoading) this.world.isAt(this, state.id, backlog.end);
  }

  // Roles, as replication.ts and replica-role.ts do it

  get isReplica(): boolean {
    return this.shared.state.isReplica;
  }

  get followed(): string | null {
    return this.follows;
  }

  ensureBacklog(): void {
    if (this.lineage.begin()) this.note();
  }

  follow(address: string, takesOver = false): void {
    const { state } = this.shared;
    this.takesOver = takesOver;
    this.world.onEvent?.(this.address, `follows ${address}`);
    const wasPrimary = !state.isReplica;
    this.follows = address;
    this.startedEmpty = false;
    this.lineage.turn();
    if (wasPrimary) {
      this.pending = '';
      this.lineage.demote();
      this.dropSessions();
      this.unblockAll();
    }
    this.link.follow(address, SERVER_PORT);
    state.isFollowing = false;
  }

  promote(): void {
    const { state, backlog } = this.shared;
    if (!state.isReplica) return;
    this.link.stop();
    this.follows = null;
    // A history that was given up with the data is none to go on from: replicas that ask for it show whether that is heeded.
    const origin = this.lineage.history;
    this.lineage.promote();
    this.dropSessions();
    this.world.onEvent?.(this.address, `promoted at ${backlog.end} of ${state.id2.slice(0, 6)}, now ${state.id.slice(0, 6)}`);
    if (origin !== undefined) this.world.tree.fork(state.id, origin);
    this.note();
  }

  private dropSessions(): void {
    for (const session of [...this.sessions]) session.end();
  }

  private unblockAll(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const each of waiting) {
      each.timer.cancel();
      this.respond(each.side, { number: each.request.number, error: 'UNBLOCKED', value: 0, depth: 0 });
    }
  }

  private phaseChanged(): void {
    this.shared.state.isFollowing = this.isReplica && this.link.phase === 'connected';
  }

  // The hands of the link

  settings(): LinkSettings {
    return { user: '', password: '', announcedPort: SERVER_PORT, announcedIp: '', timeoutMs: LINK_TIMEOUT_MS };
  }

  log(): void {}

  connect(host: string): void {
    this.disconnect();
    const side: Side = this.network.connect(this, host, 'replica', {
      opened: () => {
        if (this.upstream === side) this.link.connected();
      },
      received: (message) => {
        if (this.upstream !== side || message.type !== 'bytes') return;
        this.link.received(message.bytes, 0, message.bytes.length);
        this.phaseChanged();
      },
      closed: () => {
        if (this.upstream !== side) return;
        this.upstream = null;
        this.link.closed('');
        if (this.link.phase === 'loading' && !this.world.faults.finishesLoading()) this.link.loaded('failed');
        this.phaseChanged();
      },
    });
    this.upstream = side;
  }

  send(bytes: Buffer): void {
    if (this.upstream !== null) this.network.send(this.upstream, { type: 'bytes', bytes });
  }

  disconnect(): void {
    if (this.upstream !== null) this.network.close(this.upstream);
    this.upstream = null;
    this.pending = '';
  }

  history(): History | undefined {
    return this.lineage.history;
  }

  isTakingOver(): boolean {
    return this.takesOver;
  }

  takeOverAnswered(isAccepted: boolean): void {
    this.takesOver = false;
    this.world.onEvent?.(this.address, isAccepted ? 'hands over' : 'is refused as a successor');
    if (isAccepted) this.world.judge.figures.handovers++;
    if (isAccepted) this.failover.accepted();
    else this.failover.refused();
  }

  // The hands of FAILOVER

  failoverHands(): FailoverHands {
    return {
      clock: this.clock,
      alone: (act) => act(),
      hold: (isHeld) => this.hold(isHeld),
      askAck: () => {
        if (this.shared.backlog.isActive) this.shared.stream.askAck();
        this.note();
      },
      follow: (host) => this.follow(host, true),
      promote: () => this.promote(),
      log: (text) => this.world.onEvent?.(this.address, text),
    };
  }

  private hold(isHeld: boolean): void {
    this.isHolding = isHeld && this.world.faults.holdsWrites();
    if (isHeld) return;
    // In the order they came; who hung up meanwhile is not there any more.
    for (const { side, message } of this.held.splice(0)) if (side.end !== null) side.end.received(message);
  }

  /** Whether this, or something of its before it, has to wait. */
  private postpones(side: Side, message: Message): boolean {
    if (!this.isHolding) return false;
    const isWrite = message.type === 'said' ? (message.said as Request).kind === 'write' && !this.isReplica : message.type === 'words' && message.words[0] === 'PUBLISH';
    if (!isWrite && !this.held.some((each) => each.side === side)) return false;
    this.held.push({ side, message });
    return true;
  }

  continued(newId: string | undefined): void {
    this.pending = '';
    if (this.lineage.continues(newId)) this.dropSessions();
    this.shared.state.isFollowing = true;
    this.note();
  }

  transferBegins(): void {
    this.snapshot = '';
  }

  transferred(bytes: Buffer, off: number, length: number): void {
    this.snapshot += bytes.toString('latin1', off, off + length);
  }

  transferFailed(): void {
    // Half of a snapshot is nothing to answer from: what was flushed stays so.
    this.loadNumber++;
    this.isLoading = false;
  }

  load(from: History | undefined): void {
    const { world } = this;
    const number = ++this.loadNumber;
    const loaded = world.tree.states[Number.parseInt(this.snapshot, 10)]!;
    const { root } = world.tree;
    if (this.isWary && loaded === root && this.data !== root) return this.loadEnds('refused');
    // As Redis does it: what there was goes before the new is read.
    this.isLoading = true;
    this.dropSessions();
    this.data = world.tree.root;
    this.lineage.givesUp();
    this.clock.setTimer(this.diskMs(200), () => {
      if (number !== this.loadNumber) return;
      this.isLoading = false;
      this.changed(loaded);
      this.dropSessions();
      this.lineage.takes(from);
      this.pending = '';
      this.world.onEvent?.(this.address, `loaded ${from!.id.slice(0, 6)} ${from!.offset}`);
      this.note();
      this.loadEnds('loaded');
    });
  }

  private loadEnds(result: LoadResult): void {
    this.link.loaded(result);
    this.phaseChanged();
  }

  apply(bytes: Buffer, off: number, length: number): void {
    this.pending += bytes.toString('latin1', off, off + length);
    let at = 0;
    let asksForAck = false;
    for (let command = readCommand(this.pending, at); command !== undefined; command = readCommand(this.pending, at)) {
      at = command.end;
      const [name, ...args] = command.words;
      if (name === 'SET') this.changed(this.world.tree.after(this.data, { id: Number(args[1]), register: Number(args[0]) }));
      else if (name === 'PUBLISH') this.push(args[0]!, args[1]!);
      else if (name === 'REPLCONF') asksForAck = true;
    }
    if (at === 0) return;
    const relayed = Buffer.from(this.pending.slice(0, at), 'latin1');
    this.pending = this.pending.slice(at);
    this.shared.stream.relay(relayed, 0, relayed.length);
    this.note();
    if (asksForAck) this.link.acknowledge();
  }

  // The stream's way out

  private moved(): void {
    if (this.pumpIsDue) return;
    this.pumpIsDue = true;
    this.clock.setTimer(0, () => {
      this.pumpIsDue = false;
      for (const session of [...this.sessions]) session.work();
    });
  }

  // Who connects

  accept(purpose: ConnectionPurpose, side: Side): End {
    if (purpose === 'replica') return new Session(this, side);
    if (purpose === 'client') return { received: (message) => this.serve(side, message), closed: () => this.forget(side) };
    return {
      received: (message) => {
        if (message.type === 'words' && !this.postpones(side, message)) this.answer(side, message.words);
      },
      closed: () => {
        this.subscribers.delete(side);
        this.forget(side);
      },
    };
  }

  private forget(side: Side): void {
    for (const each of this.waiting) if (each.side === side) each.timer.cancel();
    this.waiting = this.waiting.filter((each) => each.side !== side);
    this.held = this.held.filter((each) => each.side !== side);
  }

  private respond(side: Side, response: Response): void {
    this.network.send(side, { type: 'said', said: response });
  }

  /** A client's request. */
  private serve(side: Side, message: Message): void {
    if (message.type !== 'said' || this.postpones(side, message)) return;
    const request = message.said as Request;
    const { number } = request;
    const refuse = (error: string) => this.respond(side, { number, error, value: 0, depth: 0 });
    if (this.isLoading) return refuse('LOADING');
    if (request.kind === 'read') return this.respond(side, { number, value: this.data.registers[request.register]!, depth: this.data.depth });
    if (this.isReplica) return refuse('READONLY');
    const { links, backlog, stream } = this.shared;
    if (this.world.faults.hasTooFew(links.countGood(this.clock.monotonic(), this.maxLagSeconds), this.minReplicas)) return refuse('NOREPLICAS');
    const before = this.data;
    this.changed(this.world.tree.after(before, { id: request.write, register: request.register }));
    if (backlog.isActive) stream.command(0, ['SET', String(request.register), String(request.write)]);
    this.world.accepted(this, before);
    this.note();
    const { depth } = this.data;
    const upTo = backlog.end;
    if (request.replicas === 0 || links.countAcknowledged(upTo) >= request.replicas) {
      return this.respond(side, { number, value: links.countAcknowledged(upTo), depth });
    }
    const timer = this.clock.setTimer(request.waitMs, () => {
      this.waiting = this.waiting.filter((each) => each.request !== request);
      this.respond(side, { number, value: links.countAcknowledged(upTo), depth });
    });
    this.waiting.push({ side, request, upTo, depth, timer });
    if (!backlog.isActive) return;
    stream.askAck();
    this.note();
  }

  serveWaiting(): void {
    const { links } = this.shared;
    this.waiting = this.waiting.filter(({ side, request, upTo, depth, timer }) => {
      const count = links.countAcknowledged(upTo);
      if (count < request.replicas) return true;
      timer.cancel();
      this.respond(side, { number: request.number, value: count, depth });
      return false;
    });
  }

  // Sentinels

  private reply(side: Side, answer: Answer): void {
    this.network.send(side, { type: 'said', said: answer });
  }

  private answer(side: Side, words: readonly string[]): void {
    const queue = this.queued.get(side);
    if (queue === undefined || words[0] === 'EXEC') return this.reply(side, this.perform(side, words));
    queue.push(words);
    this.reply(side, text('status', 'QUEUED'));
  }

  private perform(side: Side, [name, ...args]: readonly string[]): Answer {
    switch (name) {
      case 'PING':
        return this.isLoading ? text('error', 'LOADING') : text('status', 'PONG');
      case 'INFO':
        return text('bulk', this.world.faults.info(this.info()));
      case 'MULTI':
        this.queued.set(side, []);
        return OK;
      case 'EXEC': {
        const queue = this.queued.get(side) ?? [];
        this.queued.delete(side);
        // SLAVEOF is refused while loading, and with it the transaction.
        if (this.isLoading) return text('error', 'EXECABORT');
        return { type: 'array', items: queue.map((words) => this.perform(side, words)) };
      }
      case 'SLAVEOF':
        if (this.failover.state !== 'no-failover') return text('error', 'ERR REPLICAOF not allowed while failing over.');
        if (args[0] === 'NO') this.promote();
        else if (this.follows !== args[0]) this.follow(args[0]!);
        return OK;
      case 'CONFIG':
        this.disk.follows = this.follows;
        return OK;
      case 'CLIENT':
        if (args[0] === 'KILL') this.killClients(args[2]!, side);
        return OK;
      case 'SUBSCRIBE':
        this.subscribers.add(side);
        return { type: 'array', items: [text('bulk', 'subscribe')] };
      case 'PUBLISH': {
        if (this.isLoading) return text('error', 'LOADING');
        const { state, backlog, stream } = this.shared;
        this.push(args[0]!, args[1]!);
        if (!state.isReplica && backlog.isActive) {
          stream.command(-1, ['PUBLISH', ...args]);
          this.note();
        }
        return { type: 'integer', value: this.subscribers.size };
      }
      default:
        return OK;
    }
  }

  private push(channel: string, payload: string): void {
    const answer: Answer = { type: 'array', items: [text('bulk', 'message'), text('bulk', channel), text('bulk', payload)] };
    for (const side of this.subscribers) this.network.send(side, { type: 'said', said: answer }, true);
  }

  private killClients(type: string, caller: Side): void {
    for (const side of [...this.sides]) {
      const isMeant = type === 'pubsub' ? this.subscribers.has(side) : side.purpose === 'client' || (side.purpose === 'commands' && side !== caller);
      if (!isMeant || side.end === null) continue;
      this.network.close(side);
      this.subscribers.delete(side);
      this.queued.delete(side);
      this.forget(side);
    }
  }

  private info(): string {
    const { state, backlog, links } = this.shared;
    const lines = [`run_id:${this.runId}`, `role:${state.isReplica ? 'slave' : 'master'}`];
    if (state.isReplica) {
      const isUp = this.link.phase === 'connected';
      const { downSince } = this.link;
      lines.push(`master_host:${this.follows}`, `master_port:${SERVER_PORT}`, `master_link_status:${isUp ? 'up' : 'down'}`);
      lines.push(`slave_repl_offset:${isUp || this.lineage.hasHistory ? backlog.end : 0}`);
      if (!isUp) lines.push(`master_link_down_since_seconds:${downSince === 0 ? -1 : Math.floor((this.clock.monotonic() - downSince) / 1000)}`);
      lines.push(`slave_priority:${this.lineage.isHollow ? this.world.faults.priorityOfHollow() : 100}`, 'replica_announced:1');
    }
    lines.push(...links.connected.map((slot, at) => `slave${at}:ip=${slot.address},port=${slot.port},state=online,offset=${Math.max(0, slot.acknowledged)},lag=0`));
    lines.push(`master_replid:${state.id}`, `master_repl_offset:${backlog.end}`);
    return `${lines.join('\r\n')}\r\n`;
  }
}

