/**
 * Channels and patterns, and who listens. Messages are encoded once per protocol, not once per listener.
 *
 * Subscribing changes what a RESP2 client may run (the `subscribed` gate); RESP3 clients may go on as before.
 */
import { globMatches } from '@larder/store-datatypes';
import type { Session } from '@larder/store-dispatch';
import { SUBSCRIBED } from '@larder/store-dispatch';
import type { Reply } from '@larder/store-resp';

type Kind = 'channels' | 'patterns' | 'shardChannels';

export class PubSub {
  private readonly byName: Record<Kind, Map<string, Set<Session>>> = {
    channels: new Map(),
    patterns: new Map(),
    shardChannels: new Map(),
  };

  /** Listeners of a channel by name. */
  count(kind: Kind, name: string): number {
    return this.byName[kind].get(name)?.size ?? 0;
  }

  names(kind: Kind): IterableIterator<string> {
    return this.byName[kind].keys();
  }

  size(kind: Kind): number {
    return this.byName[kind].size;
  }

  subscribe(session: Session, kind: Kind, name: string): void {
    if (session[kind].has(name)) return;
    session[kind].add(name);
    let listeners = this.byName[kind].get(name);
    if (listeners === undefined) this.byName[kind].set(name, (listeners = new Set()));
    listeners.add(session);
    session.conditions |= SUBSCRIBED;
  }

  unsubscribe(session: Session, kind: Kind, name: string): void {
    if (!session[kind].delete(name)) return;
    const listeners = this.byName[kind].get(name);
    if (listeners?.delete(session) && listeners.size === 0) this.byName[kind].delete(name);
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

  /** Sends a message; returns how many got it. `scratch` is a reply to encode into. */
  publish(channel: string, message: Uint8Array, off: number, length: number, scratch: Reply): number {
    let sent = 0;
    const listeners = this.byName.channels.get(channel);
    if (listeners !== undefined) sent += this.send(listeners, scratch, ['message', channel], message, off, length);
    if (this.byName.patterns.size === 0) return sent;
    const name = Buffer.from(channel, 'latin1');
    for (const [pattern, sessions] of this.byName.patterns) {
      const p = Buffer.from(pattern, 'latin1');
      if (!globMatches(p, 0, p.length, name, 0, name.length, false)) continue;
      sent += this.send(sessions, scratch, ['pmessage', pattern, channel], message, off, length);
    }
    return sent;
  }

  publishSharded(channel: string, message: Uint8Array, off: number, length: number, scratch: Reply): number {
    const listeners = this.byName.shardChannels.get(channel);
    return listeners === undefined ? 0 : this.send(listeners, scratch, ['smessage', channel], message, off, length);
  }

  private send(sessions: Set<Session>, scratch: Reply, head: readonly string[], message: Uint8Array, off: number, length: number): number {
    let sent = 0;
    for (const protocol of [2, 3] as const) {
      let encoded: Uint8Array | undefined;
      for (const session of sessions) {
        if (session.protocol !== protocol) continue;
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
