/** FAILOVER: the command, and what the steps of libs/store/replication/src/failover.ts do to this server. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { Failover } from '@larder/store-replication';
import type { StoreServer } from '../store-server';
import type { Replication } from './replication';

export function makeFailover(replication: Replication): Failover {
  const { server } = replication;
  return new Failover(replication.shared, {
    clock: server.clock,
    alone: (act) => void server.turn(() => server.alone(act)),
    hold(isHeld) {
      replication.isFailingOver = isHeld;
      replication.pauseWrites(isHeld);
    },
    askAck: () => replication.askAck(),
    follow: (host, port) => server.replica!.follow(host, port, true),
    promote: () => server.replica!.promote(),
    log: (text) => server.log.notice(text),
  });
}

export function failoverCommands(server: StoreServer): readonly CommandRow[] {
  function failover(unit: Unit): void {
    const { args, reply } = unit;
    const { failover: running } = server.replication.home!;
    if (args.count === 2 && args.is(1, 'abort')) {
      if (running.state === 'no-failover') return reply.error('ERR No failover in progress.');
      running.abort('Failover manually aborted');
      return reply.ok();
    }
    let timeoutMs = 0;
    let target: { host: string; port: number } | null = null;
    let isForced = false;
    for (let i = 1; i < args.count; i++) {
      if (args.is(i, 'timeout') && i + 1 < args.count && timeoutMs === 0) {
        timeoutMs = unit.integerArg(++i);
        if (timeoutMs !== timeoutMs) return;
        if (timeoutMs <= 0) return reply.error('ERR FAILOVER timeout must be greater than 0');
      } else if (args.is(i, 'to') && i + 2 < args.count && target === null) {
        const port = unit.integerArg(i + 2);
        if (port !== port) return;
        target = { host: args.text(i + 1), port };
        i += 2;
      } else if (args.is(i, 'force') && !isForced) isForced = true;
      else return unit.syntaxError();
    }
    const refused = running.begin({ target, timeoutMs, isForced });
    if (refused === undefined) reply.ok();
    else reply.error(refused);
  }

  return [{ name: 'failover', needs: 'exclusive', run: failover }];
}
