/**
 * Brings the memory of keys near before the commands that want them run.
 *
 *   note     key 0 │ key 1 │ key 2 │ …     hash and shard of each, which its lookup then need not ask for again
 *   fetch    for each: directory ─▶ segment's slot          no step waits for the same step of another key, so the
 *            for each:          slot ─▶ record              processor has many of them on their way at once
 *            for each:                 record ─▶ content ─▶ the same steps again for an element in it
 *
 * Commands that run one after the other wait for these steps one after the other: with 100,000 keys that was two fifths of the
 * time of a GET. Nothing is locked here: what is read may change meanwhile, or be gone, so it is used for nothing but where to
 * look next, and may lie anywhere.
 */
import { BODY, EXT, TTL } from '@larder/store-datatypes';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import type { Keyspace } from './keyspace';

/** Keys that are looked at together: as many loads are under way at once as the processor can hold. */
export const FORESEEN_MAX = 16;

/** A table of fewer keys lies in the cache anyway. */
const TABLE_MIN = 256;

export class Foresight {
  private readonly keyspace: Keyspace;
  private readonly hashes = new Int32Array(FORESEEN_MAX);
  private readonly shards = new Int32Array(FORESEEN_MAX);
  /** Of each key's table; then of its segment. */
  private readonly roots = new Int32Array(FORESEEN_MAX);
  private readonly records = new Int32Array(FORESEEN_MAX);
  private count = 0;
  private isWorthIt = false;
  /** Elements of the keys' contents that will be looked up: where they lie, and how long they are; 0 for none. */
  private readonly elementOff = new Int32Array(FORESEEN_MAX);
  private readonly elementLength = new Int32Array(FORESEEN_MAX);
  private readonly elementHashes = new Int32Array(FORESEEN_MAX);
  private bytes: Uint8Array = new Uint8Array(0);
  /** By type: the encoding whose content is a table of elements, or -1. */
  private readonly tables: Int8Array;
  /** What was read, so that reading it is not left out. */
  seen = 0;

  constructor(keyspace: Keyspace) {
    this.keyspace = keyspace;
    this.tables = Int8Array.from(keyspace.kinds, (kind) => kind?.tableEncoding ?? -1);
  }

  begin(): void {
    this.count = 0;
    this.isWorthIt = false;
  }

  /** A key that will be looked up in `database`; its number, for `aim`. At most FORESEEN_MAX, all in the same bytes. */
  note(database: number, bytes: Uint8Array, off: number, length: number): number {
    const { keyspace } = this;
    const i = this.count++;
    const shard = keyspace.shardOf(bytes, off, length);
    this.bytes = bytes;
    this.shards[i] = shard;
    this.hashes[i] = keyspace.hashing.of(bytes, off, length);
    this.roots[i] = keyspace.keysRoot(shard, database);
    this.elementLength[i] = 0;
    if (!this.isWorthIt) this.isWorthIt = keyspace.table.count(this.roots[i]!) >= TABLE_MIN;
    return i;
  }

  /** An element of key `i` that will be looked up. */
  noteElement(i: number, off: number, length: number): void {
    this.elementOff[i] = off;
    this.elementLength[i] = length;
    this.isWorthIt = true;
  }

  /** Reads what the lookups of the noted keys will. */
  fetch(): void {
    if (!this.isWorthIt) return;
    const { count, roots, records, tables, elementOff, elementLength, elementHashes } = this;
    const { i32 } = this.keyspace.arena;
    const { hashing } = this.keyspace;
    this.walk(count, this.hashes);
    let seen = 0;
    let elements = 0;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      const words = i32[record >>> SEGMENT_SHIFT];
      if (words === undefined) continue;
      const w = (record & SEGMENT_UNIT_MASK) << 1;
      const word1 = words[w + 1]! | 0;
      if ((word1 & BODY) === 0) {
        seen ^= words[w + 13]! | 0;
        continue;
      }
      const p = w + 2 + ((word1 & EXT) !== 0 ? 2 : 0) + ((word1 & TTL) >> 8);
      const content = words[p]! | 0;
      const word0 = words[w]! | 0;
      if (elementLength[i] !== 0 && tables[word0 & 15] === ((word0 >>> 4) & 15)) {
        elementHashes[elements] = hashing.of(this.bytes, elementOff[i]!, elementLength[i]!);
        roots[elements++] = content;
      } else seen ^= (i32[content >>> SEGMENT_SHIFT]?.[(content & SEGMENT_UNIT_MASK) << 1] ?? 0) | 0;
    }
    if (elements > 1) {
      this.walk(elements, elementHashes);
      for (let i = 0; i < elements; i++) {
        const record = records[i]!;
        const words = i32[record >>> SEGMENT_SHIFT];
        if (words !== undefined) seen ^= words[((record & SEGMENT_UNIT_MASK) << 1) + 1]! | 0;
      }
    }
    this.seen = seen;
  }

  /** From tables to records: of each the one in the slot where a lookup begins. */
  private walk(count: number, hashes: Int32Array): void {
    const { roots, records } = this;
    const { i32 } = this.keyspace.arena;
    for (let i = 0; i < count; i++) {
      const root = roots[i]!;
      const words = i32[root >>> SEGMENT_SHIFT];
      if (words === undefined) continue;
      const r = (root & SEGMENT_UNIT_MASK) << 1;
      const depth = words[r + 1]! | 0;
      let segment = words[r + 2]! | 0;
      if (depth > 0) {
        const directory = i32[segment >>> SEGMENT_SHIFT];
        if (directory !== undefined) segment = directory[((segment & SEGMENT_UNIT_MASK) << 1) + (hashes[i]! >>> (32 - depth))]! | 0;
      }
      roots[i] = segment;
    }
    for (let i = 0; i < count; i++) {
      const segment = roots[i]!;
      const words = i32[segment >>> SEGMENT_SHIFT];
      if (words === undefined) continue;
      const head = (segment & SEGMENT_UNIT_MASK) << 1;
      const word = words[head]! | 0;
      const slot = Math.imul((hashes[i]! << (word & 255)) >>> 16, word >>> 8) >>> 16;
      records[i] = words[head + 2 + (slot << 1)]! | 0;
    }
  }

  /** The next lookup of these bytes, which are those of key `i`, asks for nothing again. */
  aim(i: number, bytes: Uint8Array, off: number, length: number): void {
    this.keyspace.aimAt(bytes, off, length, this.shards[i]!, this.hashes[i]!);
  }
}
