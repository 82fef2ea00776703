import { useMutation, useQueryClient } from '@tanstack/react-query';
import { execute } from '../execute';
import { CreateBackupScheduleDocument, DeleteBackupScheduleDocument, UpdateBackupScheduleDocument } from '../generated/documents/schedule-mutation';
import type { CreateBackupScheduleInput, UpdateBackupScheduleInput } from '../generated/graphql';
import { scheduleKeys } from './keys';

export function useCreateSchedule() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: CreateBackupScheduleInput) => (await execute(CreateBackupScheduleDocument, { input })).createBackupSchedule,
    onSuccess: (_result, input) => cache.invalidateQueries({ queryKey: scheduleKeys.ofInstance(String(input.instanceId)) }),
  });
}

export function useUpdateSchedule(instanceId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (input: UpdateBackupScheduleInput) => (await execute(UpdateBackupScheduleDocument, { input })).updateBackupSchedule,
    onSuccess: () => cache.invalidateQueries({ queryKey: scheduleKeys.ofInstance(instanceId) }),
  });
}

export function useDeleteSchedule(instanceId: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async (scheduleId: string) => (await execute(DeleteBackupScheduleDocument, { input: { scheduleId } })).deleteBackupSchedule,
    onSuccess: () => cache.invalidateQueries({ queryKey: scheduleKeys.ofInstance(instanceId) }),
  });
}
