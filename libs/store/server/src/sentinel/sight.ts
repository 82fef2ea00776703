/**
 * Which primaries a user of a Sentinel sees. Redis' rights are about commands alone here, so whoever may list sees everybody's. Ours go
 * further: key patterns stand for names of primaries. A user with patterns sees those whose names match; to it the others are not there, in
 * lists, answers and events alike. Without any pattern, as Sentinels' users usually are, or with all keys, a user sees all, as in Redis.
 */
import { globMatches } from '@larder/store-datatypes';
import type { Session } from '@larder/store-dispatch';
import type { StoreServer } from '../store-server';

export class Sight {
  private readonly server: StoreServer;

  constructor(server: StoreServer) {
    this.server = server;
  }

  sees(session: Session, name: string): boolean {
    const selectors = this.server.acl.get(session.user)?.selectors ?? [];
    if (selectors.every(({ allKeys, keys }) => !allKeys && keys.length === 0)) return true;
    const bytes = Buffer.from(name, 'latin1');
    return selectors.some(({ allKeys, keys }) => allKeys || keys.some(({ bytes: pattern }) => globMatches(pattern, 0, pattern.length, bytes, 0, bytes.length, false)));
  }

  /** Publishes an event to those who may see whom it is about; one that names nobody to all. */
  publish(channel: string, message: string): void {
    const { pubsub } = this.server;
    const name = namedIn(channel, message);
    const bytes = Buffer.from(message, 'latin1');
    pubsub.only = name === undefined ? null : (session) => this.sees(session, name);
    try {
      pubsub.publish(channel, bytes, 0, bytes.length);
    } finally {
      pubsub.only = null;
    }
  }
}

/** `master NAME …`, `… @ NAME …`, and of +switch-master `NAME …`. */
function namedIn(channel: string, message: string): string | undefined {
  const words = message.split(' ');
  const at = words.indexOf('@');
  if (at >= 0) return words[at + 1];
  return words[0] === 'master' ? words[1] : channel === '+switch-master' ? words[0] : undefined;
}
