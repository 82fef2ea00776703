'use client';
import type { CreateInstanceInput } from '@/data/generated/graphql';
import type { Plan } from '@/data/platform/platform-query';
import { CodeBlock } from '@/ui/copy';
import { formatBytes, threadsOf } from '@/ui/format';
import { Facts } from '@/ui/page';
import type { scheduleValues } from '../schedules/schedule-draft';
import { hasAppendLog, hasSnapshots, fsyncTitles, modeTitles } from '../persistence/words';
import { engineTitles } from '../instance/engine-words';
import type { SettledDraft } from './instance-draft';
import { createSelection, printMutation, scheduleSelection } from './print-mutation';
import classes from './review.module.css';

interface ReviewProps {
  readonly draft: SettledDraft;
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
          ['Plan', plan ? `${plan.title}, ${formatBytes(plan.memoryBytes)}, ${threadsOf(plan.threads)}` : draft.plan],
          ['Engine', engineTitles[draft.engine]],
          ['Topology', draft.topology === 'HA' ? `Highly available, ${draft.replicas === 1 ? 'one replica' : `${draft.replicas} replicas`}` : 'Standalone'],
          ...(draft.topology === 'HA' ? [['Sentinels', draft.sentinels === 'DEDICATED' ? 'Its own' : 'Shared in the organisation'] as const] : []),
          ['Persistence', modeTitles[draft.persistence]],
          ...(hasAppendLog(draft.persistence) ? [['Writes reach the disk', fsyncTitles[draft.appendFsync].toLowerCase()] as const] : []),
          ...(hasSnapshots(draft.persistence) ? [['Save points', draft.savePoints] as const] : []),
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
