// Who is primary, and whom the others follow: from what Sentinels and stores say to what the loop may order. Pure.
//
// Invariants
// - The Sentinels choose; this only finds out whom they chose and brings stragglers along. While they are at it nothing is ordered.
// - What a Sentinel says under an older epoch than the one stored with the status counts as not said.
// - Nobody is told to follow a store that does not itself say that it is primary, and nobody is ever made primary here.
// - Nobody is told anything unless every Sentinel was heard and none contradicts: an order that comes between a promotion and its being known
//   would undo it, with all that was written since.
import type { Availability, StoreSeen } from '@larder/plane-domain';
import type { StoreDetails } from './describe-view';

export interface StoreView {
  readonly name: string;
  readonly port: number;
  /** Null: it does not answer. */
  readonly role: 'PRIMARY' | 'REPLICA' | null;
  readonly followsPort: number | null;
  readonly isLinkUp: boolean;
  readonly offset: number | null;
  /** For people alone; nothing is decided by it. */
  readonly details?: StoreDetails;
}

export interface SentinelView {
  readonly name: string;
  readonly primaryPort: number;
  readonly configEpoch: number;
  readonly isFailingOver: boolean;
  readonly isPrimaryDown: boolean;
  readonly downAfterMs: number;
  readonly othersCount: number;
  readonly replicaPorts: readonly number[];
}

export interface Roles {
  readonly primary: string;
  readonly configEpoch: number;
  /** Everybody is where the Sentinels want them, and they are not about to change it. */
  readonly isFailingOver: boolean;
  /** The primary itself says so. */
  readonly isPrimaryUp: boolean;
  readonly followers: readonly { readonly name: string; readonly port: number }[];
}

/** `sentinelsTotal`: how many there are that should have been heard. */
export function decideRoles(stores: readonly StoreView[], sentinels: readonly SentinelView[], known: Availability | null, sentinelsTotal: number = sentinels.length): Roles {
  const fresh = sentinels.filter(({ configEpoch }) => configEpoch >= (known?.configEpoch ?? 0));
  const newest = fresh.reduce<SentinelView | undefined>((best, view) => (best === undefined || view.configEpoch > best.configEpoch ? view : best), undefined);
  const named = stores.find(({ port }) => port === newest?.primaryPort);
  const primary = named ?? stores.find(({ name }) => name === known?.primary) ?? [...stores].sort((left, right) => (left.name < right.name ? -1 : 1))[0];
  const isFailingOver = fresh.some((view) => view.isFailingOver);
  const isPrimaryUp = primary?.role === 'PRIMARY';
  // One that was not heard may have promoted somebody a moment ago: whom the others then take for a straggler is the primary. Sentinels
  // bring stragglers along by themselves, later.
  const doAgree = sentinels.length === sentinelsTotal && fresh.every(({ primaryPort }) => primaryPort === primary?.port);
  const followers = isFailingOver || !isPrimaryUp || !doAgree ? [] : stores
    .filter(({ name, role, followsPort }) => name !== primary.name && role !== null && (role === 'PRIMARY' || followsPort !== primary.port))
    .map(({ name }) => ({ name, port: primary.port }));
  return {
    primary: primary?.name ?? 'a', configEpoch: named === undefined ? known?.configEpoch ?? 0 : newest!.configEpoch, isFailingOver, isPrimaryUp, followers,
  };
}

export function seenOf(stores: readonly StoreView[], primary: string): StoreSeen[] {
  const ahead = stores.find(({ name }) => name === primary)?.offset ?? null;
  return stores.map(({ name, role, isLinkUp, offset }) => ({
    name, role: role ?? 'UNKNOWN', isLinkUp: role === 'REPLICA' && isLinkUp,
    lagBytes: role !== 'REPLICA' || ahead === null || offset === null ? null : Math.max(0, ahead - offset),
  }));
}

/** One that comes back with old data would make the others throw away what they have: they get so much longer to be chosen. */
const behindPatience = 4;

export type Return = 'as-primary' | 'as-replica' | 'wait';

/**
 * How a store that does not run is started. One that was primary comes back as a replica of whom the Sentinels chose: started at once and as
 * it was, it would be primary again with what its files hold, and the replicas, who hold more, would throw that away.
 */
export function decideReturn(
  { isPrimary, hasRun, othersRunning, goneForMs, patienceMs, isBehindAfterStart }: {
    readonly isPrimary: boolean; readonly hasRun: boolean; readonly othersRunning: number; readonly goneForMs: number; readonly patienceMs: number;
    /** What it loads may be much older than what it held: nothing on disk, or snapshots alone. */
    readonly isBehindAfterStart: boolean;
  },
): Return {
  if (!isPrimary) return 'as-replica';
  // Nobody else has anything, or there never was anything.
  if (!hasRun || othersRunning === 0) return 'as-primary';
  return goneForMs > patienceMs * (isBehindAfterStart ? behindPatience : 1) ? 'as-primary' : 'wait';
}
