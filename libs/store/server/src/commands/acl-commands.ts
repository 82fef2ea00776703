/** ACL: users over the wire. */
import { randomBytes } from 'node:crypto';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { doubleText } from '@larder/store-datatypes';
import { Args } from '@larder/store-resp';
import { Acl } from '../acl';
import { loadAclFile, saveAclFile } from '../acl-file';
import { ACL_CATEGORIES } from '../acl-rules';
import type { Selector } from '../acl-selector';
import { DENIED_COMMAND, DENIED_KEY, hasSpaces } from '../acl-selector';
import type { StoreServer } from '../store-server';

const HELP = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'DELUSER <username> [<username> ...]',
  '    Delete a list of users.',
  'DRYRUN <username> <command> [<arg> ...]',
  '    Returns whether the user can execute the given command without executing the command.',
  'GETUSER <username>',
  '    Get the user\'s details.',
  'GENPASS [<bits>]',
  '    Generate a secure 256-bit user password. The optional `bits` argument can',
  '    be used to specify a different size.',
  'LIST',
  '    Show users details in config file format.',
  'LOAD',
  '    Reload users from the ACL file.',
  'LOG [<count> | RESET]',
  '    Show the ACL log entries.',
  'SAVE',
  '    Save the current config to the ACL file.',
  'SETUSER <username> <attribute> [<attribute> ...]',
  '    Create or modify a user with the specified attributes.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
];

const LOG_DEFAULT = 10;
const NO_FILE =
  'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.';

export function aclCommands(server: StoreServer): readonly CommandRow[] {
  const { acl } = server;

  function setuser(unit: Unit): void {
    const { args, reply } = unit;
    const name = args.text(2);
    if (hasSpaces(name)) return reply.error("ERR Usernames can't contain spaces or null characters");
    const words = Array.from({ length: args.count - 3 }, (_, i) => args.text(i + 3));
    const refused = acl.setUser(name, words, (before, after) => server.permissions.dropListeners(before, after));
    if (refused !== undefined) return reply.error(`ERR ${refused}`);
    server.signIn.usersChanged();
    reply.ok();
  }

  function deluser(unit: Unit): void {
    const { args, reply } = unit;
    const names = Array.from({ length: args.count - 2 }, (_, i) => args.text(i + 2));
    if (names.some((name) => name.split('\0', 1)[0] === 'default')) return reply.error("ERR The 'default' user cannot be removed");
    let deleted = 0;
    for (const name of names) if (acl.deleteUser(name)) deleted++;
    if (deleted > 0) server.permissions.dropClients((user) => acl.get(user) === undefined);
    reply.integer(deleted);
  }

  function replySelector(unit: Unit, selector: Selector): void {
    const { reply } = unit;
    reply.bulkText('commands');
    reply.bulkText(selector.describeCommands(acl.table));
    reply.bulkText('keys');
    reply.bulkText(selector.describeKeys().join(' '));
    reply.bulkText('channels');
    reply.bulkText(selector.describeChannels().join(' '));
  }

  function getuser(unit: Unit): void {
    const { args, reply } = unit;
    const user = acl.get(args.text(2));
    if (user === undefined) return reply.nullBulk();
    const flags = Acl.flags(user);
    const [root, ...others] = user.selectors;
    reply.map(6);
    reply.bulkText('flags');
    reply.set(flags.length);
    for (const flag of flags) reply.bulkText(flag);
    reply.bulkText('passwords');
    reply.array(user.passwords.length);
    for (const hash of user.passwords) reply.bulkText(hash);
    replySelector(unit, root!);
    reply.bulkText('selectors');
    reply.array(others.length);
    for (const selector of others) {
      reply.map(3);
      replySelector(unit, selector);
    }
  }

  function cat(unit: Unit): void {
    const { args, reply, dispatcher } = unit;
    if (args.count > 3) return unit.subcommandError();
    if (args.count === 2) {
      reply.array(ACL_CATEGORIES.length);
      for (const name of ACL_CATEGORIES) reply.bulkText(name);
      return;
    }
    const category = args.text(2).split('\0', 1)[0]!;
    if (!ACL_CATEGORIES.includes(category.toLowerCase())) return reply.error(`ERR Unknown category '${category.slice(0, 128)}'`);
    const names = [...dispatcher.table.each()].filter((command) => command.categories.includes(`@${category.toLowerCase()}`));
    reply.array(names.length);
    for (const command of names) reply.bulkText(command.name);
  }

  function log(unit: Unit): void {
    const { args, reply } = unit;
    const aclLog = server.permissions.log;
    if (args.count > 3) return unit.subcommandError();
    if (args.count === 3 && args.is(2, 'reset')) {
      aclLog.reset();
      return reply.ok();
    }
    const count = args.count === 3 ? unit.integerArg(2) : LOG_DEFAULT;
    if (count !== count) return;
    const entries = aclLog.newest(count);
    reply.array(entries.length);
    for (const entry of entries) {
      reply.map(10);
      reply.bulkText('count');
      reply.integer(entry.count);
      for (const field of ['reason', 'context', 'object', 'username'] as const) {
        reply.bulkText(field);
        reply.bulkText(entry[field]);
      }
      reply.bulkText('age-seconds');
      reply.double(doubleText((unit.now - entry.at) / 1000));
      reply.bulkText('client-info');
      reply.bulkText(entry.clientInfo);
      reply.bulkText('entry-id');
      reply.integer(entry.id);
      reply.bulkText('timestamp-created');
      reply.integer(entry.createdAt);
      reply.bulkText('timestamp-last-updated');
      reply.integer(entry.at);
    }
  }

  function dryrun(unit: Unit): void {
    const { args, reply, dispatcher } = unit;
    const shown = (i: number) => args.text(i).split('\0', 1)[0]!;
    const user = acl.get(args.text(2));
    if (user === undefined) return reply.error(`ERR User '${shown(2)}' not found`);
    const inner = new Args();
    inner.buf = args.buf;
    for (let i = 3; i < args.count; i++) inner.push(args.off[i]!, args.len[i]!);
    const command = dispatcher.named(dispatcher.table.find(inner.buf, inner.off[0]!, inner.len[0]!), inner);
    if (command === undefined) return reply.error(`ERR Command '${shown(3)}' not found`);
    if (command.arity > 0 ? inner.count !== command.arity : inner.count < -command.arity) return reply.error(`ERR wrong number of arguments for '${command.name}' command`);
    const { denied, at } = Acl.check(user, command, inner);
    if (denied === 0) return reply.ok();
    if (denied === DENIED_COMMAND) return reply.bulkText(`This user has no permissions to run the '${command.name}' command`);
    reply.bulkText(`This user has no permissions to access the '${shown(at + 3)}' ${denied === DENIED_KEY ? 'key' : 'channel'}`);
  }

  function load(unit: Unit): void {
    const file = server.settings.text('aclfile');
    if (file === '') return unit.reply.error(NO_FILE);
    const wrong = loadAclFile(acl, file);
    if (wrong !== undefined) return unit.reply.error(`ERR ${wrong}`);
    // Whatever their users may now: everybody but the default user signs in again.
    server.permissions.dropClients((user) => user !== 'default');
    server.signIn.usersChanged();
    unit.reply.ok();
  }

  function save(unit: Unit): void {
    const file = server.settings.text('aclfile');
    if (file === '') return unit.reply.error(NO_FILE);
    const wrong = saveAclFile(acl, file);
    if (wrong === undefined) return unit.reply.ok();
    server.log.warning(wrong);
    unit.reply.error('ERR There was an error trying to save the ACLs. Please check the server logs for more information');
  }

  function genpass(unit: Unit): void {
    const { args, reply } = unit;
    if (args.count > 3) return unit.subcommandError();
    let bits = 256;
    if (args.count === 3) {
      bits = unit.integerArg(2);
      if (bits !== bits) return;
      if (bits <= 0 || bits > 4096) {
        return reply.error('ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096');
      }
    }
    const digits = Math.ceil(bits / 4);
    reply.bulkText(randomBytes(Math.ceil(digits / 2)).toString('hex').slice(0, digits));
  }

  return [
    { name: 'acl', needs: 'none', run: (unit) => unit.wrongArity() },
    { name: 'acl|setuser', needs: 'exclusive', run: setuser },
    { name: 'acl|deluser', needs: 'exclusive', run: deluser },
    { name: 'acl|getuser', needs: 'none', run: getuser },
    {
      name: 'acl|list',
      needs: 'none',
      run: (unit) => {
        const users = acl.all();
        unit.reply.array(users.length);
        for (const user of users) unit.reply.bulkText(acl.describe(user));
      },
    },
    {
      name: 'acl|users',
      needs: 'none',
      run: (unit) => {
        const users = acl.all();
        unit.reply.array(users.length);
        for (const user of users) unit.reply.bulkText(user.name);
      },
    },
    { name: 'acl|save', needs: 'exclusive', run: save },
    { name: 'acl|load', needs: 'exclusive', run: load },
    { name: 'acl|log', needs: 'exclusive', run: log },
    { name: 'acl|dryrun', needs: 'none', run: dryrun },
    { name: 'acl|whoami', needs: 'none', run: (unit) => unit.reply.bulkText(unit.session.user) },
    { name: 'acl|cat', needs: 'none', run: cat },
    { name: 'acl|genpass', needs: 'none', run: genpass },
    { name: 'acl|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}
