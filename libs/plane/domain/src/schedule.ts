// When backups are due, and what happens with moments that passed unused. Pure: the moment "now" is handed in.
//
// Cron: five fields (minute hour day month weekday), no seconds, in an IANA time zone. Over a change of summer time a wall-clock
// moment that does not exist runs at the next one that does, and one that exists twice runs once.
//
// Invariant: decideDue() advances nextAt past every moment it decides on, so a tick that commits can never see the same moment again; the unique key
// (instance, scheduled_at) holds even if it did.
import { CronExpressionParser, type CronExpression } from 'cron-parser';
import { dayMs } from '@larder/shared-std';
import type { InputFault } from './refusals';

export const missedPolicies = ['SKIP', 'ONCE', 'ALL'] as const;
export type MissedPolicy = (typeof missedPolicies)[number];

export interface Recurrence {
  readonly cron: string;
  readonly timeZone: string;
}

/** A run that starts within this of its moment is on time. */
export const lateMs = 60_000;
/** Bound of what one decision looks at; nextAt then stays due and the next decision goes on. */
export const missedRunsMax = 100;
/** Moments that passed longer ago than this are not even recorded: a row of that age would be removed at once. */
export const missedKeptMs = 30 * dayMs;

export function checkRecurrence({ cron, timeZone }: Recurrence): InputFault[] {
  const faults: InputFault[] = [];
  if (!isTimeZone(timeZone)) return [{ field: 'timeZone', message: 'is not a known IANA time zone such as Europe/Berlin' }];
  if (cron.trim().split(/\s+/).length !== 5) {
    faults.push({ field: 'cron', message: 'must have five fields: minute hour day month weekday' });
  } else {
    try {
      nextTimes({ cron, timeZone }, 0, 1);
    } catch (error) {
      faults.push({ field: 'cron', message: (error as Error).message });
    }
  }
  return faults;
}

/** The first `count` moments after `afterMs`. Throws for a recurrence that checkRecurrence refuses. */
export function nextTimes(recurrence: Recurrence, afterMs: number, count: number): Date[] {
  return momentsAfter(recurrence, afterMs).take(count).map((time) => time.toDate());
}

function momentsAfter({ cron, timeZone }: Recurrence, afterMs: number): CronExpression {
  return CronExpressionParser.parse(cron.trim(), { currentDate: new Date(afterMs), tz: timeZone });
}

export interface DueDecision {
  /** Moments to run now: insert as PENDING. */
  readonly run: readonly Date[];
  /** Moments to record as MISSED. */
  readonly missed: readonly Date[];
  readonly nextAt: Date;
}

/**
 * `nextAt` is the stored moment, now or in the past. ALL makes up for every single moment, however long ago it was; the others begin
 * with what is still kept.
 */
export function decideDue(recurrence: Recurrence, policy: MissedPolicy, nextAt: Date, nowMs: number): DueDecision {
  const due: Date[] = [];
  const keptMs = nowMs - missedKeptMs;
  let next = policy !== 'ALL' && nextAt.getTime() < keptMs ? nextTimes(recurrence, keptMs, 1)[0]! : nextAt;
  const times = momentsAfter(recurrence, next.getTime());
  while (next.getTime() <= nowMs && due.length < missedRunsMax) {
    due.push(next);
    next = times.next().toDate();
  }
  const last = due.at(-1);
  if (last === undefined) return { run: [], missed: [], nextAt: next };
  // More is due than was looked at: the last one seen is not the last.
  const isCut = next.getTime() <= nowMs;
  if (isCut && policy !== 'ALL') return { run: [], missed: due, nextAt: next };
  const isLastOnTime = nowMs - last.getTime() <= lateMs;
  switch (policy) {
    case 'ALL': return { run: due, missed: [], nextAt: next };
    case 'ONCE': return { run: [last], missed: due.slice(0, -1), nextAt: next };
    case 'SKIP': return { run: isLastOnTime ? [last] : [], missed: isLastOnTime ? due.slice(0, -1) : due, nextAt: next };
  }
}

function isTimeZone(name: string): boolean {
  try {
    return name.length > 0 && Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
