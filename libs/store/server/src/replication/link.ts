/**
 * One replica that this thread serves: the snapshot, then the stream from its own position on.
 *
 *   WAITS_FOR_CUT ─cut, by home─▶ WAITS_FOR_FILE ─whole─▶ SENDS_FILE ─sent─▶ ONLINE              from disk
 *                 └─────────────▶ SENDS_FILE ─sent, mark─▶ FILE_SENT ─REPLCONF ACK─▶ ONLINE      diskless
 *
 * After a diskless file the stream waits for the replica's ACK: it looks for the mark at the end of what it reads.
 * Nothing is queued here but what the kernel did not take of the last piece: the rest stays where it is, in the file and the backlog.
 */
import { read } from 'node:fs';
import { randomBytes } from 'node:crypto';
import {
  FILE_SENT,
  FREE,
  ONLINE,
  PLAIN_SYNC,
  RDB_ONLY,
  SENDS_FILE,
  WAITS_FOR_CUT,
  WAITS_FOR_FILE,
} from '@larder/store-replication';
import type { LinkSlot } from '@larder/store-replication';
import type { Connection } from '../connection';
import { isOverLimit } from '../output-limit';
import type { Replication } from './replication';
import { FAILED, WHOLE } from './transfers';

const PIECE_BYTES = 64 << 10;
const FILE_PIECE_BYTES = 256 << 10;
/** Of the stream to one replica, before others have their turn. */
const TURN_BYTES_MAX = 1 << 20;
/** A growing file is looked at again after so long. */
const GROWTH_MS = 3;

export class Link {
  readonly connection: Connection;
  readonly slot: LinkSlot;
  private readonly replication: Replication;
  private piece: Buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  /** It has been told where its history begins. */
  private isTold = false;
  private hasHead = false;
  private readonly mark = randomBytes(20).toString('hex');
  private sent = 0;
  private isBusy = false;
  private isGone = false;
  /** The file has no more for now, and is looked at again soon. */
  private looksAgain = false;
  private progressAt: number;
  private newlineAt = 0;
  softSince = 0;

  constructor(replication: Replication, connection: Connection, slot: LinkSlot) {
    this.replication = replication;
    this.connection = connection;
    this.slot = slot;
    this.progressAt = slot.since = slot.acknowledgedAt = replication.server.monotonic();
    slot.thread = replication.server.threadIndex;
    slot.client = connection.id;
    slot.acknowledged = -1; // nothing at all: a snapshot that was sent is not yet one that was loaded
    slot.safe = -1;
    slot.transfer = -1;
    slot.position = 0;
  }

  /** As logs name it. */
  get name(): string {
    const { address, port } = this.slot;
    return port === 0 ? `client id #${this.connection.id}` : `${address}:${port}`;
  }

  private has(bit: number): boolean {
    return (this.slot.capabilities & bit) !== 0;
  }

  /** Bytes of the stream that the kernel has not taken yet. */
  get lag(): number {
    return this.slot.isReading ? this.replication.shared.backlog.end - this.slot.position + this.connection.unsentBytes : 0;
  }

  /** Goes on from the backlog at once: a partial resynchronisation. */
  resume(offset: number): void {
    this.isTold = true;
    this.slot.position = offset;
    this.slot.acknowledgedAt = this.replication.server.monotonic();
    this.slot.state = ONLINE;
  }

  /** Does what can be done now; true when there is more to do at once. */
  work(): boolean {
    if (this.isGone || this.connection.unsentBytes > 0) return false;
    const { slot } = this;
    switch (slot.state) {
      case WAITS_FOR_FILE:
      case SENDS_FILE:
        this.announce();
        this.sendFile();
        return false;
      case ONLINE:
        return this.sendStream();
    }
    return false;
  }

  /** The kernel has taken all of the last piece. */
  drained(): void {
    const { end } = this.replication.shared.backlog;
    this.replication.rest(end, this.work());
  }

  private sendStream(): boolean {
    const { slot, connection, replication } = this;
    const { backlog } = replication.shared;
    for (let done = 0; done < TURN_BYTES_MAX; ) {
      const length = backlog.read(slot.position, this.piece);
      if (length === 0) return false;
      if (length < 0) {
        replication.server.log.warning(`The stream from offset ${slot.position} on, which replica ${this.name} needs, is gone. Closing the link.`);
        connection.end(false);
        return false;
      }
      const isTaken = connection.sendRaw(this.piece.subarray(0, length));
      slot.position += length;
      replication.outputBytes += length;
      done += length;
      if (isTaken) continue;
      this.piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      return false;
    }
    return true;
  }

  private announce(): void {
    if (this.isTold) return;
    this.isTold = true;
    const { slot, replication } = this;
    if (!this.has(PLAIN_SYNC)) this.connection.sendRaw(Buffer.from(`+FULLRESYNC ${replication.shared.state.id} ${slot.position}\r\n`, 'latin1'));
  }

  private sendFile(): void {
    if (this.isBusy) return;
    const { slot, connection, replication } = this;
    const transfer = replication.transfers.all[slot.transfer]!;
    const { state } = transfer;
    if (state === FAILED) {
      replication.server.log.warning('SYNC failed. BGSAVE child returned an error');
      return connection.end(false);
    }
    if (slot.state === WAITS_FOR_FILE) {
      if (state !== WHOLE) return;
      slot.state = SENDS_FILE;
    }
    if (!this.hasHead) {
      this.hasHead = true;
      connection.sendRaw(Buffer.from(transfer.isDiskless ? `$EOF:${this.mark}\r\n` : `$${transfer.written}\r\n`, 'latin1'));
    }
    const left = transfer.written - this.sent;
    if (left === 0) {
      if (state === WHOLE) return this.fileSent(transfer.isDiskless);
      if (this.looksAgain) return;
      this.looksAgain = true;
      replication.server.clock.setTimer(GROWTH_MS, () => {
        this.looksAgain = false;
        replication.moved();
      });
      return;
    }
    this.isBusy = true;
    const piece = Buffer.allocUnsafeSlow(Math.min(left, FILE_PIECE_BYTES));
    read(transfer.fd, piece, 0, piece.length, this.sent, (error, length) => {
      this.isBusy = false;
      if (this.isGone) return;
      if (error !== null || length === 0) {
        replication.server.log.warning(`Read error sending DB to replica: ${error?.message ?? 'premature EOF'}`);
        return connection.end(false);
      }
      this.sent += length;
      this.progressAt = replication.server.monotonic();
      replication.outputBytes += length;
      connection.sendRaw(piece.subarray(0, length));
      this.work();
    });
  }

  /** A file that is ready as bytes: the libraries of functions alone. */
  sendWhole(file: Buffer, usesMark: boolean): void {
    this.slot.position = this.replication.shared.backlog.end;
    this.announce();
    this.connection.sendRaw(Buffer.from(usesMark ? `$EOF:${this.mark}\r\n` : `$${file.length}\r\n`, 'latin1'));
    this.connection.sendRaw(file);
    this.fileSent(usesMark);
  }

  private fileSent(isDiskless: boolean): void {
    const { slot, connection, replication } = this;
    if (isDiskless) connection.sendRaw(Buffer.from(this.mark, 'latin1'));
    const { log } = replication.server;
    slot.state = FILE_SENT;
    if (this.has(RDB_ONLY)) {
      log.notice(`RDB transfer completed, rdb only replica (${this.name}) should be disconnected asap`);
      return connection.end(true);
    }
    log.notice(isDiskless ? `Streamed replica with replica ${this.name} via socket. Waiting for REPLCONF ACK from replica to enable streaming` : `Synchronization with replica ${this.name} succeeded`);
    slot.acknowledgedAt = replication.server.monotonic();
    if (isDiskless) return;
    slot.state = ONLINE;
    replication.moved();
  }

  /** A line end and nothing else: it is busy, with loading for instance, and there. */
  isHeardOf(): void {
    this.slot.acknowledgedAt = this.replication.server.monotonic();
  }

  /** REPLCONF ACK, and FACK: what it has, and what it has on disk. It cannot have what there never was: WAIT and FAILOVER rely on it. */
  acknowledge(offset: number, safe: number): void {
    const { slot, replication } = this;
    const { end } = replication.shared.backlog;
    if (safe > slot.safe && safe <= end) slot.safe = safe;
    if (offset > slot.acknowledged && offset <= end) slot.acknowledged = offset;
    this.isHeardOf();
    if (slot.state === FILE_SENT) {
      slot.state = ONLINE;
      replication.server.log.notice(`Synchronization with replica ${this.name} succeeded`);
      replication.moved();
    }
    replication.acknowledged();
  }

  /** What time does to it. */
  cron(): void {
    const { slot, connection, replication } = this;
    const { server } = replication;
    const now = server.monotonic();
    const timeoutMs = server.settings.number('repl-timeout') * 1000;
    // One that was sent its file and is silent since would have the stream kept for it for ever.
    if ((slot.state === ONLINE || slot.state === FILE_SENT) && !this.has(PLAIN_SYNC) && now - slot.acknowledgedAt > timeoutMs) return this.timedOut('streaming sync');
    if (slot.state === ONLINE) {
      // A limit below what a partial resynchronisation may have to send would end it again and again.
      const { hardBytes, softBytes, softSeconds } = server.settings.value('client-output-buffer-limit').replica;
      const least = (bytes: number) => (bytes === 0 ? 0 : Math.max(bytes, replication.historyBytes));
      if (isOverLimit({ hardBytes: least(hardBytes), softBytes: least(softBytes), softSeconds }, this.lag, this, now)) {
        server.log.warning(`Client ${connection.describe()} omem=${this.lag} closed for overcoming of output buffer limits.`);
        return connection.end(false);
      }
    }
    // Once told where the stream begins it may be fed newlines as well: the file's head is not sent before the file is there.
    if (slot.state === WAITS_FOR_CUT || (slot.state === WAITS_FOR_FILE && !this.hasHead)) {
      if (now - this.newlineAt < 1000) return;
      this.newlineAt = this.progressAt = now;
      connection.sendRaw(Buffer.from('\n'));
    } else if (slot.state === SENDS_FILE && now - this.progressAt > timeoutMs && connection.unsentBytes > 0) this.timedOut('full sync');
  }

  private timedOut(what: string): void {
    this.replication.server.log.warning(`Disconnecting timedout replica (${what}): ${this.name}`);
    this.connection.end(false);
  }

  /** The connection is over. */
  detach(): void {
    this.isGone = true;
    this.replication.server.log.warning(`Connection with replica ${this.name} lost.`);
    this.slot.state = FREE;
  }
}
