/** SLOWLOG and LATENCY: what took long. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import type { StoreServer } from '../store-server';
import { latencyCommands } from './latency-commands';

const SLOWLOG_HELP = [
  'GET [<count>]',
  '    Return top <count> entries from the slowlog (default: 10, -1 mean all).',
  '    Entries are made of:',
  '    id, timestamp, time in microseconds, arguments array, client IP and port,',
  '    client name',
  'LEN',
  '    Return the length of the slowlog.',
  'RESET',
  '    Reset the slowlog.',
];

const GET_DEFAULT = 10;
const BAD_COUNT = 'ERR count should be greater than or equal to -1';

export function observationCommands(server: StoreServer): readonly CommandRow[] {
  const { slowLog } = server;

  function get(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count > 3) return unit.subcommandError();
    let count = GET_DEFAULT;
    if (args.count === 3) {
      count = unit.integerArg(2, BAD_COUNT);
      if (count !== count) return;
      if (count < -1) return reply.error(BAD_COUNT);
    }
    const entries = slowLog.newest(count === -1 ? Infinity : count);
    reply.array(entries.length);
    for (const entry of entries) {
      reply.array(6);
      reply.integer(entry.id);
      reply.integer(entry.time);
      reply.integer(entry.usec);
      reply.array(entry.args.length);
      for (const argument of entry.args) reply.bulkText(argument);
      reply.bulkText(entry.address);
      reply.bulkText(entry.name);
    }
  }

  return [
    { name: 'slowlog', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'slowlog|get', needs: 'exclusive', run: get },
    { name: 'slowlog|len', needs: 'exclusive', run: (unit) => unit.reply.integer(slowLog.length) },
    {
      name: 'slowlog|reset',
      needs: 'exclusive',
      run: (unit) => {
        slowLog.reset();
        unit.reply.ok();
      },
    },
    { name: 'slowlog|help', needs: 'none', run: (unit) => replyHelp(unit, SLOWLOG_HELP) },
    ...latencyCommands(server),
  ];
}
