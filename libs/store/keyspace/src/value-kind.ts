/**
 * What the keyspace must know of a type's content: each type's room hands in one row. A record's view is the only
 * argument, so that the keyspace needs no knowledge of encodings.
 */
import type { RecordView } from '@larder/store-datatypes';
import type { Keyspace } from './keyspace';

/** Where a type writes its content when it is saved: the value part of an RDB entry. */
export interface ValueOutput {
  /** A length. */
  length(n: number): void;
  /** A string: may become an integer or be compressed on its way. */
  string(bytes: Uint8Array, off: number, length: number): void;
  /** A double, 8 bytes little-endian. */
  double(x: number): void;
  /** A 64-bit number as a length: stream ids. */
  length64(hi: number, lo: number): void;
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
  /** Whether blobs are to be checked entry by entry (`sanitize-dump-payload`); their outline always is. */
  readonly isDeep: boolean;
}

/** What was read cannot be a value: words for the log, such as `Listpack integrity check failed`. */
export class DamagedValue extends Error {}

export interface ValueKind {
  /** TYPE_… of the record. */
  type: number;
  /** As TYPE answers. */
  name: string;
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
}

/** How a type's content becomes an RDB value and comes back: each type's room hands in one row. Strings need none. */
export interface ValueCodec {
  /** TYPE_… of the record. */
  type: number;
  /** RDB types that `restore` reads. */
  rdbTypes: readonly number[];
  /** What `save` writes for this record. */
  rdbType(view: RecordView): number;
  save(view: RecordView, out: ValueOutput): void;
  /**
   * Makes the key that the last lookup did not find, from a value of `rdbType`. False when it would be empty (then
   * there is no key). @throws DamagedValue, ArenaFull (nothing is left behind)
   */
  restore(rdbType: number, input: ValueInput, keyspace: Keyspace): boolean;
}
