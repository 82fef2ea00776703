/** CLIENT: who is connected, and what the server does with them. */
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { clientLine } from '../client-line';
import type { Connection } from '../connection';
import { PubSub } from '../pubsub';
import type { StoreServer } from '../store-server';
import { isClientName } from './connection-commands';
import { trackingCommands } from './tracking-commands';

const HELP = [
  'CACHING (YES|NO)',
  '    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.',
  'GETREDIR',
  '    Return the client ID we are redirecting to when tracking is enabled.',
  'GETNAME',
  '    Return the name of the current connection.',
  'ID',
  '    Return the ID of the current connection.',
  'INFO',
  '    Return information about the current client connection.',
  'KILL <ip:port>',
  '    Kill connection made from <ip:port>.',
  'KILL <option> <value> [<option> <value> [...]]',
  '    Kill connections. Options are:',
  '    * ADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made from the specified address',
  '    * LADDR (<ip:port>|<unixsocket>:0)',
  '      Kill connections made to specified local address',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Kill connections by type.',
  '    * USER <username>',
  '      Kill connections authenticated by <username>.',
  '    * SKIPME (YES|NO)',
  '      Skip killing current connection (default: yes).',
  'LIST [options ...]',
  '    Return information about client connections. Options:',
  '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
  '      Return clients of specified type.',
  'UNPAUSE',
  '    Stop the current client pause, resuming traffic.',
  'PAUSE <timeout> [WRITE|ALL]',
  '    Suspend all, or just write, clients for <timeout> milliseconds.',
  'REPLY (ON|OFF|SKIP)',
  '    Control the replies sent to the current connection.',
  'SETNAME <name>',
  '    Assign the name <name> to the current connection.',
  'UNBLOCK <clientid> [TIMEOUT|ERROR]',
  '    Unblock the specified blocked client.',
  'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
  '         [OPTIN] [OPTOUT] [NOLOOP]',
  '    Control server assisted client side caching.',
  'TRACKINGINFO',
  '    Report tracking status for the current connection.',
  'NO-TOUCH (ON|OFF)',
  '    Leave access times and frequencies of keys as they are.',
  'SETINFO <option> <value>',
  '    Describe the client: LIB-NAME or LIB-VER, its library and its version.',
  'NO-EVICT (ON|OFF)',
  '    Protect current client connection from eviction.',
];

type ClientType = 'normal' | 'pubsub' | 'master' | 'replica';

function typeOf(session: Connection): ClientType {
  if (session.link !== null) return 'replica';
  return PubSub.subscriptions(session) + session.shardChannels.size > 0 ? 'pubsub' : 'normal';
}

function parseType(text: string): ClientType | undefined {
  const lower = text.toLowerCase();
  if (lower === 'slave') return 'replica';
  return lower === 'normal' || lower === 'pubsub' || lower === 'master' || lower === 'replica' ? lower : undefined;
}

export function clientCommands(server: StoreServer): readonly CommandRow[] {
  const self = (unit: Unit) => unit.session as Connection;

  function list(unit: Unit): void {
    const { args, reply } = unit;
    let chosen = [...server.connections.values()];
    if (args.count > 2) {
      if (args.is(2, 'type') && args.count === 4) {
        const type = parseType(args.text(3));
        if (type === undefined) return reply.error(`ERR Unknown client type '${args.text(3).split('\0')[0]}'`);
        chosen = chosen.filter((session) => typeOf(session) === type);
      } else if (args.is(2, 'id') && args.count > 3) {
        const ids: number[] = [];
        for (let i = 3; i < args.count; i++) {
          const id = unit.integerArg(i, 'ERR Invalid client ID');
          if (id !== id) return;
          ids.push(id);
        }
        chosen = ids.flatMap((id) => server.connections.get(id) ?? []);
      } else return unit.syntaxError();
    }
    const wantsPrimary = args.count === 2 || (args.count === 4 && args.is(2, 'type') && args.is(3, 'master'));
    const primary = wantsPrimary ? server.replica?.clientLine() : undefined;
    reply.verbatim([...chosen.map((session) => clientLine(server, session)), ...(primary === undefined ? [] : [primary])].map((line) => `${line}\n`).join(''));
  }

  function kill(unit: Unit): void {
    const { args, reply } = unit;
    const tests: ((session: Connection) => boolean)[] = [];
    let skipMe = true;
    const old = args.count === 3;
    if (old) {
      const address = args.text(2);
      skipMe = false;
      tests.push((session) => session.address === address);
    } else {
      for (let i = 2; i < args.count; i += 2) {
        if (i + 1 >= args.count) return unit.syntaxError();
        const value = args.text(i + 1);
        if (args.is(i, 'id')) {
          const id = unit.integerArg(i + 1, 'ERR client-id should be greater than 0');
          if (id !== id) return;
          if (id < 1) return reply.error('ERR client-id should be greater than 0');
          tests.push((session) => session.id === id);
        } else if (args.is(i, 'type')) {
          const type = parseType(value);
          if (type === undefined) return reply.error(`ERR Unknown client type '${value.split('\0')[0]}'`);
          tests.push((session) => typeOf(session) === type);
        } else if (args.is(i, 'addr')) tests.push((session) => session.address === value);
        else if (args.is(i, 'laddr')) tests.push((session) => session.localAddress === value);
        else if (args.is(i, 'user')) {
          if (server.acl.get(value) === undefined) return reply.error(`ERR No such user '${value.split('\0')[0]}'`);
          tests.push((session) => session.user === value);
        } else if (args.is(i, 'skipme')) {
          if (!/^(yes|no)$/i.test(value)) return unit.syntaxError();
          skipMe = value.toLowerCase() === 'yes';
        } else return unit.syntaxError();
      }
    }
    let killed = 0;
    if (args.count === 4 && args.is(2, 'type') && args.is(3, 'master') && server.replica?.kill() === true) killed++;
    for (const session of [...server.connections.values()]) {
      if (skipMe && session === unit.session) continue;
      if (!tests.every((test) => test(session))) continue;
      killed++;
      if (session === unit.session) session.closing = true;
      else session.end(false);
    }
    if (!old) reply.integer(killed);
    else if (killed === 0) reply.error('ERR No such client');
    else reply.ok();
  }

  function setname(unit: Unit): void {
    const name = unit.args.text(2);
    if (!isClientName(name)) return unit.reply.error('ERR Client names cannot contain spaces, newlines or special characters.');
    unit.session.name = name;
    unit.reply.ok();
  }

  function getname(unit: Unit): void {
    if (unit.session.name === '') unit.reply.nullBulk();
    else unit.reply.bulkText(unit.session.name);
  }

  function replyMode(unit: Unit): void {
    const { args, session } = unit;
    if (args.is(2, 'on')) {
      session.replyMode = 'on';
      unit.reply.ok();
    } else if (args.is(2, 'off')) session.replyMode = 'off';
    else if (args.is(2, 'skip')) {
      if (session.replyMode !== 'off') session.replyMode = 'skip-next';
    } else unit.syntaxError();
  }

  function unblock(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count > 4) return unit.subcommandError();
    const byError = args.count === 4 && args.is(3, 'error');
    if (args.count === 4 && !byError && !args.is(3, 'timeout')) {
      return reply.error('ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR');
    }
    const id = unit.integerArg(2);
    if (id !== id) return;
    const session = server.connections.get(id);
    if (session === undefined || session.blocked === null) return reply.integer(0);
    unit.dispatcher.unblock(session, byError ? { error: 'UNBLOCKED client unblocked via CLIENT UNBLOCK' } : 'timeout');
    reply.integer(1);
  }

  function noEvict(unit: Unit): void {
    const { args, session } = unit;
    if (!args.is(2, 'on') && !args.is(2, 'off')) return unit.syntaxError();
    session.noEvict = args.is(2, 'on');
    unit.reply.ok();
  }

  function noTouch(unit: Unit): void {
    const { args, session, dispatcher } = unit;
    if (!args.is(2, 'on') && !args.is(2, 'off')) return unit.syntaxError();
    session.noTouch = args.is(2, 'on');
    dispatcher.mayNotTouch = true;
    unit.reply.ok();
  }

  function setinfo(unit: Unit): void {
    const { args, session, reply } = unit;
    const isName = args.is(2, 'lib-name');
    const shown = args.text(2).split('\0')[0]!;
    if (!isName && !args.is(2, 'lib-ver')) return reply.error(`ERR Unrecognized option '${shown}'`);
    const value = args.text(3);
    if (!isClientName(value)) return reply.error(`ERR ${shown} cannot contain spaces, newlines or special characters.`);
    if (isName) session.libName = value;
    else session.libVer = value;
    reply.ok();
  }

  function pause(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count === 4 && !args.is(3, 'all') && !args.is(3, 'write')) {
      return reply.error('ERR CLIENT PAUSE mode must be WRITE or ALL');
    }
    const ms = unit.integerArg(2, 'ERR timeout is not an integer or out of range');
    if (ms !== ms) return;
    if (ms < 0) return reply.error('ERR timeout is negative');
    server.pause.pause(ms, args.count === 4 && args.is(3, 'write'));
    reply.ok();
  }

  return [
    { name: 'client', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'client|id', needs: 'none', run: (unit) => unit.reply.integer(unit.session.id) },
    { name: 'client|getname', needs: 'none', run: getname },
    { name: 'client|setname', needs: 'none', run: setname },
    { name: 'client|info', needs: 'none', run: (unit) => unit.reply.verbatim(`${clientLine(server, self(unit))}\n`) },
    { name: 'client|list', needs: 'exclusive', run: list },
    { name: 'client|kill', needs: 'exclusive', run: kill },
    { name: 'client|reply', needs: 'none', run: replyMode },
    { name: 'client|unblock', needs: 'exclusive', run: unblock },
    { name: 'client|no-evict', needs: 'none', run: noEvict },
    { name: 'client|no-touch', needs: 'none', run: noTouch },
    { name: 'client|setinfo', needs: 'none', run: setinfo },
    { name: 'client|pause', needs: 'exclusive', run: pause },
    {
      name: 'client|unpause',
      needs: 'exclusive',
      run: (unit) => {
        server.pause.pause(0, false);
        unit.reply.ok();
      },
    },
    ...trackingCommands(server),
    { name: 'client|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}
