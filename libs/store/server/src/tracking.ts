/**
 * Client-side caching: tells clients of keys that they have read and that have changed.
 *
 *   default mode   key ─▶ clients of this thread that read it; told once, then they must read it again
 *   BCAST mode     prefix ─▶ clients; keys that changed are gathered and told at the end of the turn
 *
 * Each thread knows what its own clients have read. A thread that changes keys gathers their names and posts them at the end of its
 * turn to the threads that have tracking clients. That is soon enough: what is read in between is the new value, and told as changed
 * once too often.
 *
 * The table holds at most `tracking-table-max-keys` keys; beyond that the oldest are told as changed and forgotten.
 */
import { deserialize, serialize } from 'node:v8';
import type { Command, Session } from '@larder/store-dispatch';
import { PUBSUB, READONLY, keyPositions } from '@larder/store-dispatch';
import type { KeyListener } from '@larder/store-keyspace';
import { NOTIFY_MISS, NOTIFY_NEW } from '@larder/store-keyspace';
import type { Args } from '@larder/store-resp';
import { Reply } from '@larder/store-resp';
import { AUDIENCE_KINDS, Audience } from './audience';
import type { Connection } from './connection';
import { PubSub } from './pubsub';
import type { StoreServer } from './store-server';

const CHANGES_LETTER = AUDIENCE_KINDS + 3;
/** For a client of another thread that messages are redirected to. */
const REDIRECT_LETTER = AUDIENCE_KINDS + 4;
const GONE_LETTER = AUDIENCE_KINDS + 5;

/** Commands that only read but run others: these count. */
const READING_SCRIPTS = new Set(['eval_ro', 'evalsha_ro', 'fcall_ro']);
const CHANNEL = '__redis__:invalidate';

export interface TrackingOptions {
  /** Client that the messages go to; 0: to itself. */
  redirect: number;
  isBroadcast: boolean;
  isOptIn: boolean;
  isOptOut: boolean;
  isNoLoop: boolean;
}

export interface Tracker extends TrackingOptions {
  readonly session: Connection;
  /** CLIENT CACHING was given for the next command. */
  isCaching: boolean;
  isRedirectBroken: boolean;
  readonly prefixes: Set<string>;
}

interface Prefix {
  readonly trackers: Set<Tracker>;
  /** Keys that changed, and which client changed each last (0: none). */
  readonly keys: Map<string, number>;
}

/** What is sent: names of keys, or null for all keys. */
type Keys = readonly string[] | null;

interface Changes {
  keys: [key: string, by: number][];
  isAll: boolean;
}

export class Tracking implements KeyListener {
  readonly audience: Audience;
  private readonly server: StoreServer;
  private readonly trackers = new Map<number, Tracker>();
  private readonly table = new Map<string, Set<number>>();
  private items = 0;
  private readonly prefixes = new Map<string, Prefix>();
  /** For the client whose turn it is: they go out after the reply of its command. */
  private own: Buffer[] = [];
  private outgoing: Changes = { keys: [], isAll: false };
  /** Something is to be told at the end of the turn. */
  private hasNews = false;
  /** Clients that messages were redirected to and that are gone. */
  private readonly gone = new Set<number>();
  private readonly scratch = new Reply();

  constructor(server: StoreServer, changed: () => void) {
    this.server = server;
    this.audience = new Audience(server, 'tracking', AUDIENCE_KINDS + 2, changed);
    const mail = server.crew?.threads.mail;
    mail?.onQuestion('has client', (id) => server.connections.has(id as number));
    mail?.on(CHANGES_LETTER, (bytes, off, length) => this.read(deserialize(Buffer.from(bytes.subarray(off, off + length))) as Changes));
    mail?.on(GONE_LETTER, (bytes, off) => this.hasGone(bytes.readUInt32LE(off)));
    mail?.on(REDIRECT_LETTER, (bytes, off, length) => {
      const { to, keys, protocol } = deserialize(Buffer.from(bytes.subarray(off, off + length))) as { to: number; keys: Keys; protocol: 2 | 3 };
      const session = server.connections.get(to);
      if (session !== undefined) this.give(session, keys, protocol, true);
    });
  }

  get(session: Session): Tracker | undefined {
    return this.trackers.get(session.id);
  }

  /** For INFO. */
  get gauges(): { trackingClients: number; trackingKeys: number; trackingItems: number; trackingPrefixes: number } {
    return { trackingClients: this.trackers.size, trackingKeys: this.table.size, trackingItems: this.items, trackingPrefixes: this.prefixes.size };
  }

  /** Whether a client has this id, on any thread. In an exclusive section. */
  exists(id: number): boolean {
    const { connections, crew } = this.server;
    if (connections.has(id)) return true;
    const { mail, index, count } = crew?.threads ?? { mail: null, index: 0, count: 1 };
    for (let t = 0; t < count; t++) if (t !== index && mail!.ask(t, 'has client', id) === true) return true;
    return false;
  }

  /** Begins, or takes further options and prefixes. In an exclusive section. */
  enable(session: Connection, options: TrackingOptions, prefixes: readonly string[]): void {
    let tracker = this.trackers.get(session.id);
    if (tracker === undefined) this.trackers.set(session.id, (tracker = { ...options, session, isCaching: false, isRedirectBroken: false, prefixes: new Set() }));
    else Object.assign(tracker, options, { isRedirectBroken: false });
    if (options.isBroadcast) {
      for (const name of prefixes.length === 0 ? [''] : prefixes) {
        let prefix = this.prefixes.get(name);
        if (prefix === undefined) this.prefixes.set(name, (prefix = { trackers: new Set(), keys: new Map() }));
        prefix.trackers.add(tracker);
        tracker.prefixes.add(name);
      }
    }
    this.audience.count = this.trackers.size;
  }

  /** Its entries in the table go when their keys change. */
  disable(session: Session): void {
    const tracker = this.trackers.get(session.id);
    if (tracker === undefined) return;
    this.trackers.delete(session.id);
    for (const name of tracker.prefixes) {
      const prefix = this.prefixes.get(name)!;
      prefix.trackers.delete(tracker);
      if (prefix.trackers.size === 0) this.prefixes.delete(name);
    }
    this.audience.count = this.trackers.size;
  }

  /** A client has left. */
  forget(session: Session): void {
    this.disable(session);
    if (this.audience.isEmpty) return;
    this.hasGone(session.id);
    const letter = Buffer.alloc(4);
    letter.writeUInt32LE(session.id >>> 0);
    for (const thread of this.audience.others) this.server.crew!.threads.mail.post(thread, GONE_LETTER, letter);
  }

  /** Messages redirected there have nowhere to go any more. */
  private hasGone(id: number): void {
    for (const { redirect } of this.trackers.values()) if (redirect === id) this.gone.add(id);
  }

  /** A command has run for a client: remembers which keys it has read. */
  remember(session: Session, command: Command, args: Args): void {
    const tracker = this.trackers.get(session.id);
    if (tracker === undefined || tracker.isBroadcast) return;
    if ((command.bits & READONLY) === 0 || (command.bits & PUBSUB) !== 0 || READING_SCRIPTS.has(command.name)) return;
    if (tracker.isOptIn ? !tracker.isCaching : tracker.isOptOut && tracker.isCaching) return;
    for (const i of keyPositions(command, args)) {
      const key = args.text(i);
      let readers = this.table.get(key);
      if (readers === undefined) this.table.set(key, (readers = new Set()));
      if (readers.has(session.id)) continue;
      readers.add(session.id);
      this.items++;
    }
  }

  /** The command of the client whose turn it is has been answered. */
  afterCommand(session: Connection): void {
    const tracker = this.trackers.get(session.id);
    if (tracker?.isCaching && session.queue.length === 0 && !session.lastCommand.startsWith('client|')) tracker.isCaching = false;
    this.limitTable();
    this.tellOwn(session);
  }

  private tellOwn(session: Session): void {
    if (this.own.length === 0) return;
    for (const bytes of this.own.splice(0)) session.deliver(bytes);
  }

  private limitTable(): void {
    const limit = this.server.settings.number('tracking-table-max-keys');
    if (limit === 0) return;
    for (const key of this.table.keys()) {
      if (this.table.size <= limit) return;
      this.invalidate(key, 0, false);
    }
  }

  keyChanged(_database: number, bytes: Uint8Array, off: number, length: number, notifyClass: number): void {
    if ((notifyClass & (NOTIFY_MISS | NOTIFY_NEW)) !== 0) return;
    const key = (bytes as Buffer).toString('latin1', off, off + length);
    const by = this.server.current?.id ?? 0;
    this.invalidate(key, by, true);
    if (!this.audience.hasOthers) return;
    this.outgoing.keys.push([key, by]);
    this.hasNews = true;
  }

  databaseChanged(_database: number, second: number): void {
    if (second >= 0) return; // two databases exchanged: Redis tells nobody
    this.invalidateAll();
    if (!this.audience.hasOthers) return;
    this.outgoing = { keys: [], isAll: true };
    this.hasNews = true;
  }

  private invalidate(key: string, by: number, isChange: boolean): void {
    if (isChange) {
      for (const [name, { keys }] of this.prefixes) {
        if (!key.startsWith(name)) continue;
        keys.set(key, by);
        this.hasNews = true;
      }
    }
    const readers = this.table.get(key);
    if (readers === undefined) return;
    this.table.delete(key);
    this.items -= readers.size;
    for (const id of readers) {
      const tracker = this.trackers.get(id);
      if (tracker === undefined || tracker.isBroadcast || (tracker.isNoLoop && id === by)) continue;
      this.send(tracker, [key]);
    }
  }

  private invalidateAll(): void {
    for (const tracker of this.trackers.values()) this.send(tracker, null);
    this.table.clear();
    this.items = 0;
  }

  /** From another thread. */
  private read({ keys, isAll }: Changes): void {
    if (isAll) this.invalidateAll();
    for (const [key, by] of keys) this.invalidate(key, by, true);
  }

  /** At the end of a turn of `session`, if it was one's. */
  flush(session: Session | null): void {
    if (session !== null) this.tellOwn(session);
    if (!this.hasNews) return;
    this.hasNews = false;
    // By name, as Redis keeps prefixes and keys.
    for (const [, { trackers, keys }] of [...this.prefixes].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (keys.size === 0) continue;
      const all = [...keys.keys()].sort();
      for (const tracker of trackers) {
        const told = tracker.isNoLoop ? all.filter((key) => keys.get(key) !== tracker.session.id) : all;
        if (told.length > 0) this.send(tracker, told);
      }
      keys.clear();
    }
    const { outgoing } = this;
    if (outgoing.keys.length === 0 && !outgoing.isAll) return;
    this.outgoing = { keys: [], isAll: false };
    const letter = serialize(outgoing);
    for (const thread of this.audience.others) this.server.crew!.threads.mail.post(thread, CHANGES_LETTER, letter);
  }

  private send(tracker: Tracker, keys: Keys): void {
    const { session, redirect } = tracker;
    if (redirect === 0) return this.give(session, keys, session.protocol, false);
    const target = this.server.connections.get(redirect);
    if (target !== undefined) return this.give(target, keys, session.protocol, true);
    const { crew } = this.server;
    if (crew !== null && !this.gone.has(redirect)) {
      crew.threads.mail.tellAll(REDIRECT_LETTER, { to: redirect, keys, protocol: session.protocol });
      return;
    }
    tracker.isRedirectBroken = true;
    if (session.protocol !== 3) return;
    const { scratch } = this;
    scratch.pos = 0;
    scratch.protocol = 3;
    scratch.push(2);
    scratch.bulkText('tracking-redir-broken');
    scratch.integer(redirect);
    this.hand(session, scratch);
  }

  /** Only RESP3 has messages beside replies; a RESP2 client gets redirected ones while it listens to channels. */
  private give(session: Connection, keys: Keys, nullProtocol: 2 | 3, isRedirected: boolean): void {
    const { scratch } = this;
    scratch.pos = 0;
    scratch.protocol = session.protocol;
    if (session.protocol === 3) {
      scratch.push(2);
      scratch.bulkText('invalidate');
    } else if (isRedirected && PubSub.subscriptions(session) + session.shardChannels.size > 0) {
      scratch.push(3);
      scratch.bulkText('message');
      scratch.bulkText(CHANNEL);
    } else return;
    if (keys === null) {
      // In the protocol of the client that tracks, even when another gets it.
      scratch.protocol = nullProtocol;
      scratch.nullBulk();
    } else {
      scratch.array(keys.length);
      for (const key of keys) scratch.bulkText(key);
    }
    this.hand(session, scratch);
  }

  private hand(session: Connection, { buf, pos }: Reply): void {
    const bytes = Buffer.from(buf.subarray(0, pos));
    if (session === this.server.current) this.own.push(bytes);
    else session.deliver(bytes);
  }
}
