/** ACL: users over the wire. */
import { randomBytes } from 'node:crypto';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { replyHelp } from '@larder/store-commands';
import { Acl } from '../acl';
import type { StoreServer } from '../store-server';

const HELP = [
  'CAT [<category>]',
  '    List all commands that belong to <category>, or all command categories',
  '    when no category is specified.',
  'DELUSER <username> [<username> ...]',
  '    Delete a list of users.',
  'GETUSER <username>',
  '    Get the user\'s details.',
  'GENPASS [<bits>]',
  '    Generate a secure 256-bit user password. The optional `bits` argument can',
  '    be used to specify a different size.',
  'LIST',
  '    Show users details in config file format.',
  'SETUSER <username> <attribute> [<attribute> ...]',
  '    Create or modify a user with the specified attributes.',
  'USERS',
  '    List all the registered usernames.',
  'WHOAMI',
  '    Return the current connection username.',
];

export function aclCommands(server: StoreServer): readonly CommandRow[] {
  const { acl } = server;

  function setuser(unit: Unit): void {
    const { args, reply } = unit;
    const name = args.text(2);
    if (/[\s\0]/.test(name)) return reply.error("ERR Usernames can't contain spaces or null characters");
    const words = Array.from({ length: args.count - 3 }, (_, i) => args.text(i + 3));
    const refused = acl.setUser(name, words);
    if (refused !== undefined) return reply.error(refused);
    server.usersChanged();
    reply.ok();
  }

  function deluser(unit: Unit): void {
    const { args, reply } = unit;
    let deleted = 0;
    for (let i = 2; i < args.count; i++) {
      const name = args.text(i);
      if (name === 'default') return reply.error("ERR The 'default' user cannot be removed");
      if (!acl.deleteUser(name)) continue;
      deleted++;
      for (const session of [...server.connections.values()]) {
        if (session.user !== name) continue;
        if (session === unit.session) session.closing = true;
        else session.end(false);
      }
    }
    reply.integer(deleted);
  }

  function getuser(unit: Unit): void {
    const { args, reply } = unit;
    const user = acl.get(args.text(2));
    if (user === undefined) return reply.nullBulk();
    const flags = Acl.flags(user);
    reply.map(6);
    reply.bulkText('flags');
    reply.set(flags.length);
    for (const flag of flags) reply.bulkText(flag);
    reply.bulkText('passwords');
    reply.array(user.passwords.length);
    for (const hash of user.passwords) reply.bulkText(hash);
    reply.bulkText('commands');
    reply.bulkText(acl.describeCommands(user));
    reply.bulkText('keys');
    reply.bulkText(user.allKeys ? '~*' : user.keys.map((key) => `~${key}`).join(' '));
    reply.bulkText('channels');
    reply.bulkText(user.allChannels ? '&*' : user.channels.map((channel) => `&${channel}`).join(' '));
    reply.bulkText('selectors');
    reply.array(0);
  }

  function cat(unit: Unit): void {
    const { args, reply, dispatcher } = unit;
    if (args.count > 3) return unit.subcommandError();
    if (args.count === 2) {
      const names = acl.categories();
      reply.array(names.length);
      for (const name of names) reply.bulkText(name.slice(1));
      return;
    }
    const category = `@${args.text(2).toLowerCase()}`;
    if (!acl.categories().includes(category)) return reply.error(`ERR Unknown category '${args.text(2)}'`);
    const names = [...dispatcher.table.each()].filter((command) => command.categories.includes(category));
    reply.array(names.length);
    for (const command of names) reply.bulkText(command.name);
  }

  function noFile(unit: Unit): void {
    unit.reply.error(
      'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
    );
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
    { name: 'acl|save', needs: 'none', run: noFile },
    { name: 'acl|load', needs: 'none', run: noFile },
    { name: 'acl|whoami', needs: 'none', run: (unit) => unit.reply.bulkText(unit.session.user) },
    { name: 'acl|cat', needs: 'none', run: cat },
    { name: 'acl|genpass', needs: 'none', run: genpass },
    { name: 'acl|help', needs: 'none', run: (unit) => replyHelp(unit, HELP) },
  ];
}
