// Whether a handover may be asked for without a loss: from what the stores say while writes are held, and from whom the Sentinel that is asked
// could choose. Pure.
//
// A Sentinel takes, of those that it does not know to be down, the one with the best priority, then with the most data *as of its last
// question*, which may be a second old. So a replica that has lost its link can look better to it than one that has everything by now: it must
// not be choosable at all.
import type { StoreView } from './decide-roles';

/** Hears this very primary: another one's stream has offsets, too, that mean nothing here. */
export function isLinkedTo(primary: Pick<StoreView, 'port'>, { role, isLinkUp, followsPort }: StoreView): boolean {
  return role === 'REPLICA' && isLinkUp && followsPort === primary.port;
}

export function hasEverything(primary: StoreView, replica: StoreView): boolean {
  return isLinkedTo(primary, replica) && primary.role === 'PRIMARY' && primary.offset !== null && replica.offset !== null && replica.offset >= primary.offset;
}

/**
 * `primary` as it was before the others were looked at, with writes held since before that. `choosable`: ports of the replicas that the
 * Sentinel might choose; undefined where it does not answer.
 */
export function isSafeToHandOver(primary: StoreView, others: readonly StoreView[], choosable: readonly number[] | undefined, target: string | null): boolean {
  const fit = others.filter((replica) => hasEverything(primary, replica));
  if (choosable === undefined || fit.length === 0 || (target !== null && !fit.some(({ name }) => name === target))) return false;
  return choosable.length > 0 && choosable.every((port) => fit.some((replica) => replica.port === port));
}

/** Answering, and fit to be chosen by a Sentinel that does not know better: these are taken out of the choice first. */
export function decideBarred(primary: StoreView, others: readonly StoreView[]): readonly StoreView[] {
  const unlinked = others.filter((store) => store.role === 'REPLICA' && !isLinkedTo(primary, store));
  return unlinked.length === others.length ? [] : unlinked;
}

/** Writes may be let go although nobody was promoted in time: everybody was heard, and nothing has changed or is about to. */
export function isCertainlyUnchanged(
  old: StoreView, others: readonly StoreView[], words: readonly { readonly primaryPort: number; readonly configEpoch: number; readonly isFailingOver: boolean }[],
  sentinelsTotal: number, epoch: number,
): boolean {
  return words.length === sentinelsTotal && words.every((word) => word.primaryPort === old.port && word.configEpoch <= epoch && !word.isFailingOver)
    && old.role === 'PRIMARY' && others.every(({ role }) => role === 'REPLICA');
}
