/**
 * The failover of one primary, by the Sentinel that was elected (or told) to do it:
 *
 *   none ─▶ wait-start ─▶ select-replica ─▶ send-promotion ─▶ wait-promotion ─▶ reconfigure ─▶ update-configuration ─▶ none
 *              └──────────────┴── abort ◀──────┴──────────────────┘
 *
 * Until the replica says that it is a primary all of it can be given up. From then on it goes to its end, by time if need be:
 * the new configuration is on disk and on its way to the other Sentinels.
 */
import type { Address } from './address';
import { DESYNC_MS, askOthers, countVotes } from './election';
import { tell } from './events';
import type { FailoverState, Primary, Replica } from './instance';
import { askInfo, checkObjectivelyDown } from './monitor';
import { isEligible, selectReplica } from './selection';
import type { Sentinel } from './sentinel';

/** How long an elected leader waits for INFO of replicas that it last saw before the failover began. */
const FRESH_INFO_MS_MAX = 500;
/** Votes are split: a new epoch after that, and a random time as long again. */
const SPLIT_RETRY_MS = 100;

export function startFailover(sentinel: Sentinel, primary: Primary): void {
  const now = sentinel.now();
  primary.isFailingOver = true;
  sentinel.enterState(primary, 'wait-start');
  primary.failoverEpoch = ++sentinel.currentEpoch;
  primary.splitVoteRetryAt = 0;
  tell(sentinel, 'warning', '+new-epoch', primary, String(sentinel.currentEpoch));
  sentinel.event('warning', '+try-failover', primary);
  primary.failoverStartedAt = now + sentinel.random.int(DESYNC_MS);
  primary.infoWantedSince = now;
  for (const replica of primary.replicas.values()) askInfo(sentinel, replica);
}

/** When enough Sentinels see it down and the last attempt is long enough ago. */
function startFailoverIfNeeded(sentinel: Sentinel, primary: Primary): boolean {
  if (!primary.isObjectivelyDown || primary.isFailingOver) return false;
  const notBefore = primary.failoverStartedAt + primary.failoverTimeoutMs * 2;
  if (sentinel.now() < notBefore) {
    if (primary.failoverDelayLogged !== primary.failoverStartedAt) {
      primary.failoverDelayLogged = primary.failoverStartedAt;
      sentinel.hands.log('warning', `Next failover delay: I will not start a failover before ${cTime(notBefore)}`);
    }
    return false;
  }
  startFailover(sentinel, primary);
  return true;
}

/** Because somebody wishes it: no vote is needed. It goes on when the replicas have answered (or at the next tick), after whoever wished it has been. */
export function orderFailover(sentinel: Sentinel, primary: Primary): void {
  startFailover(sentinel, primary);
  primary.isForced = true;
}

/** A replica has said how it is: that may be what a choice waits for. */
export function hearReplica(sentinel: Sentinel, { primary }: Replica): void {
  const isAwaited = primary.failoverState === 'select-replica' || (primary.failoverState === 'wait-start' && primary.isForced);
  if (isAwaited && !sentinel.isTilted) advance(sentinel, primary);
}

/** By what is known now: begins one, or goes on with it. */
export function considerFailover(sentinel: Sentinel, primary: Primary): void {
  checkObjectivelyDown(sentinel, primary);
  if (startFailoverIfNeeded(sentinel, primary)) askOthers(sentinel, primary, true);
  advance(sentinel, primary);
}

/** Does what can be done now. */
export function advance(sentinel: Sentinel, primary: Primary): void {
  let before: FailoverState | undefined;
  while (primary.isFailingOver && primary.failoverState !== before) {
    before = primary.failoverState;
    steps[before]?.(sentinel, primary);
  }
}

const steps: Partial<Record<FailoverState, (sentinel: Sentinel, primary: Primary) => void>> = {
  'wait-start': waitStart,
  'select-replica': select,
  'send-promotion': sendPromotion,
  'wait-promotion': waitPromotion,
  reconfigure,
};

function waitStart(sentinel: Sentinel, primary: Primary): void {
  const now = sentinel.now();
  const { leader, isSplit } = countVotes(sentinel, primary);
  if (leader?.toLowerCase() !== sentinel.id && !primary.isForced) {
    const timeoutMs = Math.min(sentinel.timings['election-timeout'], primary.failoverTimeoutMs);
    if (now - primary.failoverStartedAt > timeoutMs) {
      sentinel.event('warning', '-failover-abort-not-elected', primary);
      abort(sentinel, primary);
    } else if (leader === undefined && isSplit && sentinel.currentEpoch === primary.failoverEpoch) retry(sentinel, primary);
    return;
  }
  sentinel.event('warning', '+elected-leader', primary);
  if (sentinel.crashesAfterElection) sentinel.crash();
  sentinel.enterState(primary, 'select-replica');
  sentinel.event('warning', '+failover-state-select-slave', primary);
}

/**
 * All have voted in this epoch and nobody can win it: to wait for the time-out would only prolong the outage. Whoever comes
 * first begins the next epoch, and the others see it in its request.
 */
function retry(sentinel: Sentinel, primary: Primary): void {
  const now = sentinel.now();
  if (primary.splitVoteRetryAt === 0) primary.splitVoteRetryAt = now + SPLIT_RETRY_MS + sentinel.random.int(SPLIT_RETRY_MS);
  if (now < primary.splitVoteRetryAt) return;
  const { failoverStartedAt } = primary;
  startFailover(sentinel, primary);
  primary.failoverStartedAt = failoverStartedAt; // the time-out covers all its epochs
  countVotes(sentinel, primary);
  askOthers(sentinel, primary, true);
}

function select(sentinel: Sentinel, primary: Primary): void {
  const now = sentinel.now();
  const mayWait = now - primary.failoverStateSince < FRESH_INFO_MS_MAX;
  // What a replica said before the failover began says little about what it has: what is on its way is awaited, shortly.
  const isStale = (replica: Replica) => !replica.isSubjectivelyDown && !replica.link.isDisconnected && replica.infoAt < primary.infoWantedSince;
  if (mayWait && [...primary.replicas.values()].some(isStale)) return;
  const replica = selectReplica(sentinel, primary);
  if (replica === undefined) {
    for (const held of primary.replicas.values()) {
      if (isEligible(sentinel, primary, held)) sentinel.hands.log('warning', `Replica ${held.name} is not promoted: its offset ${held.offset} is too far behind the known history of ${primary.name}`);
    }
    sentinel.event('warning', '-failover-abort-no-good-slave', primary);
    return abort(sentinel, primary);
  }
  sentinel.event('warning', '+selected-slave', replica);
  replica.isPromoted = true;
  primary.promoted = replica;
  sentinel.enterState(primary, 'send-promotion');
  sentinel.event('notice', '+failover-state-send-slaveof-noone', replica);
}

function sendPromotion(sentinel: Sentinel, primary: Primary): void {
  const promoted = primary.promoted!;
  if (promoted.link.isDisconnected) return abortAfterTimeout(sentinel, primary);
  sendReplicaOf(sentinel, promoted, null);
  sentinel.event('notice', '+failover-state-wait-promotion', promoted);
  sentinel.enterState(primary, 'wait-promotion');
}

/** Its INFO ends this state: see refresh.ts. */
function waitPromotion(sentinel: Sentinel, primary: Primary): void {
  abortAfterTimeout(sentinel, primary);
}

function abortAfterTimeout(sentinel: Sentinel, primary: Primary): void {
  if (sentinel.now() - primary.failoverStateSince <= primary.failoverTimeoutMs) return;
  sentinel.event('warning', '-failover-abort-slave-timeout', primary);
  abort(sentinel, primary);
}

export function abort(sentinel: Sentinel, primary: Primary): void {
  primary.isFailingOver = primary.isForced = false;
  primary.splitVoteRetryAt = 0;
  sentinel.enterState(primary, 'none');
  if (primary.promoted !== undefined) primary.promoted.isPromoted = false;
  primary.promoted = undefined;
}

/** So many at a time are told to follow the new primary. */
function reconfigure(sentinel: Sentinel, primary: Primary): void {
  const promoted = primary.promoted;
  const now = sentinel.now();
  if (promoted !== undefined) {
    const replicas = [...primary.replicas.values()];
    const isUnderWay = (replica: Replica) => replica.reconfiguration === 'sent' || replica.reconfiguration === 'in-progress';
    let underWay = replicas.filter(isUnderWay).length;
    for (const replica of replicas) {
      if (replica.isPromoted || replica.reconfiguration === 'done') continue;
      if (replica.reconfiguration === 'sent' && now - replica.reconfigurationSentAt > sentinel.timings['slave-reconf-timeout']) {
        // It counts as done; that it does not follow is noticed later.
        sentinel.event('notice', '-slave-reconf-sent-timeout', replica);
        replica.reconfiguration = 'done';
        underWay--;
        continue;
      }
      if (isUnderWay(replica) || replica.link.isDisconnected || underWay >= primary.parallelSyncs) continue;
      sendReplicaOf(sentinel, replica, promoted.address);
      replica.reconfiguration = 'sent';
      replica.reconfigurationSentAt = now;
      sentinel.event('notice', '+slave-reconf-sent', replica);
      underWay++;
    }
  }
  detectEnd(sentinel, primary);
}

function detectEnd(sentinel: Sentinel, primary: Primary): void {
  const { promoted } = primary;
  if (promoted === undefined || promoted.isSubjectivelyDown) return;
  const replicas = [...primary.replicas.values()].filter((replica) => !replica.isPromoted && replica.reconfiguration !== 'done');
  const isTimedOut = sentinel.now() - primary.failoverStateSince > primary.failoverTimeoutMs;
  if (isTimedOut) sentinel.event('warning', '+failover-end-for-timeout', primary);
  else if (replicas.some((replica) => !replica.isSubjectivelyDown)) return;
  sentinel.event('warning', '+failover-end', primary);
  sentinel.enterState(primary, 'update-configuration');
  if (!isTimedOut) return;
  for (const replica of replicas) {
    if (replica.reconfiguration === 'sent' || replica.link.isDisconnected) continue;
    sendReplicaOf(sentinel, replica, promoted.address);
    sentinel.event('notice', '+slave-reconf-sent-be', replica);
    replica.reconfiguration = 'sent';
  }
}

/** The last step: the name points to the new primary; the old one is a replica that will be told so when it is back. */
export function switchToPromoted(sentinel: Sentinel, primary: Primary): void {
  const from = primary.address;
  const to = primary.promoted?.address ?? from;
  tell(sentinel, 'warning', '+switch-master', primary, `${primary.name} ${sentinel.shownHost(from)} ${from.port} ${sentinel.shownHost(to)} ${to.port}`);
  sentinel.switchAddress(primary, to.hostname, to.port);
}

/**
 * Makes a server follow `to`, or nobody. In one transaction it also keeps that for its next start, and lets its clients go, so that
 * they ask anew where the primary is. Whether it worked is seen in its INFO, which is asked for at once.
 */
export function sendReplicaOf(sentinel: Sentinel, server: Primary | Replica, to: Address | null): void {
  const target = to === null ? ['NO', 'ONE'] : [sentinel.shownHost(to), String(to.port)];
  const commands = [['MULTI'], ['SLAVEOF', ...target], ['CONFIG', 'REWRITE'], ['CLIENT', 'KILL', 'TYPE', 'normal'], ['CLIENT', 'KILL', 'TYPE', 'pubsub']];
  for (const command of commands) sentinel.ask(server, command, undefined);
  sentinel.ask(server, ['EXEC'], () => askInfo(sentinel, server));
}

/** As ctime() writes it. */
function cTime(ms: number): string {
  const at = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  const [weekday, month] = at.toDateString().split(' ');
  return `${weekday} ${month} ${String(at.getDate()).padStart(2, ' ')} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())} ${at.getFullYear()}`;
}
