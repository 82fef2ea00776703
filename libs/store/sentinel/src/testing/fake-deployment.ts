/**
 * Servers and Sentinels in one process: one seed, a stepped clock, messages that take their time. Each direction of a connection
 * keeps its order, as TCP does; between connections everything may overtake.
 */
import type { Random } from '@larder/shared-std';
import { SteppedClock, seededRandom } from '@larder/shared-std/testing';
import { loadDirectives, configurationLines } from '../configuration';
import { answerDown } from '../election';
import type { Answer, ConnectionKind, EventLevel, Hands } from '../hands';
import { receiveHello } from '../hello';
import { Sentinel } from '../sentinel';

export interface DeploymentOptions {
  readonly seed: number;
  readonly sentinels: number;
  readonly replicas: number;
  readonly quorum?: number;
  readonly delayMsMax?: number;
  readonly downAfterMs?: number;
  readonly failoverTimeoutMs?: number;
  /** Planted fault: votes are forgotten, as if they had not been written before they were told. */
  readonly forgetsVotes?: boolean;
}

export interface SeenEvent {
  readonly node: FakeSentinel;
  readonly channel: string;
  readonly message: string;
  readonly atMs: number;
  /** Of the failover, for events of the leader. */
  readonly epoch: number;
}

const text = (type: 'status' | 'error' | 'bulk', words: string): Answer => ({ type, text: words });
const OK = text('status', 'OK');

interface Wire {
  readonly from: FakeSentinel;
  readonly connection: number;
  readonly kind: ConnectionKind;
  readonly to: FakeServer | FakeSentinel;
  isOpen: boolean;
  clearOutMs: number;
  clearBackMs: number;
}

export class FakeServer {
  readonly host: string;
  readonly port = 6379;
  readonly runId: string;
  isUp = true;
  follows: FakeServer | null = null;
  priority = 100;
  offset = 5000;
  /** Commands other than PING, INFO and PUBLISH, as they ran. */
  readonly commands: string[] = [];
  readonly listeners = new Set<Wire>();
  private readonly world: FakeDeployment;

  constructor(world: FakeDeployment, index: number) {
    this.world = world;
    this.host = `10.0.1.${index}`;
    this.runId = String(index).padStart(40, 'a');
  }

  answer(wire: Wire, [name, ...args]: readonly string[]): Answer {
    switch (name) {
      case 'PING':
        return text('status', 'PONG');
      case 'INFO':
        return text('bulk', this.info());
      case 'SUBSCRIBE':
        this.listeners.add(wire);
        return { type: 'array', items: [text('bulk', 'subscribe')] };
      case 'PUBLISH':
        // What is published reaches the clients of replicas, too.
        for (const server of [this, ...this.world.servers.filter((other) => other.isUp && other.follows === this)]) {
          for (const listener of server.listeners) this.world.back(listener, { type: 'array', items: [text('bulk', 'message'), text('bulk', args[0]!), text('bulk', args[1]!)] });
        }
        return { type: 'integer', value: this.listeners.size };
      case 'SLAVEOF':
        this.commands.push([name, ...args].join(' '));
        this.follows = args[0] === 'NO' ? null : (this.world.servers.find((server) => server.host === args[0]) ?? null);
        return OK;
      case 'CLIENT':
        if (args[0] === 'KILL') this.world.letGo(this, args[2] === 'pubsub' ? 'messages' : 'commands', wire);
        return OK;
      default:
        this.commands.push([name!, ...args].join(' '));
        return OK;
    }
  }

  private info(): string {
    const lines = [`run_id:${this.runId}`, `role:${this.follows === null ? 'master' : 'slave'}`, 'master_replid:history'];
    if (this.follows === null) {
      const replicas = this.world.servers.filter((server) => server.follows === this);
      lines.push(...replicas.map((replica, at) => `slave${at}:ip=${replica.host},port=${replica.port},state=online,offset=${replica.offset},lag=0`), `master_repl_offset:${this.offset}`);
    } else {
      lines.push(`master_host:${this.follows.host}`, `master_port:${this.follows.port}`, `master_link_status:${this.follows.isUp ? 'up' : 'down'}`);
      if (!this.follows.isUp) lines.push('master_link_down_since_seconds:1');
      lines.push(`slave_priority:${this.priority}`, `slave_repl_offset:${this.offset}`, 'replica_announced:1');
    }
    return `${lines.join('\r\n')}\r\n`;
  }
}

export class FakeSentinel implements Hands {
  readonly host: string;
  readonly port = 26379;
  readonly index: number;
  sentinel!: Sentinel;
  isUp = true;
  /** What a crash leaves. */
  disk: string[] = [];
  canWrite = true;
  private readonly world: FakeDeployment;
  private readonly random: Random;
  private readonly wires = new Map<number, Wire>();
  private life = 0;

  constructor(world: FakeDeployment, index: number, random: Random, lines: readonly string[]) {
    this.world = world;
    this.index = index;
    this.random = random;
    this.host = `10.0.2.${index}`;
    this.disk = [...lines];
    this.begin();
  }

  private begin(): void {
    const life = ++this.life;
    this.sentinel = new Sentinel({ hands: this, clock: this.world.clock, random: this.random });
    const refused = loadDirectives(this.sentinel, this.disk.map((line, at) => ({ args: line.split(' ').slice(1), line, lineNumber: at + 1 })));
    if (refused) throw new Error(`${refused.line}: ${refused.reason}`);
    this.sentinel.start();
    const tick = (): void => {
      if (this.life !== life) return;
      this.sentinel.tick();
      this.world.clock.setTimer(this.sentinel.nextTickMs(), tick);
    };
    this.world.clock.setTimer(this.random.int(100), tick);
  }

  stop(): void {
    this.life++;
    this.isUp = false;
    for (const wire of this.wires.values()) wire.isOpen = false;
    this.wires.clear();
    this.world.cut(this);
  }

  restart(): void {
    this.isUp = true;
    this.begin();
  }

  connect(connection: number, host: string, _port: number, kind: ConnectionKind): void {
    const to = this.world.at(host);
    const wire: Wire = { from: this, connection, kind, to, isOpen: true, clearOutMs: 0, clearBackMs: 0 };
    this.wires.set(connection, wire);
    this.world.wires.add(wire);
    if (!to.isUp) this.world.later(wire, 'out', () => this.world.close(wire));
  }

  disconnect(connection: number): void {
    const wire = this.wires.get(connection);
    if (wire === undefined) return;
    wire.isOpen = false;
    this.world.drop(wire);
    this.wires.delete(connection);
  }

  send(connection: number, args: readonly string[]): void {
    const wire = this.wires.get(connection);
    if (wire?.isOpen !== true) return;
    this.world.later(wire, 'out', () => {
      if (!wire.to.isUp) return;
      this.world.back(wire, wire.to.answer(wire, args));
    });
  }

  hear(wire: Wire, answer: Answer): void {
    this.sentinel.replied(wire.connection, answer);
  }

  /** What other Sentinels ask. */
  answer(_wire: Wire, [name, ...args]: readonly string[]): Answer {
    if (name === 'PING') return text('status', 'PONG');
    if (name === 'PUBLISH') {
      receiveHello(this.sentinel, args[1]!);
      return { type: 'integer', value: 1 };
    }
    if (name !== 'SENTINEL') return OK;
    if (this.world.options.forgetsVotes === true) for (const primary of this.sentinel.primaries.values()) primary.leaderEpoch = 0;
    const { isDown, vote } = answerDown(this.sentinel, args[1]!, Number(args[2]), Number(args[3]), args[4]!);
    return { type: 'array', items: [{ type: 'integer', value: isDown ? 1 : 0 }, text('bulk', vote.leader ?? '*'), { type: 'integer', value: vote.epoch }] };
  }

  localAddress(): string {
    return this.host;
  }

  resolve(): undefined {
    return undefined;
  }

  persist(): boolean {
    if (this.canWrite) this.disk = configurationLines(this.sentinel).flatMap(({ lines }) => lines);
    return this.canWrite;
  }

  event(_level: EventLevel, channel: string, message: string): void {
    const primary = this.sentinel.primaries.values().next().value;
    this.world.events.push({ node: this, channel, message, atMs: this.world.clock.monotonic(), epoch: primary?.failoverEpoch ?? 0 });
  }

  log(): void {}

  startScript(): number | undefined {
    return 1;
  }

  killScript(): void {}

  isExecutable(): boolean {
    return true;
  }

  crash(): void {
    this.stop();
  }

  listeningPort(): number {
    return this.port;
  }

  ownPassword(): string {
    return '';
  }
}

export class FakeDeployment {
  readonly clock = new SteppedClock();
  readonly options: DeploymentOptions;
  readonly servers: FakeServer[];
  readonly sentinels: FakeSentinel[];
  readonly events: SeenEvent[] = [];
  readonly wires = new Set<Wire>();
  /** Pairs that cannot reach each other: `from host>to host`. */
  readonly blocked = new Set<string>();
  private readonly random: Random;

  constructor(options: DeploymentOptions) {
    this.options = options;
    this.random = seededRandom(options.seed);
    this.servers = Array.from({ length: options.replicas + 1 }, (_, at) => new FakeServer(this, at));
    for (const replica of this.servers.slice(1)) replica.follows = this.servers[0]!;
    const lines = [
      `sentinel monitor main ${this.servers[0]!.host} 6379 ${options.quorum ?? Math.floor(options.sentinels / 2) + 1}`,
      `sentinel down-after-milliseconds main ${options.downAfterMs ?? 1000}`,
      `sentinel failover-timeout main ${options.failoverTimeoutMs ?? 10_000}`,
    ];
    this.sentinels = Array.from({ length: options.sentinels }, (_, at) => new FakeSentinel(this, at, seededRandom(this.random.int(2 ** 31)), lines));
  }

  at(host: string): FakeServer | FakeSentinel {
    return this.servers.find((server) => server.host === host) ?? this.sentinels.find((sentinel) => sentinel.host === host)!;
  }

  step(ms: number): void {
    this.clock.step(ms);
  }

  /** Steps until it is so; false if it is not within the limit. */
  until(condition: () => boolean, limitMs = 60_000): boolean {
    for (let passed = 0; passed < limitMs; passed += 20) {
      if (condition()) return true;
      this.step(20);
    }
    return condition();
  }

  /** Every Sentinel knows all replicas and all others. */
  settle(): void {
    const isSettled = () =>
      this.sentinels.every(({ sentinel }) => {
        const primary = sentinel.primaries.get('main')!;
        return primary.peers.size === this.sentinels.length - 1 && primary.replicas.size === this.servers.length - 1 && [...primary.replicas.values()].every((replica) => replica.infoAt > 0);
      });
    if (!this.until(isSettled)) throw new Error('the Sentinels did not find each other');
  }

  kill(server: FakeServer): void {
    server.isUp = false;
    server.listeners.clear();
    this.cut(server);
  }

  /** All its connections end. */
  cut(node: FakeServer | FakeSentinel): void {
    for (const wire of [...this.wires]) if (wire.to === node) this.later(wire, 'back', () => this.close(wire));
  }

  /** CLIENT KILL TYPE: all of a kind but the one that asks. */
  letGo(server: FakeServer, kind: ConnectionKind, asker: Wire): void {
    for (const wire of [...this.wires]) if (wire.to === server && wire.kind === kind && wire !== asker) this.later(wire, 'back', () => this.close(wire));
  }

  close(wire: Wire): void {
    if (!wire.isOpen) return;
    wire.isOpen = false;
    this.drop(wire);
    wire.from.sentinel.connectionLost(wire.connection);
  }

  drop(wire: Wire): void {
    this.wires.delete(wire);
    if (wire.to instanceof FakeServer) wire.to.listeners.delete(wire);
  }

  back(wire: Wire, answer: Answer): void {
    this.later(wire, 'back', () => wire.from.hear(wire, answer));
  }

  /** In the order of the wire, after a random time; never, where the way is blocked or the wire is closed. */
  later(wire: Wire, way: 'out' | 'back', deliver: () => void): void {
    const now = this.clock.monotonic();
    const at = Math.max(now + 0.1 + this.random.next() * (this.options.delayMsMax ?? 2), way === 'out' ? wire.clearOutMs : wire.clearBackMs);
    if (way === 'out') wire.clearOutMs = at;
    else wire.clearBackMs = at;
    const [from, to] = way === 'out' ? [wire.from.host, wire.to.host] : [wire.to.host, wire.from.host];
    this.clock.setTimer(at - now, () => {
      if (wire.isOpen && !this.blocked.has(`${from}>${to}`)) deliver();
    });
  }

  seen(channel: string): SeenEvent[] {
    return this.events.filter((event) => event.channel === channel);
  }
}

