/**
 * Consumer groups of a stream: who was given which entry and has not acknowledged it yet. All of it lies in the arena.
 *
 *   stream head ─▶ groups        list of names (stream-names.ts)
 *   group          [ name length | pending | entries read i64 | consumers | next doomed | last id, 4 words | list | name ]
 *   consumer       [ name length | pending | seen i64 | active i64 | list | name ]
 *   pending        score trees of records (score-tree.ts): each record is in two, that of its group and that of its consumer
 *   record         an element: score = milliseconds, key = sequence, 8 bytes, most significant first
 *                  value = delivered at i64 | deliveries u64 | consumer | how it was at the cut (stream-tail.ts)
 *
 * Ids whose milliseconds a double does not hold have both numbers as key; either way score and key order records as
 * their ids do, so both trees serve ranges of ids. A pending entry takes 48 bytes and 4.6 to 6.7 in each tree.
 *
 * An instance holds one group, one consumer and one pending entry of its stream at a time. i64 in a block is high word, low
 * word. Invariants: the records of a group's tree are those of its consumers' trees together; a record's consumer is the
 * one in whose tree it is. What may fail for want of memory does so before anything has changed.
 *
 * While a snapshot saves the stream, what was pending at the cut is written list by list: the group's, and that of each of its
 * consumers (stream-tail.ts). A list is walked in the order of ids, in the tree as it is then; what left the tree before the walk
 * got to it is on the list's chain, and written last. Of a record that changed, or came since the cut, an image says what it was:
 *
 *   image          [ next image | record | delivered at i64 | deliveries u64 | owner, 0: none yet | chain of its group's list | chain of its owner's | has left its owner ]
 *
 * Images go, and records that are pending no more (`letGo`), when all is saved.
 */
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';
import { BODY, RecordView, TYPE_ELEMENT, createRecord } from './record';
import { AT_END, SEARCH, ScoreTree } from './score-tree';
import { FREEING, LOST } from './deferred';
import { StreamId } from './stream-id';
import { StreamNames } from './stream-names';
import type { StreamNodes } from './stream-nodes';

/** Words of groups and consumers. */
const PENDING = 1;
const READ = 2;
const SEEN = 2;
const CONSUMERS = 4;
const NEXT_DOOMED = 5;
const GROUP_LAST_ID = 6;
/** Of the note of what the stream ends in: which list is that of the group or consumer, 0: it is younger, or had nothing pending. */
const GROUP_LIST = 10;
const GROUP_NAME = 11;
const ACTIVE = 4;
const CONSUMER_LIST = 6;
const CONSUMER_NAME = 7;

/** Words of a record's value. */
const DELIVERED = 0;
const DELIVERIES = 2;
const OWNER = 4;
const IMAGE = 5;
const VALUE_BYTES = 24;
/** Of what ends the stream's entry in a file (stream-tail.ts): first records of two chains. */
export const TAIL_KEPT = 0;
export const TAIL_IMAGES = 1;
const IMAGE_WORDS = 10;
const IMAGE_RECORD = 1;
const IMAGE_VALUES = 2;
const IMAGE_OWNER = 6;
const IMAGE_OF_GROUP = 7;
const IMAGE_OF_OWNER = 8;
const IMAGE_HAS_LEFT = 9;
/** Words of a list of what was pending at the cut: the group or consumer, 0: it is no more; its chain; how far it is; the id that comes next. */
const LIST_OWNER = 0;
const LIST_CHAIN = 1;
const LIST_STATE = 2;
const LIST_NEXT_ID = 3;
export const LIST_WORDS = 7;
const IN_TREE = 1;
const IN_CHAIN = 2;
const BATCH_ENTRIES = 256;
export const PENDING_BYTES_MAX = 33;
export const BATCH_BYTES = BATCH_ENTRIES * PENDING_BYTES_MAX;
const RECORDS_AT_ONCE = 64;
/** High words from here on make milliseconds that a double may round. */
const EXACT_MS_HI = 0x200000;

export class StreamGroups {
  readonly arena: Arena;
  private readonly stream: StreamNodes;
  private readonly names: StreamNames;
  private readonly consumerNames: StreamNames;
  private readonly tree: ScoreTree;
  private readonly record: RecordView;
  private readonly keyBytes = Buffer.from(new ArrayBuffer(16));
  private readonly keyWords = new Int32Array(this.keyBytes.buffer);
  private keyLength = 0;
  private readonly listId = new StreamId();
  private readonly recordId = new StreamId();

  /** At hand: addresses, 0 is none. */
  group = 0;
  consumer = 0;
  pending = 0;

  constructor(stream: StreamNodes) {
    this.arena = stream.arena;
    this.stream = stream;
    this.names = new StreamNames(this.arena, GROUP_NAME);
    this.consumerNames = new StreamNames(this.arena, CONSUMER_NAME);
    this.tree = new ScoreTree(this.arena);
    this.record = new RecordView(this.arena);
  }

  private word(address: number, word: number): number {
    return this.arena.i32[address >>> SEGMENT_SHIFT]![((address & SEGMENT_UNIT_MASK) << 1) + word]!;
  }

  private setWord(address: number, word: number, value: number): void {
    this.arena.i32[address >>> SEGMENT_SHIFT]![((address & SEGMENT_UNIT_MASK) << 1) + word] = value;
  }

  // ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────

  get count(): number {
    return this.names.count(this.stream.groupList);
  }

  /** Takes the group of that name at hand. */
  find(bytes: Uint8Array, off: number, length: number): boolean {
    const { groupList } = this.stream;
    this.group = groupList === 0 ? 0 : this.names.find(groupList, bytes, off, length);
    return this.group !== 0;
  }

  /** Takes the group at a place in the order of names. */
  open(index: number): void {
    this.group = this.names.at(this.stream.groupList, index);
  }

  /** Makes a group whose name is not taken and takes it at hand. @throws ArenaFull (nothing changed) */
  create(bytes: Uint8Array, off: number, length: number, lastId: StreamId, readHi: number, readLo: number): void {
    const { stream, names, arena } = this;
    names.find(stream.groupList, bytes, off, length);
    const group = names.create(stream.shard, bytes, off, length);
    try {
      stream.groupList = names.insert(stream.groupList, stream.shard, names.index, group);
    } catch (full) {
      arena.free(group);
      throw full;
    }
    this.group = group;
    this.writeLastId(lastId);
    this.setRead(readHi, readLo);
  }

  /** Takes the group away with its consumers and what is pending. */
  destroy(): void {
    const { stream, names } = this;
    names.find(stream.groupList, names.u8(this.group), names.nameOffset(this.group), names.nameLength(this.group));
    stream.groupList = names.remove(stream.groupList, names.index);
    this.dropGroup(this.group);
    this.group = 0;
  }

  readLastId(out: StreamId): StreamId {
    const { group } = this;
    return out.set(this.word(group, GROUP_LAST_ID), this.word(group, GROUP_LAST_ID + 1), this.word(group, GROUP_LAST_ID + 2), this.word(group, GROUP_LAST_ID + 3));
  }

  writeLastId(id: StreamId): void {
    const { group } = this;
    this.setWord(group, GROUP_LAST_ID, id.msHi);
    this.setWord(group, GROUP_LAST_ID + 1, id.msLo);
    this.setWord(group, GROUP_LAST_ID + 2, id.seqHi);
    this.setWord(group, GROUP_LAST_ID + 3, id.seqLo);
  }

  /** How many entries the group was given in all, by its count; −1 is unknown. */
  get readHi(): number {
    return this.word(this.group, READ);
  }

  get readLo(): number {
    return this.word(this.group, READ + 1);
  }

  setRead(hi: number, lo: number): void {
    this.setWord(this.group, READ, hi);
    this.setWord(this.group, READ + 1, lo);
  }

  /** The name's bytes: `nameU8`[nameOffset, + nameLength). */
  get nameU8(): Buffer {
    return this.names.u8(this.group);
  }

  get nameOffset(): number {
    return this.names.nameOffset(this.group);
  }

  get nameLength(): number {
    return this.names.nameLength(this.group);
  }

  /** Entries pending in the group. */
  get pendingCount(): number {
    return this.tree.count(this.word(this.group, PENDING));
  }

  // ── Consumers of the group at hand ───────────────────────────────────────────────────────────────────────────────

  get consumerCount(): number {
    return this.consumerNames.count(this.word(this.group, CONSUMERS));
  }

  findConsumer(bytes: Uint8Array, off: number, length: number): boolean {
    this.consumer = this.consumerNames.find(this.word(this.group, CONSUMERS), bytes, off, length);
    return this.consumer !== 0;
  }

  openConsumer(index: number): void {
    this.consumer = this.consumerNames.at(this.word(this.group, CONSUMERS), index);
  }

  /** Makes a consumer whose name is not taken and takes it at hand. @throws ArenaFull (nothing changed) */
  createConsumer(bytes: Uint8Array, off: number, length: number, seenHi: number, seenLo: number): void {
    const { consumerNames, arena, group } = this;
    const { shard } = this.stream;
    const list = this.word(group, CONSUMERS);
    consumerNames.find(list, bytes, off, length);
    const consumer = consumerNames.create(shard, bytes, off, length);
    try {
      this.setWord(group, CONSUMERS, consumerNames.insert(list, shard, consumerNames.index, consumer));
    } catch (full) {
      arena.free(consumer);
      throw full;
    }
    this.consumer = consumer;
    this.setSeen(seenHi, seenLo);
    this.setActive(-1, -1);
  }

  /** Takes the consumer away with what is pending for it; answers how much that was. */
  deleteConsumer(): number {
    const { consumerNames, tree, group, consumer } = this;
    let top = this.word(group, PENDING);
    const pending = this.consumerPendingCount;
    for (let at = this.first(this.word(consumer, PENDING)); at !== 0; at = tree.forward()) {
      this.leavesGroup(at);
      this.leavesOwner(at);
      top = tree.remove(top, at);
    }
    this.setWord(group, PENDING, top);
    this.freePending(this.word(consumer, PENDING));
    const { tail } = this;
    if (tail !== 0 && this.word(consumer, CONSUMER_LIST) !== 0) this.setWord(tail, this.word(consumer, CONSUMER_LIST) + LIST_OWNER, 0);
    const list = this.word(group, CONSUMERS);
    consumerNames.find(list, this.consumerU8, this.consumerOffset, this.consumerLength);
    this.setWord(group, CONSUMERS, consumerNames.remove(list, consumerNames.index));
    this.arena.free(consumer);
    this.consumer = 0;
    return pending;
  }

  /** When the consumer was last heard of: milliseconds since 1970. */
  get seenHi(): number {
    return this.word(this.consumer, SEEN);
  }

  get seenLo(): number {
    return this.word(this.consumer, SEEN + 1);
  }

  setSeen(hi: number, lo: number): void {
    this.setWord(this.consumer, SEEN, hi);
    this.setWord(this.consumer, SEEN + 1, lo);
  }

  /** When it was last given entries; −1 for never. */
  get activeHi(): number {
    return this.word(this.consumer, ACTIVE);
  }

  get activeLo(): number {
    return this.word(this.consumer, ACTIVE + 1);
  }

  setActive(hi: number, lo: number): void {
    this.setWord(this.consumer, ACTIVE, hi);
    this.setWord(this.consumer, ACTIVE + 1, lo);
  }

  get consumerU8(): Buffer {
    return this.consumerNames.u8(this.consumer);
  }

  get consumerOffset(): number {
    return this.consumerNames.nameOffset(this.consumer);
  }

  get consumerLength(): number {
    return this.consumerNames.nameLength(this.consumer);
  }

  get consumerPendingCount(): number {
    return this.tree.count(this.word(this.consumer, PENDING));
  }

  // ── Pending entries ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes the group's pending entry of that id at hand. */
  findPending(id: StreamId): boolean {
    const at = this.seek(this.word(this.group, PENDING), id);
    this.pending = at !== 0 && this.isAt(at, id) ? at : 0;
    return this.pending !== 0;
  }

  /**
   * Takes the first pending entry that is not before `from` at hand: of the consumer at hand or of the whole group. `nextPending` goes
   * on from there; changing which consumer has an entry does not disturb a walk through the group.
   */
  seekPending(from: StreamId, ofConsumer: boolean): boolean {
    this.pending = this.seek(this.word(ofConsumer ? this.consumer : this.group, PENDING), from);
    return this.pending !== 0;
  }

  nextPending(): boolean {
    this.pending = this.tree.forward();
    return this.pending !== 0;
  }

  /** Takes the group's last pending entry at hand; there must be one. */
  seekLastPending(): void {
    const top = this.word(this.group, PENDING);
    this.pending = this.tree.seek(top, this.tree.count(top) - 1);
  }

  pendingId(out: StreamId): StreamId {
    const { keyOffset, keyLength, score, u8 } = this.record.at(this.pending);
    const key = u8 as Buffer;
    if (keyLength === 16) return out.readBytes(key, keyOffset);
    return out.set(Math.floor(score / 4294967296), score | 0, key.readInt32BE(keyOffset), key.readInt32BE(keyOffset + 4));
  }

  /** Writes the id of the pending entry at hand, 16 bytes, and points `record` at it. */
  private writePendingId(dst: Buffer, at: number): RecordView {
    const record = this.record.at(this.pending);
    const { u8, keyOffset, keyLength } = record;
    if (keyLength !== 16) {
      const { score } = record;
      dst.writeInt32BE(Math.floor(score / 4294967296) | 0, at);
      dst.writeInt32BE(score | 0, at + 4);
      at += 8;
    }
    for (let i = 0; i < keyLength; i++) dst[at + i] = u8[keyOffset + i]!;
    return record;
  }

  /**
   * Writes the entry at hand as RDB has it, and as it was at the cut: its id, and, unless it is for the list of a consumer, when and
   * how often it was delivered. Answers where it ends: 33 bytes further at most.
   */
  writePending(dst: Buffer, at: number, ofConsumer: boolean): number {
    const { i32, valueOffset } = this.writePendingId(dst, at);
    if (ofConsumer) return at + 16;
    let words = i32;
    let w = valueOffset >> 2;
    const image = words[w + IMAGE]!;
    if (image !== 0) {
      words = this.arena.i32[image >>> SEGMENT_SHIFT]!;
      w = ((image & SEGMENT_UNIT_MASK) << 1) + IMAGE_VALUES;
    }
    dst.writeInt32LE(words[w + DELIVERED + 1]!, at + 16);
    dst.writeInt32LE(words[w + DELIVERED]!, at + 20);
    return writeRdbLength(dst, at + 24, words[w + DELIVERIES]!, words[w + DELIVERIES + 1]!);
  }

  private value(word: number): number {
    const { i32, valueOffset } = this.record.at(this.pending);
    return i32[(valueOffset >> 2) + word]!;
  }

  private setValue(word: number, hi: number, lo: number): void {
    const { i32, valueOffset } = this.record.at(this.pending);
    i32[(valueOffset >> 2) + word] = hi;
    i32[(valueOffset >> 2) + word + 1] = lo;
  }

  /** When it was delivered last: milliseconds since 1970. */
  get deliveredHi(): number {
    return this.value(DELIVERED);
  }

  get deliveredLo(): number {
    return this.value(DELIVERED + 1);
  }

  setDelivered(hi: number, lo: number): void {
    this.imageOf(this.pending);
    this.setValue(DELIVERED, hi, lo);
  }

  get deliveriesHi(): number {
    return this.value(DELIVERIES);
  }

  get deliveriesLo(): number {
    return this.value(DELIVERIES + 1);
  }

  setDeliveries(hi: number, lo: number): void {
    this.imageOf(this.pending);
    this.setValue(DELIVERIES, hi, lo);
  }

  countDelivery(): void {
    const lo = (this.deliveriesLo + 1) | 0;
    this.setDeliveries(lo === 0 ? (this.deliveriesHi + 1) | 0 : this.deliveriesHi, lo);
  }

  /** The consumer of the pending entry at hand; 0 while a stream is being read from a file. */
  get owner(): number {
    return this.value(OWNER);
  }

  /** Adds an entry that is not pending, for the consumer at hand (none: the group's only, see `adopt`). @throws ArenaFull (nothing changed) */
  addPending(id: StreamId, deliveredHi: number, deliveredLo: number, deliveriesHi: number, deliveriesLo: number): void {
    const { arena, tree, group, consumer, record } = this;
    const { shard } = this.stream;
    const groupTop = this.word(group, PENDING);
    const where = this.seek(groupTop, id) === 0 ? AT_END : SEARCH;
    const address = createRecord(record, shard, TYPE_ELEMENT, BODY, this.keyBytes, 0, this.keyLength, VALUE_BYTES);
    record.score = this.scoreOf(id);
    this.pending = address;
    this.setValue(DELIVERED, deliveredHi, deliveredLo);
    this.setValue(DELIVERIES, deliveriesHi, deliveriesLo);
    this.setValue(OWNER, consumer, 0);
    let top: number;
    try {
      top = tree.insert(groupTop, shard, address, where);
    } catch (full) {
      arena.free(address);
      throw full;
    }
    this.setWord(group, PENDING, top);
    if (consumer !== 0) {
      try {
        this.setWord(consumer, PENDING, tree.insert(this.word(consumer, PENDING), shard, address, where));
      } catch (full) {
        this.setWord(group, PENDING, tree.remove(top, address));
        arena.free(address);
        throw full;
      }
    }
    this.cameSinceCut(address);
  }

  /** Gives the pending entry at hand, whoever has it, to the consumer at hand. @throws ArenaFull (nothing changed) */
  adopt(): void {
    const { tree, consumer, pending, owner } = this;
    if (owner === consumer) return;
    this.setWord(consumer, PENDING, tree.insert(this.word(consumer, PENDING), this.stream.shard, pending));
    this.leavesOwner(pending);
    if (owner !== 0) this.setWord(owner, PENDING, tree.remove(this.word(owner, PENDING), pending));
    this.setValueOf(pending, OWNER, consumer);
  }

  /** The pending entry at hand is pending no more. */
  removePending(): void {
    const { tree, group, pending, owner } = this;
    this.leavesGroup(pending);
    this.leavesOwner(pending);
    this.setWord(group, PENDING, tree.remove(this.word(group, PENDING), pending));
    this.setWord(owner, PENDING, tree.remove(this.word(owner, PENDING), pending));
    this.letGo(pending);
    this.pending = 0;
  }

  /** Makes the consumer of the pending entry at hand the consumer at hand. */
  takeOwner(): void {
    this.consumer = this.owner;
  }

  private first(top: number): number {
    return top === 0 ? 0 : this.tree.seek(top, 0);
  }

  private seek(top: number, id: StreamId): number {
    const score = this.scoreOf(id);
    const { keyBytes } = this;
    if (id.msHi >>> 0 < EXACT_MS_HI) {
      keyBytes.writeInt32BE(id.seqHi, 0);
      keyBytes.writeInt32BE(id.seqLo, 4);
      this.keyLength = 8;
    } else {
      id.writeBytes(keyBytes, 0);
      this.keyLength = 16;
    }
    return this.tree.seekPlace(top, score, this.keyWords, 0, this.keyLength);
  }

  private scoreOf(id: StreamId): number {
    return (id.msHi >>> 0) * 4294967296 + (id.msLo >>> 0);
  }

  /** After `seek`. */
  private isAt(address: number, id: StreamId): boolean {
    const { record } = this;
    return record.at(address).score === this.scoreOf(id) && record.keyEquals(this.keyBytes, 0, this.keyLength);
  }

  // ── Whole ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private freePending(top: number): void {
    for (let at = this.first(top); at !== 0; at = this.tree.forward()) this.letGo(at);
    this.tree.dispose(top);
  }

  private disposeGroup(group: number): void {
    const { arena, consumerNames } = this;
    const list = this.word(group, CONSUMERS);
    for (let i = consumerNames.count(list) - 1; i >= 0; i--) {
      const consumer = consumerNames.at(list, i);
      this.tree.dispose(this.word(consumer, PENDING));
      arena.free(consumer);
    }
    if (list !== 0) arena.free(list);
    this.freePending(this.word(group, PENDING));
    arena.free(group);
  }

  /** A group that is in no list any more is freed: piece by piece, if the stream is being saved or freed so. */
  private dropGroup(group: number): void {
    const { stream } = this;
    if (stream.holderAddress === 0) return this.disposeGroup(group);
    const holder = stream.holderOfThis;
    this.setWord(group, NEXT_DOOMED, holder.doomedGroup);
    holder.doomedGroup = group;
  }

  nextDoomed(group: number): number {
    return this.word(group, NEXT_DOOMED);
  }

  /** Frees a group piece by piece; true when it is gone. The stream at hand does not matter. */
  disposeSome(group: number, isLate: () => boolean): boolean {
    const { arena, consumerNames, tree } = this;
    const list = this.word(group, CONSUMERS);
    for (let i = consumerNames.count(list) - 1; i >= 0; i--) {
      const consumer = consumerNames.at(list, i);
      tree.dispose(this.word(consumer, PENDING));
      arena.free(consumer);
    }
    if (list !== 0) arena.free(list);
    this.setWord(group, CONSUMERS, 0);
    let top = this.word(group, PENDING);
    while (top !== 0) {
      for (let n = RECORDS_AT_ONCE; n > 0 && top !== 0; n--) {
        top = tree.removeRank(top, 0);
        arena.free(tree.removed);
      }
      this.setWord(group, PENDING, top);
      if (top !== 0 && isLate()) return false;
    }
    arena.free(group);
    return true;
  }

  // ── While a snapshot saves the stream ────────────────────────────────────────────────────────────────────────────

  /** The note of how the stream ended at the cut, as long as it is needed; 0: nothing is. */
  private get tail(): number {
    const { stream } = this;
    if (stream.holderAddress === 0) return 0;
    const holder = stream.holderOfThis;
    return holder.has(FREEING) ? 0 : holder.tail;
  }

  /** Begins the list of the group or consumer at hand: `list` is its place in the note, 0 for none. */
  beginList(ofConsumer: boolean, tail: number, list: number): void {
    const of = ofConsumer ? this.consumer : this.group;
    this.setWord(of, ofConsumer ? CONSUMER_LIST : GROUP_LIST, list);
    if (list === 0) return;
    for (let i = 0; i < LIST_WORDS; i++) this.setWord(tail, list + i, 0);
    this.setWord(tail, list + LIST_OWNER, of);
  }

  /**
   * Writes on at a list, into `dst`, which has room for BATCH_BYTES. Answers how many bytes that were, or -1: all of it is written. The
   * stream at hand does not matter.
   */
  writeList(tail: number, list: number, ofConsumer: boolean, dst: Buffer): number {
    let end = 0;
    if (this.word(tail, list + LIST_STATE) < IN_CHAIN) {
      const of = this.word(tail, list + LIST_OWNER);
      const next = this.readWords(tail, list + LIST_NEXT_ID, this.listId);
      this.pending = of === 0 ? 0 : this.seek(this.word(of, PENDING), next);
      for (let n = 0; n < BATCH_ENTRIES && this.pending !== 0; n++) {
        if (this.wasIn(of, ofConsumer)) end = this.writePending(dst, end, ofConsumer);
        this.nextPending();
      }
      this.setWord(tail, list + LIST_STATE, this.pending === 0 ? IN_CHAIN : IN_TREE);
      if (this.pending === 0) return end;
      const { msHi, msLo, seqHi, seqLo } = this.pendingId(this.listId);
      this.setWord(tail, list + LIST_NEXT_ID, msHi);
      this.setWord(tail, list + LIST_NEXT_ID + 1, msLo);
      this.setWord(tail, list + LIST_NEXT_ID + 2, seqHi);
      this.setWord(tail, list + LIST_NEXT_ID + 3, seqLo);
      return end;
    }
    let image = this.word(tail, list + LIST_CHAIN);
    if (image === 0) return -1;
    for (let n = 0; n < BATCH_ENTRIES && image !== 0; n++) {
      this.pending = this.word(image, IMAGE_RECORD);
      end = this.writePending(dst, end, ofConsumer);
      image = this.word(image, ofConsumer ? IMAGE_OF_OWNER : IMAGE_OF_GROUP);
    }
    this.setWord(tail, list + LIST_CHAIN, image);
    return end;
  }

  /** Whether the record at hand, which is in the tree now, was in it at the cut and is not on the chain. */
  private wasIn(of: number, ofConsumer: boolean): boolean {
    const image = this.value(IMAGE);
    if (image === 0) return true;
    const owner = this.word(image, IMAGE_OWNER);
    return ofConsumer ? owner === of && this.word(image, IMAGE_HAS_LEFT) === 0 : owner !== 0;
  }

  private isWritten(tail: number, list: number, record: number): boolean {
    const state = this.word(tail, list + LIST_STATE);
    if (state !== IN_TREE) return state === IN_CHAIN;
    const { pending } = this;
    this.pending = record;
    const isBefore = this.pendingId(this.recordId).compare(this.readWords(tail, list + LIST_NEXT_ID, this.listId)) < 0;
    this.pending = pending;
    return isBefore;
  }

  private readWords(address: number, word: number, out: StreamId): StreamId {
    return out.set(this.word(address, word), this.word(address, word + 1), this.word(address, word + 2), this.word(address, word + 3));
  }

  /** Before a record leaves the tree of the group at hand. */
  private leavesGroup(record: number): void {
    const { tail } = this;
    const list = tail === 0 ? 0 : this.word(this.group, GROUP_LIST);
    if (list === 0) return;
    const image = this.imageOf(record);
    if (image === 0 || this.word(image, IMAGE_OWNER) === 0 || this.isWritten(tail, list, record)) return;
    this.setWord(image, IMAGE_OF_GROUP, this.word(tail, list + LIST_CHAIN));
    this.setWord(tail, list + LIST_CHAIN, image);
  }

  /** Before a record leaves the tree of its consumer. */
  private leavesOwner(record: number): void {
    const { tail } = this;
    const image = tail === 0 ? 0 : this.imageOf(record);
    if (image === 0 || this.word(image, IMAGE_OWNER) === 0 || this.word(image, IMAGE_HAS_LEFT) !== 0) return;
    // Since it has not left its owner of the cut, that one is there.
    this.setWord(image, IMAGE_HAS_LEFT, 1);
    const list = this.word(this.word(image, IMAGE_OWNER), CONSUMER_LIST);
    if (list === 0 || this.isWritten(tail, list, record)) return;
    this.setWord(image, IMAGE_OF_OWNER, this.word(tail, list + LIST_CHAIN));
    this.setWord(tail, list + LIST_CHAIN, image);
  }

  private cameSinceCut(record: number): void {
    const image = this.imageOf(record);
    if (image !== 0) this.setWord(image, IMAGE_OWNER, 0);
  }

  /** A pending entry that is in no tree any more. */
  private letGo(record: number): void {
    const { stream } = this;
    const tail = stream.holderAddress === 0 ? 0 : stream.holderOfThis.tail;
    if (tail === 0) return this.arena.free(record);
    this.setValueOf(record, OWNER, this.word(tail, TAIL_KEPT));
    this.setWord(tail, TAIL_KEPT, record);
  }

  /** How a record was at the cut, noted before its first change; 0: nothing is being saved, or it is lost. */
  private imageOf(record: number): number {
    const { tail, stream, arena } = this;
    if (tail === 0) return 0;
    const { i32, valueOffset } = this.record.at(record);
    const w = valueOffset >> 2;
    if (i32[w + IMAGE]! !== 0) return i32[w + IMAGE]!;
    let image: number;
    try {
      image = arena.alloc(stream.shard, IMAGE_WORDS * 4);
    } catch {
      stream.holderOfThis.set(LOST);
      return 0;
    }
    this.setWord(image, 0, this.word(tail, TAIL_IMAGES));
    this.setWord(image, IMAGE_RECORD, record);
    for (let i = 0; i < 4; i++) this.setWord(image, IMAGE_VALUES + i, i32[w + DELIVERED + i]!);
    this.setWord(image, IMAGE_OWNER, i32[w + OWNER]!);
    this.setWord(image, IMAGE_HAS_LEFT, 0);
    this.setWord(tail, TAIL_IMAGES, image);
    i32[w + IMAGE] = image;
    return image;
  }

  /** All is saved: frees what was kept of entries that changed. True when done. */
  forgetImages(tail: number, isLate: () => boolean): boolean {
    for (let image = this.word(tail, TAIL_IMAGES), n = 1; image !== 0; image = this.word(tail, TAIL_IMAGES), n++) {
      this.setWord(tail, TAIL_IMAGES, this.word(image, 0));
      this.setValueOf(this.word(image, IMAGE_RECORD), IMAGE, 0);
      this.arena.free(image);
      if (n % RECORDS_AT_ONCE === 0 && isLate()) return false;
    }
    return true;
  }

  /** Then entries that went. True when done. */
  freeKept(tail: number, isLate: () => boolean): boolean {
    for (let record = this.word(tail, TAIL_KEPT), n = 1; record !== 0; record = this.word(tail, TAIL_KEPT), n++) {
      this.pending = record;
      this.setWord(tail, TAIL_KEPT, this.owner);
      this.arena.free(record);
      if (n % RECORDS_AT_ONCE === 0 && isLate()) return false;
    }
    return true;
  }

  private setValueOf(record: number, word: number, value: number): void {
    const { i32, valueOffset } = this.record.at(record);
    i32[(valueOffset >> 2) + word] = value;
  }

  /** Frees all groups. */
  dispose(): void {
    const { stream, names } = this;
    const list = stream.groupList;
    if (list === 0) return;
    for (let i = names.count(list) - 1; i >= 0; i--) this.dropGroup(names.at(list, i));
    this.arena.free(list);
    stream.groupList = 0;
  }

  /** Bytes in blocks. */
  bytes(): number {
    const { arena, names, consumerNames, tree } = this;
    const list = this.stream.groupList;
    if (list === 0) return 0;
    let sum = arena.capacity(list);
    for (let i = names.count(list) - 1; i >= 0; i--) {
      const group = names.at(list, i);
      const pending = this.word(group, PENDING);
      const consumers = this.word(group, CONSUMERS);
      sum += arena.capacity(group) + tree.bytes(pending);
      for (let at = this.first(pending); at !== 0; at = tree.forward()) sum += arena.capacity(at);
      if (consumers !== 0) sum += arena.capacity(consumers);
      for (let k = consumerNames.count(consumers) - 1; k >= 0; k--) {
        const consumer = consumerNames.at(consumers, k);
        sum += arena.capacity(consumer) + tree.bytes(this.word(consumer, PENDING));
      }
    }
    return sum;
  }

  /** Copies all groups into a stream that has none. @throws ArenaFull (the part that was copied is the caller's to dispose of) */
  copyTo(into: StreamGroups): void {
    const id = new StreamId();
    for (let i = 0, { count } = this; i < count; i++) {
      this.open(i);
      into.create(this.nameU8, this.nameOffset, this.nameLength, this.readLastId(id), this.readHi, this.readLo);
      for (let k = 0, { consumerCount } = this; k < consumerCount; k++) {
        this.openConsumer(k);
        into.createConsumer(this.consumerU8, this.consumerOffset, this.consumerLength, this.seenHi, this.seenLo);
        into.setActive(this.activeHi, this.activeLo);
        for (let found = this.seekPending(id.setMin(), true); found; found = this.nextPending()) {
          into.addPending(this.pendingId(id), this.deliveredHi, this.deliveredLo, this.deliveriesHi, this.deliveriesLo);
        }
      }
    }
  }
}

/** A length as RDB has it; answers where it ends, at most 9 bytes further. */
export function writeRdbLength(into: Buffer, at: number, hi: number, lo: number): number {
  if (hi === 0 && lo >>> 0 < 64) {
    into[at] = lo;
    return at + 1;
  }
  if (hi === 0 && lo >>> 0 < 16384) {
    into[at] = 0x40 | (lo >> 8);
    into[at + 1] = lo;
    return at + 2;
  }
  into[at] = hi === 0 ? 0x80 : 0x81;
  const end = hi === 0 ? at + 1 : into.writeInt32BE(hi, at + 1);
  return into.writeInt32BE(lo, end);
}
