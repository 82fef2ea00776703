/**
 * A server that follows another: the hands of the link (ReplicaLink decides), and what the rest of the server sees of it.
 * Home only; other threads know the role by conditions (IS_REPLICA, IS_READONLY_REPLICA, IS_STALE).
 *
 *   primary ─▶ socket ─▶ link ─┬─▶ file ─▶ load          full synchronisation
 *                              └─▶ stream ─▶ units, and the same bytes to the replicas of this one
 *
 * Without a primary there is no timer and no condition, so it costs nothing.
 */
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Timer } from '@larder/shared-std';
import { IS_READONLY_REPLICA, IS_REPLICA, IS_STALE } from '@larder/store-dispatch';
import type { ValueCodec } from '@larder/store-keyspace';
import { RdbFault } from '@larder/store-persistence';
import type { History, LinkHands, LinkSettings } from '@larder/store-replication';
import { ReplicaLink } from '@larder/store-replication';
import type { Reply } from '@larder/store-resp';
import type { StoreServer } from '../store-server';
import { ReplicaFile } from './replica-file';
import { ReplicaLoad } from './replica-load';
import { PrimarySocket } from './replica-socket';
import { PrimarySession, ReplicaStream } from './replica-stream';
import type { Upstream } from './replication';
import { newReplicationId } from './replication';

const TICK_MS = 1000;
/** A busy script holds the stream up: when to try again. */
const RETRY_MS = 10;

type LinkRefusal = '' | 'empty-primary';

export class ReplicaRole implements LinkHands, Upstream {
  readonly link: ReplicaLink;
  readonly stream: ReplicaStream;
  /** Bytes from primaries. */
  inputBytes = 0;
  private readonly server: StoreServer;
  private readonly codecs: readonly ValueCodec[];
  private socket: PrimarySocket | null = null;
  private file: ReplicaFile | null = null;
  private load_: ReplicaLoad | null = null;
  private timer: Timer | null = null;
  private retryTimer: Timer | null = null;
  /** The data at hand are a state of the history that `server.replication` names. */
  private hasHistory = false;
  private refusal: LinkRefusal = '';
  private takesOver = false;
  private connectedAt = 0;

  constructor(server: StoreServer, codecs: readonly ValueCodec[]) {
    this.server = server;
    this.codecs = codecs;
    this.link = new ReplicaLink(this, server.clock);
    this.stream = new ReplicaStream(server, {
      relay: (bytes, off, length) => server.replication.shared.stream.relay(bytes, off, length),
      askedForAck: () => this.link.acknowledge(),
      isBroken: (why) => {
        server.log.warning(`Protocol error from MASTER: ${why}. The link begins anew.`);
        this.hasHistory = false;
        this.link.drop('');
      },
      disagreed: (error, name) =>
        server.log.warning(`== CRITICAL == This replica is sending an error to its master: '${error}' after processing the command '${name}'`),
    });
    server.settings.onChange(['replica-read-only', 'replica-serve-stale-data'], () => this.showConditions());
    // Before other threads start, and before anything is loaded: what a replica loads keeps the keys whose time is over.
    if (server.settings.value('replicaof') !== undefined) {
      server.replication.upstream = this;
      server.replication.shared.state.isReplica = true;
      this.showConditions();
    }
  }

  /** All is loaded: follows whom the settings name. */
  begin(): void {
    const primary = this.server.settings.value('replicaof');
    if (primary === undefined) return;
    this.link.followSoon(primary.host, primary.port);
    this.startTimer(0);
  }

  /** At a start: the data loaded are the history's state that `server.replication` names now; its stream goes on in this database. */
  restored(database: number): void {
    this.hasHistory = true;
    this.stream.begin(database);
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
    server.assignPrimary(host, String(port));
    if (wasPrimary) {
      server.log.notice(
        'Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.',
      );
      this.hasHistory = true;
      this.stream.begin(0);
      server.replication.upstream = this;
      server.replication.demote();
      server.unblockAll('UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)');
    }
    this.refusal = '';
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
    this.hasHistory = false;
    this.refusal = '';
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
    const { link, server } = this;
    reply.array(5);
    reply.bulkText('slave');
    reply.bulkText(link.host);
    reply.integer(link.port);
    reply.bulkText(link.phase === 'loading' ? 'sync' : link.phase);
    reply.integer(link.phase === 'connected' ? server.replication.shared.backlog.end : -1);
  }

  infoFields(): [name: string, value: string | number][] {
    const { link, server } = this;
    const { settings, clock } = server;
    const now = clock.monotonic();
    const ago = (since: number) => Math.floor((now - since) / 1000);
    const isUp = link.phase === 'connected';
    const offset = isUp || this.hasHistory ? server.replication.shared.backlog.end : 0;
    const isSyncing = link.phase === 'sync' || link.phase === 'loading';
    const fields: [string, string | number][] = [
      ['role', 'slave'],
      ['master_host', link.host],
      ['master_port', link.port],
      ['master_link_status', isUp ? 'up' : 'down'],
      ['master_last_io_seconds_ago', isUp ? ago(link.lastIoAt) : -1],
      ['master_sync_in_progress', isSyncing ? 1 : 0],
      ['slave_read_repl_offset', offset + (isUp ? this.stream.unappliedBytes : 0)],
      ['slave_repl_offset', offset],
    ];
    if (isSyncing) {
      const total = link.transferLength;
      const share = total > 0 ? (link.transferRead / total) * 100 : 0;
      fields.push(
        ['master_sync_total_bytes', Math.max(total, 0)],
        ['master_sync_read_bytes', link.transferRead],
        ['master_sync_left_bytes', total < 0 ? 0 : total - link.transferRead],
        ['master_sync_perc', share.toFixed(2)],
        ['master_sync_last_io_seconds_ago', ago(link.lastIoAt)],
      );
    }
    if (!isUp) fields.push(['master_link_down_since_seconds', link.downSince === 0 ? -1 : ago(link.downSince)]);
    if (this.refusal !== '') fields.push(['master_sync_refused', this.refusal]);
    fields.push(
      ['slave_priority', settings.number('replica-priority')],
      ['slave_read_only', settings.flag('replica-read-only') ? 1 : 0],
      ['replica_announced', settings.flag('replica-announced') ? 1 : 0],
    );
    return fields;
  }

  /** The line of the primary in CLIENT LIST; undefined while there is none. */
  clientLine(): string | undefined {
    const { socket, server, stream } = this;
    if (socket === null || this.link.phase !== 'connected') return undefined;
    const age = Math.floor((server.keyspace.now - this.connectedAt) / 1000);
    const idle = Math.floor((server.clock.monotonic() - this.link.lastIoAt) / 1000);
    const { session } = stream;
    return (
      `id=${session.id} addr=${socket.address} laddr=${socket.localAddress} fd=${socket.fileDescriptor} name= age=${Math.max(age, 0)} idle=${idle} flags=M db=${session.database} sub=0 psub=0 ssub=0 ` +
      `multi=${session.queue.length > 0 ? session.queue.length : -1} qbuf=${stream.unappliedBytes} qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r ` +
      `cmd=${session.lastCommand || 'NULL'} user=(superuser) redir=-1 resp=2`
    );
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
    const { state, backlog } = this.server.replication.shared;
    return this.hasHistory ? { id: state.id, offset: backlog.end } : undefined;
  }

  isTakingOver(): boolean {
    return this.takesOver;
  }

  continued(newId: string | undefined): void {
    const { server } = this;
    this.takesOver = false;
    server.replication.home?.failover.accepted();
    this.refusal = '';
    this.linkIsUp();
    server.turn(() =>
      server.alone(() => {
        const { replication } = server;
        const { backlog } = replication.shared;
        if (newId !== undefined) replication.continueAs(newId);
        if (!backlog.isActive) backlog.begin(backlog.end, replication.historyBytes);
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
    this.connectedAt = server.clock.now();
  }

  private get folder(): string {
    return resolve(this.server.settings.path('dir') || '.');
  }

  transferBegins(): void {
    const { server } = this;
    const { settings } = server;
    const isNamed = settings.shown('repl-diskless-load') === 'disabled';
    try {
      this.file = new ReplicaFile(resolve(this.folder, `temp-${Math.floor(server.clock.now() / 1000)}.${process.pid}.rdb`), { isNamed, checks: settings.flag('rdbchecksum') });
    } catch (error) {
      server.log.warning(`Opening the temp file needed for MASTER <-> REPLICA synchronization: ${(error as Error).message}`);
      this.link.drop('');
    }
  }

  transferred(bytes: Buffer, off: number, length: number): void {
    try {
      this.file?.write(bytes, off, length);
    } catch (error) {
      this.link.drop(`Write error or short write writing to the DB dump file needed for MASTER <-> REPLICA synchronization: ${(error as Error).message}`);
    }
  }

  transferFailed(): void {
    this.file?.close();
    this.file = null;
    if (this.load_ !== null) this.load_.isCancelled = true;
    this.load_ = null;
  }

  load(from: History | undefined): void {
    const { file, socket } = this;
    if (file === null) return this.link.drop('');
    socket?.pause();
    file.finish((error) => {
      if (this.file !== file) return;
      if (error !== null) this.server.log.warning(`Failed trying to sync the temp DB to disk in MASTER <-> REPLICA synchronization: ${error.message}`);
      const result = error !== null ? 'failed' : this.lookAt(file);
      if (typeof result === 'string') return this.loadEnded(result);
      this.replaceData(result, file, from);
    });
  }

  /** Whether this may replace what there is; nothing has happened to that yet. */
  private lookAt(file: ReplicaFile): ReplicaLoad | 'failed' | 'refused' {
    const { server } = this;
    const { log, settings, keyspace } = server;
    const failed = (why: string) => {
      log.warning(`Failed trying to load the MASTER synchronization DB from disk: ${why}. The data at hand are kept.`);
      return 'failed' as const;
    };
    if (!file.isSound) return failed('its checksum is wrong');
    const load = new ReplicaLoad(server, this.codecs, file);
    try {
      const hasKeys = Array.from({ length: keyspace.databases }, (_, database) => keyspace.size(database)).some((size) => size > 0);
      if (!load.hasContent() && hasKeys && settings.flag('repl-refuse-empty-full-sync')) {
        if (this.refusal === '') {
          log.warning(
            'MASTER <-> REPLICA sync: refused. The primary has no data and this replica has: it may have restarted empty. The data at hand are kept, and it is asked again every second. ' +
              'To follow it all the same: CONFIG SET repl-refuse-empty-full-sync no',
          );
        }
        this.refusal = 'empty-primary';
        return 'refused';
      }
    } catch (error) {
      return failed((error as Error).message);
    }
    this.refusal = '';
    try {
      file.putInPlace(resolve(this.folder, settings.path('dbfilename')));
    } catch (error) {
      return failed(`it cannot be renamed: ${(error as Error).message}`);
    }
    return load;
  }

  private replaceData(load: ReplicaLoad, file: ReplicaFile, from: History | undefined): void {
    const { server } = this;
    const { log, replication, settings } = server;
    this.load_ = load;
    load.run(
      () => {
        log.notice('MASTER <-> REPLICA sync: Flushing old data');
        this.hasHistory = false;
        server.persistence?.suspendJournal?.();
        replication.dropLinks();
        log.notice('MASTER <-> REPLICA sync: Loading DB in memory');
      },
      (loaded, error) => {
        const isCurrent = this.load_ === load;
        this.load_ = null;
        if (error !== undefined) {
          if (isCurrent) {
            const where = error instanceof RdbFault ? ` at byte ${error.offset}` : '';
            log.warning(`Failed trying to load the MASTER synchronization DB from disk${where}: ${error.message}`);
            this.loadEnded('failed');
          }
          return;
        }
        log.notice(`Done loading RDB, keys loaded: ${loaded!.keys}, keys expired: ${loaded!.expired}.`);
        if (!isCurrent) return;
        // Without offsets there is nothing to go on from.
        replication.adopt(from?.id ?? newReplicationId(), from?.offset ?? 0);
        this.hasHistory = from !== undefined;
        this.linkIsUp();
        const database = Number(load.aux.get('repl-stream-db') ?? 0);
        this.stream.begin(Number.isInteger(database) && database >= 0 ? database : 0);
        if (settings.flag('rdb-del-sync-files') && !settings.flag('appendonly') && settings.value('save').length === 0) {
          log.notice('Removing the RDB file obtained from the master. This replica has persistence disabled');
          rmSync(resolve(this.folder, settings.path('dbfilename')), { force: true });
        }
        file.close();
        this.file = null;
        this.loadEnded('loaded');
        if (settings.flag('appendonly')) log.notice('MASTER <-> REPLICA sync: Starting AOF after a successful sync');
        server.persistence?.resumeJournal?.();
      },
    );
  }

  private loadEnded(result: 'loaded' | 'failed' | 'refused'): void {
    if (result !== 'loaded') {
      this.file?.close();
      this.file = null;
    }
    this.link.loaded(result);
    this.socket?.resume();
    this.takesOver = false;
    this.phaseChanged();
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
      this.startTimer(TICK_MS);
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
    this.file?.close();
  }
}
