import { useQuery } from '@tanstack/react-query';
import { execute } from '../execute';
import { InstanceSchedulesDocument } from '../generated/documents/schedule-query';
import type { ScheduleFieldsFragment } from '../generated/graphql';
import { scheduleKeys } from './keys';

export type Schedule = ScheduleFieldsFragment;

export function useInstanceSchedules(id: string) {
  return useQuery({
    queryKey: scheduleKeys.ofInstance(id),
    queryFn: async () => {
      const { node } = await execute(InstanceSchedulesDocument, { id });
      return node?.__typename === 'Instance' ? node.backupSchedules : [];
    },
    refetchInterval: 20_000,
  });
}
