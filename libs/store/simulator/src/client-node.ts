/**
 * A client as Sentinel clients are: it asks a Sentinel where the primary is (where there are none it tries the servers), connects,
 * writes with WAIT and reads; at any error or silence it drops the connection and asks again. What it was told goes into the history.
 */
import type { Random } from '@larder/shared-std';
import type { Side } from './network';
import { Machine } from './network';
import type { Request, Response } from './server-node';
import type { World } from './world';
import { REGISTERS } from './write-tree';

const SILENT_MS_MAX = 1200;
const OPERATIONS_MAX = 40;

export class ClientNode extends Machine {
  readonly world: World;
  private isIdle = false;
  private number = 0;
  private session = 0;

  constructor(world: World, address: string, random: Random) {
    super(world.network, address, random);
    this.world = world;
  }

  begin(): void {
    this.askWhere();
  }

  accept(): null {
    return null;
  }

  protected ended(): void {}

  /** It writes no more. */
  rest(): void {
    this.isIdle = true;
  }

  private again(): void {
    this.clock.setTimer(20 + this.random.int(150), () => this.askWhere());
  }

  private askWhere(): void {
    if (this.isIdle) return;
    const { sentinels, servers } = this.world;
    if (sentinels.length === 0) return this.talkTo(servers[this.random.int(servers.length)]!.address);
    const session = ++this.session;
    const sentinel = sentinels[this.random.int(sentinels.length)]!;
    const done = (act: () => void) => {
      if (session !== this.session) return;
      this.session++;
      this.network.close(side);
      act();
    };
    const side: Side = this.network.connect(this, sentinel.address, 'client', {
      received: (message) => done(() => this.talkTo(message.type === 'said' ? String(message.said) : '')),
      closed: () => done(() => this.again()),
    });
    this.network.send(side, { type: 'words', words: [] });
    this.clock.setTimer(SILENT_MS_MAX, () => done(() => this.again()));
  }

  /** Mostly with the primary; sometimes it reads from any server. */
  private talkTo(primary: string): void {
    const { servers } = this.world;
    const readsOnly = this.random.next() < 0.1;
    const address = readsOnly ? servers[this.random.int(servers.length)]!.address : primary;
    const session = ++this.session;
    let asked: Request | null = null;
    let depthMin = 0;
    let left = readsOnly ? 3 : OPERATIONS_MAX;
    const leave = () => {
      if (session !== this.session) return;
      this.session++;
      this.network.close(side);
      this.again();
    };
    const next = () => {
      if (session !== this.session) return;
      if (this.isIdle || left-- === 0) return leave();
      asked = this.request(readsOnly || this.random.next() < 0.2);
      const { number } = asked;
      this.network.send(side, { type: 'said', said: asked });
      this.clock.setTimer(SILENT_MS_MAX, () => {
        if (asked?.number === number) leave();
      });
    };
    const side: Side = this.network.connect(this, address, 'client', {
      received: (message) => {
        if (message.type !== 'said' || asked === null || session !== this.session) return;
        const response = message.said as Response;
        if (response.number !== asked.number) return;
        this.world.judge.answered(this, asked, response, depthMin);
        if (response.error !== undefined) return leave();
        if (asked.kind === 'write') depthMin = response.depth;
        asked = null;
        this.clock.setTimer(30 + this.random.int(90), next);
      },
      closed: leave,
    });
    next();
  }

  private request(isRead: boolean): Request {
    const { options } = this.world;
    const request = { number: ++this.number, register: this.random.int(REGISTERS) };
    if (isRead) return { ...request, kind: 'read', write: 0, replicas: 0, waitMs: 0 };
    const write = this.world.judge.attempt();
    return { ...request, kind: 'write', write, replicas: this.random.next() < 0.7 ? options.waitReplicas : 0, waitMs: 500 };
  }
}
