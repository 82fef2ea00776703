/** Commands of a connection itself: PING, ECHO, SELECT, HELLO, AUTH, QUIT, RESET. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { SUBSCRIBED } from '@larder/store-dispatch';

function ping(unit: Unit): void {
  const { args, reply, session } = unit;
  if (args.count > 2) return unit.wrongArity();
  if ((session.conditions & SUBSCRIBED) !== 0 && session.protocol === 2) {
    reply.array(2);
    reply.bulkText('pong');
    if (args.count === 1) reply.bulkText('');
    else reply.bulk(args.buf, args.off[1]!, args.len[1]!);
    return;
  }
  if (args.count === 1) reply.simple('PONG');
  else reply.bulk(args.buf, args.off[1]!, args.len[1]!);
}

function echo(unit: Unit): void {
  unit.reply.bulk(unit.args.buf, unit.args.off[1]!, unit.args.len[1]!);
}

function select(unit: Unit): void {
  const { session, reply, keyspace } = unit;
  const database = unit.integerArg(1);
  if (database !== database) return;
  if (database < 0 || database >= keyspace.databases) return reply.error('ERR DB index is out of range');
  session.database = database;
  reply.ok();
}

export const connectionCommands: readonly CommandRow[] = [
  { name: 'ping', needs: 'none', run: ping },
  { name: 'echo', needs: 'none', run: echo },
  { name: 'select', needs: 'none', run: select },
];
