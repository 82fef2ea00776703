/** What a client's buffers take, and `maxmemory-clients`: who takes most goes when all together take too much. */
import { clientLine } from './client-line';
import type { Connection } from './connection';
import type { StoreServer } from './store-server';

/** Smaller limits would leave nobody who could talk to the server. */
const LIMIT_MIN = 128 << 10;
/** Objects of a connection and of each queued command, roughly. */
const CONNECTION_BYTES = 2048;
const QUEUED_BYTES = 128;

export function queuedBytes(session: Connection): number {
  let bytes = 0;
  for (const { args } of session.queue) bytes += args.buf.length + QUEUED_BYTES;
  return bytes;
}

export function clientBytes(session: Connection): number {
  let names = 0;
  for (const listened of [session.channels, session.patterns, session.shardChannels]) names += listened.size * QUEUED_BYTES;
  return CONNECTION_BYTES + session.outputBytes + session.queryBytes + queuedBytes(session) + names;
}

/** In bytes; 0: none. */
function limitOf(server: StoreServer): number {
  const limit = server.settings.number('maxmemory-clients');
  if (limit === 0) return 0;
  const maxmemory = server.settings.number('maxmemory');
  if (limit < 0 && maxmemory === 0) return Infinity;
  return Math.max(limit < 0 ? Math.floor((maxmemory * -limit) / 100) : limit, LIMIT_MIN);
}

/** Lets clients go, largest first, until all are within the limit; returns how many went. */
export function evictClients(server: StoreServer): number {
  const limit = limitOf(server);
  if (limit === 0) return 0;
  const sizes = [...server.connections.values()].map((session) => ({ session, bytes: clientBytes(session) }));
  let total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < limit) return 0;
  let evicted = 0;
  for (const { session, bytes } of sizes.filter((each) => !each.session.noEvict).sort((a, b) => b.bytes - a.bytes)) {
    if (total < limit) return evicted;
    server.log.notice(`Evicting client: ${clientLine(server, session)}`);
    session.end(false);
    total -= bytes;
    evicted++;
  }
  if (total >= limit) server.log.warning('Over client maxmemory after evicting all evictable clients');
  return evicted;
}
