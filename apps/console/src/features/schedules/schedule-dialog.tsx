'use client';
import { useState } from 'react';
import { newIdempotencyKey } from '@/data/idempotency-key';
import { isDone } from '@/data/refusal';
import { useCreateSchedule, useUpdateSchedule } from '@/data/schedule/schedule-mutation';
import type { Schedule } from '@/data/schedule/schedule-query';
import { Stack } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { FormAlert, FormFoot, useForm } from '@/ui/form';
import { showToast } from '@/ui/toast';
import { dailySchedule, draftOf, scheduleValues } from './schedule-draft';
import { ScheduleFields } from './schedule-fields';

interface ScheduleDialogProps {
  readonly instanceId: string;
  /** Absent for a new one. */
  readonly schedule: Schedule | undefined;
  readonly onClose: () => void;
}

export function ScheduleDialog({ instanceId, schedule, onClose }: ScheduleDialogProps) {
  const create = useCreateSchedule();
  const update = useUpdateSchedule(instanceId);
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const form = useForm(() => (schedule ? draftOf(schedule) : dailySchedule()));
  const submit = async (): Promise<void> => {
    const values = scheduleValues(form.values);
    try {
      const result = schedule
        ? await update.mutateAsync({ ...values, scheduleId: schedule.id, expectedRevision: schedule.revision })
        : await create.mutateAsync({ ...values, instanceId, idempotencyKey });
      if (!isDone(result)) {
        setIdempotencyKey(newIdempotencyKey());
        form.refuse(result);
        return;
      }
      showToast('The schedule is saved.');
      onClose();
    } catch (error) {
      form.fail(error);
    }
  };
  return (
    <Dialog isOpen onClose={onClose} title={schedule ? 'Edit schedule' : 'New schedule'} width={680}>
      <form noValidate onSubmit={(event) => { event.preventDefault(); void submit(); }}>
        <Stack>
          <ScheduleFields
            values={form.values} faults={form.faults}
            onChange={(values) => { for (const [name, value] of Object.entries(values)) if (value !== form.values[name as 'cron']) form.set(name as 'cron', value as string); }}
          />
          <FormAlert>{form.general}</FormAlert>
          <FormFoot>
            <Button variant="default" onClick={onClose}>Cancel</Button>
            <Button type="submit" loading={create.isPending || update.isPending}>Save schedule</Button>
          </FormFoot>
        </Stack>
      </form>
    </Dialog>
  );
}
