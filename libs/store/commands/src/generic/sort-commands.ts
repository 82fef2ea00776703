/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in an order of numbers or of bytes, by themselves or by other
 * keys (BY), shown as themselves or as other keys' values (GET), answered or put into a list (STORE).
 *
 * Elements are copied to a Gathered, whose scores are their weights, and so are the values that BY names for the order of bytes.
 */
import { BODY, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET, compareBytes, copyBytes, listpack, parseDoubleLoosely } from '@larder/store-datatypes';
import type { Args } from '@larder/store-resp';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { WRONG_TYPE } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_LIST } from '@larder/store-keyspace';
import { Gathered } from '../element/gathered';
import { ascending, orderByScore } from '../element/score-order';
import { Slice } from '../element/slice';
import { hashesOf } from '../hash/hash-value';
import type { Lists } from '../list/list-value';
import { listsOf } from '../list/list-value';
import { setsOf } from '../set/set-value';
import { ZSET_LISTPACK, zsetsOf } from '../zset/zset-value';

const NOT_NUMBERS = "ERR One or more scores can't be converted into double";

interface SortOptions {
  isDescending: boolean;
  isAlpha: boolean;
  start: number;
  /** Negative: all. */
  count: number;
  /** Argument of the list to store into, or 0. */
  store: number;
  by: Pattern | undefined;
  get: Pattern[];
}

/** Undefined after answering an error. */
function sortOptions(unit: Unit, mayStore: boolean): SortOptions | undefined {
  const { args, reply, dispatcher, session } = unit;
  const options: SortOptions = { isDescending: false, isAlpha: false, start: 0, count: -1, store: 0, by: undefined, get: [] };
  const seesAll = dispatcher.host.seesAllKeys(session);
  for (let i = 2; i < args.count; i++) {
    const left = args.count - 1 - i;
    if (args.is(i, 'asc')) options.isDescending = false;
    else if (args.is(i, 'desc')) options.isDescending = true;
    else if (args.is(i, 'alpha')) options.isAlpha = true;
    else if (args.is(i, 'limit') && left >= 2) {
      options.start = unit.integerArg(++i);
      if (options.start !== options.start) return undefined;
      options.count = unit.integerArg(++i);
      if (options.count !== options.count) return undefined;
    } else if (mayStore && args.is(i, 'store') && left >= 1) options.store = ++i;
    else if (args.is(i, 'by') && left >= 1) {
      options.by = new Pattern(args.text(++i));
      if (options.by.namesKeys && !seesAll) return void reply.error('ERR BY option of SORT denied due to insufficient ACL permissions.');
    } else if (args.is(i, 'get') && left >= 1) {
      if (!seesAll) return void reply.error('ERR GET option of SORT denied due to insufficient ACL permissions.');
      options.get.push(new Pattern(args.text(++i)));
    } else return void unit.syntaxError();
  }
  return options;
}

/** The elements of the command that runs, and what they are ordered by where that is bytes. */
const elements = new Gathered();
const keys = new Gathered();
/** Stands for a missing key in `keys`: it comes before all others. */
const MISSING_KEY = -1;

const element = new Slice();
/** What `Pattern.value` found. */
const value = new Slice();
let keyName = Buffer.alloc(256);

/**
 * What BY or GET names for an element: `#` is the element, a star stands for it in the name of a key, and `->` after the
 * star leads to a hash's field.
 */
class Pattern {
  /** A BY without a star names no keys: nothing is sorted then. */
  readonly namesKeys: boolean;
  private readonly isElement: boolean;
  private readonly before: Buffer;
  private readonly after: Buffer;
  private readonly field: Buffer | undefined;

  constructor(text: string) {
    this.namesKeys = text.split('\0')[0]!.includes('*');
    this.isElement = text === '#';
    const star = text.indexOf('*');
    const arrow = star < 0 ? -1 : text.indexOf('->', star + 1);
    const hasField = arrow >= 0 && arrow + 2 < text.length;
    this.before = Buffer.from(text.slice(0, Math.max(star, 0)), 'latin1');
    this.after = Buffer.from(text.slice(star + 1, hasField ? arrow : undefined), 'latin1');
    this.field = hasField ? Buffer.from(text.slice(arrow + 2), 'latin1') : undefined;
    this.hasStar = star >= 0;
  }

  private readonly hasStar: boolean;

  /** Leaves what it names for element `i` in `value`; false when there is nothing. */
  value(unit: Unit, i: number): boolean {
    if (this.isElement) {
      value.set(elements.bytes, elements.off[i]!, elements.length[i]!);
      return true;
    }
    if (!this.hasStar) return false;
    const { keyspace, view } = unit;
    const { before, after, field } = this;
    const inner = elements.length[i]!;
    const length = before.length + inner + after.length;
    if (length > keyName.length) keyName = Buffer.allocUnsafeSlow(length * 2);
    copyBytes(before, 0, keyName, 0, before.length);
    copyBytes(elements.bytes, elements.off[i]!, keyName, before.length, inner);
    copyBytes(after, 0, keyName, before.length + inner, after.length);
    if (keyspace.lookupRead(unit.database, keyName, 0, length) === 0) return false;
    if (field === undefined) {
      value.set(view.u8, view.valueOffset, view.valueLength);
      return view.type === TYPE_STRING;
    }
    if (view.type !== TYPE_HASH) return false;
    const hash = hashesOf(keyspace).load();
    if (!hash.find(field, 0, field.length)) return false;
    value.set(hash.value.bytes, hash.value.off, hash.value.length);
    return true;
  }
}

function takeList(list: Lists): void {
  for (let node = 0; node < list.nodes; node++) {
    list.openNode(node);
    const { u8, off } = list;
    for (let p = listpack.first(u8, off); p >= 0; p = listpack.next(u8, p)) {
      element.setEntry(u8, p);
      elements.add(element, 0);
    }
  }
}

/** The elements of argument 1 in their own order; answers its type, −1 after answering WRONGTYPE. */
function takeElements(unit: Unit): number {
  const { keyspace, view } = unit;
  elements.clear();
  if (unit.lookupRead(1) === 0) return TYPE_LIST;
  const { type } = view;
  if (type === TYPE_LIST) takeList(listsOf(keyspace).take());
  else if (type === TYPE_SET) {
    const sets = setsOf(keyspace);
    sets.each(sets.load(sets.content), (member) => elements.add(member, 0));
  } else if (type === TYPE_ZSET) {
    const zsets = zsetsOf(keyspace);
    const content = zsets.load(zsets.content);
    // Redis sorts from its large form and leaves the set in it.
    if (content.encoding === ZSET_LISTPACK) {
      zsets.convert(content);
      zsets.store(content);
    }
    zsets.walk(content, 0, zsets.count(content), false, (member) => elements.add(member, 0));
  } else {
    unit.reply.error(WRONG_TYPE);
    return -1;
  }
  return type;
}

/** A weight as strtod reads it up to its end or a NUL; NaN when there is anything else, or when it is out of a double's range. */
function weightOf(bytes: Buffer, off: number, length: number): number {
  const x = parseDoubleLoosely(bytes, off, length);
  if (x !== 0 && x !== Infinity && x !== -Infinity) return x;
  if (x === 0 && length === 1) return x;
  const shown = bytes.toString('latin1', off, off + length).split('\0')[0]!;
  if (x === 0) return /[1-9]/.test(shown.replace(/e.*$/i, '')) ? NaN : x;
  return /inf/i.test(shown) ? x : NaN;
}

/** Gives each element its weight; false when one is no number. */
function weigh(unit: Unit, by: Pattern | undefined): boolean {
  for (let i = 0; i < elements.count; i++) {
    let weight = 0;
    if (by === undefined) weight = weightOf(elements.bytes, elements.off[i]!, elements.length[i]!);
    else if (by.value(unit, i)) weight = weightOf(value.bytes, value.off, value.length);
    if (weight !== weight) return false;
    elements.score[i] = weight;
  }
  return true;
}

/** The order of bytes. Answered at once it is that of the locale, which ends a string at NUL; stored all bytes count. */
function alphabetically(unit: Unit, by: Pattern | undefined, isStored: boolean, sign: 1 | -1): Int32Array {
  const { count } = elements;
  let texts = elements;
  if (by !== undefined) {
    texts = keys;
    keys.clear();
    for (let i = 0; i < count; i++) {
      const isThere = by.value(unit, i);
      if (!isThere) value.length = 0;
      keys.add(value, 0);
      if (!isThere) keys.length[i] = MISSING_KEY;
    }
  }
  const { bytes, off } = texts;
  const ends = texts.length.slice(0, count);
  if (!isStored) {
    for (let i = 0; i < count; i++) {
      const stop = ends[i]! <= 0 ? -1 : bytes.subarray(off[i]!, off[i]! + ends[i]!).indexOf(0);
      if (stop >= 0) ends[i] = stop;
    }
  }
  // Six bytes behind what all begin with make a number; only those equal in them are compared byte by byte.
  const shared = commonBeginning(texts, ends, count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let weight = 0;
    for (let k = shared; k < shared + PREFIX_BYTES; k++) weight = weight * 256 + (k < ends[i]! ? bytes[off[i]! + k]! : 0);
    weights[i] = sign * (ends[i] === MISSING_KEY ? -1 : weight);
  }
  return orderByScore(weights, count, (a, b) => (ends[a] === MISSING_KEY ? 0 : sign * compareBytes(bytes, off[a]!, ends[a]!, bytes, off[b]!, ends[b]!)));
}

const PREFIX_BYTES = 6;

/** How many bytes all texts begin with, those of missing keys left out. */
function commonBeginning({ bytes, off }: Gathered, ends: Int32Array, count: number): number {
  const first = ends.findIndex((end) => end !== MISSING_KEY);
  let shared = first < 0 ? 0 : ends[first]!;
  for (let i = first + 1; i < count && shared > 0; i++) {
    if (ends[i] === MISSING_KEY) continue;
    let k = 0;
    while (k < shared && k < ends[i]! && bytes[off[first]! + k] === bytes[off[i]! + k]) k++;
    shared = k;
  }
  return shared;
}

function sort(mayStore: boolean): (unit: Unit) => void {
  return (unit) => {
    const { reply } = unit;
    const options = sortOptions(unit, mayStore);
    if (options === undefined) return;
    const type = takeElements(unit);
    if (type === -1) return;
    let { by } = options;
    let isUnsorted = by !== undefined && !by.namesKeys;
    if (isUnsorted && type === TYPE_SET && (options.store !== 0 || unit.inScript)) {
      // A set has no order of its own to keep: scripts and stored lists get a certain one.
      isUnsorted = false;
      options.isAlpha = true;
      by = undefined;
    }
    let order: Int32Array;
    if (isUnsorted) {
      order = ascending(elements.count);
      if (options.isDescending && type !== TYPE_SET) order.reverse();
    } else {
      if (!options.isAlpha && !weigh(unit, by)) return reply.error(NOT_NUMBERS);
      if (options.isAlpha) order = alphabetically(unit, by, options.store !== 0, options.isDescending ? -1 : 1);
      else {
        order = elements.inOrder();
        if (options.isDescending) order.reverse();
      }
    }
    const start = Math.min(Math.max(options.start, 0), order.length);
    const shown = order.subarray(start, options.count < 0 ? undefined : start + options.count);
    if (options.store !== 0) return storeList(unit, options.store, valuesFor(unit, shown, options.get));
    reply.array(shown.length * Math.max(1, options.get.length));
    for (const i of shown) {
      if (options.get.length === 0) reply.bulk(elements.bytes, elements.off[i]!, elements.length[i]!);
      for (const pattern of options.get) {
        if (pattern.value(unit, i)) reply.bulk(value.bytes, value.off, value.length);
        else reply.nullBulk();
      }
    }
  };
}

/** What goes into the list: copies, since GET may read what STORE replaces. */
function valuesFor(unit: Unit, shown: Int32Array, get: readonly Pattern[]): Buffer[] {
  const values: Buffer[] = [];
  for (const i of shown) {
    if (get.length === 0) values.push(elements.bytes.subarray(elements.off[i]!, elements.off[i]! + elements.length[i]!));
    for (const pattern of get) values.push(pattern.value(unit, i) ? value.copy() : EMPTY);
  }
  return values;
}

const EMPTY = Buffer.alloc(0);

/** Puts these under argument `i`, whatever lies there. @throws ArenaFull (nothing changed) */
function storeList(unit: Unit, i: number, bytes: readonly Buffer[]): void {
  const { args, keyspace, reply, view } = unit;
  if (bytes.length === 0) {
    if (unit.lookupWrite(i) !== 0) {
      keyspace.remove();
      keyspace.changed(NOTIFY_GENERIC, 'del');
    }
    return reply.integer(0);
  }
  const list = listsOf(keyspace);
  list.start(keyspace.shardOf(args.buf, args.off[i]!, args.len[i]!), bytes[0]!, 0, bytes[0]!.length);
  try {
    for (let k = 1; k < bytes.length; k++) list.push(false, bytes[k]!, 0, bytes[k]!.length);
    if (unit.lookupWrite(i) === 0) keyspace.create(TYPE_LIST, list.encoding, BODY, 0);
    else keyspace.replace(TYPE_LIST, list.encoding, BODY, 0);
  } catch (full) {
    list.dispose();
    throw full;
  }
  view.body = list.body;
  view.aside = list.aside;
  keyspace.dirty += bytes.length - 1;
  keyspace.changed(NOTIFY_LIST, 'sortstore');
  reply.integer(bytes.length);
}

const ARGUMENTS_OF: Readonly<Record<string, number>> = { limit: 2, get: 1, by: 1 };

/** The key, and that of the last STORE. */
function findSortKeys(args: Args, out: number[]): void {
  out.push(1);
  let store = 0;
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, 'store') && i + 1 < args.count) store = i + 1;
    else i += ARGUMENTS_OF[args.text(i).toLowerCase()] ?? 0;
  }
  if (store !== 0) out.push(store);
}

export const sortCommands: readonly CommandRow[] = [
  { name: 'sort', needs: 'exclusive', run: sort(true), findKeys: findSortKeys },
  { name: 'sort_ro', needs: 'exclusive', run: sort(false), findKeys: (_args, out) => void out.push(1) },
];
