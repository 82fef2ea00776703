/** `maxmemory-clients`: who takes most memory goes when all clients together take too much. */
import { clientLine } from './client-line';
import { clientBytes } from './client-memory';
import type { StoreServer } from './store-server';

/** Smaller limits would leave nobody who could talk to the server. */
const LIMIT_MIN = 128 << 10;

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
