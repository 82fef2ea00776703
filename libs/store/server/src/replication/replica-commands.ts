/** REPLICAOF, and SLAVEOF as it was called: runs at home, alone. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import type { Connection } from '../connection';
import type { StoreServer } from '../store-server';
import type { ReplicaRole } from './replica-role';

export function replicaCommands(server: StoreServer, role: () => ReplicaRole): readonly CommandRow[] {
  const asker = (unit: Unit) => {
    const { session } = unit;
    return `id=${session.id} ${session.describe()} name=${session.name} user=${session.user}`;
  };

  function replicaof(unit: Unit): void {
    const { args, reply, session } = unit;
    const replica = role();
    if (server.settings.flag('cluster-enabled')) return reply.error('ERR REPLICAOF not allowed in cluster mode.');
    if (server.replication.isFailingOver) return reply.error('ERR REPLICAOF not allowed while failing over.');
    if (args.is(1, 'no') && args.is(2, 'one')) {
      if (replica.isReplica) {
        replica.promote();
        server.log.notice(`MASTER MODE enabled (user request from '${asker(unit)}')`);
      }
      return reply.ok();
    }
    if (((session as Partial<Connection>).link ?? null) !== null) return reply.error('ERR Command is not valid when client is a replica.');
    const port = unit.integerArg(2, 'ERR Invalid master port');
    if (port !== port) return;
    if (port < 0 || port > 65535) return reply.error('ERR Invalid master port');
    const host = args.text(1).split('\0', 1)[0]!;
    if (replica.isReplica && replica.link.host.toLowerCase() === host.toLowerCase() && replica.link.port === port) {
      server.log.notice('REPLICAOF would result into synchronization with the master we are already connected with. No operation performed.');
      return reply.simple('OK Already connected to specified master');
    }
    replica.follow(host, port);
    server.log.notice(`REPLICAOF ${host}:${port} enabled (user request from '${asker(unit)}')`);
    reply.ok();
  }

  return [
    { name: 'replicaof', needs: 'exclusive', run: replicaof },
    { name: 'slaveof', needs: 'exclusive', run: replicaof },
  ];
}
