/**
 * Channels and patterns, and who listens. Messages are encoded once per protocol, not once per listener.
 *
 * With several threads each knows of all others how many of their clients listen to what, and sends a message to the
 * threads that have listeners. All of them, and its own listeners, get it in the same place of the same order.
 *
 * Subscribing changes what a RESP2 client may run (the `subscribed` gate); RESP3 clients may go on as before.
 */
import { globMatches } from '@larder/store-datatypes';
import type { Session } from '@larder/store-dispatch';
import { SUBSCRIBED } from '@larder/store-dispatch';
import { Reply } from '@larder/store-resp';
import type { Crew } from './crew';

export type Kind = 'channels' | 'patterns' | 'shardChannels';

/** Listeners of other threads: by name, how many each thread has. */
type Elsewhere = Map<string, Map<number, number>>;

const SHARDED = 1;
const LETTER_HEAD = 8;

export class PubSub {
  private readonly byName: Record<Kind, Map<string, Set<Session>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  };

  private readonly elsewhere: Record<Kind, Elsewhere> = { channels: new Map(), patterns: new Map(), shardChannels: new Map() };
  private readonly scratch = new Reply();
  /** The other threads; null when there are none. */
  crew: Crew | null = null;
  /** Who of the listeners gets what is published now; null for all. In one thread alone. */
  only: ((session: Session) => boolean) | null = null;

  /** Listeners of a channel by name. */
  count(kind: Kind, name: string): number {
    let count = this.byName[kind].get(name)?.size ?? 0;
    for (const more of this.elsewhere[kind].get(name)?.values() ?? []) count += more;
    return count;
  }

  names(kind: Kind): Iterable<string> {
    if (this.elsewhere[kind].size === 0) return this.byName[kind].keys();
    return new Set([...this.byName[kind].keys(), ...this.elsewhere[kind].keys()]);
  }

  size(kind: Kind): number {
    return this.elsewhere[kind].size === 0 ? this.byName[kind].size : [...this.names(kind)].length;
  }

  /** Another thread has so many listeners of a name now. */
  heardOf(thread: number, kind: Kind, name: string, count: number): void {
    const names = this.elsewhere[kind];
    const counts = names.get(name) ?? new Map<number, number>();
    if (count === 0) counts.delete(thread);
    else counts.set(thread, count);
    if (counts.size === 0) names.delete(name);
    else names.set(name, counts);
  }

  subscribe(session: Session, kind: Kind, name: string): void {
    if (session[kind].has(name)) return;
    session[kind].add(name);
    let listeners = this.byName[kind].get(name);
    if (listeners === undefined) this.byName[kind].set(name, (listeners = new Set()));
    listeners.add(session);
    this.crew?.tellSubscribers(kind, name, listeners.size);
    session.conditions |= SUBSCRIBED;
  }

  unsubscribe(session: Session, kind: Kind, name: string): void {
    if (!session[kind].delete(name)) return;
    const listeners = this.byName[kind].get(name);
    if (listeners?.delete(session)) {
      if (listeners.size === 0) this.byName[kind].delete(name);
      this.crew?.tellSubscribers(kind, name, listeners.size);
    }
    if (PubSub.subscriptions(session) === 0 && session.shardChannels.size === 0) session.conditions &= ~SUBSCRIBED;
  }

  forget(session: Session): void {
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const name of [...session[kind]]) this.unsubscribe(session, kind, name);
    }
  }

  static subscriptions(session: Session): number {
    return session.channels.size + session.patterns.size;
  }

  /** Sends a message; returns how many get it. */
  publish(channel: string, message: Uint8Array, off: number, length: number, isSharded = false): number {
    if (this.crew === null) return this.publishHere(channel, message, off, length, isSharded);
    let mask = 0;
    let count = 0;
    const add = (counts: Map<number, number> | undefined) => {
      for (const [thread, more] of counts ?? []) {
        mask |= 1 << thread;
        count += more;
      }
    };
    add(this.elsewhere[isSharded ? 'shardChannels' : 'channels'].get(channel));
    const name = Buffer.from(channel, 'latin1');
    if (!isSharded) for (const [pattern, counts] of this.elsewhere.patterns) if (matches(pattern, name)) add(counts);
    const isHeardHere = this.isHeardHere(channel, name, isSharded);
    if (mask === 0 && !isHeardHere) return 0;
    const letter = Buffer.allocUnsafe(LETTER_HEAD + name.length + length);
    letter.writeUInt32LE(isSharded ? SHARDED : 0, 0);
    letter.writeUInt32LE(name.length, 4);
    letter.set(name, LETTER_HEAD);
    letter.set(message.subarray(off, off + length), LETTER_HEAD + name.length);
    if (isHeardHere) mask |= 1 << this.crew.threads.index;
    let sent = 0;
    this.crew.tellMessage(mask, letter, () => (sent = this.publishHere(channel, message, off, length, isSharded)));
    return count + sent;
  }

  /** A message from another thread. */
  read(letter: Buffer, off: number, length: number): void {
    const isSharded = letter.readUInt32LE(off) === SHARDED;
    const at = off + LETTER_HEAD;
    const named = letter.readUInt32LE(off + 4);
    this.publishHere(letter.toString('latin1', at, at + named), letter, at + named, length - LETTER_HEAD - named, isSharded);
  }

  private isHeardHere(channel: string, name: Buffer, isSharded: boolean): boolean {
    if (this.byName[isSharded ? 'shardChannels' : 'channels'].has(channel)) return true;
    if (!isSharded) for (const pattern of this.byName.patterns.keys()) if (matches(pattern, name)) return true;
    return false;
  }

  /** To the listeners of this thread. */
  private publishHere(channel: string, message: Uint8Array, off: number, length: number, isSharded: boolean): number {
    let sent = 0;
    const listeners = this.byName[isSharded ? 'shardChannels' : 'channels'].get(channel);
    if (listeners !== undefined) sent += this.send(listeners, [isSharded ? 'smessage' : 'message', channel], message, off, length);
    if (isSharded || this.byName.patterns.size === 0) return sent;
    const name = Buffer.from(channel, 'latin1');
    for (const [pattern, sessions] of this.byName.patterns) {
      if (matches(pattern, name)) sent += this.send(sessions, ['pmessage', pattern, channel], message, off, length);
    }
    return sent;
  }

  private send(sessions: Set<Session>, head: readonly string[], message: Uint8Array, off: number, length: number): number {
    const { scratch } = this;
    let sent = 0;
    for (const protocol of [2, 3] as const) {
      let encoded: Uint8Array | undefined;
      for (const session of sessions) {
        if (session.protocol !== protocol || (this.only !== null && !this.only(session))) continue;
        if (encoded === undefined) {
          scratch.pos = 0;
          scratch.protocol = protocol;
          scratch.push(head.length + 1);
          for (const word of head) scratch.bulkText(word);
          scratch.bulk(message, off, length);
          encoded = Buffer.from(scratch.buf.subarray(0, scratch.pos));
        }
        session.deliver(encoded);
        sent++;
      }
    }
    return sent;
  }
}

function matches(pattern: string, name: Buffer): boolean {
  const bytes = Buffer.from(pattern, 'latin1');
  return globMatches(bytes, 0, bytes.length, name, 0, name.length, false);
}
