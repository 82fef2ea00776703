/**
 * Blocked clients and watches: who wants to hear of a key. The keyspace reports changes only while this list is not empty.
 *
 * A key that comes into being, or a stream that grows, makes its waiters ready; after the unit ends they run their commands again in the order in which they
 * blocked. One that finds nothing goes on waiting in its old place.
 */
import type { KeyListener, Keyspace } from '@larder/store-keyspace';
import { NOTIFY_MISS, NOTIFY_NEW } from '@larder/store-keyspace';
import type { Blocked, Session } from './session';

/** Also when it is past its time: the database as it is, not as it is seen. */
function isThere(keyspace: Keyspace, database: number, key: Buffer): boolean {
  const { expires } = keyspace;
  keyspace.expires = false;
  const found = keyspace.lookup(database, key, 0, key.length);
  keyspace.expires = expires;
  return found !== 0;
}

export class Waiters implements KeyListener {
  private readonly blockedBy = new Map<string, Set<Blocked>>();
  private readonly watchedBy = new Map<string, Set<Session>>();
  private readonly ready = new Set<string>();
  /** All blocked commands, in the order they blocked. */
  readonly all = new Set<Blocked>();
  private order = 0;
  /** Told whenever the lists become empty or not, and of every change (for notifications). */
  private readonly extra: KeyListener[] = [];

  static key(database: number, bytes: Uint8Array, off: number, length: number): string {
    return `${database}:${(bytes as Buffer).toString('latin1', off, off + length)}`;
  }

  get isIdle(): boolean {
    return this.blockedBy.size === 0 && this.watchedBy.size === 0 && this.extra.length === 0;
  }

  get hasReady(): boolean {
    return this.ready.size > 0;
  }

  /** Another party that wants to hear of every change: keyspace notifications, tracking. */
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
    if (this.blockedBy.size === 0 && this.watchedBy.size === 0) return;
    const key = Waiters.key(database, bytes, off, length);
    // As in Redis: a key is ready when it comes into being or its stream grows, not when one value takes another's place.
    if ((notifyClass === NOTIFY_NEW || event === 'xadd') && this.blockedBy.has(key)) this.ready.add(key);
    const watchers = this.watchedBy.get(key);
    if (watchers !== undefined) for (const session of watchers) session.watchBroken = true;
  }

  databaseChanged(database: number, second: number): void {
    for (const listener of this.extra) listener.databaseChanged(database, second);
    const touches = (key: string) =>
      database === -1 || key.startsWith(`${database}:`) || (second >= 0 && key.startsWith(`${second}:`));
    for (const key of this.blockedBy.keys()) if (touches(key)) this.ready.add(key);
  }

  /** A database is about to be emptied, or two exchanged: watchers of keys that are in them will find something else. */
  databaseWillChange(keyspace: Keyspace, database: number, second: number): void {
    for (const [key, sessions] of this.watchedBy) {
      const colon = key.indexOf(':');
      const watched = Number(key.slice(0, colon));
      if (database !== -1 && watched !== database && watched !== second) continue;
      const bytes = Buffer.from(key.slice(colon + 1), 'latin1');
      const places = second < 0 ? [watched] : [database, second];
      if (places.some((place) => isThere(keyspace, place, bytes))) for (const session of sessions) session.watchBroken = true;
    }
  }

  block(blocked: Omit<Blocked, 'order'>): void {
    const entry: Blocked = { ...blocked, order: this.order++ };
    entry.session.blocked = entry;
    this.all.add(entry);
    for (const key of entry.keys) {
      let list = this.blockedBy.get(key);
      if (list === undefined) this.blockedBy.set(key, (list = new Set()));
      list.add(entry);
    }
  }

  unblock(session: Session): void {
    const entry = session.blocked;
    if (entry === null) return;
    session.blocked = null;
    this.all.delete(entry);
    for (const key of entry.keys) {
      const list = this.blockedBy.get(key);
      if (list?.delete(entry) && list.size === 0) this.blockedBy.delete(key);
    }
  }

  /** Waiters of the keys that became ready since the last call, key by key, each in blocking order. */
  takeReady(): { blocked: Blocked; key: string }[] {
    const out: { blocked: Blocked; key: string }[] = [];
    for (const key of this.ready) for (const blocked of this.blockedBy.get(key) ?? []) out.push({ blocked, key });
    this.ready.clear();
    return out;
  }

  watch(session: Session, key: string, expired: boolean): void {
    if (session.watched.some((w) => w.key === key)) return;
    session.watched.push({ key, expired });
    let sessions = this.watchedBy.get(key);
    if (sessions === undefined) this.watchedBy.set(key, (sessions = new Set()));
    sessions.add(session);
  }

  unwatch(session: Session): void {
    for (const { key } of session.watched) {
      const sessions = this.watchedBy.get(key);
      if (sessions?.delete(session) && sessions.size === 0) this.watchedBy.delete(key);
    }
    session.watched = [];
    session.watchBroken = false;
  }
}
