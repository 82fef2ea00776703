/**
 * The shell of a store: listens, reads, writes, keeps time. Decisions are dispatch's and the rooms'.
 *
 * A turn is one read event of one client: the clock is read once, commands run, the replies go out in one write, then
 * what the turn left for other clients.
 */
import type { Socket } from 'node:net';
import { randomBytes, randomFillSync } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Clock, Timer } from '@larder/shared-std';
import { systemClock } from '@larder/shared-std';
import type { Command, CommandRow, DispatchHost, Session } from '@larder/store-dispatch';
import {
  CommandTable,
  Dispatcher,
  EVERYTHING,
  IS_BUSY,
  IS_LOADING,
  IS_READONLY_REPLICA,
  IS_REPLICA,
  transactionCommands,
} from '@larder/store-dispatch';
import { FieldExpiry, stringEncodingName } from '@larder/store-commands';
import type { RecordView } from '@larder/store-datatypes';
import { TYPE_STRING } from '@larder/store-datatypes';
import type { ValueKind } from '@larder/store-keyspace';
import { Keyspace } from '@larder/store-keyspace';
import { Arena } from '@larder/store-memory';
import type { ThreadFault } from '@larder/store-threads';
import { JournalRing, JournalWriter, Threads } from '@larder/store-threads';
import type { Args } from '@larder/store-resp';
import { Reply } from '@larder/store-resp';
import type { Settings } from '@larder/store-settings';
import { Acl } from './acl';
import { ActiveDefrag } from './active-defrag';
import { ActiveExpiry } from './active-expiry';
import { ClientPause } from './client-pause';
import { Connection } from './connection';
import { Departures } from './departures';
import type { SharedServer } from './crew';
import { Crew } from './crew';
import { Cron } from './cron';
import { LatencyMonitor } from './latency';
import { KeptJournal } from './kept-journal';
import { Listening } from './listening';
import { Log } from './log';
import { LookAhead } from './look-ahead';
import { isOverLimit } from './output-limit';
import { MemoryLimit } from './memory-limit';
import { Notifications } from './notifications';
import { Observers } from './observers';
import { Permissions } from './permissions';
import type { AclDenied, AskedFrom } from './permissions';
import { followJournal } from './persistence/aof-replies';
import type { ReplyGate } from './persistence/aof-replies';
import { PubSub } from './pubsub';
import type { ReplicaRole } from './replication/replica-role';
import { Replication } from './replication/replication';
import { SignIn } from './sign-in';
import type { SlowCommand } from './slow-log';
import { SlowLog } from './slow-log';
import { noteSlow, toldFromUsec } from './slowness';
import { Statistics } from './statistics';

export interface StoreServerOptions {
  settings: Settings;
  kinds: readonly ValueKind[];
  /** Rows of all rooms; those that speak of the server get it. */
  rows: (server: StoreServer) => readonly CommandRow[];
  clock?: Clock;
  /** Shards of the keyspace, a power of two. */
  shards?: number;
  /** Threads that will execute, this one included. */
  threads?: number;
  /** Instead of beginning a server, join one as thread `index`. */
  joins?: { index: number; shared: SharedServer };
  /** The configuration file in use, absolute, or ''. */
  configFile?: string;
  /** It watches servers and keeps no data: sentinel/. */
  isSentinel?: boolean;
}

const TIMER_MS_MIN = 1;
/** The arena of a Sentinel. With much address space reserved it could not start programs: the kernel would refuse the copy of it. */
const NO_DATA = { segments: 1, segmentBytes: 64 << 20 };
/** Reserved address space, touched only while the journal is read. */
const JOURNAL_BYTES = 32 << 20;
/** What saves the data: the persistence room's part of the server. */
export interface Persistence {
  /** Loads what is on disk. Ends the process with status 1 when a file is damaged. */
  loadAtStart(): Promise<void>;
  /** Before the last good-bye. `save` undefined: if there are save points. Returns why it failed. */
  saveAtShutdown(save: boolean | undefined): string | undefined;
  /** Why writes are refused, as an error reply; undefined when they are not. */
  fault(): string | undefined;
  /** Called `hz` times a second. */
  cron(): void;
  info(): [name: string, value: string | number][];
  /** A full synchronisation replaces everything: nothing is journalled until `resumeJournal`. In an exclusive section. */
  suspendJournal?(): void;
  resumeJournal?(): void;
  /** There is an append-only file that holds everything up to what is safe. */
  readonly isJournalWhole?: boolean;
}

export interface LoadProgress {
  startedAt: number;
  total: number;
  bytes: number;
}

export interface ServerFunctions {
  readonly libraryCount: number;
  readonly functionCount: number;
  readonly luaBytes: number;
  readonly libraryBytes: number;
  libraries(): Iterable<{ readonly name: string; readonly code: Buffer }>;
  /** Takes a library; a string is why not. */
  load(code: Buffer, replaces?: boolean): { name: string } | string;
  flush(): void;
}

export interface ShutdownOptions {
  /** undefined: save when save points are set. */
  save: boolean | undefined;
  /** Leave even if saving fails. */
  force: boolean;
  /** Do not wait for replicas. */
  now?: boolean;
}

export class StoreServer implements DispatchHost {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly arena: Arena;
  readonly keyspace: Keyspace;
  readonly dispatcher: Dispatcher;
  ahead: LookAhead;
  readonly connections = new Map<number, Connection>();
  readonly runId: string;
  readonly startedAt: number;
  readonly configFile: string;
  readonly isSentinel: boolean;
  /** Random, the same for all threads: see tls-context.ts. */
  readonly tlsSecret: Uint8Array;
  readonly bulkBytesMax: { readonly value: number };
  readonly queryBufferMax: { readonly value: number };

  readonly acl: Acl;
  readonly permissions = new Permissions(this);
  readonly pubsub = new PubSub();
  readonly slowLog = new SlowLog();
  /** The other threads; null when there are none. */
  readonly crew: Crew | null;
  /** The persistence room of a thread that is not home captures for a background save. */
  hearCapture: ((what: string) => void) | null = null;
  /** The scripting room takes a script that another thread has loaded. */
  learnScript: ((body: Buffer) => void) | null = null;
  /** The scripting room's functions: what is saved, loaded and given to other threads are the libraries' texts. */
  functions: ServerFunctions = { libraryCount: 0, functionCount: 0, luaBytes: 0, libraryBytes: 0, libraries: () => [], load: () => 'functions are not supported', flush: () => undefined };
  persistence: Persistence | null = null;
  readonly replication: Replication;
  /** Follows another server where one is named; home's alone. */
  replica: ReplicaRole | null = null;
  /** What runs comes from the primary of this replica. */
  isObeying = false;
  /** Of the snapshot of a primary that is being loaded. */
  loadProgress: (() => LoadProgress) | null = null;
  /** Replies that wait for the disk; null while nothing is journalled. */
  replyGate: ReplyGate | null = null;
  /** How the process ends: the entry sets it; tests leave it. */
  exit: (code: number) => void = () => undefined;
  /** What started the process and is told how it does: INFO. */
  supervisor: 'no' | 'upstart' | 'systemd' = 'no';
  /** The scripting room's figures, for INFO. */
  scripts: { readonly luaBytes: number; readonly scriptBytes: number; readonly scriptCount: number } = { luaBytes: 0, scriptBytes: 0, scriptCount: 0 };
  readonly statistics = new Statistics(this);
  readonly signIn = new SignIn(this);
  readonly cron = new Cron(this);
  /** Of DEBUG, the same on all threads: RESTORE looks at no checksum; scripts may call what is not for scripts. */
  readonly debug = { skipsChecksums: false, allowsDenied: false };
  /** CLIENT PAUSE: some commands wait. */
  readonly pause = new ClientPause(this);

  /** The client whose turn it is. */
  current: Connection | null = null;

  private nextId = 1;
  private readonly toFlush = new Set<Connection>();
  private deadlineTimer: Timer | null = null;
  readonly expiry: ActiveExpiry;
  readonly fieldExpiry: FieldExpiry;
  readonly latency = new LatencyMonitor();
  readonly memory: MemoryLimit;
  readonly defrag: ActiveDefrag;
  readonly observers: Observers;
  readonly listening: Listening;
  readonly departures = new Departures();
  /** See `debug-journal`. */
  keptJournal: KeptJournal | null = null;
  private isShutDown = false;
  private hasLeftovers = false;
  /** Between two turns, still inside the gate. */
  private isStaying = false;
  private willGoOut = false;
  /** A busy script of another thread keeps this one out of the gate. */
  isLockedOut = false;
  /** Turns within the turn: a busy script of this thread serves clients. */
  private nested = 0;

  /** What changed, in serial order over all threads; written while somebody reads it: `startJournal`. */
  readonly journal: JournalWriter;
  private readonly journalShared: SharedArrayBuffer;
  private readonly changesOf: Float64Array;
  private readonly logs: Record<string, (entry: never) => void> = {
    slow: (entry: Omit<SlowCommand, 'id'>) => this.slowLog.add(entry),
    latency: ({ event, ms, now }: { event: string; ms: number; now: number }) => this.latency.add(event, ms, now),
    acl: (entry: AclDenied) => this.permissions.log.add(entry.denial, entry.now, entry.clientInfo, this.settings.number('acllog-max-len')),
  };
  private readonly randomPool = new Int32Array(1024);
  private randomAt = 1024;

  constructor(options: StoreServerOptions) {
    this.settings = options.settings;
    this.clock = options.clock ?? systemClock;
    this.configFile = options.configFile ?? '';
    this.isSentinel = options.isSentinel ?? false;
    this.log = new Log(this.settings);
    const shared = options.joins?.shared;
    const thread = options.joins?.index ?? 0;
    this.startedAt = shared?.startedAt ?? this.clock.now();
    this.runId = shared?.runId ?? randomBytes(20).toString('hex');
    this.tlsSecret = shared?.tlsSecret ?? randomBytes(64);
    this.bulkBytesMax = this.settings.numberCell('proto-max-bulk-len');
    this.queryBufferMax = this.settings.numberCell('client-query-buffer-limit');
    this.acl = new Acl();
    const count = shared?.threads.count ?? options.threads ?? 1;
    // One thread has nobody to share with: one table of all keys, and no slot to compute for each.
    this.arena = new Arena(shared?.arena ?? { shards: options.shards ?? (count === 1 ? 1 : 16), ...(this.isSentinel ? NO_DATA : {}) });
    const threads = count === 1 ? null : new Threads(shared?.threads ?? Threads.reserve(count, this.arena.shards, this.threadDebug()), thread, this.arena, () => this.random32());
    this.changesOf = new Float64Array(shared?.changes ?? new SharedArrayBuffer(count * 8));
    this.journalShared = shared?.journal ?? JournalRing.reserve(JOURNAL_BYTES);
    this.journal = new JournalWriter(new JournalRing(this.journalShared), thread);
    this.journal.feedsRing = false;
    this.replication = new Replication(this, shared?.replication);
    if (shared !== undefined) threads!.locks.take(1); // a keyspace takes a block of the first shard
    this.keyspace = new Keyspace({
      arena: this.arena,
      databases: this.settings.number('databases'),
      hashSeed: shared?.keyspace.hashSeed ?? [randomBytes(4).readInt32LE(), randomBytes(4).readInt32LE(), randomBytes(4).readInt32LE()],
      kinds: options.kinds,
      ...(shared === undefined ? {} : { shared: shared.keyspace }),
    });
    if (shared !== undefined) threads!.locks.give(1);
    this.crew = threads === null ? null : new Crew(this, threads);
    this.expiry = new ActiveExpiry(this.keyspace, () => this.random32(), () => this.monotonic(), (shard, work) => this.withShard(shard, work));
    this.fieldExpiry = new FieldExpiry(this.keyspace, () => this.dispatcher.journal, () => this.monotonic(), (shard, work) => this.withShard(shard, work));
    this.memory = new MemoryLimit(this);
    this.readClock();
    const rows = options.rows(this);
    this.crew?.remember(rows);
    const table = new CommandTable([...(this.crew?.rows(rows) ?? rows), ...(this.isSentinel ? [] : transactionCommands)]);
    this.dispatcher = new Dispatcher(table, this.keyspace, this, new Reply(), threads);
    this.ahead = new LookAhead(table, this.keyspace);
    if (threads !== null) {
      threads.gate.onDelay = () => this.readClock();
      if (this.settings.flag('debug-assert-shards')) this.guardShards(threads);
    }
    this.observers = new Observers(this);
    this.acl.table = table;
    this.acl.setDefaultPassword(this.settings.text('requirepass'));
    this.followSettings();
    this.listening = new Listening(this);
    this.defrag = new ActiveDefrag(this);
    if (shared === undefined && this.settings.flag('debug-journal')) this.keptJournal = new KeptJournal(this);
    if (shared !== undefined) {
      this.writeJournal(shared.journals);
      const { backlog, state } = this.replication.shared;
      this.writeStream(backlog.isActive && !state.isReplica);
      this.applyCondition(shared.conditions, true);
    }
    this.statistics.startMemory = this.arena.used;
  }

  private threadDebug(): { pauses: number; fault: ThreadFault } {
    return { pauses: this.settings.number('debug-thread-pauses'), fault: this.settings.shown('debug-thread-fault') as ThreadFault };
  }

  /** A debug setting: whoever touches a shard that it does not hold ends the process, saying which. */
  private guardShards({ gate, locks }: Threads): void {
    const check = (shard: number) => {
      if (gate.isAlone || (locks.held & (1 << shard)) !== 0 || shard === this.arena.common) return;
      // Until a file is loaded commands that touch keys are refused, on all threads.
      if (this.threadIndex === 0 && (this.dispatcher.conditions & IS_LOADING) !== 0) return;
      throw new Error(`shard ${shard} is touched and not held, by ${this.dispatcher.unit.command?.name}`);
    };
    this.keyspace.guard = check;
    this.arena.guard = check;
  }

  /** For `joins` of a further thread. */
  share(): SharedServer {
    return {
      threads: this.crew!.threads.share(),
      arena: this.arena.share(),
      keyspace: this.keyspace.share(),
      journal: this.journalShared,
      journals: this.journal.feedsRing,
      conditions: this.dispatcher.conditions,
      changes: this.changesOf.buffer as SharedArrayBuffer,
      runId: this.runId,
      tlsSecret: this.tlsSecret,
      replication: this.replication.share(),
      startedAt: this.startedAt,
    };
  }

  /** The ring of the journal, for the thread that reads it. */
  get journalRing(): SharedArrayBuffer {
    return this.journalShared;
  }

  /**
   * From now on every unit of every thread is written to the journal, or no longer. In an exclusive section: what is
   * before it and what after is then the same for all.
   */
  startJournal(isOn: boolean): void {
    this.writeJournal(isOn);
    this.crew?.tellJournal(isOn);
  }

  /** This thread's part of `startJournal`. */
  writeJournal(isOn: boolean): void {
    this.journal.settle();
    this.journal.feedsRing = isOn;
    this.journal.isAlone = this.crew === null && !this.settings.flag('debug-journal');
    this.connectJournal();
    followJournal(this, isOn);
  }

  private connectJournal(): void {
    const { journal } = this;
    this.dispatcher.journal = this.keyspace.journal = journal.feedsRing || journal.stream !== null ? journal : null;
  }

  /** As `startJournal`, for the replication stream. */
  startStream(isOn: boolean): void {
    this.writeStream(isOn);
    this.crew?.tellStream(isOn);
  }

  /** This thread's part of `startStream`. */
  writeStream(isOn: boolean): void {
    this.journal.settle();
    this.journal.stream = isOn ? this.replication.shared.stream : null;
    this.connectJournal();
  }

  /** A library of functions from a file, for all threads. Returns why it was refused. */
  loadLibrary(code: Buffer): string | undefined {
    const loaded = this.functions.load(code, true);
    if (typeof loaded === 'string') return loaded;
    this.crew?.tellLibrary(code);
    return undefined;
  }

  /** Sets or clears a condition of the server (session.ts) on all threads. */
  setCondition(bit: number, isOn: boolean): void {
    if (((this.dispatcher.conditions & bit) !== 0) === isOn) return;
    this.applyCondition(bit, isOn);
    this.crew?.tellCondition(bit, isOn);
  }

  applyCondition(bit: number, isOn: boolean): void {
    if (isOn) this.dispatcher.conditions |= bit;
    else this.dispatcher.conditions &= ~bit;
    if ((bit & (IS_REPLICA | IS_READONLY_REPLICA)) === 0) return;
    this.keyspace.hides = (this.dispatcher.conditions & IS_READONLY_REPLICA) !== 0;
    this.log.role = (this.dispatcher.conditions & IS_REPLICA) !== 0 ? 'S' : 'M';
  }

  /** `replicaof` on all threads. At home, alone. */
  assignPrimary(host: string, port: string): void {
    this.settings.assign('replicaof', host, port);
    this.crew?.tellPrimary(host, port);
  }

  /** All functions go, on all threads. At home, alone. */
  flushLibraries(): void {
    this.functions.flush();
    this.crew?.tellLibrary(new Uint8Array(0));
  }

  /** The role changed: who waits on any thread for a key hears this error and is let go. At home, alone. */
  unblockAll(error: string): void {
    if (this.crew === null) this.unblockOwn(error);
    else this.crew.unblockAll(error);
  }

  /** This thread's part of `unblockAll`. */
  unblockOwn(error: string): void {
    for (const { session } of [...this.dispatcher.waiters.all]) {
      this.dispatcher.unblock(session, { error });
      session.end(true);
    }
  }

  nextClientId(): number {
    return this.crew?.threads.nextClient() ?? this.nextId++;
  }

  /** Changes since the last save, over all threads. */
  get changes(): number {
    let sum = 0;
    for (const changes of this.changesOf) sum += changes;
    return sum - this.changesOf[this.threadIndex]! + this.keyspace.dirty;
  }

  /** So many of them are saved. */
  changesSaved(count: number): void {
    this.keyspace.dirty -= count;
    this.publishChanges();
  }

  private publishChanges(): void {
    this.changesOf[this.threadIndex] = this.keyspace.dirty;
  }

  get threadIndex(): number {
    return this.crew?.threads.index ?? 0;
  }

  get threadCount(): number {
    return this.crew?.threads.count ?? 1;
  }

  private followSettings(): void {
    const { settings } = this;
    this.memory.follow();
    const notifications = new Notifications(this.pubsub);
    const events = (): void => {
      this.dispatcher.waiters.removeListener(notifications);
      if (notifications.follow(settings.text('notify-keyspace-events'))) this.dispatcher.waiters.addListener(notifications);
      this.dispatcher.listen();
    };
    events();
    settings.onChange('notify-keyspace-events', events);
    const slowness = (): void => {
      this.latency.thresholdMs = settings.number('latency-monitor-threshold');
      this.dispatcher.slowAfterUsec = toldFromUsec(this);
      this.slowLog.resize(settings.number('slowlog-max-len'));
    };
    slowness();
    settings.onChange(['slowlog-log-slower-than', 'slowlog-max-len', 'latency-monitor-threshold'], slowness);
    const channels = () => void (this.acl.opensChannels = settings.shown('acl-pubsub-default') === 'allchannels');
    channels();
    settings.onChange('acl-pubsub-default', channels);
    settings.onChange('requirepass', () => {
      this.acl.setDefaultPassword(settings.text('requirepass'));
      this.signIn.usersChanged();
    });
  }

  /** A peer that was let in becomes a client. */
  welcome(socket: Socket): void {
    this.statistics.connections++;
    this.crew?.threads.countConnections(1);
    const connection = new Connection(this.nextClientId(), socket, this);
    this.signIn.leave(connection);
    this.connections.set(connection.id, connection);
  }

  /** Over all threads, with those that are at their TLS handshake. */
  get connectionCount(): number {
    return this.crew?.threads.countConnections(0) ?? this.connections.size + this.listening.tls.pendingCount;
  }

  forbids(session: Session, command: Command, args: Args, from: AskedFrom = 'wire'): string | undefined {
    return this.permissions.forbids(session, command, args, from);
  }

  seesAllKeys(session: Session): boolean {
    const user = this.acl.get(session.user);
    const { command, args } = this.dispatcher.unit;
    return user !== undefined && Acl.seesAllKeys(user, command, args);
  }

  isLocal(session: Session): boolean {
    return session instanceof Connection && session.isLocal;
  }

  encodingName(view: RecordView): string {
    return view.type === TYPE_STRING ? stringEncodingName(view) : this.keyspace.kinds[view.type]!.encodingName(view);
  }

  /** Starts a turn: everything in it happens at one time. */
  beginTurn(connection: Connection): void {
    if (this.replyGate !== null) this.replyGate.turnBegins();
    this.replication.turnBegins();
    this.current = connection;
    this.readClock();
    if (this.crew !== null) this.enter();
    connection.activeAt = this.keyspace.now;
    this.statistics.turns++;
  }

  /** Between two commands of a turn: who wants to be alone goes first. */
  breathe(): void {
    const { gate } = this.crew!.threads;
    if (!gate.isStopping || gate.isAlone || this.isLockedOut || this.nested > 0) return;
    this.crew!.threads.locks.drop();
    this.lockOut(!gate.breathe());
  }

  endTurn(): void {
    const session = this.current;
    this.current = null;
    this.replication.turnEnds(session);
    if (this.observers.isTracking) this.observers.tracking.flush(session);
    if (this.crew !== null) this.leave();
    if (this.toFlush.size > 0) this.flush();
  }

  /** Enters the gate, or goes one deeper (a busy script of this thread serves clients meanwhile); unless a busy script keeps this thread out; then commands are answered BUSY. */
  private enter(): void {
    const { gate, mail } = this.crew!.threads;
    if (this.isStaying) {
      if (gate.isInside && !gate.isStopping && !mail.hasMail) {
        this.isStaying = false;
        return;
      }
      this.goOut();
    }
    if (gate.isInside) {
      this.nested++;
      return;
    }
    this.lockOut(!gate.enter());
    if (!gate.isInside) return;
    if (mail.hasMail) mail.read();
    if (this.dispatcher.hasPostponed) this.dispatcher.catchUp();
  }

  private leave(): void {
    const { gate } = this.crew!.threads;
    if (this.nested > 0) this.nested--;
    else if (gate.isInside) {
      if (!this.hasLeftovers && !gate.isStopping && this.crew!.threads.locks.stays(this.monotonic())) return this.stay();
      this.dispatcher.letOthersIn();
      this.crew!.threads.locks.drop();
      if (this.hasLeftovers) {
        this.hasLeftovers = false;
        this.dispatcher.clearLeftovers();
      }
      this.publishChanges();
      gate.leave();
    }
  }

  /** The next turn of this round of the loop finds the gate entered and its shard kept; after the last one both are given back. */
  private stay(): void {
    this.isStaying = true;
    if (this.willGoOut) return;
    this.willGoOut = true;
    setImmediate(() => {
      this.willGoOut = false;
      this.goOut();
    });
  }

  private goOut(): void {
    if (!this.isStaying) return;
    this.isStaying = false;
    this.crew!.threads.locks.drop();
    this.leave();
  }

  private lockOut(isLockedOut: boolean): void {
    if (this.isLockedOut === isLockedOut) return;
    this.isLockedOut = isLockedOut;
    if (isLockedOut) this.dispatcher.conditions |= IS_BUSY;
    else this.dispatcher.conditions &= ~IS_BUSY;
  }

  /** Serves the other threads' letters when they come while this one sleeps. */
  joinCrew(): void {
    const { crew } = this;
    crew?.threads.mail.listen(() => {
      crew.threads.gate.lookForExit();
      this.turn(() => undefined);
      this.replication.bell();
    });
  }

  readClock(): void {
    const now = this.clock.now();
    this.keyspace.now = now;
    this.memory.readClock();
  }

  /**
   * Serves clients while a script holds the loop: reads their sockets without waiting. Connections that have not been
   * accepted yet wait until the script ends.
   */
  pollSockets(): void {
    const outer = this.current;
    const { ahead } = this;
    this.ahead = new LookAhead(this.dispatcher.table, this.keyspace); // the script's own arguments lie in the other one
    const outerReply = Buffer.from(this.dispatcher.reply.buf.subarray(0, this.dispatcher.reply.pos));
    this.dispatcher.reply.pos = 0;
    this.dispatcher.isAmidScript = true;
    this.departures.flush();
    for (const connection of [...this.connections.values()]) if (connection !== outer) connection.poll();
    this.dispatcher.isAmidScript = false;
    this.dispatcher.reply.pos = 0;
    this.dispatcher.reply.raw(outerReply);
    this.current = outer;
    if (outer !== null) this.replyGate?.served(outer);
    this.ahead = ahead;
  }

  /** Something outside a read event runs commands or serves clients: timers, messages. */
  turn(work: () => void): void {
    this.readClock();
    if (this.crew !== null) {
      this.enter();
      if (this.isLockedOut) return this.flush();
      work();
      if (this.observers.isTracking) this.observers.tracking.flush(null);
      this.leave();
    } else {
      work();
      if (this.dispatcher.waiters.hasReady) this.dispatcher.serveReady();
      this.dispatcher.journal?.commit?.(); // keys that expired or were evicted
      if (this.observers.isTracking) this.observers.tracking.flush(null);
    }
    if (this.toFlush.size > 0) this.flush();
  }

  /** Does `work` while no other thread executes; in a turn. While a script is busy it waits. */
  alone(work: () => void): void {
    this.dispatcher.hold(EVERYTHING, work);
  }

  /** Does `work` holding one shard; in a turn. False when it cannot be had now. */
  withShard(shard: number, work: () => void): boolean {
    const { dispatcher } = this;
    const mask = 1 << shard;
    if (!dispatcher.holds(mask) && this.crew !== null && this.crew.threads.locks.held !== 0) return false; // in the middle of a unit
    dispatcher.hold(mask, work);
    return true;
  }

  /** Replies of this turn may wait until those of the others of its round are there: not while a busy script holds the loop. */
  get gathersReplies(): boolean {
    return this.nested === 0 && !this.dispatcher.isAmidScript;
  }

  queueFlush(connection: Connection): void {
    this.toFlush.add(connection);
  }

  private flush(): void {
    const connections = [...this.toFlush];
    this.toFlush.clear();
    for (const connection of connections) {
      connection.flushOutbox();
      // It may have been served: what it sent meanwhile waits.
      if (connection.blocked === null && connection.queryBytes > 0) queueMicrotask(() => connection.resume());
    }
  }

  forget(connection: Connection): void {
    if (this.connections.delete(connection.id)) this.crew?.threads.countConnections(-1);
    this.toFlush.delete(connection);
    this.dispatcher.forget(connection);
    this.pubsub.forget(connection);
    this.replication.forget(connection);
    for (const hook of this.onForget) hook(connection);
  }

  /** Rooms that keep something per connection: pub/sub, tracking, monitors. */
  readonly onForget: ((connection: Connection) => void)[] = [];

  /** Lets a client go that leaves too much unread. */
  checkOutputLimit(connection: Connection): void {
    if (connection.link !== null) return; // by its lag, see Link
    const limits = this.settings.value('client-output-buffer-limit');
    const { outputBytes } = connection;
    const isListener = connection.channels.size + connection.patterns.size + connection.shardChannels.size > 0;
    if (!isOverLimit(isListener ? limits.pubsub : limits.normal, outputBytes, connection, this.monotonic())) return;
    this.log.warning(`Client ${connection.describe()} omem=${outputBytes} closed for overcoming of output buffer limits.`);
    connection.end(false);
  }

  // DispatchHost

  makeRoom(isHungry: boolean): boolean {
    return this.memory.makeRoom(isHungry);
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  random32(): number {
    if (this.randomAt === this.randomPool.length) {
      randomFillSync(this.randomPool);
      this.randomAt = 0;
    }
    return this.randomPool[this.randomAt++]!;
  }

  deadlinesChanged(): void {
    this.deadlineTimer?.cancel();
    const left = this.dispatcher.nextDeadline();
    this.deadlineTimer = left < 0 ? null : this.clock.setTimer(Math.max(left, TIMER_MS_MIN), () => {
      this.turn(() => this.dispatcher.expireBlocked());
      this.deadlinesChanged();
    });
  }

  wasSlow(session: Session, args: Args, usec: number): void {
    noteSlow(this, session, args, usec);
  }

  /** An entry for one of the logs that home keeps. */
  note(log: string, entry: unknown): void {
    if (this.crew !== null && !this.crew.isHome) this.crew.tellNote(log, entry);
    else this.logs[log]!(entry as never);
  }

  /** LATENCY: an event that took so long. */
  noteLatency(event: string, ms: number): void {
    if (ms >= this.latency.thresholdMs) this.note('latency', { event, ms, now: this.keyspace.now });
  }

  /** Letters of other threads left something to clear away at the end of the turn. */
  leftWork(): void {
    this.hasLeftovers = true;
  }

  commandFailed(_command: Command | undefined, error: string): void {
    this.statistics.commandFailed(error);
  }

  persistenceInfo(): [name: string, value: string | number][] {
    return this.persistence?.info() ?? [['loading', 0]];
  }

  /** Saves if wanted, then ends the process. Returns why it did not. */
  shutdown(options: ShutdownOptions): string | undefined {
    if (this.isShutDown) return undefined;
    if (options.now !== true && this.replication.home?.farewell.delays(() => this.turn(() => this.alone(() => void this.shutdown({ ...options, now: true })))) === true) return undefined;
    // Half of a dataset is not saved over a whole one.
    const isLoading = (this.dispatcher.conditions & IS_LOADING) !== 0;
    const refused = this.persistence?.saveAtShutdown(isLoading ? false : options.save);
    if (refused !== undefined && !options.force) {
      this.log.warning('Error trying to save the DB, can\'t exit.');
      this.log.warning('Errors trying to shut down the server. Check the logs for more information.');
      return refused;
    }
    this.isShutDown = true;
    this.departures.flush();
    this.crew?.threads.mail.close();
    const path = this.settings.path('pidfile');
    if (path !== '') {
      this.log.notice('Removing the pid file.');
      rmSync(path, { force: true });
    }
    this.listening.removeUnixSocket();
    this.log.warning('Larder is now ready to exit, bye bye...');
    this.replica?.close();
    void this.close();
    this.exit(0);
    return undefined;
  }

  /** Stops listening and drops every client. */
  async close(): Promise<void> {
    this.deadlineTimer?.cancel();
    this.cron.stop();
    this.defrag.stop();
    this.pause.stop();
    const closed = this.listening.close();
    for (const connection of [...this.connections.values()]) connection.end(true);
    for (const connection of [...this.connections.values()]) connection.end(false);
    await closed;
  }
}
