/** The real Sentinel with simulated hands. Its disk survives every crash: a Sentinel that forgets its votes may vote twice, and nothing can help that. */
import type { Random } from '@larder/shared-std';
import type { Answer, ConnectionKind, EventLevel, Hands } from '@larder/store-sentinel';
import { Sentinel, answerDown, configurationLines, loadDirectives, receiveHello } from '@larder/store-sentinel';
import type { ConnectionPurpose, End, Message, Side } from './network';
import { Machine } from './network';
import type { World } from './world';

export const SENTINEL_PORT = 26379;
export const NAME = 'main';

/** Shorter than the defaults, in the same proportions: a run is to see many failovers. */
const timings = {
  'info-period': 2000,
  'ping-period': 500,
  'ask-period': 500,
  'publish-period': 1000,
  'tilt-period': 4000,
  'slave-reconf-timeout': 4000,
  'min-link-reconnect-period': 4000,
  'election-timeout': 4000,
};

export class SentinelNode extends Machine implements Hands {
  readonly world: World;
  sentinel!: Sentinel;
  disk: string[];
  canWrite = true;
  private readonly connections = new Map<number, Side>();

  constructor(world: World, address: string, random: Random, lines: readonly string[]) {
    super(world.network, address, random);
    this.world = world;
    this.disk = [...lines];
  }

  get primary() {
    return this.sentinel.primaries.get(NAME)!;
  }

  begin(): void {
    this.sentinel = new Sentinel({ hands: this, clock: this.clock, random: this.random });
    Object.assign(this.sentinel.timings, timings);
    const refused = loadDirectives(this.sentinel, this.disk.map((line, at) => ({ args: line.split(' ').slice(1), line, lineNumber: at + 1 })));
    if (refused) throw new Error(`${refused.line}: ${refused.reason}`);
    this.sentinel.start();
    const tick = (): void => {
      this.sentinel.tick();
      this.world.sentinelTicked(this);
      this.clock.setTimer(this.sentinel.nextTickMs(), tick);
    };
    this.clock.setTimer(this.random.int(100), tick);
  }

  protected ended(): void {
    this.connections.clear();
    this.world.sentinelEnded(this);
  }

  // Who asks it

  accept(purpose: ConnectionPurpose, side: Side): End {
    return {
      received: (message) => {
        if (purpose === 'client') this.network.send(side, { type: 'said', said: this.primary.currentAddress.ip });
        else if (message.type === 'words') this.network.send(side, { type: 'said', said: this.answer(message.words) });
      },
      closed: () => undefined,
    };
  }

  private answer([name, ...args]: readonly string[]): Answer {
    if (name === 'PING') return { type: 'status', text: 'PONG' };
    if (name === 'PUBLISH') {
      receiveHello(this.sentinel, args[1]!);
      return { type: 'integer', value: 1 };
    }
    if (name !== 'SENTINEL') return { type: 'status', text: 'OK' };
    this.world.faults.beforeVote(this.sentinel);
    // A question that comes twice is answered alike.
    const times = this.random.next() < this.network.repeats ? 2 : 1;
    let reply: Answer = { type: 'nothing' };
    for (let i = 0; i < times; i++) {
      const { isDown, vote } = answerDown(this.sentinel, args[1]!, Number(args[2]), Number(args[3]), args[4]!);
      reply = { type: 'array', items: [{ type: 'integer', value: isDown ? 1 : 0 }, { type: 'bulk', text: vote.leader ?? '*' }, { type: 'integer', value: vote.epoch }] };
    }
    return reply;
  }

  // The hands

  connect(connection: number, host: string, _port: number, kind: ConnectionKind): void {
    const side: Side = this.network.connect(this, host, kind, {
      received: (message: Message) => {
        if (message.type === 'said') this.sentinel.replied(connection, message.said as Answer);
      },
      closed: () => {
        this.connections.delete(connection);
        this.sentinel.connectionLost(connection);
      },
    });
    this.connections.set(connection, side);
  }

  disconnect(connection: number): void {
    const side = this.connections.get(connection);
    this.connections.delete(connection);
    if (side !== undefined) this.network.close(side);
  }

  send(connection: number, args: readonly string[]): void {
    const side = this.connections.get(connection);
    if (side !== undefined) this.network.send(side, { type: 'words', words: args });
  }

  localAddress(): string {
    return this.address;
  }

  resolve(): undefined {
    return undefined;
  }

  persist(): boolean {
    if (this.canWrite) this.disk = configurationLines(this.sentinel).flatMap(({ lines }) => lines);
    return this.canWrite;
  }

  event(_level: EventLevel, channel: string, message: string): void {
    this.world.sentinelSaid(this, channel, message);
  }

  log(): void {}

  startScript(): undefined {
    return undefined;
  }

  killScript(): void {}

  isExecutable(): boolean {
    return true;
  }

  override crash(isSilent = false): void {
    super.crash(isSilent);
  }

  listeningPort(): number {
    return SENTINEL_PORT;
  }

  ownPassword(): string {
    return '';
  }
}
