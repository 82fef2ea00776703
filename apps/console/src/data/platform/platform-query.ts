import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { AboutDocument, PlansDocument, PreviewScheduleDocument } from '../generated/documents/platform-query';
import type { AboutQuery, PlansQuery } from '../generated/graphql';
import { platformKeys } from './keys';

export type Plan = PlansQuery['plans'][number];
export type SettingDefinition = AboutQuery['about']['instanceSettings'][number];

export function useAbout() {
  return useQuery({ queryKey: platformKeys.about, queryFn: async () => (await execute(AboutDocument)).about, staleTime: Number.POSITIVE_INFINITY });
}

export function usePlans() {
  return useQuery({ queryKey: platformKeys.plans, queryFn: async () => (await execute(PlansDocument)).plans, staleTime: Number.POSITIVE_INFINITY });
}

export function useSchedulePreview(cron: string, timeZone: string) {
  return useQuery({
    queryKey: platformKeys.preview(cron, timeZone),
    queryFn: async () => (await execute(PreviewScheduleDocument, { cron, timeZone, count: 5 })).previewSchedule,
    enabled: cron.trim() !== '' && timeZone !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}
