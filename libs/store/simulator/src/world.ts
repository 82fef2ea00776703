/** A deployment in its world: servers, Sentinels and clients on machines, one queue of events, the judge beside it. */
import { seededRandom } from '@larder/shared-std/testing';
import { ClientNode } from './client-node';
import { EventQueue } from './event-queue';
import { Judge } from './judge';
import type { Machine } from './network';
import { Network } from './network';
import type { Steps } from './planted';
import { soundSteps } from './planted';
import type { Fault, Order, ScenarioOptions } from './scenario';
import { NAME, SentinelNode } from './sentinel-node';
import { SERVER_PORT, ServerNode } from './server-node';
import type { DataState } from './write-tree';
import { WriteTree } from './write-tree';

const DOWN_AFTER_MS = 1000;
const FAILOVER_TIMEOUT_MS = 5000;
const SAVE_PERIOD_MS = 3000;

export class World {
  readonly options: ScenarioOptions;
  readonly queue = new EventQueue();
  readonly network: Network;
  readonly tree = new WriteTree();
  readonly judge = new Judge(this);
  readonly faults: Steps;
  readonly servers: ServerNode[];
  readonly sentinels: SentinelNode[];
  readonly clients: ClientNode[];
  /** Servers that reach neither servers nor Sentinels, since when. */
  readonly isolatedSince = new Map<ServerNode, number>();
  private readonly isolations = new Map<ServerNode, number>();
  /** `repl-refuse-empty-full-sync`. An operator who has looked at it may switch it off. */
  refusesEmpty = true;
  /** For a look at a run. */
  onEvent: ((who: string, what: string) => void) | null = null;

  constructor(options: ScenarioOptions) {
    this.options = options;
    this.faults = { ...soundSteps, ...options.planted };
    const random = seededRandom(options.seed);
    const own = () => seededRandom(random.int(2 ** 31));
    this.network = new Network(this.queue, own());
    this.network.delayMsMax = options.delayMsMax;
    this.network.repeats = options.repeats;
    this.servers = Array.from({ length: options.replicas + 1 }, (_, at) => new ServerNode(this, `10.0.1.${at}`, own()));
    const lines = [
      `sentinel monitor ${NAME} ${this.servers[0]!.address} ${SERVER_PORT} ${Math.floor(options.sentinels / 2) + 1}`,
      `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}`,
      ...(options.promotesAnyone ? [`sentinel promote-lag-max-bytes ${NAME} -1`] : []),
    ];
    this.sentinels = Array.from({ length: options.sentinels }, (_, at) => new SentinelNode(this, `10.0.2.${at}`, own(), lines));
    this.clients = Array.from({ length: options.clients }, (_, at) => new ClientNode(this, `10.0.3.${at}`, own()));
    for (const machine of this.network.machines.values()) machine.clock.rate = 1 + (random.next() * 2 - 1) * options.drift;
    for (const server of this.servers) {
      server.minReplicas = options.minReplicas;
      if (server !== this.servers[0]) server.disk.follows = this.servers[0]!.address;
    }
    for (const machine of this.network.machines.values()) machine.start();
    this.saveNowAndThen();
    for (const fault of options.faults) this.queue.at(fault.atMs, () => this.befall(fault));
    for (const order of options.orders) this.queue.at(order.atMs, () => this.order(order));
  }

  private saveNowAndThen(): void {
    if (this.options.isDurable) return;
    this.queue.after(SAVE_PERIOD_MS, () => {
      this.saveNowAndThen();
      for (const server of this.servers) if (server.isUp && server.random.next() < 0.7) server.save();
    });
  }

  // Told by the parts

  isAt(server: ServerNode, history: string, offset: number): void {
    this.judge.isAt(server, history, offset);
  }

  psyncAnswered(server: ServerNode, id: string, offset: number, goesOn: boolean): void {
    this.judge.psyncAnswered(server, id, offset, goesOn);
    this.onEvent?.(server.address, `PSYNC ${id.slice(0, 6)} ${offset}: ${goesOn ? 'continue' : 'full'}`);
  }

  accepted(server: ServerNode, before: DataState): void {
    this.judge.accepted(server, before);
  }

  sentinelTicked(node: SentinelNode): void {
    this.judge.ticked(node);
  }

  sentinelEnded(node: SentinelNode): void {
    this.judge.sentinelEnded(node);
  }

  sentinelSaid(node: SentinelNode, channel: string, message: string): void {
    this.onEvent?.(node.address, `${channel} ${message}`);
    if (channel === '+elected-leader') this.judge.elected(node);
    else if (channel === '+promoted-slave') this.judge.figures.promotions++;
  }

  // Faults

  /** FAILOVER, to the primary as it is at that moment. */
  private order({ timeoutMs, to, isForced }: Order): void {
    const primary = this.currentPrimary;
    if (!primary.isUp || primary.isStopped || primary.isLoading) return;
    const replicas = primary.shared.links.connected;
    const slot = to === undefined ? undefined : replicas[Math.floor(to * replicas.length)];
    const refused = primary.failover.begin({ target: slot === undefined ? null : { host: slot.address, port: slot.port }, timeoutMs, isForced });
    this.onEvent?.(primary.address, `FAILOVER ${slot?.address ?? ''} ${Math.round(timeoutMs)} ms${isForced ? ' FORCE' : ''}: ${refused ?? 'OK'}`);
  }

  /** Whoever gave an order without a limit of time ends it: until then it holds clients' writes and follows nobody. */
  callOff(): void {
    for (const { isUp, failover } of this.servers) if (isUp && failover.state === 'waiting-for-sync') failover.abort('Failover manually aborted');
  }

  /**
   * FAILOVER is not written to the configuration: if the new primary then comes back as what it was, it and the old one follow each other, and
   * Sentinels have nobody to choose. As with Redis that is for whoever gave the order behind their back.
   */
  mend(): void {
    const [named] = new Set(this.sentinels.map(({ primary }) => primary.address.ip));
    const server = this.servers.find(({ address }) => address === named);
    if (this.options.orders.length === 0 || server?.isUp !== true || !server.isReplica || server.isLoading || server.link.phase === 'connected') return;
    this.onEvent?.(server.address, 'is made primary by hand');
    server.promote();
  }

  private get currentPrimary(): ServerNode {
    if (this.sentinels.length === 0) return this.servers.find(({ isUp, isReplica }) => isUp && !isReplica) ?? this.servers[0]!;
    const named = this.sentinels.find(({ isUp }) => isUp)?.primary.currentAddress.ip;
    return this.servers.find(({ address }) => address === named) ?? this.servers[0]!;
  }

  private befall(fault: Fault): void {
    const { servers, sentinels, network, queue } = this;
    const { kind, ms } = fault;
    const all: Machine[] = [...servers, ...sentinels];
    const of = <T>(list: readonly T[], share: number): T => list[Math.floor(share * list.length)]!;
    const server = kind.endsWith('-primary') ? this.currentPrimary : of(servers, fault.whom);
    this.onEvent?.(server.address, `FAULT ${kind} ${Math.round(ms)} ms${fault.isHard ? ' hard' : ''}${fault.losesDisk ? ' disk lost' : ''}`);
    switch (kind) {
      case 'crash':
      case 'crash-primary':
        return this.crash(server, fault);
      case 'crash-sentinel':
        return this.crash(of(sentinels, fault.whom), fault);
      case 'stop':
        return of(all, fault.whom).stopFor(ms);
      case 'stop-primary':
        return server.stopFor(ms);
      case 'isolate':
      case 'isolate-primary':
        return this.isolate(server, ms);
      case 'cut-replica':
        return this.block([this.currentPrimary], [server], ms, true);
      case 'one-way':
        return this.block([of(all, fault.whom)], [of(all, fault.other)], ms, false);
      case 'split': {
        const isLeft = (_: Machine, at: number) => (at * 0.37 + fault.whom) % 1 < fault.other;
        return this.block(all.filter(isLeft), all.filter((machine, at) => !isLeft(machine, at)), ms, true);
      }
      case 'resets':
        return network.resetSome(fault.other, () => true);
      case 'delays':
        network.delayMsMax += ms / 20;
        return void queue.after(ms, () => (network.delayMsMax -= ms / 20));
      case 'clock':
        of(all, fault.whom).clock.wallOffsetMs += (fault.other - 0.5) * 20_000;
        return;
      case 'slow-disk':
        server.diskFactor += 20;
        return void queue.after(ms, () => (server.diskFactor -= 20));
      case 'full-disk': {
        const sentinel = of(sentinels, fault.whom);
        sentinel.canWrite = false;
        return void queue.after(ms, () => (sentinel.canWrite = true));
      }
      case 'save':
        if (server.isUp) server.save();
    }
  }

  private crash(machine: Machine, { ms, isHard, losesDisk, other }: Fault): void {
    if (!machine.isUp) return;
    if (machine instanceof ServerNode) {
      // Some end in good order, with a snapshot that tells of its history.
      if (this.options.isDurable && other < 0.4) machine.save();
      if (losesDisk) machine.disk.saved = null;
    }
    machine.crash(isHard);
    this.queue.after(ms, () => {
      if (!machine.isUp) machine.start();
    });
  }

  private isolate(server: ServerNode, ms: number): void {
    const others = [...this.servers, ...this.sentinels].filter((machine) => machine !== server);
    const count = this.isolations.get(server) ?? 0;
    this.isolations.set(server, count + 1);
    if (count === 0) this.isolatedSince.set(server, this.queue.nowMs);
    this.block([server], others, ms, true);
    this.queue.after(ms, () => {
      const left = this.isolations.get(server)! - 1;
      this.isolations.set(server, left);
      if (left === 0) this.isolatedSince.delete(server);
    });
  }

  private block(from: readonly Machine[], to: readonly Machine[], ms: number, isBothWays: boolean): void {
    const { network } = this;
    const ways = from.flatMap((a) => to.filter((b) => b !== a).flatMap((b) => (isBothWays ? [[a, b], [b, a]] : [[a, b]]) as [Machine, Machine][]));
    for (const [a, b] of ways) network.block(a.address, b.address);
    this.queue.after(ms, () => {
      for (const [a, b] of ways) network.unblock(a.address, b.address);
    });
  }

  // The end

  /** Where all Sentinels see the primary, if they are of one mind and nothing is under way. */
  get agreed(): ServerNode | undefined {
    if (this.sentinels.length === 0) {
      const primaries = this.servers.filter(({ isReplica }) => !isReplica);
      return primaries.length === 1 && this.servers.every(({ isUp, isStopped, failover }) => isUp && !isStopped && failover.state === 'no-failover') ? primaries[0] : undefined;
    }
    const [first, ...others] = this.sentinels;
    if (this.sentinels.some(({ isUp, isStopped, primary }) => !isUp || isStopped || primary.failoverState !== 'none' || primary.isSubjectivelyDown)) return undefined;
    const place = ({ primary }: SentinelNode) => `${primary.address.ip}/${primary.configEpoch}`;
    if (others.some((node) => place(node) !== place(first!))) return undefined;
    return this.servers.find(({ address }) => address === first!.primary.address.ip);
  }

  /** The primary, when all others are linked to it and have what it has. */
  get converged(): ServerNode | undefined {
    const primary = this.agreed;
    if (primary === undefined || !primary.isUp || primary.isReplica) return undefined;
    // Replicas that nobody turned round follow on through the old primary.
    const isChain = this.sentinels.length === 0;
    const isSame = (server: ServerNode) => server.isUp && (isChain || server.followed === primary.address) && server.link.phase === 'connected' && server.data === primary.data;
    return this.servers.every((server) => server === primary || isSame(server)) ? primary : undefined;
  }
}
