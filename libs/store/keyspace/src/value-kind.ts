/**
 * What the keyspace must know of a type's content: each type's room hands in one row. A record's view is the only
 * argument, so that the keyspace needs no knowledge of encodings.
 */
import type { RecordView } from '@larder/store-datatypes';

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
