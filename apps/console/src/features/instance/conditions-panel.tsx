'use client';
import { IconAlertCircle, IconCircleCheck, IconCircleDotted } from '@tabler/icons-react';
import type { ConditionStatus } from '@/data/generated/graphql';
import type { Instance } from '@/data/instance/instance-query';
import { Panel } from '@/ui/page';
import { TimeAgo } from '@/ui/time-ago';
import classes from './overview.module.css';

const titles: Readonly<Record<string, string>> = {
  StorageReady: 'Storage', ProcessesReady: 'Process', SettingsApplied: 'Settings', CredentialsApplied: 'Credentials', EndpointReady: 'Endpoint', PersistenceApplied: 'Persistence', ReplicationReady: 'Replication', SentinelsReady: 'Sentinels', Ready: 'Ready',
};
const words: Readonly<Record<ConditionStatus, string>> = { TRUE: 'as it should be', FALSE: 'not as it should be', UNKNOWN: 'not known yet' };

export function ConditionsPanel({ instance }: { readonly instance: Instance }) {
  return (
    <Panel title="Conditions">
      {instance.conditions.length === 0 && <p className={classes.quiet}>Nothing has been seen yet.</p>}
      <ul className={classes.conditions}>
        {instance.conditions.map((condition) => (
          <li key={condition.type} data-status={condition.status}>
            <Mark status={condition.status} />
            <div>
              <p><strong>{titles[condition.type] ?? condition.type}</strong> <span className={classes.quiet}><TimeAgo at={condition.lastTransitionTime} /></span></p>
              {condition.status !== 'TRUE' && <p className={classes.quiet}>{condition.message}</p>}
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Mark({ status }: { readonly status: ConditionStatus }) {
  const Icon = { TRUE: IconCircleCheck, FALSE: IconAlertCircle, UNKNOWN: IconCircleDotted }[status];
  return <Icon size={18} role="img" aria-label={words[status]} className={classes.mark} />;
}
