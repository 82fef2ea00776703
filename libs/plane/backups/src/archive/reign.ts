// Of several stores only the primary's log is the truth, and only while it is primary. A reign is told by the store's replication id: it
// changes when a store is promoted and when it begins to follow another, so two reigns of one store have different ones, however short
// the time between them.
//
// Invariants
// - Bytes are shipped only if they lay there before the store said that it is primary, under the reign of the stretch.
// - What was not shipped before a reign ended is shipped up to the second before the next primary was first seen, and only from the very
//   increment in which the stretch stands: a former primary that is filled anew goes on in another.
import type { LogStretchRow } from '@larder/plane-domain';
import { secondMs } from '@larder/shared-std';
import type { LogView } from './ports';

/** The same view with the sizes of this moment. */
export async function heldStill(view: LogView): Promise<LogView> {
  const { base, increments, past } = view.manifest;
  const sizes = new Map<string, number | undefined>();
  for (const { name } of [...(base === undefined ? [] : [base]), ...past, ...increments]) sizes.set(name, await view.sizeOf(name));
  return { ...view, sizeOf: async (name) => (sizes.has(name) ? sizes.get(name) : view.sizeOf(name)) };
}

/** The last second that may be taken from a reign that is over; undefined where nobody is known to have followed. */
export function lastSecondOf(stretch: Pick<LogStretchRow, 'startedAt'>, nextSinceMs: number | undefined): number | undefined {
  return nextSinceMs === undefined || nextSinceMs < stretch.startedAt.getTime() ? undefined : Math.floor(nextSinceMs / secondMs) - 1;
}
