/**
 * A stream: entries of fields and values under ascending ids, in listpacks of Redis' own stream format, so that saving one
 * to RDB is a copy.
 *
 *   master entry   live | deleted | fields | field … | 0                   the master id is that of the node's first entry
 *   entry          flags | ms − master | seq − master | [fields | field, value …]  or, with SAME_FIELDS, [value …] | n
 *
 *   n says how many listpack entries came before it in this entry: backward reading steps over them (0 ends the master)
 *
 * Deleting flags an entry and counts it; XDEL of a node's last live entry takes the node away, trimming by id may leave a
 * node of deleted entries, as in Redis. An instance holds one stream at a time
 * and one entry of it: `seek…` and `next`/`previous` move on, `id`, `fields` and the positions tell what it is.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { copyBytes } from './bytes';
import * as listpack from './listpack';
import * as edit from './listpack-edit';
import { StreamGroups } from './stream-groups';
import { StreamId } from './stream-id';
import { FIRST_ID, LAST_ID, MAX_DELETED_ID, StreamNodes } from './stream-nodes';

/** Where a node ends; CONFIG sets these. 0 is no limit. */
export const streamLimits = { nodeMaxBytes: 4096, nodeMaxEntries: 100 };

const DELETED = 1;
const SAME_FIELDS = 2;
const { EMPTY_BYTES, END, HEADER_BYTES } = listpack;
const NODE_BYTES_MAX = 1 << 30;
/** What one XADD may carry. */
export const STREAM_ENTRY_BYTES_MAX = 1 << 30;

const entry = new listpack.Entry();
const number = new edit.Element();
const part = new edit.Element();

export interface Trim {
  /** Keep so many, or −1 and keep what is not before `minId`. */
  maxLength: number;
  minId: StreamId;
  isApproximate: boolean;
  /** Entries to remove at most; 0: no limit. */
  limit: number;
}

export class StreamLog extends StreamNodes {
  /** The node at hand. */
  node = 0;
  u8: Buffer;
  off = 0;
  readonly master = new StreamId();
  private masterFields = 0;
  /** Positions of the master's first field, and of the first entry. */
  private masterFieldsAt = 0;
  private entriesAt = 0;

  /** The entry at hand. */
  readonly id = new StreamId();
  fields = 0;
  /** Where its flags are. */
  private flagsAt = 0;
  private flags = 0;
  /** Where field names and values start; a value follows its name unless `isSame`. */
  fieldsAt = 0;
  valuesAt = 0;
  isSame = false;
  private deltaHi = 0;

  private readonly scratch = new StreamId();
  readonly groups: StreamGroups;

  constructor(arena: Arena) {
    super(arena);
    this.u8 = arena.u8[0]!;
    this.groups = new StreamGroups(this);
  }

  private integer(p: number): number {
    const head = this.u8[p]!;
    if (head < 0x80) return head;
    listpack.read(this.u8, p, entry);
    this.deltaHi = entry.hi;
    return entry.lo;
  }

  openNode(i: number): void {
    const block = this.block(i);
    this.node = i;
    this.u8 = this.arena.u8[block >>> SEGMENT_SHIFT]!;
    this.off = (block & SEGMENT_UNIT_MASK) << 3;
    this.masterId(i, this.master);
    const { u8 } = this;
    let p = this.off + HEADER_BYTES;
    p = listpack.after(u8, listpack.after(u8, p));
    this.masterFields = this.integer(p);
    p = listpack.after(u8, p);
    this.masterFieldsAt = p;
    for (let n = this.masterFields; n > 0; n--) p = listpack.after(u8, p);
    this.entriesAt = listpack.after(u8, p);
  }

  private get live(): number {
    return this.integer(this.off + HEADER_BYTES);
  }

  private get deleted(): number {
    return this.integer(listpack.after(this.u8, this.off + HEADER_BYTES));
  }

  /** Reads the entry whose flags are at `p`; answers the position behind it. */
  private readEntry(p: number): number {
    const { u8, id, master } = this;
    this.flagsAt = p;
    this.flags = this.integer(p);
    p = listpack.after(u8, p);
    this.deltaHi = 0;
    let low = this.integer(p);
    let sum = (master.msLo >>> 0) + (low >>> 0);
    id.msLo = sum | 0;
    id.msHi = (master.msHi + this.deltaHi + (sum >= 4294967296 ? 1 : 0)) | 0;
    p = listpack.after(u8, p);
    this.deltaHi = 0;
    low = this.integer(p);
    sum = (master.seqLo >>> 0) + (low >>> 0);
    id.seqLo = sum | 0;
    id.seqHi = (master.seqHi + this.deltaHi + (sum >= 4294967296 ? 1 : 0)) | 0;
    p = listpack.after(u8, p);
    this.isSame = (this.flags & SAME_FIELDS) !== 0;
    if (this.isSame) {
      this.fields = this.masterFields;
      this.fieldsAt = this.masterFieldsAt;
    } else {
      this.fields = this.integer(p);
      p = listpack.after(u8, p);
      this.fieldsAt = p;
    }
    this.valuesAt = p;
    return p;
  }

  /** Behind the entry at hand, its count included. */
  private behindEntry(): number {
    const { u8 } = this;
    let p = this.valuesAt;
    for (let n = this.isSame ? this.fields : this.fields * 2; n > 0; n--) p = listpack.after(u8, p);
    return listpack.after(u8, p);
  }

  /** Goes to the first live entry that is not before `from`; false when there is none. */
  seekFrom(from: StreamId): boolean {
    if (this.nodes === 0) return false;
    const i = this.nodeOf(from);
    this.openNode(i < 0 ? 0 : i);
    let found = this.walkForward(this.entriesAt);
    while (found && this.id.compare(from) < 0) found = this.next();
    return found;
  }

  /** The next live entry. */
  next(): boolean {
    return this.walkForward(this.behindEntry());
  }

  private walkForward(p: number): boolean {
    for (;;) {
      while (this.u8[p] !== END) {
        this.readEntry(p);
        if ((this.flags & DELETED) === 0) return true;
        p = this.behindEntry();
      }
      if (this.node + 1 >= this.nodes) return false;
      this.openNode(this.node + 1);
      p = this.entriesAt;
    }
  }

  /** Goes to the last live entry that is not behind `to`; false when there is none. */
  seekTo(to: StreamId): boolean {
    const i = this.nodeOf(to);
    if (i < 0) return false;
    this.openNode(i);
    let found = this.walkBackward(listpack.end(this.u8, this.off));
    while (found && this.id.compare(to) > 0) found = this.previous();
    return found;
  }

  /** The live entry before. */
  previous(): boolean {
    return this.walkBackward(this.flagsAt);
  }

  /** From the entry that ends before `p` backwards. */
  private walkBackward(p: number): boolean {
    for (;;) {
      while (p > this.entriesAt) {
        let q = listpack.prev(this.u8, this.off, p);
        for (let n = this.integer(q); n > 0; n--) q = listpack.prev(this.u8, this.off, q);
        this.readEntry(q);
        if ((this.flags & DELETED) === 0) return true;
        p = q;
      }
      if (this.node === 0) return false;
      this.openNode(this.node - 1);
      p = listpack.end(this.u8, this.off);
    }
  }

  /** Goes to the entry of `id`; false when there is none that lives. */
  seekEntry(id: StreamId): boolean {
    return this.seekFrom(id) && this.id.compare(id) === 0;
  }

  /** The last live entry's id; the stream must have one. */
  lastLiveId(): StreamId {
    this.seekTo(this.scratch.setMax());
    return this.id;
  }

  /**
   * Adds an entry under `id`, which must be behind the last one; fields and values are arguments [from, to) of `buf`.
   * @throws ArenaFull (nothing changed)
   */
  append(id: StreamId, buf: Uint8Array, off: Int32Array, len: Int32Array, from: number, to: number): void {
    let bytes = 0;
    for (let i = from; i < to; i++) bytes += len[i]!;
    if (!this.takesEntry(bytes)) this.startNode(id, buf, off, len, from, to);
    else {
      if (this.own(this.node)) this.openNode(this.node);
      const isSame = this.hasMasterFields(buf, off, len, from, to);
      this.appendEntry(id, isSame, buf, off, len, from, to);
    }
    this.length++;
    this.countAdded();
    this.writeId(LAST_ID, id);
    if (this.length === 1) this.writeId(FIRST_ID, id);
  }

  /** Opens the last node; false when there is none or it is full. */
  private takesEntry(bytes: number): boolean {
    const { nodes } = this;
    if (nodes === 0) return false;
    this.openNode(nodes - 1);
    const { nodeMaxBytes, nodeMaxEntries } = streamLimits;
    const max = nodeMaxBytes === 0 || nodeMaxBytes > NODE_BYTES_MAX ? NODE_BYTES_MAX : nodeMaxBytes;
    if (listpack.bytes(this.u8, this.off) + bytes >= max) return false;
    return nodeMaxEntries === 0 || this.live + this.deleted < nodeMaxEntries;
  }

  private hasMasterFields(buf: Uint8Array, off: Int32Array, len: Int32Array, from: number, to: number): boolean {
    if ((to - from) >> 1 !== this.masterFields) return false;
    const { u8 } = this;
    let p = this.masterFieldsAt;
    for (let i = from; i < to; i += 2) {
      if (!listpack.equals(u8, p, buf, off[i]!, len[i]!)) return false;
      p = listpack.after(u8, p);
    }
    return true;
  }

  private startNode(id: StreamId, buf: Uint8Array, off: Int32Array, len: Int32Array, from: number, to: number): void {
    const { arena, shard } = this;
    const fields = (to - from) >> 1;
    let size = EMPTY_BYTES + integerSize(1) + integerSize(0) + integerSize(fields) + integerSize(0);
    for (let i = from; i < to; i += 2) size += sizeOf(buf, off[i]!, len[i]!);
    size += this.entrySize(id, id, true, buf, off, len, from, to);
    this.reserve();
    const block = arena.alloc(shard, withSlack(size));
    if (this.nodes > 0) this.shrink(this.nodes - 1);
    const u8 = arena.u8[block >>> SEGMENT_SHIFT]!;
    const at = (block & SEGMENT_UNIT_MASK) << 3;
    let p = at + HEADER_BYTES;
    p = writeInteger(u8, p, 1);
    p = writeInteger(u8, p, 0);
    p = writeInteger(u8, p, fields);
    for (let i = from; i < to; i += 2) p = writeBytes(u8, p, buf, off[i]!, len[i]!);
    p = writeInteger(u8, p, 0);
    p = this.writeEntry(u8, p, id, id, true, buf, off, len, from, to);
    u8[p] = END;
    edit.writeHeader(u8, at, size, 4 + fields + fields + 4);
    this.appendSlot(block, id);
  }

  /** A full node gives back the room it will not need. */
  private shrink(i: number): void {
    const block = this.block(i);
    const u8 = this.arena.u8[block >>> SEGMENT_SHIFT]!;
    const at = (block & SEGMENT_UNIT_MASK) << 3;
    const size = listpack.bytes(u8, at);
    if (this.arena.sameClass(this.arena.capacity(block), size)) return;
    let smaller: number;
    try {
      smaller = this.arena.alloc(this.shard, size);
    } catch {
      return;
    }
    copyBytes(u8, at, this.arena.u8[smaller >>> SEGMENT_SHIFT]!, (smaller & SEGMENT_UNIT_MASK) << 3, size);
    this.letGo(i);
    this.setBlock(i, smaller);
  }

  private appendEntry(id: StreamId, isSame: boolean, buf: Uint8Array, off: Int32Array, len: Int32Array, from: number, to: number): void {
    const fields = (to - from) >> 1;
    const added = this.entrySize(id, this.master, isSame, buf, off, len, from, to);
    const before = listpack.bytes(this.u8, this.off);
    const live = this.live + 1;
    const grown = integerSize(live) - integerSize(live - 1);
    const size = before + added + grown;
    if (size > this.arena.capacity(this.block(this.node))) this.moveNode(withSlack(size));
    this.writeCount(this.off + HEADER_BYTES, live);
    const { u8 } = this;
    const count = listpack.headerCount(u8, this.off);
    const p = this.writeEntry(u8, this.off + before + grown - 1, id, this.master, isSame, buf, off, len, from, to);
    u8[p] = END;
    edit.writeHeader(u8, this.off, size, count === listpack.COUNT_UNKNOWN ? count : count + 4 + (isSame ? fields : fields * 2 + 1));
  }

  /** Replaces a number in the node at hand, which has room for it. */
  private writeCount(p: number, n: number): void {
    edit.prepareInteger(number, n);
    if (listpack.after(this.u8, p) - p === number.size) edit.write(this.u8, p, number);
    else edit.replace(this.u8, this.off, p, number, this.u8, this.off);
  }

  private entrySize(id: StreamId, master: StreamId, isSame: boolean, buf: Uint8Array, off: Int32Array, len: Int32Array, from: number, to: number): number {
    const fields = (to - from) >> 1;
    let size = 2 + deltaSize(id.msHi, id.msLo, master.msHi, master.msLo) + deltaSize(id.seqHi, id.seqLo, master.seqHi, master.seqLo);
    if (!isSame) size += integerSize(fields);
    for (let i = isSame ? from + 1 : from; i < to; i += isSame ? 2 : 1) size += sizeOf(buf, off[i]!, len[i]!);
    return size + integerSize(3 + (isSame ? fields : fields * 2 + 1));
  }

  private writeEntry(u8: Uint8Array, p: number, id: StreamId, master: StreamId, isSame: boolean, buf: Uint8Array, off: Int32Array, len: Int32Array, from: number, to: number): number {
    const fields = (to - from) >> 1;
    p = writeInteger(u8, p, isSame ? SAME_FIELDS : 0);
    p = writeDelta(u8, p, id.msHi, id.msLo, master.msHi, master.msLo);
    p = writeDelta(u8, p, id.seqHi, id.seqLo, master.seqHi, master.seqLo);
    if (!isSame) p = writeInteger(u8, p, fields);
    for (let i = isSame ? from + 1 : from; i < to; i += isSame ? 2 : 1) p = writeBytes(u8, p, buf, off[i]!, len[i]!);
    return writeInteger(u8, p, 3 + (isSame ? fields : fields * 2 + 1));
  }

  /** Deletes the entry of `id`; false when there is none. `first id` is the caller's to renew. */
  delete(id: StreamId): boolean {
    const i = this.nodeOf(id);
    if (i < 0) return false;
    this.openNode(i);
    let p = this.entriesAt;
    for (;;) {
      if (this.u8[p] === END) return false;
      this.readEntry(p);
      const order = this.id.compare(id);
      if (order > 0) return false;
      if (order === 0) break;
      p = this.behindEntry();
    }
    if ((this.flags & DELETED) !== 0) return false;
    if (this.live === 1) this.dropNodes(i, i + 1);
    else {
      this.makeRoomForCounts();
      this.flagDeleted();
      this.settleCounts(1);
    }
    this.length--;
    return true;
  }

  private flagDeleted(): void {
    this.u8[this.flagsAt] = this.flags | DELETED;
  }

  /** `deleted` entries of the node at hand were flagged; `makeRoomForCounts` came first. */
  private settleCounts(deleted: number): void {
    const gone = this.deleted + deleted;
    this.writeCount(this.off + HEADER_BYTES, this.live - deleted);
    this.writeCount(listpack.after(this.u8, this.off + HEADER_BYTES), gone);
  }

  /** Before entries of the node at hand are flagged: the count of deleted ones may take two bytes more. @throws ArenaFull (nothing changed) */
  private makeRoomForCounts(): void {
    const { off, node } = this;
    if (this.own(node)) {
      const block = this.block(node);
      this.u8 = this.arena.u8[block >>> SEGMENT_SHIFT]!;
      this.off = (block & SEGMENT_UNIT_MASK) << 3;
    }
    const size = listpack.bytes(this.u8, this.off) + 2;
    if (size > this.arena.capacity(this.block(node))) this.moveNode(size);
    const shift = this.off - off;
    this.entriesAt += shift;
    this.flagsAt += shift;
  }

  /** The node at hand goes to a block of `capacity`. @throws ArenaFull (nothing changed) */
  private moveNode(capacity: number): void {
    const { arena, u8, off } = this;
    const block = arena.alloc(this.shard, capacity);
    this.u8 = arena.u8[block >>> SEGMENT_SHIFT]!;
    this.off = (block & SEGMENT_UNIT_MASK) << 3;
    copyBytes(u8, off, this.u8, this.off, listpack.bytes(u8, off));
    arena.free(this.block(this.node));
    this.setBlock(this.node, block);
  }

  /** Finds out the id of the first live entry anew. */
  renewFirstId(): void {
    const { scratch } = this;
    scratch.setMin();
    if (this.length > 0 && this.seekFrom(scratch)) scratch.copy(this.id);
    this.writeId(FIRST_ID, scratch);
  }

  /** Removes entries from the head; answers how many. */
  trim(trim: Trim): number {
    const { maxLength, minId, limit } = trim;
    const byLength = maxLength >= 0;
    let removed = 0;
    let whole = 0;
    let breaksNode = false;
    for (const { nodes } = this; whole < nodes; whole++) {
      if (byLength && this.length - removed <= maxLength) break;
      this.openNode(whole);
      const { live } = this;
      if (limit > 0 && removed + live > limit) break;
      const goes = byLength ? this.length - removed - live >= maxLength : this.lastIdOfNode().compare(minId) < 0;
      if (!goes) {
        breaksNode = !trim.isApproximate;
        break;
      }
      removed += live;
    }
    this.length -= removed;
    this.dropNodes(0, whole);
    if (whole > 0) this.renewFirstId();
    return breaksNode ? removed + this.trimFirstNode(maxLength, minId) : removed;
  }

  /** The id of the last entry of the node at hand, even if it was deleted. */
  private lastIdOfNode(): StreamId {
    let p = listpack.last(this.u8, this.off);
    for (let n = this.integer(p); n > 0; n--) p = listpack.prev(this.u8, this.off, p);
    if (p >= this.entriesAt) this.readEntry(p);
    return this.id;
  }

  private trimFirstNode(maxLength: number, minId: StreamId): number {
    this.openNode(0);
    this.makeRoomForCounts();
    const { length } = this;
    let removed = 0;
    let p = this.entriesAt;
    for (; this.u8[p] !== END; p = this.behindEntry()) {
      this.readEntry(p);
      if (maxLength >= 0 ? length - removed <= maxLength : this.id.compare(minId) >= 0) break;
      if ((this.flags & DELETED) !== 0) continue;
      this.flagDeleted();
      removed++;
    }
    if (removed === 0) return 0;
    this.length = length - removed;
    // The walk goes on to what is first now, before the counts move what it stands on.
    this.writeId(FIRST_ID, this.walkForward(p) ? this.id : this.id.setMin());
    this.openNode(0);
    this.settleCounts(removed);
    return removed;
  }

  /** Shows each node: its master id and listpack. `visit` must change nothing. */
  eachNode(visit: (master: StreamId, u8: Buffer, off: number, size: number) => void): void {
    for (let i = 0, { nodes } = this; i < nodes; i++) {
      this.openNode(i);
      visit(this.master, this.u8, this.off, listpack.bytes(this.u8, this.off));
    }
  }

  /** One more node at the tail, from a listpack that was checked; `length` and the rest of the head are the caller's. @throws ArenaFull */
  appendNode(master: StreamId, bytes: Uint8Array, off: number): void {
    const size = listpack.bytes(bytes, off);
    this.reserve();
    const block = this.arena.alloc(this.shard, size);
    copyBytes(bytes, off, this.arena.u8[block >>> SEGMENT_SHIFT]!, (block & SEGMENT_UNIT_MASK) << 3, size);
    this.appendSlot(block, master);
  }

  /** A copy of the loaded stream for `shard`, left in `into`. @throws ArenaFull */
  copyTo(into: StreamLog, shard: number): void {
    into.create(shard);
    try {
      this.eachNode((master, u8, off) => into.appendNode(master, u8, off));
      into.copyHead(this);
      this.groups.copyTo(into.groups);
    } catch (full) {
      into.dispose();
      throw full;
    }
  }

  override dispose(): void {
    this.groups.dispose();
    super.dispose();
  }

  override bytes(): number {
    return super.bytes() + this.groups.bytes();
  }
}

function integerSize(n: number): number {
  edit.prepareInteger(number, n);
  return number.size;
}

function writeInteger(u8: Uint8Array, p: number, n: number): number {
  edit.prepareInteger(number, n);
  return edit.write(u8, p, number);
}

/** Prepares a − b of 64 bits in `number`. */
function prepareDelta(aHi: number, aLo: number, bHi: number, bLo: number): void {
  const low = (aLo >>> 0) - (bLo >>> 0);
  edit.prepareInt64(number, (aHi - bHi - (low < 0 ? 1 : 0)) | 0, low | 0);
}

function deltaSize(aHi: number, aLo: number, bHi: number, bLo: number): number {
  prepareDelta(aHi, aLo, bHi, bLo);
  return number.size;
}

function writeDelta(u8: Uint8Array, p: number, aHi: number, aLo: number, bHi: number, bLo: number): number {
  prepareDelta(aHi, aLo, bHi, bLo);
  return edit.write(u8, p, number);
}

function sizeOf(buf: Uint8Array, off: number, length: number): number {
  edit.prepareBytes(part, buf, off, length);
  return part.size;
}

function writeBytes(u8: Uint8Array, p: number, buf: Uint8Array, off: number, length: number): number {
  edit.prepareBytes(part, buf, off, length);
  return edit.write(u8, p, part);
}

/** A growing node's block: a quarter more than it needs now, though not beyond what it may become. */
function withSlack(bytes: number): number {
  const max = streamLimits.nodeMaxBytes;
  const wanted = bytes + (bytes >> 2);
  return max > 0 && wanted > max ? Math.max(bytes, max) : wanted;
}

export { FIRST_ID, LAST_ID, MAX_DELETED_ID };
