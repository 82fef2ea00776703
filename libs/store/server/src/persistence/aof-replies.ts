/**
 * Which replies may go out, by what is safe on disk.
 *
 *   always     a client's replies wait from its first write of a turn until that lies on disk; those of clients that only
 *              read go at once, whatever others write
 *   everysec   as long as the oldest write without a sync is younger than a second nothing waits; after that acknowledgements
 *              wait for the sync. So the writes that a crash takes were never acknowledged over more than one second, however
 *              slow the disk: the policy turns into `always` until it has caught up, instead of letting the window grow
 *   no         nothing waits
 *
 * Held replies go in order, and a connection that is to be closed is closed behind its last one.
 */
import { BroadcastChannel } from 'node:worker_threads';
import type { Connection } from '../connection';
import type { StoreServer } from '../store-server';
import type { AofNews } from './aof-worker';
import { isBehind } from './aof-writer';

/** A write counts as exposed from the start of its turn; the margin is for what is on its way to the writer. */
const EXPOSED_MS_MAX = 950;
/** Times are noted for turns at least so far apart. */
const MARK_MS = 20;

interface Held {
  parts: { upTo: number | undefined; bytes: Buffer }[];
  bytes: number;
  isEnding: boolean;
}

export interface ReplyGate {
  turnBegins(): void;
  /** Takes over replies that may not go out yet (a copy). */
  holds(connection: Connection, bytes: Buffer): boolean;
  /** A blocked client was served by what another did. */
  served(connection: Connection): void;
  /** True when the connection still has replies to get: it is ended when they are out. */
  lingers(connection: Connection): boolean;
  heldBytes(connection: Connection): number;
  forget(connection: Connection): void;
}

export class AofReplies implements ReplyGate {
  /** Up to where the journal may be acknowledged. */
  safe: number;
  /** More is safe. */
  advanced: () => void = () => undefined;
  private readonly server: StoreServer;
  private readonly policy: { readonly value: string };
  private readonly held = new Map<Connection, Held>();
  private readonly servedUpTo = new Map<Connection, number>();
  private turnStart: number;
  private isReleasing = false;
  /** Where this thread's journal was, and when, oldest first: bounds the age of its oldest write that is not safe. */
  private readonly marks: { position: number; at: number }[] = [];

  /** `position`: where the journal begins. */
  constructor(server: StoreServer, position: number) {
    this.server = server;
    this.policy = server.settings.textCell('appendfsync');
    this.safe = this.turnStart = position;
    server.journal.position = position;
  }

  /** Position behind this thread's last unit. */
  private get end(): number {
    return this.server.journal.position;
  }

  turnBegins(): void {
    this.turnStart = this.end;
    if (this.policy.value !== 'everysec') return;
    const at = this.server.clock.monotonic();
    const last = this.marks.at(-1);
    if (last === undefined || (at - last.at >= MARK_MS && last.position !== this.turnStart)) this.marks.push({ position: this.turnStart, at });
    else if (last.position === this.turnStart) last.at = at;
  }

  holds(connection: Connection, bytes: Buffer): boolean {
    if (this.isReleasing) return false;
    const held = this.held.get(connection);
    const policy = this.policy.value;
    if (held === undefined && policy === 'no') return false;
    let upTo: number | undefined;
    if (this.servedUpTo.size > 0) {
      upTo = this.servedUpTo.get(connection);
      this.servedUpTo.delete(connection);
    }
    if (connection === this.server.current && this.end !== this.turnStart) upTo = this.end;
    if (held === undefined) {
      if (upTo === undefined || !isBehind(upTo, this.safe)) return false;
      if (policy === 'everysec' && this.exposedMs() < EXPOSED_MS_MAX) return false;
    }
    this.hold(connection, held, upTo, bytes);
    return true;
  }

  private hold(connection: Connection, held: Held | undefined, upTo: number | undefined, bytes: Buffer): void {
    if (held === undefined) this.held.set(connection, (held = { parts: [], bytes: 0, isEnding: false }));
    held.parts.push({ upTo, bytes: Buffer.from(bytes) });
    held.bytes += bytes.length;
  }

  /** For how long the oldest write that is not safe may have been acknowledged. */
  exposedMs(): number {
    const { marks, safe } = this;
    if (!isBehind(this.end, safe)) return 0;
    while (marks.length > 1 && !isBehind(marks[1]!.position, safe)) marks.shift();
    return marks.length === 0 ? 0 : this.server.clock.monotonic() - marks[0]!.at;
  }

  served(connection: Connection): void {
    this.servedUpTo.set(connection, this.end);
  }

  lingers(connection: Connection): boolean {
    const held = this.held.get(connection);
    if (held === undefined) return false;
    held.isEnding = true;
    return true;
  }

  heldBytes(connection: Connection): number {
    return this.held.get(connection)?.bytes ?? 0;
  }

  forget(connection: Connection): void {
    this.held.delete(connection);
    this.servedUpTo.delete(connection);
  }

  /** The journal is safe up to `position`: what waited for that goes out. */
  advance(position: number): void {
    this.safe = position;
    const policy = this.policy.value;
    const isOpen = policy === 'no' || (policy === 'everysec' && this.exposedMs() < EXPOSED_MS_MAX);
    for (const [connection, held] of [...this.held]) this.release(connection, held, isOpen);
    this.advanced();
  }

  /** Nobody will say any more what is safe. */
  releaseAll(): void {
    for (const [connection, held] of [...this.held]) this.release(connection, held, true);
    this.servedUpTo.clear();
  }

  private release(connection: Connection, held: Held, isOpen: boolean): void {
    let count = 0;
    for (; count < held.parts.length; count++) {
      const { upTo } = held.parts[count]!;
      if (!isOpen && upTo !== undefined && isBehind(upTo, this.safe)) break;
    }
    if (count === 0) return;
    const parts = held.parts.splice(0, count);
    if (held.parts.length === 0) this.held.delete(connection);
    const bytes = parts.length === 1 ? parts[0]!.bytes : Buffer.concat(parts.map((part) => part.bytes));
    held.bytes -= bytes.length;
    this.isReleasing = true;
    connection.release(bytes);
    this.isReleasing = false;
    if (held.isEnding && held.parts.length === 0) connection.end(true);
  }
}

/** What writes are answered while the file cannot be written. */
export function faultReply(reason: string): string {
  return `MISCONF Errors writing to the AOF file: ${reason}`;
}

const known = new WeakSet<StoreServer>();
const channels = new WeakMap<StoreServer, BroadcastChannel>();

/** Where threads beside the first hear what is safe. */
export function newsChannel(): string {
  return `larder-aof-${process.pid}`;
}

/** On every thread, when the journal begins or ends: replies go through a gate from here on, or no longer. */
export function followJournal(server: StoreServer, isOn: boolean): void {
  // The judges' journal is read by nobody who would say what is safe.
  if (isOn && server.settings.flag('debug-journal')) return;
  if (!known.has(server)) server.onForget.push((connection) => server.replyGate?.forget(connection));
  known.add(server);
  channels.get(server)?.close();
  channels.delete(server);
  const before = server.replyGate;
  const gate = isOn ? new AofReplies(server, server.journal.ring.head) : null;
  if (gate !== null) gate.advanced = () => server.replication.locallySafe();
  server.replyGate = gate;
  if (before instanceof AofReplies) before.releaseAll();
  if (!isOn || server.threadIndex === 0) return;
  const channel = new BroadcastChannel(newsChannel());
  channels.set(server, channel);
  channel.onmessage = (event: unknown) => {
    const { safe, fault } = (event as { data: AofNews }).data;
    const gate = server.replyGate;
    if (fault !== undefined) server.dispatcher.aofFault = faultReply(fault);
    if (safe !== undefined && gate instanceof AofReplies) server.turn(() => gate.advance(safe));
  };
  channel.unref();
}
