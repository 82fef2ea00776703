/**
 * A primary's side of one replica: the handshake, the answer to PSYNC (ReplicationState decides), a snapshot if need be, then the
 * stream from the backlog at the replica's own position. Slots of the real LinkTable tell WAIT and `min-replicas-to-write` how far each is.
 */
import type { LinkSlot } from '@larder/store-replication';
import { FREE, ONLINE, SENDS_FILE, WAITS_FOR_CUT, WAITS_FOR_FILE } from '@larder/store-replication';
import type { Message, Side } from './network';
import type { ServerNode } from './server-node';
import { readCommand } from './words';

const PIECE = Buffer.alloc(8192);
/** repl-timeout of this side. */
const SILENT_MS_MAX = 10_000;
const SNAPSHOT_BYTES = 600;

/** A snapshot says which data it is; the rest is weight, so that it takes several messages. */
export function snapshotText(state: number): string {
  return `${state};`.padEnd(SNAPSHOT_BYTES, '.');
}

export class ReplicaSession {
  slot: LinkSlot | null = null;
  readonly side: Side;
  private readonly server: ServerNode;
  private text = '';
  private port = 0;
  private isGone = false;

  constructor(server: ServerNode, side: Side) {
    this.server = server;
    this.side = side;
  }

  received(message: Message): void {
    if (message.type !== 'bytes') return;
    this.text += message.bytes.toString('latin1');
    let at = 0;
    for (let command = readCommand(this.text, at); command !== undefined && !this.isGone; command = readCommand(this.text, at)) {
      at = command.end;
      if (command.words.length > 0) this.answer(command.words);
    }
    this.text = this.text.slice(at);
  }

  private answer([name, ...args]: readonly string[]): void {
    if (name === 'PING') return this.say('+PONG\r\n');
    if (name === 'PSYNC') return this.psync(args[0]!, Number(args[1]), args[2] === 'FAILOVER');
    if (name !== 'REPLCONF') return this.end();
    if (args[0] === 'ACK') return this.acknowledged(Number(args[1]));
    if (args[0] === 'listening-port') this.port = Number(args[1]);
    this.say('+OK\r\n');
  }

  private psync(id: string, offset: number, takesOver: boolean): void {
    const { server } = this;
    const { state, backlog, links } = server.shared;
    if (server.isLoading) return this.say('-LOADING\r\n');
    if (takesOver) {
      if (!state.isReplica) return this.say("-ERR PSYNC FAILOVER can't be sent to a master.\r\n");
      if (id !== state.id) return this.say('-ERR PSYNC FAILOVER replid must match my replid.\r\n');
      server.promote();
    }
    if (state.isReplica && !state.isFollowing) return this.say("-NOMASTERLINK Can't SYNC while not connected with my master\r\n");
    const decision = state.decidePsync(id, offset, { isActive: backlog.isActive, first: backlog.first + 1, end: backlog.end }, this.side.other.machine.address);
    if (decision.kind === 'full' && server.failover.state !== 'no-failover') return this.say("-NOMASTERLINK Can't SYNC while failing over\r\n");
    if (decision.kind === 'full' && server.isSuspect) return this.say('-NOMASTERLINK started without data\r\n');
    const slot = links.claim();
    if (slot === undefined) return this.end();
    this.slot = slot;
    slot.capabilities = 0;
    slot.acknowledged = -1;
    slot.position = backlog.end;
    slot.address = this.side.other.machine.address;
    slot.port = this.port;
    slot.acknowledgedAt = server.clock.monotonic();
    server.sessions.add(this);
    server.disk.hasHadReplicas = true;
    server.world.psyncAnswered(server, id, offset, decision.kind === 'continue');
    if (decision.kind === 'continue') {
      backlog.needs(offset - 1);
      slot.position = offset - 1;
      slot.state = ONLINE;
      this.say(`+CONTINUE ${state.id}\r\n`);
      return this.work();
    }
    server.ensureBacklog();
    this.later(server.random.next() * 100, () => this.cut());
  }

  /** The snapshot is of now; it is written after some time, and the stream waits from here on. */
  private cut(): void {
    const { server, slot } = this;
    if (slot?.state !== WAITS_FOR_CUT) return;
    const { state, backlog } = server.shared;
    slot.position = backlog.end;
    backlog.needs(backlog.end);
    backlog.database = -1;
    slot.state = WAITS_FOR_FILE;
    const data = snapshotText(server.data.index);
    this.say(`+FULLRESYNC ${state.id} ${slot.position}\r\n`);
    this.later(server.diskMs(300), () => {
      if (slot.state !== WAITS_FOR_FILE) return;
      slot.state = SENDS_FILE;
      this.say(`$${data.length}\r\n${data.slice(0, 200)}`);
      this.later(server.random.next() * 50, () => {
        this.say(data.slice(200));
        slot.state = ONLINE;
        // As in Redis a replica that was just sent its snapshot counts as heard of.
        slot.acknowledgedAt = server.clock.monotonic();
        server.snapshotSentAtMs = server.network.queue.nowMs;
        this.work();
      });
    });
  }

  private later(ms: number, act: () => void): void {
    this.server.clock.setTimer(ms, () => {
      if (!this.isGone) act();
    });
  }

  private say(text: string): void {
    this.server.network.send(this.side, { type: 'bytes', bytes: Buffer.from(text, 'latin1') });
  }

  /** Sends what there is of the stream. */
  work(): void {
    const { slot, server } = this;
    while (slot?.state === ONLINE && !this.isGone) {
      const length = server.shared.backlog.read(slot.position, PIECE);
      if (length === 0) return;
      if (length < 0) return this.end();
      this.server.network.send(this.side, { type: 'bytes', bytes: Buffer.from(PIECE.subarray(0, length)) });
      slot.position += length;
    }
  }

  private acknowledged(offset: number): void {
    const { slot, server } = this;
    if (slot === null) return;
    if (offset > slot.acknowledged) slot.acknowledged = offset;
    slot.acknowledgedAt = server.clock.monotonic();
    server.serveWaiting();
  }

  /** Every second. */
  tick(): void {
    const { slot } = this;
    if (slot === null) return;
    if (slot.state === WAITS_FOR_CUT || slot.state === WAITS_FOR_FILE) this.say('\n');
    else if (slot.state === ONLINE && this.server.clock.monotonic() - slot.acknowledgedAt > SILENT_MS_MAX) this.end();
  }

  /** From this side. */
  end(): void {
    this.server.network.close(this.side);
    this.closed();
  }

  closed(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.server.sessions.delete(this);
    if (this.slot !== null) this.slot.state = FREE;
    this.slot = null;
  }
}
