// What an instance of several stores shows to people: how each member was seen last, and what a change of primary would do now. Pure.
import { downAfterMs, memberKindOf, type Availability, type HandoverMode } from './high-availability';
import type { Plan } from './plans';

/** For how long writes stand still where nothing else goes on: measured, median (apps/platform-e2e/src/high-availability/measure.ts). */
const handoverPauseMs: Readonly<Record<HandoverMode, number>> = { FAILOVER: 200, SWITCHOVER: 200 };

/** When the primary dies: until it counts as down, and then a choice among Sentinels that ask each other. */
export function deathPauseMs(plan: Pick<Plan, 'threads' | 'memoryBytes'>): number {
  return downAfterMs(plan) + 400;
}

export interface HandoverForecast {
  readonly mode: HandoverMode;
  readonly candidate: string | null;
  readonly lostBytes: number | null;
  readonly lostSeconds: number | null;
  readonly pauseMs: number;
}

/** Whom Sentinels would choose now, by their rule (of those that hear the primary the one that has most, then the smallest run id), at what cost. */
export function forecastHandover(mode: HandoverMode, { stores }: Pick<Availability, 'stores'>): HandoverForecast {
  const [best] = stores.filter(({ role, isLinkUp }) => role === 'REPLICA' && isLinkUp)
    .sort((left, right) => (left.lagBytes ?? Infinity) - (right.lagBytes ?? Infinity) || ((left.runId ?? left.name) < (right.runId ?? right.name) ? -1 : 1));
  const isAwaited = mode === 'SWITCHOVER' && best !== undefined;
  return {
    mode, candidate: best?.name ?? null, pauseMs: handoverPauseMs[mode],
    lostBytes: isAwaited ? 0 : best?.lagBytes ?? null, lostSeconds: isAwaited ? 0 : best?.lagSeconds ?? null,
  };
}

/** What the last look saw of one member, for people; nothing of what its role has not. */
export function memberSeenOf(name: string, seen: Availability | null): {
  readonly configEpoch: number | null; readonly follows: string | null; readonly isAnswering: boolean | null; readonly isLinkUp: boolean | null;
  readonly isSyncing: boolean | null; readonly lagBytes: number | null; readonly lagSeconds: number | null; readonly linkDownSeconds: number | null; readonly offset: number | null;
} {
  const store = seen?.stores.find((each) => each.name === name);
  const replica = store?.role === 'REPLICA' ? store : undefined;
  const sentinel = seen?.sentinels?.find((each) => each.name === name);
  const isAnswering = store !== undefined ? store.role !== 'UNKNOWN' : memberKindOf(name) === 'SENTINEL' && seen?.sentinels !== undefined ? sentinel !== undefined : null;
  return {
    isAnswering, configEpoch: sentinel?.configEpoch ?? null, follows: replica?.follows ?? sentinel?.primary ?? null, offset: store?.offset ?? null,
    isLinkUp: replica?.isLinkUp ?? null, isSyncing: replica === undefined ? null : replica.isSyncing ?? null,
    lagBytes: replica?.lagBytes ?? null, lagSeconds: replica?.lagSeconds ?? null, linkDownSeconds: replica?.linkDownSeconds ?? null,
  };
}
