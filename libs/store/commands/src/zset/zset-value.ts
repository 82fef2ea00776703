/**
 * The content of a sorted set.
 *
 *   encoding 0  listpack  one blob: member, score, member, score … in order     (BODY = its address)
 *   encoding 1  skiplist  an element table: member ▶ record with its score      (BODY = its root)
 *                         and a score tree: the records in order                (aside = its top)
 *
 * "skiplist" is what Redis calls the large encoding; ours is a tree (datatypes/score-tree). A listpack becomes large, never
 * back, when it has more members than `maxListpackEntries` or is handed a member longer than `maxListpackValue`.
 *
 * Commands hold a `ZsetContent` for each set they look at; `Zsets` (one per keyspace) does what needs memory and hashing.
 * What `find`, `walk`, `showEdge`, `choose` and `scan` come across is in `member` and `score`.
 *
 * Loading a saved set: `start`, `add` each pair in any order (the encoding follows), `createKey` or `putKey`; or
 * `startFromListpack`. Saving: `load`, `walk`, or the blob itself.
 */
import {
  BODY,
  Deferred,
  ElementTable,
  ScoreTree,
  TYPE_ZSET,
  compareBytes,
  elementTableOf,
  int64ToNumber,
  listpack,
  listpackEdit,
  parseDouble,
  scoreTreeOf,
  AT_END,
  SEARCH,
} from '@larder/store-datatypes';
import type { Keyspace, ValueKind } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { blobBytes, blobOffset, copyBlob, moved, roomFor, trim } from '../element/blob';
import { below } from '../element/choice';
import { largeTable } from '../element/large-table';
import { Slice } from '../element/slice';

export const ZSET_LISTPACK = 0;
export const ZSET_TREE = 1;

/** Where a sorted set stops being a listpack; CONFIG sets these. */
export const zsetLimits = { maxListpackEntries: 128, maxListpackValue: 64 };

/** Redis lets no listpack grow beyond this. */
const LISTPACK_BYTES_MAX = 1 << 30;

/** Conditions of `add`. */
export const NX = 1;
export const XX = 2;
export const GT = 4;
export const LT = 8;
export const INCR = 16;

/** What `add` did. */
export const NOT_A_NUMBER = -1;
/** A condition forbade it. */
export const REFUSED = 0;
export const ADDED = 1;
export const UPDATED = 2;
/** The score was that already. */
export const SAME = 3;

const memberElement = new listpackEdit.Element();
const scoreElement = new listpackEdit.Element();
const entry = new listpack.Entry();

/** Which content, where. */
export class ZsetContent {
  encoding = ZSET_LISTPACK;
  address = 0;
  /** Of the tree. */
  top = 0;
  shard = 0;
}

const perKeyspace = new WeakMap<Keyspace, Zsets>();
let latest: Zsets | undefined;

export function zsetsOf(keyspace: Keyspace): Zsets {
  if (latest !== undefined && latest.keyspace === keyspace) return latest;
  let found = perKeyspace.get(keyspace);
  if (found === undefined) perKeyspace.set(keyspace, (found = new Zsets(keyspace)));
  latest = found;
  return found;
}

export class Zsets {
  readonly keyspace: Keyspace;
  readonly arena: Arena;
  readonly elements: ElementTable;
  readonly tree: ScoreTree;
  /** For commands on one sorted set. */
  readonly content = new ZsetContent();
  readonly member = new Slice();
  score = 0;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.arena = keyspace.arena;
    this.elements = elementTableOf(keyspace.arena);
    this.tree = scoreTreeOf(keyspace.arena);
  }

  /** Takes the content of the key that the keyspace's last lookup found. */
  load(content: ZsetContent): ZsetContent {
    const { view, shard } = this.keyspace;
    content.encoding = (view.word0 >>> 4) & 15;
    content.address = view.body;
    content.top = view.aside;
    content.shard = shard;
    return content;
  }

  /** Puts it back into the record of that key after changes. */
  store(content: ZsetContent): void {
    const { view } = this.keyspace;
    view.body = content.address;
    view.aside = content.top;
    if (((view.word0 >>> 4) & 15) !== content.encoding) view.setEncoding(content.encoding);
  }

  /** An empty content in `shard`. @throws ArenaFull */
  start(content: ZsetContent, shard: number): ZsetContent {
    content.address = this.arena.alloc(shard, listpack.EMPTY_BYTES);
    content.encoding = ZSET_LISTPACK;
    content.top = 0;
    content.shard = shard;
    listpackEdit.writeEmpty(blobBytes(this.arena, content.address), blobOffset(content.address));
    return content;
  }

  /** A content from a listpack of distinct members and their scores in order, already checked. @throws ArenaFull */
  startFromListpack(content: ZsetContent, shard: number, bytes: Uint8Array, off: number): ZsetContent {
    const size = listpack.bytes(bytes, off);
    content.address = this.arena.alloc(shard, size);
    content.encoding = ZSET_LISTPACK;
    content.top = 0;
    content.shard = shard;
    blobBytes(this.arena, content.address).set(bytes.subarray(off, off + size), blobOffset(content.address));
    if (this.count(content) > zsetLimits.maxListpackEntries) {
      try {
        this.convert(content);
      } catch (full) {
        this.dispose(content);
        throw full;
      }
    }
    return content;
  }

  /** Makes the key that the last lookup did not find, with this content; on failure the content is gone. @throws ArenaFull */
  createKey(content: ZsetContent): void {
    const { keyspace } = this;
    try {
      keyspace.create(TYPE_ZSET, content.encoding, BODY, 0);
    } catch (full) {
      this.dispose(content);
      throw full;
    }
    keyspace.view.body = content.address;
    keyspace.view.aside = content.top;
  }

  /** Gives the key of the last `lookupWrite` (which found it, or not) this content, without expiry. @throws ArenaFull (the content is gone) */
  putKey(content: ZsetContent, found: boolean): void {
    const { keyspace } = this;
    if (!found) return this.createKey(content);
    try {
      keyspace.replace(TYPE_ZSET, content.encoding, BODY, 0);
    } catch (full) {
      this.dispose(content);
      throw full;
    }
    keyspace.view.body = content.address;
    keyspace.view.aside = content.top;
  }

  count(content: ZsetContent): number {
    const { address } = content;
    if (content.encoding === ZSET_TREE) return this.elements.count(address);
    return listpack.count(blobBytes(this.arena, address), blobOffset(address)) >> 1;
  }

  // ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Leaves a member's score in `score`; false when there is no such member. */
  find(content: ZsetContent, bytes: Uint8Array, off: number, length: number): boolean {
    const { address } = content;
    if (content.encoding === ZSET_TREE) {
      const { elements } = this;
      if (!elements.find(address, this.keyspace.hashing.of(bytes, off, length), bytes, off, length)) return false;
      this.score = elements.view.score;
      return true;
    }
    const u8 = blobBytes(this.arena, address);
    const p = listpack.find(u8, listpack.first(u8, blobOffset(address)), bytes, off, length, 1);
    if (p < 0) return false;
    this.score = scoreAt(u8, listpack.after(u8, p));
    return true;
  }

  /**
   * Adds a member or changes its score, under the conditions NX, XX, GT, LT; with INCR the score is added to the one
   * there. `score` has the outcome unless refused. The bytes must lie outside this content.
   * @throws ArenaFull (nothing changed, but perhaps the encoding)
   */
  add(content: ZsetContent, bytes: Uint8Array, off: number, length: number, score: number, conditions: number): number {
    if (content.encoding === ZSET_TREE) return this.addToTree(content, bytes, off, length, score, conditions);
    const u8 = blobBytes(this.arena, content.address);
    const blob = blobOffset(content.address);
    const p = listpack.find(u8, listpack.first(u8, blob), bytes, off, length, 1);
    if (p >= 0) {
      const verdict = this.weigh(scoreAt(u8, listpack.after(u8, p)), score, conditions);
      if (verdict === UPDATED) this.putIntoListpack(content, p, bytes, off, length, this.score);
      return verdict;
    }
    if ((conditions & XX) !== 0) return REFUSED;
    if (length > zsetLimits.maxListpackValue || this.count(content) >= zsetLimits.maxListpackEntries || listpack.bytes(u8, blob) + length > LISTPACK_BYTES_MAX) {
      this.convert(content);
      return this.addToTree(content, bytes, off, length, score, conditions);
    }
    this.putIntoListpack(content, -1, bytes, off, length, score);
    this.score = score;
    return ADDED;
  }

  /** What becomes of a member that has `current`. */
  private weigh(current: number, score: number, conditions: number): number {
    if (conditions !== 0) {
      if ((conditions & NX) !== 0) return REFUSED;
      if ((conditions & INCR) !== 0) {
        score += current;
        if (score !== score) return NOT_A_NUMBER;
      }
      if (((conditions & LT) !== 0 && score >= current) || ((conditions & GT) !== 0 && score <= current)) return REFUSED;
    }
    this.score = score;
    return score === current ? SAME : UPDATED;
  }

  /** Puts a pair in its place, instead of the one at `old` if that is not −1. */
  private putIntoListpack(content: ZsetContent, old: number, bytes: Uint8Array, off: number, length: number, score: number): void {
    const { arena, member } = this;
    const { address } = content;
    listpackEdit.prepareBytes(memberElement, bytes, off, length);
    listpackEdit.prepareDouble(scoreElement, score);
    const gap = memberElement.size + scoreElement.size;
    let u8 = blobBytes(arena, address);
    let blob = blobOffset(address);
    const oldEnd = old < 0 ? -1 : listpack.after(u8, listpack.after(u8, old));
    const to = roomFor(arena, content.shard, address, listpack.bytes(u8, blob) + gap - (oldEnd - old));
    const dst = blobBytes(arena, to);
    const dstBlob = blobOffset(to);
    if (old >= 0) {
      listpackEdit.removeRange(u8, blob, old, oldEnd, 2, dst, dstBlob);
      u8 = dst;
      blob = dstBlob;
    }
    const place = placeIn(u8, blob, bytes, off, length, score, member);
    const at = listpackEdit.openGap(u8, blob, place, place, 0, gap, 2, dst, dstBlob);
    listpackEdit.write(dst, listpackEdit.write(dst, at, memberElement), scoreElement);
    content.address = moved(arena, address, to);
  }

  private addToTree(content: ZsetContent, bytes: Uint8Array, off: number, length: number, score: number, conditions: number): number {
    const { elements, tree } = this;
    const hash = this.keyspace.hashing.of(bytes, off, length);
    if (!elements.find(content.address, hash, bytes, off, length)) {
      if ((conditions & XX) !== 0) return REFUSED;
      this.score = score;
      this.insert(content, hash, bytes, off, length, score, SEARCH);
      return ADDED;
    }
    const { view } = elements;
    const verdict = this.weigh(view.score, score, conditions);
    if (verdict !== UPDATED) return verdict;
    elements.beforeChange(content.address, content.shard);
    try {
      content.top = tree.rescore(content.top, content.shard, view.address, view.bodyOffset >> 3, this.score);
    } catch (full) {
      content.top = tree.restoredTop;
      throw full;
    }
    return UPDATED;
  }

  /** A member that the table's last look-up did not see. */
  private insert(content: ZsetContent, hash: number, bytes: Uint8Array, off: number, length: number, score: number, where: number): void {
    const { elements } = this;
    const { shard, address: root } = content;
    elements.insert(root, shard, hash, BODY, bytes, off, length, 0);
    elements.view.score = score;
    const { address } = elements.view;
    try {
      content.top = this.tree.insert(content.top, shard, address, where);
    } catch (full) {
      elements.table.remove(root, hash, address);
      this.arena.free(address);
      throw full;
    }
  }

  /** Removes a member; false when it was not there. */
  remove(content: ZsetContent, bytes: Uint8Array, off: number, length: number): boolean {
    const { address } = content;
    if (content.encoding === ZSET_TREE) {
      const { elements } = this;
      const hash = this.keyspace.hashing.of(bytes, off, length);
      if (!elements.find(address, hash, bytes, off, length)) return false;
      content.top = this.tree.remove(content.top, elements.view.address);
      elements.remove(address, content.shard, hash);
      return true;
    }
    const u8 = blobBytes(this.arena, address);
    const p = listpack.find(u8, listpack.first(u8, blobOffset(address)), bytes, off, length, 1);
    if (p < 0) return false;
    this.cut(content, p, 1);
    return true;
  }

  /** Removes `pairs` pairs from position `p` of the listpack. */
  private cut(content: ZsetContent, p: number, pairs: number): void {
    const { address } = content;
    const u8 = blobBytes(this.arena, address);
    const blob = blobOffset(address);
    listpackEdit.removeRange(u8, blob, p, listpackEdit.rangeEnd(u8, p, pairs * 2), pairs * 2, u8, blob);
    content.address = trim(this.arena, content.shard, address, listpack.bytes(u8, blob));
  }

  // ── Ranks ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** How many members come before this one; −1 when it is not there. */
  rankOf(content: ZsetContent, bytes: Uint8Array, off: number, length: number): number {
    const { address } = content;
    if (content.encoding === ZSET_TREE) {
      const { elements } = this;
      if (!elements.find(address, this.keyspace.hashing.of(bytes, off, length), bytes, off, length)) return -1;
      return this.tree.rankOf(content.top, elements.view.address);
    }
    const u8 = blobBytes(this.arena, address);
    const first = listpack.first(u8, blobOffset(address));
    const p = listpack.find(u8, first, bytes, off, length, 1);
    if (p < 0) return -1;
    let rank = 0;
    for (let q = first; q !== p; rank++) q = listpack.after(u8, listpack.after(u8, q));
    return rank;
  }

  /** How many have a score below `score`, or not above it when `inclusive`. */
  rankOfScore(content: ZsetContent, score: number, inclusive: boolean): number {
    if (content.encoding === ZSET_TREE) return this.tree.rankOfScore(content.top, score, inclusive);
    const u8 = blobBytes(this.arena, content.address);
    let rank = 0;
    for (let p = listpack.first(u8, blobOffset(content.address)); p >= 0; rank++) {
      const s = listpack.after(u8, p);
      const here = scoreAt(u8, s);
      if (!(here < score || (inclusive && here === score))) break;
      p = listpack.next(u8, s);
    }
    return rank;
  }

  /** Shows `count` members (that exist) in `member` and `score`, from rank `from` upwards or downwards. `visit` must change nothing. */
  walk(content: ZsetContent, from: number, count: number, isReverse: boolean, visit: (member: Slice, score: number) => void): void {
    if (count <= 0) return;
    const { member } = this;
    if (content.encoding === ZSET_TREE) {
      const { tree } = this;
      let at = tree.seek(content.top, from);
      for (let i = 0; i < count; i++) {
        this.showElement(at);
        visit(member, this.score);
        at = isReverse ? tree.backward() : tree.forward();
      }
      return;
    }
    const u8 = blobBytes(this.arena, content.address);
    const blob = blobOffset(content.address);
    let p = listpack.seek(u8, blob, from * 2);
    // A blob that was loaded without a look inside may end before its count does.
    for (let i = 0; i < count && p >= 0; i++) {
      const after = this.showPair(u8, p);
      visit(member, this.score);
      p = isReverse ? listpack.prev(u8, blob, p) : after;
      if (isReverse && p >= 0) p = listpack.prev(u8, blob, p);
    }
  }

  /** Removes `count` members (that exist) from rank `from` on. */
  removeRanks(content: ZsetContent, from: number, count: number): void {
    if (count <= 0) return;
    if (content.encoding === ZSET_LISTPACK) {
      return this.cut(content, listpack.seek(blobBytes(this.arena, content.address), blobOffset(content.address), from * 2), count);
    }
    for (let i = 0; i < count; i++) {
      content.top = this.tree.removeRank(content.top, from);
      this.release(content);
    }
  }

  /** The record that has just left the tree goes. */
  private release(content: ZsetContent): void {
    const { elements, tree } = this;
    const { u8, keyOffset, keyLength } = elements.view.at(tree.removed);
    const hash = this.keyspace.hashing.of(u8, keyOffset, keyLength);
    elements.table.remove(content.address, hash, tree.removed);
    elements.release(content.address, tree.removed);
    elements.table.shrinkFound(content.address, content.shard, hash);
  }

  /** Shows the first or the last member, which `dropEdge` must then remove before anything else is done here. The set must not be empty. */
  showEdge(content: ZsetContent, isLast: boolean): void {
    if (content.encoding === ZSET_TREE) {
      content.top = this.tree.removeRank(content.top, isLast ? this.elements.count(content.address) - 1 : 0);
      this.showElement(this.tree.removed);
    } else {
      const u8 = blobBytes(this.arena, content.address);
      this.showPair(u8, listpack.seek(u8, blobOffset(content.address), isLast ? -2 : 0));
    }
  }

  dropEdge(content: ZsetContent, isLast: boolean): void {
    if (content.encoding === ZSET_TREE) return this.release(content);
    this.cut(content, listpack.seek(blobBytes(this.arena, content.address), blobOffset(content.address), isLast ? -2 : 0), 1);
  }

  /** Shows a member chosen at random; the set must not be empty. */
  choose(content: ZsetContent, random: () => number): void {
    if (content.encoding === ZSET_TREE) {
      this.elements.choose(content.address, random);
      return this.showElement(this.elements.view.address);
    }
    const u8 = blobBytes(this.arena, content.address);
    this.showPair(u8, listpack.seek(u8, blobOffset(content.address), 2 * below(this.count(content), random)));
  }

  /** Shows about `count` members from `cursor` of a large set, or all of a listpack. The next cursor, 0 at the end. */
  scan(content: ZsetContent, cursor: number, count: number, visit: (member: Slice, score: number) => void): number {
    if (content.encoding === ZSET_LISTPACK) {
      this.walk(content, 0, this.count(content), false, visit);
      return 0;
    }
    return this.elements.table.scan(content.address, cursor, count, (address) => {
      this.showElement(address);
      visit(this.member, this.score);
    });
  }

  private showElement(address: number): void {
    const view = this.elements.view.at(address);
    this.member.set(view.u8, view.keyOffset, view.keyLength);
    this.score = view.score;
  }

  /** Shows the pair at `p`; answers the position of the next or −1. */
  private showPair(u8: Uint8Array, p: number): number {
    this.member.setEntry(u8, p);
    const s = listpack.after(u8, p);
    this.score = scoreAt(u8, s);
    return listpack.next(u8, s);
  }

  // ── Whole contents ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Listpack to table and tree. @throws ArenaFull (nothing changed) */
  convert(content: ZsetContent): void {
    const large = this.startLarge(new ZsetContent(), content.shard);
    try {
      this.walk(content, 0, this.count(content), false, (member, score) => this.append(large, member.bytes, member.off, member.length, score));
    } catch (full) {
      this.dispose(large);
      throw full;
    }
    this.arena.free(content.address);
    content.address = large.address;
    content.top = large.top;
    content.encoding = ZSET_TREE;
  }

  private startLarge(content: ZsetContent, shard: number): ZsetContent {
    content.address = this.elements.create(shard);
    content.top = 0;
    content.encoding = ZSET_TREE;
    content.shard = shard;
    return content;
  }

  /** A content of `count` members, none longer than `lengthMax`, that will be appended in order. @throws ArenaFull */
  startFor(content: ZsetContent, shard: number, count: number, lengthMax: number): ZsetContent {
    const isSmall = count <= zsetLimits.maxListpackEntries && lengthMax <= zsetLimits.maxListpackValue;
    return isSmall ? this.start(content, shard) : this.startLarge(content, shard);
  }

  /** Adds a member that comes behind all others, in the encoding there is. @throws ArenaFull (nothing changed) */
  append(content: ZsetContent, bytes: Uint8Array, off: number, length: number, score: number): void {
    if (content.encoding === ZSET_LISTPACK) return this.putIntoListpack(content, -1, bytes, off, length, score);
    const hash = this.keyspace.hashing.of(bytes, off, length);
    this.elements.has(content.address, hash, bytes, off, length);
    this.insert(content, hash, bytes, off, length, score, AT_END);
  }

  /** Frees a content that no key has. */
  dispose(content: ZsetContent): void {
    if (content.encoding === ZSET_TREE) {
      this.tree.dispose(content.top);
      this.elements.dispose(content.address);
    } else this.arena.free(content.address);
    content.address = 0;
    content.top = 0;
  }
}

/** The score in the listpack entry at `p`. */
function scoreAt(u8: Uint8Array, p: number): number {
  listpack.read(u8, p, entry);
  return entry.isInteger ? int64ToNumber(entry.hi, entry.lo) : parseDouble(u8, entry.start, entry.length);
}

/** Position of the first pair behind (score, member), or of the end. */
function placeIn(u8: Uint8Array, blob: number, bytes: Uint8Array, off: number, length: number, score: number, member: Slice): number {
  const last = listpack.last(u8, blob);
  if (last < 0 || scoreAt(u8, last) < score) return listpack.end(u8, blob);
  for (let p = listpack.first(u8, blob); p >= 0; ) {
    const s = listpack.after(u8, p);
    const here = scoreAt(u8, s);
    if (here > score) return p;
    if (here === score) {
      member.setEntry(u8, p);
      if (compareBytes(member.bytes, member.off, member.length, bytes, off, length) > 0) return p;
    }
    p = listpack.next(u8, s);
  }
  return listpack.end(u8, blob);
}

export const zsetKind: ValueKind = {
  type: TYPE_ZSET,
  name: 'zset',
  tableEncoding: ZSET_TREE,
  dispose(view) {
    const { arena, body, aside } = view;
    if (view.encoding !== ZSET_TREE) return arena.free(body);
    const elements = elementTableOf(arena);
    const holder = elements.deferredOf(body);
    if (holder === 0) scoreTreeOf(arena).dispose(aside);
    else new Deferred(arena).at(holder).aside = aside;
    elements.dispose(body);
  },
  encodingName: (view) => (view.encoding === ZSET_TREE ? 'skiplist' : 'listpack'),
  copy(view, shard, out) {
    const { arena, body } = view;
    if (view.encoding === ZSET_LISTPACK) {
      out[0] = copyBlob(arena, shard, body, listpack.bytes(blobBytes(arena, body), blobOffset(body)));
      out[1] = 0;
      return;
    }
    const elements = elementTableOf(arena);
    const tree = scoreTreeOf(arena);
    const root = elements.copy(body, shard);
    let top = 0;
    try {
      elements.table.forEach(root, (address) => (top = tree.insert(top, shard, address)));
    } catch (full) {
      tree.dispose(top);
      elements.dispose(root);
      throw full;
    }
    out[0] = root;
    out[1] = top;
  },
  elements(view) {
    if (view.encoding === ZSET_TREE) return elementTableOf(view.arena).count(view.body);
    return listpack.count(blobBytes(view.arena, view.body), blobOffset(view.body)) >> 1;
  },
  bytes(view) {
    if (view.encoding === ZSET_LISTPACK) return view.arena.capacity(view.body);
    return elementTableOf(view.arena).bytes(view.body) + scoreTreeOf(view.arena).bytes(view.aside);
  },
  large: largeTable(
    ZSET_TREE,
    (element, out) => {
      out.string(element.u8, element.keyOffset, element.keyLength);
      out.double(element.score);
    },
    (arena, top) => scoreTreeOf(arena).disposeSome(top, 64),
  ),
};
