'use client';
import { useInstance, type Instance } from '@/data/instance/instance-query';
import { TextLink } from '@/ui/blocks';
import { LoadingRows } from '@/ui/faces';
import { formatBytes } from '@/ui/format';
import { later } from '@/ui/later';
import { Facts, Panel } from '@/ui/page';
import { TimeAgo } from '@/ui/time-ago';
import { PersistencePanel } from '../persistence/persistence-panel';
import { RunningOperations } from '../operations/running-operations';
import { ChartsPanel } from './charts-panel';
import { ConditionsPanel } from './conditions-panel';
import { ConnectPanel } from './connect-panel';
import { engineTitles } from './engine-words';
import classes from './overview.module.css';

// Standalone instances do without.
const MembersPanel = later(() => import('../high-availability/members-panel').then((module) => module.MembersPanel), <LoadingRows count={2} height={92} />);
const StandalonePanel = later(() => import('../high-availability/standalone-panel').then((module) => module.StandalonePanel));
const RecentEvents = later(() => import('../events/recent-events').then((module) => module.RecentEvents));

export function OverviewScreen({ slug, name }: { readonly slug: string; readonly name: string }) {
  const instance = useInstance(slug, name).data;
  if (!instance) return null;
  return (
    <>
      <RunningOperations instanceId={instance.id} />
      <div className={classes.split}>
        <ConnectPanel instance={instance} />
        <div className={classes.side}>
          <ConditionsPanel instance={instance} />
        </div>
      </div>
      {instance.topology === 'HA' && <MembersPanel slug={slug} instance={instance} />}
      {instance.topology === 'HA' && <RecentEvents slug={slug} instance={instance} />}
      <ChartsPanel instance={instance} />
      <PersistencePanel instance={instance} />
      {instance.topology === 'STANDALONE' && <StandalonePanel slug={slug} instance={instance} />}
      <Panel title="About this instance"><Facts isWide rows={factsOf(slug, instance)} /></Panel>
    </>
  );
}

function factsOf(slug: string, instance: Instance): (readonly [string, React.ReactNode])[] {
  const member = instance.members.find(({ role }) => role === 'PRIMARY') ?? instance.members[0];
  return [
    ['Plan', `${instance.plan.title}, ${formatBytes(instance.plan.memoryBytes)}`],
    ['Threads', instance.threads === instance.plan.threads ? String(instance.threads) : `${instance.threads} of the plan's ${instance.plan.threads} (the machine's cores, or until the next restart)`],
    ['Engine', engineTitles[instance.engine]],
    ['Topology', instance.topology === 'HA' ? `Highly available, ${instance.replicas === 1 ? 'one replica' : `${instance.replicas} replicas`}` : 'Standalone'],
    ...(instance.sentinels == null ? [] : [['Sentinels', instance.sentinels === 'DEDICATED' ? 'Its own' : 'Shared in the organisation'] as const]),
    ['When memory is full', instance.maxmemoryPolicy === 'NOEVICTION' ? 'Refuse writes (noeviction)' : 'Evict (allkeys-lru)'],
    ['Process', member?.isRunning ? <>running{member.startedAt != null && <> since <TimeAgo at={member.startedAt} /></>}{member.pid != null && `, pid ${member.pid}`}</> : 'not running'],
    ['Deletion protection', instance.deletionProtection ? 'On' : 'Off'],
    ...(instance.sourceBackup
      ? [['Restored from', <TextLink key="source" href={`/o/${slug}/backups`}>{`a backup of ${instance.sourceBackup.instanceName}`}</TextLink>] as const]
      : []),
    ['Created', <TimeAgo key="created" at={instance.createdAt} />],
  ];
}
