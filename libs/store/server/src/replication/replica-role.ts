/**
 * A server that follows another: the hands of the link (ReplicaLink decides), and what the rest of the server sees of it.
 * Home only; other threads know the role by conditions (IS_REPLICA, IS_READONLY_REPLICA, IS_STALE).
 *
 *   primary ─▶ socket ─▶ link ─┬─▶ intake                full synchronisation
 *                              └─▶ stream ─▶ units, and the same bytes to the replicas of this one
 *
 * Without a primary there is no timer and no condition, so it costs nothing.
 */
import type { Timer } from '@larder/shared-std';
import { IS_READONLY_REPLICA, IS_REPLICA, IS_STALE } from '@larder/store-dispatch';
import type { ValueCodec } from '@larder/store-keyspace';
import type { History, Lineage, LinkHands, LinkSettings, LoadResult } from '@larder/store-replication';
import { ReplicaLink } from '@larder/store-replication';
import type { Reply } from '@larder/store-resp';
import { untilNext } from '../cron';
import { AofReplies } from '../persistence/aof-replies';
import type { StoreServer } from '../store-server';
import { ReplicaIntake } from './replica-intake';
import { primaryLine, replicaInfo } from './replica-report';
import { PrimarySocket } from './replica-socket';
import { PrimarySession, ReplicaStream } from './replica-stream';
import type { Upstream } from './replication';

const TICK_MS = 1000;
/** A busy script holds the stream up: when to try again. */
const RETRY_MS = 10;

export class ReplicaRole implements LinkHands, Upstream {
  readonly link: ReplicaLink;
  readonly stream: ReplicaStream;
  /** Bytes from primaries. */
  inputBytes = 0;
  private readonly server: StoreServer;
  private socket: PrimarySocket | null = null;
  private readonly intake: ReplicaIntake;
  private timer: Timer | null = null;
  private retryTimer: Timer | null = null;
  private takesOver = false;
  private safe = -1;
  /** Once the journal is safe up to this position, the stream is up to this offset. */
  private mark: { position: number; offset: number } | null = null;
  private connectedAt = 0;

  constructor(server: StoreServer, codecs: readonly ValueCodec[]) {
    this.server = server;
    this.intake = new ReplicaIntake(server, codecs);
    this.link = new ReplicaLink(this, server.clock);
    this.stream = new ReplicaStream(server, {
      relay: (bytes, off, length) => server.replication.shared.stream.relay(bytes, off, length),
      askedForAck: () => this.link.acknowledge(),
      isBroken: (why) => {
        server.log.warning(`Protocol error from MASTER: ${why}. The link begins anew.`);
        this.lineage.hasHistory = false;
        this.link.drop('');
      },
      disagreed: (error, name) =>
        server.log.warning(`== CRITICAL == This replica is sending an error to its master: '${error}' after processing the command '${name}'`),
    });
    server.settings.onChange('repl-refuse-empty-full-sync', () => this.link.hurry());
    server.settings.onChange(['replica-read-only', 'replica-serve-stale-data'], () => this.showConditions());
    // Before other threads start, and before anything is loaded: what a replica loads keeps the keys whose time is over.
    const primary = server.settings.value('replicaof');
    if (primary !== undefined) {
      this.link.followSoon(primary.host, primary.port);
      server.replication.upstream = this;
      server.replication.shared.state.isReplica = true;
      this.showConditions();
    }
  }

  /** All is loaded: follows whom the settings name. */
  begin(): void {
    if (this.link.phase === 'connect') this.startTimer(0);
  }

  /** At a start: the data loaded are a state of the primary's history; its stream goes on in this database. */
  restored(database: number): void {
    this.stream.begin(database);
  }

  private get lineage(): Lineage {
    return this.server.replication.lineage;
  }

  get isReplica(): boolean {
    return (this.server.dispatcher.conditions & IS_REPLICA) !== 0;
  }

  /** The database that the primary's stream is in: part of what a snapshot says. */
  get streamDatabase(): number {
    return this.stream.session.database;
  }

  // Orders, in an exclusive section

  /** Follows another server. What this one has stays until something better has come. */
  follow(host: string, port: number, takesOver = false): void {
    const { server } = this;
    const wasPrimary = !this.isReplica;
    this.takesOver = takesOver;
    this.lineage.turn();
    server.assignPrimary(host, String(port));
    if (wasPrimary) {
      server.log.notice(
        'Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.',
      );
      this.stream.begin(0);
      server.replication.upstream = this;
      server.replication.demote();
      server.unblockAll('UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)');
    }
    this.intake.forgive();
    this.link.follow(host, port);
    this.showConditions();
    this.startTimer(TICK_MS);
  }

  /** Follows nobody: goes on by itself from where it is. */
  promote(): void {
    const { server } = this;
    this.link.stop();
    this.stopTimer();
    server.assignPrimary('no', 'one');
    server.replication.upstream = null;
    server.replication.promote();
    this.intake.forgive();
    this.showConditions();
    server.persistence?.resumeJournal?.();
  }

  /** CLIENT KILL: the primary is asked again at once. False: there is none now. */
  kill(): boolean {
    if (this.link.phase !== 'connected') return false;
    setImmediate(() => this.link.drop(''));
    return true;
  }

  // What others see

  /** Conditions of all threads, as of the role, the link and the settings. */
  private showConditions(): void {
    const { server, link } = this;
    const { settings } = server;
    const isReplica = settings.value('replicaof') !== undefined;
    server.replication.shared.state.isFollowing = isReplica && link.phase === 'connected';
    server.setCondition(IS_REPLICA, isReplica);
    server.setCondition(IS_READONLY_REPLICA, isReplica && settings.flag('replica-read-only'));
    server.setCondition(IS_STALE, isReplica && link.phase !== 'connected' && !settings.flag('replica-serve-stale-data'));
  }

  /** Phases change outside commands as well. */
  private phaseChanged(): void {
    const { server, link } = this;
    const { state } = server.replication.shared;
    const isUp = link.phase === 'connected';
    const isStale = this.isReplica && !isUp && !server.settings.flag('replica-serve-stale-data');
    if (state.isFollowing === isUp && isStale === ((server.dispatcher.conditions & IS_STALE) !== 0)) return;
    server.turn(() => server.alone(() => this.showConditions()));
  }

  writeRole(reply: Reply): void {
    const { link } = this;
    reply.array(5);
    reply.bulkText('slave');
    reply.bulkText(link.host);
    reply.integer(link.port);
    reply.bulkText(link.phase === 'loading' ? 'sync' : link.phase);
    reply.integer(link.phase === 'connected' ? this.offset : -1);
  }

  infoFields(): [name: string, value: string | number][] {
    const { link, server, stream } = this;
    return replicaInfo(link, {
      settings: server.settings,
      now: server.clock.monotonic(),
      offset: link.phase === 'connected' || this.lineage.hasHistory ? this.offset : 0,
      unappliedBytes: stream.unappliedBytes,
      refusal: this.intake.refusal,
      isHollow: this.lineage.isHollow,
    });
  }

  private get offset(): number {
    return this.server.replication.shared.backlog.end;
  }

  /** The line of the primary in CLIENT LIST; undefined while there is none. */
  clientLine(): string | undefined {
    const { socket, server, stream, link } = this;
    if (socket === null || link.phase !== 'connected') return undefined;
    const age = Math.max(0, Math.floor((server.keyspace.now - this.connectedAt) / 1000));
    const idle = Math.floor((server.clock.monotonic() - link.lastIoAt) / 1000);
    return primaryLine(stream.session, { ends: socket, age, idle, queryBytes: stream.unappliedBytes });
  }

  // The hands of the link

  settings(): LinkSettings {
    const { settings } = this.server;
    const tlsPort = settings.number('tls-port');
    const port = settings.flag('tls-replication') && tlsPort !== 0 ? tlsPort : settings.number('port');
    return {
      user: settings.text('masteruser'),
      password: settings.text('masterauth'),
      announcedPort: settings.number('replica-announce-port') || port,
      announcedIp: settings.text('replica-announce-ip'),
      timeoutMs: settings.number('repl-timeout') * 1000,
    };
  }

  log(level: 'notice' | 'warning', text: string): void {
    this.server.log[level](text);
  }

  connect(host: string, port: number): void {
    const { server, link } = this;
    this.socket?.drop();
    const socket = new PrimarySocket(server, host, port, {
      connected: () => {
        if (this.socket === socket) link.connected();
      },
      received: (bytes, length) => {
        if (this.socket !== socket) return;
        this.inputBytes += length;
        link.received(bytes, 0, length);
        if (this.stream.isHeld) this.waitForScript();
        this.phaseChanged();
      },
      closed: (why) => {
        if (this.socket !== socket) return;
        this.socket = null;
        link.closed(why);
        this.phaseChanged();
      },
    });
    this.socket = socket;
  }

  send(bytes: Buffer): void {
    this.socket?.send(bytes);
  }

  disconnect(): void {
    this.socket?.drop();
    this.socket = null;
    this.retryTimer?.cancel();
    this.retryTimer = null;
    // What came and was not counted is asked for again.
    this.stream.begin(this.stream.session.database);
  }

  history(): History | undefined {
    return this.lineage.history;
  }

  isTakingOver(): boolean {
    return this.takesOver;
  }

  takeOverAnswered(isAccepted: boolean): void {
    const { failover } = this.server.replication.home!;
    this.takesOver = false;
    if (isAccepted) failover.accepted();
    else failover.refused();
  }

  continued(newId: string | undefined): void {
    const { server } = this;
    this.intake.forgive();
    this.linkIsUp();
    server.turn(() =>
      server.alone(() => {
        server.replication.continueAs(newId);
        this.showConditions();
        server.persistence?.resumeJournal?.();
      }),
    );
  }

  private linkIsUp(): void {
    const { server, stream } = this;
    const { database } = stream.session;
    stream.session = new PrimarySession(server.nextClientId());
    stream.begin(database);
    this.safe = -1;
    this.mark = null;
    this.connectedAt = server.clock.now();
  }

  transferBegins(): void {
    const fault = this.intake.begin();
    if (fault !== undefined) this.link.drop(fault);
  }

  transferred(bytes: Buffer, off: number, length: number): void {
    const fault = this.intake.take(bytes, off, length);
    if (fault !== undefined) this.link.drop(fault);
  }

  transferFailed(): void {
    this.intake.cancel();
  }

  load(from: History | undefined): void {
    const { server } = this;
    this.socket?.pause();
    const { replication } = server;
    this.intake.load({ id: from?.id ?? '', isLost: this.lineage.isLostTo(from) }, {
      flushes: () => {
        server.persistence?.suspendJournal?.();
        replication.giveUp();
      },
      loaded: (database) => {
        replication.adopt(from);
        this.linkIsUp();
        this.stream.begin(database);
      },
      // What came behind the snapshot is applied now: in turns of its own, not in the exclusive section of the load.
      ended: (result) => void setImmediate(() => this.loadEnded(result)),
    });
  }

  private loadEnded(result: LoadResult): void {
    const { server } = this;
    if (this.link.phase !== 'loading') return; // it follows somebody else by now, or nobody
    this.link.loaded(result);
    this.socket?.resume();
    this.phaseChanged();
    if (result !== 'loaded') return;
    if (server.settings.flag('appendonly')) server.log.notice('MASTER <-> REPLICA sync: Starting AOF after a successful sync');
    server.persistence?.resumeJournal?.();
  }

  safeOffset(): number {
    const { replyGate, journal, persistence } = this.server;
    if (!(replyGate instanceof AofReplies) || persistence?.isJournalWhole !== true) return -1;
    const isSafe = (position: number) => ((position - replyGate.safe) | 0) <= 0;
    if (this.mark !== null && isSafe(this.mark.position)) {
      this.safe = this.mark.offset;
      this.mark = null;
    }
    if (isSafe(journal.position)) this.safe = this.offset;
    else this.mark ??= { position: journal.position, offset: this.offset };
    return this.safe;
  }

  apply(bytes: Buffer, off: number, length: number): void {
    this.stream.take(bytes, off, length);
  }

  private waitForScript(): void {
    if (this.retryTimer !== null) return;
    this.socket?.pause();
    this.retryTimer = this.server.clock.setTimer(RETRY_MS, () => {
      this.retryTimer = null;
      this.stream.resume();
      if (this.stream.isHeld) this.waitForScript();
      else this.socket?.resume();
    });
  }

  private startTimer(ms: number): void {
    this.timer?.cancel();
    this.timer = this.server.clock.setTimer(ms, () => {
      this.startTimer(untilNext(this.server.monotonic(), TICK_MS)); // with the ticks of an idle server
      this.link.tick();
      this.phaseChanged();
    });
  }

  private stopTimer(): void {
    this.timer?.cancel();
    this.timer = null;
  }

  close(): void {
    this.stopTimer();
    this.retryTimer?.cancel();
    this.socket?.drop();
    this.intake.cancel();
  }
}
