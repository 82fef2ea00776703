/**
 * A command that adds many elements may run out of memory in the middle. What was added stays, the client is told OOM, and
 * the journal gets the command cut to what was done, so that replicas and files agree.
 */
import type { Unit } from '@larder/store-dispatch';

/** Journals the arguments before `end` instead of all. */
export function journalPart(unit: Unit, end: number): void {
  const { args } = unit;
  unit.journalAs(...Array.from({ length: end }, (_, i) => args.copy(i)));
}
