/** The commands of a Sentinel process: SENTINEL, and of a server's those that need no data. */
import type { CommandRow, Session, Unit } from '@larder/store-dispatch';
import type { Sentinel } from '@larder/store-sentinel';
import { sentinelCommands, sentinelInfo } from '@larder/store-sentinel';
import { aclCommands } from '../commands/acl-commands';
import { clientCommands } from '../commands/client-commands';
import { commandCommands } from '../commands/command-commands';
import { connectionCommands } from '../commands/connection-commands';
import { pubsubCommands } from '../commands/pubsub-commands';
import { serverCommands } from '../commands/server-commands';
import { infoText } from '../info';
import type { StoreServer } from '../store-server';
import { Sight } from './sight';

const OF_A_SERVER = new Set(['acl', 'auth', 'client', 'command', 'hello', 'ping', 'psubscribe', 'punsubscribe', 'quit', 'shutdown', 'subscribe', 'unsubscribe']);
const SECTIONS = ['server', 'clients', 'cpu', 'stats'];
const ALL = ['all', 'everything', 'default'];

export function sentinelRows(server: StoreServer, sentinel: () => Sentinel): readonly CommandRow[] {
  const rows = [
    ...aclCommands(server), ...clientCommands(server), ...commandCommands, ...connectionCommands(server), ...pubsubCommands(server), ...serverCommands(server),
  ];

  const sight = new Sight(server);
  const sees = (session: Session, name: string) => sight.sees(session, name);

  function info({ args, reply, session }: Unit): void {
    const given = Array.from({ length: args.count - 1 }, (_, i) => args.text(i + 1).toLowerCase());
    const all = given.length === 0 || given.some((name) => ALL.includes(name));
    const wanted = all ? SECTIONS : given.filter((name) => SECTIONS.includes(name));
    const parts = wanted.length === 0 ? [] : [infoText(server, wanted)];
    if (all || given.includes('sentinel')) {
      parts.push(`# Sentinel\r\n${sentinelInfo(sentinel(), (name) => sees(session, name)).map(([name, value]) => `${name}:${value}\r\n`).join('')}`);
    }
    reply.bulkText(parts.join('\r\n'));
  }

  return [
    ...rows.filter(({ name }) => OF_A_SERVER.has(name.split('|')[0]!)),
    { name: 'info', needs: 'none', run: info },
    ...sentinelCommands(sentinel(), sees),
  ];
}
