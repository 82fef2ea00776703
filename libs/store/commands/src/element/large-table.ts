/**
 * Saving and freeing a table of elements piece by piece (see Deferred): the same for hashes, sets and sorted sets but for
 * what is written of an element.
 *
 *   saving   the chain of kept elements and the table in hash order, each element once: those of the chain left the table, those of
 *            the table with the old EPOCH bit are marked as they are written; all others are newer than the cut
 *   freeing  the table in hash order; its slots then name freed records, which nobody looks at again; then the table itself
 */
import type { Deferred } from '@larder/store-datatypes';
import { EPOCH, FREEING, OWNED_WHOLE, RecordView, SCANNED, elementTableOf } from '@larder/store-datatypes';
import type { LargeContent, ValueOutput } from '@larder/store-keyspace';
import type { Arena } from '@larder/store-memory';
import { SEGMENT_SHIFT, SEGMENT_UNIT_MASK } from '@larder/store-memory';

/** Elements between two looks at the clock, and bytes after which to look anyway. */
const ELEMENTS_AT_ONCE = 32;
const BYTES_AT_ONCE = 1 << 17;

/** `write` is told the RDB type that was chosen at the cut. `freeAside` frees some of what the second word of BODY points to and answers what is left of it (0: nothing). */
export function largeTable(
  tableEncoding: number,
  write: (element: RecordView, out: ValueOutput, rdbType: number) => void,
  freeAside: (arena: Arena, aside: number) => number = () => 0,
): LargeContent {
  let view: RecordView | undefined;
  let bytes = 0;

  function viewOf(arena: Arena): RecordView {
    if (view === undefined || view.arena !== arena) view = new RecordView(arena);
    return view;
  }

  /** Writes and frees the elements that left the table; false when it is late. */
  function saveKept(deferred: Deferred, out: ValueOutput, isLate: () => boolean): boolean {
    const { arena } = deferred;
    const element = viewOf(arena);
    for (let n = 1; deferred.kept !== 0; n++) {
      const address = deferred.kept;
      deferred.kept = arena.i32[address >>> SEGMENT_SHIFT]![(address & SEGMENT_UNIT_MASK) << 1]!;
      write(element.at(address), out, deferred.rdbType);
      bytes += element.keyLength + element.valueLength;
      arena.free(address);
      if ((n % ELEMENTS_AT_ONCE === 0 || bytes > BYTES_AT_ONCE) && isLate()) return false;
    }
    return true;
  }

  return {
    isLarge: (record) => record.encoding === tableEncoding,
    holderOf: (record) => elementTableOf(record.arena).deferredOf(record.body),

    defer(record, deferred) {
      const elements = elementTableOf(record.arena);
      elements.setDeferred(record.body, deferred.address);
      deferred.body = record.body;
      deferred.aside = record.aside;
      deferred.count = elements.count(record.body);
    },

    markSaved(record) {
      const elements = elementTableOf(record.arena);
      elements.forEach(record.body, (element) => elements.markSaved(element));
    },

    begin: (deferred, out) => out.length(deferred.count),

    save(deferred, out, isLate) {
      const elements = elementTableOf(deferred.arena);
      const element = viewOf(deferred.arena);
      const saveOne = (address: number) => {
        if ((element.at(address).word1 & EPOCH) === elements.epoch) return;
        write(element, out, deferred.rdbType);
        elements.markSaved(element);
        bytes += element.keyLength + element.valueLength;
      };
      // Few at first: nobody knows how long they are.
      for (let want = 4; ; want = bytes > BYTES_AT_ONCE ? 1 : Math.min(want * 2, ELEMENTS_AT_ONCE)) {
        bytes = 0;
        if (!saveKept(deferred, out, isLate)) return false;
        if (deferred.has(SCANNED)) return true;
        deferred.cursor = elements.table.scan(deferred.body, deferred.cursor, want, saveOne) | 0;
        if (deferred.cursor === 0) deferred.set(SCANNED);
        if (isLate()) return false;
      }
    },

    free(deferred, isLate) {
      const { arena } = deferred;
      const elements = elementTableOf(arena);
      if (!deferred.has(OWNED_WHOLE)) {
        elements.setDeferred(deferred.body, 0);
        return true;
      }
      if (!deferred.has(FREEING)) {
        deferred.set(FREEING);
        deferred.clear(SCANNED);
        deferred.cursor = 0;
      }
      while (!deferred.has(SCANNED)) {
        deferred.cursor = elements.table.scan(deferred.body, deferred.cursor, ELEMENTS_AT_ONCE, (address) => arena.free(address)) | 0;
        if (deferred.cursor === 0) deferred.set(SCANNED);
        if (isLate()) return false;
      }
      while (deferred.aside !== 0) {
        deferred.aside = freeAside(arena, deferred.aside);
        if (isLate()) return false;
      }
      deferred.cursor = elements.table.disposeSome(deferred.body, deferred.cursor, isLate);
      if (deferred.cursor !== 0) return false;
      arena.free(deferred.body);
      return true;
    },
  };
}
