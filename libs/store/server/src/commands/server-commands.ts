/** The server itself: INFO, TIME, SHUTDOWN, MEMORY and what a standalone server answers about replication. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { BUSY_SCRIPT, IS_BUSY } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { TYPE_STRING } from '@larder/store-datatypes';
import { infoText } from '../info';
import type { StoreServer } from '../store-server';

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
    for (let i = 1; i < args.count; i++) {
      if (args.is(i, 'nosave') && save !== true) save = false;
      else if (args.is(i, 'save') && save !== false) save = true;
      else if (args.is(i, 'force')) force = true;
      else if (args.is(i, 'abort')) abort = true;
      else if (!args.is(i, 'now')) return unit.syntaxError();
    }
    if (abort && args.count > 2) return unit.syntaxError();
    if (abort) return reply.error('ERR No shutdown in progress.');
    if (!unit.mayBlock) return reply.error('ERR SHUTDOWN without NOW or ABORT isn\'t allowed for DENY BLOCKING client');
    if (save !== false && (unit.dispatcher.conditions & IS_BUSY) !== 0) return reply.error(BUSY_SCRIPT);
    server.log.warning('User requested shutdown...');
    const refused = server.shutdown({ save, force });
    if (refused !== undefined) reply.error('ERR Errors trying to SHUTDOWN. Check logs.');
  }

  function memoryUsage(unit: Unit): void {
    const { args, reply, keyspace, view } = unit;
    for (let i = 3; i < args.count; i++) {
      if (!args.is(i, 'samples') || i + 1 >= args.count) return unit.syntaxError();
      const samples = unit.integerArg(++i);
      if (samples !== samples) return;
      if (samples < 0) return unit.syntaxError();
    }
    const found = keyspace.lookup(unit.database, args.buf, args.off[2]!, args.len[2]!);
    if (found === 0) return reply.nullBulk();
    const content = view.type === TYPE_STRING ? 0 : keyspace.kinds[view.type]!.bytes(view);
    reply.integer(server.arena.capacity(found) + content + 8);
  }

  /** There are no replicas: who waits for one waits in vain. */
  function wait(unit: Unit): void {
    const replicas = unit.integerArg(1);
    if (replicas !== replicas) return;
    const timeoutMs = unit.integerArg(2, 'ERR timeout is not an integer or out of range');
    if (timeoutMs !== timeoutMs) return;
    if (timeoutMs < 0) return unit.reply.error('ERR timeout is negative');
    if (replicas <= 0) return unit.reply.integer(0);
    unit.block([], timeoutMs, 'zero');
  }

  function replicaof(unit: Unit): void {
    const { args, reply } = unit;
    if (args.is(1, 'no') && args.is(2, 'one')) return reply.ok();
    reply.error('ERR this server cannot be a replica');
  }

  function role(unit: Unit): void {
    unit.reply.array(3);
    unit.reply.bulkText('master');
    unit.reply.integer(0);
    unit.reply.array(0);
  }

  const MEMORY_HELP = [
    'USAGE <key> [SAMPLES <count>]',
    '    Return memory in bytes used by <key> and its value. Nested values are',
    '    sampled up to <count> times (default: 5, 0 means sample all).',
  ];

  return [
    { name: 'info', needs: 'exclusive', run: info },
    { name: 'time', needs: 'none', run: time },
    { name: 'shutdown', needs: 'exclusive', run: shutdown },
    { name: 'role', needs: 'none', run: role },
    { name: 'wait', needs: 'none', run: wait },
    { name: 'replicaof', needs: 'none', run: replicaof },
    { name: 'slaveof', needs: 'none', run: replicaof },
    { name: 'memory', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'memory|usage', needs: 'keys', run: memoryUsage },
    { name: 'memory|purge', needs: 'none', run: (unit) => unit.reply.ok() },
    { name: 'memory|help', needs: 'none', run: (unit) => replyHelp(unit, MEMORY_HELP) },
  ];
}
