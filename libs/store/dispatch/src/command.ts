/**
 * What a command is: one row of a list that can be printed. A room gives name, need and function; arity, flags, keys and
 * categories come from the facts of the same name (additions of our own bring theirs in the row).
 */
import type { Args } from '@larder/store-resp';
import { COMMAND_FACTS } from './command-facts';
import { Timing } from './timing';
import type { Unit } from './unit';

/**
 * What dispatch takes before the command runs and gives back after it:
 *  keys       the shards of the keys in its arguments, in ascending order; it may touch nothing else of the keyspace
 *  exclusive  everything: no other thread is inside a unit
 *  none       nothing of the keyspace
 */
export type Needs = 'keys' | 'exclusive' | 'none';

/** Values of `Command.reaches` beside 0 for nothing; EVERYTHING is an exclusive section, also as a mask of shards. */
export const EVERYTHING = -1;
export const ONE_KEY = 1;
export const ANY_NUMBER_OF_KEYS = 2;

/** Bits of `Command.bits`, tested on the hot path; names are those of COMMAND. */
export const WRITE = 1;
export const READONLY = 1 << 1;
export const DENYOOM = 1 << 2;
export const NOSCRIPT = 1 << 3;
export const LOADING = 1 << 4;
export const NO_AUTH = 1 << 5;
export const NO_MULTI = 1 << 6;
export const ALLOW_BUSY = 1 << 7;
export const PUBSUB = 1 << 8;
export const BLOCKING = 1 << 9;
export const MAY_REPLICATE = 1 << 10;
/** Runs at once inside MULTI instead of being queued: EXEC, DISCARD, WATCH, MULTI, QUIT, RESET. */
export const NOT_QUEUED = 1 << 11;
/** Allowed to a RESP2 client that has subscriptions. */
export const WHILE_SUBSCRIBED = 1 << 12;
export const ADMIN = 1 << 13;
/** Its duration depends on its arguments or on data: each call is measured. */
export const UNEVEN = 1 << 14;
export const SKIP_SLOWLOG = 1 << 15;
/** A replica answers it also while it does not follow its primary. */
export const STALE = 1 << 16;

const FLAG_BITS: Record<string, number> = {
  write: WRITE,
  readonly: READONLY,
  denyoom: DENYOOM,
  noscript: NOSCRIPT,
  loading: LOADING,
  no_auth: NO_AUTH,
  no_multi: NO_MULTI,
  allow_busy: ALLOW_BUSY,
  pubsub: PUBSUB,
  blocking: BLOCKING,
  may_replicate: MAY_REPLICATE,
  admin: ADMIN,
  skip_slowlog: SKIP_SLOWLOG,
  stale: STALE,
};

const NOT_QUEUED_NAMES = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset']);
const WHILE_SUBSCRIBED_NAMES = new Set([
  'ping', 'subscribe', 'ssubscribe', 'sunsubscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'quit', 'reset',
]);

export interface CommandRow {
  /** Lower case; a subcommand is `container|sub`. */
  name: string;
  needs: Needs;
  run: (unit: Unit) => void;
  /** Positions of the keys, where first/last/step does not tell: pushed onto `out`. */
  findKeys?: (args: Args, out: number[]) => void;
  /** The shards it touches, as a mask or EVERYTHING, where neither `needs` nor its keys tell. */
  reach?: (unit: Unit, command: Command, args: Args) => number;
  /** It may find while it runs that it needs more than it declared. */
  escalates?: boolean;
  /** Position of an element (field, member) of the one key's content that it will look up, or of the first of them. */
  element?: number;
  /** Metadata of a command that Redis 7.0 does not have, in the form of a line of COMMAND_FACTS without the name. */
  facts?: string;
}

export interface Command extends CommandRow {
  arity: number;
  bits: number;
  /** What it touches: 0, EVERYTHING, ONE_KEY, or ANY_NUMBER_OF_KEYS where its arguments must be asked. */
  reaches: number;
  flags: readonly string[];
  categories: readonly string[];
  tips: readonly string[];
  firstKey: number;
  lastKey: number;
  keyStep: number;
  keySpecs: readonly string[];
  subcommands: Map<string, Command> | null;
  /** INFO commandstats. */
  calls: number;
  rejected: number;
  failed: number;
  readonly timing: Timing;
}

const facts = new Map<string, string>();
for (const line of COMMAND_FACTS.split('\n')) {
  const cut = line.indexOf('~');
  if (cut > 0) facts.set(line.slice(0, cut), line.slice(cut + 1));
}

function defineCommand(row: CommandRow): Command {
  const line = row.facts ?? facts.get(row.name);
  if (line === undefined) throw new Error(`command ${row.name}: no facts`);
  const [arity, flags, keys, categories, tips, specs] = line.split('~');
  const words = (text: string | undefined, by: string) => (text ? text.split(by) : []);
  const [first, last, step] = keys!.split(' ').map(Number);
  let bits = 0;
  for (const flag of words(flags, ' ')) bits |= FLAG_BITS[flag] ?? 0;
  if (NOT_QUEUED_NAMES.has(row.name)) bits |= NOT_QUEUED;
  if (WHILE_SUBSCRIBED_NAMES.has(row.name)) bits |= WHILE_SUBSCRIBED;
  if (row.name === 'pfcount') bits |= MAY_REPLICATE; // COMMAND does not show it: it keeps its result in the value
  if (!words(flags, ' ').includes('fast') && row.name !== 'set') bits |= UNEVEN;
  return {
    ...row,
    arity: Number(arity),
    bits,
    reaches: reachesOf(row, first!, last!),
    flags: words(flags, ' '),
    categories: words(categories, ' '),
    tips: words(tips, ','),
    firstKey: first!,
    lastKey: last!,
    keyStep: step!,
    keySpecs: words(specs, ';'),
    subcommands: null,
    calls: 0,
    rejected: 0,
    failed: 0,
    timing: new Timing(),
  };
}

function reachesOf(row: CommandRow, firstKey: number, lastKey: number): number {
  if (row.reach !== undefined) return ANY_NUMBER_OF_KEYS;
  if (row.needs === 'none') return 0;
  if (row.needs === 'exclusive') return EVERYTHING;
  return row.findKeys === undefined && firstKey > 0 && firstKey === lastKey ? ONE_KEY : ANY_NUMBER_OF_KEYS;
}

const SLOTS = 1024;

/**
 * Finds commands by the bytes of their name, in any case: open addressing on a hash of the lower-cased bytes, so that
 * no string is made for a command on the wire.
 */
export class CommandTable {
  /** Top-level commands in the order given. */
  readonly all: readonly Command[];
  private readonly byName = new Map<string, Command>();
  private readonly slots: (Command | undefined)[] = new Array<Command | undefined>(SLOTS).fill(undefined);

  constructor(rows: readonly CommandRow[]) {
    const all: Command[] = [];
    for (const row of rows) {
      const command = defineCommand(row);
      if (this.byName.has(command.name)) throw new Error(`command ${command.name}: two rows`);
      this.byName.set(command.name, command);
      if (!command.name.includes('|')) all.push(command);
    }
    for (const command of this.byName.values()) {
      const [container, sub] = command.name.split('|');
      if (sub === undefined) continue;
      const parent = this.byName.get(container!);
      if (parent === undefined) throw new Error(`command ${command.name}: no container`);
      (parent.subcommands ??= new Map()).set(sub, command);
    }
    for (const command of all) {
      const bytes = Buffer.from(command.name, 'latin1');
      let slot = hashName(bytes, 0, bytes.length) & (SLOTS - 1);
      while (this.slots[slot] !== undefined) slot = (slot + 1) & (SLOTS - 1);
      this.slots[slot] = command;
    }
    this.all = all;
  }

  find(bytes: Uint8Array, off: number, length: number): Command | undefined {
    let slot = hashName(bytes, off, length) & (SLOTS - 1);
    for (;;) {
      const command = this.slots[slot];
      if (command === undefined) return undefined;
      if (sameName(command.name, bytes, off, length)) return command;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  /** By full name in lower case, `config|get` included. */
  named(name: string): Command | undefined {
    return this.byName.get(name);
  }

  /** Every command and subcommand. */
  each(): IterableIterator<Command> {
    return this.byName.values();
  }
}

function hashName(bytes: Uint8Array, off: number, length: number): number {
  let h = length;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ (bytes[off + i]! | 32), 0x01000193);
  return h ^ (h >>> 15);
}

function sameName(name: string, bytes: Uint8Array, off: number, length: number): boolean {
  if (name.length !== length) return false;
  for (let i = 0; i < length; i++) {
    let c = bytes[off + i]!;
    if (c >= 65 && c <= 90) c |= 32;
    if (c !== name.charCodeAt(i)) return false;
  }
  return true;
}

/** Positions of the keys in `args`, by the row's own finder or first/last/step. */
export function keyPositions(command: Command, args: Args): number[] {
  const out: number[] = [];
  if (command.findKeys !== undefined) command.findKeys(args, out);
  else if (command.firstKey > 0) {
    const last = command.lastKey < 0 ? args.count + command.lastKey : command.lastKey;
    for (let i = command.firstKey; i <= last && i < args.count; i += command.keyStep) out.push(i);
  }
  return out;
}

/** For commands of the form `… numkeys key …`: the count stands at `at`. */
export function keysByCount(at: number): (args: Args, out: number[]) => void {
  return (args, out) => {
    const count = Number(args.text(at));
    // A count that the command will refuse names no keys.
    if (!Number.isInteger(count) || count < 1 || count > args.count - at - 1) return;
    for (let i = at + 1; i <= at + count && i < args.count; i++) out.push(i);
  };
}
