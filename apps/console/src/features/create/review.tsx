'use client';
import type { CreateInstanceInput } from '@/data/generated/graphql';
import type { Plan } from '@/data/platform/platform-query';
import { CodeBlock } from '@/ui/copy';
import { formatBytes } from '@/ui/format';
import { Facts } from '@/ui/page';
import type { scheduleValues } from '../schedules/schedule-draft';
import type { InstanceDraft } from './instance-draft';
import { createSelection, printMutation, scheduleSelection } from './print-mutation';
import classes from './review.module.css';

interface ReviewProps {
  readonly draft: InstanceDraft;
  readonly input: CreateInstanceInput;
  readonly schedule: ReturnType<typeof scheduleValues> | undefined;
  readonly plan: Plan | undefined;
}

export function Review({ draft, input, schedule, plan }: ReviewProps) {
  const settings = (input.settings ?? []) as readonly { readonly name: string; readonly value: string }[];
  const first = printMutation('createInstance', input, createSelection);
  const second = schedule && printMutation('createBackupSchedule', { instanceId: '<id of the instance>', ...schedule }, scheduleSelection);
  return (
    <div className={classes.split}>
      <Facts
        rows={[
          ['Name', draft.name],
          ['Plan', plan ? `${plan.title}, ${formatBytes(plan.memoryBytes)}` : draft.plan],
          ['Topology', 'Standalone'],
          ['Persistence', draft.persistence === 'RDB' ? 'Snapshots (RDB)' : 'None'],
          ['When memory is full', draft.maxmemoryPolicy === 'NOEVICTION' ? 'Refuse writes' : 'Evict least recently used'],
          ['Deletion protection', draft.deletionProtection ? 'On' : 'Off'],
          ['Settings', settings.length === 0 ? 'Defaults' : settings.map(({ name, value }) => `${name} ${value}`).join(', ')],
          ['Backups', schedule ? `${schedule.cron} (${schedule.timeZone})` : 'By hand only'],
        ]}
      />
      <div className={classes.code}>
        <h3>The same as GraphQL</h3>
        <CodeBlock label="GraphQL mutation" code={second === undefined ? first : `${first}\n\n# then\n${second}`} />
      </div>
    </div>
  );
}
