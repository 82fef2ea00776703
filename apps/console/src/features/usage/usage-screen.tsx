'use client';
import { IconChartBar } from '@tabler/icons-react';
import type { QuotaResource } from '@/data/generated/graphql';
import { useQuotas } from '@/data/organization/organization-query';
import { usePlans, type Plan } from '@/data/platform/platform-query';
import { DataTable, type Column } from '@/ui/data-table';
import { EmptyFace, Faces } from '@/ui/faces';
import { formatBytes, formatCount } from '@/ui/format';
import { Meter } from '@/ui/meter';
import { PageHead, Panel } from '@/ui/page';
import classes from './usage.module.css';

const resources: Readonly<Record<QuotaResource, readonly [title: string, format: (value: number) => string]>> = {
  INSTANCES: ['Instances', formatCount],
  MEMORY: ['Memory', formatBytes],
  BACKUPS: ['Backups', formatCount],
  BACKUP_BYTES: ['Backup storage', formatBytes],
  MEMBERS: ['Members', formatCount],
  API_TOKENS: ['API tokens', formatCount],
};

const planColumns: Column<Plan>[] = [
  { title: 'Plan', cell: (plan) => <><strong style={{ fontWeight: 560 }}>{plan.title}</strong> <code>{plan.name}</code></> },
  { title: 'Memory', align: 'end', cell: (plan) => formatBytes(plan.memoryBytes) },
  { title: 'Clients', align: 'end', cell: (plan) => formatCount(plan.maxClients) },
  { title: 'Threads', align: 'end', cell: (plan) => plan.threads },
  { title: 'Backups kept', align: 'end', cell: (plan) => plan.backupsMax },
];

export function UsageScreen({ slug }: { readonly slug: string }) {
  return (
    <>
      <PageHead title="Usage and plans" lead="What the organisation uses of what it may use, and the sizes that an instance can have." />
      <Panel title="Quotas">
        <Faces query={useQuotas(slug)} isEmpty={(quotas) => quotas.length === 0} empty={<EmptyFace icon={<IconChartBar size={22} aria-hidden />} title="No quotas are set" />}>
          {(quotas) => (
            <div className={classes.grid}>
              {quotas.map(({ resource, used, limit }) => {
                const [title, format] = resources[resource];
                return (
                  <div key={resource} className={classes.quota}>
                    <p><span>{title}</span><span className={classes.figure}><strong>{format(used)}</strong> of {format(limit)}</span></p>
                    <Meter label={title} used={used} limit={limit} />
                  </div>
                );
              })}
            </div>
          )}
        </Faces>
      </Panel>
      <Panel title="Plans" isFlush>
        <Faces query={usePlans()} isEmpty={(plans) => plans.length === 0} empty={<EmptyFace icon={<IconChartBar size={22} aria-hidden />} title="There are no plans" />}>
          {(plans) => <DataTable caption="Plans" columns={planColumns} rows={plans} keyOf={(plan) => plan.id} />}
        </Faces>
      </Panel>
    </>
  );
}
