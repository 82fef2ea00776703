/**
 * What the keyspace must know of a type's content: each type's room hands in one row. A record's view is the only
 * argument, so that the keyspace needs no knowledge of encodings.
 */
import type { Deferred, RecordView } from '@larder/store-datatypes';
import type { Keyspace } from './keyspace';

/** Where a type writes its content when it is saved: the value part of an RDB entry. */
export interface ValueOutput {
  /** Of the format: 10, or 11 (Redis 7.2). */
  readonly version: number;
  /** A length. */
  length(n: number): void;
  /** A string: may become an integer or be compressed on its way. */
  string(bytes: Uint8Array, off: number, length: number): void;
  /** A double, 8 bytes little-endian. */
  double(x: number): void;
  /** A 64-bit number as a length: stream ids. */
  length64(hi: number, lo: number): void;
  /** Bytes as they are, without a length. */
  raw(bytes: Uint8Array, off: number, length: number): void;
}

/** A string as `ValueInput` shows it: valid until the next one is read. */
export interface InputString {
  bytes: Buffer;
  off: number;
  length: number;
}

/** Where a type reads its content from. Everything read was checked to be there; what it means was not. */
export interface ValueInput {
  /** @throws DamagedValue beyond what a double holds exactly */
  length(): number;
  string(): InputString;
  double(): number;
  length64(out: { hi: number; lo: number }): void;
  /** So many bytes as they are. */
  raw(length: number): InputString;
  /** Whether blobs are to be checked entry by entry (`sanitize-dump-payload`); their outline always is. */
  readonly isDeep: boolean;
}

/** What was read cannot be a value: words for the log, such as `Listpack integrity check failed`. */
export class DamagedValue extends Error {}

/**
 * How a content of many elements is saved, or freed, piece by piece while commands go on changing it. `isLate` tells when a
 * slice of time is over; whoever returns false will be called again.
 */
export interface LargeContent {
  isLarge(view: RecordView): boolean;
  /** Address of the Deferred that a large content has, or 0. */
  holderOf(view: RecordView): number;
  /**
   * From now on each element is kept for `deferred`, just made in the content's shard, before it changes or goes; `dispose`
   * leaves the content to it. @throws ArenaFull (nothing changed)
   */
  defer(view: RecordView, deferred: Deferred): void;
  /** After a content was saved in one go: its elements are saved. */
  markSaved?(view: RecordView): void;
  /** What stands before the elements in a file: their number at the cut. */
  begin(deferred: Deferred, out: ValueOutput): void;
  /** Writes elements; true when all are written. */
  save(deferred: Deferred, out: ValueOutput, isLate: () => boolean): boolean;
  /** The content, if a key still has it, is let go of; what is nobody's any more is freed. True when done. */
  free(deferred: Deferred, isLate: () => boolean): boolean;
}

export interface ValueKind {
  /** TYPE_… of the record. */
  type: number;
  /** As TYPE answers. */
  name: string;
  /** The encoding whose BODY is the root of a table of elements, where there is one. */
  tableEncoding?: number;
  /** Frees everything that BODY points to; the record itself stays. */
  dispose(view: RecordView): void;
  /** As OBJECT ENCODING answers. */
  encodingName(view: RecordView): string;
  /** Makes a copy of the content for `shard` and leaves its BODY words in `out` (address, aside). @throws ArenaFull */
  copy(view: RecordView, shard: number, out: Int32Array): void;
  /** Elements: what a large-value heuristic (UNLINK, snapshot) goes by. */
  elements(view: RecordView): number;
  /** Bytes in blocks that BODY points to. */
  bytes(view: RecordView): number;
  /** For types whose contents may have many elements. */
  readonly large?: LargeContent;
}

/** How a type's content becomes an RDB value and comes back: each type's room hands in one row. Strings need none. */
export interface ValueCodec {
  /** TYPE_… of the record. */
  type: number;
  /** RDB types that `restore` reads. */
  rdbTypes: readonly number[];
  /** What `save` writes for this record, in a file of that version. */
  rdbType(view: RecordView, version: number): number;
  save(view: RecordView, out: ValueOutput): void;
  /**
   * Makes the key that the last lookup did not find, from a value of `rdbType`. False when it would be empty (then
   * there is no key). @throws DamagedValue, ArenaFull (nothing is left behind)
   */
  restore(rdbType: number, input: ValueInput, keyspace: Keyspace): boolean;
}
