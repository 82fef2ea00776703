/**
 * Which arguments of a command are keys, and what it does to each: for ACL key permissions and COMMAND GETKEYS.
 *
 * The key specs of the command's facts tell; where they cannot (options anywhere, flags that depend on options, a count that is no number)
 * Redis has a function of its own per command, and so has this file. Locks do not come from here: they use `keyPositions`.
 */
import type { Args } from '@larder/store-resp';
import { parseInt64, Int64, int64ToBigInt } from '@larder/store-datatypes';
import type { Command } from './command';
import { READONLY } from './command';

/** Bits of a reference, in the order in which COMMAND GETKEYSANDFLAGS names them. */
export const KEY_FLAGS = ['RO', 'RW', 'OW', 'RM', 'access', 'update', 'insert', 'delete', 'not_key', 'incomplete', 'variable_flags'] as const;
const RO = 1;
const RW = 2;
const OW = 4;
export const KEY_ACCESS = 16;
export const KEY_UPDATE = 32;
export const KEY_INSERT = 64;
export const KEY_DELETE = 128;
const NOT_KEY = 256;
const INCOMPLETE = 512;
const VARIABLE = 1024;

export interface KeyReference {
  /** Of the argument. */
  at: number;
  flags: number;
}

interface KeySpec {
  flags: number;
  begin: 'index' | 'keyword' | 'unknown';
  at: number;
  keyword: string;
  find: 'range' | 'keynum' | 'unknown';
  /** Range: last, step, limit. Keynum: index of the count, of the first key, step. */
  a: number;
  b: number;
  c: number;
}

const parsed = new WeakMap<Command, readonly KeySpec[]>();

function specsOf(command: Command): readonly KeySpec[] {
  let specs = parsed.get(command);
  if (specs === undefined) parsed.set(command, (specs = command.keySpecs.map(parseSpec)));
  return specs;
}

/** `flags : begin search : find keys : notes`, see command-facts.ts. */
function parseSpec(text: string): KeySpec {
  const [words, begin, find] = text.split(':');
  const [beginKind, first, second] = begin!.split(' ');
  const [findKind, a, b, c] = find!.split(' ');
  let flags = 0;
  for (const word of words!.split(' ')) {
    const bit = (KEY_FLAGS as readonly string[]).indexOf(word);
    if (bit >= 0) flags |= 1 << bit;
  }
  return {
    flags,
    begin: beginKind as KeySpec['begin'],
    at: Number(beginKind === 'keyword' ? second : first),
    keyword: beginKind === 'keyword' ? first!.toLowerCase() : '',
    find: findKind as KeySpec['find'],
    a: Number(a),
    b: Number(b),
    c: Number(c),
  };
}

/** True when some form of the command names a key. */
export function hasKeys(command: Command): boolean {
  return fallbacks[command.name] !== undefined || command.findKeys !== undefined || specsOf(command).some((spec) => (spec.flags & NOT_KEY) === 0);
}

/** The keys of the command as it stands in `args`; none where its arguments make no sense. */
export function keyReferences(command: Command, args: Args): readonly KeyReference[] {
  const specs = specsOf(command);
  const isReliable = specs.some((spec) => (spec.flags & NOT_KEY) === 0) && specs.every((spec) => (spec.flags & VARIABLE) === 0);
  const found = isReliable ? bySpecs(specs, args) : undefined;
  if (found !== undefined) return found;
  const fallback = fallbacks[command.name];
  if (fallback !== undefined) return fallback(args);
  if (specs.length > 0 || command.findKeys === undefined) return [];
  const positions: number[] = [];
  command.findKeys(args, positions);
  const flags = (command.bits & READONLY) !== 0 ? RO | KEY_ACCESS : RW | KEY_ACCESS | KEY_UPDATE;
  return positions.map((at) => ({ at, flags }));
}

/** undefined: a spec does not hold for these arguments. */
function bySpecs(specs: readonly KeySpec[], args: Args): KeyReference[] | undefined {
  const out: KeyReference[] = [];
  for (const spec of specs) {
    if ((spec.flags & NOT_KEY) !== 0) continue;
    if (spec.begin === 'unknown' || spec.find === 'unknown') return undefined;
    let first = spec.begin === 'index' ? spec.at : afterKeyword(spec, args);
    if (first === 0) continue;
    let last: number;
    let step = spec.b;
    if (spec.find === 'range') {
      if (spec.a >= 0) last = first + spec.a;
      else last = spec.c === 0 ? args.count + spec.a : first + Math.trunc((args.count - first) / spec.c) + spec.a;
    } else {
      step = spec.c;
      const count = countAt(args, first + spec.a);
      if (count === undefined) return undefined;
      first += spec.b;
      last = first + count - 1;
    }
    if (last >= args.count || last < first || first >= args.count) return undefined;
    for (let at = first; at <= last; at += step) out.push({ at, flags: spec.flags });
    if ((spec.flags & INCOMPLETE) !== 0) return undefined;
  }
  return out;
}

/** Where what follows the keyword stands, 0 when the keyword is not there. A negative start searches backwards. */
function afterKeyword(spec: KeySpec, args: Args): number {
  const isForward = spec.at > 0;
  const start = isForward ? spec.at : args.count + spec.at;
  const end = isForward ? args.count - 1 : 1;
  const by = start <= end ? 1 : -1;
  for (let i = start; i !== end && i < args.count && i >= 1; i += by) if (args.is(i, spec.keyword)) return i + 1;
  return 0;
}

const int64 = new Int64();

function countAt(args: Args, at: number): number | undefined {
  if (at >= args.count || !parseInt64(args.buf, args.off[at]!, args.len[at]!, int64)) return undefined;
  const count = int64ToBigInt(int64.hi, int64.lo);
  return count < 0n ? undefined : Number(BigInt.asIntN(32, count));
}

/** As C reads a number: digits in front, whatever follows. */
function leadingNumber(text: string): number {
  const found = /^[\s]*([+-]?\d+)/.exec(text);
  return found === null ? 0 : Number(BigInt.asIntN(32, BigInt(found[1]!)));
}

/** `… numkeys key …`, of which the specs said nothing that holds; `store` is the key that the result goes to, or 0. */
function counted(at: number, store = 0): (args: Args) => KeyReference[] {
  return (args) => {
    const count = leadingNumber(args.text(at));
    if (count < 1 || count > args.count - at - 1) return [];
    const out = Array.from({ length: count }, (_, i) => ({ at: at + 1 + i, flags: 0 }));
    if (store > 0) out.push({ at: store, flags: 0 });
    return out;
  };
}

function sortKeys(args: Args): KeyReference[] {
  const out = [{ at: 1, flags: RO | KEY_ACCESS }];
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'limit')) i += 2;
    else if (args.is(i, 'store') && i + 1 < args.count) out[1] = { at: i + 1, flags: OW | KEY_UPDATE };
    else if (args.is(i, 'get') || args.is(i, 'by')) i++;
  }
  return out;
}

function migrateKeys(args: Args): KeyReference[] {
  let first = 3;
  let count = 1;
  for (let i = 6; i < args.count; i++) {
    if (args.is(i, 'keys')) {
      first = i + 1;
      count = args.len[3]! > 0 ? 0 : args.count - first;
      break;
    }
    if (args.is(i, 'auth')) i++;
    else if (args.is(i, 'auth2')) i += 2;
  }
  return Array.from({ length: count }, (_, i) => ({ at: first + i, flags: RW | KEY_ACCESS | KEY_DELETE }));
}

/** Of STORE and STOREDIST the last counts. */
function radiusKeys(args: Args): KeyReference[] {
  let store = 0;
  for (let i = 5; i + 1 < args.count; i++) if (args.is(i, 'store') || args.is(i, 'storedist')) store = ++i;
  return store === 0 ? [{ at: 1, flags: 0 }] : [{ at: 1, flags: 0 }, { at: store, flags: 0 }];
}

function streamKeys(args: Args): KeyReference[] {
  for (let i = 1; i < args.count; i++) {
    if (args.is(i, 'block') || args.is(i, 'count')) i++;
    else if (args.is(i, 'group')) i += 2;
    else if (args.is(i, 'streams')) {
      const rest = args.count - i - 1;
      if (rest === 0 || rest % 2 !== 0) return [];
      return Array.from({ length: rest / 2 }, (_, k) => ({ at: i + 1 + k, flags: 0 }));
    } else if (!args.is(i, 'noack')) return [];
  }
  return [];
}

function setKeys(args: Args): KeyReference[] {
  for (let i = 3; i < args.count; i++) if (args.is(i, 'get')) return [{ at: 1, flags: RW | KEY_ACCESS | KEY_UPDATE }];
  return [{ at: 1, flags: OW | KEY_UPDATE }];
}

function bitfieldKeys(args: Args): KeyReference[] {
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (args.is(i, 'get') && left >= 2) i += 2;
    else if (args.is(i, 'overflow') && left >= 1) i++;
    else return [{ at: 1, flags: RW | KEY_ACCESS | KEY_UPDATE }];
  }
  return [{ at: 1, flags: RO | KEY_ACCESS }];
}

const fallbacks: Record<string, ((args: Args) => KeyReference[]) | undefined> = {
  bitfield: bitfieldKeys,
  blmpop: counted(2),
  bzmpop: counted(2),
  eval: counted(2),
  eval_ro: counted(2),
  evalsha: counted(2),
  evalsha_ro: counted(2),
  fcall: counted(2),
  fcall_ro: counted(2),
  georadius: radiusKeys,
  georadiusbymember: radiusKeys,
  lmpop: counted(1),
  migrate: migrateKeys,
  set: setKeys,
  sintercard: counted(1),
  sort: sortKeys,
  sort_ro: () => [{ at: 1, flags: RO | KEY_ACCESS }],
  xread: streamKeys,
  xreadgroup: streamKeys,
  zdiff: counted(1),
  zdiffstore: counted(2, 1),
  zinter: counted(1),
  zintercard: counted(1),
  zinterstore: counted(2, 1),
  zmpop: counted(1),
  zunion: counted(1),
  zunionstore: counted(2, 1),
};
