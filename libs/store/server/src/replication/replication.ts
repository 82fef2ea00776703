/**
 * Replication as one thread sees it: the shared stream, the replicas that this thread serves, clients in WAIT.
 *
 *   unit ─▶ journal ─▶ backlog (shared) ─┬─▶ link ─▶ replica        each link at its own position, once per turn of the event loop
 *                                        └─▶ link ─▶ replica
 *
 * Who appends wakes the threads whose links had nothing left to send. Without replicas, and without a backlog that waits for some to
 * come back, there is no stream: nothing is journalled for it and nothing runs.
 */
import { randomBytes } from 'node:crypto';
import type { Reply } from '@larder/store-resp';
import type { Session, Unit } from '@larder/store-dispatch';
import { Lineage, ONLINE, SharedReplication } from '@larder/store-replication';
import type { History, ReplicationMemory } from '@larder/store-replication';
import type { Connection } from '../connection';
import type { StoreServer } from '../store-server';
import type { FullSync } from './full-sync';
import type { Link } from './link';
import { SpillFile } from './spill-file';
import { Transfers } from './transfers';

/** Address space for the backlog; `repl-backlog-size` beyond that is not kept. */
const BACKLOG_BYTES_MAX = 1 << 30;
/** As long as a timer can. */
const PAUSE_MS_MAX = 0x7fff_ffff;

/** What the replica's side shows of the primary that it follows. */
export interface Upstream {
  writeRole(reply: Reply): void;
  infoFields(): [name: string, value: string | number][];
}

export interface ReplicationShared {
  readonly memory: ReplicationMemory;
  readonly spill: SharedArrayBuffer;
  readonly transfers: SharedArrayBuffer;
}

export class Replication {
  readonly server: StoreServer;
  readonly shared: SharedReplication;
  /** Whose state the data are; its flags are home's. */
  readonly lineage: Lineage;
  readonly transfers: Transfers;
  readonly links = new Set<Link>();
  /** Bytes sent to replicas. */
  outputBytes = 0;
  /** Home's part; null on other threads. */
  home: FullSync | null = null;
  /** At home, while this server follows another. */
  upstream: Upstream | null = null;
  /** FAILOVER is under way. */
  isFailingOver = false;
  private readonly memory: ReplicationShared;
  private readonly waiting = new Map<Session, () => boolean>();
  private isScheduled = false;
  private hasAsked = false;
  /** Where this thread's stream was when the turn began. */
  private turnStart = 0;
  private journalStart = 0;

  constructor(server: StoreServer, memory?: ReplicationShared) {
    this.server = server;
    this.memory = memory ?? { memory: SharedReplication.reserve(BACKLOG_BYTES_MAX), spill: SpillFile.reserve(), transfers: Transfers.reserve() };
    this.shared = new SharedReplication(this.memory.memory, new SpillFile(this.memory.spill, () => server.settings.path('dir')));
    this.lineage = new Lineage(this.shared, { newId: newReplicationId, historyBytes: () => this.historyBytes });
    this.transfers = new Transfers(this.memory.transfers);
    if (memory === undefined) this.shared.state.initialise(newReplicationId());
    this.shared.stream.onMove = () => this.moved();
  }

  share(): ReplicationShared {
    return this.memory;
  }

  private get thread(): number {
    return this.server.threadIndex;
  }

  get historyBytes(): number {
    return this.server.settings.number('repl-backlog-size');
  }

  // Roles: each in an exclusive section

  /** From now on units of all threads go into the stream, or no longer. */
  streams(isOn: boolean): void {
    this.server.startStream(isOn);
  }

  /** A backlog with a history of its own, if there is none. */
  ensureBacklog(): void {
    if (!this.lineage.begin()) return;
    const { state } = this.shared;
    this.streams(!state.isReplica);
    this.server.log.notice(`Replication backlog created, my new replication IDs are '${state.id}' and '${state.id2}'`);
  }

  /** Becomes a replica: what is relayed is the stream from now on. */
  demote(): void {
    this.lineage.demote();
    this.streams(false);
    this.dropLinks();
  }

  /** Becomes a primary that goes on where it is; replicas of the history so far may come along. */
  promote(): void {
    const { state } = this.shared;
    this.lineage.promote();
    this.server.log.notice(`Setting secondary replication ID to ${state.id2}, valid up to offset: ${state.secondOffset}. New replication ID is ${state.id}`);
    this.streams(true);
    this.dropLinks();
  }

  /** The data are given up for others. */
  giveUp(): void {
    this.dropLinks();
    this.lineage.givesUp();
  }

  /** A full sync has put this replica into another history. */
  adopt(from: History | undefined): void {
    this.dropLinks();
    this.lineage.takes(from);
  }

  /** The primary goes on, and if it does so under another id our replicas shall learn of it. */
  continueAs(id: string | undefined): void {
    if (this.lineage.continues(id)) this.dropLinks();
  }

  /** All replicas of all threads have to ask again. */
  dropLinks(): void {
    this.closeLinks();
    this.server.crew?.tellLinksDropped();
  }

  closeLinks(): void {
    for (const link of [...this.links]) link.connection.end(false);
  }

  /** Writes of clients of all threads wait, or go on. */
  pauseWrites(isOn: boolean): void {
    const ms = isOn ? PAUSE_MS_MAX : 0;
    this.server.pause.pause(ms, true);
    this.server.crew?.tellPause(ms);
  }

  /** Clients of all threads that wait for the end of the process are told that it is put off. */
  endWaitsForShutdown(): void {
    this.endOwnWaitsForShutdown();
    this.server.crew?.tellShutdownAborted();
  }

  endOwnWaitsForShutdown(): void {
    const { dispatcher } = this.server;
    for (const { session, command } of [...dispatcher.waiters.all]) if (command.name === 'shutdown') dispatcher.unblock(session, 'timeout');
  }

  // The stream's way out

  /** There is something new in the stream: it goes out once per turn of the event loop. */
  moved(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.pump());
  }

  /** A link can go on. */
  pump(): void {
    this.isScheduled = this.hasAsked = false;
    const { links, backlog } = this.shared;
    const end = backlog.end;
    let hasMore = false;
    for (const link of [...this.links]) if (link.work()) hasMore = true;
    this.rouse(links.takeHungry() & ~(1 << this.thread));
    if (this.links.size === 0) return;
    this.rest(end, hasMore);
  }

  /** Links have been served, beginning when the stream ended at `end`: whoever appends from now on wakes this thread. */
  rest(end: number, hasMore: boolean): void {
    const { links, backlog } = this.shared;
    links.setHungry(this.thread);
    if (hasMore || backlog.end !== end) this.moved();
  }

  private rouse(mask: number): void {
    const mail = this.server.crew?.threads.mail;
    if (mail === undefined) return;
    for (let thread = 0; mask !== 0; thread++, mask >>>= 1) if ((mask & 1) !== 0) mail.rouse(thread);
  }

  /** Another thread has rung: for the stream, a snapshot, or acknowledgements. */
  bell(): void {
    if (this.links.size > 0) this.moved();
    if (this.home !== null && this.shared.links.takeWanted()) this.home.look();
    if (this.waiting.size > 0) this.server.turn(() => this.serveWaiting());
  }

  /** A link of this thread waits for a snapshot. */
  wantSnapshot(): void {
    if (this.home !== null) setImmediate(() => this.home!.look());
    else {
      this.shared.links.setWanted();
      this.rouse(1);
    }
  }

  /** Links of these threads have changed their state. */
  rouseAll(): void {
    this.moved();
    let mask = 0;
    for (const slot of this.shared.links.connected) mask |= 1 << slot.thread;
    this.rouse(mask & ~(1 << this.thread));
  }

  /** What was published is for clients of replicas, too: in its place in the transaction or script that runs. */
  published(unit: Unit): void {
    const { journal, crew } = this.server;
    if (journal.stream === null) return;
    const isUnit = crew === null || crew.threads.gate.isAlone || crew.threads.locks.held !== 0;
    if (isUnit) journal.appendForReplicas(unit.database, unit.args);
    else this.shared.stream.command(unit.database, Array.from({ length: unit.args.count }, (_, i) => unit.args.copy(i)));
  }

  // WAIT

  turnBegins(): void {
    this.turnStart = this.shared.stream.position;
    this.journalStart = this.server.journal.position;
  }

  turnEnds(connection: Connection | null): void {
    if (connection === null) return;
    const { position } = this.shared.stream;
    if (position !== this.turnStart) connection.writtenTo = position;
    const journal = this.server.journal.position;
    if (journal !== this.journalStart) connection.journalledTo = journal;
  }

  /** A blocked client is served by what another one did. */
  served(connection: Connection): void {
    connection.writtenTo = this.shared.backlog.end;
  }

  /** Offset behind the client's last write. */
  writtenTo(session: Session): number {
    const { position } = this.shared.stream;
    return position !== this.turnStart ? position : ((session as Partial<Connection>).writtenTo ?? 0);
  }

  /** Position of the AOF's journal behind the client's last write. */
  journalledTo(session: Session): number {
    const { position } = this.server.journal;
    return position !== this.journalStart ? position : ((session as Partial<Connection>).journalledTo ?? NaN);
  }

  /** This server's own disk has more. */
  locallySafe(): void {
    if (this.waiting.size > 0) this.serveWaiting();
  }

  /** A client, which is blocked, waits until replicas, or the disk, have what it wrote. */
  wait(session: Session, isDone: () => boolean): void {
    this.waiting.set(session, isDone);
    this.shared.links.setWaiting(this.thread, true);
    this.askAck();
  }

  askAck(): void {
    if (this.hasAsked || this.shared.state.isReplica || !this.shared.backlog.isActive) return;
    this.shared.stream.askAck();
    this.hasAsked = true;
  }

  /** A replica of this thread has acknowledged something. In a turn. */
  acknowledged(): void {
    const mask = this.shared.links.waiting;
    if (mask === 0) return;
    if (this.waiting.size > 0) this.serveWaiting();
    this.rouse(mask & ~(1 << this.thread));
  }

  private serveWaiting(): void {
    for (const [session, isDone] of this.waiting) {
      if (session.blocked !== null && session.blocked.command.name.startsWith('wait')) {
        if (!isDone()) continue;
        this.server.dispatcher.unblock(session, 'timeout');
      }
      this.waiting.delete(session);
    }
    if (this.waiting.size === 0) this.shared.links.setWaiting(this.thread, false);
  }

  forget(connection: Connection): void {
    const { link } = connection;
    this.waiting.delete(connection);
    if (link === null) return;
    connection.link = null;
    this.links.delete(link);
    link.detach();
    if (this.home !== null) this.home.linkGone();
  }

  /** `hz` times a second, on every thread. */
  cron(): void {
    for (const link of [...this.links]) link.cron();
    if (this.waiting.size > 0) this.serveWaiting();
    this.home?.cron();
  }

  /** A primary counts them for min-replicas-to-write. */
  get onlineCount(): number {
    return this.shared.links.slots.filter((slot) => slot.state === ONLINE).length;
  }
}

export function newReplicationId(): string {
  return randomBytes(20).toString('hex');
}
