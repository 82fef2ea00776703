/** One line of CLIENT LIST: what there is to know of a client, in Redis' fields and order. */
import { IN_MULTI } from '@larder/store-dispatch';
import type { Connection } from './connection';
import { PubSub } from './pubsub';
import type { StoreServer } from './store-server';

function flags(session: Connection): string {
  let out = '';
  if (PubSub.subscriptions(session) + session.shardChannels.size > 0) out += 'P';
  if ((session.conditions & IN_MULTI) !== 0) out += 'x';
  if (session.blocked !== null) out += 'b';
  if (session.server.dispatcher.waiters.isBroken(session)) out += 'd';
  if (session.closing) out += 'c';
  if (session.address.endsWith(':0')) out += 'U';
  if (session.noEvict) out += 'e';
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
    `flags=${flags(session)}`,
    `db=${session.database}`,
    `sub=${session.channels.size}`,
    `psub=${session.patterns.size}`,
    `ssub=${session.shardChannels.size}`,
    `multi=${inMulti ? session.queue.length : -1}`,
    `qbuf=${session.queryBytes}`,
    'qbuf-free=0',
    'argv-mem=0',
    'multi-mem=0',
    'rbs=0',
    'rbp=0',
    'obl=0',
    `oll=${session.outputBytes > 0 ? 1 : 0}`,
    `omem=${session.outputBytes}`,
    `tot-mem=${session.outputBytes + session.queryBytes}`,
    'events=r',
    `cmd=${session.lastCommand || 'NULL'}`,
    `user=${session.user}`,
    'redir=-1',
    `resp=${session.protocol}`,
  ].join(' ');
}
