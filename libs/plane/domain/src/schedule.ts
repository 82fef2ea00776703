// When backups are due, and what happens with moments that passed unused. Pure: the moment "now" is handed in.
//
// Cron: five fields (minute hour day month weekday), no seconds, in an IANA time zone. Over a change of summer time a wall-clock
// moment that does not exist runs at the next one that does, and one that exists twice runs once.
//
// Invariant: decideDue() advances nextAt beyond now, so a tick that commits can never see the same moment again; the unique key
// (instance, scheduled_at) holds even if it did.
import { CronExpressionParser } from 'cron-parser';
import type { InputFault } from './refusals';

export const missedPolicies = ['SKIP', 'ONCE', 'ALL'] as const;
export type MissedPolicy = (typeof missedPolicies)[number];

export interface Recurrence {
  readonly cron: string;
  readonly timeZone: string;
}

/** A run that starts within this of its moment is on time. */
export const lateMs = 60_000;
/** Bound of what one tick makes up for or records; the rest is found by the next tick. */
export const missedRunsMax = 100;

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
export function nextTimes({ cron, timeZone }: Recurrence, afterMs: number, count: number): Date[] {
  const times = CronExpressionParser.parse(cron.trim(), { currentDate: new Date(afterMs), tz: timeZone });
  return times.take(count).map((time) => time.toDate());
}

export interface DueDecision {
  /** Moments to run now: insert as PENDING. */
  readonly run: readonly Date[];
  /** Moments to record as MISSED. */
  readonly missed: readonly Date[];
  readonly nextAt: Date;
}

/** `nextAt` is the stored moment, now or in the past. */
export function decideDue(recurrence: Recurrence, policy: MissedPolicy, nextAt: Date, nowMs: number): DueDecision {
  const due: Date[] = [];
  let next = nextAt;
  while (next.getTime() <= nowMs && due.length < missedRunsMax) {
    due.push(next);
    next = nextTimes(recurrence, next.getTime(), 1)[0]!;
  }
  const last = due.at(-1);
  if (last === undefined) return { run: [], missed: [], nextAt };
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
