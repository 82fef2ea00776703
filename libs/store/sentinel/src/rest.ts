/**
 * How long a Sentinel may rest: until the next thing is due, as long as all is well. What is due a moment later goes along, so that the
 * many who were asked together stay together: most of what an idle deployment costs is waking up.
 */
import type { Instance } from './instance';
import { Peer, Replica } from './instance';
import { pingPeriodOf, publishPeriodOf } from './monitor';
import type { Sentinel } from './sentinel';

export const REST_MS_MAX = 500;
/** So much later than due. */
const TOGETHER_MS = 20;

/** 0 while anything is under way or amiss. */
export function restMs(sentinel: Sentinel): number {
  if (sentinel.isTilted || sentinel.scripts.jobs.length > 0) return 0;
  let due = Infinity;
  for (const primary of sentinel.primaries.values()) {
    if (primary.failoverState !== 'none' || primary.isFailingOver || primary.isObjectivelyDown || primary.hasRebooted || primary.reportedRole === 'slave') return 0;
    for (const instance of primary.everyone()) {
      if (!isWell(instance)) return 0;
      due = Math.min(due, dueOf(sentinel, instance));
    }
  }
  return Math.min(Math.max(due - sentinel.now() + TOGETHER_MS, 0), REST_MS_MAX);
}

function isWell(instance: Instance): boolean {
  if (instance.link.isDisconnected || instance.isSubjectivelyDown) return false;
  if (instance instanceof Replica) return instance.infoAt !== 0 && instance.linkDownMs === 0 && instance.reportedRole === 'slave' && !instance.isPromoted && instance.reconfiguration !== 'sent' && instance.reconfiguration !== 'in-progress';
  return instance instanceof Peer || instance.infoAt !== 0;
}

function dueOf(sentinel: Sentinel, instance: Instance): number {
  const { link } = instance;
  const period = pingPeriodOf(sentinel, instance);
  // One that does not answer is looked at closely from halfway on.
  const ping = link.pingSince !== 0 ? link.pingSince + instance.downAfterMs / 2 : Math.max(link.answeredAt + period, link.pingedAt + period / 2) + 1;
  const hello = instance.publishedAt + publishPeriodOf(sentinel, instance) + 1;
  const info = instance instanceof Peer ? Infinity : instance.infoAt + sentinel.timings['info-period'] + 1;
  return Math.min(ping, hello, info);
}
