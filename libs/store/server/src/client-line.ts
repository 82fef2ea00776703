/** One line of CLIENT LIST: what there is to know of a client, in Redis' fields and order. */
import { IN_MULTI } from '@larder/store-dispatch';
import { clientBytes, queuedBytes } from './client-memory';
import type { Connection } from './connection';
import { PubSub } from './pubsub';
import type { StoreServer } from './store-server';

function flags(server: StoreServer, session: Connection): string {
  const { monitors, tracking } = server.observers;
  const tracker = tracking.get(session);
  let out = monitors.has(session) ? 'O' : session.link === null ? '' : 'S';
  if (PubSub.subscriptions(session) + session.shardChannels.size > 0) out += 'P';
  if ((session.conditions & IN_MULTI) !== 0) out += 'x';
  if (session.blocked !== null) out += 'b';
  if (tracker !== undefined) out += 't';
  if (tracker?.isRedirectBroken) out += 'R';
  if (tracker?.isBroadcast) out += 'B';
  if (session.server.dispatcher.waiters.isBroken(session)) out += 'd';
  if (session.closing) out += 'c';
  if (session.address.endsWith(':0')) out += 'U';
  if (session.noEvict) out += 'e';
  if (session.noTouch) out += 'T';
  return out || 'N';
}

export function clientLine(server: StoreServer, session: Connection): string {
  const { now } = server.keyspace;
  const inMulti = (session.conditions & IN_MULTI) !== 0;
  return [
    `id=${session.id}`,
    session.describe(),
    `fd=${session.fileDescriptor}`,
    `name=${session.name}`,
    `age=${Math.floor((now - session.connectedAt) / 1000)}`,
    `idle=${Math.floor((now - session.activeAt) / 1000)}`,
    `flags=${flags(server, session)}`,
    `db=${session.database}`,
    `sub=${session.channels.size}`,
    `psub=${session.patterns.size}`,
    `ssub=${session.shardChannels.size}`,
    `multi=${inMulti ? session.queue.length : -1}`,
    `qbuf=${session.queryBytes}`,
    'qbuf-free=0',
    'argv-mem=0',
    `multi-mem=${queuedBytes(session)}`,
    'rbs=0',
    'rbp=0',
    'obl=0',
    `oll=${session.outputBytes > 0 ? 1 : 0}`,
    `omem=${session.outputBytes}`,
    `tot-mem=${clientBytes(session)}`,
    'events=r',
    `cmd=${session.lastCommand || 'NULL'}`,
    `user=${session.user}`,
    `redir=${server.observers.tracking.get(session)?.redirect ?? -1}`,
    `resp=${session.protocol}`,
    `lib-name=${session.libName}`,
    `lib-ver=${session.libVer}`,
  ].join(' ');
}
