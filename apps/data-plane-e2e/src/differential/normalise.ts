/**
 * The one list of replies that may differ, and how far. Whatever is not named here must be equal byte for byte.
 * (Random choices are no rule here: they are steps of the kind `sample`, checked against what there was to choose from.)
 *
 * A rule is keyed by command (a subcommand with its container) and says why it exists.
 */
import type { Command, ReplyValue } from '@larder/shared-testing';

export interface Rule {
  readonly commands: readonly string[];
  readonly reason: string;
  readonly same: (reference: ReplyValue, target: ReplyValue, command: Command) => boolean;
}

/** The value as text, with nothing lost: equal text, equal reply. */
export function canonical(value: ReplyValue): string {
  if (value.isNull) return `${value.type}null`;
  if (value.items.length > 0 || value.type === '*' || value.type === '~' || value.type === '%' || value.type === '>') {
    return `${value.type}[${value.items.map(canonical).join(' ')}]`;
  }
  return `${value.type}${JSON.stringify(value.text)}`;
}

const equal = (a: ReplyValue, b: ReplyValue): boolean => canonical(a) === canonical(b);

function sortedItems(a: ReplyValue, b: ReplyValue): boolean {
  if (a.type !== b.type || a.isNull !== b.isNull || a.items.length !== b.items.length) return false;
  if (a.items.length === 0) return equal(a, b);
  return sorted(a.items.map(canonical)) === sorted(b.items.map(canonical));
}

const sorted = (texts: string[]): string => texts.sort().join('\n');

/** Elements two by two: field and value, member and score. */
export function pairsOf(value: ReplyValue): string[] {
  const pairs: string[] = [];
  for (let at = 0; at < value.items.length; at += 2) pairs.push(`${canonical(value.items[at]!)} ${value.items[at + 1] === undefined ? '' : canonical(value.items[at + 1]!)}`);
  return pairs;
}

function sortedPairs(a: ReplyValue, b: ReplyValue): boolean {
  if (a.type !== b.type || a.items.length !== b.items.length) return false;
  if (a.items.length === 0) return equal(a, b);
  return sorted(pairsOf(a)) === sorted(pairsOf(b));
}

/** Integers no further apart than the tolerance; negative ones (no key, no time) must be equal. */
function near(tolerance: number) {
  return (a: ReplyValue, b: ReplyValue): boolean => {
    if (a.type !== ':' || b.type !== ':') return equal(a, b);
    const [left, right] = [Number(a.text), Number(b.text)];
    return left < 0 || right < 0 ? left === right : Math.abs(left - right) <= tolerance;
  };
}

export function sameShape(a: ReplyValue, b: ReplyValue): boolean {
  if (a.type === '-' || b.type === '-') return equal(a, b);
  return a.type === b.type && a.isNull === b.isNull && a.items.length === b.items.length;
}

/** `id=3 addr=… name=… …` lines: the names and their order, not what they say. */
function sameFieldNames(a: ReplyValue, b: ReplyValue): boolean {
  if (a.type === '-' || b.type === '-') return equal(a, b);
  const names = (value: ReplyValue): string =>
    (value.text.replace(/^txt:/, '').split('\n')[0] ?? '').split(' ').map((pair) => pair.split('=')[0]).join(' ');
  // Redis 7.2 has two more at the end.
  return a.type === b.type && (names(a) === names(b) || `${names(a)} lib-name lib-ver` === names(b));
}

/** A map (flat list in RESP2) whose named fields are left out of the comparison. */
function withoutFields(...left: string[]) {
  const strip = (value: ReplyValue): string => {
    const kept: string[] = [];
    for (let at = 0; at < value.items.length; at += 2) {
      const name = value.items[at]!;
      kept.push(canonical(name), left.includes(name.text) ? '…' : value.items[at + 1] === undefined ? '' : canonical(value.items[at + 1]!));
    }
    return kept.join(' ');
  };
  return (a: ReplyValue, b: ReplyValue): boolean =>
    a.items.length === 0 ? equal(a, b) : a.type === b.type && strip(a) === strip(b);
}

const CLOCKS_APART_MS = 5_000;

/** As text, without a clock's say: XPENDING's third figures, and all there is of `idle`; times since 1970 (FULL) as far apart as clocks may be. */
function sameButTimes(a: ReplyValue, b: ReplyValue, isTime: (path: readonly (number | string)[], value: ReplyValue) => boolean, path: readonly (number | string)[] = []): boolean {
  if (a.items.length === 0 || a.items.length !== b.items.length) {
    return equal(a, b) || (a.type === ':' && b.type === ':' && isTime(path, a) && Math.abs(Number(a.text) - Number(b.text)) <= CLOCKS_APART_MS);
  }
  return a.type === b.type && a.items.every((item, at) => sameButTimes(item, b.items[at]!, isTime, [...path, at % 2 === 1 && a.items[at - 1]!.type === '$' ? a.items[at - 1]!.text : at]));
}

/** What Redis 7.2 added to XINFO. */
const LATER_FIELDS = ['active-time', 'inactive'];

/** Without what 7.2 added to maps (lists of names and values in RESP2), at any depth; maps in one order, since through Lua one more field changes it. */
function withoutLater(value: ReplyValue): ReplyValue {
  const items = value.items.filter((_, at) => !LATER_FIELDS.includes(value.items[at - (at % 2)]!.text)).map(withoutLater);
  if (value.type !== '%') return { ...value, items };
  const pairs = items.flatMap((item, at) => (at % 2 === 0 ? [[item, items[at + 1]!] as const] : []));
  return { ...value, items: pairs.sort(([a], [b]) => (a.text < b.text ? -1 : 1)).flat() };
}

const isRecent = (value: ReplyValue): boolean => Number(value.text) > 1_700_000_000_000;
const TREE_FIELDS = ['radix-tree-keys', 'radix-tree-nodes'];
const withoutTree = (value: ReplyValue): ReplyValue => ({ ...value, items: value.items.filter((_, at) => !TREE_FIELDS.includes(value.items[at - (at % 2)]!.text)) });

/** Every second element, and the same kinds of values. */
function sameNames(a: ReplyValue, b: ReplyValue): boolean {
  const names = (value: ReplyValue): string => value.items.map((item, at) => (at % 2 === 0 ? canonical(item) : item.type)).join(' ');
  return a.type === b.type && names(a) === names(b);
}

const LATER_SUBCOMMANDS = ['client|no-touch', 'client|setinfo', 'cluster|myshardid'];

/** COMMAND INFO's entry: its tenth element lists subcommands. */
export function entryWithSortedSubcommands(entry: ReplyValue): string {
  return entry.items
    .map((item, at) => {
      if (at === 9) return item.items.filter((sub) => !LATER_SUBCOMMANDS.includes(sub.items[0]!.text)).map(entryWithSortedSubcommands).sort().join();
      // They take one more argument since 7.2.
      return at === 1 && /^z(rev)?rank$/.test(entry.items[0]!.text) ? '' : canonical(item);
    })
    .join(' ');
}

/** RDB types whose bytes follow from the value alone: string, intset, and the listpacks of hash and sorted set. */
const ORDERED_RDB_TYPES = ['\x00', '\x0b', '\x10', '\x11'];

function samePayload(a: ReplyValue, b: ReplyValue): boolean {
  if (a.type !== '$' || b.type !== '$' || a.isNull || b.isNull) return equal(a, b);
  if (ORDERED_RDB_TYPES.includes(a.text.slice(0, 1))) return a.text === b.text;
  return a.text.slice(0, 1) === b.text.slice(0, 1) && a.text.slice(-10, -8) === b.text.slice(-10, -8);
}

/** Every item of Redis is there; ours may be more. */
function allItems(a: ReplyValue, b: ReplyValue): boolean {
  if (a.type !== b.type || a.isNull !== b.isNull || a.items.length === 0) return equal(a, b);
  const ours = new Set(b.items.map(canonical));
  return a.items.every((item) => ours.has(canonical(item)));
}

/** A user's description without its words for commands and categories, but with what it begins from. */
function withoutCommandWords(a: ReplyValue, b: ReplyValue): boolean {
  const strip = (value: ReplyValue): string => canonical(value).replace(/ ?[+-](?!@all)[a-z@|]+[^ )"]*/g, '');
  return strip(a) === strip(b);
}

/** Maps and sets at any depth, in any order. */
function anyOrderWithin(a: ReplyValue, b: ReplyValue): boolean {
  const flat = (value: ReplyValue): string => (value.items.length === 0 ? canonical(value) : `${value.type}[${value.items.map(flat).sort().join(' ')}]`);
  return flat(a) === flat(b);
}

export const rules: readonly Rule[] = [
  {
    commands: ['SMEMBERS', 'SUNION', 'SINTER', 'SDIFF', 'HKEYS', 'HVALS', 'KEYS', 'SPOP', 'PUBSUB CHANNELS'],
    reason: 'hash tables have no promised order (SPOP only where it takes all)',
    same: sortedItems,
  },
  { commands: ['HGETALL', 'CONFIG GET'], reason: 'hash tables have no promised order, and Redis keeps its settings in one', same: sortedPairs },
  { commands: ['TTL', 'EXPIRETIME'], reason: 'the clock moves between the two servers', same: near(2) },
  { commands: ['PTTL', 'PEXPIRETIME'], reason: 'the clock moves between the two servers', same: near(2_000) },
  { commands: ['OBJECT IDLETIME'], reason: 'Redis shares small integers: their idle time is that of the last use under any key', same: sameShape },
  {
    commands: ['OBJECT REFCOUNT'],
    reason: 'within a transaction of Redis a value that SET just stored is still shared with its queued command',
    same: (a, b) => a.type === ':' && b.type === ':' && a.text === '2' && b.text === '1',
  },
  {
    commands: ['SORT', 'SORT_RO'],
    reason: 'Redis 7.0 leaves an earlier command\'s ERANGE in errno (1e400, say) and then takes good numbers for bad ones',
    same: (a, b) => a.type === '-' && a.text.includes("can't be converted into double") && b.type === '*',
  },
  { commands: ['* HELP'], reason: 'documentation in words of our own, of what is built', same: (a, b) => a.type === b.type },
  {
    commands: ['XADD'],
    reason: 'an id of `*` is the time',
    same: (a, b, command) => (command.includes('*') ? a.type === b.type && /^\d{13}-\d+$/.test(b.text) : equal(a, b)),
  },
  {
    commands: ['XINFO STREAM'],
    reason: 'radix-tree-* count nodes of an inner structure that only Redis has; with FULL, when consumers were seen and entries delivered is the time',
    same: (a, b) => sameButTimes(withoutLater(withoutTree(a)), withoutLater(withoutTree(b)), (_path, value) => isRecent(value)),
  },
  {
    commands: ['XINFO CONSUMERS'],
    reason: 'idle is a distance from now, and since 7.2 there is inactive',
    same: (a, b) => sameButTimes(withoutLater(a), withoutLater(b), (path) => path.at(-1) === 'idle'),
  },
  {
    commands: ['XPENDING'],
    reason: 'the third figure of an entry is how long ago it was delivered',
    same: (a, b) => sameButTimes(a, b, (path) => path.length === 2 && path[1] === 2),
  },
  {
    commands: ['COMMAND INFO'],
    reason: 'subcommands are kept in a hash table',
    same: (a, b) => a.items.map(entryWithSortedSubcommands).join() === b.items.map(entryWithSortedSubcommands).join(),
  },
  { commands: ['FUNCTION LIST'], reason: 'libraries and functions are kept in hash tables', same: anyOrderWithin },
  { commands: ['FUNCTION LOAD', 'FUNCTION RESTORE'], reason: 'which of several functions clashes first depends on a hash table', same: (a, b) => [a, b].every(({ text }) => /^ERR Function \w+ already exists$/.test(text)) },
  { commands: ['FUNCTION DUMP'], reason: 'libraries are kept in a hash table', same: (a, b) => a.type === b.type && sorted([...a.text.slice(0, -8)]) === sorted([...b.text.slice(0, -8)]) },
  { commands: ['COMMAND DOCS'], reason: 'subcommands are kept in a hash table', same: anyOrderWithin },
  { commands: ['COMMAND LIST', 'ACL CAT'], reason: 'commands are kept in a hash table, and there are some of later versions', same: allItems },
  { commands: ['ACL GETUSER', 'ACL LIST'], reason: 'commands are kept in a hash table, and which categories describe a set best depends on which commands there are; ACL DRYRUN compares the rights', same: withoutCommandWords },
  { commands: ['LATENCY DOCTOR', 'MEMORY DOCTOR', 'MEMORY MALLOC-STATS'], reason: 'advice in words of our own, about a memory layout of our own', same: (a, b) => a.type === b.type },
  { commands: ['MEMORY STATS'], reason: 'sizes of another memory layout; the fields and their order are the same', same: sameNames },
  { commands: ['OBJECT FREQ'], reason: 'Redis shares small integers, and counters grow by chance', same: sameShape },
  { commands: ['TIME'], reason: 'the time', same: sameShape },
  { commands: ['LASTSAVE', 'CLIENT ID'], reason: 'a time; a counter of connections', same: (a, b) => a.type === ':' && b.type === ':' },
  { commands: ['CLIENT LIST', 'CLIENT INFO'], reason: 'addresses, ages and buffer sizes; the fields and their order are the same', same: sameFieldNames },
  {
    commands: ['ZRANK', 'ZREVRANK'],
    reason: 'since 7.2 they take WITHSCORE',
    same: (a, _b, command) => isLongerSince72(command) && a.type === '-' && /^ERR wrong number of arg/i.test(a.text),
  },
  { commands: ['HELLO'], reason: 'the id counts connections', same: withoutFields('id') },
  { commands: ['INFO'], reason: 'figures of this server and moment; the shape tests compare the fields', same: (a, b) => a.type === b.type },
  { commands: ['SLOWLOG GET', 'SLOWLOG LEN'], reason: 'what takes 10 ms depends on the machine', same: (a, b) => a.type === b.type },
  { commands: ['MEMORY USAGE'], reason: 'another memory layout', same: sameShape },
  { commands: ['DUMP'], reason: 'hash tables have no promised order and node splits are free; the state check restores such payloads on the other server instead', same: samePayload },
];

const byCommand = new Map(rules.flatMap((rule) => rule.commands.map((command) => [command, rule] as const)));
const CONTAINERS = new Set(['OBJECT', 'XINFO', 'XGROUP', 'CLIENT', 'CONFIG', 'COMMAND', 'SCRIPT', 'PUBSUB', 'MEMORY', 'SLOWLOG', 'DEBUG', 'ACL', 'LATENCY', 'FUNCTION']);

function ruleOf(name: string): Rule | undefined {
  return byCommand.get(name) ?? (name.endsWith(' HELP') ? byCommand.get('* HELP') : undefined);
}

/** The name under which a command is known: upper case, a container with its subcommand. */
export function commandName(command: Command): string {
  const first = (command[0] ?? '').toUpperCase();
  return CONTAINERS.has(first) ? `${first} ${(command[1] ?? '').toUpperCase()}` : first;
}

/** Redis 7.0 refuses it already when it is queued, and then the whole transaction. */
export function isLongerSince72(command: Command): boolean {
  return command.length > 3 && /^z(rev)?rank$/i.test(command[0] ?? '');
}

/** Whether two replies to the same command count as equal. `queued` are the commands that an EXEC runs. */
export function isSame(reference: ReplyValue, target: ReplyValue, command: Command, queued: readonly Command[]): boolean {
  if (equal(reference, target)) return true;
  const name = commandName(command);
  if (name === 'EXEC') {
    return reference.type === target.type && reference.items.length === target.items.length && reference.items.length === queued.length
      && reference.items.every((item, at) => isSame(item, target.items[at]!, queued[at]!, []));
  }
  if (/^(EVAL|FCALL)/.test(name) && command.length > 3) return isSameThroughLua(reference, target, command.slice(3));
  return ruleOf(name)?.same(reference, target, command) ?? false;
}

/** Lua turns sets and maps of RESP3 into arrays, so an inner reply may have another type byte; rules look at elements. */
function isSameThroughLua(reference: ReplyValue, target: ReplyValue, inner: Command): boolean {
  const name = commandName(inner);
  const rule = ruleOf(name);
  if (rule === undefined || (reference.type !== target.type && reference.type !== '-')) return false;
  return rule.same(reference, target, inner) || (name.startsWith('XINFO ') && rule.same(asMaps(reference), asMaps(target), inner));
}

/** Names and values in a list were a map before Lua had it, and its order then depends on how many there are. */
function asMaps(value: ReplyValue): ReplyValue {
  const isMap = value.type === '*' && value.items.length >= 4 && value.items.length % 2 === 0 && value.items.every((item, at) => at % 2 === 1 || item.type === '$');
  return { ...value, type: isMap ? '%' : value.type, items: value.items.map(asMaps) };
}
