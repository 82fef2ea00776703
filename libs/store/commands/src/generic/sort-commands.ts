/**
 * SORT and SORT_RO: the elements of a list, set or sorted set in an order of numbers or of bytes, by themselves or by other
 * keys (BY), shown as themselves or as other keys' values (GET), answered or put into a list (STORE).
 *
 * Elements are taken out as latin1 strings, one character a byte: their order is that of the bytes.
 */
import { BODY, TYPE_HASH, TYPE_LIST, TYPE_SET, TYPE_STRING, TYPE_ZSET, listpack, parseDoubleLoosely, writeInt64, INT64_TEXT_BYTES_MAX } from '@larder/store-datatypes';
import type { Args } from '@larder/store-resp';
import type { CommandRow, Unit } from '@larder/store-dispatch';
import { WRONG_TYPE } from '@larder/store-dispatch';
import { NOTIFY_GENERIC, NOTIFY_LIST } from '@larder/store-keyspace';
import type { Slice } from '../element/slice';
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
  by: string | undefined;
  get: string[];
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
      options.by = args.text(++i);
      if (isPattern(options.by) && !seesAll) return void reply.error('ERR BY option of SORT denied due to insufficient ACL permissions.');
    } else if (args.is(i, 'get') && left >= 1) {
      if (!seesAll) return void reply.error('ERR GET option of SORT denied due to insufficient ACL permissions.');
      options.get.push(args.text(++i));
    } else return void unit.syntaxError();
  }
  return options;
}

/** A BY without a star names no keys: nothing is sorted then. */
const isPattern = (by: string): boolean => by.split('\0')[0]!.includes('*');

const textOf = (slice: Slice): string => (slice.bytes as Buffer).toString('latin1', slice.off, slice.off + slice.length);

const entry = new listpack.Entry();
const digits = Buffer.alloc(INT64_TEXT_BYTES_MAX + 1);

function elementsOfList(list: Lists): string[] {
  const out: string[] = [];
  for (let node = 0; node < list.nodes; node++) {
    list.openNode(node);
    const { u8, off } = list;
    for (let p = listpack.first(u8, off); p >= 0; p = listpack.next(u8, p)) {
      listpack.read(u8, p, entry);
      if (entry.isInteger) out.push(digits.toString('latin1', 0, writeInt64(entry.hi, entry.lo, digits, 0)));
      else out.push(u8.toString('latin1', entry.start, entry.start + entry.length));
    }
  }
  return out;
}

/** The elements of argument 1 in their own order; undefined after answering WRONGTYPE. */
function takeElements(unit: Unit): { elements: string[]; type: number } | undefined {
  const { keyspace, view } = unit;
  if (unit.lookupRead(1) === 0) return { elements: [], type: TYPE_LIST };
  const { type } = view;
  const elements: string[] = [];
  if (type === TYPE_LIST) return { elements: elementsOfList(listsOf(keyspace).take()), type };
  if (type === TYPE_SET) {
    const sets = setsOf(keyspace);
    sets.each(sets.load(sets.content), (member) => void elements.push(textOf(member)));
    return { elements, type };
  }
  if (type !== TYPE_ZSET) return void unit.reply.error(WRONG_TYPE);
  const zsets = zsetsOf(keyspace);
  const content = zsets.load(zsets.content);
  // Redis sorts from its large form and leaves the set in it.
  if (content.encoding === ZSET_LISTPACK) {
    zsets.convert(content);
    zsets.store(content);
  }
  zsets.walk(content, 0, zsets.count(content), false, (member) => void elements.push(textOf(member)));
  return { elements, type };
}

/**
 * The value that `pattern` names for `element`: `#` is the element, a star stands for it in the name of a key, and `->`
 * after the star leads to a hash's field.
 */
function valueByPattern(unit: Unit, pattern: string, element: string): string | undefined {
  if (pattern === '#') return element;
  const star = pattern.indexOf('*');
  if (star < 0) return undefined;
  const arrow = pattern.indexOf('->', star + 1);
  const hasField = arrow >= 0 && arrow + 2 < pattern.length;
  const key = Buffer.from(pattern.slice(0, star) + element + pattern.slice(star + 1, hasField ? arrow : undefined), 'latin1');
  const { keyspace, view } = unit;
  if (keyspace.lookupRead(unit.database, key, 0, key.length) === 0) return undefined;
  if (!hasField) return view.type === TYPE_STRING ? Buffer.from(view.u8.subarray(view.valueOffset, view.valueOffset + view.valueLength)).toString('latin1') : undefined;
  if (view.type !== TYPE_HASH) return undefined;
  const field = Buffer.from(pattern.slice(arrow + 2), 'latin1');
  const hash = hashesOf(keyspace).load();
  return hash.find(field, 0, field.length) ? textOf(hash.value) : undefined;
}

/** A weight as strtod reads it up to its end or a NUL; NaN when there is anything else, or when it is out of a double's range. */
function weightOf(text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  const x = parseDoubleLoosely(bytes, 0, bytes.length);
  const shown = text.split('\0')[0]!;
  if ((x === Infinity || x === -Infinity) && !/inf/i.test(shown)) return NaN;
  if (x === 0 && /[1-9]/.test(shown.replace(/e.*$/i, ''))) return NaN;
  return x;
}

const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** What elements are ordered by; undefined when a weight is no number. */
function comparison(unit: Unit, elements: readonly string[], by: string | undefined, options: SortOptions): ((a: number, b: number) => number) | undefined {
  const keys = by === undefined ? elements : elements.map((element) => valueByPattern(unit, by, element));
  if (!options.isAlpha) {
    const weights = Float64Array.from(keys, (key) => (key === undefined ? 0 : weightOf(key)));
    if (weights.includes(NaN)) return undefined;
    return (a, b) => compare(weights[a]!, weights[b]!) || compare(elements[a]!, elements[b]!);
  }
  // Answered at once the order is that of the locale, which ends a string at NUL; stored it is that of the bytes.
  const texts = options.store !== 0 ? keys : keys.map((key) => key?.split('\0')[0]);
  return (a, b) => {
    const [left, right] = [texts[a], texts[b]];
    if (left === undefined || right === undefined) return (left === undefined ? 0 : 1) - (right === undefined ? 0 : 1);
    return compare(left, right);
  };
}

function sort(mayStore: boolean): (unit: Unit) => void {
  return (unit) => {
    const { reply } = unit;
    const options = sortOptions(unit, mayStore);
    if (options === undefined) return;
    const taken = takeElements(unit);
    if (taken === undefined) return;
    let { elements } = taken;
    let { by } = options;
    let isUnsorted = by !== undefined && !isPattern(by);
    if (isUnsorted && taken.type === TYPE_SET && (options.store !== 0 || unit.inScript)) {
      // A set has no order of its own to keep: scripts and stored lists get a certain one.
      isUnsorted = false;
      options.isAlpha = true;
      by = undefined;
    }
    if (isUnsorted) {
      if (options.isDescending && taken.type !== TYPE_SET) elements.reverse();
    } else {
      const order = comparison(unit, elements, by, options);
      if (order === undefined) return reply.error(NOT_NUMBERS);
      const sign = options.isDescending ? -1 : 1;
      elements = Array.from(elements.keys()).sort((a, b) => sign * order(a, b)).map((i) => elements[i]!);
    }
    const start = Math.min(Math.max(options.start, 0), elements.length);
    const shown = elements.slice(start, options.count < 0 ? undefined : start + options.count);
    const values = options.get.length === 0 ? shown : shown.flatMap((element) => options.get.map((pattern) => valueByPattern(unit, pattern, element)));
    if (options.store !== 0) return storeList(unit, options.store, values.map((value) => value ?? ''));
    reply.array(values.length);
    for (const value of values) {
      if (value === undefined) reply.nullBulk();
      else reply.bulkText(value);
    }
  };
}

/** Puts these under argument `i`, whatever lies there. @throws ArenaFull (nothing changed) */
function storeList(unit: Unit, i: number, values: readonly string[]): void {
  const { args, keyspace, reply, view } = unit;
  if (values.length === 0) {
    if (unit.lookupWrite(i) !== 0) {
      keyspace.remove();
      keyspace.changed(NOTIFY_GENERIC, 'del');
    }
    return reply.integer(0);
  }
  const list = listsOf(keyspace);
  const bytes = values.map((value) => Buffer.from(value, 'latin1'));
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
  keyspace.dirty += values.length - 1;
  keyspace.changed(NOTIFY_LIST, 'sortstore');
  reply.integer(values.length);
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
