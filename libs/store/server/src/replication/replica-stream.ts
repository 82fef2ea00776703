/**
 * Applies the stream of a primary: commands are found in the bytes as they come, units are run as the primary's own client, and
 * the very bytes of whole units are passed on, which is what moves the offset. With several threads that happens while a unit's shards
 * are still held: whoever looks in between, for a snapshot or a promotion, finds the offset that belongs to the data.
 *
 *   bytes ─▶ [pending ++] ─▶ decoder ─▶ units ─▶ relayed: [open ++] bytes up to the last whole unit
 *
 * Between MULTI and EXEC nothing is run and nothing is counted: a link that is cut there goes on from before the MULTI.
 * A busy script stops everything: the bytes wait, `isHeld` says so, and `resume` tries again.
 */
import { IN_MULTI, Session } from '@larder/store-dispatch';
import { COMPLETE, Decoder, INCOMPLETE } from '@larder/store-resp';
import type { Followed } from '@larder/store-dispatch';
import type { Args, DecodeState } from '@larder/store-resp';
import type { StoreServer } from '../store-server';

const EMPTY = Buffer.alloc(0);
/** A primary sends what it has, however large. */
const LIMITS = { bulkBytesMax: 2 ** 52, authenticated: true };
const KEPT_BYTES_MAX = 1 << 20;

/** The primary, as a client. */
export class PrimarySession extends Session {
  deliver(): void {
    // It wants no answers.
  }
  end(): void {
    // Its link ends it.
  }
  describe(): string {
    return 'addr=primary';
  }
}

export interface StreamHands {
  /** Whole units have run: their bytes. */
  relay(bytes: Buffer, off: number, length: number): void;
  /** It asks how far this replica is. */
  askedForAck(): void;
  /** What it sends cannot be understood. */
  isBroken(why: string): void;
  /** A command of its was refused here. */
  disagreed(error: string, command: string): void;
}

export class ReplicaStream {
  session = new PrimarySession(0);
  isHeld = false;
  private readonly server: StoreServer;
  private readonly hands: StreamHands;
  private readonly decoder = new Decoder();
  private readonly state: DecodeState = { resume: null };
  private pending = EMPTY;
  private pendingLength = 0;
  private need = 0;
  /** Bytes of a transaction that has not ended. */
  private open: Buffer[] = [];
  private openBytes = 0;
  private wantsAck = false;
  /** What is being worked on, and up to where it was passed on. */
  private buf: Buffer = EMPTY;
  private passed = 0;
  private followed: Followed & { isOver: boolean } = this.newFollowed();

  constructor(server: StoreServer, hands: StreamHands) {
    this.server = server;
    this.hands = hands;
  }

  /** Bytes that have come and are not counted yet. */
  get unappliedBytes(): number {
    return this.pendingLength + this.openBytes;
  }

  /** From here on another connection's bytes come; `database` is the one that its stream is in. */
  begin(database: number): void {
    const { session } = this;
    this.followed.isOver = true;
    this.followed = this.newFollowed();
    session.queue = [];
    session.queueFailed = false;
    session.conditions &= ~IN_MULTI;
    session.database = database;
    this.pending = EMPTY;
    this.pendingLength = this.need = 0;
    this.open = [];
    this.openBytes = 0;
    this.state.resume = null;
    this.isHeld = false;
  }

  private newFollowed(): Followed & { isOver: boolean } {
    return { isOver: false, unitDone: () => this.pass(this.decoder.pos) };
  }

  take(bytes: Buffer, off: number, length: number): void {
    if (this.pendingLength === 0 && !this.isHeld) return this.work(bytes, off, off + length);
    this.keep(bytes, off, off + length);
    if (!this.isHeld && this.pendingLength >= this.need) this.work(this.pending, 0, this.pendingLength);
  }

  /** Goes on after a busy script. */
  resume(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    if (this.pendingLength > 0) this.work(this.pending, 0, this.pendingLength);
  }

  private work(buf: Buffer, from: number, end: number): void {
    let pos = from;
    let hasRun = false;
    this.server.turn(() => {
      hasRun = true;
      pos = this.run(buf, from, end);
    });
    if (!hasRun) {
      this.isHeld = true;
      this.need = 0;
    }
    if (pos < 0) return;
    if (buf === this.pending) {
      if (pos > 0) buf.copyWithin(0, pos, end);
      this.pendingLength = end - pos;
      if (this.pendingLength === 0 && buf.length > KEPT_BYTES_MAX) this.pending = EMPTY;
    } else if (pos < end) this.keep(buf, pos, end);
    if (!this.wantsAck) return;
    this.wantsAck = false;
    this.hands.askedForAck();
  }

  private keep(bytes: Buffer, from: number, to: number): void {
    const wanted = this.pendingLength + to - from;
    if (wanted > this.pending.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(wanted, Math.min(this.need, wanted * 2), this.pending.length * 2, 4096));
      this.pending.copy(larger, 0, 0, this.pendingLength);
      this.pending = larger;
    }
    bytes.copy(this.pending, this.pendingLength, from, to);
    this.pendingLength = wanted;
  }

  /** Runs what is whole; where it came to, -1 when that is of no interest any more. In a turn. */
  private run(buf: Buffer, from: number, end: number): number {
    const { decoder, server, state, followed } = this;
    const hasCrew = server.crew !== null;
    let pos = from;
    /** After the last whole unit. */
    let unitEnd = from;
    this.need = 0;
    this.buf = buf;
    this.passed = from;
    for (;;) {
      if (hasCrew) {
        this.pass(unitEnd);
        server.breathe();
        if (followed.isOver) return -1;
      }
      const status = server.isLockedOut ? INCOMPLETE : decoder.next(buf, pos, end, LIMITS, state);
      if (status === COMPLETE) {
        if (decoder.args.count > 0 && !this.one(decoder.args)) {
          this.isHeld = !followed.isOver;
          break;
        }
        if (followed.isOver) return -1;
        pos = decoder.pos;
        if ((this.session.conditions & IN_MULTI) === 0) unitEnd = pos;
        continue;
      }
      if (status === INCOMPLETE) {
        if (server.isLockedOut) this.isHeld = true;
        else this.need = decoder.need;
        break;
      }
      this.pass(unitEnd);
      this.hands.isBroken(decoder.error);
      return -1;
    }
    if (followed.isOver) return -1;
    this.pass(unitEnd);
    if (pos > this.passed) {
      this.open.push(Buffer.from(buf.subarray(this.passed, pos)));
      this.openBytes += pos - this.passed;
    }
    this.buf = EMPTY;
    return pos;
  }

  /** Passes on what is whole: up to `to`, and before it what came earlier of a transaction that has ended there. */
  private pass(to: number): void {
    if (to <= this.passed) return;
    for (const bytes of this.open) this.hands.relay(bytes, 0, bytes.length);
    this.open = [];
    this.openBytes = 0;
    this.hands.relay(this.buf, this.passed, to - this.passed);
    this.passed = to;
  }

  private one(args: Args): boolean {
    const { server, session } = this;
    if (args.is(0, 'replconf')) {
      if (args.count > 1 && args.is(1, 'getack')) this.wantsAck = true;
      return true;
    }
    const { dispatcher } = server;
    const { reply } = dispatcher;
    const start = reply.pos;
    server.isObeying = true;
    const isDone = dispatcher.obey(session, args, this.followed);
    server.isObeying = false;
    if (reply.pos > start && reply.buf[start] === 45) {
      this.hands.disagreed(reply.buf.toString('latin1', start + 1, reply.buf.indexOf(13, start)), args.text(0));
    }
    reply.pos = start;
    return isDone;
  }
}
