/** `maxmemory-clients`: who takes most memory goes when all clients together take too much. */
import { clientLine } from './client-line';
import { clientBytes } from './client-memory';
import type { ClientTotals } from './client-totals';
import type { StoreServer } from './store-server';

/** Smaller limits would leave nobody who could talk to the server. */
const LIMIT_MIN = 128 << 10;

/** In bytes; 0: none. */
export function clientLimit(server: StoreServer): number {
  const limit = server.settings.number('maxmemory-clients');
  if (limit === 0) return 0;
  const maxmemory = server.settings.number('maxmemory');
  if (limit < 0 && maxmemory === 0) return Infinity;
  return Math.max(limit < 0 ? Math.floor((maxmemory * -limit) / 100) : limit, LIMIT_MIN);
}

/**
 * Lets clients go, largest first, until those of all threads are within the limit; returns how many went. Who is larger than all of
 * this thread is another thread's to let go.
 */
export function evictClients(server: StoreServer, totals: ClientTotals): number {
  let bytes = 0;
  let buffers = 0;
  let largest = 0;
  for (const session of server.connections.values()) {
    if (session.link !== null) continue; // a replica
    const size = clientBytes(session);
    bytes += size;
    buffers += session.outputBytes + session.queryRoom;
    if (!session.noEvict && size > largest) largest = size;
  }
  totals.publish({ bytes, buffers, largest });
  const limit = clientLimit(server);
  const { others } = totals;
  if (limit === 0 || bytes + others.bytes < limit) return 0;
  let evicted = 0;
  const sizes = [...server.connections.values()].filter(({ noEvict, link }) => !noEvict && link === null).map((session) => ({ session, size: clientBytes(session) }));
  for (const { session, size } of sizes.sort((a, b) => b.size - a.size)) {
    if (bytes + others.bytes < limit || size < others.largest) return evicted;
    server.log.notice(`Evicting client: ${clientLine(server, session)}`);
    session.end(false);
    bytes -= size;
    evicted++;
  }
  if (bytes >= limit) server.log.warning('Over client maxmemory after evicting all evictable clients');
  return evicted;
}
