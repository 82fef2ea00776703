/**
 * What home does for replicas: snapshots for those that wait for one, and what happens every second.
 *
 * One snapshot serves all that wait when it begins, and who comes while it is being written joins it as long as the stream since
 * its cut can still be had: a replica reads the file from its beginning whenever it likes.
 *
 *   slot WAITS_FOR_CUT ─▶ (repl-diskless-sync-delay) ─▶ cut, in an exclusive section: the slot's position is where the stream is
 */
import { fstatSync, openSync, rmSync } from 'node:fs';
import { CAPA_EOF, SENDS_FILE, WAITS_FOR_CUT, WAITS_FOR_FILE } from '@larder/store-replication';
import type { Failover, LinkSlot } from '@larder/store-replication';
import { TOO_FEW_REPLICAS } from '@larder/store-dispatch';
import { AofRewrite } from '../persistence/aof-rewrite';
import type { RdbPersistence } from '../persistence/rdb-persistence';
import type { StoreServer } from '../store-server';
import { makeFailover } from './failover';
import { Farewell } from './farewell';
import { KnownReplicas } from './known-replicas';
import type { Replication } from './replication';
import type { Transfer } from './transfers';
import { FAILED, GROWS, NO_TRANSFER, WHOLE } from './transfers';

/** The database that a stream goes on in behind a snapshot, as that says; 0 where it says nothing, or none that there is. */
export function streamDatabase(aux: ReadonlyMap<string, string>, databases: number): number {
  const database = Number(aux.get('repl-stream-db') ?? 0);
  return Number.isInteger(database) && database >= 0 && database < databases ? database : 0;
}

export class FullSync {
  readonly failover: Failover;
  readonly farewell: Farewell;
  private readonly known: KnownReplicas;
  private readonly replication: Replication;
  private readonly server: StoreServer;
  private readonly persistence: RdbPersistence;
  private running: { transfer: Transfer; snapshot: AofRewrite; changesAtCut: number; startedAt: number } | null = null;
  private secondAt = 0;
  private pingedAt = 0;
  private emptySince = 0;
  private files = 0;

  constructor(replication: Replication, persistence: RdbPersistence) {
    this.replication = replication;
    this.server = replication.server;
    this.persistence = persistence;
    this.failover = makeFailover(replication);
    this.farewell = new Farewell(replication);
    this.known = new KnownReplicas(this.server);
    const { settings } = this.server;
    settings.onChange('repl-backlog-size', () => {
      const { backlog } = replication.shared;
      if (backlog.isActive) backlog.resize(replication.historyBytes);
    });
    settings.onChange(['min-replicas-to-write', 'min-replicas-max-lag'], () => this.countGood());
    settings.onChange('repl-refuse-empty-full-sync', () => {
      if (!settings.flag('repl-refuse-empty-full-sync')) replication.shared.state.isWithholding = false;
    });
    this.countGood();
  }

  /** All is loaded. Without a key, a server that had replicas does not empty them. */
  started(): void {
    const { keyspace, settings, log } = this.server;
    const { state } = this.replication.shared;
    if (state.isReplica || !settings.flag('repl-refuse-empty-full-sync') || !this.known.exist) return;
    for (let database = 0; database < keyspace.databases; database++) if (keyspace.size(database) > 0) return;
    state.isWithholding = true;
    log.warning(
      'This server has started without data although it had replicas: they keep theirs, and are refused a full synchronisation. Promote one of them, or say CONFIG SET repl-refuse-empty-full-sync no.',
    );
  }

  /** A snapshot for replicas is being written. */
  get isSaving(): boolean {
    return this.running !== null;
  }

  get progress(): { processed: number; total: number } | undefined {
    return this.running?.snapshot.progress;
  }

  private get waiting(): LinkSlot[] {
    return this.replication.shared.links.slots.filter((slot) => slot.state === WAITS_FOR_CUT);
  }

  /** Begins, or joins, a snapshot for those who wait, if it is time. */
  look(): void {
    if (this.waiting.length === 0) return;
    this.server.turn(() => this.server.alone(() => this.serve()));
  }

  private serve(): void {
    const { settings } = this.server;
    const { running } = this;
    let { waiting } = this;
    if (waiting.length === 0) return;
    const isDiskless = settings.flag('repl-diskless-sync') && waiting.every(({ capabilities }) => (capabilities & CAPA_EOF) !== 0);
    if (running !== null) {
      for (const slot of waiting) this.join(slot, running.transfer);
      waiting = this.waiting;
    }
    if (waiting.length === 0 || this.running !== null || this.server.keyspace.snapshot !== null || this.persistence.isSaving) return;
    if (isDiskless && !this.isDelayOver(waiting)) return;
    this.begin(waiting, isDiskless);
  }

  /** A snapshot that is under way serves who comes later, too. */
  private join(slot: LinkSlot, transfer: Transfer): void {
    const { backlog } = this.replication.shared;
    if (transfer.state !== GROWS || (transfer.isDiskless && (slot.capabilities & CAPA_EOF) === 0)) return;
    backlog.take();
    const isHeld = backlog.holds(transfer.offset);
    if (isHeld) backlog.needs(transfer.offset);
    backlog.give();
    if (isHeld) this.attach(slot, transfer);
  }

  private attach(slot: LinkSlot, transfer: Transfer): void {
    slot.position = transfer.offset;
    slot.transfer = transfer.index;
    slot.state = transfer.isDiskless ? SENDS_FILE : WAITS_FOR_FILE;
    this.replication.rouseAll();
  }

  private isDelayOver(waiting: readonly LinkSlot[]): boolean {
    const { settings } = this.server;
    const delayMs = settings.number('repl-diskless-sync-delay') * 1000;
    const max = settings.number('repl-diskless-sync-max-replicas');
    const now = this.server.monotonic();
    return (max > 0 && waiting.length >= max) || waiting.some(({ since }) => now - since >= delayMs);
  }

  /** The cut. In an exclusive section. */
  private begin(waiting: readonly LinkSlot[], isDiskless: boolean): void {
    const { server, replication, persistence } = this;
    const { log } = server;
    const { backlog } = replication.shared;
    const transfer = replication.transfers.all.find(({ state }) => state === NO_TRANSFER);
    if (transfer === undefined) return;
    const target = persistence.replicaTarget(isDiskless);
    log.notice(`Starting BGSAVE for SYNC with target: ${isDiskless ? 'replicas sockets' : 'disk'}`);
    transfer.fd = -1;
    try {
      if (isDiskless) {
        const path = `${target.temporary}.${++this.files}`;
        transfer.fd = openSync(path, 'w+', 0o600);
        rmSync(path);
      }
    } catch (error) {
      log.warning(`BGSAVE for replication failed: ${(error as Error).message}`);
      return this.refuse(waiting);
    }
    transfer.isDiskless = isDiskless;
    transfer.written = 0;
    transfer.offset = backlog.end;
    transfer.state = GROWS;
    const spool = isDiskless ? { fd: transfer.fd, transfers: replication.transfers.shared, index: transfer.index } : undefined;
    const snapshot = new AofRewrite({ ...target, server, format: 'rdb', timestamps: false, spool, ended: (error) => this.ended(error) });
    this.running = { transfer, snapshot, changesAtCut: server.changes, startedAt: server.monotonic() };
    log.notice(`${isDiskless ? 'Background RDB transfer' : 'Background saving'} started by pid ${process.pid}`);
    backlog.take();
    backlog.needs(transfer.offset);
    backlog.database = -1;
    backlog.give();
    for (const slot of waiting) this.attach(slot, transfer);
  }

  private refuse(waiting: readonly LinkSlot[]): void {
    const [transfer] = this.replication.transfers.all.filter(({ state }) => state === NO_TRANSFER);
    if (transfer === undefined) return;
    transfer.state = FAILED;
    for (const slot of waiting) this.attach(slot, transfer);
  }

  private ended(error: string | undefined): void {
    const { running, server } = this;
    if (running === null) return;
    const { log } = server;
    const { transfer, changesAtCut, startedAt } = running;
    this.running = null;
    if (error !== undefined) {
      if (error !== '') log.warning(`Background ${transfer.isDiskless ? 'transfer' : 'saving'} error: ${error}`);
      transfer.state = FAILED;
    } else if (transfer.isDiskless) log.notice('Background RDB transfer terminated with success');
    else {
      log.notice('DB saved on disk');
      log.notice('Background saving terminated with success');
      transfer.state = this.openFile(transfer) ? WHOLE : FAILED;
    }
    if (!transfer.isDiskless) this.persistence.savedForReplicas(transfer.state === WHOLE, changesAtCut, startedAt);
    this.replication.rouseAll();
    this.look();
  }

  private openFile(transfer: Transfer): boolean {
    try {
      const fd = openSync(this.persistence.path, 'r');
      transfer.written = fstatSync(fd).size;
      transfer.fd = fd;
      return true;
    } catch (error) {
      this.server.log.warning(`SYNC failed. Can't open DB after BGSAVE: ${(error as Error).message}`);
      return false;
    }
  }

  linkGone(): void {
    this.countGood();
  }

  /** `hz` times a second, in a turn. */
  cron(): void {
    const { shared } = this.replication;
    const { links, backlog } = shared;
    if (links.takeWanted()) this.look();
    if (shared.state.isReplica) this.forgetReplicas();
    else if (links.count > 0) this.known.note(true);
    if (!backlog.isActive && links.count === 0) return;
    this.closeTransfers();
    this.countGood();
    const now = this.server.monotonic();
    if (now - this.secondAt < 1000) return;
    this.secondAt = now;
    this.look();
    if (shared.state.isReplica) return;
    if (links.count > 0) {
      this.emptySince = 0;
      if (now - this.pingedAt >= this.server.settings.number('repl-ping-replica-period') * 1000) {
        this.pingedAt = now;
        if (backlog.isActive && !this.server.pause.isActive) shared.stream.ping();
      }
    } else this.expireBacklog(now);
  }

  private forgetReplicas(): void {
    this.replication.shared.state.isWithholding = false;
    this.known.note(false);
  }

  private expireBacklog(now: number): void {
    const ttl = this.server.settings.number('repl-backlog-ttl');
    if (this.emptySince === 0) this.emptySince = now;
    if (ttl === 0 || now - this.emptySince <= ttl * 1000) return;
    this.server.alone(() => {
      if (this.replication.shared.links.count > 0) return;
      this.emptySince = 0;
      this.replication.streams(false);
      this.replication.lineage.end();
      this.known.note(false);
      this.server.log.notice(`Replication backlog freed after ${ttl} seconds without connected replicas.`);
    });
  }

  /** Files that nobody is sent any more; a diskless snapshot that nobody waits for. */
  private closeTransfers(): void {
    const { slots } = this.replication.shared.links;
    for (const transfer of this.replication.transfers.all) {
      if (transfer.state === NO_TRANSFER) continue;
      if (slots.some((slot) => (slot.state === SENDS_FILE || slot.state === WAITS_FOR_FILE) && slot.transfer === transfer.index)) continue;
      if (transfer.state !== GROWS) transfer.close();
      else if (transfer.isDiskless && this.running?.transfer === transfer) {
        this.server.log.notice('Diskless rdb transfer, last replica dropped, killing fork child.');
        this.running.snapshot.cancel('');
      }
    }
  }

  /** `min-replicas-to-write`. */
  countGood(): void {
    const { settings } = this.server;
    const wanted = settings.number('min-replicas-to-write');
    const maxLag = settings.number('min-replicas-max-lag');
    const { state, links } = this.replication.shared;
    const tooFew = wanted > 0 && maxLag > 0 && !state.isReplica && links.countGood(this.server.monotonic(), maxLag) < wanted;
    this.server.setCondition(TOO_FEW_REPLICAS, tooFew);
  }

  /** At the start a file told which history it is of, and up to where: a primary's replicas, or a replica itself, can go on from there. */
  historyLoaded(aux: ReadonlyMap<string, string>): void {
    const id = aux.get('repl-id');
    const offset = Number(aux.get('repl-offset') ?? -1);
    if (id?.length !== 40 || !(offset >= 0) || !Number.isSafeInteger(offset)) return;
    this.server.turn(() => this.server.alone(() => this.takeHistory(id, offset, streamDatabase(aux, this.server.keyspace.databases))));
  }

  private takeHistory(id: string, offset: number, database: number): void {
    const { lineage, shared } = this.replication;
    lineage.restore({ id, offset });
    if (shared.state.isReplica) this.server.replica?.restored(database);
    else this.replication.streams(true);
  }

  /** What a file of now tells of the history that it is of. */
  aux(): [string, string][] {
    const { state, backlog } = this.replication.shared;
    if (!backlog.isActive) return [];
    return [
      ['repl-stream-db', String(state.isReplica ? (this.server.replica?.streamDatabase ?? 0) : Math.max(backlog.database, 0))],
      ['repl-id', state.id],
      ['repl-offset', String(backlog.end)],
    ];
  }

  /** The process ends. */
  close(): void {
    if (this.running === null) return;
    this.running.snapshot.kill();
    this.running = null;
  }
}
