/**
 * The content of a hash: fields and values.
 *
 *   encoding 0  listpack   one blob: field, value, field, value …   (BODY = its address)
 *   encoding 1  hashtable  an element table                         (BODY = its root)
 *
 * A listpack becomes a table, never back, when it has more fields than `maxListpackEntries` or is handed a field or
 * value longer than `maxListpackValue`.
 *
 * One `Hashes` per keyspace holds one content at a time (`encoding`, `address`, `shard`), taken from a key's record by
 * `load` or made by `start`; `store` puts it back after changes. The room of persistence uses it the same way.
 */
import {
  BODY,
  ElementTable,
  copyBytes,
  elementTableOf,
  listpack,
  listpackEdit,
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

/** Where a hash stops being a listpack; CONFIG sets these. */
export const hashLimits = { maxListpackEntries: 512, maxListpackValue: 64 };

/** Redis lets no listpack grow beyond this. */
const LISTPACK_BYTES_MAX = 1 << 30;

const fieldElement = new listpackEdit.Element();
const valueElement = new listpackEdit.Element();

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
  encoding = HASH_LISTPACK;
  address = 0;
  shard = 0;
  /** What `find`, `choose`, `each` and `scan` show. */
  readonly field = new Slice();
  readonly value = new Slice();
  /** Position of the value that `find` found in a listpack. */
  private valueAt = 0;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.arena = keyspace.arena;
    this.elements = elementTableOf(keyspace.arena);
  }

  /** Takes the content of a hash's record: by default of the key that the keyspace's last lookup found. */
  load(view: RecordView = this.keyspace.view, shard = this.keyspace.shard): this {
    this.encoding = (view.word0 >>> 4) & 15;
    this.address = view.body;
    this.shard = shard;
    return this;
  }

  /** Puts it back after changes. */
  store(): void {
    const { view } = this.keyspace;
    if (view.body !== this.address) view.body = this.address;
    if (((view.word0 >>> 4) & 15) !== this.encoding) view.setEncoding(this.encoding);
  }

  /** An empty content in `shard`. @throws ArenaFull */
  start(shard: number): this {
    this.address = this.arena.alloc(shard, listpack.EMPTY_BYTES);
    this.encoding = HASH_LISTPACK;
    this.shard = shard;
    listpackEdit.writeEmpty(blobBytes(this.arena, this.address), blobOffset(this.address));
    return this;
  }

  /** A content from a listpack of distinct fields and their values, already checked. @throws ArenaFull */
  startFromListpack(shard: number, bytes: Uint8Array, off: number): this {
    const size = listpack.bytes(bytes, off);
    this.address = this.arena.alloc(shard, size);
    this.encoding = HASH_LISTPACK;
    this.shard = shard;
    blobBytes(this.arena, this.address).set(bytes.subarray(off, off + size), blobOffset(this.address));
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
    keyspace.view.aside = 0;
  }

  count(): number {
    const { address } = this;
    if (this.encoding === HASH_TABLE) return this.elements.count(address);
    return listpack.count(blobBytes(this.arena, address), blobOffset(address)) >> 1;
  }

  /** Shows the value of a field in `value`; false when there is no such field. */
  find(bytes: Uint8Array, off: number, length: number): boolean {
    const { address } = this;
    if (this.encoding === HASH_TABLE) {
      const { elements } = this;
      if (!elements.find(address, this.keyspace.hashing.of(bytes, off, length), bytes, off, length)) return false;
      this.value.set(elements.view.u8, elements.view.valueOffset, elements.view.valueLength);
      return true;
    }
    const u8 = blobBytes(this.arena, address);
    const p = listpack.find(u8, listpack.first(u8, blobOffset(address)), bytes, off, length, 1);
    if (p < 0) return false;
    this.valueAt = listpack.after(u8, p);
    this.value.setEntry(u8, this.valueAt);
    return true;
  }

  /** Converts at once when one of these arguments' bytes could not stay in a listpack. @throws ArenaFull (nothing changed) */
  prepareFor(lengths: Int32Array, from: number, to: number): void {
    if (this.encoding !== HASH_LISTPACK) return;
    const max = hashLimits.maxListpackValue;
    let sum = 0;
    for (let i = from; i < to; i++) {
      if (lengths[i]! > max) return this.convert();
      sum += lengths[i]!;
    }
    if (sum > LISTPACK_BYTES_MAX >> 1 && sum + listpack.bytes(blobBytes(this.arena, this.address), blobOffset(this.address)) > LISTPACK_BYTES_MAX) this.convert();
  }

  /**
   * Sets a field; true when it is new. The bytes must lie outside this content. @throws ArenaFull (nothing changed, but perhaps the encoding)
   */
  set(bytes: Uint8Array, off: number, length: number, valueBytes: Uint8Array, valueOff: number, valueLength: number): boolean {
    if (this.encoding === HASH_LISTPACK) {
      const max = hashLimits.maxListpackValue;
      if (length > max || valueLength > max) this.convert();
      else return this.setInListpack(bytes, off, length, valueBytes, valueOff, valueLength);
    }
    return this.setInTable(this.address, bytes, off, length, valueBytes, valueOff, valueLength);
  }

  /** Gives the field that `find` just found another value; the bytes must lie outside this content. @throws ArenaFull (nothing changed) */
  setFound(bytes: Uint8Array, off: number, length: number, valueBytes: Uint8Array, valueOff: number, valueLength: number): void {
    if (this.encoding === HASH_TABLE) {
      this.elements.resize(this.address, this.shard, valueLength);
      this.fillValue(valueBytes, valueOff, valueLength);
    } else if (valueLength > hashLimits.maxListpackValue || length > hashLimits.maxListpackValue) {
      this.set(bytes, off, length, valueBytes, valueOff, valueLength);
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
    const isNew = !elements.find(root, hash, bytes, off, length);
    if (isNew) elements.insert(root, shard, hash, 0, bytes, off, length, valueLength);
    else elements.resize(root, shard, valueLength);
    this.fillValue(valueBytes, valueOff, valueLength);
    return isNew;
  }

  private fillValue(valueBytes: Uint8Array, valueOff: number, valueLength: number): void {
    const { u8, valueOffset } = this.elements.view;
    copyBytes(valueBytes, valueOff, u8, valueOffset, valueLength);
  }

  /** Puts the prepared `valueElement` in the place of the entry at `at`. */
  private replaceValue(at: number): void {
    const { arena, address } = this;
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    const to = roomFor(arena, this.shard, address, listpackEdit.bytesAfterReplace(u8, blob, at, valueElement));
    listpackEdit.replace(u8, blob, at, valueElement, blobBytes(arena, to), blobOffset(to));
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
    const p = listpack.find(u8, listpack.first(u8, blob), bytes, off, length, 1);
    if (p >= 0) {
      this.replaceValue(listpack.after(u8, p));
    } else {
      listpackEdit.prepareBytes(fieldElement, bytes, off, length);
      const end = listpack.end(u8, blob);
      const gap = fieldElement.size + valueElement.size;
      const to = roomFor(arena, this.shard, address, listpack.bytes(u8, blob) + gap);
      const dst = blobBytes(arena, to);
      const at = listpackEdit.openGap(u8, blob, end, end, 0, gap, 2, dst, blobOffset(to));
      listpackEdit.write(dst, listpackEdit.write(dst, at, fieldElement), valueElement);
      this.address = moved(arena, address, to);
    }
    this.convertIfMany();
    return p < 0;
  }

  /** Deletes a field; false when there is none. */
  delete(bytes: Uint8Array, off: number, length: number): boolean {
    const { arena, address, shard } = this;
    if (this.encoding === HASH_TABLE) {
      const hash = this.keyspace.hashing.of(bytes, off, length);
      if (!this.elements.find(address, hash, bytes, off, length)) return false;
      this.elements.remove(address, shard, hash);
      return true;
    }
    const u8 = blobBytes(arena, address);
    const blob = blobOffset(address);
    const p = listpack.find(u8, listpack.first(u8, blob), bytes, off, length, 1);
    if (p < 0) return false;
    listpackEdit.removeRange(u8, blob, p, listpackEdit.rangeEnd(u8, p, 2), 2, u8, blob);
    this.address = trim(arena, shard, address, listpack.bytes(u8, blob));
    return true;
  }

  /** Shows every field and value. `visit` must change nothing. */
  each(visit: (field: Slice, value: Slice) => void): void {
    const { address, field, value } = this;
    if (this.encoding === HASH_TABLE) {
      this.elements.forEach(address, (view) => {
        this.showElement(view);
        visit(field, value);
      });
      return;
    }
    const u8 = blobBytes(this.arena, address);
    for (let p = listpack.first(u8, blobOffset(address)); p >= 0; ) {
      p = this.showPair(u8, p);
      visit(field, value);
    }
  }

  /** As `each` for about `count` fields from `cursor` of a table, or for all of a listpack. The next cursor, 0 at the end. */
  scan(cursor: number, count: number, visit: (field: Slice, value: Slice) => void): number {
    if (this.encoding === HASH_LISTPACK) {
      this.each(visit);
      return 0;
    }
    const { elements, field, value } = this;
    return elements.table.scan(this.address, cursor, count, (address) => {
      this.showElement(elements.view.at(address));
      visit(field, value);
    });
  }

  /** Shows a field chosen at random; the hash must not be empty. */
  choose(random: () => number): void {
    if (this.encoding === HASH_TABLE) {
      this.elements.choose(this.address, random);
      this.showElement(this.elements.view);
      return;
    }
    const u8 = blobBytes(this.arena, this.address);
    this.showPair(u8, listpack.seek(u8, blobOffset(this.address), 2 * below(this.count(), random)));
  }

  private showElement(view: RecordView): void {
    this.field.set(view.u8, view.keyOffset, view.keyLength);
    this.value.set(view.u8, view.valueOffset, view.valueLength);
  }

  /** Shows the pair at `p`; answers the position behind it or −1. */
  private showPair(u8: Uint8Array, p: number): number {
    this.field.setEntry(u8, p);
    const v = listpack.after(u8, p);
    this.value.setEntry(u8, v);
    return listpack.next(u8, v);
  }

  /** After a change that is done: without memory for a table it stays a listpack until the next one. */
  private convertIfMany(): void {
    if (this.count() <= hashLimits.maxListpackEntries) return;
    try {
      this.convert();
    } catch (full) {
      if (!(full instanceof ArenaFull)) throw full;
    }
  }

  /** Listpack to table. @throws ArenaFull (nothing changed) */
  convert(): void {
    const root = this.elements.create(this.shard);
    try {
      this.each((field, value) => {
        this.setInTable(root, field.bytes, field.off, field.length, value.bytes, value.off, value.length);
      });
    } catch (full) {
      this.elements.dispose(root);
      throw full;
    }
    this.arena.free(this.address);
    this.address = root;
    this.encoding = HASH_TABLE;
  }

  /** Frees a content that no key has. */
  dispose(): void {
    if (this.encoding === HASH_TABLE) this.elements.dispose(this.address);
    else this.arena.free(this.address);
  }
}

export const hashKind: ValueKind = {
  type: TYPE_HASH,
  name: 'hash',
  dispose(view) {
    if (view.encoding === HASH_TABLE) elementTableOf(view.arena).dispose(view.body);
    else view.arena.free(view.body);
  },
  encodingName: (view) => (view.encoding === HASH_TABLE ? 'hashtable' : 'listpack'),
  copy(view, shard, out) {
    const { arena, body } = view;
    out[0] =
      view.encoding === HASH_TABLE
        ? elementTableOf(arena).copy(body, shard)
        : copyBlob(arena, shard, body, listpack.bytes(blobBytes(arena, body), blobOffset(body)));
    out[1] = 0;
  },
  elements(view) {
    if (view.encoding === HASH_TABLE) return elementTableOf(view.arena).count(view.body);
    return listpack.count(blobBytes(view.arena, view.body), blobOffset(view.body)) >> 1;
  },
  bytes: (view) => (view.encoding === HASH_TABLE ? elementTableOf(view.arena).bytes(view.body) : view.arena.capacity(view.body)),
  large: largeTable(HASH_TABLE, (element, out) => {
    out.string(element.u8, element.keyOffset, element.keyLength);
    out.string(element.u8, element.valueOffset, element.valueLength);
  }),
};
