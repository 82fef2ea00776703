/**
 * Which replica is promoted. Out are those that are down, not linked, silent for five pings, of priority 0, with old INFO, or without
 * their primary for longer than it can have been down. Of the rest: the lowest priority, then the greatest offset, then the
 * smallest run id.
 *
 * Two guards beyond Redis. Replicas of the primary's own history come before all others (ofHistory). And a replica that holds
 * nothing, or much less than what is known of the primary's history, is no successor: it would turn the loss of a primary into the
 * loss of the data. "Known" is the primary's own offset when it was last heard of, and the offsets of all replicas of the same
 * history, those that are down included: while the good copy is away the empty one waits for it. `promote-lag-max-bytes -1` restores
 * Redis' behaviour in both.
 */
import type { Primary } from './instance';
import type { Replica } from './instance';
import type { Sentinel } from './sentinel';

/** Up to here a replica has never had anything: servers say 0 or 1. */
const EMPTY_OFFSET = 1;
/** A history as short as this is pings alone: to lose it is to lose nothing. */
const TRIVIAL_OFFSET = 1024;

export function selectReplica(sentinel: Sentinel, primary: Primary): Replica | undefined {
  const eligible = [...primary.replicas.values()].filter((replica) => isEligible(sentinel, primary, replica) && holdsEnough(primary, replica));
  return eligible.sort((a, b) => ofHistory(primary, b) - ofHistory(primary, a) || better(a, b))[0];
}

/** Redis' own conditions. */
export function isEligible(sentinel: Sentinel, primary: Primary, replica: Replica): boolean {
  const now = sentinel.now();
  const { timings } = sentinel;
  const downForMs = primary.isSubjectivelyDown ? now - primary.subjectivelyDownSince : 0;
  const infoMsMax = primary.isSubjectivelyDown ? timings['ping-period'] * 5 : timings['info-period'] * 3;
  return (
    !replica.isSubjectivelyDown &&
    !replica.link.isDisconnected &&
    now - replica.link.workedAt <= timings['ping-period'] * 5 &&
    replica.priority !== 0 &&
    now - replica.infoAt <= infoMsMax &&
    replica.linkDownMs <= downForMs + primary.downAfterMs * 10
  );
}

export function holdsEnough(primary: Primary, replica: Replica): boolean {
  if (primary.promoteLagBytesMax < 0) return true;
  let known = primary.offset;
  for (const other of primary.replicas.values()) {
    if (primary.replicationId !== '' && other.replicationId === primary.replicationId) known = Math.max(known, other.offset);
  }
  if (replica.offset <= EMPTY_OFFSET) return known <= TRIVIAL_OFFSET;
  return known - replica.offset <= primary.promoteLagBytesMax;
}

/**
 * Offsets are of a history, and those of another one say nothing: an old primary that wrote on alone, and was told to follow just now,
 * has the greatest of all.
 */
function ofHistory(primary: Primary, replica: Replica): number {
  return primary.promoteLagBytesMax >= 0 && primary.replicationId !== '' && replica.replicationId === primary.replicationId ? 1 : 0;
}

function better(a: Replica, b: Replica): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.offset !== b.offset) return b.offset - a.offset;
  if (a.runId === undefined || b.runId === undefined) return a.runId === b.runId ? 0 : a.runId === undefined ? 1 : -1;
  return a.runId < b.runId ? -1 : a.runId > b.runId ? 1 : 0;
}
