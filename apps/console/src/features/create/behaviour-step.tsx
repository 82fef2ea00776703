'use client';
// The second step of a new instance. Loaded after the first one is shown.
import { Switch } from '@mantine/core';
import type { Form } from '@/ui/form';
import { ScheduleFields } from '../schedules/schedule-fields';
import { BehaviourFields } from './behaviour-fields';
import type { InstanceDraft, SettledDraft } from './instance-draft';
import { SettingFields } from './setting-fields';

export function BehaviourStep({ form, draft }: { readonly form: Form<InstanceDraft>; readonly draft: SettledDraft }) {
  return (
    <>
      <BehaviourFields values={draft} faults={form.faults} onChange={(name, value) => form.set(name, value as never)} />
      <Switch
        label="Back up by schedule" description="Each backup is loaded into a scratch engine and compared before it counts."
        checked={form.values.hasSchedule} onChange={(event) => form.set('hasSchedule', event.currentTarget.checked)}
      />
      {form.values.hasSchedule && <ScheduleFields values={form.values.schedule} faults={form.faults} onChange={(schedule) => form.set('schedule', schedule)} />}
      <details open={Object.keys(form.faults).some((field) => field.startsWith('settings.')) || undefined}>
        <summary style={{ cursor: 'pointer', fontSize: 14, fontWeight: 560 }}>Settings of the store</summary>
        <div style={{ paddingTop: 16 }}>
          <SettingFields values={form.values.settings} faults={form.faults} onChange={(settings) => form.set('settings', settings)} />
        </div>
      </details>
    </>
  );
}
