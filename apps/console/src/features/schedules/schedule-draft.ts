import type { MissedPolicy } from '@/data/generated/graphql';
import type { Schedule } from '@/data/schedule/schedule-query';

export interface ScheduleDraft {
  cron: string;
  timeZone: string;
  isEnabled: boolean;
  missedPolicy: MissedPolicy;
  /** As typed; empty for no limit. */
  retentionCount: string;
  retentionDays: string;
}

export const presets = [
  { cron: '0 * * * *', label: 'Every hour' },
  { cron: '0 */6 * * *', label: 'Every six hours' },
  { cron: '0 3 * * *', label: 'Every day at 03:00' },
  { cron: '0 3 * * 1-5', label: 'Every working day at 03:00' },
  { cron: '0 3 * * 0', label: 'Every Sunday at 03:00' },
] as const;

export function dailySchedule(): ScheduleDraft {
  return { cron: '0 3 * * *', timeZone: localTimeZone(), isEnabled: true, missedPolicy: 'ONCE', retentionCount: '7', retentionDays: '' };
}

export function draftOf(schedule: Schedule): ScheduleDraft {
  return {
    cron: schedule.cron,
    timeZone: schedule.timeZone,
    isEnabled: schedule.isEnabled,
    missedPolicy: schedule.missedPolicy,
    retentionCount: schedule.retentionCount?.toString() ?? '',
    retentionDays: schedule.retentionDays?.toString() ?? '',
  };
}

export function scheduleValues(draft: ScheduleDraft) {
  return {
    cron: draft.cron.trim(),
    timeZone: draft.timeZone,
    isEnabled: draft.isEnabled,
    missedPolicy: draft.missedPolicy,
    retentionCount: wholeOrNull(draft.retentionCount),
    retentionDays: wholeOrNull(draft.retentionDays),
  };
}

function wholeOrNull(text: string): number | null {
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
}

function localTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

export function timeZones(): readonly string[] {
  const known = Intl.supportedValuesOf('timeZone');
  return known.includes('UTC') ? known : ['UTC', ...known];
}
