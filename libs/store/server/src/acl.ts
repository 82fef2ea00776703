/**
 * Users: who may connect, with which passwords, and what they may run, on which keys and channels.
 *
 * Rules are applied word by word as ACL SETUSER gives them, to a copy, so that a bad word changes nothing.
 * Passwords are kept as SHA-256 only. Command rights are a set of allowed command names (subcommands apart), which makes
 * the check one look-up.
 * Not built: selectors and read/write key permissions (`(…)`, `%R~`, `%W~`), refused with a clear error.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { globMatches } from '@larder/store-datatypes';
import type { Command, CommandTable } from '@larder/store-dispatch';
import { describeRights } from './acl-rules';

export interface User {
  name: string;
  enabled: boolean;
  nopass: boolean;
  /** SHA-256, hex. */
  passwords: string[];
  /** Every command, present and future. */
  allCommands: boolean;
  /** Names allowed, or with `allCommands` names denied. */
  commands: Set<string>;
  /** `sanitize-payload` or `skip-sanitize-payload` as last given. */
  sanitizing: '' | 'sanitize-payload' | 'skip-sanitize-payload';
  allKeys: boolean;
  keys: string[];
  allChannels: boolean;
  channels: string[];
}

const emptyUser = (name: string): User => ({
  name,
  enabled: false,
  nopass: false,
  passwords: [],
  allCommands: false,
  commands: new Set(),
  sanitizing: '',
  allKeys: false,
  keys: [],
  allChannels: false,
  channels: [],
});

const sha256 = (text: string) => createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');

export class Acl {
  private readonly users = new Map<string, User>();
  /** Set once, when the rows (some of which speak of users) have become a table. */
  table!: CommandTable;

  constructor() {
    const open = emptyUser('default');
    this.users.set('default', open);
    this.setUser('default', ['on', 'nopass', '~*', '&*', '+@all']);
  }

  get(name: string): User | undefined {
    return this.users.get(name);
  }

  /** By name. */
  all(): User[] {
    return [...this.users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** True when a user named so may sign in with this password. Compares in constant time. */
  authenticate(name: string, password: string): boolean {
    const user = this.users.get(name);
    const given = Buffer.from(sha256(password));
    if (user === undefined || !user.enabled) return false;
    if (user.nopass) return true;
    let found = false;
    for (const known of user.passwords) if (timingSafeEqual(given, Buffer.from(known))) found = true;
    return found;
  }

  /** `requirepass`: the one password of the default user, or none. */
  setDefaultPassword(password: string): void {
    const user = this.users.get('default')!;
    user.passwords = password === '' ? [] : [sha256(password)];
    user.nopass = password === '';
  }

  /** Applies ACL SETUSER words. Returns the error reply, or undefined. */
  setUser(name: string, words: readonly string[]): string | undefined {
    const before = this.users.get(name);
    const user: User = before === undefined ? emptyUser(name) : structuredClone(before);
    for (const word of words) {
      const refused = this.apply(user, word);
      if (refused !== undefined) return `ERR Error in ACL SETUSER modifier '${word}': ${refused}`;
    }
    if (before === undefined) this.users.set(name, user);
    else Object.assign(before, user);
    return undefined;
  }

  deleteUser(name: string): boolean {
    return this.users.delete(name);
  }

  private apply(user: User, word: string): string | undefined {
    const lower = word.toLowerCase();
    if (lower === 'on') user.enabled = true;
    else if (lower === 'off') user.enabled = false;
    else if (lower === 'nopass') {
      user.nopass = true;
      user.passwords = [];
    } else if (lower === 'resetpass') {
      user.nopass = false;
      user.passwords = [];
    } else if (lower === 'reset') Object.assign(user, emptyUser(user.name), { sanitizing: 'sanitize-payload' });
    else if (lower === 'allkeys' || word === '~*') {
      user.allKeys = true;
      user.keys = [];
    } else if (lower === 'resetkeys') {
      user.allKeys = false;
      user.keys = [];
    } else if (lower === 'allchannels' || word === '&*') {
      user.allChannels = true;
      user.channels = [];
    } else if (lower === 'resetchannels') {
      user.allChannels = false;
      user.channels = [];
    } else if (lower === 'allcommands' || lower === '+@all') {
      user.allCommands = true;
      user.commands = new Set();
    } else if (lower === 'nocommands' || lower === '-@all') {
      user.allCommands = false;
      user.commands = new Set();
    } else if (lower === 'sanitize-payload' || lower === 'skip-sanitize-payload') user.sanitizing = lower;
    else return this.applyWithArgument(user, word);
    return undefined;
  }

  private applyWithArgument(user: User, word: string): string | undefined {
    const rest = word.slice(1);
    switch (word[0]) {
      case '>':
        return this.addHash(user, sha256(rest));
      case '#':
        return /^[0-9a-f]{64}$/.test(rest)
          ? this.addHash(user, rest)
          : 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters';
      case '<':
      case '!': {
        const hash = word[0] === '<' ? sha256(rest) : rest;
        if (!user.passwords.includes(hash)) return 'The password you are trying to remove from the user does not exist';
        user.passwords = user.passwords.filter((known) => known !== hash);
        return undefined;
      }
      case '~':
        if (user.allKeys) return "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns";
        if (!user.keys.includes(rest)) user.keys.push(rest);
        return undefined;
      case '&':
        if (user.allChannels) return "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels";
        if (!user.channels.includes(rest)) user.channels.push(rest);
        return undefined;
      case '+':
      case '-':
        return this.allow(user, rest.toLowerCase(), word[0] === '+');
      case '%':
      case '(':
        return 'Selectors and read/write key permissions are not supported';
      default:
        return 'Syntax error';
    }
  }

  private addHash(user: User, hash: string): undefined {
    user.nopass = false;
    if (!user.passwords.includes(hash)) user.passwords.push(hash);
    return undefined;
  }

  private allow(user: User, name: string, allowed: boolean): string | undefined {
    const names = name.startsWith('@') ? this.category(name) : this.namesOf(name);
    if (names === undefined) return 'Unknown command or category name in ACL';
    for (const each of names) {
      if (allowed === user.allCommands) user.commands.delete(each);
      else user.commands.add(each);
    }
    return undefined;
  }

  private namesOf(name: string): string[] | undefined {
    const command = this.table.named(name);
    if (command === undefined) return undefined;
    return [name, ...[...(command.subcommands?.values() ?? [])].map((sub) => sub.name)];
  }

  private category(name: string): string[] | undefined {
    const names = [...this.table.each()].filter((command) => command.categories.includes(name)).map((command) => command.name);
    return names.length > 0 || this.categories().includes(name) ? names : undefined;
  }

  categories(): string[] {
    return ['keyspace', 'read', 'write', 'set', 'sortedset', 'list', 'hash', 'string', 'bitmap', 'hyperloglog', 'geo', 'stream', 'pubsub', 'admin', 'fast', 'slow', 'blocking', 'dangerous', 'connection', 'transaction', 'scripting'].map((name) => `@${name}`);
  }

  /** True when nothing is denied to the user, so that no gate needs to ask. */
  static isUnlimited(user: User): boolean {
    return user.allCommands && user.commands.size === 0 && user.allKeys && user.allChannels;
  }

  static mayRun(user: User, command: Command): boolean {
    return user.commands.has(command.name) !== user.allCommands || command.name === 'auth' || command.name === 'hello' || command.name === 'quit' || command.name === 'reset';
  }

  static mayTouch(user: User, key: Uint8Array, off: number, length: number): boolean {
    return user.allKeys || matchesAny(user.keys, key, off, length);
  }

  static mayUseChannel(user: User, channel: Uint8Array, off: number, length: number): boolean {
    return user.allChannels || matchesAny(user.channels, channel, off, length);
  }

  static flags(user: User): string[] {
    return [user.enabled ? 'on' : 'off', ...(user.nopass ? ['nopass'] : []), ...(user.sanitizing === '' ? [] : [user.sanitizing])];
  }

  describeCommands(user: User): string {
    return describeRights(user, this.table, this.categories());
  }

  /** One line of ACL LIST, which is also a line of a configuration file. */
  describe(user: User): string {
    const words = ['user', user.name, ...Acl.flags(user)];
    words.push(...user.passwords.map((hash) => `#${hash}`));
    words.push(...(user.allKeys ? ['~*'] : user.keys.map((key) => `~${key}`)));
    words.push(...(user.allChannels ? ['&*'] : ['resetchannels', ...user.channels.map((channel) => `&${channel}`)]));
    words.push(this.describeCommands(user));
    return words.join(' ');
  }
}

function matchesAny(patterns: readonly string[], bytes: Uint8Array, off: number, length: number): boolean {
  return patterns.some((pattern) => {
    const p = Buffer.from(pattern, 'latin1');
    return globMatches(p, 0, p.length, bytes, off, length, false);
  });
}
