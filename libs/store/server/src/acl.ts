/**
 * Users: who may connect, with which passwords, and what they may run, on which keys and channels.
 *
 * Rules are applied word by word as ACL SETUSER gives them, to a copy, so that a bad word changes nothing. Passwords are kept as
 * SHA-256 only. What may be run is the selectors' matter (acl-selector.ts); of a user with several, the first that allows all of a
 * command decides.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Command, CommandTable, KeyReference } from '@larder/store-dispatch';
import { keyReferences } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import { splitArguments } from '@larder/store-settings';
import type { Denied, RuleError } from './acl-selector';
import { DENIED_COMMAND, RULE_ERRORS, Selector, hasSpaces } from './acl-selector';

export interface User {
  readonly name: string;
  enabled: boolean;
  nopass: boolean;
  /** SHA-256, hex. */
  passwords: string[];
  /** `sanitize-payload` or `skip-sanitize-payload` as last given. */
  sanitizing: '' | 'sanitize-payload' | 'skip-sanitize-payload';
  /** The first is that of the plain rules. */
  selectors: Selector[];
  /** The user as words, until something changes. */
  described: string;
}

/** What a check found: why not (0: it may), and the argument that it is about. */
export interface Verdict {
  denied: Denied;
  at: number;
}

const sha256 = (text: string) => createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex');
const isHash = (text: string) => /^[0-9a-f]{64}$/.test(text);

export class Acl {
  private users = new Map<string, User>();
  /** Set once, when the rows (some of which speak of users) have become a table. */
  table!: CommandTable;
  /** `acl-pubsub-default`: new users and selectors may use every channel. */
  opensChannels = false;

  constructor() {
    this.users.set('default', this.defaultUser());
  }

  private newUser(name: string): User {
    return { name, enabled: false, nopass: false, passwords: [], sanitizing: '', selectors: [new Selector(this.opensChannels)], described: '' };
  }

  private defaultUser(): User {
    const user = this.newUser('default');
    for (const word of ['+@all', '~*', '&*', 'on', 'nopass']) this.apply(user, word);
    return user;
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
    user.described = '';
  }

  /**
   * Applies ACL SETUSER words to all or nothing. Returns the error without its code, or undefined. `changes` sees an existing user
   * before and after, while the old rules still hold.
   */
  setUser(name: string, words: readonly string[], changes?: (before: User, after: User) => void): string | undefined {
    const merged = mergeSelectors(words);
    if (typeof merged === 'number') return `Unmatched parenthesis in acl selector starting at '${words[merged]!.split('\0', 1)[0]}'.`;
    const before = this.users.get(name);
    const user: User = before === undefined ? this.newUser(name) : { ...before, passwords: [...before.passwords], selectors: before.selectors.map((selector) => selector.copy()) };
    for (const word of merged) {
      const refused = this.apply(user, word);
      if (refused !== undefined) return `Error in ACL SETUSER modifier '${word.split('\0', 1)[0]}': ${RULE_ERRORS[refused]}`;
    }
    if (before !== undefined) changes?.(before, user);
    if (before === undefined) this.users.set(name, user);
    else Object.assign(before, user);
    return undefined;
  }

  deleteUser(name: string): boolean {
    return this.users.delete(name);
  }

  /** `user` lines of the configuration, all valid as words. Returns what is wrong, as the log tells it. */
  loadConfigured(users: readonly (readonly string[])[]): string | undefined {
    for (const [name, ...words] of users) {
      if (hasSpaces(name!)) return 'Spaces not allowed in ACL usernames';
      const user = name === 'default' ? this.users.get('default')! : this.newUser(name!);
      if (name === 'default') this.apply(user, 'reset');
      const merged = mergeSelectors(words);
      if (typeof merged === 'number') return `Error loading ACL rule '${words[merged]}' for the user named '${name}': Syntax error`;
      for (const word of merged) {
        const refused = this.apply(user, word);
        if (refused !== undefined) return `Error loading ACL rule '${word}' for the user named '${name}': ${RULE_ERRORS[refused]}`;
      }
      this.users.set(name!, user);
    }
    return undefined;
  }

  /** The text of an ACL file takes the place of all users, or nothing of it does and what is wrong is returned. */
  load(text: string, fileName: string): string | undefined {
    const next = new Map<string, User>();
    let errors = '';
    for (const [at, line] of text.split('\0', 1)[0]!.split('\n').entries()) {
      const trimmed = line.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '');
      if (trimmed === '') continue;
      errors += this.loadLine(next, trimmed.split(' '), `${fileName}:${at + 1}`, at + 1);
    }
    if (errors !== '') return `${errors}WARNING: ACL errors detected, no change to the previously active ACL rules was performed`;
    const fresh = next.get('default') ?? this.defaultUser();
    // Whoever holds the default user goes on holding it.
    next.set('default', Object.assign(this.users.get('default')!, fresh));
    this.users = next;
    return undefined;
  }

  private loadLine(users: Map<string, User>, [keyword, name, ...words]: readonly string[], place: string, line: number): string {
    if (keyword !== 'user' || name === undefined) return `${place} should start with user keyword followed by the username. `;
    if (hasSpaces(name)) return `'${place}: username '${name}' contains invalid characters. `;
    if (users.has(name)) return `WARNING: Duplicate user '${name}' found on line ${line}. `;
    const user = this.newUser(name);
    users.set(name, user);
    const merged = mergeSelectors(words);
    if (typeof merged === 'number') return `${place}: Unmatched parenthesis in selector definition.`;
    let errors = '';
    let isSyntaxTold = false;
    for (const word of merged.map((each) => each.replace(/^[\t\r\n]+|[\t\r\n]+$/g, ''))) {
      const refused = this.apply(user, word);
      if (refused === 'unknown') errors += `${place}: Error in applying operation '${word}': ${RULE_ERRORS[refused]}. `;
      else if (refused !== undefined && !isSyntaxTold) {
        // Later ones may follow from the first, and a word may be a password.
        errors += `${place}: ${RULE_ERRORS[refused]}. `;
        isSyntaxTold = true;
      }
    }
    return errors;
  }

  /** What ACL SAVE writes. */
  text(): string {
    return this.all().map((user) => `${this.describe(user)}\n`).join('');
  }

  /** Words of a user that is not there yet: what is wrong with them apart from unknown commands, or undefined. */
  wrongRule(words: readonly string[]): { word: string; why: string } | undefined {
    const merged = mergeSelectors(words);
    if (typeof merged === 'number') return { word: words[merged]!, why: RULE_ERRORS.syntax };
    const user = this.newUser('');
    for (const word of merged) {
      const refused = this.apply(user, word);
      if (refused !== undefined && refused !== 'unknown') return { word, why: RULE_ERRORS[refused] };
    }
    return undefined;
  }

  private apply(user: User, word: string): RuleError | undefined {
    if (word === '') return undefined;
    user.described = '';
    const lower = word.split('\0', 1)[0]!.toLowerCase();
    if (lower === 'on') user.enabled = true;
    else if (lower === 'off') user.enabled = false;
    else if (lower === 'nopass') {
      user.nopass = true;
      user.passwords = [];
    } else if (lower === 'resetpass') {
      user.nopass = false;
      user.passwords = [];
    } else if (lower === 'sanitize-payload' || lower === 'skip-sanitize-payload') user.sanitizing = lower;
    else if (lower === 'clearselectors') user.selectors.length = 1;
    else if (lower === 'reset') Object.assign(user, this.newUser(user.name), { sanitizing: 'sanitize-payload' });
    else if ('>#<!'.includes(word[0]!)) return this.applyPassword(user, word);
    else if (word.startsWith('(') && word.endsWith(')')) {
      const selector = new Selector(this.opensChannels);
      for (const each of splitArguments(word.slice(1, -1)) ?? []) {
        const refused = selector.apply(each, this.table);
        if (refused !== undefined) return refused;
      }
      user.selectors.push(selector);
    } else return user.selectors[0]!.apply(word, this.table);
    return undefined;
  }

  private applyPassword(user: User, word: string): RuleError | undefined {
    const rest = word.slice(1);
    const isPlain = word.startsWith('>') || word.startsWith('<');
    if (!isPlain && !isHash(rest)) return 'badHash';
    const hash = isPlain ? sha256(rest) : rest;
    const isKnown = user.passwords.includes(hash);
    if (word.startsWith('>') || word.startsWith('#')) {
      user.nopass = false;
      if (!isKnown) user.passwords.push(hash);
      return undefined;
    }
    if (!isKnown) return 'noPassword';
    user.passwords = user.passwords.filter((known) => known !== hash);
    return undefined;
  }

  /** True when nothing is denied to the user, so that no gate needs to ask. */
  static isUnlimited(user: User): boolean {
    return user.selectors.some((selector) => selector.isUnlimited);
  }

  static check(user: User, command: Command, args: Args): Verdict {
    let keys: readonly KeyReference[] | undefined;
    const readKeys = () => (keys ??= keyReferences(command, args));
    const denial = { at: 0 };
    const verdict: Verdict = { denied: DENIED_COMMAND, at: 0 };
    for (const selector of user.selectors) {
      const denied = selector.check(command, args, readKeys, denial);
      if (denied === 0) return { denied: 0, at: 0 };
      if (denied > verdict.denied || (denied === verdict.denied && denial.at > verdict.at)) {
        verdict.denied = denied;
        verdict.at = denial.at;
      }
    }
    return verdict;
  }

  /** Whether the command may also read keys that its arguments do not name, as SORT … BY does. */
  static seesAllKeys(user: User, command: Command, args: Args): boolean {
    const keys = () => keyReferences(command, args);
    return user.selectors.some((selector) => selector.readsEveryKey && selector.check(command, args, keys, { at: 0 }) === 0);
  }

  static flags(user: User): string[] {
    return [user.enabled ? 'on' : 'off', ...(user.nopass ? ['nopass'] : []), ...(user.sanitizing === '' ? [] : [user.sanitizing])];
  }

  /** One line of ACL LIST, which is also a line of a configuration file. */
  describe(user: User): string {
    if (user.described === '') {
      const [root, ...others] = user.selectors.map((selector) => selector.describe(this.table));
      const words = [...Acl.flags(user), ...user.passwords.map((hash) => `#${hash}`), root!, ...others.map((other) => `(${other})`)];
      user.described = words.join(' ');
    }
    return `user ${user.name} ${user.described}`;
  }
}

/** Puts `(a`, `b)` together to one word; or the index of the word whose parenthesis is not closed. */
function mergeSelectors(words: readonly string[]): string[] | number {
  const merged: string[] = [];
  let open = -1;
  let selector = '';
  for (const [i, word] of words.entries()) {
    if (word.startsWith('(') && !word.endsWith(')')) {
      selector = word;
      open = i;
    } else if (open >= 0) {
      selector += ` ${word.split('\0', 1)[0]}`;
      if (!word.endsWith(')')) continue;
      merged.push(selector);
      open = -1;
    } else merged.push(word);
  }
  return open < 0 ? merged : open;
}
