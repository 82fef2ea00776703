/**
 * Blocked clients and watches: who wants to hear of a key. All of it lies in the arena, in the shard of the key, because
 * the thread that changes a key is seldom the one whose client waits for it.
 *
 *   watched keys of a shard   table:  [database|key] ── BODY ──▶ watchers · version       every change counts the version up
 *   blocked keys of a shard   table:  [database|key] ── BODY ──▶ first node · last node
 *   node                      next · waiter                                               in the order in which they blocked
 *   waiter                    state · thread · ticket · database · protocol · order · argc · bytes · arguments
 *
 * A key that comes into being, or a stream that grows, makes its waiters ready. At the end of the unit that did it, still
 * holding the shard, the same thread runs their commands again in their order; one that finds nothing goes on waiting in
 * its old place. What it answers for a client of another thread goes there by mail. A waiter for keys of several shards
 * may be tried by two threads at once: its state says whose turn it is.
 *
 *   WAITING ──▶ TRYING ──▶ WAITING (nothing found) | SERVED
 */
import { BODY, ElementTable } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { KeyListener, Keyspace } from '@larder/store-keyspace';
import { NOTIFY_MISS, NOTIFY_NEW, STREAM_GONE } from '@larder/store-keyspace';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import type { Args } from '@larder/store-resp';
import type { Command } from './command';
import type { Blocked, Session, TimeoutReply, WaitedKey } from './session';

const WAITING = 0;
const TRYING = 1;
const SERVED = 2;

const STATE = 0;
const THREAD = 1;
const TICKET = 2;
const DATABASE = 3;
const PROTOCOL = 4;
const ARGC = 5;
const WIDE = 6;
const HEAD_WORDS = 8;

/** A waiter whose key became ready, as the thread that serves it sees it. */
export interface ReadyWaiter {
  address: number;
  thread: number;
  ticket: number;
  database: number;
  protocol: 2 | 3;
  key: string;
}

/** Also when it is past its time: the database as it is, not as it is seen. */
function isThere(keyspace: Keyspace, database: number, key: Uint8Array, off: number, length: number): boolean {
  const { expires } = keyspace;
  keyspace.expires = false;
  const found = keyspace.lookup(database, key, off, length);
  keyspace.expires = expires;
  return found !== 0;
}

export class Waiters implements KeyListener {
  /** Blocked commands of this thread's clients, in the order they blocked. */
  readonly all = new Set<Blocked>();
  private readonly keyspace: Keyspace;
  private readonly thread: number;
  private readonly allShards: number;
  private readonly elements: ElementTable;
  private readonly view: RecordView;
  private readonly byTicket = new Map<number, Blocked>();
  private readonly ready = new Set<string>();
  private lastTicket = 0;
  private probe = Buffer.alloc(256);
  private probeLength = 0;
  private probeHash = 0;
  /** Told of every change: keyspace notifications, tracking. */
  private readonly extra: KeyListener[] = [];

  constructor(keyspace: Keyspace, thread = 0) {
    this.keyspace = keyspace;
    this.allShards = 2 ** keyspace.shards - 1;
    this.thread = thread;
    this.elements = new ElementTable(keyspace.arena);
    this.view = this.elements.view;
  }

  static key(database: number, bytes: Uint8Array, off: number, length: number): string {
    return `${database}:${(bytes as Buffer).toString('latin1', off, off + length)}`;
  }

  get hasReady(): boolean {
    return this.ready.size > 0;
  }

  /** Whether changes of keys in `shards` (a mask; -1 for all) must be told. */
  listensIn(shards: number): boolean {
    if (this.extra.length > 0) return true;
    const { keyspace } = this;
    for (let rest = shards & this.allShards; rest !== 0; rest &= rest - 1) {
      if (keyspace.interestIn(31 - Math.clz32(rest & -rest)) !== 0) return true;
    }
    return false;
  }

  /** Whether somebody blocks on a key of `shards` with a command that will touch other shards than that key's. */
  hasWide(shards: number): boolean {
    const { keyspace } = this;
    for (let rest = shards & this.allShards; rest !== 0; rest &= rest - 1) if (keyspace.wideIn(31 - Math.clz32(rest & -rest)) !== 0) return true;
    return false;
  }

  /** Another party that wants to hear of every change. */
  addListener(listener: KeyListener): void {
    this.extra.push(listener);
  }

  removeListener(listener: KeyListener): void {
    const i = this.extra.indexOf(listener);
    if (i >= 0) this.extra.splice(i, 1);
  }

  keyChanged(database: number, bytes: Uint8Array, off: number, length: number, notifyClass: number, event: string): void {
    for (const listener of this.extra) listener.keyChanged(database, bytes, off, length, notifyClass, event);
    if (notifyClass === NOTIFY_MISS) return;
    const { keyspace, elements } = this;
    const shard = keyspace.shardOf(bytes, off, length);
    if (keyspace.interestIn(shard) === 0) return;
    this.aim(database, bytes, off, length);
    // As in Redis: a key is ready when it comes into being or its stream grows, or a stream or its group is gone, not when one value takes another's place.
    if ((notifyClass === NOTIFY_NEW || event === 'xadd' || event === STREAM_GONE || event === 'xgroup-destroy') && this.finds(keyspace.blockedRoot(shard))) {
      this.ready.add(Waiters.key(database, bytes, off, length));
    }
    // Redis does not count what happens to groups as a change of their key.
    if (event.startsWith('xgroup-') || event === 'xsetid') return;
    if (elements.count(keyspace.watchedRoot(shard)) > 0 && this.finds(keyspace.watchedRoot(shard))) this.view.aside = (this.view.aside + 1) | 0;
  }

  databaseChanged(database: number, second: number): void {
    for (const listener of this.extra) listener.databaseChanged(database, second);
    this.forEachIn((shard) => this.keyspace.blockedRoot(shard), (at, name) => {
      if (database === -1 || at === database || at === second) this.ready.add(`${at}:${name.toString('latin1')}`);
    });
  }

  /** A database is about to be emptied, or two exchanged: watchers of keys that are in them will find something else. */
  databaseWillChange(database: number, second: number): void {
    const { keyspace } = this;
    const broken: { at: number; name: Buffer }[] = [];
    this.forEachIn((shard) => keyspace.watchedRoot(shard), (at, name) => {
      if (database !== -1 && at !== database && at !== second) return;
      const places = second < 0 ? [at] : [database, second];
      if (places.some((place) => isThere(keyspace, place, name, 0, name.length))) broken.push({ at, name });
    });
    for (const { at, name } of broken) {
      this.aim(at, name, 0, name.length);
      if (this.finds(keyspace.watchedRoot(keyspace.shardOf(name, 0, name.length)))) this.view.aside = (this.view.aside + 1) | 0;
    }
  }

  private forEachIn(rootOf: (shard: number) => number, visit: (database: number, key: Buffer) => void): void {
    const { keyspace, elements } = this;
    const found: Buffer[] = [];
    for (let shard = 0; shard < keyspace.shards; shard++) {
      if (keyspace.interestIn(shard) === 0) continue;
      elements.forEach(rootOf(shard), (view) => found.push(Buffer.from(view.u8.subarray(view.keyOffset, view.keyOffset + view.keyLength))));
    }
    for (const name of found) visit(name.readUInt32LE(0), name.subarray(4));
  }

  /**
   * The unit's session waits for `keys` with `args`; all their shards are held. `wide`: to be served it needs more shards
   * than that of the ready key. @throws ArenaFull (it does not wait)
   */
  block(session: Session, command: Command, args: Args, keys: readonly WaitedKey[], deadline: number, timeoutReply: TimeoutReply, wide: boolean): void {
    const ticket = (this.lastTicket = (this.lastTicket + 1) & 0x7fffffff);
    const blocked: Blocked = { session, command, args, database: session.database, keys, deadline, timeoutReply, ticket, waiter: 0, isOver: false };
    if (keys.length > 0) blocked.waiter = this.write(blocked, wide);
    try {
      for (const key of keys) this.link(key, blocked);
    } catch (full) {
      this.unlink(blocked);
      throw full;
    }
    session.blocked = blocked;
    this.all.add(blocked);
    this.byTicket.set(ticket, blocked);
  }

  private write({ session, args, keys, ticket, database }: Blocked, wide: boolean): number {
    const { arena } = this.keyspace;
    let bytes = HEAD_WORDS * 4;
    for (let i = 0; i < args.count; i++) bytes += 4 + ((args.len[i]! + 3) & ~3);
    const address = arena.alloc(keys[0]!.shard, bytes);
    const i32 = arena.i32[address >>> SEGMENT_SHIFT]!;
    const u8 = arena.u8[address >>> SEGMENT_SHIFT]!;
    let w = (address & SEGMENT_UNIT_MASK) << 1;
    i32[w + STATE] = WAITING;
    i32[w + THREAD] = this.thread;
    i32[w + TICKET] = ticket;
    i32[w + DATABASE] = database;
    i32[w + PROTOCOL] = session.protocol;
    i32[w + ARGC] = args.count;
    i32[w + WIDE] = wide ? 1 : 0;
    w += HEAD_WORDS;
    for (let i = 0; i < args.count; i++) {
      const length = args.len[i]!;
      i32[w] = length;
      u8.set(args.buf.subarray(args.off[i]!, args.off[i]! + length), (w + 1) << 2);
      w += 1 + ((length + 3) >> 2);
    }
    return address;
  }

  /** The arguments of a waiter, copied. */
  argsOf(waiter: number): Buffer[] {
    const { arena } = this.keyspace;
    const i32 = arena.i32[waiter >>> SEGMENT_SHIFT]!;
    const u8 = arena.u8[waiter >>> SEGMENT_SHIFT]!;
    let w = ((waiter & SEGMENT_UNIT_MASK) << 1) + HEAD_WORDS;
    return Array.from({ length: this.word(waiter, ARGC) }, () => {
      const length = i32[w]!;
      const at = (w + 1) << 2;
      w += 1 + ((length + 3) >> 2);
      return Buffer.from(u8.subarray(at, at + length));
    });
  }

  private link({ shard, database, name }: WaitedKey, { waiter }: Blocked): void {
    const { keyspace, elements, view } = this;
    const { arena } = keyspace;
    const root = keyspace.blockedRoot(shard);
    const node = arena.alloc(shard, 8);
    this.setWord(node, 0, 0);
    this.setWord(node, 1, waiter);
    this.aim(database, name, 0, name.length);
    if (this.finds(root)) {
      this.setWord(view.aside, 0, node);
      view.aside = node;
      keyspace.addWide(shard, this.word(waiter, WIDE));
      return;
    }
    try {
      elements.insert(root, shard, this.probeHash, BODY, this.probe, 0, this.probeLength, 0);
    } catch (full) {
      arena.free(node);
      throw full;
    }
    view.body = view.aside = node;
    keyspace.addInterest(shard, 1);
    keyspace.addWide(shard, this.word(waiter, WIDE));
  }

  /** Takes the nodes of a waiter out of all lists and frees it; its shards are held. */
  private unlink(blocked: Blocked): void {
    if (blocked.waiter === 0) return;
    for (const key of blocked.keys) this.unlinkFrom(key, blocked.waiter);
    this.keyspace.arena.free(blocked.waiter);
    blocked.waiter = 0;
  }

  private unlinkFrom({ shard, database, name }: WaitedKey, waiter: number): void {
    const { keyspace, elements, view } = this;
    const root = keyspace.blockedRoot(shard);
    this.aim(database, name, 0, name.length);
    if (!this.finds(root)) return;
    let before = 0;
    for (let node = view.body; node !== 0; before = node, node = this.word(node, 0)) {
      if (this.word(node, 1) !== waiter) continue;
      const next = this.word(node, 0);
      if (before === 0) view.body = next;
      else this.setWord(before, 0, next);
      if (next === 0) view.aside = before;
      keyspace.arena.free(node);
      keyspace.addWide(shard, -this.word(waiter, WIDE));
      break;
    }
    if (view.body !== 0) return;
    elements.remove(root, shard, this.probeHash);
    if (elements.count(root) === 0) elements.table.dispose(root);
    keyspace.addInterest(shard, -1);
  }

  /** The waiters of the keys that became ready since the last call, key by key, each in blocking order. */
  takeReady(): ReadyWaiter[] {
    const { keyspace, view } = this;
    const out: ReadyWaiter[] = [];
    for (const key of this.ready) {
      const colon = key.indexOf(':');
      const name = Buffer.from(key.slice(colon + 1), 'latin1');
      this.aim(Number(key.slice(0, colon)), name, 0, name.length);
      if (!this.finds(keyspace.blockedRoot(keyspace.shardOf(name, 0, name.length)))) continue;
      for (let node = view.body; node !== 0; node = this.word(node, 0)) {
        const address = this.word(node, 1);
        out.push({
          address,
          thread: this.word(address, THREAD),
          ticket: this.word(address, TICKET),
          database: this.word(address, DATABASE),
          protocol: this.word(address, PROTOCOL) as 2 | 3,
          key,
        });
      }
    }
    this.ready.clear();
    return out;
  }

  /** Whether this thread may try to serve the waiter now; waits while another one tries. */
  claim(waiter: ReadyWaiter): boolean {
    const { address } = waiter;
    const i32 = this.keyspace.arena.i32[address >>> SEGMENT_SHIFT]!;
    const w = (address & SEGMENT_UNIT_MASK) << 1;
    // One of this thread's may have been served and freed since the list was made.
    if (waiter.thread === this.thread && this.byTicket.get(waiter.ticket)?.waiter !== address) return false;
    for (;;) {
      const state = Atomics.compareExchange(i32, w + STATE, WAITING, TRYING);
      if (state === WAITING) return true;
      if (state === SERVED) return false;
    }
  }

  /** Ends a try. A waiter that was served is taken off the list of `key`, whose shard is held. */
  settle(waiter: ReadyWaiter, isServed: boolean): void {
    const { address, key } = waiter;
    const i32 = this.keyspace.arena.i32[address >>> SEGMENT_SHIFT]!;
    if (isServed) {
      const colon = key.indexOf(':');
      const name = Buffer.from(key.slice(colon + 1), 'latin1');
      this.unlinkFrom({ shard: this.keyspace.shardOf(name, 0, name.length), database: Number(key.slice(0, colon)), name }, address);
    }
    Atomics.store(i32, ((address & SEGMENT_UNIT_MASK) << 1) + STATE, isServed ? SERVED : WAITING);
  }

  byNumber(ticket: number): Blocked | undefined {
    return this.byTicket.get(ticket);
  }

  /** The client waits no longer; its waiter stays where it is until `bury`. */
  release(blocked: Blocked): void {
    if (blocked.session.blocked === blocked) blocked.session.blocked = null;
    this.all.delete(blocked);
    blocked.isOver = true;
  }

  /** Whether another thread has served it: its answer is on the way. Its shards are held. */
  isServed(blocked: Blocked): boolean {
    return blocked.waiter !== 0 && this.word(blocked.waiter, STATE) === SERVED;
  }

  /** Forgets a waiter that was released; its shards are held. */
  bury(blocked: Blocked): void {
    this.byTicket.delete(blocked.ticket);
    this.unlink(blocked);
  }

  /** Begins to watch; the shard is held. @throws ArenaFull */
  watch(session: Session, database: number, bytes: Uint8Array, off: number, length: number, expired: boolean): void {
    const key = Waiters.key(database, bytes, off, length);
    if (session.watched.some((watched) => watched.key === key)) return;
    const { keyspace, elements, view } = this;
    const shard = keyspace.shardOf(bytes, off, length);
    const root = keyspace.watchedRoot(shard);
    this.aim(database, bytes, off, length);
    if (!this.finds(root)) {
      elements.insert(root, shard, this.probeHash, BODY, this.probe, 0, this.probeLength, 0);
      view.body = 0;
      view.aside = 0;
      keyspace.addInterest(shard, 1);
    }
    view.body = view.body + 1;
    session.watched.push({ key, expired, shard, version: view.aside });
  }

  /** Whether a watched key has changed; their shards are held. */
  isBroken(session: Session): boolean {
    return session.watched.some(({ key, shard, version }) => {
      this.aimAt(key);
      return !this.finds(this.keyspace.watchedRoot(shard)) || this.view.aside !== version;
    });
  }

  /** Watches nothing any more; the shards are held. */
  unwatch(session: Session): void {
    const { keyspace, elements, view } = this;
    for (const { key, shard } of session.watched) {
      const root = keyspace.watchedRoot(shard);
      this.aimAt(key);
      if (!this.finds(root)) continue;
      view.body = view.body - 1;
      if (view.body !== 0) continue;
      elements.remove(root, shard, this.probeHash);
      if (elements.count(root) === 0) elements.table.dispose(root);
      keyspace.addInterest(shard, -1);
    }
    session.watched = [];
  }

  private aimAt(key: string): void {
    const colon = key.indexOf(':');
    const name = Buffer.from(key.slice(colon + 1), 'latin1');
    this.aim(Number(key.slice(0, colon)), name, 0, name.length);
  }

  /** Says which key the next `finds` is about. */
  private aim(database: number, bytes: Uint8Array, off: number, length: number): void {
    if (this.probe.length < length + 4) this.probe = Buffer.alloc((length + 4) * 2);
    this.probe.writeUInt32LE(database, 0);
    this.probe.set(bytes.subarray(off, off + length), 4);
    this.probeLength = length + 4;
    this.probeHash = this.keyspace.hashing.of(this.probe, 0, this.probeLength);
  }

  private finds(root: number): boolean {
    return this.elements.find(root, this.probeHash, this.probe, 0, this.probeLength);
  }

  private word(address: number, i: number): number {
    return this.keyspace.arena.i32[address >>> SEGMENT_SHIFT]![((address & SEGMENT_UNIT_MASK) << 1) + i]!;
  }

  private setWord(address: number, i: number, value: number): void {
    this.keyspace.arena.i32[address >>> SEGMENT_SHIFT]![((address & SEGMENT_UNIT_MASK) << 1) + i] = value;
  }
}
