/**
 * The content of a hash: fields and values.
 *
 *   encoding 0  listpack    one blob: field, value, field, value …           (BODY = its address)
 *   encoding 1  hashtable   an element table                                 (BODY = its root, aside = top of the tree of times)
 *   encoding 2  listpackex  one blob: field, value, time, field …            (BODY = its address, aside = a second before which none is over)
 *
 * A listpack becomes a table, never back, when it has more fields than `maxListpackEntries` or is handed a field or
 * value longer than `maxListpackValue`.
 *
 * A field may have a time (ms since 1970) at which it is over. In a listpack that is a third entry, 0 for none: 2 to 10 bytes.
 * In a table it lies in the field's record (8 bytes; infinite: none any more), and a score tree (score-tree.ts) orders the records by
 * it (4.6 to 6.7 bytes): where a record has its score, these have their time. A field that is over is not shown; `purge` deletes it.
 *
 * One `Hashes` per keyspace holds one content at a time (`encoding`, `address`, `shard`), taken from a key's record by
 * `load` or made by `start`; `store` puts it back after changes. The room of persistence uses it the same way.
 */
import {
  BODY,
  Deferred,
  EXT,
  ElementTable,
  RecordView as View,
  ScoreTree,
  TTL,
  copyBytes,
  elementTableOf,
  int64ToNumber,
  listpack,
  listpackEdit,
  scoreTreeOf,
  TYPE_HASH,
} from '@larder/store-datatypes';
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace, ValueKind } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { ArenaFull } from '@larder/store-memory';
import { blobBytes, blobOffset, copyBlob, moved, roomFor, trim } from '../element/blob';
import { below } from '../element/choice';
import { largeTable } from '../element/large-table';
import { Slice } from '../element/slice';

export const HASH_LISTPACK = 0;
export const HASH_TABLE = 1;
export const HASH_LISTPACK_TIMED = 2;
/** The time of a field that stays. */
export const NO_TIME = -1;

/** Where a hash stops being a listpack; CONFIG sets these. */
export const hashLimits = { maxListpackEntries: 512, maxListpackValue: 64 };

/** Redis lets no listpack grow beyond this. */
const LISTPACK_BYTES_MAX = 1 << 30;

const fieldElement = new listpackEdit.Element();
const valueElement = new listpackEdit.Element();
const timeElement = new listpackEdit.Element();
const timeEntry = new listpack.Entry();

const perKeyspace = new WeakMap<Keyspace, Hashes>();
let latest: Hashes | undefined;

export function hashesOf(keyspace: Keyspace): Hashes {
  if (latest !== undefined && latest.keyspace === keyspace) return latest;
  let found = perKeyspace.get(keyspace);
  if (found === undefined) perKeyspace.set(keyspace, (found = new Hashes(keyspace)));
  latest = found;
  return found;
}

export class Hashes {
  readonly keyspace: Keyspace;
  readonly arena: Arena;
  readonly elements: ElementTable;
  private readonly times: ScoreTree;
  private readonly oldest: View;
  encoding = HASH_LISTPACK;
  address = 0;
  aside = 0;
  shard = 0;
  /** What `find`, `choose`, `each` and `scan` show. */
  readonly field = new Slice();
  readonly value = new Slice();
  /** When the field found or shown is over. */
  expireAt = NO_TIME;
  /** Position of the value that `find` found in a listpack. */
  private valueAt = 0;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.arena = keyspace.arena;
    this.elements = elementTableOf(keyspace.arena);
    this.times = scoreTreeOf(keyspace.arena);
    this.oldest = new View(keyspace.arena);
  }

  /** Takes the content of a hash's record: by default of the key that the keyspace's last lookup found. */
  load(view: RecordView = this.keyspace.view, shard = this.keyspace.shard): this {
    this.encoding = (view.word0 >>> 4) & 15;
    this.address = view.body;
    this.aside = view.aside;
    this.shard = shard;
    return this;
  }

  /** Puts it back after changes. */
  store(): void {
    const { view } = this.keyspace;
    if (view.body !== this.address) view.body = this.address;
    if (view.aside !== this.aside) view.aside = this.aside;
    if (((view.word0 >>> 4) & 15) !== this.encoding) view.setEncoding(this.encoding);
  }

  /** An empty content in `shard`. @throws ArenaFull */
  start(shard: number): this {
    this.address = this.arena.alloc(shard, listpack.EMPTY_BYTES);
    this.encoding = HASH_LISTPACK;
    this.aside = 0;
    this.shard = shard;
    listpackEdit.writeEmpty(blobBytes(this.arena, this.address), blobOffset(this.address));
    return this;
  }

  /** A content from a listpack of distinct fields and their values (and times, if `isTimed`), already checked. @throws ArenaFull */
  startFromListpack(shard: number, bytes: Uint8Array, off: number, isTimed = false): this {
    const size = listpack.bytes(bytes, off);
    this.address = this.arena.alloc(shard, size);
    this.encoding = isTimed ? HASH_LISTPACK_TIMED : HASH_LISTPACK;
    this.aside = 0;
    this.shard = shard;
    blobBytes(this.arena, this.address).set(bytes.subarray(off, off + size), blobOffset(this.address));
    if (isTimed) {
      this.renewSecond();
      this.keyspace.noteFieldTime();
    }
    this.convertIfMany();
    return this;
  }

  /** The blob of a listpack, for files. */
  listpack(): { bytes: Buffer; off: number; length: number } {
    const bytes = blobBytes(this.arena, this.address);
    const off = blobOffset(this.address);
    return { bytes, off, length: listpack.bytes(bytes, off) };
  }

  /** Makes the key that the last lookup did not find, with this content; on failure the content is gone. @throws ArenaFull */
  createKey(): void {
    const { keyspace } = this;
    try {
      keyspace.create(TYPE_HASH, this.encoding, BODY, 0);
    } catch (full) {
      this.dispose();
      throw full;
    }
    keyspace.view.body = this.address;
    keyspace.view.aside = this.aside;
  }

  /** Fields, those that are over included. */
  size(): number {
    const { address } = this;
    if (this.encoding === HASH_TABLE) return this.elements.count(address);
    const entries = listpack.count(blobBytes(this.arena, address), blobOffset(address));
    return this.encoding === HASH_LISTPACK ? entries >> 1 : entries / 3;
  }

  /** Fields that are not over. */
  count(): number {
    if (this.aside === 0 || !this.hasOver()) return this.size();
    if (this.encoding === HASH_TABLE) return this.size() - this.times.rankOfScore(this.aside, this.keyspace.now, false);
    let alive = 0;
    this.each(() => alive++);
    return alive;
  }

  /** Shows the value of a field in `value`; false when there is no such field. */
  find(bytes: Uint8Array, off: number, length: number): boolean {
    const { address } = this;
    this.expireAt = NO_TIME;
    if (this.encoding === HASH_TABLE) {
      const { elements } = this;
      if (!elements.find(address, this.keyspace.hashing.of(bytes, off, length), bytes, off, length)) return false;
      const { view } = elements;
      if ((view.word1 & TTL) !== 0 && this.isOver(view.expireAt)) return false;
      this.value.set(view.u8, view.valueOffset, view.valueLength);
      return true;
    }
    const u8 = blobBytes(this.arena, address);
    const p = this.findEntry(u8, bytes, off, length);
    if (p < 0) return false;
    this.valueAt = listpack.after(u8, p);
    if (this.encoding === HASH_LISTPACK_TIMED && this.isOver(timeAt(u8, listpack.after(u8, this.valueAt)))) return false;
    this.value.setEntry(u8, this.valueAt);
    return true;
  }

  private findEntry(u8: Buffer, bytes: Uint8Array, off: number, length: number): number {
    return listpack.find(u8, listpack.first(u8, blobOffset(this.address)), bytes, off, length, this.encoding === HASH_LISTPACK ? 1 : 2);
  }

  /** Notes the time of the field at hand; true when that is over. */
  private isOver(time: number): boolean {
    this.expireAt = time === Infinity ? NO_TIME : time;
    return this.expireAt !== NO_TIME && time < this.keyspace.now && this.keyspace.expires;
  }

  /** Converts at once when one of these arguments' bytes could not stay in a listpack. @throws ArenaFull (nothing changed) */
  prepareFor(lengths: Int32Array, from: number, to: number): void {
    if (this.encoding === HASH_TABLE) return;
    const max = hashLimits.maxListpackValue;
    let sum = 0;
    for (let i = from; i < to; i++) {
      if (lengths[i]! > max) return this.convert();
      sum += lengths[i]!;
    }
    if (sum > LISTPACK_BYTES_MAX >> 1 && sum + listpack.bytes(blobBytes(this.arena, this.address), blobOffset(this.address)) > LISTPACK_BYTES_MAX) this.convert();
  }

  /**
   * Sets a field, which loses its time; true when it is new. The bytes must lie outside this content. @throws ArenaFull (nothing changed, but perhaps the encoding)
   */
  set(bytes: Uint8Array, off: number, length: number, valueBytes: Uint8Array, valueOff: number, valueLength: number): boolean {
    if (this.encoding !== HASH_TABLE) {
      const max = hashLimits.maxListpackValue;
      if (length > max || valueLength > max) this.convert();
      else return this.setInListpack(bytes, off, length, valueBytes, valueOff, valueLength);
    }
    return this.setInTable(this.address, bytes, off, length, valueBytes, valueOff, valueLength);
  }

  /** Gives the field that `find` just found another value; its time stays. The bytes must lie outside this content. @throws ArenaFull (nothing changed) */
  setFound(bytes: Uint8Array, off: number, length: number, valueBytes: Uint8Array, valueOff: number, valueLength: number): void {
    if (this.encoding !== HASH_TABLE && (valueLength > hashLimits.maxListpackValue || length > hashLimits.maxListpackValue)) {
      this.convert();
      this.find(bytes, off, length);
    }
    if (this.encoding === HASH_TABLE) {
      this.resize(this.expireAt !== NO_TIME, this.address, valueLength);
      this.fillValue(valueBytes, valueOff, valueLength);
    } else {
      listpackEdit.prepareBytes(valueElement, valueBytes, valueOff, valueLength);
      this.replaceValue(this.valueAt);
      this.convertIfMany();
    }
  }

  private setInTable(
    root: number,
    bytes: Uint8Array,
    off: number,
    length: number,
    valueBytes: Uint8Array,
    valueOff: number,
    valueLength: number,
  ): boolean {
    const { elements, shard } = this;
    const hash = this.keyspace.hashing.of(bytes, off, length);
    if (!elements.find(root, hash, bytes, off, length)) {
      elements.insert(root, shard, hash, 0, bytes, off, length, valueLength);
      this.fillValue(valueBytes, valueOff, valueLength);
      return true;
    }
    const { view } = elements;
    const isTimed = (view.word1 & TTL) !== 0 && view.expireAt !== Infinity;
    const wasOver = isTimed && this.isOver(view.expireAt);
    this.resize(isTimed, root, valueLength);
    if (isTimed) this.timeInTable(NO_TIME);
    this.fillValue(valueBytes, valueOff, valueLength);
    return wasOver;
  }

  /** Makes room for a value in the element just found; where it goes on, its time does. @throws ArenaFull (nothing changed) */
  private resize(isTimed: boolean, root: number, valueLength: number): void {
    const { elements, shard } = this;
    if (!isTimed) return elements.resize(root, shard, valueLength);
    elements.onMove = (from, to) => this.times.relocate(this.aside, from, to);
    try {
      elements.resize(root, shard, valueLength);
    } finally {
      elements.onMove = null;
    }
  }

  private fillValue(valueBytes: Uint8Array, valueOff: number, valueLength: number): void {
    const { u8, valueOffset } = this.elements.view;
    copyBytes(valueBytes, valueOff, u8, valueOffset, valueLength);
  }

  /** Puts the prepared `valueElement`, or another, in the place of the entry at `at`. */
  private replaceValue(at: number, element = valueElement): void {
    const { arena, address } = this;
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    const to = roomFor(arena, this.shard, address, listpackEdit.bytesAfterReplace(u8, blob, at, element));
    listpackEdit.replace(u8, blob, at, element, blobBytes(arena, to), blobOffset(to));
    this.address = moved(arena, address, to);
  }

  private setInListpack(
    bytes: Uint8Array,
    off: number,
    length: number,
    valueBytes: Uint8Array,
    valueOff: number,
    valueLength: number,
  ): boolean {
    const { arena, address } = this;
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    listpackEdit.prepareBytes(valueElement, valueBytes, valueOff, valueLength);
    const p = this.findEntry(u8, bytes, off, length);
    const isTimed = this.encoding === HASH_LISTPACK_TIMED;
    let isNew = p < 0;
    if (!isNew) {
      const at = listpack.after(u8, p);
      this.replaceValue(at);
      if (isTimed) isNew = this.dropTimeBehind(at - blob);
    } else {
      listpackEdit.prepareBytes(fieldElement, bytes, off, length);
      listpackEdit.prepareInteger(timeElement, 0);
      const end = listpack.end(u8, blob);
      const gap = fieldElement.size + valueElement.size + (isTimed ? timeElement.size : 0);
      const to = roomFor(arena, this.shard, address, listpack.bytes(u8, blob) + gap);
      const dst = blobBytes(arena, to);
      const at = listpackEdit.openGap(u8, blob, end, end, 0, gap, isTimed ? 3 : 2, dst, blobOffset(to));
      const timeAt = listpackEdit.write(dst, listpackEdit.write(dst, at, fieldElement), valueElement);
      if (isTimed) listpackEdit.write(dst, timeAt, timeElement);
      this.address = moved(arena, address, to);
    }
    this.convertIfMany();
    return isNew;
  }

  /** Takes the time of the field whose value is at `value`, counted from the blob's start; true when it was over. */
  private dropTimeBehind(value: number): boolean {
    const u8 = blobBytes(this.arena, this.address);
    const at = listpack.after(u8, blobOffset(this.address) + value);
    const wasOver = this.isOver(timeAt(u8, at));
    listpackEdit.prepareInteger(timeElement, 0);
    if (this.expireAt !== NO_TIME) this.replaceValue(at, timeElement);
    return wasOver;
  }

  // ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Gives the field that `find` just found a time, or none. @throws ArenaFull (nothing changed, but perhaps the encoding) */
  setTime(bytes: Uint8Array, off: number, length: number, time: number): void {
    if (this.expireAt === NO_TIME && time === NO_TIME) return;
    if (this.encoding === HASH_LISTPACK) {
      this.addTimes();
      this.find(bytes, off, length);
    }
    if (this.encoding === HASH_TABLE) return this.timeInTable(time);
    listpackEdit.prepareInteger(timeElement, time === NO_TIME ? 0 : time);
    this.replaceValue(listpack.after(blobBytes(this.arena, this.address), this.valueAt), timeElement);
    if (time === NO_TIME) return;
    const second = Math.max(1, Math.min(Math.floor(time / 1000), 0x7fffffff));
    if (this.aside === 0 || second < this.aside) this.aside = second;
    this.keyspace.noteFieldTime();
  }

  /** Gives a field that is there a time, even if that is over. @throws ArenaFull */
  setTimeOf(bytes: Uint8Array, off: number, length: number, time: number): void {
    const { keyspace } = this;
    const { expires } = keyspace;
    keyspace.expires = false;
    try {
      if (this.find(bytes, off, length)) this.setTime(bytes, off, length, time);
    } finally {
      keyspace.expires = expires;
    }
  }

  /** As `setTime`, of the element under the table's view. */
  private timeInTable(time: number): void {
    const { elements, address, shard } = this;
    const { view } = elements;
    if ((view.word1 & TTL) === 0) {
      elements.addTime(address, shard);
      view.expireAt = Infinity;
    } else elements.beforeChange(address, shard);
    if (view.expireAt === Infinity) {
      if (time !== NO_TIME) this.file(time);
    } else if (time === NO_TIME) {
      this.unfile();
      view.expireAt = Infinity;
    } else {
      const index = (view.base >> 3) + ((view.word1 & EXT) === 0 ? 1 : 2);
      try {
        this.aside = this.times.rescore(this.aside, shard, view.address, index, time);
      } catch (full) {
        this.aside = this.times.restoredTop;
        throw full;
      }
    }
  }

  private file(time: number): void {
    const { view } = this.elements;
    view.expireAt = time;
    try {
      this.aside = this.times.insert(this.aside, this.shard, view.address);
      this.keyspace.noteFieldTime();
    } catch (full) {
      view.expireAt = Infinity; // what is in no tree has no time
      throw full;
    }
  }

  private unfile(): void {
    this.aside = this.times.remove(this.aside, this.elements.view.address);
  }

  /** From listpack to listpack with times. @throws ArenaFull (nothing changed) */
  private addTimes(): void {
    const { arena, address, shard } = this;
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    listpackEdit.prepareInteger(timeElement, 0);
    const fields = this.size();
    const size = listpack.bytes(u8, blob) + fields * timeElement.size;
    const to = arena.alloc(shard, size);
    const dst = blobBytes(arena, to);
    let at = blobOffset(to) + listpack.HEADER_BYTES;
    for (let p = listpack.first(u8, blob); p >= 0; ) {
      const end = listpackEdit.rangeEnd(u8, p, 2);
      copyBytes(u8, p, dst, at, end - p);
      at = listpackEdit.write(dst, at + end - p, timeElement);
      p = u8[end] === listpack.END ? -1 : end;
    }
    dst[at] = listpack.END;
    listpackEdit.writeHeader(dst, blobOffset(to), size, fields * 3);
    this.address = moved(arena, address, to);
    this.encoding = HASH_LISTPACK_TIMED;
    this.aside = 0;
  }

  /** The least time of all fields, or NO_TIME. */
  leastTime(): number {
    if (this.encoding === HASH_LISTPACK || this.aside === 0) return NO_TIME;
    if (this.encoding === HASH_TABLE) return this.oldest.at(this.times.seek(this.aside, 0)).expireAt;
    let least = Infinity;
    this.eachEntry((u8, _field, _value, time) => {
      const t = timeAt(u8, time);
      if (t !== NO_TIME && t < least) least = t;
    });
    return least === Infinity ? NO_TIME : least;
  }

  private renewSecond(): void {
    const least = this.leastTimeOfListpack();
    this.aside = least === NO_TIME ? 0 : Math.max(1, Math.min(Math.floor(least / 1000), 0x7fffffff));
  }

  private leastTimeOfListpack(): number {
    this.aside = 1;
    return this.leastTime();
  }

  /** Is some field over? Of a listpack: perhaps. */
  hasOver(): boolean {
    const { keyspace, aside } = this;
    if (aside === 0 || !keyspace.expires || keyspace.hides) return false;
    return this.encoding === HASH_TABLE ? this.oldest.at(this.times.seek(aside, 0)).expireAt < keyspace.now : aside * 1000 < keyspace.now;
  }

  /** Deletes at most `max` fields that are over, and shows them. The keyspace's choke point came first. Answers how many. */
  purge(max: number, visit: (field: Buffer) => void): number {
    let purged = 0;
    if (this.encoding === HASH_TABLE) {
      for (; purged < max && this.hasOver(); purged++) {
        const field = Buffer.from(this.oldest.u8.subarray(this.oldest.keyOffset, this.oldest.keyOffset + this.oldest.keyLength));
        this.deleteFromTable(field, 0, field.length);
        visit(field);
      }
      return purged;
    }
    const over: Buffer[] = [];
    this.eachEntry((u8, field, _value, time) => {
      if (!this.isOver(timeAt(u8, time))) return;
      this.field.setEntry(u8, field);
      over.push(this.field.copy());
    });
    for (const field of over) {
      this.delete(field, 0, field.length);
      visit(field);
    }
    this.renewSecond();
    return over.length;
  }

  private deleteFromTable(bytes: Uint8Array, off: number, length: number): boolean {
    const { elements, address, shard } = this;
    const hash = this.keyspace.hashing.of(bytes, off, length);
    if (!elements.find(address, hash, bytes, off, length)) return false;
    const { view } = elements;
    let wasOver = false;
    if ((view.word1 & TTL) !== 0) {
      wasOver = this.isOver(view.expireAt);
      if (this.expireAt !== NO_TIME) this.unfile();
    }
    elements.remove(address, shard, hash);
    return !wasOver;
  }

  /** Deletes a field; false when there is none. */
  delete(bytes: Uint8Array, off: number, length: number): boolean {
    if (this.encoding === HASH_TABLE) return this.deleteFromTable(bytes, off, length);
    const { arena, address, shard } = this;
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    const p = this.findEntry(u8, bytes, off, length);
    if (p < 0) return false;
    const isTimed = this.encoding === HASH_LISTPACK_TIMED;
    const wasOver = isTimed && this.isOver(timeAt(u8, listpackEdit.rangeEnd(u8, p, 2)));
    const entries = isTimed ? 3 : 2;
    listpackEdit.removeRange(u8, blob, p, listpackEdit.rangeEnd(u8, p, entries), entries, u8, blob);
    this.address = trim(arena, shard, address, listpack.bytes(u8, blob));
    return !wasOver;
  }

  /** Shows every field and value that is not over. `visit` must change nothing. */
  each(visit: (field: Slice, value: Slice) => void): void {
    const { address, field, value } = this;
    if (this.encoding === HASH_TABLE) {
      this.elements.forEach(address, (view) => {
        if (this.showElement(view)) visit(field, value);
      });
      return;
    }
    this.eachEntry((u8, f, v, time) => {
      if (time >= 0 && this.isOver(timeAt(u8, time))) return;
      field.setEntry(u8, f);
      value.setEntry(u8, v);
      visit(field, value);
    });
  }

  /** Positions of each field of a listpack, its value and its time (−1 in one without). */
  private eachEntry(visit: (u8: Buffer, field: number, value: number, time: number) => void): void {
    const u8 = blobBytes(this.arena, this.address);
    const isTimed = this.encoding === HASH_LISTPACK_TIMED;
    for (let p = listpack.first(u8, blobOffset(this.address)); p >= 0; ) {
      const v = listpack.after(u8, p);
      const t = isTimed ? listpack.after(u8, v) : -1;
      visit(u8, p, v, t);
      p = listpack.next(u8, isTimed ? t : v);
    }
  }

  /** As `each` for about `count` fields from `cursor` of a table, or for all of a listpack. The next cursor, 0 at the end. */
  scan(cursor: number, count: number, visit: (field: Slice, value: Slice) => void): number {
    if (this.encoding !== HASH_TABLE) {
      this.each(visit);
      return 0;
    }
    const { elements, field, value } = this;
    return elements.table.scan(this.address, cursor, count, (address) => {
      if (this.showElement(elements.view.at(address))) visit(field, value);
    });
  }

  /** Shows a field chosen at random; there must be one that is not over. */
  choose(random: () => number): void {
    for (let tries = 0; tries < CHOICES_MAX; tries++) if (this.tryChoose(random)) return;
    // Nearly all are over: then the one at a random place among those that are not.
    let left = below(this.count(), random);
    const { field, value } = this;
    let chosen: readonly [Buffer, Buffer] | undefined;
    this.each(() => {
      if (left-- === 0) chosen = [field.copy(), value.copy()];
    });
    field.set(chosen![0], 0, chosen![0].length);
    value.set(chosen![1], 0, chosen![1].length);
  }

  private tryChoose(random: () => number): boolean {
    if (this.encoding === HASH_TABLE) {
      this.elements.choose(this.address, random);
      return this.showElement(this.elements.view);
    }
    const u8 = blobBytes(this.arena, this.address);
    const entries = this.encoding === HASH_LISTPACK ? 2 : 3;
    const p = listpack.seek(u8, blobOffset(this.address), entries * below(this.size(), random));
    const v = listpack.after(u8, p);
    if (entries === 3 && this.isOver(timeAt(u8, listpack.after(u8, v)))) return false;
    this.field.setEntry(u8, p);
    this.value.setEntry(u8, v);
    return true;
  }

  /** False when the field is over. */
  private showElement(view: RecordView): boolean {
    this.expireAt = NO_TIME;
    if ((view.word1 & TTL) !== 0 && this.isOver(view.expireAt)) return false;
    this.field.set(view.u8, view.keyOffset, view.keyLength);
    this.value.set(view.u8, view.valueOffset, view.valueLength);
    return true;
  }

  /** After a change that is done: without memory for a table it stays a listpack until the next one. */
  private convertIfMany(): void {
    if (this.size() <= hashLimits.maxListpackEntries) return;
    try {
      this.convert();
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full;
    }
  }

  /** Listpack to table. @throws ArenaFull (nothing changed) */
  convert(): void {
    const { elements, field, value, shard } = this;
    const root = elements.create(shard);
    let top = 0;
    try {
      this.eachEntry((u8, f, v, t) => {
        field.setEntry(u8, f);
        value.setEntry(u8, v);
        this.setInTable(root, field.bytes, field.off, field.length, value.bytes, value.off, value.length);
        const time = t < 0 ? NO_TIME : timeAt(u8, t);
        if (time === NO_TIME) return;
        elements.find(root, this.keyspace.hashing.of(field.bytes, field.off, field.length), field.bytes, field.off, field.length);
        elements.addTime(root, shard);
        elements.view.expireAt = time;
        top = this.times.insert(top, shard, elements.view.address);
      });
    } catch (full) {
      this.times.dispose(top);
      elements.dispose(root);
      throw full;
    }
    this.arena.free(this.address);
    this.address = root;
    this.aside = top;
    this.encoding = HASH_TABLE;
  }

  /** Frees a content that no key has. */
  dispose(): void {
    if (this.encoding === HASH_TABLE) {
      this.times.dispose(this.aside);
      this.elements.dispose(this.address);
    } else this.arena.free(this.address);
  }
}

const CHOICES_MAX = 64;

/** The time at position `p` of a listpack. */
function timeAt(u8: Uint8Array, p: number): number {
  listpack.read(u8, p, timeEntry);
  const time = int64ToNumber(timeEntry.hi, timeEntry.lo);
  return time === 0 ? NO_TIME : time;
}

/** RDB's types of hashes whose fields have times. */
export const RDB_HASH_TIMED = 24;
export const RDB_HASH_LISTPACK_TIMED = 25;
/** Times in RDB are distances from the least of them, plus one. A large hash may get a lesser one while it is saved: it counts from 0. */
const TIMES_FROM_0 = Buffer.alloc(8);

const inTable = largeTable(
  HASH_TABLE,
  (element, out, rdbType) => {
    if (rdbType === RDB_HASH_TIMED) out.length((element.word1 & TTL) === 0 || element.expireAt === Infinity ? 0 : element.expireAt + 1);
    out.string(element.u8, element.keyOffset, element.keyLength);
    out.string(element.u8, element.valueOffset, element.valueLength);
  },
  (arena, top) => scoreTreeOf(arena).disposeSome(top, 64),
);

export const hashKind: ValueKind = {
  type: TYPE_HASH,
  name: 'hash',
  tableEncoding: HASH_TABLE,
  dispose(view) {
    const { arena, body, aside } = view;
    if (view.encoding !== HASH_TABLE) return arena.free(body);
    const elements = elementTableOf(arena);
    const holder = elements.deferredOf(body);
    if (holder === 0) scoreTreeOf(arena).dispose(aside);
    else new Deferred(arena).at(holder).aside = aside;
    elements.dispose(body);
  },
  encodingName: (view) => (view.encoding === HASH_TABLE ? 'hashtable' : view.encoding === HASH_LISTPACK ? 'listpack' : 'listpackex'),
  copy(view, shard, out) {
    const { arena, body, aside } = view;
    if (view.encoding !== HASH_TABLE) {
      out[0] = copyBlob(arena, shard, body, listpack.bytes(blobBytes(arena, body), blobOffset(body)));
      out[1] = aside;
      return;
    }
    const elements = elementTableOf(arena);
    const times = scoreTreeOf(arena);
    const root = elements.copy(body, shard);
    let top = 0;
    try {
      if (aside !== 0) {
        elements.forEach(root, (element) => {
          if ((element.word1 & TTL) !== 0 && element.expireAt !== Infinity) top = times.insert(top, shard, element.address);
        });
      }
    } catch (full) {
      times.dispose(top);
      elements.dispose(root);
      throw full;
    }
    out[0] = root;
    out[1] = top;
  },
  elements(view) {
    if (view.encoding === HASH_TABLE) return elementTableOf(view.arena).count(view.body);
    const entries = listpack.count(blobBytes(view.arena, view.body), blobOffset(view.body));
    return view.encoding === HASH_LISTPACK ? entries >> 1 : entries / 3;
  },
  bytes(view) {
    if (view.encoding !== HASH_TABLE) return view.arena.capacity(view.body);
    return elementTableOf(view.arena).bytes(view.body) + scoreTreeOf(view.arena).bytes(view.aside);
  },
  large: {
    ...inTable,
    begin(deferred, out) {
      if (deferred.rdbType === RDB_HASH_TIMED) out.raw(TIMES_FROM_0, 0, 8);
      inTable.begin(deferred, out);
    },
  },
};
