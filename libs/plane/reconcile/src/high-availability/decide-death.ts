// Whether the Sentinels may be asked to choose at once, because the primary's process is known to have ended. Pure.
//
// Sentinels wait: they cannot tell a death from a pause. Whoever started the process can. They still choose; they only begin sooner.
//
// Invariants
// - Everything that the dead primary had sent has been read: a replica whose link still stands has not come to the end of it.
// - The others heard the primary until it died: after a restart of the whole machine, say, they may know less than its files.
// - Asked only while no Sentinel has begun to doubt the primary by itself: a failover that is asked for needs no votes, so it must not come beside
//   one that is voted for, whose choice may take writes already.
import type { StoreSeen } from '@larder/plane-domain';
import type { SentinelView, StoreView } from './decide-roles';

export interface Death {
  readonly primary: Pick<StoreView, 'name' | 'port'>;
  readonly goneForMs: number;
  /** From then on they act by themselves. */
  readonly downAfterMs: number;
  readonly sentinelsTotal: number;
  /** As the last status has them. */
  readonly before: readonly StoreSeen[];
}

export function mayChooseAtOnce({ primary, goneForMs, downAfterMs, sentinelsTotal, before }: Death, stores: readonly StoreView[], sentinels: readonly SentinelView[]): boolean {
  const others = stores.filter(({ name }) => name !== primary.name);
  const doAgree = sentinels.every(({ primaryPort, isFailingOver, isPrimaryDown }) => primaryPort === primary.port && !isFailingOver && !isPrimaryDown);
  const haveReadAll = others.every(({ role, followsPort, isLinkUp }) => role === 'REPLICA' && followsPort === primary.port && !isLinkUp);
  const didHear = others.every(({ name }) => before.some((store) => store.name === name && store.isLinkUp));
  return didHear && goneForMs < downAfterMs && sentinelsTotal > 0 && sentinels.length === sentinelsTotal && doAgree && others.length > 0 && haveReadAll;
}
