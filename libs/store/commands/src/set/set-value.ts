/**
 * The content of a set.
 *
 *   encoding 0  intset     one blob of sorted integers   (BODY = its address)
 *   encoding 1  hashtable  an element table              (BODY = its root)
 *
 * A set begins as an intset when its first member is an integer, and becomes a table, never back, when another kind of
 * member comes or it has more than `maxIntsetEntries`. Redis 7.0 has no listpack sets.
 *
 * Commands on several sets hold one `SetContent` each; `Sets` (one per keyspace) does what needs memory and hashing.
 */
import { BODY, ElementTable, Int64, TYPE_SET, elementTableOf, intset, parseInt64 } from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace, ValueKind } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { ArenaFull } from '@larder/store-memory';
import { blobBytes, blobOffset, copyBlob, moved, roomFor, trim } from '../element/blob';
import { below } from '../element/choice';
import { largeTable } from '../element/large-table';
import { Slice } from '../element/slice';

export const SET_INTSET = 0;
export const SET_TABLE = 1;

/** Where a set of integers stops being an intset; CONFIG sets this. */
export const setLimits = { maxIntsetEntries: 512 };

/** Whatever the setting says, an intset of this many eight-byte values would be too large. */
const INTSET_ENTRIES_MAX = 1 << 30;

const number = new Int64();

/** Which content, where. Address 0: none. */
export class SetContent {
  encoding = SET_INTSET;
  address = 0;
  shard = 0;
}

const perKeyspace = new WeakMap<Keyspace, Sets>();
let latest: Sets | undefined;

export function setsOf(keyspace: Keyspace): Sets {
  if (latest !== undefined && latest.keyspace === keyspace) return latest;
  let found = perKeyspace.get(keyspace);
  if (found === undefined) perKeyspace.set(keyspace, (found = new Sets(keyspace)));
  latest = found;
  return found;
}

export class Sets {
  readonly keyspace: Keyspace;
  readonly arena: Arena;
  readonly elements: ElementTable;
  /** For commands on one set. */
  readonly content = new SetContent();
  /** What `choose`, `each` and `scan` show. */
  readonly member = new Slice();

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.arena = keyspace.arena;
    this.elements = elementTableOf(keyspace.arena);
  }

  /** Takes the content of a set's record: by default of the key that the keyspace's last lookup found. */
  load(content: SetContent, view: RecordView = this.keyspace.view, shard = this.keyspace.shard): SetContent {
    content.encoding = (view.word0 >>> 4) & 15;
    content.address = view.body;
    content.shard = shard;
    return content;
  }

  /** Puts it back into the record of that key after changes. */
  store(content: SetContent): void {
    const { view } = this.keyspace;
    if (view.body !== content.address) view.body = content.address;
    if (((view.word0 >>> 4) & 15) !== content.encoding) view.setEncoding(content.encoding);
  }

  /** An empty content in `shard`, of the encoding that suits its first member. @throws ArenaFull */
  start(content: SetContent, shard: number, bytes: Uint8Array, off: number, length: number): SetContent {
    if (parseInt64(bytes, off, length, number)) return this.startIntset(content, shard);
    content.address = this.elements.create(shard);
    content.encoding = SET_TABLE;
    content.shard = shard;
    return content;
  }

  startIntset(content: SetContent, shard: number): SetContent {
    content.address = this.arena.alloc(shard, intset.HEADER_BYTES);
    content.encoding = SET_INTSET;
    content.shard = shard;
    intset.writeEmpty(blobBytes(this.arena, content.address), blobOffset(content.address), 2);
    return content;
  }

  /** A content from an intset blob, already checked. @throws ArenaFull */
  startFromIntset(content: SetContent, shard: number, bytes: Uint8Array, off: number): SetContent {
    const size = intset.bytes(bytes, off);
    content.address = this.arena.alloc(shard, size);
    content.encoding = SET_INTSET;
    content.shard = shard;
    blobBytes(this.arena, content.address).set(bytes.subarray(off, off + size), blobOffset(content.address));
    this.convertIfMany(content);
    return content;
  }

  /** The blob of an intset, for files. */
  intset(content: SetContent): { bytes: Buffer; off: number; length: number } {
    const bytes = blobBytes(this.arena, content.address);
    const off = blobOffset(content.address);
    return { bytes, off, length: intset.bytes(bytes, off) };
  }

  /** Makes the key that the last lookup did not find, with this content; on failure the content is gone. @throws ArenaFull */
  createKey(content: SetContent): void {
    const { keyspace } = this;
    try {
      keyspace.create(TYPE_SET, content.encoding, BODY, 0);
    } catch (full) {
      this.dispose(content);
      throw full;
    }
    keyspace.view.body = content.address;
    keyspace.view.aside = 0;
  }

  /** Gives the key of the last `lookupWrite` (which found it, or not) this content, without expiry. @throws ArenaFull (the content is gone) */
  putKey(content: SetContent, found: boolean): void {
    const { keyspace } = this;
    if (!found) return this.createKey(content);
    try {
      keyspace.replace(TYPE_SET, content.encoding, BODY, 0);
    } catch (full) {
      this.dispose(content);
      throw full;
    }
    keyspace.view.body = content.address;
    keyspace.view.aside = 0;
  }

  count(content: SetContent): number {
    const { address } = content;
    if (content.encoding === SET_TABLE) return this.elements.count(address);
    return intset.length(blobBytes(this.arena, address), blobOffset(address));
  }

  has(content: SetContent, bytes: Uint8Array, off: number, length: number): boolean {
    const { address } = content;
    if (content.encoding === SET_TABLE) {
      return this.elements.has(address, this.keyspace.hashing.of(bytes, off, length), bytes, off, length);
    }
    if (!parseInt64(bytes, off, length, number)) return false;
    return intset.find(blobBytes(this.arena, address), blobOffset(address), number.hi, number.lo) >= 0;
  }

  /** Adds a member; false when it was there. The bytes must lie outside this content. @throws ArenaFull (nothing changed, but perhaps the encoding) */
  add(content: SetContent, bytes: Uint8Array, off: number, length: number): boolean {
    if (content.encoding === SET_INTSET) {
      if (parseInt64(bytes, off, length, number)) return this.addInteger(content, number.hi, number.lo);
      this.convert(content);
    }
    return this.addToTable(content.address, content.shard, bytes, off, length);
  }

  private addToTable(root: number, shard: number, bytes: Uint8Array, off: number, length: number): boolean {
    const { elements } = this;
    const hash = this.keyspace.hashing.of(bytes, off, length);
    if (elements.has(root, hash, bytes, off, length)) return false;
    elements.insert(root, shard, hash, 0, bytes, off, length, 0);
    return true;
  }

  private addInteger(content: SetContent, hi: number, lo: number): boolean {
    const { arena } = this;
    const { address, shard } = content;
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    const found = intset.find(u8, blob, hi, lo);
    if (found >= 0) return false;
    const to = roomFor(arena, shard, address, intset.bytesAfterAdd(u8, blob, hi, lo));
    intset.add(u8, blob, found, hi, lo, blobBytes(arena, to), blobOffset(to));
    content.address = moved(arena, address, to);
    this.convertIfMany(content);
    return true;
  }

  /** Removes a member; false when it was not there. */
  remove(content: SetContent, bytes: Uint8Array, off: number, length: number): boolean {
    const { address, shard } = content;
    if (content.encoding === SET_TABLE) {
      const hash = this.keyspace.hashing.of(bytes, off, length);
      if (!this.elements.find(address, hash, bytes, off, length)) return false;
      this.elements.remove(address, shard, hash);
      return true;
    }
    if (!parseInt64(bytes, off, length, number)) return false;
    const found = intset.find(blobBytes(this.arena, address), blobOffset(address), number.hi, number.lo);
    if (found < 0) return false;
    this.removeAt(content, found);
    return true;
  }

  private removeAt(content: SetContent, index: number): void {
    const { address } = content;
    const u8 = blobBytes(this.arena, address);
    const blob = blobOffset(address);
    intset.remove(u8, blob, index, u8, blob);
    content.address = trim(this.arena, content.shard, address, intset.bytes(u8, blob));
  }

  /** Shows a member chosen at random; the set must not be empty. Answers its index in an intset. */
  choose(content: SetContent, random: () => number): number {
    const { address } = content;
    if (content.encoding === SET_TABLE) {
      const { elements } = this;
      elements.choose(address, random);
      this.member.set(elements.view.u8, elements.view.keyOffset, elements.view.keyLength);
      return -1;
    }
    const index = below(this.count(content), random);
    this.showInteger(blobBytes(this.arena, address), blobOffset(address), index);
    return index;
  }

  /** Removes what `choose`, just called, answered; `member` must have been used before. */
  removeChosen(content: SetContent, index: number): void {
    if (index >= 0) return this.removeAt(content, index);
    const { keyOffset, keyLength, u8 } = this.elements.view;
    this.elements.remove(content.address, content.shard, this.keyspace.hashing.of(u8, keyOffset, keyLength));
  }

  /** Shows every member. `visit` may look into other sets, but change nothing. */
  each(content: SetContent, visit: (member: Slice) => void): void {
    const { member } = this;
    const { address } = content;
    if (content.encoding === SET_TABLE) {
      this.elements.table.forEach(address, (element) => {
        this.showElement(element);
        visit(member);
      });
      return;
    }
    const u8 = blobBytes(this.arena, address);
    const blob = blobOffset(address);
    const count = intset.length(u8, blob);
    for (let i = 0; i < count; i++) {
      this.showInteger(u8, blob, i);
      visit(member);
    }
  }

  /** As `each` for about `count` members from `cursor` of a table, or for all of an intset. The next cursor, 0 at the end. */
  scan(content: SetContent, cursor: number, count: number, visit: (member: Slice) => void): number {
    if (content.encoding === SET_INTSET) {
      this.each(content, visit);
      return 0;
    }
    const { member, elements } = this;
    return elements.table.scan(content.address, cursor, count, (element) => {
      this.showElement(element);
      visit(member);
    });
  }

  private showElement(address: number): void {
    const { u8, keyOffset, keyLength } = this.elements.view.at(address);
    this.member.set(u8, keyOffset, keyLength);
  }

  private showInteger(u8: Uint8Array, blob: number, index: number): void {
    intset.get(u8, blob, index, number);
    this.member.setInteger(number.hi, number.lo);
  }

  /** After a change that is done: without memory for a table it stays an intset until the next one. */
  private convertIfMany(content: SetContent): void {
    if (this.count(content) <= Math.min(setLimits.maxIntsetEntries, INTSET_ENTRIES_MAX)) return;
    try {
      this.convert(content);
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full;
    }
  }

  /** Intset to table. @throws ArenaFull (nothing changed) */
  convert(content: SetContent): void {
    const { shard } = content;
    const root = this.elements.create(shard);
    try {
      this.each(content, (member) => {
        this.addToTable(root, shard, member.bytes, member.off, member.length);
      });
    } catch (full) {
      this.elements.dispose(root);
      throw full;
    }
    this.arena.free(content.address);
    content.address = root;
    content.encoding = SET_TABLE;
  }

  /** Frees a content that no key has. */
  dispose(content: SetContent): void {
    if (content.encoding === SET_TABLE) this.elements.dispose(content.address);
    else this.arena.free(content.address);
    content.address = 0;
  }
}

export const setKind: ValueKind = {
  type: TYPE_SET,
  name: 'set',
  tableEncoding: SET_TABLE,
  dispose(view) {
    if (view.encoding === SET_TABLE) elementTableOf(view.arena).dispose(view.body);
    else view.arena.free(view.body);
  },
  encodingName: (view) => (view.encoding === SET_TABLE ? 'hashtable' : 'intset'),
  copy(view, shard, out) {
    const { arena, body } = view;
    out[0] =
      view.encoding === SET_TABLE
        ? elementTableOf(arena).copy(body, shard)
        : copyBlob(arena, shard, body, intset.bytes(blobBytes(arena, body), blobOffset(body)));
    out[1] = 0;
  },
  elements(view) {
    if (view.encoding === SET_TABLE) return elementTableOf(view.arena).count(view.body);
    return intset.length(blobBytes(view.arena, view.body), blobOffset(view.body));
  },
  bytes: (view) => (view.encoding === SET_TABLE ? elementTableOf(view.arena).bytes(view.body) : view.arena.capacity(view.body)),
  large: largeTable(SET_TABLE, (element, out) => out.string(element.u8, element.keyOffset, element.keyLength)),
};
