'use client';
// The processes of a highly available instance: a picture, the same as a table, and what can be done about who is primary.
import { useState } from 'react';
import { IconTopologyStar3 } from '@tabler/icons-react';
import type { Deed } from '@/data/high-availability/high-availability-mutation';
import type { Instance } from '@/data/instance/instance-query';
import { useMay } from '@/data/organization/organization-query';
import { Badge } from '@/ui/badge';
import { VisuallyHidden } from '@/ui/blocks';
import { Button } from '@/ui/button';
import { DataTable, type Column } from '@/ui/data-table';
import { EmptyFace, LoadingRows } from '@/ui/faces';
import { formatCount } from '@/ui/format';
import { later } from '@/ui/later';
import { Panel } from '@/ui/page';
import { TimeAgo, useNow } from '@/ui/time-ago';
import { engineTitles } from '../instance/engine-words';
import { HandoverCards } from './handover-cards';
import { TopologyGraph } from './topology-graph';
import { faceOf, lagWords, roleWords } from './words';
import classes from './members-panel.module.css';

const PromoteDialog = later(() => import('./deed-dialog').then((module) => module.PromoteDialog));
const TopologyDialog = later(() => import('./topology-dialog').then((module) => module.TopologyDialog));
const DeedDialog = later(() => import('./deed-dialog').then((module) => module.DeedDialog));

type Member = Instance['members'][number];
type Availability = NonNullable<Instance['availability']>;

export function MembersPanel({ slug, instance }: { readonly slug: string; readonly instance: Instance }) {
  const { availability, state } = instance;
  if (availability == null) return <Unseen isNew={state === 'CREATING' || state === 'UPDATING'} />;
  return <Seen slug={slug} instance={instance} availability={availability} />;
}

interface SeenProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly availability: Availability;
}

/** What stands before the user: a deed of all stores, the promotion of one, another topology. */
type Question = { readonly deed: Deed } | { readonly promote: string } | 'topology';

function Seen({ slug, instance, availability }: SeenProps) {
  const [question, setQuestion] = useState<Question>();
  const obstacle = useObstacle(slug, instance);
  const { members } = instance;
  const sentinels = members.filter(({ role }) => role === 'SENTINEL').length;
  const columns = columnsOf(availability, obstacle === undefined ? (member) => setQuestion({ promote: member }) : undefined);
  const close = (): void => setQuestion(undefined);
  return (
    <Panel
      title="Topology" isFlush
      note={<>Store {availability.primary} is primary, in epoch {availability.configEpoch}; {availability.sentinelsUp}{sentinels > 0 && ` of ${sentinels}`} Sentinels answer. Looked at <TimeAgo at={availability.at} />.</>}
    >
      <Staleness at={availability.at} />
      <TopologyGraph members={members} primary={availability.primary} engine={engineTitles[instance.engine]} />
      <div className={classes.scroll} role="region" aria-label="Members as a table" tabIndex={0}>
        <DataTable caption="Members" columns={columns} rows={members} keyOf={({ name }) => name} />
      </div>
      <HandoverCards availability={availability} obstacle={obstacle} onChoose={(deed) => setQuestion({ deed })} />
      <Changes slug={slug} instance={instance} onChoose={setQuestion} />
      {question === 'topology' ? <TopologyDialog slug={slug} instance={instance} onClose={close} />
        : question === undefined ? null
          : 'deed' in question ? <DeedDialog slug={slug} instance={instance} deed={question.deed} onClose={close} />
            : <PromoteDialog slug={slug} instance={instance} member={question.promote} onClose={close} />}
    </Panel>
  );
}

function isSettled({ state }: Instance): boolean {
  return state === 'READY' || state === 'DEGRADED';
}

/** Why the primary cannot be changed now. */
function useObstacle(slug: string, instance: Instance): string | undefined {
  const may = useMay(slug);
  if (!may('instance.hand-over')) return 'Your role does not allow it.';
  if (!isSettled(instance)) return 'It is being changed; the primary can be changed afterwards.';
  return instance.members.some(({ isLinkUp }) => isLinkUp === true) ? undefined : 'No replica hears the primary, so nobody could take over.';
}

function Unseen({ isNew }: { readonly isNew: boolean }) {
  return (
    <Panel title="Topology" isFlush>
      {isNew ? <LoadingRows count={2} height={92} /> : (
        <EmptyFace icon={<IconTopologyStar3 size={22} aria-hidden />} title="Nothing has been seen yet">Who is primary is shown as soon as the stores and their Sentinels have been looked at.</EmptyFace>
      )}
    </Panel>
  );
}

const STALE_MS = 45_000;

/** The picture stays when nobody looks any more, and says how old it is. */
function Staleness({ at }: { readonly at: string }) {
  const ageMs = useNow() - Date.parse(at);
  if (ageMs < STALE_MS) return null;
  return <p className={classes.stale} role="status">This is how it stood <TimeAgo at={at} />: nobody has looked since. Stores and Sentinels go on without; is the worker running?</p>;
}

function columnsOf({ primary }: Availability, onPromote: ((member: string) => void) | undefined): Column<Member>[] {
  return [
    { title: 'Member', cell: ({ name, port, pid }) => <><span className={classes.name}>{name}</span><span className={classes.under}>port {port}{pid != null && `, pid ${pid}`}</span></> },
    { title: 'Role', cell: ({ role, follows }) => (role === 'REPLICA' && follows != null ? `Replica of ${follows}` : roleWords[role]) },
    { title: 'State', cell: (member) => <StateBadge member={member} primary={primary} /> },
    { title: 'Behind', align: 'end', cell: (member) => lagWords(member)?.replace(' behind', '') ?? '–' },
    { title: 'Offset', align: 'end', cell: ({ offset }) => (offset == null ? '–' : formatCount(offset)) },
    { title: 'Running', align: 'end', cell: ({ startedAt, isRunning }) => (isRunning && startedAt != null ? <TimeAgo at={startedAt} /> : '–') },
    {
      title: 'Actions', isTitleHidden: true, align: 'end',
      cell: ({ name, role }) => role === 'REPLICA' && (
        <Button size="compact-xs" variant="default" disabled={onPromote === undefined} onClick={() => onPromote?.(name)}>Make primary…<VisuallyHidden> store {name}</VisuallyHidden></Button>
      ),
    },
  ];
}

function StateBadge({ member, primary }: { readonly member: Member; readonly primary: string }) {
  const [tone, words] = faceOf(member, primary);
  return <Badge tone={tone} isPulsing={tone === 'busy'}>{words}</Badge>;
}

interface ChangesProps {
  readonly slug: string;
  readonly instance: Instance;
  readonly onChoose: (question: Question) => void;
}

function Changes({ slug, instance, onChoose }: ChangesProps) {
  const may = useMay(slug);
  const canChange = isSettled(instance) && may('instance.update');
  const { replicas } = instance;
  return (
    <div className={classes.replicas}>
      <Button variant="default" disabled={!canChange || replicas >= 5} onClick={() => onChoose({ deed: 'addReplica' })}>Add a replica…</Button>
      <Button variant="default" disabled={!canChange || replicas <= 1} onClick={() => onChoose({ deed: 'removeReplica' })}>Remove a replica…</Button>
      <Button variant="default" disabled={!canChange} onClick={() => onChoose('topology')}>Make standalone…</Button>
    </div>
  );
}
