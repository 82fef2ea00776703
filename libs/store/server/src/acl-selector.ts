/**
 * A selector: commands, keys and channels that go together. Each user has one for its plain rules and one for each `( … )`; a command
 * may run when one of them allows all of it.
 */
import { globMatches } from '@larder/store-datatypes';
import type { Command, CommandTable, KeyReference } from '@larder/store-dispatch';
import { KEY_ACCESS, KEY_DELETE, KEY_INSERT, KEY_UPDATE, NO_AUTH, hasKeys } from '@larder/store-dispatch';
import type { Args } from '@larder/store-resp';
import { CommandRights, describeRights, ACL_CATEGORIES } from './acl-rules';

const READ = 1;
const WRITE = 2;

/** Why not, in the order of their weight: of several selectors' reasons the greatest is told. */
export const DENIED_COMMAND = 1;
export const DENIED_KEY = 2;
export const DENIED_CHANNEL = 4;
export type Denied = 0 | typeof DENIED_COMMAND | typeof DENIED_KEY | typeof DENIED_CHANNEL;

/** A word that cannot be applied: the reason as ACL SETUSER tells it. */
export const RULE_ERRORS = {
  syntax: 'Syntax error',
  unknown: 'Unknown command or category name in ACL',
  allKeys: "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns",
  allChannels: "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels",
  noPassword: 'The password you are trying to remove from the user does not exist',
  badHash: 'The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters',
  firstArgument: 'Allowing first-arg of a subcommand is not supported',
} as const;
export type RuleError = keyof typeof RULE_ERRORS;

/** Names and patterns are shown in lines of words: none of these may be in them. */
export const hasSpaces = (text: string): boolean => /[ \t\n\v\f\r\0]/.test(text);

interface Pattern {
  readonly text: string;
  readonly bytes: Buffer;
  /** READ and WRITE; of channels nothing. */
  access: number;
}

function pattern(text: string, access: number): Pattern {
  return { text, bytes: Buffer.from(text, 'latin1'), access };
}

/** Commands with channels: which arguments, and whether they are patterns. Unsubscribing is always allowed. */
const CHANNELS: Record<string, { last: number; isPattern: boolean } | undefined> = {
  subscribe: { last: Infinity, isPattern: false },
  ssubscribe: { last: Infinity, isPattern: false },
  psubscribe: { last: Infinity, isPattern: true },
  publish: { last: 1, isPattern: false },
  spublish: { last: 1, isPattern: false },
};

export class Selector {
  rights = new CommandRights();
  allKeys = false;
  keys: Pattern[] = [];
  allChannels: boolean;
  channels: Pattern[] = [];

  constructor(allChannels: boolean) {
    this.allChannels = allChannels;
  }

  copy(): Selector {
    const copy = new Selector(this.allChannels);
    copy.rights = this.rights.copy();
    copy.allKeys = this.allKeys;
    copy.keys = this.keys.map((key) => ({ ...key }));
    copy.channels = [...this.channels];
    return copy;
  }

  get isUnlimited(): boolean {
    return this.rights.isUnlimited && this.allKeys && this.allChannels;
  }

  /** One word. Names are compared as C strings: what stands behind a NUL does not count. */
  apply(word: string, table: CommandTable): RuleError | undefined {
    const text = word.split('\0', 1)[0]!;
    const lower = text.toLowerCase();
    if (lower === 'allkeys' || lower === '~*') {
      this.allKeys = true;
      this.keys = [];
    } else if (lower === 'resetkeys') {
      this.allKeys = false;
      this.keys = [];
    } else if (lower === 'allchannels' || lower === '&*') {
      this.allChannels = true;
      this.channels = [];
    } else if (lower === 'resetchannels') {
      this.allChannels = false;
      this.channels = [];
    } else if (lower === 'allcommands' || lower === '+@all') this.rights.setAll(true);
    else if (lower === 'nocommands' || lower === '-@all') this.rights.setAll(false);
    else if (text.startsWith('~') || text.startsWith('%')) return this.addKey(word);
    else if (text.startsWith('&')) return this.addChannel(word.slice(1));
    else if (text.startsWith('+@') || text.startsWith('-@')) {
      const category = lower.slice(2);
      if (!ACL_CATEGORIES.includes(category)) return 'unknown';
      this.rights.setCategory(table, `@${category}`, text.startsWith('+'));
    } else if (text.startsWith('+')) return this.allow(text.slice(1), table);
    else if (text.startsWith('-')) {
      const command = table.named(lower.slice(1));
      if (command === undefined) return 'unknown';
      this.rights.set(command, false);
    } else return 'syntax';
    return undefined;
  }

  private addKey(word: string): RuleError | undefined {
    if (this.allKeys) return 'allKeys';
    let access = READ | WRITE;
    let at = 1;
    if (word.startsWith('%')) {
      access = 0;
      for (; at < word.length; at++) {
        const letter = word[at]!.toUpperCase();
        if (letter === 'R' && (access & READ) === 0) access |= READ;
        else if (letter === 'W' && (access & WRITE) === 0) access |= WRITE;
        else if (letter === '~' && access !== 0) {
          at++;
          break;
        } else return 'syntax';
      }
      if (access === 0) return 'syntax';
    }
    const text = word.slice(at);
    if (hasSpaces(text)) return 'syntax';
    const known = this.keys.find((key) => key.text === text);
    if (known === undefined) this.keys.push(pattern(text, access));
    else known.access |= access;
    return undefined;
  }

  private addChannel(text: string): RuleError | undefined {
    if (this.allChannels) return 'allChannels';
    if (hasSpaces(text)) return 'syntax';
    if (!this.channels.some((channel) => channel.text === text)) this.channels.push(pattern(text, 0));
    return undefined;
  }

  /** `+command`, `+container|sub`, or `+command|first-argument`. */
  private allow(text: string, table: CommandTable): RuleError | undefined {
    const bar = text.lastIndexOf('|');
    const whole = table.named(text.toLowerCase());
    if (bar < 0) {
      if (whole === undefined) return 'unknown';
      this.rights.set(whole, true);
      return undefined;
    }
    const command = table.named(text.slice(0, bar).toLowerCase());
    if (command === undefined) return 'unknown';
    if (command.name.includes('|')) return 'firstArgument';
    if (bar === text.length - 1) return 'syntax';
    if (command.subcommands === null) this.rights.allowFirstArgument(command.name, text.slice(bar + 1));
    else if (whole === undefined) return 'unknown';
    else this.rights.set(whole, true);
    return undefined;
  }

  /** 0, or why this selector does not allow the command; `denial.at` is then the argument that it is about. */
  check(command: Command, args: Args, keys: () => readonly KeyReference[], denial: { at: number }): Denied {
    const { rights } = this;
    if (!rights.isUnlimited && (command.bits & NO_AUTH) === 0 && !rights.allows(command.name)) {
      const allowed = args.count < 2 ? undefined : rights.firstArguments.get(command.name);
      const first = args.count < 2 ? '' : args.text(1).split('\0', 1)[0]!.toLowerCase();
      if (!allowed?.some((argument) => argument.toLowerCase() === first)) return DENIED_COMMAND;
    }
    if (!this.allKeys && hasKeys(command)) {
      for (const { at, flags } of keys()) {
        if (this.mayTouch(args.buf, args.off[at]!, args.len[at]!, flags)) continue;
        denial.at = at;
        return DENIED_KEY;
      }
    }
    const spec = this.allChannels ? undefined : CHANNELS[command.name];
    for (let i = 1; spec !== undefined && i < args.count && i <= spec.last; i++) {
      if (this.mayUseChannel(args.buf, args.off[i]!, args.len[i]!, spec.isPattern)) continue;
      denial.at = i;
      return DENIED_CHANNEL;
    }
    return 0;
  }

  private mayTouch(bytes: Uint8Array, off: number, length: number, flags: number): boolean {
    const wanted = accessOf(flags);
    return this.keys.some(({ bytes: p, access }) => (access & wanted) === wanted && globMatches(p, 0, p.length, bytes, off, length, false));
  }

  /** A pattern to subscribe to must be one of the user's patterns, letter by letter. */
  mayUseChannel(bytes: Uint8Array, off: number, length: number, isPattern: boolean): boolean {
    if (!isPattern) return this.channels.some(({ bytes: p }) => globMatches(p, 0, p.length, bytes, off, length, false));
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + off, length).toString('latin1').split('\0', 1)[0]!;
    return this.channels.some((channel) => channel.text === text);
  }

  /** Whether keys that no argument names may be read. */
  get readsEveryKey(): boolean {
    return this.allKeys || this.keys.some(({ text, access }) => text === '*' && (access & READ) !== 0);
  }

  describeCommands(table: CommandTable): string {
    return describeRights(this.rights, table);
  }

  describeKeys(): string[] {
    const mark = ['', '%R~', '%W~', '~'];
    return this.allKeys ? ['~*'] : this.keys.map(({ text, access }) => `${mark[access]!}${text}`);
  }

  describeChannels(): string[] {
    return this.allChannels ? ['&*'] : this.channels.map(({ text }) => `&${text}`);
  }

  describe(table: CommandTable): string {
    const channels = this.allChannels ? this.describeChannels() : ['resetchannels', ...this.describeChannels()];
    return [...this.describeKeys(), ...channels, this.describeCommands(table)].join(' ');
  }
}

function accessOf(flags: number): number {
  return ((flags & KEY_ACCESS) !== 0 ? READ : 0) | ((flags & (KEY_INSERT | KEY_DELETE | KEY_UPDATE)) !== 0 ? WRITE : 0);
}
