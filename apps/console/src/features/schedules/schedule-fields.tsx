'use client';
// When backups run and how many are kept, with the next moments as the API reckons them: what is shown is what will happen.
import { useDeferredValue, useId } from 'react';
import { NativeSelect, TextInput } from '@mantine/core';
import { useSchedulePreview } from '@/data/platform/platform-query';
import { Columns, Stack } from '@/ui/blocks';
import { formatMoment } from '@/ui/format';
import { presets, timeZones, type ScheduleDraft } from './schedule-draft';
import classes from './schedule-fields.module.css';

const CUSTOM = 'custom';

interface ScheduleFieldsProps {
  readonly values: ScheduleDraft;
  readonly faults: Readonly<Record<string, string>>;
  readonly onChange: (values: ScheduleDraft) => void;
}

export function ScheduleFields({ values, faults, onChange }: ScheduleFieldsProps) {
  const zonesId = useId();
  const preset = presets.some((each) => each.cron === values.cron) ? values.cron : CUSTOM;
  const put = (name: keyof ScheduleDraft) => (event: { currentTarget: { value: string } }): void => onChange({ ...values, [name]: event.currentTarget.value });
  return (
    <Stack gap="md">
      <Columns>
        <NativeSelect
          label="How often" value={preset}
          data={[...presets.map(({ cron, label }) => ({ value: cron, label })), { value: CUSTOM, label: 'As written in cron' }]}
          onChange={(event) => { if (event.currentTarget.value !== CUSTOM) onChange({ ...values, cron: event.currentTarget.value }); }}
        />
        <TextInput
          label="Cron" name="cron" description="minute hour day month weekday" inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={values.cron} onChange={put('cron')} error={faults.cron} spellCheck={false} autoComplete="off" required
        />
        <TextInput label="Time zone" name="timeZone" list={zonesId} value={values.timeZone} onChange={put('timeZone')} error={faults.timeZone} autoComplete="off" required />
        <NativeSelect
          label="When runs were missed" name="missedPolicy" value={values.missedPolicy} onChange={put('missedPolicy')}
          data={[{ value: 'ONCE', label: 'Make up with one run' }, { value: 'SKIP', label: 'Leave them out' }, { value: 'ALL', label: 'Make up for each' }]}
        />
        <TextInput label="Keep the newest" name="retentionCount" type="number" min={1} placeholder="any number" value={values.retentionCount} onChange={put('retentionCount')} error={faults.retentionCount} rightSection={<span className={classes.unit}>backups</span>} rightSectionWidth={84} />
        <TextInput label="Keep for" name="retentionDays" type="number" min={1} placeholder="ever" value={values.retentionDays} onChange={put('retentionDays')} error={faults.retentionDays} rightSection={<span className={classes.unit}>days</span>} rightSectionWidth={60} />
      </Columns>
      <datalist id={zonesId}>{timeZones().map((zone) => <option key={zone} value={zone} />)}</datalist>
      <NextRuns cron={values.cron} timeZone={values.timeZone} />
    </Stack>
  );
}

function NextRuns({ cron, timeZone }: { readonly cron: string; readonly timeZone: string }) {
  const preview = useSchedulePreview(useDeferredValue(cron), useDeferredValue(timeZone)).data;
  return (
    <div className={classes.next} aria-live="polite">
      {preview === undefined && <p>The next runs appear here.</p>}
      {preview?.__typename === 'InvalidInput' && <p>{preview.faults.map((fault) => `${fault.field}: ${fault.message}`).join('; ')}</p>}
      {preview?.__typename === 'SchedulePreview' && (
        <>
          <p><strong>{preview.description}</strong></p>
          <ol>{preview.times.map((at) => <li key={at}>{formatMoment(at, timeZone)}</li>)}</ol>
        </>
      )}
    </div>
  );
}
