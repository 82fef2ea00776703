/** Commands of a connection itself: PING, ECHO, SELECT, HELLO, AUTH, QUIT, RESET. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { NEEDS_AUTH, SUBSCRIBED } from '@larder/store-dispatch';
import { COMPATIBLE_REDIS_VERSION } from '@larder/store-settings';
import type { StoreServer } from '../store-server';

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
  const database = unit.int32Arg(1);
  if (database !== database) return;
  if (database < 0 || database >= keyspace.databases) return reply.error('ERR DB index is out of range');
  session.database = database;
  reply.ok();
}

function quit(unit: Unit): void {
  unit.reply.ok();
  unit.session.closing = true;
}

const WRONG_PASS = 'WRONGPASS invalid username-password pair or user is disabled.';

/** Client names may not hold spaces, line ends or special characters. */
export function isClientName(name: string): boolean {
  return /^[!-~]*$/.test(name);
}

export function connectionCommands(server: StoreServer): readonly CommandRow[] {
  function auth(unit: Unit): void {
    const { args, reply, session } = unit;
    if (args.count > 3) return unit.syntaxError();
    const user = args.count === 3 ? args.text(1) : 'default';
    if (args.count === 2 && server.acl.get('default')!.nopass) {
      return reply.error(
        'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
      );
    }
    if (!server.acl.authenticate(user, args.text(args.count - 1))) {
      server.permissions.signInFailed(session, args.text(0), user);
      return reply.error(WRONG_PASS);
    }
    server.signIn.enter(session, user);
    reply.ok();
  }

  function hello(unit: Unit): void {
    const { args, reply, session } = unit;
    let protocol = session.protocol;
    let next = 1;
    if (args.count > 1) {
      const version = unit.bigArg(1, 'ERR Protocol version is not an integer or out of range');
      if (version === undefined) return;
      if (version !== 2n && version !== 3n) return reply.error('NOPROTO unsupported protocol version');
      protocol = version === 2n ? 2 : 3;
      next = 2;
    }
    let user = '';
    let password = '';
    let name: string | undefined;
    for (; next < args.count; next++) {
      const left = args.count - 1 - next;
      if (args.is(next, 'auth') && left >= 2) {
        user = args.text(next + 1);
        password = args.text(next + 2);
        next += 2;
      } else if (args.is(next, 'setname') && left >= 1) {
        name = args.text(++next);
        if (!isClientName(name)) return reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
      } else return reply.error(`ERR Syntax error in HELLO option '${args.text(next).split('\0')[0]}'`);
    }
    if (user !== '') {
      if (!server.acl.authenticate(user, password)) {
        server.permissions.signInFailed(session, args.text(0), user);
        return reply.error(WRONG_PASS);
      }
      server.signIn.enter(session, user);
    }
    if ((session.conditions & NEEDS_AUTH) !== 0) {
      return reply.error(
        'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
      );
    }
    if (name !== undefined) session.name = name;
    session.protocol = protocol;
    reply.protocol = protocol;
    reply.map(server.isSentinel ? 6 : 7);
    reply.bulkText('server');
    reply.bulkText('redis');
    reply.bulkText('version');
    reply.bulkText(COMPATIBLE_REDIS_VERSION);
    reply.bulkText('proto');
    reply.integer(protocol);
    reply.bulkText('id');
    reply.integer(session.id);
    reply.bulkText('mode');
    reply.bulkText(server.isSentinel ? 'sentinel' : 'standalone');
    if (!server.isSentinel) {
      reply.bulkText('role');
      reply.bulkText('master');
    }
    reply.bulkText('modules');
    reply.array(0);
  }

  function reset(unit: Unit): void {
    const { session, reply, dispatcher } = unit;
    dispatcher.discard(session);
    server.pubsub.forget(session);
    server.observers.tracking.disable(session);
    server.observers.monitors.delete(session);
    session.database = 0;
    session.name = '';
    session.protocol = 2;
    session.replyMode = 'on';
    session.noEvict = session.noTouch = false;
    server.signIn.leave(session);
    reply.protocol = 2;
    reply.simple('RESET');
  }

  return [
    { name: 'ping', needs: 'none', run: ping },
    { name: 'echo', needs: 'none', run: echo },
    { name: 'select', needs: 'none', run: select },
    { name: 'quit', needs: 'none', run: quit },
    { name: 'auth', needs: 'none', run: auth },
    { name: 'hello', needs: 'none', run: hello },
    { name: 'reset', needs: 'exclusive', run: reset },
  ];
}
