'use client';
import { useId, useState } from 'react';
import { Switch } from '@mantine/core';
import { IconCalendarRepeat, IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { useMay } from '@/data/organization/organization-query';
import { isDone } from '@/data/refusal';
import { useDeleteSchedule, useUpdateSchedule } from '@/data/schedule/schedule-mutation';
import { useInstanceSchedules, type Schedule } from '@/data/schedule/schedule-query';
import { Button } from '@/ui/button';
import { EmptyFace, Faces } from '@/ui/faces';
import { formatMoment } from '@/ui/format';
import { later } from '@/ui/later';
import { Menu } from '@/ui/menu';
import { Panel } from '@/ui/page';
import { showToast } from '@/ui/toast';
import { presets } from './schedule-draft';
import classes from '../backups/backups.module.css';

const ScheduleDialog = later(() => import('./schedule-dialog').then((module) => module.ScheduleDialog));

type Edited = 'new' | string;

export function SchedulesPanel({ slug, instanceId }: { readonly slug: string; readonly instanceId: string }) {
  const query = useInstanceSchedules(instanceId);
  const mayWrite = useMay(slug)('schedule.write');
  const [edited, setEdited] = useState<Edited>();
  const schedule = query.data?.find(({ id }) => id === edited);
  const add = <Button size="xs" variant="default" disabled={!mayWrite} onClick={() => setEdited('new')}>Add schedule</Button>;
  return (
    <Panel title="Schedules" note="Cron in the time zone that you choose." actions={add} isFlush>
      <Faces
        query={query} isEmpty={(schedules) => schedules.length === 0}
        empty={<EmptyFace icon={<IconCalendarRepeat size={22} aria-hidden />} title="No schedule">Backups are taken only when someone asks for one.</EmptyFace>}
      >
        {(schedules) => schedules.map((each) => (
          <ScheduleRow key={each.id} instanceId={instanceId} schedule={each} mayWrite={mayWrite} onEdit={() => setEdited(each.id)} />
        ))}
      </Faces>
      {(edited === 'new' || schedule) && <ScheduleDialog instanceId={instanceId} schedule={schedule} onClose={() => setEdited(undefined)} />}
    </Panel>
  );
}

interface ScheduleRowProps {
  readonly instanceId: string;
  readonly schedule: Schedule;
  readonly mayWrite: boolean;
  readonly onEdit: () => void;
}

function ScheduleRow({ instanceId, schedule, mayWrite, onEdit }: ScheduleRowProps) {
  const update = useUpdateSchedule(instanceId);
  const remove = useDeleteSchedule(instanceId);
  const nameId = useId();
  const preset = presets.find(({ cron }) => cron === schedule.cron)?.label;
  const name = preset ?? schedule.cron;
  const say = (work: Promise<{ readonly __typename: string }>, done: string): void => {
    work.then(
      (result) => (isDone(result) ? showToast(done) : showToast((result as unknown as { message: string }).message, 'bad')),
      (error: Error) => showToast(error.message, 'bad'),
    );
  };
  return (
    <div className={classes.schedule}>
      <div>
        <h3 id={nameId}>{preset}<code>{schedule.cron}</code></h3>
        <p>{`${schedule.timeZone}; ${retentionWords(schedule)}`}</p>
        {schedule.isEnabled && schedule.nextAt && <p>{`Next: ${formatMoment(schedule.nextAt, schedule.timeZone)}`}</p>}
      </div>
      <div style={{ display: 'flex', alignItems: 'center', gap: 12 }}>
        <Switch
          label={schedule.isEnabled ? 'On' : 'Off'} aria-describedby={nameId} checked={schedule.isEnabled} disabled={!mayWrite || update.isPending}
          onChange={(event) => say(update.mutateAsync({ scheduleId: schedule.id, expectedRevision: schedule.revision, isEnabled: event.currentTarget.checked }), 'Saved.')}
        />
        <Menu
          label={`Actions for the schedule ${name}`} trigger={<IconDots size={18} aria-hidden />}
          items={[
            { label: 'Edit', icon: <IconPencil size={16} aria-hidden />, isDisabled: !mayWrite, onSelect: onEdit },
            { label: 'Delete', icon: <IconTrash size={16} aria-hidden />, isDanger: true, isDisabled: !mayWrite, onSelect: () => say(remove.mutateAsync(schedule.id), 'The schedule is deleted.') },
          ]}
        />
      </div>
    </div>
  );
}

function retentionWords({ retentionCount, retentionDays }: Schedule): string {
  const count = retentionCount == null ? undefined : `the newest ${retentionCount}`;
  const age = retentionDays == null ? undefined : `${retentionDays} days`;
  if (count && age) return `keeps ${count}, for ${age}`;
  if (count) return `keeps ${count}`;
  return age ? `keeps for ${age}` : 'keeps all';
}
