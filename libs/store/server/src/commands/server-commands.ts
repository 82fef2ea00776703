/** The server itself: INFO, TIME, SHUTDOWN. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { BUSY_SCRIPT, IS_BUSY } from '@larder/store-dispatch';
import { Connection } from '../connection';
import { shutdownPutOff } from '../crew';
import { infoText } from '../info';
import type { StoreServer } from '../store-server';
import { memoryCommands } from './memory-commands';
import { standaloneCommands } from './standalone-commands';

export function serverCommands(server: StoreServer): readonly CommandRow[] {
  function info(unit: Unit): void {
    const { args, reply } = unit;
    const wanted = Array.from({ length: args.count - 1 }, (_, i) => args.text(i + 1).toLowerCase());
    reply.verbatim(infoText(server, wanted));
  }

  function time(unit: Unit): void {
    const ms = server.clock.now();
    unit.reply.array(2);
    unit.reply.bulkText(String(Math.floor(ms / 1000)));
    unit.reply.bulkText(String((ms % 1000) * 1000 + (Math.floor(server.clock.monotonic() * 1000) % 1000)));
  }

  function shutdown(unit: Unit): void {
    const { args, reply } = unit;
    let save: boolean | undefined;
    let force = false;
    let abort = false;
    let now = false;
    for (let i = 1; i < args.count; i++) {
      if (args.is(i, 'nosave') && save !== true) save = false;
      else if (args.is(i, 'save') && save !== false) save = true;
      else if (args.is(i, 'force')) force = true;
      else if (args.is(i, 'abort')) abort = true;
      else if (args.is(i, 'now')) now = true;
      else return unit.syntaxError();
    }
    if (abort && args.count > 2) return unit.syntaxError();
    if (abort) return server.replication.home?.farewell.abort() === true ? reply.ok() : reply.error('ERR No shutdown in progress.');
    if (!unit.mayBlock && !now) return reply.error('ERR SHUTDOWN without NOW or ABORT isn\'t allowed for DENY BLOCKING client');
    if (save !== false && (unit.dispatcher.conditions & IS_BUSY) !== 0) return reply.error(BUSY_SCRIPT);
    server.log.warning('User requested shutdown...');
    const refused = server.shutdown({ save, force, now });
    if (refused !== undefined) reply.error('ERR Errors trying to SHUTDOWN. Check logs.');
    else if (server.replication.home?.farewell.isWaiting === true && unit.session instanceof Connection) unit.block([], 0, shutdownPutOff);
  }

  return [
    { name: 'info', needs: 'exclusive', run: info },
    { name: 'time', needs: 'none', run: time },
    { name: 'shutdown', needs: 'exclusive', run: shutdown },
    ...standaloneCommands(server),
    ...memoryCommands(server),
  ];
}
