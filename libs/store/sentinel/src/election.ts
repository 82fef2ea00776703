/**
 * Who leads a failover. Each Sentinel has one vote per epoch and primary, and gives it to the first that asks; a leader needs the
 * majority of all known Sentinels, and the quorum at least. So an epoch has one leader at most, for as long as
 *
 *   - a vote is never given twice: it is on disk before it is told (a vote that cannot be written is not given)
 *   - votes are counted only for the epoch that the failover began with.
 */
import { tell } from './events';
import type { Answer } from './hands';
import type { Peer, Primary } from './instance';
import type { Sentinel } from './sentinel';
import { advance, considerFailover } from './failover';
import { isEpoch } from './timings';

/** Keeps Sentinels from trying again all at once. */
export const DESYNC_MS = 1000;

export interface Vote {
  leader: string | undefined;
  epoch: number;
}

/** Votes for `id` if we still can in that epoch; answers whom we have voted for last. */
export function voteFor(sentinel: Sentinel, primary: Primary, epoch: number, id: string): Vote {
  if (epoch > sentinel.currentEpoch) {
    sentinel.currentEpoch = epoch;
    sentinel.persist();
    tell(sentinel, 'warning', '+new-epoch', primary, String(epoch));
  }
  if (primary.leaderEpoch < epoch && sentinel.currentEpoch <= epoch) {
    const before = { leader: primary.leader, epoch: primary.leaderEpoch };
    primary.leader = id;
    primary.leaderEpoch = epoch;
    if (!sentinel.persist()) {
      primary.leader = before.leader;
      primary.leaderEpoch = before.epoch;
      return { leader: undefined, epoch: before.epoch };
    }
    tell(sentinel, 'warning', '+vote-for-leader', primary, `${id} ${epoch}`);
    // Somebody else tries: we leave it time.
    if (id.toLowerCase() !== sentinel.id) primary.failoverStartedAt = sentinel.now() + sentinel.random.int(DESYNC_MS);
  }
  return { leader: primary.leader, epoch: primary.leaderEpoch };
}

/** The leader of the epoch that our failover began with, as far as votes have come in. Gives our own vote. */
export function countVotes(sentinel: Sentinel, primary: Primary): { leader: string | undefined; isSplit: boolean } {
  const epoch = primary.failoverEpoch;
  const counts = new Map<string, number>();
  let votesMax = 0;
  let winner: string | undefined;
  let missing = 0;
  const count = (id: string) => {
    const votes = (counts.get(id) ?? 0) + 1;
    counts.set(id, votes);
    if (votes > votesMax) {
      votesMax = votes;
      winner = id;
    }
  };
  for (const peer of primary.peers.values()) {
    if (peer.leader !== undefined && peer.leaderEpoch === epoch) count(peer.leader);
    else missing++;
  }
  const own = voteFor(sentinel, primary, epoch, winner ?? sentinel.id);
  if (own.leader !== undefined && own.epoch === epoch) count(own.leader);
  const needed = Math.max(Math.floor((primary.peers.size + 1) / 2) + 1, primary.quorum);
  return { leader: votesMax >= needed ? winner : undefined, isSplit: votesMax + missing < needed };
}

/** How often others are asked while not enough of them are known to agree: a share of `ask-period`. */
const EAGER_SHARE = 4;
/** Answers are forgotten after so many `ask-period`s. */
const KEPT_PERIODS = 5;

/** Asks the others whether they think it is down too, and for their votes while we try to lead. */
export function askOthers(sentinel: Sentinel, primary: Primary, isForced: boolean): void {
  const period = sentinel.timings['ask-period'];
  const now = sentinel.now();
  for (const peer of primary.peers.values()) {
    const since = now - peer.downReplyAt;
    if (since > period * KEPT_PERIODS) {
      peer.seesPrimaryDown = false;
      peer.leader = undefined;
    }
    if (!primary.isSubjectivelyDown || peer.link.isDisconnected) continue;
    if (!isForced && since < (primary.isObjectivelyDown ? period : period / EAGER_SHARE)) continue;
    const isTrying = primary.failoverState !== 'none';
    const { address } = primary;
    sentinel.ask(
      peer,
      ['SENTINEL', 'is-master-down-by-addr', sentinel.shownHost(address), String(address.port), String(isTrying ? primary.failoverEpoch : sentinel.currentEpoch), isTrying ? sentinel.id : '*'],
      (answer) => receiveDownReply(sentinel, peer, answer),
    );
  }
}

function receiveDownReply(sentinel: Sentinel, peer: Peer, answer: Answer): void {
  if (answer.type !== 'array' || answer.items.length !== 3) return;
  const [down, leader, epoch] = answer.items as [Answer, Answer, Answer];
  if (down.type !== 'integer' || leader.type !== 'bulk' || epoch.type !== 'integer') return;
  peer.downReplyAt = sentinel.now();
  peer.seesPrimaryDown = down.value === 1;
  const { primary } = peer;
  // The first who sees it down, too: the next tick need not be waited for, here and below.
  if (peer.seesPrimaryDown && primary.isSubjectivelyDown && !primary.isObjectivelyDown && !sentinel.isTilted) considerFailover(sentinel, primary);
  if (leader.text === '*') return;
  if (peer.leaderEpoch !== epoch.value) sentinel.hands.log('warning', `${peer.name} voted for ${leader.text} ${epoch.value}`);
  peer.leader = leader.text;
  peer.leaderEpoch = epoch.value;
  if (primary.failoverState === 'wait-start' && !sentinel.isTilted) advance(sentinel, primary);
}

/** SENTINEL IS-MASTER-DOWN-BY-ADDR: what we say to others. */
export function answerDown(sentinel: Sentinel, host: string, port: number, epoch: number, id: string): { isDown: boolean; vote: Vote } {
  const primary = sentinel.findPrimary(host, port);
  const isDown = !sentinel.isTilted && primary !== undefined && primary.isSubjectivelyDown;
  const asksForVote = primary !== undefined && id !== '*' && isEpoch(epoch);
  return { isDown, vote: asksForVote ? voteFor(sentinel, primary, epoch, id) : { leader: undefined, epoch: 0 } };
}
